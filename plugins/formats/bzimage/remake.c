/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/bzimage/remake.c - tells how a bzImage is made again of its parts: laid out as they are,
 * and then by the stage bzimage-update, which gets those facts that only this image has: which of
 * its numbers were right, and where the boot program keeps the payload's sizes.
 */
#include <string.h>

#include "bzimage.h"

/* Since 5.10 at the latest piggy.S (arch/x86/boot/compressed/mkpiggy.c) has the sizes of the payload
 * and of its contents next to each other among the boot program's constants, behind the payload;
 * nothing tells where. False after reporting; *at is 0 unless there is one place only. */
static bool find_lengths(const struct view *view, uint64_t behind, const uint8_t words[8],
                         uint64_t *at)
{
    struct kp_call *const call = view->call;
    const struct kp_image *rest =
        call->host->image_slice(call, call->input, behind, view->end - behind);
    const uint8_t *bytes = rest == NULL ? NULL : call->host->image_view(call, rest);
    uint64_t left = view->end - behind;
    const uint8_t *from = bytes, *found;

    *at = 0;
    if (bytes == NULL)
        return false;
    while (left >= 8 && (found = memchr(from, words[0], (size_t)(left - 7))) != NULL) {
        left -= (uint64_t)(found - from) + 1;
        from = found + 1;
        if (memcmp(found, words, 8) != 0)
            continue;
        if (*at != 0) {
            *at = 0;
            return true;
        }
        *at = behind + (uint64_t)(found - bytes);
    }
    return true;
}

static int32_t show_length(const struct view *view, const char *name, uint64_t at, uint64_t number,
                           const char *of)
{
    const struct kp_field field = {.size = sizeof(field),
                                   .type = KP_FIELD_NUMBER,
                                   .flags = KP_FIELD_BYTES,
                                   .name = name,
                                   .offset = at,
                                   .length = 4,
                                   .number = number,
                                   .meaning = "in the boot program: found by its value",
                                   .of = of,
                                   .relation = KP_FIELD_SIZE_OF};

    return view->call->host->field(view->call, &field);
}

/* Memory of the boot program, with what it has behind its bytes in the file. Since its PE header
 * has sections in pages SizeOfImage tells (header.S); else the memory that was asked for is what it
 * has at most. 0: not known. */
static uint64_t boot_memory(const struct view *view, uint64_t input, uint64_t output)
{
    const uint64_t init_size = kp_le32(view->setup + AT_INIT_SIZE);
    const uint64_t offset = extract_offset(input, output, kp_le32(view->setup + AT_PAYLOAD_OFFSET));
    uint64_t most, image;

    if (view->version < VERSION_INIT_SIZE || init_size <= offset)
        return 0;
    most = init_size - offset;
    if (!view_has_pe(view))
        return most;
    image = kp_le32(pe_optional(&view->pe, PE_SIZE_OF_IMAGE));
    return image > view->end && image - view->setup_size < most ? image - view->setup_size : most;
}

/* Before its sections were in pages (until 6.6) the PE header asked for all of the kernel's memory:
 * tools/build.c, update_pecoff_text. */
static bool has_efi_memory(const struct view *view)
{
    return view_has_pe(view) && view->version >= VERSION_INIT_SIZE && view->pe.section_count > 0 &&
           kp_le32(pe_optional(&view->pe, PE_SIZE_OF_IMAGE)) ==
               (uint64_t)kp_le32(view->setup + AT_INIT_SIZE) +
                   kp_le32(view->setup + AT_KERNEL_ALIGNMENT);
}

/* As a parameter that has a number, or none if that is 0. */
static void add_number(char *text, size_t size, const char *name, uint64_t number)
{
    const size_t length = strlen(text);

    if (number != 0)
        snprintf(text + length, size - length, "%s%s: 0x%llx", length == 0 ? "" : ", ", name,
                 ULL(number));
}

static void add_yes(char *text, size_t size, const char *name, bool yes)
{
    const size_t length = strlen(text);

    if (yes)
        snprintf(text + length, size - length, "%s%s: yes", length == 0 ? "" : ", ", name);
}

static int32_t report(const struct view *view, const char *parameters)
{
    struct kp_call *const call = view->call;
    char chain[300];

    if (view_has_pe(view) && kp_le32(pe_optional(&view->pe, PE_CHECKSUM)) != 0) {
        snprintf(chain, sizeof(chain),
                 "[@layout, {bzimage-update: {%s}}, {pe: {checksum: compute}}]", parameters);
        if (call->host->remake(call, chain) != KP_OK)
            return KP_FAILED;
    }
    snprintf(chain, sizeof(chain), "[@layout, {bzimage-update: {%s}}]", parameters);
    return call->host->remake(call, chain);
}

int32_t show_remake(const struct view *view, uint32_t contents, bool crc)
{
    uint64_t payload, length, at;
    uint8_t words[8];
    char parameters[200] = "";

    if (!view_payload(view, &payload, &length))
        return KP_OK;
    kp_put_le32(words, (uint32_t)length);
    kp_put_le32(words + 4, contents);
    if (!find_lengths(view, payload + length, words, &at))
        return KP_FAILED;
    if (at != 0 && (show_length(view, "input_len", at, length, "payload") != KP_OK ||
                    show_length(view, "output_len", at + 4, contents, "payload/contents") != KP_OK))
        return KP_FAILED;
    add_number(parameters, sizeof(parameters), "lengths", at);
    add_number(parameters, sizeof(parameters), "boot_memory", boot_memory(view, length, contents));
    add_yes(parameters, sizeof(parameters), "efi_memory", has_efi_memory(view));
    add_yes(parameters, sizeof(parameters), "crc", crc);
    return report(view, parameters);
}
