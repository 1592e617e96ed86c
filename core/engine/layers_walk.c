/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/layers_walk.c - what is asked of an opened image: layers in order, and gaps.
 */
#include <stdlib.h>

#include "base/auto.h"
#include "engine/layers.h"
#include "kpipe/bytes.h"

struct kp_layer *kp_layers_next(const struct kp_layer *top, const struct kp_layer *layer)
{
    if (layer->children.count > 0)
        return KP_ITEM(&layer->children, struct kp_layer *, 0);
    for (; layer != top && layer->parent != NULL; layer = layer->parent) {
        const struct kp_vector *siblings = &layer->parent->children;

        if (layer->index + 1 < siblings->count)
            return KP_ITEM(siblings, struct kp_layer *, layer->index + 1);
    }
    return NULL;
}

void kp_layer_tell(const struct kp_layer *layer, struct kp_diags *to, size_t errors)
{
    const size_t count = layer->findings == NULL ? 0 : kp_diags_count(layer->findings);

    for (size_t i = 0; i < count; i++) {
        const struct kp_finding *finding = kp_diags_get(layer->findings, i);

        kp_finding_add(to, i < errors ? finding->severity : KP_SEVERITY_WARNING, KP_NOWHERE,
                       finding->hint, finding->detail, finding->code, "%s", finding->text);
    }
}

/* --- gaps --- */

static bool cover(struct kp_vector *runs, uint64_t offset, uint64_t length)
{
    struct kp_layer_run *run;

    if (length == 0)
        return true;
    run = KP_PUSH(runs, struct kp_layer_run);
    if (run != NULL)
        *run = (struct kp_layer_run){offset, length};
    return run != NULL;
}

/* All that fields and parts cover. */
static bool cover_all(const struct kp_inspection *inspection, struct kp_vector *runs)
{
    for (size_t i = 0; i < inspection->fields.count; i++) {
        const struct kp_inspected_field *field =
            &KP_ITEM(&inspection->fields, struct kp_inspected_field, i);

        if (!cover(runs, field->offset, field->length))
            return false;
    }
    for (size_t i = 0; i < inspection->parts.count; i++) {
        const struct kp_inspected_part *part =
            &KP_ITEM(&inspection->parts, struct kp_inspected_part, i);

        if (!cover(runs, part->offset, part->length))
            return false;
    }
    return true;
}

static int by_offset(const void *left, const void *right)
{
    const struct kp_layer_run *a = left, *b = right;

    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

bool kp_layer_gaps(const struct kp_layer *layer, struct kp_vector *gaps)
{
    const struct kp_inspection *inspection = &layer->inspection;
    const uint64_t size = kp_range_size(layer->range);
    KP_AUTO(vector) struct kp_vector runs = {0};
    uint64_t at = 0;

    if (!inspection->covered || inspection->codec != NULL)
        return true;
    if (!cover_all(inspection, &runs) || !cover(&runs, size, 1))
        return false;
    qsort(runs.items, runs.count, sizeof(struct kp_layer_run), by_offset);
    for (size_t i = 0; i < runs.count; i++) {
        const struct kp_layer_run *run = &KP_ITEM(&runs, struct kp_layer_run, i);
        const uint64_t begin = run->offset < size ? run->offset : size;
        uint64_t end;

        if (begin > at && !cover(gaps, at, begin - at))
            return false;
        /* A field's place is the plugin's word; one behind the end covers nothing. */
        if (!kp_add(run->offset, run->length, &end) || end > size)
            end = size;
        at = end > at ? end : at;
    }
    return true;
}
