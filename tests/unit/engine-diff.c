/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of engine/diff.h: which layers and fields belong together, what is told of those that
 * differ, and what happens when memory runs out. What plugins tell of real formats is tested by
 * tests/cli/diff.sh and tests/real.
 */
#define KP_STATIC_NAME rogue
#include "../plugins/rogue.c"

#include "engine-shared.h"
#include "engine/diff.h"
#include "memory-shared.h"

static const struct kp_static_row compiled_in[] = {
    {"rogue", kpipe_note_rogue, kpipe_plugin_rogue},
    {NULL, NULL, NULL},
};

static struct kp_registry *registry;
static struct kp_diff difference;

static void begin(void)
{
    set_up();
    registry = registry_of(compiled_in);
}

static void end(void)
{
    kp_diff_free(&difference);
    difference = (struct kp_diff){0};
    kp_registry_free(registry);
    tear_down();
}

static bool open_both(const char *left, const char *right, unsigned depth)
{
    struct kp_layers_options options[2];
    struct kp_range *ranges[2] = {kp_range_copy(left, strlen(left)),
                                  kp_range_copy(right, strlen(right))};
    bool good = ranges[0] != NULL && ranges[1] != NULL;

    for (int i = 0; i < 2; i++)
        options[i] = (struct kp_layers_options){.registry = registry,
                                                .name = i == 0 ? "a.img" : "b.img",
                                                .depth = depth,
                                                .limit = 1000000};
    kp_diff_free(&difference);
    difference = (struct kp_diff){0};
    good = good && kp_diff_open(&difference, options, ranges, diags);
    kp_range_unref(ranges[0]);
    kp_range_unref(ranges[1]);
    return good;
}

static size_t put_value(char *to, size_t room, const struct kp_inspected_field *field)
{
    if (field == NULL)
        return (size_t)snprintf(to, room, "-");
    if (field->is_text)
        return (size_t)snprintf(to, room, "%s", field->text);
    return (size_t)snprintf(to, room, "%u", (unsigned)field->number);
}

static size_t put_difference(char *to, size_t room, const struct kp_difference *item)
{
    size_t length = (size_t)snprintf(to, room, " %u:%s=", (unsigned)item->what, item->name);

    length += put_value(to + length, room - length, item->side[0]);
    length += (size_t)snprintf(to + length, room - length, ">");
    length += put_value(to + length, room - length, item->side[1]);
    if (item->bytes.differ)
        length += (size_t)snprintf(to + length, room - length, "@%u", (unsigned)item->bytes.first);
    return length;
}

/* "path what:name=left>right @first:left>right/count;" of each layer, with "path<" or "path>" if
 * only the left or the right image has it. */
static const char *shown(void)
{
    static char text[4096];
    const size_t room = sizeof(text);
    size_t length = 0;

    text[0] = '\0';
    for (size_t i = 0; i < difference.layers.count; i++) {
        const struct kp_layer_diff *pair = &KP_ITEM(&difference.layers, struct kp_layer_diff, i);
        const int side = pair->layer[0] == NULL;

        length += (size_t)snprintf(text + length, room - length, "%s%s", pair->layer[side]->path,
                                   pair->layer[1] == NULL   ? "<"
                                   : pair->layer[0] == NULL ? ">"
                                                            : "");
        for (size_t j = 0; j < pair->differences.count; j++)
            length += put_difference(text + length, room - length,
                                     &KP_ITEM(&pair->differences, struct kp_difference, j));
        if (pair->bytes.differ)
            length += (size_t)snprintf(text + length, room - length, " @%u:%d>%d/%u",
                                       (unsigned)pair->bytes.first, pair->bytes.value[0],
                                       pair->bytes.value[1], (unsigned)pair->bytes.count);
        length += (size_t)snprintf(text + length, room - length, ";");
    }
    return text;
}

static void expect(const char *left, const char *right, const char *expected)
{
    ck_assert(open_both(left, right, 24));
    ck_assert_str_eq(shown(), expected);
}

