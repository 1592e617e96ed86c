/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sources/kbuild/archive.c - the members of an archive in a link command: of a regular one the
 * bytes in it, of a thin one the files that it names, as Kbuild's are.
 *
 * Facts from binutils, include/aout/ar.h and bfd/archive.c: the magics; 60 bytes before each member
 * (name 16, time 12, owner 6, group 6, mode 8, size 10 in decimal, "`\n"), members at even offsets;
 * "/" and "/SYM64/" are tables of symbols, "//" has long names, each with "/\n" behind it, that
 * "/OFFSET" means. Only these three have their bytes in a thin archive; its other names are
 * relative to its folder. The order of members is that of linking, and is kept.
 */
#include "kbuild.h"

#include <string.h>

#define MAGIC_SIZE 8u
#define HEADER_SIZE 60u
/* A boot stub's archive has some thirty members. */
#define MEMBERS_MAX 10000u

struct archive {
    const struct kbuild *kbuild;
    const char *name;
    const struct kp_image *image;
    bool thin;
    const char *names; /* the table of long names, or NULL */
    uint64_t names_size;
};

struct member {
    char field[17]; /* its name as the header has it */
    uint64_t offset, size;
};

static int32_t damaged(const struct archive *archive, uint64_t offset, const char *why)
{
    return kbuild_fail(archive->kbuild, "run make once more", "%s: offset %llu: %s", archive->name,
                       (unsigned long long)offset, why);
}

/* A decimal number with blanks behind it. */
static bool read_number(const char *text, size_t length, uint64_t *value)
{
    size_t i = 0;

    for (*value = 0; i < length && text[i] >= '0' && text[i] <= '9'; i++)
        *value = *value * 10 + (uint64_t)(text[i] - '0');
    if (i == 0)
        return false;
    while (i < length && text[i] == ' ')
        i++;
    return i == length;
}

static bool is_table(const struct member *member)
{
    return strcmp(member->field, "/") == 0 || strcmp(member->field, "//") == 0 ||
           strcmp(member->field, "/SYM64/") == 0;
}

/* The member at *offset, which moves on. */
static int32_t read_member(const struct archive *archive, uint64_t *offset, struct member *member)
{
    struct kp_call *call = archive->kbuild->call;
    const uint64_t size = kp_size(call, archive->image), at = *offset;
    char header[HEADER_SIZE];
    size_t end = 16;

    if (!kp_inside(size, at, HEADER_SIZE))
        return damaged(archive, at, "cut short");
    if (call->host->image_read(call, archive->image, at, header, HEADER_SIZE) != KP_OK)
        return KP_FAILED;
    if (header[58] != '`' || header[59] != '\n' || !read_number(header + 48, 10, &member->size))
        return damaged(archive, at, "no ar header: damaged");
    while (end > 0 && header[end - 1] == ' ')
        end--;
    memcpy(member->field, header, end);
    member->field[end] = '\0';
    member->offset = at + HEADER_SIZE;
    *offset = member->offset;
    if (archive->thin && !is_table(member))
        return KP_OK;
    if (!kp_inside(size, member->offset, member->size))
        return damaged(archive, at, "a member that ends behind the archive: cut short");
    *offset += member->size + (member->size & 1);
    return KP_OK;
}

/* The name that a header means. */
static int32_t find_name(const struct archive *archive, const struct member *member,
                         char name[KBUILD_NAME_MAX])
{
    const char *from = member->field, *end = from + strlen(from);
    uint64_t at = 0;

    if (from[0] == '/') {
        if (!read_number(from + 1, strlen(from + 1), &at) || at >= archive->names_size)
            return damaged(archive, member->offset, "a name that the archive does not have");
        from = archive->names + at;
        end = memchr(from, '\n', (size_t)(archive->names_size - at));
        if (end == NULL)
            return damaged(archive, member->offset, "a name without end");
    }
    if (end > from && end[-1] == '/')
        end--;
    if (end == from || (size_t)(end - from) >= KBUILD_NAME_MAX)
        return damaged(archive, member->offset, "a name that is empty or too long");
    for (size_t i = 0; i < (size_t)(end - from); i++) {
        if (from[i] <= ' ' || from[i] > '~')
            return damaged(archive, member->offset, "a name with unusual characters");
        name[i] = from[i];
    }
    name[end - from] = '\0';
    return KP_OK;
}

