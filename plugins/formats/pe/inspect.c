/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/pe/inspect.c - describes a PE/COFF file by the names of Microsoft's "PE Format": its
 * headers, the data directories that are used, the sections. The contents of sections, of a
 * signature and of the programs that hide in such a file (an EFI stub's payload) are others'
 * matter.
 */
#include <string.h>

#include "pe_format.h"

static const struct pe_bit file_bits[] = {{0x1, "RELOCS_STRIPPED"},
                                          {0x2, "EXECUTABLE_IMAGE"},
                                          {0x4, "LINE_NUMS_STRIPPED"},
                                          {0x8, "LOCAL_SYMS_STRIPPED"},
                                          {0x20, "LARGE_ADDRESS_AWARE"},
                                          {0x100, "32BIT_MACHINE"},
                                          {0x200, "DEBUG_STRIPPED"},
                                          {0x2000, "DLL"},
                                          {0, NULL}};
static const struct pe_bit dll_bits[] = {{0x20, "HIGH_ENTROPY_VA"},
                                         {0x40, "DYNAMIC_BASE"},
                                         {0x80, "FORCE_INTEGRITY"},
                                         {PE_DLL_NX_COMPAT, "NX_COMPAT"},
                                         {0, NULL}};
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
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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

static int32_t show_symbols(const struct pe_file *file)
{
    struct kp_field field = {.size = sizeof(field),
                             .type = KP_FIELD_NUMBER,
                             .flags = KP_FIELD_HEX,
                             .name = "PointerToSymbolTable",
                             .offset = file->coff + PE_COFF_SYMBOL_TABLE,
                             .length = 4};
    uint64_t at, size;

    field.number = value_at(file->head + field.offset, 4);
    if (file->optional_size != 0 && pe_symbols(file, &at, &size)) {
        field.of = "symbols";
        field.relation = KP_FIELD_OFFSET_OF;
    }
    return file->call->host->field(file->call, &field);
}

static int32_t show_coff(const struct pe_file *file)
{
    char text[PE_MEANING_MAX];
    const char *meaning;

    for (size_t i = 0; i < COUNT(coff_rows); i++) {
        const struct row *const row = &coff_rows[i];
        const uint64_t at = file->coff + row->at;

        meaning = row->at == PE_COFF_MACHINE ? pe_machine_name(file->machine)
                  : row->at == PE_COFF_CHARACTERISTICS
                      ? pe_name_bits(value_at(file->head + at, 2), file_bits, text)
                      : NULL;
        if (row->at == PE_COFF_SYMBOL_TABLE
                ? show_symbols(file) != KP_OK
                : show(file, row->name, at, row->length, row->flags, meaning) != KP_OK)
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
    char text[PE_MEANING_MAX];
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
                      ? pe_name_bits(value_at(file->head + at, 2), dll_bits, text)
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

/* The one directory whose address is an offset in the file, and that may move there. */
static int32_t show_certificates(const struct pe_file *file, uint32_t address, uint32_t size)
{
    struct kp_field field = {.size = sizeof(field),
                             .type = KP_FIELD_NUMBER,
                             .flags = KP_FIELD_HEX,
                             .name = directories[PE_DIRECTORY_CERTIFICATES],
                             .offset = file->directories + UINT64_C(8) * PE_DIRECTORY_CERTIFICATES,
                             .length = 4,
                             .number = address,
                             .of = "signature",
                             .relation = KP_FIELD_OFFSET_OF};
    char text[PE_MEANING_MAX];

    snprintf(text, sizeof(text), "%lu bytes of the file: signed", (unsigned long)size);
    field.meaning = text;
    if (file->call->host->field(file->call, &field) != KP_OK)
        return KP_FAILED;
    field.name = "Certificate Table.Size";
    field.meaning = NULL;
    field.flags = KP_FIELD_BYTES;
    field.offset += 4;
    field.number = size;
    field.relation = KP_FIELD_SIZE_OF;
    return file->call->host->field(file->call, &field);
}

static int32_t show_directories(const struct pe_file *file)
{
    uint32_t address, size;
    char text[PE_MEANING_MAX];

    for (uint32_t i = 0; i < file->directory_count && i < COUNT(directories); i++) {
        pe_directory(file, i, &address, &size);
        if (address == 0 && size == 0)
            continue;
        snprintf(text, sizeof(text), "%lu bytes", (unsigned long)size);
        if (i == PE_DIRECTORY_CERTIFICATES
                ? show_certificates(file, address, size) != KP_OK
                : show(file, directories[i], file->directories + (uint64_t)i * 8, 4, KP_FIELD_HEX,
                       text) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* Which of the headers' sizes are those that the section table tells: SizeOfImage, or all. */
static const char *sizes_of(const struct pe_file *file)
{
    static const char *const names[] = {"compute", "image"};
    static const uint32_t ways[] = {SIZES_COMPUTE, SIZES_IMAGE};
    struct pe_file copy = *file;

    copy.head = file->call->host->alloc(file->call, file->head_size);
    if (copy.head == NULL)
        return NULL;
    for (size_t i = 0; i < 2; i++) {
        memcpy(copy.head, file->head, (size_t)file->head_size);
        if (pe_compute_sizes(&copy, ways[i]) != KP_OK)
            return NULL;
        if (memcmp(copy.head, file->head, (size_t)file->head_size) == 0)
            return names[i];
    }
    return "keep";
}

/* Laid out anew; then what follows from all of it. Firmware takes some addresses that are no good. */
static int32_t remake(const struct pe_file *file)
{
    static const char *const ways[] = {"addresses: fit", "addresses: fit, tolerant: yes",
                                       "tolerant: yes"};
    const uint32_t stored = kp_le32(pe_optional(file, PE_CHECKSUM));
    const char *const sizes = sizes_of(file);
    uint32_t checksum = ~stored;
    char text[160];

    if (sizes == NULL || (stored != 0 && !pe_checksum(file, &checksum)))
        return KP_FAILED;
    for (size_t i = 0; i < COUNT(ways); i++) {
        snprintf(text, sizeof(text), "[@layout, {pe: {sizes: %s, checksum: %s, %s}}]", sizes,
                 checksum == stored ? "compute" : "keep", ways[i]);
        if (file->call->host->remake(file->call, text) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
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
    if (pe_show_sections(&file) != KP_OK || pe_hold_all(&file) != KP_OK ||
        pe_set_arch(&file) != KP_OK || pe_check_headers(&file) != KP_OK || pe_check(&file) != KP_OK)
        return KP_FAILED;
    return remake(&file);
}
