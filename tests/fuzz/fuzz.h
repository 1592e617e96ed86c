/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/fuzz/fuzz.h - what a fuzz target has. A target is a program: one file that defines the
 * two functions below, common.c, and either libFuzzer (KPIPE_FUZZ) or driver.c, which runs the
 * target's own inputs and some thousand mutations of them, always the same.
 *
 *   fuzz-NAME --seeds FOLDER   writes the inputs to begin with into a folder
 *   fuzz-NAME FILE...          runs inputs, such as one that was found to be bad
 */
#ifndef KP_TESTS_FUZZ_H
#define KP_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

typedef void fuzz_seed(void *data, const void *bytes, size_t size);

/* Gives inputs that are in order, made by the code under test itself where it can. */
void fuzz_seeds(fuzz_seed *seed, void *data);
/* Runs one input; a defect ends the process. Its name is libFuzzer's. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerInitialize(int *count, char ***arguments);

/* What must hold whatever the input is. */
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_failed(#condition, __FILE__, __LINE__))
__attribute__((noreturn)) void fuzz_failed(const char *condition, const char *file, int line);

/* A copy of exactly so many bytes, so that a sanitizer sees what is read behind them. Never
 * NULL; to be freed. */
uint8_t *fuzz_copy(const void *bytes, size_t size);
/* A whole file, to be freed; NULL if it cannot be read. */
uint8_t *fuzz_read_file(const char *path, size_t *size);

/* An input read from front to back as a script; behind its end it is all zeros. */
struct fuzz_script {
    const uint8_t *bytes;
    size_t size;
};
uint8_t fuzz_byte(struct fuzz_script *script);
/* The next `most` bytes, or as many as there are (*size). */
const uint8_t *fuzz_bytes(struct fuzz_script *script, size_t most, size_t *size);

#endif
