/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/call_end.c - what comes after the plugin's function: whether what it says can be true,
 * its outputs taken over, all else let go of.
 */
#include <stdlib.h>
#include <string.h>

#include "kpipe/traits.h"
#include "plugin/call_private.h"

bool kp_call_believe(struct kp_call_state *state, int32_t returned)
{
    const struct kp_call_context *context = state->context;

    if (state->misbehaved)
        return false;
    if (returned == KP_OK && state->failures == 0 && state->request != NULL &&
        state->request->end != NULL && !state->ended)
        return kp_call_fault(state, "did not tell where its stream ends");
    if (returned == KP_OK && state->failures == 0)
        return true;
    if (returned == KP_OK)
        return kp_call_fault(state, "returned success after reporting an error");
    if (returned != KP_FAILED)
        return kp_call_fault(state, "returned a number that is neither success nor failure");
    if (state->failures == 0 && !(context->cancelled != NULL && context->cancelled(context->data)))
        return kp_call_fault(state, "failed without saying why");
    return false;
}

const char *kp_call_vanished(const struct kp_call_state *state)
{
    const struct kp_call_request *request = state->request;
    const struct kp_image *main = state->desk.call.input;
    const char *name = main == NULL ? NULL : kp_range_vanished(main->range);

    for (size_t i = 0; name == NULL && request != NULL && i < request->image_count; i++)
        name = kp_range_vanished(request->images[i]->range);
    for (size_t i = 0; name == NULL && i < state->members.count; i++)
        name = kp_range_vanished(KP_ITEM(&state->members, struct kp_image *, i)->range);
    return name;
}

/* The encoding traits that the host sets itself: the kind, declared or found, and
 * the codec. */
static bool set_kind(const struct kp_call_state *state, struct kp_image *image)
{
    const struct kp_operation *operation = state->operation;
    const struct kp_traits *before =
        state->request->main == NULL ? NULL : &state->request->main->traits;
    const char *kind = operation->output_kind;
    const char *codec = state->request->stage->codec;

    if (kind == NULL) {
        kp_registry_identify(state->context->registry, image->range, &kind, &codec);
    } else if (strcmp(kind, KP_KIND_SAME) == 0) {
        const struct kp_trait *old_kind = before == NULL ? NULL : kp_traits_get(before, "kind");
        const struct kp_trait *old_codec = before == NULL ? NULL : kp_traits_get(before, "codec");

        kind = old_kind == NULL ? NULL : old_kind->text;
        codec = old_codec == NULL ? NULL : old_codec->text;
    }
    if (kind != NULL && !kp_traits_set_text(&image->traits, KP_TRAIT_KIND, kind))
        return false;
    return codec == NULL || kp_traits_set_text(&image->traits, KP_TRAIT_CODEC, codec);
}

/* What bytes are, where nobody said so. */
static bool set_found_kind(const struct kp_call_state *state, struct kp_image *image)
{
    const char *kind = NULL;
    const char *codec = NULL;

    kp_registry_identify(state->context->registry, image->range, &kind, &codec);
    return (kind == NULL || kp_traits_set_text(&image->traits, KP_TRAIT_KIND, kind)) &&
           (codec == NULL || kp_traits_set_text(&image->traits, KP_TRAIT_CODEC, codec));
}

static bool take_output(struct kp_call_state *state, struct kp_output *output, bool is_main,
                        struct kp_image *image)
{
    enum kp_output_result result;

    image->traits = output->traits;
    output->traits = (struct kp_traits){0};
    result = kp_output_finish(output, &image->range);
    if (result == KP_OUTPUT_OVERRUN)
        return kp_call_fault(state, KP_OUTPUT_OVERRUN_TEXT);
    if (result != KP_OUTPUT_OK)
        return kp_out_of_memory(state->context->diags);
    if (is_main && !set_kind(state, image))
        return kp_out_of_memory(state->context->diags);
    return is_main || set_found_kind(state, image) || kp_out_of_memory(state->context->diags);
}

/* The images of a source with what it said of them. */
static bool finish_items(struct kp_call_state *state)
{
    const struct kp_source_items *items = state->request->source_items;

    for (size_t i = 0; i < items->names.count; i++) {
        const struct kp_source_name *name = KP_ITEM(&items->names, struct kp_source_name *, i);

        for (size_t j = 0; j < name->images.count; j++) {
            struct kp_source_image *item = KP_ITEM(&name->images, struct kp_source_image *, j);

            item->image.traits = item->traits.traits;
            item->traits.traits = (struct kp_traits){0};
            if (kp_traits_get(&item->image.traits, KP_TRAIT_KIND) == NULL &&
                !set_found_kind(state, &item->image))
                return kp_out_of_memory(state->context->diags);
        }
    }
    return true;
}

bool kp_call_finish(struct kp_call_state *state, struct kp_call_result *result)
{
    const struct kp_call_request *request = state->request;

    if (request->source_items != NULL)
        return finish_items(state);

    if (request->output_limit != 0 && state->desk.output.size > request->output_limit)
        return kp_error(state->context->diags, request->place, KP1504, state->name,
                        request->output_limit);
    if (!take_output(state, &state->desk.output, true, &result->output))
        return false;
    if (request->wanted_count == 0)
        return true;
    result->parts = calloc(request->wanted_count, sizeof(*result->parts));
    if (result->parts == NULL)
        return kp_out_of_memory(state->context->diags);
    result->part_count = request->wanted_count;
    for (size_t i = 0; i < request->wanted_count; i++) {
        if (state->parts[i].part == NULL)
            return kp_error_hint(state->context->diags, request->place,
                                 "`kpipe inspect` tells what the image holds", KP1505, state->name,
                                 request->wanted_parts[i]);
        if (!take_output(state, &state->parts[i], false, &result->parts[i]))
            return false;
    }
    return true;
}

void kp_call_clear(struct kp_call_state *state)
{
    for (size_t i = 0; i < state->members.count; i++) {
        struct kp_image *image = KP_ITEM(&state->members, struct kp_image *, i);

        if (image != NULL)
            kp_image_clear(image);
    }
    kp_vector_free(&state->members);
    kp_vector_free(&state->bound.fields);
    kp_vector_free(&state->bound.keys);
    for (size_t i = 0; state->parts != NULL && i < state->request->wanted_count; i++)
        kp_output_clear(&state->parts[i]);
    kp_desk_clear(&state->desk);
    kp_arena_free(state->desk.arena);
}
