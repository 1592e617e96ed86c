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
#include "worker/shut.h"
#include "worker/worker.h"

#define SOCKET 3

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
        .left = _exit,
    };

    if (!is_socket(SOCKET)) {
        fputs("kpipe-worker: is started by kpipe, for plugins that it does not trust\n", stderr);
        return 2;
    }
    kp_range_guard_install();
    /* Not exit(): what the plugin registered for that is not run. */
    _exit(kp_worker_serve(&options));
}
