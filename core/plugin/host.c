/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/host.c - the services of kpipe/host.h, for a plugin in this process. Each
 * checks what the plugin hands in; a call that cannot be right is the plugin's fault
 * and is reported as such.
 */
#include <inttypes.h>
#include <string.h>

#include "kpipe/bytes.h"
#include "kpipe/traits.h"
#include "plugin/call_private.h"

#ifndef KPIPE_VERSION
#define KPIPE_VERSION "0"
#endif

static int32_t no_memory(struct kp_call_state *state)
{
    state->failures++;
    kp_out_of_memory(state->context->diags);
    return KP_FAILED;
}

static int32_t fault(struct kp_call_state *state, const char *what)
{
    kp_call_fault(state, what);
    return KP_FAILED;
}

/* --- images --- */

static uint64_t image_size(struct kp_call *call, const struct kp_image *image)
{
    (void)call;
    return image == NULL ? 0 : kp_range_size(image->range);
}

static const uint8_t *image_view(struct kp_call *call, const struct kp_image *image)
{
    const uint8_t *view;

    if (image == NULL) {
        fault(kp_call_state(call), "image_view of NULL");
        return NULL;
    }
    view = kp_range_view(image->range);
    if (view == NULL)
        no_memory(kp_call_state(call));
    return view;
}

static int32_t image_read(struct kp_call *call, const struct kp_image *image, uint64_t offset,
                          void *to, uint64_t length)
{
    struct kp_call_state *state = kp_call_state(call);
    struct kp_problem problem = {.size = sizeof(problem)};
    const char *text;

    if (image == NULL || to == NULL)
        return fault(state, "image_read of NULL");
    if (kp_range_read(image->range, offset, to, length))
        return KP_OK;
    text = kp_arena_printf(state->arena,
                           "%" PRIu64 " bytes at offset %" PRIu64 " of an image of %" PRIu64
                           " bytes: it ends too early",
                           length, offset, kp_range_size(image->range));
    problem.text = text == NULL ? "the image ends too early" : text;
    return call->host->fail(call, &problem);
}

static int32_t image_piece(struct kp_call *call, const struct kp_image *image, uint64_t offset,
                           const uint8_t **bytes, uint64_t *length)
{
    if (image == NULL || bytes == NULL || length == NULL || offset > kp_range_size(image->range))
        return fault(kp_call_state(call), "image_piece behind the end of an image");
    kp_range_piece(image->range, offset, bytes, length);
    return KP_OK;
}

static const struct kp_image *image_slice(struct kp_call *call, const struct kp_image *image,
                                          uint64_t offset, uint64_t length)
{
    struct kp_call_state *state = kp_call_state(call);
    struct kp_image **slot;
    struct kp_image *slice;

    if (image == NULL || !kp_inside(kp_range_size(image->range), offset, length)) {
        fault(state, "image_slice behind the end of an image");
        return NULL;
    }
    slot = KP_PUSH(&state->images, struct kp_image *);
    slice = KP_ARENA_NEW(state->arena, struct kp_image);
    if (slot == NULL || slice == NULL) {
        no_memory(state);
        return NULL;
    }
    *slot = slice;
    slice->range = kp_range_slice(image->range, offset, length);
    if (slice->range != NULL)
        return slice;
    no_memory(state);
    return NULL;
}

static int32_t identify(struct kp_call *call, const struct kp_image *image,
                        struct kp_identity *identity)
{
    struct kp_call_state *state = kp_call_state(call);

    if (image == NULL || identity == NULL || identity->size < sizeof(*identity))
        return fault(state, "identify without an image or a place for the answer");
    identity->kind = NULL;
    identity->codec = NULL;
    kp_registry_identify(state->context->registry, image->range, &identity->kind, &identity->codec);
    return KP_OK;
}

/* --- outputs --- */

static int32_t told(struct kp_call_state *state, enum kp_output_result result)
{
    switch (result) {
    case KP_OUTPUT_OK:
        return KP_OK;
    case KP_OUTPUT_NO_MEMORY:
        return no_memory(state);
    case KP_OUTPUT_TOO_LARGE:
        state->failures++;
        /* An inspection's output takes no bytes: there is a request. */
        kp_error_hint(state->context->diags, state->request->place,
                      "is the input what it should be? `kpipe inspect` tells", KP1504, state->name,
                      state->context->output_limit);
        return KP_FAILED;
    default:
        return fault(state, "output used against its rules (kpipe/host.h, outputs)");
    }
}

