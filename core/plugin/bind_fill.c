/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/bind_fill.c - values into the plugin's struct, for one call: adds the traits
 * of the main input and the handles of images, trees and keys, and remembers where each field
 * stands. The table was checked against the struct when the plugin was opened, so
 * offsets are not checked again.
 */
#include <inttypes.h>
#include <string.h>

#include "base/codes.h"
#include "plugin/bind.h"
#include "plugin/bind_text.h"

struct filler {
    const struct kp_fill *fill;
    struct kp_bound *bound;
};

static bool fill_table(const struct filler *filler, const struct kp_value *values, size_t count,
                       uint8_t *memory, const char *path);

static bool remember(const struct filler *filler, const void *address, size_t size,
                     const struct kp_value *value, const char *path)
{
    struct kp_bound_field *field = KP_PUSH(&filler->bound->fields, struct kp_bound_field);

    if (field == NULL)
        return kp_out_of_memory(filler->fill->diags);
    *field = (struct kp_bound_field){address, size, value->place, path};
    return true;
}

/* The text of one trait of the main input, or NULL after reporting. */
static const char *trait_text(const struct filler *filler, const struct kp_value *value,
                              const char *path, const char *name)
{
    const struct kp_fill *fill = filler->fill;
    const struct kp_trait *trait = fill->traits == NULL ? NULL : kp_traits_get(fill->traits, name);

    if (trait == NULL) {
        kp_error_hint(fill->diags, value->place, kp_bind_trait_hint(fill->arena, name), KP1312,
                      fill->stage, path, name);
        return NULL;
    }
    if (trait->text != NULL)
        return trait->text;
    return kp_arena_printf(fill->arena,
                           strcmp(name, "size") == 0 || strcmp(name, "bss") == 0 ? "%" PRIu64
                                                                                 : "0x%" PRIx64,
                           trait->number);
}

/* A text with its %(traits) replaced. */
static bool expand(const struct filler *filler, const struct kp_value *value, const char *path,
                   const char **expanded)
{
    const struct kp_fill *fill = filler->fill;
    KP_AUTO(string) struct kp_string text = {0};
    struct kp_text_piece piece;

    kp_string_add(&text, "");
    for (const char *rest = value->text; kp_bind_next_piece(&rest, &piece);) {
        const char *name;
        const char *insert;

        if (piece.type == KP_PIECE_TEXT) {
            kp_string_append(&text, piece.text, piece.length);
            continue;
        }
        name = kp_arena_strndup(fill->arena, piece.text, piece.length);
        if (name == NULL)
            return kp_out_of_memory(fill->diags);
        insert = trait_text(filler, value, path, name);
        if (insert == NULL)
            return false;
        kp_string_add(&text, insert);
    }
    *expanded = text.failed ? NULL : kp_arena_strdup(fill->arena, text.text);
    return *expanded != NULL || kp_out_of_memory(fill->diags);
}

static bool fill_text(const struct filler *filler, const struct kp_value *value, const char *path,
                      struct kp_text *field)
{
    const struct kp_param *row = value->row;
    const char *text = value->text;

    /* What came from a trait is taken as it is. */
    if ((row->flags & KP_PARAM_TRAITS) != 0 && value->source != KP_VALUE_TRAIT &&
        strchr(text, '%') != NULL && !expand(filler, value, path, &text))
        return false;
    field->bytes = text;
    field->length = strlen(text);
    if ((row->minimum == 0 && row->maximum == 0) ||
        (field->length >= row->minimum && field->length <= row->maximum))
        return true;
    return kp_error_hint(filler->fill->diags, value->place,
                         kp_arena_printf(filler->fill->arena, "the whole text is: %s", text),
                         KP1307, "stage", filler->fill->stage, path, (size_t)field->length,
                         kp_bind_range_text(filler->fill->arena, row));
}

static bool fill_stage(const struct filler *filler, const struct kp_value *value, void *field)
{
    /* The handle is the host's own description of the stage; run_stage fills it. */
    const struct kp_stage_value *stage = value->stage;

    (void)filler;
    memcpy(field, &stage, sizeof(const struct kp_stage_value *));
    return true;
}

