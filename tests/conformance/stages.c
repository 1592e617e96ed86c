/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/conformance/stages.c - hostile input to every stage and every inspector: whatever
 * comes of it, no promise is broken, and a second call comes to the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "conformance.h"

enum { VARIANTS = 4, SIZE = 600 };

/* --- bytes that look like something --- */

static const struct kp_magic_row *magic_at(size_t index)
{
    for (size_t i = 0; i < kp_registry_count(registry); i++) {
        const struct kp_note *note = &kp_registry_file(registry, i)->note;

        if (index < note->magic_count)
            return &note->magic[index];
        index -= note->magic_count;
    }
    return NULL;
}

/* The bytes of a magic row, before and behind them noise, zeros, ones, or nothing at all. */
static struct kp_range *disguised(const struct kp_magic_row *magic, size_t variant)
{
    const size_t end = (size_t)magic->offset + magic->length;
    const size_t size = variant == 0 ? end : end + SIZE;
    uint8_t *bytes = malloc(size);
    struct kp_range *range = noise(size, 23 + (uint32_t)variant);

    ck_assert(bytes != NULL && range != NULL);
    ck_assert(kp_range_read(range, 0, bytes, size));
    kp_range_unref(range);
    if (variant == 1 || variant == 2)
        memset(bytes, variant == 1 ? 0 : 0xff, size);
    for (size_t i = 0; i < magic->length; i++) {
        uint8_t *byte = &bytes[magic->offset + i];

        *byte = (uint8_t)((*byte & ~magic->mask[i]) | magic->bytes[i]);
    }
    range = kp_range_copy(bytes, size);
    free(bytes);
    return range;
}

/* --- stages --- */

static void expect_the_same(const struct kp_stage *stage, const struct outcome *a,
                            const struct outcome *b)
{
    ck_assert_msg(a->good == b->good, "%s: works once of two times", stage->name);
    if (a->good && (stage->operation.flags & KP_OP_DETERMINISTIC) != 0)
        expect_equal(stage, "run again", a->result.output.range, b->result.output.range);
}

static void feed(const struct kp_stage *stage, struct kp_range *range)
{
    const char *parameters = has_row(stage, "limit") ? "{limit: 1M}" : NULL;
    struct outcome first = run(stage, parameters, range, PLAIN, false);
    struct outcome second = run(stage, parameters, range, PIECES, false);

    expect_the_same(stage, &first, &second);
    finish(&first);
    finish(&second);
}

START_TEST(hostile_input_does_no_harm)
{
    const struct kp_stage *stage = stages[_i];
    static const size_t sizes[] = {0, 1, 7, 64, 4096};
    const struct kp_magic_row *magic;

    if (!needs_nothing(stage) || (stage->operation.flags & KP_OP_NO_INPUT) != 0)
        return;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct kp_range *range = noise(sizes[i], 29);

        feed(stage, range);
        kp_range_unref(range);
    }
    for (size_t i = 0; (magic = magic_at(i)) != NULL; i++) {
        for (size_t variant = 0; variant < VARIANTS; variant++) {
            struct kp_range *range = disguised(magic, variant);

            feed(stage, range);
            kp_range_unref(range);
        }
    }
}
END_TEST

/* --- inspectors --- */

static void inspect(const struct kp_magic_row *magic, struct kp_range *range)
{
    KP_AUTO(diags) struct kp_diags *diags = kp_diags_new();
    const struct kp_call_context context = {.registry = registry, .diags = diags};
    const struct kp_image image = {.range = range};
    struct kp_traits traits = {0};
    struct kp_inspector inspector;
    size_t next = 0;

    if (!kp_registry_inspector(registry, magic->kind, magic->codec, &next, &inspector))
        return;
    if (!kp_call_inspect(&context, &inspector, "it", &image, &traits))
        ck_assert_msg(kp_diags_errors(diags) > 0, "%s: fails without a word", inspector.format);
    for (size_t i = 0; i < kp_diags_count(diags); i++)
        ck_assert_msg(kp_diags_get(diags, i)->code != 1507, "%s: %s", inspector.format,
                      kp_diags_get(diags, i)->text);
    kp_traits_free(&traits);
}

START_TEST(hostile_images_can_be_inspected)
{
    const struct kp_magic_row *magic;
    size_t count = 0;

    for (; (magic = magic_at(count)) != NULL; count++) {
        for (size_t variant = 0; variant < VARIANTS; variant++) {
            struct kp_range *range = disguised(magic, variant);

            inspect(magic, range);
            kp_range_unref(range);
        }
    }
    ck_assert_uint_gt(count, 0);
}
END_TEST

void add_stage_tests(TCase *tests)
{
    tcase_add_loop_test(tests, hostile_input_does_no_harm, 0, (int)stage_count);
    tcase_add_test(tests, hostile_images_can_be_inspected);
}