static int32_t output_append(struct kp_call *call, struct kp_output *output, const void *bytes,
                             uint64_t length)
{
    if (output == NULL || (bytes == NULL && length > 0))
        return fault(kp_call_state(call), "output_append of NULL");
    return told(kp_call_state(call), kp_output_append(output, bytes, length));
}

static int32_t output_range(struct kp_call_state *state, struct kp_output *output,
                            struct kp_range *range)
{
    enum kp_output_result result;

    if (range == NULL)
        return no_memory(state);
    result = kp_output_range(output, range);
    kp_range_unref(range);
    return told(state, result);
}

static int32_t output_image(struct kp_call *call, struct kp_output *output,
                            const struct kp_image *image, uint64_t offset, uint64_t length)
{
    struct kp_call_state *state = kp_call_state(call);

    if (output == NULL || image == NULL || !kp_inside(kp_range_size(image->range), offset, length))
        return fault(state, "output_image behind the end of an image");
    return output_range(state, output, kp_range_slice(image->range, offset, length));
}

static int32_t output_fill(struct kp_call *call, struct kp_output *output, uint8_t byte,
                           uint64_t length)
{
    struct kp_call_state *state = kp_call_state(call);

    if (output == NULL)
        return fault(state, "output_fill of NULL");
    return output_range(state, output, kp_range_fill(byte, length));
}

static uint8_t *output_reserve(struct kp_call *call, struct kp_output *output, uint64_t length)
{
    uint8_t *at = NULL;

    if (output == NULL) {
        fault(kp_call_state(call), "output_reserve of NULL");
        return NULL;
    }
    return told(kp_call_state(call), kp_output_reserve(output, length, &at)) == KP_OK ? at : NULL;
}

static int32_t output_give_back(struct kp_call *call, struct kp_output *output, uint64_t length)
{
    if (output == NULL)
        return fault(kp_call_state(call), "output_give_back of NULL");
    return told(kp_call_state(call), kp_output_give_back(output, length));
}

static uint64_t output_size(struct kp_call *call, struct kp_output *output)
{
    (void)call;
    return output == NULL ? 0 : output->size;
}

