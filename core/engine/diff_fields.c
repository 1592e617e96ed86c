/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/diff_fields.c - which fields of two layers differ: by name, however many there are.
 *
 * Names need not be unique: a device tree is compatible with several boards, and functions of one
 * name stand in several files. Fields of one name are compared in their order; but of sizes, whose
 * order tells nothing, the sums.
 */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "engine/diff_private.h"
#include "kpipe/host.h"

struct entry {
    const struct kp_inspected_field *field;
    enum kp_difference_what what;
    size_t order;
};

/* All fields of one layer, sorted. */
struct list {
    struct entry *entries;
    size_t count, next;
};

static enum kp_difference_what what_of(const struct kp_inspected_field *field)
{
    if ((field->flags & KP_FIELD_DETAIL) == 0)
        return KP_DIFFERENCE_FIELD;
    return !field->is_text && (field->flags & KP_FIELD_BYTES) != 0 ? KP_DIFFERENCE_SIZE
                                                                   : KP_DIFFERENCE_DETAIL;
}

static int by_key(const struct entry *left, const struct entry *right)
{
    if (left->what != right->what)
        return left->what < right->what ? -1 : 1;
    return strcmp(left->field->name, right->field->name);
}

static int by_key_and_order(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    const int order = by_key(a, b);

    return order != 0 ? order : a->order < b->order ? -1 : 1;
}

/* Those that only the right image has come last. */
static bool make_list(struct list *list, const struct kp_vector *fields, size_t order)
{
    list->entries = calloc(fields->count + 1, sizeof(*list->entries));
    if (list->entries == NULL)
        return false;
    list->count = fields->count;
    for (size_t i = 0; i < list->count; i++) {
        const struct kp_inspected_field *field = &KP_ITEM(fields, struct kp_inspected_field, i);

        list->entries[i] = (struct entry){field, what_of(field), order + i};
    }
    qsort(list->entries, list->count, sizeof(*list->entries), by_key_and_order);
    return true;
}

/* How many of the next ones have that key. */
static size_t run_of(const struct list *list, const struct entry *key)
{
    size_t end = list->next;

    while (end < list->count && by_key(&list->entries[end], key) == 0)
        end++;
    return end - list->next;
}

static bool same_value(const struct kp_inspected_field *left,
                       const struct kp_inspected_field *right)
{
    const char *const meanings[2] = {left->meaning != NULL ? left->meaning : "",
                                     right->meaning != NULL ? right->meaning : ""};

    if (left->is_text != right->is_text || strcmp(meanings[0], meanings[1]) != 0 ||
        ((left->flags ^ right->flags) & KP_FIELD_INVALID) != 0)
        return false;
    return left->is_text ? strcmp(left->text, right->text) == 0 : left->number == right->number;
}

static bool add(struct kp_layer_diff *pair, const struct entry *left, const struct entry *right,
                const struct kp_inspected_field *const values[2])
{
    const struct entry *first = left != NULL ? left : right;
    struct kp_difference *difference =
        kp_diff_add(pair, first->what, first->field->name, values[0], values[1]);

    if (difference != NULL)
        difference->order = first->order;
    return difference != NULL;
}

static bool compare_run(struct kp_layer_diff *pair, struct list lists[2], const size_t runs[2])
{
    for (size_t i = 0; i < runs[0] || i < runs[1]; i++) {
        const struct entry *sides[2];
        const struct kp_inspected_field *values[2];

        for (int j = 0; j < 2; j++) {
            sides[j] = i < runs[j] ? &lists[j].entries[lists[j].next + i] : NULL;
            values[j] = sides[j] != NULL ? sides[j]->field : NULL;
        }
        if ((values[0] == NULL || values[1] == NULL || !same_value(values[0], values[1])) &&
            !add(pair, sides[0], sides[1], values))
            return false;
    }
    return true;
}

