/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/pe/uki.c - the section table of a PE/COFF file, and what its sections hold: those of a
 * unified kernel image are a kernel, an initramfs, a command line and so on, which may be replaced and
 * then move; all others are code and its data, which stay where they are.
 *
 * The UAPI group's "Unified Kernel Image", "UKI Components"; Microsoft's "PE Format", "Section
 * Table".
 */
#include <string.h>

#include "pe_format.h"

#define NAME_MAX_LENGTH 48u
#define CERTIFICATE_ALIGNMENT 8u
#define SYMBOL_SIZE 18u
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct pe_held held[] = {
    {".linux", "linux", KP_ROLE_PAYLOAD},
    {".initrd", "initrd", KP_ROLE_INITRD},
    {".ucode", "ucode", KP_ROLE_INITRD},
    {".cmdline", "cmdline", KP_ROLE_CMDLINE},
    {".dtb", "dtb", KP_ROLE_DTB},
    {".dtbauto", "dtbauto", KP_ROLE_DTB},
    {".osrel", "osrel", NULL},
    {".uname", "uname", NULL},
    {".splash", "splash", NULL},
    {".sbat", "sbat", NULL},
    {".profile", "profile", NULL},
    {".pcrsig", "pcrsig", KP_ROLE_SIGNATURE},
    {".pcrpkey", "pcrpkey", NULL},
};

static const struct pe_bit section_bits[] = {{PE_SECTION_CODE, "code"}, {PE_SECTION_DATA, "data"},
                                             {PE_SECTION_BSS, "bss"},   {0x02000000, "discardable"},
                                             {0x20000000, "execute"},   {0x40000000, "read"},
                                             {0x80000000, "write"},     {0, NULL}};

const char *pe_name_bits(uint64_t value, const struct pe_bit *bits, char text[PE_MEANING_MAX])
{
    size_t length = 0;

    text[0] = '\0';
    for (; bits->name != NULL; bits++)
        if ((value & bits->mask) != 0)
            length += (size_t)snprintf(text + length, PE_MEANING_MAX - length, "%s%s",
                                       length == 0 ? "" : ", ", bits->name);
    return length != 0 ? text : NULL;
}

const struct pe_held *pe_held(const struct pe_section *section)
{
    for (size_t i = 0; i < COUNT(held); i++)
        if (strcmp(section->name, held[i].section) == 0)
            return &held[i];
    return NULL;
}

uint64_t pe_held_size(const struct pe_section *section)
{
    return section->virtual_size != 0 && section->virtual_size < section->raw_size
               ? section->virtual_size
               : section->raw_size;
}

/* Whether it is told as a part of its own name. */
static bool is_part(const struct pe_file *file, const struct pe_section *section)
{
    return pe_held(section) != NULL && pe_held_size(section) != 0 &&
           kp_inside(file->size, section->raw_offset, section->raw_size);
}

/* The part's name as the host numbers it; NULL: there is none. Several profiles have several of a
 * name. */
static const char *part_name(const struct pe_file *file, uint16_t index, char text[NAME_MAX_LENGTH])
{
    struct pe_section section, other;
    unsigned count = 1;

    pe_section(file, index, &section);
    if (!is_part(file, &section))
        return NULL;
    for (uint16_t i = 0; i < index; i++) {
        pe_section(file, i, &other);
        count += is_part(file, &other) && pe_held(&other) == pe_held(&section);
    }
    if (count == 1)
        snprintf(text, NAME_MAX_LENGTH, "%s", pe_held(&section)->name);
    else
        snprintf(text, NAME_MAX_LENGTH, "%s-%u", pe_held(&section)->name, count);
    return text;
}

/* --- fields --- */

/* What a field of the section table tells of the part. A size in the file counts with padding, unless
 * the file ends without. */
static void relate(const struct pe_file *file, const struct pe_section *section, uint32_t at,
                   struct kp_field *field)
{
    const uint32_t alignment = kp_le32(pe_optional(file, PE_FILE_ALIGNMENT));

    field->relation = at == PE_SECTION_RAW_OFFSET ? KP_FIELD_OFFSET_OF : KP_FIELD_SIZE_OF;
    if (at == PE_SECTION_RAW_SIZE && alignment != 0 && section->raw_size % alignment == 0) {
        field->flags |= KP_FIELD_ROUNDED;
        field->unit = alignment;
    }
}

