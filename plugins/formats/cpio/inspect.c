/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cpio/inspect.c - describes an archive: what is in it by number, its first entries by name (all
 * of them are details: details.c), and what follows it.
 */
#include <string.h>

#include "cpio.h"

/* Entries that are shown one by one. */
#define SHOWN 64u

struct counts {
    uint64_t files, folders, links, devices, others, bytes, wrong;
};

const char *cpio_type_name(uint32_t mode)
{
    switch (mode & CPIO_TYPE) {
    case CPIO_FILE:
        return "file";
    case CPIO_FOLDER:
        return "dir";
    case CPIO_LINK:
        return "slink";
    case CPIO_CHAR:
    case CPIO_BLOCK:
        return "nod";
    case CPIO_PIPE:
        return "pipe";
    case CPIO_SOCKET:
        return "sock";
    default:
        return "?";
    }
}

static void count(struct counts *c, const struct cpio_reader *r)
{
    switch (r->number[CPIO_MODE] & CPIO_TYPE) {
    case CPIO_FILE:
        c->files++;
        c->bytes += r->number[CPIO_FILESIZE];
        break;
    case CPIO_FOLDER:
        c->folders++;
        break;
    case CPIO_LINK:
        c->links++;
        break;
    case CPIO_CHAR:
    case CPIO_BLOCK:
        c->devices++;
        break;
    default:
        c->others++;
    }
}

/* "bin/sh", and behind it "slink 0777 0:0 8 bytes", "nod 0600 0:0 c 5:1". */
static int32_t show_entry(struct cpio_reader *r, int wrong)
{
    const uint32_t *n = r->number, type = n[CPIO_MODE] & CPIO_TYPE;
    struct kp_field field = {.size = sizeof(field), .type = KP_FIELD_TEXT, .offset = r->at};
    char name[32], meaning[96];
    int length;

    snprintf(name, sizeof(name), "entry[%llu]", (unsigned long long)r->index - 1);
    length = snprintf(meaning, sizeof(meaning), "%s %04o %u:%u", cpio_type_name(n[CPIO_MODE]),
                      (unsigned)(n[CPIO_MODE] & CPIO_PERMISSIONS), (unsigned)n[CPIO_UID],
                      (unsigned)n[CPIO_GID]);
    if (type == CPIO_CHAR || type == CPIO_BLOCK)
        snprintf(meaning + length, sizeof(meaning) - (size_t)length, " %c %u:%u",
                 type == CPIO_CHAR ? 'c' : 'b', (unsigned)n[CPIO_RMAJOR], (unsigned)n[CPIO_RMINOR]);
    else if (n[CPIO_FILESIZE] > 0)
        snprintf(meaning + length, sizeof(meaning) - (size_t)length, " %u bytes",
                 (unsigned)n[CPIO_FILESIZE]);
    field.name = name;
    field.length = r->next - r->at;
    field.text = (struct kp_text){r->name, strlen(r->name)};
    field.meaning = meaning;
    field.flags = wrong ? KP_FIELD_INVALID : 0;
    return r->call->host->field(r->call, &field);
}

static int32_t derived(struct kp_call *call, const char *name, uint64_t value, uint32_t flags)
{
    return value == 0 ? KP_OK : kp_field_number(call, name, 0, 0, value, flags, NULL);
}

static int32_t show_counts(struct kp_call *call, const struct cpio_reader *r,
                           const struct counts *c)
{
    if (kp_field_number(call, "entries", 0, 0, r->index, 0, NULL) != KP_OK ||
        derived(call, "files", c->files, 0) != KP_OK ||
        derived(call, "folders", c->folders, 0) != KP_OK ||
        derived(call, "links", c->links, 0) != KP_OK ||
        derived(call, "devices", c->devices, 0) != KP_OK ||
        derived(call, "others", c->others, 0) != KP_OK ||
        derived(call, "data", c->bytes, KP_FIELD_BYTES) != KP_OK)
        return KP_FAILED;
    return derived(call, "wrong checksums", c->wrong, KP_FIELD_INVALID);
}

/* The alignment by which the next archive follows the first; 0: by none that is usual. Linux reads
 * zeros between them as they come, but wants an archive's header at a multiple of 4. */
static uint32_t alignment_of(uint64_t end, uint64_t next)
{
    uint64_t aligned;

    for (uint32_t alignment = 4; alignment <= 65536; alignment *= 2)
        if (kp_align(end, alignment, &aligned) && aligned == next)
            return alignment;
    return next == end ? 1 : 0;
}

/* Linux reads archives in a row, each compressed or not. */
static int32_t hold_both(const struct cpio_reader *r, uint64_t next)
{
    const struct kp_part first = {.size = sizeof(first),
                                  .name = "archive",
                                  .kind = KP_KIND_CPIO,
                                  .length = r->next,
                                  .meaning = "the first of several",
                                  .flags = KP_PART_TOLD};
    const struct kp_part rest = {.size = sizeof(rest),
                                 .name = "next",
                                 .role = KP_ROLE_INITRD,
                                 .offset = next,
                                 .length = r->size - next,
                                 .align = alignment_of(r->next, next)};

    if (r->call->host->part(r->call, &first) != KP_OK)
        return KP_FAILED;
    return r->call->host->part(r->call, &rest);
}

/* Zeros, and what the next archive, or whatever it is, looks like. */
static int32_t show_rest(struct kp_call *call, const struct cpio_reader *r)
{
    struct kp_identity identity = {.size = sizeof(identity)};
    const struct kp_image *rest;
    uint64_t zeros = 0, end;

    if (cpio_count_zeros(call, call->input, r->next, &zeros) != KP_OK)
        return KP_FAILED;
    if (zeros > 0 &&
        kp_field_number(call, "padding", r->next, zeros, zeros, KP_FIELD_BYTES, NULL) != KP_OK)
        return KP_FAILED;
    end = r->next + zeros;
    if (end == r->size)
        return KP_OK;
    rest = call->host->image_slice(call, call->input, end, r->size - end);
    if (rest == NULL || call->host->identify(call, rest, &identity) != KP_OK)
        return KP_FAILED;
    if (kp_field_number(call, "trailing", end, r->size - end, r->size - end, KP_FIELD_BYTES,
                        identity.codec != NULL ? identity.codec : identity.kind) != KP_OK)
        return KP_FAILED;
    return hold_both(r, end);
}

int32_t cpio_inspect(struct kp_call *call)
{
    struct cpio_reader r = {.call = call, .image = call->input, .size = kp_size(call, call->input)};
    struct counts c = {0};
    const int details = call->host->details(call) == 1;
    int end = 0, wrong = 0;

    while (!end) {
        if (call->host->cancelled(call) || cpio_read_entry(&r, &end) != KP_OK ||
            cpio_check_data(&r, &wrong) != KP_OK)
            return KP_FAILED;
        c.wrong += (uint64_t)wrong;
        if (r.index == 1 && !end &&
            kp_field_text(call, "c_magic", 0, CPIO_MAGIC_SIZE, r.has_check ? "070702" : "070701",
                          CPIO_MAGIC_SIZE) != KP_OK)
            return KP_FAILED;
        if (!end)
            count(&c, &r);
        if (!end && details && cpio_tell_entry(&r) != KP_OK)
            return KP_FAILED;
        if (!end && !details && r.index <= SHOWN && show_entry(&r, wrong) != KP_OK)
            return KP_FAILED;
    }
    if (show_counts(call, &r, &c) != KP_OK)
        return KP_FAILED;
    return show_rest(call, &r);
}
