/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernel/symbols.c - the kernel's own symbols (CONFIG_KALLSYMS, common/kallsyms.h) and how large
 * what they name is: as far as the next one.
 *
 * Without the sections of the kernel that is a little too much at the end of each of these, where
 * padding follows. Kernels of one build differ in it by chance only.
 */
#include <elf.h>
#include <string.h>

#include "../../common/kallsyms.h"
#include "../../common/symbol_stem.h"
#include "kernel.h"

/* Numbers of an ELF file, whose byte order is its own. */
static uint64_t number(const uint8_t *at, bool big, unsigned width)
{
    switch (width) {
    case 2:
        return big ? kp_be16(at) : kp_le16(at);
    case 4:
        return big ? kp_be32(at) : kp_le32(at);
    default:
        return big ? kp_be64(at) : kp_le64(at);
    }
}

/* Whether the bytes are an ELF file with a table of symbols. The sizes and places are those of
 * Elf32_Ehdr and Elf64_Ehdr of <elf.h>. */
static bool has_symbol_table(const uint8_t *bytes, uint64_t size)
{
    const bool wide = size > EI_CLASS && bytes[EI_CLASS] == ELFCLASS64;
    const bool big = size > EI_DATA && bytes[EI_DATA] == ELFDATA2MSB;
    const uint64_t header = wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    uint64_t at, entry, count;

    if (size < header || memcmp(bytes, ELFMAG, SELFMAG) != 0)
        return false;
    at = number(bytes + (wide ? 40 : 32), big, wide ? 8 : 4);
    entry = number(bytes + header - 6, big, 2);
    count = number(bytes + header - 4, big, 2);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t section;

        if (!kp_add(at, i * entry, &section) || !kp_inside(size, section, 8))
            return false;
        if (number(bytes + section + 4, big, 4) == SHT_SYMTAB)
            return true;
    }
    return false;
}

/* From symbol `index` to the next one that has another address, *next. What is longer than the kernel
 * is no symbol's size, but a hole between addresses. */
static uint64_t size_of(const struct kallsyms *tables, uint32_t index, uint32_t *next)
{
    const uint64_t address = kallsyms_address(tables, index);
    uint64_t size = 0;

    for (*next = index + 1; *next < tables->count && size == 0; ++*next)
        size = kallsyms_address(tables, *next) - address;
    if (size != 0)
        --*next;
    return size <= tables->size ? size : 0;
}

/* Of several with one address the first is what the kernel itself calls it (kernel/kallsyms.c,
 * get_symbol_pos; scripts/kallsyms.c, compare_symbols, puts the best one there). */
static int32_t tell_each(struct kp_call *call, struct kallsyms *tables)
{
    char name[KALLSYMS_NAME_MAX];
    uint32_t length, next = 0;
    uint64_t at = 0;

    for (uint32_t i = 0; i < tables->count; i++) {
        uint64_t own;

        kallsyms_next(tables, &at, name, &length);
        if (i < next)
            continue;
        own = size_of(tables, i, &next);
        name[symbol_stem(name)] = '\0';
        if (own > 0 &&
            kp_field_number(call, name, 0, 0, own, KP_FIELD_BYTES | KP_FIELD_DETAIL, NULL) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

int32_t kernel_tell_symbols(struct kp_call *call, const uint8_t *bytes, uint64_t size)
{
    struct kallsyms tables;

    if (kallsyms_find(&tables, bytes, size) != KALLSYMS_FOUND)
        return kp_field_text(call, "kallsyms", 0, 0, "none", 4);
    if (kp_field_number(call, "kallsyms", 0, 0, tables.count, 0, "symbols") != KP_OK)
        return KP_FAILED;
    return call->host->details(call) == 1 && !has_symbol_table(bytes, size)
               ? tell_each(call, &tables)
               : KP_OK;
}
