/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/piggy/object.c - see object.h. libelf converts the headers (elf32_xlatetof and
 * elf64_xlatetof); where they stand is decided here, since it writes whole files only.
 *
 * The file: ELF header, image, bytes, symbols, their names, names of sections, section headers.
 */
#include "object.h"

#include <string.h>

/* The sections that every object has, behind its own. */
enum { SYMTAB, STRTAB, SHSTRTAB, TABLES };
static const char *const table_names[TABLES] = {".symtab", ".strtab", ".shstrtab"};

/* Where things stand in the file; `tail` is what is written behind the image. */
struct layout {
    uint64_t image, image_size, bytes, symbols, strings, names, headers, end;
    uint64_t strings_size, names_size;
    uint8_t *tail;
};

static bool is_wide(const struct object *object)
{
    return object->class == ELFCLASS64;
}

static uint64_t word_size(const struct object *object)
{
    return is_wide(object) ? 8 : 4;
}

static uint64_t symbols_size(const struct object *object)
{
    const uint64_t entry = is_wide(object) ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);

    return (object->symbol_count + 1) * entry;
}

static uint64_t up(uint64_t value, uint64_t alignment)
{
    return (value + alignment - 1) / alignment * alignment;
}

/* The image is below 4 GiB, and the rest is little. */
static void lay_out(const struct object *object, uint64_t image_size, struct layout *layout)
{
    const uint64_t entry = is_wide(object) ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);

    layout->strings_size = layout->names_size = 1;
    for (size_t i = 0; i < object->symbol_count; i++)
        layout->strings_size += strlen(object->symbols[i].name) + 1;
    for (size_t i = 0; i < object->section_count; i++)
        layout->names_size += strlen(object->sections[i].name) + 1;
    for (size_t i = 0; i < TABLES; i++)
        layout->names_size += strlen(table_names[i]) + 1;
    layout->image = is_wide(object) ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    layout->image_size = image_size;
    layout->bytes = layout->image + image_size;
    layout->symbols = up(layout->bytes + object->byte_count, word_size(object));
    layout->strings = layout->symbols + symbols_size(object);
    layout->names = layout->strings + layout->strings_size;
    layout->headers = up(layout->names + layout->names_size, word_size(object));
    layout->end = layout->headers + (1 + object->section_count + TABLES) * entry;
}

/* Writes a struct of libelf's in the file's byte order; false if libelf does not know it. */
static bool put(const struct object *object, uint8_t *to, Elf_Type type, void *value, size_t size)
{
    const unsigned order = object->big_endian ? ELFDATA2MSB : ELFDATA2LSB;
    Elf_Data data = {.d_buf = value, .d_type = type, .d_version = EV_CURRENT, .d_size = size};

    if ((is_wide(object) ? elf64_xlatetof(&data, &data, order)
                         : elf32_xlatetof(&data, &data, order)) == NULL)
        return false;
    memcpy(to, value, size);
    return true;
}

static bool put_header(const struct object *object, const struct layout *layout, uint8_t *to)
{
    const uint16_t count = (uint16_t)(1 + object->section_count + TABLES);
    Elf64_Ehdr wide = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, (uint8_t)object->class,
                    object->big_endian ? ELFDATA2MSB : ELFDATA2LSB, EV_CURRENT, ELFOSABI_NONE},
        .e_type = ET_REL,
        .e_machine = object->machine,
        .e_version = EV_CURRENT,
        .e_shoff = layout->headers,
        .e_flags = object->flags,
        .e_ehsize = sizeof(wide),
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = count,
        .e_shstrndx = (uint16_t)(count - 1),
    };
    Elf32_Ehdr narrow = {
        .e_type = wide.e_type,
        .e_machine = wide.e_machine,
        .e_version = wide.e_version,
        .e_shoff = (Elf32_Off)wide.e_shoff,
        .e_flags = wide.e_flags,
        .e_ehsize = sizeof(narrow),
        .e_shentsize = sizeof(Elf32_Shdr),
        .e_shnum = wide.e_shnum,
        .e_shstrndx = wide.e_shstrndx,
    };

    memcpy(narrow.e_ident, wide.e_ident, sizeof(narrow.e_ident));
    return is_wide(object) ? put(object, to, ELF_T_EHDR, &wide, sizeof(wide))
                           : put(object, to, ELF_T_EHDR, &narrow, sizeof(narrow));
}

static bool put_section(const struct object *object, uint8_t **to, Elf64_Shdr wide)
{
    Elf32_Shdr narrow = {
        .sh_name = wide.sh_name,
        .sh_type = wide.sh_type,
        .sh_flags = (Elf32_Word)wide.sh_flags,
        .sh_offset = (Elf32_Off)wide.sh_offset,
        .sh_size = (Elf32_Word)wide.sh_size,
        .sh_link = wide.sh_link,
        .sh_info = wide.sh_info,
        .sh_addralign = (Elf32_Word)wide.sh_addralign,
        .sh_entsize = (Elf32_Word)wide.sh_entsize,
    };
    const size_t size = is_wide(object) ? sizeof(wide) : sizeof(narrow);
    uint8_t *const at = *to;

    *to += size;
    return put(object, at, ELF_T_SHDR, is_wide(object) ? (void *)&wide : (void *)&narrow, size);
}

