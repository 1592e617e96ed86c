/* SPDX-License-Identifier: BSD-3-Clause
 *
 * uimage/remake.c - tells how a uImage is made again: by the stage `uimage`, with what the header says
 * as its parameters.
 *
 * It is only said; whether the stage gives the same bytes, the host finds out. Of headers whose
 * numbers have no name, or whose checksums are wrong, it does not.
 */
#include <string.h>

#include "uimage.h"

#define CHAIN_MAX 4096u
#define PARTS_MAX 64u

struct chain {
    char text[CHAIN_MAX];
    size_t length; /* beyond CHAIN_MAX: it did not fit */
};

KP_PRINTF(2, 3)
static void add(struct chain *chain, const char *format, ...)
{
    va_list arguments;
    int length;

    if (chain->length >= CHAIN_MAX)
        return;
    va_start(arguments, format);
    length = vsnprintf(chain->text + chain->length, CHAIN_MAX - chain->length, format, arguments);
    va_end(arguments);
    chain->length += length < 0 ? CHAIN_MAX : (size_t)length;
}

/* In a name "%(" would ask for a trait. */
static int add_name(struct chain *chain, const struct uimage_header *header)
{
    char doubled[2 * UIMAGE_NAME_SIZE], quoted[8 * UIMAGE_NAME_SIZE + 8];
    uint64_t length = 0;

    for (uint64_t i = 0; i < header->name_length; i++) {
        if (header->name[i] == '%')
            doubled[length++] = '%';
        doubled[length++] = header->name[i];
    }
    if (kp_quote(quoted, sizeof(quoted), doubled, length) == 0)
        return 0;
    add(chain, ", name: %s", quoted);
    return 1;
}

static int32_t add_parts(struct kp_call *call, struct chain *chain,
                         const struct uimage_header *header)
{
    struct uimage_part part = {0, 0};
    uint64_t count = 0;
    char name[32];

    if (uimage_find_part(call, header, 0, &count, &part) != KP_OK)
        return KP_FAILED;
    if (count > PARTS_MAX)
        chain->length = CHAIN_MAX;
    for (uint64_t i = 1; i < count && i < PARTS_MAX; i++) {
        uimage_part_name(name, i);
        add(chain, "%s@%s", i == 1 ? ", parts: [" : ", ", name);
    }
    if (count > 1)
        add(chain, "]");
    return KP_OK;
}

int32_t uimage_remake(struct kp_call *call, const struct uimage_header *header, int trailing)
{
    const char *const type = uboot_choice_name(uimage_types, header->type);
    const char *const system = uboot_choice_name(uimage_systems, header->os);
    const char *const compression = uboot_choice_name(uboot_compressions, header->compression);
    const char *const arch = uboot_arch_name(header->arch);
    struct chain chain = {.length = 0};

    if (type == NULL || system == NULL || compression == NULL ||
        (arch == NULL && header->arch != 0))
        return KP_OK;
    add(&chain, "[@%s, {uimage: {type: %s, os: %s",
        uimage_has_parts(header->type) ? "part" : "data", type, system);
    if (arch != NULL)
        add(&chain, ", arch: %s", arch);
    add(&chain, ", compression: %s, load: 0x%x, entry: 0x%x, time: %u", compression,
        (unsigned)header->load, (unsigned)header->entry, (unsigned)header->time);
    if (!add_name(&chain, header))
        return KP_OK;
    if (uimage_has_parts(header->type) && add_parts(call, &chain, header) != KP_OK)
        return KP_FAILED;
    add(&chain, "}}%s]", trailing ? ", {concat: [_, @trailing]}" : "");
    return chain.length < CHAIN_MAX ? call->host->remake(call, chain.text) : KP_OK;
}
