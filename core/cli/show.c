/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/show.c - an opened image as text: a layer is indented below what holds it.
 */
#include "cli/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/text.h"
#include "kpipe/host.h"

void kp_show_escaped(const char *text)
{
    struct kp_string escaped KP_AUTO(string) = {0};

    kp_text_escape(&escaped, text, strlen(text));
    if (!escaped.failed)
        fputs(escaped.text, stdout);
}

void kp_show_kind(const struct kp_layer *layer)
{
    fputs(layer->inspection.kind != NULL ? layer->inspection.kind
          : layer->role != NULL          ? layer->role
                                         : "unknown",
          stdout);
    if (layer->inspection.codec != NULL)
        printf(" (%s)", layer->inspection.codec);
}

/* How far a layer's own lines stand to the right. */
static int indent_of(const struct kp_layer *layer)
{
    int columns = 2;

    for (; layer->parent != NULL; layer = layer->parent)
        columns += 2;
    return columns;
}

static void show_time(uint64_t seconds)
{
    const time_t time = (time_t)seconds;
    struct tm parts;
    char text[64];

    if (time >= 0 && (uint64_t)time == seconds && gmtime_r(&time, &parts) != NULL &&
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &parts) > 0)
        printf(" (%s)", text);
}

void kp_show_value(const struct kp_inspected_field *field)
{
    if (field->is_text)
        kp_show_escaped(field->text != NULL ? field->text : "");
    else if ((field->flags & KP_FIELD_HEX) != 0)
        printf("0x%0*" PRIx64, field->length <= 8 ? (int)field->length * 2 : 16, field->number);
    else
        printf("%" PRIu64, field->number);
    if ((field->flags & KP_FIELD_BYTES) != 0)
        fputs(" bytes", stdout);
    if ((field->flags & KP_FIELD_TIME) != 0 && !field->is_text)
        show_time(field->number);
    if (field->meaning != NULL) {
        fputs("  ", stdout);
        kp_show_escaped(field->meaning);
    }
    if ((field->flags & KP_FIELD_INVALID) != 0)
        fputs("  INVALID", stdout);
}

/* "  0x0000000c  size          4404019 bytes" */
static void show_field(const struct kp_inspected_field *field, int indent, int width)
{
    struct kp_string name KP_AUTO(string) = {0};

    if (field->length > 0)
        printf("%*s0x%08" PRIx64 "  ", indent, "", field->offset);
    else
        printf("%*s%10s  ", indent, "", "-");
    kp_text_escape(&name, field->name, strlen(field->name));
    printf("%-*s  ", width, name.failed ? "?" : name.text);
    kp_show_value(field);
    putchar('\n');
}

static void show_fields(const struct kp_inspection *inspection, int indent)
{
    int width = 0;

    for (size_t i = 0; i < inspection->fields.count; i++) {
        const size_t length =
            strlen(KP_ITEM(&inspection->fields, struct kp_inspected_field, i).name);

        width = length > (size_t)width && length < 32 ? (int)length : width;
    }
    for (size_t i = 0; i < inspection->fields.count; i++)
        show_field(&KP_ITEM(&inspection->fields, struct kp_inspected_field, i), indent, width);
}

static void show_traits(const struct kp_traits *traits, int indent)
{
    for (size_t i = 0; i < traits->count; i++) {
        const struct kp_trait *trait = &traits->items[i];

        printf("%*strait %-10s ", indent, "", trait->name);
        if (trait->text != NULL)
            kp_show_escaped(trait->text);
        else
            printf("0x%" PRIx64 " (%" PRIu64 ")", trait->number, trait->number);
        putchar('\n');
    }
}

/* The line that begins a layer. */
static void show_head(const char *file, const struct kp_layer *layer)
{
    if (layer->parent == NULL)
        kp_show_escaped(file);
    else
        printf("%*s%s", indent_of(layer) - 2, "", layer->name);
    fputs(": ", stdout);
    kp_show_kind(layer);
    printf(", %" PRIu64 " bytes", kp_range_size(layer->range));
    if (layer->decompressed)
        fputs(", decompressed", stdout);
    else if (layer->parent != NULL)
        printf(" at 0x%" PRIx64, layer->offset);
    if (layer->meaning != NULL) {
        fputs(": ", stdout);
        kp_show_escaped(layer->meaning);
    }
    if (layer->closed != NULL)
        printf(" [%s]", layer->closed);
    putchar('\n');
}

static void show_gaps(const struct kp_layer *layer, int indent)
{
    KP_AUTO(vector) struct kp_vector gaps = {0};

    if (!kp_layer_gaps(layer, &gaps))
        return;
    for (size_t i = 0; i < gaps.count; i++) {
        const struct kp_layer_run *gap = &KP_ITEM(&gaps, struct kp_layer_run, i);

        printf("%*sgap: %" PRIu64 " bytes at 0x%" PRIx64 "\n", indent, "", gap->length,
               gap->offset);
    }
}

/* Bytes behind a compressed stream. */
static void show_trailing(const struct kp_layer *layer, int indent)
{
    const uint64_t size = kp_range_size(layer->range);

    if (layer->inspection.codec != NULL && layer->children.count > 0 && layer->stream_end < size)
        printf("%*strailing: %" PRIu64 " bytes at 0x%" PRIx64 "\n", indent, "",
               size - layer->stream_end, layer->stream_end);
}

void kp_show_text(const char *file, const struct kp_layers *layers)
{
    for (const struct kp_layer *layer = layers->top; layer != NULL;
         layer = kp_layers_next(layers->top, layer)) {
        const int indent = indent_of(layer);

        show_head(file, layer);
        show_fields(&layer->inspection, indent);
        show_traits(&layer->inspection.traits, indent);
        show_trailing(layer, indent);
        show_gaps(layer, indent);
    }
}
