/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/hostile/hostile.h - what the hostile plugins share: a stage type whose one
 * choice says what it does to whoever runs it, and bounds on that.
 *
 * Each plugin is valid as far as its note and its tables go. HOSTILE_PLUGIN makes one of the
 * functions how_* that HOSTILE_WAYS lists.
 *
 * A test must be able to fail without taking the machine with it. So nothing hostile is done
 * in kpipe's own process, and whatever goes on without end ends after HOSTILE_SECONDS.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <kpipe/kpipe.h>

#define HOSTILE_SECONDS 40

struct hostile_params {
    uint32_t how;
    struct kp_text path; /* of what it is after */
    uint64_t number;     /* a process id, a port, a size */
    const struct kp_tree *tree;
};

/* Whether the plugin was opened by kpipe itself, which is never to happen. */
static inline int hostile_at_home(void)
{
    return strcmp(program_invocation_short_name, "kpipe-worker") != 0;
}

/* Whether it has gone on for long enough. */
static inline KP_UNUSED int hostile_late(void)
{
    static time_t begun;
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    if (begun == 0)
        begun = now.tv_sec;
    return now.tv_sec - begun > HOSTILE_SECONDS;
}

/* What became of an attempt: always an error, so that the recipe's line shows it. The number of
 * the error depends on what shuts the plugin in, and is for developers. */
static inline KP_UNUSED int32_t hostile_tried(struct kp_call *call, const char *what, int managed)
{
    const char *detail = strerrorname_np(errno);
    char text[128];
    const struct kp_problem problem = {sizeof(problem), NULL, text, NULL, managed ? NULL : detail};

    snprintf(text, sizeof(text), "%s: %s", what, managed ? "DONE" : "refused");
    return call->host->fail(call, &problem);
}

#define HOSTILE_VALUE_(name_) HOSTILE_##name_,
#define HOSTILE_CASE_(name_)                                                                       \
    case HOSTILE_##name_:                                                                          \
        return how_##name_(call);
#define HOSTILE_CHOICE_(name_) KP_ONE_OF(HOSTILE_##name_, #name_, "see the source"),

#define HOSTILE_PLUGIN(id_, name_, offers_)                                                        \
    enum { HOSTILE_WAYS(HOSTILE_VALUE_) HOSTILE_NONE };                                            \
    static int32_t hostile_run(struct kp_call *call)                                               \
    {                                                                                              \
        const struct hostile_params *params = call->params;                                        \
                                                                                                   \
        if (hostile_at_home())                                                                     \
            return kp_fail(call, "it runs in %s", program_invocation_short_name);                  \
        hostile_late();                                                                            \
        switch (params->how) {                                                                     \
            HOSTILE_WAYS(HOSTILE_CASE_)                                                            \
        default:                                                                                   \
            return KP_FAILED;                                                                      \
        }                                                                                          \
    }                                                                                              \
    static const struct kp_choice *const hostile_ways[] = {HOSTILE_WAYS(HOSTILE_CHOICE_) NULL};    \
    static const struct kp_param *const hostile_table[] = {                                        \
        KP_CHOICE(struct hostile_params, how, .choices = hostile_ways,                             \
                  .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT, .summary = "what it does"),         \
        KP_TEXT(struct hostile_params, path, .summary = "of what it is after"),                    \
        KP_UINT(struct hostile_params, number, .summary = "a process, a port, a size"),            \
        KP_TREE(struct hostile_params, tree, .summary = "a folder"),                               \
        NULL,                                                                                      \
    };                                                                                             \
    static const struct kp_operation hostile_operation = {                                         \
        .size = sizeof(struct kp_operation),                                                       \
        .threading = KP_THREADS_ANY,                                                               \
        .summary = "be hostile",                                                                   \
        .params = hostile_table,                                                                   \
        .params_size = sizeof(struct hostile_params),                                              \
        .run = hostile_run,                                                                        \
    };                                                                                             \
    static const struct kp_format hostile_format = {.size = sizeof(struct kp_format),              \
                                                    .name = name_,                                 \
                                                    .summary = "hostile",                          \
                                                    .pack = &hostile_operation};                   \
    static const struct kp_format *const hostile_formats[] = {&hostile_format, NULL};              \
    KP_PLUGIN(id_, name_, "6.66", "BSD-3-Clause", "The kpipe authors", "man:kpipe(1)", "hostile",  \
              KP_OFFERS_FORMAT(name_) KP_OFFERS_STAGE(name_) offers_, .formats = hostile_formats)

#endif
