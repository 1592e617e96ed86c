/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/confine_probe.c - see confine.h: which mechanisms this machine has, tried out once with no
 * plugin at all, so that no plugin can bring about that it is shut in less; and in words
 * what cannot be enforced without those that it has not.
 */
#include <ctype.h>
#include <errno.h>
#include <linux/filter.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "sandbox/confine_private.h"

/* The new root is mounted here: nothing that a worker is shown lies there. */
#define ROOT "/proc"

struct kp_confinement *kp_confinement_new(const struct kp_confinement_options *options)
{
    struct kp_confinement *confinement = calloc(1, sizeof(*confinement));

    if (confinement == NULL)
        return NULL;
    confinement->arena = kp_arena_new();
    if (confinement->arena != NULL && options->program != NULL)
        confinement->program = kp_arena_strdup(confinement->arena, options->program);
    if (confinement->arena == NULL || (options->program != NULL && confinement->program == NULL)) {
        kp_arena_free(confinement->arena);
        free(confinement);
        return NULL;
    }
    confinement->without = options->without;
    pthread_mutex_init(&confinement->lock, NULL);
    return confinement;
}

void kp_confinement_free(struct kp_confinement *confinement)
{
    if (confinement == NULL)
        return;
    pthread_mutex_destroy(&confinement->lock);
    free(confinement->first.code);
    free(confinement->second.code);
    kp_vector_free(&confinement->system);
    kp_vector_free(&confinement->lacks);
    kp_arena_free(confinement->arena);
    free(confinement);
}

void kp_confinement_fill(const struct kp_confinement *confinement, struct kp_child *child)
{
    child->root = ROOT;
    child->mechanisms = confinement->mechanisms;
    child->landlock = confinement->landlock;
    child->processes = KP_SANITIZED;
    child->last_words = true;
    child->first_victim = true;
    child->own_signals = (child->mechanisms & KP_SANDBOX_NAMESPACES) == 0;
    kp_child_set_maps(child);
}

/* --- trying out --- */

/* Starts and ends a child that only shuts itself in. True if it could, or if it cannot be told;
 * then a worker's own start will show. */
static bool try_once(const struct kp_confinement *confinement, struct kp_confined_end *end)
{
    struct kp_confine_pipes pipes;
    struct kp_child child = {.extra = -1, .pinned = -1};
    struct kp_confined confined;

    *end = (struct kp_confined_end){0};
    kp_confinement_fill(confinement, &child);
    child.view = confinement->system.items;
    child.view_count = confinement->system.count;
    child.filter = confinement->first.code;
    child.filter_length = confinement->first.length;
    if (!kp_confine_pipes_make(&pipes, &child)) {
        kp_confine_pipes_close(&pipes, true);
        return true;
    }
    confined = (struct kp_confined){
        .keeper = kp_child_spawn(&child),
        .report = pipes.report[0],
        .leash = pipes.leash[1],
        .words = pipes.words[0],
    };
    end->error = errno;
    kp_confine_pipes_close(&pipes, confined.keeper < 0);
    if (confined.keeper < 0) {
        end->step = "namespaces";
        return (child.mechanisms & KP_SANDBOX_NAMESPACES) == 0;
    }
    /* Its end comes by itself. */
    kp_confined_stop(&confined, 1000, end);
    return end->step == NULL;
}

static const char *phrase(struct kp_arena *arena, const char *step, int error)
{
    char *text = kp_arena_printf(arena, "%s: %s", step, strerror(error));

    if (text != NULL)
        text[strlen(step) + 2] = (char)tolower((unsigned char)text[strlen(step) + 2]);
    return text;
}

