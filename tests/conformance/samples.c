/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/conformance/samples.c - the bytes that are fed in; see conformance.h.
 */
#include <stdlib.h>
#include <string.h>

#include "conformance.h"

static uint32_t next(uint32_t *state)
{
    /* xorshift32 (Marsaglia, "Xorshift RNGs", 2003). */
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void release(void *memory, uint64_t size)
{
    (void)size;
    free(memory);
}

/* Bytes of which one in `rarity` is noise; the rest repeats what was `period` bytes before. */
static struct kp_range *mixed(size_t size, uint32_t seed, uint32_t rarity, size_t period)
{
    uint8_t *bytes = malloc(size + 1);

    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] =
            i < period || next(&seed) % rarity == 0 ? (uint8_t)next(&seed) : bytes[i - period];
    return kp_range_adopt(bytes, size, release);
}

struct kp_range *noise(size_t size, uint32_t seed)
{
    return mixed(size, seed, 1, 0);
}

struct kp_range *small_sample(void)
{
    return mixed(200, 5, 6, 30);
}

static struct kp_range *made(size_t index, const char **name)
{
    switch (index) {
    case 0:
        *name = "nothing";
        return kp_range_copy("", 0);
    case 1:
        *name = "one byte";
        return kp_range_copy("k", 1);
    case 2:
        *name = "a MiB of zeros";
        return kp_range_fill(0, 1 << 20);
    case 3:
        *name = "300 KB of noise";
        return noise(300001, 7);
    case 4:
        *name = "3 MB that repeat with changes";
        return mixed(3000000, 9, 40, 1000);
    case 5:
        *name = "64 KiB";
        return mixed(65536, 11, 8, 77);
    case 6:
        *name = "256 KiB and a byte";
        return mixed((256 << 10) + 1, 13, 8, 77);
    case 7:
        *name = "8 MiB less a byte";
        return mixed((8 << 20) - 1, 15, 100, 5000);
    default:
        *name = "8 MiB and some";
        return mixed((8 << 20) + 100, 17, 100, 5000);
    }
}
const size_t sample_count = 9;

struct kp_range *sample(size_t index, const char **name)
{
    struct kp_range *range = made(index, name);

    ck_assert_ptr_nonnull(range);
    return range;
}
