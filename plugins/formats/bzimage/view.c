/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/bzimage/view.c - reads the headers of a bzImage that is there: where setup code, boot
 * program and payload lie in it, its checksum, and what it tells about the kernel. Nothing is
 * shown or changed here.
 */
#include <string.h>

#include "bzimage.h"

#define VERSION_OLDEST 0x200u

/* boot.rst, "syssize": before 2.04 the field has 16 bits, which do not hold the size of a kernel
 * that is loaded high. All of the file is the kernel then. */
static uint64_t system_size(const struct view *view)
{
    if (view->version >= VERSION_SYSSIZE)
        return kp_le32(view->setup + AT_SYSSIZE) * UINT64_C(16);
    return view->file_size > view->setup_size ? view->file_size - view->setup_size : 0;
}

/* syssize counts in 16 bytes; not all who make such files fill up the last ones (iPXE, memtest86+).
 * Kernels do, whose header tells of a payload: the place of their checksum must be there. */
bool view_lacks_little(const struct view *view)
{
    return view->end > view->file_size && view->end - view->file_size < 16 &&
           (view->version < VERSION_CRC || kp_le32(view->setup + AT_PAYLOAD_LENGTH) == 0);
}

int32_t view_read(struct view *view, struct kp_call *call)
{
    uint8_t *setup = call->host->alloc(call, SETUP_LARGEST);
    uint64_t there;

    *view = (struct view){.call = call, .setup = setup, .file_size = kp_size(call, call->input)};
    if (setup == NULL)
        return KP_FAILED;
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
    view->system_size = system_size(view);
    view->end = view->setup_size + view->system_size;
    view->efi = memcmp(setup, "MZ", 2) == 0;
    release_read(&view->release, setup, view->setup_size < there ? view->setup_size : there);
    return KP_OK;
}

int32_t view_open(struct view *view)
{
    if (view_lacks_little(view)) {
        view->system_size -= view->end - view->file_size;
        view->end = view->file_size;
    }
    if (view->end > view->file_size)
        return kp_fail_at(view->call, NULL, "the file was cut short: get it again",
                          "syssize: %llu bytes behind %llu of setup code: the file has %llu",
                          ULL(view->system_size), ULL(view->setup_size), ULL(view->file_size));
    if (view->efi && !pe_file_open(&view->pe, view->call, view->call->input, NULL))
        return KP_FAILED;
    view->efi = view->efi && view->pe.optional_size != 0;
    return KP_OK;
}

bool view_payload(const struct view *view, uint64_t *at, uint64_t *length)
{
    const uint64_t offset = kp_le32(view->setup + AT_PAYLOAD_OFFSET);

    *at = view->setup_size + offset;
    *length = kp_le32(view->setup + AT_PAYLOAD_LENGTH);
    return view->version >= VERSION_CRC && *length >= PAYLOAD_SIZE_WORD &&
           kp_inside(view->system_size, offset, *length);
}

/* header.S, before ZO_z_extra_bytes: so far before its end must the compressed payload lie that the
 * kernel can be unpacked in place. */
uint64_t extract_offset(uint64_t input, uint64_t output, uint64_t head)
{
    uint64_t offset = (output >> 8) + 131072;

    if (output > input)
        offset += output - input;
    if (head > offset)
        offset = head;
    return (offset + PAGE - 1) / PAGE * PAGE;
}

/* A signer changes CheckSum and the place of the certificates: without these, and with what it
 * appended left out, the CRC is that of Kbuild again. */
static void unsign(const struct view *view, uint8_t *setup)
{
    uint32_t address, size;

    if (!view_has_pe(view))
        return;
    memset(setup + view->pe.optional + PE_CHECKSUM, 0, 4);
    pe_directory(&view->pe, PE_DIRECTORY_CERTIFICATES, &address, &size);
    if (size != 0)
        memset(setup + view->pe.directories + CERTIFICATES_AT, 0, 8);
}

bool view_setup_crc(const struct view *view, uint32_t *crc)
{
    uint8_t *setup = view->call->host->alloc(view->call, view->setup_size);

    if (setup == NULL)
        return false;
    memcpy(setup, view->setup, (size_t)view->setup_size);
    unsign(view, setup);
    *crc = CRC_BEGIN;
    crc_bytes(setup, view->setup_size, crc);
    return true;
}

bool view_stored_crc(const struct view *view, uint32_t *stored, bool *right)
{
    struct kp_call *const call = view->call;
    const uint64_t at = view->end - CRC_SIZE;
    uint8_t bytes[CRC_SIZE];
    uint32_t crc;

    *stored = 0;
    *right = false;
    if (view->version < VERSION_CRC || view->system_size < CRC_SIZE || view->system_size % 16 != 0)
        return true;
    if (call->host->image_read(call, call->input, at, bytes, sizeof(bytes)) != KP_OK)
        return false;
    *stored = kp_le32(bytes);
    if (*stored == 0)
        return true;
    if (!view_setup_crc(view, &crc) || !crc_image(call, call->input, view->setup_size, at, &crc))
        return false;
    *right = crc == *stored;
    return true;
}

/* i386 or x86_64: before xloadflags existed only a PE header tells. */
int32_t view_set_traits(const struct view *view)
{
    struct kp_call *const call = view->call;

    if ((view->efi || view->version >= VERSION_XLOADFLAGS) &&
        call->host->set_text(call, call->output, KP_TRAIT_ARCH,
                             view_is_wide(view) ? "x86_64" : "i386") != KP_OK)
        return KP_FAILED;
    if (view->release.text[0] == '\0')
        return KP_OK;
    return call->host->set_text(call, call->output, KP_TRAIT_VERSION, view->release.text);
}

bool view_is_wide(const struct view *view)
{
    if (view->version >= VERSION_XLOADFLAGS)
        return (view->setup[AT_XLOADFLAGS] & XLF_KERNEL_64) != 0;
    return view->efi && view->pe.machine == 0x8664;
}

bool view_has_pe(const struct view *view)
{
    return view->efi && view->pe.head_size <= view->setup_size;
}
