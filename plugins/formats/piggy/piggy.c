/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/piggy/piggy.c - the stage `piggy`: a compressed kernel as the relocatable object that a
 * boot stub is linked with. It is not compressed here, and not linked.
 *
 * Facts from Linux 6.1, which 5.10 and 7.2 share:
 *   x86    arch/x86/boot/compressed/mkpiggy.c: what it prints is assembled
 *   arm    arch/arm/boot/compressed/piggy.S
 *   zboot  drivers/firmware/efi/libstub/Makefile.zboot: objcopy -I binary, with .data renamed. The
 *          symbols that objcopy makes of the file's name are not read by anybody and left out.
 * The assembler adds .text, .data and .bss, empty and with an alignment of 1, objcopy does not.
 * Neither adds .note.GNU-stack. What arm's has in .ARM.attributes comes from the compiler's options
 * and tells of code alone, of which there is none.
 */
#include <string.h>

#include "object.h"

#define FORM_X86 0u
#define FORM_ARM 1u
#define FORM_ZBOOT 2u

#define ENDIAN_AUTO 0u
#define ENDIAN_LITTLE 1u
#define ENDIAN_BIG 2u

#define TRAILER_SIZE 4u

#define ULL(x) ((unsigned long long)(x))

struct piggy_params {
    struct kp_text arch;
    uint32_t form;
    uint32_t endian;
};

static const struct kp_choice *const forms[] = {
    KP_ONE_OF(FORM_X86, "x86", "bzImage's: .rodata..compressed, z_input_len, z_output_len, ..."),
    KP_ONE_OF(FORM_ARM, "arm", "zImage's: .piggydata"),
    KP_ONE_OF(FORM_ZBOOT, "zboot", "vmlinuz.efi's, of arm64, riscv and loongarch: .gzdata"),
    NULL,
};

static const struct kp_choice *const endians[] = {
    KP_ONE_OF(ENDIAN_AUTO, "auto", "the architecture's own; of arm: little"),
    KP_ONE_OF(ENDIAN_LITTLE, "little", "little endian"),
    KP_ONE_OF(ENDIAN_BIG, "big", "big endian: arm with CONFIG_CPU_BIG_ENDIAN"),
    NULL,
};

static const struct kp_param *const piggy_table[] = {
    KP_CHOICE(struct piggy_params, form, .flags = KP_PARAM_SHORT | KP_PARAM_REQUIRED,
              .choices = forms, .summary = "for which boot stub: its sections and symbols"),
    KP_TEXT(struct piggy_params, arch, .flags = KP_PARAM_REQUIRED, .trait = KP_TRAIT_ARCH,
            .minimum = 1, .maximum = 64, .summary = "the architecture that the object is for"),
    KP_CHOICE(struct piggy_params, endian, .choices = endians, .fallback = "auto",
              .summary = "byte order of the object",
              .help = "The payload is not changed, and the size at its end is little endian "
                      "always."),
    NULL,
};

/* The folders of arch/ in whose kernels a form is found. */
static const char *const x86_folders[] = {"x86", NULL};
static const char *const arm_folders[] = {"arm", NULL};
static const char *const zboot_folders[] = {"arm64", "riscv", "loongarch", NULL};
static const char *const *const folders[] = {x86_folders, arm_folders, zboot_folders};

