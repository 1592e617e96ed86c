/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/call-shared.h - calls of tests/plugins/rogue.c, with all that they tell
 * collected. Included by tests/unit/plugin-call.c and plugin-faults.c only.
 */
#ifndef KP_TEST_CALL_SHARED_H
#define KP_TEST_CALL_SHARED_H

#define KP_STATIC_NAME rogue
#include "../plugins/rogue.c"

#include "engine-shared.h"
#include "plugin/call.h"

enum { OUTPUT_LIMIT = 4096 };

static const struct kp_static_row compiled_in[] = {
    {"rogue", kpipe_note_rogue, kpipe_plugin_rogue},
    {NULL, NULL, NULL},
};

/* What a call gets and what it told; `told` collects notes, progress and fields. */
static struct kp_registry *registry;
static struct kp_image input, other;
static struct kp_call_context context;
static struct kp_call_request request;
static struct kp_call_result result;
static char told[512];
static bool is_cancelled;

static bool on_cancelled(void *data)
{
    (void)data;
    return is_cancelled;
}

static void on_progress(void *data, uint64_t done, uint64_t total)
{
    sprintf((char *)data + strlen(data), "progress %d of %d\n", (int)done, (int)total);
}

static void on_note(void *data, const char *text, const char *detail)
{
    if (is_of_machine(text))
        return;
    sprintf((char *)data + strlen(data), "note %s (%s)\n", text, detail == NULL ? "-" : detail);
}

UNUSED static bool on_field(void *data, const struct kp_field *field)
{
    sprintf((char *)data + strlen(data), "field %s %d %d %d %d %.*s %s\n", field->name,
            (int)field->offset, (int)field->length, (int)field->number, (int)field->flags,
            (int)field->text.length, field->text.bytes,
            field->meaning == NULL ? "-" : field->meaning);
    return field->number != 99;
}

UNUSED static bool no_threads(void *data, uint64_t count, kp_task task, void *task_data)
{
    (void)data;
    (void)count;
    (void)task;
    (void)task_data;
    return false;
}

static bool find_image(void *data, const struct kp_param *row, const struct kp_node *scalar,
                       size_t *index)
{
    (void)data;
    (void)row;
    *index = strcmp(scalar->text, "_") == 0 ? KP_VALUE_MAIN : 0;
    return true;
}

static bool any_trait(void *data, const char *trait)
{
    (void)data;
    (void)trait;
    return true;
}

static void begin(void)
{
    static const struct kp_image *images[] = {&other};

    set_up();
    registry = registry_of(compiled_in);
    input.range = kp_range_copy("ROGUbcdef", 9);
    other.range = kp_range_copy("second", 6);
    context = (struct kp_call_context){.registry = registry,
                                       .diags = diags,
                                       .build_time = 1234567,
                                       .output_limit = OUTPUT_LIMIT,
                                       .data = told,
                                       .cancelled = on_cancelled,
                                       .progress = on_progress,
                                       .note = on_note};
    request = (struct kp_call_request){.main = &input, .images = images, .image_count = 1};
}

static void end(void)
{
    kp_call_result_clear(&result);
    kp_image_clear(&input);
    kp_image_clear(&other);
    kp_registry_free(registry);
    tear_down();
}

/* Calls the stage of a text "rogue: {parameters}". */
static bool call(const char *text)
{
    const struct kp_node *node = yaml(text);
    const struct kp_binder binder = {.arena = arena,
                                     .diags = diags,
                                     .registry = registry,
                                     .stage = "rogue",
                                     .image = find_image,
                                     .trait_possible = any_trait};

    kp_call_result_clear(&result);
    request.place = node->keys[0]->place;
    request.stage = kp_registry_stage(registry, diags, request.place, node->keys[0]->text);
    ck_assert_ptr_nonnull(request.stage);
    request.values = kp_bind_check(&binder, request.stage->operation.params, node->items[0],
                                   request.place, &request.value_count);
    ck_assert_ptr_nonnull(request.values);
    return kp_call_run(&context, &request, &result);
}

UNUSED static void expect_bytes(const struct kp_image *image, const char *expected, size_t size)
{
    ck_assert_uint_eq(kp_range_size(image->range), size);
    ck_assert_mem_eq(kp_range_view(image->range), expected, size);
}

/* Its traits are "name=value ..." in the order of names. */
UNUSED static void expect_traits(const struct kp_traits *traits, const char *expected)
{
    char text[256] = "";

    for (size_t i = 0; i < traits->count; i++) {
        const struct kp_trait *trait = &traits->items[i];

        if (trait->text != NULL)
            sprintf(text + strlen(text), "%s=%s ", trait->name, trait->text);
        else
            sprintf(text + strlen(text), "%s=0x%x ", trait->name, (unsigned)trait->number);
    }
    ck_assert_str_eq(text, expected);
}

/* Calls, and gets that text and no finding. */
UNUSED static void expect_output(const char *text, const char *expected)
{
    ck_assert_msg(call(text), "%s failed", text);
    expect_bytes(&result.output, expected, strlen(expected));
    expect_findings("");
}

#endif
