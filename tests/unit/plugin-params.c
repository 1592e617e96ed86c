/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/plugin-params.c - tables of parameters: each rule of kp_verify_params broken
 * once, and what a good table's copy looks like.
 */
#include "crossed-shared.h"
#include "plugin-shared.h"

#include "plugin/verify.h"

/* The rows below are broken by naming a member again that the macro filled. */
#pragma GCC diagnostic ignored "-Woverride-init"

struct inner {
    uint64_t at;
    uint8_t flag;
};

struct params {
    uint64_t number;
    int64_t integer;
    struct kp_text text;
    struct kp_list list;
    const struct kp_image *image;
    const struct kp_stage_value *stage;
    struct inner record;
    uint32_t choice;
    uint8_t truth;
    uint8_t has_number;
    uint8_t has_text;
};

static const struct kp_choice *const choices[] = {KP_ONE_OF(0, "none", "nothing"),
                                                  KP_ONE_OF(7, "all-7", "everything"), NULL};
static const struct kp_param *const fields[] = {KP_UINT(struct inner, at, .summary = "where"),
                                                KP_BOOL(struct inner, flag, .summary = "whether"),
                                                NULL};
static const char *const kinds[] = {"elf", "com.example.box", NULL};

static char *why_not_of(struct kp_arena *arena, const struct kp_param *const *table, uint64_t size)
{
    const char *why = NULL;

    return kp_verify_params(arena, table, size, &why) != NULL ? text_of("fine")
                                                              : text_of("%s", why);
}

/* The table as it comes from a worker. */
static const struct kp_param *const *crossed_table(struct kp_arena *arena,
                                                   const struct kp_param *const *table)
{
    const struct kp_operation pack = {.size = sizeof(pack), .params = table};
    const struct kp_format format = {.size = sizeof(format), .pack = &pack};
    const struct kp_format *const formats[] = {&format, NULL};
    const struct kp_plugin plugin = {.size = sizeof(plugin), .formats = formats};

    return crossed(arena, &plugin)->formats[0]->pack->params;
}

static char *why_not(const struct kp_param *const *table, uint64_t size)
{
    struct kp_arena *arena = kp_arena_new();
    char *text = why_not_of(arena, table, size);

    ck_assert_str_eq(why_not_of(arena, crossed_table(arena, table), size), text);
    kp_arena_free(arena);
    return text;
}

/* Compares what is said about a table of the given rows. */
#define EXPECT(text, ...)                                                                          \
    do {                                                                                           \
        const struct kp_param *const table_[] = {__VA_ARGS__, NULL};                               \
        ck_assert_str_eq(why_not(table_, sizeof(struct params)), text);                            \
    } while (0)
#define S .summary = "s"
#define UINT(...) KP_UINT(struct params, number, S, __VA_ARGS__)
#define INT(...) KP_INT(struct params, integer, S, __VA_ARGS__)
#define BOOL(...) KP_BOOL(struct params, truth, S, __VA_ARGS__)
#define CHOICE(...) KP_CHOICE(struct params, choice, S, __VA_ARGS__)
#define TEXT(...) KP_TEXT(struct params, text, S, __VA_ARGS__)
#define IMAGE(...) KP_IMAGE(struct params, image, S, __VA_ARGS__)
#define RECORD(...) KP_RECORD(struct params, record, S, __VA_ARGS__)
#define RECORDS(...) KP_RECORD_LIST(struct params, list, struct inner, S, __VA_ARGS__)
#define NUMBERS(...) KP_UINT_LIST(struct params, list, S, __VA_ARGS__)
#define TEXTS(...) KP_TEXT_LIST(struct params, list, S, __VA_ARGS__)