/* The file that a thin archive names. */
static const struct kp_image *open_member(const struct archive *archive,
                                          const struct member *member, const char *name,
                                          char label[KBUILD_NAME_MAX])
{
    const struct kbuild *kbuild = archive->kbuild;
    const char *slash = strrchr(archive->name, '/');
    const struct kp_image *image;
    char folder[KBUILD_NAME_MAX] = "";

    if (slash != NULL)
        memcpy(folder, archive->name, (size_t)(slash - archive->name));
    if (!kbuild_resolve(folder, name, label)) {
        kbuild_fail(kbuild, NULL, "%s: member '%s': leads out of the tree", archive->name, name);
        return NULL;
    }
    image = kbuild_open(kbuild, label, kbuild_target(kbuild));
    if (image != NULL && kp_size(kbuild->call, image) != member->size) {
        kbuild_fail(kbuild, "run make once more", "%s: %llu bytes: %s was made when it had %llu",
                    label, (unsigned long long)kp_size(kbuild->call, image), archive->name,
                    (unsigned long long)member->size);
        return NULL;
    }
    return image;
}

static int32_t give_member(const struct archive *archive, const struct member *member,
                           const char *const *lists, size_t list_count)
{
    const struct kbuild *kbuild = archive->kbuild;
    struct kp_call *call = kbuild->call;
    const struct kp_image *image;
    char name[KBUILD_NAME_MAX], label[2 * KBUILD_NAME_MAX + 3], magic[3] = "";

    if (find_name(archive, member, name) != KP_OK)
        return KP_FAILED;
    snprintf(label, sizeof(label), "%s(%s)", archive->name, name);
    image = archive->thin
                ? open_member(archive, member, name, label)
                : call->host->image_slice(call, archive->image, member->offset, member->size);
    if (image == NULL ||
        (member->size >= 2 && call->host->image_read(call, image, 0, magic, 2) != KP_OK))
        return KP_FAILED;
    if (strcmp(magic, "!<") == 0)
        return kbuild_fail(kbuild, NULL, "%s: member '%s': an archive in an archive", archive->name,
                           name);
    for (size_t i = 0; i < list_count; i++)
        if (kbuild_traits(kbuild, call->host->source_list(call, lists[i], label, image), false) !=
            KP_OK)
            return KP_FAILED;
    return KP_OK;
}

static int32_t open_archive(struct archive *archive)
{
    struct kp_call *call = archive->kbuild->call;
    char magic[MAGIC_SIZE + 1] = "";

    archive->image = kbuild_open(archive->kbuild, archive->name, kbuild_target(archive->kbuild));
    if (archive->image == NULL)
        return KP_FAILED;
    if (kp_size(call, archive->image) >= MAGIC_SIZE &&
        call->host->image_read(call, archive->image, 0, magic, MAGIC_SIZE) != KP_OK)
        return KP_FAILED;
    archive->thin = strcmp(magic, "!<thin>\n") == 0;
    if (!archive->thin && strcmp(magic, "!<arch>\n") != 0)
        return damaged(archive, 0, "no archive");
    return KP_OK;
}

int32_t kbuild_give_archive(const struct kbuild *kbuild, const char *name, const char *const *lists,
                            size_t list_count)
{
    struct kp_call *call = kbuild->call;
    struct archive archive = {.kbuild = kbuild, .name = name};
    unsigned members = 0;

    if (open_archive(&archive) != KP_OK)
        return KP_FAILED;
    for (uint64_t at = MAGIC_SIZE; at < kp_size(call, archive.image);) {
        struct member member = {.size = 0};

        if (read_member(&archive, &at, &member) != KP_OK)
            return KP_FAILED;
        if (strcmp(member.field, "//") == 0) {
            const struct kp_image *names =
                call->host->image_slice(call, archive.image, member.offset, member.size);

            archive.names = names == NULL ? NULL : (const char *)kp_view(call, names);
            archive.names_size = member.size;
            if (archive.names == NULL)
                return KP_FAILED;
        } else if (!is_table(&member)) {
            if (members++ == MEMBERS_MAX)
                return damaged(&archive, at, "more members than any boot stub has");
            if (give_member(&archive, &member, lists, list_count) != KP_OK)
                return KP_FAILED;
        }
    }
    return KP_OK;
}
