/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/bzimage/symbols.c - what the ELF files tell: the boot stub's symbols, for which Kbuild
 * makes zoffset.h, and the kernel's, for which it makes voffset.h (arch/x86/boot/Makefile and
 * arch/x86/boot/compressed/Makefile); and whether they belong to the boot binary.
 */
#include "bzimage.h"

/* By enum boot_symbol. */
static const char *const names[BOOT_SYMBOLS] = {
    "startup_32",       "_ehead",       "_edata",         "_end",
    "input_data",       "kernel_info",  "_data",          "_sbat",
    "_esbat",           "efi_pe_entry", "efi32_pe_entry", "efi32_stub_entry",
    "efi64_stub_entry", "z_input_len",  "z_output_len",
};

/* Whether header.S or tools/build.c asks for a symbol. */
static bool is_needed(const struct setup *setup, enum boot_symbol symbol)
{
    switch (symbol) {
    case DATA:
        return setup->efi && setup->layout != LAYOUT_5_10;
    case SBAT:
    case ESBAT:
        return setup->sbat;
    case EFI_PE_ENTRY:
        return setup->efi;
    case EFI32_PE_ENTRY:
        return setup->mixed;
    case EFI32_STUB_ENTRY:
        return (setup->xloadflags & XLF_EFI_HANDOVER_32) != 0;
    case EFI64_STUB_ENTRY:
        return (setup->xloadflags & XLF_EFI_HANDOVER_64) != 0;
    default:
        return true;
    }
}

static int32_t take(struct facts *facts, const struct setup *setup,
                    const struct elf_symbol *symbols, const void *field)
{
    for (unsigned i = 0; i < BOOT_SYMBOLS; i++) {
        if (!is_needed(setup, i))
            continue;
        if (!symbols[i].found)
            return kp_fail_at(setup->call, field,
                              "this must be arch/x86/boot/compressed/vmlinux of the same build",
                              "boot: symbol '%s': not there", names[i]);
        if (symbols[i].value > UINT32_MAX)
            return kp_fail_at(setup->call, field, NULL,
                              "boot: symbol '%s': 0x%llx: does not fit into 32 bits", names[i],
                              ULL(symbols[i].value));
        facts->boot[i] = symbols[i].value;
    }
    return KP_OK;
}

/* The places, in the order in which the boot binary has them. */
static int32_t check_order(const struct facts *facts, const struct setup *setup, const void *field)
{
    static const enum boot_symbol order[] = {STARTUP_32, EHEAD, SBAT, ESBAT, DATA, EDATA, END};
    static const enum boot_symbol inside[] = {KERNEL_INFO, EFI_PE_ENTRY, EFI32_PE_ENTRY,
                                              EFI32_STUB_ENTRY, EFI64_STUB_ENTRY};
    const uint64_t *const boot = facts->boot;
    enum boot_symbol last = STARTUP_32;

    if (boot[STARTUP_32] != 0)
        return kp_fail_at(setup->call, field, NULL,
                          "boot: symbol 'startup_32': 0x%llx: must be the binary's beginning, 0",
                          ULL(boot[STARTUP_32]));
    for (size_t i = 1; i < sizeof(order) / sizeof(order[0]); i++) {
        if (!is_needed(setup, order[i]))
            continue;
        if (boot[order[i]] < boot[last])
            return kp_fail_at(setup->call, field, NULL,
                              "boot: symbol '%s': 0x%llx: before '%s' at 0x%llx", names[order[i]],
                              ULL(boot[order[i]]), names[last], ULL(boot[last]));
        last = order[i];
    }
    for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
        if (boot[inside[i]] >= boot[EDATA])
            return kp_fail_at(setup->call, field, NULL,
                              "boot: symbol '%s': 0x%llx: behind the binary's end at 0x%llx",
                              names[inside[i]], ULL(boot[inside[i]]), ULL(boot[EDATA]));
    return KP_OK;
}

/* The binary is made of this boot ELF file: it has its size, the words that compressed/
 * kernel_info.S begins with, and the payload, whose last word mkpiggy.c took z_output_len from. */
static int32_t check_binary(const struct facts *facts, const struct setup *setup)
{
    static const char hint[] = "take 'boot' and the boot binary made of it from one build";
    struct kp_call *const call = setup->call;
    const uint64_t *const boot = facts->boot;
    uint8_t word[4];

    if (facts->binary != boot[EDATA])
        return kp_fail_at(call, NULL, hint, "boot binary: %llu bytes: _edata of 'boot' says %llu",
                          ULL(facts->binary), ULL(boot[EDATA]));
    if (!kp_inside(facts->binary, boot[INPUT_DATA], boot[Z_INPUT_LEN]) || boot[Z_INPUT_LEN] < 4)
        return kp_fail_at(call, NULL, hint,
                          "payload: %llu bytes at 0x%llx: not inside of the boot binary's %llu",
                          ULL(boot[Z_INPUT_LEN]), ULL(boot[INPUT_DATA]), ULL(facts->binary));
    if (call->host->image_read(call, call->input, boot[INPUT_DATA] + boot[Z_INPUT_LEN] - 4, word,
                               sizeof(word)) != KP_OK)
        return KP_FAILED;
    if (kp_le32(word) != boot[Z_OUTPUT_LEN])
        return kp_fail_at(call, NULL, hint,
                          "payload: its last word says %lu bytes: z_output_len of 'boot' is %llu",
                          (unsigned long)kp_le32(word), ULL(boot[Z_OUTPUT_LEN]));
    if (!kp_inside(facts->binary, boot[KERNEL_INFO], sizeof(word)) ||
        call->host->image_read(call, call->input, boot[KERNEL_INFO], word, sizeof(word)) != KP_OK)
        return kp_fail_at(call, NULL, hint, "kernel_info: 0x%llx: not inside of the boot binary",
                          ULL(boot[KERNEL_INFO]));
    if (kp_le32(word) != KERNEL_INFO_MAGIC)
        return kp_fail_at(call, NULL, hint,
                          "kernel_info: 0x%08lx at 0x%llx of the boot binary: must be LToP",
                          (unsigned long)kp_le32(word), ULL(boot[KERNEL_INFO]));
    return KP_OK;
}

