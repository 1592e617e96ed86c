/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/remote_key.c - a worker's requests that concern keys: it has handles, and gets public
 * parts and signatures. See remote_requests.c.
 */
#include "base/auto.h"
#include "plugin/remote_private.h"

bool kp_remote_key_facts(struct kp_remote *remote, struct kp_wire_reader *from)
{
    KP_AUTO(wire_writer) struct kp_wire_writer answer = {0};
    struct kp_key_facts facts = {.size = sizeof(facts)};
    const struct kp_key *key;
    int32_t result;

    if (!kp_remote_take_key(remote, from, &key) || !kp_remote_take_end(remote, from))
        return false;
    if (!kp_remote_hold(remote, KP_REMOTE_IMAGE_COST))
        return kp_remote_broken(remote, "it describes keys more often than a call can have to");
    result = kp_host_keys.describe(&remote->state->desk.call, key, &facts);
    if (!kp_remote_put_image(remote, &answer, facts.public_key))
        return false;
    kp_put_u32(&answer, (uint32_t)result);
    kp_put_u32(&answer, facts.type);
    kp_put_u32(&answer, facts.bits);
    kp_put_text(&answer, facts.name);
    return kp_remote_send(remote, KP_WIRE_ANSWER, &answer, NULL, 0);
}

/* Answers with what was made, which stays as long as the call. */
static bool answer_made(struct kp_remote *remote, const struct kp_image *image)
{
    image = kp_remote_keep(remote, image, image == NULL ? 0 : kp_range_size(image->range));
    return kp_remote_answer_image(remote, image);
}

static bool hold_use(struct kp_remote *remote)
{
    return kp_remote_hold(remote, KP_REMOTE_INNER_COST) ||
           kp_remote_broken(remote, "it uses keys more often than a call can have to");
}

bool kp_remote_key_sign(struct kp_remote *remote, struct kp_wire_reader *from)
{
    struct kp_signing what = {.size = sizeof(what)};
    const struct kp_key *key;
    size_t length;

    if (!kp_remote_take_key(remote, from, &key))
        return false;
    what.scheme = kp_take_u32(from);
    what.salt_length = kp_take_u32(from);
    what.hash = kp_take_text(from);
    what.digest = kp_take_bytes(from, &length);
    what.length = length;
    return kp_remote_take_end(remote, from) && hold_use(remote) &&
           answer_made(remote, kp_host_keys.sign(&remote->state->desk.call, key, &what));
}

bool kp_remote_key_encrypt(struct kp_remote *remote, struct kp_wire_reader *from)
{
    KP_AUTO(remote_image) struct kp_remote_image image = {0};
    const struct kp_key *key;
    const uint8_t *iv;
    uint32_t cipher;
    size_t length;

    if (!kp_remote_take_key(remote, from, &key))
        return false;
    cipher = kp_take_u32(from);
    iv = kp_take_bytes(from, &length);
    return kp_remote_take_image(remote, from, &image) && kp_remote_take_end(remote, from) &&
           hold_use(remote) &&
           answer_made(remote, kp_host_keys.encrypt(&remote->state->desk.call, key, cipher, iv,
                                                    length, image.image));
}
