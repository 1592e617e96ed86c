/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/unpack.c - see unpack.h: the walk through the layers, from what lies deepest outwards.
 * Compressed ones are unpack_codec.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "engine/extract.h"
#include "engine/run.h"
#include "engine/unpack_private.h"
#include "kpipe/traits.h"

bool kp_unpack_note(struct kp_unpack *unpack, const char *text)
{
    const char **slot = text == NULL ? NULL : KP_PUSH(&unpack->unpacked->notes, const char *);
    char *copy = slot == NULL ? NULL : strdup(text);

    if (slot != NULL && copy == NULL)
        unpack->unpacked->notes.count--;
    if (copy == NULL)
        return kp_out_of_memory(unpack->diags);
    *slot = copy;
    return true;
}

/* --- names for people --- */

struct naming {
    const char *kind, *stem, *ending;
};

/* What a file is called: by what it is, else by the part that it is. */
static struct naming naming_of(const struct kp_unpack *unpack, const struct kp_layer *layer)
{
    static const struct naming by_kind[] = {
        {KP_KIND_ELF, "vmlinux", ""},       {KP_KIND_IMAGE, "Image", ""},
        {KP_KIND_DTB, NULL, ".dtb"},        {KP_KIND_CPIO, "initramfs", ".cpio"},
        {KP_KIND_COMPRESSED, NULL, ".bin"},
    };
    const char *kind = layer->inspection.kind;
    struct naming naming = {kind, layer->name, ".bin"};

    if (layer->parent == NULL)
        naming.stem = "image";
    else if (layer->decompressed)
        naming.stem = layer->parent->parent == NULL
                          ? "contents"
                          : kp_arena_printf(unpack->arena, "%s-contents", layer->parent->name);
    if (layer->role != NULL && strcmp(layer->role, KP_ROLE_CMDLINE) == 0)
        naming.ending = ".txt";
    for (size_t i = 0; kind != NULL && i < sizeof(by_kind) / sizeof(by_kind[0]); i++)
        if (strcmp(kind, by_kind[i].kind) == 0) {
            naming.ending = by_kind[i].ending;
            naming.stem = by_kind[i].stem == NULL ? naming.stem : by_kind[i].stem;
        }
    if (kind == NULL && layer->decompressed && kp_extract_is_kernel(layer))
        return (struct naming){NULL, "Image", ""}; /* flat, and without a header */
    return naming;
}

/* --- layers as they are --- */

const char *kp_unpack_path(const struct kp_layer *layer)
{
    return *layer->path == '\0' ? "the image" : layer->path;
}

/* Something inside that was found, but that nothing can be put in the place of. */
static bool note_inside(struct kp_unpack *unpack, const struct kp_layer *layer)
{
    for (const struct kp_layer *inner = kp_layers_next(layer, layer); inner != NULL;
         inner = kp_layers_next(layer, inner))
        if (inner->role != NULL && strcmp(inner->role, KP_ROLE_INITRD) == 0)
            return kp_unpack_note(
                unpack, kp_arena_printf(unpack->arena,
                                        "%s: the initramfs inside is linked into the kernel and "
                                        "cannot be replaced here; an external one goes before it",
                                        kp_unpack_path(layer)));
    return true;
}

const char *kp_unpack_as_file(struct kp_unpack *unpack, const struct kp_layer *layer)
{
    const struct naming naming = naming_of(unpack, layer);

    if (naming.stem == NULL) {
        kp_out_of_memory(unpack->diags);
        return NULL;
    }
    if (!note_inside(unpack, layer))
        return NULL;
    if (layer->role != NULL && strcmp(layer->role, KP_ROLE_SIGNATURE) == 0 &&
        !kp_unpack_note(unpack, kp_arena_printf(unpack->arena,
                                                "%s: holds only as long as nothing else changes",
                                                kp_unpack_path(layer))))
        return NULL;
    return kp_unpack_file(unpack, layer, naming.stem, naming.ending, kp_range_ref(layer->range));
}

/* --- layers that are made --- */

/* Tries new items of which the last stands for the layer; if it gives the layer's bytes, they are
 * items. */
static bool try_items(struct kp_unpack *unpack, const struct kp_layer *layer,
                      const struct kp_unpack_item *added, size_t count)
{
    if (kp_run_cancelled())
        return false;
    for (size_t i = 0; i < count; i++)
        if (added[i].name == NULL || added[i].text == NULL)
            return false;
    if (!kp_unpack_try(unpack, added, count, layer->range))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!kp_unpack_add(unpack, &added[i]))
            return false;
    return true;
}

const char *kp_unpack_stem(const struct kp_layer *layer)
{
    return layer->parent == NULL ? "image" : layer->name;
}