static bool fill_image(const struct filler *filler, const struct kp_value *value, void *field)
{
    const struct kp_fill *fill = filler->fill;
    const struct kp_image *image = value->image == KP_VALUE_MAIN      ? fill->main
                                   : value->image < fill->image_count ? fill->images[value->image]
                                                                      : NULL;

    memcpy(field, &image, sizeof(const struct kp_image *));
    return image != NULL;
}

static bool fill_tree(const struct filler *filler, const struct kp_value *value, void *field)
{
    const struct kp_fill *fill = filler->fill;
    const struct kp_tree *tree = value->image < fill->tree_count ? fill->trees[value->image] : NULL;

    memcpy(field, &tree, sizeof(const struct kp_tree *));
    return tree != NULL;
}

static bool fill_key(const struct filler *filler, const struct kp_value *value, void *field,
                     const char *path)
{
    const struct kp_fill *fill = filler->fill;
    const struct kp_key *key = value->image < fill->key_count ? fill->keys[value->image] : NULL;
    struct kp_bound_key *bound =
        key == NULL ? NULL : KP_PUSH(&filler->bound->keys, struct kp_bound_key);

    memcpy(field, &key, sizeof(const struct kp_key *));
    if (key == NULL)
        return false;
    if (bound == NULL)
        return kp_out_of_memory(fill->diags);
    *bound = (struct kp_bound_key){key, value->place, path};
    return true;
}

/* One value, not a list, into its field. */
static bool fill_single(const struct filler *filler, const struct kp_value *value, uint8_t *field,
                        const char *path)
{
    struct kp_text text;

    switch (value->row->type) {
    case KP_TYPE_UINT:
        memcpy(field, &value->number, sizeof(uint64_t));
        return true;
    case KP_TYPE_INT:
        memcpy(field, &value->integer, sizeof(int64_t));
        return true;
    case KP_TYPE_BOOL:
        *field = (uint8_t)value->number;
        return true;
    case KP_TYPE_CHOICE:
        memcpy(field, &(uint32_t){(uint32_t)value->number}, sizeof(uint32_t));
        return true;
    case KP_TYPE_TEXT:
        if (!fill_text(filler, value, path, &text))
            return false;
        memcpy(field, &text, sizeof(text));
        return true;
    case KP_TYPE_IMAGE:
        return fill_image(filler, value, field);
    case KP_TYPE_TREE:
        return fill_tree(filler, value, field);
    case KP_TYPE_KEY:
        return fill_key(filler, value, field, path);
    case KP_TYPE_STAGE:
        return fill_stage(filler, value, field);
    case KP_TYPE_RECORD:
        return fill_table(filler, value->items, value->count, field, path);
    default:
        return false;
    }
}

size_t kp_bind_item_size(const struct kp_param *row)
{
    switch (row->type) {
    case KP_TYPE_RECORD:
        return (size_t)row->item_size;
    case KP_TYPE_TEXT:
        return sizeof(struct kp_text);
    case KP_TYPE_BOOL:
        return sizeof(uint8_t);
    case KP_TYPE_CHOICE:
        return sizeof(uint32_t);
    case KP_TYPE_IMAGE:
    case KP_TYPE_TREE:
    case KP_TYPE_STAGE:
    case KP_TYPE_KEY:
        return sizeof(void *);
    default:
        return sizeof(uint64_t);
    }
}

static bool fill_list(const struct filler *filler, const struct kp_value *value, uint8_t *field,
                      const char *path)
{
    struct kp_arena *arena = filler->fill->arena;
    const size_t size = kp_bind_item_size(value->row);
    uint8_t *items = kp_arena_array(arena, value->count + 1, size);
    const struct kp_list list = {value->count == 0 ? NULL : items, value->count};

    if (items == NULL)
        return kp_out_of_memory(filler->fill->diags);
    for (size_t i = 0; i < value->count; i++) {
        const char *inner = kp_arena_printf(arena, "%s[%zu]", path, i);

        if (inner == NULL)
            return kp_out_of_memory(filler->fill->diags);
        if (!remember(filler, items + i * size, size, &value->items[i], inner) ||
            !fill_single(filler, &value->items[i], items + i * size, inner))
            return false;
    }
    memcpy(field, &list, sizeof(list));
    return true;
}

/* Whether a trait has the type that the row declares. A vendor's trait that a recipe gives
 * as a fact is text until somebody says what it is. */
