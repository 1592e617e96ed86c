/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/digest.c - digests of contents. What is hashed is the image's contents alone, as they are
 * stored (U-Boot, doc/usage/fit/source_file_format.rst, "Hash nodes").
 */
#include <libdeflate.h>
#include <string.h>

#include "protect.h"

static const struct fit_algorithm algorithms[] = {
    {"crc32", 4, 0, NULL},         {"md5", 16, 0, EVP_md5},       {"sha1", 20, 1, EVP_sha1},
    {"sha256", 32, 1, EVP_sha256}, {"sha384", 48, 1, EVP_sha384}, {"sha512", 64, 1, EVP_sha512},
};

/* crc32 stands first: FIT_SIGNING_HASHES. */
const struct kp_choice *const fit_hashes[] = {
    KP_ONE_OF(FIT_CRC32, "crc32", "finds accidents, not attacks; big-endian"),
    KP_ONE_OF(2, "sha1", "for old loaders"),
    KP_ONE_OF(FIT_SHA256, "sha256", "256 bits"),
    KP_ONE_OF(4, "sha384", "384 bits"),
    KP_ONE_OF(5, "sha512", "512 bits"),
    NULL,
};

const struct fit_algorithm *fit_find_algorithm(const char *name, size_t length)
{
    size_t i;

    for (i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
        if (strlen(algorithms[i].name) == length && memcmp(algorithms[i].name, name, length) == 0)
            return &algorithms[i];
    return NULL;
}

const char *fit_hash_name(uint32_t number)
{
    return algorithms[number].name;
}

/* One of some contents that was asked for, or NULL. Those of the same contents follow each other. */
static struct fit_digest *find_digest(const struct fit_digests *digests,
                                      const struct fit_data *data,
                                      const struct fit_algorithm *algorithm)
{
    uint64_t i;

    for (i = data->digests; i > 0 && i <= digests->count; i++) {
        if (digests->items[i - 1].data != data)
            return NULL;
        if (digests->items[i - 1].algorithm == algorithm)
            return &digests->items[i - 1];
    }
    return NULL;
}

static int32_t make_room(struct kp_call *call, struct fit_digests *digests)
{
    const uint64_t room = digests->room == 0 ? 64 : digests->room * 4;
    struct fit_digest *items;

    if (digests->count < digests->room)
        return KP_OK;
    items = call->host->alloc(call, room * sizeof(*items));
    if (items == NULL)
        return KP_FAILED;
    if (digests->count > 0)
        memcpy(items, digests->items, digests->count * sizeof(*items));
    digests->items = items;
    digests->room = room;
    return KP_OK;
}

int32_t fit_want_digest(struct kp_call *call, struct fit_digests *digests, struct fit_data *data,
                        const struct fit_algorithm *algorithm)
{
    struct fit_piece *piece;

    if (find_digest(digests, data, algorithm) != NULL)
        return KP_OK;
    if (make_room(call, digests) != KP_OK)
        return KP_FAILED;
    if (digests->count == 0 || digests->items[digests->count - 1].data != data)
        data->digests = digests->count + 1;
    /* Threads may not ask for views. */
    for (piece = data->first; piece != NULL; piece = piece->next) {
        const uint8_t *view;

        if (piece->bytes != NULL || piece->length == 0)
            continue;
        view = kp_view(call, piece->image);
        if (view == NULL)
            return KP_FAILED;
        piece->bytes = view + piece->offset;
    }
    digests->items[digests->count++] = (struct fit_digest){.data = data, .algorithm = algorithm};
    return KP_OK;
}

static void make_crc32(struct fit_digest *d)
{
    const struct fit_piece *piece;
    uint32_t sum = 0;

    for (piece = d->data->first; piece != NULL; piece = piece->next)
        sum = libdeflate_crc32(sum, piece->bytes, (size_t)piece->length);
    kp_put_be32(d->value, sum);
}

static int hash_pieces(EVP_MD_CTX *context, const struct fit_digest *d, uint8_t *value)
{
    const struct fit_piece *piece;

    if (context == NULL || EVP_DigestInit_ex(context, d->algorithm->digest(), NULL) != 1)
        return 0;
    for (piece = d->data->first; piece != NULL; piece = piece->next)
        if (EVP_DigestUpdate(context, piece->bytes, (size_t)piece->length) != 1)
            return 0;
    return EVP_DigestFinal_ex(context, value, NULL) == 1;
}

static void make_digest(void *data, uint64_t index)
{
    struct fit_digest *d = &((struct fit_digest *)data)[index];
    EVP_MD_CTX *context;

    if (d->algorithm->digest == NULL) {
        make_crc32(d);
        return;
    }
    context = EVP_MD_CTX_new();
    d->failed = !hash_pieces(context, d, d->value);
    EVP_MD_CTX_free(context);
}

int32_t fit_make_digests(struct kp_call *call, struct fit_digests *digests)
{
    uint64_t i;

    if (call->host->parallel(call, digests->count, make_digest, digests->items) != KP_OK)
        return KP_FAILED;
    for (i = 0; i < digests->count; i++)
        if (digests->items[i].failed)
            return kp_fail(call, "%s: libcrypto does not compute it: is it switched off here?",
                           digests->items[i].algorithm->name);
    return KP_OK;
}

const uint8_t *fit_digest_of(const struct fit_digests *digests, const struct fit_data *data,
                             const struct fit_algorithm *algorithm)
{
    const struct fit_digest *found = data == NULL ? NULL : find_digest(digests, data, algorithm);

    return found == NULL ? NULL : found->value;
}
