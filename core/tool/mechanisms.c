/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tool/mechanisms.c - see mechanisms.h. What the machine can enforce shows in the first run,
 * while all others wait: usually that is all. If not, less is tried out with no tool at all, and
 * before any was started, so that no tool can bring about that it, or another one, is shut in
 * less.
 */
#include "tool/mechanisms.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/sandbox.h"
#include "tool/toolbox.h"

#define PROBE_SECONDS 10

void kp_mechanisms_init(struct kp_mechanisms *own, unsigned without)
{
    *own = (struct kp_mechanisms){.without = without};
    pthread_mutex_init(&own->lock, NULL);
    pthread_cond_init(&own->changed, NULL);
}

void kp_mechanisms_clear(struct kp_mechanisms *own)
{
    pthread_cond_destroy(&own->changed);
    pthread_mutex_destroy(&own->lock);
    free(own->filter);
}

/* Called with the lock held, for a run without it. */
static void fill_in(const struct kp_mechanisms *own, struct kp_tool_request *request)
{
    request->mechanisms = own->working;
    request->filter = own->filter;
    request->filter_length = own->filter_length;
}

/* All that this kernel may have. One is enough for files. */
static void hope(struct kp_mechanisms *own)
{
    if (own->filter == NULL)
        own->filter = kp_seccomp_make(&own->filter_length);
    own->working = KP_SANDBOX_ALL & ~own->without;
    if (own->filter == NULL)
        own->working &= ~KP_SANDBOX_SECCOMP;
    if ((own->working & KP_SANDBOX_NAMESPACES) == 0)
        snprintf(own->reason, sizeof(own->reason), "not wanted");
    if ((own->working & KP_SANDBOX_NAMESPACES) != 0 || kp_landlock_version() == 0)
        own->working &= ~KP_SANDBOX_LANDLOCK;
}

/* A lack of memory or descriptors tells nothing of the mechanisms. */
static bool is_refused(const struct kp_tool_result *result)
{
    return result->end == KP_TOOL_NO_SANDBOX && result->number != ENOMEM &&
           result->number != EAGAIN && result->number != EMFILE && result->number != ENFILE;
}

/* Takes away what does not work until the rest does. Called with the lock held. */
static void probe(struct kp_mechanisms *own, const char *temporary)
{
    struct kp_tool_request request = {.any_output = true,
                                      .output_limit = 1,
                                      .memory_limit = KP_TOOL_MEMORY,
                                      .temporary = temporary,
                                      .time_limit = PROBE_SECONDS};
    struct kp_tool_result result;

    for (int i = 0; i < 4; i++) {
        fill_in(own, &request);
        kp_tool_execute(&request, &result);
        kp_range_unref(result.output);
        if (!is_refused(&result))
            return;
        own->working &= ~result.mechanism;
        if (result.mechanism != KP_SANDBOX_NAMESPACES)
            continue;
        snprintf(own->reason, sizeof(own->reason), "%s: %s", result.what, strerror(result.number));
        if ((own->without & KP_SANDBOX_LANDLOCK) == 0 && kp_landlock_version() > 0)
            own->working |= KP_SANDBOX_LANDLOCK;
    }
}

static void learn(struct kp_mechanisms *own, enum kp_mechanisms_known known)
{
    pthread_mutex_lock(&own->lock);
    own->known = known;
    pthread_cond_broadcast(&own->changed);
    pthread_mutex_unlock(&own->lock);
}

/* All mechanisms work, and the tool of the first run has not begun yet. */
static void learn_all(struct kp_mechanisms *own)
{
    learn(own, KP_MECHANISMS_KNOWN);
}

/* Waits until it is known what works, or is the one to find out: then false. */
static bool await_knowledge(struct kp_mechanisms *own, struct kp_tool_request *request)
{
    bool known;

    pthread_mutex_lock(&own->lock);
    while (own->known == KP_MECHANISMS_TRYING)
        pthread_cond_wait(&own->changed, &own->lock);
    known = own->known == KP_MECHANISMS_KNOWN;
    if (!known) {
        hope(own);
        own->known = KP_MECHANISMS_TRYING;
    }
    fill_in(own, request);
    pthread_mutex_unlock(&own->lock);
    request->shut_in = known ? NULL : learn_all;
    request->of = own;
    return known;
}

/* After a first run in which nothing was started; true if it is to be made again. */
static bool find_out(struct kp_mechanisms *own, struct kp_tool_request *request,
                     const struct kp_tool_result *result)
{
    const bool refused = is_refused(result);

    pthread_mutex_lock(&own->lock);
    if (refused)
        probe(own, request->temporary);
    fill_in(own, request);
    pthread_mutex_unlock(&own->lock);
    learn(own, refused ? KP_MECHANISMS_KNOWN : KP_MECHANISMS_UNTRIED);
    request->shut_in = NULL;
    return refused;
}

void kp_mechanisms_run(struct kp_mechanisms *own, struct kp_tool_request *request,
                       struct kp_tool_result *result)
{
    bool open;

    if (await_knowledge(own, request)) {
        kp_tool_execute(request, result);
        return;
    }
    kp_tool_execute(request, result);
    pthread_mutex_lock(&own->lock);
    open = own->known == KP_MECHANISMS_TRYING; /* nobody else sets it then */
    pthread_mutex_unlock(&own->lock);
    if (open && find_out(own, request, result))
        kp_tool_execute(request, result);
}

unsigned kp_mechanisms_get(struct kp_mechanisms *own)
{
    unsigned working;

    pthread_mutex_lock(&own->lock);
    working = own->working;
    pthread_mutex_unlock(&own->lock);
    return working;
}

/* What is lacking, in words; nothing if nothing is. Called with the lock held. */
static void list_lacks(const struct kp_mechanisms *own, struct kp_string *text)
{
    const bool inside = (own->working & KP_SANDBOX_NAMESPACES) != 0;
    const bool landlock = (own->working & KP_SANDBOX_LANDLOCK) != 0;
    const bool filtered = (own->working & KP_SANDBOX_SECCOMP) != 0;
    const int version = landlock ? kp_landlock_version() : 0;

    if (inside && filtered)
        return;
    kp_string_add(text, "host tools are not shut in as they should be:");
    if (!inside)
        kp_string_printf(text,
                         " there are no namespaces (%s), so they see other processes and "
                         "the names of files;",
                         own->reason);
    if (!inside && !landlock)
        kp_string_add(text, " there is no Landlock, so they can read and write the user's files;");
    if (!inside && version > 0 && version < 3)
        kp_string_add(text, " Landlock is old, so they can cut the user's files short;");
    if (!inside && version < 6)
        kp_string_add(text, " they can signal the user's processes;");
    if (!inside && !filtered)
        kp_string_add(text, " they can use the network;");
    if (!filtered)
        kp_string_add(text, " there is no seccomp filter, so all system calls are open to them;");
    if (!text->failed)
        text->text[text->length - 1] = '\0'; /* the last ; */
}

bool kp_mechanisms_lack(struct kp_mechanisms *own, struct kp_string *text)
{
    pthread_mutex_lock(&own->lock);
    if (own->known == KP_MECHANISMS_KNOWN && !own->said) {
        list_lacks(own, text);
        own->said = true;
    }
    pthread_mutex_unlock(&own->lock);
    return text->length > 0 && !text->failed;
}
