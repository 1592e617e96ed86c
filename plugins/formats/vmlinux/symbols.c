/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/vmlinux/symbols.c - the kernel's own symbols as .symtab and .strtab (ELF specification,
 * "Symbol Table"): local ones first, each group by address.
 *
 * What kallsyms has of a symbol are its address, its name, and its letter as nm shows it. The
 * letter's case tells its binding, the letter whether it is a function or data; its size is what
 * is left up to the next one.
 */
#include <ctype.h>
#include <string.h>

#include "vmlinux.h"

bool vmlinux_find_tables(struct vmlinux *kernel)
{
    static const char *const reasons[] = {
        [KALLSYMS_NONE] = "no table of their tokens: built without CONFIG_KALLSYMS, or still "
                          "compressed",
        [KALLSYMS_NAMES] = "tokens, but no names that fit them: damaged or cut short",
        [KALLSYMS_ADDRESSES] = "names, but no addresses in order: damaged, or a kernel that fills "
                               "them in when it starts",
        [KALLSYMS_AMBIGUOUS] = "their addresses can be read in two ways",
        [KALLSYMS_EXCESS] = "no end of what could be one: damaged",
    };
    const enum kallsyms_result result = kallsyms_find(&kernel->tables, kernel->bytes, kernel->size);

    kernel->has_tables = result == KALLSYMS_FOUND;
    kernel->has_symbols = kernel->has_tables && kernel->params->symbols != SYMBOLS_NONE;
    if (kernel->has_tables || kernel->params->symbols == SYMBOLS_NONE)
        return true;
    if (kernel->params->symbols == SYMBOLS_REQUIRED) {
        kp_fail_at(kernel->call, &kernel->params->symbols, "symbols: none does without",
                   "kallsyms: %s", reasons[result]);
        return false;
    }
    kp_message(kernel->call, KP_WARNING, "no symbols: kallsyms: %s", reasons[result]);
    return true;
}

uint64_t vmlinux_symbol_address(const struct vmlinux *kernel, uint32_t index)
{
    const uint64_t address = kallsyms_address(&kernel->tables, index);
    const uint64_t mask = kernel->word == 4 ? UINT32_MAX : UINT64_MAX;

    return kernel->tables.form == KALLSYMS_PLACE ? (address + kernel->base) & mask : address;
}

void vmlinux_place_marks(struct vmlinux *kernel)
{
    for (int mark = 0; mark < MARK_COUNT; mark++)
        if (kernel->has_mark[mark])
            kernel->marks[mark] = vmlinux_symbol_address(kernel, kernel->mark_numbers[mark]);
}

void vmlinux_find_marks(struct vmlinux *kernel)
{
    static const char *const names[MARK_COUNT] = {
        [MARK_TEXT] = "_text",
        [MARK_START] = "_start",
        [MARK_STEXT] = "_stext",
        [MARK_ETEXT] = "_etext",
        [MARK_SINITTEXT] = "_sinittext",
        [MARK_EINITTEXT] = "_einittext",
        [MARK_END] = "_end",
        [MARK_BANNER] = "linux_banner",
        [MARK_ARM_ENTRY] = "stext",
        [MARK_KERNEL_ENTRY] = "kernel_entry",
        [MARK_STARTUP_64] = "startup_64",
        [MARK_STARTUP_32] = "startup_32",
    };
    char name[KALLSYMS_NAME_MAX];
    uint32_t length;
    uint64_t at = 0;

    for (uint32_t i = 0; i < kernel->tables.count; i++) {
        kallsyms_next(&kernel->tables, &at, name, &length);
        for (int mark = 0; length < 13 && mark < MARK_COUNT; mark++)
            if (strcmp(name, names[mark]) == 0) {
                kernel->has_mark[mark] = true;
                kernel->mark_numbers[mark] = i;
            }
    }
    vmlinux_place_marks(kernel);
}

/* Whether the symbol, at the beginning of a section, is the end of the text in front of it. */
static bool ends_text(const struct area *area, const struct vm_symbol *symbol)
{
    return area[-1].address + area[-1].size == symbol->address &&
           (area[-1].flags & SHF_EXECINSTR) != 0 && (area->flags & SHF_EXECINSTR) == 0 &&
           strchr("tT", symbol->letter) != NULL;
}

