/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/diag_sort.c - the order in which findings are shown, and dropping those
 * that say the same twice.
 */
#include <stdlib.h>
#include <string.h>

#include "base/diag_private.h"

/* What a finding is sorted by. */
struct entry {
    struct kp_finding *finding;
    size_t file;  /* number of the first finding of the same file */
    size_t index; /* order of reporting; makes the sort stable */
};

static bool same_text(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return strcmp(a, b) == 0;
}

static int compare_sizes(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    int order = compare_sizes(a->file, b->file);

    if (order == 0)
        order = compare_sizes(a->finding->place.line, b->finding->place.line);
    if (order == 0)
        order = compare_sizes(a->finding->place.column, b->finding->place.column);
    return order != 0 ? order : compare_sizes(a->index, b->index);
}

static bool same_place(const struct kp_finding *a, const struct kp_finding *b)
{
    return a->place.line == b->place.line && a->place.column == b->place.column &&
           same_text(a->place.file, b->place.file);
}

static bool repeats(const struct kp_finding *a, const struct kp_finding *b)
{
    return a->code == b->code && a->severity == b->severity && same_text(a->text, b->text) &&
           same_text(a->hint, b->hint) && same_text(a->detail, b->detail);
}

/* Numbers the files. There are few, so that a search through the findings seen is
 * only made where the file changes. */
static void number_files(struct entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *file = entries[i].finding->place.file;
        size_t first =
            i > 0 && same_text(entries[i - 1].finding->place.file, file) ? entries[i - 1].file : 0;

        while (first < i && !same_text(entries[first].finding->place.file, file))
            first++;
        entries[i].file = file != NULL ? first : SIZE_MAX;
    }
}

/* Keeps the first of each group of equal findings. Only those at the same place
 * are compared; `begin` is where they start among what was kept. */
static void keep_first(struct kp_diags *diags, const struct entry *entries)
{
    size_t kept = 0;
    size_t begin = 0;

    for (size_t i = 0; i < diags->count; i++) {
        struct kp_finding *finding = entries[i].finding;
        size_t other;

        if (kept == 0 || !same_place(diags->findings[kept - 1], finding))
            begin = kept;
        for (other = begin; other < kept; other++) {
            if (repeats(diags->findings[other], finding))
                break;
        }
        if (other == kept)
            diags->findings[kept++] = finding;
        else if (finding->severity == KP_SEVERITY_ERROR)
            diags->errors--;
    }
    diags->count = kept;
}

/* Without memory for sorting the order stays as it was. */
void kp_diags_sort(struct kp_diags *diags)
{
    struct entry *entries;

    pthread_mutex_lock(&diags->lock);
    entries = calloc(diags->count + 1, sizeof(*entries));
    if (entries != NULL) {
        for (size_t i = 0; i < diags->count; i++)
            entries[i] = (struct entry){diags->findings[i], 0, i};
        number_files(entries, diags->count);
        qsort(entries, diags->count, sizeof(*entries), compare_entries);
        keep_first(diags, entries);
    }
    pthread_mutex_unlock(&diags->lock);
    free(entries);
}
