/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/zboot/fill.c - fills in an EFI zboot image's header from the ELF file of the boot binary,
 * and checks that the two belong together.
 *
 * Facts from Linux 6.1, 6.12 and 7.2, drivers/firmware/efi/libstub: zboot-header.S says what each
 * field is the difference of, zboot.lds where the symbols stand. The end of the header has none:
 * the header is all of the section .head. .data begins at _etext, and from 7.2 on, where .sbat may
 * lie between, at _data.
 */
#include <string.h>

#include "../../common/elf_flat.h"
#include "zboot.h"

#define ULL(x) ((unsigned long long)(x))

#define ZBOOT_BASE_OF_DATA 24u /* PE32 only: "PE Format", "Optional Header Standard Fields" */
#define SECTIONS_MAX 8u
#define SPANS_MAX (10u + 4u * SECTIONS_MAX)

static const char boot_hint[] = "give vmlinuz.efi.elf of this kernel's build";

enum { HEADER, ENTRY, GZDATA_START, GZDATA_END, ETEXT, EDATA, END, NEEDED };
enum { SBAT, ESBAT, DATA, OPTIONAL };

struct fill {
    struct kp_call *call;
    const struct zboot_params *params;
    struct elf_file elf;
    struct pe_file pe;
    uint64_t base;     /* the address of the binary's first byte */
    uint64_t head_end; /* offsets in the binary, as all that follow */
    uint64_t entry, payload, payload_end, etext, edata, end;
    uint64_t data, sbat, esbat;
    bool has_sbat;
    const struct zboot_codec *codec;
    const char *type;
    bool linux_magic;
    struct elf_span spans[SPANS_MAX + 1]; /* what has been filled in */
    size_t span_count;
};

#define fail_boot(fill, ...) kp_fail_at((fill)->call, &(fill)->params->boot, boot_hint, __VA_ARGS__)

/* The part of the header that the linker did not fill in is kept, so its length is known. */
static int32_t open_both(struct fill *fill)
{
    const struct zboot_params *const p = fill->params;
    const char *arch, *machine;

    if (zboot_open(fill->call, &fill->pe) != KP_OK ||
        !elf_file_open(&fill->elf, fill->call, p->boot, &p->boot))
        return KP_FAILED;
    arch = elf_arch_name(&fill->elf);
    machine = zboot_arch(fill->pe.machine);
    if (machine == NULL)
        return kp_fail(fill->call, "pe header: machine 0x%x: no architecture with EFI zboot",
                       fill->pe.machine);
    if (arch == NULL || strcmp(arch, machine) != 0)
        return fail_boot(fill, "boot: an ELF file of %s: the main input's PE header is one of %s",
                         arch == NULL ? "another architecture" : arch, machine);
    if (fill->pe.section_count > SECTIONS_MAX)
        return kp_fail(fill->call, "pe header: %u sections: a zboot image has two or three",
                       fill->pe.section_count);
    return KP_OK;
}

static int32_t find_head(struct fill *fill)
{
    GElf_Shdr section;
    const char *name;

    if (!elf_find_names(&fill->elf))
        return KP_FAILED;
    for (size_t i = 1; i < fill->elf.section_count; i++) {
        if (!elf_section(&fill->elf, i, &section))
            return KP_FAILED;
        name = elf_section_name(&fill->elf, &section);
        if (name == NULL)
            return KP_FAILED;
        if (strcmp(name, ".head") != 0)
            continue;
        fill->head_end = section.sh_size;
        if (section.sh_addr == fill->base && fill->pe.head_size <= section.sh_size)
            return KP_OK;
        return fail_boot(fill,
                         "boot: section '.head': %llu bytes at 0x%llx: not a zboot image's "
                         "header",
                         ULL(section.sh_size), ULL(section.sh_addr));
    }
    return fail_boot(fill, "boot: section '.head': not in this ELF file");
}

struct place {
    const struct elf_symbol *symbol;
    uint64_t *offset;
};

/* The offsets of symbols that stand in this order behind the header. */
static int32_t find_places(struct fill *fill, const struct place *places, size_t count)
{
    uint64_t least = fill->base + fill->head_end;

    for (size_t i = 0; i < count; i++) {
        const struct elf_symbol *const symbol = places[i].symbol;

        if (symbol->value < least || symbol->value - fill->base > UINT32_MAX)
            return fail_boot(fill, "boot: %s 0x%llx: not behind %s, 0x%llx", symbol->name,
                             ULL(symbol->value),
                             i == 0 ? "the section .head" : places[i - 1].symbol->name, ULL(least));
        least = symbol->value;
        *places[i].offset = least - fill->base;
    }
    return KP_OK;
}

