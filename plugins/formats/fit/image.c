/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/image.c - nodes of /images from what a recipe says. What U-Boot could not use is refused here,
 * at the recipe's line.
 */
#include <string.h>

#include "fit.h"

/* --- what an image is --- */

static int is_kernel(uint32_t type)
{
    return type == FIT_TYPE_KERNEL || type == FIT_TYPE_KERNEL_NOLOAD;
}

/* A label that the recipe gives. */
static int32_t check_label(struct kp_call *call, const struct kp_image *image, uint32_t type,
                           uint32_t label, const struct uboot_codec *found, const void *field)
{
    int maybe = 0;

    if (label == found->number || (label == UBOOT_COMP_NONE && !is_kernel(type)))
        return KP_OK;
    if (label == UBOOT_COMP_LZMA && uboot_maybe_lzma(call, image, &maybe) != KP_OK)
        return KP_FAILED;
    if (maybe && found->name == NULL)
        return KP_OK;
    if (found->name != NULL)
        return kp_fail_at(call, field,
                          found->number == UBOOT_COMP_UNNAMED
                              ? UBOOT_UNPACKS
                              : "leave compression out: it is found from the contents",
                          "compression: %s: the contents are compressed with %s",
                          uboot_choice_name(uboot_compressions, label), found->name);
    return kp_fail_at(call, field, "this is only a label: compress in a stage before",
                      "compression: %s: the contents are not compressed",
                      uboot_choice_name(uboot_compressions, label));
}

const char *fit_find_compression(struct kp_call *call, const struct kp_image *image, uint32_t type,
                                 const uint32_t *given, const void *field)
{
    struct uboot_codec found;

    if (type == FIT_TYPE_RAMDISK && given == NULL)
        return "none";
    if (uboot_find_codec(call, image, &found) != KP_OK)
        return NULL;
    if (given != NULL)
        return check_label(call, image, type, *given, &found, field) == KP_OK
                   ? uboot_choice_name(uboot_compressions, *given)
                   : NULL;
    if (found.number != UBOOT_COMP_UNNAMED)
        return uboot_choice_name(uboot_compressions, found.number);
    if (!is_kernel(type) && type != FIT_TYPE_FLAT_DT)
        return "none";
    kp_fail_at(call, field, UBOOT_UNPACKS,
               "compression: the contents are compressed with %s: U-Boot cannot unpack it",
               found.name);
    return NULL;
}

/* --- the node --- */

int32_t fit_add_address(struct kp_call *call, struct fit_node *node, const char *name,
                        uint64_t value)
{
    struct fit_property *property = fit_add_property(call, node, name);

    if (property == NULL ||
        (value > UINT32_MAX && fit_put_cell(call, property, (uint32_t)(value >> 32)) != KP_OK))
        return KP_FAILED;
    return fit_put_cell(call, property, (uint32_t)value);
}

/* A number that the recipe gives, or a trait of the image. */
static int find_number(struct kp_call *call, const struct fit_image_params *i, uint8_t given,
                       uint64_t value, const char *trait, uint64_t *number)
{
    *number = value;
    return given || call->host->trait_number(call, i->image, trait, number) == 1;
}

static int32_t make_addresses(struct kp_call *call, struct fit_node *node,
                              const struct fit_image_params *i)
{
    const int wants = i->type == FIT_TYPE_KERNEL;
    uint64_t load, entry;

    if (find_number(call, i, i->has_load, i->load, KP_TRAIT_LOAD, &load)) {
        if (!wants && !i->has_load)
            return KP_OK;
        if (fit_add_address(call, node, "load", load) != KP_OK)
            return KP_FAILED;
    } else if (wants) {
        return kp_fail_at(call, &i->load, "give load: ADDRESS, or type: kernel_noload",
                          "load: no value: '%s' is a kernel that U-Boot copies to its address",
                          i->name.bytes);
    }
    if (!find_number(call, i, i->has_entry, i->entry, KP_TRAIT_ENTRY, &entry))
        entry = load;
    return wants || i->has_entry ? fit_add_address(call, node, "entry", entry) : KP_OK;
}

/* U-Boot's name of the image's architecture, or NULL; 0 after reporting. */
static int find_arch(struct fit_maker *maker, const struct fit_image_params *i, const char **name)
{
    struct kp_call *call = maker->call;
    struct kp_text text;
    uint32_t number;

    *name = maker->arch;
    if (!i->has_arch &&
        (maker->arch != NULL || call->host->trait_text(call, i->image, KP_TRAIT_ARCH, &text) != 1))
        return 1;
    number = uboot_arch_number(call, i->has_arch ? &i->arch : &text);
    *name = uboot_fit_arch_name(number);
    return number != 0;
}

static const char *find_os(const struct fit_image_params *i)
{
    if (i->has_os)
        return uboot_choice_name(fit_systems, i->os);
    return is_kernel(i->type) || i->type == FIT_TYPE_RAMDISK ? "linux" : NULL;
}

