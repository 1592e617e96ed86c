/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/range_share.c - see range_share.h: of what a range consists, and memory that other
 * processes can map. Mapping what another process sent is range_map.c's.
 */
#include "base/range_share.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kpipe/bytes.h>

#include "base/range_private.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3 */
#endif

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

/* --- of what a range consists --- */

/* A slice of a joined gather is taken for one of the parts that were joined, but not through
 * any number of such slices of one another. */
#define MOST_DEPTH 8

struct visitor {
    bool (*visit)(void *data, const struct kp_range_run *run);
    void *data;
};

static bool visit(const struct visitor *visitor, struct kp_range *range, uint64_t offset,
                  uint64_t length, unsigned depth);

static bool visit_parts(const struct visitor *visitor, const struct kp_range *gather,
                        uint64_t offset, uint64_t length, unsigned depth)
{
    for (size_t i = kp_range_part_at(gather, offset); length > 0; i++) {
        const struct kp_gather_part *part = &gather->parts[i];
        const uint64_t skip = offset - part->begin;
        const uint64_t rest = part->range->size - skip;
        const uint64_t here = rest < length ? rest : length;

        if (!visit(visitor, part->range, skip, here, depth))
            return false;
        offset += here;
        length -= here;
    }
    return true;
}

/* `length` is not 0, and all of it inside. */
static bool visit(const struct visitor *visitor, struct kp_range *range, uint64_t offset,
                  uint64_t length, unsigned depth)
{
    struct kp_range_run run = {.length = length};

    if (range->kind == KP_RANGE_GATHER)
        return visit_parts(visitor, range, offset, length, depth);
    if (range->kind == KP_RANGE_FILL) {
        run.byte = range->byte;
        return visitor->visit(visitor->data, &run);
    }
    run.bytes = range->bytes + offset;
    run.owner = range->base != NULL ? range->base : range;
    if (run.owner->kind == KP_RANGE_GATHER)
        run.offset = (uint64_t)(run.bytes - atomic_load(&run.owner->joined));
    else
        run.offset = (uint64_t)(run.bytes - run.owner->bytes);
    /* Its parts may be files, or have crossed already; the joined bytes are neither. */
    if (run.owner->kind == KP_RANGE_GATHER && depth < MOST_DEPTH)
        return visit_parts(visitor, run.owner, run.offset, length, depth + 1);
    return visitor->visit(visitor->data, &run);
}

bool kp_range_runs(struct kp_range *range,
                   bool (*visit_run)(void *data, const struct kp_range_run *run), void *data)
{
    const struct visitor visitor = {visit_run, data};

    return range->size == 0 || visit(&visitor, range, 0, range->size, 0);
}

/* --- descriptors --- */

static bool is_unchanged(const struct kp_mapped_file *file, const struct stat *status)
{
    const struct kp_file_identity now = kp_file_identity_of(status);

    return kp_file_identity_equal(&now, &file->identity);
}

/* If the file at the path is still the one that was mapped. A path that leads elsewhere by
 * now may lead to a pipe or a device, which opening would disturb. */
static int open_again(const struct kp_mapped_file *file)
{
    struct stat status;
    int descriptor;

    if (file->slot == NULL || atomic_load(&file->slot->vanished) ||
        stat(file->path, &status) != 0 || !is_unchanged(file, &status))
        return -1;
    descriptor = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0)
        return -1;
    if (fstat(descriptor, &status) == 0 && is_unchanged(file, &status))
        return descriptor;
    close(descriptor);
    return -1;
}

bool kp_range_is_mapped(const struct kp_range *range)
{
    return range->file != NULL && range->file->slot != NULL;
}

int kp_range_descriptor(struct kp_range *owner, uint64_t *size, bool *is_file)
{
    const int memfd = atomic_load(&owner->memfd) - 1;

    *size = owner->size;
    *is_file = memfd < 0;
    if (memfd >= 0)
        return fcntl(memfd, F_DUPFD_CLOEXEC, 0);
    return owner->file != NULL ? open_again(owner->file) : -1;
}

bool kp_descriptor_is_behind(int descriptor, unsigned percent)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
           (rlim_t)descriptor >=
               limit.rlim_cur / 100 * percent + limit.rlim_cur % 100 * percent / 100;
}

