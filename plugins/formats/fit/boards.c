/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/boards.c - a kernel, device trees and a ramdisk become images and a configuration for each
 * board, in one of three styles: our own, that of mkimage -f auto (U-Boot 2025.01,
 * tools/fit_image.c, fit_build_fdt), and that of the kernel's build (Linux 7.2, scripts/make_fit.py).
 */
#include <stdlib.h>
#include <string.h>

#include "fit.h"

/* Most trees in a configuration. */
#define MOST_TREES 64u

struct board {
    uint64_t trees[MOST_TREES]; /* numbers from 0 */
    uint64_t count;
};

/* "fdt-1" */
static char *print(struct kp_call *call, const char *what, uint64_t number)
{
    char *text = call->host->alloc(call, 32);

    if (text != NULL)
        snprintf(text, 32, "%s-%llu", what, (unsigned long long)number);
    return text;
}

static const struct kp_image *tree_of(const struct fit_maker *m, uint64_t index)
{
    const struct kp_image *const *trees = m->p->dtbs.items;

    return trees[index];
}

/* The name of the file that an image came from; with `cut`, without what follows its last dot. */
static const char *file_of(struct kp_call *call, const struct kp_image *image, int cut,
                           const char *otherwise)
{
    struct kp_text text;
    const char *dot;
    char *copy;

    if (call->host->trait_text(call, image, KP_TRAIT_FILE, &text) != 1)
        return otherwise;
    copy = call->host->alloc(call, text.length + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text.bytes, text.length);
    dot = strrchr(copy, '.');
    if (cut && dot != NULL)
        copy[dot - copy] = '\0';
    return copy;
}

/* --- images --- */

/* U-Boot's property that names an image of the main input's type. */
static const char *kernel_property(const struct fit_maker *m)
{
    if (m->style == FIT_STYLE_AUTO)
        return uboot_choice_name(fit_types, m->p->type);
    return m->p->type == FIT_TYPE_KERNEL || m->p->type == FIT_TYPE_KERNEL_NOLOAD ? "kernel"
                                                                                 : "firmware";
}

static const char *ramdisk_name(const struct fit_maker *m)
{
    return m->style == FIT_STYLE_KBUILD ? "ramdisk" : "ramdisk-1";
}

static int32_t make_kernel(struct fit_maker *m)
{
    static const char *const orders[][8] = {
        [FIT_STYLE_KPIPE] = {NULL},
        [FIT_STYLE_AUTO] = {"description", "type", "arch", "os", "compression", "load", "entry",
                            "data"},
        [FIT_STYLE_KBUILD] = {"description", "type", "arch", "os", "compression", "data", "load",
                              "entry"},
    };
    const struct fit_params *p = m->p;
    /* mkimage stores addresses in any case. */
    const int always = p->type != FIT_TYPE_KERNEL && m->style != FIT_STYLE_KPIPE;
    struct fit_image_params image = {.image = m->call->input, .type = p->type, .os = p->os};
    struct kp_text order[8];
    uint64_t i;

    /* kernel-1, and of mkimage -f auto whatever type it is. */
    m->kernel = m->style == FIT_STYLE_KBUILD ? "kernel" : print(m->call, kernel_property(m), 1);
    if (m->kernel == NULL)
        return KP_FAILED;
    image.name = (struct kp_text){m->kernel, strlen(m->kernel)};
    image.has_os = 1;
    image.has_description = p->has_kernel_description || m->style != FIT_STYLE_KPIPE;
    image.description = p->has_kernel_description ? p->kernel_description : (struct kp_text){"", 0};
    image.has_compression = p->has_compression;
    image.compression = p->compression;
    image.has_load = p->has_load || always;
    image.load = p->load;
    image.has_entry = p->has_entry || always;
    image.entry = p->has_entry ? p->entry : p->load;
    for (i = 0; i < 8 && orders[m->style][i] != NULL; i++)
        order[i] = (struct kp_text){orders[m->style][i], strlen(orders[m->style][i])};
    image.order = (struct kp_list){order, i};
    return fit_make_image(m, &image);
}

/* The trees as they are stored; NULL after reporting. */
static const struct kp_image *const *compress_trees(struct fit_maker *m)
{
    const struct kp_host *host = m->call->host;
    const struct kp_list *trees = &m->p->dtbs;
    const struct kp_image **stored;

    if (!m->p->has_dtb_codec)
        return trees->items;
    stored = host->alloc(m->call, (trees->count + 1) * sizeof(*stored));
    if (stored == NULL ||
        host->run_stages(m->call, m->p->dtb_codec, trees->items, trees->count, stored) != KP_OK)
        return NULL;
    return stored;
}

static int32_t add_data(struct kp_call *call, struct fit_node *node, const struct kp_image *image)
{
    struct fit_property *data = fit_add_property(call, node, "data");

    return data == NULL ? KP_FAILED : fit_put_image(call, data, image, 0, kp_size(call, image));
}

/* A property of a tree's or ramdisk's node. */
struct row {
    const char *name;
    const char *value; /* a text; NULL: it has none. `data` and `load` are not texts. */
};

