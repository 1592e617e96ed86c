/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/extends.c - reading a recipe and the files that it extends, from the bottom
 * up. How two maps become one is merge.c's matter.
 *
 * A file that several others extend is read into the result once for each, but parsed
 * once, so that a diamond costs nothing and each error is reported once.
 */
#include "recipe/extends.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "base/vector.h"
#include "recipe/expand.h"
#include "recipe/file.h"
#include "recipe/yaml.h"

#define INSTALLED "kpipe:"

struct base_file {
    const char *path;
    dev_t device;
    ino_t inode;
    bool reading;                 /* it is below itself */
    struct kp_node *merged;       /* with its own bases; NULL: it had errors */
    const struct base_file *for_; /* the file that extends it, while reading */
};

struct loader {
    struct kp_arena *arena;
    struct kp_diags *diags;
    const char *installed;
    struct kp_vector files; /* struct base_file * */
    size_t named;           /* files asked for */
    bool overflow;
};

static struct kp_node *load(struct loader *loader, const char *path, struct kp_place place,
                            const struct base_file *for_, unsigned depth);

/* "a -> b -> a", from `file` down to `below` and back. */
static bool report_cycle(struct loader *loader, struct kp_place place, const struct base_file *file,
                         const struct base_file *below)
{
    struct kp_string chain KP_AUTO(string) = {0};
    const char *names[KP_EXTENDS_MAX_DEPTH + 1];
    size_t count = 0;

    for (; below != NULL && below != file && count < KP_EXTENDS_MAX_DEPTH; below = below->for_)
        names[count++] = below->path;
    kp_string_add(&chain, file->path);
    while (count > 0)
        kp_string_printf(&chain, " -> %s", names[--count]);
    kp_string_printf(&chain, " -> %s", file->path);
    if (chain.failed)
        return kp_out_of_memory(loader->diags);
    return kp_error(loader->diags, place, KP1141, chain.text);
}

/* The version of the language, which decides whether the rest can be understood. */
static bool check_version(struct loader *loader, const struct kp_node *root, bool needed)
{
    const struct kp_node *version = kp_node_get(root, "kpipe");
    const struct kp_place whole = {root->place.file, 0, 0, 0};
    unsigned long long number = 0;

    if (version == NULL && !needed)
        return true;
    if (version == NULL)
        return kp_error_hint(loader->diags, whole, "begin the recipe with 'kpipe: 1'", KP1101);
    if (version->kind != KP_NODE_SCALAR || kp_scalar_uint(version->text, &number) != NULL)
        return kp_error_hint(loader->diags, version->place, "write 'kpipe: 1'", KP1102);
    if (number != KP_RECIPE_LANGUAGE)
        return kp_error_hint(loader->diags, version->place,
                             number > KP_RECIPE_LANGUAGE ? "use a newer kpipe" : "write 'kpipe: 1'",
                             KP1103, version->text, KP_RECIPE_LANGUAGE);
    return true;
}

/* What a name of a recipe stands for: kpipe:NAME is an installed one, any other lies below
 * `folder`. NULL after reporting. */
static const char *full_path(struct loader *loader, struct kp_place place, const char *folder,
                             const char *name)
{
    const char *path;

    if (strncmp(name, INSTALLED, strlen(INSTALLED)) != 0) {
        path = kp_recipe_join(loader->arena, folder, name);
    } else if (loader->installed == NULL) {
        kp_error(loader->diags, place, KP1143, name);
        return NULL;
    } else {
        path = kp_recipe_join(loader->arena, loader->installed, name + strlen(INSTALLED));
    }
    if (path == NULL)
        kp_out_of_memory(loader->diags);
    return path;
}

/* The path of one item of `extends`; NULL after reporting. */
static const char *base_path(struct loader *loader, const struct kp_node *item)
{
    if (item->kind != KP_NODE_SCALAR || item->length == 0 || kp_node_is_empty(item)) {
        kp_error(loader->diags, item->place, KP1105, "'extends'", "a file or a list of files",
                 item->kind == KP_NODE_SCALAR ? "nothing" : kp_node_what(item));
        return NULL;
    }
    if (kp_expand_is_used(item->text)) {
        kp_error_hint(loader->diags, item->place,
                      "variables get their values after all files are merged", KP1140);
        return NULL;
    }
    return full_path(loader, item->place, item->folder, item->text);
}

/* Merges one base into *merged (NULL: none yet). */
static bool add_base(struct loader *loader, const struct kp_node *item,
                     const struct base_file *file, unsigned depth, struct kp_node **merged)
{
    const char *path = base_path(loader, item);
    struct kp_node *base = path != NULL ? load(loader, path, item->place, file, depth + 1) : NULL;

    if (base == NULL)
        return false;
    *merged = *merged == NULL ? base : kp_recipe_merge(loader->arena, *merged, base);
    return *merged != NULL || kp_out_of_memory(loader->diags);
}

