/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/source.c - see source.h.
 */
#include "engine/source.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/codes.h"
#include "plugin/bind_text.h"
#include "plugin/call.h"
#include "recipe/file.h"

/* Bytes that one decompression within a source may give. */
#define OUTPUT_LIMIT (UINT64_C(16) << 30)

/* A run, with its key. */
struct run {
    struct kp_source_items *items; /* NULL: it failed */
};

struct kp_sources {
    struct kp_arena *arena;
    struct kp_diags *diags;
    struct kp_registry *registry;
    uint64_t build_time;
    bool isolate; /* all of them run in workers */
    struct kp_recorder *recorder;
    struct kp_map runs;
    struct kp_vector items; /* of struct kp_source_items *: all that succeeded */
    struct kp_source_runner runner;
};

/* The files and folders that parameters name. */
struct opened {
    struct kp_sources *sources;
    const struct kp_recipe_input *input;
    struct kp_vector images;  /* of struct kp_image * */
    struct kp_vector files;   /* of const char *: what each image is, for the key */
    struct kp_vector trees;   /* of struct kp_tree * */
    struct kp_vector folders; /* the same of each tree */
};

static bool no_file(const struct opened *opened, const struct kp_node *scalar, const char *path,
                    bool tree)
{
    const char *hint = NULL;

    if (errno == ENOMEM)
        return kp_out_of_memory(opened->sources->diags);
    if (errno == ENOENT)
        hint = "a relative path counts from the folder of the recipe that says it";
    return kp_error_hint(opened->sources->diags, scalar->place, hint, KP1401, opened->input->name,
                         path,
                         tree && errno == ENOTDIR ? "It is a file, not a folder" : strerror(errno));
}

/* Pushes an item and the text that it has in the key; *index is theirs. */
static bool keep(struct opened *opened, struct kp_vector *items, void *item,
                 struct kp_vector *texts, const struct kp_file_identity *identity, size_t *index)
{
    void **slot = KP_PUSH(items, void *);
    const char **text = slot == NULL ? NULL : KP_PUSH(texts, const char *);

    if (slot != NULL)
        *slot = item;
    if (text != NULL)
        *text = kp_arena_printf(opened->sources->arena,
                                "%" PRIu64 ":%" PRIu64 ":%" PRIu64 ":%" PRId64 ".%" PRId64,
                                identity->device, identity->inode, identity->size,
                                identity->seconds, identity->nanoseconds);
    *index = items->count - 1;
    return text != NULL && *text != NULL;
}

static bool open_tree(struct opened *opened, const struct kp_node *scalar, const char *path,
                      size_t *index)
{
    struct kp_tree *tree = KP_ARENA_NEW(opened->sources->arena, struct kp_tree);
    struct kp_file_identity identity = {0};

    if (tree == NULL)
        return kp_out_of_memory(opened->sources->diags);
    tree->folder = kp_folder_open(path, opened->input->name, &identity);
    if (tree->folder == NULL)
        return no_file(opened, scalar, path, true);
    if (keep(opened, &opened->trees, tree, &opened->folders, &identity, index))
        return true;
    if (opened->trees.count == 0 ||
        KP_ITEM(&opened->trees, struct kp_tree *, opened->trees.count - 1) != tree)
        kp_folder_free(tree->folder);
    return kp_out_of_memory(opened->sources->diags);
}

static bool open_image(struct opened *opened, const struct kp_node *scalar, const char *path,
                       size_t *index)
{
    struct kp_image *image = KP_ARENA_NEW(opened->sources->arena, struct kp_image);
    struct kp_file_identity identity = {0};

    if (image == NULL)
        return kp_out_of_memory(opened->sources->diags);
    image->range = kp_range_open(path, opened->input->name, &identity);
    if (image->range == NULL)
        return no_file(opened, scalar, path, false);
    if (keep(opened, &opened->images, image, &opened->files, &identity, index))
        return true;
    if (opened->images.count == 0 ||
        KP_ITEM(&opened->images, struct kp_image *, opened->images.count - 1) != image)
        kp_image_clear(image);
    return kp_out_of_memory(opened->sources->diags);
}

