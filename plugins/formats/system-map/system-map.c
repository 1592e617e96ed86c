/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/system-map/system-map.c - System.map, the list of a kernel's symbols by address, as the
 * kernel's build makes it: `nm -n vmlinux` through scripts/mksysmap, byte for byte.
 *
 * Of symbols that are alike in all but their type, the order is that of the file, as where nm's
 * qsort keeps it. Names with line ends, which a line cannot hold, are refused.
 */
#include <stdlib.h>
#include <string.h>

#include "system-map.h"

#define ULL(x) ((unsigned long long)(x))

#define FORM_HINT "form: the latest of those that are not later than the kernel"

/* After how many symbols it is asked whether the run is to stop. */
#define SYMBOLS_A_LOOK 65536u

struct map_params {
    uint32_t form;
    uint8_t has_form;
};

static const struct kp_choice *const forms[] = {
    KP_ONE_OF(FORM_5_10, "kernel-5.10", "Linux 5.10"),
    KP_ONE_OF(FORM_6_1, "kernel-6.1", "Linux 6.1: without names of exports, and all of '$'"),
    KP_ONE_OF(FORM_6_12, "kernel-6.12", "Linux 6.12: without aliases and veneers of linkers, too"),
    KP_ONE_OF(FORM_7_2, "kernel-7.2", "Linux 7.2: without what modules are described by, too"),
    NULL,
};

static const struct kp_param *const map_table[] = {
    KP_CHOICE(struct map_params, form, .choices = forms, .flags = KP_PARAM_SHORT,
              .presence = offsetof(struct map_params, has_form),
              .computed = "by the release in the kernel's banner, the latest not after it",
              .summary = "the kernel whose build is followed: which symbols are left out",
              .help = "All leave out undefined, local absolute and debugging symbols. Of releases "
                      "between these, some have further rules of the next one."),
    NULL,
};

struct map {
    struct elf_file elf;
    uint32_t form;
    struct map_symbol *symbols; /* scratch memory */
    size_t count;
    uint64_t names_length; /* of all of them */
};

