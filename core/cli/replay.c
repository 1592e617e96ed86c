/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/replay.c - `kpipe replay`: makes a recorded call again, in a worker or, for a debugger, in
 * this process.
 */
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/codes.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "engine/pool.h"
#include "engine/write.h"
#include "plugin/record.h"
#include "plugin/replay.h"
#include "wire/message.h"
#include "worker/worker.h"

/* What is replayed. */
struct replay {
    struct kp_session *session;
    const char *folder;
    struct kp_tape tape;
    struct kp_play *play;
    struct kp_plugin_file *plugin;
    const struct kp_stage *stage;
    struct kp_pool *pool;
    size_t findings; /* before the call */
};

static int serve(int socket)
{
    return kp_worker_serve(&(struct kp_worker_options){.socket = socket});
}

/* --- what was recorded --- */

static const char *noun_of(const struct replay *replay)
{
    return kp_play_what(replay->play) == KP_WIRE_SOURCE ? "source" : "stage";
}

/* These return false after reporting. */
static bool read_tape(struct replay *replay)
{
    struct kp_diags *diags = replay->session->diags;
    struct kp_tape_trouble trouble = {0};
    const char *why;

    switch (kp_tape_read(&replay->tape, replay->folder, &trouble)) {
    case KP_TAPE_OK:
        break;
    case KP_TAPE_BAD:
        return kp_error(diags, KP_NOWHERE, KP1536, replay->folder, trouble.file, trouble.why);
    case KP_TAPE_OTHER:
        return kp_error_hint(diags, KP_NOWHERE,
                             "replay it with that one, or have it recorded anew with this one",
                             KP1537, replay->folder, replay->tape.head.kpipe);
    default:
        return kp_out_of_memory(diags);
    }
    replay->play = kp_play_new(&replay->tape, &why);
    if (replay->play != NULL)
        return true;
    return why == NULL
               ? kp_out_of_memory(diags)
               : kp_error(diags, KP_NOWHERE, KP1536, replay->folder, KP_TAPE_CONVERSATION, why);
}

/* The accepted plugin of that id, else a rejected one. */
static struct kp_plugin_file *find_file(struct kp_registry *registry, const char *id)
{
    struct kp_plugin_file *rejected = NULL;

    for (size_t i = 0; i < kp_registry_count(registry); i++) {
        struct kp_plugin_file *file = kp_registry_file(registry, i);

        if (file->note.id == NULL || strcmp(file->note.id, id) != 0)
            continue;
        if (file->state != KP_PLUGIN_REJECTED)
            return file;
        rejected = rejected == NULL ? file : rejected;
    }
    return rejected;
}

static bool find_plugin(struct replay *replay)
{
    struct kp_session *session = replay->session;
    const char *id = replay->tape.head.id;

    replay->plugin = find_file(session->registry, id);
    if (replay->plugin == NULL)
        return kp_error_hint(session->diags, KP_NOWHERE,
                             "--plugin-path DIR says where it lies, in full", KP1538,
                             replay->folder, id, "not found");
    return kp_registry_open(session->registry, replay->plugin) ||
           kp_error(session->diags, KP_NOWHERE, KP1538, replay->folder, id,
                    replay->plugin->reason != NULL ? replay->plugin->reason : "cannot be used");
}

static bool find_stage(struct replay *replay)
{
    struct kp_diags *diags = replay->session->diags;
    const struct kp_plugin_file *plugin = replay->plugin;
    const bool source = kp_play_what(replay->play) == KP_WIRE_SOURCE;
    const struct kp_stage *stages = source ? plugin->sources : plugin->stages;
    const size_t count = source ? plugin->source_count : plugin->stage_count;
    const char *name = kp_play_name(replay->play);
    uint8_t layout[32];

    for (size_t i = 0; i < count; i++)
        if (strcmp(stages[i].name, name) == 0)
            replay->stage = &stages[i];
    if (replay->stage == NULL)
        return kp_error(diags, KP_NOWHERE, KP1539, replay->folder, plugin->note.id,
                        plugin->note.version, noun_of(replay), name);
    if (!kp_tape_layout(&replay->stage->operation, layout))
        return kp_out_of_memory(diags);
    return memcmp(layout, replay->tape.head.layout, sizeof(layout)) == 0 ||
           kp_error_hint(diags, KP_NOWHERE,
                         "replay it with a build of the same parameters, or have it recorded anew",
                         KP1540, replay->folder, plugin->note.id, plugin->note.version,
                         noun_of(replay), name);
}

