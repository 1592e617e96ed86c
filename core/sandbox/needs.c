/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/needs.c - see needs.h: the few entries of an object's dynamic section that the loader
 * searches by.
 */
#include "sandbox/needs.h"

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#include "kpipe/bytes.h"

#define MOST_SEGMENTS 64
#define MOST_ENTRIES 1024

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define NATIVE_DATA ELFDATA2MSB
#else
#define NATIVE_DATA ELFDATA2LSB
#endif

/* What is read of an object. */
struct object {
    int descriptor;
    ElfW(Phdr) segments[MOST_SEGMENTS];
    size_t segment_count;
    ElfW(Dyn) entries[MOST_ENTRIES];
    size_t entry_count;
    uint64_t text, text_size; /* of the table of strings, in the file */
};

static bool read_at(int descriptor, void *to, size_t size, uint64_t offset)
{
    return offset <= INT64_MAX && pread(descriptor, to, size, (off_t)offset) == (ssize_t)size;
}

static bool read_segments(struct object *object)
{
    ElfW(Ehdr) head;

    if (!read_at(object->descriptor, &head, sizeof(head), 0) ||
        memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
        head.e_ident[EI_CLASS] != __ELF_NATIVE_CLASS / 32 || head.e_ident[EI_DATA] != NATIVE_DATA ||
        head.e_type != ET_DYN || head.e_phentsize != sizeof(object->segments[0]) ||
        head.e_phnum > MOST_SEGMENTS)
        return false;
    object->segment_count = head.e_phnum;
    return read_at(object->descriptor, object->segments,
                   object->segment_count * sizeof(object->segments[0]), head.e_phoff);
}

static bool read_entries(struct object *object)
{
    for (size_t i = 0; i < object->segment_count; i++) {
        const ElfW(Phdr) *segment = &object->segments[i];
        size_t count = (size_t)(segment->p_filesz / sizeof(object->entries[0]));

        if (segment->p_type != PT_DYNAMIC)
            continue;
        count = count > MOST_ENTRIES ? MOST_ENTRIES : count;
        if (!read_at(object->descriptor, object->entries, count * sizeof(object->entries[0]),
                     segment->p_offset))
            return false;
        while (object->entry_count < count && object->entries[object->entry_count].d_tag != DT_NULL)
            object->entry_count++;
        return true;
    }
    return false;
}

static uint64_t find_entry(const struct object *object, int64_t tag)
{
    for (size_t i = 0; i < object->entry_count; i++)
        if (object->entries[i].d_tag == tag)
            return object->entries[i].d_un.d_val;
    return UINT64_MAX;
}

/* Where in the file the strings are: the entry says where in memory. */
static bool find_text(struct object *object)
{
    const uint64_t address = find_entry(object, DT_STRTAB);

    object->text_size = find_entry(object, DT_STRSZ);
    for (size_t i = 0; i < object->segment_count; i++) {
        const ElfW(Phdr) *segment = &object->segments[i];

        if (segment->p_type == PT_LOAD && address >= segment->p_vaddr &&
            address - segment->p_vaddr < segment->p_filesz)
            return kp_add(segment->p_offset, address - segment->p_vaddr, &object->text);
    }
    return false;
}

/* A string: *text is NULL if it is none. False when memory runs out. */
static bool read_text(struct kp_arena *arena, const struct object *object, uint64_t at,
                      const char **text)
{
    char buffer[PATH_MAX];
    uint64_t offset;
    ssize_t length;

    *text = NULL;
    if (at >= object->text_size || !kp_add(object->text, at, &offset) || offset > INT64_MAX)
        return true;
    length = pread(object->descriptor, buffer, sizeof(buffer), (off_t)offset);
    if (length <= 0 || memchr(buffer, '\0', (size_t)length) == NULL)
        return true;
    *text = kp_arena_strdup(arena, buffer);
    return *text != NULL;
}

bool kp_needs_read(struct kp_arena *arena, int descriptor, struct kp_needs *needs)
{
    struct object *object = KP_ARENA_NEW(arena, struct object);
    uint64_t run_path;

    *needs = (struct kp_needs){0};
    if (object == NULL)
        return false;
    object->descriptor = descriptor;
    if (!read_segments(object) || !read_entries(object) || !find_text(object))
        return true;
    needs->library = true;
    for (size_t i = 0; i < object->entry_count && needs->count < KP_NEEDS_MOST; i++) {
        const char **name = &needs->names[needs->count];

        if (object->entries[i].d_tag != DT_NEEDED)
            continue;
        if (!read_text(arena, object, object->entries[i].d_un.d_val, name))
            return false;
        needs->count += *name != NULL ? 1 : 0;
    }
    run_path = find_entry(object, DT_RUNPATH);
    needs->inherited = run_path == UINT64_MAX;
    if (needs->inherited)
        run_path = find_entry(object, DT_RPATH);
    return read_text(arena, object, run_path, &needs->run_path);
}
