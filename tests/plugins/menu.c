/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugins/menu.c - a plugin with a parameter of each type and each way of being declared,
 * for the tests of what is made from tables: the schema, the manual, completion. Its stages
 * are never run.
 */
#include <kpipe/kpipe.h>

struct deep {
    uint8_t quick;
};

struct region {
    struct kp_text name;
    uint64_t length;
    struct deep deep;
};

struct menu {
    uint64_t count;
    int64_t shift;
    uint8_t quick;
    uint32_t mode;
    uint8_t has_title;
    struct kp_text title;
    struct kp_list names;
    struct kp_list with;
    struct kp_list regions;
    const struct kp_stage_value *codec;
    uint64_t old;
    const struct kp_image *image;
    const struct kp_key *key;
};

static const struct kp_param *const deep_table[] = {
    KP_BOOL(struct deep, quick, .fallback = "yes", .summary = "deeper and quicker"),
    NULL,
};

static const struct kp_param *const region_table[] = {
    KP_TEXT(struct region, name, .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT, .minimum = 1,
            .maximum = 8, .summary = "the region's name"),
    KP_UINT(struct region, length, .maximum = 0x100000, .unit = "bytes",
            .summary = "the region's length"),
    KP_RECORD(struct region, deep, .fields = deep_table, .summary = "a record in a record"),
    NULL,
};

static const struct kp_choice *const modes[] = {
    KP_ONE_OF(0, "no", "a word that YAML may read as a boolean"),
    KP_ONE_OF(1, "6", "one that it reads as a number"),
    KP_ONE_OF(2, "kernel-6.1", "one that it reads as text"),
    NULL,
};

static const struct kp_param *const menu_table[] = {
    KP_UINT(struct menu, count, .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT, .minimum = 1,
            .maximum = 20, .summary = "how many"),
    KP_INT(struct menu, shift, .low = -8, .high = 8, .fallback = "-1", .summary = "by how much"),
    KP_BOOL(struct menu, quick, .fallback = "false", .summary = "without \"waiting\" \\ resting",
            .help =
                "A paragraph.\n\nAnother one:\n\n    an example\n    .of two lines\n\nThe end."),
    KP_CHOICE(struct menu, mode, .choices = modes, .fallback = "no", .summary = "in which way"),
    KP_TEXT(struct menu, title, .presence = offsetof(struct menu, has_title), .maximum = 8,
            .flags = KP_PARAM_TRAITS, .summary = "a short title"),
    KP_TEXT_LIST(struct menu, names, .max_items = 3, .summary = "at most three"),
    KP_IMAGE_LIST(struct menu, with, .summary = "images beside it"),
    KP_RECORD_LIST(struct menu, regions, struct region, .fields = region_table,
                   .summary = "regions"),
    KP_STAGE(struct menu, codec, .passes = "mode", .summary = "a stage of its own"),
    KP_UINT(struct menu, old, .deprecated = "use count", .since = "1.0.0", .summary = "as count"),
    KP_IMAGE(struct menu, image, .summary = "one image"),
    KP_KEY(struct menu, key, .summary = "one key"),
    NULL,
};

struct served {
    uint32_t mode;
};

static const struct kp_param *const served_table[] = {
    KP_CHOICE(struct served, mode, .choices = modes, .flags = KP_PARAM_REQUIRED,
              .summary = "what the menu passes"),
    NULL,
};

static int32_t run(struct kp_call *call)
{
    return kp_fail(call, "the menu is only looked at");
}

static const struct kp_operation menu_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "takes one of everything",
    .help = "Its help ends here.",
    .output_kind = KP_KIND_RAW,
    .params = menu_table,
    .params_size = sizeof(struct menu),
    .run = run,
};
static const struct kp_operation served_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "takes what is passed",
    .output_kind = KP_KIND_RAW,
    .params = served_table,
    .params_size = sizeof(struct served),
    .run = run,
};
static const struct kp_operation starter_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC | KP_OP_NO_INPUT,
    .threading = KP_THREADS_ANY,
    .summary = "begins a chain",
    .output_kind = KP_KIND_RAW,
    .run = run,
};

static const struct kp_format menu = {
    .size = sizeof(struct kp_format), .name = "menu", .summary = "a menu", .pack = &menu_pack};
static const struct kp_format served = {.size = sizeof(struct kp_format),
                                        .name = "served",
                                        .summary = "what is served",
                                        .pack = &served_pack};
static const struct kp_format starter = {.size = sizeof(struct kp_format),
                                         .name = "starter",
                                         .summary = "a starter",
                                         .pack = &starter_pack};
static const struct kp_format *const formats[] = {&menu, &served, &starter, NULL};

KP_PLUGIN("org.example.menu", "menu", "1.0.0", "MIT", "Example & Sons", "https://example.org",
          "one of everything",
          KP_OFFERS_FORMAT("menu") KP_OFFERS_FORMAT("served") KP_OFFERS_FORMAT("starter")
              KP_OFFERS_STAGE("menu") KP_OFFERS_STAGE("served") KP_OFFERS_STAGE("starter"),
          .formats = formats)
