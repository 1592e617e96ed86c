/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/conformance/codecs.c - what must hold for every codec: round trips, the same bytes in
 * every manner, an end that is found, and no harm by what is cut off or damaged.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"
#include "kpipe/bytes.h"
#include "kpipe/traits.h"

static struct outcome compress(const struct kp_stage *codec, const char *parameters,
                               struct kp_range *range, enum manner manner)
{
    struct outcome outcome = run(codec, parameters, range, manner, false);
    char *text = findings_of(&outcome);

    ck_assert_msg(outcome.good, "%s: %s", codec->name, text);
    free(text);
    return outcome;
}

static void expect_trait(const struct kp_stage *codec, const struct kp_image *image,
                         const char *name, const char *value)
{
    const struct kp_trait *trait = kp_traits_get(&image->traits, name);

    ck_assert_msg(trait != NULL && strcmp(trait->text, value) == 0, "%s: trait %s: %s, not %s",
                  codec->name, name, trait == NULL ? "none" : trait->text, value);
}

/* --- there and back --- */

static void round_trip(const struct kp_stage *codec, const char *what, struct kp_range *range)
{
    struct outcome packed = compress(codec, NULL, range, PLAIN);
    struct outcome back = run(decoder_of(codec), NULL, packed.result.output.range, PLAIN, false);
    const char *kind = NULL, *found = NULL;

    expect_trait(codec, &packed.result.output, KP_TRAIT_KIND, KP_KIND_COMPRESSED);
    expect_trait(codec, &packed.result.output, KP_TRAIT_CODEC, codec->codec);
    ck_assert_msg(back.good, "%s.unpack: %s: fails", codec->name, what);
    expect_equal(codec, what, back.result.output.range, range);
    ck_assert_msg(kp_registry_identify(registry, packed.result.output.range, &kind, &found) &&
                      found != NULL && strcmp(found, codec->codec) == 0,
                  "%s: %s: is taken for %s", codec->name, what, found == NULL ? kind : found);
    finish(&packed);
    finish(&back);
}

START_TEST(what_goes_in_comes_out)
{
    const char *name;

    for (size_t i = 0; i < sample_count; i++) {
        struct kp_range *range = sample(i, &name);

        round_trip(codecs[_i], name, range);
        kp_range_unref(range);
    }
}
END_TEST

START_TEST(the_same_bytes_in_every_manner)
{
    const char *name;

    for (size_t i = 0; i < sample_count; i++) {
        struct kp_range *range = sample(i, &name);
        struct outcome first = compress(codecs[_i], NULL, range, PLAIN);

        for (enum manner manner = PLAIN; manner < MANNER_COUNT; manner++) {
            struct outcome other = compress(codecs[_i], NULL, range, manner);
            struct outcome back =
                run(decoder_of(codecs[_i]), NULL, first.result.output.range, manner, false);

            expect_equal(codecs[_i], name, other.result.output.range, first.result.output.range);
            ck_assert(back.good);
            expect_equal(codecs[_i], name, back.result.output.range, range);
            finish(&other);
            finish(&back);
        }
        finish(&first);
        kp_range_unref(range);
    }
}
END_TEST

/* --- the end of the stream --- */

/* A kernel's size trailer behind the stream belongs to it no more than to any codec. */
static void expect_end(const struct kp_stage *codec, struct kp_range *range)
{
    struct outcome packed = compress(codec, NULL, range, PLAIN);
    const uint64_t size = kp_range_size(packed.result.output.range);
    uint8_t trailer[4];
    struct kp_range *both[2] = {packed.result.output.range, NULL};
    struct kp_range *joined;
    struct outcome bare, trailed;

    kp_put_le32(trailer, (uint32_t)kp_range_size(range));
    both[1] = kp_range_copy(trailer, sizeof(trailer));
    joined = kp_range_gather(both, 2);
    ck_assert_ptr_nonnull(joined);
    bare = run(decoder_of(codec), NULL, both[0], PLAIN, true);
    trailed = run(decoder_of(codec), NULL, joined, PLAIN, true);
    ck_assert_msg(bare.good && trailed.good, "%s: %s fails", codec->name,
                  bare.good ? "with a size trailer it" : "it");
    ck_assert_uint_eq(bare.end, size);
    ck_assert_uint_eq(trailed.end, size);
    expect_equal(codec, "with a size trailer", trailed.result.output.range, range);
    finish(&bare);
    finish(&trailed);
    finish(&packed);
    kp_range_unref(both[1]);
    kp_range_unref(joined);
}

