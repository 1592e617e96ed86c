/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/unpack.c - see unpack.h: the walk through the layers, from what lies deepest outwards.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/codes.h"
#include "engine/extract.h"
#include "engine/run.h"
#include "engine/unpack_private.h"
#include "engine/write.h"
#include "kpipe/bytes.h"
#include "kpipe/traits.h"

static bool no_memory(const struct kp_unpack *unpack)
{
    return kp_out_of_memory(unpack->diags);
}

bool kp_unpack_note(struct kp_unpack *unpack, const char *text)
{
    const char **slot = text == NULL ? NULL : KP_PUSH(&unpack->unpacked->notes, const char *);
    char *copy = slot == NULL ? NULL : strdup(text);

    if (slot != NULL && copy == NULL)
        unpack->unpacked->notes.count--;
    if (copy == NULL)
        return no_memory(unpack);
    *slot = copy;
    return true;
}

/* --- items --- */

static const struct kp_unpack_item *find(const struct kp_unpack *unpack, const char *name)
{
    for (size_t i = 0; i < unpack->items.count; i++) {
        const struct kp_unpack_item *item = &KP_ITEM(&unpack->items, struct kp_unpack_item, i);

        if (strcmp(item->name, name) == 0)
            return item;
    }
    return NULL;
}

const struct kp_unpack_item *kp_unpack_item_of(const struct kp_unpack *unpack,
                                               const struct kp_layer *layer)
{
    for (size_t i = unpack->items.count; i > 0; i--) {
        const struct kp_unpack_item *item = &KP_ITEM(&unpack->items, struct kp_unpack_item, i - 1);

        if (item->layer == layer)
            return item;
    }
    return NULL;
}

const char *kp_unpack_name(struct kp_unpack *unpack, const char *stem)
{
    const char *name = kp_arena_strdup(unpack->arena, stem);

    for (unsigned number = 2; name != NULL && find(unpack, name) != NULL; number++)
        name = kp_arena_printf(unpack->arena, "%s-%u", stem, number);
    if (name == NULL)
        no_memory(unpack);
    return name;
}

static const char *add_item(struct kp_unpack *unpack, const struct kp_unpack_item *item)
{
    struct kp_unpack_item *slot = KP_PUSH(&unpack->items, struct kp_unpack_item);

    if (slot == NULL) {
        no_memory(unpack);
        return NULL;
    }
    *slot = *item;
    return slot->name;
}

static const char *path_of(const struct kp_unpack *unpack, const char *file)
{
    const char *path = kp_arena_printf(unpack->arena, "%s/%s", unpack->folder, file);

    if (path == NULL)
        no_memory(unpack);
    return path;
}

const char *kp_unpack_file(struct kp_unpack *unpack, const struct kp_layer *layer, const char *stem,
                           const char *ending, struct kp_range *range)
{
    struct kp_unpack_item item = {.layer = layer, .range = range};
    const struct kp_write_options written = {.sync = unpack->options->sync};
    const char *path = NULL;

    if (range == NULL) {
        no_memory(unpack);
        return NULL;
    }
    item.name = kp_unpack_name(unpack, stem);
    if (item.name != NULL)
        item.file = kp_arena_printf(unpack->arena, "%s%s", item.name, ending);
    if (item.file != NULL)
        path = path_of(unpack, item.file);
    if (path != NULL && kp_write_file(unpack->diags, KP_NOWHERE, path, range, &written) &&
        add_item(unpack, &item) != NULL)
        return item.name;
    kp_range_unref(range);
    return NULL;
}

/* Where the walk stands: what came after it can be taken back. */
struct mark {
    size_t items, notes;
};

static struct mark mark_of(const struct kp_unpack *unpack)
{
    return (struct mark){unpack->items.count, unpack->unpacked->notes.count};
}

static void go_back(struct kp_unpack *unpack, struct mark mark)
{
    struct kp_vector *notes = &unpack->unpacked->notes;

    while (notes->count > mark.notes)
        free(KP_ITEM(notes, char *, --notes->count));
    while (unpack->items.count > mark.items) {
        struct kp_unpack_item *item =
            &KP_ITEM(&unpack->items, struct kp_unpack_item, --unpack->items.count);
        const char *path = kp_arena_printf(unpack->arena, "%s/%s%s", unpack->folder,
                                           item->file == NULL ? KP_UNPACK_MADE "/" : "",
                                           item->file == NULL ? item->name : item->file);

        if (path != NULL)
            unlink(path);
        kp_range_unref(item->range);
    }
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

/* --- layers --- */

static const char *path_for_people(const struct kp_layer *layer)
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
                                        path_for_people(layer)));
    return true;
}

