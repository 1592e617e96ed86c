/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/exec.c - the stage `exec`: a program of this machine that the recipe names, with the
 * main input as its standard input or as a file, and further images as files. What it sees
 * and may do is the host's to enforce (kpipe/tool.h), and so is that it is off
 * unless the user allows it.
 */
#include <string.h>

#include <kpipe/kpipe.h>

#define MOST_FILES 256
#define MOST_ARGUMENTS 1024
#define MOST_NAME 255 /* kpipe/tool.h */

struct exec_file {
    struct kp_text name;
    const struct kp_image *image;
};

struct exec_params {
    struct kp_text tool;
    struct kp_list arguments; /* of struct kp_text */
    struct kp_list files;     /* of struct exec_file */
    struct kp_text input, output;
    uint64_t seconds, limit, memory;
    uint8_t has_input, has_output;
};

static const struct kp_param *const file_table[] = {
    KP_TEXT(struct exec_file, name, .flags = KP_PARAM_REQUIRED, .minimum = 1, .maximum = MOST_NAME,
            .summary = "the file's name"),
    KP_IMAGE(struct exec_file, image, .flags = KP_PARAM_REQUIRED, .summary = "its contents"),
    NULL,
};

static const struct kp_param *const exec_table[] = {
    KP_TEXT(struct exec_params, tool, .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT | KP_PARAM_TOOL,
            .minimum = 1, .maximum = MOST_NAME,
            .summary = "the program's name; its path may stand in `tools:`"),
    KP_TEXT_LIST(struct exec_params, arguments, .max_items = MOST_ARGUMENTS,
                 .summary = "its arguments"),
    KP_RECORD_LIST(struct exec_params, files, struct exec_file, .fields = file_table,
                   .max_items = MOST_FILES, .summary = "files that it finds in its folder"),
    KP_TEXT(struct exec_params, input, .presence = offsetof(struct exec_params, has_input),
            .minimum = 1, .maximum = MOST_NAME, .computed = "standard input",
            .summary = "the file in which it finds the main input"),
    KP_TEXT(struct exec_params, output, .presence = offsetof(struct exec_params, has_output),
            .minimum = 1, .maximum = MOST_NAME, .computed = "standard output",
            .summary = "the file that it writes"),
    KP_UINT(struct exec_params, seconds, .minimum = 1, .maximum = KP_TOOL_SECONDS_MAX,
            .fallback = "600", .unit = "seconds", .summary = "most time that it may take"),
    KP_UINT(struct exec_params, limit, .minimum = 1, .maximum = KP_TOOL_OUTPUT_MAX,
            .fallback = "1G", .unit = "bytes", .summary = "most that its output may have"),
    KP_UINT(struct exec_params, memory, .minimum = 1, .maximum = UINT64_MAX, .fallback = "16G",
            .unit = "bytes", .summary = "most memory that each of its processes may have"),
    NULL,
};

/* A name as kpipe/tool.h wants it: nothing that leads out of the folder, or that a program
 * takes for an option. */
static int32_t check_name(struct kp_call *call, const struct kp_text *name)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    static const char more[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

    if (strchr(first, name->bytes[0]) != NULL && name->bytes[strspn(name->bytes, more)] == '\0')
        return KP_OK;
    return kp_fail_at(call, name, "use letters, digits and `._-`, and no folders",
                      "'%s': no name of a file", name->bytes);
}

