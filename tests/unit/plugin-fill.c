/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of plugin/bind.h: values into the plugin's struct, with what only a call knows, and
 * the way back from an address to the recipe. What is checked before is plugin-bind.c's.
 */
#include "bind-shared.h"
#include "host/image.h"

static struct kp_traits traits;
static struct kp_image main_image, images[10];
static struct kp_bound bound;

/* Fills the struct from a text; NULL after findings. */
static const struct all *fill_from(const char *text)
{
    const struct kp_image *inputs[10];
    struct kp_fill fill = {.arena = arena,
                           .diags = diags,
                           .stage = "all",
                           .traits = &traits,
                           .main = &main_image,
                           .images = inputs,
                           .image_count = 10};
    size_t count;
    const struct kp_value *values = check(text, &count);

    ck_assert_ptr_nonnull(values);
    for (size_t i = 0; i < 10; i++)
        inputs[i] = &images[i];
    kp_vector_free(&bound.fields);
    return kp_bind_fill(&fill, values, count, sizeof(struct all), &bound) ? bound.params : NULL;
}

static void expect_text(struct kp_text text, const char *expected)
{
    ck_assert_str_eq(text.bytes, expected);
    ck_assert_uint_eq(text.length, strlen(expected));
}

static void finish(void)
{
    kp_vector_free(&bound.fields);
    kp_traits_free(&traits);
    end();
}

START_TEST(defaults_and_presence)
{
    const struct all *all = fill_from("all: {load: 1}");

    ck_assert_uint_eq(all->level, 6);
    ck_assert_uint_eq(all->load, 1);
    ck_assert_int_eq(all->offset, -1);
    expect_text(all->version, "none");
    ck_assert_uint_eq(all->mode, 9);
    ck_assert_uint_eq(all->inner.on, 1);
    ck_assert_uint_eq(all->inner.has_x, 0);
    ck_assert_uint_eq(all->numbers.count, 2);
    ck_assert_uint_eq(((const uint64_t *)all->numbers.items)[1], 2048);
    ck_assert_uint_eq(all->words.count, 1);
    expect_text(((const struct kp_text *)all->words.items)[0], "one");
    ck_assert(all->has_name == 0 && all->has_word == 0 && all->has_tree == 0 && all->has_flag == 0);
    ck_assert(all->has_items == 0 && all->has_maybe == 0 && all->has_stage == 0);
    ck_assert(all->name.bytes == NULL && all->tree == NULL && all->stage == NULL);
    ck_assert(all->images.items == NULL && all->images.count == 0 && all->maybe.on == 0);
}
END_TEST

START_TEST(values_of_all_types)
{
    const struct all *all =
        fill_from("all:\n"
                  "  level: 9\n"
                  "  load: 0x10\n"
                  "  offset: -8\n"
                  "  name: abc\n"
                  "  word: wxyz\n"
                  "  tree: i3\n"
                  "  images: [_, i1]\n"
                  "  items: [first, {name: second, load: 4K, image: i9, inner: {x: 5, on: no},"
                  " numbers: [7, 8]}]\n"
                  "  numbers: []\n"
                  "  words: [a, '']\n"
                  "  flags: [yes, no]\n"
                  "  modes: [slow]\n"
                  "  maybe: {}\n"
                  "  mode: slow\n"
                  "  stage: {slow: 3}\n"
                  "  flag: no\n");
    const struct item *items = all->items.items;
    const struct kp_image *const *listed = all->images.items;

    ck_assert(all->level == 9 && all->load == 16 && all->offset == -8);
    expect_text(all->name, "abc");
    expect_text(all->word, "wxyz");
    ck_assert(all->has_name == 1 && all->has_word == 1 && all->has_tree == 1 && all->has_flag == 1);
    ck_assert(all->has_items == 1 && all->has_maybe == 1 && all->has_stage == 1);
    ck_assert_ptr_eq(all->tree, &images[3]);
    ck_assert_uint_eq(all->images.count, 2);
    ck_assert(listed[0] == &main_image && listed[1] == &images[1]);
    ck_assert_uint_eq(all->items.count, 2);
    expect_text(items[0].name, "first");
    ck_assert(items[0].load == 0x8000 && items[0].image == NULL && items[0].inner.on == 1);
    expect_text(items[1].name, "second");
    ck_assert(items[1].load == 4096 && items[1].image == &images[9]);
    ck_assert(items[1].inner.x == 5 && items[1].inner.has_x == 1 && items[1].inner.on == 0);
    ck_assert(((const uint64_t *)items[1].numbers.items)[1] == 8);
    ck_assert(all->numbers.items == NULL && all->numbers.count == 0);
    expect_text(((const struct kp_text *)all->words.items)[1], "");
    ck_assert(((const uint8_t *)all->flags.items)[0] == 1);
    ck_assert(((const uint8_t *)all->flags.items)[1] == 0);
    ck_assert(((const uint32_t *)all->modes.items)[0] == 7);
    ck_assert(all->maybe.on == 1 && all->mode == 7 && all->flag == 0);
    ck_assert_str_eq(all->stage->stage->name, "slow");
}
END_TEST

