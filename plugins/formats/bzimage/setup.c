/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/bzimage/setup.c - the real-mode part, Kbuild's setup.bin: what it is, how it is
 * padded, and by which layout a bzImage is made of it.
 *
 * Only what the setup code itself decides is read here: the boot flag, the protocol's version,
 * xloadflags, the kernel's release, the PE header's form, alignments and names of sections.
 */
#include <string.h>

#include "bzimage.h"

#define SETUP_LEAST 1024u /* tools/build.c */
#define SIZE_LEAST 2560u  /* SETUP_SECT_MIN of tools/build.c, 5 sectors */
#define VERSION_LEAST 0x20fu
#define SIGNATURE 0x5a5aaa55u /* setup.ld; main.c of the setup code looks for it */
#define LAYOUT_HINT "give 'layout': kernel-5.10, kernel-6.1 or kernel-6.15"

#define fail(setup, hint, ...)                                                                     \
    kp_fail_at((setup)->call, &(setup)->params->setup, hint, "setup: " __VA_ARGS__)

static unsigned number(const char **text)
{
    unsigned value = 0;

    for (; **text >= '0' && **text <= '9' && value < 100000; (*text)++)
        value = value * 10 + (unsigned)(**text - '0');
    return value;
}

void release_read(struct release *release, const uint8_t *bytes, uint64_t size)
{
    uint64_t at = (uint64_t)kp_le16(bytes + AT_KERNEL_VERSION) + SECTOR;
    const char *text = release->text;
    size_t length = 0;

    memset(release, 0, sizeof(*release));
    if (at == SECTOR) /* the field is 0 */
        return;
    /* The release is the first word of the text. */
    for (; at < size && length < RELEASE_MAX && bytes[at] > 0x20 && bytes[at] < 0x7f; at++)
        release->text[length++] = (char)bytes[at];
    release->major = number(&text);
    if (*text == '.') {
        text++;
        release->minor = number(&text);
    }
}

static bool is_before(const struct release *release, unsigned major, unsigned minor)
{
    return release->major < major || (release->major == major && release->minor < minor);
}

static bool has_section(const struct pe_file *pe, const char *name)
{
    struct pe_section section;

    for (uint16_t i = 0; i < pe->section_count; i++) {
        pe_section(pe, i, &section);
        if (strcmp(section.name, name) == 0)
            return true;
    }
    return false;
}

static int32_t check_header(struct setup *setup)
{
    const uint8_t *const bytes = setup->bytes;
    const uint16_t flag = kp_le16(bytes + AT_BOOT_FLAG), version = kp_le16(bytes + AT_VERSION);

    if (flag != BOOT_FLAG)
        return fail(setup, NULL, "boot_flag 0x%04x: must be 0x%04x", flag, BOOT_FLAG);
    if (kp_le32(bytes + AT_HEADER) != HEADER_MAGIC)
        return fail(setup, NULL, "header 0x%08x: must be HdrS",
                    (unsigned)kp_le32(bytes + AT_HEADER));
    if (version < VERSION_LEAST)
        return fail(setup, "no layout of kernels before Linux 5.9 is known",
                    "version %u.%02u: must be 2.15 at least", version >> 8, version & 0xff);
    return KP_OK;
}

/* With "MZ" the code is for EFI firmware, too. */
static int32_t read_efi(struct setup *setup)
{
    uint16_t machine;

    setup->xloadflags = kp_le16(setup->bytes + AT_XLOADFLAGS);
    setup->wide = (setup->xloadflags & XLF_KERNEL_64) != 0;
    setup->efi = memcmp(setup->bytes, "MZ", 2) == 0;
    if (!setup->efi)
        return KP_OK;
    if (!pe_file_open(&setup->pe, setup->call, setup->params->setup, &setup->params->setup))
        return KP_FAILED;
    machine = setup->wide ? 0x8664 : 0x14c;
    if (setup->pe.optional_size == 0 || setup->pe.machine != machine ||
        setup->pe.plus != setup->wide)
        return fail(setup, NULL, "pe header: Machine 0x%x and %s: xloadflags 0x%x tell %s bits",
                    setup->pe.machine,
                    setup->pe.optional_size == 0 ? "no optional header"
                    : setup->pe.plus             ? "PE32+"
                                                 : "PE32",
                    setup->xloadflags, setup->wide ? "64" : "32");
    setup->mixed = has_section(&setup->pe, ".compat");
    setup->sbat = has_section(&setup->pe, ".sbat");
    return KP_OK;
}

/* Whether the code is laid out by pages (from 6.1 on): 1 or 0, or -1 if it does not tell. The PE
 * header does by its alignment; without one the boot sector does: it begins with a jump in old
 * kernels, and holds 0xff only in newer ones (setup.ld). */