static const char *as_file(struct kp_unpack *unpack, const struct kp_layer *layer)
{
    const struct naming naming = naming_of(unpack, layer);

    if (naming.stem == NULL) {
        no_memory(unpack);
        return NULL;
    }
    if (!note_inside(unpack, layer))
        return NULL;
    if (layer->role != NULL && strcmp(layer->role, KP_ROLE_SIGNATURE) == 0 &&
        !kp_unpack_note(unpack, kp_arena_printf(unpack->arena,
                                                "%s: holds only as long as nothing else changes",
                                                path_for_people(layer))))
        return NULL;
    return kp_unpack_file(unpack, layer, naming.stem, naming.ending, kp_range_ref(layer->range));
}

/* The newest release that a preset in a chain names, as 6012 for 6.12; 0: none. */
static unsigned preset_of(const char *chain)
{
    const char *at = strstr(chain, "preset: kernel-");
    unsigned version, patch;

    return at != NULL && sscanf(at, "preset: kernel-%u.%u", &version, &patch) == 2
               ? version * 1000 + patch
               : 0;
}

/* The kernel's release, as above, of what came out or of what lies around it. */
static unsigned release_of(const struct kp_layer *layer)
{
    for (; layer != NULL; layer = layer->parent) {
        const struct kp_trait *trait = kp_traits_get(&layer->inspection.traits, KP_TRAIT_VERSION);
        unsigned version, patch;

        if (trait != NULL && trait->text != NULL &&
            sscanf(trait->text, "%u.%u", &version, &patch) == 2)
            return version * 1000 + patch;
    }
    return 0;
}

/* Which preset is the likeliest: the newest that is not newer than the kernel. */
static unsigned best_preset(const struct kp_layer *layer, unsigned release)
{
    unsigned best = 0;

    for (size_t i = 0; i < layer->inspection.remakes.count; i++) {
        const unsigned preset = preset_of(KP_ITEM(&layer->inspection.remakes, char *, i));

        if (preset <= release && preset > best)
            best = preset;
    }
    return best;
}

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
        if (add_item(unpack, &added[i]) == NULL)
            return false;
    return true;
}

/* What the image of a layer is called. */
static const char *stem_of(const struct kp_layer *layer)
{
    return layer->parent == NULL ? "image" : layer->name;
}

/* Tries what a plugin reports; `layout` is what it may name @layout, or NULL. */
static bool try_chain(struct kp_unpack *unpack, const struct kp_layer *layer, const char *chain,
                      const char *layout)
{
    struct kp_unpack_item added[2] = {0};
    size_t count = 0;

    if (layout != NULL) {
        added[0].text = layout;
        added[0].name =
            kp_unpack_name(unpack, kp_arena_printf(unpack->arena, "%s-layout", stem_of(layer)));
        count++;
    }
    added[count].layer = layer;
    added[count].text = kp_unpack_chain(unpack, layer, chain, added[0].name);
    added[count].name = kp_unpack_name(unpack, stem_of(layer));
    return try_items(unpack, layer, added, count + 1);
}

/* Zeros up to `size`: to a multiple of something that is usual, or just so many. */
static const char *padding_of(struct kp_unpack *unpack, uint64_t end, uint64_t size)
{
    uint64_t aligned;

    for (unsigned align = 4; align <= 4096; align *= 2)
        if (kp_align(end, align, &aligned) && aligned == size)
            return kp_arena_printf(unpack->arena, ", {pad: {align: %u}}", align);
    return kp_arena_printf(unpack->arena, ", {pad: {size: %llu}}", (unsigned long long)size);
}