/* Makes the node of rows, which end with one without a name. */
static int32_t make_plain(struct fit_maker *m, const char *name, const struct kp_image *image,
                          const struct row *row)
{
    struct kp_call *call = m->call;
    struct fit_node *node = fit_add_node(call, m->images, name);
    int32_t result = node == NULL ? KP_FAILED : KP_OK;

    for (; result == KP_OK && row->name != NULL; row++) {
        if (strcmp(row->name, "data") == 0)
            result = add_data(call, node, image);
        else if (strcmp(row->name, "load") == 0 && m->p->has_dtb_load)
            result = fit_add_address(call, node, "load", m->p->dtb_load);
        else if (row->value != NULL)
            result = fit_add_text(call, node, row->name, row->value);
    }
    return result == KP_OK ? fit_make_hashes(m, node, &m->hashes, NULL) : KP_FAILED;
}

static int32_t make_tree(struct fit_maker *m, uint64_t index, const struct kp_image *image)
{
    const void *field = m->p->has_dtb_codec ? (const void *)&m->p->dtb_codec : &m->p->dtbs;
    const char *name = print(m->call, "fdt", index + 1);
    const char *file =
        name == NULL ? NULL : file_of(m->call, tree_of(m, index), m->style == FIT_STYLE_AUTO, name);
    const char *codec =
        file == NULL ? NULL : fit_find_compression(m->call, image, FIT_TYPE_FLAT_DT, NULL, field);
    const struct row automatic[] = {{"description", file},  {"data", NULL},
                                    {"type", "flat_dt"},    {"arch", m->arch},
                                    {"compression", codec}, {NULL, NULL}};
    const struct row others[] = {{"description", file == name ? NULL : file},
                                 {"type", "flat_dt"},
                                 {"arch", m->arch},
                                 {"compression", codec},
                                 {"load", NULL},
                                 {"data", NULL},
                                 {NULL, NULL}};

    if (codec == NULL)
        return KP_FAILED;
    return make_plain(m, name, image, m->style == FIT_STYLE_AUTO ? automatic : others);
}