/* Another version or build is what a vendor comes with. */
static void compare_plugin(struct replay *replay)
{
    const struct kp_plugin_file *plugin = replay->plugin;
    const struct kp_tape_head *head = &replay->tape.head;
    const char *text = NULL;

    if (strcmp(plugin->note.version, head->version) != 0)
        text = kp_arena_printf(replay->session->arena, "version %s was recorded, and this is %s",
                               head->version, plugin->note.version);
    else if (memcmp(plugin->digest, head->digest, sizeof(head->digest)) != 0)
        text = kp_arena_printf(replay->session->arena,
                               "this is another build of version %s than the recorded one",
                               head->version);
    if (text != NULL)
        kp_finding_add(replay->session->diags, KP_SEVERITY_NOTE, KP_NOWHERE, NULL, NULL, KP1740,
                       head->id, text);
}

/* --- what a call is lent --- */

static bool on_parallel(void *data, uint64_t count, kp_task task, void *task_data)
{
    const struct replay *replay = data;

    return kp_pool_parallel(replay->pool, count, task, task_data);
}

static void on_note(void *data, const char *text, const char *detail)
{
    const struct replay *replay = data;
    KP_AUTO(string) struct kp_string line = {0};

    (void)detail;
    if (!replay->session->arguments.verbose)
        return;
    kp_text_escape(&line, text, strlen(text));
    if (!line.failed)
        fprintf(stderr, "%s: note: %s\n", kp_play_name(replay->play), line.text);
}

static bool make_call(struct replay *replay, struct kp_call_result *result)
{
    struct kp_session *session = replay->session;
    const bool here = kp_registry_in_process(session->registry);
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const struct kp_call_context context = {
        .registry = session->registry,
        .diags = session->diags,
        .data = replay,
        .cancelled = here ? NULL : kp_interrupt_came,
        .note = on_note,
        .parallel = on_parallel,
    };
    const char *lacks = here ? NULL : kp_registry_lacks(session->registry);
    unsigned threads = (unsigned)session->arguments.jobs;

    if (threads == 0)
        threads = cores > 0 ? (unsigned)cores : 1;
    replay->pool = kp_pool_new(threads, NULL);
    if (replay->pool == NULL)
        return kp_out_of_memory(session->diags);
    /* A debugger's user ends a plugin that hangs in this process by a signal. */
    if (!here)
        kp_interrupt_install();
    if (lacks != NULL)
        on_note(replay, lacks, NULL);
    replay->findings = kp_diags_count(session->diags);
    return kp_play_run(replay->play, &context, replay->stage, result);
}

/* --- what came of it --- */

static bool is_same(const struct kp_tape_output *output, const struct kp_image *image)
{
    uint8_t digest[32];

    return output->size == kp_range_size(image->range) && kp_range_sha256(image->range, digest) &&
           memcmp(output->digest, digest, 32) == 0;
}

static const char *tell_success(const struct replay *replay, const struct kp_call_result *result)
{
    const struct kp_tape_end *end = &replay->tape.end;
    bool same = end->output_count == result->part_count + 1;

    if (!end->good)
        return "succeeds now";
    if (result->output.range == NULL)
        return "succeeds as recorded";
    same = same && is_same(&end->outputs[0], &result->output);
    for (size_t i = 0; same && i < result->part_count; i++)
        same = is_same(&end->outputs[i + 1], &result->parts[i]);
    return same ? "succeeds with the same output as recorded"
                : "succeeds with another output than recorded";
}

static const char *tell_failure(const struct replay *replay)
{
    struct kp_session *session = replay->session;
    const struct kp_tape_end *end = &replay->tape.end;
    const struct kp_finding *first = NULL;
    const char *text;

    for (size_t i = replay->findings; first == NULL && i < kp_diags_count(session->diags); i++) {
        first = kp_diags_get(session->diags, i);
        first = first->severity == KP_SEVERITY_ERROR ? first : NULL;
    }
    if (end->good)
        return "fails, and succeeded when it was recorded";
    if (first == NULL || end->text == NULL)
        return "was stopped";
    text = kp_record_text(session->arena, first->text, replay->plugin);
    if (text != NULL && first->code == end->code && strcmp(text, end->text) == 0)
        return "fails as recorded";
    return kp_arena_printf(session->arena, "fails otherwise than recorded, which was: %s",
                           end->text);
}

