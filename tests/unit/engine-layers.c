/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of engine/layers.h: the tree that comes of what inspectors say of parts, its bounds, and gaps.
 * How real formats are opened is told by tests/cli and tests/real.
 */
#define KP_STATIC_NAME rogue
#include "../plugins/rogue.c"

#include "engine-shared.h"
#include "engine/extract.h"

static const struct kp_static_row compiled_in[] = {
    {"rogue", kpipe_note_rogue, kpipe_plugin_rogue},
    {NULL, NULL, NULL},
};

static struct kp_registry *registry;
static struct kp_layers layers;

static void begin(void)
{
    set_up();
    registry = registry_of(compiled_in);
}

static void end(void)
{
    kp_layers_free(&layers);
    kp_registry_free(registry);
    tear_down();
}

static void open_bytes(const char *bytes, unsigned depth)
{
    const struct kp_layers_options options = {
        .registry = registry, .name = "a.img", .depth = depth, .limit = 1000000};
    struct kp_range *range = kp_range_copy(bytes, strlen(bytes));

    kp_layers_free(&layers);
    ck_assert(kp_layers_open(&layers, &options, range));
    kp_range_unref(range);
}

/* "path offset+size;" of each layer. */
static const char *shown(void)
{
    static char text[4096];
    size_t length = 0;

    for (const struct kp_layer *layer = layers.top; layer != NULL;
         layer = kp_layers_next(layers.top, layer))
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s %u+%u;", layer->path,
                                   (unsigned)layer->offset, (unsigned)kp_range_size(layer->range));
    return text;
}

START_TEST(parts_in_parts)
{
    const struct kp_layer *inner;

    open_bytes("ROGUPROGUPxROGUf", 9);
    ck_assert_str_eq(shown(), " 0+16;rest 5+11;rest/rest 5+6;rest/rest-2 6+0;rest-2 6+0;");
    inner = kp_extract_find(&layers, "rest/rest");
    ck_assert_ptr_nonnull(inner);
    ck_assert_str_eq(inner->role, "payload");
    ck_assert_str_eq(inner->meaning, "more");
    ck_assert_ptr_null(kp_extract_find(&layers, "rest/nothing"));
    ck_assert_uint_eq(layers.count, 5);
}
END_TEST

START_TEST(depth)
{
    open_bytes("ROGUPROGUPROGUPROGUP", 1);
    ck_assert_str_eq(shown(), " 0+20;rest 5+15;rest-2 6+0;");
    ck_assert_str_eq(kp_extract_find(&layers, "rest")->closed, "it lies as deep as was asked for");
    open_bytes("ROGUPROGUPROGUPROGUP", 0);
    ck_assert_str_eq(shown(), " 0+20;");
}
END_TEST

START_TEST(itself_and_too_many)
{
    open_bytes("ROGUS", 24);
    ck_assert_str_eq(shown(), " 0+5;self 0+5;");
    open_bytes("ROGUM", 24);
    ck_assert_uint_eq(layers.count, KP_INSPECT_PARTS + 1);
    ck_assert_str_eq(layers.top->closed, "it names more parts than are looked at");
    ck_assert_ptr_nonnull(kp_extract_find(&layers, "many-4096"));
}
END_TEST

START_TEST(details_have_a_limit)
{
    struct kp_inspection found = {0};
    struct kp_range *range = kp_range_copy("ROGUC1000001", 12);

    ck_assert(kp_inspect(registry, diags, "a.img", range, NULL, KP_INSPECT_ALL, &found));
    ck_assert_uint_eq(found.fields.count, KP_INSPECT_DETAILS);
    ck_assert(found.details_cut);
    kp_inspection_free(&found);
    found = (struct kp_inspection){0};
    ck_assert(kp_inspect(registry, diags, "a.img", range, NULL, KP_INSPECT_FACTS, &found));
    ck_assert_uint_eq(found.fields.count, 0);
    ck_assert(!found.details_cut);
    kp_inspection_free(&found);
    kp_range_unref(range);
}
END_TEST

START_TEST(findings_stay_with_their_layer)
{
    const struct kp_layer *inner;

    open_bytes("ROGUPROGUe", 24);
    ck_assert_uint_eq(kp_diags_count(layers.top->findings), 0);
    inner = kp_extract_find(&layers, "rest");
    ck_assert_uint_eq(kp_diags_count(inner->findings), 1);
    ck_assert_uint_eq(inner->header_findings, 1);
    ck_assert_str_eq(kp_diags_get(inner->findings, 0)->text, "a.img: rest: header: cut: too short");
}
END_TEST

START_TEST(gaps)
{
    struct kp_vector found = {0};

    open_bytes("ROGUPabc", 24);
    ck_assert(kp_layer_gaps(layers.top, &found));
    ck_assert_uint_eq(found.count, 0);
    open_bytes("ROGUM1234", 24);
    ck_assert(kp_layer_gaps(layers.top, &found));
    ck_assert_uint_eq(found.count, 1);
    ck_assert_uint_eq(KP_ITEM(&found, struct kp_layer_run, 0).offset, 0);
    ck_assert_uint_eq(KP_ITEM(&found, struct kp_layer_run, 0).length, 9);
    kp_vector_free(&found);
    /* Of what nobody divides there are none. */
    open_bytes("ROGUf1234", 24);
    ck_assert(kp_layer_gaps(layers.top, &found));
    ck_assert_uint_eq(found.count, 0);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, parts_in_parts);
    tcase_add_test(tests, depth);
    tcase_add_test(tests, itself_and_too_many);
    tcase_add_test(tests, details_have_a_limit);
    tcase_add_test(tests, findings_stay_with_their_layer);
    tcase_add_test(tests, gaps);
}

int main(void)
{
    return run_tests("engine-layers", begin, end, fill);
}
