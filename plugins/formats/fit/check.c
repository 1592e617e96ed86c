/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/check.c - what U-Boot would find wrong only when the board boots: a default that is not there,
 * references to nothing, images of one configuration that overwrite each other, contents that it
 * cannot unpack. mkimage checks none of these.
 */
#include <string.h>

#include "fit.h"

/* Most images of one configuration that are compared. */
#define MOST_LOADS 64u

struct load {
    const char *name;
    uint64_t begin, end;
};

struct checker {
    struct kp_call *call;
    const struct fit_frame *frame;
    int images, external;
    struct load loads[MOST_LOADS];
    uint32_t load_count;
};

static const char *name_of(const struct checker *c, int node)
{
    return fdt_get_name(c->frame->tree, node, NULL);
}

/* --- contents --- */

/* The contents as an image, if they are one. */
static const struct kp_image *contents(const struct checker *c, int image)
{
    const struct fit_data *data = fit_data_of(c->frame, image);
    const struct fit_piece *piece = data == NULL ? NULL : data->first;

    if (piece == NULL || piece->next != NULL || piece->image == NULL)
        return NULL;
    if (piece->offset == 0 && piece->length == kp_size(c->call, piece->image))
        return piece->image;
    return c->call->host->image_slice(c->call, piece->image, piece->offset, piece->length);
}

static int is_unpacked(const char *type)
{
    return type != NULL && (strcmp(type, "kernel") == 0 || strcmp(type, "kernel_noload") == 0 ||
                            strcmp(type, "flat_dt") == 0 || strcmp(type, "standalone") == 0);
}

/* A label that is not what the contents are. */
static int32_t check_codec(const struct checker *c, int image)
{
    const char *label = fit_text(c->frame, image, "compression");
    const struct kp_image *bytes = contents(c, image);
    struct uboot_codec found;
    int maybe = 0;

    if (!is_unpacked(fit_text(c->frame, image, "type")) || bytes == NULL ||
        fdt_subnode_offset(c->frame->tree, image, "cipher") >= 0)
        return KP_OK;
    if (label == NULL)
        label = "none";
    if (uboot_find_codec(c->call, bytes, &found) != KP_OK)
        return KP_FAILED;
    if (strcmp(label, found.name == NULL ? "none" : found.name) == 0)
        return KP_OK;
    if (strcmp(label, "lzma") == 0 && found.name == NULL &&
        uboot_maybe_lzma(c->call, bytes, &maybe) != KP_OK)
        return KP_FAILED;
    if (maybe)
        return KP_OK;
    return kp_fail_at(c->call, NULL, UBOOT_UNPACKS,
                      found.name == NULL ? "/images/%s: compression: %s: the contents are not"
                                           " compressed%s"
                                         : "/images/%s: compression: %s: the contents are "
                                           "compressed with %s",
                      name_of(c, image), label, found.name == NULL ? "" : found.name);
}

static int32_t check_images(struct checker *c)
{
    int image, count = 0;

    c->images = fit_images(c->frame);
    if (c->images < 0)
        return kp_fail(c->call, "/images: missing: a FIT has images");
    fit_for_each_image(image, c->frame) {
        count++;
        if (check_codec(c, image) != KP_OK)
            return KP_FAILED;
    }
    return count > 0 ? KP_OK : kp_fail(c->call, "/images: no image: a FIT has images");
}

/* --- addresses --- */

static int read_address(const struct checker *c, int image, const char *name, uint64_t *value)
{
    int length;
    const uint8_t *cells = fdt_getprop(c->frame->tree, image, name, &length);

    if (cells == NULL || (length != 4 && length != 8))
        return 0;
    *value = length == 4 ? kp_be32(cells) : kp_be64(cells);
    return 1;
}

/* How much memory the contents take where they are loaded: at least what is stored. */
static uint64_t loaded_size(const struct checker *c, int image)
{
    const char *label = fit_text(c->frame, image, "compression");
    const struct kp_image *bytes = contents(c, image);
    uint64_t stored = bytes == NULL ? 0 : kp_size(c->call, bytes), size;
    uint8_t end[4];

    if (label == NULL || strcmp(label, "none") == 0 || bytes == NULL)
        return stored;
    if (c->call->host->trait_number(c->call, bytes, KP_TRAIT_SIZE, &size) == 1)
        return size;
    /* gzip: RFC 1952, 2.3.1, ISIZE. */
    if (strcmp(label, "gzip") == 0 && stored > 18 &&
        c->call->host->image_read(c->call, bytes, stored - 4, end, 4) == KP_OK)
        return kp_le32(end);
    return stored;
}

