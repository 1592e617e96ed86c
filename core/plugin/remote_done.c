/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/remote_done.c - what a worker made: memory granted to write to, and at the end the
 * outputs, put together of it. Every piece is checked, and every limit again.
 */
#include <errno.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/range_share.h"
#include "kpipe/bytes.h"
#include "plugin/remote_private.h"

/* Of the descriptors that kpipe may have. */
#define MOST_PERCENT 75u

static const char unreadable[] = "a message that cannot be read";

/* --- memory --- */

/* A memfd of that size, which nobody can change, kept by its number; -1 after the end. */
static int new_grant(struct kp_remote *remote, uint64_t length)
{
    const int descriptor = kp_memfd_new(length);
    struct kp_remote_grant *grant = NULL;
    int error;

    if (descriptor >= 0)
        errno = EMFILE; /* should it be one too many: other calls need some, too */
    if (descriptor >= 0 && !kp_descriptor_is_behind(descriptor, MOST_PERCENT) &&
        kp_memfd_fix(descriptor))
        grant = KP_PUSH(&remote->grants, struct kp_remote_grant);
    if (grant != NULL) {
        *grant = (struct kp_remote_grant){.descriptor = descriptor, .length = length};
        kp_remote_give(remote, length);
        return descriptor;
    }
    error = errno; /* a limit of kpipe's own */
    if (descriptor >= 0)
        close(descriptor);
    kp_remote_failed(remote, error);
    return -1;
}

bool kp_remote_grant(struct kp_remote *remote, struct kp_wire_reader *from)
{
    KP_AUTO(wire_writer) struct kp_wire_writer answer = {0};
    const uint64_t length = kp_take_u64(from);
    int descriptor = -1;

    if (!kp_remote_take_end(remote, from))
        return false;
    if (remote->grants.count >= KP_WIRE_MOST_GRANTS)
        return kp_remote_broken(remote, "it asks for more pieces of memory than a call can have");
    if (!kp_remote_hold(remote, length))
        kp_remote_report_memory(remote);
    else if ((descriptor = new_grant(remote, length)) < 0)
        return false;
    kp_put_u8(&answer, descriptor >= 0);
    return kp_remote_send(remote, KP_WIRE_ANSWER, &answer, &descriptor, descriptor < 0 ? 0 : 1);
}

void kp_remote_drop_grants(struct kp_remote *remote)
{
    for (size_t i = 0; i < remote->grants.count; i++) {
        const struct kp_remote_grant *grant = &KP_ITEM(&remote->grants, struct kp_remote_grant, i);

        if (grant->descriptor >= 0)
            close(grant->descriptor);
        kp_range_unref(grant->range);
    }
    kp_vector_free(&remote->grants);
}

/* The bytes of a grant, which nobody can write to any more. NULL after the end. */
static struct kp_range *seal(struct kp_remote *remote, struct kp_remote_grant *grant)
{
    const int descriptor = grant->descriptor;

    if (grant->range != NULL)
        return grant->range;
    if (descriptor < 0) {
        kp_remote_broken(remote, unreadable); /* it could not be sealed before */
        return NULL;
    }
    grant->descriptor = -1;
    grant->range = kp_range_adopt_memfd(descriptor, grant->length);
    if (grant->range == NULL && errno == EBUSY)
        kp_remote_fault(remote, "keeps writing to its output");
    else if (grant->range == NULL && errno == EPERM)
        kp_remote_fault(remote, "seals memory that it was granted"); /* so that kpipe cannot */
    else if (grant->range == NULL)
        kp_remote_failed(remote, errno);
    return grant->range;
}

/* --- outputs --- */

/* What came of adding a piece. */
static bool added(struct kp_remote *remote, enum kp_output_result result)
{
    struct kp_desk *desk = &remote->state->desk;

    switch (result) {
    case KP_OUTPUT_OK:
        return true;
    case KP_OUTPUT_NO_MEMORY:
        return kp_remote_failed(remote, ENOMEM);
    case KP_OUTPUT_TOO_LARGE:
        if (remote->state->request == NULL)
            return kp_remote_broken(remote, "an output of an inspection");
        desk->owner->too_large(desk);
        remote->end = KP_REMOTE_REPORTED;
        return false;
    default:
        return kp_remote_broken(remote, "bytes for an output that takes none");
    }
}

