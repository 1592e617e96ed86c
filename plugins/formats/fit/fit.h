/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/fit.h - U-Boot's flattened image trees: what the stages of this plugin share.
 *
 * Sources: Flattened Image Tree specification (2025-06-06); U-Boot 2025.01,
 * doc/usage/fit/source_file_format.rst, tools/fit_image.c and tools/image-host.c (how mkimage
 * writes), boot/image-fit.c and boot/image-fit-sig.c (how it is read).
 */
#ifndef FIT_FIT_H
#define FIT_FIT_H

#include "../../common/uboot.h"
#include "protect.h"

/* --- parameters (table.c) --- */

/* A property that the tables do not know. */
struct fit_more {
    struct kp_text name, text, bytes;
    struct kp_list strings, cells;
    uint8_t has_text, has_bytes, has_strings, has_cells;
};

/* A further node within one, with all its properties. */
struct fit_node_params {
    struct kp_text name;
    struct kp_list properties;
};

struct fit_signature_params {
    const struct kp_key *key;
    struct kp_text name, hint, algo, value, digest, signer_name, signer_version, comment;
    struct kp_list sign_images, order;
    uint64_t time, hashed_strings;
    uint32_t hash, padding;
    uint8_t has_name, has_hashed_strings, has_hint, has_key, has_padding, has_algo, has_value,
        has_digest, has_signer_name, has_signer_version, has_comment, has_time;
};

struct fit_cipher_params {
    const struct kp_key *key;
    struct kp_text hint, iv;
    uint8_t has_hint, has_iv;
};

struct fit_image_params {
    struct kp_text name, description, arch;
    const struct kp_image *image;
    uint64_t load, entry;
    uint32_t type, os, compression;
    struct kp_list compatible, hashes, hash_nodes, signatures, nodes, properties, order;
    struct fit_cipher_params cipher;
    uint8_t has_description, has_arch, has_os, has_compression, has_load, has_entry, has_hashes,
        has_cipher, has_compatible;
};

struct fit_configuration_params {
    struct kp_text name, description, kernel, firmware, ramdisk, fpga, script;
    struct kp_list fdt, loadables, compatible, signatures, nodes, properties, order;
    uint8_t has_description, has_kernel, has_firmware, has_ramdisk, has_fpga, has_script, has_fdt,
        has_loadables, has_compatible, has_signatures;
};

/* How and where what was put together is written. */
struct fit_out_params {
    uint64_t align, position, space;
    struct kp_text signer_name, signer_version, comment;
    uint8_t external, has_position, has_comment, has_space;
};

struct fit_params {
    struct kp_text description, creator, default_configuration, arch, kernel_description, sets;
    struct kp_list dtbs, described_by, images, configurations, hashes, signatures, properties,
        order, strings;
    const struct kp_image *ramdisk;
    const struct kp_stage_value *dtb_codec;
    uint64_t load, entry, dtb_load, time, address_cells;
    uint32_t style, type, os, compression;
    struct fit_out_params out;
    uint8_t has_description, has_creator, has_default, has_arch, has_load, has_entry, has_ramdisk,
        has_compression, has_kernel_description, has_dtb_codec, has_sets, has_hashes, has_time,
        has_dtb_load, version_2;
};

/* fit_params.style. */
#define FIT_STYLE_KPIPE 0u
#define FIT_STYLE_AUTO 1u   /* as mkimage -f auto */
#define FIT_STYLE_KBUILD 2u /* as the kernel's scripts/make_fit.py */
#define FIT_STYLE_AUTO_2023 3u

/* Types of images, by U-Boot's numbers (IH_TYPE_*). */
#define FIT_TYPE_STANDALONE 1u
#define FIT_TYPE_KERNEL 2u
#define FIT_TYPE_RAMDISK 3u
#define FIT_TYPE_MULTI 4u
#define FIT_TYPE_FIRMWARE 5u
#define FIT_TYPE_SCRIPT 6u
#define FIT_TYPE_FILESYSTEM 7u
#define FIT_TYPE_FLAT_DT 8u
#define FIT_TYPE_KERNEL_NOLOAD 14u
#define FIT_TYPE_LOADABLE 22u
#define FIT_TYPE_FPGA 29u
#define FIT_TYPE_TEE 31u

extern const struct kp_choice *const fit_types[];
extern const struct kp_choice *const fit_systems[];
extern const struct kp_choice *const fit_paddings[];

/* --- making --- */

