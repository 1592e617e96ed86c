/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/remake.c - how a FIT is made again: the stage `fit` with an item for each image and
 * configuration. Hashes follow the contents; a signature, whose key nobody has here, stays as it
 * is. What the stage has no words for is not reported; then the image is laid out as it is.
 */
#include <stdarg.h>
#include <string.h>

#include "fit.h"

struct text {
    struct kp_call *call;
    const struct fit_frame *frame;
    const struct fit_digests *digests; /* of contents, as far as hashes and signatures want them */
    char *bytes;
    size_t length;
    char *spare;  /* as many bytes, for a text that goes into another one */
    int external; /* contents lie behind the tree */
    int failed;   /* it does not fit, or cannot be said */
};

KP_PRINTF(2, 3)
static void add(struct text *t, const char *format, ...)
{
    const size_t room = KP_REMAKE_MAX - t->length;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(t->bytes + t->length, room, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= room)
        t->failed = 1;
    else
        t->length += (size_t)length;
}

static void quote(struct text *t, const char *text)
{
    const size_t length =
        kp_quote(t->bytes + t->length, KP_REMAKE_MAX - t->length, text, strlen(text));

    t->failed = t->failed || length == 0;
    t->length += length;
}

/* --- values --- */

/* How many texts a value is; 0: it is none. */
static int count_texts(const char *value, int length)
{
    int i, count = 0;

    if (length <= 1 || value[length - 1] != 0)
        return 0;
    for (i = 0; i < length; i++) {
        if (value[i] == 0 ? i == 0 || value[i - 1] == 0 : value[i] < ' ' || value[i] > '~')
            return 0;
        count += value[i] == 0;
    }
    return count;
}

static void add_list(struct text *t, const char *value, int length)
{
    int at;

    add(t, "[");
    for (at = 0; at < length; at += (int)strlen(value + at) + 1) {
        add(t, "%s", at == 0 ? "" : ", ");
        quote(t, value + at);
    }
    add(t, "]");
}

static void add_hex(struct text *t, const uint8_t *value, int length)
{
    int i;

    add(t, "\"");
    for (i = 0; i < length; i++)
        add(t, "%02x", value[i]);
    add(t, "\"");
}

/* ", NAME: value" of a property that has a parameter of its own; `list`: it takes several texts. */
static void add_texts(struct text *t, const char *name, const char *value, int length, int list)
{
    add(t, ", %s: ", name);
    if (list)
        add_list(t, value, length);
    else
        quote(t, value);
}

/* An item of `properties`. */
static void add_more(struct text *t, const char *name, const char *value, int length)
{
    const int texts = count_texts(value, length);

    add(t, "{name: ");
    quote(t, name);
    if (texts == 1) {
        add(t, ", text: ");
        quote(t, value);
    } else if (texts > 1) {
        add(t, ", strings: ");
        add_list(t, value, length);
    } else if (length > 0) {
        add(t, ", bytes: ");
        add_hex(t, (const uint8_t *)value, length);
    }
    add(t, "}");
}

/* --- what parameters there are --- */

struct known {
    const char *name;
    enum { TEXT, TEXTS, CHOICE, ADDRESS } form;
    const struct kp_choice *const *choices;
};

static const struct known of_images[] = {
    {"description", TEXT, NULL},
    {"type", CHOICE, fit_types},
    {"arch", TEXT, NULL},
    {"os", CHOICE, fit_systems},
    {"compression", CHOICE, uboot_compressions},
    {"load", ADDRESS, NULL},
    {"entry", ADDRESS, NULL},
    {"compatible", TEXTS, NULL},
    {NULL, TEXT, NULL},
};

static const struct known of_configurations[] = {
    {"description", TEXT, NULL}, {"compatible", TEXTS, NULL}, {"kernel", TEXT, NULL},
    {"firmware", TEXT, NULL},    {"fdt", TEXTS, NULL},        {"ramdisk", TEXT, NULL},
    {"loadables", TEXTS, NULL},  {"fpga", TEXT, NULL},        {"script", TEXT, NULL},
    {NULL, TEXT, NULL},
};

static int is_choice(const struct kp_choice *const *choices, const char *value)
{
    for (; *choices != NULL; choices++)
        if (strcmp((*choices)->name, value) == 0)
            return 1;
    return 0;
}

