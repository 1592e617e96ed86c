/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/diff_json.c - how two images differ as JSON: an array of layers that differ, each with all
 * that does.
 */
#include "cli/diff.h"
#include "cli/show.h"

static const char *const words[] = {
    [KP_DIFFERENCE_FACT] = "layer",        [KP_DIFFERENCE_FIELD] = "field",
    [KP_DIFFERENCE_DETAIL] = "detail",     [KP_DIFFERENCE_SIZE] = "size",
    [KP_DIFFERENCE_TRAIT] = "trait",       [KP_DIFFERENCE_GAP] = "gap",
    [KP_DIFFERENCE_TRAILING] = "trailing",
};
static const char *const sides[2] = {"a", "b"};

static void write_bytes(struct kp_json *json, const struct kp_diff_bytes *bytes)
{
    if (!bytes->differ)
        return;
    kp_json_begin(json, "bytes", '{');
    kp_json_number(json, "first", bytes->first);
    for (int i = 0; i < 2; i++)
        if (bytes->value[i] >= 0)
            kp_json_number(json, sides[i], (uint64_t)bytes->value[i]);
        else
            kp_json_text(json, sides[i], NULL);
    kp_json_number(json, "differ", bytes->count);
    kp_json_end(json, '}');
}

static void write_difference(struct kp_json *json, const struct kp_difference *difference)
{
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "what", words[difference->what]);
    kp_json_text(json, "name", difference->name);
    for (int i = 0; i < 2; i++) {
        if (difference->side[i] == NULL) {
            kp_json_text(json, sides[i], NULL);
            continue;
        }
        kp_json_begin(json, sides[i], '{');
        kp_show_json_value(json, difference->side[i]);
        kp_json_end(json, '}');
    }
    write_bytes(json, &difference->bytes);
    kp_json_end(json, '}');
}

/* A layer that one image has alone is told of with all that lies within. */
static void write_alone(struct kp_json *json, const struct kp_layer_diff *pair)
{
    const int side = pair->layer[0] == NULL;
    const struct kp_layer *layer = pair->layer[side];

    kp_json_text(json, "only", sides[side]);
    kp_json_text(json, "kind", layer->inspection.kind);
    kp_json_text(json, "codec", layer->inspection.codec);
    kp_json_text(json, "role", layer->role);
    kp_json_number(json, "size", kp_range_size(layer->range));
}

static void write_layer(struct kp_json *json, const struct kp_layer_diff *pair)
{
    const struct kp_vector *differences = &pair->differences;

    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "path", pair->layer[pair->layer[0] == NULL]->path);
    if (pair->layer[0] == NULL || pair->layer[1] == NULL) {
        write_alone(json, pair);
        kp_json_end(json, '}');
        return;
    }
    kp_json_begin(json, "differences", '[');
    for (size_t i = 0; i < differences->count; i++)
        write_difference(json, &KP_ITEM(differences, struct kp_difference, i));
    kp_json_end(json, ']');
    write_bytes(json, &pair->bytes);
    if (pair->same_contents)
        kp_json_boolean(json, "same_contents", true);
    kp_json_end(json, '}');
}

void kp_diff_show_json(struct kp_json *json, const struct kp_diff *diff)
{
    kp_json_begin(json, "layers", '[');
    for (size_t i = 0; i < diff->layers.count; i++)
        write_layer(json, &KP_ITEM(&diff->layers, struct kp_layer_diff, i));
    kp_json_end(json, ']');
}
