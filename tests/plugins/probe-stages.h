/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/probe-stages.h - the stage types of probe.c that have to do with more than
 * bytes: parts, stages in parameters, traits, kinds. Included by probe.c only.
 */
#ifndef KP_TEST_PROBE_STAGES_H
#define KP_TEST_PROBE_STAGES_H

#include <inttypes.h>
#include <time.h>

#include <kpipe/kpipe.h>

/* --- split --- */

struct split_params {
    uint64_t at;
};

static int32_t write_part(struct kp_call *call, const char *name, uint64_t offset, uint64_t length)
{
    struct kp_output *part = call->host->output_part(call, name);

    return part == NULL ? KP_OK : call->host->output_image(call, part, call->input, offset, length);
}

static int32_t split_run(struct kp_call *call)
{
    const struct split_params *params = call->params;
    const uint64_t size = kp_size(call, call->input);

    if (params->at > size)
        return kp_fail_at(call, &params->at, NULL, "at: %" PRIu64 ": behind the end", params->at);
    if (write_part(call, "head", 0, params->at) != KP_OK ||
        write_part(call, "tail", params->at, size - params->at) != KP_OK ||
        (size > 100 && write_part(call, "extra", 100, size - 100) != KP_OK))
        return KP_FAILED;
    return kp_append_image(call, call->input);
}

static const struct kp_param *const split_table[] = {
    KP_UINT(struct split_params, at, .fallback = "4", .flags = KP_PARAM_SHORT, .unit = "bytes",
            .summary = "size of the head"),
    NULL,
};

static const char *const split_parts[] = {"head", "tail", "extra", NULL};

static const struct kp_operation split_unpack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "take apart",
    .output_kind = KP_KIND_RAW,
    .params = split_table,
    .params_size = sizeof(struct split_params),
    .parts = split_parts,
    .run = split_run,
};

/* --- nest, knot --- */

struct nest_params {
    const struct kp_stage_value *stage;
    uint64_t ms;
};

static int32_t nest_run(struct kp_call *call)
{
    const struct nest_params *params = call->params;
    const struct kp_image *inner;

    nanosleep(&(struct timespec){0, (long)params->ms * 1000000}, NULL);
    inner = call->host->run_stage(call, params->stage, call->input);
    return inner == NULL ? KP_FAILED : kp_append_image(call, inner);
}

static const struct kp_param *const nest_table[] = {
    KP_STAGE(struct nest_params, stage, .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT,
             .summary = "what to run"),
    KP_UINT(struct nest_params, ms, .maximum = 999, .summary = "how long to wait before"),
    NULL,
};

#define NEST_OPERATION(threading_)                                                                 \
    {                                                                                              \
        .size = sizeof(struct kp_operation), .flags = KP_OP_DETERMINISTIC,                         \
        .threading = (threading_), .summary = "run another stage", .params = nest_table,           \
        .params_size = sizeof(struct nest_params), .run = nest_run,                                \
    }

static const struct kp_operation nest_pack = NEST_OPERATION(KP_THREADS_STAGE);
static const struct kp_operation nest_unpack = NEST_OPERATION(KP_THREADS_STAGE);
static const struct kp_operation knot_pack = NEST_OPERATION(KP_THREADS_PLUGIN);

/* --- each --- */

struct each_params {
    const struct kp_stage_value *stage;
    struct kp_list images;
};

static int32_t each_run(struct kp_call *call)
{
    const struct each_params *params = call->params;
    const uint64_t count = params->images.count;
    const struct kp_image **made = call->host->alloc(call, (count + 1) * sizeof(*made));

    if (made == NULL ||
        call->host->run_stages(call, params->stage, params->images.items, count, made) != KP_OK)
        return KP_FAILED;
    for (uint64_t i = 0; i < count; i++)
        if (kp_append_image(call, made[i]) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

static const struct kp_param *const each_table[] = {
    KP_STAGE(struct each_params, stage, .flags = KP_PARAM_REQUIRED, .summary = "what to run"),
    KP_IMAGE_LIST(struct each_params, images, .summary = "on what"),
    NULL,
};

static const struct kp_operation each_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "run another stage on each image of a list",
    .params = each_table,
    .params_size = sizeof(struct each_params),
    .memory_base = 65536,
    .run = each_run,
};

/* --- obey --- */

static int32_t obey_run(struct kp_call *call)
{
    const uint64_t size = kp_size(call, call->input);
    const char *text = (const char *)kp_view(call, call->input);

    for (uint64_t i = 0; text != NULL && i < size; i++) {
        if (text[i] == 's')
            nanosleep(&(struct timespec){0, 2000000}, NULL);
        else if (text[i] == 'n')
            kp_message(call, KP_NOTE, "%.*s", (int)size, text);
        else if (text[i] == 'w')
            kp_message(call, KP_WARNING, "%.*s", (int)size, text);
        else if (text[i] == 'f')
            return kp_fail(call, "%.*s", (int)size, text);
    }
    return text == NULL ? KP_FAILED : kp_append_image(call, call->input);
}

static const struct kp_operation obey_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "do what the input says",
    .run = obey_run,
};