/* The first of a run, with the sum of all of them; NULL when memory runs out. */
static const struct kp_inspected_field *sum(struct kp_diff *diff, const struct list *list,
                                            size_t run)
{
    const struct kp_inspected_field *first = list->entries[list->next].field;
    struct kp_inspected_field *all;

    if (run == 1)
        return first;
    all = KP_ARENA_NEW(diff->arena, struct kp_inspected_field);
    if (all == NULL)
        return NULL;
    *all = *first;
    for (size_t i = 1; i < run; i++) /* a hostile image's may wrap around */
        all->number += list->entries[list->next + i].field->number;
    return all;
}

static bool compare_sizes(struct kp_diff *diff, struct kp_layer_diff *pair, struct list lists[2],
                          const size_t runs[2])
{
    const struct kp_inspected_field *values[2] = {NULL, NULL};
    const struct entry *sides[2] = {NULL, NULL};

    for (int i = 0; i < 2; i++) {
        if (runs[i] == 0)
            continue;
        sides[i] = &lists[i].entries[lists[i].next];
        values[i] = sum(diff, &lists[i], runs[i]);
        if (values[i] == NULL)
            return false;
    }
    if (values[0] != NULL && values[1] != NULL && values[0]->number == values[1]->number)
        return true;
    return add(pair, sides[0], sides[1], values);
}

static bool compare_lists(struct kp_diff *diff, struct kp_layer_diff *pair, struct list lists[2])
{
    while (lists[0].next < lists[0].count || lists[1].next < lists[1].count) {
        const struct entry *key = NULL;
        size_t runs[2];

        for (int i = 0; i < 2; i++)
            if (lists[i].next < lists[i].count &&
                (key == NULL || by_key(&lists[i].entries[lists[i].next], key) < 0))
                key = &lists[i].entries[lists[i].next];
        runs[0] = run_of(&lists[0], key);
        runs[1] = run_of(&lists[1], key);
        if (!(key->what == KP_DIFFERENCE_SIZE ? compare_sizes(diff, pair, lists, runs)
                                              : compare_run(pair, lists, runs)))
            return false;
        lists[0].next += runs[0];
        lists[1].next += runs[1];
    }
    return true;
}

uint64_t kp_difference_change(const struct kp_difference *difference, bool *grew)
{
    const uint64_t left = difference->side[0] != NULL ? difference->side[0]->number : 0;
    const uint64_t right = difference->side[1] != NULL ? difference->side[1]->number : 0;

    *grew = right > left;
    return right > left ? right - left : left - right;
}

/* As diff.h says; sizes that changed as much by name. */
static int as_shown(const void *left, const void *right)
{
    const struct kp_difference *a = left, *b = right;
    uint64_t changes[2];
    bool grew;

    if (a->what != b->what)
        return a->what < b->what ? -1 : 1;
    if (a->what != KP_DIFFERENCE_SIZE)
        return a->order < b->order ? -1 : a->order > b->order;
    changes[0] = kp_difference_change(a, &grew);
    changes[1] = kp_difference_change(b, &grew);
    if (changes[0] != changes[1])
        return changes[0] > changes[1] ? -1 : 1;
    return strcmp(a->name, b->name);
}

bool kp_diff_fields(struct kp_diff *diff, struct kp_layer_diff *pair)
{
    const struct kp_vector *left = &pair->inspection[0].fields;
    const struct kp_vector *right = &pair->inspection[1].fields;
    struct list lists[2] = {{0}, {0}};
    bool good;

    pair->details_cut = pair->inspection[0].details_cut || pair->inspection[1].details_cut;
    good = make_list(&lists[0], left, 0) && make_list(&lists[1], right, left->count) &&
           compare_lists(diff, pair, lists);
    free(lists[0].entries);
    free(lists[1].entries);
    if (pair->differences.count > 0)
        qsort(pair->differences.items, pair->differences.count, sizeof(struct kp_difference),
              as_shown);
    return good;
}
