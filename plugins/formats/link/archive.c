/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/link/archive.c - one of `archives` as a library, which the linker searches for what it
 * lacks: an archive as `ar rcsD` makes it. The kernel's are thin and name files instead of holding
 * them; that each member be a file of its own in the linker's folder takes longer than linking.
 *
 * The format: ar.h of binutils 2.40 ("Format of an ar header") and bfd/archive.c: an index "/" of
 * numbers in big endian, and each member behind its header. The index has what is defined in each
 * member and global, weak or unique, and commons, in the order of the tables of symbols
 * (_bfd_compute_and_write_armap). No name is so long that it needs a table of names.
 */
#include "link.h"

static const uint8_t magic[] = {'!', '<', 'a', 'r', 'c', 'h', '>', '\n'};
#define MAGIC_SIZE sizeof(magic)
#define HEADER_SIZE 60u

/* What is found out first, and what is written then. */
struct archive {
    const struct kp_image *const *members;
    uint64_t count, first;          /* of them; the number in the name of the first */
    uint64_t symbols, symbol_bytes; /* how many, and what their names take with their NULs */
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

/* Headers, index and members, which begin at even offsets. */
static bool count_all(struct link_job *job, struct archive *archive, uint64_t *size)
{
    uint64_t members = 0;

    for (size_t i = 0; i < archive->count; i++) {
        if (!visit_member(job, archive, i))
            return false;
        /* No sum of sizes in memory goes beyond 64 bits. */
        members += HEADER_SIZE + even(kp_size(job->call, archive->members[i]));
    }
    *size = MAGIC_SIZE + HEADER_SIZE + index_size(archive) + members;
    if (archive->symbol_bytes < LINK_ARCHIVE_MAX && members < LINK_ARCHIVE_MAX &&
        *size <= LINK_ARCHIVE_MAX - job->archive_bytes)
        return true;
    kp_fail_at(job->call, archive->members, "give objects that are always linked as 'objects'",
               "archives: more than %llu MiB in all", ULL(LINK_ARCHIVE_MAX >> 20));
    return false;
}

/* A member with its header; the symbols that it defines go into the index. */
static bool put_member(struct link_job *job, struct archive *archive, size_t index, uint8_t *to)
{
    const struct kp_image *const member = archive->members[index];
    const uint8_t *const bytes = kp_view(job->call, member);
    const uint64_t size = kp_size(job->call, member);
    char name[LINK_FILE_NAME];

    if (bytes == NULL)
        return false;
    snprintf(name, sizeof(name), LINK_MEMBER "/", (size_t)(archive->first + index));
    put_header(to, name, size, of_member);
    memcpy(to + HEADER_SIZE, bytes, size);
    if (even(size) != size)
        to[HEADER_SIZE + size] = '\n';
    return visit_member(job, archive, index);
}

const void *link_make_archive(struct link_job *job, const struct link_archive *from, uint64_t *size)
{
    struct archive archive = {
        .members = from->members.items, .count = from->members.count, .first = job->member_count};
    uint8_t *bytes, *at;

    if (!count_all(job, &archive, size))
        return NULL;
    bytes = job->call->host->alloc(job->call, *size);
    if (bytes == NULL)
        return NULL;
    job->archive_bytes += *size;
    memcpy(bytes, magic, MAGIC_SIZE);
    at = bytes + MAGIC_SIZE;
    put_header(at, "/", index_size(&archive), of_index);
    at += HEADER_SIZE;
    kp_put_be32(at, (uint32_t)archive.symbols);
    archive.offsets = at + 4;
    archive.strings = archive.offsets + 4 * archive.symbols;
    at += index_size(&archive);
    for (size_t i = 0; i < archive.count; i++) {
        archive.member = (uint32_t)(at - bytes);
        if (!put_member(job, &archive, i, at))
            return NULL;
        at += HEADER_SIZE + even(kp_size(job->call, archive.members[i]));
    }
    return bytes;
}
