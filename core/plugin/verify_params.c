/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/verify_params.c - tables of parameters: each row for itself, copied. Whether
 * the rows fit their struct together is layout.c's.
 *
 * The binder (bind.h) trusts what passed here: it writes through the offsets.
 */
#include <inttypes.h>
#include <string.h>

#include "base/node.h"
#include "base/trait.h"
#include "plugin/bind_text.h"
#include "plugin/check.h"
#include "plugin/layout.h"
#include "plugin/names.h"
#include "plugin/verify.h"

#define MAX_DEPTH 8  /* of records inside records */
#define MAX_ALL 4096 /* rows of one operation, at all depths */
#define KNOWN_FLAGS                                                                                \
    (KP_PARAM_REQUIRED | KP_PARAM_SHORT | KP_PARAM_TRAITS | KP_PARAM_HEX | KP_PARAM_TOOL |         \
     KP_PARAM_MAY_MISS)

static bool check_table(struct kp_checker *checker, const struct kp_param *const **table,
                        uint64_t struct_size, unsigned depth, uint64_t *alignment);

static bool is_number(const struct kp_param *row)
{
    return row->type == KP_TYPE_UINT || row->type == KP_TYPE_INT;
}

static bool check_texts(struct kp_checker *checker, struct kp_param *row)
{
    return kp_check_text(checker, "summary", KP_TEXT_NEEDED, &row->summary) &&
           kp_check_text(checker, "help", KP_TEXT_LINES, &row->help) &&
           kp_check_text(checker, "unit", 0, &row->unit) &&
           kp_check_text(checker, "fallback", 0, &row->fallback) &&
           kp_check_text(checker, "computed", 0, &row->computed) &&
           kp_check_text(checker, "since", 0, &row->since) &&
           kp_check_text(checker, "deprecated", 0, &row->deprecated) &&
           kp_check_text(checker, "needed_if", 0, &row->needed_if) &&
           kp_check_text(checker, "passes", 0, &row->passes);
}

/* A stage's images and trees are names of a recipe, which are there or are an error. */
static bool check_may_miss(struct kp_checker *checker, const struct kp_param *row)
{
    if ((row->flags & KP_PARAM_MAY_MISS) == 0)
        return true;
    if (!checker->source)
        return kp_check_fail(checker, "flags: KP_PARAM_MAY_MISS is for rows of sources");
    if ((row->type != KP_TYPE_IMAGE && row->type != KP_TYPE_TREE) || row->list != 0 ||
        (row->flags & KP_PARAM_REQUIRED) != 0)
        return kp_check_fail(checker, "flags: KP_PARAM_MAY_MISS is for an image or a tree that is "
                                      "neither required nor a list");
    return true;
}

static bool check_flags(struct kp_checker *checker, const struct kp_param *row)
{
    if (row->list != 0 && row->list != KP_PARAM_LIST)
        return kp_check_fail(checker, "list: %" PRIu32 ": neither 0 nor KP_PARAM_LIST", row->list);
    if ((row->flags & ~KNOWN_FLAGS) != 0)
        return kp_check_fail(checker, "flags: 0x%" PRIx32 ": unknown flags", row->flags);
    if ((row->flags & KP_PARAM_TRAITS) != 0 && row->type != KP_TYPE_TEXT)
        return kp_check_fail(checker, "flags: KP_PARAM_TRAITS is for text");
    if ((row->flags & KP_PARAM_HEX) != 0 && !is_number(row))
        return kp_check_fail(checker, "flags: KP_PARAM_HEX is for numbers");
    /* Which tool it is must be known before the run. */
    if ((row->flags & KP_PARAM_TOOL) != 0 &&
        (row->type != KP_TYPE_TEXT || (row->flags & KP_PARAM_TRAITS) != 0 || row->trait != NULL))
        return kp_check_fail(checker, "flags: KP_PARAM_TOOL is for text that takes no traits");
    return check_may_miss(checker, row);
}

