/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/pe.c - reads the headers of a PE/COFF file and checks that they lie inside of it
 * (Microsoft, "PE Format": "MS-DOS Stub", "COFF File Header", "Optional Header", "Section
 * Table").
 */
#include "pe.h"

#include <string.h>

#define ULL(x) ((unsigned long long)(x))

#define DOS_SIZE 0x40u
/* Optional headers up to the data directories, whose number is their last field. */
#define OPTIONAL_SIZE 96u
#define OPTIONAL_SIZE_PLUS 112u
#define DIRECTORY_SIZE 8u

#define fail(file, ...) kp_fail_at((file)->call, (file)->field, NULL, __VA_ARGS__)

/* What a file that begins with it is, and where its headers are. */
static bool find_coff(struct pe_file *file, const struct kp_image *image, uint8_t coff[])
{
    uint8_t dos[DOS_SIZE];

    if (file->size < sizeof(dos)) {
        fail(file, "pe header: %llu bytes: the header before it has %u", ULL(file->size), DOS_SIZE);
        return false;
    }
    if (file->call->host->image_read(file->call, image, 0, dos, sizeof(dos)) != KP_OK)
        return false;
    if (memcmp(dos, "MZ", 2) != 0) {
        fail(file, "pe header: the file begins with 0x%02x%02x, not with MZ", dos[0], dos[1]);
        return false;
    }
    file->coff = kp_le32(dos + PE_SIGNATURE_AT);
    if (!kp_inside(file->size, file->coff, PE_COFF_SIZE)) {
        fail(file, "pe header: at 0x%llx: the file has %llu bytes", ULL(file->coff),
             ULL(file->size));
        return false;
    }
    if (file->call->host->image_read(file->call, image, file->coff, coff, PE_COFF_SIZE) != KP_OK)
        return false;
    if (memcmp(coff, "PE\0", 4) == 0)
        return true;
    fail(file, "pe header: at 0x%llx: no PE signature there, though the file begins with MZ",
         ULL(file->coff));
    return false;
}

/* The section table must lie in the file, entry by entry: one cut short ends somewhere. */
static bool find_sections(struct pe_file *file, const uint8_t coff[])
{
    const uint64_t left = file->size - file->coff - PE_COFF_SIZE;

    file->machine = kp_le16(coff + PE_COFF_MACHINE);
    file->section_count = kp_le16(coff + PE_COFF_SECTION_COUNT);
    file->optional = file->coff + PE_COFF_SIZE;
    file->optional_size = kp_le16(coff + PE_COFF_OPTIONAL_SIZE);
    file->sections = file->optional + file->optional_size;
    file->head_size = file->sections + (uint64_t)file->section_count * PE_SECTION_SIZE;
    if (file->optional_size > left)
        fail(file, "pe header: optional header of %u bytes at 0x%llx: the file has %llu bytes",
             file->optional_size, ULL(file->optional), ULL(file->size));
    else if (file->head_size > file->size)
        fail(file, "pe header: section %llu at 0x%llx: the file has %llu bytes",
             ULL((file->size - file->sections) / PE_SECTION_SIZE),
             ULL(file->size - (file->size - file->sections) % PE_SECTION_SIZE), ULL(file->size));
    else if (file->head_size > PE_HEAD_MAX)
        fail(file, "pe header: ends at 0x%llx: more than %u bytes of headers", ULL(file->head_size),
             PE_HEAD_MAX);
    else
        return true;
    return false;
}

static bool read_optional(struct pe_file *file)
{
    const uint8_t *const header = file->head + file->optional;
    uint32_t magic, size, count;

    if (file->optional_size == 0)
        return true;
    magic = file->optional_size < 2 ? 0 : kp_le16(header);
    file->plus = magic == PE_MAGIC_32_PLUS;
    size = file->plus ? OPTIONAL_SIZE_PLUS : OPTIONAL_SIZE;
    if (magic != PE_MAGIC_32 && magic != PE_MAGIC_32_PLUS) {
        fail(file, "pe header: Magic 0x%x: neither PE32's 0x%x nor PE32+'s 0x%x", magic,
             PE_MAGIC_32, PE_MAGIC_32_PLUS);
        return false;
    }
    if (file->optional_size < size) {
        fail(file, "pe header: SizeOfOptionalHeader %u: less than the %u that it needs",
             file->optional_size, size);
        return false;
    }
    file->directories = file->optional + size;
    count = kp_le32(header + size - 4);
    if (count > (file->optional_size - size) / DIRECTORY_SIZE) {
        fail(file, "pe header: NumberOfRvaAndSizes %u: the optional header has room for %u", count,
             (file->optional_size - size) / DIRECTORY_SIZE);
        return false;
    }
    file->directory_count = count;
    return true;
}

bool pe_file_open(struct pe_file *file, struct kp_call *call, const struct kp_image *image,
                  const void *field)
{
    uint8_t coff[PE_COFF_SIZE];

    memset(file, 0, sizeof(*file));
    file->call = call;
    file->field = field;
    file->size = kp_size(call, image);
    if (!find_coff(file, image, coff) || !find_sections(file, coff))
        return false;
    file->head = call->host->alloc(call, file->head_size);
    return file->head != NULL &&
           call->host->image_read(call, image, 0, file->head, file->head_size) == KP_OK &&
           read_optional(file);
}

void pe_section(const struct pe_file *file, uint16_t index, struct pe_section *section)
{
    const uint64_t at = file->sections + (uint64_t)index * PE_SECTION_SIZE;
    const uint8_t *const entry = file->head + at;
    size_t i;

    for (i = 0; i < PE_NAME_SIZE && entry[i] != '\0'; i++)
        section->name[i] = entry[i] < 0x20 || entry[i] > 0x7e ? '?' : (char)entry[i];
    section->name[i] = '\0';
    section->at = at;
    section->virtual_size = kp_le32(entry + PE_SECTION_VIRTUAL_SIZE);
    section->virtual_address = kp_le32(entry + PE_SECTION_VIRTUAL_ADDRESS);
    section->raw_size = kp_le32(entry + PE_SECTION_RAW_SIZE);
    section->raw_offset = kp_le32(entry + PE_SECTION_RAW_OFFSET);
    section->characteristics = kp_le32(entry + PE_SECTION_CHARACTERISTICS);
}

bool pe_sections_inside(const struct pe_file *file)
{
    struct pe_section section;

    for (uint16_t i = 0; i < file->section_count; i++) {
        pe_section(file, i, &section);
        if (section.raw_size == 0 || kp_inside(file->size, section.raw_offset, section.raw_size))
            continue;
        kp_fail_at(file->call, file->field, "the file was cut short: get it again",
                   "pe header: section %u '%s' ends at byte %llu: the file has %llu", i,
                   section.name, ULL(section.raw_offset) + section.raw_size, ULL(file->size));
        return false;
    }
    return true;
}

uint8_t *pe_optional(const struct pe_file *file, uint32_t offset)
{
    return file->head + file->optional + offset;
}

void pe_directory(const struct pe_file *file, uint32_t number, uint32_t *address, uint32_t *size)
{
    const uint8_t *entry;

    *address = *size = 0;
    if (number >= file->directory_count)
        return;
    entry = file->head + file->directories + (uint64_t)number * DIRECTORY_SIZE;
    *address = kp_le32(entry);
    *size = kp_le32(entry + 4);
}

bool pe_certificates(const struct pe_file *file, uint64_t *offset, uint64_t *size)
{
    uint32_t address, length;

    pe_directory(file, PE_DIRECTORY_CERTIFICATES, &address, &length);
    *offset = address;
    *size = length;
    if (length == 0 || kp_inside(file->size, address, length))
        return true;
    kp_fail_at(file->call, file->field, "the file was cut short, or its signature was cut off",
               "pe header: certificate table ends at byte %llu: the file has %llu",
               ULL(address) + length, ULL(file->size));
    return false;
}

const char *pe_machine_name(uint16_t machine)
{
    static const struct {
        uint16_t machine;
        const char *name;
    } names[] = {
        {0x014c, "IA32"},        {0x8664, "x64"},         {0x01c2, "ARM"},
        {0xaa64, "AARCH64"},     {0x5032, "RISCV32"},     {0x5064, "RISCV64"},
        {0x6232, "LOONGARCH32"}, {0x6264, "LOONGARCH64"}, {0x0200, "IA64"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].machine == machine)
            return names[i].name;
    return NULL;
}