int kp_memfd_new(uint64_t size)
{
    int descriptor;

    if (size > INT64_MAX) {
        errno = EFBIG;
        return -1;
    }
    descriptor = memfd_create("kpipe", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    if (descriptor < 0 && errno == EINVAL)
        descriptor = memfd_create("kpipe", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor >= 0 && ftruncate(descriptor, (off_t)size) != 0) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

bool kp_memfd_fix(int descriptor)
{
    return fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0;
}

/* A system call that meets a vanished page of a file fails; a thread that touches it gets a page
 * of zeros. */
static void touch(const uint8_t *bytes, uint64_t size)
{
    const volatile uint8_t *page = bytes;

    for (uint64_t at = 0; at < size; at += 4096)
        (void)page[at];
    (void)page[size - 1];
}

static bool write_all(int descriptor, const uint8_t *bytes, uint64_t size)
{
    bool touched = !kp_guard_is_installed();

    for (uint64_t at = 0; at < size;) {
        const ssize_t written = pwrite(descriptor, bytes + at, (size_t)(size - at), (off_t)at);

        if (written > 0) {
            at += (uint64_t)written;
        } else if (written < 0 && errno == EFAULT && !touched) {
            touch(bytes + at, size - at);
            touched = true;
        } else if (written == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

/* A sealed memfd with the bytes; -1 and errno. */
static int make_sealed(const uint8_t *bytes, uint64_t size)
{
    const int descriptor = kp_memfd_new(size);
    int saved_errno;

    if (descriptor < 0 ||
        (write_all(descriptor, bytes, size) && fcntl(descriptor, F_ADD_SEALS, SEALS) == 0))
        return descriptor;
    saved_errno = errno;
    close(descriptor);
    errno = saved_errno;
    return -1;
}

int kp_range_seal(struct kp_range *owner, uint64_t *size, bool *is_file)
{
    int descriptor = kp_range_descriptor(owner, size, is_file);
    const uint8_t *bytes;
    int kept;

    if (descriptor >= 0)
        return descriptor;
    bytes = kp_range_view(owner);
    if (bytes == NULL) {
        errno = ENOMEM;
        return -1;
    }
    pthread_mutex_lock(&owner->join_lock);
    kept = atomic_load(&owner->memfd) - 1;
    if (kept < 0) {
        descriptor = make_sealed(bytes, owner->size);
        if (descriptor >= 0 && !kp_descriptor_is_behind(descriptor, KP_KEEP_PERCENT)) {
            kept = descriptor;
            atomic_store(&owner->memfd, kept + 1);
        }
    }
    if (kept >= 0)
        descriptor = fcntl(kept, F_DUPFD_CLOEXEC, 0);
    pthread_mutex_unlock(&owner->join_lock);
    *is_file = false;
    return descriptor;
}

static void unmap(void *memory, uint64_t size)
{
    munmap(memory, (size_t)size);
}

/* After the seals nobody can change its size any more. A private mapping, because Linux before
 * 6.7 refuses a shared one of what was opened for writing and sealed. */
static struct kp_range *seal_and_map(int descriptor, uint64_t size)
{
    struct kp_range *range;
    struct stat status;
    void *memory;

    if (fcntl(descriptor, F_ADD_SEALS, SEALS) != 0 || fstat(descriptor, &status) != 0)
        return NULL;
    if (status.st_size < 0 || (uint64_t)status.st_size < size) {
        errno = EINVAL;
        return NULL;
    }
    if (size == 0)
        return kp_range_copy("", 0);
    memory = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (memory == MAP_FAILED)
        return NULL;
    range = kp_range_adopt(memory, size, unmap);
    if (range == NULL)
        errno = ENOMEM;
    return range;
}

struct kp_range *kp_range_adopt_memfd(int descriptor, uint64_t size)
{
    struct kp_range *range = seal_and_map(descriptor, size);
    const int saved_errno = errno;

    if (range != NULL && size > 0 && !kp_descriptor_is_behind(descriptor, KP_KEEP_PERCENT))
        atomic_store(&range->memfd, descriptor + 1);
    else
        close(descriptor);
    errno = saved_errno;
    return range;
}