/* Limits stand where the type looks for them, and leave room for a value. */
static bool check_limits(struct kp_checker *checker, const struct kp_param *row)
{
    if ((row->minimum != 0 || row->maximum != 0) && row->type != KP_TYPE_UINT &&
        row->type != KP_TYPE_TEXT)
        return kp_check_fail(checker, "minimum and maximum are for KP_TYPE_UINT and KP_TYPE_TEXT");
    if ((row->low != 0 || row->high != 0) && row->type != KP_TYPE_INT)
        return kp_check_fail(checker, "low and high are for KP_TYPE_INT");
    if ((row->min_items != 0 || row->max_items != 0) && row->list == 0)
        return kp_check_fail(checker, "min_items and max_items are for lists");
    if (row->minimum > row->maximum)
        return kp_check_fail(checker, "minimum: %" PRIu64 ": above the maximum, %" PRIu64,
                             row->minimum, row->maximum);
    if (row->low > row->high)
        return kp_check_fail(checker, "low: %" PRId64 ": above high, %" PRId64, row->low,
                             row->high);
    if (row->max_items != 0 && row->min_items > row->max_items)
        return kp_check_fail(checker, "min_items: %" PRIu64 ": above max_items, %" PRIu64,
                             row->min_items, row->max_items);
    return true;
}

static bool check_choices(struct kp_checker *checker, struct kp_param *row)
{
    const struct kp_choice **copy;
    size_t count;

    if (row->type != KP_TYPE_CHOICE)
        return row->choices == NULL || kp_check_fail(checker, "choices are for KP_TYPE_CHOICE");
    if (!kp_check_count(checker, "choices", row->choices, &count))
        return false;
    if (count == 0)
        return kp_check_fail(checker, "choices: missing");
    copy = kp_arena_array(checker->arena, count + 1, sizeof(*copy));
    for (size_t i = 0; copy != NULL && i < count; i++) {
        struct kp_choice *choice = KP_ARENA_NEW(checker->arena, struct kp_choice);

        if (choice == NULL)
            return kp_check_fail(checker, "out of memory");
        if (!kp_check_copy(checker, choice, sizeof(*choice), row->choices[i],
                           KP_END_OF(struct kp_choice, passes_as)) ||
            !kp_check_name(checker, "name", kp_is_word, &choice->name) ||
            !kp_check_text(checker, "summary", KP_TEXT_NEEDED, &choice->summary) ||
            (choice->tool != NULL && !kp_check_name(checker, "tool", kp_is_word, &choice->tool)) ||
            (choice->passes_as != NULL &&
             !kp_check_name(checker, "passes_as", kp_is_word, &choice->passes_as)))
            return kp_check_inside(checker, "choice %zu", i + 1);
        for (size_t j = 0; j < i; j++)
            if (strcmp(copy[j]->name, choice->name) == 0)
                return kp_check_fail(checker, "choices: '%s' twice", choice->name);
        copy[i] = choice;
    }
    row->choices = copy;
    return copy != NULL || kp_check_fail(checker, "out of memory");
}

static bool check_trait(struct kp_checker *checker, struct kp_param *row, unsigned depth)
{
    enum kp_trait_type type;

    if (row->trait == NULL)
        return true;
    if ((row->type != KP_TYPE_UINT && row->type != KP_TYPE_TEXT) || row->list != 0 || depth != 0)
        return kp_check_fail(checker,
                             "trait: only for numbers and texts that are in no list or record");
    if (!kp_check_name(checker, "trait", kp_trait_is_name, &row->trait))
        return false;
    type = kp_trait_type(row->trait);
    if (type == (row->type == KP_TYPE_UINT ? KP_TRAIT_IS_TEXT : KP_TRAIT_IS_NUMBER))
        return kp_check_fail(checker, "trait: '%s': of another type than the parameter",
                             row->trait);
    return true;
}

/* One value of a default; NULL, or what is wrong with it. */
static const char *default_fault(struct kp_checker *checker, const struct kp_param *row,
                                 const char *text)
{
    unsigned long long number;
    long long integer = 0;
    const char *wrong = NULL;
    bool truth;

    switch (row->type) {
    case KP_TYPE_UINT:
        wrong = kp_scalar_uint(text, &number);
        break;
    case KP_TYPE_INT:
        wrong = kp_scalar_int(text, &integer);
        if (wrong == NULL && (row->low != 0 || row->high != 0) &&
            (integer < row->low || integer > row->high))
            wrong = kp_arena_printf(checker->arena, "out of range %s",
                                    kp_bind_range_text(checker->arena, row));
        return wrong;
    case KP_TYPE_BOOL:
        return kp_scalar_bool(text, &truth);
    case KP_TYPE_CHOICE:
        for (size_t i = 0; row->choices[i] != NULL; i++)
            if (strcmp(row->choices[i]->name, text) == 0)
                return NULL;
        return "not among its choices";
    default: /* text */
        number = strlen(text);
    }
    if (wrong == NULL && !kp_bind_in_range(row, number))
        wrong = kp_arena_printf(checker->arena, "out of range %s",
                                kp_bind_range_text(checker->arena, row));
    return wrong;
}

