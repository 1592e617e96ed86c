/* SPDX-License-Identifier: BSD-3-Clause
 *
 * wire/passage.c - see passage.h.
 *
 * What a host refuses anyway (tables without an end, records without bottom, endless texts)
 * is cut where the check in kpipe has seen enough to refuse it, so that it says there what it
 * says of a plugin in its own process.
 */
#include "wire/passage.h"

#include <string.h>

/* Texts are cut here; a host takes fewer bytes. */
#define MOST_TEXT 4096u
/* A struct of the SDK is smaller than that, and one with a greater size is refused. */
#define MOST_STRUCT 65536u

static void *make(struct kp_passage *passage, size_t count, size_t size)
{
    void *memory = passage->from->bad ? NULL : kp_arena_array(passage->arena, count, size);

    if (memory == NULL) {
        passage->lost = passage->lost || !passage->from->bad;
        passage->from->bad = true;
    }
    return memory;
}

static void pass_u8(struct kp_passage *passage, uint8_t *value)
{
    if (passage->to != NULL)
        kp_put_u8(passage->to, *value);
    else
        *value = kp_take_u8(passage->from);
}

void kp_pass_u32(struct kp_passage *passage, uint32_t *value)
{
    if (passage->to != NULL)
        kp_put_u32(passage->to, *value);
    else
        *value = kp_take_u32(passage->from);
}

void kp_pass_u64(struct kp_passage *passage, uint64_t *value)
{
    if (passage->to != NULL)
        kp_put_u64(passage->to, *value);
    else
        *value = kp_take_u64(passage->from);
}

void kp_pass_i64(struct kp_passage *passage, int64_t *value)
{
    uint64_t bits = (uint64_t)*value;

    kp_pass_u64(passage, &bits);
    *value = (int64_t)bits;
}

static void put_text(struct kp_wire_writer *to, const char *text)
{
    char cut[MOST_TEXT + 1];

    if (text == NULL || strnlen(text, MOST_TEXT) < MOST_TEXT) {
        kp_put_text(to, text);
        return;
    }
    memcpy(cut, text, MOST_TEXT);
    cut[MOST_TEXT] = '\0';
    kp_put_text(to, cut);
}

void kp_pass_text(struct kp_passage *passage, const char **text)
{
    const char *taken;
    char *copy;
    size_t size;

    if (passage->to != NULL) {
        put_text(passage->to, *text);
        return;
    }
    taken = kp_take_text(passage->from);
    *text = NULL;
    if (taken == NULL)
        return;
    size = strlen(taken) + 1;
    passage->from->bad = passage->from->bad || size > MOST_TEXT + 1;
    copy = make(passage, size, 1);
    if (copy != NULL)
        *text = memcpy(copy, taken, size);
}

/* Whether there is something where a pointer stands. */
static bool pass_presence(struct kp_passage *passage, bool there)
{
    uint8_t flag = there;

    pass_u8(passage, &flag);
    if (passage->from == NULL)
        return there;
    passage->from->bad = passage->from->bad || flag > 1;
    return flag == 1 && !passage->from->bad;
}

static int32_t no_function(struct kp_call *call)
{
    /* Never called: what runs is in the worker. */
    (void)call;
    return KP_FAILED;
}

void kp_pass_function(struct kp_passage *passage, int32_t (**function)(struct kp_call *call))
{
    const bool there = pass_presence(passage, *function != NULL);

    if (passage->from != NULL)
        *function = there ? no_function : NULL;
}

/* What must be NULL at this API level is told from what is not. */
void kp_pass_opaque(struct kp_passage *passage, const void **opaque)
{
    static const char something[] = "";
    const bool there = pass_presence(passage, *opaque != NULL);

    if (passage->from != NULL)
        *opaque = there ? something : NULL;
}

/* --- structs and tables of them --- */

/* Room for a copy of any of the structs. */
union any {
    struct kp_plugin plugin;
    struct kp_codec codec;
    struct kp_format format;
    struct kp_arch arch;
    struct kp_source source;
    struct kp_operation operation;
    struct kp_param param;
    struct kp_choice choice;
};

/* The size crosses as the plugin wrote it, for the check; of what it announces, as much is
 * copied as this side knows. No part of a pointer: a size that is wrong is the check's to see. */
void kp_put_struct(struct kp_passage *passage, const void *from, const struct kp_shape *shape)
{
    union any own;
    uint64_t size;

    memset(&own, 0, sizeof(own));
    memcpy(&size, from, sizeof(size));
    if (size <= MOST_STRUCT)
        memcpy(&own, from, size < shape->size ? (size_t)size & ~(sizeof(void *) - 1) : shape->size);
    kp_put_u64(passage->to, size);
    shape->fields(passage, &own);
}

void *kp_take_struct(struct kp_passage *passage, const struct kp_shape *shape)
{
    const uint64_t size = kp_take_u64(passage->from);
    void *own = make(passage, 1, shape->size);

    if (own == NULL)
        return NULL;
    memcpy(own, &size, sizeof(size));
    shape->fields(passage, own);
    return own;
}

/* The struct that *pointer, of whatever type, points to, or NULL. */
void kp_pass_struct(struct kp_passage *passage, void *pointer, const struct kp_shape *shape)
{
    void *at;

    memcpy(&at, pointer, sizeof(at));
    if (!pass_presence(passage, at != NULL)) {
        at = NULL;
    } else if (passage->to != NULL) {
        kp_put_struct(passage, at, shape);
        return;
    } else {
        at = kp_take_struct(passage, shape);
    }
    memcpy(pointer, &at, sizeof(at));
}

