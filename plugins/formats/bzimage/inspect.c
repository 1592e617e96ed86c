/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/bzimage/inspect.c - describes a bzImage: the setup header's fields by their names in
 * Documentation/arch/x86/boot.rst, the payload's codec, kernel_info and the checksum. The PE
 * header is the format pe's matter.
 */
#include <string.h>

#include "bzimage.h"

#define MEANING_MAX 200u

/* boot.rst, the table of "The Real-Mode Kernel Header"; `since` is a version of the protocol. */
static const struct row {
    uint16_t at;
    uint8_t length;
    uint16_t since;
    uint32_t flags;
    const char *name;
} rows[] = {
    {0x1f1, 1, 0x200, 0, "setup_sects"},
    {0x1f2, 2, 0x200, KP_FIELD_HEX, "root_flags"},
    {AT_SYSSIZE, 2, 0x200, KP_FIELD_HEX, "syssize"},
    {0x1f6, 2, 0x200, KP_FIELD_HEX, "swap_dev"},
    {AT_SYSSIZE, 4, VERSION_SYSSIZE, KP_FIELD_HEX, "syssize"},
    {0x1f8, 2, 0x200, KP_FIELD_HEX, "ram_size"},
    {0x1fa, 2, 0x200, KP_FIELD_HEX, "vid_mode"},
    {0x1fc, 2, 0x200, KP_FIELD_HEX, "root_dev"},
    {0x1fe, 2, 0x200, KP_FIELD_HEX, "boot_flag"},
    {0x200, 2, 0x200, KP_FIELD_HEX, "jump"},
    {0x202, 4, 0x200, KP_FIELD_HEX, "header"},
    {0x206, 2, 0x200, KP_FIELD_HEX, "version"},
    {0x208, 4, 0x200, KP_FIELD_HEX, "realmode_swtch"},
    {0x20c, 2, 0x200, KP_FIELD_HEX, "start_sys_seg"},
    {0x20e, 2, 0x200, KP_FIELD_HEX, "kernel_version"},
    {0x210, 1, 0x200, KP_FIELD_HEX, "type_of_loader"},
    {0x211, 1, 0x200, KP_FIELD_HEX, "loadflags"},
    {0x212, 2, 0x200, KP_FIELD_HEX, "setup_move_size"},
    {0x214, 4, 0x200, KP_FIELD_HEX, "code32_start"},
    {0x218, 4, 0x200, KP_FIELD_HEX, "ramdisk_image"},
    {0x21c, 4, 0x200, KP_FIELD_BYTES, "ramdisk_size"},
    {0x220, 4, 0x200, KP_FIELD_HEX, "bootsect_kludge"},
    {0x224, 2, 0x201, KP_FIELD_HEX, "heap_end_ptr"},
    {0x226, 1, 0x202, KP_FIELD_HEX, "ext_loader_ver"},
    {0x227, 1, 0x202, KP_FIELD_HEX, "ext_loader_type"},
    {0x228, 4, 0x202, KP_FIELD_HEX, "cmd_line_ptr"},
    {0x22c, 4, 0x203, KP_FIELD_HEX, "initrd_addr_max"},
    {0x230, 4, 0x205, KP_FIELD_HEX, "kernel_alignment"},
    {0x234, 1, 0x205, 0, "relocatable_kernel"},
    {0x235, 1, 0x20a, 0, "min_alignment"},
    {0x236, 2, 0x20c, KP_FIELD_HEX, "xloadflags"},
    {0x238, 4, 0x206, KP_FIELD_BYTES, "cmdline_size"},
    {0x23c, 4, 0x207, KP_FIELD_HEX, "hardware_subarch"},
    {0x240, 8, 0x207, KP_FIELD_HEX, "hardware_subarch_data"},
    {0x248, 4, 0x208, KP_FIELD_HEX, "payload_offset"},
    {0x24c, 4, 0x208, KP_FIELD_BYTES, "payload_length"},
    {0x250, 8, 0x209, KP_FIELD_HEX, "setup_data"},
    {0x258, 8, 0x20a, KP_FIELD_HEX, "pref_address"},
    {0x260, 4, 0x20a, KP_FIELD_BYTES, "init_size"},
    {0x264, 4, 0x20b, KP_FIELD_HEX, "handover_offset"},
    {0x268, 4, 0x20f, KP_FIELD_HEX, "kernel_info_offset"},
};