/* Numbers in what is shown: enum kp_difference_what. */

START_TEST(same_bytes)
{
    expect("ROGUf", "ROGUf", "");
    ck_assert_ptr_null(difference.image[0].top); /* nobody looked into them */
    expect("", "", "");
}
END_TEST

START_TEST(bytes_alone)
{
    expect("abcde", "abxdy", " @2:99>120/2;");
    expect("abc", "abcd", " 0:size=3>4 @3:-1>100/0;");
    expect("abcd", "", " 0:size=4>0 @0:97>-1/0;");
    /* In different blocks of those that are passed over. */
    {
        static char left[10001], right[10001];

        memset(left, 'x', 10000);
        memcpy(right, left, sizeof(right));
        right[4095] = right[4096] = right[9999] = 'y';
        expect(left, right, " @4095:120>121/3;");
    }
}
END_TEST

START_TEST(fields_and_traits)
{
    /* A kind, fields and traits that only one has. */
    expect("ROGUf", "nobody",
           " 0:kind=rogue>- 0:size=5>6 1:number=102>- 1:text=ROGU>-"
           " 4:arch=flat>- 4:load=32768>- @0:82>110/5;");
    expect("ROGUf1", "ROGUf2", " @5:49>50/1;");
    /* A header that is damaged is compared as far as it was read; that is told once. */
    expect("ROGUf", "ROGUe", " 1:number=102>- 1:text=ROGU>- 4:arch=flat>- @4:102>101/1;");
    expect_findings("kpipe: warning: b.img: header: cut: too short [KP1506]\n");
}
END_TEST

START_TEST(details_by_name)
{
    expect("ROGUdXaYbZc", "ROGUdYbZdWe", " 2:X=a>- 2:Z=c>d 2:W=->e @5:88>89/6;");
    /* Of one name in their order. */
    expect("ROGUdXaXb", "ROGUdXaXc", " 2:X=b>c @8:98>99/1;");
    expect("ROGUdXaXb", "ROGUdXa", " 0:size=9>7 2:X=b>- @7:88>-1/0;");
    /* Of sizes the sum, and the greatest change first, then by name. */
    expect("ROGUda1b2a3", "ROGUda4b2b0", " @6:49>52/3;");
    expect("ROGUda1b9c4e1", "ROGUda2b3d4e2",
           " 3:b=9>3 3:c=4>- 3:d=->4 3:a=1>2 3:e=1>2 @6:49>50/4;");
    /* A name that is a size here and a text there. */
    expect("ROGUdx1", "ROGUdX1", " 2:X=->1 3:x=1>- @5:120>88/1;");
}
END_TEST

START_TEST(many_details)
{
    static char left[40006] = "ROGUd", right[40006] = "ROGUd";

    for (size_t i = 0; i < 20000; i++) {
        left[5 + 2 * i] = right[5 + 2 * i] = (char)('A' + i % 26);
        left[6 + 2 * i] = right[6 + 2 * i] = 'x';
    }
    right[6 + 2 * 19999] = 'y';
    expect(left, right, " 2:F=x>y @40004:120>121/1;");
}
END_TEST

START_TEST(too_many_details)
{
    expect("ROGUC1000002", "ROGUC1000001", " @11:50>49/1;");
    ck_assert(KP_ITEM(&difference.layers, struct kp_layer_diff, 0).details_cut);
}
END_TEST

