/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/fuzz/pump.c - a call of a plugin in a worker that may say anything: kpipe's side of
 * the call (plugin/remote*.c) and all that it lets a worker ask for. Whatever is said, the call
 * ends, with something that can be used or with an error that can be shown.
 *
 * An input is a byte, which says what is called, and a script for the worker: pump-worker.h. With
 * KPIPE_FUZZ_SHOW in the environment it is shown what became of the call.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "fuzz.h"
#include "kpipe/kpipe.h"
#include "plugin/call.h"
#include "plugin/names.h"
#include "plugins.h"
#include "pump-worker.h"
#include "recipe/yaml.h"
#include "wire/message.h"
#include "wire/wire.h"

enum { OUTPUT_LIMIT = 1 << 20, MEMORY_LIMIT = 8 << 20, DECODED_LIMIT = 1000 };

/* What is called. */
static const struct job {
    const char *text; /* "stage: parameters"; NULL: an inspection */
    const char *input;
    bool source, part, end;
} jobs[] = {
    {"rogue: {how: bytes, parts: [{name: a, depth: {level: 1, note: b}}, c], stage: {rogue: bytes},"
     " image: x}",
     "ROGUbcdef", false, true, false},
    {"spring: {file: x, tree: t, times: 3}", NULL, true, false, false},
    {NULL, "ROGUfdef", false, false, false},
    {"ls: {tree: t, folder: fuzz}", NULL, false, false, false},
    {"peel: 1000", "DBLgabc.", false, false, false},
    {"dbl.unpack", "DBLgabc.", false, false, true},
};

static struct kp_registry *registry;
static struct kp_tree tree;

/* --- what is there for all calls --- */

static void forget(void)
{
    kp_registry_free(registry);
    kp_folder_free(tree.folder);
}

static void prepare(void)
{
    const struct kp_registry_options options = {.compiled_in = fuzz_plugins,
                                                .limits = {.memory = MEMORY_LIMIT}};
    struct kp_file_identity identity;

    if (registry != NULL)
        return;
    registry = kp_registry_new(&options);
    tree.folder = kp_folder_open(KPIPE_FUZZ_TREE, "tree", &identity);
    FUZZ_CHECK(registry != NULL && tree.folder != NULL);
    for (size_t i = 0; i < kp_registry_count(registry); i++) {
        struct kp_plugin_file *file = kp_registry_file(registry, i);

        FUZZ_CHECK(kp_registry_open(registry, file));
        file->in_worker = true; /* for all that is asked from now on */
    }
    atexit(forget);
}

static bool find_image(void *data, const struct kp_param *row, const struct kp_node *scalar,
                       size_t *index)
{
    (void)data;
    (void)row;
    (void)scalar;
    *index = 0;
    return true;
}

static bool any_trait(void *data, const char *trait)
{
    (void)data;
    (void)trait;
    return true;
}

static bool hear_field(void *data, const struct kp_field *field)
{
    (void)data;
    FUZZ_CHECK(field->name != NULL);
    return true;
}

static void hear_note(void *data, const char *text, const char *detail)
{
    (void)data;
    FUZZ_CHECK(text != NULL && (detail == NULL || detail[0] != '\0'));
}

/* --- what comes out --- */

/* All bytes can be read. */
static void check_image(const struct kp_image *image)
{
    uint64_t sum = 0;

    for (uint64_t at = 0; at < kp_range_size(image->range);) {
        const uint8_t *bytes;
        uint64_t length;

        kp_range_piece(image->range, at, &bytes, &length);
        FUZZ_CHECK(length > 0);
        for (uint64_t i = 0; i < length; i += 512)
            sum += bytes[i];
        at += length;
    }
    FUZZ_CHECK(kp_range_size(image->range) <= OUTPUT_LIMIT && sum < UINT64_MAX);
    for (size_t i = 0; i < image->traits.count; i++)
        FUZZ_CHECK(image->traits.items[i].name[0] != '\0');
}

static void check_result(const struct kp_call_result *result)
{
    check_image(&result->output);
    for (size_t i = 0; i < result->part_count; i++)
        check_image(&result->parts[i]);
}

static void check_items(const struct kp_source_items *items)
{
    for (size_t i = 0; i < items->names.count; i++) {
        const struct kp_source_name *name = KP_ITEM(&items->names, struct kp_source_name *, i);

        FUZZ_CHECK(kp_is_item_name(name->name));
        for (size_t j = 0; j < name->images.count; j++)
            check_image(&KP_ITEM(&name->images, struct kp_source_image *, j)->image);
    }
}

