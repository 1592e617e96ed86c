/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/layers.c - see layers.h: how the tree grows. What is asked of it stands in
 * layers_walk.c.
 */
#include "engine/layers.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "engine/search.h"
#include "kpipe/bytes.h"
#include "kpipe/traits.h"
#include "plugin/decode.h"

static bool no_memory(struct kp_layers *layers)
{
    layers->no_memory = true;
    return false;
}

/* A layer below `parent`, over `range`, of which it takes the reference. */
static struct kp_layer *add(struct kp_layers *layers, struct kp_layer *parent, const char *name,
                            struct kp_range *range)
{
    struct kp_layer *layer = KP_ARENA_NEW(layers->arena, struct kp_layer);
    struct kp_layer **slot =
        parent == NULL ? &layers->top : KP_PUSH(&parent->children, struct kp_layer *);

    if (layer == NULL || slot == NULL || range == NULL) {
        kp_range_unref(range);
        if (slot != NULL && parent != NULL)
            parent->children.count--;
        no_memory(layers);
        return NULL;
    }
    *slot = layer;
    *layer = (struct kp_layer){.parent = parent, .range = range};
    layer->index = parent == NULL ? 0 : parent->children.count - 1;
    layer->findings = kp_diags_new();
    layer->name = kp_arena_strdup(layers->arena, name);
    layer->path = parent == NULL || parent->parent == NULL
                      ? layer->name
                      : kp_arena_printf(layers->arena, "%s/%s", parent->path, name);
    layers->count++;
    if (layer->findings != NULL && layer->name != NULL && layer->path != NULL)
        return layer;
    no_memory(layers);
    return NULL;
}

/* What it is called in findings. */
static const char *title(struct kp_layers *layers, const struct kp_layer *layer)
{
    const char *text = layer->parent == NULL ? layers->options.name
                                             : kp_arena_printf(layers->arena, "%s: %s",
                                                               layers->options.name, layer->path);

    return text != NULL ? text : layers->options.name;
}

/* --- parts --- */

static int by_offset(const void *left, const void *right)
{
    const struct kp_inspected_part *a = *(const struct kp_inspected_part *const *)left;
    const struct kp_inspected_part *b = *(const struct kp_inspected_part *const *)right;

    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return a < b ? -1 : a > b; /* as they were reported */
}

/* A part of which only is known that it is compressed, and lies somewhere there. */
static bool search_part(struct kp_layers *layers, struct kp_layer *layer,
                        const struct kp_inspected_part *part, enum kp_search_for wanted)
{
    struct kp_range *within KP_AUTO(range) =
        kp_range_slice(layer->range, part->offset, part->length);
    const bool ends = wanted == KP_SEARCH_END;
    struct kp_found found = {0};
    struct kp_layer *child;
    uint64_t length;

    if (within == NULL || !kp_search(&layers->options, within, wanted, &layers->budget, &found))
        return no_memory(layers);
    if (found.contents == NULL)
        return true;
    length = (ends && (part->flags & KP_PART_BARE) == 0 ? part->length : found.end) - found.offset;
    child = add(layers, layer, part->name,
                kp_range_slice(layer->range, part->offset + found.offset, length));
    if (child == NULL) {
        kp_range_unref(found.contents);
        return false;
    }
    child->offset = part->offset + found.offset;
    child->role = part->role == NULL ? NULL : kp_arena_strdup(layers->arena, part->role);
    child->meaning = part->meaning;
    child->searched = !ends; /* a header that tells the end leaves no choice */
    child->contents = found.contents;
    child->stream_end = found.end - found.offset;
    return true;
}

static bool open_part(struct kp_layers *layers, struct kp_layer *layer,
                      const struct kp_inspected_part *part)
{
    struct kp_layer *child =
        add(layers, layer, part->name, kp_range_slice(layer->range, part->offset, part->length));

    if (child == NULL)
        return false;
    child->offset = part->offset;
    child->role = part->role;
    child->meaning = part->meaning;
    child->inspection.kind = part->kind; /* until it is looked into */
    child->told = (part->flags & KP_PART_TOLD) != 0;
    return true;
}

static bool open_parts(struct kp_layers *layers, struct kp_layer *layer)
{
    const struct kp_vector *parts = &layer->inspection.parts;
    KP_AUTO(free)
    const struct kp_inspected_part **order =
        calloc(parts->count + 1, sizeof(const struct kp_inspected_part *));

    if (order == NULL)
        return no_memory(layers);
    for (size_t i = 0; i < parts->count; i++)
        order[i] = &KP_ITEM(parts, struct kp_inspected_part, i);
    qsort(order, parts->count, sizeof(const struct kp_inspected_part *), by_offset);
    if (layer->inspection.parts_cut)
        layer->closed = "it names more parts than are looked at";
    for (size_t i = 0; i < parts->count; i++) {
        if (layers->count >= KP_LAYERS_MOST) {
            layer->closed = "there are too many layers";
            return true;
        }
        if ((order[i]->flags & KP_PART_SEARCH) == 0
                ? !open_part(layers, layer, order[i])
                : !search_part(layers, layer, order[i],
                               (order[i]->flags & KP_PART_ENDS) != 0 ? KP_SEARCH_END
                                                                     : KP_SEARCH_LARGEST))
            return false;
    }
    return true;
}

/* --- compressed layers --- */

