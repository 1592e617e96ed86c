/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/interrupt.h - SIGINT, SIGTERM and SIGHUP: the run is stopped in an orderly way,
 * and at the end the process ends by the same signal, so that shells and make see it.
 */
#ifndef KP_CLI_INTERRUPT_H
#define KP_CLI_INTERRUPT_H

/* From now on these signals stop the run. One that was ignored stays so. */
void kp_interrupt_install(void);
/* Ends the process by the signal that came, if one did. */
void kp_interrupt_finish(void);

#endif
