/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/cipher.c - contents that U-Boot decrypts: AES in CBC mode, with a key that the host holds.
 * Hashes and signatures are those of the encrypted bytes (U-Boot 2025.01, tools/image-host.c,
 * fit_image_process_cipher).
 *
 * The initial vector is the recipe's, or else the beginning of the SHA-256 of the contents: other
 * contents have another one, and the same build gives the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "protect_private.h"

#define IV_LENGTH 16u

/* The cipher's node of an image that is to be encrypted; negative: there is none. */
static int find_cipher(const struct fit_protector *p, int image)
{
    if (fdt_getprop(p->frame->tree, image, "data-size-unciphered", NULL) != NULL)
        return -FDT_ERR_NOTFOUND; /* it is encrypted already */
    return fdt_subnode_offset(p->frame->tree, image, "cipher");
}

static int32_t find_iv(const struct fit_protector *p, struct fit_data *data, int node,
                       uint8_t iv[IV_LENGTH])
{
    const char *hint = fit_text(p->frame, node, "iv-name-hint");
    struct kp_call *call = p->frame->call;
    struct fit_digests digests = {0};
    int length;
    const void *given = fdt_getprop(p->frame->tree, node, "iv", &length);
    uint64_t i;

    if (given != NULL && length == IV_LENGTH) {
        memcpy(iv, given, IV_LENGTH);
        return KP_OK;
    }
    for (i = 0; hint != NULL && i < p->what->iv_count; i++) {
        if (strcmp(p->what->ivs[i].hint, hint) != 0)
            continue;
        if (kp_size(call, p->what->ivs[i].image) != IV_LENGTH)
            return kp_fail(call, "iv: %s: %llu bytes: AES takes %u", hint,
                           (unsigned long long)kp_size(call, p->what->ivs[i].image), IV_LENGTH);
        return call->host->image_read(call, p->what->ivs[i].image, 0, iv, IV_LENGTH);
    }
    if (hint != NULL)
        return kp_fail(call, "cipher: iv-name-hint: %s: none of ivs has that name", hint);
    if (fit_want_digest(call, &digests, data, fit_find_algorithm("sha256", 6)) != KP_OK ||
        fit_make_digests(call, &digests) != KP_OK)
        return KP_FAILED;
    memcpy(iv, digests.items[0].value, IV_LENGTH);
    return KP_OK;
}

/* The key, if it is one for the cipher that the node names. */
static const struct fit_open_key *find_key(const struct fit_protector *p, int image, int node)
{
    const struct fit_open_key *key = fit_key_for(p, node);
    const char *algo = fit_text(p->frame, node, "algo");
    const char *name = fdt_get_name(p->frame->tree, image, NULL);
    struct kp_call *call = p->frame->call;
    uint32_t bits;

    if (key == NULL) {
        kp_fail_at(
            call, p->what->keys_field, "a key belongs to the nodes whose key-name-hint is its name",
            "/images/%s: cipher: none of the keys has the name that key-name-hint says", name);
        return NULL;
    }
    bits = algo != NULL && strncmp(algo, "aes", 3) == 0 ? (uint32_t)strtoul(algo + 3, NULL, 10) : 0;
    if (bits != 128 && bits != 192 && bits != 256) {
        kp_fail(call, "/images/%s: cipher: algo: %s: none of aes128, aes192, aes256", name,
                algo == NULL ? "missing" : algo);
        return NULL;
    }
    if (key->facts.type != KP_KEY_SECRET || key->facts.bits != bits) {
        kp_fail_at(call, key->given->field, "a key of AES is a file of 16, 24 or 32 bytes",
                   "/images/%s: cipher: algo: %s: the key '%s' is none for it", name, algo,
                   key->hint);
        return NULL;
    }
    return key;
}

static int32_t encrypt_image(struct fit_protector *p, int image, int node)
{
    struct kp_call *call = p->frame->call;
    struct fit_data *data = fit_data_of(p->frame, image);
    const struct fit_open_key *key = find_key(p, image, node);
    const struct kp_image *encrypted;
    struct fit_piece *piece;
    uint8_t iv[IV_LENGTH];

    if (key == NULL)
        return KP_FAILED;
    if (data == NULL || data->first == NULL || data->first->next != NULL ||
        data->first->image == NULL)
        return kp_fail(call, "/images/%s: cipher: its contents are not one image",
                       fdt_get_name(p->frame->tree, image, NULL));
    piece = data->first;
    if (find_iv(p, data, node, iv) != KP_OK)
        return KP_FAILED;
    encrypted = call->host->image_slice(call, piece->image, piece->offset, piece->length);
    if (encrypted != NULL)
        encrypted = p->service->encrypt(call, key->given->key, KP_ENCRYPT_AES_CBC, iv, IV_LENGTH,
                                        encrypted);
    if (encrypted == NULL)
        return KP_FAILED;
    p->plain[data - p->frame->data] = data->length + 1;
    data->length = kp_size(call, encrypted);
    *piece = (struct fit_piece){.image = encrypted, .length = data->length};
    if (fit_text(p->frame, node, "iv-name-hint") != NULL ||
        fdt_getprop(p->frame->tree, node, "iv", NULL) != NULL)
        return KP_OK;
    if (fit_make_room(p->frame, 64) != KP_OK)
        return KP_FAILED;
    return fit_result(p->frame, "iv", fdt_setprop(p->frame->tree, node, "iv", iv, IV_LENGTH));
}

int32_t fit_encrypt(struct fit_protector *p)
{
    int image;

    p->plain = p->frame->call->host->alloc(p->frame->call, ((uint64_t)p->frame->data_count + 1) *
                                                               sizeof(*p->plain));
    if (p->plain == NULL)
        return KP_FAILED;
    fit_for_each_image(image, p->frame) {
        const int node = find_cipher(p, image);

        if (node < 0)
            continue;
        if (p->what->key_count == 0)
            kp_message(p->frame->call, KP_WARNING,
                       "/images/%s: cipher: not encrypted: no keys are given",
                       fdt_get_name(p->frame->tree, image, NULL));
        else if (encrypt_image(p, image, node) != KP_OK)
            return KP_FAILED;
    }
    fdt_pack(p->frame->tree);
    return KP_OK;
}

/* The contents that are encrypted are longer, which takes of the room, too. */
int32_t fit_mark_encrypted(struct fit_protector *p, int image)
{
    const struct fit_data *data = fit_data_of(p->frame, image);
    uint8_t *tree = p->frame->tree;
    uint64_t plain, more;
    uint32_t used;

    if (data == NULL || p->plain[data - p->frame->data] == 0)
        return KP_OK;
    plain = p->plain[data - p->frame->data] - 1;
    more = ((data->length + 3) & ~(uint64_t)3) - ((plain + 3) & ~(uint64_t)3);
    used = fdt_off_dt_strings(tree) + fdt_size_dt_strings(tree);
    if (fdt_totalsize(tree) - used < more)
        return TREE_NO_SPACE;
    fdt_set_totalsize(tree, (uint32_t)(fdt_totalsize(tree) - more));
    return fit_result(p->frame, "cipher",
                      fdt_setprop_u32(tree, image, "data-size-unciphered", (uint32_t)plain));
}
