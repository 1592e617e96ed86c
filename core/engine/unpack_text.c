/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/unpack_text.c - the text of the recipe that unpack writes, and of those by which it tries.
 */
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "engine/unpack_private.h"

/* --- chains as plugins report them --- */

static const struct kp_layer *child_of(const struct kp_layer *layer, const char *name,
                                       size_t length)
{
    for (size_t i = 0; i < layer->children.count; i++) {
        const struct kp_layer *child = KP_ITEM(&layer->children, struct kp_layer *, i);

        if (strlen(child->name) == length && memcmp(child->name, name, length) == 0)
            return child;
    }
    return NULL;
}

/* The item that "@name" means; NULL: there is none, or an error was reported. */
static const char *meant(struct kp_unpack *unpack, const struct kp_layer *layer, const char *name,
                         size_t length, const char *layout)
{
    const struct kp_layer *child;
    const struct kp_unpack_item *item;

    if (layout != NULL && length == strlen("layout") && memcmp(name, "layout", length) == 0)
        return layout;
    child = child_of(layer, name, length);
    if (child == NULL)
        return NULL;
    item = kp_unpack_item_of(unpack, child);
    return item != NULL ? item->name : kp_unpack_layer(unpack, child);
}

const char *kp_unpack_chain(struct kp_unpack *unpack, const struct kp_layer *layer,
                            const char *chain, const char *layout)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    struct kp_string text KP_AUTO(string) = {0};
    bool quoted = false;
    const char *copy;

    for (const char *at = chain; *at != '\0';) {
        size_t length = 1;

        if (*at == '"')
            quoted = !quoted;
        if (quoted && *at == '\\' && at[1] != '\0')
            length = 2;
        if (!quoted && *at == '@') {
            const char *name;

            length = strspn(at + 1, letters);
            name = meant(unpack, layer, at + 1, length, layout);
            if (name == NULL)
                return NULL;
            kp_string_add(&text, name);
            at += 1 + length;
            continue;
        }
        kp_string_append(&text, at, length);
        at += length;
    }
    copy = text.failed ? NULL : kp_arena_strdup(unpack->arena, text.text == NULL ? "" : text.text);
    if (copy == NULL)
        kp_out_of_memory(unpack->diags);
    return copy;
}

/* --- the recipe --- */

static void add_image(struct kp_string *text, const struct kp_unpack_item *item)
{
    kp_string_printf(text, "  %s:%s%s\n", item->name, *item->text == '\n' ? "" : " ", item->text);
}

static void add_comment(const struct kp_unpack *unpack, struct kp_string *text)
{
    const struct kp_vector *notes = &unpack->unpacked->notes;

    kp_string_add(text, "# ");
    kp_text_escape(text, unpack->layers->options.name, strlen(unpack->layers->options.name));
    kp_string_add(text,
                  ", taken apart by kpipe unpack. `kpipe run recipe.yml` makes the same bytes;\n"
                  "# change a file or a value, and sizes, places and checksums follow.\n");
    for (size_t i = 0; i < notes->count; i++) {
        const char *note = KP_ITEM(notes, const char *, i);

        kp_string_add(text, "# - ");
        kp_text_escape(text, note, strlen(note));
        kp_string_add(text, "\n");
    }
}

/* The last word of a path, as the name of an output: "vmlinuz" gives "vmlinuz.rebuilt". */
static void add_output(const struct kp_unpack *unpack, struct kp_string *text, const char *image)
{
    const char *path = unpack->layers->options.name, *name = strrchr(path, '/');

    name = name == NULL ? path : name + 1;
    kp_string_printf(text, "outputs:\n  - {%s: \"", image);
    for (; *name != '\0'; name++)
        if (*name > ' ' && *name < 0x7f && *name != '"' && *name != '\\' && *name != '$')
            kp_string_append(text, name, 1);
    kp_string_add(text, ".rebuilt\"}\n");
}

static void add_inputs(const struct kp_unpack *unpack, struct kp_string *text, bool trial)
{
    kp_string_add(text, "inputs:\n");
    for (size_t i = 0; i < unpack->items.count; i++) {
        const struct kp_unpack_item *item = &KP_ITEM(&unpack->items, struct kp_unpack_item, i);

        if (item->file != NULL)
            kp_string_printf(text, "  %s: %s\n", item->name, item->file);
        else if (trial)
            kp_string_printf(text, "  %s: " KP_UNPACK_MADE "/%s\n", item->name, item->name);
    }
}

bool kp_unpack_text(const struct kp_unpack *unpack, struct kp_string *text, const char *image,
                    const struct kp_unpack_item *added, size_t added_count)
{
    const bool trial = added != NULL;
    bool made = trial;

    if (!trial)
        add_comment(unpack, text);
    kp_string_add(text, "kpipe: 1\n");
    if (unpack->arch != NULL)
        kp_string_printf(text, "arch: %s\n", unpack->arch);
    add_inputs(unpack, text, trial);
    for (size_t i = 0; i < unpack->items.count; i++)
        made = made || KP_ITEM(&unpack->items, struct kp_unpack_item, i).file == NULL;
    if (made)
        kp_string_add(text, "images:\n");
    for (size_t i = 0; !trial && i < unpack->items.count; i++)
        if (KP_ITEM(&unpack->items, struct kp_unpack_item, i).file == NULL)
            add_image(text, &KP_ITEM(&unpack->items, struct kp_unpack_item, i));
    for (size_t i = 0; trial && i < added_count; i++)
        add_image(text, &added[i]);
    if (trial)
        kp_string_printf(text, "outputs:\n  - {%s: " KP_UNPACK_MADE "/%s}\n", image, image);
    else
        add_output(unpack, text, image);
    return !text->failed || kp_out_of_memory(unpack->diags);
}