START_TEST(test_good)
{
    const struct kp_param *const table[] = {
        UINT(.minimum = 1, .maximum = 9, .fallback = "6", .trait = "load",
             .presence = offsetof(struct params, has_number),
             .flags = KP_PARAM_SHORT | KP_PARAM_HEX, .help = "one\n\ntwo", .unit = "bytes",
             .computed = "from the input", .since = "1.1", .deprecated = "use text"),
        INT(.low = -5, .high = 5, .fallback = "-5"),
        TEXT(.maximum = 4, .fallback = "", .trait = "com.example.x",
             .presence = offsetof(struct params, has_text), .flags = KP_PARAM_TRAITS),
        KP_RECORD_LIST(struct params, list, struct inner, S, .fields = fields, .min_items = 1),
        IMAGE(.kinds = kinds, .flags = KP_PARAM_REQUIRED),
        KP_STAGE(struct params, stage, S),
        RECORD(.fields = fields),
        CHOICE(.choices = choices, .fallback = "all-7"),
        BOOL(.fallback = "no"),
        NULL};
    struct kp_arena *arena = kp_arena_new();
    const char *why = "";
    const struct kp_param *const *copy =
        kp_verify_params(arena, table, sizeof(struct params), &why);

    ck_assert_msg(copy != NULL, "%s", why);
    for (size_t i = 0; i < 9; i++) {
        ck_assert_ptr_ne(copy[i], table[i]);
        ck_assert_str_eq(copy[i]->name, table[i]->name);
        ck_assert_ptr_ne(copy[i]->name, table[i]->name);
        ck_assert_uint_eq(copy[i]->offset, table[i]->offset);
    }
    ck_assert_ptr_null(copy[9]);
    ck_assert_str_eq(copy[0]->help, "one\n\ntwo");
    ck_assert_str_eq(copy[4]->kinds[1], "com.example.box");
    ck_assert_ptr_ne(copy[6]->fields[0], fields[0]);
    ck_assert_str_eq(copy[6]->fields[1]->name, "flag");
    ck_assert_uint_eq(copy[7]->choices[1]->value, 7);
    ck_assert_ptr_ne(copy[7]->choices[1], choices[1]);

    /* No table is an empty one. */
    copy = kp_verify_params(arena, NULL, 0, &why);
    ck_assert_ptr_nonnull(copy);
    ck_assert_ptr_null(copy[0]);
    kp_arena_free(arena);
}
END_TEST

/* A struct of an older SDK is shorter, one of a newer longer; the rest is zero. */
START_TEST(test_sizes)
{
    struct {
        struct kp_param row;
        uint64_t newer;
    } longer = {.row = *UINT(.minimum = 0), .newer = 5};

    longer.row.size = sizeof(longer);
    EXPECT("fine", &longer.row);
    longer.row.size = sizeof(longer.row) - 1;
    EXPECT(text_of("parameter 1: size: %zu: the struct has at least %zu bytes",
                   sizeof(longer.row) - 1, sizeof(longer.row)),
           &longer.row);
    longer.row.size = 1u << 20;
    EXPECT(text_of("parameter 1: size: 1048576: the struct has at least %zu bytes",
                   sizeof(longer.row)),
           &longer.row);
}
END_TEST

START_TEST(test_rows)
{
    const char *long_text = text_of("%4000s", "x");
    char *longer = malloc(5000);
    const struct kp_param *table[258];

    EXPECT("parameter 1: name: 'Number': not well-formed", UINT(.name = "Number"));
    EXPECT("parameter 2: name: missing", INT(.low = 0), UINT(.name = ""));
    EXPECT("number: type: 11: unknown", UINT(.type = 11));
    EXPECT("number: type: 0: unknown", UINT(.type = 0));
    EXPECT("number: summary: missing", KP_UINT(struct params, number, .unit = "s"));
    EXPECT("number: unit: holds control characters, or is no UTF-8", UINT(.unit = "a\nb"));
    EXPECT("number: help: holds control characters, or is no UTF-8", UINT(.help = "a\x1b[0m"));
    EXPECT("fine", UINT(.help = long_text));
    memset(longer, 'x', 4999);
    longer[4999] = '\0';
    EXPECT("number: help: a text of 4096 bytes or more", UINT(.help = longer));
    free(longer);
    EXPECT("integer: a second row of this name", UINT(.name = "integer"), INT(.low = 0));
    EXPECT("integer: flags: KP_PARAM_SHORT: 'number' has it already", UINT(.flags = KP_PARAM_SHORT),
           INT(.flags = KP_PARAM_SHORT));
    EXPECT("number: flags: 0x24: unknown flags", UINT(.flags = 0x24));
    EXPECT("number: list: 1: neither 0 nor KP_PARAM_LIST", UINT(.list = 1));
    EXPECT("number: flags: KP_PARAM_TRAITS is for text", UINT(.flags = KP_PARAM_TRAITS));
    EXPECT("text: flags: KP_PARAM_HEX is for numbers", TEXT(.flags = KP_PARAM_HEX));
    EXPECT("fine", TEXT(.flags = KP_PARAM_TOOL));
    EXPECT("fine", TEXTS(.flags = KP_PARAM_TOOL));
    EXPECT("number: flags: KP_PARAM_TOOL is for text that takes no traits",
           UINT(.flags = KP_PARAM_TOOL));
    EXPECT("text: flags: KP_PARAM_TOOL is for text that takes no traits",
           TEXT(.flags = KP_PARAM_TOOL | KP_PARAM_TRAITS));
    EXPECT("text: flags: KP_PARAM_TOOL is for text that takes no traits",
           TEXT(.flags = KP_PARAM_TOOL, .trait = "version"));
    EXPECT("image: flags: KP_PARAM_MAY_MISS is for rows of sources",
           IMAGE(.flags = KP_PARAM_MAY_MISS));
    EXPECT("number: kinds are for KP_TYPE_IMAGE", UINT(.kinds = kinds));
    EXPECT("image: kinds: an empty table", IMAGE(.kinds = (const char *const[]){NULL}));
    EXPECT("image: kinds: 'A': not well-formed", IMAGE(.kinds = (const char *const[]){"A", NULL}));
    EXPECT("image: kinds: 'elf' twice",
           IMAGE(.kinds = (const char *const[]){"elf", "raw", "elf", NULL}));
    for (size_t i = 0; i < 257; i++)
        table[i] = UINT(.minimum = 0);
    table[257] = NULL;
    ck_assert_str_eq(why_not(table, sizeof(struct params)),
                     "parameters: more than 256 rows, or no NULL at its end");
}
END_TEST