/* Takes away what did not work. False if there is nothing to take away. */
static bool do_without(struct kp_confinement *confinement, const struct kp_confined_end *end)
{
    const char *why = phrase(confinement->arena, end->step, end->error);
    unsigned mechanism = KP_SANDBOX_NAMESPACES;

    if (end->error == ENOMEM || end->error == EAGAIN || end->error == EMFILE ||
        end->error == ENFILE)
        return false;
    if (strcmp(end->step, kp_child_step(KP_STEP_SECCOMP)) == 0)
        mechanism = KP_SANDBOX_SECCOMP;
    else if (strcmp(end->step, kp_child_step(KP_STEP_LANDLOCK)) == 0)
        mechanism = KP_SANDBOX_LANDLOCK;
    if ((confinement->mechanisms & mechanism) == 0)
        return false;
    confinement->mechanisms &= ~mechanism;
    if (mechanism == KP_SANDBOX_NAMESPACES)
        confinement->reasons = why == NULL ? "?" : why;
    else if (mechanism == KP_SANDBOX_SECCOMP)
        confinement->unfiltered = why == NULL ? "?" : why;
    return true;
}

static void make_filters(struct kp_confinement *confinement)
{
    const bool inside = (confinement->mechanisms & KP_SANDBOX_NAMESPACES) != 0;
    struct kp_confinement_filter *first = &confinement->first, *second = &confinement->second;

    free(first->code);
    free(second->code);
    first->code = kp_confine_filter_make(true, inside, &first->length);
    second->code = kp_confine_filter_make(false, inside, &second->length);
    if (first->code != NULL && second->code != NULL)
        return;
    confinement->mechanisms &= ~KP_SANDBOX_SECCOMP;
    confinement->unfiltered = "it cannot be made, or kpipe was built without it";
}

static void drop_filters(struct kp_confinement *confinement)
{
    free(confinement->first.code);
    free(confinement->second.code);
    confinement->first = confinement->second = (struct kp_confinement_filter){0};
}

/* What is not even tried. */
static void begin(struct kp_confinement *confinement)
{
    confinement->mechanisms = KP_SANDBOX_ALL & ~confinement->without;
    confinement->landlock = kp_landlock_version();
    if (confinement->landlock == 0)
        confinement->mechanisms &= ~KP_SANDBOX_LANDLOCK;
    if ((confinement->without & KP_SANDBOX_NAMESPACES) != 0)
        confinement->reasons = "not wanted";
    if ((confinement->without & KP_SANDBOX_SECCOMP) != 0)
        confinement->unfiltered = "not wanted";
    if (KP_SANITIZED) {
        confinement->mechanisms &= ~KP_SANDBOX_SECCOMP;
        confinement->unfiltered = "built with a sanitizer";
    }
}

static void probe(struct kp_confinement *confinement)
{
    struct kp_confined_end end;

    begin(confinement);
    for (int i = 0; i < 4; i++) {
        const unsigned all = confinement->mechanisms;

        /* One is enough for files. */
        if ((all & KP_SANDBOX_NAMESPACES) != 0)
            confinement->mechanisms &= ~KP_SANDBOX_LANDLOCK;
        if ((all & KP_SANDBOX_SECCOMP) != 0)
            make_filters(confinement);
        if (try_once(confinement, &end) || !do_without(confinement, &end))
            break;
        /* It may be needed now. */
        if ((all & KP_SANDBOX_NAMESPACES) != 0)
            confinement->mechanisms |= all & KP_SANDBOX_LANDLOCK;
    }
    if ((confinement->mechanisms & KP_SANDBOX_SECCOMP) == 0)
        drop_filters(confinement);
}

/* --- what is lacking --- */

static bool lack(struct kp_confinement *confinement, const char *text)
{
    const char **slot = text == NULL ? NULL : KP_PUSH(&confinement->lacks, const char *);

    if (slot != NULL)
        *slot = text;
    return slot != NULL;
}