static bool declared(const char *const *names, const char *name)
{
    for (; names != NULL && *names != NULL; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static struct kp_output *output_part(struct kp_call *call, const char *name)
{
    struct kp_call_state *state = kp_call_state(call);

    if (name == NULL || state->operation == NULL || !declared(state->operation->parts, name)) {
        fault(state, "a part that it did not declare");
        return NULL;
    }
    for (size_t i = 0; i < state->request->wanted_count; i++) {
        if (strcmp(state->request->wanted_parts[i], name) == 0) {
            state->parts[i].part = state->request->wanted_parts[i];
            return &state->parts[i];
        }
    }
    return NULL;
}

/* --- traits --- */

static const struct kp_trait *find_trait(const struct kp_image *image, const char *name)
{
    return image == NULL || name == NULL ? NULL : kp_traits_get(&image->traits, name);
}

static int32_t trait_number(struct kp_call *call, const struct kp_image *image, const char *name,
                            uint64_t *value)
{
    const struct kp_trait *trait = find_trait(image, name);

    (void)call;
    if (trait == NULL || trait->text != NULL)
        return 0;
    *value = trait->number;
    return 1;
}

static int32_t trait_text(struct kp_call *call, const struct kp_image *image, const char *name,
                          struct kp_text *value)
{
    const struct kp_trait *trait = find_trait(image, name);

    (void)call;
    if (trait == NULL || trait->text == NULL)
        return 0;
    value->bytes = trait->text;
    value->length = strlen(trait->text);
    return 1;
}

/* The architecture of an output, as far as it is known; or NULL. */
static const char *output_arch(const struct kp_call_state *state, const struct kp_output *output)
{
    const struct kp_trait *trait = kp_traits_get(&output->traits, KP_TRAIT_ARCH);

    if (trait != NULL)
        return trait->text;
    return state->request == NULL ? NULL : state->request->arch;
}

/* What is declared for architectures with physical addresses only. */
static bool may_set_physical(struct kp_call_state *state, const struct kp_output *output,
                             const char *name)
{
    const char *arch = output_arch(state, output);
    const struct kp_arch *facts =
        arch == NULL ? NULL : kp_registry_arch(state->context->registry, arch);

    if (facts == NULL || (facts->flags & KP_ARCH_PADDR_PHYSICAL) != 0)
        return true;
    return kp_call_fault(
        state, kp_arena_printf(state->arena, "sets the trait '%s', which is not physical on '%s'",
                               name, arch));
}

/* Whether the operation may set that trait now. An inspection may set any. */
static bool may_set(struct kp_call_state *state, struct kp_output *output, const char *name)
{
    const struct kp_operation *operation = state->operation;

    if (output == NULL || name == NULL || !kp_trait_is_name(name))
        return kp_call_fault(state, "sets a trait whose name is none");
    if (operation == NULL || !kp_trait_is_content(name) || declared(operation->sets, name))
        return true;
    if (declared(operation->sets_if_physical, name))
        return may_set_physical(state, output, name);
    return kp_call_fault(
        state,
        kp_arena_printf(state->arena, "sets the trait '%s', which it did not declare", name));
}

static int32_t set_number(struct kp_call *call, struct kp_output *output, const char *name,
                          uint64_t value)
{
    struct kp_call_state *state = kp_call_state(call);

    if (!may_set(state, output, name))
        return KP_FAILED;
    if (kp_trait_type(name) == KP_TRAIT_IS_TEXT)
        return fault(state, "sets a trait to a number that is a text");
    return kp_traits_set_number(&output->traits, name, value) ? KP_OK : no_memory(state);
}

/* A recipe's architecture is the default where inputs are silent, and an error
 * where they disagree: a stage that finds another one in the bytes fails. An inspection
 * has no recipe. */
static int32_t set_arch(struct kp_call_state *state, struct kp_output *output, const char *value)
{
    const char *name = kp_registry_arch_name(state->context->registry, value);
    const char *old = state->request == NULL ? NULL : output_arch(state, output);

    name = name == NULL ? value : name;
    if (state->request != NULL && old != NULL && strcmp(old, name) != 0) {
        state->failures++;
        kp_error_hint(state->context->diags, state->request->place,
                      "correct `arch:` in the recipe or the facts of the input, or give another "
                      "input",
                      KP1503, state->name, KP_TRAIT_ARCH, "the image", name, old);
        return KP_FAILED;
    }
    return kp_traits_set_text(&output->traits, KP_TRAIT_ARCH, name) ? KP_OK : no_memory(state);
}

static int32_t set_text(struct kp_call *call, struct kp_output *output, const char *name,
                        const char *value)
{
    struct kp_call_state *state = kp_call_state(call);

    if (!may_set(state, output, name))
        return KP_FAILED;
    if (value == NULL || kp_trait_type(name) == KP_TRAIT_IS_NUMBER)
        return fault(state, "sets a trait to a text that is a number");
    if (strcmp(name, KP_TRAIT_ARCH) == 0)
        return set_arch(state, output, value);
    return kp_traits_set_text(&output->traits, name, value) ? KP_OK : no_memory(state);
}

static int32_t clear_trait(struct kp_call *call, struct kp_output *output, const char *name)
{
    if (output == NULL || name == NULL)
        return fault(kp_call_state(call), "clear_trait of NULL");
    kp_traits_clear(&output->traits, name);
    return KP_OK;
}

/* --- reports --- */

static int32_t field(struct kp_call *call, const struct kp_field *reported)
{
    struct kp_call_state *state = kp_call_state(call);

    if (reported == NULL || reported->size < sizeof(*reported) || reported->name == NULL ||
        (reported->type == KP_FIELD_TEXT && reported->text.bytes == NULL))
        return fault(state, "field without a name or a value");
    if (state->context->field == NULL || state->context->field(state->context->data, reported))
        return KP_OK;
    return no_memory(state);
}

/* A finding in the plugin's words, at the field that it names or at the stage. */
static void report(const struct kp_call_state *state, enum kp_severity severity,
                   const struct kp_bound_field *at, const struct kp_problem *problem)
{
    struct kp_diags *diags = state->context->diags;

    if (state->request == NULL)
        kp_finding_add(diags, severity, KP_NOWHERE, problem->hint, problem->detail, KP1506,
                       state->name, problem->text);
    else
        kp_finding_add(diags, severity, at == NULL ? state->request->place : at->place,
                       problem->hint, problem->detail, KP1501, state->name, problem->text);
}

static void message(struct kp_call *call, uint32_t severity, const char *text, const char *detail)
{
    const struct kp_call_state *state = kp_call_state(call);
    const struct kp_call_context *context = state->context;

    if (text == NULL)
        return;
    if (severity == KP_WARNING)
        report(state, KP_SEVERITY_WARNING, NULL,
               &(struct kp_problem){.text = text, .detail = detail});
    else if (context->note != NULL)
        context->note(context->data, text, detail);
}

static int32_t fail(struct kp_call *call, const struct kp_problem *problem)
{
    struct kp_call_state *state = kp_call_state(call);
    const struct kp_bound_field *at = NULL;

    if (problem == NULL || problem->size < sizeof(*problem) || problem->text == NULL)
        return fault(state, "fail without a text");
    if (problem->field != NULL)
        at = kp_bind_locate(&state->bound, problem->field);
    /* The first error is the cause; what follows from it is for developers. */
    if (state->failures++ == 0)
        report(state, KP_SEVERITY_ERROR, at, problem);
    else if (state->context->note != NULL)
        state->context->note(state->context->data, problem->text, problem->detail);
    return KP_FAILED;
}

static void progress(struct kp_call *call, uint64_t done, uint64_t total)
{
    const struct kp_call_context *context = kp_call_state(call)->context;

    if (context->progress != NULL)
        context->progress(context->data, done, total);
}

static int32_t cancelled(struct kp_call *call)
{
    const struct kp_call_context *context = kp_call_state(call)->context;

    return context->cancelled != NULL && context->cancelled(context->data) ? 1 : 0;
}

/* --- memory, threads, the rest --- */

static void *scratch(struct kp_call *call, uint64_t length)
{
    struct kp_call_state *state = kp_call_state(call);
    void *memory;

    if (length > state->scratch_limit - state->scratch) {
        fault(state, "asks for more scratch memory than it declared");
        return NULL;
    }
    state->scratch += length;
    memory = kp_arena_alloc(state->arena, (size_t)length);
    if (memory == NULL)
        no_memory(state);
    return memory;
}

static int32_t parallel(struct kp_call *call, uint64_t count, kp_task task, void *data)
{
    struct kp_call_state *state = kp_call_state(call);

    if (task == NULL)
        return fault(state, "parallel without a task");
    if (state->context->parallel != NULL) {
        if (state->context->parallel(state->context->data, count, task, data))
            return KP_OK;
        return no_memory(state);
    }
    for (uint64_t i = 0; i < count; i++)
        task(data, i);
    return KP_OK;
}

static const struct kp_image *run_stage(struct kp_call *call, const struct kp_stage_value *stage,
                                        const struct kp_image *input)
{
    struct kp_call_state *state = kp_call_state(call);
    struct kp_call_result result = {0};
    struct kp_call_request request;
    struct kp_image **slot = KP_PUSH(&state->images, struct kp_image *);
    struct kp_image *image = KP_ARENA_NEW(state->arena, struct kp_image);

    if (stage == NULL || input == NULL || state->request == NULL) {
        fault(state, "run_stage without a stage or an input");
        return NULL;
    }
    if (slot == NULL || image == NULL) {
        no_memory(state);
        return NULL;
    }
    *slot = image;
    request = (struct kp_call_request){.stage = stage->stage,
                                       .place = stage->place,
                                       .values = stage->values,
                                       .value_count = stage->count,
                                       .main = input,
                                       .images = state->request->images,
                                       .image_count = state->request->image_count,
                                       .arch = state->request->arch};
    if (!kp_call_run_inner(state, &request, &result)) {
        state->failures++;
        kp_call_result_clear(&result);
        return NULL;
    }
    *image = result.output;
    return image;
}

static const struct kp_arch *arch(struct kp_call *call, const char *name)
{
    return name == NULL ? NULL : kp_registry_arch(kp_call_state(call)->context->registry, name);
}

static uint64_t build_time(struct kp_call *call)
{
    return kp_call_state(call)->context->build_time;
}

static const void *get_extension(const struct kp_host *host, const char *id)
{
    (void)host;
    (void)id;
    return NULL; /* level 0 has none yet */
}

const struct kp_host kp_host_services = {
    .size = sizeof(struct kp_host),
    .api_level = KP_API_LEVEL_NEWEST,
    .version = KPIPE_VERSION,
    .image_size = image_size,
    .image_view = image_view,
    .image_read = image_read,
    .image_piece = image_piece,
    .image_slice = image_slice,
    .identify = identify,
    .output_append = output_append,
    .output_image = output_image,
    .output_fill = output_fill,
    .output_reserve = output_reserve,
    .output_give_back = output_give_back,
    .output_size = output_size,
    .output_part = output_part,
    .trait_number = trait_number,
    .trait_text = trait_text,
    .set_number = set_number,
    .set_text = set_text,
    .clear_trait = clear_trait,
    .field = field,
    .message = message,
    .fail = fail,
    .progress = progress,
    .cancelled = cancelled,
    .alloc = scratch,
    .parallel = parallel,
    .run_stage = run_stage,
    .arch = arch,
    .build_time = build_time,
    .get_extension = get_extension,
};