START_TEST(test_limits)
{
    EXPECT("number: minimum: 5: above the maximum, 4", UINT(.minimum = 5, .maximum = 4));
    EXPECT("number: minimum: 5: above the maximum, 0", UINT(.minimum = 5));
    EXPECT("integer: low: 1: above high, 0", INT(.low = 1));
    EXPECT("number: low and high are for KP_TYPE_INT", UINT(.low = -1));
    EXPECT("integer: minimum and maximum are for KP_TYPE_UINT and KP_TYPE_TEXT", INT(.maximum = 1));
    EXPECT("number: min_items and max_items are for lists", UINT(.max_items = 1));
    EXPECT("list: min_items: 3: above max_items, 2", NUMBERS(.min_items = 3, .max_items = 2));
    EXPECT("fine", NUMBERS(.min_items = 3));
}
END_TEST

START_TEST(test_choices)
{
    EXPECT("choice: choice 1: passes_as: 'a b': not well-formed",
           CHOICE(.choices = (const struct kp_choice *const[]){
                      KP_ONE_OF_AS(0, "none", "nothing", "a b"), NULL}));
    EXPECT("choice: choices: missing", CHOICE(.unit = NULL));
    EXPECT("choice: choices: missing", CHOICE(.choices = (const struct kp_choice *const[]){NULL}));
    EXPECT("number: choices are for KP_TYPE_CHOICE", UINT(.choices = choices));
    EXPECT("choice: choices: 'none' twice",
           CHOICE(.choices = (const struct kp_choice *const[]){
                      choices[0], KP_ONE_OF(3, "none", "again"), NULL}));
    EXPECT("choice: choice 1: name: 'a b': not well-formed",
           CHOICE(.choices = (const struct kp_choice *const[]){KP_ONE_OF(3, "a b", "s"), NULL}));
    EXPECT("choice: choice 2: summary: missing",
           CHOICE(.choices = (const struct kp_choice *const[]){choices[0], KP_ONE_OF(3, "a", NULL),
                                                               NULL}));
    EXPECT(text_of("choice: choice 1: size: 8: the struct has at least %zu bytes",
                   sizeof(struct kp_choice)),
           CHOICE(.choices = (const struct kp_choice *const[]){
                      &(const struct kp_choice){.size = 8, .name = "a"}, NULL}));
}
END_TEST

START_TEST(test_traits)
{
    EXPECT("integer: trait: only for numbers and texts that are in no list or record",
           INT(.trait = "load"));
    EXPECT("list: trait: only for numbers and texts that are in no list or record",
           NUMBERS(.trait = "load"));
    EXPECT("record: at: trait: only for numbers and texts that are in no list or record",
           RECORD(.fields = (const struct kp_param *const[]){
                      KP_UINT(struct inner, at, S, .trait = "load"), NULL}));
    EXPECT("number: trait: 'laod': not well-formed", UINT(.trait = "laod"));
    EXPECT("number: trait: 'arch': of another type than the parameter", UINT(.trait = "arch"));
    EXPECT("text: trait: 'load': of another type than the parameter", TEXT(.trait = "load"));
    EXPECT("fine", UINT(.trait = "com.example.x"), TEXT(.trait = "com.example.x"));
}
END_TEST

