/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/relocs/relocs.c - the relocations of an x86 kernel as its boot code wants them: what
 * arch/x86/tools/relocs of the kernel's build writes to vmlinux.relocs, byte for byte.
 *
 * From vmlinux alone; nothing is relocated here. The tool's forms for real-mode code and its
 * lists for people are not offered.
 *
 * Facts from arch/x86/tools/relocs.c (emit_relocs) of Linux 5.10, 6.1, 6.12 and 7.2: each
 * list is a zero and then the addresses, in ascending order, as 32 bits little endian. They are
 * read from the end: the boot code knows where each list ends by its zero.
 *     64 bits, up to 6.14  0, 64-bit fields, 0, inverse 32-bit fields, 0, 32-bit fields
 *     64 bits, from 6.15   0, 64-bit fields, 0, 32-bit fields
 *     32 bits              0, 32-bit fields
 */
#include <string.h>

#include "relocs.h"

#define FORM_NONE 0u
#define FORM_6_1 1u
#define FORM_6_15 2u

#define FORM_HINT "form: kernel-6.1 is that of Linux up to 6.14, kernel-6.15 that of later ones"

/* Digits by which the addresses are sorted, from the last: four of an address, then the list. */
#define DIGITS 5u
#define DIGIT_VALUES 256u

struct relocs_params {
    uint32_t form;
    uint8_t has_form;
};

static const struct kp_choice *const forms[] = {
    KP_ONE_OF(FORM_NONE, "none", "no relocations: the output is empty"),
    KP_ONE_OF(FORM_6_1, "kernel-6.1", "Linux up to 6.14: with the list of inverse relocations"),
    KP_ONE_OF(FORM_6_15, "kernel-6.15", "Linux 6.15 and later: without it"),
    NULL,
};

static const struct kp_param *const relocs_table[] = {
    KP_CHOICE(struct relocs_params, form, .choices = forms, .flags = KP_PARAM_SHORT,
              .presence = offsetof(struct relocs_params, has_form),
              .computed = "by the release in the kernel's banner",
              .summary = "which lists there are: what the boot code of the kernel reads",
              .help = "Kernels for 32 bits have one list, whatever the form. 'none' is for kernels "
                      "without CONFIG_X86_NEED_RELOCS, and for recipes that have the form from "
                      "elsewhere, as in {relocs: $(k.relocs)}."),
    NULL,
};

/* In ascending order, by the bytes from the last on; `spare` has room for as many. Returns
 * where they are then. */
static uint64_t *sort(uint64_t *items, uint64_t *spare, size_t count)
{
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        size_t starts[DIGIT_VALUES + 1] = {0};
        uint64_t *const sorted = spare;

        for (size_t i = 0; i < count; i++)
            starts[(uint8_t)(items[i] >> (8 * digit)) + 1]++;
        for (size_t value = 1; value <= DIGIT_VALUES; value++)
            starts[value] += starts[value - 1];
        for (size_t i = 0; i < count; i++)
            sorted[starts[(uint8_t)(items[i] >> (8 * digit))]++] = items[i];
        spare = items;
        items = sorted;
    }
    return items;
}

static int32_t write_lists(const struct relocs *relocs)
{
    struct kp_call *const call = relocs->elf.call;
    const uint32_t first = relocs->wide ? LIST_64 : LIST_32;
    const size_t lists = !relocs->wide ? 1 : relocs->before_6_15 ? 3 : 2;
    uint64_t *const spare = call->host->alloc(call, (relocs->count + 1) * sizeof(*spare));
    uint8_t *to = kp_reserve(call, (relocs->count + lists) * 4);
    const uint64_t *items;
    size_t i = 0;

    if (spare == NULL || to == NULL)
        return KP_FAILED;
    items = sort(relocs->found, spare, relocs->count);
    for (uint32_t list = first; list <= LIST_32; list++) {
        if (list == LIST_INVERSE && !relocs->before_6_15)
            continue;
        to += 4; /* the zero */
        for (; i < relocs->count && items[i] >> 32 == list; i++, to += 4)
            kp_put_le32(to, (uint32_t)items[i]);
    }
    return KP_OK;
}

static int32_t check_header(const struct elf_file *elf)
{
    const uint16_t type = elf->header.e_type, machine = elf->header.e_machine;

    if (machine != (elf->class == ELFCLASS64 ? EM_X86_64 : EM_386) || elf->big_endian)
        return kp_fail_at(elf->call, NULL, "kernels of other architectures relocate otherwise",
                          "ELF header: machine %u, %u bits: not an x86 kernel", machine,
                          elf->class == ELFCLASS64 ? 64u : 32u);
    if (type != ET_EXEC && type != ET_DYN)
        return kp_fail(elf->call, "ELF header: type %u: not a linked kernel", type);
    return KP_OK;
}