/* The default must be what the binder would accept from a recipe. */
static bool check_default(struct kp_checker *checker, const struct kp_param *row)
{
    const char *text = row->fallback, *fault = NULL;
    const size_t length = text != NULL ? strlen(text) : 0;
    struct kp_value *items;
    size_t count;

    if (text == NULL)
        return true;
    if (row->type == KP_TYPE_IMAGE || row->type == KP_TYPE_TREE || row->type == KP_TYPE_STAGE ||
        row->type == KP_TYPE_RECORD || row->type == KP_TYPE_KEY)
        return kp_check_fail(checker,
                             "fallback: images, trees, stages, keys and records have no default");
    if (row->list == 0) {
        fault = default_fault(checker, row, text);
        return fault == NULL || kp_check_fail(checker, "fallback: '%s': %s", text, fault);
    }
    if (text[0] == '[' && text[length - 1] != ']')
        return kp_check_fail(checker, "fallback: '%s': no list: ']' is missing", text);
    items = kp_bind_split_list(checker->arena, text, &count);
    if (items == NULL)
        return kp_check_fail(checker, "out of memory");
    if (count < row->min_items || (row->max_items != 0 && count > row->max_items))
        return kp_check_fail(checker, "fallback: '%s': %zu items: their number must be %s", text,
                             count, kp_bind_items_text(checker->arena, row));
    for (size_t i = 0; i < count && fault == NULL; i++) {
        fault = default_fault(checker, row, items[i].text);
        if (fault != NULL)
            kp_check_fail(checker, "fallback: '%s': %s", items[i].text, fault);
    }
    return fault == NULL;
}

/* A record's own table, whose alignment is the record's. */
static bool check_record(struct kp_checker *checker, struct kp_param *row, unsigned depth,
                         uint64_t *alignment)
{
    if (row->type != KP_TYPE_RECORD)
        return (row->fields == NULL && row->item_size == 0) ||
               kp_check_fail(checker, "fields and item_size are for records");
    if (row->item_size == 0 || row->item_size > KP_CHECK_MAX_STRUCT)
        return kp_check_fail(checker, "item_size: %" PRIu64 ": not in 1..%d", row->item_size,
                             KP_CHECK_MAX_STRUCT);
    if (depth == MAX_DEPTH)
        return kp_check_fail(checker, "fields: records nested deeper than %d", MAX_DEPTH);
    if (!check_table(checker, &row->fields, row->item_size, depth + 1, alignment))
        return false;
    if (row->fields[0] == NULL)
        return kp_check_fail(checker, "fields: missing");
    if (row->item_size % *alignment != 0)
        return kp_check_fail(checker,
                             "item_size: %" PRIu64 ": no multiple of its alignment, %" PRIu64,
                             row->item_size, *alignment);
    return true;
}

static bool check_row(struct kp_checker *checker, struct kp_param *row, unsigned depth,
                      uint64_t *alignment)
{
    if (row->type < KP_TYPE_UINT || row->type > KP_TYPE_KEY)
        return kp_check_fail(checker, "type: %" PRIu32 ": unknown", row->type);
    if (row->kinds != NULL && row->type != KP_TYPE_IMAGE)
        return kp_check_fail(checker, "kinds are for KP_TYPE_IMAGE");
    *alignment = 1;
    return check_texts(checker, row) && check_flags(checker, row) && check_limits(checker, row) &&
           check_choices(checker, row) && check_trait(checker, row, depth) &&
           kp_check_names(checker, "kinds", kp_is_kind, &row->kinds) &&
           check_record(checker, row, depth, alignment) && check_default(checker, row);
}

