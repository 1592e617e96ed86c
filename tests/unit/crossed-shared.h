/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/crossed-shared.h - a descriptor as it is after it came from a worker. Included by
 * the tests of what is checked in descriptors, which must say the same about both, and by
 * wire-plugin.c.
 */
#ifndef KP_TEST_CROSSED_SHARED_H
#define KP_TEST_CROSSED_SHARED_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "wire/plugin.h"

/* The message lies in memory that ends where it does, and is gone afterwards. */
__attribute__((unused)) static const struct kp_plugin *crossed(struct kp_arena *arena,
                                                               const struct kp_plugin *plugin)
{
    struct kp_wire_writer writer = {0};
    struct kp_wire_reader reader = {0};
    const struct kp_plugin *copy;
    uint8_t *bytes;

    ck_assert(kp_wire_put_plugin(&writer, plugin));
    bytes = malloc(writer.size);
    ck_assert_ptr_nonnull(bytes);
    memcpy(bytes, writer.bytes, writer.size);
    reader = (struct kp_wire_reader){.bytes = bytes, .size = writer.size};
    kp_wire_writer_free(&writer);
    copy = kp_wire_take_plugin(&reader, arena);
    ck_assert_ptr_nonnull(copy);
    ck_assert(kp_take_end(&reader));
    memset(bytes, 0x55, reader.size);
    free(bytes);
    return copy;
}

#endif