static int32_t choose_form(struct relocs *relocs, const struct relocs_params *params)
{
    uint32_t release;

    relocs->before_6_15 = params->form == FORM_6_1;
    if (params->has_form)
        return KP_OK;
    if (!elf_kernel_release(&relocs->elf, &release))
        return KP_FAILED;
    if (release == 0)
        return kp_fail_at(relocs->elf.call, &params->form, FORM_HINT,
                          "form: not given: the file does not tell the kernel's release");
    relocs->before_6_15 = release < KERNEL_RELEASE(6, 15);
    return KP_OK;
}

/* In SMP kernels for 64 bits, up to Linux 6.14, per-CPU symbols are offsets: their section is
 * linked at address 0 and loaded elsewhere. */
static int32_t find_per_cpu(struct relocs *relocs, const struct relocs_params *params)
{
    const struct elf_file *const elf = &relocs->elf;
    struct elf_symbol load = {.name = "__per_cpu_load"};
    GElf_Shdr section;
    const char *name;
    size_t i;

    for (i = 1; i < elf->section_count; i++) {
        if (!elf_section(elf, i, &section) || (name = elf_section_name(elf, &section)) == NULL)
            return KP_FAILED;
        if (strcmp(name, ".data..percpu") == 0)
            break;
    }
    if (i >= elf->section_count || section.sh_addr != 0)
        return KP_OK;
    if (!relocs->before_6_15)
        return kp_fail_at(elf->call, &params->form, FORM_HINT,
                          "form: kernel-6.15: section '.data..percpu' at address 0: no kernel from "
                          "6.15 on has it there");
    if (!elf_find_symbols(elf, &load, 1, NULL))
        return KP_FAILED;
    if (!load.found)
        return kp_fail(elf->call, "symbols: __per_cpu_load: not there: a kernel with per-CPU data "
                                  "at address 0 has it");
    relocs->per_cpu = (uint32_t)i;
    relocs->per_cpu_load = load.value;
    return KP_OK;
}

static int32_t relocs_run(struct kp_call *call)
{
    const struct relocs_params *const params = call->params;
    struct relocs relocs;
    int32_t result = KP_FAILED;

    if (params->has_form && params->form == FORM_NONE)
        return KP_OK;
    memset(&relocs, 0, sizeof(relocs));
    if (!elf_file_open(&relocs.elf, call, call->input, NULL) || check_header(&relocs.elf) != KP_OK)
        goto out;
    relocs.wide = relocs.elf.class == ELFCLASS64;
    if (!elf_find_names(&relocs.elf) || !elf_open_symbols(&relocs.elf, &relocs.symbols) ||
        choose_form(&relocs, params) != KP_OK ||
        (relocs.wide && find_per_cpu(&relocs, params) != KP_OK) || !relocs_collect(&relocs) ||
        write_lists(&relocs) != KP_OK)
        goto out;
    result = call->host->set_text(call, call->output, KP_TRAIT_ARCH, elf_arch_name(&relocs.elf));
out:
    elf_file_close(&relocs.elf);
    return result;
}

static const char *const inputs[] = {KP_KIND_ELF, NULL};
static const char *const sets[] = {KP_TRAIT_ARCH, NULL};

/* Twice 8 bytes for each relocation, which takes 8 (32 bits) or 24 (64 bits) in the file. */
static const struct kp_operation relocs_operation = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "list the relocations of an x86 kernel, as Kbuild's vmlinux.relocs",
    .help = "For the self-extracting kernel, which stands at another address than it was linked "
            "for: Kbuild compresses the list together with the kernel. The input is the vmlinux "
            "with relocations, as ld --emit-relocs links it: 'vmlinux' of Linux 5.10 and 6.1, "
            "'vmlinux.unstripped' from 6.15 on. Builds as that of 6.12 take them out of vmlinux "
            "again and leave arch/x86/boot/compressed/vmlinux.relocs alone.\n\n"
            "A relocation that the kernel could not apply is an error, as in its build. One "
            "against a symbol that the linker made absolute is a warning where the "
            "build prints one.",
    .input_kinds = inputs,
    .output_kind = KP_KIND_RAW,
    .params = relocs_table,
    .params_size = sizeof(struct relocs_params),
    .sets = sets,
    .memory_base = 1u << 20,
    .memory_per_byte = 2,
    .run = relocs_run,
};

static const struct kp_format relocs_format = {
    .size = sizeof(struct kp_format),
    .name = "relocs",
    .summary = "relocations of an x86 kernel",
    .pack = &relocs_operation,
};

static const struct kp_format *const formats[] = {&relocs_format, NULL};

KP_PLUGIN("org.kpipe.relocs", "relocs", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "relocations of x86 kernels, as Kbuild lists them",
          KP_OFFERS_FORMAT("relocs") KP_OFFERS_STAGE("relocs"), .formats = formats)
