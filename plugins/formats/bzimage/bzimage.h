/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/bzimage/bzimage.h - what the bzimage plugin's files share: the places of the setup
 * header's fields, the setup code, and what the ELF files tell.
 *
 * The header is described in Linux's Documentation/arch/x86/boot.rst ("The Real-Mode Kernel
 * Header") and made by arch/x86/boot/header.S.
 */
#ifndef KPIPE_BZIMAGE_H
#define KPIPE_BZIMAGE_H

#include "../../common/elf.h"
#include "../../common/pe.h"

#define ULL(x) ((unsigned long long)(x))

/* Offsets in the setup code, which is what the file begins with. */
#define AT_SETUP_SECTS 0x1f1u
#define AT_ROOT_FLAGS 0x1f2u
#define AT_SYSSIZE 0x1f4u
#define AT_VID_MODE 0x1fau
#define AT_ROOT_DEV 0x1fcu
#define AT_BOOT_FLAG 0x1feu
#define AT_HEADER 0x202u
#define AT_VERSION 0x206u
#define AT_KERNEL_VERSION 0x20eu
#define AT_KERNEL_ALIGNMENT 0x230u
#define AT_XLOADFLAGS 0x236u
#define AT_PAYLOAD_OFFSET 0x248u
#define AT_PAYLOAD_LENGTH 0x24cu
#define AT_PREF_ADDRESS 0x258u
#define AT_INIT_SIZE 0x260u
#define AT_HANDOVER_OFFSET 0x264u
#define AT_KERNEL_INFO_OFFSET 0x268u
#define HEADER_END 0x26cu /* of version 2.15, the newest */

#define BOOT_FLAG 0xaa55u
#define HEADER_MAGIC 0x53726448u      /* "HdrS" */
#define KERNEL_INFO_MAGIC 0x506f544cu /* "LToP", compressed/kernel_info.S */
#define SECTOR 512u
#define SETUP_SECTORS_MAX 64u
#define SETUP_MAX UINT64_C(32768) /* so many sectors */
#define XLF_KERNEL_64 1u
#define XLF_EFI_HANDOVER_32 4u
#define XLF_EFI_HANDOVER_64 8u
#define RELEASE_MAX 64u

/* How the file is put together: plugin.c tells. */
#define LAYOUT_AUTO 0u
#define LAYOUT_5_10 1u
#define LAYOUT_6_1 2u
#define LAYOUT_6_15 3u
/* Alignment of the sections, and of the setup code's size from 6.1 on (header.S: salign). */
#define PAGE 4096u
#define OLD_ALIGNMENT 0x20u
/* tools/build.c of 5.10 puts .reloc and .compat at the setup code's end, each so large. */
#define OLD_RESERVE 0x20u

struct bzimage_params {
    const struct kp_image *setup;
    const struct kp_image *boot;
    const struct kp_image *kernel;
    uint64_t root_dev;
    uint64_t vid_mode;
    uint64_t root_flags;
    uint32_t layout;
    uint8_t has_vid_mode;
    uint8_t has_root_flags;
};

/* A kernel's release, as the setup code has it. */
struct release {
    char text[RELEASE_MAX + 1]; /* empty: it has none */
    unsigned major, minor;      /* 0.0: the text does not begin with them */
};

struct setup {
    struct kp_call *call;
    const struct bzimage_params *params;
    uint8_t *bytes;    /* a copy, to be changed, with zeros up to SETUP_MAX */
    uint64_t size;     /* of the setup code as it was given */
    uint64_t padded;   /* of the setup code in the result */
    bool efi;          /* begins with "MZ" */
    bool wide;         /* for x86_64 */
    bool mixed;        /* has a section .compat: 32-bit firmware can start it */
    bool sbat;         /* has a section .sbat */
    struct pe_file pe; /* with `efi` */
    uint16_t xloadflags;
    struct release release;
    uint32_t layout; /* never LAYOUT_AUTO */
};

/* Symbols of the boot ELF file. Those that are addresses are offsets in the boot binary, too,
 * since it is linked to 0 (compressed/vmlinux.lds.S). */
enum boot_symbol {
    STARTUP_32,
    EHEAD,
    EDATA,
    END,
    INPUT_DATA,
    KERNEL_INFO,
    DATA,
    SBAT,
    ESBAT,
    EFI_PE_ENTRY,
    EFI32_PE_ENTRY,
    EFI32_STUB_ENTRY,
    EFI64_STUB_ENTRY,
    Z_INPUT_LEN,
    Z_OUTPUT_LEN,
    BOOT_SYMBOLS
};

