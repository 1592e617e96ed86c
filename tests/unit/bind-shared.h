/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/bind-shared.h - a struct with parameters of every type, its table, and a binder
 * for it. Included by tests/unit/plugin-bind.c and plugin-fill.c only.
 */
#ifndef KP_TEST_BIND_SHARED_H
#define KP_TEST_BIND_SHARED_H

#define KP_STATIC_NAME probe
#include "../plugins/probe.c"

#include "base/codes.h"
#include "engine-shared.h"
#include "plugin/bind.h"

struct inner {
    uint64_t x;
    uint8_t on;
    uint8_t has_x;
};

struct item {
    struct kp_text name;
    uint64_t load;
    const struct kp_image *image;
    struct inner inner;
    struct kp_list numbers;
};

struct all {
    uint64_t level, load;
    int64_t offset;
    struct kp_text name, word, version;
    const struct kp_image *tree;
    const struct kp_stage_value *stage;
    struct kp_list images, items, numbers, words, flags, modes;
    struct inner inner, maybe;
    uint32_t mode;
    uint8_t flag, old;
    uint8_t has_name, has_word, has_tree, has_items, has_maybe, has_stage, has_flag;
};

static const struct kp_param *const inner_table[] = {
    KP_UINT(struct inner, x, .presence = offsetof(struct inner, has_x), .summary = "a number"),
    KP_BOOL(struct inner, on, .fallback = "yes", .summary = "a switch"),
    NULL,
};

static const struct kp_param *const item_table[] = {
    KP_TEXT(struct item, name, .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT,
            .summary = "what it is called"),
    KP_UINT(struct item, load, .flags = KP_PARAM_HEX, .minimum = 0x100, .maximum = 0xffff,
            .fallback = "0x8000", .summary = "where it goes"),
    KP_IMAGE(struct item, image, .summary = "its bytes"),
    KP_RECORD(struct item, inner, .fields = inner_table, .summary = "more"),
    KP_UINT_LIST(struct item, numbers, .min_items = 2, .summary = "numbers"),
    NULL,
};

static const struct kp_choice *const modes[] = {
    KP_ONE_OF(7, "slow", "takes its time"),
    KP_ONE_OF(9, "fast", "hurries"),
    NULL,
};

#define HAS(field_) .presence = offsetof(struct all, has_##field_)

static const struct kp_param *const all_table[] = {
    KP_UINT(struct all, level, .minimum = 1, .maximum = 9, .fallback = "6", .summary = "effort"),
    KP_UINT(struct all, load, .flags = KP_PARAM_REQUIRED | KP_PARAM_HEX, .trait = "load",
            .maximum = 0xffff, .summary = "where it goes"),
    KP_INT(struct all, offset, .low = -8, .high = 8, .fallback = "-1", .summary = "an offset"),
    KP_TEXT(struct all, name, HAS(name), .flags = KP_PARAM_TRAITS, .minimum = 1, .maximum = 8,
            .summary = "a name"),
    KP_TEXT(struct all, word, HAS(word), .minimum = 2, .maximum = 4, .summary = "a word"),
    KP_TEXT(struct all, version, .flags = KP_PARAM_TRAITS, .trait = "version", .fallback = "none",
            .summary = "a release"),
    KP_IMAGE(struct all, tree, HAS(tree), .summary = "an image"),
    KP_STAGE(struct all, stage, HAS(stage), .summary = "a stage"),
    KP_IMAGE_LIST(struct all, images, .min_items = 1, .max_items = 3, .summary = "images"),
    KP_RECORD_LIST(struct all, items, struct item, HAS(items), .fields = item_table,
                   .summary = "records"),
    KP_UINT_LIST(struct all, numbers, .fallback = "[1, 2K]", .summary = "numbers"),
    KP_TEXT_LIST(struct all, words, .fallback = "one", .summary = "words"),
    KP_ROW_(KP_TYPE_BOOL, struct all, flags, 0, KP_PARAM_LIST, .summary = "switches"),
    KP_ROW_(KP_TYPE_CHOICE, struct all, modes, 0, KP_PARAM_LIST, .choices = modes,
            .summary = "modes"),
    KP_RECORD(struct all, inner, .fields = inner_table, .summary = "a record"),
    KP_RECORD(struct all, maybe, HAS(maybe), .fields = inner_table, .summary = "another"),
    KP_CHOICE(struct all, mode, .choices = modes, .fallback = "fast", .summary = "how"),
    KP_BOOL(struct all, flag, HAS(flag), .summary = "a switch"),
    KP_BOOL(struct all, old, .deprecated = "use 'flag'", .summary = "an old switch"),
    NULL,
};

static const struct kp_static_row compiled_in[] = {
    {"probe", kpipe_note_probe, kpipe_plugin_probe},
    {NULL, NULL, NULL},
};

static struct kp_registry *registry;
static const char *impossible; /* a trait that the main input cannot have */

/* Images are called i0 to i9, and _. */
static bool find_image(void *data, const struct kp_param *row, const struct kp_node *scalar,
                       size_t *index)
{
    (void)data;
    *index = strcmp(scalar->text, "_") == 0 ? KP_VALUE_MAIN : (size_t)(scalar->text[1] - '0');
    if (*index == KP_VALUE_MAIN || scalar->text[0] == 'i')
        return true;
    return kp_error(diags, scalar->place, KP1207, "all", row->name, scalar->text);
}

static bool possible(void *data, const char *trait)
{
    (void)data;
    return impossible == NULL || strcmp(trait, impossible) != 0;
}

/* The values of a text "all: {parameters}"; NULL after findings. */
UNUSED static struct kp_value *check_in(const struct kp_param *const *table, const char *text,
                                        size_t *count)
{
    const struct kp_node *node = yaml(text);
    const struct kp_binder binder = {.arena = arena,
                                     .diags = diags,
                                     .registry = registry,
                                     .stage = "all",
                                     .image = find_image,
                                     .trait_possible = possible};

    return kp_bind_check(&binder, table, node->items[0], node->keys[0]->place, count);
}

UNUSED static struct kp_value *check(const char *text, size_t *count)
{
    return check_in(all_table, text, count);
}

static void begin(void)
{
    set_up();
    registry = registry_of(compiled_in);
}

static void end(void)
{
    kp_registry_free(registry);
    tear_down();
}

#endif