/* Bytes behind the compressed stream, as the rest of a chain; NULL after reporting. */
static const char *rest_of(struct kp_unpack *unpack, const struct kp_layer *layer,
                           const struct kp_layer *contents)
{
    const uint64_t size = kp_range_size(layer->range);
    const uint64_t length = size - layer->stream_end;
    uint8_t trailer[4];
    struct kp_range *rest KP_AUTO(range) = NULL, *zeros KP_AUTO(range) = NULL;
    const char *name, *text;

    if (length == 0)
        return "";
    if (length == sizeof(trailer) &&
        kp_range_read(layer->range, layer->stream_end, trailer, sizeof(trailer)) &&
        kp_le32(trailer) == kp_range_size(contents->range))
        return ", size-append";
    rest = kp_range_slice(layer->range, layer->stream_end, length);
    zeros = kp_range_fill(0, length);
    if (rest == NULL || zeros == NULL) {
        no_memory(unpack);
        return NULL;
    }
    if (kp_range_equal(rest, zeros)) {
        text = padding_of(unpack, layer->stream_end, size);
    } else {
        name =
            kp_unpack_file(unpack, NULL, kp_arena_printf(unpack->arena, "%s-rest", stem_of(layer)),
                           ".bin", kp_range_ref(rest));
        if (name == NULL)
            return NULL;
        text = kp_arena_printf(unpack->arena, ", {concat: [_, %s]}", name);
    }
    if (text == NULL)
        no_memory(unpack);
    return text;
}

/* With what follows the stream, before the bracket that ends the chain. */
static bool try_codec(struct kp_unpack *unpack, const struct kp_layer *layer, const char *chain,
                      const char *rest)
{
    const size_t length = strlen(chain);
    const char *whole =
        length > 0 && chain[length - 1] == ']'
            ? kp_arena_printf(unpack->arena, "%.*s%s]", (int)length - 1, chain, rest)
            : NULL;

    return whole != NULL && try_chain(unpack, layer, whole, NULL);
}

static bool try_codecs(struct kp_unpack *unpack, const struct kp_layer *layer, const char *rest,
                       const struct kp_layer *contents)
{
    const struct kp_vector *chains = &layer->inspection.remakes;
    const unsigned best = best_preset(layer, release_of(contents));

    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < chains->count; i++) {
            const char *chain = KP_ITEM(chains, char *, i);
            const bool likely = best == 0 || preset_of(chain) == best;

            if (likely == (round == 0) && try_codec(unpack, layer, chain, rest))
                return true;
        }
    return chains->count == 0 &&
           try_codec(unpack, layer,
                     kp_arena_printf(unpack->arena, "[@contents, %s]", layer->inspection.codec),
                     rest);
}

static const char *decompressed(struct kp_unpack *unpack, const struct kp_layer *layer)
{
    const struct kp_layer *contents = KP_ITEM(&layer->children, struct kp_layer *, 0);
    const struct mark before = mark_of(unpack);
    const char *rest;

    if (kp_unpack_layer(unpack, contents) == NULL)
        return NULL;
    rest = rest_of(unpack, layer, contents);
    if (rest == NULL)
        return NULL;
    if (try_codecs(unpack, layer, rest, contents))
        return kp_unpack_item_of(unpack, layer)->name;
    go_back(unpack, before);
    if (!kp_unpack_note(unpack,
                        kp_arena_printf(unpack->arena,
                                        "%s: stays compressed: no parameters of %s that kpipe "
                                        "knows give the same bytes",
                                        path_for_people(layer), layer->inspection.codec)))
        return NULL;
    return as_file(unpack, layer);
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
    const struct mark before = mark_of(unpack);
    struct kp_unpack_item laid_out = {.layer = layer};
    const char *layout = NULL;

    for (size_t i = 0; i < chains->count; i++) {
        const char *chain = KP_ITEM(chains, char *, i);
        const bool wants_layout = strstr(chain, "@layout") != NULL;

        if (wants_layout && layout == NULL && (layout = kp_unpack_layout(unpack, layer)) == NULL)
            return NULL;
        if (try_chain(unpack, layer, chain, wants_layout ? layout : NULL))
            return kp_unpack_item_of(unpack, layer)->name;
    }
    if (layout == NULL && (layout = kp_unpack_layout(unpack, layer)) == NULL)
        return NULL;
    laid_out.text = layout;
    laid_out.name = kp_unpack_name(unpack, stem_of(layer));
    if (try_items(unpack, layer, &laid_out, 1))
        return kp_unpack_item_of(unpack, layer)->name;
    go_back(unpack, before);
    return as_file(unpack, layer);
}