static int32_t check_arch(const struct elf_file *file, const char *what, const struct setup *setup)
{
    const uint16_t machine = setup->wide ? EM_X86_64 : EM_386;

    if (file->header.e_machine == machine && file->class == (setup->wide ? ELFCLASS64 : ELFCLASS32))
        return KP_OK;
    return kp_fail_at(setup->call, file->field, NULL,
                      "%s: ELF%s of machine %u: the setup code is one of %s", what,
                      file->class == ELFCLASS64 ? "64" : "32", file->header.e_machine,
                      setup->wide ? "x86_64" : "i386");
}

static int32_t read_boot(struct facts *facts, const struct setup *setup)
{
    const void *const field = &setup->params->boot;
    struct elf_symbol symbols[BOOT_SYMBOLS] = {{0}};
    struct elf_file file;
    int32_t result = KP_FAILED;

    for (unsigned i = 0; i < BOOT_SYMBOLS; i++)
        symbols[i].name = names[i];
    if (elf_file_open(&file, setup->call, setup->params->boot, field) &&
        check_arch(&file, "boot", setup) == KP_OK &&
        elf_find_symbols(&file, symbols, BOOT_SYMBOLS, NULL) &&
        take(facts, setup, symbols, field) == KP_OK)
        result = check_order(facts, setup, field);
    elf_file_close(&file);
    return result;
}

/* header.S: pref_address is LOAD_PHYSICAL_ADDR, where the kernel's linker script puts _text:
 * the physical address of its segment tells. *loaded gets what all segments have in the file. */
static int32_t read_segments(struct facts *facts, const struct elf_file *file, uint64_t text,
                             uint64_t *loaded)
{
    const GElf_Phdr *const segments = file->segments;
    bool found = false;

    *loaded = 0;
    for (size_t i = 0; i < file->segment_count; i++) {
        if (segments[i].p_type != PT_LOAD)
            continue;
        if (!kp_add(*loaded, segments[i].p_filesz, loaded))
            *loaded = UINT64_MAX;
        if (!found && text >= segments[i].p_vaddr &&
            text - segments[i].p_vaddr < segments[i].p_memsz)
            found = kp_add(segments[i].p_paddr, text - segments[i].p_vaddr, &facts->load);
    }
    if (found)
        return KP_OK;
    return kp_fail_at(file->call, file->field, NULL,
                      "kernel: symbol '_text': 0x%llx: in none of %zu segments", ULL(text),
                      file->segment_count);
}

static int32_t check_kernel(struct facts *facts, const struct elf_file *file,
                            const struct elf_symbol symbols[2])
{
    uint64_t loaded;

    for (unsigned i = 0; i < 2; i++)
        if (!symbols[i].found)
            return kp_fail_at(file->call, file->field, "this must be vmlinux of the same build",
                              "kernel: symbol '%s': not there", symbols[i].name);
    if (symbols[1].value < symbols[0].value || symbols[1].value - symbols[0].value > UINT32_MAX)
        return kp_fail_at(file->call, file->field, NULL,
                          "kernel: _text 0x%llx, _end 0x%llx: its size does not fit into 32 bits",
                          ULL(symbols[0].value), ULL(symbols[1].value));
    facts->memory = symbols[1].value - symbols[0].value;
    if (read_segments(facts, file, symbols[0].value, &loaded) != KP_OK)
        return KP_FAILED;
    /* The payload holds at least these. */
    if (loaded > facts->boot[Z_OUTPUT_LEN])
        return kp_fail_at(file->call, file->field, "take 'boot' and 'kernel' from one build",
                          "kernel: segments of %llu bytes: z_output_len of 'boot' is only %llu",
                          ULL(loaded), ULL(facts->boot[Z_OUTPUT_LEN]));
    return KP_OK;
}

static int32_t read_kernel(struct facts *facts, const struct setup *setup)
{
    struct elf_symbol symbols[2] = {{.name = "_text"}, {.name = "_end"}};
    struct elf_file file;
    int32_t result = KP_FAILED;

    if (elf_file_open(&file, setup->call, setup->params->kernel, &setup->params->kernel) &&
        check_arch(&file, "kernel", setup) == KP_OK && elf_find_symbols(&file, symbols, 2, NULL))
        result = check_kernel(facts, &file, symbols);
    elf_file_close(&file);
    return result;
}

int32_t facts_read(struct facts *facts, const struct setup *setup)
{
    *facts = (struct facts){.binary = kp_size(setup->call, setup->call->input)};
    if (read_boot(facts, setup) != KP_OK || check_binary(facts, setup) != KP_OK)
        return KP_FAILED;
    return read_kernel(facts, setup);
}
