/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/range_map.c - ranges from files: mapped where that is possible, read into
 * memory elsewhere; and whether a mapped file is still whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/memory.h"
#include "base/range_private.h"
#include "base/range_share.h"

/* The most that is read from a pipe or a device named as a file: some, as
 * /dev/zero, never end. */
#define STREAM_MOST ((uint64_t)4 << 30)
/* The first buffer for a stream, and the most that one read asks for. */
#define STREAM_FIRST ((uint64_t)65536)
#define READ_MOST ((uint64_t)1 << 30)

struct kp_file_identity kp_file_identity_of(const struct stat *status)
{
    return (struct kp_file_identity){.device = status->st_dev,
                                     .inode = status->st_ino,
                                     .size = (uint64_t)status->st_size,
                                     .seconds = status->st_mtim.tv_sec,
                                     .nanoseconds = status->st_mtim.tv_nsec};
}

bool kp_file_identity_equal(const struct kp_file_identity *a, const struct kp_file_identity *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->seconds == b->seconds && a->nanoseconds == b->nanoseconds;
}

/* One read that waits where it has to. 0 at the end, -1 on failure. */
static ssize_t read_some(int descriptor, uint8_t *to, uint64_t most)
{
    for (;;) {
        const ssize_t got = read(descriptor, to, (size_t)(most < READ_MOST ? most : READ_MOST));
        struct pollfd wait = {.fd = descriptor, .events = POLLIN};

        if (got >= 0 || (errno != EINTR && errno != EAGAIN))
            return got;
        if (errno == EAGAIN && poll(&wait, 1, -1) < 0 && errno != EINTR)
            return -1;
    }
}

/* Bytes being read, in memory of kp_memory_new. */
struct buffer {
    uint8_t *bytes;
    uint64_t size;
    uint64_t capacity;
};

static bool resize(struct buffer *buffer, uint64_t capacity)
{
    uint8_t *bytes = kp_memory_resize(buffer->bytes, buffer->capacity, capacity);

    if (bytes == NULL) {
        errno = ENOMEM;
        return false;
    }
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

/* Reads to the end. A buffer with room for one byte more than the limit shows
 * that there is more. */
static bool read_all(int descriptor, uint64_t limit, struct buffer *buffer)
{
    for (;;) {
        ssize_t got;

        if (buffer->size == buffer->capacity) {
            const uint64_t twice = buffer->capacity * 2;

            if (!resize(buffer, twice > limit ? limit + 1 : twice))
                return false;
        }
        got = read_some(descriptor, buffer->bytes + buffer->size, buffer->capacity - buffer->size);
        if (got <= 0)
            return got == 0;
        buffer->size += (uint64_t)got;
        if (buffer->size > limit) {
            errno = EFBIG;
            return false;
        }
    }
}

/* Room for a regular file as a whole and the byte that shows its end, at once: each time the
 * room grows costs pages that are filled for nothing. */
static uint64_t first_capacity(int descriptor, uint64_t limit)
{
    struct stat status;

    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0 ||
        (uint64_t)status.st_size > limit)
        return STREAM_FIRST;
    return (uint64_t)status.st_size + 1;
}

struct kp_range *kp_range_from_descriptor(int descriptor, uint64_t limit)
{
    const uint64_t first = first_capacity(descriptor, limit);
    struct buffer buffer = {kp_memory_new_filled(first), 0, first};
    struct kp_range *range;
    int saved_errno;

    if (buffer.bytes == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    if (!read_all(descriptor, limit, &buffer) || !resize(&buffer, buffer.size)) {
        saved_errno = errno;
        kp_memory_free(buffer.bytes, buffer.capacity);
        errno = saved_errno;
        return NULL;
    }
    range = kp_range_adopt(buffer.bytes, buffer.size, kp_memory_free);
    if (range == NULL)
        errno = ENOMEM;
    return range;
}

static void unmap(void *memory, uint64_t size)
{
    munmap(memory, (size_t)size);
}

void kp_mapped_file_free(struct kp_mapped_file *file)
{
    if (file == NULL)
        return;
    free(file->name);
    free(file->path);
    free(file);
}

/* What goes with a mapping, or with a copy (`bytes` NULL). NULL when memory runs out. */
static struct kp_mapped_file *mapped_file_new(const char *path, const char *name,
                                              struct kp_file_identity identity, const void *bytes)
{
    struct kp_mapped_file *file = calloc(1, sizeof(*file));

    if (file == NULL)
        return NULL;
    file->identity = identity;
    file->path = strdup(path);
    file->name = strdup(name);
    if (file->path != NULL && file->name != NULL && bytes != NULL)
        file->slot = kp_guard_add(bytes, identity.size);
    if (file->path == NULL || file->name == NULL || (bytes != NULL && file->slot == NULL)) {
        kp_mapped_file_free(file);
        return NULL;
    }
    return file;
}

/* A range of a mapped file, which it owns. */
static struct kp_range *adopt_mapping(void *memory, const char *path, const char *name,
                                      struct kp_file_identity identity)
{
    struct kp_mapped_file *file;
    struct kp_range *range;

