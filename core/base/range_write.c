/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/range_write.c - writing a range to a descriptor, and its digest. Where the
 * descriptor leads, and what its size must be, is the caller's matter.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/range_private.h"
#include "base/range_share.h"

/* One writev takes at most so much, so that a request to stop is soon heard. */
#define BATCH_PIECES 256
#define BATCH_BYTES ((uint64_t)16 << 20)
/* Fewer zeros than a block of most file systems save nothing. */
#define HOLE_LEAST ((uint64_t)4096)

_Static_assert(BATCH_PIECES <= IOV_MAX, "a batch must fit into one writev");

struct batch {
    struct iovec pieces[BATCH_PIECES];
    int count;
    uint64_t bytes;
};

struct writer {
    const struct kp_range *range;
    int descriptor;
    bool sparse;
    uint64_t offset; /* what is written already */
    bool fetches;    /* some of it is a mapped file */
};

/* The zeros that may become a hole at the writer's place: their number, or 0. */
static uint64_t hole_at(const struct writer *writer, uint64_t offset)
{
    const struct kp_range *range = writer->range;
    uint64_t begin = 0;

    if (!writer->sparse)
        return 0;
    if (range->kind == KP_RANGE_GATHER) {
        const struct kp_gather_part *part = &range->parts[kp_range_part_at(range, offset)];

        range = part->range;
        begin = part->begin;
    }
    if (range->kind != KP_RANGE_FILL || range->byte != 0 || range->size < HOLE_LEAST)
        return 0;
    return range->size - (offset - begin);
}

/* The end of the part that `offset` lies in: a joined gather is one piece, but
 * holes are found by its parts. */
static uint64_t part_end(const struct kp_range *range, uint64_t offset)
{
    const struct kp_gather_part *part;

    if (range->kind != KP_RANGE_GATHER)
        return range->size;
    part = &range->parts[kp_range_part_at(range, offset)];
    return part->begin + part->range->size;
}

static void collect(const struct writer *writer, struct batch *batch)
{
    uint64_t offset = writer->offset;

    batch->count = 0;
    batch->bytes = 0;
    while (offset < writer->range->size && batch->count < BATCH_PIECES &&
           batch->bytes < BATCH_BYTES && hole_at(writer, offset) == 0) {
        const uint64_t end = part_end(writer->range, offset);
        const uint8_t *bytes;
        uint64_t length;

        kp_range_piece(writer->range, offset, &bytes, &length);
        if (length > end - offset)
            length = end - offset;
        if (length > BATCH_BYTES - batch->bytes)
            length = BATCH_BYTES - batch->bytes;
        batch->pieces[batch->count++] =
            (struct iovec){.iov_base = (void *)(uintptr_t)bytes, .iov_len = (size_t)length};
        batch->bytes += length;
        offset += length;
    }
}

/* A system call that meets a vanished page gets EFAULT where a thread would get
 * SIGBUS. Touching the pages lets the handler find out which file it was. */
static void touch(const struct batch *batch)
{
    for (int i = 0; i < batch->count; i++) {
        const volatile uint8_t *bytes = batch->pieces[i].iov_base;

        for (size_t at = 0; at < batch->pieces[i].iov_len; at += 4096)
            (void)bytes[at];
        (void)bytes[batch->pieces[i].iov_len - 1];
    }
}

/* Has the pages of mapped files at hand. A file system that meets one that is not takes what it
 * has, fills the rest of its own page, which may be a large one, with zeros, and starts again: a
 * vmlinux of 12 MB then takes 13 ms and not 6. What cannot be had shows when it is written. */
static void fetch(const struct batch *batch)
{
#ifdef MADV_POPULATE_READ /* Linux 5.14 */
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

    for (int i = 0; i < batch->count; i++) {
        const uintptr_t begin = (uintptr_t)batch->pieces[i].iov_base & ~(page - 1);
        const uintptr_t end = (uintptr_t)batch->pieces[i].iov_base + batch->pieces[i].iov_len;

        if (end - begin > page)
            (void)madvise((void *)begin, end - begin, MADV_POPULATE_READ);
    }
#else
    (void)batch;
#endif
}

/* For a descriptor that does not wait by itself. Not long, to hear a request to
 * stop. */
static bool wait_for(int descriptor)
{
    struct pollfd wait = {.fd = descriptor, .events = POLLOUT};

    return poll(&wait, 1, 100) >= 0 || errno == EINTR;
}

/* Memory is at hand: asking for it takes a millisecond for each 10 MB. */
static bool has_mapped(const struct kp_range *range)
{
    while (range->base != NULL)
        range = range->base;
    if (kp_range_is_mapped(range))
        return true;
    for (size_t i = 0; i < range->count; i++)
        if (has_mapped(range->parts[i].range))
            return true;
    return false;
}

static bool write_batch(struct writer *writer)
{
    struct batch batch;
    ssize_t written;

    collect(writer, &batch);
    if (writer->fetches)
        fetch(&batch);
    written = writev(writer->descriptor, batch.pieces, batch.count);
    if (written < 0) {
        if (errno == EINTR)
            return true;
        if (errno == EAGAIN)
            return wait_for(writer->descriptor);
        if (errno == EFAULT && kp_guard_is_installed()) {
            touch(&batch);
            errno = EFAULT;
        }
        return false;
    }
    writer->offset += (uint64_t)written;
    return true;
}

static bool write_some(struct writer *writer)
{
    const uint64_t hole = hole_at(writer, writer->offset);

    if (hole == 0)
        return write_batch(writer);
    if (hole > INT64_MAX) {
        errno = EFBIG;
        return false;
    }
    if (lseek(writer->descriptor, (off_t)hole, SEEK_CUR) < 0)
        return false;
    writer->offset += hole;
    return true;
}

bool kp_range_write(const struct kp_range *range, int descriptor, bool sparse,
                    bool (*stop)(void *data), void *data)
{
    struct writer writer = {range, descriptor, false, 0, has_mapped(range)};

    writer.sparse = sparse && lseek(descriptor, 0, SEEK_CUR) >= 0;
    while (writer.offset < range->size) {
        if (stop != NULL && stop(data)) {
            errno = ECANCELED;
            return false;
        }
        if (!write_some(&writer))
            return false;
    }
    /* What vanished before the write was written as zeros. */
    if (kp_range_vanished(range) != NULL) {
        errno = EFAULT;
        return false;
    }
    return true;
}

bool kp_range_sha256(const struct kp_range *range, uint8_t digest[32])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;

    for (uint64_t offset = 0; done && offset < range->size;) {
        const uint8_t *bytes;
        uint64_t length;

        kp_range_piece(range, offset, &bytes, &length);
        done = EVP_DigestUpdate(context, bytes, (size_t)length) == 1;
        offset += length;
    }
    done = done && EVP_DigestFinal_ex(context, digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    return done;
}
