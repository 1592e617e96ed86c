/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dtb/inspect.c - describes a device tree: its header by the specification's names, how
 * much is in it, for which board it is, and what /chosen says.
 *
 * All of the tree are details: common/tree_details.c.
 */
#include <string.h>

#include "../../common/tree_details.h"
#include "dtb.h"

/* Memory reservations, and names of compatible, that are shown one by one. */
#define SHOWN 32u

static int32_t header_field(struct kp_call *call, const char *name, uint32_t at, uint32_t value,
                            uint32_t flags)
{
    return kp_field_number(call, name, at, 4, value, flags, NULL);
}

static int32_t show_header(struct kp_call *call, const struct dtb_blob *b)
{
    if (header_field(call, "totalsize", DTB_AT_TOTALSIZE, b->totalsize, KP_FIELD_BYTES) ||
        header_field(call, "off_dt_struct", DTB_AT_STRUCT, b->struct_at, KP_FIELD_HEX) ||
        header_field(call, "off_dt_strings", DTB_AT_STRINGS, b->strings_at, KP_FIELD_HEX) ||
        header_field(call, "off_mem_rsvmap", DTB_AT_RESERVATIONS, b->reservations_at,
                     KP_FIELD_HEX) ||
        header_field(call, "version", DTB_AT_VERSION, b->version, 0) ||
        header_field(call, "last_comp_version", DTB_AT_LAST_COMPATIBLE, b->last_compatible, 0) ||
        header_field(call, "boot_cpuid_phys", DTB_AT_BOOT_CPU, b->boot_cpu, KP_FIELD_HEX) ||
        header_field(call, "size_dt_strings", DTB_AT_STRINGS_SIZE, b->strings_size, KP_FIELD_BYTES))
        return KP_FAILED;
    if (b->version < 17)
        return KP_OK;
    return header_field(call, "size_dt_struct", DTB_AT_STRUCT_SIZE, b->struct_size, KP_FIELD_BYTES);
}

/* Free space within totalsize, which a boot loader may use. */
static uint64_t free_space(const struct dtb_blob *b)
{
    uint64_t end = (uint64_t)b->strings_at + b->strings_size;

    if (b->version >= 17 && end < (uint64_t)b->struct_at + b->struct_size)
        end = (uint64_t)b->struct_at + b->struct_size;
    return b->totalsize - end;
}

static int32_t show_counts(struct kp_call *call, const struct dtb_blob *b)
{
    const uint64_t rest = b->file_size - b->totalsize, space = free_space(b);

    if (kp_field_number(call, "nodes", 0, 0, b->nodes, 0, NULL) ||
        kp_field_number(call, "properties", 0, 0, b->properties, 0, NULL) ||
        kp_field_number(call, "reservations", 0, 0, b->reservations, 0, NULL))
        return KP_FAILED;
    if (space > 0 && kp_field_number(call, "free", b->totalsize - space, space, space,
                                     KP_FIELD_BYTES, NULL) != KP_OK)
        return KP_FAILED;
    if (rest == 0)
        return KP_OK;
    return kp_field_number(call, "trailing", b->totalsize, rest, rest, KP_FIELD_BYTES, NULL);
}