    /* Images are read from front to back; a wrong guess costs little. */
    madvise(memory, (size_t)identity.size, MADV_SEQUENTIAL);
    range = kp_range_adopt(memory, identity.size, unmap);
    if (range == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    file = mapped_file_new(path, name, identity, memory);
    if (file == NULL) {
        kp_range_unref(range);
        errno = ENOMEM;
        return NULL;
    }
    range->file = file;
    return range;
}

/* A regular file with bytes in it. *try_reading tells that it cannot be mapped but
 * may be read, as those of sysfs. */
static struct kp_range *map_file(int descriptor, const char *path, const char *name,
                                 struct kp_file_identity identity, bool *try_reading)
{
    void *memory;

    if (identity.size > PTRDIFF_MAX) {
        errno = EFBIG;
        return NULL;
    }
    memory = mmap(NULL, (size_t)identity.size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (memory == MAP_FAILED) {
        /* ENOMEM: there are too many mappings, perhaps. */
        *try_reading = errno == ENODEV || errno == EACCES || errno == EINVAL || errno == ENOMEM;
        return NULL;
    }
    return adopt_mapping(memory, path, name, identity);
}

/* A small file, as it was at one time. */
static struct kp_range *copy_file(int descriptor, const char *path, const char *name,
                                  struct kp_file_identity identity)
{
    struct kp_range *range = kp_range_from_descriptor(descriptor, identity.size);

    if (range == NULL) {
        errno = errno == EFBIG ? ESTALE : errno; /* it grows meanwhile */
        return NULL;
    }
    range->file = mapped_file_new(path, name, identity, NULL);
    if (range->file != NULL)
        return range;
    kp_range_unref(range);
    errno = ENOMEM;
    return NULL;
}

struct kp_range *kp_range_open_at(int descriptor, const char *path, const char *name,
                                  uint64_t small, struct kp_file_identity *identity)
{
    struct kp_file_identity found;
    struct stat status;
    bool try_reading = false;

    if (fstat(descriptor, &status) != 0)
        return NULL;
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return NULL;
    }
    found = kp_file_identity_of(&status);
    if (identity != NULL)
        *identity = found;
    if (S_ISREG(status.st_mode) && status.st_size > 0 && found.size <= small)
        return copy_file(descriptor, path, name, found);
    if (S_ISREG(status.st_mode) && status.st_size > 0) {
        struct kp_range *range = map_file(descriptor, path, name, found, &try_reading);

        if (range != NULL || !try_reading)
            return range;
    }
    /* Size 0 is no proof of emptiness: procfs says so of all its files. */
    return kp_range_from_descriptor(descriptor, STREAM_MOST);
}

struct kp_range *kp_range_open(const char *path, const char *name,
                               struct kp_file_identity *identity)
{
    const int descriptor KP_AUTO(close) = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    return descriptor < 0 ? NULL : kp_range_open_at(descriptor, path, name, 0, identity);
}

struct kp_range *kp_range_map(int descriptor, uint64_t size, bool is_file)
{
    const int sent KP_AUTO(close) = descriptor;
    struct kp_range *range;
    void *memory;

    if (size == 0)
        return kp_range_copy("", 0);
    if (size > PTRDIFF_MAX) {
        errno = EFBIG;
        return NULL;
    }
    memory = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, sent, 0);
    if (memory == MAP_FAILED)
        return NULL;
    /* Whether the file is what it was is the sender's to ask, who knows its path. */
    if (is_file)
        return adopt_mapping(memory, "", "", (struct kp_file_identity){.size = size});
    range = kp_range_adopt(memory, size, unmap);
    if (range == NULL)
        errno = ENOMEM;
    return range;
}

/* A cut inside the last page that remains raises no signal: the page reads as
 * zeros. Nor does writing into the file, which leaves us with old bytes and new ones.
 * Both show in the file's state, as long as the path leads to the file. */
static bool is_changed(const struct kp_mapped_file *file)
{
    struct kp_file_identity now;
    struct stat status;

    if (file->slot != NULL && atomic_load(&file->slot->vanished))
        return true;
    if (stat(file->path, &status) != 0)
        return false;
    now = kp_file_identity_of(&status);
    if (now.device != file->identity.device || now.inode != file->identity.inode ||
        (now.size >= file->identity.size && now.seconds == file->identity.seconds &&
         now.nanoseconds == file->identity.nanoseconds))
        return false;
    if (file->slot != NULL)
        atomic_store(&file->slot->vanished, true);
    return true;
}

const char *kp_range_vanished(const struct kp_range *range)
{
    while (range->base != NULL)
        range = range->base;
    if (range->file != NULL)
        return is_changed(range->file) ? range->file->name : NULL;
    for (size_t i = 0; i < range->count; i++) {
        const char *name = kp_range_vanished(range->parts[i].range);

        if (name != NULL)
            return name;
    }
    return NULL;
}
