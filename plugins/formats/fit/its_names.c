/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/its_names.c - a table of all that has a name while an image tree source is read: nodes in
 * their parents, properties in their nodes, labels, files. It keeps sources with very many names fast.
 */
#include <string.h>

#include "its_private.h"

/* FNV-1a, begun with the space's address, so that nobody can prepare names that collide. */
static uint64_t hash_of(const void *space, const char *text, uint64_t length)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)(uintptr_t)space;

    for (uint64_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
    return hash ^ (hash >> 32);
}

static struct its_entry *find(const struct its_names *names, uint64_t hash, const void *space,
                              const char *text, uint64_t length)
{
    struct its_entry *entry = names->size == 0 ? NULL : names->buckets[hash & (names->size - 1)];

    while (entry != NULL && !(entry->hash == hash && entry->space == space &&
                              entry->length == length && memcmp(entry->text, text, length) == 0))
        entry = entry->next;
    return entry;
}

static int32_t grow(struct its_reader *reader)
{
    struct its_names *names = &reader->names;
    const uint64_t size = names->size == 0 ? 64 : 2 * names->size;
    struct its_entry **buckets =
        reader->call->host->alloc(reader->call, size * sizeof(struct its_entry *));

    if (buckets == NULL)
        return KP_FAILED;
    for (uint64_t i = 0; i < names->size; i++)
        for (struct its_entry *entry = names->buckets[i], *next; entry != NULL; entry = next) {
            struct its_entry **bucket = &buckets[entry->hash & (size - 1)];

            next = entry->next;
            entry->next = *bucket;
            *bucket = entry;
        }
    names->buckets = buckets;
    names->size = size;
    return KP_OK;
}

struct its_entry *its_find(const struct its_reader *reader, const void *space, const char *text,
                           uint64_t length)
{
    return find(&reader->names, hash_of(space, text, length), space, text, length);
}

char *its_copy(struct its_reader *reader, const char *text, uint64_t length)
{
    char *copy = reader->call->host->alloc(reader->call, length + 1);

    if (copy != NULL && length > 0)
        memcpy(copy, text, length);
    return copy;
}

struct its_entry *its_enter(struct its_reader *reader, const void *space, const char *text,
                            uint64_t length)
{
    const uint64_t hash = hash_of(space, text, length);
    struct its_names *names = &reader->names;
    struct its_entry *entry = find(names, hash, space, text, length), **bucket;

    if (entry != NULL)
        return entry;
    if (names->count >= names->size && grow(reader) != KP_OK)
        return NULL;
    entry = reader->call->host->alloc(reader->call, sizeof(*entry));
    if (entry == NULL)
        return NULL;
    entry->text = its_copy(reader, text, length);
    if (entry->text == NULL)
        return NULL;
    entry->space = space;
    entry->length = length;
    entry->hash = hash;
    bucket = &names->buckets[hash & (names->size - 1)];
    entry->next = *bucket;
    *bucket = entry;
    names->count++;
    return entry;
}
