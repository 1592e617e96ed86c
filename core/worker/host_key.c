/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/host_key.c - the extension of kpipe/key.h: the keys are kpipe's, and all that is asked of
 * them goes there. What comes back is public: facts, signatures, ciphertext.
 */
#include <string.h>

#include "base/auto.h"
#include "worker/worker_private.h"

/* Whether kpipe would find nothing wrong with the key; else it says what is. */
static bool may_check_more(const struct kp_worker_call *call, const struct kp_key *key)
{
    return kp_worker_handle_number(call, KP_WIRE_KEY, key) != KP_WIRE_NONE;
}

static void put_key(const struct kp_worker_call *call, struct kp_wire_writer *to,
                    const struct kp_key *key)
{
    kp_put_u32(to, kp_worker_handle_number(call, KP_WIRE_KEY, key));
}

static int32_t describe(struct kp_call *call, const struct kp_key *key, struct kp_key_facts *facts)
{
    struct kp_worker_call *own = kp_worker_call(call);
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};
    struct kp_key_facts told = {.size = sizeof(told)};
    struct kp_wire_reader *answer;
    const char *name;

    if ((facts == NULL || facts->size < sizeof(uint64_t)) && may_check_more(own, key))
        return kp_desk_fault(&own->desk, "describes a key without a place for the facts");
    put_key(own, &request, key);
    answer = kp_worker_ask(own, KP_WIRE_KEY_FACTS, &request);
    if (answer == NULL)
        return KP_FAILED;
    told.public_key = kp_worker_take_image(own, answer);
    if (facts == NULL || (int32_t)kp_take_u32(answer) != KP_OK)
        return KP_FAILED;
    told.type = kp_take_u32(answer);
    told.bits = kp_take_u32(answer);
    name = kp_take_text(answer);
    told.name = kp_worker_keep_text(own, name);
    if (told.name == NULL)
        return KP_FAILED;
    told.size = facts->size < sizeof(told) ? facts->size : sizeof(told);
    memcpy(facts, &told, (size_t)told.size);
    return KP_OK;
}

static const struct kp_image *sign(struct kp_call *call, const struct kp_key *key,
                                   const struct kp_signing *what)
{
    struct kp_worker_call *own = kp_worker_call(call);
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};
    struct kp_wire_reader *answer;
    const bool good = what != NULL && what->size >= sizeof(*what);

    if (!good && may_check_more(own, key)) {
        kp_desk_fault(&own->desk, "signs with a request of another size");
        return NULL;
    }
    put_key(own, &request, key);
    kp_put_u32(&request, good ? what->scheme : 0);
    kp_put_u32(&request, good ? what->salt_length : 0);
    kp_put_text(&request, good ? what->hash : NULL);
    kp_put_bytes(&request, good ? what->digest : NULL,
                 good && what->digest != NULL ? (size_t)what->length : 0);
    answer = kp_worker_ask(own, KP_WIRE_KEY_SIGN, &request);
    return answer == NULL ? NULL : kp_worker_take_image(own, answer);
}

static const struct kp_image *encrypt(struct kp_call *call, const struct kp_key *key,
                                      uint32_t cipher, const uint8_t *iv, uint64_t iv_length,
                                      const struct kp_image *image)
{
    struct kp_worker_call *own = kp_worker_call(call);
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};
    struct kp_wire_reader *answer;

    put_key(own, &request, key);
    kp_put_u32(&request, cipher);
    kp_put_bytes(&request, iv, iv == NULL ? 0 : (size_t)iv_length);
    kp_worker_put_image(own, &request, image);
    answer = kp_worker_ask(own, KP_WIRE_KEY_ENCRYPT, &request);
    return answer == NULL ? NULL : kp_worker_take_image(own, answer);
}

const struct kp_keys kp_worker_keys = {
    .size = sizeof(struct kp_keys),
    .describe = describe,
    .sign = sign,
    .encrypt = encrypt,
};
