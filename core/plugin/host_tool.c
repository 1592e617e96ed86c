/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/host_tool.c - the extension of kpipe/tool.h: a plugin's request checked, run, and what
 * came of it reported in the user's words. How a tool is shut in and started is tool/'s.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "plugin/host_private.h"
#include "tool/toolbox.h"

#define MOST_ARGUMENTS 4096
#define MOST_FILES 4096
#define MOST_NAME 255
/* Of what a tool said, the message shows so many lines, the detail all that was kept. */
#define SAID_LINES 3
/* And a warning so many. */
#define WARNED_LINES 10

/* [A-Za-z0-9_][A-Za-z0-9._-]* */
static bool is_file_name(const char *name)
{
    static const char more[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    return name != NULL && name[0] != '\0' && name[0] != '.' && name[0] != '-' &&
           name[strspn(name, more)] == '\0' && strlen(name) <= MOST_NAME;
}

static const struct kp_tool *find_tool(const struct kp_call_state *state, const char *name)
{
    for (size_t i = 0; name != NULL && i < state->request->tool_count; i++)
        if (strcmp(state->request->tools[i]->name, name) == 0 &&
            kp_note_wants(&state->plugin->note, name, true))
            return state->request->tools[i];
    return NULL;
}

/* What is wrong with a request, whose fault it is then; NULL: nothing. */
static const char *request_fault(const struct kp_call_state *state, const struct kp_tool_run *run)
{
    size_t count = 0;

    if (state->request == NULL)
        return "runs a tool in an inspection";
    if (run == NULL || run->size < sizeof(*run) || (run->flags & ~KP_TOOL_WARNS) != 0)
        return "runs a tool with a request of another size";
    if (run->time_limit > KP_TOOL_SECONDS_MAX || run->output_limit > KP_TOOL_OUTPUT_MAX)
        return "runs a tool with a limit above the greatest";
    if (run->output != NULL && !is_file_name(run->output))
        return "runs a tool with an output that is no name";
    while (run->arguments != NULL && run->arguments[count] != NULL && count <= MOST_ARGUMENTS)
        count++;
    if (count > MOST_ARGUMENTS)
        return "runs a tool with too many arguments";
    if (find_tool(state, run->tool) == NULL)
        return "runs a tool that it did not declare";
    return NULL;
}

/* What is in a file, to be let go of when the tool has run: bytes are not copied. */
static struct kp_range *contents_of(const struct kp_tool_file *file)
{
    return file->image != NULL ? kp_range_ref(file->image->range)
                               : kp_range_adopt((void *)(uintptr_t)file->bytes, file->length, NULL);
}

/* Each file's range is a reference of ours. */
static void drop_files(const struct kp_tool_request *request)
{
    for (size_t i = 0; i < request->file_count; i++)
        kp_range_unref((struct kp_range *)(uintptr_t)request->files[i].range);
}

/* The files of a request, as the runner takes them; false after reporting. */
static bool name_files(struct kp_call_state *state, const struct kp_tool_run *run,
                       struct kp_tool_request *request)
{
    struct kp_tool_named *files;
    size_t count = 0;

    for (; run->files != NULL && run->files[count] != NULL; count++)
        if (count == MOST_FILES)
            return kp_host_fault(state, "runs a tool with too many files") == KP_OK;
    files = kp_arena_array(state->desk.arena, count + 1, sizeof(*files));
    if (files == NULL)
        return kp_host_no_memory(state) == KP_OK;
    request->files = files;
    for (size_t i = 0; i < count; i++) {
        const struct kp_tool_file *file = run->files[i];
        bool good = file->size >= sizeof(*file) && (file->image == NULL) != (file->bytes == NULL) &&
                    is_file_name(file->name);

        for (size_t j = 0; good && j < i; j++)
            good = strcmp(files[j].name, file->name) != 0;
        if (!good)
            return kp_host_fault(state, "runs a tool with a file without contents or name of its "
                                        "own") == KP_OK;
        files[i] = (struct kp_tool_named){file->name, contents_of(file)};
        if (files[i].range == NULL)
            return kp_host_no_memory(state) == KP_OK;
        request->file_count++;
    }
    return true;
}

/* --- what came of it --- */

/* The last lines that the tool said, as "; it said: ...". The text is the arena's. */
static const char *last_lines(struct kp_call_state *state, const struct kp_tool_result *result,
                              unsigned lines)
{
    KP_AUTO(string) struct kp_string text = {0};
    size_t end = result->said_length;
    size_t begin;

    while (end > 0 && (result->said[end - 1] == '\n' || result->said[end - 1] == ' '))
        end--;
    for (begin = end; begin > 0; begin--)
        if (result->said[begin - 1] == '\n' && --lines == 0)
            break;
    while (begin < end) {
        const char *at = result->said + begin;
        const char *line = memchr(at, '\n', end - begin);
        const size_t length = line == NULL ? end - begin : (size_t)(line - at);

        kp_string_add(&text, text.length == 0 ? "" : " / ");
        kp_text_escape(&text, at, length);
        begin += length + 1;
    }
    if (text.failed || text.length == 0)
        return NULL;
    return kp_arena_strdup(state->desk.arena, text.text);
}

static void report_output(const struct kp_call_state *state, const struct kp_tool_run *run,
                          const struct kp_tool *tool, const struct kp_tool_result *result,
                          const char *said)
{
    struct kp_diags *diags = state->context->diags;
    const char *name = run->output == NULL ? "standard output" : run->output;
    const bool none = result->end == KP_TOOL_NO_OUTPUT;
    const char *text = run->output == NULL
                           ? kp_arena_printf(state->desk.arena, "wrote nothing to %s", name)
                       : none ? kp_arena_printf(state->desk.arena, "wrote no file '%s'", name)
                              : kp_arena_printf(state->desk.arena, "'%s' is no regular file", name);

    if (text == NULL)
        kp_out_of_memory(diags);
    else
        kp_error(diags, state->request->place, KP1519, state->name, tool->name, tool->path, text,
                 said == NULL ? "" : ": ", said == NULL ? "" : said);
}

/* What to do where the host could not run a tool, or NULL. */
static const char *trouble_hint(int error)
{
    switch (error) {
    case EMFILE:
    case ENFILE:
        return "raise the limit of open files (ulimit -n), or let fewer stages run at a time (-j)";
    case ENOMEM:
    case EAGAIN:
        return "let fewer stages run at a time (-j)";
    case ECHILD:
        return "it was killed: did memory run short, or did the tool do it?";
    default:
        return "its private folder lies in $TMPDIR or /tmp: is there room, and may it be written "
               "to?";
    }
}

static void report_end(struct kp_call_state *state, const struct kp_tool *tool,
                       const struct kp_tool_request *request, const struct kp_tool_result *result,
                       const char *said, const char *hint)
{
    struct kp_diags *diags = state->context->diags;
    const struct kp_place place = state->request->place;
    const char *detail = last_lines(state, result, 1000);
    const char *gap = said == NULL ? "" : ": ";

    said = said == NULL ? "" : said;
    switch (result->end) {
    case KP_TOOL_STATUS:
        kp_finding_add(diags, KP_SEVERITY_ERROR, place, hint, detail, KP1515, state->name,
                       tool->name, tool->path, result->number, gap, said);
        break;
    case KP_TOOL_SIGNAL:
        kp_finding_add(diags, KP_SEVERITY_ERROR, place,
                       result->number == SIGKILL ? "did memory run short?" : NULL, detail, KP1516,
                       state->name, tool->name, tool->path, result->number,
                       sigabbrev_np(result->number) == NULL ? "?" : sigabbrev_np(result->number),
                       gap, said);
        break;
    case KP_TOOL_TIME:
        kp_finding_add(diags, KP_SEVERITY_ERROR, place,
                       "it was killed with all that it started; give it more time, if the stage "
                       "has a parameter for that",
                       detail, KP1517, state->name, tool->name, tool->path, request->time_limit,
                       gap, said);
        break;
    case KP_TOOL_SIZE:
        kp_error_hint(diags, place,
                      "raise the limit of its output, if the stage has a parameter for that",
                      KP1518, state->name, tool->name, tool->path, request->output_limit);
        break;
    case KP_TOOL_NOT_RUN:
        kp_error_hint(diags, place,
                      "is it a program for this machine, whose interpreter and libraries are among "
                      "the system's?",
                      KP1509, state->name, tool->name, tool->path, "it does not start",
                      strerror(result->number));
        break;
    default:
        kp_error_hint(diags, place, trouble_hint(result->number), KP1509, state->name, tool->name,
                      tool->path, result->what, strerror(result->number));
    }
}

/* Says once a run what this machine cannot enforce, and whatever is left of this tool. */
static void say_lacks(const struct kp_call_state *state, const struct kp_tool *tool,
                      const struct kp_tool_result *result)
{
    const struct kp_call_context *context = state->context;
    const char *lacks = kp_toolbox_lacks(context->toolbox);
    const char *left;

    if (context->note == NULL)
        return;
    if (lacks != NULL)
        context->note(context->data, lacks, NULL);
    if (!result->left_behind)
        return;
    left = kp_arena_printf(state->desk.arena,
                           "tool '%s': something of it could not be removed: a process, or a "
                           "folder kpipe-tool-* in $TMPDIR or /tmp",
                           tool->name);
    if (left != NULL)
        context->note(context->data, left, NULL);
}

/* What a tool said that ended well. */
static void report_warnings(struct kp_call_state *state, const struct kp_tool *tool,
                            const struct kp_tool_result *result)
{
    struct kp_call *call = &state->desk.call;
    const char *said = last_lines(state, result, WARNED_LINES);
    const char *all = last_lines(state, result, 1000);
    const char *text = said == NULL ? NULL
                                    : kp_arena_printf(state->desk.arena, "tool '%s' (%s): %s",
                                                      tool->name, tool->path, said);

    if (text != NULL)
        call->host->message(call, KP_WARNING, text,
                            all == NULL || strcmp(all, said) == 0 ? NULL : all);
}

/* The tool's output as an image that lives as long as the call. */
static const struct kp_image *keep_output(struct kp_call_state *state, struct kp_range *range)
{
    struct kp_image *image = kp_desk_new_image(&state->desk);

    if (image == NULL) {
        kp_range_unref(range);
        return NULL;
    }
    image->range = range;
    return image;
}

static const struct kp_image *run_tool(struct kp_call *call, const struct kp_tool_run *run)
{
    struct kp_call_state *state = kp_call_state(call);
    const struct kp_call_context *context = state->context;
    const char *fault = request_fault(state, run);
    const struct kp_tool *tool = fault == NULL ? find_tool(state, run->tool) : NULL;
    struct kp_tool_request request = {0};
    struct kp_tool_result result;
    const char *said;

    if (fault != NULL) {
        kp_host_fault(state, fault);
        return NULL;
    }
    request = (struct kp_tool_request){
        .program = tool->path,
        .arguments = run->arguments,
        .input = run->input == NULL ? NULL : run->input->range,
        .output = run->output,
        .output_limit = run->output_limit == 0 ? KP_TOOL_OUTPUT : run->output_limit,
        .memory_limit = run->memory_limit == 0 ? KP_TOOL_MEMORY : run->memory_limit,
        .time_limit = run->time_limit == 0 ? KP_TOOL_SECONDS : run->time_limit,
        .build_time = context->build_time,
        .cancelled = context->cancelled,
        .data = context->data,
    };
    if (!name_files(state, run, &request)) {
        drop_files(&request);
        return NULL;
    }
    kp_toolbox_run(context->toolbox, &request, &result);
    drop_files(&request);
    say_lacks(state, tool, &result);
    if (result.end == KP_TOOL_DONE) {
        if ((run->flags & KP_TOOL_WARNS) != 0)
            report_warnings(state, tool, &result);
        return keep_output(state, result.output);
    }
    state->failures++;
    said = last_lines(state, &result, SAID_LINES);
    if (result.end == KP_TOOL_NO_OUTPUT || result.end == KP_TOOL_ODD_OUTPUT)
        report_output(state, run, tool, &result, said);
    else if (result.end != KP_TOOL_CANCELLED)
        report_end(state, tool, &request, &result, said, run->hint);
    return NULL;
}

const struct kp_tools kp_host_tools = {
    .size = sizeof(struct kp_tools),
    .run = run_tool,
};
