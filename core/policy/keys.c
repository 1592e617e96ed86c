/* SPDX-License-Identifier: BSD-3-Clause
 *
 * policy/keys.c - public keys of Ed25519 in PEM, as `openssl pkey -pubout` writes them.
 */
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/auto.h"
#include "base/range.h"
#include "policy/policy.h"
#include "recipe/file.h"

/* NULL, or why these bytes are no such key. */
static const char *parse_key(const uint8_t *bytes, uint64_t size, struct kp_trust_key *key)
{
    BIO *text = BIO_new_mem_buf(bytes, (int)size); /* policies' files are small */
    EVP_PKEY *public_key = text == NULL ? NULL : PEM_read_bio_PUBKEY(text, NULL, NULL, NULL);
    const char *why = NULL;
    size_t length = sizeof(key->bytes);

    if (public_key == NULL)
        why = "not a public key in PEM";
    else if (EVP_PKEY_id(public_key) != EVP_PKEY_ED25519 ||
             EVP_PKEY_get_raw_public_key(public_key, key->bytes, &length) != 1 ||
             length != sizeof(key->bytes))
        why = "not a key of Ed25519";
    EVP_PKEY_free(public_key);
    BIO_free(text);
    return why;
}

static bool read_key(struct kp_policy_reader *reader, const struct kp_node *node,
                     struct kp_trust_key *key)
{
    KP_AUTO(range) struct kp_range *range = NULL;
    const char *why;

    if (node->kind != KP_NODE_SCALAR || node->length == 0)
        return kp_policy_wrong_type(reader, node, "keys", "a list of files");
    key->path = kp_recipe_join(reader->arena, node->folder, node->text);
    if (key->path == NULL)
        return kp_out_of_memory(reader->diags);
    range = kp_policy_open(reader->arena, key->path, reader->system, &why);
    if (range != NULL)
        why = parse_key(kp_range_view(range), kp_range_size(range), key);
    return why == NULL ||
           kp_policy_wrong(reader, node, "keys", why,
                           "a key is made by: openssl genpkey -algorithm ed25519 -out key.pem; "
                           "openssl pkey -in key.pem -pubout -out public.pem");
}

bool kp_policy_keys(struct kp_policy_reader *reader, const struct kp_node *list)
{
    bool good = true;

    if (list->kind != KP_NODE_LIST)
        return kp_policy_wrong_type(reader, list, "keys", "a list of files");
    reader->policy->keys =
        kp_arena_array(reader->arena, list->count + 1, sizeof(*reader->policy->keys));
    if (reader->policy->keys == NULL)
        return kp_out_of_memory(reader->diags);
    for (size_t i = 0; i < list->count; i++)
        good =
            read_key(reader, list->items[i], &reader->policy->keys[reader->policy->key_count++]) &&
            good;
    return good;
}