static const char *const loadflags[8] = {"LOADED_HIGH", "KASLR_FLAG",    NULL,          NULL, NULL,
                                         "QUIET_FLAG",  "KEEP_SEGMENTS", "CAN_USE_HEAP"};
static const char *const xloadflags[8] = {"KERNEL_64",       "CAN_BE_LOADED_ABOVE_4G",
                                          "EFI_HANDOVER_32", "EFI_HANDOVER_64",
                                          "EFI_KEXEC",       "5LEVEL",
                                          "5LEVEL_ENABLED",  NULL};

static uint64_t value_of(const uint8_t *setup, const struct row *row)
{
    const uint8_t *const at = setup + row->at;

    switch (row->length) {
    case 1:
        return *at;
    case 2:
        return kp_le16(at);
    case 4:
        return kp_le32(at);
    default:
        return kp_le64(at);
    }
}

static const char *name_bits(uint64_t value, const char *const names[8], char *text)
{
    size_t length = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < 8; i++)
        if ((value >> i & 1) != 0 && names[i] != NULL)
            length += (size_t)snprintf(text + length, MEANING_MAX - length, "%s%s",
                                       length == 0 ? "" : ", ", names[i]);
    return text;
}

/* What a field's value stands for, in `text` or a constant; NULL: nothing to be said. */
static const char *meaning(const struct view *view, const struct row *row, uint64_t value,
                           char *text)
{
    switch (row->at) {
    case AT_SETUP_SECTS:
        snprintf(text, MEANING_MAX, "setup code of %llu bytes", ULL(view->setup_size));
        return text;
    case AT_ROOT_FLAGS:
        return value != 0 ? "read-only root" : NULL;
    case AT_SYSSIZE:
        snprintf(text, MEANING_MAX, "%llu bytes", ULL(view->system_size));
        return text;
    case AT_VID_MODE:
        return value == 0xffff   ? "normal"
               : value == 0xfffe ? "extended"
               : value == 0xfffd ? "ask"
                                 : NULL;
    case AT_ROOT_DEV:
        snprintf(text, MEANING_MAX, "major %u, minor %u", (unsigned)value >> 8,
                 (unsigned)value & 0xff);
        return value != 0 ? text : NULL;
    case AT_VERSION:
        snprintf(text, MEANING_MAX, "%u.%02u", (unsigned)value >> 8, (unsigned)value & 0xff);
        return text;
    case AT_KERNEL_VERSION:
        return view->release.text[0] != '\0' ? view->release.text : NULL;
    case 0x211:
        return name_bits(value, loadflags, text);
    case AT_XLOADFLAGS:
        return name_bits(value, xloadflags, text);
    case 0x235:
        snprintf(text, MEANING_MAX, "0x%llx bytes", value < 64 ? 1ULL << value : 0);
        return text;
    default:
        return NULL;
    }
}

static bool contradicts(const struct view *view, const struct row *row, uint64_t value)
{
    switch (row->at) {
    case AT_SYSSIZE:
        return view->end > view->file_size && !view_lacks_little(view);
    case AT_BOOT_FLAG:
        return value != BOOT_FLAG;
    case AT_KERNEL_VERSION:
        return value != 0 && value + SECTOR >= view->setup_size;
    case AT_PAYLOAD_OFFSET:
    case AT_PAYLOAD_LENGTH:
        return !kp_inside(view->system_size, kp_le32(view->setup + AT_PAYLOAD_OFFSET),
                          kp_le32(view->setup + AT_PAYLOAD_LENGTH));
    case AT_HANDOVER_OFFSET:
    case AT_KERNEL_INFO_OFFSET:
        return value >= view->system_size;
    default:
        return false;
    }
}