START_TEST(the_end_is_found)
{
    const char *name;

    for (size_t i = 0; i < sample_count; i++) {
        struct kp_range *range = sample(i, &name);

        expect_end(codecs[_i], range);
        kp_range_unref(range);
    }
}
END_TEST

/* --- limits --- */

START_TEST(limits_hold)
{
    const struct kp_stage *decoder = decoder_of(codecs[_i]);
    struct kp_range *range = small_sample();
    struct outcome packed = compress(codecs[_i], NULL, range, PLAIN);
    const unsigned size = (unsigned)kp_range_size(range);
    char text[32];
    struct outcome outcome;

    if (has_row(decoder, "limit")) {
        snprintf(text, sizeof(text), "{limit: %u}", size);
        outcome = run(decoder, text, packed.result.output.range, PLAIN, false);
        ck_assert_msg(outcome.good, "%s: %s: fails", decoder->name, text);
        finish(&outcome);
        snprintf(text, sizeof(text), "{limit: %u}", size - 1);
        outcome = run(decoder, text, packed.result.output.range, PLAIN, false);
        ck_assert_msg(!outcome.good, "%s: %s: %u bytes come out", decoder->name, text, size);
        finish(&outcome);
    }
    finish(&packed);
    kp_range_unref(range);
}
END_TEST

/* --- damage --- */

/* A stream that was cut off is an error, unless the codec cannot know: then what is left is
 * just what packing the shorter contents gives. */
static void expect_cut(const struct kp_stage *codec, struct kp_range *packed,
                       struct kp_range *range, uint64_t length)
{
    struct kp_range *cut = kp_range_slice(packed, 0, length);
    struct outcome outcome = run(decoder_of(codec), NULL, cut, PLAIN, false);

    if (outcome.good) {
        struct kp_range *contents = outcome.result.output.range;
        struct kp_range *begin = kp_range_slice(range, 0, kp_range_size(contents));
        struct outcome again = compress(codec, NULL, contents, PLAIN);

        ck_assert_msg(kp_range_size(contents) < kp_range_size(range),
                      "%s: cut to %llu bytes: not noticed", codec->name,
                      (unsigned long long)length);
        expect_equal(codec, "cut contents", contents, begin);
        expect_equal(codec, "cut stream", again.result.output.range, cut);
        kp_range_unref(begin);
        finish(&again);
    }
    finish(&outcome);
    kp_range_unref(cut);
}

START_TEST(every_cut_is_noticed)
{
    struct kp_range *const ranges[] = {small_sample(), noise(64, 3), kp_range_fill('a', 5000)};

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        struct outcome packed = compress(codecs[_i], NULL, ranges[i], PLAIN);
        struct kp_range *bytes = packed.result.output.range;

        for (uint64_t length = 0; length < kp_range_size(bytes); length++)
            expect_cut(codecs[_i], bytes, ranges[i], length);
        round_trip(codecs[_i], "after errors", ranges[i]);
        finish(&packed);
        kp_range_unref(ranges[i]);
    }
}
END_TEST