/* Says a property by its own parameter; 0: that has no words for it. */
static int add_known(struct text *t, const struct known *known, const char *name, const char *value,
                     int length)
{
    const int texts = count_texts(value, length);
    uint64_t address;

    while (known->name != NULL && strcmp(known->name, name) != 0)
        known++;
    if (known->name == NULL)
        return 0;
    switch (known->form) {
    case ADDRESS:
        address = length == 4   ? kp_be32((const uint8_t *)value)
                  : length == 8 ? kp_be64((const uint8_t *)value)
                                : 0;
        if ((length != 4 && length != 8) || (length == 8 && address <= UINT32_MAX))
            return 0;
        add(t, ", %s: 0x%llx", name, (unsigned long long)address);
        return 1;
    case CHOICE:
        if (texts != 1 || !is_choice(known->choices, value))
            return 0;
        break;
    default:
        if (known->form == TEXTS ? texts == 0 : texts != 1)
            return 0;
    }
    add_texts(t, name, value, length, known->form == TEXTS);
    return 1;
}

/* The properties of a node: those that are known, then the others, then in which order they stand.
 * `data` is the image's own. */
static void add_properties(struct text *t, const struct known *known, int node)
{
    const void *tree = t->frame->tree;
    struct text more = *t;
    int property, length, count = 0;
    const char *name, *value;

    more.bytes = t->spare;
    more.length = 0;
    fdt_for_each_property_offset(property, tree, node)
    {
        value = fdt_getprop_by_offset(tree, property, &name, &length);
        if (strcmp(name, "data") == 0 || strcmp(name, "data-size") == 0 ||
            strcmp(name, "data-offset") == 0 || strcmp(name, "data-position") == 0 ||
            add_known(t, known, name, value, length))
            continue;
        add(&more, "%s", count++ == 0 ? "" : ", ");
        add_more(&more, name, value, length);
    }
    t->failed = t->failed || more.failed;
    if (count > 0)
        add(t, ", properties: [%s]", more.bytes);
}

/* Names of all properties, in their order, but for those that tell where contents lie. */
static void add_order(struct text *t, int node)
{
    const void *tree = t->frame->tree;
    int property, count = 0;
    const char *name;

    add(t, ", order: [");
    fdt_for_each_property_offset(property, tree, node)
    {
        fdt_getprop_by_offset(tree, property, &name, NULL);
        if (strcmp(name, "data-size") == 0 || strcmp(name, "data-offset") == 0 ||
            strcmp(name, "data-position") == 0)
            continue;
        add(t, "%s", count++ == 0 ? "" : ", ");
        quote(t, name);
    }
    add(t, "]");
}

/* --- nodes within --- */

/* A hash that has what mkimage gives it, and nothing else. */
static int is_plain_hash(const struct text *t, int node)
{
    const char *algo = fit_text(t->frame, node, "algo");
    int property, count = 0;

    fdt_for_each_property_offset(property, t->frame->tree, node) count++;
    return fit_is(t->frame, node, "hash") && count == 2 && algo != NULL &&
           is_choice(fit_hashes, algo) && fdt_getprop(t->frame->tree, node, "value", NULL) != NULL;
}

static void add_hashes(struct text *t, int image)
{
    const void *tree = t->frame->tree;
    int node, count = 0;

    add(t, ", hashes: [");
    fdt_for_each_subnode(node, tree, image) if (is_plain_hash(t, node))
        add(t, "%s%s", count++ == 0 ? "" : ", ", fit_text(t->frame, node, "algo"));
    add(t, "]");
    if (count == 0)
        return;
    add(t, ", hash_nodes: [");
    count = 0;
    fdt_for_each_subnode(node, tree, image)
    {
        if (!is_plain_hash(t, node))
            continue;
        add(t, "%s", count++ == 0 ? "" : ", ");
        quote(t, fdt_get_name(tree, node, NULL));
    }
    add(t, "]");
}

/* What mkimage puts before the properties of a signature's node, in this order. */
static const char *const signed_properties[] = {"hashed-strings", "hashed-nodes",   "timestamp",
                                                "comment",        "signer-version", "signer-name",
                                                "value"};

static int find_signed(const char *name)
{
    int i;

    for (i = 0; i < 7; i++)
        if (strcmp(name, signed_properties[i]) == 0)
            return i;
    return -1;
}