static int32_t make_trees(struct fit_maker *m)
{
    const uint64_t count = m->p->dtbs.count;
    const struct kp_image *const *stored = count == 0 ? NULL : compress_trees(m);
    uint64_t i;

    if (stored == NULL)
        return count == 0 ? KP_OK : KP_FAILED;
    for (i = 0; i < count; i++)
        if (m->call->host->cancelled(m->call) || make_tree(m, i, stored[i]) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

static int32_t make_ramdisk(struct fit_maker *m)
{
    const char *os = uboot_choice_name(fit_systems, m->p->os);
    const struct row automatic[] = {
        {"type", "ramdisk"}, {"os", os}, {"arch", m->arch}, {"data", NULL}, {NULL, NULL}};
    const struct row others[] = {{"description", m->style == FIT_STYLE_KBUILD ? "Ramdisk" : NULL},
                                 {"type", "ramdisk"},
                                 {"arch", m->arch},
                                 {"compression", "none"},
                                 {"os", os},
                                 {"data", NULL},
                                 {NULL, NULL}};

    return make_plain(m, ramdisk_name(m), m->p->ramdisk,
                      m->style == FIT_STYLE_AUTO ? automatic : others);
}

/* --- configurations --- */

/* The property `fdt`: fdt-1 and so on. */
static int32_t add_trees(struct kp_call *call, struct fit_node *node, const struct board *board)
{
    struct fit_property *property;
    uint64_t i;

    if (board->count == 0)
        return KP_OK;
    property = fit_add_property(call, node, "fdt");
    for (i = 0; property != NULL && i < board->count; i++) {
        const char *name = print(call, "fdt", board->trees[i] + 1);

        if (name == NULL || fit_put_bytes(call, property, name, strlen(name) + 1) != KP_OK)
            return KP_FAILED;
    }
    return property == NULL ? KP_FAILED : KP_OK;
}

static int32_t add_reference(const struct fit_maker *m, struct fit_node *node, const char *name,
                             const char *image)
{
    return image == NULL ? KP_OK : fit_add_text(m->call, node, name, image);
}

static int32_t make_auto_board(struct fit_maker *m, struct fit_node *node,
                               const struct board *board)
{
    const char *file =
        board->count == 0 ? NULL : file_of(m->call, tree_of(m, board->trees[0]), 1, "");

    if (add_reference(m, node, "description", file) != KP_OK ||
        add_reference(m, node, kernel_property(m), m->kernel) != KP_OK ||
        add_reference(m, node, "loadables", board->count == 0 ? NULL : m->kernel) != KP_OK ||
        add_reference(m, node, "ramdisk", m->p->has_ramdisk ? ramdisk_name(m) : NULL) != KP_OK)
        return KP_FAILED;
    return add_trees(m->call, node, board);
}

/* Our own order, but for where the kernel's build has another. */
static int32_t make_plain_board(struct fit_maker *m, struct fit_node *node, uint64_t index,
                                const struct board *board)
{
    const int kbuild = m->style == FIT_STYLE_KBUILD;
    const struct kp_image *const *described = m->p->described_by.items, *const *tree = NULL;
    const struct kp_image *const *trees = m->p->dtbs.items;
    struct fit_tree_facts facts = {0};

    if (m->p->described_by.count > 0)
        tree = &described[index];
    else if (board->count > 0)
        tree = &trees[board->trees[0]];
    if (tree != NULL &&
        fit_read_tree(m->call, *tree, m->p->described_by.count > 0 ? "described_by" : "dtbs", tree,
                      &facts) != KP_OK)
        return KP_FAILED;
    if (fit_describe(m->call, node, &facts, NULL, "compatible") != KP_OK ||
        fit_describe(m->call, node, &facts, "description", NULL) != KP_OK ||
        (kbuild && add_trees(m->call, node, board) != KP_OK) ||
        add_reference(m, node, kernel_property(m), m->kernel) != KP_OK ||
        (!kbuild && add_trees(m->call, node, board) != KP_OK))
        return KP_FAILED;
    return add_reference(m, node, "ramdisk", m->p->has_ramdisk ? ramdisk_name(m) : NULL);
}

static int32_t make_board(struct fit_maker *m, uint64_t index, const struct board *board)
{
    const char *name = print(m->call, "conf", index + 1);
    struct fit_node *node = name == NULL ? NULL : fit_add_node(m->call, m->configurations, name);

    if (node == NULL)
        return KP_FAILED;
    if ((m->style == FIT_STYLE_AUTO ? make_auto_board(m, node, board)
                                    : make_plain_board(m, node, index, board)) != KP_OK)
        return KP_FAILED;
    return fit_make_signatures(m, node, &m->p->signatures, 1);
}

/* The next word of `sets`. */
static int32_t read_set(struct fit_maker *m, const char **at, struct board *board)
{
    const struct fit_params *p = m->p;
    const char *begin = *at + strspn(*at, " ");
    char *end;

    board->count = 0;
    for (*at = begin;;) {
        const unsigned long long number = strtoull(*at, &end, 10);

        if (end == *at || (*end != ' ' && *end != ',' && *end != '\0') || number == 0 ||
            number > p->dtbs.count || board->count == MOST_TREES)
            return kp_fail_at(m->call, &p->sets, "as in \"1,2 3\", with numbers of dtbs",
                              "sets: %.40s: not numbers of the %llu device trees", begin,
                              (unsigned long long)p->dtbs.count);
        board->trees[board->count++] = number - 1;
        *at = end + (*end == ',');
        if (*end != ',')
            return KP_OK;
    }
}

static uint64_t count_boards(const struct fit_maker *m)
{
    const char *at = m->p->sets.bytes;
    uint64_t count = 0;

    if (!m->p->has_sets)
        return m->p->dtbs.count == 0 ? 1 : m->p->dtbs.count;
    for (; at[strspn(at, " ")] != '\0'; count++) {
        at += strspn(at, " ");
        at += strcspn(at, " ");
    }
    return count;
}

static int32_t make_all_boards(struct fit_maker *m)
{
    const uint64_t count = count_boards(m), described = m->p->described_by.count;
    const char *at = m->p->sets.bytes;
    struct board board = {.count = 0};
    uint64_t i;

    if (described != 0 && described != count)
        return kp_fail_at(m->call, &m->p->described_by, "give one for each configuration",
                          "described_by: %llu device trees: there are %llu configurations",
                          (unsigned long long)described, (unsigned long long)count);
    if (m->p->has_sets) {
        for (i = 0; at[strspn(at, " ")] != '\0'; i++)
            if (read_set(m, &at, &board) != KP_OK || make_board(m, i, &board) != KP_OK)
                return KP_FAILED;
        return KP_OK;
    }
    if (m->p->dtbs.count == 0)
        return make_board(m, 0, &board);
    for (i = 0; i < m->p->dtbs.count; i++) {
        board = (struct board){.trees = {i}, .count = 1};
        if (make_board(m, i, &board) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

int32_t fit_make_boards(struct fit_maker *m)
{
    const struct fit_params *p = m->p;

    if (m->call->input == NULL) {
        if (p->dtbs.count == 0 && !p->has_ramdisk)
            return KP_OK;
        return kp_fail_at(m->call, p->has_ramdisk ? (const void *)&p->ramdisk : &p->dtbs,
                          "put the kernel before the stage: [kernel, {fit: ...}]; or list images "
                          "and configurations",
                          "fit: device trees or a ramdisk without a kernel as main input");
    }
    if (m->arch == NULL)
        return kp_fail_at(m->call, &p->arch, "give arch: NAME here or in the recipe",
                          "arch: no value: U-Boot checks it");
    if (make_kernel(m) != KP_OK)
        return KP_FAILED;
    /* A tree that U-Boot lets grow where it lies must not grow into the ramdisk. */
    if (m->style != FIT_STYLE_AUTO && p->has_ramdisk && make_ramdisk(m) != KP_OK)
        return KP_FAILED;
    if (make_trees(m) != KP_OK)
        return KP_FAILED;
    if (m->style == FIT_STYLE_AUTO && p->has_ramdisk && make_ramdisk(m) != KP_OK)
        return KP_FAILED;
    return make_all_boards(m);
}
