/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/link/archive.c - one of `archives` as a library, which the linker searches for what it
 * lacks: a thin archive as `ar rcsTD` makes it, which names files instead of holding them.
 *
 * The format: ar.h of binutils 2.40 ("Format of an ar header") and bfd/archive.c: an index "/" of
 * numbers in big endian, the table of names "//", and a header for each member. The index has
 * what is defined in each member and global, weak or unique, and commons, in the order of the
 * tables of symbols (_bfd_compute_and_write_armap).
 */
#include "link.h"

static const uint8_t magic[] = {'!', '<', 't', 'h', 'i', 'n', '>', '\n'};
#define MAGIC_SIZE sizeof(magic)
#define HEADER_SIZE 60u

/* What is found out first, and what is written then. */
struct archive {
    const struct kp_image *const *members;
    uint64_t count, first;          /* of them; the number in the name of the first */
    uint64_t symbols, symbol_bytes; /* how many, and what their names take with their NULs */
    uint64_t names_size;            /* of the table of members' names, without padding */
    uint8_t *offsets, *strings;     /* where the next of the index goes; NULL while counting */
    uint32_t member;                /* the offset of the header of the member at hand */
};

static bool is_indexed(const GElf_Sym *symbol)
{
    const unsigned char bind = GELF_ST_BIND(symbol->st_info);

    return symbol->st_shndx != SHN_UNDEF &&
           (bind == STB_GLOBAL || bind == STB_WEAK || bind == STB_GNU_UNIQUE);
}

static bool visit(void *data, const char *name, const GElf_Sym *symbol)
{
    struct archive *const archive = data;
    const size_t size = strlen(name) + 1;

    if (!is_indexed(symbol))
        return true;
    if (archive->offsets == NULL) {
        archive->symbols++;
        archive->symbol_bytes += size;
        return archive->symbol_bytes < LINK_ARCHIVE_MAX;
    }
    kp_put_be32(archive->offsets, archive->member);
    archive->offsets += 4;
    memcpy(archive->strings, name, size);
    archive->strings += size;
    return true;
}

static bool visit_member(struct link_job *job, struct archive *archive, size_t index)
{
    const struct kp_image *const *const member = &archive->members[index];
    struct elf_file file;
    const bool fine = elf_file_open(&file, job->call, *member, member) &&
                      elf_each_symbol(&file, visit, archive, NULL);

    elf_file_close(&file);
    return fine;
}

/* A header without its name and what is in blanks: numbers are text, `mode` octal. */
static void put_header(uint8_t *to, const char *name, uint64_t size, const char *date_to_mode)
{
    char text[2 * HEADER_SIZE]; /* no number is that long in a good file */

    snprintf(text, sizeof(text), "%-16s%-32s%-10llu`\n", name, date_to_mode, ULL(size));
    memcpy(to, text, HEADER_SIZE);
}

/* Date, owner, group and mode as `ar D` writes them. */
static const char of_index[] = "0           0     0     0       ";
static const char of_member[] = "0           0     0     644     ";

static uint64_t even(uint64_t size)
{
    return size + (size & 1);
}

static uint64_t index_size(const struct archive *archive)
{
    return even(4 + 4 * archive->symbols + archive->symbol_bytes);
}

/* A member's entry in the table of names. Returns its length. */
static int name_of(const struct archive *archive, uint64_t index, char text[LINK_FILE_NAME])
{
    return snprintf(text, LINK_FILE_NAME, LINK_MEMBER "/\n", (size_t)(archive->first + index));
}

static bool count_all(struct link_job *job, struct archive *archive, uint64_t *size)
{
    char name[LINK_FILE_NAME];

    for (size_t i = 0; i < archive->count; i++) {
        if (!visit_member(job, archive, i))
            return false;
        archive->names_size += (uint64_t)name_of(archive, i, name);
    }
    *size = MAGIC_SIZE + HEADER_SIZE + index_size(archive) + HEADER_SIZE +
            even(archive->names_size) + HEADER_SIZE * archive->count;
    if (archive->symbol_bytes < LINK_ARCHIVE_MAX && *size <= LINK_ARCHIVE_MAX - job->archive_bytes)
        return true;
    kp_fail_at(job->call, archive->members, NULL,
               "archives: their global symbols: more than fit an index of %llu bytes",
               ULL(LINK_ARCHIVE_MAX));
    return false;
}

/* Writes all but the symbols; returns where the first member's header stands. */
static uint32_t put_frame(const struct link_job *job, const struct archive *archive, uint8_t *bytes)
{
    uint8_t *at = bytes + MAGIC_SIZE, *name, *first;
    uint64_t used = 0;

    memcpy(bytes, magic, MAGIC_SIZE);
    put_header(at, "/", index_size(archive), of_index);
    kp_put_be32(at + HEADER_SIZE, (uint32_t)archive->symbols);
    at += HEADER_SIZE + index_size(archive);
    put_header(at, "//", even(archive->names_size), "");
    name = at + HEADER_SIZE;
    name[even(archive->names_size) - 1] = '\n'; /* the padding, if there is some */
    first = at = name + even(archive->names_size);
    for (size_t i = 0; i < archive->count; i++) {
        char text[LINK_FILE_NAME];
        const int length = name_of(archive, i, text);

        memcpy(name + used, text, (size_t)length);
        snprintf(text, sizeof(text), "/%llu", ULL(used));
        put_header(at, text, kp_size(job->call, archive->members[i]), of_member);
        used += (uint64_t)length;
        at += HEADER_SIZE;
    }
    return (uint32_t)(first - bytes);
}

const void *link_make_archive(struct link_job *job, const struct link_archive *from, uint64_t *size)
{
    struct archive archive = {
        .members = from->members.items, .count = from->members.count, .first = job->member_count};
    uint8_t *bytes;
    uint32_t first;

    if (!count_all(job, &archive, size))
        return NULL;
    bytes = job->call->host->alloc(job->call, *size);
    if (bytes == NULL)
        return NULL;
    job->archive_bytes += *size;
    first = put_frame(job, &archive, bytes);
    archive.offsets = bytes + MAGIC_SIZE + HEADER_SIZE + 4;
    archive.strings = archive.offsets + 4 * archive.symbols;
    for (size_t i = 0; i < archive.count; i++) {
        archive.member = first + (uint32_t)i * HEADER_SIZE;
        if (!visit_member(job, &archive, i))
            return NULL;
    }
    return bytes;
}
