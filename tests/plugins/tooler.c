/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/tooler.c - stages that have host tools do their work, or break the rules of
 * kpipe/tool.h, one way each. The tool is tests/tool/hostile.c.
 */
#include <kpipe/kpipe.h>

/* --- tooler: runs what its parameters say --- */

enum {
    FINE,
    UNDECLARED,
    BAD_OUTPUT,
    BAD_LIMIT,
    SHORT,
    SAME_FILES,
    BAD_FILE,
    NO_REQUEST,
    EMPTY_FILE,
    TWICE_FILLED,
    FLAGS,
    BYTES, /* no misuse, as what follows */
    WARNS,
};

struct tooler_params {
    struct kp_list arguments; /* of struct kp_text */
    struct kp_text tool, output;
    const struct kp_stage_value *inner;
    uint64_t seconds, limit;
    uint32_t by, misuse;
    uint8_t has_output;
};

static int32_t take(struct kp_call *call, const struct kp_image *image)
{
    return image == NULL ? KP_FAILED : kp_append_image(call, image);
}

static const struct kp_image *misuse(struct kp_call *call, struct kp_tool_run *run, uint32_t how)
{
    const struct kp_tools *tools = call->host->get_extension(call->host, KP_TOOLS_ID);
    const struct kp_tool_file file = {.size = sizeof(file), .name = "a", .image = call->input};
    const struct kp_tool_file odd = {.size = sizeof(odd), .name = "../a", .image = call->input};
    const struct kp_tool_file *const same[] = {&file, &file, NULL};
    const struct kp_tool_file *const bad[] = {&odd, NULL};
    const struct kp_tool_file bytes = {
        .size = sizeof(bytes), .name = "a", .bytes = "bytes", .length = 4};
    const struct kp_tool_file nothing = {.size = sizeof(nothing), .name = "b"};
    const struct kp_tool_file twice = {
        .size = sizeof(twice), .name = "b", .image = call->input, .bytes = "", .length = 0};
    const struct kp_tool_file *const of_bytes[] = {&bytes, NULL};
    const struct kp_tool_file *const empty[] = {&bytes, &nothing, NULL};
    const struct kp_tool_file *const filled[] = {&bytes, &twice, NULL};

    if (how == UNDECLARED)
        run->tool = "undeclared";
    if (how == BAD_OUTPUT)
        run->output = "../out";
    if (how == BAD_LIMIT)
        run->time_limit = KP_TOOL_SECONDS_MAX + 1;
    if (how == SHORT)
        run->size = 8;
    if (how == SAME_FILES || how == BAD_FILE)
        run->files = how == SAME_FILES ? same : bad;
    if (how == EMPTY_FILE || how == TWICE_FILLED)
        run->files = how == EMPTY_FILE ? empty : filled;
    if (how == BYTES)
        run->files = of_bytes;
    if (how == FLAGS)
        run->flags = 2;
    if (how == WARNS) {
        run->flags = KP_TOOL_WARNS;
        run->hint = "do it better";
    }
    return tools->run(call, how == NO_REQUEST ? NULL : run);
}

static int32_t tooler_run(struct kp_call *call)
{
    const struct tooler_params *params = call->params;
    const struct kp_text *given = params->arguments.items;
    const char *arguments[17] = {NULL};
    struct kp_tool_run run = {.size = sizeof(run),
                              .tool = params->tool.bytes,
                              .arguments = arguments,
                              .input = call->input,
                              .output = params->has_output ? params->output.bytes : NULL,
                              .output_limit = params->limit,
                              .time_limit = (uint32_t)params->seconds};

    for (uint64_t i = 0; i < params->arguments.count; i++)
        arguments[i] = given[i].bytes;
    if (call->host->get_extension(call->host, "kpipe.nothing/1") != NULL)
        return kp_fail(call, "an extension that is none");
    if (params->inner != NULL)
        return take(call, call->host->run_stage(call, params->inner, call->input));
    if (params->by == 0)
        return kp_append_image(call, call->input);
    return take(call, misuse(call, &run, params->misuse));
}

static const struct kp_choice *const ways[] = {
    KP_ONE_OF(0, "copy", "no tool"),
    KP_ONE_OF_TOOL(1, "tool", "hostile", "hostile"),
    KP_ONE_OF(2, "undeclared", "hostile, without saying so"),
    NULL,
};

