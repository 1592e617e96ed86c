/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/crash.h - the last words of a worker that a signal, or the plugin by exit(), ends: one line on
 * descriptor 2,
 *
 *     kpipe-worker: signal 11 at +0x1f2a             in the plugin's own code
 *     kpipe-worker: signal 6 called from +0x1f2a     elsewhere, on behalf of the plugin
 *     kpipe-worker: signal 4                         neither is known
 *     kpipe-worker: exit called from +0x1f2a
 *
 * where the number is an address as the plugin's file counts them (addr2line takes it); "called
 * from" shows the first address on the stack that stands behind a call in the plugin's code, which
 * most likely is where that returns to. Then a signal does what it does by default, so that
 * the process's status shows it. It is a hint for people: the plugin can write such a line
 * as well.
 *
 * For the whole process: kpipe-worker alone uses it. What it asks of a filter of system calls:
 * write to descriptor 2, rt_sigaction, rt_sigprocmask, rt_sigreturn, sigaltstack, getpid, gettid, tgkill.
 */
#ifndef KP_WORKER_CRASH_H
#define KP_WORKER_CRASH_H

#include <stdbool.h>

/* Installs the handlers; once. Before kp_range_guard_install, whose handler is asked first then. */
bool kp_crash_install(void);
/* The plugin is the object in which that address lies; to be called once. */
void kp_crash_locate(const void *code);
/* A signal may say that a thread's stack is full: each thread needs another one. NULL: it has
 * none, and ends without last words then. */
void *kp_crash_thread_begins(void);
void kp_crash_thread_ends(void *begun);

#endif
