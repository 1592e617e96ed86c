/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/table.c - the parameters of the stage `fit`, which are its manual, and U-Boot's names of
 * types, systems and codecs (include/image.h, boot/image.c).
 */
#include "table.h"

const struct kp_choice *const fit_types[] = {
    KP_ONE_OF(FIT_TYPE_KERNEL, "kernel", "a kernel, copied or unpacked to its load address"),
    KP_ONE_OF(FIT_TYPE_KERNEL_NOLOAD, "kernel_noload", "a kernel that runs where U-Boot puts it"),
    KP_ONE_OF(FIT_TYPE_FLAT_DT, "flat_dt", "a device tree, or an overlay"),
    KP_ONE_OF(FIT_TYPE_RAMDISK, "ramdisk", "an initial RAM disk"),
    KP_ONE_OF(FIT_TYPE_FIRMWARE, "firmware", "firmware, as Trusted Firmware-A or U-Boot itself"),
    KP_ONE_OF(FIT_TYPE_SCRIPT, "script", "commands for U-Boot's shell"),
    KP_ONE_OF(FIT_TYPE_STANDALONE, "standalone", "a program that returns to U-Boot"),
    KP_ONE_OF(FIT_TYPE_FILESYSTEM, "filesystem", "a file system"),
    KP_ONE_OF(FIT_TYPE_LOADABLE, "loadable", "anything that is loaded to its address"),
    KP_ONE_OF(FIT_TYPE_FPGA, "fpga", "a bitstream"),
    KP_ONE_OF(FIT_TYPE_MULTI, "multi", "several images in one"),
    KP_ONE_OF(FIT_TYPE_TEE, "tee", "a trusted execution environment"),
    NULL,
};

const struct kp_choice *const fit_systems[] = {
    KP_ONE_OF(5, "linux", "Linux"),
    KP_ONE_OF(17, "u-boot", "U-Boot itself, and its scripts"),
    KP_ONE_OF(28, "efi", "an EFI program"),
    KP_ONE_OF(25, "arm-trusted-firmware", "Trusted Firmware-A"),
    KP_ONE_OF(26, "tee", "a trusted execution environment"),
    KP_ONE_OF(27, "opensbi", "OpenSBI"),
    KP_ONE_OF(29, "elf", "an ELF file"),
    KP_ONE_OF(1, "openbsd", "OpenBSD"),
    KP_ONE_OF(2, "netbsd", "NetBSD"),
    KP_ONE_OF(3, "freebsd", "FreeBSD"),
    KP_ONE_OF(14, "vxworks", "VxWorks"),
    KP_ONE_OF(16, "qnx", "QNX"),
    KP_ONE_OF(18, "rtems", "RTEMS"),
    KP_ONE_OF(23, "plan9", "Plan 9"),
    NULL,
};

const struct kp_choice *const fit_paddings[] = {
    KP_ONE_OF(0, "pkcs-1.5", "RSASSA-PKCS1-v1_5: the same bytes each time"),
    KP_ONE_OF(1, "pss", "RSASSA-PSS: other bytes each time"),
    NULL,
};

/* sha1 to sha512, with the numbers of fit_hashes. */
static const struct kp_choice *const signing_hashes[] = {
    KP_ONE_OF(2, "sha1", "for old loaders"),
    KP_ONE_OF(3, "sha256", "256 bits"),
    KP_ONE_OF(4, "sha384", "384 bits"),
    KP_ONE_OF(5, "sha512", "512 bits"),
    NULL,
};

const char *fit_choice(const struct kp_choice *const *choices, uint32_t value)
{
    for (; *choices != NULL; choices++)
        if ((*choices)->value == value)
            return (*choices)->name;
    return NULL;
}

static const struct kp_choice *const styles[] = {
    KP_ONE_OF(FIT_STYLE_KPIPE, "kpipe",
              "kernel-1, fdt-1 ..., ramdisk-1, conf-1 ...; contents last in each node"),
    KP_ONE_OF(FIT_STYLE_AUTO, "mkimage-auto", "the bytes of mkimage -f auto of U-Boot 2025.01"),
    KP_ONE_OF(FIT_STYLE_AUTO_2023, "mkimage-auto-2023", "those of U-Boot 2023.01"),
    KP_ONE_OF(FIT_STYLE_KBUILD, "kbuild", "as the kernel's `make image.fit`"),
    NULL,
};