static bool is_one_of(const char *const *names, const char *name)
{
    while (*names != NULL && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

/* The size of the contents, which boot stubs read from the payload's end. */
static int32_t read_trailer(struct kp_call *call, uint64_t size, uint32_t *contents)
{
    uint8_t trailer[TRAILER_SIZE];
    uint64_t known;

    if (size < TRAILER_SIZE)
        return kp_fail(call,
                       "input: %llu bytes: no payload: one ends with the size of its contents",
                       ULL(size));
    if (size > UINT32_MAX - OBJECT_ROOM)
        return kp_fail(call, "input: %llu bytes: too many: boot stubs count them with 32 bits",
                       ULL(size));
    if (call->host->image_read(call, call->input, size - TRAILER_SIZE, trailer, TRAILER_SIZE) !=
        KP_OK)
        return KP_FAILED;
    *contents = kp_le32(trailer);
    if (call->host->trait_number(call, call->input, KP_TRAIT_SIZE, &known) && known != *contents)
        return kp_fail_at(call, NULL, "`payload` compresses and appends it, `size-append` appends",
                          "input: ends with %u, and its contents have %llu bytes: a boot stub "
                          "takes its last four bytes for their size",
                          *contents, ULL(known));
    return KP_OK;
}

static void add_section(struct object *object, const char *name, uint32_t type, uint64_t flags)
{
    object->sections[object->section_count++] =
        (struct object_section){.name = name, .type = type, .flags = SHF_ALLOC | flags};
}

static void add_symbol(struct object *object, const char *name, uint64_t value, size_t section)
{
    object->symbols[object->symbol_count++] =
        (struct object_symbol){name, value, (uint16_t)section};
}

/* Sections and symbols; `size` is the payload's, `contents` that of what is in it. */
static void fill_in(struct object *object, uint32_t form, uint32_t size, uint32_t contents)
{
    static const char *const names[] = {".rodata..compressed", ".piggydata", ".gzdata"};
    size_t data;

    if (form != FORM_ZBOOT) {
        add_section(object, ".text", SHT_PROGBITS, SHF_EXECINSTR);
        add_section(object, ".data", SHT_PROGBITS, SHF_WRITE);
        add_section(object, ".bss", SHT_NOBITS, SHF_WRITE);
    }
    add_section(object, names[form], SHT_PROGBITS, 0);
    data = object->section_count;
    object->sections[data - 1].has_image = true;
    if (form == FORM_X86) {
        add_section(object, ".rodata", SHT_PROGBITS, 0);
        object->sections[object->section_count - 1].has_bytes = true;
        object->byte_count = 8;
        kp_put_le32(object->bytes, size); /* x86 has no other order */
        kp_put_le32(object->bytes + 4, contents);
        add_symbol(object, "z_input_len", size, SHN_ABS);
        add_symbol(object, "z_output_len", contents, SHN_ABS);
    }
    if (form != FORM_ZBOOT) {
        add_symbol(object, "input_data", 0, data);
        add_symbol(object, "input_data_end", size, data);
    }
    if (form == FORM_X86) {
        add_symbol(object, "input_len", 0, object->section_count);
        add_symbol(object, "output_len", 4, object->section_count);
    }
}

static int32_t find_arch(struct kp_call *call, const struct piggy_params *params,
                         const struct kp_arch **arch)
{
    const uint32_t order =
        params->endian == ENDIAN_BIG ? KP_ARCH_BIG_ENDIAN : KP_ARCH_LITTLE_ENDIAN;

    *arch = call->host->arch(call, params->arch.bytes);
    if (*arch == NULL)
        return kp_fail_at(call, &params->arch, "`kpipe plugins` lists the architectures",
                          "arch: %s: no plugin knows it", params->arch.bytes);
    if ((*arch)->kbuild == NULL || !is_one_of(folders[params->form], (*arch)->kbuild))
        return kp_fail_at(call, &params->form, NULL, "form: %s: no boot stub of %s",
                          forms[params->form]->name, (*arch)->name);
    if (((*arch)->flags & order) == 0)
        return kp_fail_at(call, &params->endian, NULL, "endian: %s: %s has no such byte order",
                          endians[params->endian]->name, (*arch)->name);
    return KP_OK;
}

static int32_t set_traits(struct kp_call *call, const struct kp_arch *arch)
{
    static const char *const addresses[] = {KP_TRAIT_ENTRY, KP_TRAIT_LOAD, KP_TRAIT_BSS, NULL};

    for (size_t i = 0; addresses[i] != NULL; i++)
        if (call->host->clear_trait(call, call->output, addresses[i]) != KP_OK)
            return KP_FAILED;
    return call->host->set_text(call, call->output, KP_TRAIT_ARCH, arch->name);
}

static int32_t piggy_run(struct kp_call *call)
{
    const struct piggy_params *const params = call->params;
    const uint64_t size = kp_size(call, call->input);
    struct object object = {.big_endian = params->endian == ENDIAN_BIG};
    const struct kp_arch *arch;
    uint32_t contents = 0;

    if (find_arch(call, params, &arch) != KP_OK || read_trailer(call, size, &contents) != KP_OK)
        return KP_FAILED;
    object.class = (arch->flags & KP_ARCH_64BIT) != 0 ? ELFCLASS64 : ELFCLASS32;
    object.machine = (uint16_t)arch->elf_machine;
    object.flags = params->form == FORM_ARM ? EF_ARM_EABI_VER5 : 0;
    fill_in(&object, params->form, (uint32_t)size, contents);
    if (object_write(call, &object, call->input) != KP_OK)
        return KP_FAILED;
    return set_traits(call, arch);
}

static const char *const sets[] = {KP_TRAIT_ARCH, NULL};

static const struct kp_operation piggy_operation = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "make an object of a compressed kernel, for the boot stub to be linked with",
    .help = "As Kbuild makes piggy.o, or vmlinuz.o of an EFI zboot image: sections, symbols and "
            "alignments are the same. The input must end with the size of its contents, as "
            "`payload` leaves it. `link` links the object.",
    .output_kind = KP_KIND_ELF,
    .params = piggy_table,
    .params_size = sizeof(struct piggy_params),
    .sets = sets,
    .run = piggy_run,
};

static const struct kp_format piggy = {
    .size = sizeof(struct kp_format),
    .name = "piggy",
    .summary = "a compressed kernel as an object",
    .pack = &piggy_operation,
};

static const struct kp_format *const formats[] = {&piggy, NULL};

KP_PLUGIN("org.kpipe.piggy", "piggy", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "compressed kernels as objects, by libelf",
          KP_OFFERS_FORMAT("piggy") KP_OFFERS_STAGE("piggy"), .formats = formats)