/* Properties that are texts, as far as they are known. */
static int32_t make_texts(struct fit_maker *maker, struct fit_node *node,
                          const struct fit_image_params *i)
{
    struct kp_call *call = maker->call;
    const char *arch, *os = find_os(i);
    const char *compression = fit_find_compression(
        call, i->image, i->type, i->has_compression ? &i->compression : NULL, &i->compression);

    if (compression == NULL || !find_arch(maker, i, &arch))
        return KP_FAILED;
    if ((i->has_description &&
         fit_add_text(call, node, "description", i->description.bytes) != KP_OK) ||
        fit_add_text(call, node, "type", uboot_choice_name(fit_types, i->type)) != KP_OK ||
        (arch != NULL && fit_add_text(call, node, "arch", arch) != KP_OK) ||
        (os != NULL && fit_add_text(call, node, "os", os) != KP_OK))
        return KP_FAILED;
    return fit_add_text(call, node, "compression", compression);
}

/* hash-1, hash-2 and so on, or as the recipe calls them. */
static const char *name_hash(struct fit_maker *maker, const struct kp_list *names, uint64_t index)
{
    const struct kp_text *texts = names == NULL ? NULL : names->items;
    char *name;

    if (names != NULL && index < names->count)
        return texts[index].bytes;
    name = maker->call->host->alloc(maker->call, 32);
    if (name != NULL)
        snprintf(name, 32, index == 0 && maker->plain_names ? "hash" : "hash-%u",
                 (unsigned)index + 1);
    return name;
}

int32_t fit_make_hashes(struct fit_maker *maker, struct fit_node *node,
                        const struct kp_list *hashes, const struct kp_list *names)
{
    const uint32_t *kinds = hashes->items;
    uint64_t i;

    for (i = 0; i < hashes->count; i++) {
        const char *name = name_hash(maker, names, i);
        struct fit_node *hash;

        if (name != NULL && fit_find_node(node, name) != NULL)
            return kp_fail_at(maker->call, names, "give each its own name",
                              "hash_nodes: %s: a second node", name);
        hash = name == NULL ? NULL : fit_add_node(maker->call, node, name);
        if (hash == NULL ||
            fit_add_text(maker->call, hash, "algo", fit_hash_name(kinds[i])) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

static int32_t make_cipher(struct fit_maker *maker, struct fit_node *image,
                           const struct fit_cipher_params *c)
{
    struct kp_call *call = maker->call;
    struct kp_key_facts facts = {.size = sizeof(facts)};
    const struct kp_keys *service = call->host->get_extension(call->host, KP_KEYS_ID);
    char *algo = call->host->alloc(call, 16);
    struct fit_node *node = fit_add_node(call, image, "cipher");
    struct fit_property *iv;

    if (service == NULL)
        return kp_fail_at(call, &c->key, NULL, "keys: this host holds none");
    if (algo == NULL || node == NULL || service->describe(call, c->key, &facts) != KP_OK)
        return KP_FAILED;
    if (facts.type != KP_KEY_SECRET)
        return kp_fail_at(call, &c->key, "a key of AES is a file of 16, 24 or 32 bytes",
                          "key: '%s' is none for a cipher", facts.name);
    snprintf(algo, 16, "aes%u", (unsigned)facts.bits);
    if (fit_add_text(call, node, "algo", algo) != KP_OK ||
        fit_add_text(call, node, "key-name-hint", c->has_hint ? c->hint.bytes : facts.name) !=
            KP_OK)
        return KP_FAILED;
    if (c->has_iv) {
        iv = fit_add_property(call, node, "iv");
        if (iv == NULL || fit_put_hex(call, iv, &c->iv) != KP_OK)
            return KP_FAILED;
        if (iv->length != 16)
            return kp_fail_at(call, &c->iv, NULL, "iv: %llu bytes: AES takes 16",
                              (unsigned long long)iv->length);
    }
    return fit_use_key(maker, c->key, c->has_hint ? c->hint.bytes : NULL, &c->key);
}

int32_t fit_make_image(struct fit_maker *maker, const struct fit_image_params *i)
{
    struct kp_call *call = maker->call;
    struct fit_property *data;
    struct fit_node *node;

    if (fit_find_node(maker->images, i->name.bytes) != NULL)
        return kp_fail_at(call, &i->name, "give each its own name", "name: %s: a second image",
                          i->name.bytes);
    node = fit_add_node(call, maker->images, i->name.bytes);
    if (node == NULL || make_texts(maker, node, i) != KP_OK ||
        make_addresses(call, node, i) != KP_OK ||
        (i->has_compatible && fit_add_texts(call, node, "compatible", &i->compatible) != KP_OK) ||
        fit_make_more(call, node, &i->properties) != KP_OK)
        return KP_FAILED;
    data = fit_add_property(call, node, "data");
    if (data == NULL || fit_put_image(call, data, i->image, 0, kp_size(call, i->image)) != KP_OK ||
        fit_reorder(call, node, &i->order) != KP_OK ||
        fit_make_hashes(maker, node, i->has_hashes ? &i->hashes : &maker->hashes, &i->hash_nodes) !=
            KP_OK ||
        fit_make_signatures(maker, node, &i->signatures, 0) != KP_OK ||
        fit_make_nodes(call, node, &i->nodes) != KP_OK)
        return KP_FAILED;
    return i->has_cipher ? make_cipher(maker, node, &i->cipher) : KP_OK;
}
