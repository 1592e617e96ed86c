/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/conformance/calls.c - runs one stage; see conformance.h.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"
#include "recipe/yaml.h"

enum { THREADS = 4, OUTPUT_LIMIT = 256 << 20 };

/* --- ways to be parallel --- */

static bool backward(void *data, uint64_t count, kp_task task, void *task_data)
{
    (void)data;
    while (count-- > 0)
        task(task_data, count);
    return true;
}

struct share {
    kp_task task;
    void *data;
    uint64_t first, count;
};

static void *work(void *data)
{
    const struct share *share = data;

    for (uint64_t i = share->first; i < share->count; i += THREADS)
        share->task(share->data, i);
    return NULL;
}

static bool threaded(void *data, uint64_t count, kp_task task, void *task_data)
{
    pthread_t threads[THREADS];
    struct share shares[THREADS];

    (void)data;
    for (uint64_t i = 0; i < THREADS; i++) {
        shares[i] = (struct share){task, task_data, i, count};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &shares[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return true;
}

/* The same bytes as many pieces, the first of them empty. */
static struct kp_range *in_pieces(struct kp_range *range)
{
    const uint64_t size = kp_range_size(range);
    const uint64_t step = size / 7 + 1;
    struct kp_range *pieces[9] = {0};
    struct kp_range *whole;
    size_t count = 0;

    pieces[count++] = kp_range_copy("", 0);
    for (uint64_t at = 0; at < size; at += step) {
        const uint64_t length = size - at < step ? size - at : step;
        uint8_t *bytes = malloc(length);

        ck_assert_ptr_nonnull(bytes);
        ck_assert(kp_range_read(range, at, bytes, length));
        pieces[count++] = kp_range_copy(bytes, length);
        free(bytes);
    }
    whole = kp_range_gather(pieces, count);
    ck_assert_ptr_nonnull(whole);
    for (size_t i = 0; i < count; i++)
        kp_range_unref(pieces[i]);
    return whole;
}

/* --- parameters --- */

static bool no_image(void *data, const struct kp_param *row, const struct kp_node *scalar,
                     size_t *index)
{
    (void)data;
    (void)row;
    (void)scalar;
    *index = KP_VALUE_MAIN;
    return true;
}

static bool no_trait(void *data, const char *trait)
{
    (void)data;
    (void)trait;
    return false;
}

bool has_row(const struct kp_stage *stage, const char *name)
{
    const struct kp_param *const *table = stage->operation.params;

    for (; table != NULL && *table != NULL; table++)
        if (strcmp((*table)->name, name) == 0)
            return true;
    return false;
}

bool needs_nothing(const struct kp_stage *stage)
{
    const struct kp_param *const *table = stage->operation.params;

    if (stage->operation.tools != NULL)
        return false;
    for (; table != NULL && *table != NULL; table++)
        if (((*table)->flags & KP_PARAM_REQUIRED) != 0)
            return false;
    return true;
}

/* --- calls --- */

static struct kp_value *bind(struct outcome *outcome, const struct kp_stage *stage,
                             const char *parameters, size_t *count)
{
    const struct kp_binder binder = {.arena = outcome->arena,
                                     .diags = outcome->diags,
                                     .registry = registry,
                                     .stage = stage->name,
                                     .image = no_image,
                                     .trait_possible = no_trait};
    const struct kp_node *node = NULL;

    if (parameters != NULL) {
        node = kp_yaml_parse(outcome->arena, outcome->diags, "parameters", ".", parameters,
                             strlen(parameters));
        ck_assert_msg(node != NULL, "%s: not YAML", parameters);
    }
    return kp_bind_check(&binder, stage->operation.params, node, KP_NOWHERE, count);
}

/* No plugin may break a promise, and every failure says why. */
static void judge(const struct outcome *outcome, const struct kp_stage *stage,
                  const char *parameters)
{
    char *text = findings_of(outcome);

    ck_assert_msg(!has_code(outcome, 1502) && !has_code(outcome, 1507), "%s %s: %s", stage->name,
                  parameters == NULL ? "" : parameters, text);
    ck_assert_msg(outcome->good == (kp_diags_errors(outcome->diags) == 0), "%s %s: %s: %s",
                  stage->name, parameters == NULL ? "" : parameters,
                  outcome->good ? "succeeds with errors" : "fails without any", text);
    free(text);
}

struct outcome run(const struct kp_stage *stage, const char *parameters, struct kp_range *range,
                   enum manner manner, bool ask_end)
{
    struct outcome outcome = {.arena = kp_arena_new(), .diags = kp_diags_new()};
    const struct kp_call_context context = {.registry = registry,
                                            .diags = outcome.diags,
                                            .output_limit = OUTPUT_LIMIT,
                                            .parallel = manner == BACKWARD   ? backward
                                                        : manner == THREADED ? threaded
                                                                             : NULL};
    struct kp_call_request request = {.stage = stage};

    ck_assert(outcome.arena != NULL && outcome.diags != NULL);
    if (range != NULL) {
        outcome.input.range = manner == PIECES ? in_pieces(range) : kp_range_ref(range);
        request.main = &outcome.input;
    }
    if (ask_end)
        request.end = &outcome.end;
    request.values = bind(&outcome, stage, parameters, &request.value_count);
    outcome.good = request.values != NULL && kp_call_run(&context, &request, &outcome.result);
    judge(&outcome, stage, parameters);
    return outcome;
}

void finish(struct outcome *outcome)
{
    kp_call_result_clear(&outcome->result);
    kp_image_clear(&outcome->input);
    kp_diags_free(outcome->diags);
    kp_arena_free(outcome->arena);
}

bool has_code(const struct outcome *outcome, uint32_t code)
{
    for (size_t i = 0; i < kp_diags_count(outcome->diags); i++)
        if (kp_diags_get(outcome->diags, i)->code == code)
            return true;
    return false;
}

char *findings_of(const struct outcome *outcome)
{
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);

    ck_assert_ptr_nonnull(to);
    kp_diags_render(outcome->diags, 0, to, (struct kp_diag_style){.detail = true});
    fclose(to);
    return text;
}

const struct kp_stage *decoder_of(const struct kp_stage *codec)
{
    char name[80];
    const struct kp_stage *stage;

    snprintf(name, sizeof(name), "%s.unpack", codec->name);
    stage = kp_registry_find_stage(registry, name);
    ck_assert_msg(stage != NULL, "%s: there is none", name);
    return stage;
}

void expect_equal(const struct kp_stage *stage, const char *what, struct kp_range *a,
                  struct kp_range *b)
{
    ck_assert_msg(kp_range_equal(a, b), "%s: %s: %llu bytes differ from %llu bytes", stage->name,
                  what, (unsigned long long)kp_range_size(a), (unsigned long long)kp_range_size(b));
}