/* What is shown plays no tricks with a terminal; and a call that failed has said why. */
static void check_findings(struct kp_diags *diags, bool good)
{
    const struct kp_diag_style style = {.detail = true};
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);

    FUZZ_CHECK(to != NULL);
    FUZZ_CHECK(good == (kp_diags_errors(diags) == 0));
    kp_diags_render(diags, 0, to, style);
    fclose(to);
    FUZZ_CHECK(kp_text_is_clean(text, length, true));
    if (getenv("KPIPE_FUZZ_SHOW") != NULL)
        printf("%s\n%s", good ? "returned" : "failed", text);
    free(text);
}

/* --- a call --- */

struct run {
    struct kp_arena *arena;
    struct kp_diags *diags;
    struct kp_image input, other;
    struct kp_call_context context;
    struct kp_call_request request;
};

static void bind(struct run *run, const struct job *job)
{
    struct kp_node *node =
        kp_yaml_parse(run->arena, run->diags, "r.yml", ".", job->text, strlen(job->text));
    const bool alone = node != NULL && node->kind == KP_NODE_SCALAR;
    const char *name = node == NULL ? NULL : alone ? node->text : node->keys[0]->text;
    struct kp_binder binder = {.arena = run->arena,
                               .diags = run->diags,
                               .registry = registry,
                               .image = find_image,
                               .trait_possible = any_trait};

    FUZZ_CHECK(name != NULL);
    binder.stage = name;
    run->request.place = node->place;
    run->request.stage = job->source
                             ? kp_registry_source(registry, run->diags, node->place, "in", name)
                             : kp_registry_stage(registry, run->diags, node->place, name);
    FUZZ_CHECK(run->request.stage != NULL);
    run->request.values =
        kp_bind_check(&binder, run->request.stage->operation.params, alone ? NULL : node->items[0],
                      node->place, &run->request.value_count);
    FUZZ_CHECK(run->request.values != NULL);
}

static void call(struct run *run, const struct job *job)
{
    struct kp_call_result result = {0};
    struct kp_inspector inspector;
    struct kp_traits traits = {0};
    bool good;

    if (job->text == NULL) {
        FUZZ_CHECK(kp_registry_inspector(registry, "rogue", NULL, &(size_t){0}, &inspector));
        good = kp_call_inspect(&run->context, &inspector, "a.img", &run->input, &traits);
        kp_traits_free(&traits);
    } else if (job->source) {
        run->request.source_items = kp_source_items_new(run->arena);
        FUZZ_CHECK(run->request.source_items != NULL);
        good = kp_call_source(&run->context, &run->request);
        if (good)
            check_items(run->request.source_items);
        kp_source_items_clear(run->request.source_items);
    } else {
        good = kp_call_run(&run->context, &run->request, &result);
        if (good)
            check_result(&result);
        kp_call_result_clear(&result);
    }
    check_findings(run->diags, good);
}

static void set_up(struct run *run, const struct job *job)
{
    static const struct kp_tree *const trees[] = {&tree};
    static const char *const parts[] = {"head"};
    static const struct kp_image *images[1];
    static uint64_t end;

    *run = (struct run){.arena = kp_arena_new(), .diags = kp_diags_new()};
    FUZZ_CHECK(run->arena != NULL && run->diags != NULL);
    run->input.range = job->input == NULL ? NULL : kp_range_copy(job->input, strlen(job->input));
    run->other.range = kp_range_fill('o', 100000);
    images[0] = &run->other;
    run->context = (struct kp_call_context){.registry = registry,
                                            .diags = run->diags,
                                            .build_time = 1234567,
                                            .output_limit = OUTPUT_LIMIT,
                                            .note = hear_note,
                                            .field = hear_field};
    run->request = (struct kp_call_request){.main = job->input == NULL ? NULL : &run->input,
                                            .images = images,
                                            .image_count = 1,
                                            .trees = trees,
                                            .tree_count = 1,
                                            .wanted_parts = parts,
                                            .wanted_count = job->part ? 1 : 0,
                                            .end = job->end ? &end : NULL,
                                            .output_limit = job->end ? DECODED_LIMIT : 0,
                                            .input = "in"};
    if (job->text != NULL)
        bind(run, job);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_script script = {bytes, size};
    const struct job *job = &jobs[fuzz_byte(&script) % (sizeof(jobs) / sizeof(jobs[0]))];
    struct run run;

    prepare();
    set_up(&run, job);
    pump_begin(&script);
    call(&run, job);
    pump_end();
    kp_image_clear(&run.input);
    kp_image_clear(&run.other);
    kp_diags_free(run.diags);
    kp_arena_free(run.arena);
    return 0;
}
