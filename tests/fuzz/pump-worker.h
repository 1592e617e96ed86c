/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/fuzz/pump-worker.h - a worker that an input plays: what plugin/worker.h and wire/wire.h
 * do for a call is done here instead (the linker's --wrap), without a process or a socket.
 *
 * A script is a sequence of messages: a byte for the type, two for the length (little-endian),
 * the payload. A call within the call goes on in the same script. Behind a GRANT stands a byte
 * that says what the worker does to the memory. At the end of the script the worker is gone,
 * and what is left is what it said last.
 */
#ifndef KP_TESTS_FUZZ_PUMP_WORKER_H
#define KP_TESTS_FUZZ_PUMP_WORKER_H

#include "fuzz.h"

/* What a worker does to memory that it was granted: bits. */
#define FUZZ_GRANT_WRITE 1u  /* writes to it */
#define FUZZ_GRANT_CUT 2u    /* makes it shorter */
#define FUZZ_GRANT_GROW 4u   /* or longer */
#define FUZZ_GRANT_SEAL 8u   /* seals it against seals */
#define FUZZ_GRANT_KEEP 16u  /* still has it mapped for writing when the call ends */
#define FUZZ_GRANT_WATCH 32u /* still has it mapped for reading */

/* From now on workers say what stands in the script. */
void pump_begin(struct fuzz_script *script);
/* All workers that were taken have been let go of. */
void pump_end(void);

#endif
