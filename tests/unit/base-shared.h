/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base-shared.h - what several tests of base/range.h need: making ranges, looking
 * at them in all ways, and a folder with a file.
 */
#ifndef KP_TESTS_BASE_SHARED_H
#define KP_TESTS_BASE_SHARED_H

#include <check.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/range.h"

static inline struct kp_range *of_text(const char *text)
{
    struct kp_range *range = kp_range_copy(text, strlen(text));

    ck_assert_ptr_nonnull(range);
    return range;
}

/* Takes over the references. */
static inline struct kp_range *gather2(struct kp_range *a, struct kp_range *b)
{
    struct kp_range *const both[] = {a, b};
    struct kp_range *range = kp_range_gather(both, 2);

    ck_assert_ptr_nonnull(range);
    kp_range_unref(a);
    kp_range_unref(b);
    return range;
}

static inline struct kp_range *slice_of(struct kp_range *range, uint64_t offset, uint64_t length)
{
    struct kp_range *slice = kp_range_slice(range, offset, length);

    ck_assert_ptr_nonnull(slice);
    kp_range_unref(range);
    return slice;
}

/* Reads the range in all the ways there are. */
static inline void expect(struct kp_range *range, const char *expected)
{
    const uint64_t size = strlen(expected);
    char bytes[256] = "";
    uint64_t offset = 0;

    ck_assert_uint_eq(kp_range_size(range), size);
    while (offset < size) {
        const uint8_t *piece;
        uint64_t length;

        kp_range_piece(range, offset, &piece, &length);
        ck_assert_uint_gt(length, 0);
        ck_assert_mem_eq(piece, expected + offset, length);
        offset += length;
    }
    ck_assert_uint_eq(offset, size);
    for (uint64_t begin = 0; begin <= size; begin++) {
        ck_assert(kp_range_read(range, begin, bytes, size - begin));
        ck_assert_mem_eq(bytes, expected + begin, size - begin);
    }
    ck_assert(!kp_range_read(range, 1, bytes, size));
    ck_assert(!kp_range_read(range, size + 1, bytes, 0));
    ck_assert(!kp_range_read(range, UINT64_MAX, bytes, 2));
    ck_assert_ptr_nonnull(kp_range_view(range));
    ck_assert_mem_eq(kp_range_view(range), expected, size);
}

static inline int pieces_of(const struct kp_range *range)
{
    int count = 0;

    for (uint64_t offset = 0; offset < kp_range_size(range); count++) {
        const uint8_t *piece;
        uint64_t length;

        kp_range_piece(range, offset, &piece, &length);
        offset += length;
    }
    return count;
}

static char folder[] = "/tmp/kpipe-base-files-XXXXXX";
static char path[PATH_MAX];
static long page;

static inline void make_folder(void)
{
    char name[] = "/tmp/kpipe-base-files-XXXXXX";

    ck_assert_ptr_nonnull(mkdtemp(name));
    memcpy(folder, name, sizeof(folder));
    snprintf(path, sizeof(path), "%s/file", folder);
    page = sysconf(_SC_PAGESIZE);
}

static inline void set_up(void)
{
    make_folder();
    ck_assert(kp_range_guard_install());
    ck_assert(kp_range_guard_install());
}

static inline void tear_down(void)
{
    unlink(path);
    rmdir(folder);
}

/* A file of `size` bytes, each the low byte of its offset plus its page's number. */
static inline uint8_t byte_at(uint64_t offset)
{
    return (uint8_t)(offset + offset / 256 + 1);
}

static inline void make_file(uint64_t size)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    for (uint64_t i = 0; i < size; i++)
        putc(byte_at(i), file);
    ck_assert_int_eq(fclose(file), 0);
}

static inline struct kp_range *open_file(void)
{
    struct kp_range *range = kp_range_open(path, "the file", NULL);

    ck_assert_ptr_nonnull(range);
    return range;
}

static inline bool has_bytes(struct kp_range *range, uint64_t size)
{
    const uint8_t *bytes = kp_range_view(range);

    if (kp_range_size(range) != size)
        return false;
    for (uint64_t i = 0; i < size; i++) {
        if (bytes[i] != byte_at(i))
            return false;
    }
    return true;
}

#endif
