/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/hostile/breed.c - a plugin that takes all it can get: processes, threads,
 * memory, descriptors.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hostile.h"

enum { MOST_PROCESSES = 3000, MOST_THREADS = 20000 };
/* Of memory, if nobody stops it. */
#define MOST_BYTES (UINT64_C(6) << 30)
#define STEP ((uint64_t)16 << 20)

/* --- processes --- */

static void child(void)
{
    while (!hostile_late())
        sleep(1);
    _exit(0);
}

static int32_t how_fork(struct kp_call *call)
{
    int made = 0;

    for (; made < MOST_PROCESSES; made++) {
        const pid_t one = fork();

        if (one < 0)
            break;
        if (one == 0)
            child();
    }
    return hostile_tried(call, "fork", made > 0);
}

static int32_t how_vfork(struct kp_call *call)
{
    const pid_t one = vfork();

    if (one == 0)
        _exit(0);
    return hostile_tried(call, "vfork", one > 0);
}

static int cloned(void *unused)
{
    (void)unused;
    child();
    return 0;
}

static int32_t how_clone(struct kp_call *call)
{
    static const int flags[] = {SIGCHLD, CLONE_PARENT | SIGCHLD, CLONE_VM | SIGCHLD,
                                CLONE_NEWUSER | SIGCHLD, CLONE_FILES | CLONE_FS | SIGCHLD};
    static uint8_t stack[5][65536];
    int made = 0;

    for (int i = 0; i < 5; i++)
        made += clone(cloned, stack[i] + sizeof(stack[i]), flags[i], NULL) > 0;
    return hostile_tried(call, "clone", made > 0);
}

static int32_t how_clone3(struct kp_call *call)
{
    struct {
        uint64_t flags, words[10];
    } request = {.flags = 0};
    const long one = syscall(SYS_clone3, &request, sizeof(request));

    if (one == 0)
        child();
    return hostile_tried(call, "clone3", one > 0);
}

static void *thread(void *unused)
{
    while (!hostile_late())
        sleep(1);
    return unused;
}

/* Threads are allowed, but not any number. */
static int32_t how_threads(struct kp_call *call)
{
    pthread_attr_t small;
    pthread_t one;
    int made = 0;

    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 16384);
    while (made < MOST_THREADS && pthread_create(&one, &small, thread, NULL) == 0)
        made++;
    errno = EAGAIN;
    return hostile_tried(call, "threads without end", made == MOST_THREADS);
}

/* --- memory --- */

static int32_t how_malloc(struct kp_call *call)
{
    uint64_t got = 0;

    for (; got < MOST_BYTES; got += STEP) {
        uint8_t *memory = malloc(STEP);

        if (memory == NULL)
            break;
        memset(memory, 1, STEP);
    }
    errno = ENOMEM;
    return hostile_tried(call, "malloc without end", got >= MOST_BYTES);
}

static int32_t how_mmap(struct kp_call *call)
{
    uint64_t got = 0;

    for (; got < MOST_BYTES; got += STEP) {
        uint8_t *memory =
            mmap(NULL, STEP, PROT_READ | PROT_WRITE,
                 (got / STEP % 2 == 0 ? MAP_PRIVATE : MAP_SHARED) | MAP_ANONYMOUS, -1, 0);

        if (memory == MAP_FAILED)
            break;
        memset(memory, 1, STEP);
    }
    return hostile_tried(call, "mmap without end", got >= MOST_BYTES);
}

/* Memory that is in no address space. */
static int32_t how_memfd(struct kp_call *call)
{
    static uint8_t text[1 << 20];
    const int file = memfd_create("hostile", 0);
    uint64_t got = 0;

    memset(text, 1, sizeof(text));
    while (file >= 0 && got < MOST_BYTES && write(file, text, sizeof(text)) > 0)
        got += sizeof(text);
    return hostile_tried(call, "memfd without end", got >= MOST_BYTES);
}

static int32_t how_pipes(struct kp_call *call)
{
    int ends[2];
    int made = 0;

    while (made < MOST_THREADS && pipe(ends) == 0)
        made++;
    return hostile_tried(call, "pipes without end", made == MOST_THREADS);
}

static int32_t how_descriptors(struct kp_call *call)
{
    int made = 0;

    while (made < MOST_THREADS && dup(2) >= 0)
        made++;
    return hostile_tried(call, "descriptors without end", made == MOST_THREADS);
}

/* --- what the host gives: each of these fails by the host's word --- */