bool kp_unpack_try_chain(struct kp_unpack *unpack, const struct kp_layer *layer, const char *chain,
                         const char *layout)
{
    struct kp_unpack_item added[2] = {0};
    size_t count = 0;

    if (layout != NULL) {
        added[0].text = layout;
        added[0].name = kp_unpack_name(
            unpack, kp_arena_printf(unpack->arena, "%s-layout", kp_unpack_stem(layer)));
        count++;
    }
    added[count].layer = layer;
    added[count].text = kp_unpack_chain(unpack, layer, chain, added[0].name);
    added[count].name = kp_unpack_name(unpack, kp_unpack_stem(layer));
    return try_items(unpack, layer, added, count + 1);
}

/* Whether it holds others that something else can take the place of. */
static bool is_container(const struct kp_layer *layer)
{
    const struct kp_inspection *inspection = &layer->inspection;

    if (layer->decompressed && kp_extract_is_kernel(layer))
        return false;
    return inspection->remakes.count > 0 || (inspection->covered && layer->children.count > 0);
}

/* Each try reads a recipe of all items. */
#define MOST_ITEMS 1024u

static bool has_too_many(const struct kp_unpack *unpack, const struct kp_layer *layer)
{
    return layer->children.count >
           MOST_ITEMS - (unpack->items.count < MOST_ITEMS ? unpack->items.count : MOST_ITEMS);
}

static const char *put_together(struct kp_unpack *unpack, const struct kp_layer *layer)
{
    const struct kp_vector *chains = &layer->inspection.remakes;
    const struct kp_unpack_mark before = kp_unpack_mark(unpack);
    struct kp_unpack_item laid_out = {.layer = layer};
    const char *layout = NULL;

    for (size_t i = 0; i < chains->count; i++) {
        const char *chain = KP_ITEM(chains, char *, i);
        const bool wants_layout = strstr(chain, "@layout") != NULL;

        if (wants_layout && layout == NULL && (layout = kp_unpack_layout(unpack, layer)) == NULL)
            return NULL;
        if (kp_unpack_try_chain(unpack, layer, chain, wants_layout ? layout : NULL))
            return kp_unpack_item_of(unpack, layer)->name;
    }
    if (layout == NULL && (layout = kp_unpack_layout(unpack, layer)) == NULL)
        return NULL;
    laid_out.text = layout;
    laid_out.name = kp_unpack_name(unpack, kp_unpack_stem(layer));
    if (try_items(unpack, layer, &laid_out, 1))
        return kp_unpack_item_of(unpack, layer)->name;
    kp_unpack_go_back(unpack, before);
    return kp_unpack_as_file(unpack, layer);
}

const char *kp_unpack_layer(struct kp_unpack *unpack, const struct kp_layer *layer)
{
    if (layer->inspection.codec != NULL && layer->children.count > 0)
        return kp_unpack_compressed(unpack, layer);
    if (!is_container(layer))
        return kp_unpack_as_file(unpack, layer);
    if (!has_too_many(unpack, layer))
        return put_together(unpack, layer);
    if (!kp_unpack_note(unpack, kp_arena_printf(unpack->arena,
                                                "%s: stays in one piece: the image has more parts "
                                                "than %u",
                                                kp_unpack_path(layer), MOST_ITEMS)))
        return NULL;
    return kp_unpack_as_file(unpack, layer);
}

/* --- all together --- */

/* The first architecture that a header tells, from outside inwards. */
static const char *arch_of(const struct kp_layers *layers)
{
    for (const struct kp_layer *layer = layers->top; layer != NULL;
         layer = kp_layers_next(layers->top, layer)) {
        const struct kp_trait *trait = kp_traits_get(&layer->inspection.traits, KP_TRAIT_ARCH);

        if (trait != NULL && trait->text != NULL)
            return trait->text;
    }
    return NULL;
}

bool kp_unpack(const struct kp_layers *layers, struct kp_diags *diags,
               const struct kp_unpack_options *options, struct kp_unpacked *unpacked)
{
    KP_AUTO(arena) struct kp_arena *arena = kp_arena_new();
    struct kp_unpack unpack = {.layers = layers,
                               .options = options,
                               .unpacked = unpacked,
                               .diags = diags,
                               .arena = arena,
                               .arch = arch_of(layers)};
    const char *image = NULL;
    bool good = false;

    if (arena == NULL)
        return kp_out_of_memory(diags);
    if (kp_unpack_begin(&unpack))
        image = kp_unpack_layer(&unpack, layers->top);
    if (image != NULL && !kp_run_cancelled())
        good = kp_unpack_finish(&unpack, image);
    if (!good)
        kp_unpack_remove(&unpack);
    while (unpack.items.count > 0)
        kp_range_unref(KP_ITEM(&unpack.items, struct kp_unpack_item, --unpack.items.count).range);
    kp_vector_free(&unpack.items);
    return good;
}

void kp_unpacked_free(struct kp_unpacked *unpacked)
{
    for (size_t i = 0; i < unpacked->notes.count; i++)
        free(KP_ITEM(&unpacked->notes, char *, i));
    kp_vector_free(&unpacked->notes);
    kp_string_free(&unpacked->recipe);
}
