/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/bzimage/inspect.c - describes a bzImage: the setup header's fields by their names in
 * Documentation/arch/x86/boot.rst, the payload's codec, kernel_info and the checksum. The PE
 * header is the format pe's matter.
 */
#include <string.h>

#include "bzimage.h"

#define SETUP_LARGEST UINT64_C(131072) /* 256 sectors: setup_sects is a byte */
#define MEANING_MAX 200u
#define VERSION_OLDEST 0x200u
#define VERSION_CRC 0x208u /* boot.rst, "The Image Checksum" */
#define VERSION_XLOADFLAGS 0x20cu

struct view {
    struct kp_call *call;
    const uint8_t *setup; /* the setup code, a copy */
    uint64_t setup_size;
    uint64_t system_size; /* as syssize tells */
    uint64_t end;         /* of both in the file */
    uint64_t file_size;
    uint16_t version;
    struct release release;
    bool efi;
    struct pe_file pe;
};

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
    {0x1f4, 4, 0x204, KP_FIELD_HEX, "syssize"},
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

/* syssize counts in 16 bytes; not all who make such files fill up the last ones (iPXE). Kernels
 * do, and since they have a checksum its place must be there. */
static bool lacks_little(const struct view *view)
{
    return view->version < VERSION_CRC && view->end > view->file_size &&
           view->end - view->file_size < 16;
}

