/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/sandbox-shared.h - runs of tests/tool/inmate.c in place of a worker, with all that they
 * leave looked for. Included by tests/unit/sandbox-*.c only.
 */
#ifndef KP_TEST_SANDBOX_SHARED_H
#define KP_TEST_SANDBOX_SHARED_H

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "engine-shared.h"
#include "mechanisms-shared.h"
#include "sandbox/confine.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KP_TEST_SANITIZED 1
#else
#define KP_TEST_SANITIZED 0
#endif

/* Which of a worker's filters is on when the inmate acts. */
enum stage { NO_FILTER, FIRST_FILTER, SECOND_FILTER };

static struct kp_confinement *confinement;
static struct kp_limits limits;
static struct kp_confined confined;
static struct kp_confined_end ending;
static const char *plugin;
static int inmate; /* kpipe's end of the socket */

UNUSED static void open_confinement(unsigned without)
{
    const struct kp_confinement_options options = {KPIPE_TEST_INMATE, without};

    kp_confinement_free(confinement);
    confinement = kp_confinement_new(&options);
    ck_assert_ptr_nonnull(confinement);
}

UNUSED static bool has(unsigned mechanism)
{
    return (kp_confinement_mechanisms(confinement) & mechanism) != 0;
}

static void begin(void)
{
    set_up();
    plugin = KPIPE_TEST_NEEDY "/plugins/needy.so";
    limits = (struct kp_limits){0};
    /* What a worker leaves behind becomes a child of this process. */
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
}

static void end(void)
{
    kp_confinement_free(confinement);
    confinement = NULL;
    tear_down();
}

UNUSED static bool start_with(int descriptor)
{
    int ends[2];
    struct kp_confined_request wanted = {.plugin = plugin, .limits = limits};
    const char *what = NULL;
    bool good;

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    inmate = ends[0];
    wanted.socket = ends[1];
    wanted.descriptor = descriptor;
    good = kp_confined_start(confinement, &wanted, &confined, &what);
    close(ends[1]);
    return good;
}

UNUSED static void start(void)
{
    const int descriptor = open(plugin, O_RDONLY | O_CLOEXEC);

    ck_assert_int_ge(descriptor, 0);
    ck_assert(start_with(descriptor));
    close(descriptor);
}

/* What the inmate says next; "" if it is gone. */
UNUSED static const char *hear(void)
{
    static char text[4096];
    ssize_t length;

    do
        length = recv(inmate, text, sizeof(text) - 1, 0);
    while (length < 0 && errno == EINTR);
    text[length > 0 ? length : 0] = '\0';
    return text;
}

UNUSED static void order(enum stage stage, const char *act, const char *argument)
{
    unsigned short length = 0;
    const struct sock_filter *filter = NULL;
    char words[1024];

    if (stage != NO_FILTER)
        filter = kp_confinement_filter(confinement, stage == FIRST_FILTER, &length);
    snprintf(words, sizeof(words), "%s %s", act, argument);
    ck_assert_int_gt(send(inmate, words, strlen(words), MSG_NOSIGNAL), 0);
    ck_assert_int_gt(filter == NULL ? send(inmate, "", 1, MSG_NOSIGNAL)
                                    : send(inmate, filter, length * sizeof(*filter), MSG_NOSIGNAL),
                     0);
}

UNUSED static void expect_nothing_left(void)
{
    errno = 0;
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
    ck_assert(!ending.left_behind);
}

/* An act from start to end: what it answered, or how else it ended. */
UNUSED static const char *act(enum stage stage, const char *name, const char *argument)
{
    static char text[4096];

    start();
    ck_assert_str_eq(hear(), "here");
    order(stage, name, argument);
    snprintf(text, sizeof(text), "%s", hear());
    close(inmate);
    kp_confined_stop(&confined, 0, &ending);
    if (text[0] == '\0')
        snprintf(text, sizeof(text), "%s %d",
                 !ending.known                ? "unknown"
                 : WIFSIGNALED(ending.status) ? "signal"
                                              : "status",
                 WIFSIGNALED(ending.status) ? WTERMSIG(ending.status) : WEXITSTATUS(ending.status));
    return text;
}

UNUSED static bool says(const char *expected, enum stage stage, const char *name,
                        const char *argument)
{
    const char *got = act(stage, name, argument);

    if (strcmp(got, expected) == 0)
        return true;
    fprintf(stderr, "without %x, filter %d, %s %s: %s, not %s\n",
            ~kp_confinement_mechanisms(confinement) & KP_SANDBOX_ALL, (int)stage, name, argument,
            got, expected);
    return false;
}

#endif
