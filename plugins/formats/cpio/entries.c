/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cpio/entries.c - the parameter `entries`: what a recipe puts into the archive itself, with
 * folders made on the way.
 */
#include <string.h>

#include "cpio.h"

int cpio_is_path(const char *name)
{
    size_t length;

    for (;; name += length + 1) {
        length = strcspn(name, "/");
        if (length == 0 || (length <= 2 && strncmp(name, "..", length) == 0))
            return 0;
        if (name[length] == 0)
            return 1;
    }
}

/* Where there is no folder yet for a name: Linux would leave the entry out. */
static int32_t make_folders(struct cpio_writer *w, const char *name)
{
    const char *slash = strchr(name, '/');
    char *folder;

    for (; slash != NULL; slash = strchr(slash + 1, '/')) {
        if (cpio_has_folder(w, name, (uint64_t)(slash - name)))
            continue;
        folder = w->call->host->alloc(w->call, (uint64_t)(slash - name) + 1);
        if (folder == NULL)
            return KP_FAILED;
        memcpy(folder, name, (size_t)(slash - name));
        if (cpio_write_item(w, &(struct cpio_item){.name = folder, .mode = CPIO_FOLDER | 0755}) !=
            KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

static int32_t find_type(struct cpio_writer *w, const struct cpio_entry *e, uint32_t *type)
{
    *type = e->has_type ? e->type : e->image != NULL ? CPIO_FILE : e->has_target ? CPIO_LINK : 0;
    if (*type == 0)
        return cpio_fail(w, "a file has image: NAME, a link target: NAME, all else a type:",
                         "%s: neither image, target nor type", e->name.bytes);
    if ((*type == CPIO_FILE) != (e->image != NULL))
        return cpio_fail(w, NULL, "%s: image: a file has one, and nothing else has", e->name.bytes);
    if ((*type == CPIO_LINK) != (e->has_target != 0))
        return cpio_fail(w, NULL, "%s: target: a link has one, and nothing else has",
                         e->name.bytes);
    if (*type != CPIO_FILE && e->links.count > 0)
        return cpio_fail(w, NULL, "%s: links: only a file has further names", e->name.bytes);
    if (*type != CPIO_CHAR && *type != CPIO_BLOCK && (e->major != 0 || e->minor != 0))
        return cpio_fail(w, NULL, "%s: major, minor: only a device has them", e->name.bytes);
    return cpio_check_device(w, e->name.bytes, e->major, e->minor);
}

/* Whether Linux would execute a file: an ELF program, or a script that names its own. */
static int32_t is_program(struct kp_call *call, const struct kp_image *image, int *program)
{
    uint8_t head[4] = {0};
    const uint64_t size = kp_size(call, image);

    if (call->host->image_read(call, image, 0, head, size < 4 ? size : 4) != KP_OK)
        return KP_FAILED;
    *program = memcmp(head, "\177ELF", 4) == 0 || memcmp(head, "#!", 2) == 0;
    return KP_OK;
}

static int32_t find_mode(struct cpio_writer *w, const struct cpio_entry *e, uint32_t type,
                         uint32_t *mode)
{
    int program = 0;

    if (e->has_mode) {
        if (cpio_octal(e->mode.bytes, CPIO_PERMISSIONS, mode))
            return KP_OK;
        return kp_fail_at(w->call, &e->mode, "as in 0755", "mode: %s: not an octal number to 07777",
                          e->mode.bytes);
    }
    if (type == CPIO_FILE && is_program(w->call, e->image, &program) != KP_OK)
        return KP_FAILED;
    *mode = type == CPIO_LINK                ? 0777
            : type == CPIO_FOLDER || program ? 0755
            : type == CPIO_FILE              ? 0644
                                             : 0600;
    return KP_OK;
}

static int32_t pack_entry(struct cpio_writer *w, const struct cpio_entry *e)
{
    const struct kp_text *links = e->links.items;
    struct cpio_item item = {.name = e->name.bytes + (e->name.bytes[0] == '/'),
                             .target = e->target.bytes,
                             .data = e->image,
                             .links = links,
                             .link_count = e->links.count,
                             .uid = (uint32_t)e->uid,
                             .gid = (uint32_t)e->gid,
                             .major = (uint32_t)e->major,
                             .minor = (uint32_t)e->minor};
    uint32_t type = 0, mode = 0;
    uint64_t i;

    w->field = &e->name;
    if (!cpio_is_path(item.name))
        return cpio_fail(w, "as in usr/bin/init", "name: %s: not a path from the root",
                         e->name.bytes);
    if (find_type(w, e, &type) != KP_OK || find_mode(w, e, type, &mode) != KP_OK ||
        make_folders(w, item.name) != KP_OK)
        return KP_FAILED;
    for (i = 0; i < e->links.count; i++) {
        if (!cpio_is_path(links[i].bytes + (links[i].bytes[0] == '/')))
            return kp_fail_at(w->call, &links[i], NULL, "links: %s: not a path from the root",
                              links[i].bytes);
        if (make_folders(w, links[i].bytes + (links[i].bytes[0] == '/')) != KP_OK)
            return KP_FAILED;
    }
    item.mode = type | mode;
    return cpio_write_item(w, &item);
}

int32_t cpio_pack_entries(struct cpio_writer *w, const struct cpio_params *p)
{
    const struct cpio_entry *entries = p->entries.items;
    uint64_t i;

    for (i = 0; i < p->entries.count; i++)
        if (pack_entry(w, &entries[i]) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}
