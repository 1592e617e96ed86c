/* SPDX-License-Identifier: MIT
 *
 * kpipe/bytes.h - reading numbers out of foreign bytes, and computing with them,
 * without trusting either.
 *
 * Every format plugin reads fields that a hostile file may have chosen. The
 * readers here take the whole buffer and an offset, and refuse what does not
 * lie inside; the arithmetic refuses what does not fit. All functions are pure
 * and may be called from any thread. There is nothing here that needs a host.
 */
#ifndef KPIPE_BYTES_H
#define KPIPE_BYTES_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* True if `length` bytes from `offset` lie inside a buffer of `size` bytes. */
static inline int kp_inside(uint64_t size, uint64_t offset, uint64_t length)
{
    return offset <= size && length <= size - offset;
}

/* Checked arithmetic: true and the result in *sum (or *product), or false if
 * the true result does not fit into 64 bits; *sum is then left alone. */
static inline int kp_add(uint64_t a, uint64_t b, uint64_t *sum)
{
    if (a > UINT64_MAX - b)
        return 0;
    *sum = a + b;
    return 1;
}

static inline int kp_mul(uint64_t a, uint64_t b, uint64_t *product)
{
    if (a != 0 && b > UINT64_MAX / a)
        return 0;
    *product = a * b;
    return 1;
}

/* `value` rounded up to a multiple of `alignment` (which is not 0), or false if
 * that does not fit into 64 bits. */
static inline int kp_align(uint64_t value, uint64_t alignment, uint64_t *aligned)
{
    const uint64_t rest = value % alignment;

    if (rest == 0) {
        *aligned = value;
        return 1;
    }
    return kp_add(value, alignment - rest, aligned);
}

/* Unchecked readers and writers for bytes that are known to be there. `le` is
 * little endian, `be` big endian; the address needs no alignment. */
static inline uint16_t kp_le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | (p[1] << 8));
}

static inline uint16_t kp_be16(const uint8_t *p)
{
    return (uint16_t)(p[1] | (p[0] << 8));
}

static inline uint32_t kp_le32(const uint8_t *p)
{
    return (uint32_t)kp_le16(p) | ((uint32_t)kp_le16(p + 2) << 16);
}

static inline uint32_t kp_be32(const uint8_t *p)
{
    return (uint32_t)kp_be16(p + 2) | ((uint32_t)kp_be16(p) << 16);
}

static inline uint64_t kp_le64(const uint8_t *p)
{
    return (uint64_t)kp_le32(p) | ((uint64_t)kp_le32(p + 4) << 32);
}

static inline uint64_t kp_be64(const uint8_t *p)
{
    return (uint64_t)kp_be32(p + 4) | ((uint64_t)kp_be32(p) << 32);
}

static inline void kp_put_le16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static inline void kp_put_be16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void kp_put_le32(uint8_t *p, uint32_t v)
{
    kp_put_le16(p, (uint16_t)v);
    kp_put_le16(p + 2, (uint16_t)(v >> 16));
}

static inline void kp_put_be32(uint8_t *p, uint32_t v)
{
    kp_put_be16(p, (uint16_t)(v >> 16));
    kp_put_be16(p + 2, (uint16_t)v);
}

static inline void kp_put_le64(uint8_t *p, uint64_t v)
{
    kp_put_le32(p, (uint32_t)v);
    kp_put_le32(p + 4, (uint32_t)(v >> 32));
}

static inline void kp_put_be64(uint8_t *p, uint64_t v)
{
    kp_put_be32(p, (uint32_t)(v >> 32));
    kp_put_be32(p + 4, (uint32_t)v);
}

/* Checked readers: the number at `offset` of the `size` bytes at `bytes`, in
 * *value; false, and *value untouched, if it does not lie inside. */
#define KP_CHECKED_READER_(name, type, width, read)                                                \
    static inline int name(const uint8_t *bytes, uint64_t size, uint64_t offset, type *value)      \
    {                                                                                              \
        if (!kp_inside(size, offset, width))                                                       \
            return 0;                                                                              \
        *value = read(bytes + offset);                                                             \
        return 1;                                                                                  \
    }
KP_CHECKED_READER_(kp_read_le16, uint16_t, 2, kp_le16)
KP_CHECKED_READER_(kp_read_be16, uint16_t, 2, kp_be16)
KP_CHECKED_READER_(kp_read_le32, uint32_t, 4, kp_le32)
KP_CHECKED_READER_(kp_read_be32, uint32_t, 4, kp_be32)
KP_CHECKED_READER_(kp_read_le64, uint64_t, 8, kp_le64)
KP_CHECKED_READER_(kp_read_be64, uint64_t, 8, kp_be64)
#undef KP_CHECKED_READER_

#ifdef __cplusplus
}
#endif

#endif