#define ORDER "names of properties: these the node has, in this order, and no others"

const struct kp_param *const fit_more_table[] = {
    KP_TEXT(struct fit_more, name, .flags = KP_PARAM_REQUIRED, .maximum = FIT_NAME,
            .summary = "the property's name"),
    KP_TEXT(struct fit_more, text, .presence = offsetof(struct fit_more, has_text),
            .summary = "its value: a text"),
    KP_TEXT_LIST(struct fit_more, strings, .presence = offsetof(struct fit_more, has_strings),
                 .summary = "its value: several texts"),
    KP_UINT_LIST(struct fit_more, cells, .presence = offsetof(struct fit_more, has_cells),
                 .maximum = UINT32_MAX, .flags = KP_PARAM_HEX,
                 .summary = "its value: numbers of 32 bits"),
    KP_TEXT(struct fit_more, bytes, .presence = offsetof(struct fit_more, has_bytes),
            .summary = "its value: bytes, each as two hexadecimal digits"),
    NULL,
};

static const struct kp_param *const node_table[] = {
    KP_TEXT(struct fit_node_params, name, .flags = KP_PARAM_REQUIRED, .maximum = FIT_NAME,
            .summary = "the node's name"),
    KP_RECORD_LIST(struct fit_node_params, properties, struct fit_more, .fields = fit_more_table,
                   .summary = "all its properties"),
    NULL,
};

