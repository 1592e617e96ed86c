/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/show_map.c - an opened image drawn to scale: a block for each layer that has parts, and in
 * it a line for each part, header and gap, whose bar shows where and how long it is.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/auto.h"
#include "cli/show.h"

#define COLUMNS 48

/* The column in which a byte lies. */
static unsigned column_of(uint64_t offset, uint64_t size)
{
    const double at = (double)offset / (double)size * COLUMNS;

    return at < COLUMNS ? (unsigned)at : COLUMNS - 1;
}

/* "0x000045bc  |   ####   |  1234 bytes  " */
static void draw(uint64_t offset, uint64_t length, uint64_t size, char mark)
{
    const unsigned first = column_of(offset, size);
    const unsigned last = length == 0 ? first : column_of(offset + length - 1, size);

    printf("  0x%08" PRIx64 "  |", offset);
    for (unsigned column = 0; column < COLUMNS; column++)
        putchar(column >= first && column <= last ? mark : ' ');
    printf("|  %12" PRIu64 " bytes  ", length);
}

static void draw_part(const struct kp_layer *layer, uint64_t size)
{
    draw(layer->offset, kp_range_size(layer->range), size, '#');
    printf("%s: ", layer->name);
    kp_show_kind(layer);
    if (layer->meaning != NULL) {
        fputs(": ", stdout);
        kp_show_escaped(layer->meaning);
    }
    putchar('\n');
}

/* Parts and gaps in the order of their offsets; what fields cover is not drawn by itself. */
static void draw_layer(const struct kp_layer *layer)
{
    const uint64_t size = kp_range_size(layer->range);
    KP_AUTO(vector) struct kp_vector gaps = {0};
    size_t gap = 0;

    if (!kp_layer_gaps(layer, &gaps))
        return;
    for (size_t i = 0; i <= layer->children.count; i++) {
        const struct kp_layer *child =
            i < layer->children.count ? KP_ITEM(&layer->children, struct kp_layer *, i) : NULL;

        for (; gap < gaps.count; gap++) {
            const struct kp_layer_run *run = &KP_ITEM(&gaps, struct kp_layer_run, gap);

            if (child != NULL && run->offset > child->offset)
                break;
            draw(run->offset, run->length, size, '.');
            puts("gap");
        }
        if (child != NULL)
            draw_part(child, size);
    }
}

void kp_show_map(const char *file, const struct kp_layers *layers)
{
    for (const struct kp_layer *layer = layers->top; layer != NULL;
         layer = kp_layers_next(layers->top, layer)) {
        /* What was decompressed stands in no bytes. */
        const bool drawn = layer->children.count > 0 && layer->inspection.codec == NULL;

        if (layer->parent != NULL && !drawn)
            continue;
        kp_show_escaped(file);
        if (layer->parent != NULL)
            printf(": %s", layer->path);
        fputs(": ", stdout);
        kp_show_kind(layer);
        printf(", %" PRIu64 " bytes\n", kp_range_size(layer->range));
        if (drawn)
            draw_layer(layer);
    }
}
