/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/bytes.c - bytes that kpipe sends before a call or an answer: mapped, or in the message.
 *
 * Files stay mapped when a call is over, as the next call most likely reads the same ones: to
 * map 64 MiB anew costs more than most calls. Memory that kpipe sends is not kept, which
 * would keep it from being freed.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/range_share.h"
#include "worker/worker_private.h"

/* Bytes of all kept files together, at most. */
#define MOST_KEPT (UINT64_C(1) << 30)

static void drop_kept(struct kp_worker *worker)
{
    for (size_t i = 0; i < KP_WORKER_KEPT; i++)
        kp_range_unref(worker->kept[i].range);
    memset(worker->kept, 0, sizeof(worker->kept));
    worker->kept_size = 0;
}

/* Makes room for one more, which has `size` bytes. */
static struct kp_worker_kept *place(struct kp_worker *worker, uint64_t size)
{
    struct kp_worker_kept *kept;

    if (size > MOST_KEPT - worker->kept_size)
        drop_kept(worker);
    kept = &worker->kept[worker->next_kept++ % KP_WORKER_KEPT];
    worker->kept_size += size - kept->size;
    kp_range_unref(kept->range);
    *kept = (struct kp_worker_kept){0};
    return kept;
}

/* A file that is mapped still has its inode: nothing else can have that number. */
static struct kp_range *find_kept(const struct kp_worker *worker, const struct stat *status,
                                  uint64_t size)
{
    for (size_t i = 0; i < KP_WORKER_KEPT; i++) {
        const struct kp_worker_kept *kept = &worker->kept[i];

        if (kept->range != NULL && kept->device == status->st_dev &&
            kept->inode == status->st_ino && kept->size == size)
            return kp_range_ref(kept->range);
    }
    return NULL;
}

/* Whoever wrote to a file that is mapped here is found out by kpipe. */
static struct kp_range *map(struct kp_worker *worker, int descriptor, uint64_t size)
{
    struct stat status;
    struct kp_range *range;
    struct kp_worker_kept *kept;
    /* What has no name is memory. */
    const bool keep = fstat(descriptor, &status) == 0 && status.st_nlink > 0 && size <= MOST_KEPT;

    range = keep ? find_kept(worker, &status, size) : NULL;
    if (range != NULL) {
        close(descriptor);
        return range;
    }
    if (size > MOST_KEPT)
        drop_kept(worker); /* there may be no address space for both */
    range = kp_range_map(descriptor, size, true);
    if (range == NULL || !keep)
        return range;
    kept = place(worker, size);
    *kept = (struct kp_worker_kept){kp_range_ref(range), status.st_dev, status.st_ino, size};
    return range;
}

bool kp_worker_take_bytes(struct kp_worker *worker)
{
    struct kp_wire_reader *from = &worker->message.payload;
    const uint32_t handle = kp_take_u32(from);
    const uint64_t size = kp_take_u64(from);
    size_t inline_size;
    const uint8_t *bytes = kp_take_bytes(from, &inline_size);
    const int descriptor = kp_wire_take(&worker->wire, 0);
    struct kp_range **slot;
    struct kp_range *range;

    if (descriptor >= 0)
        range = map(worker, descriptor, size);
    else
        range = kp_range_copy(bytes, inline_size);
    if (!kp_take_end(from) || handle != worker->runs.count ||
        (descriptor < 0 && inline_size != size)) {
        kp_range_unref(range);
        return kp_worker_leave(worker, KP_WIRE_STATUS_BROKEN, "bytes that are none");
    }
    slot = range == NULL ? NULL : KP_PUSH(&worker->runs, struct kp_range *);
    if (slot == NULL) {
        kp_range_unref(range);
        return kp_worker_leave(worker, KP_WIRE_STATUS_BROKEN, "no memory for an input");
    }
    *slot = range;
    return true;
}

void kp_worker_drop_bytes(struct kp_worker *worker)
{
    for (size_t i = 0; i < worker->runs.count; i++)
        kp_range_unref(KP_ITEM(&worker->runs, struct kp_range *, i));
    kp_vector_free(&worker->runs);
    worker->runs = (struct kp_vector){0};
}

void kp_worker_drop_all_bytes(struct kp_worker *worker)
{
    kp_worker_drop_bytes(worker);
    drop_kept(worker);
}