START_TEST(test_conditions)
{
    static const char fault[] = "number: needed_if: '%s': no choices of a row of this table";
    static const char *const bad[] = {"choice",       "choice=",           "choice=some",
                                      "chosen=all-7", "choice=all-7,no",   "number=6",
                                      "=all-7",       "choice=none,,all-7"};

    EXPECT("fine", UINT(.needed_if = "choice=all-7"), CHOICE(.choices = choices));
    EXPECT("fine", UINT(.needed_if = "choice=none,all-7"), CHOICE(.choices = choices));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char expected[128];

        snprintf(expected, sizeof(expected), fault, bad[i]);
        EXPECT(expected, UINT(.needed_if = bad[i]), CHOICE(.choices = choices));
    }
}
END_TEST

START_TEST(test_defaults)
{
    EXPECT("number: fallback: 'x': not a number", UINT(.fallback = "x"));
    EXPECT("number: fallback: '13': out of range 0..12", UINT(.fallback = "13", .maximum = 12));
    EXPECT("number: fallback: '0x10': out of range 0x20..0x30",
           UINT(.fallback = "0x10", .minimum = 32, .maximum = 48, .flags = KP_PARAM_HEX));
    EXPECT("fine", UINT(.fallback = "18446744073709551615"));
    EXPECT("integer: fallback: '-2': out of range -1..1",
           INT(.fallback = "-2", .low = -1, .high = 1));
    EXPECT("integer: fallback: '': not a number", INT(.fallback = ""));
    EXPECT("truth: fallback: '1': not true, false, yes or no", BOOL(.fallback = "1"));
    EXPECT("choice: fallback: 'some': not among its choices",
           CHOICE(.fallback = "some", .choices = choices));
    EXPECT("text: fallback: 'abc': out of range 1..2",
           TEXT(.fallback = "abc", .minimum = 1, .maximum = 2));
    EXPECT("image: fallback: images, trees, stages, keys and records have no default",
           IMAGE(.fallback = "x"));
    EXPECT("list: fallback: images, trees, stages, keys and records have no default",
           RECORDS(.fields = fields, .fallback = "x"));
    EXPECT("fine", NUMBERS(.fallback = "[1, 0x2, 3K]", .min_items = 3));
    EXPECT("fine", NUMBERS(.fallback = "7"));
    EXPECT("fine", NUMBERS(.fallback = "[]"));
    EXPECT("fine", TEXTS(.fallback = "[.comment, .note*]"));
    EXPECT("list: fallback: 'b': not a number", NUMBERS(.fallback = "[1, b]"));
    EXPECT("list: fallback: '5': out of range 1..4",
           NUMBERS(.fallback = "[1, 5]", .minimum = 1, .maximum = 4));
    EXPECT("list: fallback: '[1, 2': no list: ']' is missing", NUMBERS(.fallback = "[1, 2"));
    EXPECT("list: fallback: '[1, 2]': 2 items: their number must be 3..4",
           NUMBERS(.fallback = "[1, 2]", .min_items = 3, .max_items = 4));
    EXPECT("list: fallback: '[]': 0 items: their number must be at least 1",
           NUMBERS(.fallback = "[]", .min_items = 1));
}
END_TEST

START_TEST(test_layout)
{
    const uint64_t end = sizeof(struct params);

    EXPECT("number: field_size: 4: its type's C type has 8 bytes", UINT(.field_size = 4));
    EXPECT("integer: field_size: 4: its type's C type has 8 bytes", INT(.field_size = 4));
    EXPECT("truth: field_size: 4: its type's C type has 1 bytes", BOOL(.field_size = 4));
    EXPECT("choice: field_size: 8: its type's C type has 4 bytes",
           CHOICE(.field_size = 8, .choices = choices));
    EXPECT(text_of("text: field_size: 8: its type's C type has %zu bytes", sizeof(struct kp_text)),
           TEXT(.field_size = 8));
    EXPECT(text_of("list: field_size: 8: its type's C type has %zu bytes", sizeof(struct kp_list)),
           NUMBERS(.field_size = 8));
    EXPECT(text_of("image: field_size: 1: its type's C type has %zu bytes", sizeof(void *)),
           IMAGE(.field_size = 1));
    EXPECT("number: offset: 4: no multiple of 8", UINT(.offset = 4));
    EXPECT("choice: offset: 2: no multiple of 4", CHOICE(.offset = 2, .choices = choices));
    EXPECT(text_of("number: offset: %zu and 8 bytes: outside its struct of %zu", (size_t)end,
                   (size_t)end),
           UINT(.offset = end));
    EXPECT(text_of("number: offset: 18446744073709551608 and 8 bytes: outside its struct of %zu",
                   (size_t)end),
           UINT(.offset = UINT64_MAX - 7));
    EXPECT(text_of("number: presence: %zu and 1 bytes: outside its struct of %zu", (size_t)end,
                   (size_t)end),
           UINT(.presence = end));
    EXPECT("integer: offset: 0: overlaps 'number'", UINT(.minimum = 0), INT(.offset = 0));
    EXPECT("number: presence: 7: overlaps 'number'", UINT(.presence = 7));
    EXPECT(text_of("text: presence: %zu: overlaps 'number'", offsetof(struct params, has_number)),
           UINT(.presence = offsetof(struct params, has_number)),
           TEXT(.presence = offsetof(struct params, has_number)));
    EXPECT("truth: offset: 0: overlaps 'number'", UINT(.minimum = 0), BOOL(.offset = 0));
    ck_assert_str_eq(why_not((const struct kp_param *const[]){UINT(.minimum = 0), NULL}, 1u << 20),
                     "params_size: 1048576: above 65536");
}
END_TEST