/* The binder's question: here a path, not a name. */
static bool open_input(void *data, const struct kp_param *row, const struct kp_node *scalar,
                       size_t *index)
{
    struct opened *opened = data;
    const char *path;

    if (scalar->length == 0 || kp_node_is_empty(scalar))
        return kp_error_hint(opened->sources->diags, scalar->place, "give the path of a file",
                             KP1114, opened->input->name);
    path = kp_recipe_join(opened->sources->arena, scalar->folder, scalar->text);
    if (path == NULL)
        return kp_out_of_memory(opened->sources->diags);
    if ((row->flags & KP_PARAM_MAY_MISS) != 0 && access(path, F_OK) != 0 && errno == ENOENT) {
        *index = KP_VALUE_MISSING;
        return true;
    }
    return row->type == KP_TYPE_TREE ? open_tree(opened, scalar, path, index)
                                     : open_image(opened, scalar, path, index);
}

static void print_input(struct kp_string *to, void *data, const struct kp_value *value)
{
    const struct opened *opened = data;
    const struct kp_vector *texts =
        value->row->type == KP_TYPE_TREE ? &opened->folders : &opened->files;

    kp_string_add(to, KP_ITEM(texts, const char *, value->image));
}

static const char *make_key(struct opened *opened, const struct kp_stage *source,
                            const struct kp_value *values, size_t count)
{
    KP_AUTO(string) struct kp_string key = {0};

    kp_string_printf(&key, "source %s %s ", source->name, source->plugin->path);
    kp_bind_print(&key, values, count, true, print_input, opened);
    return key.failed ? NULL : kp_arena_strdup(opened->sources->arena, key.text);
}

/* The call itself; NULL after reporting. */
static struct kp_source_items *call(const struct opened *opened, const struct kp_stage *source,
                                    const struct kp_value *values, size_t count)
{
    struct kp_sources *sources = opened->sources;
    const struct kp_call_context context = {.registry = sources->registry,
                                            .diags = sources->diags,
                                            .build_time = sources->build_time,
                                            .output_limit = OUTPUT_LIMIT,
                                            .isolate = sources->isolate,
                                            .recorder = sources->recorder};
    struct kp_source_items *items = kp_source_items_new(sources->arena);
    const struct kp_call_request request = {
        .stage = source,
        .place = opened->input->path->place,
        .values = values,
        .value_count = count,
        .images = opened->images.items,
        .image_count = opened->images.count,
        .trees = opened->trees.items,
        .tree_count = opened->trees.count,
        .source_items = items,
        .input = opened->input->name,
    };
    struct kp_source_items **slot;

    if (items == NULL) {
        kp_out_of_memory(sources->diags);
        return NULL;
    }
    if (!kp_call_source(&context, &request))
        return NULL;
    slot = KP_PUSH(&sources->items, struct kp_source_items *);
    if (slot != NULL) {
        *slot = items;
        return items;
    }
    kp_source_items_clear(items);
    kp_out_of_memory(sources->diags);
    return NULL;
}

static void close_all(struct opened *opened)
{
    for (size_t i = 0; i < opened->images.count; i++)
        kp_image_clear(KP_ITEM(&opened->images, struct kp_image *, i));
    for (size_t i = 0; i < opened->trees.count; i++)
        kp_folder_free(KP_ITEM(&opened->trees, struct kp_tree *, i)->folder);
    kp_vector_free(&opened->images);
    kp_vector_free(&opened->files);
    kp_vector_free(&opened->trees);
    kp_vector_free(&opened->folders);
}

