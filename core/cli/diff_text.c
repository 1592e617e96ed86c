/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/diff_text.c - how two images differ as text: each layer that differs has a line with its
 * path, and below it a line for each difference, "name: left -> right".
 *
 * Sizes are shown as bloat-o-meter of Linux (scripts/bloat-o-meter) does: how many changed and by
 * how much all together, then the greatest changes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/diff.h"
#include "cli/show.h"

/* Sizes that are shown of a layer, and bytes of a text. */
#define SIZES_SHOWN 20u
#define TEXT_SHOWN 120u
/* Of a text that is cut: bytes before what differs. */
#define TEXT_BEFORE 20u

struct shower {
    const char *const *files;
    bool verbose;
};

/* --- values --- */

/* Where two texts begin to differ. */
static size_t common_length(const char *left, const char *right)
{
    size_t length = 0;

    while (left[length] != '\0' && left[length] == right[length])
        length++;
    return length;
}

/* A long text is cut to where it differs. */
static void show_value(const struct shower *shower, const struct kp_inspected_field *value,
                       const struct kp_inspected_field *other)
{
    struct kp_inspected_field cut = *value;
    char text[TEXT_SHOWN + 8];
    size_t from = 0, length;

    if (shower->verbose || !value->is_text || strlen(value->text) <= TEXT_SHOWN) {
        kp_show_value(value);
        return;
    }
    if (other != NULL && other->is_text)
        from = common_length(value->text, other->text);
    from = from > TEXT_BEFORE ? from - TEXT_BEFORE : 0;
    length = strlen(value->text + from);
    snprintf(text, sizeof(text), "%s%.*s%s", from > 0 ? "..." : "", (int)TEXT_SHOWN,
             value->text + from, length > TEXT_SHOWN ? "..." : "");
    cut.text = text;
    kp_show_value(&cut);
}

static void show_byte(int byte)
{
    if (byte < 0)
        fputs("end", stdout);
    else
        printf("%02x", (unsigned)byte);
}

/* Which of the two files has it; the first line says what they are called. */
static void show_only(int side)
{
    printf(", only in %c", "AB"[side]);
}

/* "first byte that differs at 0x40: 1f -> 02, 123 differ" */
static void show_bytes(const struct kp_diff_bytes *bytes)
{
    printf("first byte that differs at 0x%" PRIx64 ": ", bytes->first);
    show_byte(bytes->value[0]);
    fputs(" -> ", stdout);
    show_byte(bytes->value[1]);
    if (bytes->count > 1)
        printf(", %" PRIu64 " differ", bytes->count);
}

static void show_difference(const struct shower *shower, const struct kp_difference *difference)
{
    const struct kp_inspected_field *const *side = difference->side;

    fputs(difference->what == KP_DIFFERENCE_TRAIT ? "  trait " : "  ", stdout);
    kp_show_escaped(difference->name);
    fputs(": ", stdout);
    if (difference->bytes.differ) {
        kp_show_value(side[0]);
        fputs(": ", stdout);
        show_bytes(&difference->bytes);
    } else if (side[0] != NULL && side[1] != NULL) {
        show_value(shower, side[0], side[1]);
        fputs(" -> ", stdout);
        show_value(shower, side[1], side[0]);
    } else {
        show_value(shower, side[side[0] == NULL], NULL);
        show_only(side[0] == NULL);
    }
    putchar('\n');
}

/* --- sizes --- */

/* What all of them come to. */
struct totals {
    size_t grown, shrunk, added, gone;
    uint64_t more, less;
};

static void count_size(struct totals *totals, const struct kp_difference *difference)
{
    bool grew;
    const uint64_t change = kp_difference_change(difference, &grew);

    if (difference->side[0] == NULL)
        totals->added++;
    else if (difference->side[1] == NULL)
        totals->gone++;
    else if (grew)
        totals->grown++;
    else
        totals->shrunk++;
    if (grew)
        totals->more += change;
    else
        totals->less += change;
}

static void show_number(const struct kp_inspected_field *size)
{
    if (size == NULL)
        printf("%10s", "-");
    else
        printf("%10" PRIu64, size->number);
}

