/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/zboot/inspect.c - describes an EFI zboot image: its header, and what stands behind the
 * payload.
 */
#include <string.h>

#include "zboot.h"

/* Linux 6.12, zboot.lds: the last word of .text, aligned to 4, before the zeros up to the next
 * page. Nothing points to it, and only arm64 puts a number there (arch/arm64/boot/Makefile). */
#define PAGE 4096u

static int32_t show_code_size(struct kp_call *call, const struct zboot *zboot)
{
    struct pe_section text;
    uint8_t page[PAGE];
    uint64_t end;
    uint32_t word;

    if (zboot->arch == NULL || strcmp(zboot->arch, "arm64") != 0 || !zboot->linux_magic ||
        zboot->pe.section_count == 0)
        return KP_OK;
    pe_section(&zboot->pe, 0, &text);
    end = (uint64_t)text.raw_offset + text.raw_size;
    if (text.raw_size < PAGE || end % PAGE != 0)
        return KP_OK;
    if (call->host->image_read(call, call->input, end - PAGE, page, PAGE) != KP_OK)
        return KP_FAILED;
    for (uint32_t at = PAGE; at != 0;) {
        at -= 4;
        word = kp_le32(page + at);
        if (word == 0)
            continue;
        if (word % PAGE != 0 || word > zboot->inflated)
            return KP_OK;
        return kp_field_number(call, "code_size", end - PAGE + at, 4, word, KP_FIELD_BYTES,
                               "of the kernel inside");
    }
    return KP_OK;
}

/* Of what is in the payload, wherever that ends: the stub looks for it at the end of the room that it
 * was linked with. */
static int32_t show_inflated(struct kp_call *call, const struct zboot *zboot)
{
    const struct kp_field field = {.size = sizeof(field),
                                   .type = KP_FIELD_NUMBER,
                                   .flags = KP_FIELD_BYTES,
                                   .name = "inflated_size",
                                   .offset = zboot->inflated_at,
                                   .length = 4,
                                   .number = zboot->inflated,
                                   .of = "payload/contents",
                                   .relation = KP_FIELD_SIZE_OF};

    return zboot->codec == NULL ? KP_OK : call->host->field(call, &field);
}

static int32_t show_type(struct kp_call *call, const struct zboot *zboot)
{
    const struct kp_field field = {
        .size = sizeof(struct kp_field),
        .type = KP_FIELD_TEXT,
        .flags = zboot->codec == NULL ? KP_FIELD_INVALID : 0,
        .name = "compression_type",
        .offset = ZBOOT_AT_TYPE,
        .length = strlen(zboot->type) + 1,
        .text = {zboot->type, strlen(zboot->type)},
        .meaning = zboot->codec == NULL ? "not known" : zboot->codec->name,
    };

    return call->host->field(call, &field);
}

static int32_t show_header(struct kp_call *call, const struct zboot *zboot)
{
    if (kp_field_text(call, "image_type", ZBOOT_AT_MAGIC, 4, "zimg", 4) != KP_OK ||
        kp_field_number(call, "payload_offset", ZBOOT_AT_PAYLOAD, 4, zboot->payload, KP_FIELD_HEX,
                        NULL) != KP_OK ||
        kp_field_number(call, "payload_size", ZBOOT_AT_PAYLOAD_SIZE, 4, zboot->payload_size,
                        KP_FIELD_BYTES, NULL) != KP_OK ||
        show_type(call, zboot) != KP_OK)
        return KP_FAILED;
    if (zboot->linux_magic && kp_field_number(call, "linux_magic", ZBOOT_AT_LINUX_MAGIC, 4,
                                              ZBOOT_LINUX_MAGIC, KP_FIELD_HEX, NULL) != KP_OK)
        return KP_FAILED;
    return KP_OK;
}

static int32_t show_pe(struct kp_call *call, const struct pe_file *pe, const char *arch)
{
    static const struct {
        const char *name;
        uint32_t offset, flags;
    } numbers[] = {{"SizeOfCode", PE_SIZE_OF_CODE, KP_FIELD_BYTES},
                   {"SizeOfInitializedData", PE_SIZE_OF_DATA, KP_FIELD_BYTES},
                   {"AddressOfEntryPoint", PE_ENTRY, KP_FIELD_HEX},
                   {"SizeOfImage", PE_SIZE_OF_IMAGE, KP_FIELD_BYTES}};

    if (kp_field_number(call, "pe_header", PE_SIGNATURE_AT, 4, pe->coff, KP_FIELD_HEX, NULL) !=
            KP_OK ||
        kp_field_number(call, "Machine", pe->coff + PE_COFF_MACHINE, 2, pe->machine,
                        KP_FIELD_HEX | (arch == NULL ? KP_FIELD_INVALID : 0),
                        arch != NULL ? arch : pe_machine_name(pe->machine)) != KP_OK)
        return KP_FAILED;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (kp_field_number(call, numbers[i].name, pe->optional + numbers[i].offset, 4,
                            kp_le32(pe_optional(pe, numbers[i].offset)), numbers[i].flags,
                            NULL) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

int32_t zboot_inspect(struct kp_call *call)
{
    struct zboot zboot;

    if (zboot_read(call, &zboot) != KP_OK || show_header(call, &zboot) != KP_OK ||
        show_pe(call, &zboot.pe, zboot.arch) != KP_OK)
        return KP_FAILED;
    if (show_inflated(call, &zboot) != KP_OK ||
        call->host->remake(call, "[@layout, zboot]") != KP_OK)
        return KP_FAILED;
    if (kp_part_at(call, "boot", KP_ROLE_CODE, 0, kp_size(call, call->input),
                   "the EFI program that unpacks the payload") != KP_OK ||
        kp_part_at(call, "payload", KP_ROLE_PAYLOAD, zboot.payload, zboot.payload_size, NULL) !=
            KP_OK)
        return KP_FAILED;
    if (show_code_size(call, &zboot) != KP_OK || zboot.arch == NULL)
        return zboot.arch == NULL ? KP_OK : KP_FAILED;
    return call->host->set_text(call, call->output, KP_TRAIT_ARCH, zboot.arch);
}