static int32_t check_load(struct checker *c, int configuration, int image)
{
    struct load load = {.name = name_of(c, image)};
    uint32_t i;

    if (!read_address(c, image, "load", &load.begin) || c->load_count == MOST_LOADS)
        return KP_OK;
    for (i = 0; i < c->load_count; i++)
        if (strcmp(c->loads[i].name, load.name) == 0)
            return KP_OK; /* named twice, loaded once */
    load.end = load.begin + loaded_size(c, image);
    for (i = 0; i < c->load_count; i++) {
        const struct load *other = &c->loads[i];

        if (load.begin < other->end && other->begin < load.end)
            return kp_fail_at(c->call, NULL, "give one of them another load address",
                              "/configurations/%s: load: %s (0x%llx to 0x%llx) and %s (0x%llx to "
                              "0x%llx) overlap",
                              name_of(c, configuration), other->name,
                              (unsigned long long)other->begin, (unsigned long long)other->end,
                              load.name, (unsigned long long)load.begin,
                              (unsigned long long)load.end);
    }
    c->loads[c->load_count++] = load;
    return KP_OK;
}

/* --- references --- */

static int is_reference(const char *name)
{
    static const char *const names[] = {"kernel",    "kernel_noload", "fdt",    "ramdisk",
                                        "loadables", "firmware",      "script", "fpga"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(name, names[i]) == 0)
            return 1;
    return 0;
}

/* boot/image-fit.c, boot_get_fdt_fit. A tree that is compressed is unpacked to memory of its own. */
static void warn_of_overlays(const struct checker *c, int configuration, const char *value,
                             int length)
{
    const int image = length <= 0 || value[length - 1] != 0 ? -1 : fit_find_image(c->frame, value);
    int size = 0;
    const char *compression =
        image < 0 ? NULL : fdt_getprop(c->frame->tree, image, "compression", &size);

    if (image >= 0 && !c->external && (int)strlen(value) + 1 < length &&
        fdt_getprop(c->frame->tree, image, "load", NULL) == NULL &&
        (compression == NULL || (size == 5 && memcmp(compression, "none", 5) == 0)))
        kp_message(c->call, KP_WARNING,
                   "/configurations/%s: fdt: %s has no load address: U-Boot applies overlays to a "
                   "tree that it has copied, or whose contents are external",
                   name_of(c, configuration), value);
}

static int32_t check_reference(struct checker *c, int configuration, const char *property,
                               const char *value, int length)
{
    int at = 0;

    if (strcmp(property, "fdt") == 0)
        warn_of_overlays(c, configuration, value, length);
    if (length <= 0 || value[length - 1] != 0)
        return kp_fail(c->call, "/configurations/%s: %s: not the names of images",
                       name_of(c, configuration), property);
    for (; at < length; at += (int)strlen(value + at) + 1) {
        const int image = fit_find_image(c->frame, value + at);

        if (fit_check_work(c->frame) != KP_OK)
            return KP_FAILED;
        if (image < 0)
            return kp_fail(c->call, "/configurations/%s: %s: %s: there is no image of that name",
                           name_of(c, configuration), property, value + at);
        if (check_load(c, configuration, image) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

static int32_t check_configuration(struct checker *c, int configuration)
{
    int property;

    c->load_count = 0;
    fdt_for_each_property_offset(property, c->frame->tree, configuration) {
        const char *name;
        int length;
        const char *value = fdt_getprop_by_offset(c->frame->tree, property, &name, &length);

        if (value != NULL && is_reference(name) &&
            check_reference(c, configuration, name, value, length) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

int32_t fit_check(struct kp_call *call, const struct fit_frame *frame, int external)
{
    struct checker c = {.call = call, .frame = frame, .external = external};
    const int configurations = fit_configurations(frame);
    const char *name;
    int configuration;

    if (check_images(&c) != KP_OK)
        return KP_FAILED;
    name = configurations < 0 ? NULL : fit_text(frame, configurations, "default");
    if (name != NULL && fdt_subnode_offset(frame->tree, configurations, name) < 0)
        return kp_fail(call, "/configurations: default: %s: there is no such configuration", name);
    fit_for_each_configuration(configuration, frame)
        if (check_configuration(&c, configuration) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}