/* What each mechanism would have kept it from, where no other does. */
static bool list_lacks(struct kp_confinement *confinement)
{
    struct kp_arena *arena = confinement->arena;
    const unsigned has = confinement->mechanisms;
    const bool inside = (has & KP_SANDBOX_NAMESPACES) != 0;
    const bool filtered = (has & KP_SANDBOX_SECCOMP) != 0;
    const int landlock = (has & KP_SANDBOX_LANDLOCK) != 0 ? confinement->landlock : 0;
    const char *const open = kp_arena_printf(arena, "no namespaces (%s)", confinement->reasons);
    const char *const free = kp_arena_printf(arena, "no seccomp (%s)", confinement->unfiltered);
    const char *const both = kp_arena_printf(arena, "%s, %s", open, free);
    const char **end;
    bool good = open != NULL && free != NULL && both != NULL;

    if (good && !inside && !filtered)
        good = lack(confinement, kp_arena_printf(arena, "the network%s: %s",
                                                 landlock >= 4 ? ", but for TCP" : "", both)) &&
               (landlock >= 6 ||
                lack(confinement,
                     kp_arena_printf(arena, "signals to the user's processes: %s", both))) &&
               lack(confinement,
                    kp_arena_printf(arena, "the end of all that a plugin starts: %s", both));
    if (good && !inside && landlock == 0)
        good = lack(confinement, kp_arena_printf(arena, "%s of the user's files%s: %s, no Landlock",
                                                 filtered ? "reading" : "reading and writing",
                                                 filtered ? " while a plugin is opened" : "",
                                                 filtered ? open : both));
    if (good && !inside && landlock > 0)
        good = lack(confinement, kp_arena_printf(arena, "the names of the user's files%s: %s",
                                                 filtered ? " while a plugin is opened" : "",
                                                 filtered ? open : both));
    if (good && !inside && landlock > 0 && landlock < 3 && !filtered)
        good = lack(confinement,
                    kp_arena_printf(arena,
                                    "the user's files, which can be cut short: %s, Landlock "
                                    "is old",
                                    both));
    /* There the keeper counts, ten times a second. */
    if (good && (!inside || geteuid() == 0) && access("/proc/thread-self/children", R_OK) != 0)
        good = lack(confinement, kp_arena_printf(arena,
                                                 "the number of threads: %s, the kernel "
                                                 "tells nobody's children",
                                                 inside ? "run by root" : open));
    if (good && !filtered)
        good = lack(confinement, kp_arena_printf(arena, "system calls: %s", free));
    if (good && KP_SANITIZED)
        good = lack(confinement, "memory: built with a sanitizer");
    end = good ? KP_PUSH(&confinement->lacks, const char *) : NULL;
    return end != NULL;
}

bool kp_confinement_probe(struct kp_confinement *confinement)
{
    bool good = true;

    pthread_mutex_lock(&confinement->lock);
    if (!confinement->probed) {
        confinement->system.count = confinement->lacks.count = 0;
        good = kp_confine_view_system(confinement->arena, &confinement->system) &&
               (confinement->program == NULL ||
                kp_view_add(confinement->arena, &confinement->system, confinement->program, false));
        if (good)
            probe(confinement);
        good = good && list_lacks(confinement);
        confinement->probed = good;
    }
    pthread_mutex_unlock(&confinement->lock);
    return good;
}

unsigned kp_confinement_mechanisms(struct kp_confinement *confinement)
{
    return kp_confinement_probe(confinement) ? confinement->mechanisms : 0;
}

const char *const *kp_confinement_lacks(struct kp_confinement *confinement)
{
    static const char *const unknown[] = {"everything: out of memory", NULL};

    return kp_confinement_probe(confinement) ? (const char *const *)confinement->lacks.items
                                             : unknown;
}

const struct sock_filter *kp_confinement_filter(struct kp_confinement *confinement, bool first,
                                                unsigned short *length)
{
    const struct kp_confinement_filter *filter = first ? &confinement->first : &confinement->second;

    *length = 0;
    if (!kp_confinement_probe(confinement))
        return NULL;
    *length = filter->length;
    return filter->code;
}
