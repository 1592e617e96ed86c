/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cpio/write.c - writes entries, byte for byte as usr/gen_init_cpio.c does: inode numbers
 * from 721, device 3:1, two links for folders, pipes and sockets, link targets with their
 * NUL, data behind the last of a file's names, the end at a multiple of 512.
 *
 * One difference: files get the build's time as all else does, not their own.
 */
#include <string.h>

#include "cpio.h"

#define FIRST_INO 721u

int32_t cpio_fail(const struct cpio_writer *w, const char *hint, const char *format, ...)
{
    char text[KP_REPORT_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (w->line == 0)
        return kp_fail_at(w->call, w->field, hint, "%s", text);
    return kp_fail_at(w->call, w->field, hint, "line %llu: %s", (unsigned long long)w->line, text);
}

int32_t cpio_grow(struct kp_call *call, void **items, uint64_t count, uint64_t *room, uint64_t size)
{
    const uint64_t more = *room == 0 ? 256 : 2 * *room;
    void *grown;

    if (count < *room)
        return KP_OK;
    grown = call->host->alloc(call, more * size);
    if (grown == NULL)
        return KP_FAILED;
    if (count > 0)
        memcpy(grown, *items, (size_t)(count * size));
    *items = grown;
    *room = more;
    return KP_OK;
}

int cpio_octal(const char *text, uint32_t maximum, uint32_t *number)
{
    uint64_t value = 0;

    if (strncmp(text, "0o", 2) == 0)
        text += 2;
    if (*text == 0)
        return 0;
    for (; *text >= '0' && *text <= '7' && value <= maximum; text++)
        value = 8 * value + (uint64_t)(*text - '0');
    *number = (uint32_t)value;
    return *text == 0 && value <= maximum;
}

int32_t cpio_check_device(const struct cpio_writer *w, const char *name, uint64_t major,
                          uint64_t minor)
{
    if (major < 1u << 12 && minor < 1u << 20)
        return KP_OK;
    return cpio_fail(w, NULL, "%s: device %llu:%llu: Linux has up to 4095:1048575", name,
                     (unsigned long long)major, (unsigned long long)minor);
}

static int32_t append_zeros(struct cpio_writer *w, uint32_t alignment)
{
    const uint64_t rest = w->call->host->output_size(w->call, w->call->output) % alignment;

    return rest == 0 ? KP_OK : kp_append_fill(w->call, 0, alignment - rest);
}

/* Header and name, up to where data begins. */
static int32_t append_header(struct cpio_writer *w, uint32_t *numbers, const char *name)
{
    const uint64_t size = strlen(name) + 1;
    char text[CPIO_HEADER_SIZE + 1];
    unsigned i;

    numbers[CPIO_NAMESIZE] = (uint32_t)size;
    memcpy(text, w->checksum ? "070702" : "070701", CPIO_MAGIC_SIZE);
    for (i = 0; i < CPIO_NUMBERS; i++)
        snprintf(text + CPIO_MAGIC_SIZE + 8 * (size_t)i, 9, "%08X", (unsigned)numbers[i]);
    if (kp_append(w->call, text, CPIO_HEADER_SIZE) != KP_OK ||
        kp_append(w->call, name, size) != KP_OK)
        return KP_FAILED;
    return append_zeros(w, 4);
}

static int32_t check_name(const struct cpio_writer *w, const char *name)
{
    if (name[0] == 0)
        return cpio_fail(w, NULL, "an entry without a name");
    if (strlen(name) >= CPIO_NAME_SIZE)
        return cpio_fail(w, NULL, "%.40s...: %llu bytes: Linux unpacks no name of more than %u",
                         name, (unsigned long long)strlen(name), CPIO_NAME_SIZE - 1);
    if (strcmp(name, CPIO_TRAILER) == 0)
        return cpio_fail(w, NULL, "%s: this name ends an archive", name);
    return KP_OK;
}

/* A file under each of its names; the data stands behind the last. */
static int32_t write_file(struct cpio_writer *w, const struct cpio_item *item, uint32_t *numbers)
{
    const uint64_t size = kp_size(w->call, item->data);
    const char *name = item->name;
    uint32_t sum = 0;
    uint64_t i;

    if (size > UINT32_MAX)
        return cpio_fail(w, NULL, "%s: %llu bytes: an archive's files have less than 4 GiB", name,
                         (unsigned long long)size);
    if (w->checksum && cpio_sum(w->call, item->data, 0, size, &sum) != KP_OK)
        return KP_FAILED;
    numbers[CPIO_NLINK] = (uint32_t)item->link_count + 1;
    for (i = 0; i <= item->link_count; i++) {
        if (i > 0)
            name = item->links[i - 1].bytes + (item->links[i - 1].bytes[0] == '/');
        if (check_name(w, name) != KP_OK)
            return KP_FAILED;
        if (i == item->link_count) {
            numbers[CPIO_FILESIZE] = (uint32_t)size;
            numbers[CPIO_CHECK] = sum;
        }
        if (append_header(w, numbers, name) != KP_OK)
            return KP_FAILED;
    }
    return kp_append_image(w->call, item->data) == KP_OK ? append_zeros(w, 4) : KP_FAILED;
}

static int32_t write_link(struct cpio_writer *w, const struct cpio_item *item, uint32_t *numbers)
{
    const uint64_t size = strlen(item->target) + 1;

    if (size > CPIO_NAME_SIZE || size == 1)
        return cpio_fail(w, NULL, "%s: link target of %llu bytes: not between 1 and %u", item->name,
                         (unsigned long long)size - 1, CPIO_NAME_SIZE - 1);
    numbers[CPIO_FILESIZE] = (uint32_t)size;
    if (append_header(w, numbers, item->name) != KP_OK ||
        kp_append(w->call, item->target, size) != KP_OK)
        return KP_FAILED;
    return append_zeros(w, 4);
}

static int32_t remember(struct cpio_writer *w, const struct cpio_item *item)
{
    const uint32_t type = item->mode & CPIO_TYPE;
    void *folders = w->folders;

    if (type != CPIO_FOLDER && type != CPIO_LINK)
        return KP_OK;
    if (cpio_grow(w->call, &folders, w->folder_count, &w->folder_room, sizeof(*w->folders)) !=
        KP_OK)
        return KP_FAILED;
    w->folders = folders;
    w->folders[w->folder_count++] = item->name;
    return KP_OK;
}

int cpio_has_folder(const struct cpio_writer *w, const char *name, uint64_t length)
{
    uint64_t i;

    for (i = 0; i < w->folder_count; i++)
        if (strncmp(w->folders[i], name, (size_t)length) == 0 && w->folders[i][length] == 0)
            return 1;
    return 0;
}

int32_t cpio_write_item(struct cpio_writer *w, const struct cpio_item *item)
{
    const uint32_t type = item->mode & CPIO_TYPE;
    uint32_t numbers[CPIO_NUMBERS] = {[CPIO_INO] = FIRST_INO + w->count,
                                      [CPIO_MODE] = item->mode,
                                      [CPIO_UID] = item->uid,
                                      [CPIO_GID] = item->gid,
                                      [CPIO_NLINK] = 1,
                                      [CPIO_MTIME] = w->time,
                                      [CPIO_MAJOR] = 3,
                                      [CPIO_MINOR] = 1,
                                      [CPIO_RMAJOR] = item->major,
                                      [CPIO_RMINOR] = item->minor};

    if (check_name(w, item->name) != KP_OK || remember(w, item) != KP_OK)
        return KP_FAILED;
    w->count++;
    if (type == CPIO_FILE)
        return write_file(w, item, numbers);
    if (type == CPIO_LINK)
        return write_link(w, item, numbers);
    if (type == CPIO_FOLDER || type == CPIO_PIPE || type == CPIO_SOCKET)
        numbers[CPIO_NLINK] = 2;
    return append_header(w, numbers, item->name);
}

int32_t cpio_write_trailer(struct cpio_writer *w)
{
    uint32_t numbers[CPIO_NUMBERS] = {[CPIO_NLINK] = 1};

    if (append_header(w, numbers, CPIO_TRAILER) != KP_OK)
        return KP_FAILED;
    return append_zeros(w, 512);
}
