/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/diff.c - see diff.h: which layers of two images belong together, and when they are
 * compared. What differs in them is found by diff_facts.c, diff_fields.c and diff_bytes.c.
 */
#include "engine/diff.h"

#include <pthread.h>
#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "engine/diff_private.h"

/* --- opening --- */

struct opening {
    struct kp_layers *layers;
    const struct kp_layers_options *options;
    struct kp_range *range;
    bool good;
};

static void *open_image(void *data)
{
    struct opening *opening = data;

    opening->good = kp_layers_open(opening->layers, opening->options, opening->range);
    return NULL;
}

/* Both at the same time: most of it is decompressing. */
static bool open_both(struct kp_diff *diff, const struct kp_layers_options options[2],
                      struct kp_range *const ranges[2])
{
    struct opening openings[2] = {{&diff->image[0], &options[0], ranges[0], false},
                                  {&diff->image[1], &options[1], ranges[1], false}};
    pthread_t thread;
    const bool started = pthread_create(&thread, NULL, open_image, &openings[1]) == 0;

    open_image(&openings[0]);
    if (started)
        pthread_join(thread, NULL);
    else
        open_image(&openings[1]);
    return openings[0].good && openings[1].good;
}

static bool lacked_memory(struct kp_diags *findings)
{
    const struct kp_code memory = {KP1801, NULL};

    for (size_t i = 0; i < kp_diags_count(findings); i++)
        if (kp_diags_get(findings, i)->code == memory.number)
            return true;
    return false;
}

/* What is wrong with the layers. False if memory is what some lacked. */
static bool tell(struct kp_diff *diff)
{
    bool good = true;

    for (int i = 0; i < 2; i++)
        for (const struct kp_layer *layer = diff->image[i].top; layer != NULL;
             layer = kp_layers_next(diff->image[i].top, layer)) {
            kp_layer_tell(layer, diff->findings, 0);
            good = good && layer->findings != NULL && !lacked_memory(layer->findings);
        }
    return good;
}

/* --- one pair --- */

/* What the second look found that the first one did not. */
static void tell_more(struct kp_diff *diff, const struct kp_layer *layer, struct kp_diags *findings)
{
    for (size_t i = layer->header_findings; i < kp_diags_count(findings); i++) {
        const struct kp_finding *finding = kp_diags_get(findings, i);

        kp_finding_add(diff->findings, KP_SEVERITY_WARNING, KP_NOWHERE, finding->hint,
                       finding->detail, finding->code, "%s", finding->text);
    }
}

/* Has a layer described once more, with details, if it was described at all. */
static bool inspect(struct kp_diff *diff, struct kp_layer_diff *pair, int side)
{
    const struct kp_layer *layer = pair->layer[side];
    const struct kp_layers_options *options = &diff->image[side].options;
    const struct kp_inspection *before = &layer->inspection;
    struct kp_diags *findings;
    const char *name;
    bool good;

    if (before->format == NULL && before->fields.count == 0 && before->parts.count == 0)
        return true;
    findings = kp_diags_new();
    name = kp_arena_printf(diff->arena, "%s%s%s", options->name, layer->parent == NULL ? "" : ": ",
                           layer->path);
    good = findings != NULL && name != NULL;
    if (good) {
        kp_inspect(options->registry, findings, name, layer->range, before->kind, KP_INSPECT_ALL,
                   &pair->inspection[side]);
        tell_more(diff, layer, findings);
        good = !lacked_memory(findings);
    }
    kp_diags_free(findings);
    return good;
}

/* What came out of a compressed layer, or NULL. */
static const struct kp_layer *contents_of(const struct kp_layer *layer)
{
    const struct kp_layer *child =
        layer->children.count == 1 ? KP_ITEM(&layer->children, struct kp_layer *, 0) : NULL;

    return child != NULL && child->decompressed ? child : NULL;
}

/* Though the compressed streams differ, not only what trails them. */
static bool same_contents(const struct kp_layer_diff *pair)
{
    const struct kp_layer *left = contents_of(pair->layer[0]), *right = contents_of(pair->layer[1]);

    return left != NULL && right != NULL && pair->bytes.first < pair->layer[0]->stream_end &&
           pair->bytes.first < pair->layer[1]->stream_end &&
           kp_range_equal(left->range, right->range);
}

static void clear(struct kp_layer_diff *pair)
{
    kp_vector_free(&pair->differences);
    kp_inspection_free(&pair->inspection[0]);
    kp_inspection_free(&pair->inspection[1]);
}