/* What the rows of a table may not say twice. */
static bool check_against(struct kp_checker *checker, const struct kp_param *row,
                          const struct kp_param *const *earlier, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(earlier[i]->name, row->name) == 0)
            return kp_check_fail(checker, "a second row of this name");
        if ((earlier[i]->flags & row->flags & KP_PARAM_SHORT) != 0)
            return kp_check_fail(checker, "flags: KP_PARAM_SHORT: '%s' has it already",
                                 earlier[i]->name);
    }
    return true;
}

/* Whether a row that is passed on to a stage is one whose value is known before the run. */
static bool may_be_passed(const struct kp_param *const *table, const char *name)
{
    for (; *table != NULL; table++)
        if (strcmp((*table)->name, name) == 0)
            return ((*table)->type == KP_TYPE_CHOICE || (*table)->type == KP_TYPE_TEXT) &&
                   (*table)->list == 0;
    return false;
}

/* Conditions, and what is passed on, name rows of the same table, which may stand behind
 * them. */
static bool check_conditions(struct kp_checker *checker, const struct kp_param *const *table)
{
    size_t index;

    for (size_t i = 0; table[i] != NULL; i++) {
        if (table[i]->passes != NULL && table[i]->type != KP_TYPE_STAGE)
            return kp_check_fail(checker, "%s: passes is for KP_TYPE_STAGE", table[i]->name);
        if (table[i]->passes != NULL && !may_be_passed(table, table[i]->passes))
            return kp_check_fail(checker, "%s: passes: '%s': no choice or text of this table",
                                 table[i]->name, table[i]->passes);
        if (table[i]->needed_if != NULL && !kp_bind_condition(table, table[i]->needed_if, &index))
            return kp_check_fail(checker, "%s: needed_if: '%s': no choices of a row of this table",
                                 table[i]->name, table[i]->needed_if);
    }
    return true;
}

/* Copies and checks a table; *alignment becomes that of the struct it describes. */
static bool check_table(struct kp_checker *checker, const struct kp_param *const **table,
                        uint64_t struct_size, unsigned depth, uint64_t *alignment)
{
    const struct kp_param *const *from = *table;
    const struct kp_param **copy;
    struct kp_layout layout = {.struct_size = struct_size, .alignment = 1};
    size_t count;

    if (!kp_check_count(checker, "parameters", from, &count))
        return false;
    checker->rows += (unsigned)count;
    if (checker->rows > MAX_ALL)
        return kp_check_fail(checker, "more than %d parameters", MAX_ALL);
    copy = kp_arena_array(checker->arena, count + 1, sizeof(*copy));
    layout.fields = kp_arena_array(checker->arena, 2 * count + 1, sizeof(*layout.fields));
    if (copy == NULL || layout.fields == NULL)
        return kp_check_fail(checker, "out of memory");
    for (size_t i = 0; i < count; i++) {
        struct kp_param *row = KP_ARENA_NEW(checker->arena, struct kp_param);
        uint64_t record_alignment = 0;

        if (row == NULL)
            return kp_check_fail(checker, "out of memory");
        if (!kp_check_copy(checker, row, sizeof(*row), from[i],
                           KP_END_OF(struct kp_param, passes)) ||
            !kp_check_name(checker, "name", kp_is_param_name, &row->name))
            return kp_check_inside(checker, "parameter %zu", i + 1);
        if (!check_row(checker, row, depth, &record_alignment) ||
            !check_against(checker, row, copy, i) ||
            !kp_layout_add(checker, &layout, row, record_alignment))
            return kp_check_inside(checker, "%s", row->name);
        copy[i] = row;
    }
    *table = copy;
    *alignment = layout.alignment;
    return check_conditions(checker, copy);
}

bool kp_check_params(struct kp_checker *checker, const struct kp_param *const **table,
                     uint64_t struct_size)
{
    uint64_t alignment;

    if (struct_size > KP_CHECK_MAX_STRUCT)
        return kp_check_fail(checker, "params_size: %" PRIu64 ": above %d", struct_size,
                             KP_CHECK_MAX_STRUCT);
    return check_table(checker, table, struct_size, 0, &alignment);
}

const struct kp_param *const *kp_verify_params(struct kp_arena *arena,
                                               const struct kp_param *const *from,
                                               uint64_t struct_size, const char **why)
{
    struct kp_checker checker = {.arena = arena};

    if (kp_check_params(&checker, &from, struct_size))
        return from;
    *why = checker.why;
    return NULL;
}
