/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/fuzz/layers.c - a file that is opened to all its layers by the bundled plugins, as `kpipe
 * inspect`, `kpipe extract` and `kpipe diff` do it: their parsers and codecs, the search for
 * compressed data, and the tree itself.
 *
 * An input is the file. To begin with there are bytes that each magic row recognises: the plugins
 * are opened from the build's folder.
 */
#include <string.h>

#include "engine/diff.h"
#include "engine/extract.h"
#include "fuzz.h"
#include "kpipe/bytes.h"

static struct kp_registry *registry;

static struct kp_registry *plugins(void)
{
    if (registry != NULL)
        return registry;
    registry = kp_registry_new(&(struct kp_registry_options){.own_folder = KPIPE_FUZZ_PLUGINS,
                                                             .isolation = KP_ISOLATION_NONE});
    FUZZ_CHECK(registry != NULL && kp_registry_count(registry) > 0);
    for (size_t i = 0; i < kp_registry_count(registry); i++)
        FUZZ_CHECK(kp_registry_open(registry, kp_registry_file(registry, i)));
    return registry;
}

/* What is promised of a layer. */
static void check_layer(const struct kp_layer *layer)
{
    struct kp_vector gaps = {0};
    uint64_t at = 0;

    FUZZ_CHECK(layer->name != NULL && layer->path != NULL && layer->range != NULL);
    if (layer->parent != NULL && !layer->decompressed)
        FUZZ_CHECK(kp_inside(kp_range_size(layer->parent->range), layer->offset,
                             kp_range_size(layer->range)));
    FUZZ_CHECK(kp_layer_gaps(layer, &gaps));
    for (size_t i = 0; i < gaps.count; i++) {
        const struct kp_layer_run *gap = &KP_ITEM(&gaps, struct kp_layer_run, i);

        FUZZ_CHECK(gap->offset >= at && gap->length > 0 &&
                   kp_inside(kp_range_size(layer->range), gap->offset, gap->length));
        at = gap->offset + gap->length;
    }
    kp_vector_free(&gaps);
}

static void open_all(const uint8_t *bytes, size_t size, const char *role)
{
    const struct kp_layers_options options = {.registry = plugins(),
                                              .name = "fuzz",
                                              .depth = 6,
                                              .limit = UINT64_C(4) << 20,
                                              .role = role,
                                              .details = role == NULL};
    struct kp_range *range = kp_range_copy(bytes, size);
    struct kp_layers layers = {0};

    FUZZ_CHECK(range != NULL && kp_layers_open(&layers, &options, range));
    for (const struct kp_layer *layer = layers.top; layer != NULL;
         layer = kp_layers_next(layers.top, layer)) {
        check_layer(layer);
        /* Words such as "payload" mean more than a layer of that name. */
        FUZZ_CHECK(strchr(layer->path, '/') == NULL ||
                   kp_extract_find(&layers, layer->path) != NULL);
    }
    (void)kp_extract_find(&layers, "payload");
    (void)kp_extract_find(&layers, "config");
    kp_layers_free(&layers);
    kp_range_unref(range);
}

/* The file and what of it stands in front of its middle, as two that are compared. */
static void compare(const uint8_t *bytes, size_t size)
{
    struct kp_layers_options options[2];
    struct kp_range *ranges[2] = {kp_range_copy(bytes, size), kp_range_copy(bytes, size / 2)};
    struct kp_diags *findings = kp_diags_new();
    struct kp_diff diff = {0};

    for (int i = 0; i < 2; i++)
        options[i] = (struct kp_layers_options){
            .registry = plugins(), .name = "fuzz", .depth = 6, .limit = UINT64_C(4) << 20};
    FUZZ_CHECK(ranges[0] != NULL && ranges[1] != NULL && findings != NULL);
    FUZZ_CHECK(kp_diff_open(&diff, options, ranges, findings));
    FUZZ_CHECK((diff.layers.count > 0) == !kp_range_equal(ranges[0], ranges[1]));
    kp_diff_free(&diff);
    kp_diags_free(findings);
    kp_range_unref(ranges[0]);
    kp_range_unref(ranges[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = fuzz_copy(bytes, size);

    open_all(copy, size, NULL);
    open_all(copy, size, "payload");
    compare(copy, size);
    free(copy);
    return 0;
}

/* --- inputs to begin with --- */

#define SEED_MOST 70000u

void fuzz_seeds(fuzz_seed *seed, void *data)
{
    static uint8_t bytes[SEED_MOST];
    const struct kp_magic_row *row;

    for (size_t i = 0; (row = kp_registry_magic(plugins(), i)) != NULL; i++) {
        const size_t end = (size_t)row->offset + row->length;

        if (row->offset > SEED_MOST || end > SEED_MOST)
            continue;
        memset(bytes, 0, sizeof(bytes));
        memcpy(bytes + row->offset, row->bytes, row->length);
        seed(data, bytes, end + 600 < SEED_MOST ? end + 600 : SEED_MOST);
    }
}
