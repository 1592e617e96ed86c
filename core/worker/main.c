/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/main.c - the program kpipe-worker: what concerns the whole process, around
 * kp_worker_serve. It is started by kpipe, with a socket as descriptor 3, and is of no use
 * otherwise.
 */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/range.h"
#include "worker/crash.h"
#include "worker/shut.h"
#include "worker/worker.h"

#define SOCKET 3

/* A sanitizer leaves signals to crash.c, and does not look for leaks when the process is made to
 * end in the middle of its work. */
#define LEAVE_SIGNALS                                                                              \
    "handle_segv=0:handle_sigbus=0:handle_sigill=0:handle_sigfpe=0:handle_abort=0:"                \
    "use_sigaltstack=0:detect_leaks=0"
#ifdef __SANITIZE_ADDRESS__
__attribute__((visibility("default"))) const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return LEAVE_SIGNALS;
}
#endif
#ifdef __SANITIZE_THREAD__
__attribute__((visibility("default"))) const char *__tsan_default_options(void);

const char *__tsan_default_options(void)
{
    return LEAVE_SIGNALS;
}
#endif

static bool is_socket(int descriptor)
{
    int type;
    socklen_t size = sizeof(type);

    return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

int main(void)
{
    const struct kp_worker_options options = {
        .socket = SOCKET,
        .shut_in = kp_worker_shut_in,
        .opened = kp_crash_locate,
        .thread_begins = kp_crash_thread_begins,
        .thread_ends = kp_crash_thread_ends,
        .left = _exit,
    };

    if (!is_socket(SOCKET)) {
        fputs("kpipe-worker: is started by kpipe, for plugins that it does not trust\n", stderr);
        return 2;
    }
    /* In this order: see crash.h. */
    kp_crash_install();
    kp_range_guard_install();
    /* Not exit(): what the plugin registered for that is not run. */
    _exit(kp_worker_serve(&options));
}