/* The files by name, the main input among them if it is one. NULL after reporting. */
static const struct kp_tool_file *const *list_files(struct kp_call *call,
                                                    const struct exec_params *params)
{
    const struct exec_file *const given = params->files.items;
    const uint64_t count = params->files.count;
    struct kp_tool_file *const files =
        call->host->alloc(call, (count + 1) * sizeof(struct kp_tool_file));
    const struct kp_tool_file **const list =
        call->host->alloc(call, (count + 2) * sizeof(struct kp_tool_file *));
    uint64_t used = 0;

    if (files == NULL || list == NULL)
        return NULL;
    for (uint64_t i = 0; i < count; i++) {
        if (check_name(call, &given[i].name) != KP_OK)
            return NULL;
        for (uint64_t j = 0; j < used; j++)
            if (strcmp(files[j].name, given[i].name.bytes) == 0) {
                kp_fail_at(call, &given[i].name, NULL, "'%s': two files of that name",
                           files[j].name);
                return NULL;
            }
        files[used++] = (struct kp_tool_file){.size = sizeof(struct kp_tool_file),
                                              .name = given[i].name.bytes,
                                              .image = given[i].image};
    }
    for (uint64_t j = 0; params->has_input && j < used; j++)
        if (strcmp(files[j].name, params->input.bytes) == 0) {
            kp_fail_at(call, &params->input, NULL, "'%s': two files of that name", files[j].name);
            return NULL;
        }
    if (params->has_input)
        files[used++] = (struct kp_tool_file){
            .size = sizeof(struct kp_tool_file), .name = params->input.bytes, .image = call->input};
    for (uint64_t i = 0; i < used; i++)
        list[i] = &files[i];
    return list;
}

static const char *const *list_arguments(struct kp_call *call, const struct exec_params *params)
{
    const struct kp_text *const given = params->arguments.items;
    const char **const list =
        call->host->alloc(call, (params->arguments.count + 1) * sizeof(char *));

    for (uint64_t i = 0; list != NULL && i < params->arguments.count; i++)
        list[i] = given[i].bytes;
    return list;
}

static int32_t exec_run(struct kp_call *call)
{
    const struct exec_params *const params = call->params;
    const struct kp_tools *const tools = call->host->get_extension(call->host, KP_TOOLS_ID);
    struct kp_tool_run run = {
        .size = sizeof(run),
        .tool = params->tool.bytes,
        .input = params->has_input ? NULL : call->input,
        .output = params->has_output ? params->output.bytes : NULL,
        .output_limit = params->limit,
        .time_limit = (uint32_t)params->seconds,
        .memory_limit = params->memory,
    };
    const struct kp_image *image;

    if (tools == NULL)
        return kp_fail_at(call, &params->tool, NULL, "this kpipe runs no tools");
    if ((params->has_input && check_name(call, &params->input) != KP_OK) ||
        (params->has_output && check_name(call, &params->output) != KP_OK))
        return KP_FAILED;
    run.arguments = list_arguments(call, params);
    run.files = list_files(call, params);
    if (run.arguments == NULL || run.files == NULL)
        return KP_FAILED;
    image = tools->run(call, &run);
    return image == NULL ? KP_FAILED : kp_append_image(call, image);
}

static const struct kp_operation exec_pack = {
    .size = sizeof(struct kp_operation),
    /* Not deterministic: the program need not be. */
    .threading = KP_THREADS_ANY,
    .summary = "run a program of this machine",
    .help = "Off unless kpipe is told --allow-exec. The program gets the main input as its "
            "standard input, or as the file `input`, and its standard output, or the file "
            "`output`, is the image.\n\n"
            "It runs in an empty folder of its own with the files that are named, sees besides "
            "that only the system's programs and libraries, has no network, and a fixed "
            "environment: PATH, LC_ALL=C, TZ=UTC, SOURCE_DATE_EPOCH, HOME and TMPDIR (its "
            "folder). Its arguments go to it as they are: no shell reads them.",
    .output_kind = NULL,
    .params = exec_table,
    .params_size = sizeof(struct exec_params),
    .memory_base = (MOST_FILES + 2) * (sizeof(struct kp_tool_file) + sizeof(void *)) +
                   (MOST_ARGUMENTS + 1) * sizeof(void *),
    .run = exec_run,
};

static const struct kp_format exec_format = {
    .size = sizeof(struct kp_format),
    .name = "exec",
    .summary = "programs of this machine",
    .pack = &exec_pack,
};

static const struct kp_format *const formats[] = {&exec_format, NULL};

KP_PLUGIN("org.kpipe.exec", "exec", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "runs programs of this machine, if allowed",
          KP_OFFERS_FORMAT("exec") KP_OFFERS_STAGE("exec") KP_WANTS_TOOL("*"), .formats = formats)