#define SIGNATURE_TEXT(field_, ...)                                                                \
    KP_TEXT(struct fit_signature_params, field_,                                                   \
            .presence = offsetof(struct fit_signature_params, has_##field_), __VA_ARGS__)

static const struct kp_param *const signature_table[] = {
    KP_KEY(struct fit_signature_params, key, .flags = KP_PARAM_SHORT,
           .presence = offsetof(struct fit_signature_params, has_key),
           .summary = "the key that signs"),
    KP_CHOICE(struct fit_signature_params, hash, .choices = signing_hashes, .fallback = "sha256",
              .summary = "what is signed is the hash of this kind"),
    KP_CHOICE(struct fit_signature_params, padding, .choices = fit_paddings,
              .presence = offsetof(struct fit_signature_params, has_padding),
              .summary = "of RSA: how the hash fills the signature; pkcs-1.5 if not given"),
    SIGNATURE_TEXT(hint, .computed = "the key's name in the recipe",
                   .summary = "key-name-hint: what the key is called in U-Boot's device tree"),
    KP_TEXT_LIST(struct fit_signature_params, sign_images,
                 .summary = "of a configuration: its properties whose images are covered",
                 .help = "All if not given, which is what U-Boot since 2026 insists on."),
    SIGNATURE_TEXT(name, .maximum = FIT_NAME, .computed = "signature-1, signature-2 and so on",
                   .summary = "the node's name"),
    SIGNATURE_TEXT(algo, .computed = "the hash and the kind of the key",
                   .summary = "algorithm: \"sha256,rsa2048\""),
    SIGNATURE_TEXT(value, .summary = "without a key: the signature, made elsewhere, in hexadecimal",
                   .help = "It needs algo and hint. With a key, these four are not looked at: "
                           "value, digest, signer_name, signer_version."),
    SIGNATURE_TEXT(digest, .summary = "with value: the hash that it is of, in hexadecimal",
                   .help = "If what is signed has another one, that is an error."),
    KP_UINT(
        struct fit_signature_params, hashed_strings, .unit = "bytes", .maximum = FIT_FRAME_LIMIT,
        .presence = offsetof(struct fit_signature_params, has_hashed_strings), .computed = "all",
        .summary = "with value, of a configuration: how much of the strings block it covers"),
    SIGNATURE_TEXT(signer_name, .summary = "with value: signer-name"),
    SIGNATURE_TEXT(signer_version, .summary = "with value: signer-version"),
    SIGNATURE_TEXT(comment, .summary = "with value: comment"),
    KP_UINT(struct fit_signature_params, time, .maximum = UINT32_MAX,
            .presence = offsetof(struct fit_signature_params, has_time),
            .summary = "with value: when it was signed, in seconds since 1970-01-01 UTC"),
    KP_TEXT_LIST(struct fit_signature_params, order, .summary = ORDER),
    NULL,
};

static const struct kp_param *const cipher_table[] = {
    KP_KEY(struct fit_cipher_params, key, .flags = KP_PARAM_SHORT | KP_PARAM_REQUIRED,
           .summary = "the key: a file of 16, 24 or 32 bytes"),
    KP_TEXT(struct fit_cipher_params, hint,
            .presence = offsetof(struct fit_cipher_params, has_hint),
            .computed = "the key's name in the recipe", .summary = "key-name-hint"),
    KP_TEXT(struct fit_cipher_params, iv, .presence = offsetof(struct fit_cipher_params, has_iv),
            .minimum = 32, .maximum = 32, .computed = "the beginning of the contents' SHA-256",
            .summary = "initial vector, 32 hexadecimal digits; it is stored in the FIT"),
    NULL,
};

static const struct kp_param *const image_table[] = {
    KP_TEXT(struct fit_image_params, name, .flags = KP_PARAM_REQUIRED, .maximum = FIT_NAME,
            .summary = "the node's name, \"kernel-1\""),
    KP_IMAGE(struct fit_image_params, image, .flags = KP_PARAM_REQUIRED, .summary = "contents"),
    KP_CHOICE(struct fit_image_params, type, .choices = fit_types, .fallback = "kernel",
              .summary = "what it is"),
    KP_TEXT(struct fit_image_params, description,
            .presence = offsetof(struct fit_image_params, has_description),
            .summary = "for people"),
    KP_TEXT(struct fit_image_params, arch, .presence = offsetof(struct fit_image_params, has_arch),
            .computed = "what is known of the image, or of the whole FIT",
            .summary = "architecture"),
    KP_CHOICE(struct fit_image_params, os, .choices = fit_systems,
              .presence = offsetof(struct fit_image_params, has_os),
              .computed = "linux for kernels and ramdisks, else not stored",
              .summary = "operating system"),
    KP_CHOICE(struct fit_image_params, compression, .choices = uboot_compressions,
              .presence = offsetof(struct fit_image_params, has_compression),
              .computed = "found from the contents; none for a ramdisk, which Linux unpacks",
              .summary = "label: how U-Boot is to unpack it; nothing is compressed here"),
    KP_UINT(struct fit_image_params, load, .flags = KP_PARAM_HEX,
            .presence = offsetof(struct fit_image_params, has_load),
            .computed = "what is known of the image",
            .summary = "address that U-Boot copies or unpacks it to"),
    KP_UINT(struct fit_image_params, entry, .flags = KP_PARAM_HEX,
            .presence = offsetof(struct fit_image_params, has_entry),
            .computed = "what is known of the image, or load",
            .summary = "address of the first instruction"),
    KP_TEXT_LIST(struct fit_image_params, compatible,
                 .presence = offsetof(struct fit_image_params, has_compatible),
                 .summary = "texts of a compatible property"),
    KP_CHOICE_LIST(struct fit_image_params, hashes, .choices = fit_hashes,
                   .presence = offsetof(struct fit_image_params, has_hashes),
                   .computed = "those of the whole FIT", .summary = "kinds of hashes"),
    KP_TEXT_LIST(struct fit_image_params, hash_nodes, .computed = "hash-1, hash-2 and so on",
                 .summary = "names of the hashes' nodes"),
    KP_RECORD_LIST(struct fit_image_params, signatures, struct fit_signature_params,
                   .fields = signature_table, .summary = "signatures of the contents alone"),
    KP_RECORD(struct fit_image_params, cipher, .fields = cipher_table,
              .presence = offsetof(struct fit_image_params, has_cipher),
              .summary = "encrypt the contents"),
    KP_RECORD_LIST(struct fit_image_params, nodes, struct fit_node_params, .fields = node_table,
                   .summary = "further nodes"),
    KP_RECORD_LIST(struct fit_image_params, properties, struct fit_more, .fields = fit_more_table,
                   .summary = "further properties"),
    KP_TEXT_LIST(struct fit_image_params, order, .summary = ORDER),
    NULL,
};

static const struct kp_param *const configuration_table[] = {
    KP_TEXT(struct fit_configuration_params, name, .flags = KP_PARAM_REQUIRED, .maximum = FIT_NAME,
            .summary = "the node's name, \"conf-1\""),
    KP_TEXT(struct fit_configuration_params, description,
            .presence = offsetof(struct fit_configuration_params, has_description),
            .computed = "the model of its device tree", .summary = "for people"),
    KP_TEXT(struct fit_configuration_params, kernel,
            .presence = offsetof(struct fit_configuration_params, has_kernel),
            .summary = "name of an image: the kernel"),
    KP_TEXT(struct fit_configuration_params, firmware,
            .presence = offsetof(struct fit_configuration_params, has_firmware),
            .summary = "name of an image: firmware that is started in place of a kernel"),
    KP_TEXT_LIST(struct fit_configuration_params, fdt,
                 .presence = offsetof(struct fit_configuration_params, has_fdt),
                 .summary =
                     "names of images: a device tree, and overlays that U-Boot applies to it"),
    KP_TEXT(struct fit_configuration_params, ramdisk,
            .presence = offsetof(struct fit_configuration_params, has_ramdisk),
            .summary = "name of an image: the ramdisk"),
    KP_TEXT_LIST(struct fit_configuration_params, loadables,
                 .presence = offsetof(struct fit_configuration_params, has_loadables),
                 .summary = "names of images: what else is loaded"),
    KP_TEXT(struct fit_configuration_params, fpga,
            .presence = offsetof(struct fit_configuration_params, has_fpga),
            .summary = "name of an image: a bitstream"),
    KP_TEXT(struct fit_configuration_params, script,
            .presence = offsetof(struct fit_configuration_params, has_script),
            .summary = "name of an image: a script"),
    KP_TEXT_LIST(struct fit_configuration_params, compatible,
                 .presence = offsetof(struct fit_configuration_params, has_compatible),
                 .computed = "that of its device tree",
                 .summary = "what boards it is for; U-Boot can choose by it"),
    KP_RECORD_LIST(struct fit_configuration_params, signatures, struct fit_signature_params,
                   .presence = offsetof(struct fit_configuration_params, has_signatures),
                   .fields = signature_table, .computed = "those of the whole FIT",
                   .summary = "signatures of the configuration and of all images in it"),
    KP_RECORD_LIST(struct fit_configuration_params, nodes, struct fit_node_params,
                   .fields = node_table, .summary = "further nodes"),
    KP_RECORD_LIST(struct fit_configuration_params, properties, struct fit_more,
                   .fields = fit_more_table, .summary = "further properties"),
    KP_TEXT_LIST(struct fit_configuration_params, order, .summary = ORDER,
                 .help =
                     "description and compatible are then taken of the device tree only if they "
                     "are named here."),
    NULL,
};

const struct kp_param *const fit_table[] = {
    KP_IMAGE_LIST(struct fit_params, dtbs,
                  .summary = "device trees, compressed or not: an image and a configuration each",
                  .help =
                      "They are called fdt-1, fdt-2 ... and conf-1, conf-2 ...; description and "
                      "compatible of a configuration are the tree's model and compatible."),
    KP_IMAGE(struct fit_params, ramdisk, .presence = offsetof(struct fit_params, has_ramdisk),
             .summary = "ramdisk of all these configurations: image ramdisk-1"),
    KP_RECORD_LIST(struct fit_params, images, struct fit_image_params, .fields = image_table,
                   .summary = "further images, or all of them"),
    KP_RECORD_LIST(struct fit_params, configurations, struct fit_configuration_params,
                   .fields = configuration_table, .summary = "further configurations"),
    KP_TEXT(struct fit_params, default_configuration,
            .presence = offsetof(struct fit_params, has_default), .computed = "the first",
            .summary = "the configuration that boots if none is chosen"),
    KP_CHOICE_LIST(struct fit_params, hashes, .choices = fit_hashes,
                   .presence = offsetof(struct fit_params, has_hashes),
                   .computed = "sha256; crc32 in style mkimage-auto, none in style kbuild",
                   .summary = "kinds of hashes that each image gets"),
    KP_RECORD_LIST(struct fit_params, signatures, struct fit_signature_params,
                   .fields = signature_table,
                   .summary = "signatures that each configuration gets: names of keys, or more"),
    KP_TEXT(struct fit_params, description,
            .presence = offsetof(struct fit_params, has_description), .flags = KP_PARAM_TRAITS,
            .summary = "of the whole FIT"),
    KP_CHOICE(struct fit_params, type, .choices = fit_types, .fallback = "kernel",
              .summary = "of the main input: what it is"),
    KP_UINT(struct fit_params, load, .flags = KP_PARAM_HEX | KP_PARAM_SHORT,
            .presence = offsetof(struct fit_params, has_load), .trait = KP_TRAIT_LOAD,
            .summary = "of the main input: address that U-Boot copies or unpacks it to"),
    KP_UINT(struct fit_params, entry, .flags = KP_PARAM_HEX,
            .presence = offsetof(struct fit_params, has_entry), .trait = KP_TRAIT_ENTRY,
            .computed = "the same as load",
            .summary = "of the main input: address of the first instruction"),
    KP_CHOICE(struct fit_params, os, .choices = fit_systems, .fallback = "linux",
              .summary = "of the main input: operating system"),
    KP_CHOICE(struct fit_params, compression, .choices = uboot_compressions,
              .presence = offsetof(struct fit_params, has_compression),
              .computed = "found from the main input",
              .summary = "of the main input: how U-Boot is to unpack it"),
    KP_TEXT(struct fit_params, kernel_description, .flags = KP_PARAM_TRAITS,
            .presence = offsetof(struct fit_params, has_kernel_description),
            .summary = "of the main input: description"),
    KP_TEXT(struct fit_params, arch, .presence = offsetof(struct fit_params, has_arch),
            .trait = KP_TRAIT_ARCH, .summary = "architecture of all images"),
    KP_STAGE(struct fit_params, dtb_codec, .presence = offsetof(struct fit_params, has_dtb_codec),
             .summary = "compress each of dtbs by this stage: {gzip: {}}"),
    KP_UINT(struct fit_params, dtb_load, .flags = KP_PARAM_HEX,
            .presence = offsetof(struct fit_params, has_dtb_load),
            .summary = "address that U-Boot copies a device tree to; for overlays it wants one"),
    KP_TEXT(struct fit_params, sets, .presence = offsetof(struct fit_params, has_sets),
            .summary = "which of dtbs make a configuration, as \"1,2 3,2 4\"",
            .help = "Each word is a configuration: the number of a device tree, and the numbers of "
                    "overlays that U-Boot applies to it. Without it each of dtbs makes one."),
    KP_IMAGE_LIST(struct fit_params, described_by,
                  .summary = "device trees that say what the configurations are, one each",
                  .help = "Their model and compatible are taken instead of those of the first tree "
                          "of each, which overlays may change."),
    KP_CHOICE(struct fit_params, style, .choices = styles, .fallback = "kpipe",
              .summary = "names, order and strings of what is made of the main input, dtbs and "
                         "ramdisk"),
    KP_TEXT(struct fit_params, creator, .presence = offsetof(struct fit_params, has_creator),
            .summary = "who made it; mkimage -f auto says \"U-Boot mkimage 2025.01\""),
    KP_RECORD_LIST(struct fit_params, properties, struct fit_more, .fields = fit_more_table,
                   .summary = "further properties of the root"),
    KP_TEXT_LIST(struct fit_params, order, .summary = ORDER),
    KP_UINT(struct fit_params, time, .maximum = UINT32_MAX,
            .presence = offsetof(struct fit_params, has_time),
            .computed = "SOURCE_DATE_EPOCH, or 0",
            .summary = "when it was made, in seconds since 1970-01-01 UTC"),
    KP_UINT(struct fit_params, address_cells, .fallback = "1", .maximum = 2,
            .summary = "the root's #address-cells; 0: it has none"),
    KP_TEXT_LIST(struct fit_params, strings,
                 .summary = "names of properties with which the tree's block of strings begins",
                 .help = "The others follow where they are first used, as dtc writes them; in "
                         "styles other than kpipe the last one stands first."),
    KP_BOOL(struct fit_params, version_2, .fallback = "false",
            .summary = "say that readers of version 2 can read the tree, as mkimage -f auto does"),
    FIT_OUT_ROWS(struct fit_params),
    NULL,
};
