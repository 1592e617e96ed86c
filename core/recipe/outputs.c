/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/outputs.c - the rules for the files of outputs: they lie below the output
 * folder, and no two outputs have the same. Writing them is the engine's matter.
 */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "recipe/matrix.h"

struct entry {
    const struct kp_recipe_output *output;
    struct kp_item *owner;
    size_t number; /* in the recipe; makes the sort stable */
};

/* What is wrong with a file's name, or NULL. */
static const char *file_fault(const char *file)
{
    if (file[0] == '\0')
        return "it is empty";
    if (file[0] == '/')
        return "it must be relative to the output folder";
    for (const char *at = file;;) {
        const size_t length = strcspn(at, "/");

        if (length == 0)
            return "it has an empty component";
        if (strncmp(at, ".", length) == 0 || (length == 2 && strncmp(at, "..", 2) == 0))
            return "it must do without . and ..";
        if (at[length] == '\0')
            return NULL;
        at += length + 1;
    }
}

bool kp_output_check_file(struct kp_diags *diags, const struct kp_recipe_output *output)
{
    const char *fault = file_fault(output->file);

    if (fault == NULL)
        return true;
    return kp_error(diags, output->file_place, KP1410, output->image, output->file, fault);
}

static int compare(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    const int order = strcmp(a->output->file, b->output->file);

    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

/* How to tell two outputs apart. */
static const char *hint_for(const struct kp_variables *variables, const struct entry *first,
                            const struct entry *second)
{
    struct kp_string hint KP_AUTO(string) = {0};
    const struct kp_recipe_output *output = second->output;
    const int name = (int)strcspn(output->image, "(");

    if (first->owner != second->owner)
        return kp_arena_printf(variables->arena,
                               "give one of them another file, as in {%.*s: {file: NAME}}", name,
                               output->image);
    kp_string_printf(&hint, "name the file by its variables, as in {%.*s: {file: %s", name,
                     output->image, output->file);
    for (size_t i = 0; i < variables->matrix_count; i++) {
        if ((second->owner->carried >> i & 1) != 0 && variables->items[i].value_count > 1)
            kp_string_printf(&hint, "-$(%s)", variables->items[i].name);
    }
    kp_string_add(&hint, "}}");
    return hint.failed ? NULL : kp_arena_strndup(variables->arena, hint.text, hint.length);
}

/* Outputs of the same file: said once for each two items. */
static bool check_same(const struct kp_variables *variables, const struct entry *entries,
                       size_t count)
{
    bool ok = true;
    size_t first = 0;

    for (size_t i = 1; i < count; i++) {
        const struct kp_recipe_output *output = entries[i].output;

        if (strcmp(entries[first].output->file, output->file) != 0)
            first = i;
        else if (i == first + 1 || entries[i].owner != entries[i - 1].owner)
            ok = kp_error_hint(variables->diags, output->file_place,
                               hint_for(variables, &entries[first], &entries[i]), KP1411,
                               entries[first].output->image, output->image, output->file);
    }
    return ok;
}

/* The entry of a file, or NULL. */
static const struct entry *find_file(const struct entry *entries, size_t count, const char *file,
                                     size_t length)
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const char *found = entries[middle].output->file;
        int order = strncmp(found, file, length);

        if (order == 0 && found[length] == '\0')
            return &entries[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Outputs whose file would be a folder of another's. */
static bool check_folders(struct kp_diags *diags, const struct entry *entries, size_t count)
{
    bool ok = true;

    for (size_t i = 0; i < count; i++) {
        const struct kp_recipe_output *output = entries[i].output;

        for (const char *slash = strchr(output->file, '/'); slash != NULL;
             slash = strchr(slash + 1, '/')) {
            const struct entry *folder =
                find_file(entries, count, output->file, (size_t)(slash - output->file));

            if (folder != NULL)
                ok = kp_error(diags, output->file_place, KP1412, output->image, output->file,
                              folder->output->file, folder->output->image);
        }
    }
    return ok;
}

bool kp_outputs_check(const struct kp_variables *variables, const struct kp_recipe *recipe,
                      struct kp_item *const *owners)
{
    const size_t count = recipe->output_count;
    struct entry *entries KP_AUTO(free) = calloc(count + 1, sizeof(*entries));
    bool ok;

    if (entries == NULL)
        return kp_out_of_memory(variables->diags);
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct entry){&recipe->outputs[i], owners[i], i};
    qsort(entries, count, sizeof(*entries), compare);
    ok = check_same(variables, entries, count);
    return check_folders(variables->diags, entries, count) && ok;
}