static bool put_symbol(const struct object *object, uint8_t **to, Elf64_Sym wide)
{
    Elf32_Sym narrow = {
        .st_name = wide.st_name,
        .st_value = (Elf32_Addr)wide.st_value,
        .st_info = wide.st_info,
        .st_shndx = wide.st_shndx,
    };
    const size_t size = is_wide(object) ? sizeof(wide) : sizeof(narrow);
    uint8_t *const at = *to;

    *to += size;
    return put(object, at, ELF_T_SYM, is_wide(object) ? (void *)&wide : (void *)&narrow, size);
}

/* Appends a name to a table of names; returns where it stands in it. */
static uint32_t put_name(uint8_t *table, uint32_t *used, const char *name)
{
    const uint32_t at = *used;
    const size_t size = strlen(name) + 1;

    memcpy(table + at, name, size);
    *used += (uint32_t)size;
    return at;
}

static bool put_symbols(const struct object *object, const struct layout *layout)
{
    uint8_t *at = layout->tail + (layout->symbols - layout->bytes);
    uint8_t *const strings = layout->tail + (layout->strings - layout->bytes);
    uint32_t used = 1;
    bool fine = put_symbol(object, &at, (Elf64_Sym){.st_name = 0});

    for (size_t i = 0; fine && i < object->symbol_count; i++) {
        const struct object_symbol *const symbol = &object->symbols[i];

        fine = put_symbol(object, &at,
                          (Elf64_Sym){.st_name = put_name(strings, &used, symbol->name),
                                      .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE),
                                      .st_shndx = symbol->section,
                                      .st_value = symbol->value});
    }
    return fine;
}

static bool put_sections(const struct object *object, const struct layout *layout)
{
    const uint64_t entry = is_wide(object) ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
    uint8_t *at = layout->tail + (layout->headers - layout->bytes);
    uint8_t *const names = layout->tail + (layout->names - layout->bytes);
    uint32_t used = 1;
    bool fine = put_section(object, &at, (Elf64_Shdr){.sh_name = 0});
    Elf64_Shdr tables[TABLES] = {
        [SYMTAB] = {.sh_type = SHT_SYMTAB,
                    .sh_offset = layout->symbols,
                    .sh_size = symbols_size(object),
                    .sh_link = (Elf64_Word)(1 + object->section_count + STRTAB),
                    .sh_info = 1, /* the first that is not local */
                    .sh_addralign = word_size(object),
                    .sh_entsize = entry},
        [STRTAB] = {.sh_type = SHT_STRTAB,
                    .sh_offset = layout->strings,
                    .sh_size = layout->strings_size,
                    .sh_addralign = 1},
        [SHSTRTAB] = {.sh_type = SHT_STRTAB,
                      .sh_offset = layout->names,
                      .sh_size = layout->names_size,
                      .sh_addralign = 1},
    };

    for (size_t i = 0; fine && i < object->section_count; i++) {
        const struct object_section *const section = &object->sections[i];

        fine = put_section(object, &at,
                           (Elf64_Shdr){
                               .sh_name = put_name(names, &used, section->name),
                               .sh_type = section->type,
                               .sh_flags = section->flags,
                               .sh_offset = section->has_bytes ? layout->bytes : layout->image,
                               .sh_size = section->has_image   ? layout->image_size
                                          : section->has_bytes ? object->byte_count
                                                               : 0,
                               .sh_addralign = 1,
                           });
    }
    for (size_t i = 0; fine && i < TABLES; i++) {
        tables[i].sh_name = put_name(names, &used, table_names[i]);
        fine = put_section(object, &at, tables[i]);
    }
    return fine;
}

int32_t object_write(struct kp_call *call, const struct object *object,
                     const struct kp_image *image)
{
    struct layout layout = {.tail = NULL};
    uint8_t *header;

    elf_version(EV_CURRENT);
    lay_out(object, kp_size(call, image), &layout);
    header = kp_reserve(call, layout.image);
    if (header == NULL || kp_append_image(call, image) != KP_OK)
        return KP_FAILED;
    layout.tail = kp_reserve(call, layout.end - layout.bytes);
    if (layout.tail == NULL)
        return KP_FAILED;
    memcpy(layout.tail, object->bytes, object->byte_count);
    if (put_header(object, &layout, header) && put_symbols(object, &layout) &&
        put_sections(object, &layout))
        return KP_OK;
    return kp_fail(call, "libelf: %s", elf_errmsg(-1));
}