/* A FIT that is put together of parameters. */
struct fit_maker {
    struct kp_call *call;
    const struct fit_params *p;
    struct fit_node *root, *images, *configurations;
    struct fit_key *keys; /* those that signatures and ciphers name */
    uint64_t key_count, key_room;
    struct fit_given *given; /* signatures that are there already */
    struct kp_list hashes;   /* what each image gets that says nothing itself */
    uint32_t style;          /* FIT_STYLE_*, but for FIT_STYLE_AUTO_2023, which differs in: */
    int plain_names;         /* the first node of a hash is "hash", not "hash-1" */
    uint32_t like;           /* FIT_LIKE_* */
    const char *arch;        /* U-Boot's name of the architecture, or NULL */
    const char *kernel;      /* boards.c: the name of the main input's image */
};

/* image.c: the nodes of /images. An address takes two cells if one is too small. */
int32_t fit_add_address(struct kp_call *call, struct fit_node *node, const char *name,
                        uint64_t value);
int32_t fit_make_image(struct fit_maker *maker, const struct fit_image_params *image);
int32_t fit_make_hashes(struct fit_maker *maker, struct fit_node *node,
                        const struct kp_list *hashes, const struct kp_list *names);
/* "none" for what U-Boot is not to unpack, else what the bytes are. `field` is the parameter that
 * gives it, of which *given is the value if there is one. NULL after reporting. */
const char *fit_find_compression(struct kp_call *call, const struct kp_image *image, uint32_t type,
                                 const uint32_t *given, const void *field);

/* more.c: properties (struct fit_more) and nodes (struct fit_node_params) that a recipe adds. */
int32_t fit_make_more(struct kp_call *call, struct fit_node *node, const struct kp_list *more);
int32_t fit_make_nodes(struct kp_call *call, struct fit_node *node, const struct kp_list *nodes);
/* Leaves a node those of its properties that `order` names, in its order; all if it is empty. */
int32_t fit_reorder(struct kp_call *call, struct fit_node *node, const struct kp_list *order);
int fit_has_text(const struct kp_list *list, const char *text);
/* Bytes of pairs of hexadecimal digits. KP_FAILED after reporting, at the text. */
int32_t fit_read_hex(struct kp_call *call, const struct kp_text *text, uint8_t **bytes,
                     uint64_t *length);
int32_t fit_put_hex(struct kp_call *call, struct fit_property *property,
                    const struct kp_text *text);

/* tree.c: what a device tree, compressed or not, says of itself. Texts are in scratch memory. `what`
 * and `field` are the parameter that gave it. */
struct fit_tree_facts {
    const char *model;
    const char *compatible;                   /* texts, one behind the other */
    uint64_t model_length, compatible_length; /* with their NULs; 0: it says nothing */
};
int32_t fit_read_tree(struct kp_call *call, const struct kp_image *image, const char *what,
                      const void *field, struct fit_tree_facts *facts);
/* Adds them under these names (NULL: not), where they are known. */
int32_t fit_describe(struct kp_call *call, struct fit_node *node,
                     const struct fit_tree_facts *facts, const char *model, const char *compatible);

/* signatures.c: nodes of signatures. */
int32_t fit_make_signatures(struct fit_maker *maker, struct fit_node *node,
                            const struct kp_list *signatures, int configuration);
int32_t fit_use_key(struct fit_maker *maker, const struct kp_key *key, const char *hint,
                    const void *field);

/* configuration.c: the nodes of /configurations. */
int32_t fit_make_configuration(struct fit_maker *maker,
                               const struct fit_configuration_params *configuration);
/* boards.c: what the main input, the device trees and the ramdisk become. */
int32_t fit_make_boards(struct fit_maker *maker);

/* check.c: what U-Boot would find wrong when it boots: references, the default, loads that
 * overlap, addresses that are missing. */
int32_t fit_check(struct kp_call *call, const struct fit_frame *frame, int external);

/* pack.c: the end of all stages that make a FIT: checked and protected, then written. */
int32_t fit_protect_checked(struct kp_call *call, struct fit_frame *frame,
                            const struct fit_out_params *out, struct fit_protection *protection);
int32_t fit_write_out(struct fit_frame *frame, const struct fit_out_params *out);

/* remake.c: reports the stage that makes such a FIT. */
int32_t fit_remake(struct kp_call *call, const struct fit_frame *frame,
                   const struct fit_digests *digests);

/* inspect.c: an image's node as a name that a part can have. */
void fit_part_name(const char *node, char *name, size_t size);

/* --- the stages --- */
extern const struct kp_operation fit_pack;        /* pack.c: fit */
extern const struct kp_operation fit_pack_source; /* source.c: fit-its */
extern const struct kp_operation fit_update;      /* update.c: fit-update */
extern const struct kp_operation fit_put_keys;    /* keys.c: fit-keys */
extern const struct kp_operation fit_verify;      /* verify.c: fit-verify */
int32_t fit_inspect(struct kp_call *call);        /* inspect.c */

extern const struct kp_param *const fit_table[];
extern const struct kp_param *const fit_more_table[]; /* of struct fit_more */

#endif
