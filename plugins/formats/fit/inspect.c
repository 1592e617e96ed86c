/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/inspect.c - describes a FIT by the paths of its nodes and properties: what is in it, for which
 * boards, and whether the hashes are right. Each image is a part by its node's name. Who signed
 * it is told; whether to believe it is fit-verify's matter, which has the keys.
 */
#include <string.h>

#include "../../common/tree_details.h"
#include "fit.h"

/* Longest path of a field, and longest text. */
#define PATH_MOST 640u
#define TEXT_MOST 1024u

struct teller {
    struct kp_call *call;
    struct fit_frame frame;
    struct fit_digests digests;
    char path[PATH_MOST];
    char text[TEXT_MOST];
};

/* --- properties --- */

/* Texts of a property, with ", " between them. */
static void join_texts(char *to, size_t size, const char *value, int length)
{
    int at;
    size_t used = 0;

    to[0] = '\0';
    for (at = 0; at < length && used < size; at += (int)strlen(value + at) + 1)
        used += (size_t)snprintf(to + used, size - used, "%s%s", at == 0 ? "" : ", ", value + at);
}

static int is_texts(const char *value, int length)
{
    int i;

    if (length <= 0 || value[length - 1] != 0)
        return 0;
    for (i = 0; i < length; i++)
        if ((value[i] != 0 && (value[i] < ' ' || value[i] == 0x7f)) ||
            (value[i] == 0 && i > 0 && value[i - 1] == 0))
            return 0;
    return 1;
}

static int is_number(const char *name)
{
    return strcmp(name, "load") == 0 || strcmp(name, "entry") == 0 ||
           strcmp(name, "timestamp") == 0 || strcmp(name, "data-size-unciphered") == 0;
}

/* A property that is there, under the path of its node. */
static int32_t tell_property(struct teller *t, int node, const char *path, const char *name)
{
    int length;
    const char *value = fdt_getprop(t->frame.tree, node, name, &length);
    uint32_t flags = strcmp(name, "timestamp") == 0 ? KP_FIELD_TIME : KP_FIELD_HEX;

    if (value == NULL)
        return KP_OK;
    if (strcmp(name, "data-size-unciphered") == 0)
        flags = KP_FIELD_BYTES;
    snprintf(t->path, sizeof(t->path), "%s:%s", path, name);
    if (!is_number(name) && is_texts(value, length)) {
        join_texts(t->text, sizeof(t->text), value, length);
        return kp_field_text(t->call, t->path, 0, 0, t->text, strlen(t->text));
    }
    if (length != 4 && length != 8)
        return kp_field_text(t->call, t->path, 0, 0, "(bytes)", 7);
    return kp_field_number(t->call, t->path, 0, 0,
                           length == 4 ? kp_be32((const uint8_t *)value)
                                       : kp_be64((const uint8_t *)value),
                           flags, NULL);
}

