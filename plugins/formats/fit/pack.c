/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/pack.c - the stage `fit`: images and configurations that a recipe lists, or a kernel with the
 * device trees of its boards, become one FIT.
 */
#include <string.h>

#include "fit.h"

static uint32_t time_of(const struct fit_maker *m)
{
    return (uint32_t)(m->p->has_time ? m->p->time : m->call->host->build_time(m->call));
}

/* What mkimage calls images of a type (U-Boot, boot/image.c, uimage_type). */
static const char *type_title(uint32_t type)
{
    static const struct {
        uint32_t type;
        const char *title;
    } titles[] = {
        {FIT_TYPE_KERNEL, "Kernel Image"},
        {FIT_TYPE_KERNEL_NOLOAD, "Kernel Image (no loading done)"},
        {FIT_TYPE_RAMDISK, "RAMDisk Image"},
        {FIT_TYPE_FLAT_DT, "Flat Device Tree"},
        {FIT_TYPE_STANDALONE, "Standalone Program"},
        {FIT_TYPE_FIRMWARE, "Firmware"},
        {FIT_TYPE_SCRIPT, "Script"},
        {FIT_TYPE_FILESYSTEM, "Filesystem Image"},
        {FIT_TYPE_MULTI, "Multi-File Image"},
        {FIT_TYPE_TEE, "Trusted Execution Environment Image"},
        {FIT_TYPE_FPGA, "FPGA Image"},
    };
    size_t i;

    for (i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
        if (titles[i].type == type)
            return titles[i].title;
    return "Unknown Type";
}

/* The root's properties, but for the time, which comes with the hashes. */
static int32_t make_root(struct fit_maker *m)
{
    const struct fit_params *p = m->p;
    char *text = m->call->host->alloc(m->call, 512);
    const char *description = p->has_description            ? p->description.bytes
                              : m->style != FIT_STYLE_KPIPE ? text
                                                            : NULL;

    if (text == NULL)
        return KP_FAILED;
    if (m->style == FIT_STYLE_AUTO)
        snprintf(text, 512, "%s image with one or more FDT blobs", type_title(p->type));
    else
        snprintf(text, 512, "%.400s with devicetree set", p->kernel_description.bytes);
    if ((description != NULL &&
         fit_add_text(m->call, m->root, "description", description) != KP_OK) ||
        (p->has_creator && fit_add_text(m->call, m->root, "creator", p->creator.bytes) != KP_OK) ||
        (p->address_cells > 0 &&
         fit_add_cell(m->call, m->root, "#address-cells", (uint32_t)p->address_cells) != KP_OK))
        return KP_FAILED;
    /* Else it is put first when hashes are made, as mkimage does. */
    if ((m->style == FIT_STYLE_KBUILD || fit_has_text(&p->order, "timestamp")) &&
        fit_add_cell(m->call, m->root, "timestamp", time_of(m)) != KP_OK)
        return KP_FAILED;
    if (fit_make_more(m->call, m->root, &p->properties) != KP_OK)
        return KP_FAILED;
    return fit_reorder(m->call, m->root, &p->order);
}

static int32_t make_lists(struct fit_maker *m)
{
    const struct fit_image_params *images = m->p->images.items;
    const struct fit_configuration_params *configurations = m->p->configurations.items;
    uint64_t i;

    for (i = 0; i < m->p->images.count; i++)
        if (fit_make_image(m, &images[i]) != KP_OK)
            return KP_FAILED;
    if (fit_make_boards(m) != KP_OK)
        return KP_FAILED;
    for (i = 0; i < m->p->configurations.count; i++)
        if (fit_make_configuration(m, &configurations[i]) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

/* What boots if nobody chooses. It stands before the configurations' nodes, as all properties. */
static int32_t make_default(struct fit_maker *m)
{
    const struct fit_node *first = m->configurations->children;
    const char *name = m->p->default_configuration.bytes;

    if (!m->p->has_default && (first == NULL || m->style == FIT_STYLE_KBUILD))
        return KP_OK;
    if (!m->p->has_default)
        name = first->name;
    else if (fit_find_node(m->configurations, name) == NULL)
        return kp_fail_at(m->call, &m->p->default_configuration,
                          "configurations: gives each its name; those of dtbs are conf-1 ...",
                          "default: %s: there is no configuration of that name", name);
    return fit_add_text(m->call, m->configurations, "default", name);
}

static int32_t find_arch(struct fit_maker *m)
{
    uint32_t number;

    if (!m->p->has_arch)
        return KP_OK;
    number = uboot_arch_number(m->call, &m->p->arch);
    if (number == 0)
        return KP_FAILED;
    m->arch = uboot_fit_arch_name(number);
    return m->call->host->set_text(m->call, m->call->output, KP_TRAIT_ARCH,
                                   m->call->host->arch(m->call, m->p->arch.bytes)->name);
}

/* Style, and what comes of it. */
static void find_style(struct fit_maker *m)
{
    static const uint32_t sha256[] = {FIT_SHA256}, crc32[] = {FIT_CRC32};
    const uint32_t style = m->p->style;

    m->style = style == FIT_STYLE_AUTO_2023 ? FIT_STYLE_AUTO : style;
    m->plain_names = style == FIT_STYLE_AUTO;
    m->like = style == FIT_STYLE_KPIPE    ? FIT_LIKE_DTC
              : style == FIT_STYLE_KBUILD ? FIT_LIKE_LIBFDT
                                          : FIT_LIKE_MKIMAGE;
    if (m->p->version_2)
        m->like = FIT_LIKE_MKIMAGE;
    else if (m->p->strings.count > 0)
        m->like = FIT_LIKE_DTC;
    if (m->p->has_hashes)
        m->hashes = m->p->hashes;
    else if (m->style == FIT_STYLE_KPIPE)
        m->hashes = (struct kp_list){sha256, 1};
    else if (m->style == FIT_STYLE_AUTO)
        m->hashes = (struct kp_list){crc32, 1};
}

int32_t fit_protect_checked(struct kp_call *call, struct fit_frame *frame,
                            const struct fit_out_params *out, struct fit_protection *protection)
{
    if (out->has_position && !out->external)
        return kp_fail_at(call, &out->position, "give external: true",
                          "position: contents that lie in the tree have none");
    if ((out->align & (out->align - 1)) != 0)
        return kp_fail_at(call, &out->align, NULL, "align: %llu: not a power of two",
                          (unsigned long long)out->align);
    protection->signer.name = out->signer_name.bytes;
    protection->signer.version = out->signer_version.bytes;
    protection->signer.comment = out->has_comment ? out->comment.bytes : NULL;
    return fit_check(call, frame, out->external) == KP_OK ? fit_protect(frame, protection)
                                                          : KP_FAILED;
}

int32_t fit_write_out(struct fit_frame *frame, const struct fit_out_params *out)
{
    const struct fit_place place = {.external = out->external,
                                    .has_position = out->has_position,
                                    .align = out->align,
                                    .position = out->position};

    if (out->has_space && !out->external) {
        fdt_pack(frame->tree);
        if (fit_make_room(frame, out->space) != KP_OK)
            return KP_FAILED;
    }
    return fit_write(frame, &place);
}

static int32_t run(struct kp_call *call)
{
    const struct fit_params *p = call->params;
    struct fit_maker m = {.call = call, .p = p};
    struct fit_protection protection = {.keys_field = &p->signatures};
    struct fit_frame frame;

    find_style(&m);
    protection.has_time = m.style != FIT_STYLE_KBUILD;
    protection.signer.time = time_of(&m);
    m.root = fit_add_node(call, NULL, "");
    if (m.root == NULL || find_arch(&m) != KP_OK || make_root(&m) != KP_OK)
        return KP_FAILED;
    m.images = fit_add_node(call, m.root, FIT_IMAGES);
    m.configurations = fit_add_node(call, m.root, FIT_CONFIGURATIONS);
    if (m.images == NULL || m.configurations == NULL || make_lists(&m) != KP_OK ||
        make_default(&m) != KP_OK ||
        fit_flatten(call, m.root, NULL, &p->strings, m.like, &frame) != KP_OK)
        return KP_FAILED;
    protection.keys = m.keys;
    protection.key_count = m.key_count;
    protection.given = m.given;
    if (fit_protect_checked(call, &frame, &p->out, &protection) != KP_OK)
        return KP_FAILED;
    return fit_write_out(&frame, &p->out);
}

static const char *const sets[] = {KP_TRAIT_ARCH, NULL};

const struct kp_operation fit_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_MAY_BEGIN,
    .threading = KP_THREADS_ANY,
    .summary = "U-Boot's flattened image tree: kernels, device trees and more, with hashes and "
               "signatures",
    .help =
        "With a main input, which is the kernel, each of `dtbs` becomes an image and a "
        "configuration: [kernel, gzip, {fit: {load: 0x40200000, dtbs: [a, b], ramdisk: r}}]. "
        "With or without it, `images` and `configurations` list what is wished.\n\n"
        "Names, order and bytes are those of mkimage for the same tree (`fit-its` takes such a "
        "source), and the time is SOURCE_DATE_EPOCH, or 0. A FIT is checked before it is "
        "written: references, the default, load addresses that overlap, what U-Boot cannot "
        "unpack.\n\n"
        "RSA signatures with pkcs-1.5 padding are the same each time; those with pss and of ECDSA "
        "are not.",
    .output_kind = KP_KIND_FIT,
    .params = fit_table,
    .params_size = sizeof(struct fit_params),
    .sets = sets,
    .memory_base = 256u << 20,
    .memory_per_byte = 1,
    .run = run,
};
