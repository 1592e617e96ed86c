/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sources/deb/ar.c - the outer layer of a package: an ar archive of three members, of which
 * two are compressed archives.
 *
 * Facts from deb(5) of dpkg: the magic, the order of the members (debian-binary, then
 * control.tar, then data.tar; those whose names begin with _ are skipped), and that minor
 * versions of the format are compatible. Of ar: 60 bytes before each member (name 16,
 * time 12, owner 6, group 6, mode 8, size 10 in decimal, "`\n"), members at even offsets.
 */
#include "deb.h"

#include <string.h>

#define MAGIC "!<arch>\n"
#define HEADER_SIZE 60u
#define SIZE_AT 48u
#define SIZE_LENGTH 10u
/* A package has three members; some have signatures besides. */
#define MAX_MEMBERS 64

struct member {
    char name[17];
    const struct kp_image *contents;
};

/* A decimal number with blanks behind it. */
static int read_number(const uint8_t *text, size_t length, uint64_t *value)
{
    size_t i = 0;

    for (*value = 0; i < length && text[i] >= '0' && text[i] <= '9'; i++)
        *value = *value * 10 + (uint64_t)(text[i] - '0');
    if (i == 0)
        return 0;
    while (i < length && text[i] == ' ')
        i++;
    return i == length;
}

/* The member at *offset, which moves on. */
static int32_t read_member(struct kp_call *call, const struct kp_image *package, uint64_t *offset,
                           struct member *member)
{
    const uint64_t size = kp_size(call, package);
    const unsigned long long at = *offset;
    uint8_t header[HEADER_SIZE];
    uint64_t length = 0;
    size_t end = 16;

    *member = (struct member){.contents = NULL};
    if (!kp_inside(size, *offset, HEADER_SIZE))
        return kp_fail(call, "no Debian package: cut short at offset %llu", at);
    if (call->host->image_read(call, package, *offset, header, HEADER_SIZE) != KP_OK)
        return KP_FAILED;
    if (header[58] != '`' || header[59] != '\n' ||
        !read_number(header + SIZE_AT, SIZE_LENGTH, &length))
        return kp_fail(call, "no Debian package: no ar header at offset %llu", at);
    while (end > 0 && (header[end - 1] == ' ' || header[end - 1] == '/'))
        end--;
    memcpy(member->name, header, end);
    member->name[end] = '\0';
    if (!kp_inside(size, *offset + HEADER_SIZE, length))
        return kp_fail(
            call, "member at offset %llu: %llu bytes: the package ends before: it is cut short", at,
            (unsigned long long)length);
    member->contents = call->host->image_slice(call, package, *offset + HEADER_SIZE, length);
    *offset += HEADER_SIZE + length + (length & 1);
    return member->contents == NULL ? KP_FAILED : KP_OK;
}

static int32_t check_version(struct kp_call *call, const struct member *member)
{
    char text[3] = "";

    if (strcmp(member->name, "debian-binary") != 0)
        return kp_fail(call, "no Debian package: its first member is not 'debian-binary'");
    if (kp_size(call, member->contents) < 4 ||
        call->host->image_read(call, member->contents, 0, text, 2) != KP_OK ||
        memcmp(text, "2.", 2) != 0)
        return kp_fail(call, "debian-binary: not a version 2 of the package format");
    return KP_OK;
}

int32_t deb_find_members(struct kp_call *call, const struct kp_image *package,
                         struct deb_members *members)
{
    const uint64_t size = kp_size(call, package);
    uint64_t offset = sizeof(MAGIC) - 1;
    char magic[sizeof(MAGIC)] = "";
    struct member member = {.contents = NULL};

    *members = (struct deb_members){NULL, NULL};
    if (size < offset)
        return kp_fail(call, "no Debian package: %llu bytes", (unsigned long long)size);
    if (call->host->image_read(call, package, 0, magic, offset) != KP_OK)
        return KP_FAILED;
    if (strcmp(magic, MAGIC) != 0)
        return kp_fail(call, "no Debian package: it does not begin with \"!<arch>\"");
    if (read_member(call, package, &offset, &member) != KP_OK || member.contents == NULL ||
        check_version(call, &member) != KP_OK)
        return KP_FAILED;
    for (int i = 0; i < MAX_MEMBERS && members->data == NULL && offset < size; i++) {
        if (read_member(call, package, &offset, &member) != KP_OK || member.contents == NULL)
            return KP_FAILED;
        if (strncmp(member.name, "control.tar", 11) == 0 && members->control == NULL)
            members->control = member.contents;
        else if (strncmp(member.name, "data.tar", 8) == 0 && members->control != NULL)
            members->data = member.contents;
        else if (member.name[0] != '_')
            return kp_fail(call, "no Debian package: a member where control.tar and data.tar "
                                 "belong is neither");
    }
    if (members->data == NULL)
        return kp_fail(call, "no Debian package: control.tar or data.tar is missing");
    return KP_OK;
}

/* Whether the bytes are an archive as they are: "ustar" in the first header, or no bytes. */
static int is_archive(struct kp_call *call, const struct kp_image *member, int *failed)
{
    char magic[5];

    *failed = 0;
    if (kp_size(call, member) < 512)
        return 0;
    *failed = call->host->image_read(call, member, 257, magic, sizeof(magic)) != KP_OK;
    return !*failed && memcmp(magic, "ustar", 5) == 0;
}

const struct kp_image *deb_unpack(struct kp_call *call, const struct kp_image *member,
                                  const char *name, uint64_t limit)
{
    const struct kp_image *archive;
    uint64_t end = 0;
    int failed;

    if (is_archive(call, member, &failed) || failed)
        return failed ? NULL : member;
    archive = call->host->decode(call, member, limit, &end);
    if (archive != NULL && end != kp_size(call, member)) {
        kp_fail(call, "%s: %llu bytes behind the compressed archive", name,
                (unsigned long long)(kp_size(call, member) - end));
        return NULL;
    }
    return archive;
}