START_TEST(layers_by_path)
{
    /* A part in a part, and an empty one besides: what is equal is not told of. */
    expect("ROGUPROGUPabc", "ROGUPROGUPabd",
           " @12:99>100/1;rest @7:99>100/1;rest/rest @2:99>100/1;");
    /* Parts that only one has, without what is in them. */
    expect("ROGUPROGUPabc", "ROGUfROGUPabc",
           " 1:number=80>102 1:text=->ROGU 4:arch=->flat 4:load=->32768 @4:80>102/1;"
           "rest<;rest-2<;");
    expect("ROGUfabc", "ROGUPabc",
           " 1:number=102>80 1:text=ROGU>- 4:arch=flat>- 4:load=32768>- @4:102>80/1;"
           "rest>;rest-2>;");
    /* As deep as was asked for. */
    ck_assert(open_both("ROGUPROGUPabc", "ROGUPROGUPabd", 0));
    ck_assert_str_eq(shown(), " @12:99>100/1;");
    ck_assert(open_both("ROGUPROGUPabc", "ROGUPROGUPabd", 1));
    ck_assert_str_eq(shown(), " @12:99>100/1;rest @7:99>100/1;");
}
END_TEST

START_TEST(gaps)
{
    expect("ROGUM1234", "ROGUM1235", " 5:gap=9 bytes at 0x0>9 bytes at 0x0@8 @8:52>53/1;");
    expect("ROGUM1234", "ROGUM12345",
           " 0:size=9>10 5:gap=9 bytes at 0x0>10 bytes at 0x0 @9:-1>53/0;");
}
END_TEST

START_TEST(faults)
{
    ck_assert(open_both("ROGUO1", "ROGUO2", 24));
    ck_assert_str_eq(shown(), " @5:49>50/1;");
    expect_findings(
        "kpipe: warning: a.img: plugin org.example.rogue 6.6.6 ((compiled in)): fault of the "
        "plugin: part behind the end of the image [KP1507]\n"
        "  hint: tell its vendor\n"
        "kpipe: warning: b.img: plugin org.example.rogue 6.6.6 ((compiled in)): fault of the "
        "plugin: part behind the end of the image [KP1507]\n"
        "  hint: tell its vendor\n");
}
END_TEST

#ifdef FAILING_MEMORY
/* With each allocation failing: nothing crashes or leaks, and what is told is either whole, or is
 * said not to be. (Findings, and the thread that opens the second image, can do without.) */
START_TEST(without_memory)
{
    static const char left[] = "ROGUPROGUda1b2XcYd", right[] = "ROGUPROGUda2XcYec9";
    bool failed = true, good;

    ck_assert(open_both(left, right, 24));
    for (long n = 0; failed; n++) {
        struct kp_diags *kept = diags;

        ck_assert_int_lt(n, 10000);
        kp_diff_free(&difference);
        difference = (struct kp_diff){0};
        live = 0;
        failed_one = false;
        until_failure = n;
        counting = true;
        diags = kp_diags_new();
        good = diags != NULL && open_both(left, right, 24);
        counting = false;
        failed = failed_one;
        ck_assert_msg(good || failed, "allocation %ld: failed without need", n);
        if (good)
            ck_assert_msg(
                difference.layers.count == 2 &&
                    KP_ITEM(&difference.layers, struct kp_layer_diff, 1).differences.count == 4,
                "allocation %ld: its failure went unnoticed: %s", n, shown());
        counting = true;
        kp_diff_free(&difference);
        kp_diags_free(diags);
        counting = false;
        difference = (struct kp_diff){0};
        diags = kept;
        ck_assert_msg(live == 0, "allocation %ld: %ld were not freed", n, (long)live);
    }
}
END_TEST
#endif

static void fill(TCase *tests)
{
    tcase_add_test(tests, same_bytes);
    tcase_add_test(tests, bytes_alone);
    tcase_add_test(tests, fields_and_traits);
    tcase_add_test(tests, details_by_name);
    tcase_add_test(tests, many_details);
    tcase_add_test(tests, too_many_details);
    tcase_add_test(tests, layers_by_path);
    tcase_add_test(tests, gaps);
    tcase_add_test(tests, faults);
#ifdef FAILING_MEMORY
    if (!in_workers())
        tcase_add_test(tests, without_memory);
#endif
}

int main(void)
{
    return run_tests("engine-diff", begin, end, fill);
}
