/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/host_key.c - the extension of kpipe/key.h: whether a call may use a key, and what came of
 * it in the user's words. What is done with a key is keys/'s, and no private part comes from
 * there.
 */
#include <string.h>

#include "keys/key.h"
#include "plugin/host_private.h"

/* The key of a handle, if the call's own parameters name it; NULL after reporting. */
static const struct kp_bound_key *find_key(struct kp_call_state *state, const struct kp_key *key)
{
    for (size_t i = 0; key != NULL && i < state->bound.keys.count; i++) {
        const struct kp_bound_key *bound = &KP_ITEM(&state->bound.keys, struct kp_bound_key, i);

        if (bound->key == key)
            return bound;
    }
    kp_host_fault(state, state->request == NULL ? "uses a key in an inspection"
                                                : "uses a key that its parameters do not name");
    return NULL;
}

static struct kp_image *keep(struct kp_call_state *state, struct kp_range *range)
{
    struct kp_image *image = kp_desk_new_image(&state->desk);

    if (image == NULL)
        kp_range_unref(range);
    else
        image->range = range;
    return image;
}

static int32_t describe(struct kp_call *call, const struct kp_key *key, struct kp_key_facts *facts)
{
    struct kp_call_state *state = kp_call_state(call);
    const struct kp_bound_key *bound = find_key(state, key);
    struct kp_key_facts known = {.size = sizeof(known)};

    if (bound == NULL)
        return KP_FAILED;
    if (facts == NULL || facts->size < sizeof(uint64_t))
        return kp_host_fault(state, "describes a key without a place for the facts");
    known.type = key->type;
    known.bits = key->bits;
    known.name = key->name;
    if (key->public_key != NULL) {
        known.public_key = keep(state, kp_range_ref(key->public_key));
        if (known.public_key == NULL)
            return KP_FAILED;
    }
    known.size = facts->size < sizeof(known) ? facts->size : sizeof(known);
    memcpy(facts, &known, (size_t)known.size);
    return KP_OK;
}

/* What came of it as an image; NULL after reporting. */
static const struct kp_image *conclude(struct kp_call_state *state,
                                       const struct kp_bound_key *bound, struct kp_range *made,
                                       const struct kp_key_trouble *trouble)
{
    if (made != NULL)
        return keep(state, made);
    if (trouble->type == KP_KEY_NO_MEMORY) {
        kp_host_no_memory(state);
    } else if (trouble->type == KP_KEY_MISUSED) {
        kp_host_fault(state, trouble->text);
    } else {
        state->failures++;
        kp_error_hint(state->context->diags, bound->place, trouble->hint, KP1543, state->name,
                      bound->path, bound->key->name, trouble->text);
    }
    return NULL;
}

static const struct kp_image *sign(struct kp_call *call, const struct kp_key *key,
                                   const struct kp_signing *what)
{
    struct kp_call_state *state = kp_call_state(call);
    const struct kp_bound_key *bound = find_key(state, key);
    struct kp_key_trouble trouble;

    if (bound == NULL)
        return NULL;
    if (what == NULL || what->size < sizeof(*what)) {
        kp_host_fault(state, "signs with a request of another size");
        return NULL;
    }
    return conclude(state, bound, kp_key_sign(key, what, &trouble), &trouble);
}

static const struct kp_image *encrypt(struct kp_call *call, const struct kp_key *key,
                                      uint32_t cipher, const uint8_t *iv, uint64_t iv_length,
                                      const struct kp_image *image)
{
    struct kp_call_state *state = kp_call_state(call);
    const struct kp_bound_key *bound = find_key(state, key);
    struct kp_key_trouble trouble;

    if (bound == NULL)
        return NULL;
    if (image == NULL) {
        kp_host_fault(state, "encrypts no image");
        return NULL;
    }
    return conclude(state, bound,
                    kp_key_encrypt(key, cipher, iv, iv_length, image->range, &trouble), &trouble);
}

const struct kp_keys kp_host_keys = {
    .size = sizeof(struct kp_keys),
    .describe = describe,
    .sign = sign,
    .encrypt = encrypt,
};