static int32_t read_symbols(struct fill *fill)
{
    struct elf_symbol need[NEEDED] = {{.name = "__efistub_efi_zboot_header"},
                                      {.name = "__efistub_efi_zboot_entry"},
                                      {.name = "__efistub__gzdata_start"},
                                      {.name = "__efistub__gzdata_end"},
                                      {.name = "_etext"},
                                      {.name = "_edata"},
                                      {.name = "_end"}};
    struct elf_symbol more[OPTIONAL] = {{.name = "_sbat"}, {.name = "_esbat"}, {.name = "_data"}};
    uint64_t *const more_offsets[OPTIONAL] = {&fill->sbat, &fill->esbat, &fill->data};
    struct place places[NEEDED + OPTIONAL] = {{&need[ENTRY], &fill->entry},
                                              {&need[GZDATA_START], &fill->payload},
                                              {&need[GZDATA_END], &fill->payload_end},
                                              {&need[ETEXT], &fill->etext}};
    size_t count = 4;

    if (!elf_need_symbols(&fill->elf, "boot", boot_hint, need, NEEDED) ||
        !elf_find_symbols(&fill->elf, more, OPTIONAL, NULL))
        return KP_FAILED;
    fill->base = need[HEADER].value;
    if (find_head(fill) != KP_OK)
        return KP_FAILED;
    for (size_t i = 0; i < OPTIONAL; i++)
        if (more[i].found)
            places[count++] = (struct place){&more[i], more_offsets[i]};
    places[count++] = (struct place){&need[EDATA], &fill->edata};
    places[count++] = (struct place){&need[END], &fill->end};
    if (find_places(fill, places, count) != KP_OK)
        return KP_FAILED;
    fill->has_sbat = more[SBAT].found && more[ESBAT].found;
    if (!more[DATA].found)
        fill->data = fill->etext;
    return KP_OK;
}

static int32_t check_size(struct fill *fill)
{
    const uint64_t size = kp_size(fill->call, fill->call->input);

    if (size != fill->edata)
        return fail_boot(fill, "boot: %llu bytes up to _edata: the main input has %llu",
                         ULL(fill->edata), ULL(size));
    if (fill->payload_end - fill->payload <= ZBOOT_TRAILER_SIZE)
        return fail_boot(fill, "boot: __efistub__gzdata_start: %llu bytes: no compressed kernel",
                         ULL(fill->payload_end - fill->payload));
    return KP_OK;
}

/* What the payload is: its bytes tell, and the recipe must not contradict them. */
static int32_t find_codec(struct fill *fill)
{
    const struct zboot_params *const p = fill->params;
    const struct zboot_codec *const given = p->has_codec ? &zboot_codecs[p->codec] : NULL;
    const char *found;

    if (zboot_identify(fill->call, fill->payload, fill->payload_end - fill->payload, &found) !=
        KP_OK)
        return KP_FAILED;
    fill->codec = found == NULL ? given : zboot_codec_by_name(found);
    if (fill->codec == NULL)
        kp_fail_at(fill->call, NULL, "compress the kernel by `payload` first",
                   "payload: at 0x%llx: %s%s", ULL(fill->payload),
                   found == NULL ? "not the bytes of any codec that is installed" : found,
                   found == NULL ? "" : ": EFI zboot cannot unpack that");
    else if (given != NULL && given != fill->codec)
        kp_fail_at(fill->call, &p->codec, NULL, "codec: %s: the payload at 0x%llx is %s",
                   given->name, ULL(fill->payload), found);
    else
        return KP_OK;
    return KP_FAILED;
}

static int32_t form_of_parameter(struct fill *fill)
{
    const struct zboot_params *const p = fill->params;

    fill->linux_magic = p->form != ZBOOT_FORM_6_1;
    fill->type = p->form == ZBOOT_FORM_6_12 ? fill->codec->type : fill->codec->old_type;
    if (fill->type != NULL)
        return KP_OK;
    return kp_fail_at(fill->call, &p->form, NULL,
                      "form: kernel-6.12 has gzip and zstd: the payload is %s", fill->codec->name);
}

/* The header in the ELF file has the words of the kernel that its code is of. */
static int32_t form_of_boot(struct fill *fill)
{
    bool whole;
    const uint8_t *const head = elf_bytes_at(&fill->elf, fill->base, ZBOOT_HEADER_SIZE, &whole);
    const struct zboot_codec *codec;
    char type[ZBOOT_TYPE_SIZE + 1] = "";

    if (head == NULL)
        return whole ? fail_boot(fill, "boot: section '.head': no bytes in this ELF file")
                     : KP_FAILED;
    fill->linux_magic = kp_le32(head + ZBOOT_AT_LINUX_MAGIC) == ZBOOT_LINUX_MAGIC;
    memcpy(type, head + ZBOOT_AT_TYPE, ZBOOT_TYPE_SIZE);
    codec = zboot_codec_by_type(type);
    if (codec == fill->codec) {
        fill->type = strcmp(type, codec->old_type) == 0 ? codec->old_type : codec->type;
        return KP_OK;
    }
    return kp_fail_at(fill->call, &fill->params->boot,
                      "its code unpacks only that; form: writes the header anew all the same",
                      "boot: its header says %s: the payload is %s",
                      codec == NULL ? "no known codec" : codec->name, fill->codec->name);
}

