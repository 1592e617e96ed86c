/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/interrupt.h - SIGINT, SIGTERM and SIGHUP: the run is stopped in an orderly way,
 * and at the end the process ends by the same signal, so that shells and make see it.
 */
#ifndef KP_CLI_INTERRUPT_H
#define KP_CLI_INTERRUPT_H

#include <stdbool.h>

/* From now on these signals stop the run. One that was ignored stays so. */
void kp_interrupt_install(void);
/* While a tool is asked for its version, before a run: from now on, or no more. What came
 * meanwhile ends the process at the end, when nothing is left of the tool. */
void kp_interrupt_watch(bool begin);
/* As kp_run_cancelled, for whoever has a pointer to hand over. */
bool kp_interrupt_came(void *data);
/* Ends the process by the signal that came, if one did. */
void kp_interrupt_finish(void);

#endif
