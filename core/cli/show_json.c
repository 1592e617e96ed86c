/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/show_json.c - an opened image as JSON. Layers that lie within another stand in its `layers`.
 */
#include <stdio.h>

#include "base/auto.h"
#include "cli/show.h"
#include "kpipe/host.h"

void kp_show_json_value(struct kp_json *json, const struct kp_inspected_field *field)
{
    if (field->is_text)
        kp_json_text(json, "value", field->text);
    else
        kp_json_number(json, "value", field->number);
    if (field->meaning != NULL)
        kp_json_text(json, "meaning", field->meaning);
    if ((field->flags & KP_FIELD_INVALID) != 0)
        kp_json_boolean(json, "invalid", true);
}

static void write_field(struct kp_json *json, const struct kp_inspected_field *field)
{
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "name", field->name);
    if (field->length > 0) {
        kp_json_number(json, "offset", field->offset);
        kp_json_number(json, "length", field->length);
    }
    kp_show_json_value(json, field);
    kp_json_end(json, '}');
}

static void write_traits(struct kp_json *json, const struct kp_traits *traits)
{
    kp_json_begin(json, "traits", '{');
    for (size_t i = 0; i < traits->count; i++) {
        const struct kp_trait *trait = &traits->items[i];

        if (trait->text != NULL)
            kp_json_text(json, trait->name, trait->text);
        else
            kp_json_number(json, trait->name, trait->number);
    }
    kp_json_end(json, '}');
}

static void write_remakes(struct kp_json *json, const struct kp_inspection *inspection)
{
    if (inspection->remakes.count == 0)
        return;
    kp_json_begin(json, "remake", '[');
    for (size_t i = 0; i < inspection->remakes.count; i++)
        kp_json_text(json, NULL, KP_ITEM(&inspection->remakes, char *, i));
    kp_json_end(json, ']');
}

static void write_gaps(struct kp_json *json, const struct kp_layer *layer)
{
    KP_AUTO(vector) struct kp_vector gaps = {0};

    if (!kp_layer_gaps(layer, &gaps) || gaps.count == 0)
        return;
    kp_json_begin(json, "gaps", '[');
    for (size_t i = 0; i < gaps.count; i++) {
        const struct kp_layer_run *gap = &KP_ITEM(&gaps, struct kp_layer_run, i);

        kp_json_begin(json, NULL, '{');
        kp_json_number(json, "offset", gap->offset);
        kp_json_number(json, "length", gap->length);
        kp_json_end(json, '}');
    }
    kp_json_end(json, ']');
}

/* Where a layer that is not the file itself stands. */
static void write_place(struct kp_json *json, const struct kp_layer *layer)
{
    kp_json_text(json, "name", layer->name);
    kp_json_text(json, "path", layer->path);
    kp_json_text(json, "role", layer->role);
    if (layer->decompressed)
        kp_json_boolean(json, "decompressed", true);
    else
        kp_json_number(json, "offset", layer->offset);
    if (layer->meaning != NULL)
        kp_json_text(json, "meaning", layer->meaning);
}

static void begin_layer(struct kp_json *json, const char *file, const struct kp_layer *layer)
{
    const struct kp_inspection *inspection = &layer->inspection;

    kp_json_begin(json, NULL, '{');
    if (layer->parent == NULL)
        kp_json_text(json, "file", file);
    else
        write_place(json, layer);
    kp_json_number(json, "size", kp_range_size(layer->range));
    kp_json_text(json, "kind", inspection->kind);
    kp_json_text(json, "codec", inspection->codec);
    kp_json_text(json, "format", inspection->format);
    if (layer->closed != NULL)
        kp_json_text(json, "closed", layer->closed);
    if (inspection->codec != NULL && layer->children.count > 0)
        kp_json_number(json, "stream_end", layer->stream_end);
    kp_json_begin(json, "fields", '[');
    for (size_t i = 0; i < inspection->fields.count; i++)
        write_field(json, &KP_ITEM(&inspection->fields, struct kp_inspected_field, i));
    kp_json_end(json, ']');
    write_traits(json, &inspection->traits);
    write_remakes(json, inspection);
    write_gaps(json, layer);
    if (layer->children.count > 0)
        kp_json_begin(json, "layers", '[');
}

static void end_layer(struct kp_json *json, const struct kp_layer *layer)
{
    if (layer->children.count > 0)
        kp_json_end(json, ']');
    kp_json_end(json, '}');
}

void kp_show_json(struct kp_json *json, const char *file, const struct kp_layers *layers)
{
    const struct kp_layer *layer = layers->top;

    while (layer != NULL) {
        const struct kp_layer *next = kp_layers_next(layers->top, layer);

        begin_layer(json, file, layer);
        /* Those that end before the next one begins: all up to its parent. */
        while (layer != NULL && (next == NULL || layer != next->parent)) {
            end_layer(json, layer);
            layer = layer->parent;
        }
        layer = next;
    }
}