static bool contradicts(const struct view *view, const struct row *row, uint64_t value)
{
    switch (row->at) {
    case AT_SYSSIZE:
        return view->end > view->file_size && !lacks_little(view);
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

static int32_t show_rows(const struct view *view)
{
    char text[MEANING_MAX];
    uint64_t value;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].since > view->version)
            continue;
        value = value_of(view->setup, &rows[i]);
        if (kp_field_number(view->call, rows[i].name, rows[i].at, rows[i].length, value,
                            rows[i].flags |
                                (contradicts(view, &rows[i], value) ? KP_FIELD_INVALID : 0),
                            meaning(view, &rows[i], value, text)) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* The compressed kernel, and the size that it says it unpacks to. */
static int32_t show_payload(const struct view *view)
{
    const uint64_t at = view->setup_size + kp_le32(view->setup + AT_PAYLOAD_OFFSET);
    const uint64_t length = kp_le32(view->setup + AT_PAYLOAD_LENGTH);
    struct kp_identity identity = {.size = sizeof(identity)};
    const struct kp_image *payload;
    uint8_t size[4];

    if (view->version < 0x208 || length < sizeof(size) || !kp_inside(view->end, at, length))
        return KP_OK;
    payload = view->call->host->image_slice(view->call, view->call->input, at, length);
    if (payload == NULL || view->call->host->identify(view->call, payload, &identity) != KP_OK ||
        view->call->host->image_read(view->call, payload, length - sizeof(size), size,
                                     sizeof(size)) != KP_OK ||
        kp_field_number(view->call, "payload", at, length, length, KP_FIELD_BYTES,
                        identity.codec != NULL ? identity.codec : identity.kind) != KP_OK)
        return KP_FAILED;
    if (kp_field_number(view->call, "inflated_size", at + length - sizeof(size), sizeof(size),
                        kp_le32(size), KP_FIELD_BYTES, NULL) != KP_OK ||
        kp_part_at(view->call, "payload", KP_ROLE_PAYLOAD, at, length, NULL) != KP_OK)
        return KP_FAILED;
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

/* A signer changes CheckSum and the place of the certificates: without these, and with what it
 * appended left out, the CRC is that of Kbuild again. */
static void unsign(const struct view *view, uint8_t *setup)
{
    uint32_t address, size;

    if (!view->efi || view->pe.head_size > view->setup_size)
        return;
    memset(setup + view->pe.optional + PE_CHECKSUM, 0, 4);
    pe_directory(&view->pe, PE_DIRECTORY_CERTIFICATES, &address, &size);
    if (size != 0)
        memset(setup + view->pe.directories + (size_t)8 * PE_DIRECTORY_CERTIFICATES, 0, 8);
}

/* Kernels since 6.15 have four zeros instead. */
static int32_t show_crc(const struct view *view, uint8_t *setup)
{
    uint32_t crc = CRC_BEGIN;
    uint8_t stored[CRC_SIZE];

    if (view->version < VERSION_CRC || view->system_size < CRC_SIZE)
        return KP_OK;
    if (view->call->host->image_read(view->call, view->call->input, view->end - CRC_SIZE, stored,
                                     sizeof(stored)) != KP_OK)
        return KP_FAILED;
    if (kp_le32(stored) == 0)
        return KP_OK;
    unsign(view, setup);
    crc_bytes(setup, view->setup_size, &crc);
    if (!crc_image(view->call, view->call->input, view->setup_size, view->end - CRC_SIZE, &crc))
        return KP_FAILED;
    return kp_field_number(view->call, "crc32", view->end - CRC_SIZE, CRC_SIZE, kp_le32(stored),
                           KP_FIELD_HEX | (crc != kp_le32(stored) ? KP_FIELD_INVALID : 0), NULL);
}

static int32_t show_rest(const struct view *view)
{
    uint64_t at = 0, size = 0;

    if (view->efi && (kp_field_number(view->call, "pe_header", PE_SIGNATURE_AT, 4, view->pe.coff,
                                      KP_FIELD_HEX, "EFI stub") != KP_OK ||
                      !pe_certificates(&view->pe, &at, &size)))
        return KP_FAILED;
    if (size != 0 &&
        (kp_field_number(view->call, "certificate_table", at, size, size, KP_FIELD_BYTES,
                         "signed") != KP_OK ||
         kp_part_at(view->call, "signature", KP_ROLE_SIGNATURE, at, size, NULL) != KP_OK))
        return KP_FAILED;
    if (size != 0)
        return KP_OK;
    if (view->end == view->file_size)
        return KP_OK;
    return kp_field_number(view->call, "trailing", view->end, view->file_size - view->end,
                           view->file_size - view->end, KP_FIELD_BYTES, NULL);
}

/* i386 or x86_64: before xloadflags existed only a PE header tells. */
static int32_t set_traits(const struct view *view)
{
    struct kp_call *const call = view->call;
    bool wide = view->efi && view->pe.machine == 0x8664;

    if (view->version >= VERSION_XLOADFLAGS)
        wide = (view->setup[AT_XLOADFLAGS] & XLF_KERNEL_64) != 0;
    if ((view->efi || view->version >= VERSION_XLOADFLAGS) &&
        call->host->set_text(call, call->output, KP_TRAIT_ARCH, wide ? "x86_64" : "i386") != KP_OK)
        return KP_FAILED;
    if (view->release.text[0] == '\0')
        return KP_OK;
    return call->host->set_text(call, call->output, KP_TRAIT_VERSION, view->release.text);
}

/* Reads the header, and then as much of the setup code as there is. */
static int32_t read_setup(struct view *view, uint8_t *setup)
{
    struct kp_call *const call = view->call;
    uint64_t there;

    view->file_size = kp_size(call, call->input);
    if (view->file_size < HEADER_END)
        return kp_fail(call, "header: %llu bytes: the setup header ends at %u",
                       ULL(view->file_size), HEADER_END);
    there = view->file_size < SETUP_LARGEST ? view->file_size : SETUP_LARGEST;
    if (call->host->image_read(call, call->input, 0, setup, there) != KP_OK)
        return KP_FAILED;
    view->version = kp_le16(setup + AT_VERSION);
    if (kp_le32(setup + AT_HEADER) != HEADER_MAGIC || view->version < VERSION_OLDEST)
        return kp_fail(call, "header: 0x%08x, version 0x%x: must be HdrS, and 0x%x at least",
                       (unsigned)kp_le32(setup + AT_HEADER), view->version, VERSION_OLDEST);
    view->setup_size =
        (uint64_t)(setup[AT_SETUP_SECTS] == 0 ? 4 : setup[AT_SETUP_SECTS]) * SECTOR + SECTOR;
    view->system_size = kp_le32(setup + AT_SYSSIZE) * UINT64_C(16);
    view->end = view->setup_size + view->system_size;
    view->efi = memcmp(setup, "MZ", 2) == 0;
    release_read(&view->release, setup, view->setup_size < there ? view->setup_size : there);
    return KP_OK;
}

int32_t bzimage_inspect(struct kp_call *call)
{
    uint8_t *const setup = call->host->alloc(call, SETUP_LARGEST);
    struct view view = {.call = call, .setup = setup};

    if (setup == NULL || read_setup(&view, setup) != KP_OK || show_rows(&view) != KP_OK)
        return KP_FAILED;
    if (lacks_little(&view)) {
        view.system_size -= view.end - view.file_size;
        view.end = view.file_size;
    }
    if (view.end > view.file_size)
        return kp_fail_at(call, NULL, "the file was cut short: get it again",
                          "syssize: %llu bytes behind %llu of setup code: the file has %llu",
                          ULL(view.system_size), ULL(view.setup_size), ULL(view.file_size));
    if (view.efi && !pe_file_open(&view.pe, call, call->input, NULL))
        return KP_FAILED;
    view.efi = view.efi && view.pe.optional_size != 0;
    if (show_code(&view) != KP_OK || show_payload(&view) != KP_OK ||
        show_kernel_info(&view) != KP_OK || show_crc(&view, setup) != KP_OK ||
        show_rest(&view) != KP_OK)
        return KP_FAILED;
    return set_traits(&view);
}