static const struct kp_choice *const misuses[] = {
    KP_ONE_OF(FINE, "none", "s"),
    KP_ONE_OF(UNDECLARED, "undeclared", "s"),
    KP_ONE_OF(BAD_OUTPUT, "output", "s"),
    KP_ONE_OF(BAD_LIMIT, "limit", "s"),
    KP_ONE_OF(SHORT, "short", "s"),
    KP_ONE_OF(SAME_FILES, "same-files", "s"),
    KP_ONE_OF(BAD_FILE, "bad-file", "s"),
    KP_ONE_OF(NO_REQUEST, "no-request", "s"),
    KP_ONE_OF(EMPTY_FILE, "empty-file", "s"),
    KP_ONE_OF(TWICE_FILLED, "twice-filled", "s"),
    KP_ONE_OF(FLAGS, "flags", "s"),
    KP_ONE_OF(BYTES, "bytes", "s"),
    KP_ONE_OF(WARNS, "warns", "s"),
    NULL,
};

static const struct kp_param *const tooler_table[] = {
    KP_TEXT_LIST(struct tooler_params, arguments, .max_items = 16, .flags = KP_PARAM_SHORT,
                 .summary = "its arguments"),
    KP_TEXT(struct tooler_params, tool, .fallback = "hostile", .flags = KP_PARAM_TOOL,
            .summary = "the tool"),
    KP_TEXT(struct tooler_params, output, .presence = offsetof(struct tooler_params, has_output),
            .summary = "a file"),
    KP_STAGE(struct tooler_params, inner, .summary = "a stage to run instead"),
    KP_UINT(struct tooler_params, seconds, .fallback = "60", .summary = "time"),
    KP_UINT(struct tooler_params, limit, .fallback = "1M", .summary = "size"),
    KP_CHOICE(struct tooler_params, by, .choices = ways, .fallback = "tool", .summary = "how"),
    KP_CHOICE(struct tooler_params, misuse, .choices = misuses, .fallback = "none",
              .summary = "what is wrong"),
    NULL,
};

static const struct kp_operation tooler_pack = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_ANY,
    .summary = "run a tool",
    .params = tooler_table,
    .params_size = sizeof(struct tooler_params),
    .run = tooler_run,
};

/* --- needs: a tool that is always needed; chooses: one that a choice needs --- */

static int32_t copy_run(struct kp_call *call)
{
    return kp_append_image(call, call->input);
}

static const char *const needed[] = {"absent-tool", NULL};

static const struct kp_operation needs_pack = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_ANY,
    .summary = "need a tool",
    .run = copy_run,
    .tools = needed,
};

struct chooses_params {
    struct kp_list by; /* of uint32_t */
};

static const struct kp_choice *const absent_ways[] = {
    KP_ONE_OF(0, "copy", "no tool"),
    KP_ONE_OF_TOOL(1, "absent", "one that is not there", "absent-tool"),
    NULL,
};

static const struct kp_param *const chooses_table[] = {
    KP_ROW_(KP_TYPE_CHOICE, struct chooses_params, by, 0, KP_PARAM_LIST, .choices = absent_ways,
            .fallback = "[copy]", .flags = KP_PARAM_SHORT, .summary = "how"),
    NULL,
};

static const struct kp_operation chooses_pack = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_ANY,
    .summary = "perhaps need a tool",
    .params = chooses_table,
    .params_size = sizeof(struct chooses_params),
    .run = copy_run,
};

#define FORMAT(name_)                                                                              \
    static const struct kp_format name_##_format = {.size = sizeof(struct kp_format),              \
                                                    .name = #name_,                                \
                                                    .summary = "tests",                            \
                                                    .pack = &name_##_pack}

FORMAT(tooler);
FORMAT(needs);
FORMAT(chooses);

static const struct kp_format *const tooler_formats[] = {&tooler_format, &needs_format,
                                                         &chooses_format, NULL};

KP_PLUGIN("org.example.tooler", "tooler", "1.0.0", "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "host tools",
          KP_OFFERS_FORMAT("tooler") KP_OFFERS_STAGE("tooler") KP_OFFERS_FORMAT("needs")
              KP_OFFERS_STAGE("needs") KP_OFFERS_FORMAT("chooses") KP_OFFERS_STAGE("chooses")
                  KP_WANTS_TOOL("hostile") KP_WANTS_TOOL("absent-tool") KP_WANTS_TOOL("*-hostile"),
          .formats = tooler_formats)