START_TEST(traits_are_defaults)
{
    const struct all *all;

    ck_assert(kp_traits_set_number(&traits, "load", 0x8000));
    ck_assert(kp_traits_set_text(&traits, "version", "6.1 100%(arch)"));
    all = fill_from("all: ");
    ck_assert_uint_eq(all->load, 0x8000);
    /* What a trait says is no template. */
    expect_text(all->version, "6.1 100%(arch)");
    all = fill_from("all: {load: 1, version: x}");
    ck_assert_uint_eq(all->load, 1);
    expect_text(all->version, "x");
}
END_TEST

START_TEST(traits_in_texts)
{
    ck_assert(kp_traits_set_number(&traits, "load", 0x8000));
    ck_assert(kp_traits_set_number(&traits, "size", 4096));
    ck_assert(kp_traits_set_text(&traits, "arch", "flat"));
    expect_text(fill_from("all: {name: '%(arch)'}")->name, "flat");
    expect_text(fill_from("all: {name: '%%(ab)%%'}")->name, "%(ab)%");
    expect_text(fill_from("all: {name: '%(load)'}")->name, "0x8000");
    expect_text(fill_from("all: {name: 'a%(size)b'}")->name, "a4096b");
    expect_text(fill_from("all: {version: '%(arch)-%(load)-%(arch)'}")->version,
                "flat-0x8000-flat");
    /* This one does not take them. */
    expect_text(fill_from("all: {word: '%(a)'}")->word, "%(a)");
}
END_TEST

/* What only the call finds out. */
static const struct {
    const char *text, *findings;
} wrongs[] = {
    {"all: ", "r.yml:1:1: error: stage 'all': load: the main input has no trait 'load' [KP1312]\n"
              "    1 | all: \n"
              "      | ^~~\n"
              "  hint: give 'load:' here, or 'load:' in the facts of the input\n"},
    {"all: {load: 1, name: '%(entry)'}",
     "r.yml:1:22: error: stage 'all': name: the main input has no trait 'entry' [KP1312]\n"
     "    1 | all: {load: 1, name: '%(entry)'}\n"
     "      |                      ^~~~~~~~~~\n"
     "  hint: nothing before this stage tells it: give it in the facts of the input, {file: {path: "
     "..., entry: ...}}\n"},
    {"all: {load: 1, name: '%(arch)%(arch)'}",
     "r.yml:1:22: error: stage 'all': name: text of 10 bytes: its length must be in 1..8 [KP1307]\n"
     "    1 | all: {load: 1, name: '%(arch)%(arch)'}\n"
     "      |                      ^~~~~~~~~~~~~~~~\n"
     "  hint: the whole text is: boardboard\n"},
    {"all: {items: [{name: a, load: 0x200}], name: '%(codec)', load: 1}",
     "r.yml:1:46: error: stage 'all': name: text of 0 bytes: its length must be in 1..8 [KP1307]\n"
     "    1 | all: {items: [{name: a, load: 0x200}], name: '%(codec)', load: 1}\n"
     "      |                                              ^~~~~~~~~~\n"
     "  hint: the whole text is: \n"},
};