static void put(struct fill *fill, uint64_t offset, uint64_t value)
{
    kp_put_le32(fill->pe.head + offset, (uint32_t)value);
    fill->spans[fill->span_count++] = (struct elf_span){offset, 4};
}

static void fill_dos(struct fill *fill)
{
    uint8_t *const head = fill->pe.head;
    const uint64_t size = fill->payload_end - fill->payload - zboot_trailer_size(fill->codec);

    put(fill, ZBOOT_AT_PAYLOAD, fill->payload);
    put(fill, ZBOOT_AT_PAYLOAD_SIZE, size);
    memset(head + ZBOOT_AT_RESERVED, 0, PE_SIGNATURE_AT - ZBOOT_AT_RESERVED);
    memcpy(head + ZBOOT_AT_TYPE, fill->type, strlen(fill->type));
    if (fill->linux_magic)
        kp_put_le32(head + ZBOOT_AT_LINUX_MAGIC, ZBOOT_LINUX_MAGIC);
    fill->spans[fill->span_count++] =
        (struct elf_span){ZBOOT_AT_RESERVED, PE_SIGNATURE_AT - ZBOOT_AT_RESERVED};
}

static void fill_optional(struct fill *fill)
{
    const uint64_t at = fill->pe.optional;

    put(fill, at + PE_SIZE_OF_CODE, fill->etext - fill->head_end);
    put(fill, at + PE_SIZE_OF_DATA, fill->end - fill->data);
    put(fill, at + PE_ENTRY, fill->entry);
    put(fill, at + PE_BASE_OF_CODE, fill->head_end);
    if (!fill->pe.plus)
        put(fill, at + ZBOOT_BASE_OF_DATA, fill->etext);
    put(fill, at + PE_SIZE_OF_IMAGE, fill->end);
    put(fill, at + PE_SIZE_OF_HEADERS, fill->head_end);
}

static void put_section(struct fill *fill, uint64_t at, uint64_t begin, uint64_t raw_end,
                        uint64_t end)
{
    put(fill, at + PE_SECTION_VIRTUAL_SIZE, end - begin);
    put(fill, at + PE_SECTION_VIRTUAL_ADDRESS, begin);
    put(fill, at + PE_SECTION_RAW_SIZE, raw_end - begin);
    put(fill, at + PE_SECTION_RAW_OFFSET, begin);
}

static int32_t fill_sections(struct fill *fill)
{
    struct pe_section section;

    for (uint16_t i = 0; i < fill->pe.section_count; i++) {
        pe_section(&fill->pe, i, &section);
        if (strcmp(section.name, ".text") == 0)
            put_section(fill, section.at, fill->head_end, fill->etext, fill->etext);
        else if (strcmp(section.name, ".data") == 0)
            put_section(fill, section.at, fill->data, fill->edata, fill->end);
        else if (strcmp(section.name, ".sbat") == 0 && fill->has_sbat)
            put_section(fill, section.at, fill->sbat, fill->esbat, fill->esbat);
        else
            return kp_fail(fill->call, "pe header: section '%s': %s", section.name,
                           strcmp(section.name, ".sbat") == 0
                               ? "symbols _sbat, _esbat: not in the ELF file"
                               : "zboot images have .text, .sbat and .data");
    }
    return KP_OK;
}

/* What is filled in is the symbols' say; all other bytes must be the ELF file's. */
static int32_t append(struct fill *fill)
{
    struct kp_call *const call = fill->call;
    const uint8_t *const flat = kp_view(call, call->input);
    const uint64_t head = fill->pe.head_size;

    if (flat == NULL ||
        !elf_same_flat(&fill->elf, "boot", flat, fill->edata, fill->base, fill->spans))
        return KP_FAILED;
    if (memcmp(flat, fill->pe.head, (size_t)head) == 0)
        return kp_append_image(call, call->input);
    if (kp_append(call, fill->pe.head, head) != KP_OK)
        return KP_FAILED;
    return call->host->output_image(call, call->output, call->input, head, fill->edata - head);
}

int32_t zboot_fill(struct kp_call *call, const struct zboot_params *p)
{
    struct fill fill = {.call = call, .params = p};
    int32_t result = KP_FAILED;
    uint32_t inflated;

    if (open_both(&fill) != KP_OK || read_symbols(&fill) != KP_OK || check_size(&fill) != KP_OK ||
        find_codec(&fill) != KP_OK ||
        (p->has_form ? form_of_parameter(&fill) : form_of_boot(&fill)) != KP_OK ||
        zboot_check_inflated(call, fill.payload_end - ZBOOT_TRAILER_SIZE,
                             fill.payload_end - fill.payload - zboot_trailer_size(fill.codec),
                             &inflated) != KP_OK)
        goto out;
    fill_dos(&fill);
    fill_optional(&fill);
    if (fill_sections(&fill) == KP_OK && append(&fill) == KP_OK)
        result =
            call->host->set_text(call, call->output, KP_TRAIT_ARCH, zboot_arch(fill.pe.machine));
out:
    elf_file_close(&fill.elf);
    return result;
}