/* boot.rst, "syssize": two bytes before 2.04, and two of what was then the swap device. */
static bool is_there(const struct view *view, const struct row *row)
{
    if (row->since > view->version)
        return false;
    return row->length != 2 || row->at < AT_SYSSIZE || row->at >= AT_SYSSIZE + 4 ||
           view->version < VERSION_SYSSIZE;
}

static uint32_t relation_to_payload(const struct row *row)
{
    if (row->at == AT_PAYLOAD_OFFSET)
        return KP_FIELD_OFFSET_OF;
    return row->at == AT_PAYLOAD_LENGTH ? KP_FIELD_SIZE_OF : 0;
}

static int32_t show_row(const struct view *view, const struct row *row)
{
    char text[MEANING_MAX];
    struct kp_field field = {.size = sizeof(field),
                             .type = KP_FIELD_NUMBER,
                             .flags = row->flags,
                             .name = row->name,
                             .offset = row->at,
                             .length = row->length,
                             .number = value_of(view->setup, row),
                             .relation = relation_to_payload(row)};

    field.of = field.relation != 0 ? "payload" : NULL;
    if (contradicts(view, row, field.number))
        field.flags |= KP_FIELD_INVALID;
    field.meaning = meaning(view, row, field.number, text);
    return view->call->host->field(view->call, &field);
}

