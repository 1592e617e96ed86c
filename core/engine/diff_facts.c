/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/diff_facts.c - what differs between two layers besides their fields: what they are, where
 * they lie, their traits, and the bytes that no part covers.
 */
#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "engine/diff_private.h"
#include "kpipe/host.h"

static bool same_text(const char *left, const char *right)
{
    return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

/* A value that is no field's. Text NULL: a number. */
static struct kp_inspected_field *value_of(struct kp_diff *diff, const char *text, uint64_t number,
                                           uint32_t flags)
{
    struct kp_inspected_field *field = KP_ARENA_NEW(diff->arena, struct kp_inspected_field);

    if (field == NULL)
        return NULL;
    field->number = number;
    field->flags = flags;
    field->is_text = text != NULL;
    field->text = text == NULL ? NULL : kp_arena_strdup(diff->arena, text);
    return text == NULL || field->text != NULL ? field : NULL;
}

/* --- what they are --- */

static bool text_fact(struct kp_diff *diff, struct kp_layer_diff *pair, const char *name,
                      const char *left, const char *right)
{
    struct kp_inspected_field *values[2] = {NULL, NULL};

    if (same_text(left, right))
        return true;
    if ((left != NULL && (values[0] = value_of(diff, left, 0, 0)) == NULL) ||
        (right != NULL && (values[1] = value_of(diff, right, 0, 0)) == NULL))
        return false;
    return kp_diff_add(pair, KP_DIFFERENCE_FACT, name, values[0], values[1]) != NULL;
}

static bool number_fact(struct kp_diff *diff, struct kp_layer_diff *pair, const char *name,
                        uint64_t left, uint64_t right, uint32_t flags)
{
    struct kp_inspected_field *values[2];

    if (left == right)
        return true;
    values[0] = value_of(diff, NULL, left, flags);
    values[1] = value_of(diff, NULL, right, flags);
    return values[0] != NULL && values[1] != NULL &&
           kp_diff_add(pair, KP_DIFFERENCE_FACT, name, values[0], values[1]) != NULL;
}

bool kp_diff_facts(struct kp_diff *diff, struct kp_layer_diff *pair)
{
    const struct kp_layer *left = pair->layer[0], *right = pair->layer[1];

    return text_fact(diff, pair, "kind", left->inspection.kind, right->inspection.kind) &&
           text_fact(diff, pair, "codec", left->inspection.codec, right->inspection.codec) &&
           text_fact(diff, pair, "role", left->role, right->role) &&
           text_fact(diff, pair, "meaning", left->meaning, right->meaning) &&
           number_fact(diff, pair, "offset", left->offset, right->offset, KP_FIELD_HEX) &&
           number_fact(diff, pair, "size", kp_range_size(left->range), kp_range_size(right->range),
                       KP_FIELD_BYTES);
}

/* --- traits --- */

static bool same_trait(const struct kp_trait *left, const struct kp_trait *right)
{
    return left != NULL && right != NULL && left->number == right->number &&
           same_text(left->text, right->text);
}

static bool trait(struct kp_diff *diff, struct kp_layer_diff *pair, const struct kp_trait *left,
                  const struct kp_trait *right)
{
    const struct kp_trait *const traits[2] = {left, right};
    struct kp_inspected_field *values[2] = {NULL, NULL};

    if (same_trait(left, right))
        return true;
    for (int i = 0; i < 2; i++) {
        if (traits[i] == NULL)
            continue;
        values[i] = value_of(diff, traits[i]->text, traits[i]->number, KP_FIELD_HEX);
        if (values[i] == NULL)
            return false;
    }
    return kp_diff_add(pair, KP_DIFFERENCE_TRAIT, left != NULL ? left->name : right->name,
                       values[0], values[1]) != NULL;
}

static bool traits(struct kp_diff *diff, struct kp_layer_diff *pair)
{
    const struct kp_traits *left = &pair->layer[0]->inspection.traits;
    const struct kp_traits *right = &pair->layer[1]->inspection.traits;

    for (size_t i = 0; i < left->count; i++)
        if (!trait(diff, pair, &left->items[i], kp_traits_get(right, left->items[i].name)))
            return false;
    for (size_t i = 0; i < right->count; i++)
        if (kp_traits_get(left, right->items[i].name) == NULL &&
            !trait(diff, pair, NULL, &right->items[i]))
            return false;
    return true;
}

/* --- bytes that no part covers --- */

/* Two runs, one in each layer; NULL: there is none. */
static bool run(struct kp_diff *diff, struct kp_layer_diff *pair, enum kp_difference_what what,
                const struct kp_layer_run *const runs[2])
{
    struct kp_range *bytes[2] = {NULL, NULL};
    struct kp_inspected_field *values[2] = {NULL, NULL};
    struct kp_diff_bytes found = {0};
    struct kp_difference *difference;
    const bool both = runs[0] != NULL && runs[1] != NULL;
    const bool same =
        both && runs[0]->offset == runs[1]->offset && runs[0]->length == runs[1]->length;
    bool good = true;

    for (int i = 0; i < 2; i++) {
        char text[64];

        if (runs[i] == NULL)
            continue;
        snprintf(text, sizeof(text), "%" PRIu64 " bytes at 0x%" PRIx64, runs[i]->length,
                 runs[i]->offset);
        values[i] = value_of(diff, text, 0, 0);
        bytes[i] = kp_range_slice(pair->layer[i]->range, runs[i]->offset, runs[i]->length);
        good = good && values[i] != NULL && bytes[i] != NULL;
    }
    if (good && same)
        kp_diff_compare_bytes(bytes[0], bytes[1], &found);
    if (good && (found.differ || !same)) {
        difference = kp_diff_add(pair, what, what == KP_DIFFERENCE_GAP ? "gap" : "trailing",
                                 values[0], values[1]);
        good = difference != NULL;
        if (good)
            difference->bytes = found;
    }
    kp_range_unref(bytes[0]);
    kp_range_unref(bytes[1]);
    return good;
}

static bool gaps(struct kp_diff *diff, struct kp_layer_diff *pair)
{
    KP_AUTO(vector) struct kp_vector left = {0};
    KP_AUTO(vector) struct kp_vector right = {0};

    if (!kp_layer_gaps(pair->layer[0], &left) || !kp_layer_gaps(pair->layer[1], &right))
        return false;
    for (size_t i = 0; i < left.count || i < right.count; i++) {
        const struct kp_layer_run *const runs[2] = {
            i < left.count ? &KP_ITEM(&left, struct kp_layer_run, i) : NULL,
            i < right.count ? &KP_ITEM(&right, struct kp_layer_run, i) : NULL};

        if (!run(diff, pair, KP_DIFFERENCE_GAP, runs))
            return false;
    }
    return true;
}

/* What stands behind its compressed stream, if it is one and has come out. */
static const struct kp_layer_run *trailing_of(const struct kp_layer *layer,
                                              struct kp_layer_run *trailing)
{
    const uint64_t size = kp_range_size(layer->range);

    if (layer->inspection.codec == NULL || layer->children.count == 0 || layer->stream_end >= size)
        return NULL;
    *trailing = (struct kp_layer_run){layer->stream_end, size - layer->stream_end};
    return trailing;
}

static bool trailing(struct kp_diff *diff, struct kp_layer_diff *pair)
{
    struct kp_layer_run found[2];
    const struct kp_layer_run *const runs[2] = {trailing_of(pair->layer[0], &found[0]),
                                                trailing_of(pair->layer[1], &found[1])};

    return (runs[0] == NULL && runs[1] == NULL) || run(diff, pair, KP_DIFFERENCE_TRAILING, runs);
}

bool kp_diff_places(struct kp_diff *diff, struct kp_layer_diff *pair)
{
    return traits(diff, pair) && gaps(diff, pair) && trailing(diff, pair);
}
