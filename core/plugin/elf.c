/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/elf.c - see elf.h. Layouts and names are those of the ELF specification
 * (System V gABI, chapters 4 and 5); offsets are written as offsetof of <elf.h>'s
 * structs, which are never laid over the bytes themselves.
 */
#include "plugin/elf.h"

#include <elf.h>
#include <stddef.h>
#include <string.h>

#include "kpipe/bytes.h"

/* What this very program was compiled for; EM_NONE: not known here, ld.so judges. */
#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#elif defined(__i386__)
#define OWN_MACHINE EM_386
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#elif defined(__arm__)
#define OWN_MACHINE EM_ARM
#elif defined(__riscv)
#define OWN_MACHINE EM_RISCV
#elif defined(__powerpc64__)
#define OWN_MACHINE EM_PPC64
#elif defined(__s390x__)
#define OWN_MACHINE EM_S390
#else
#define OWN_MACHINE EM_NONE
#endif

static const char damaged[] = "a damaged ELF file: program headers outside the file";

/* Reads at offsets that kp_elf_open or kp_elf_segment found to be inside. */
static uint16_t read16(const struct kp_elf *elf, uint64_t at)
{
    return elf->big ? kp_be16(elf->bytes + at) : kp_le16(elf->bytes + at);
}

static uint32_t read32(const struct kp_elf *elf, uint64_t at)
{
    return elf->big ? kp_be32(elf->bytes + at) : kp_le32(elf->bytes + at);
}

static uint64_t read64(const struct kp_elf *elf, uint64_t at)
{
    return elf->big ? kp_be64(elf->bytes + at) : kp_le64(elf->bytes + at);
}

/* A member that is 4 bytes wide in the one class and 8 in the other. */
static uint64_t read_word(const struct kp_elf *elf, uint64_t base, size_t at32, size_t at64)
{
    return elf->wide ? read64(elf, base + at64) : read32(elf, base + at32);
}

bool kp_elf_open(struct kp_elf *elf, const uint8_t *bytes, uint64_t size, const char **why)
{
    uint64_t entry;

    memset(elf, 0, sizeof(*elf));
    *why = "no ELF file";
    if (size < EI_NIDENT || memcmp(bytes, ELFMAG, SELFMAG) != 0)
        return false;
    *why = damaged;
    elf->bytes = bytes;
    elf->size = size;
    elf->wide = bytes[EI_CLASS] == ELFCLASS64;
    elf->big = bytes[EI_DATA] == ELFDATA2MSB;
    if ((!elf->wide && bytes[EI_CLASS] != ELFCLASS32) ||
        (!elf->big && bytes[EI_DATA] != ELFDATA2LSB) ||
        size < (elf->wide ? KP_ELF_HEADER_64 : KP_ELF_HEADER_32))
        return false;

    elf->type = read16(elf, offsetof(Elf64_Ehdr, e_type));
    elf->machine = read16(elf, offsetof(Elf64_Ehdr, e_machine));
    elf->program_offset =
        read_word(elf, 0, offsetof(Elf32_Ehdr, e_phoff), offsetof(Elf64_Ehdr, e_phoff));
    elf->program_count =
        read16(elf, elf->wide ? offsetof(Elf64_Ehdr, e_phnum) : offsetof(Elf32_Ehdr, e_phnum));
    entry = read16(elf, elf->wide ? offsetof(Elf64_Ehdr, e_phentsize)
                                  : offsetof(Elf32_Ehdr, e_phentsize));
    /* PN_XNUM would move the count into a section header: no shared object does. */
    if (elf->program_count == PN_XNUM ||
        entry != (elf->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)))
        return false;
    elf->program_size = entry * elf->program_count;
    return kp_inside(size, elf->program_offset, elf->program_size);
}

bool kp_elf_segment(const struct kp_elf *elf, unsigned index, struct kp_elf_segment *segment,
                    const char **why)
{
    const uint64_t entry = elf->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
    const uint64_t at = elf->program_offset + index * entry;

    segment->type = read32(elf, at + offsetof(Elf64_Phdr, p_type));
    segment->offset =
        read_word(elf, at, offsetof(Elf32_Phdr, p_offset), offsetof(Elf64_Phdr, p_offset));
    segment->file_size =
        read_word(elf, at, offsetof(Elf32_Phdr, p_filesz), offsetof(Elf64_Phdr, p_filesz));
    segment->alignment =
        read_word(elf, at, offsetof(Elf32_Phdr, p_align), offsetof(Elf64_Phdr, p_align));
    /* Segments without bytes (PT_GNU_STACK, PT_TLS of zeros) may point anywhere. */
    if (segment->file_size == 0 || kp_inside(elf->size, segment->offset, segment->file_size))
        return true;
    *why = "a damaged ELF file: a segment outside the file";
    return false;
}

bool kp_elf_is_native(const struct kp_elf *elf)
{
    const bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

    return elf->wide == (sizeof(void *) == 8) && elf->big == big &&
           (OWN_MACHINE == EM_NONE || elf->machine == OWN_MACHINE);
}

bool kp_elf_has_run_path(const struct kp_elf *elf)
{
    const uint64_t entry = elf->wide ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
    struct kp_elf_segment segment;
    const char *why;

    for (unsigned i = 0; i < elf->program_count; i++) {
        if (!kp_elf_segment(elf, i, &segment, &why) || segment.type != PT_DYNAMIC)
            continue;
        for (uint64_t at = 0; kp_inside(segment.file_size, at, entry); at += entry) {
            const uint64_t tag = read_word(elf, segment.offset + at, 0, 0);

            if (tag == DT_NULL)
                break;
            if (tag == DT_RPATH || tag == DT_RUNPATH)
                return true;
        }
    }
    return false;
}