static int32_t tell_properties(struct teller *t, int node, const char *path,
                               const char *const *names)
{
    for (; *names != NULL; names++)
        if (tell_property(t, node, path, *names) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

/* --- hashes and signatures --- */

/* "sha256 1f2e...", and whether it is right. */
static int32_t tell_hash(struct teller *t, const char *path, int image, int node)
{
    int length = 0;
    const uint8_t *value = fdt_getprop(t->frame.tree, node, "value", &length);
    const char *algo = fit_text(&t->frame, node, "algo");
    const struct fit_algorithm *algorithm =
        algo == NULL ? NULL : fit_find_algorithm(algo, strlen(algo));
    const struct fit_data *data = fit_data_of(&t->frame, image);
    struct kp_field field = {.size = sizeof(field), .type = KP_FIELD_TEXT, .name = t->path};
    size_t used;
    int i;

    snprintf(t->path, sizeof(t->path), "%s/%s", path, fdt_get_name(t->frame.tree, node, NULL));
    used = (size_t)snprintf(t->text, sizeof(t->text), "%.32s ", algo == NULL ? "?" : algo);
    for (i = 0; i < length && i < (int)FIT_DIGEST && value != NULL; i++)
        used += (size_t)snprintf(t->text + used, sizeof(t->text) - used, "%02x", value[i]);
    field.text = (struct kp_text){t->text, used};
    if (algorithm == NULL) {
        field.meaning = "not checked: kpipe does not know this kind";
    } else if (data == NULL || value == NULL || length != (int)algorithm->length ||
               memcmp(value, fit_digest_of(&t->digests, data, algorithm), algorithm->length) != 0) {
        field.flags = KP_FIELD_INVALID;
        field.meaning = value == NULL ? "no value" : "the contents have another";
    }
    return t->call->host->field(t->call, &field);
}

static int32_t tell_signature(struct teller *t, const char *path, int node)
{
    const char *algo = fit_text(&t->frame, node, "algo");
    const char *hint = fit_text(&t->frame, node, "key-name-hint");
    const char *padding = fit_text(&t->frame, node, "padding");
    const int has_value = fdt_getprop(t->frame.tree, node, "value", NULL) != NULL;

    snprintf(t->path, sizeof(t->path), "%s/%s", path, fdt_get_name(t->frame.tree, node, NULL));
    snprintf(t->text, sizeof(t->text), "%.64s%s%.32s, key %.255s%s", algo == NULL ? "?" : algo,
             padding == NULL ? "" : ", ", padding == NULL ? "" : padding, hint == NULL ? "?" : hint,
             has_value ? "" : ", not signed");
    return kp_field_text(t->call, t->path, 0, 0, t->text, strlen(t->text));
}

static int32_t tell_nodes(struct teller *t, const char *path, int parent)
{
    int node;
    int32_t result = KP_OK;

    fdt_for_each_subnode(node, t->frame.tree, parent) {
        if (fit_is(&t->frame, node, "hash"))
            result = tell_hash(t, path, parent, node);
        else if (fit_is(&t->frame, node, "signature") || fit_is(&t->frame, node, "cipher"))
            result = tell_signature(t, path, node);
        if (result != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* --- the tree itself --- */

static int32_t tell_run(struct teller *t, uint64_t begin, uint64_t end)
{
    const struct kp_part part = {.size = sizeof(part),
                                 .name = "tree",
                                 .offset = begin,
                                 .length = end - begin,
                                 .flags = KP_PART_TOLD};

    return begin < end ? t->call->host->part(t->call, &part) : KP_OK;
}

/* What of the tree stands before, between and behind contents. */
static int32_t tell_tree(struct teller *t)
{
    uint64_t at = 0;
    uint32_t i;

    for (i = 0; i < t->frame.data_count; i++) {
        const struct fit_data *data = &t->frame.data[i];

        if (data->external)
            continue;
        if (tell_run(t, at, data->at) != KP_OK)
            return KP_FAILED;
        at = data->at + data->length;
    }
    return tell_run(t, at, t->frame.totalsize);
}

/* --- images and configurations --- */

static const char *role_of(const char *type)
{
    if (type == NULL)
        return NULL;
    return strncmp(type, "kernel", 6) == 0 ? KP_ROLE_PAYLOAD
           : strcmp(type, "ramdisk") == 0  ? KP_ROLE_INITRD
           : strcmp(type, "flat_dt") == 0  ? KP_ROLE_DTB
                                           : NULL;
}

/* Its contents, as a part of the FIT. */
static int32_t tell_part(struct teller *t, int image)
{
    const struct fit_data *data = fit_data_of(&t->frame, image);
    const char *type = fit_text(&t->frame, image, "type");
    char name[TREE_NAME + 8];
    const struct kp_part part = {
        .size = sizeof(part),
        .name = name,
        .role = role_of(type),
        .offset = data == NULL ? 0 : data->at,
        .length = data == NULL ? 0 : data->length,
        .meaning = fit_text(&t->frame, image, "description"),
        .flags = KP_PART_NAMED,
    };

    if (data == NULL)
        return KP_OK;
    fit_part_name(fdt_get_name(t->frame.tree, image, NULL), name, sizeof(name));
    return t->call->host->part(t->call, &part);
}

static int32_t tell_images(struct teller *t)
{
    static const char *const names[] = {"description",          "type", "arch",  "os",
                                        "compression",          "load", "entry", "compatible",
                                        "data-size-unciphered", NULL};
    char path[PATH_MOST - TREE_NAME];
    int image;

    fit_for_each_image(image, &t->frame)
        if (fit_want_digests(&t->frame, image, &t->digests) != KP_OK)
            return KP_FAILED;
    if (fit_make_digests(t->call, &t->digests) != KP_OK)
        return KP_FAILED;
    fit_for_each_image(image, &t->frame) {
        snprintf(path, sizeof(path), "%s", fdt_get_name(t->frame.tree, image, NULL));
        if (t->call->host->cancelled(t->call) || tell_part(t, image) != KP_OK ||
            tell_properties(t, image, path, names) != KP_OK || tell_nodes(t, path, image) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

static int32_t tell_configurations(struct teller *t)
{
    static const char *const names[] = {"description", "compatible", "kernel", "firmware", "fdt",
                                        "ramdisk",     "loadables",  "fpga",   "script",   NULL};
    const int configurations = fit_configurations(&t->frame);
    char path[PATH_MOST - TREE_NAME];
    int configuration;

    if (configurations >= 0 &&
        tell_property(t, configurations, "configurations", "default") != KP_OK)
        return KP_FAILED;
    fit_for_each_configuration(configuration, &t->frame) {
        snprintf(path, sizeof(path), "%s", fdt_get_name(t->frame.tree, configuration, NULL));
        if (tell_properties(t, configuration, path, names) != KP_OK ||
            tell_nodes(t, path, configuration) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

void fit_part_name(const char *node, char *name, size_t size)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    char *at = name;

    if (size < 2)
        return;
    snprintf(name, size, "%s%s", strspn(node, letters + 52) > 0 ? "n" : "", node);
    if (name[0] == '\0' || strchr(letters, name[0]) == NULL)
        name[0] = 'n';
    for (; *at != '\0'; at++)
        if (strchr(letters, *at) == NULL)
            *at = '-';
}

int32_t fit_inspect(struct kp_call *call)
{
    static const char *const names[] = {"description", "timestamp", "creator", NULL};
    struct teller *t = call->host->alloc(call, sizeof(*t));
    const char *arch;
    int first;

    if (t == NULL || fit_read(call, call->input, &t->frame) != KP_OK)
        return KP_FAILED;
    t->call = call;
    if (call->host->details(call))
        return tree_tell_details(call, t->frame.tree, 0);
    if (kp_field_number(call, "totalsize", 4, 4, t->frame.totalsize, KP_FIELD_BYTES, NULL) !=
            KP_OK ||
        tell_properties(t, 0, "fit", names) != KP_OK || tell_tree(t) != KP_OK ||
        tell_images(t) != KP_OK || tell_configurations(t) != KP_OK)
        return KP_FAILED;
    if (fit_remake(call, &t->frame, &t->digests) != KP_OK)
        return KP_FAILED;
    first = fit_first_in(&t->frame, fit_images(&t->frame));
    arch = first < 0 ? NULL : fit_text(&t->frame, first, "arch");
    if (arch != NULL && call->host->arch(call, arch) != NULL)
        return call->host->set_text(call, call->output, KP_TRAIT_ARCH,
                                    call->host->arch(call, arch)->name);
    return KP_OK;
}