static int32_t show_section(const struct pe_file *file, uint16_t index)
{
    static const struct {
        const char *name;
        uint32_t at, flags;
    } rows[] = {
        {"VirtualSize", PE_SECTION_VIRTUAL_SIZE, KP_FIELD_BYTES},
        {"VirtualAddress", PE_SECTION_VIRTUAL_ADDRESS, KP_FIELD_HEX},
        {"SizeOfRawData", PE_SECTION_RAW_SIZE, KP_FIELD_BYTES},
        {"PointerToRawData", PE_SECTION_RAW_OFFSET, KP_FIELD_HEX},
        {"Characteristics", PE_SECTION_CHARACTERISTICS, KP_FIELD_HEX},
    };
    char name[NAME_MAX_LENGTH], of[NAME_MAX_LENGTH], text[PE_MEANING_MAX];
    const char *const part = part_name(file, index, of);
    struct pe_section section;

    pe_section(file, index, &section);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct kp_field field = {.size = sizeof(field), .type = KP_FIELD_NUMBER, .name = name};

        snprintf(name, sizeof(name), "section[%u].%s", index, rows[i].name);
        field.flags = rows[i].flags;
        field.offset = section.at + rows[i].at;
        field.length = 4;
        field.number = kp_le32(file->head + field.offset);
        field.meaning = i == 0 ? section.name
                        : rows[i].at == PE_SECTION_CHARACTERISTICS
                            ? pe_name_bits(field.number, section_bits, text)
                            : NULL;
        if (part != NULL && file->optional_size != 0 && rows[i].at != PE_SECTION_CHARACTERISTICS &&
            rows[i].at != PE_SECTION_VIRTUAL_ADDRESS) {
            field.of = part;
            relate(file, &section, rows[i].at, &field);
        }
        if (file->call->host->field(file->call, &field) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

int32_t pe_show_sections(const struct pe_file *file)
{
    for (uint16_t i = 0; i < file->section_count; i++)
        if (show_section(file, i) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

/* --- parts --- */

/* Where the bytes end that stand before `offset`: of headers, of sections, with their padding. */
static uint64_t end_before(const struct pe_file *file, uint64_t offset, uint32_t alignment)
{
    const uint32_t unit =
        file->optional_size == 0 ? 0 : kp_le32(pe_optional(file, PE_FILE_ALIGNMENT));
    uint64_t latest = file->head_size, end;
    struct pe_section section;

    if (file->optional_size != 0 && kp_le32(pe_optional(file, PE_SIZE_OF_HEADERS)) > latest)
        latest = kp_le32(pe_optional(file, PE_SIZE_OF_HEADERS));
    for (uint16_t i = 0; i < file->section_count; i++) {
        pe_section(file, i, &section);
        if (section.raw_size == 0 || section.raw_offset >= offset)
            continue;
        if (pe_held(&section) == NULL || unit == 0 ||
            !kp_align(pe_held_size(&section), unit, &end) || end > section.raw_size)
            end = section.raw_size;
        end += section.raw_offset;
        latest = end > latest ? end : latest;
    }
    return alignment != 0 && kp_align(latest, alignment, &end) ? end : latest;
}

static int32_t hold(const struct pe_file *file, const char *name, const char *role, uint64_t offset,
                    uint64_t length, uint32_t alignment)
{
    struct kp_part part = {.size = sizeof(part),
                           .name = name,
                           .role = role,
                           .offset = offset,
                           .length = length,
                           .align = alignment};

    /* It follows what is before it; else there is a reason that is not known. */
    if (end_before(file, offset, alignment) != offset)
        part.align = end_before(file, offset, 1) == offset;
    return file->call->host->part(file->call, &part);
}

static int32_t hold_section(const struct pe_file *file, const struct pe_section *section)
{
    const uint32_t alignment =
        file->optional_size == 0 ? 0 : kp_le32(pe_optional(file, PE_FILE_ALIGNMENT));

    if (pe_held_size(section) == 0 ||
        !kp_inside(file->size, section->raw_offset, section->raw_size))
        return KP_OK;
    if (is_part(file, section))
        return hold(file, pe_held(section)->name, pe_held(section)->role, section->raw_offset,
                    pe_held_size(section), alignment);
    return kp_part_at(file->call, "section", KP_ROLE_CODE, section->raw_offset, section->raw_size,
                      section->name);
}

/* "COFF Symbol Table", "COFF String Table": one follows the other, at the end. In a program they are for
 * debuggers, and objcopy keeps them. */
bool pe_symbols(const struct pe_file *file, uint64_t *offset, uint64_t *size)
{
    const uint8_t *const coff = file->head + file->coff;
    uint8_t length[4];

    *offset = kp_le32(coff + PE_COFF_SYMBOL_TABLE);
    *size = (uint64_t)kp_le32(coff + PE_COFF_SYMBOL_COUNT) * SYMBOL_SIZE;
    if (*offset < file->head_size || *size == 0 || !kp_inside(file->size, *offset, *size + 4) ||
        file->call->host->image_read(file->call, file->call->input, *offset + *size, length, 4) !=
            KP_OK ||
        !kp_inside(file->size, *offset, *size + kp_le32(length)))
        return false;
    *size += kp_le32(length);
    return true;
}

int32_t pe_hold_all(const struct pe_file *file)
{
    struct pe_section section;
    uint64_t at = 0, size = 0;

    if (kp_part_at(file->call, "headers", KP_ROLE_CODE, 0, file->head_size, NULL) != KP_OK)
        return KP_FAILED;
    for (uint16_t i = 0; i < file->section_count; i++) {
        pe_section(file, i, &section);
        if (hold_section(file, &section) != KP_OK)
            return KP_FAILED;
    }
    if (file->optional_size != 0 && pe_symbols(file, &at, &size) &&
        hold(file, "symbols", NULL, at, size, kp_le32(pe_optional(file, PE_FILE_ALIGNMENT))) !=
            KP_OK)
        return KP_FAILED;
    size = 0;
    if (file->optional_size != 0 && !pe_certificates(file, &at, &size))
        return KP_FAILED;
    if (size == 0)
        return KP_OK;
    return hold(file, "signature", KP_ROLE_SIGNATURE, at, size, CERTIFICATE_ALIGNMENT);
}

/* --- addresses --- */

int32_t pe_fit_addresses(const struct pe_file *file)
{
    const uint32_t alignment = kp_le32(pe_optional(file, PE_SECTION_ALIGNMENT));
    struct pe_section section;
    uint64_t end = 0, address;

    for (uint16_t i = 0; i < file->section_count; i++) {
        pe_section(file, i, &section);
        address = section.virtual_address;
        if (address < end && pe_held(&section) != NULL) {
            if (!kp_align(end, alignment, &address) || address > UINT32_MAX)
                return kp_fail(file->call,
                               "section %u '%s': VirtualAddress 0x%llx: more than 32 bits", i,
                               section.name, ULL(end));
            kp_put_le32(file->head + section.at + PE_SECTION_VIRTUAL_ADDRESS, (uint32_t)address);
        }
        end = address + (section.virtual_size != 0 ? section.virtual_size : section.raw_size);
    }
    return KP_OK;
}