/* The run of a source whose parameters are in order, made if there is none. */
static struct run *find_run(struct opened *opened, const struct kp_stage *source,
                            const struct kp_value *values, size_t count)
{
    struct kp_sources *sources = opened->sources;
    const char *key = make_key(opened, source, values, count);
    struct run *run = key == NULL ? NULL : kp_map_get(&sources->runs, key);

    if (run != NULL)
        return run;
    run = KP_ARENA_NEW(sources->arena, struct run);
    if (key == NULL || run == NULL || !kp_map_put(&sources->runs, key, run)) {
        kp_out_of_memory(sources->diags);
        return NULL;
    }
    run->items = call(opened, source, values, count);
    if (run->items != NULL)
        run->items->key = key;
    return run;
}

/* struct kp_source_runner.run */
static const struct kp_source_items *run_source(void *data, const struct kp_recipe_input *input)
{
    struct kp_sources *sources = data;
    struct opened opened = {.sources = sources, .input = input};
    const struct kp_stage *source = kp_registry_source(
        sources->registry, sources->diags, input->path->place, input->name, input->path->text);
    const struct kp_binder binder = {.arena = sources->arena,
                                     .diags = sources->diags,
                                     .registry = sources->registry,
                                     .stage = input->path->text,
                                     .input = input->name,
                                     .data = &opened,
                                     .image = open_input};
    const struct kp_value *values;
    const struct run *run = NULL;
    size_t count = 0;

    if (source == NULL)
        return NULL;
    values =
        kp_bind_check(&binder, source->operation.params, input->params, input->path->place, &count);
    if (values != NULL)
        run = find_run(&opened, source, values, count);
    close_all(&opened);
    return run == NULL ? NULL : run->items;
}

/* struct kp_source_runner.fact */
static const char *get_fact(void *data, const struct kp_source_items *items, const char *name,
                            const char **hint)
{
    struct kp_sources *sources = data;
    const struct kp_source_fact *fact = kp_map_get(&items->facts_by_name, name);
    const char **names;

    if (fact != NULL)
        return fact->value;
    names = kp_arena_array(sources->arena, items->facts.count + 1, sizeof(char *));
    for (size_t i = 0; names != NULL && i < items->facts.count; i++)
        names[i] = KP_ITEM(&items->facts, struct kp_source_fact *, i)->name;
    *hint = names == NULL ? NULL
            : items->facts.count == 0
                ? "it has none"
                : kp_bind_suggest(sources->arena, name, names, items->facts.count);
    return NULL;
}

/* struct kp_source_runner.isolate */
static void isolate(void *data)
{
    struct kp_sources *sources = data;

    sources->isolate = true;
}

/* struct kp_source_runner.unknown */
static const char *unknown_type(void *data, const char *type)
{
    const struct kp_sources *sources = data;

    return kp_registry_rejected_source(sources->registry, sources->arena, type);
}

struct kp_sources *kp_sources_new(struct kp_arena *arena, struct kp_diags *diags,
                                  struct kp_registry *registry, uint64_t build_time)
{
    struct kp_sources *sources = KP_ARENA_NEW(arena, struct kp_sources);

    if (sources == NULL) {
        kp_out_of_memory(diags);
        return NULL;
    }
    *sources = (struct kp_sources){
        .arena = arena,
        .diags = diags,
        .registry = registry,
        .build_time = build_time,
        .runs = {.arena = arena},
        .runner = {
            .run = run_source, .fact = get_fact, .isolate = isolate, .unknown = unknown_type}};
    sources->runner.data = sources;
    sources->runner.types = kp_registry_source_names(registry, &sources->runner.type_count);
    return sources;
}

void kp_sources_record(struct kp_sources *sources, struct kp_recorder *recorder)
{
    sources->recorder = recorder;
}

void kp_sources_free(struct kp_sources *sources)
{
    for (size_t i = 0; sources != NULL && i < sources->items.count; i++)
        kp_source_items_clear(KP_ITEM(&sources->items, struct kp_source_items *, i));
    if (sources != NULL)
        kp_vector_free(&sources->items);
}

const struct kp_source_runner *kp_sources_runner(const struct kp_sources *sources)
{
    return &sources->runner;
}