static bool as_declared(const struct kp_param *row, const struct kp_trait *trait,
                        struct kp_value *taken)
{
    unsigned long long number;

    if (row->type == KP_TYPE_TEXT || trait->text == NULL)
        return (row->type == KP_TYPE_TEXT) == (trait->text != NULL);
    if (kp_trait_type(trait->name) != KP_TRAIT_UNKNOWN ||
        kp_scalar_uint(trait->text, &number) != NULL)
        return false;
    taken->number = number;
    return true;
}

/* The value of a row from the trait that it names. *has is false if the input lacks
 * it and there is no default. */
static bool take_trait(const struct filler *filler, const struct kp_value *value, const char *path,
                       struct kp_value *taken, bool *has)
{
    const struct kp_fill *fill = filler->fill;
    const struct kp_param *row = value->row;
    const struct kp_trait *trait =
        fill->traits == NULL ? NULL : kp_traits_get(fill->traits, row->trait);

    *taken = *value;
    *has = trait != NULL || row->fallback != NULL;
    if (trait == NULL) {
        taken->source = KP_VALUE_FALLBACK;
        if (*has || (row->flags & KP_PARAM_REQUIRED) == 0)
            return true;
        return kp_error_hint(fill->diags, value->place,
                             kp_arena_printf(fill->arena,
                                             "give '%s:' here, or '%s:' in the facts of the input",
                                             row->name, row->trait),
                             KP1312, fill->stage, path, row->trait);
    }
    taken->number = trait->number;
    taken->text = trait->text;
    if (!as_declared(row, trait, taken))
        return kp_error(fill->diags, value->place, KP1316, fill->stage, path, row->trait);
    if (row->type == KP_TYPE_UINT && !kp_bind_in_range(row, taken->number))
        return kp_error(fill->diags, value->place, KP1313, fill->stage, path, taken->number,
                        row->trait, kp_bind_range_text(fill->arena, row));
    return true;
}

static bool fill_row(const struct filler *filler, const struct kp_value *value, uint8_t *memory,
                     const char *path)
{
    const struct kp_param *row = value->row;
    const bool is_list = (row->list & KP_PARAM_LIST) != 0;
    uint8_t *field = memory + row->offset;
    struct kp_value taken;
    bool has = value->source != KP_VALUE_NONE;

    if (!remember(filler, field, row->field_size, value, path))
        return false;
    if (value->source == KP_VALUE_TRAIT) {
        if (!take_trait(filler, value, path, &taken, &has))
            return false;
        value = &taken;
    }
    if (!has)
        return true;
    if (row->presence != 0)
        memory[row->presence] = 1;
    return is_list ? fill_list(filler, value, field, path)
                   : fill_single(filler, value, field, path);
}

static bool fill_table(const struct filler *filler, const struct kp_value *values, size_t count,
                       uint8_t *memory, const char *path)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = values[i].row->name;
        const char *inner =
            path[0] == '\0' ? name : kp_arena_printf(filler->fill->arena, "%s.%s", path, name);

        if (inner == NULL)
            return kp_out_of_memory(filler->fill->diags);
        if (!fill_row(filler, &values[i], memory, inner))
            return false;
    }
    return true;
}

bool kp_bind_fill(const struct kp_fill *fill, const struct kp_value *values, size_t count,
                  uint64_t size, struct kp_bound *bound)
{
    const struct filler filler = {fill, bound};

    *bound = (struct kp_bound){0};
    if (size == 0)
        return true;
    bound->params = kp_arena_alloc(fill->arena, (size_t)size);
    if (bound->params == NULL)
        return kp_out_of_memory(fill->diags);
    return fill_table(&filler, values, count, bound->params, "");
}

const struct kp_bound_field *kp_bind_locate(const struct kp_bound *bound, const void *address)
{
    const uintptr_t wanted = (uintptr_t)address;
    const struct kp_bound_field *best = NULL;

    for (size_t i = 0; i < bound->fields.count; i++) {
        const struct kp_bound_field *field = &KP_ITEM(&bound->fields, struct kp_bound_field, i);
        const uintptr_t begin = (uintptr_t)field->address;

        if (wanted >= begin && wanted - begin < field->size &&
            (best == NULL || field->size <= best->size))
            best = field;
    }
    return best;
}