static int32_t show_reservations(struct kp_call *call, const struct dtb_blob *b)
{
    uint64_t i, at;
    char name[32];

    for (i = 0; i < b->reservations && i < SHOWN; i++) {
        at = b->reservations_at + 16 * i;
        snprintf(name, sizeof(name), "reserve[%u].address", (unsigned)i);
        if (kp_field_number(call, name, at, 8, kp_be64(b->bytes + at), KP_FIELD_HEX, NULL) != KP_OK)
            return KP_FAILED;
        snprintf(name, sizeof(name), "reserve[%u].size", (unsigned)i);
        if (kp_field_number(call, name, at + 8, 8, kp_be64(b->bytes + at + 8), KP_FIELD_HEX,
                            NULL) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* A property that holds one or several texts; each is shown. */
static int32_t show_texts(struct kp_call *call, const struct dtb_blob *b, int node,
                          const char *property)
{
    int length = 0;
    const char *text = node < 0 ? NULL : fdt_getprop(b->bytes, node, property, &length);
    const char *end = text == NULL ? NULL : text + length;
    unsigned i;

    if (text == NULL || length < 1 || end[-1] != 0)
        return KP_OK;
    for (i = 0; text < end && i < SHOWN; i++, text += strlen(text) + 1)
        if (kp_field_text(call, property, (uint64_t)((const uint8_t *)text - b->bytes),
                          strlen(text) + 1, text, strlen(text)) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

/* The command line as a part, for who wants to have it: where it stands, without the NUL. */
static int32_t show_cmdline(struct kp_call *call, const struct dtb_blob *b, int chosen)
{
    int length = 0;
    const char *text = chosen < 0 ? NULL : fdt_getprop(b->bytes, chosen, "bootargs", &length);
    const struct kp_part part = {.size = sizeof(part),
                                 .name = "bootargs",
                                 .role = KP_ROLE_CMDLINE,
                                 .offset = (uint64_t)((const uint8_t *)text - b->bytes),
                                 .length = text == NULL ? 0 : strnlen(text, (size_t)length),
                                 .flags = KP_PART_AMONG};

    return text == NULL || length < 1 ? KP_OK : call->host->part(call, &part);
}

/* An address in /chosen, of 4 or 8 bytes. */
static int32_t show_address(struct kp_call *call, const struct dtb_blob *b, int chosen,
                            const char *property)
{
    int length = 0;
    const uint8_t *value = chosen < 0 ? NULL : fdt_getprop(b->bytes, chosen, property, &length);

    if (value == NULL)
        return KP_OK;
    return kp_field_number(call, property, (uint64_t)(value - b->bytes), (uint64_t)length,
                           length == 4   ? kp_be32(value)
                           : length == 8 ? kp_be64(value)
                                         : 0,
                           KP_FIELD_HEX | (length == 4 || length == 8 ? 0 : KP_FIELD_INVALID),
                           NULL);
}

/* A base tree with labels, or an overlay: by the nodes that dtc makes for them. */
static int32_t show_symbols(struct kp_call *call, const struct dtb_blob *b)
{
    const int symbols = fdt_subnode_offset(b->bytes, 0, "__symbols__");
    uint64_t labels = 0, fragments = 0;
    int i;

    fdt_for_each_subnode(i, b->bytes, 0) {
        fragments += fdt_subnode_offset(b->bytes, i, "__overlay__") >= 0;
    }
    if (symbols >= 0)
        fdt_for_each_property_offset(i, b->bytes, symbols)
            labels++;
    if (symbols >= 0 && kp_field_number(call, "symbols", 0, 0, labels, 0,
                                        fragments > 0 ? NULL : "takes overlays") != KP_OK)
        return KP_FAILED;
    if (fragments == 0)
        return KP_OK;
    return kp_field_number(call, "fragments", 0, 0, fragments, 0, "an overlay");
}

int32_t dtb_inspect(struct kp_call *call)
{
    struct dtb_blob b = {.name = "dtb"};
    int chosen;

    if (dtb_load(call, call->input, &b) != KP_OK || show_header(call, &b) != KP_OK ||
        dtb_check(call, &b) != KP_OK || show_counts(call, &b) != KP_OK ||
        show_reservations(call, &b) != KP_OK)
        return KP_FAILED;
    if (call->host->details(call) == 1)
        return tree_tell_details(call, b.bytes, 1) == KP_OK ? show_symbols(call, &b) : KP_FAILED;
    chosen = fdt_path_offset(b.bytes, "/chosen");
    if (show_texts(call, &b, 0, "model") || show_texts(call, &b, 0, "compatible") ||
        show_texts(call, &b, chosen, "bootargs") || show_cmdline(call, &b, chosen) ||
        show_texts(call, &b, chosen, "stdout-path") ||
        show_address(call, &b, chosen, "linux,initrd-start") ||
        show_address(call, &b, chosen, "linux,initrd-end"))
        return KP_FAILED;
    return show_symbols(call, &b);
}