START_TEST(test_records)
{
    struct kp_param deep = *RECORD(.fields = NULL);
    const struct kp_param *const itself[] = {&deep, NULL};

    EXPECT("number: fields and item_size are for records", UINT(.item_size = 8));
    EXPECT("number: fields and item_size are for records", UINT(.fields = fields));
    EXPECT("record: fields: missing", RECORD(.unit = NULL));
    EXPECT("record: item_size: 0: not in 1..65536", RECORD(.item_size = 0, .fields = fields));
    EXPECT("list: item_size: 65537: not in 1..65536", RECORDS(.item_size = 65537));
    EXPECT("list: item_size: 12: no multiple of its alignment, 8",
           RECORDS(.item_size = 12, .fields = fields));
    EXPECT("list: at: offset: 0 and 8 bytes: outside its struct of 7",
           RECORDS(.item_size = 7, .fields = fields));
    EXPECT(text_of("record: field_size: 8: its type's C type has %zu bytes", sizeof(struct inner)),
           RECORD(.field_size = 8, .fields = fields));
    EXPECT(text_of("record: offset: %zu: no multiple of 8", offsetof(struct params, record) + 4),
           RECORD(.offset = offsetof(struct params, record) + 4, .fields = fields));
    deep.fields = itself;
    deep.offset = 0;
    ck_assert_str_eq(why_not(itself, sizeof(struct params)),
                     "record: record: record: record: record: record: record: record: record: "
                     "fields: records nested deeper than 8");
}
END_TEST

/* Rows that share their fields multiply: 16 in 16 in 16 in 16. */
START_TEST(test_shared_rows)
{
    static struct kp_param rows[4][16];
    static const struct kp_param *tables[4][17];

    for (unsigned level = 0; level < 4; level++) {
        for (unsigned i = 0; i < 16; i++) {
            const bool leaf = level == 3;

            rows[level][i] =
                (struct kp_param){.size = sizeof(struct kp_param),
                                  .type = leaf ? KP_TYPE_UINT : KP_TYPE_RECORD,
                                  .field_size = leaf ? sizeof(uint64_t) : sizeof(struct kp_list),
                                  .offset = i * sizeof(struct kp_list),
                                  .item_size = leaf ? 0 : 16 * sizeof(struct kp_list),
                                  .list = leaf ? 0 : KP_PARAM_LIST,
                                  .name = text_of("r%u", i),
                                  S,
                                  .fields = leaf ? NULL : tables[level + 1]};
            tables[level][i] = &rows[level][i];
        }
    }
    ck_assert_str_eq(why_not(tables[1], 16 * sizeof(struct kp_list)),
                     "r15: more than 4096 parameters");
    ck_assert_str_eq(why_not(tables[2], 16 * sizeof(struct kp_list)), "fine");
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, test_good);
    tcase_add_test(tests, test_sizes);
    tcase_add_test(tests, test_rows);
    tcase_add_test(tests, test_limits);
    tcase_add_test(tests, test_choices);
    tcase_add_test(tests, test_traits);
    tcase_add_test(tests, test_conditions);
    tcase_add_test(tests, test_defaults);
    tcase_add_test(tests, test_layout);
    tcase_add_test(tests, test_records);
    tcase_add_test(tests, test_shared_rows);
}

int main(void)
{
    return run_case("plugin-params", fill);
}
