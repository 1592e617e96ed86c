/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/grove.c - a plugin for tests of trees. It keeps its promises, unless it is
 * told not to.
 *
 *     ls    begins a chain: a line for each member of a tree, or of a folder in it
 *     cat   begins a chain: the bytes of files of a tree, one after the other
 *     odd   asks for what no plugin may ask for, or waits between two looks
 *
 * Included by unit tests, with KP_STATIC_NAME defined, or built as a shared object.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <kpipe/kpipe.h>

/* --- ls --- */

struct ls_params {
    const struct kp_tree *tree;
    struct kp_text folder;
    uint8_t quiet; /* numbers of members only */
};

static int32_t print_line(struct kp_call *call, const struct kp_tree_entry *entry)
{
    static const char types[] = "?-dlcbps";
    char line[5000];
    const int length =
        snprintf(line, sizeof(line), "%c%04o %s%s%s %" PRIu64 " %u:%u =%" PRIu64 "\n",
                 types[entry->type], (unsigned)entry->permissions, entry->name,
                 entry->target != NULL ? " -> " : "", entry->target != NULL ? entry->target : "",
                 entry->length, (unsigned)entry->major, (unsigned)entry->minor, entry->same_file);

    return kp_append(call, line, (uint64_t)length);
}

static int32_t list(struct kp_call *call, const char *folder, uint64_t *count)
{
    const struct ls_params *params = call->params;
    struct kp_list entries;

    if (call->host->tree_list(call, params->tree, folder, &entries) != KP_OK)
        return KP_FAILED;
    for (uint64_t i = 0; i < entries.count; i++) {
        const struct kp_tree_entry *entry = &((const struct kp_tree_entry *)entries.items)[i];

        ++*count;
        if (params->quiet == 0 && print_line(call, entry) != KP_OK)
            return KP_FAILED;
        if (entry->type == KP_TREE_FOLDER && list(call, entry->name, count) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

static int32_t ls_run(struct kp_call *call)
{
    const struct ls_params *params = call->params;
    const char *folder = params->folder.bytes != NULL ? params->folder.bytes : "";
    uint64_t count = 0;
    char line[32];

    if (list(call, folder, &count) != KP_OK)
        return KP_FAILED;
    if (params->quiet == 0)
        return KP_OK;
    return kp_append(call, line, (uint64_t)snprintf(line, sizeof(line), "%" PRIu64 "\n", count));
}

static const struct kp_param *const ls_table[] = {
    KP_TREE(struct ls_params, tree, .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT,
            .summary = "the tree"),
    KP_TEXT(struct ls_params, folder, .summary = "where to begin"),
    KP_BOOL(struct ls_params, quiet, .fallback = "no", .summary = "only count"),
    NULL,
};

static const struct kp_operation ls_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC | KP_OP_NO_INPUT,
    .threading = KP_THREADS_ANY,
    .summary = "list a tree",
    .output_kind = KP_KIND_RAW,
    .params = ls_table,
    .params_size = sizeof(struct ls_params),
    .run = ls_run,
};

/* --- cat --- */

struct cat_params {
    const struct kp_tree *tree;
    struct kp_list names;
};

static int32_t cat_run(struct kp_call *call)
{
    const struct cat_params *params = call->params;

    for (uint64_t i = 0; i < params->names.count; i++) {
        const struct kp_text *name = &((const struct kp_text *)params->names.items)[i];
        const struct kp_image *image = call->host->tree_open(call, params->tree, name->bytes);

        if (image == NULL || kp_append_image(call, image) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

static const struct kp_param *const cat_table[] = {
    KP_TREE(struct cat_params, tree, .flags = KP_PARAM_REQUIRED, .summary = "the tree"),
    KP_TEXT_LIST(struct cat_params, names, .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT,
                 .summary = "names in it"),
    NULL,
};

static const struct kp_operation cat_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC | KP_OP_NO_INPUT,
    .threading = KP_THREADS_ANY,
    .summary = "join files of a tree",
    .output_kind = KP_KIND_RAW,
    .params = cat_table,
    .params_size = sizeof(struct cat_params),
    .run = cat_run,
};

/* --- odd --- */

enum { ODD_FIND, ODD_FOREIGN, ODD_NO_NAME, ODD_NO_PLACE, ODD_NO_ENTRY, ODD_TWICE };

struct odd_params {
    const struct kp_tree *tree;
    uint32_t how;
    struct kp_text name;
    struct kp_text command; /* run between two looks */
};

static const struct kp_choice *const odd_choices[] = {
    KP_ONE_OF(ODD_FIND, "find", "tree_find"),
    KP_ONE_OF(ODD_FOREIGN, "foreign", "a handle of its own"),
    KP_ONE_OF(ODD_NO_NAME, "no_name", "no name"),
    KP_ONE_OF(ODD_NO_PLACE, "no_place", "no place for entries"),
    KP_ONE_OF(ODD_NO_ENTRY, "no_entry", "an entry without its size"),
    KP_ONE_OF(ODD_TWICE, "twice", "list and open, let something happen, and do it again"),
    NULL,
};

static int32_t odd_find(struct kp_call *call, const struct odd_params *params)
{
    struct kp_tree_entry entry = {.size = sizeof(entry)};
    const int32_t found = call->host->tree_find(call, params->tree, params->name.bytes, &entry);

    if (found == 0)
        return kp_append(call, "none\n", 5);
    return found == 1 ? print_line(call, &entry) : KP_FAILED;
}

static int32_t odd_twice(struct kp_call *call, const struct odd_params *params)
{
    const struct kp_image *image = call->host->tree_open(call, params->tree, params->name.bytes);
    struct kp_list entries;

    if (image == NULL || kp_append_image(call, image) != KP_OK ||
        call->host->tree_list(call, params->tree, "", &entries) != KP_OK)
        return KP_FAILED;
    if (system(params->command.bytes) != 0)
        return kp_fail(call, "the command failed");
    if (call->host->tree_list(call, params->tree, "", &entries) != KP_OK)
        return KP_FAILED;
    image = call->host->tree_open(call, params->tree, params->name.bytes);
    return image != NULL ? kp_append_image(call, image) : KP_FAILED;
}

static int32_t odd_run(struct kp_call *call)
{
    static const char no_tree[8] = "";
    const struct odd_params *params = call->params;
    struct kp_tree_entry entry = {.size = 0};
    struct kp_list entries;

    switch (params->how) {
    case ODD_FIND:
        return odd_find(call, params);
    case ODD_FOREIGN:
        return call->host->tree_list(call, (const struct kp_tree *)(const void *)no_tree, "",
                                     &entries);
    case ODD_NO_NAME:
        return call->host->tree_open(call, params->tree, NULL) == NULL ? KP_FAILED : KP_OK;
    case ODD_NO_PLACE:
        return call->host->tree_list(call, params->tree, "", NULL);
    case ODD_NO_ENTRY:
        return call->host->tree_find(call, params->tree, "x", &entry);
    default:
        return odd_twice(call, params);
    }
}

static const struct kp_param *const odd_table[] = {
    KP_TREE(struct odd_params, tree, .flags = KP_PARAM_REQUIRED, .summary = "the tree"),
    KP_CHOICE(struct odd_params, how, .flags = KP_PARAM_REQUIRED, .choices = odd_choices,
              .summary = "what to do"),
    KP_TEXT(struct odd_params, name, .fallback = "a", .summary = "a name in it"),
    KP_TEXT(struct odd_params, command, .fallback = "true", .summary = "what happens meanwhile"),
    NULL,
};

static const struct kp_operation odd_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC | KP_OP_NO_INPUT,
    .threading = KP_THREADS_ANY,
    .summary = "ask for strange things",
    .output_kind = KP_KIND_RAW,
    .params = odd_table,
    .params_size = sizeof(struct odd_params),
    .run = odd_run,
};

#define FORMAT(name_)                                                                              \
    (&(const struct kp_format){.size = sizeof(struct kp_format),                                   \
                               .name = #name_,                                                     \
                               .summary = "a stage of the tests",                                  \
                               .pack = &name_##_pack})

static const struct kp_format *const formats[] = {FORMAT(ls), FORMAT(cat), FORMAT(odd), NULL};

#define OFFER(name) KP_OFFERS_FORMAT(name) KP_OFFERS_STAGE(name)

KP_PLUGIN("org.example.grove", "grove", "1.0.0", "BSD-3-Clause", "kpipe", "https://example.org",
          "trees for tests", OFFER("ls") OFFER("cat") OFFER("odd"), .formats = formats)