/* Row `index` of a table of pointers of whatever type. */
static void *row_of(const void *table, size_t index)
{
    void *row;

    memcpy(&row, (const char *)table + index * sizeof(row), sizeof(row));
    return row;
}

static uint32_t count_rows(const void *table)
{
    uint32_t count = 0;

    while (count < KP_WIRE_MOST_ROWS && row_of(table, count) != NULL)
        count++;
    return count;
}

/* Rows of a table that is refused for their number say nothing: the rest of them may be
 * anything. */
static void put_rows(struct kp_passage *passage, const void *table, uint32_t count,
                     const struct kp_shape *shape)
{
    kp_put_u32(passage->to, count);
    for (uint32_t i = 0; shape != NULL && i < count; i++)
        kp_put_struct(passage, row_of(table, i), shape);
}

static void *take_rows(struct kp_passage *passage, uint32_t count, const struct kp_shape *shape)
{
    static const union any nothing;
    char *table = make(passage, (size_t)count + 1, sizeof(void *));

    for (uint32_t i = 0; table != NULL && i < count; i++) {
        const void *row = shape == NULL ? &nothing : kp_take_struct(passage, shape);

        memcpy(table + i * sizeof(row), &row, sizeof(row));
    }
    return passage->from->bad ? NULL : table;
}

static uint32_t take_count(struct kp_passage *passage, uint32_t most)
{
    const uint32_t count = kp_take_u32(passage->from);

    passage->from->bad = passage->from->bad || count > most;
    return passage->from->bad ? 0 : count;
}

/* The count of a table's rows, in either direction. */
static uint32_t pass_count(struct kp_passage *passage, const void *table)
{
    return passage->to != NULL ? count_rows(table) : take_count(passage, KP_WIRE_MOST_ROWS);
}

static void pass_rows(struct kp_passage *passage, void *pointer, uint32_t count,
                      const struct kp_shape *shape)
{
    void *table;

    memcpy(&table, pointer, sizeof(table));
    if (passage->to != NULL)
        put_rows(passage, table, count, shape);
    else
        table = take_rows(passage, count, shape);
    memcpy(pointer, &table, sizeof(table));
}

/* Whether there is a table; else *pointer becomes NULL. */
static bool pass_pointer(struct kp_passage *passage, void *pointer, const void **table)
{
    memcpy(table, pointer, sizeof(*table));
    if (pass_presence(passage, *table != NULL))
        return true;
    memset(pointer, 0, sizeof(*table));
    return false;
}

void kp_pass_table(struct kp_passage *passage, void *pointer, const struct kp_shape *shape)
{
    const void *table;
    uint32_t count;

    if (!pass_pointer(passage, pointer, &table))
        return;
    count = pass_count(passage, table);
    pass_rows(passage, pointer, count, count == KP_WIRE_MOST_ROWS ? NULL : shape);
}

/* Rows that are too deep, and those of a table with which there are too many in all, say nothing;
 * tables behind it are empty. The check refuses them before it looks at them. */
void kp_pass_params(struct kp_passage *passage, const struct kp_param *const **pointer,
                    const struct kp_shape *shape)
{
    const bool none = passage->depth > KP_WIRE_MOST_DEPTH || passage->params > KP_WIRE_MOST_PARAMS;
    const void *table;
    uint32_t count;

    if (!pass_pointer(passage, pointer, &table))
        return;
    count = passage->to != NULL && none ? 0 : pass_count(passage, table);
    if (none && count != 0)
        passage->from->bad = true;
    passage->params += count;
    pass_rows(passage, pointer, passage->from != NULL && passage->from->bad ? 0 : count,
              count == KP_WIRE_MOST_ROWS || passage->params > KP_WIRE_MOST_PARAMS ? NULL : shape);
}

void kp_pass_names(struct kp_passage *passage, const char *const **names)
{
    const char **copy;
    uint32_t count;

    if (!pass_presence(passage, *names != NULL)) {
        *names = NULL;
        return;
    }
    if (passage->to != NULL) {
        count = count_rows(*names);
        kp_put_u32(passage->to, count);
        for (uint32_t i = 0; i < count && count < KP_WIRE_MOST_ROWS; i++)
            put_text(passage->to, (*names)[i]);
        return;
    }
    count = take_count(passage, KP_WIRE_MOST_ROWS);
    copy = make(passage, (size_t)count + 1, sizeof(*copy));
    for (uint32_t i = 0; copy != NULL && i < count; i++) {
        copy[i] = "";
        if (count < KP_WIRE_MOST_ROWS)
            kp_pass_text(passage, &copy[i]);
        passage->from->bad = passage->from->bad || copy[i] == NULL;
    }
    *names = passage->from->bad ? NULL : copy;
}

void kp_pass_pages(struct kp_passage *passage, const uint32_t **pages)
{
    uint32_t *copy;
    uint32_t count = 0;

    if (!pass_presence(passage, *pages != NULL)) {
        *pages = NULL;
        return;
    }
    while (passage->to != NULL && count < KP_WIRE_MOST_PAGES && (*pages)[count] != 0)
        count++;
    if (passage->to != NULL) {
        kp_put_u32(passage->to, count);
        for (uint32_t i = 0; i < count; i++)
            kp_put_u32(passage->to, (*pages)[i]);
        return;
    }
    count = take_count(passage, KP_WIRE_MOST_PAGES);
    copy = make(passage, (size_t)count + 1, sizeof(*copy));
    for (uint32_t i = 0; copy != NULL && i < count; i++)
        copy[i] = kp_take_u32(passage->from);
    *pages = passage->from->bad ? NULL : copy;
}
