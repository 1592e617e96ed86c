/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/zboot/zboot.h - what the zboot plugin's files share: the header of a kernel that is
 * compressed behind an EFI program that unpacks it, and the stage's parameters.
 *
 * Facts from drivers/firmware/efi/libstub/{zboot-header.S,zboot.lds,Makefile.zboot} of Linux 6.1,
 * 6.12 (Debian's 6.12.117) and 7.2. All numbers are little endian.
 *   0x00 "MZ\0\0"    0x04 "zimg"    0x08 payload's offset    0x0c its size
 *   0x18 its compression, text that ends with NUL    0x38 0x818223cd (not in 6.1)
 *   0x3c offset of the PE header, which follows at once
 * Behind the payload stand 4 bytes with the size of its contents, which the header's size leaves
 * out; a gzip file ends with that number anyway, and there it does not.
 */
#ifndef KPIPE_ZBOOT_H
#define KPIPE_ZBOOT_H

#include <kpipe/kpipe.h>

#include "../../common/pe.h"

#define ZBOOT_HEADER_SIZE 0x40u
#define ZBOOT_AT_MAGIC 0x04u
#define ZBOOT_AT_PAYLOAD 0x08u
#define ZBOOT_AT_PAYLOAD_SIZE 0x0cu
#define ZBOOT_AT_RESERVED 0x10u
#define ZBOOT_AT_TYPE 0x18u
#define ZBOOT_AT_LINUX_MAGIC 0x38u
#define ZBOOT_TYPE_SIZE (ZBOOT_AT_LINUX_MAGIC - ZBOOT_AT_TYPE)
#define ZBOOT_LINUX_MAGIC 0x818223cdu /* LINUX_PE_MAGIC */
#define ZBOOT_TRAILER_SIZE 4u

/* What headers say, by the kernel whose build makes them. */
#define ZBOOT_FORM_6_1 0u
#define ZBOOT_FORM_6_6 1u
#define ZBOOT_FORM_6_12 2u

struct zboot_params {
    uint32_t codec; /* an index of zboot_codecs */
    uint32_t form;
    uint8_t has_codec, has_form;
    const struct kp_image *boot;
};

struct zboot_codec {
    const char *name;     /* kpipe's */
    const char *old_type; /* in headers of 6.1 and 6.6 */
    const char *type;     /* of 6.12; NULL: kernels do not offer it any more */
};

#define ZBOOT_CODECS 6u
extern const struct zboot_codec zboot_codecs[ZBOOT_CODECS];

/* The codec of that name, or with that type in any header; NULL: none. */
const struct zboot_codec *zboot_codec_by_name(const char *name);
const struct zboot_codec *zboot_codec_by_type(const char *type);
/* 4, or 0 if the payload itself ends with the size of its contents. */
uint64_t zboot_trailer_size(const struct zboot_codec *codec);

/* kpipe's name of the architecture with that number in PE headers; NULL: none that has zboot. */
const char *zboot_arch(uint16_t machine);

struct zboot {
    struct pe_file pe;
    uint64_t payload, payload_size;  /* without the trailer */
    char type[ZBOOT_TYPE_SIZE + 1];  /* what could upset a terminal is replaced by '?' */
    const struct zboot_codec *codec; /* NULL: the type is unknown */
    bool linux_magic;
    const char *arch;     /* NULL: the machine is unknown */
    uint64_t inflated_at; /* where the size of the contents stands */
    uint32_t inflated;
};

/* The headers of the main input: magic and PE header, without what a linker fills in. */
int32_t zboot_open(struct kp_call *call, struct pe_file *pe);
/* All of the header, as it stands there. */
int32_t zboot_read(struct kp_call *call, struct zboot *zboot);
/* Which codec the payload shows; *codec NULL: none that kpipe knows. */
int32_t zboot_identify(struct kp_call *call, uint64_t payload, uint64_t size, const char **codec);
/* Whether the size of the contents, at that offset, can be that of a payload of `size` bytes. */
int32_t zboot_check_inflated(struct kp_call *call, uint64_t at, uint64_t size, uint32_t *inflated);

/* Appends the main input, with what may follow a payload that is shorter than its room. */
int32_t zboot_append_filled(struct kp_call *call, const struct zboot *zboot);

/* Appends the main input with its header filled in from p->boot. */
int32_t zboot_fill(struct kp_call *call, const struct zboot_params *p);

int32_t zboot_inspect(struct kp_call *call);

#endif