START_TEST(what_is_wrong_in_the_call)
{
    ck_assert(kp_traits_set_text(&traits, "arch", "board"));
    ck_assert(kp_traits_set_text(&traits, "codec", ""));
    ck_assert_ptr_null(fill_from(wrongs[_i].text));
    expect_findings(wrongs[_i].findings);
}
END_TEST

START_TEST(traits_that_do_not_fit)
{
    ck_assert(kp_traits_set_number(&traits, "load", 0x10000));
    ck_assert_ptr_null(fill_from("all: "));
    expect_findings("r.yml:1:1: error: stage 'all': load: 0x10000 from the main input's trait "
                    "'load': out of range 0x0..0xffff [KP1313]\n"
                    "    1 | all: \n"
                    "      | ^~~\n");
    ck_assert(kp_traits_set_text(&traits, "load", "high"));
    ck_assert_ptr_null(fill_from("all: "));
    expect_findings("r.yml:1:1: error: stage 'all': load: the main input's trait 'load' is of "
                    "another type [KP1316]\n"
                    "    1 | all: \n"
                    "      | ^~~\n");
}
END_TEST

/* Where an address leads: "path line:column". */
static const char *locate(const void *address)
{
    const struct kp_bound_field *field = kp_bind_locate(&bound, address);

    if (field == NULL)
        return "nowhere";
    return kp_arena_printf(arena, "%s %u:%u", field->path, field->place.line, field->place.column);
}

START_TEST(addresses_lead_back)
{
    const struct all *all = fill_from("all:\n"
                                      "  load: 1\n"
                                      "  words: [a, b]\n"
                                      "  items:\n"
                                      "    - {name: c, inner: {x: 1}}\n"
                                      "    - {name: d, numbers: [1, 2]}\n");
    const struct item *items = all->items.items;

    ck_assert_str_eq(locate(&all->load), "load 2:9");
    ck_assert_str_eq(locate(&all->level), "level 1:1");
    ck_assert_str_eq(locate((const char *)&all->load + 7), "load 2:9");
    ck_assert_str_eq(locate(&all->words), "words 3:10");
    ck_assert_str_eq(locate((const struct kp_text *)all->words.items + 1), "words[1] 3:14");
    ck_assert_str_eq(locate(&items[0].name), "items[0].name 5:14");
    ck_assert_str_eq(locate(&items[0].inner.x), "items[0].inner.x 5:28");
    ck_assert_str_eq(locate(&items[0].inner.on), "items[0].inner.on 5:24");
    ck_assert_str_eq(locate(&items[0].inner.has_x), "items[0].inner 5:24");
    ck_assert_str_eq(locate((const uint64_t *)items[1].numbers.items + 1),
                     "items[1].numbers[1] 6:30");
    ck_assert_str_eq(locate(&items[1].load), "items[1].load 6:7");
    ck_assert_str_eq(locate(&items[2]), "nowhere");
    ck_assert_str_eq(locate(&all->has_name), "nowhere");
    ck_assert_str_eq(locate(NULL), "nowhere");
}
END_TEST

START_TEST(no_parameters)
{
    size_t count;
    const struct kp_value *values = check_in(NULL, "all: ", &count);
    const struct kp_fill fill = {.arena = arena, .diags = diags, .stage = "all"};

    ck_assert(values != NULL && count == 0);
    ck_assert(kp_bind_fill(&fill, values, count, 0, &bound));
    ck_assert_ptr_null(bound.params);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, defaults_and_presence);
    tcase_add_test(tests, values_of_all_types);
    tcase_add_test(tests, traits_are_defaults);
    tcase_add_test(tests, traits_in_texts);
    tcase_add_loop_test(tests, what_is_wrong_in_the_call, 0, sizeof(wrongs) / sizeof(wrongs[0]));
    tcase_add_test(tests, traits_that_do_not_fit);
    tcase_add_test(tests, addresses_lead_back);
    tcase_add_test(tests, no_parameters);
}

int main(void)
{
    return run_tests("plugin-fill", begin, finish, fill);
}