/* A file's map under itself all that it extends; NULL after reporting. */
static struct kp_node *add_bases(struct loader *loader, struct kp_node *root,
                                 const struct base_file *file, unsigned depth)
{
    struct kp_node *extends = kp_node_get(root, "extends");
    struct kp_node *merged = NULL;
    bool ok = true;

    if (extends == NULL)
        return root;
    if (extends->kind == KP_NODE_LIST) {
        for (size_t i = 0; i < extends->count && !loader->overflow; i++)
            ok = add_base(loader, extends->items[i], file, depth, &merged) && ok;
    } else {
        ok = add_base(loader, extends, file, depth, &merged);
    }
    if (!ok || merged == NULL)
        return ok ? root : NULL;
    merged = kp_recipe_merge(loader->arena, merged, root);
    if (merged == NULL)
        kp_out_of_memory(loader->diags);
    return merged;
}

/* Reads a file's own map. */
static struct kp_node *parse(struct loader *loader, const char *path,
                             const struct kp_recipe_text *file, bool needs_version)
{
    const bool standard = strcmp(path, "-") == 0;
    const char *folder = standard ? "." : kp_recipe_folder(loader->arena, path);
    struct kp_node *root = NULL;

    if (folder == NULL)
        kp_out_of_memory(loader->diags);
    else
        root = kp_yaml_parse(loader->arena, loader->diags, standard ? KP_RECIPE_STDIN : path,
                             folder, file->text, file->length);
    if (root == NULL)
        return NULL;
    if (kp_node_is_empty(root)) {
        kp_error_hint(loader->diags, root->place, "begin the recipe with 'kpipe: 1'", KP1015);
        return NULL;
    }
    if (root->kind != KP_NODE_MAP) {
        kp_error(loader->diags, root->place, KP1016, kp_node_what(root));
        return NULL;
    }
    return check_version(loader, root, needs_version) ? root : NULL;
}

/* The file, if it was read before or is being read. */
static struct base_file *find_file(struct loader *loader, const struct kp_recipe_text *text)
{
    for (size_t i = 0; i < loader->files.count; i++) {
        struct base_file *file = KP_ITEM(&loader->files, struct base_file *, i);

        if (file->device == text->device && file->inode == text->inode)
            return file;
    }
    return NULL;
}

static struct base_file *new_file(struct loader *loader, const char *path,
                                  const struct kp_recipe_text *text, const struct base_file *for_)
{
    struct base_file *file = KP_ARENA_NEW(loader->arena, struct base_file);
    struct base_file **slot = KP_PUSH(&loader->files, struct base_file *);

    if (file == NULL || slot == NULL) {
        kp_out_of_memory(loader->diags);
        return NULL;
    }
    file->path = strcmp(path, "-") == 0 ? KP_RECIPE_STDIN : path;
    file->device = text->device;
    file->inode = text->inode;
    file->for_ = for_;
    file->reading = true;
    *slot = file;
    return file;
}

/* A file that was read: its map with its bases, made now or before. */
static struct kp_node *merged_file(struct loader *loader, const char *path, struct kp_place place,
                                   const struct kp_recipe_text *text, const struct base_file *for_,
                                   unsigned depth)
{
    struct base_file *file = find_file(loader, text);
    struct kp_node *root;

    if (file != NULL && file->reading) {
        report_cycle(loader, place, file, for_);
        return NULL;
    }
    if (file != NULL)
        return file->merged;
    file = new_file(loader, path, text, for_);
    if (file == NULL)
        return NULL;
    root = parse(loader, path, text, for_ == NULL);
    if (root != NULL)
        file->merged = add_bases(loader, root, file, depth);
    file->reading = false;
    return file->merged;
}

static struct kp_node *load(struct loader *loader, const char *path, struct kp_place place,
                            const struct base_file *for_, unsigned depth)
{
    struct kp_recipe_text text;
    struct kp_node *merged;

    if (depth > KP_EXTENDS_MAX_DEPTH || loader->named++ == KP_EXTENDS_MAX_FILES) {
        loader->overflow = true;
        kp_error(loader->diags, place, KP1142, KP_EXTENDS_MAX_DEPTH, KP_EXTENDS_MAX_FILES);
        return NULL;
    }
    if (!kp_recipe_file_read(loader->diags, place, path, &text))
        return NULL;
    merged = merged_file(loader, path, place, &text, for_, depth);
    free(text.text);
    return merged;
}

struct kp_node *kp_extends_read(struct kp_arena *arena, struct kp_diags *diags,
                                const struct kp_recipe_options *options)
{
    struct loader loader = {
        .arena = arena, .diags = diags, .installed = options->installed_recipes};
    const char *path = full_path(&loader, KP_NOWHERE, ".", options->file);
    struct kp_node *merged = path != NULL ? load(&loader, path, KP_NOWHERE, NULL, 1) : NULL;

    kp_vector_free(&loader.files);
    return merged;
}