const char *kp_unpack_layer(struct kp_unpack *unpack, const struct kp_layer *layer)
{
    if (layer->inspection.codec != NULL && layer->children.count > 0)
        return decompressed(unpack, layer);
    if (!is_container(layer))
        return as_file(unpack, layer);
    if (!has_too_many(unpack, layer))
        return put_together(unpack, layer);
    if (!kp_unpack_note(unpack, kp_arena_printf(unpack->arena,
                                                "%s: stays in one piece: the image has more parts "
                                                "than %u",
                                                path_for_people(layer), MOST_ITEMS)))
        return NULL;
    return as_file(unpack, layer);
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

static bool refuse(const struct kp_unpack *unpack, const char *folder, int error)
{
    return kp_error(unpack->diags, KP_NOWHERE, KP1753, folder,
                    error == ENOTEMPTY || error == EEXIST ? "it is there, and not empty"
                                                          : strerror(error));
}

/* Whether a folder can take that place: there is none, or one without anything in it. Else errno. */
static bool is_free(const char *path)
{
    DIR *folder = opendir(path);
    size_t count = 0;

    if (folder == NULL)
        return errno == ENOENT;
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    errno = ENOTEMPTY;
    return count <= 2;
}

/* A folder beside the one that is wanted. */
static bool begin(struct kp_unpack *unpack)
{
    const char *wanted = unpack->options->folder;
    size_t length = strlen(wanted);
    char *folder, *made;

    while (length > 1 && wanted[length - 1] == '/')
        length--;
    folder = kp_arena_printf(unpack->arena, "%.*s.XXXXXX", (int)length, wanted);
    if (folder == NULL)
        return no_memory(unpack);
    if (!is_free(wanted) || mkdtemp(folder) == NULL)
        return refuse(unpack, wanted, errno);
    unpack->folder = folder;
    made = kp_arena_printf(unpack->arena, "%s/" KP_UNPACK_MADE, folder);
    return made != NULL && mkdir(made, 0700) == 0 ? true : refuse(unpack, wanted, errno);
}

static void remove_made(const struct kp_unpack *unpack)
{
    const char *path;

    for (size_t i = 0; i < unpack->items.count; i++) {
        const struct kp_unpack_item *item = &KP_ITEM(&unpack->items, struct kp_unpack_item, i);

        path = item->file != NULL ? NULL
                                  : kp_arena_printf(unpack->arena, "%s/" KP_UNPACK_MADE "/%s",
                                                    unpack->folder, item->name);
        if (path != NULL)
            unlink(path);
    }
    path = kp_arena_printf(unpack->arena, "%s/" KP_UNPACK_MADE, unpack->folder);
    if (path != NULL)
        rmdir(path);
}

/* Everything, as far as it was written. */
static void remove_all(struct kp_unpack *unpack)
{
    const char *path;

    if (unpack->folder == NULL)
        return;
    remove_made(unpack);
    go_back(unpack, (struct mark){0, 0});
    path = kp_arena_printf(unpack->arena, "%s/recipe.yml", unpack->folder);
    if (path != NULL)
        unlink(path);
    rmdir(unpack->folder);
}

static bool finish(struct kp_unpack *unpack, const char *image)
{
    const struct kp_write_options written = {.sync = unpack->options->sync};
    struct kp_unpacked *unpacked = unpack->unpacked;
    struct kp_range *recipe KP_AUTO(range) = NULL;
    const char *path = path_of(unpack, "recipe.yml");

    if (path == NULL || !kp_unpack_text(unpack, &unpacked->recipe, image, NULL, 0))
        return false;
    recipe = kp_range_copy(unpacked->recipe.text, unpacked->recipe.length);
    if (recipe == NULL)
        return no_memory(unpack);
    if (!kp_write_file(unpack->diags, KP_NOWHERE, path, recipe, &written))
        return false;
    for (size_t i = 0; i < unpack->items.count; i++)
        if (KP_ITEM(&unpack->items, struct kp_unpack_item, i).file != NULL)
            unpacked->files++;
        else
            unpacked->images++;
    remove_made(unpack);
    if (chmod(unpack->folder, 0755) != 0 || rename(unpack->folder, unpack->options->folder) != 0)
        return refuse(unpack, unpack->options->folder, errno);
    return true;
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
    if (begin(&unpack))
        image = kp_unpack_layer(&unpack, layers->top);
    if (image != NULL && !kp_run_cancelled())
        good = finish(&unpack, image);
    if (!good)
        remove_all(&unpack);
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