/* A signature as mkimage leaves it: those properties first, then what it is to be. */
static int is_plain_signature(const struct text *t, int node)
{
    static const char *const rest[] = {"algo", "key-name-hint", "padding", "sign-images"};
    int property, last = -1, seen = 0, known = 0;
    size_t i;

    if (!fit_is(t->frame, node, "signature") || fit_text(t->frame, node, "algo") == NULL ||
        fit_text(t->frame, node, "key-name-hint") == NULL)
        return 0;
    fdt_for_each_property_offset(property, t->frame->tree, node)
    {
        const char *name;
        int at, is_rest = 0;

        fdt_getprop_by_offset(t->frame->tree, property, &name, NULL);
        at = find_signed(name);
        for (i = 0; i < 4; i++)
            is_rest = is_rest || strcmp(name, rest[i]) == 0;
        if (at >= 0 ? known || at <= last : !is_rest)
            return 0;
        known = known || is_rest;
        last = at >= 0 ? at : last;
        seen += at >= 2; /* the time and who signed; without regions it is an image's */
    }
    return seen > 0 && fdt_getprop(t->frame->tree, node, "value", NULL) != NULL;
}

static void add_signature(struct text *t, int parent, int node, int configuration)
{
    static const char *const texts[][2] = {{"algo", "algo"},
                                           {"key-name-hint", "hint"},
                                           {"padding", "padding"},
                                           {"comment", "comment"},
                                           {"signer-name", "signer_name"},
                                           {"signer-version", "signer_version"}};
    const void *tree = t->frame->tree;
    int length, property, count = 0;
    const uint8_t *value = fdt_getprop(tree, node, "value", &length);
    const uint8_t *time, *images, *strings;
    uint8_t digest[FIT_DIGEST];
    uint32_t digest_length;
    const char *name;
    size_t i;

    add(t, "{name: ");
    quote(t, fdt_get_name(tree, node, NULL));
    for (i = 0; i < 6; i++)
        if (fit_text(t->frame, node, texts[i][0]) != NULL) {
            add(t, ", %s: ", texts[i][1]);
            quote(t, fit_text(t->frame, node, texts[i][0]));
        }
    add(t, ", value: ");
    add_hex(t, value, length);
    if (fit_digest_signed(t->frame, t->digests, parent, node, configuration, digest,
                          &digest_length)) {
        add(t, ", digest: ");
        add_hex(t, digest, (int)digest_length);
    }
    strings = fdt_getprop(tree, node, "hashed-strings", &length);
    if (strings != NULL && length == 8)
        add(t, ", hashed_strings: %u", (unsigned)kp_be32(strings + 4));
    time = fdt_getprop(tree, node, "timestamp", &length);
    if (time != NULL && length == 4)
        add(t, ", time: %u", (unsigned)kp_be32(time));
    images = fdt_getprop(tree, node, "sign-images", &length);
    if (images != NULL) {
        add(t, ", sign_images: ");
        add_list(t, (const char *)images, length);
    }
    add(t, ", order: [");
    fdt_for_each_property_offset(property, tree, node)
    {
        fdt_getprop_by_offset(tree, property, &name, NULL);
        if (find_signed(name) >= 0)
            continue;
        add(t, "%s", count++ == 0 ? "" : ", ");
        quote(t, name);
    }
    add(t, "]}");
}

static void add_signatures(struct text *t, int parent, int configuration)
{
    int node, count = 0;

    add(t, ", signatures: [");
    fdt_for_each_subnode(node, t->frame->tree, parent)
    {
        if (!is_plain_signature(t, node))
            continue;
        add(t, "%s", count++ == 0 ? "" : ", ");
        add_signature(t, parent, node, configuration);
    }
    add(t, "]");
}

/* All others, as they are. */
static void add_nodes(struct text *t, int parent)
{
    const void *tree = t->frame->tree;
    int node, property, length, nodes = 0;
    const char *name, *value;

    fdt_for_each_subnode(node, tree, parent)
    {
        int count = 0;

        if (is_plain_hash(t, node) || is_plain_signature(t, node))
            continue;
        t->failed = t->failed || fdt_first_subnode(tree, node) >= 0;
        add(t, "%s{name: ", nodes++ == 0 ? ", nodes: [" : ", ");
        quote(t, fdt_get_name(tree, node, NULL));
        add(t, ", properties: [");
        fdt_for_each_property_offset(property, tree, node)
        {
            value = fdt_getprop_by_offset(tree, property, &name, &length);
            add(t, "%s", count++ == 0 ? "" : ", ");
            add_more(t, name, value, length);
        }
        add(t, "]}");
    }
    if (nodes > 0)
        add(t, "]");
}

/* --- the whole --- */