/* As nm's numeric_forward, and what comes first in the file. */
static int by_value(const void *left, const void *right)
{
    const struct map_symbol *const a = left, *const b = right;
    int order;

    if (a->undefined != b->undefined)
        return a->undefined ? -1 : 1;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    order = strcmp(a->name, b->name);
    if (order != 0)
        return order;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* A name that a line can hold adds to the length of the whole. */
static bool check_name(struct map *map, const char *name)
{
    const size_t length = strcspn(name, "\n");
    char shown[ELF_NAME_SHOWN + 1];

    if (name[length] == '\0' && length <= ELF_NAME_MAX)
        return kp_add(map->names_length, length, &map->names_length);
    kp_fail(map->elf.call, "symbols: name '%s': %s", elf_shown_name(name, shown),
            length > ELF_NAME_MAX ? "too long" : "a line end in it");
    return false;
}

static bool read_symbols(struct map *map)
{
    struct kp_call *const call = map->elf.call;
    struct elf_symbol_table table;
    const char *const letters = map_section_letters(&map->elf);
    const char *name;
    GElf_Sym symbol;

    if (letters == NULL || !elf_open_symbols(&map->elf, &table))
        return false;
    if (table.count < 2) {
        kp_fail_at(call, NULL, "take a vmlinux that was not stripped", "symbols: none");
        return false;
    }
    map->symbols = call->host->alloc(call, table.count * sizeof(*map->symbols));
    if (map->symbols == NULL)
        return false;
    for (size_t i = 1; i < table.count; i++) {
        struct map_symbol *const next = &map->symbols[map->count];

        if ((i % SYMBOLS_A_LOOK == 0 && call->host->cancelled(call)) ||
            !elf_read_symbol(&map->elf, &table, i, &symbol, &name))
            return false;
        if (!map_show(&map->elf, letters, &symbol,
                      elf_symbol_section(&map->elf, &table, i, &symbol), name, next) ||
            !map_keeps(map->form, next))
            continue;
        if (!check_name(map, name))
            return false;
        next->number = (uint32_t)i;
        map->count++;
    }
    qsort(map->symbols, map->count, sizeof(*map->symbols), by_value);
    return true;
}

/* In hexadecimal, of at least `width` digits; blanks if it has no value. Returns the end. */
static char *put_value(char *to, const struct map_symbol *symbol, unsigned width)
{
    static const char digits[] = "0123456789abcdef";

    if (symbol->undefined) {
        memset(to, ' ', width);
        return to + width;
    }
    while (width < 16 && symbol->value >> (4 * width) != 0)
        width++;
    for (unsigned i = 0; i < width; i++)
        to[i] = digits[symbol->value >> (4 * (width - 1 - i)) & 15];
    return to + width;
}

static int32_t write_lines(const struct map *map)
{
    struct kp_call *const call = map->elf.call;
    const unsigned width = map->elf.class == ELFCLASS64 ? 16 : 8;
    uint64_t room = 0;
    char *start, *to;

    /* At most 16 digits, a letter between blanks, the line's end. */
    if (!kp_mul(map->count, 20, &room) || !kp_add(room, map->names_length, &room))
        return kp_fail(call, "symbols: their names are too long");
    start = to = (char *)kp_reserve(call, room);
    if (to == NULL)
        return KP_FAILED;
    for (size_t i = 0; i < map->count; i++) {
        const struct map_symbol *const symbol = &map->symbols[i];
        const size_t length = strlen(symbol->name);

        to = put_value(to, symbol, width);
        *to++ = ' ';
        *to++ = symbol->letter;
        *to++ = ' ';
        memcpy(to, symbol->name, length);
        to += length;
        *to++ = '\n';
    }
    return call->host->output_give_back(call, call->output, room - (uint64_t)(to - start));
}

static int32_t choose_form(struct map *map, const struct map_params *params)
{
    uint32_t release;

    map->form = params->form;
    if (params->has_form)
        return KP_OK;
    if (!elf_kernel_release(&map->elf, &release))
        return KP_FAILED;
    if (release == 0)
        return kp_fail_at(map->elf.call, &params->form, FORM_HINT,
                          "form: not given: the file does not tell the kernel's release");
    map->form = release >= KERNEL_RELEASE(7, 2)    ? FORM_7_2
                : release >= KERNEL_RELEASE(6, 12) ? FORM_6_12
                : release >= KERNEL_RELEASE(6, 1)  ? FORM_6_1
                                                   : FORM_5_10;
    return KP_OK;
}

static int32_t map_run(struct kp_call *call)
{
    const char *arch;
    struct map map;
    int32_t result = KP_FAILED;

    memset(&map, 0, sizeof(map));
    if (!elf_file_open(&map.elf, call, call->input, NULL) ||
        choose_form(&map, call->params) != KP_OK || !read_symbols(&map) ||
        write_lines(&map) != KP_OK)
        goto out;
    arch = elf_arch_name(&map.elf);
    result = arch == NULL ? KP_OK : call->host->set_text(call, call->output, KP_TRAIT_ARCH, arch);
out:
    elf_file_close(&map.elf);
    return result;
}

static const char *const inputs[] = {KP_KIND_ELF, NULL};
static const char *const sets[] = {KP_TRAIT_ARCH, NULL};

/* 32 bytes for each symbol, which takes 16 or 24 in the file. */
static const struct kp_operation map_operation = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "list a kernel's symbols by address, as the build's System.map",
    .help = "Letters and order are those of GNU nm -n. The input is the vmlinux with its symbols.",
    .input_kinds = inputs,
    .output_kind = KP_KIND_TEXT,
    .params = map_table,
    .params_size = sizeof(struct map_params),
    .sets = sets,
    .memory_base = 1u << 20,
    .memory_per_byte = 2,
    .run = map_run,
};

static const struct kp_format map_format = {
    .size = sizeof(struct kp_format),
    .name = "system-map",
    .summary = "symbols of a kernel by address, System.map",
    .pack = &map_operation,
};

static const struct kp_format *const formats[] = {&map_format, NULL};

KP_PLUGIN("org.kpipe.system-map", "system-map", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "System.map of kernels, as Kbuild makes it",
          KP_OFFERS_FORMAT("system-map") KP_OFFERS_STAGE("system-map"), .formats = formats)