/* Keeps it if there is something to tell; it is the list's then. */
static bool keep(struct kp_diff *diff, struct kp_layer_diff *pair)
{
    const bool differs = pair->layer[0] == NULL || pair->layer[1] == NULL || pair->bytes.differ ||
                         pair->differences.count > 0;
    struct kp_layer_diff *kept = differs ? KP_PUSH(&diff->layers, struct kp_layer_diff) : NULL;

    if (kept != NULL)
        *kept = *pair;
    else
        clear(pair);
    return kept != NULL || !differs;
}

/* *more: whether what lies within may differ as well. */
static bool compare(struct kp_diff *diff, const struct kp_layer *const layer[2], bool *more)
{
    struct kp_layer_diff pair = {.layer = {layer[0], layer[1]}};
    bool good = true;

    *more = false;
    if (layer[0] != NULL && layer[1] != NULL) {
        *more = !kp_range_equal(layer[0]->range, layer[1]->range);
        good = kp_diff_facts(diff, &pair);
    }
    if (*more) {
        kp_diff_compare_bytes(layer[0]->range, layer[1]->range, &pair.bytes);
        pair.same_contents = same_contents(&pair);
        good = good && inspect(diff, &pair, 0) && inspect(diff, &pair, 1) &&
               kp_diff_fields(diff, &pair) && kp_diff_places(diff, &pair);
    }
    if (good)
        return keep(diff, &pair);
    clear(&pair);
    return false;
}

/* --- which belong together --- */

struct work {
    const struct kp_layer *layer[2];
};

/* The child of that name, most likely the one with that number; or NULL. */
static const struct kp_layer *find_child(const struct kp_layer *layer, const char *name,
                                         size_t index)
{
    const struct kp_vector *children = &layer->children;

    if (index < children->count &&
        strcmp(KP_ITEM(children, struct kp_layer *, index)->name, name) == 0)
        return KP_ITEM(children, struct kp_layer *, index);
    for (size_t i = 0; i < children->count; i++)
        if (strcmp(KP_ITEM(children, struct kp_layer *, i)->name, name) == 0)
            return KP_ITEM(children, struct kp_layer *, i);
    return NULL;
}

static bool push(struct kp_vector *stack, const struct kp_layer *left, const struct kp_layer *right)
{
    struct work *work = KP_PUSH(stack, struct work);

    if (work != NULL)
        *work = (struct work){{left, right}};
    return work != NULL;
}

/* From the last to the first, since the last one pushed is taken first: those of the left image,
 * and then those that only the right one has. */
static bool push_children(struct kp_vector *stack, const struct work *work)
{
    const struct kp_layer *left = work->layer[0], *right = work->layer[1];

    for (size_t i = right->children.count; i-- > 0;) {
        const struct kp_layer *child = KP_ITEM(&right->children, struct kp_layer *, i);

        if (find_child(left, child->name, i) == NULL && !push(stack, NULL, child))
            return false;
    }
    for (size_t i = left->children.count; i-- > 0;) {
        const struct kp_layer *child = KP_ITEM(&left->children, struct kp_layer *, i);

        if (!push(stack, child, find_child(right, child->name, i)))
            return false;
    }
    return true;
}

static bool compare_all(struct kp_diff *diff)
{
    KP_AUTO(vector) struct kp_vector stack = {0};

    if (!push(&stack, diff->image[0].top, diff->image[1].top))
        return false;
    while (stack.count > 0) {
        const struct work work = KP_ITEM(&stack, struct work, --stack.count);
        bool more;

        if (!compare(diff, work.layer, &more) || (more && !push_children(&stack, &work)))
            return false;
    }
    return true;
}

bool kp_diff_open(struct kp_diff *diff, const struct kp_layers_options options[2],
                  struct kp_range *const ranges[2], struct kp_diags *findings)
{
    *diff = (struct kp_diff){.arena = kp_arena_new(), .findings = findings};
    if (kp_range_equal(ranges[0], ranges[1]))
        return diff->arena != NULL;
    return diff->arena != NULL && open_both(diff, options, ranges) && tell(diff) &&
           compare_all(diff);
}

void kp_diff_free(struct kp_diff *diff)
{
    for (size_t i = 0; i < diff->layers.count; i++)
        clear(&KP_ITEM(&diff->layers, struct kp_layer_diff, i));
    kp_vector_free(&diff->layers);
    kp_layers_free(&diff->image[0]);
    kp_layers_free(&diff->image[1]);
    kp_arena_free(diff->arena);
}