static bool add_range(struct kp_remote *remote, struct kp_output *output, struct kp_range *range,
                      uint64_t offset, uint64_t length)
{
    struct kp_range *slice KP_AUTO(range) = NULL;

    if (!kp_inside(kp_range_size(range), offset, length))
        return kp_remote_broken(remote, "a piece of an output that lies outside of its bytes");
    slice = kp_range_slice(range, offset, length);
    return slice == NULL ? kp_remote_failed(remote, ENOMEM)
                         : added(remote, kp_output_range(output, slice));
}

static bool add_own(struct kp_remote *remote, struct kp_wire_reader *from, struct kp_output *output)
{
    size_t length;
    const uint8_t *bytes = kp_take_bytes(from, &length);

    return from->bad ? kp_remote_broken(remote, unreadable)
                     : added(remote, kp_output_append(output, bytes, length));
}

static bool add_grant(struct kp_remote *remote, struct kp_wire_reader *from,
                      struct kp_output *output)
{
    const uint32_t number = kp_take_u32(from);
    const uint64_t offset = kp_take_u64(from);
    const uint64_t length = kp_take_u64(from);
    struct kp_range *range;

    if (from->bad)
        return kp_remote_broken(remote, unreadable);
    if (number >= remote->grants.count)
        return kp_remote_broken(remote, "memory that was not granted to it");
    range = seal(remote, &KP_ITEM(&remote->grants, struct kp_remote_grant, number));
    return range != NULL && add_range(remote, output, range, offset, length);
}

static bool add_image(struct kp_remote *remote, struct kp_wire_reader *from,
                      struct kp_output *output)
{
    KP_AUTO(remote_image) struct kp_remote_image image = {0};

    if (!kp_remote_take_image(remote, from, &image))
        return false;
    if (image.image == NULL)
        return kp_remote_broken(remote, "an image that was not given to it");
    return added(remote, kp_output_range(output, image.image->range));
}

static bool add_fill(struct kp_remote *remote, struct kp_wire_reader *from,
                     struct kp_output *output)
{
    const uint8_t byte = kp_take_u8(from);
    const uint64_t length = kp_take_u64(from);

    return from->bad ? kp_remote_broken(remote, unreadable)
                     : added(remote, kp_output_fill(output, byte, length));
}

static bool add_piece(struct kp_remote *remote, struct kp_wire_reader *from,
                      struct kp_output *output)
{
    switch (kp_take_u8(from)) {
    case KP_PIECE_OWN:
        return add_own(remote, from, output);
    case KP_PIECE_GRANT:
        return add_grant(remote, from, output);
    case KP_PIECE_IMAGE:
        return add_image(remote, from, output);
    case KP_PIECE_FILL:
        return add_fill(remote, from, output);
    default:
        return kp_remote_broken(remote, unreadable);
    }
}

static bool add_pieces(struct kp_remote *remote, struct kp_wire_reader *from, uint32_t *pieces)
{
    struct kp_output *output;
    uint32_t count;

    if (!kp_remote_take_output(remote, from, &output))
        return false;
    if (output == NULL || output->size > 0)
        return kp_remote_broken(remote, "an output that was not given to it");
    count = kp_take_count(from, 2);
    if (count > KP_WIRE_MOST_PIECES - *pieces)
        return kp_remote_broken(remote, "more pieces of outputs than a call can have");
    *pieces += count;
    for (uint32_t i = 0; i < count; i++)
        if (!add_piece(remote, from, output))
            return false;
    return true;
}

bool kp_remote_done(struct kp_remote *remote, struct kp_wire_reader *from)
{
    const int32_t returned = (int32_t)kp_take_u32(from);
    const uint32_t count = kp_take_count(from, 2 * sizeof(uint32_t));
    uint32_t pieces = 0;

    if (from->bad)
        return kp_remote_broken(remote, unreadable);
    /* What a call that failed has made is of no interest. */
    if (returned == KP_OK && remote->state->failures == 0) {
        for (uint32_t i = 0; i < count; i++)
            if (!add_pieces(remote, from, &pieces))
                return false;
        if (!kp_remote_take_end(remote, from))
            return false;
    }
    remote->returned = returned;
    remote->end = KP_REMOTE_DONE;
    return true;
}