/* The section that an address lies in, or at the end of which; NULL: none. */
static const struct area *find_area(const struct vmlinux *kernel, const struct vm_symbol *symbol)
{
    size_t low = 0, high = kernel->area_count;
    const struct area *area;

    if (symbol->letter == 'A' || symbol->letter == 'a')
        return NULL;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (kernel->areas[middle].address <= symbol->address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return NULL;
    area = &kernel->areas[low - 1];
    if (low > 1 && area->address == symbol->address && ends_text(area, symbol))
        return area - 1;
    return symbol->address - area->address <= area->size ? area : NULL;
}

static bool is_local(char letter)
{
    return islower((unsigned char)letter) && strchr("vwu", letter) == NULL;
}

static uint8_t symbol_info(char letter)
{
    int type, bind;

    if (strchr("tTwW", letter) != NULL)
        type = STT_FUNC;
    else if (strchr("dDbBrRvVgGsSu", letter) != NULL)
        type = STT_OBJECT;
    else
        type = STT_NOTYPE;
    if (strchr("vVwW", letter) != NULL)
        bind = STB_WEAK;
    else
        bind = is_local(letter) ? STB_LOCAL : STB_GLOBAL;
    return (uint8_t)GELF_ST_INFO(bind, type);
}

static void put_symbol(const struct vmlinux *kernel, uint8_t *at, const struct vm_symbol *symbol,
                       const struct area *area, uint64_t size)
{
    const uint32_t word = kernel->word;
    const uint32_t section = area != NULL ? area->index : SHN_ABS;

    vmlinux_put(kernel, at, 4, symbol->name);
    vmlinux_put(kernel, at + (word == 8 ? 8 : 4), word, symbol->address);
    vmlinux_put(kernel, at + (word == 8 ? 16 : 8), word, size);
    at[word == 8 ? 4 : 12] = symbol_info(symbol->letter);
    vmlinux_put(kernel, at + (word == 8 ? 6 : 14), 2, section);
}

/* Expands the names into `names`, which has tables.names_length bytes and one. */
static uint32_t read_symbols(const struct vmlinux *kernel, struct vm_symbol *symbols, char *names)
{
    uint32_t length, used = 1, locals = 1;
    uint64_t at = 0;

    for (uint32_t i = 0; i < kernel->tables.count; i++) {
        symbols[i].letter = kallsyms_next(&kernel->tables, &at, names + used, &length);
        symbols[i].address = vmlinux_symbol_address(kernel, i);
        symbols[i].name = used;
        used += length + 1;
        locals += is_local(symbols[i].letter);
    }
    return locals;
}

/* From the last to the first, so that the next address is known. */
static void put_symbols(const struct vmlinux *kernel, const struct vm_symbol *symbols,
                        uint8_t *table, uint32_t locals)
{
    const uint64_t entry = kernel->word == 8 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
    uint8_t *local = table + locals * entry;
    uint8_t *global = table + (kernel->tables.count + UINT64_C(1)) * entry;
    uint64_t end = 0, start = 0; /* of the last symbol, and where its successor starts */
    const struct area *last = NULL;

    for (uint32_t i = kernel->tables.count; i-- > 0;) {
        const struct area *const area = find_area(kernel, &symbols[i]);
        uint64_t size = 0;

        if (area != last || area == NULL)
            start = end = area != NULL ? area->address + area->size : 0;
        if (area != NULL && symbols[i].address != start) {
            end = start;
            start = symbols[i].address;
        }
        if (area != NULL)
            size = end - symbols[i].address;
        last = area;
        if (is_local(symbols[i].letter))
            put_symbol(kernel, local -= entry, &symbols[i], area, size);
        else
            put_symbol(kernel, global -= entry, &symbols[i], area, size);
    }
}

bool vmlinux_append_symbols(struct vmlinux *kernel, struct symbol_sections *sections)
{
    struct kp_call *const call = kernel->call;
    const uint64_t entry = kernel->word == 8 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
    const uint64_t count = kernel->tables.count;
    struct vm_symbol *const symbols = call->host->alloc(call, count * sizeof(*symbols));
    uint8_t *names, *table;

    if (kernel->tables.names_length >= UINT32_MAX) {
        kp_fail(call, "kallsyms: names of %llu bytes: more than a table of names can have",
                ULL(kernel->tables.names_length));
        return false;
    }
    sections->names_size = 1 + kernel->tables.names_length;
    sections->symbols_size = (1 + count) * entry;
    if (symbols == NULL || !vmlinux_align(kernel, 8, &sections->names_at))
        return false;
    names = kp_reserve(call, sections->names_size);
    if (names == NULL)
        return false;
    sections->locals = read_symbols(kernel, symbols, (char *)names);
    if (!vmlinux_align(kernel, 8, &sections->symbols_at))
        return false;
    table = kp_reserve(call, sections->symbols_size);
    if (table == NULL)
        return false;
    put_symbols(kernel, symbols, table, sections->locals);
    return true;
}
