/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/pe/inspect.c - describes a PE/COFF file by the names of Microsoft's "PE Format": its
 * headers, the data directories that are used, the sections. The contents of sections, of a
 * signature and of the programs that hide in such a file (an EFI stub's payload) are others'
 * matter.
 */
#include "pe_format.h"

#define MEANING_MAX 160u
#define NAME_MAX_LENGTH 48u

struct bit {
    uint32_t mask;
    const char *name;
};

static const struct bit file_bits[] = {{0x1, "RELOCS_STRIPPED"},
                                       {0x2, "EXECUTABLE_IMAGE"},
                                       {0x4, "LINE_NUMS_STRIPPED"},
                                       {0x8, "LOCAL_SYMS_STRIPPED"},
                                       {0x20, "LARGE_ADDRESS_AWARE"},
                                       {0x100, "32BIT_MACHINE"},
                                       {0x200, "DEBUG_STRIPPED"},
                                       {0x2000, "DLL"},
                                       {0, NULL}};
static const struct bit dll_bits[] = {{0x20, "HIGH_ENTROPY_VA"},
                                      {0x40, "DYNAMIC_BASE"},
                                      {0x80, "FORCE_INTEGRITY"},
                                      {PE_DLL_NX_COMPAT, "NX_COMPAT"},
                                      {0, NULL}};
static const struct bit section_bits[] = {{PE_SECTION_CODE, "code"}, {PE_SECTION_DATA, "data"},
                                          {PE_SECTION_BSS, "bss"},   {0x02000000, "discardable"},
                                          {0x20000000, "execute"},   {0x40000000, "read"},
                                          {0x80000000, "write"},     {0, NULL}};

/* "Optional Header Data Directories" */
static const char *const directories[] = {"Export Table",
                                          "Import Table",
                                          "Resource Table",
                                          "Exception Table",
                                          "Certificate Table",
                                          "Base Relocation Table",
                                          "Debug",
                                          "Architecture",
                                          "Global Ptr",
                                          "TLS Table",
                                          "Load Config Table",
                                          "Bound Import",
                                          "IAT",
                                          "Delay Import Descriptor",
                                          "CLR Runtime Header",
                                          "Reserved"};

/* Fields of the COFF header from the signature, then of the optional header from its beginning.
 * Those that differ between PE32 and PE32+ follow by themselves. */
struct row {
    uint32_t at;
    uint32_t length;
    uint32_t flags;
    const char *name;
};
static const struct row coff_rows[] = {
    {PE_COFF_MACHINE, 2, KP_FIELD_HEX, "Machine"},
    {PE_COFF_SECTION_COUNT, 2, 0, "NumberOfSections"},
    {PE_COFF_TIME, 4, KP_FIELD_HEX, "TimeDateStamp"},
    {PE_COFF_SYMBOL_TABLE, 4, KP_FIELD_HEX, "PointerToSymbolTable"},
    {PE_COFF_SYMBOL_COUNT, 4, 0, "NumberOfSymbols"},
    {PE_COFF_OPTIONAL_SIZE, 2, KP_FIELD_BYTES, "SizeOfOptionalHeader"},
    {PE_COFF_CHARACTERISTICS, 2, KP_FIELD_HEX, "Characteristics"},
};
static const struct row optional_rows[] = {
    {PE_MAGIC, 2, KP_FIELD_HEX, "Magic"},
    {PE_LINKER_VERSION, 1, 0, "MajorLinkerVersion"},
    {PE_LINKER_VERSION + 1, 1, 0, "MinorLinkerVersion"},
    {PE_SIZE_OF_CODE, 4, KP_FIELD_BYTES, "SizeOfCode"},
    {PE_SIZE_OF_DATA, 4, KP_FIELD_BYTES, "SizeOfInitializedData"},
    {PE_SIZE_OF_BSS, 4, KP_FIELD_BYTES, "SizeOfUninitializedData"},
    {PE_ENTRY, 4, KP_FIELD_HEX, "AddressOfEntryPoint"},
    {PE_BASE_OF_CODE, 4, KP_FIELD_HEX, "BaseOfCode"},
    {PE_SECTION_ALIGNMENT, 4, KP_FIELD_HEX, "SectionAlignment"},
    {PE_FILE_ALIGNMENT, 4, KP_FIELD_HEX, "FileAlignment"},
    {PE_OS_VERSION, 2, 0, "MajorOperatingSystemVersion"},
    {PE_OS_VERSION + 2, 2, 0, "MinorOperatingSystemVersion"},
    {PE_IMAGE_VERSION, 2, 0, "MajorImageVersion"},
    {PE_IMAGE_VERSION + 2, 2, 0, "MinorImageVersion"},
    {PE_SUBSYSTEM_VERSION, 2, 0, "MajorSubsystemVersion"},
    {PE_SUBSYSTEM_VERSION + 2, 2, 0, "MinorSubsystemVersion"},
    {PE_SIZE_OF_IMAGE, 4, KP_FIELD_BYTES, "SizeOfImage"},
    {PE_SIZE_OF_HEADERS, 4, KP_FIELD_BYTES, "SizeOfHeaders"},
    {PE_CHECKSUM, 4, KP_FIELD_HEX, "CheckSum"},
    {PE_SUBSYSTEM, 2, 0, "Subsystem"},
    {PE_DLL_CHARACTERISTICS, 2, KP_FIELD_HEX, "DllCharacteristics"},
};
static const struct row section_rows[] = {
    {PE_SECTION_VIRTUAL_SIZE, 4, KP_FIELD_BYTES, "VirtualSize"},
    {PE_SECTION_VIRTUAL_ADDRESS, 4, KP_FIELD_HEX, "VirtualAddress"},
    {PE_SECTION_RAW_SIZE, 4, KP_FIELD_BYTES, "SizeOfRawData"},
    {PE_SECTION_RAW_OFFSET, 4, KP_FIELD_HEX, "PointerToRawData"},
    {PE_SECTION_CHARACTERISTICS, 4, KP_FIELD_HEX, "Characteristics"},
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *name_bits(uint64_t value, const struct bit *bits, char text[MEANING_MAX])
{
    size_t length = 0;

    text[0] = '\0';
    for (; bits->name != NULL; bits++)
        if ((value & bits->mask) != 0)
            length += (size_t)snprintf(text + length, MEANING_MAX - length, "%s%s",
                                       length == 0 ? "" : ", ", bits->name);
    return length != 0 ? text : NULL;
}

static const char *subsystem(uint64_t value)
{
    static const char *const names[] = {"EFI application", "EFI boot service driver",
                                        "EFI runtime driver", "EFI ROM image"};

    return value >= 10 && value < 10 + COUNT(names) ? names[value - 10] : NULL;
}

static uint64_t value_at(const uint8_t *at, uint32_t length)
{
    return length == 1 ? *at : length == 2 ? kp_le16(at) : length == 4 ? kp_le32(at) : kp_le64(at);
}

static int32_t show(const struct pe_file *file, const char *name, uint64_t at, uint32_t length,
                    uint32_t flags, const char *meaning)
{
    return kp_field_number(file->call, name, at, length, value_at(file->head + at, length), flags,
                           meaning);
}

static int32_t show_coff(const struct pe_file *file)
{
    char text[MEANING_MAX];
    const char *meaning;

    for (size_t i = 0; i < COUNT(coff_rows); i++) {
        const struct row *const row = &coff_rows[i];
        const uint64_t at = file->coff + row->at;

        meaning = row->at == PE_COFF_MACHINE ? pe_machine_name(file->machine)
                  : row->at == PE_COFF_CHARACTERISTICS
                      ? name_bits(value_at(file->head + at, 2), file_bits, text)
                      : NULL;
        if (show(file, row->name, at, row->length, row->flags, meaning) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* 0 stands for none; loaders of EFI do not look at it. */
static int32_t show_checksum(const struct pe_file *file, const struct row *row)
{
    const uint32_t stored = kp_le32(pe_optional(file, PE_CHECKSUM));
    uint32_t right = stored;

    if (stored != 0 && !pe_checksum(file, &right))
        return KP_FAILED;
    return show(file, row->name, file->optional + row->at, row->length,
                row->flags | (right != stored ? KP_FIELD_INVALID : 0), stored == 0 ? "none" : NULL);
}

static int32_t show_optional(const struct pe_file *file)
{
    char text[MEANING_MAX];
    const char *meaning;

    for (size_t i = 0; i < COUNT(optional_rows); i++) {
        const struct row *const row = &optional_rows[i];
        const uint64_t at = file->optional + row->at;

        if (row->at == PE_CHECKSUM) {
            if (show_checksum(file, row) != KP_OK)
                return KP_FAILED;
            continue;
        }
        meaning = row->at == PE_MAGIC       ? (file->plus ? "PE32+" : "PE32")
                  : row->at == PE_SUBSYSTEM ? subsystem(value_at(file->head + at, 2))
                  : row->at == PE_DLL_CHARACTERISTICS
                      ? name_bits(value_at(file->head + at, 2), dll_bits, text)
                      : NULL;
        if (show(file, row->name, at, row->length, row->flags, meaning) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* What PE32 and PE32+ have at different places. */
static int32_t show_wide(const struct pe_file *file)
{
    static const char *const names[] = {"SizeOfStackReserve", "SizeOfStackCommit",
                                        "SizeOfHeapReserve", "SizeOfHeapCommit"};
    const uint32_t width = file->plus ? 8 : 4;
    const uint64_t base = file->optional + (file->plus ? PE_IMAGE_BASE_PLUS : PE_IMAGE_BASE);
    const uint64_t stack = file->optional + PE_STACK_RESERVE;

    if (show(file, "ImageBase", base, width, KP_FIELD_HEX, NULL) != KP_OK)
        return KP_FAILED;
    for (size_t i = 0; i < COUNT(names); i++)
        if (show(file, names[i], stack + i * width, width, KP_FIELD_BYTES, NULL) != KP_OK)
            return KP_FAILED;
    return show(file, "NumberOfRvaAndSizes", file->directories - 4, 4, 0, NULL);
}

static int32_t show_directories(const struct pe_file *file)
{
    uint32_t address, size;
    char text[MEANING_MAX];

    for (uint32_t i = 0; i < file->directory_count && i < COUNT(directories); i++) {
        pe_directory(file, i, &address, &size);
        if (address == 0 && size == 0)
            continue;
        snprintf(text, sizeof(text), "%lu bytes%s", (unsigned long)size,
                 i == PE_DIRECTORY_CERTIFICATES ? " of the file: signed" : "");
        if (show(file, directories[i], file->directories + (uint64_t)i * 8, 4, KP_FIELD_HEX,
                 text) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

static int32_t show_sections(const struct pe_file *file)
{
    struct pe_section section;
    char name[NAME_MAX_LENGTH], text[MEANING_MAX];

    for (uint16_t i = 0; i < file->section_count; i++) {
        pe_section(file, i, &section);
        for (size_t k = 0; k < COUNT(section_rows); k++) {
            const struct row *const row = &section_rows[k];

            snprintf(name, sizeof(name), "section[%u].%s", i, row->name);
            if (show(file, name, section.at + row->at, row->length, row->flags,
                     k == 0 ? section.name
                     : row->at == PE_SECTION_CHARACTERISTICS
                         ? name_bits(section.characteristics, section_bits, text)
                         : NULL) != KP_OK)
                return KP_FAILED;
        }
    }
    return KP_OK;
}

/* Sections of a unified kernel image (the UAPI group's "Unified Kernel Image", "UKI Components"),
 * and all others by number. */
static int32_t hold_section(const struct pe_file *file, const struct pe_section *section)
{
    static const struct {
        const char *section, *name, *role;
    } held[] = {
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
    uint64_t length = section->raw_size;

    /* What lies behind the virtual size is padding of the file. */
    if (section->virtual_size != 0 && section->virtual_size < length)
        length = section->virtual_size;
    if (length == 0 || !kp_inside(file->size, section->raw_offset, section->raw_size))
        return KP_OK;
    for (size_t i = 0; i < COUNT(held); i++)
        if (strcmp(section->name, held[i].section) == 0)
            return kp_part_at(file->call, held[i].name, held[i].role, section->raw_offset, length,
                              NULL);
    return kp_part_at(file->call, "section", KP_ROLE_CODE, section->raw_offset, section->raw_size,
                      section->name);
}

static int32_t hold_all(const struct pe_file *file)
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
    if (file->optional_size != 0 && !pe_certificates(file, &at, &size))
        return KP_FAILED;
    if (size == 0)
        return KP_OK;
    return kp_part_at(file->call, "signature", KP_ROLE_SIGNATURE, at, size, NULL);
}

int32_t pe_inspect(struct kp_call *call)
{
    struct pe_file file;

    if (!pe_file_open(&file, call, call->input, NULL) ||
        show(&file, "e_lfanew", PE_SIGNATURE_AT, 4, KP_FIELD_HEX, NULL) != KP_OK ||
        show_coff(&file) != KP_OK)
        return KP_FAILED;
    if (file.optional_size != 0 && (show_optional(&file) != KP_OK || show_wide(&file) != KP_OK ||
                                    show_directories(&file) != KP_OK))
        return KP_FAILED;
    file.lenient = true;
    if (show_sections(&file) != KP_OK || hold_all(&file) != KP_OK || pe_set_arch(&file) != KP_OK ||
        pe_check_headers(&file) != KP_OK)
        return KP_FAILED;
    return pe_check(&file);
}