/* "     +120        1234 ->       1354  do_sys_open" */
static void show_size(const struct kp_difference *difference)
{
    bool grew;
    const uint64_t change = kp_difference_change(difference, &grew);
    char text[32];

    snprintf(text, sizeof(text), "%c%" PRIu64, grew ? '+' : '-', change);
    printf("  %10s  ", text);
    show_number(difference->side[0]);
    fputs(" -> ", stdout);
    show_number(difference->side[1]);
    fputs("  ", stdout);
    kp_show_escaped(difference->name);
    putchar('\n');
}

static void show_sizes(const struct shower *shower, const struct kp_difference *sizes, size_t count)
{
    const size_t shown = shower->verbose || count < SIZES_SHOWN ? count : SIZES_SHOWN;
    struct totals totals = {0};

    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        count_size(&totals, &sizes[i]);
    printf("  sizes: %zu grew, %zu shrank, %zu are new, %zu are gone: +%" PRIu64 " -%" PRIu64
           " bytes, %c%" PRIu64 " in all\n",
           totals.grown, totals.shrunk, totals.added, totals.gone, totals.more, totals.less,
           totals.more < totals.less ? '-' : '+',
           totals.more < totals.less ? totals.less - totals.more : totals.more - totals.less);
    for (size_t i = 0; i < shown; i++)
        show_size(&sizes[i]);
    if (shown < count)
        printf("  and %zu more: -v shows them\n", count - shown);
}

/* --- layers --- */

static bool same_word(const char *left, const char *right)
{
    return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

static void show_path(const struct shower *shower, const struct kp_layer *layer)
{
    if (layer->parent != NULL) {
        kp_show_escaped(layer->path);
        return;
    }
    kp_show_escaped(shower->files[0]);
    fputs(" -> ", stdout);
    kp_show_escaped(shower->files[1]);
}

/* "payload: compressed (gzip) -> compressed (xz)" */
static void show_head(const struct shower *shower, const struct kp_layer_diff *pair)
{
    const struct kp_layer *left = pair->layer[0], *right = pair->layer[1];

    show_path(shower, left);
    fputs(": ", stdout);
    kp_show_kind(left);
    if (!same_word(left->inspection.kind, right->inspection.kind) ||
        !same_word(left->inspection.codec, right->inspection.codec)) {
        fputs(" -> ", stdout);
        kp_show_kind(right);
    }
    if (left->closed != NULL || right->closed != NULL)
        printf(" [%s]", left->closed != NULL ? left->closed : right->closed);
    putchar('\n');
}

/* "dtb-2: dtb, 1234 bytes, only in A" */
static void show_alone(const struct shower *shower, const struct kp_layer_diff *pair)
{
    const int side = pair->layer[0] == NULL;
    const struct kp_layer *layer = pair->layer[side];

    show_path(shower, layer);
    fputs(": ", stdout);
    kp_show_kind(layer);
    printf(", %" PRIu64 " bytes", kp_range_size(layer->range));
    show_only(side);
    putchar('\n');
}

/* Kind and codec stand in the head already. */
static bool in_head(const struct kp_difference *difference)
{
    return difference->what == KP_DIFFERENCE_FACT &&
           (strcmp(difference->name, "kind") == 0 || strcmp(difference->name, "codec") == 0);
}

static void show_layer(const struct shower *shower, const struct kp_layer_diff *pair)
{
    const struct kp_difference *differences = pair->differences.items;
    const size_t count = pair->differences.count;
    size_t sizes = 0, first = 0;

    show_head(shower, pair);
    for (size_t i = 0; i < count; i++) {
        if (differences[i].what == KP_DIFFERENCE_SIZE)
            first = sizes++ == 0 ? i : first;
        else if (!in_head(&differences[i]))
            show_difference(shower, &differences[i]);
    }
    show_sizes(shower, differences + first, sizes);
    if (pair->bytes.differ) {
        fputs("  bytes: ", stdout);
        show_bytes(&pair->bytes);
        putchar('\n');
    }
    if (pair->same_contents)
        puts("  contents: the same, compressed in another way");
}

void kp_diff_show_text(const struct kp_diff *diff, const char *const files[2], bool verbose)
{
    const struct shower shower = {files, verbose};

    for (size_t i = 0; i < diff->layers.count; i++) {
        const struct kp_layer_diff *pair = &KP_ITEM(&diff->layers, struct kp_layer_diff, i);

        if (pair->layer[0] == NULL || pair->layer[1] == NULL)
            show_alone(&shower, pair);
        else
            show_layer(&shower, pair);
    }
}
