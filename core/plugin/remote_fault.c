/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/remote_fault.c - the end of a call in a worker: a worker that returned is kept for the
 * next call; what became of any other is a finding at the recipe's place, which names the
 * plugin.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "plugin/remote_private.h"

/* After it hung up: until its end is known. */
#define END_MILLISECONDS 1000u

/* How a worker's own reason begins when its limit, and not its plugin, is in the way: its inputs
 * are mapped as a whole. */
#define NO_MEMORY "no memory"

static const char tell_vendor[] = "tell its vendor; nothing was written";

/* "stage 'gzip'", "input 'kernel'", or the file that is inspected. */
static const char *subject(struct kp_call_state *state)
{
    return state->request == NULL ? state->name : kp_call_what(state);
}

static struct kp_place place_of(const struct kp_call_state *state)
{
    return state->request == NULL ? KP_NOWHERE : state->request->place;
}

/* "libacme.so", of a plugin's path. */
static const char *object_of(const struct kp_plugin_file *plugin)
{
    const char *slash = strrchr(plugin->path, '/');

    return slash == NULL ? plugin->path : slash + 1;
}

/* The first arguments of all findings here. */
#define ABOUT(state)                                                                               \
    subject(state), (state)->plugin->note.id, (state)->plugin->note.version,                       \
        object_of((state)->plugin)

/* All is said of this call. */
static void mark(struct kp_call_state *state)
{
    state->failures++;
    state->misbehaved = true;
}

void kp_remote_report_none(struct kp_call_state *state, const struct kp_worker_failure *failure)
{
    mark(state);
    if (failure->no_memory)
        kp_out_of_memory(state->context->diags);
    else
        kp_error(state->context->diags, place_of(state), KP1528, ABOUT(state), failure->why);
}

void kp_remote_report_memory(struct kp_remote *remote)
{
    struct kp_call_state *state = remote->state;

    state->failures++;
    if (!remote->memory_told)
        kp_error_hint(state->context->diags, place_of(state),
                      "is the input what it should be? --worker-limit memory=SIZE raises the limit",
                      KP1527, ABOUT(state), remote->memory >> 20);
    remote->memory_told = true;
}

static void report_signal(struct kp_remote *remote, const struct kp_worker_death *death,
                          bool crowded)
{
    struct kp_call_state *state = remote->state;
    const char *hint = tell_vendor;

    if (crowded)
        hint = "it had more threads than it may have: --worker-limit threads=N raises the limit";
    else if (death->number == SIGKILL)
        hint = kp_arena_printf(state->desk.arena,
                               "did memory run short? its worker may use %" PRIu64
                               " MiB: --worker-limit memory=SIZE changes that",
                               remote->memory >> 20);
    kp_finding_add(state->context->diags, KP_SEVERITY_ERROR, place_of(state), hint, death->said,
                   KP1524, ABOUT(state), death->where, kp_worker_signal(death->number),
                   death->number == SIGSYS ? ": a system call that plugins may not make" : "");
}

/* It is gone, and nobody here ended it. */
static void report_death(struct kp_remote *remote, const struct kp_confined_end *end)
{
    struct kp_call_state *state = remote->state;
    struct kp_diags *diags = state->context->diags;
    struct kp_worker_death death;

    kp_worker_death_of(end, state->plugin, state->desk.arena, &death);
    switch (death.fate) {
    case KP_WORKER_SIGNAL:
        report_signal(remote, &death, end->crowded);
        break;
    case KP_WORKER_EXIT:
        if (death.reason != NULL && strncmp(death.reason, NO_MEMORY, strlen(NO_MEMORY)) == 0) {
            kp_remote_report_memory(remote);
            break;
        }
        kp_finding_add(diags, KP_SEVERITY_ERROR, place_of(state), tell_vendor, death.said, KP1525,
                       ABOUT(state), death.where, death.number,
                       death.reason == NULL ? "called exit" : death.reason);
        break;
    case KP_WORKER_UNBORN:
        kp_error(diags, place_of(state), KP1528, ABOUT(state),
                 kp_worker_death_text(&death, state->desk.arena));
        break;
    default:
        kp_call_fault(state, "its worker broke the protocol: it hung up");
        break;
    }
}

/* What to do where kpipe could not go on, or NULL. */
static const char *trouble_hint(int error)
{
    return error == EMFILE || error == ENFILE
               ? "raise the limit of open files (ulimit -n), or let fewer stages run at a time (-j)"
               : NULL;
}

static void report(struct kp_remote *remote, const struct kp_confined_end *end)
{
    struct kp_call_state *state = remote->state;
    struct kp_diags *diags = state->context->diags;
    const char *text;

    switch (remote->end) {
    case KP_REMOTE_BROKEN:
        text = kp_arena_printf(state->desk.arena, "its worker broke the protocol: %s", remote->why);
        kp_call_fault(state, text != NULL ? text : remote->why);
        break;
    case KP_REMOTE_HUNG_UP:
        report_death(remote, end);
        break;
    case KP_REMOTE_TIME:
        kp_error_hint(diags, place_of(state),
                      "if the work is just long, give it more time: --worker-limit seconds=N",
                      KP1526, ABOUT(state), kp_workers_limits(remote->workers).seconds);
        break;
    case KP_REMOTE_FAILED:
        if (remote->error == ENOMEM)
            kp_out_of_memory(diags);
        else
            kp_error_hint(diags, place_of(state), trouble_hint(remote->error), KP1529, ABOUT(state),
                          strerror(remote->error));
        break;
    default:
        return;
    }
    mark(state);
}

/* Says that something of it runs on. */
static void say_left_behind(const struct kp_call_state *state)
{
    const char *text =
        kp_arena_printf(state->desk.arena, "plugin %s: a process of its worker could not be ended",
                        state->plugin->note.id);

    if (text != NULL && state->context->note != NULL)
        state->context->note(state->context->data, text, NULL);
}

void kp_remote_conclude(struct kp_remote *remote)
{
    struct kp_confined_end end;

    if (remote->end == KP_REMOTE_DONE) {
        kp_worker_give_back(remote->workers, remote->worker);
        return;
    }
    kp_worker_discard(remote->worker, remote->end == KP_REMOTE_HUNG_UP ? END_MILLISECONDS : 0,
                      &end);
    remote->worker = NULL;
    if (end.left_behind)
        say_left_behind(remote->state);
    /* An input that changed meanwhile is reported in its place. */
    if (kp_call_vanished(remote->state) == NULL)
        report(remote, &end);
}