static void tell(const struct replay *replay, const char *outcome, bool to_stdout)
{
    KP_AUTO(string) struct kp_string line = {0};
    const struct kp_plugin_file *plugin = replay->plugin;
    const char *text =
        kp_arena_printf(replay->session->arena, "replayed: %s '%s' of %s %s: %s", noun_of(replay),
                        kp_play_name(replay->play), plugin->note.name, plugin->note.version,
                        outcome == NULL ? "?" : outcome);

    if (replay->session->arguments.quiet || text == NULL)
        return;
    kp_text_escape(&line, text, strlen(text));
    if (!line.failed)
        fprintf(to_stdout ? stderr : stdout, "%s\n", line.text);
}

static bool write_output(const struct replay *replay, const struct kp_call_result *result)
{
    const char *output = replay->session->arguments.output;

    return output == NULL || kp_write_file(replay->session->diags, KP_NOWHERE, output,
                                           result->output.range, &(struct kp_write_options){0});
}

/* Whether -o can be met. */
static bool check_output(const struct replay *replay)
{
    const char *output = replay->session->arguments.output;

    if (output == NULL)
        return true;
    if (kp_play_what(replay->play) == KP_WIRE_SOURCE)
        return kp_error(replay->session->diags, KP_NOWHERE, KP1741, output,
                        "what was recorded is a source");
    return strcmp(output, "-") != 0 || !isatty(STDOUT_FILENO) ||
           kp_error_hint(replay->session->diags, KP_NOWHERE,
                         "name a file, or use a pipe: ... | cat", KP1712);
}

static int play(struct replay *replay)
{
    const char *output = replay->session->arguments.output;
    const bool to_stdout = output != NULL && strcmp(output, "-") == 0;
    struct kp_call_result result = {0};
    bool good;

    if (!read_tape(replay))
        return KP_EXIT_FAILED;
    if (!check_output(replay))
        return KP_EXIT_USAGE;
    if (!find_plugin(replay) || !find_stage(replay))
        return KP_EXIT_FAILED;
    compare_plugin(replay);
    good = make_call(replay, &result);
    tell(replay, good ? tell_success(replay, &result) : tell_failure(replay), to_stdout);
    good = good && write_output(replay, &result);
    kp_call_result_clear(&result);
    return good ? KP_EXIT_OK : KP_EXIT_FAILED;
}

static int run(struct kp_session *session)
{
    struct replay replay = {
        .session = session,
        .folder = KP_ITEM(&session->arguments.operands, const char *, 0),
        .tape = {.arena = kp_arena_new()},
    };
    int code = KP_EXIT_INTERNAL;

    session->serve = serve;
    if (replay.tape.arena == NULL)
        kp_out_of_memory(session->diags);
    else if (kp_session_open(session, &code))
        code = play(&replay);
    kp_pool_free(replay.pool);
    kp_play_free(replay.play);
    kp_tape_free(&replay.tape);
    return code;
}

static const struct kp_option options[] = {
    KP_OPTION_(KP_OPTION_TEXT, 'o', "output", "FILE", output,
               .help = "write the image that the call makes; - is standard output"),
    KP_OPTION_JOBS,
    KP_OPTION_VERBOSE,
    KP_OPTION_QUIET,
    KP_OPTION_PLUGIN_PATH,
    KP_OPTION_(KP_OPTION_TEXT, 0, "isolation", "WHERE", isolation,
               .help = "where the plugin runs: process (in a worker; the default), none (in kpipe "
                       "itself, without limits, for a debugger)"),
    KP_OPTION_WORKER_LIMIT,
    KP_OPTION_POLICY,
    KP_OPTION_HELP,
    {0},
};

const struct kp_command kp_command_replay = {
    .name = "replay",
    .operands = "DIR",
    .missing = "recording",
    .least = 1,
    .most = 1,
    .summary = "make a recorded call of a plugin again",
    .help = "Makes the call of a plugin again that `kpipe run --record DIR` saved: with the "
            "recorded inputs, parameters and answers, so that neither recipe nor inputs are "
            "needed. The plugin is looked for by its id, and may be another build. Ends well if "
            "the call does.\n"
            "\n"
            "    gdb --args kpipe replay DIR --isolation none --plugin-path /path\n"
            "\n"
            "stops where the plugin crashes. A recording holds the bytes of inputs; do not replay "
            "with --isolation none what a stranger sent.",
    .options = options,
    .run = run,
};
