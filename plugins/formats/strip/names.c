/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/strip/names.c - .shstrtab, in which a name that ends another is not written again
 * (binutils 2.40, _bfd_elf_init_file_header of bfd/elf.c and _bfd_elf_strtab_finalize of
 * bfd/elf-strtab.c). What is written stands in the order in which BFD came across it.
 */
#include <stdlib.h>
#include <string.h>

#include "strip.h"

struct name {
    const char *text;
    size_t length;
    size_t order;            /* in which it is written */
    const struct name *tail; /* of which it is the end; NULL: it is written itself */
    uint64_t at;
    uint32_t *user; /* where its offset goes */
};

/* From the ends; of two of which one ends the other, the shorter comes first. */
static int by_end(const void *left, const void *right)
{
    const struct name *const a = *(const struct name *const *)left;
    const struct name *const b = *(const struct name *const *)right;
    const size_t least = a->length < b->length ? a->length : b->length;

    for (size_t i = 1; i <= least; i++) {
        const unsigned char s = (unsigned char)a->text[a->length - i];
        const unsigned char t = (unsigned char)b->text[b->length - i];

        if (s != t)
            return s < t ? -1 : 1;
    }
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static bool ends(const struct name *whole, const struct name *end)
{
    return whole->length >= end->length &&
           memcmp(whole->text + (whole->length - end->length), end->text, end->length) == 0;
}

/* Equal names are neighbours, the first of them first: it is what the others are "ends" of. */
static void find_tails(struct name **sorted, size_t count)
{
    const struct name *whole = NULL;

    for (size_t i = count; i-- > 0;) {
        struct name *name = sorted[i];

        while (i > 0 && sorted[i - 1]->length == name->length && ends(name, sorted[i - 1])) {
            name->tail = sorted[i - 1];
            name = sorted[--i];
        }
        if (whole != NULL && ends(whole, name))
            name->tail = whole;
        else
            whole = name;
    }
}

/* `count` names in the order of BFD's table. */
static bool write_names(struct strip *strip, struct name *names, size_t count)
{
    uint64_t size = 1;

    for (size_t i = 0; i < count; i++) {
        if (names[i].tail != NULL)
            continue;
        names[i].at = size;
        size += names[i].length + 1;
    }
    if (size > STRIP_NAMES_MAX) {
        kp_fail(strip->call, "names of the sections: %llu bytes: too many", ULL(size));
        return false;
    }
    strip->names = strip->call->host->alloc(strip->call, size);
    strip->names_size = size;
    if (strip->names == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (names[i].tail == NULL)
            memcpy(strip->names + names[i].at, names[i].text, names[i].length + 1);
    return true;
}

static uint64_t offset_of(const struct name *name)
{
    const size_t length = name->length;

    while (name->tail != NULL)
        name = name->tail;
    return name->at + (name->length - length);
}

static void add(struct name *names, size_t *count, const char *text, uint32_t *user)
{
    struct name *const name = &names[*count];

    if (text[0] == '\0') { /* at offset 0 */
        *user = 0;
        return;
    }
    name->text = text;
    name->length = strlen(text);
    name->order = (*count)++;
    name->user = user;
}

/* BFD enters these before all sections, though only the last is used here. A section of such a
 * name takes that place. */
static void add_reserved(struct strip *strip, struct name *names, size_t *count)
{
    static const char *const reserved[] = {".symtab", ".strtab"};

    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        struct section *const section = strip_find(strip, reserved[i]);

        if (section != NULL)
            add(names, count, section->name, &section->out.sh_name);
    }
    add(names, count, ".shstrtab", &strip->names_name);
}

bool strip_name(struct strip *strip)
{
    const struct kp_host *const host = strip->call->host;
    const size_t most = strip->kept_count + 3;
    struct name *const names = host->alloc(strip->call, most * sizeof(*names));
    struct name **const sorted = host->alloc(strip->call, most * sizeof(struct name *));
    size_t count = 0;

    if (names == NULL || sorted == NULL)
        return false;
    add_reserved(strip, names, &count);
    for (size_t i = 0; i < strip->kept_count; i++)
        add(names, &count, strip->kept[i]->name, &strip->kept[i]->out.sh_name);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &names[i];
    qsort(sorted, count, sizeof(struct name *), by_end);
    find_tails(sorted, count);
    if (!write_names(strip, names, count))
        return false;
    for (size_t i = 0; i < count; i++)
        *names[i].user = (uint32_t)offset_of(&names[i]);
    return true;
}