static int by_pages(const struct setup *setup)
{
    uint32_t alignment;
    size_t i = 0;

    if (setup->efi) {
        alignment = kp_le32(pe_optional(&setup->pe, PE_SECTION_ALIGNMENT));
        return alignment == PAGE ? 1 : alignment == OLD_ALIGNMENT ? 0 : -1;
    }
    if (setup->bytes[0] == 0xea)
        return 0;
    while (i < AT_SETUP_SECTS && setup->bytes[i] == 0xff)
        i++;
    return i == AT_SETUP_SECTS ? 1 : -1;
}

static int32_t find_layout(struct setup *setup)
{
    const struct release *const release = &setup->release;
    const int pages = by_pages(setup);
    const uint32_t wanted = setup->params->layout;

    if (wanted != LAYOUT_AUTO) {
        if (setup->efi && pages != (wanted != LAYOUT_5_10))
            return kp_fail_at(setup->call, &setup->params->layout, NULL,
                              "layout: SectionAlignment 0x%x in the setup code: must be 0x%x",
                              (unsigned)kp_le32(pe_optional(&setup->pe, PE_SECTION_ALIGNMENT)),
                              wanted == LAYOUT_5_10 ? OLD_ALIGNMENT : PAGE);
        setup->layout = wanted;
        return KP_OK;
    }
    if (pages < 0)
        return kp_fail_at(setup->call, &setup->params->layout, LAYOUT_HINT,
                          "layout: the setup code of Linux '%s' is like none that is known",
                          release->text);
    if (release->major == 0)
        return kp_fail_at(setup->call, &setup->params->layout, LAYOUT_HINT,
                          "layout: kernel_version '%s' in the setup code: not a release",
                          release->text);
    /* The formula for init_size was another one before 5.9. */
    if (is_before(release, 5, 9))
        return kp_fail_at(setup->call, &setup->params->layout, LAYOUT_HINT,
                          "layout: none is known for Linux %s", release->text);
    setup->layout = !pages ? LAYOUT_5_10 : is_before(release, 6, 15) ? LAYOUT_6_1 : LAYOUT_6_15;
    return KP_OK;
}

static int32_t pad(struct setup *setup)
{
    uint64_t size = setup->size;

    if (setup->layout == LAYOUT_5_10) {
        size += (setup->efi ? OLD_RESERVE : 0) + (setup->mixed ? OLD_RESERVE : 0);
        size = (size + SECTOR - 1) / SECTOR * SECTOR;
        if (size < SIZE_LEAST)
            size = SIZE_LEAST;
    } else {
        size = (size + PAGE - 1) / PAGE * PAGE;
    }
    if (size > SETUP_MAX)
        return fail(setup, NULL, "%llu bytes, padded to %llu: more than %u sectors",
                    ULL(setup->size), ULL(size), SETUP_SECTORS_MAX);
    setup->padded = size;
    return KP_OK;
}

/* The code ends with it; a file that was padded already has zeros there. */
static void check_signature(const struct setup *setup)
{
    uint64_t end = setup->size;

    while (end > HEADER_END && setup->bytes[end - 1] == 0)
        end--;
    if (kp_le32(setup->bytes + end - 4) != SIGNATURE)
        kp_message(setup->call, KP_WARNING,
                   "setup: does not end with its signature 0x%08x: cut short? it would not run",
                   SIGNATURE);
}

int32_t setup_open(struct setup *setup, struct kp_call *call)
{
    memset(setup, 0, sizeof(*setup));
    setup->call = call;
    setup->params = call->params;
    setup->size = kp_size(call, setup->params->setup);
    if (setup->size < SETUP_LEAST)
        return fail(setup, NULL, "%llu bytes: the setup code has %u at least", ULL(setup->size),
                    SETUP_LEAST);
    if (setup->size > SETUP_MAX)
        return fail(setup, NULL, "%llu bytes: more than %u sectors of %u", ULL(setup->size),
                    SETUP_SECTORS_MAX, SECTOR);
    setup->bytes = call->host->alloc(call, SETUP_MAX);
    if (setup->bytes == NULL ||
        call->host->image_read(call, setup->params->setup, 0, setup->bytes, setup->size) != KP_OK)
        return KP_FAILED;
    if (check_header(setup) != KP_OK || read_efi(setup) != KP_OK)
        return KP_FAILED;
    release_read(&setup->release, setup->bytes, setup->size);
    if (find_layout(setup) != KP_OK || pad(setup) != KP_OK)
        return KP_FAILED;
    check_signature(setup);
    return KP_OK;
}