/* What both ELF files tell, all checked: no sum of two of these overflows. */
struct facts {
    uint64_t boot[BOOT_SYMBOLS]; /* 0 for those that this setup code does not ask for */
    uint64_t binary;             /* size of the boot binary */
    uint64_t load;               /* physical address that the kernel is linked to */
    uint64_t memory;             /* of the kernel, _end - _text */
};

/* setup.c: reads and checks the setup code, and finds its layout. */
int32_t setup_open(struct setup *setup, struct kp_call *call);
/* The release at a header's kernel_version, of `size` bytes that begin a file. */
void release_read(struct release *release, const uint8_t *bytes, uint64_t size);

/* symbols.c: reads `boot` and `kernel`, and checks them against the boot binary. */
int32_t facts_read(struct facts *facts, const struct setup *setup);

/* fields.c: fills in the setup header. */
int32_t fields_fill(struct setup *setup, const struct facts *facts);
/* efi.c: fills in the PE header and its sections, after the setup header. */
int32_t efi_fill(struct setup *setup, const struct facts *facts);

/* crc.c: the CRC-32 that Kbuild writes: that of zlib, but not inverted in the end. Begins with
 * CRC_BEGIN. False after reporting. */
#define CRC_BEGIN 0xffffffffu
#define CRC_SIZE 4u
bool crc_image(struct kp_call *call, const struct kp_image *image, uint64_t from, uint64_t to,
               uint32_t *crc);
void crc_bytes(const uint8_t *bytes, uint64_t size, uint32_t *crc);
void crc_zeros(uint64_t size, uint32_t *crc);

/* view.c: a bzImage that is there. */
#define SETUP_LARGEST UINT64_C(131072) /* 256 sectors: setup_sects is a byte */
#define VERSION_SYSSIZE 0x204u
#define VERSION_CRC 0x208u /* boot.rst, "The Image Checksum"; and the payload's place */
#define VERSION_INIT_SIZE 0x20au
#define VERSION_XLOADFLAGS 0x20cu
#define PAYLOAD_SIZE_WORD                                                                          \
    4u /* behind the compressed kernel, or its last: the size of its contents */
/* Of the entry, among the data directories. */
#define CERTIFICATES_AT ((uint64_t)8 * PE_DIRECTORY_CERTIFICATES)

struct view {
    struct kp_call *call;
    uint8_t *setup; /* the setup code, a copy */
    uint64_t setup_size;
    uint64_t system_size; /* as syssize tells */
    uint64_t end;         /* of both in the file */
    uint64_t file_size;
    uint16_t version;
    struct release release;
    bool efi;
    struct pe_file pe;
};

/* Reads the setup header and code of the main input. What they tell may lie outside of the file
 * until view_open has checked that, and read the PE header. */
int32_t view_read(struct view *view, struct kp_call *call);
int32_t view_open(struct view *view);
/* Whether only the end of the last 16 bytes that syssize counts is missing. */
bool view_lacks_little(const struct view *view);
/* Where the payload lies; false if the header does not tell, or wrongly. */
bool view_payload(const struct view *view, uint64_t *at, uint64_t *length);
/* Whether the PE header is one that may be changed: all in the setup code. */
bool view_has_pe(const struct view *view);
bool view_is_wide(const struct view *view);
/* The CRC of the setup code as it was before the image was signed; that of the rest goes on from
 * it. False after reporting. */
bool view_setup_crc(const struct view *view, uint32_t *crc);
/* The checksum at the end: 0, as kernels since 6.15 have it: none. False after reporting. */
bool view_stored_crc(const struct view *view, uint32_t *stored, bool *right);
int32_t view_set_traits(const struct view *view);
/* How far before the end of its memory the kernel must be unpacked that nothing is overwritten
 * before it is read: of a payload of `input` bytes that gives `output`; `head` bytes of the boot
 * program lie before it. */
uint64_t extract_offset(uint64_t input, uint64_t output, uint64_t head);

/* remake.c: how the image is made again: with a payload that says it has `contents` bytes, and, if
 * `crc`, a checksum. */
int32_t show_remake(const struct view *view, uint32_t contents, bool crc);

struct update_params {
    uint64_t lengths;
    uint64_t boot_memory;
    uint8_t crc;
    uint8_t efi_memory;
    uint8_t has_lengths;
    uint8_t has_boot_memory;
};
extern const struct kp_param *const update_table[];

int32_t bzimage_pack(struct kp_call *call);    /* pack.c */
int32_t bzimage_inspect(struct kp_call *call); /* inspect.c */
int32_t bzimage_update(struct kp_call *call);  /* update.c */

#endif