static int32_t show_rows(const struct view *view)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (is_there(view, &rows[i]) && show_row(view, &rows[i]) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

/* The compressed kernel, and the size that it says it unpacks to: *contents, 0 if no codec knows
 * it. */
static int32_t show_payload(const struct view *view, uint32_t *contents)
{
    struct kp_call *const call = view->call;
    struct kp_identity identity = {.size = sizeof(identity)};
    const struct kp_image *payload;
    uint64_t at, length;
    uint8_t size[PAYLOAD_SIZE_WORD];

    if (!view_payload(view, &at, &length))
        return KP_OK;
    payload = call->host->image_slice(call, call->input, at, length);
    if (payload == NULL || call->host->identify(call, payload, &identity) != KP_OK ||
        call->host->image_read(call, payload, length - sizeof(size), size, sizeof(size)) != KP_OK ||
        kp_field_number(call, "payload", at, length, length, KP_FIELD_BYTES,
                        identity.codec != NULL ? identity.codec : identity.kind) != KP_OK ||
        kp_field_number(call, "inflated_size", at + length - sizeof(size), sizeof(size),
                        kp_le32(size), KP_FIELD_BYTES, NULL) != KP_OK ||
        kp_part_at(call, "payload", KP_ROLE_PAYLOAD, at, length, NULL) != KP_OK)
        return KP_FAILED;
    *contents = identity.codec == NULL ? 0 : kp_le32(size);
    return KP_OK;
}

/* What runs: the setup code, and the program around the payload, in which an old kernel's payload
 * must be searched for. */
static int32_t show_code(const struct view *view)
{
    const struct kp_part payload = {.size = sizeof(payload),
                                    .name = "payload",
                                    .role = KP_ROLE_PAYLOAD,
                                    .offset = view->setup_size,
                                    .length = view->system_size,
                                    .flags = KP_PART_SEARCH};

    if (kp_part_at(view->call, "setup", KP_ROLE_CODE, 0, view->setup_size, "real-mode code") !=
            KP_OK ||
        kp_part_at(view->call, "boot", KP_ROLE_CODE, view->setup_size, view->system_size,
                   "the program that unpacks the payload") != KP_OK)
        return KP_FAILED;
    return view->version < VERSION_CRC ? view->call->host->part(view->call, &payload) : KP_OK;
}

/* boot.rst, "The kernel_info". */
static int32_t show_kernel_info(const struct view *view)
{
    static const struct {
        const char *name;
        uint32_t flags;
    } words[] = {{"header", KP_FIELD_HEX},
                 {"size", KP_FIELD_BYTES},
                 {"size_total", KP_FIELD_BYTES},
                 {"setup_type_max", KP_FIELD_HEX}};
    const uint64_t at = view->setup_size + kp_le32(view->setup + AT_KERNEL_INFO_OFFSET);
    uint8_t bytes[16];
    char name[40];
    bool wrong;

    if (view->version < 0x20f || at == view->setup_size || !kp_inside(view->end, at, sizeof(bytes)))
        return KP_OK;
    if (view->call->host->image_read(view->call, view->call->input, at, bytes, sizeof(bytes)) !=
        KP_OK)
        return KP_FAILED;
    wrong = kp_le32(bytes) != KERNEL_INFO_MAGIC;
    for (unsigned i = 0; i < (wrong ? 1 : 4); i++) {
        snprintf(name, sizeof(name), "kernel_info.%s", words[i].name);
        if (kp_field_number(view->call, name, at + 4 * (uint64_t)i, 4,
                            kp_le32(bytes + 4 * (size_t)i),
                            words[i].flags | (wrong ? KP_FIELD_INVALID : 0), NULL) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

static int32_t show_crc(const struct view *view, bool *right)
{
    uint32_t stored;

    if (!view_stored_crc(view, &stored, right))
        return KP_FAILED;
    if (stored == 0)
        return KP_OK;
    return kp_field_number(view->call, "crc32", view->end - CRC_SIZE, CRC_SIZE, stored,
                           KP_FIELD_HEX | (*right ? 0 : KP_FIELD_INVALID), NULL);
}

/* Where a signer puts what it appends: a directory of its own, in which an offset in the file
 * stands for an address. */
static int32_t show_signature(const struct view *view, uint64_t at, uint64_t size)
{
    const uint64_t entry = view->pe.directories + CERTIFICATES_AT;
    const struct kp_field address = {.size = sizeof(address),
                                     .type = KP_FIELD_NUMBER,
                                     .flags = KP_FIELD_HEX,
                                     .name = "certificate_table.address",
                                     .offset = entry,
                                     .length = 4,
                                     .number = at,
                                     .of = "signature",
                                     .relation = KP_FIELD_OFFSET_OF};
    const struct kp_field length = {.size = sizeof(length),
                                    .type = KP_FIELD_NUMBER,
                                    .flags = KP_FIELD_BYTES,
                                    .name = "certificate_table.size",
                                    .offset = entry + 4,
                                    .length = 4,
                                    .number = size,
                                    .of = "signature",
                                    .relation = KP_FIELD_SIZE_OF};

    if (view->call->host->field(view->call, &address) != KP_OK ||
        view->call->host->field(view->call, &length) != KP_OK ||
        kp_field_number(view->call, "certificate_table", at, size, size, KP_FIELD_BYTES,
                        "signed") != KP_OK)
        return KP_FAILED;
    return kp_part_at(view->call, "signature", KP_ROLE_SIGNATURE, at, size, NULL);
}

static int32_t show_rest(const struct view *view)
{
    uint64_t at = 0, size = 0;

    if (view->efi && (kp_field_number(view->call, "pe_header", PE_SIGNATURE_AT, 4, view->pe.coff,
                                      KP_FIELD_HEX, "EFI stub") != KP_OK ||
                      !pe_certificates(&view->pe, &at, &size)))
        return KP_FAILED;
    if (size != 0)
        return show_signature(view, at, size);
    if (view->end == view->file_size)
        return KP_OK;
    return kp_field_number(view->call, "trailing", view->end, view->file_size - view->end,
                           view->file_size - view->end, KP_FIELD_BYTES, NULL);
}

int32_t bzimage_inspect(struct kp_call *call)
{
    uint32_t contents = 0;
    struct view view;
    bool crc = false;

    if (view_read(&view, call) != KP_OK || show_rows(&view) != KP_OK || view_open(&view) != KP_OK ||
        show_code(&view) != KP_OK || show_payload(&view, &contents) != KP_OK ||
        show_kernel_info(&view) != KP_OK || show_crc(&view, &crc) != KP_OK ||
        show_rest(&view) != KP_OK || (contents != 0 && show_remake(&view, contents, crc) != KP_OK))
        return KP_FAILED;
    return view_set_traits(&view);
}
