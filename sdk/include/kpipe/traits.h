/* SPDX-License-Identifier: MIT
 *
 * kpipe/traits.h - the names and types of what kpipe knows about an image
 * besides its bytes, and the kinds of image that stages declare.
 *
 * A trait is a typed fact that later stages use as a default: an ELF file's
 * entry point becomes the uImage's, unless the recipe says otherwise.
 *
 *   Content traits tell what the image is about. They pass from a stage's main
 *   input to its output by themselves; a stage sets or clears them when it
 *   knows better. A stage that packs a kernel behind a boot stub must: the
 *   load address of what is inside is not the load address of the whole.
 *
 *   Encoding traits describe the outermost bytes only. They never pass: a
 *   stage that does not set them leaves its output without them.
 *
 * Further inputs (parameters of type image) pass on nothing. A vendor's own
 * trait carries a reverse-domain name ("com.example.board-id") and passes like a
 * content trait.
 */
#ifndef KPIPE_TRAITS_H
#define KPIPE_TRAITS_H

/* Content traits. */
#define KP_TRAIT_ARCH "arch"       /* text: an architecture's name, "arm64" (arch.h) */
#define KP_TRAIT_ENTRY "entry"     /* number: physical address of the first instruction */
#define KP_TRAIT_LOAD "load"       /* number: physical address of the first byte */
#define KP_TRAIT_BSS "bss"         /* number: bytes to be zeroed behind the image */
#define KP_TRAIT_VERSION "version" /* text: kernel release, "6.1.0-49-arm64" */

/* Encoding traits. The host sets `kind` and `codec` itself when a stage declares
 * its output's kind, or when an input file is identified. */
#define KP_TRAIT_KIND "kind"   /* text: one of the kinds below, or a vendor's own */
#define KP_TRAIT_CODEC "codec" /* text: the codec that compressed it, "gzip" */
#define KP_TRAIT_SIZE "size"   /* number: size in bytes once decompressed */
#define KP_TRAIT_FILE "file"   /* text: name of the file that it is, without folders */

/* Kinds. A stage declares the kinds that its image parameters take and the kind
 * of its output, and a chain that cannot meet is refused before it runs. A
 * kind is a promise about the outermost bytes. Vendors' kinds carry a
 * reverse-domain name. */
#define KP_KIND_ELF "elf"               /* an ELF file */
#define KP_KIND_RAW "raw"               /* bytes to be loaded as they are, without a header */
#define KP_KIND_IMAGE "image"           /* a flat kernel as arm64, riscv and loongarch have it */
#define KP_KIND_COMPRESSED "compressed" /* the output of a codec; see KP_TRAIT_CODEC */
#define KP_KIND_ZIMAGE "zimage"         /* an arm zImage */
#define KP_KIND_BZIMAGE "bzimage"       /* an x86 bzImage */
#define KP_KIND_UIMAGE "uimage"         /* a legacy U-Boot image */
#define KP_KIND_FIT "fit"               /* a flattened image tree, U-Boot's newer image */
#define KP_KIND_ZBOOT "zboot"           /* a compressed kernel of Linux's as an EFI program */
#define KP_KIND_PE "pe"                 /* a PE/COFF file without a more exact kind */
#define KP_KIND_DTB "dtb"               /* a flattened device tree */
#define KP_KIND_CPIO "cpio"             /* an uncompressed cpio archive */
#define KP_KIND_SCRIPT "script"         /* text, as a boot script is */
#define KP_KIND_IHEX "ihex"             /* text in Intel's hexadecimal object file format */
#define KP_KIND_SREC "srec"             /* text in Motorola's S-record format */
#define KP_KIND_CONFIG "config"         /* a kernel's configuration, text */
#define KP_KIND_TEXT "text"             /* text for people and tools */

/* Roles: what a part of an image is to a kernel that boots, whatever the format calls it. */
#define KP_ROLE_PAYLOAD "payload"     /* what a container carries: the kernel, compressed or not */
#define KP_ROLE_DTB "dtb"             /* a device tree */
#define KP_ROLE_INITRD "initrd"       /* the first file system, compressed or not */
#define KP_ROLE_CONFIG "config"       /* the kernel's configuration, compressed or not */
#define KP_ROLE_CMDLINE "cmdline"     /* a command line, text */
#define KP_ROLE_CODE "code"           /* what runs before the payload, and unpacks it */
#define KP_ROLE_SIGNATURE "signature" /* of the whole or of a part of it */
#define KP_ROLE_PADDING "padding"     /* bytes that mean nothing */

/* In place of an output's kind: that of the main input. */
#define KP_KIND_SAME "same"

#endif
