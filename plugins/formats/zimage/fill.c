/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/zimage/fill.c - fills in a zImage's header from the ELF file of the boot binary, and
 * checks that the two, and the kernel that is compressed inside, belong together.
 *
 * Facts from Linux 6.1, the same in 5.10 to 7.2: arch/arm/boot/compressed/vmlinux.lds.S (the
 * symbols, and which words the table has), head.S (the header), piggy.S (input_data), Makefile
 * (_kernel_bss_size is the kernel's __bss_stop - __bss_start). text_offset and malloc_size
 * have no symbols: they are what the linker put into the table.
 */
#include <string.h>

#include "../../common/elf_flat.h"
#include "zimage.h"

#define ULL(x) ((unsigned long long)(x))

#define HEADER_WORDS_SIZE (AT_PE - AT_MAGIC)
/* Count, tag, piggy_size_addr, kernel_bss_size, and the 0 that ends the tags. */
#define TABLE_SIZE_MIN 20u
#define TABLE_SIZE_MAX 256u
#define AT_PIGGY_SIZE 8u
#define AT_KERNEL_BSS 12u

#ifndef EF_ARM_BE8
#define EF_ARM_BE8 0x00800000u /* ELF for the ARM Architecture, 5.2 */
#endif

static const char boot_hint[] = "give arch/arm/boot/compressed/vmlinux of this kernel's build";
static const char kernel_hint[] = "give the vmlinux that is compressed inside";

enum {
    START,
    EDATA,
    MAGIC_SIG,
    TABLE_START,
    TABLE_END,
    INPUT_DATA,
    INPUT_DATA_END,
    KERNEL_BSS_SIZE,
    BOOT_SYMBOLS
};

struct boot {
    struct kp_call *call;
    const struct zimage_params *params;
    struct elf_file elf;
    const uint8_t *flat; /* the main input */
    uint64_t size;       /* its size, as the symbols have it */
    uint64_t start;      /* the address of its first byte */
    uint64_t table, table_size;
    uint64_t payload, payload_size; /* with the size of its contents */
    uint64_t kernel_bss;
    bool big_words; /* the header's numbers are big endian */
};

#define fail_boot(boot, ...) kp_fail_at((boot)->call, &(boot)->params->boot, boot_hint, __VA_ARGS__)

static int32_t open_arm(struct kp_call *call, struct elf_file *elf, const struct kp_image *image,
                        const void *field, const char *what)
{
    const char *arch;

    if (!elf_file_open(elf, call, image, field))
        return KP_FAILED;
    arch = elf_arch_name(elf);
    if (arch != NULL && strcmp(arch, "arm") == 0)
        return KP_OK;
    return kp_fail_at(call, field, NULL, "%s: machine %u: a zImage is one of arm", what,
                      elf->header.e_machine);
}

/* A part of the binary between two symbols. */
static int32_t part(struct boot *boot, const struct elf_symbol *first, const struct elf_symbol *end,
                    uint64_t *offset, uint64_t *size)
{
    *offset = first->value - boot->start;
    *size = end->value - first->value;
    if (first->value >= boot->start && end->value >= first->value &&
        kp_inside(boot->size, *offset, *size))
        return KP_OK;
    return fail_boot(boot,
                     "boot: %s 0x%llx, %s 0x%llx: not inside of _start 0x%llx to _edata 0x%llx",
                     first->name, ULL(first->value), end->name, ULL(end->value), ULL(boot->start),
                     ULL(boot->start + boot->size));
}

/* A kernel for BE-8 has its words swapped, so that loaders read all but the endianness as little
 * endian; --be8 tells the linker to swap the code, and says so in the ELF header's flags. */
static int32_t find_order(struct boot *boot, uint64_t magic)
{
    const bool big = boot->elf.big_endian;
    const bool be8 = big && magic == 0x18286f01u;

    if (magic != MAGIC && !be8)
        return fail_boot(boot, "boot: _magic_sig 0x%llx: not a zImage's 0x%08x", ULL(magic), MAGIC);
    if (be8 != ((boot->elf.header.e_flags & EF_ARM_BE8) != 0))
        return fail_boot(boot, "boot: the header is %sone of BE-8, the code is %slinked with --be8",
                         be8 ? "" : "not ", be8 ? "not " : "");
    boot->big_words = big && !be8;
    return KP_OK;
}

static int32_t read_symbols(struct boot *boot)
{
    struct elf_symbol symbols[BOOT_SYMBOLS] = {
        {.name = "_start"},         {.name = "_edata"},          {.name = "_magic_sig"},
        {.name = "_table_start"},   {.name = "_table_end"},      {.name = "input_data"},
        {.name = "input_data_end"}, {.name = "_kernel_bss_size"}};

    if (!elf_need_symbols(&boot->elf, "boot", boot_hint, symbols, BOOT_SYMBOLS))
        return KP_FAILED;
    boot->start = symbols[START].value;
    boot->size = symbols[EDATA].value - boot->start;
    boot->kernel_bss = symbols[KERNEL_BSS_SIZE].value;
    if (symbols[EDATA].value < boot->start || boot->size < HEADER_SIZE)
        return fail_boot(boot, "boot: _edata 0x%llx: not behind the header at _start 0x%llx",
                         ULL(symbols[EDATA].value), ULL(boot->start));
    if (part(boot, &symbols[TABLE_START], &symbols[TABLE_END], &boot->table, &boot->table_size) !=
            KP_OK ||
        part(boot, &symbols[INPUT_DATA], &symbols[INPUT_DATA_END], &boot->payload,
             &boot->payload_size) != KP_OK)
        return KP_FAILED;
    if (boot->table < AT_PE || boot->table % 4 != 0 || boot->table_size % 4 != 0 ||
        boot->table_size < TABLE_SIZE_MIN || boot->table_size > TABLE_SIZE_MAX)
        return fail_boot(boot,
                         "boot: _table_start: %llu bytes at offset 0x%llx: no table of a zImage",
                         ULL(boot->table_size), ULL(boot->table));
    return find_order(boot, symbols[MAGIC_SIG].value);
}

/* What Kbuild appends to the compressed kernel: little endian always (head.S). `most` is the
 * size of the kernel in memory, which its Image is no larger than. */
static int32_t check_payload(struct boot *boot, uint64_t most)
{
    uint32_t inflated;

    if (boot->payload_size <= 4)
        return fail_boot(boot, "boot: input_data: %llu bytes: no compressed kernel",
                         ULL(boot->payload_size));
    inflated = kp_le32(boot->flat + boot->payload + boot->payload_size - 4);
    if (inflated < boot->payload_size - 4)
        return kp_fail_at(boot->call, NULL, "compress it by `payload`, which appends the size",
                          "payload: %llu bytes at 0x%llx: they end with %u, which cannot be the "
                          "size of the contents",
                          ULL(boot->payload_size), ULL(boot->payload), inflated);
    if (inflated > most)
        return kp_fail_at(boot->call, &boot->params->kernel, kernel_hint,
                          "kernel: %llu bytes from _text to _end: the compressed one has %u",
                          ULL(most), inflated);
    return KP_OK;
}

static int32_t check_kernel(struct boot *boot, uint64_t *size)
{
    const struct zimage_params *const p = boot->params;
    struct elf_symbol symbols[] = {
        {.name = "_text"}, {.name = "_end"}, {.name = "__bss_start"}, {.name = "__bss_stop"}};
    int32_t result = KP_FAILED;
    struct elf_file elf;
    uint64_t bss;

    if (open_arm(boot->call, &elf, p->kernel, &p->kernel, "kernel") != KP_OK ||
        !elf_need_symbols(&elf, "kernel", kernel_hint, symbols, 4))
        goto out;
    *size = symbols[1].value - symbols[0].value;
    bss = symbols[3].value - symbols[2].value;
    if (bss == boot->kernel_bss)
        result = KP_OK;
    else
        kp_fail_at(boot->call, &p->kernel, kernel_hint,
                   "kernel: __bss_stop - __bss_start 0x%llx: the boot binary's _kernel_bss_size is "
                   "0x%llx",
                   ULL(bss), ULL(boot->kernel_bss));
out:
    elf_file_close(&elf);
    return result;
}

static void put_word(const struct boot *boot, uint8_t *at, uint64_t value)
{
    if (boot->big_words)
        kp_put_be32(at, (uint32_t)value);
    else
        kp_put_le32(at, (uint32_t)value);
}

static void make_header(const struct boot *boot, uint8_t words[HEADER_WORDS_SIZE])
{
    put_word(boot, words + AT_MAGIC - AT_MAGIC, MAGIC);
    put_word(boot, words + AT_START - AT_MAGIC, boot->start);
    put_word(boot, words + AT_END - AT_MAGIC, boot->start + boot->size);
    if (boot->elf.big_endian)
        kp_put_be32(words + AT_ORDER - AT_MAGIC, ORDER);
    else
        kp_put_le32(words + AT_ORDER - AT_MAGIC, ORDER);
    put_word(boot, words + AT_TABLE_MAGIC - AT_MAGIC, TABLE_MAGIC);
    put_word(boot, words + AT_TABLE - AT_MAGIC, boot->table);
}

/* How many words the first tag has, and those without a symbol, are the ELF file's. */
static int32_t make_table(const struct boot *boot, uint8_t *table)
{
    bool whole;
    const uint8_t *const bytes =
        elf_bytes_at(&boot->elf, boot->start + boot->table, boot->table_size, &whole);

    if (bytes == NULL)
        return whole ? fail_boot(boot, "boot: no section with the table at 0x%llx",
                                 ULL(boot->start + boot->table))
                     : KP_FAILED;
    memcpy(table, bytes, (size_t)boot->table_size);
    put_word(boot, table + 4, TABLE_TAG);
    put_word(boot, table + AT_PIGGY_SIZE, boot->payload + boot->payload_size - 4);
    put_word(boot, table + AT_KERNEL_BSS, boot->kernel_bss);
    return KP_OK;
}

static int32_t append_part(struct kp_call *call, uint64_t from, uint64_t to)
{
    return call->host->output_image(call, call->output, call->input, from, to - from);
}

static int32_t append(const struct boot *boot)
{
    struct kp_call *const call = boot->call;
    uint8_t words[HEADER_WORDS_SIZE], table[TABLE_SIZE_MAX];
    const uint64_t end = boot->table + boot->table_size;

    make_header(boot, words);
    if (make_table(boot, table) != KP_OK)
        return KP_FAILED;
    if (memcmp(words, boot->flat + AT_MAGIC, sizeof(words)) == 0 &&
        memcmp(table, boot->flat + boot->table, (size_t)boot->table_size) == 0)
        return kp_append_image(call, call->input);
    if (append_part(call, 0, AT_MAGIC) != KP_OK || kp_append(call, words, sizeof(words)) != KP_OK ||
        append_part(call, AT_PE, boot->table) != KP_OK ||
        kp_append(call, table, boot->table_size) != KP_OK)
        return KP_FAILED;
    return append_part(call, end, boot->size);
}

static int32_t check_binary(struct boot *boot)
{
    const struct elf_span filled[] = {
        {AT_MAGIC, HEADER_WORDS_SIZE}, {boot->table, boot->table_size}, {0, 0}};
    const uint64_t size = kp_size(boot->call, boot->call->input);

    if (size != boot->size)
        return fail_boot(boot, "boot: %llu bytes from _start to _edata: the main input has %llu",
                         ULL(boot->size), ULL(size));
    boot->flat = kp_view(boot->call, boot->call->input);
    if (boot->flat == NULL ||
        !elf_same_flat(&boot->elf, "boot", boot->flat, size, boot->start, filled))
        return KP_FAILED;
    return KP_OK;
}

int32_t zimage_fill(struct kp_call *call, const struct zimage_params *p, struct zimage *z)
{
    struct boot boot = {.call = call, .params = p};
    int32_t result = KP_FAILED;
    uint64_t most = UINT64_MAX;

    if (open_arm(call, &boot.elf, p->boot, &p->boot, "boot") != KP_OK ||
        read_symbols(&boot) != KP_OK || check_binary(&boot) != KP_OK ||
        (p->kernel != NULL && check_kernel(&boot, &most) != KP_OK) ||
        check_payload(&boot, most) != KP_OK || append(&boot) != KP_OK)
        goto out;
    memset(z, 0, sizeof(*z));
    z->image = call->input;
    z->file_size = z->size = boot.size;
    result = zimage_set_arch(call);
out:
    elf_file_close(&boot.elf);
    return result;
}
