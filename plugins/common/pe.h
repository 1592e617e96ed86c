/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/pe.h - headers of PE/COFF files as several plugins read them: all of them are checked
 * to lie inside of the file.
 *
 * A part of each plugin that names it among its sources (plugins/CMakeLists.txt), not a plugin
 * and not of the SDK. What the numbers must be is each plugin's own matter: kernels break several
 * rules of the specification on purpose. Nothing is read of an object file (without "MZ").
 *
 * Facts from Microsoft's "PE Format": the sections are named below.
 */
#ifndef KPIPE_COMMON_PE_H
#define KPIPE_COMMON_PE_H

#include <stdbool.h>

#include <kpipe/kpipe.h>

/* Most bytes of headers, from the file's beginning to the end of the section table. They are
 * copied to the call's scratch memory: a plugin declares this much more. */
#define PE_HEAD_MAX (1u << 20)

#define PE_SIGNATURE_AT 0x3cu /* where the MS-DOS header tells the place of "PE\0\0" */
#define PE_SECTION_SIZE 40u   /* an entry of the section table */
#define PE_NAME_SIZE 8u       /* of a section */

/* "COFF File Header": offsets from the signature. */
#define PE_COFF_MACHINE 4u
#define PE_COFF_SECTION_COUNT 6u
#define PE_COFF_TIME 8u
#define PE_COFF_SYMBOL_TABLE 12u
#define PE_COFF_SYMBOL_COUNT 16u
#define PE_COFF_OPTIONAL_SIZE 20u
#define PE_COFF_CHARACTERISTICS 22u
#define PE_COFF_SIZE 24u /* with the signature */

/* "Optional Header": offsets that PE32 and PE32+ have in common. */
#define PE_MAGIC 0u
#define PE_LINKER_VERSION 2u
#define PE_SIZE_OF_CODE 4u
#define PE_SIZE_OF_DATA 8u /* SizeOfInitializedData */
#define PE_SIZE_OF_BSS 12u /* SizeOfUninitializedData */
#define PE_ENTRY 16u       /* AddressOfEntryPoint */
#define PE_BASE_OF_CODE 20u
#define PE_IMAGE_BASE 28u      /* of PE32, four bytes */
#define PE_IMAGE_BASE_PLUS 24u /* of PE32+, eight bytes */
#define PE_SECTION_ALIGNMENT 32u
#define PE_FILE_ALIGNMENT 36u
#define PE_OS_VERSION 40u
#define PE_IMAGE_VERSION 44u
#define PE_SUBSYSTEM_VERSION 48u
#define PE_SIZE_OF_IMAGE 56u
#define PE_SIZE_OF_HEADERS 60u
#define PE_CHECKSUM 64u
#define PE_SUBSYSTEM 68u
#define PE_DLL_CHARACTERISTICS 70u
#define PE_STACK_RESERVE 72u /* four sizes of stack and heap, of 4 or 8 bytes each */
#define PE_MAGIC_32 0x10bu
#define PE_MAGIC_32_PLUS 0x20bu

/* "Optional Header Data Directories": the one whose address is an offset in the file. */
#define PE_DIRECTORY_CERTIFICATES 4u

/* "Section Table": offsets in an entry. */
#define PE_SECTION_VIRTUAL_SIZE 8u
#define PE_SECTION_VIRTUAL_ADDRESS 12u
#define PE_SECTION_RAW_SIZE 16u
#define PE_SECTION_RAW_OFFSET 20u
#define PE_SECTION_CHARACTERISTICS 36u
#define PE_SECTION_CODE 0x20u
#define PE_SECTION_DATA 0x40u /* initialised */
#define PE_SECTION_BSS 0x80u  /* uninitialised */

struct pe_file {
    struct kp_call *call;
    const void *field; /* the parameter that faults are pinned to; NULL: the main input */
    bool lenient;      /* sections at addresses that firmware takes all the same are no fault */
    uint64_t size;     /* of the file */
    uint8_t *head;     /* a copy of the headers that may be changed, and written instead of them */
    uint64_t head_size;
    uint64_t coff;          /* offset of the signature; the COFF header follows it */
    uint64_t optional;      /* offset of the optional header */
    uint32_t optional_size; /* 0: there is none, and none of what follows but the sections */
    bool plus;              /* PE32+ */
    uint16_t machine;
    uint64_t directories;     /* offset of the data directories */
    uint32_t directory_count; /* as many as lie in the optional header */
    uint64_t sections;        /* offset of the section table */
    uint16_t section_count;
};

struct pe_section {
    char name[PE_NAME_SIZE + 1]; /* what could upset a terminal is replaced by '?' */
    uint64_t at;                 /* offset of its entry */
    uint32_t virtual_size, virtual_address;
    uint32_t raw_size, raw_offset;
    uint32_t characteristics;
};

/* Reads the headers of an image of this call. `field` is the address of the parameter that it
 * comes from, NULL for the main input. There is nothing to be closed; false after reporting. */
bool pe_file_open(struct pe_file *file, struct kp_call *call, const struct kp_image *image,
                  const void *field);

/* Section `index`, which is below section_count. */
void pe_section(const struct pe_file *file, uint16_t index, struct pe_section *section);
/* True if the bytes of every section lie inside of the file; false after reporting. */
bool pe_sections_inside(const struct pe_file *file);

/* The place of a field of the optional header in `head`: one of the offsets above. There must
 * be an optional header. */
uint8_t *pe_optional(const struct pe_file *file, uint32_t offset);
/* A data directory's address and size, both 0 if the file has no such directory. */
void pe_directory(const struct pe_file *file, uint32_t number, uint32_t *address, uint32_t *size);
/* Where the certificate table lies in the file; *size 0: the file is not signed. False after
 * reporting that it does not lie inside. */
bool pe_certificates(const struct pe_file *file, uint64_t *offset, uint64_t *size);

/* EFI's name of the machine ("UEFI Specification", 2.1.1), or NULL. */
const char *pe_machine_name(uint16_t machine);

#endif
