/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/conformance/conformance.h - what must hold for every plugin, whoever wrote it. The
 * program loads all plugins of a folder and knows none of them by name: what to try is read
 * from their own tables. Shared by the files of this folder only.
 *
 *     calls.c    runs a stage as the engine would, with other threads, other pieces
 *     samples.c  the bytes that are fed in
 *     codecs.c   round trips, ends, truncation, damage
 *     params.c   what the tables of parameters promise
 *     stages.c   hostile input to everything
 */
#ifndef KP_TEST_CONFORMANCE_H
#define KP_TEST_CONFORMANCE_H

#include <check.h>

#include "plugin/call.h"

extern struct kp_registry *registry;
extern const struct kp_stage **stages; /* all of them, opened */
extern size_t stage_count;
extern const struct kp_stage **codecs; /* those that compress */
extern size_t codec_count;
extern const struct kp_stage **takers; /* all that take parameters: stages and sources */
extern size_t taker_count;

/* --- calls.c --- */

/* How a call is made; the bytes that come out may not depend on it. */
enum manner {
    PLAIN,    /* the input is one run, one thread */
    BACKWARD, /* parallel tasks from the last to the first */
    THREADED, /* on four threads */
    PIECES,   /* the input is of pieces of odd sizes */
    MANNER_COUNT,
};

/* One call and all it left. */
struct outcome {
    struct kp_arena *arena;
    struct kp_diags *diags;
    struct kp_image input;
    struct kp_call_result result;
    bool good;
    uint64_t end; /* of the stream, if asked for */
};

/* Runs a stage on bytes (or a stage without main input; `range` NULL). `parameters` is YAML
 * as in a recipe, or NULL. With `ask_end` it is run as decode runs a codec. Fails the test if
 * the plugin is at fault, or fails without a word. */
struct outcome run(const struct kp_stage *stage, const char *parameters, struct kp_range *range,
                   enum manner manner, bool ask_end);
void finish(struct outcome *outcome);
/* Whether the outcome is an error of that code. */
bool has_code(const struct outcome *outcome, uint32_t code);
/* All findings as text; free it. */
char *findings_of(const struct outcome *outcome);

/* The stage NAME.unpack of a codec. */
const struct kp_stage *decoder_of(const struct kp_stage *codec);
/* Whether a stage can be called without any parameter. */
bool needs_nothing(const struct kp_stage *stage);
bool has_row(const struct kp_stage *stage, const char *name);
/* Fails the test unless both hold the same bytes. */
void expect_equal(const struct kp_stage *stage, const char *what, struct kp_range *a,
                  struct kp_range *b);

/* --- samples.c --- */

/* Inputs of all sorts: empty, one byte, runs, noise, text, around block sizes. Owned by the
 * caller. */
struct kp_range *sample(size_t index, const char **name);
extern const size_t sample_count;
/* `size` bytes that look random and are always the same. */
struct kp_range *noise(size_t size, uint32_t seed);
/* A few hundred bytes, partly compressible. */
struct kp_range *small_sample(void);

/* --- the tests --- */

void add_codec_tests(TCase *tests);
void add_param_tests(TCase *tests);
void add_stage_tests(TCase *tests);

#endif