START_TEST(flipped_bits_do_no_harm)
{
    const struct kp_stage *decoder = decoder_of(codecs[_i]);
    const char *limit = has_row(decoder, "limit") ? "{limit: 1M}" : NULL;
    struct kp_range *range = small_sample();
    struct outcome packed = compress(codecs[_i], NULL, range, PLAIN);
    const uint64_t size = kp_range_size(packed.result.output.range);
    uint8_t *bytes = malloc(size);
    size_t noticed = 0;

    ck_assert_ptr_nonnull(bytes);
    ck_assert(kp_range_read(packed.result.output.range, 0, bytes, size));
    for (uint64_t bit = 0; bit < size * 8; bit++) {
        struct kp_range *flipped;
        struct outcome outcome;

        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        flipped = kp_range_copy(bytes, size);
        outcome = run(decoder, limit, flipped, PLAIN, false);
        noticed += outcome.good ? 0 : 1;
        finish(&outcome);
        kp_range_unref(flipped);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    ck_assert_msg(noticed > 0, "%s: no flipped bit is noticed", decoder->name);
    round_trip(codecs[_i], "after errors", range);
    free(bytes);
    finish(&packed);
    kp_range_unref(range);
}
END_TEST

/* --- parameters --- */

/* A value that the table allows may be refused for a reason that no table can hold (an
 * architecture that is not known, a library that is too old); then it says so. */
static size_t try_value(const struct kp_stage *codec, struct kp_range *range, const char *name,
                        const char *value)
{
    char text[128];
    struct outcome packed, back;
    size_t tried = 0;

    snprintf(text, sizeof(text), "{%s: %s}", name, value);
    packed = run(codec, text, range, PLAIN, false);
    if (packed.good) {
        back = run(decoder_of(codec), NULL, packed.result.output.range, PLAIN, false);
        ck_assert_msg(back.good, "%s %s: cannot be unpacked", codec->name, text);
        expect_equal(codec, text, back.result.output.range, range);
        finish(&back);
        tried = 1;
    }
    finish(&packed);
    return tried;
}

static size_t try_row(const struct kp_stage *codec, const struct kp_param *row,
                      struct kp_range *range)
{
    size_t tried = 0;
    char number[32];

    for (size_t i = 0; row->type == KP_TYPE_CHOICE && row->choices[i] != NULL; i++)
        if (row->choices[i]->tool == NULL)
            tried += try_value(codec, range, row->name, row->choices[i]->name);
    if (row->type == KP_TYPE_BOOL)
        tried +=
            try_value(codec, range, row->name, "yes") + try_value(codec, range, row->name, "no");
    if (row->type == KP_TYPE_UINT && row->maximum != 0) {
        const bool few = row->maximum - row->minimum < 32;

        for (uint64_t value = row->minimum; few && value <= row->maximum; value++) {
            snprintf(number, sizeof(number), "%llu", (unsigned long long)value);
            tried += try_value(codec, range, row->name, number);
        }
        snprintf(number, sizeof(number), "%llu", (unsigned long long)row->minimum);
        tried += few ? 0 : try_value(codec, range, row->name, number);
    }
    return tried;
}

START_TEST(every_choice_can_be_unpacked)
{
    const struct kp_param *const *table = codecs[_i]->operation.params;
    struct kp_range *range = small_sample();

    for (; table != NULL && *table != NULL; table++) {
        const struct kp_param *row = *table;

        if ((row->type == KP_TYPE_CHOICE || row->type == KP_TYPE_BOOL ||
             (row->type == KP_TYPE_UINT && row->maximum != 0)) &&
            row->list == 0)
            ck_assert_msg(try_row(codecs[_i], row, range) > 0, "%s: %s: every value is refused",
                          codecs[_i]->name, row->name);
    }
    kp_range_unref(range);
}
END_TEST

void add_codec_tests(TCase *tests)
{
    const int count = (int)codec_count;

    tcase_add_loop_test(tests, what_goes_in_comes_out, 0, count);
    tcase_add_loop_test(tests, the_same_bytes_in_every_manner, 0, count);
    tcase_add_loop_test(tests, the_end_is_found, 0, count);
    tcase_add_loop_test(tests, limits_hold, 0, count);
    tcase_add_loop_test(tests, every_cut_is_noticed, 0, count);
    tcase_add_loop_test(tests, flipped_bits_do_no_harm, 0, count);
    tcase_add_loop_test(tests, every_choice_can_be_unpacked, 0, count);
}