static bool open_contents(struct kp_layers *layers, struct kp_layer *layer)
{
    const struct kp_layers_options *options = &layers->options;
    const struct kp_call_context context = {.registry = options->registry,
                                            .diags = layer->findings,
                                            .output_limit = layers->budget,
                                            .data = options->data,
                                            .cancelled = options->cancelled,
                                            .parallel = options->parallel};
    const struct kp_image image = {.range = layer->range};
    struct kp_call_result result = {0};
    struct kp_layer *child = NULL;

    if (layer->contents != NULL) {
        child = add(layers, layer, "contents", KP_STEAL(layer->contents));
    } else if (layers->budget == 0) {
        layer->closed = "the limit of decompressed bytes is reached";
    } else if (kp_decode(&context, layer->inspection.codec, &image, layers->budget,
                         &layer->stream_end, &result)) {
        child = add(layers, layer, "contents", kp_range_ref(result.output.range));
        layers->budget -= kp_range_size(result.output.range);
    } else {
        layer->closed = "it cannot be decompressed";
    }
    if (child != NULL) {
        child->decompressed = true;
        child->role = layer->role;
    }
    kp_call_result_clear(&result);
    return child != NULL || !layers->no_memory;
}

/* --- all together --- */

/* How many layers stand above it, the file not counted. */
static unsigned depth_of(const struct kp_layer *layer)
{
    unsigned depth = 0;

    for (; layer->parent != NULL; layer = layer->parent)
        depth++;
    return depth;
}

/* Whether a part's role tells that there is nothing in it; or it is all of what holds it, and so
 * would be described again, and again. */
static bool is_leaf(const struct kp_layer *layer, const char *wanted)
{
    static const char *const leaves[] = {KP_ROLE_CODE, KP_ROLE_SIGNATURE, KP_ROLE_PADDING,
                                         KP_ROLE_CMDLINE};

    for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++)
        if (layer->role != NULL && strcmp(layer->role, leaves[i]) == 0)
            return true;
    if (wanted != NULL && layer->parent != NULL && !layer->decompressed &&
        (layer->role == NULL || strcmp(layer->role, wanted) != 0))
        return true;
    return layer->parent != NULL && !layer->decompressed &&
           kp_range_size(layer->range) == kp_range_size(layer->parent->range);
}

static bool look_into(struct kp_layers *layers, struct kp_layer *layer)
{
    struct kp_inspection *inspection = &layer->inspection;
    const char *expected = inspection->kind;

    if (layer->told || is_leaf(layer, layers->options.role))
        return true;
    inspection->kind = NULL;
    kp_inspect(layers->options.registry, layer->findings, title(layers, layer), layer->range,
               expected,
               layers->options.role != NULL ? KP_INSPECT_HEADER
               : layers->options.details    ? KP_INSPECT_ALL
                                            : KP_INSPECT_FACTS,
               inspection);
    layer->header_findings = kp_diags_count(layer->findings);
    if (depth_of(layer) >= layers->options.depth) {
        layer->closed = inspection->codec != NULL || inspection->parts.count > 0
                            ? "it lies as deep as was asked for"
                            : NULL;
        return true;
    }
    if (inspection->codec != NULL)
        return open_contents(layers, layer);
    /* Also where the banner of a kernel stands in plain sight: lz4 leaves it so. */
    if (inspection->kind == NULL && layer->parent == NULL) {
        const struct kp_inspected_part anywhere = {.name = (char[]){"payload"},
                                                   .role = (char[]){KP_ROLE_PAYLOAD},
                                                   .length = kp_range_size(layer->range)};

        return search_part(layers, layer, &anywhere, KP_SEARCH_KERNEL) && open_parts(layers, layer);
    }
    return open_parts(layers, layer);
}

bool kp_layers_open(struct kp_layers *layers, const struct kp_layers_options *options,
                    struct kp_range *range)
{
    struct kp_layer *layer;

    *layers =
        (struct kp_layers){.arena = kp_arena_new(), .options = *options, .budget = options->limit};
    if (layers->arena == NULL)
        return false;
    layer = add(layers, NULL, "", kp_range_ref(range));
    while (layer != NULL && !layers->no_memory &&
           (options->cancelled == NULL || !options->cancelled(options->data))) {
        if (!look_into(layers, layer))
            break;
        layer = kp_layers_next(layers->top, layer);
    }
    return !layers->no_memory;
}

static void clear(struct kp_layer *layer)
{
    kp_range_unref(layer->contents);
    kp_range_unref(layer->range);
    kp_inspection_free(&layer->inspection);
    kp_diags_free(layer->findings);
}

void kp_layers_free(struct kp_layers *layers)
{
    struct kp_layer *layer = layers->top;

    /* No recursion: nesting is the file's. The children's list is needed to find the next. */
    while (layer != NULL) {
        clear(layer);
        layer = kp_layers_next(layers->top, layer);
    }
    for (layer = layers->top; layer != NULL;) {
        struct kp_layer *parent = layer->parent;

        if (layer->children.count > 0) {
            layer = KP_ITEM(&layer->children, struct kp_layer *, layer->children.count - 1);
            continue;
        }
        kp_vector_free(&layer->children);
        if (parent != NULL)
            parent->children.count--;
        layer = parent;
    }
    kp_arena_free(layers->arena);
    *layers = (struct kp_layers){0};
}
