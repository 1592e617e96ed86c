/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/range_guard.c - surviving that a mapped file is cut short while it is read:
 * the table of mapped files and the SIGBUS handler that looks into it.
 *
 * Reading a page behind a file's new end raises SIGBUS on the reading thread. The
 * handler puts zero pages there and marks the file; whoever waits for the reader
 * then asks kp_range_vanished and reports the input. This is state of the whole
 * process, because a signal handler has no other.
 *
 * The table is a list of chunks of slots. A slot that was once reachable stays so,
 * which is why the handler may walk it while others add and remove; only they
 * take the lock.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/range_private.h"

#define CHUNK_SLOTS 64

struct chunk {
    struct kp_guard_slot slots[CHUNK_SLOTS];
    struct chunk *_Atomic next;
};

static struct chunk first_chunk;
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool installed;
static struct sigaction previous_action;
static uintptr_t page_size;

/* A free slot, with the lock held. */
static struct kp_guard_slot *free_slot(void)
{
    struct chunk *chunk = &first_chunk;

    for (;;) {
        struct chunk *next;

        for (size_t i = 0; i < CHUNK_SLOTS; i++) {
            if (atomic_load(&chunk->slots[i].begin) == 0)
                return &chunk->slots[i];
        }
        next = atomic_load(&chunk->next);
        if (next == NULL) {
            next = calloc(1, sizeof(*next));
            if (next == NULL)
                return NULL;
            atomic_store(&chunk->next, next);
        }
        chunk = next;
    }
}

/* `begin` is written last and taken back first: see slot_covers. The rest of the
 * last page counts, since fast string functions may look at it. */
struct kp_guard_slot *kp_guard_add(const void *bytes, uint64_t size)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t end = (uintptr_t)bytes + (uintptr_t)size;
    struct kp_guard_slot *slot;

    pthread_mutex_lock(&table_lock);
    slot = free_slot();
    if (slot != NULL) {
        atomic_store(&slot->vanished, false);
        atomic_store(&slot->end, (end + page - 1) & ~(page - 1));
        atomic_store(&slot->begin, (uintptr_t)bytes);
    }
    pthread_mutex_unlock(&table_lock);
    return slot;
}

void kp_guard_remove(struct kp_guard_slot *slot)
{
    atomic_store(&slot->begin, 0);
}

/* The slot of the mapping that is being read cannot change meanwhile. Another one
 * may, between the two loads, but `begin` then differs the second time; if it does
 * not, both old and new mapping began there and neither can hold `address`, which
 * is in a third that existed beside both. */
static bool slot_covers(struct kp_guard_slot *slot, uintptr_t address, uintptr_t *end)
{
    const uintptr_t begin = atomic_load(&slot->begin);

    *end = atomic_load(&slot->end);
    if (begin == 0 || address < begin || address - begin >= *end - begin)
        return false;
    return atomic_load(&slot->begin) == begin;
}

/* Zero pages from the page of `address` to the end of the mapping, all of which
 * lies behind the file's end as well. */
static bool cover_with_zeros(uintptr_t address, uintptr_t end)
{
    const uintptr_t page = address & ~(page_size - 1);
    /* A signal says where as a number; mmap wants a pointer. */
    void *where = (void *)page; // NOLINT(performance-no-int-to-ptr)

    return mmap(where, end - page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
           MAP_FAILED;
}

#ifdef __SANITIZE_THREAD__
/* ThreadSanitizer takes the mapping of zeros for a write, which races with other
 * threads' reads of pages that are not there. */
__attribute__((visibility("default"))) const char *__tsan_default_suppressions(void);

const char *__tsan_default_suppressions(void)
{
    return "race:cover_with_zeros\n";
}
#endif

static bool repair(uintptr_t address)
{
    for (struct chunk *chunk = &first_chunk; chunk != NULL; chunk = atomic_load(&chunk->next)) {
        for (size_t i = 0; i < CHUNK_SLOTS; i++) {
            uintptr_t end;

            if (!slot_covers(&chunk->slots[i], address, &end))
                continue;
            atomic_store(&chunk->slots[i].vanished, true);
            return cover_with_zeros(address, end);
        }
    }
    return false;
}

/* A SIGBUS that is not ours meets the disposition from before: the faulting
 * instruction runs again, or a signal that was sent is sent again. */
static void on_sigbus(int number, siginfo_t *info, void *context)
{
    const int saved_errno = errno;

    (void)context;
    if (info->si_code <= 0 || !repair((uintptr_t)info->si_addr)) {
        sigaction(number, &previous_action, NULL);
        if (info->si_code <= 0)
            raise(number);
    }
    errno = saved_errno;
}

bool kp_range_guard_install(void)
{
    struct sigaction action = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    if (atomic_load(&installed))
        return true;
    page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGBUS, &action, &previous_action) != 0)
        return false;
    atomic_store(&installed, true);
    return true;
}

bool kp_guard_is_installed(void)
{
    return atomic_load(&installed);
}
