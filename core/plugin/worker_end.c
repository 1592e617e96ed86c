/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/worker_end.c - how a worker ended, in words: its status, and what it wrote last, which
 * may be anything and is believed as far as a place in a file goes.
 */
#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "base/text.h"
#include "plugin/worker.h"
#include "wire/message.h"

/* What the worker's own lines begin with, and those that tell a place; see worker/crash.h. */
#define OWN_LINE "kpipe-worker: "
#define SIGNAL_LINE OWN_LINE "signal "
#define EXIT_LINE OWN_LINE "exit called from "
#define HEX_DIGITS 16

const char *kp_worker_signal(int number)
{
    const char *name = sigabbrev_np(number);

    return name != NULL ? name : "?";
}

/* "+0x1f2a" somewhere in a line, copied. */
static bool find_offset(const char *line, size_t length, char where[24])
{
    for (size_t i = 0; i + 3 < length; i++) {
        size_t digits = 0;

        if (memcmp(line + i, "+0x", 3) != 0)
            continue;
        while (i + 3 + digits < length && digits <= HEX_DIGITS &&
               isxdigit((unsigned char)line[i + 3 + digits]))
            digits++;
        if (digits == 0 || digits > HEX_DIGITS)
            return false;
        memcpy(where, line + i, digits + 3);
        where[digits + 3] = '\0';
        return true;
    }
    return false;
}

static bool begins(const char *line, size_t size, const char *with)
{
    return size >= strlen(with) && memcmp(line, with, strlen(with)) == 0;
}

/* Takes the last words apart: the worker's own lines tell the place, or a reason; the rest is for
 * people. */
static void read_words(const struct kp_confined_end *end, struct kp_string *reason,
                       struct kp_string *rest, char where[24])
{
    const size_t length =
        end->said_length < sizeof(end->said) ? end->said_length : sizeof(end->said);

    for (size_t at = 0; at < length;) {
        const char *line = end->said + at;
        const char *feed = memchr(line, '\n', length - at);
        const size_t size = feed == NULL ? length - at : (size_t)(feed - line);

        at += size + 1;
        if (begins(line, size, SIGNAL_LINE) || begins(line, size, EXIT_LINE)) {
            (void)find_offset(line, size, where);
        } else if (begins(line, size, OWN_LINE) && reason->length == 0) {
            kp_text_escape(reason, line + strlen(OWN_LINE), size - strlen(OWN_LINE));
        } else if (size > 0) {
            kp_string_add(rest, rest->length == 0 ? "" : " / ");
            kp_text_escape(rest, line, size);
        }
    }
}

void kp_worker_death_of(const struct kp_confined_end *end, const struct kp_plugin_file *plugin,
                        struct kp_arena *arena, struct kp_worker_death *death)
{
    KP_AUTO(string) struct kp_string reason = {0};
    KP_AUTO(string) struct kp_string said = {0};
    const char *slash = strrchr(plugin->path, '/');

    *death = (struct kp_worker_death){.fate = KP_WORKER_CLOSED,
                                      .object = slash == NULL ? plugin->path : slash + 1};
    if (end->step != NULL) {
        death->fate = KP_WORKER_UNBORN;
        death->step = end->step;
        death->number = end->error;
    } else if (end->forced) {
        /* Its status is kpipe's doing. */
    } else if (end->known && WIFSIGNALED(end->status)) {
        death->fate = KP_WORKER_SIGNAL;
        death->number = WTERMSIG(end->status);
    } else if (end->known && WIFEXITED(end->status)) {
        death->fate = KP_WORKER_EXIT;
        death->number = WEXITSTATUS(end->status);
    }
    read_words(end, &reason, &said, death->where);
    if (reason.length > 0 && !reason.failed)
        death->reason = kp_arena_strdup(arena, reason.text);
    if (death->reason == NULL && death->fate == KP_WORKER_EXIT &&
        death->number == KP_WIRE_STATUS_BROKEN)
        death->reason = "could not go on, or even say why";
    if (said.length > 0 && !said.failed)
        death->said = kp_arena_strdup(arena, said.text);
}

const char *kp_worker_death_text(const struct kp_worker_death *death, struct kp_arena *arena)
{
    const bool placed = death->where[0] != '\0';

    switch (death->fate) {
    case KP_WORKER_SIGNAL:
        return kp_arena_printf(arena, "killed by SIG%s%s%s%s", kp_worker_signal(death->number),
                               placed ? " at " : "", placed ? death->object : "", death->where);
    case KP_WORKER_EXIT:
        return kp_arena_printf(arena, "ended by exit status %d: %s", death->number,
                               death->reason == NULL ? "called exit" : death->reason);
    case KP_WORKER_UNBORN:
        return kp_arena_printf(arena, "its worker cannot be started: %s: %s", death->step,
                               strerror(death->number));
    default:
        return "closed its connection to kpipe";
    }
}
