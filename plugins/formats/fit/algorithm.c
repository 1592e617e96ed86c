/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/algorithm.c - what a node says of itself: texts, names, and which algorithm a signature is
 * of ("sha256,rsa2048", with a padding).
 */
#include <string.h>

#include "protect.h"

static const struct fit_crypto cryptos[] = {
    {"rsa2048", KP_KEY_RSA, 2048}, {"rsa3072", KP_KEY_RSA, 3072}, {"rsa4096", KP_KEY_RSA, 4096},
    {"ecdsa256", KP_KEY_EC, 256},  {"ecdsa384", KP_KEY_EC, 384},  {"secp521r1", KP_KEY_EC, 521},
};

const char *fit_text(const struct fit_frame *frame, int node, const char *property)
{
    return tree_text(frame->tree, node, property, NULL);
}

int fit_is(const struct fit_frame *frame, int node, const char *what)
{
    const char *name = fdt_get_name(frame->tree, node, NULL);

    return name != NULL && strncmp(name, what, strlen(what)) == 0;
}

int32_t fit_key_algo(const struct kp_key_facts *facts, uint32_t hash, char *algo, size_t size)
{
    size_t i;

    for (i = 0; i < sizeof(cryptos) / sizeof(cryptos[0]); i++)
        if (cryptos[i].key_type == facts->type && cryptos[i].bits == facts->bits) {
            snprintf(algo, size, "%s,%s", fit_hash_name(hash), cryptos[i].name);
            return KP_OK;
        }
    return KP_FAILED;
}

int32_t fit_signature_kind(const struct fit_frame *frame, int node, struct fit_signature_kind *kind,
                           const char **why)
{
    const char *algo = fit_text(frame, node, "algo"), *padding = fit_text(frame, node, "padding");
    const char *comma = algo == NULL ? NULL : strchr(algo, ',');
    size_t i;

    *why = "algo: missing, or not as in sha256,rsa2048";
    memset(kind, 0, sizeof(*kind));
    if (comma == NULL)
        return KP_FAILED;
    kind->hash = fit_find_algorithm(algo, (size_t)(comma - algo));
    for (i = 0; i < sizeof(cryptos) / sizeof(cryptos[0]); i++)
        if (strcmp(comma + 1, cryptos[i].name) == 0)
            kind->crypto = &cryptos[i];
    *why = "algo: an algorithm that is not known";
    if (kind->hash == NULL || !kind->hash->may_sign || kind->crypto == NULL)
        return KP_FAILED;
    *why = "padding: neither pkcs-1.5 nor pss";
    kind->scheme = kind->crypto->key_type == KP_KEY_EC ? KP_SIGN_ECDSA : KP_SIGN_RSA_PKCS1;
    if (padding == NULL && fdt_getprop(frame->tree, node, "padding", NULL) != NULL)
        return KP_FAILED;
    if (padding == NULL || kind->scheme == KP_SIGN_ECDSA)
        return KP_OK;
    if (strcmp(padding, "pss") == 0)
        kind->scheme = KP_SIGN_RSA_PSS;
    else if (strcmp(padding, "pkcs-1.5") != 0)
        return KP_FAILED;
    return KP_OK;
}

int32_t fit_want_digests(const struct fit_frame *frame, int image, struct fit_digests *digests)
{
    struct fit_data *data = fit_data_of(frame, image);
    struct fit_signature_kind kind;
    const char *why;
    int node;

    if (data == NULL)
        return KP_OK;
    fdt_for_each_subnode(node, frame->tree, image) {
        const char *algo = fit_text(frame, node, "algo");
        const struct fit_algorithm *algorithm = NULL;

        if (fit_is(frame, node, "hash") && algo != NULL)
            algorithm = fit_find_algorithm(algo, strlen(algo));
        else if (fit_is(frame, node, "signature") &&
                 fit_signature_kind(frame, node, &kind, &why) == KP_OK)
            algorithm = kind.hash;
        if (algorithm != NULL && fit_want_digest(frame->call, digests, data, algorithm) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}
