/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/host_source.c - the services of kpipe/host.h by which a source gives what it has,
 * and the store that they fill.
 */
#include <string.h>

#include "plugin/host_private.h"
#include "plugin/names.h"

/* Longest name of an item or a fact. */
#define NAME_MAX_BYTES 255

struct kp_source_items *kp_source_items_new(struct kp_arena *arena)
{
    struct kp_source_items *items = KP_ARENA_NEW(arena, struct kp_source_items);

    if (items != NULL)
        items->arena = items->names_by_name.arena = items->facts_by_name.arena = arena;
    return items;
}

void kp_source_items_clear(struct kp_source_items *items)
{
    for (size_t i = 0; items != NULL && i < items->names.count; i++) {
        struct kp_source_name *name = KP_ITEM(&items->names, struct kp_source_name *, i);

        for (size_t j = 0; j < name->images.count; j++) {
            struct kp_source_image *image = KP_ITEM(&name->images, struct kp_source_image *, j);

            kp_image_clear(&image->image);
            kp_output_clear(&image->traits);
        }
        kp_vector_free(&name->images);
    }
    if (items == NULL)
        return;
    kp_vector_free(&items->names);
    kp_vector_free(&items->facts);
}

/* Whether the plugin may give something of that name now. */
static bool check(struct kp_call_state *state, const char *name)
{
    const struct kp_source_items *items =
        state->request == NULL ? NULL : state->request->source_items;

    if (items == NULL)
        kp_host_fault(state, "gives items of a source, and is none");
    else if (name == NULL || strlen(name) > NAME_MAX_BYTES || !kp_is_item_name(name))
        kp_host_fault(state, "gives an item whose name is none");
    else if (items->count >= KP_SOURCE_MAX_ITEMS)
        kp_host_fault(state, "gives more items than a source may");
    return !state->misbehaved;
}

static bool is_text(const char *text)
{
    return text != NULL && strlen(text) <= KP_SOURCE_MAX_TEXT &&
           kp_text_is_clean(text, strlen(text), false);
}

/* Whether an image is one of this call's; one of an earlier call is not there any more. */
static bool is_own(const struct kp_call_state *state, const struct kp_image *image)
{
    const struct kp_vector *const kept[] = {&state->desk.images, &state->members};

    for (size_t i = 0; i < state->request->image_count; i++)
        if (state->request->images[i] == image)
            return true;
    for (size_t i = 0; i < 2; i++)
        for (size_t j = kept[i]->count; j > 0; j--) /* most likely one of the latest */
            if (KP_ITEM(kept[i], struct kp_image *, j - 1) == image)
                return true;
    return false;
}

/* The entry of a name, made if there is none. NULL after reporting. */
static struct kp_source_name *find_name(struct kp_call_state *state, const char *text, bool list)
{
    struct kp_source_items *items = state->request->source_items;
    struct kp_source_name *name = kp_map_get(&items->names_by_name, text);
    struct kp_source_name **slot;

    if (name != NULL && list && name->is_list)
        return name;
    if (name != NULL) {
        kp_call_fault(state,
                      kp_arena_printf(state->desk.arena, "gives the image '%s' twice", text));
        return NULL;
    }
    name = KP_ARENA_NEW(items->arena, struct kp_source_name);
    if (name != NULL)
        *name =
            (struct kp_source_name){.name = kp_arena_strdup(items->arena, text), .is_list = list};
    if (name == NULL || name->name == NULL ||
        !kp_map_put(&items->names_by_name, name->name, name) ||
        (slot = KP_PUSH(&items->names, struct kp_source_name *)) == NULL) {
        kp_host_no_memory(state);
        return NULL;
    }
    *slot = name;
    return name;
}

static struct kp_output *add_image(struct kp_call_state *state, struct kp_source_name *name,
                                   const char *label, const struct kp_image *image)
{
    struct kp_source_items *items = state->request->source_items;
    struct kp_source_image *item = KP_ARENA_NEW(items->arena, struct kp_source_image);
    const char *copy = label == NULL ? NULL : kp_arena_strdup(items->arena, label);
    struct kp_source_image **slot;

    if (item == NULL || (label != NULL && copy == NULL) ||
        (slot = KP_PUSH(&name->images, struct kp_source_image *)) == NULL) {
        kp_host_no_memory(state);
        return NULL;
    }
    *slot = item;
    items->count++;
    item->label = copy;
    item->image.range = kp_range_ref(image->range);
    item->traits.traits_only = true;
    return &item->traits;
}

struct kp_output *kp_host_source_image(struct kp_call *call, const char *name,
                                       const struct kp_image *image)
{
    struct kp_call_state *state = kp_call_state(call);
    struct kp_source_name *entry;

    if (!check(state, name))
        return NULL;
    if (!is_own(state, image)) {
        kp_host_fault(state, "source_image of what is no image of this call");
        return NULL;
    }
    entry = find_name(state, name, false);
    return entry == NULL ? NULL : add_image(state, entry, NULL, image);
}

struct kp_output *kp_host_source_list(struct kp_call *call, const char *name, const char *label,
                                      const struct kp_image *image)
{
    struct kp_call_state *state = kp_call_state(call);
    struct kp_source_name *entry;

    if (!check(state, name))
        return NULL;
    if (image != NULL && (!is_own(state, image) || !is_text(label))) {
        kp_host_fault(state, "source_list of what is no image of this call, or has no label");
        return NULL;
    }
    entry = find_name(state, name, true);
    if (entry == NULL)
        return NULL;
    if (image != NULL)
        return add_image(state, entry, label, image);
    /* Takes traits of nothing. */
    state->desk.output.traits_only = true;
    return &state->desk.output;
}

int32_t kp_host_source_fact(struct kp_call *call, const char *name, const char *value)
{
    struct kp_call_state *state = kp_call_state(call);
    struct kp_source_items *items;
    struct kp_source_fact *fact;
    struct kp_source_fact **slot;

    if (!check(state, name))
        return KP_FAILED;
    if (!is_text(value))
        return kp_host_fault(state, "tells a fact that is no text (UTF-8 without control "
                                    "characters), or too long");
    items = state->request->source_items;
    if (kp_map_get(&items->facts_by_name, name) != NULL) {
        kp_call_fault(state, kp_arena_printf(state->desk.arena, "tells the fact '%s' twice", name));
        return KP_FAILED;
    }
    fact = KP_ARENA_NEW(items->arena, struct kp_source_fact);
    slot = fact == NULL ? NULL : KP_PUSH(&items->facts, struct kp_source_fact *);
    if (slot == NULL)
        return kp_host_no_memory(state);
    *slot = fact;
    items->count++;
    fact->name = kp_arena_strdup(items->arena, name);
    fact->value = kp_arena_strdup(items->arena, value);
    if (fact->name == NULL || fact->value == NULL ||
        !kp_map_put(&items->facts_by_name, fact->name, fact))
        return kp_host_no_memory(state);
    return KP_OK;
}