static int32_t how_reserve(struct kp_call *call)
{
    for (uint64_t got = 0; got < MOST_BYTES; got += STEP) {
        uint8_t *memory = kp_reserve(call, STEP);

        if (memory == NULL)
            return KP_FAILED;
        memset(memory, 1, STEP);
    }
    return kp_fail(call, "reserve without end: DONE");
}

static int32_t how_reserve_small(struct kp_call *call)
{
    for (uint64_t i = 0; i < MOST_BYTES / 65536; i++)
        if (kp_reserve(call, 65536) == NULL || kp_append_fill(call, 0, 1) != KP_OK)
            return KP_FAILED;
    return kp_fail(call, "reserve without end: DONE");
}

static int32_t how_reserve_huge(struct kp_call *call)
{
    if (kp_reserve(call, UINT64_C(1) << 62) == NULL)
        return KP_FAILED;
    return kp_fail(call, "a huge reserve: DONE");
}

static int32_t how_fill_huge(struct kp_call *call)
{
    if (kp_append_fill(call, 1, UINT64_C(1) << 62) != KP_OK)
        return KP_FAILED;
    return kp_fail(call, "a huge fill: DONE");
}

static int32_t how_append(struct kp_call *call)
{
    static uint8_t text[1 << 20];

    for (uint64_t got = 0; got < MOST_BYTES; got += sizeof(text))
        if (kp_append(call, text, sizeof(text)) != KP_OK)
            return KP_FAILED;
    return kp_fail(call, "append without end: DONE");
}

/* Each of them costs memory, though no bytes. */
static int32_t how_pieces(struct kp_call *call)
{
    while (!hostile_late())
        if (kp_append_fill(call, 1, 0) != KP_OK || kp_append(call, "x", 0) != KP_OK ||
            call->host->image_slice(call, call->input, 0, 0) == NULL)
            return KP_FAILED;
    return kp_fail(call, "pieces without end: DONE");
}

static int32_t how_alloc(struct kp_call *call)
{
    while (!hostile_late())
        if (call->host->alloc(call, 1) == NULL)
            return KP_FAILED;
    return kp_fail(call, "scratch memory without end: DONE");
}

static int32_t how_messages(struct kp_call *call)
{
    for (uint64_t i = 0; !hostile_late(); i++)
        kp_message(call, KP_NOTE, "this is said without end %d", (int)i);
    return kp_fail(call, "messages without end: DONE");
}

static int32_t how_failures(struct kp_call *call)
{
    while (!hostile_late())
        kp_fail(call, "this fails without end");
    return KP_FAILED;
}

static int32_t how_traits(struct kp_call *call)
{
    static char text[1 << 20];

    memset(text, 'x', sizeof(text) - 1);
    for (uint64_t i = 0; !hostile_late(); i++) {
        char name[64];

        snprintf(name, sizeof(name), "com.example.t%d", (int)i);
        if (call->host->set_text(call, call->output, name, text) != KP_OK)
            return KP_FAILED;
    }
    return kp_fail(call, "traits without end: DONE");
}

/* Keeps what it was granted in earlier calls; its output begins with how many those were. */
static int32_t how_hoard(struct kp_call *call)
{
    static uint8_t calls;
    uint8_t *memory = kp_reserve(call, 2 * STEP);
    struct stat status;

    if (memory == NULL)
        return KP_FAILED;
    memset(memory, 1, 2 * STEP);
    for (int i = 4; i < 256; i++)
        if (fstat(i, &status) == 0 && S_ISREG(status.st_mode))
            fcntl(i, F_DUPFD_CLOEXEC, 256);
    memory[0] = ++calls;
    return KP_OK;
}

#define HOSTILE_WAYS(WAY)                                                                          \
    WAY(fork)                                                                                      \
    WAY(vfork)                                                                                     \
    WAY(clone)                                                                                     \
    WAY(clone3)                                                                                    \
    WAY(threads)                                                                                   \
    WAY(malloc)                                                                                    \
    WAY(mmap)                                                                                      \
    WAY(memfd)                                                                                     \
    WAY(pipes)                                                                                     \
    WAY(descriptors)                                                                               \
    WAY(reserve)                                                                                   \
    WAY(reserve_small)                                                                             \
    WAY(reserve_huge)                                                                              \
    WAY(fill_huge)                                                                                 \
    WAY(append)                                                                                    \
    WAY(pieces)                                                                                    \
    WAY(alloc)                                                                                     \
    WAY(messages)                                                                                  \
    WAY(failures)                                                                                  \
    WAY(traits)                                                                                    \
    WAY(hoard)

HOSTILE_PLUGIN("org.example.breed", "breed", "")