static void add_images(struct text *t, int images)
{
    const void *tree = t->frame->tree;
    int image, count = 0;

    add(t, "images: [");
    fdt_for_each_subnode(image, tree, images)
    {
        const char *name = fdt_get_name(tree, image, NULL);
        char part[FIT_NAME + 8];

        t->failed = t->failed || fit_data_of(t->frame, image) == NULL;
        fit_part_name(name, part, sizeof(part));
        add(t, "%s{name: ", count++ == 0 ? "" : ", ");
        quote(t, name);
        add(t, ", image: @%s", part);
        add_properties(t, of_images, image);
        add_order(t, image);
        add_hashes(t, image);
        add_signatures(t, image, 0);
        add_nodes(t, image);
        add(t, "}");
    }
    add(t, "]");
}

static void add_configurations(struct text *t, int configurations)
{
    const void *tree = t->frame->tree;
    const char *first = configurations < 0 ? NULL : fit_text(t->frame, configurations, "default");
    int configuration, count = 0;

    if (first != NULL) {
        add(t, ", default_configuration: ");
        quote(t, first);
    }
    add(t, ", configurations: [");
    fdt_for_each_subnode(configuration, tree, configurations)
    {
        add(t, "%s{name: ", count++ == 0 ? "" : ", ");
        quote(t, fdt_get_name(tree, configuration, NULL));
        add_properties(t, of_configurations, configuration);
        add_order(t, configuration);
        add_signatures(t, configuration, 1);
        add_nodes(t, configuration);
        add(t, "}");
    }
    add(t, "]");
}

static void add_root(struct text *t)
{
    static const struct known known[] = {
        {"description", TEXT, NULL}, {"creator", TEXT, NULL}, {NULL, TEXT, NULL}};
    const void *tree = t->frame->tree;
    int length, property, count = 0;
    const uint8_t *cells = fdt_getprop(tree, 0, "#address-cells", &length);
    const uint32_t address_cells = cells == NULL || length != 4 ? 0 : kp_be32(cells);
    const uint8_t *time = fdt_getprop(tree, 0, "timestamp", &length);

    add(t, ", address_cells: %u", (unsigned)address_cells);
    if (time != NULL && length == 4)
        add(t, ", time: %u", (unsigned)kp_be32(time));
    fdt_for_each_property_offset(property, tree, 0)
    {
        const char *name, *value = fdt_getprop_by_offset(tree, property, &name, &length);

        if (strcmp(name, "#address-cells") == 0 || strcmp(name, "timestamp") == 0 ||
            add_known(t, known, name, value, length))
            continue;
        add(t, "%s", count++ == 0 ? ", properties: [" : ", ");
        add_more(t, name, value, length);
    }
    if (count > 0)
        add(t, "]");
    add_order(t, 0);
}

static void add_place(struct text *t)
{
    struct fit_place place;

    if (!fit_find_place(t->frame, &place))
        t->failed = 1;
    t->external = place.external;
    if (place.external)
        add(t, ", external: true, align: %llu", (unsigned long long)place.align);
    if (place.has_position)
        add(t, ", position: 0x%llx", (unsigned long long)place.position);
}

/* All names of the strings block, in its order, and what is free behind it. */
static void add_strings(struct text *t)
{
    const uint8_t *tree = t->frame->tree;
    const char *strings = (const char *)tree + fdt_off_dt_strings(tree);

    add(t, ", strings: ");
    t->failed =
        t->failed || t->frame->strings_read == 0 || strings[t->frame->strings_read - 1] != 0;
    if (!t->failed)
        add_list(t, strings, (int)t->frame->strings_read);
    if (fdt_last_comp_version(tree) == 2)
        add(t, ", version_2: yes");
    if (!t->external)
        add(t, ", space: %u", (unsigned)t->frame->space_read);
}

int32_t fit_remake(struct kp_call *call, const struct fit_frame *frame,
                   const struct fit_digests *digests)
{
    const int images = fdt_path_offset(frame->tree, "/" FIT_IMAGES);
    const int configurations = fdt_path_offset(frame->tree, "/" FIT_CONFIGURATIONS);
    struct text t = {.call = call, .frame = frame, .digests = digests};

    t.bytes = call->host->alloc(call, KP_REMAKE_MAX);
    t.spare = call->host->alloc(call, KP_REMAKE_MAX);
    if (t.bytes == NULL || t.spare == NULL)
        return KP_FAILED;
    add(&t, "[{fit: {");
    add_images(&t, images);
    add_configurations(&t, configurations);
    add_root(&t);
    add_place(&t);
    add_strings(&t);
    add(&t, "}}]");
    return t.failed ? KP_OK : call->host->remake(call, t.bytes);
}