/* --- facts, header --- */

struct facts_params {
    struct kp_text arch, version;
    uint64_t load;
    uint8_t has_arch, has_version, has_load;
};

static int32_t facts_run(struct kp_call *call)
{
    const struct facts_params *params = call->params;
    const struct kp_host *host = call->host;

    if ((params->has_arch &&
         host->set_text(call, call->output, KP_TRAIT_ARCH, params->arch.bytes) != KP_OK) ||
        (params->has_version &&
         host->set_text(call, call->output, KP_TRAIT_VERSION, params->version.bytes) != KP_OK) ||
        (params->has_load &&
         host->set_number(call, call->output, KP_TRAIT_LOAD, params->load) != KP_OK))
        return KP_FAILED;
    return kp_append_image(call, call->input);
}

static const struct kp_param *const facts_table[] = {
    KP_TEXT(struct facts_params, arch, .presence = offsetof(struct facts_params, has_arch),
            .summary = "the architecture"),
    KP_TEXT(struct facts_params, version, .presence = offsetof(struct facts_params, has_version),
            .summary = "the release"),
    KP_UINT(struct facts_params, load, .presence = offsetof(struct facts_params, has_load),
            .flags = KP_PARAM_HEX, .summary = "the load address"),
    NULL,
};

static const char *const facts_sets[] = {KP_TRAIT_ARCH, KP_TRAIT_VERSION, NULL};
static const char *const facts_sets_if_physical[] = {KP_TRAIT_LOAD, NULL};

static const struct kp_operation facts_pack = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_ANY,
    .summary = "set traits",
    .output_kind = KP_KIND_SAME,
    .params = facts_table,
    .params_size = sizeof(struct facts_params),
    .sets = facts_sets,
    .sets_if_physical = facts_sets_if_physical,
    .run = facts_run,
};

struct header_params {
    uint64_t load;
    struct kp_text name, arch;
    uint8_t has_arch;
};

static int32_t header_run(struct kp_call *call)
{
    const struct header_params *params = call->params;
    char text[128];
    const int length =
        snprintf(text, sizeof(text), "load=0x%" PRIx64 " name=%s arch=%s\n", params->load,
                 params->name.bytes, params->has_arch ? params->arch.bytes : "-");

    return kp_append(call, text, (uint64_t)length) == KP_OK ? kp_append_image(call, call->input)
                                                            : KP_FAILED;
}

static const struct kp_param *const header_table[] = {
    KP_UINT(struct header_params, load, .flags = KP_PARAM_REQUIRED | KP_PARAM_HEX,
            .trait = KP_TRAIT_LOAD, .maximum = UINT32_MAX, .summary = "the load address"),
    KP_TEXT(struct header_params, name, .flags = KP_PARAM_TRAITS, .maximum = 32, .fallback = "none",
            .summary = "the name"),
    KP_TEXT(struct header_params, arch, .presence = offsetof(struct header_params, has_arch),
            .trait = KP_TRAIT_ARCH, .summary = "the architecture"),
    NULL,
};

static const struct kp_operation header_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_STAGE,
    .summary = "put a header before it",
    .output_kind = KP_KIND_RAW,
    .params = header_table,
    .params_size = sizeof(struct header_params),
    .run = header_run,
};

/* --- elf-only --- */

struct elf_only_params {
    const struct kp_image *tree;
};

static const char *const elf_kinds[] = {KP_KIND_ELF, NULL};
static const char *const tree_kinds[] = {KP_KIND_DTB, KP_KIND_SCRIPT, NULL};

static int32_t elf_only_run(struct kp_call *call)
{
    return kp_append_image(call, call->input);
}

static const struct kp_param *const elf_only_table[] = {
    KP_IMAGE(struct elf_only_params, tree, .kinds = tree_kinds, .summary = "a device tree"),
    NULL,
};

static const struct kp_operation elf_only_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "be choosy",
    .input_kinds = elf_kinds,
    .output_kind = KP_KIND_ELF,
    .params = elf_only_table,
    .params_size = sizeof(struct elf_only_params),
    .run = elf_only_run,
};

#endif
