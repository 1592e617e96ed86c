/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/yaml.c - YAML text to nodes: libyaml's events, one after the other. Places
 * and libyaml's own errors are yaml_place.c's matter; what a recipe must contain is
 * recipe.c's.
 *
 * After an error in what is said (a key twice, a tag) reading goes on, to find more;
 * after one in how it is written, or when a bound is passed, it ends.
 */
#include "recipe/yaml.h"

#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "recipe/index.h"
#include "recipe/yaml_private.h"

static inline void kp_auto_event(yaml_event_t *event)
{
    yaml_event_delete(event);
}

static struct kp_node *read_node(struct kp_yaml_reader *reader, const yaml_event_t *event,
                                 unsigned depth, unsigned *height);

static bool next_event(struct kp_yaml_reader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->parser, event) != 0)
        return true;
    kp_yaml_report(reader);
    return false;
}

static bool count_nodes(struct kp_yaml_reader *reader, struct kp_place place, size_t count)
{
    reader->nodes += count;
    if (reader->nodes <= KP_YAML_MAX_NODES)
        return true;
    return kp_error(reader->diags, place, KP1006, KP_YAML_MAX_NODES);
}

static struct kp_node *new_node(struct kp_yaml_reader *reader, const yaml_event_t *event,
                                enum kp_node_kind kind, const void *anchor, const void *tag)
{
    struct kp_node *node = KP_ARENA_NEW(reader->arena, struct kp_node);

    if (node == NULL) {
        kp_out_of_memory(reader->diags);
        return NULL;
    }
    node->kind = kind;
    node->folder = reader->folder;
    node->place = kp_yaml_node_place(reader, event, anchor != NULL || tag != NULL);
    if (tag != NULL)
        kp_yaml_refuse_tag(reader, &event->start_mark);
    return count_nodes(reader, node->place, 1) ? node : NULL;
}

static struct kp_node *read_scalar(struct kp_yaml_reader *reader, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    struct kp_node *node =
        new_node(reader, event, KP_NODE_SCALAR, event->data.scalar.anchor, event->data.scalar.tag);

    if (node == NULL)
        return NULL;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (memchr(text, '\0', event->data.scalar.length) != NULL) {
        reader->failed = true;
        kp_error(reader->diags, node->place, KP1014);
    }
    node->text = kp_arena_strndup(reader->arena, text, event->data.scalar.length);
    if (node->text == NULL) {
        kp_out_of_memory(reader->diags);
        return NULL;
    }
    node->length = strlen(node->text);
    return node;
}

/* Checks that a key is text and no merge key. */
static void check_key(struct kp_yaml_reader *reader, const struct kp_node *key)
{
    if (key->kind != KP_NODE_SCALAR) {
        reader->failed = true;
        kp_error(reader->diags, key->place, KP1013, kp_node_what(key));
    } else if (key->plain && strcmp(key->text, "<<") == 0) {
        reader->failed = true;
        kp_error_hint(reader->diags, key->place,
                      "name an anchored value with an alias, or a base recipe with 'extends'",
                      KP1009);
    }
}

static bool check_duplicates(struct kp_yaml_reader *reader, const struct kp_node *map)
{
    struct kp_index index;

    for (size_t i = 0; i < map->count; i++) {
        if (map->keys[i]->kind != KP_NODE_SCALAR)
            return true; /* reported already */
    }
    if (!kp_index_build(&index, reader->arena, map->keys, map->count))
        return kp_out_of_memory(reader->diags);
    for (size_t i = 1; i < index.count; i++) {
        const struct kp_index_entry *first = &index.entries[i - 1];
        const struct kp_index_entry *second = &index.entries[i];

        if (strcmp(first->name, second->name) == 0) {
            reader->failed = true;
            kp_error(reader->diags, map->keys[second->position]->place, KP1007, second->name,
                     (unsigned)map->keys[first->position]->place.line);
        }
    }
    return true;
}

/* The vector's nodes as an array in the arena; NULL when memory runs out. */
static struct kp_node **keep_nodes(struct kp_yaml_reader *reader, const struct kp_vector *vector)
{
    struct kp_node **nodes = kp_arena_array(reader->arena, vector->count, sizeof(struct kp_node *));

    if (nodes == NULL)
        kp_out_of_memory(reader->diags);
    else if (vector->count > 0)
        memcpy(nodes, vector->items, vector->count * sizeof(struct kp_node *));
    return nodes;
}

static bool push_node(struct kp_yaml_reader *reader, struct kp_vector *vector,
                      struct kp_node *child)
{
    struct kp_node **slot = KP_PUSH(vector, struct kp_node *);

    if (slot == NULL)
        return kp_out_of_memory(reader->diags);
    *slot = child;
    return true;
}

/* The children of a list or map, to its end. */
static bool read_children(struct kp_yaml_reader *reader, struct kp_node *node, unsigned depth,
                          unsigned *height)
{
    struct kp_vector keys KP_AUTO(vector) = {0};
    struct kp_vector items KP_AUTO(vector) = {0};

    for (;;) {
        yaml_event_t event KP_AUTO(event) = {0};
        const bool is_key = node->kind == KP_NODE_MAP && keys.count == items.count;
        unsigned inner = 0;
        struct kp_node *child;

        if (!next_event(reader, &event))
            return false;
        if (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT)
            break;
        child = read_node(reader, &event, depth + 1, &inner);
        if (child == NULL || !push_node(reader, is_key ? &keys : &items, child))
            return false;
        if (is_key)
            check_key(reader, child);
        if (inner + 1 > *height)
            *height = inner + 1;
    }
    node->count = items.count;
    node->items = keep_nodes(reader, &items);
    if (node->items == NULL)
        return false;
    if (node->kind == KP_NODE_LIST)
        return true;
    node->keys = keep_nodes(reader, &keys);
    return node->keys != NULL && check_duplicates(reader, node);
}

/* In place of what is missing. */
static struct kp_node *empty_node(struct kp_yaml_reader *reader, struct kp_place place)
{
    struct kp_node *node = kp_node_scalar(reader->arena, place, reader->folder, "");

    if (node == NULL)
        kp_out_of_memory(reader->diags);
    return node;
}

static struct kp_node *read_alias(struct kp_yaml_reader *reader, const yaml_event_t *event,
                                  unsigned depth, unsigned *height)
{
    const char *name = (const char *)event->data.alias.anchor;
    struct kp_place place = kp_yaml_place(reader, &event->start_mark);
    const struct kp_yaml_anchor *anchor = NULL;

    place.length = (uint32_t)strlen(name) + 1;
    /* The last of a name is the one in force (YAML 1.1, section 3.2.2.2). */
    for (size_t i = reader->anchors.count; i > 0 && anchor == NULL; i--) {
        if (strcmp(KP_ITEM(&reader->anchors, struct kp_yaml_anchor, i - 1).name, name) == 0)
            anchor = &KP_ITEM(&reader->anchors, struct kp_yaml_anchor, i - 1);
    }
    if (anchor == NULL || anchor->node == NULL) {
        reader->failed = true;
        if (anchor == NULL)
            kp_error(reader->diags, place, KP1011, name);
        else
            kp_error(reader->diags, place, KP1012, name);
        *height = 1;
        return empty_node(reader, place);
    }
    if (depth + anchor->height - 1 > KP_YAML_MAX_DEPTH) {
        kp_error(reader->diags, place, KP1005, KP_YAML_MAX_DEPTH);
        return NULL;
    }
    *height = anchor->height;
    return count_nodes(reader, place, anchor->nodes) ? anchor->node : NULL;
}

/* Remembers an anchor, whose node is still to be read; its number in *number. */
static bool begin_anchor(struct kp_yaml_reader *reader, const yaml_event_t *event, const void *name,
                         size_t *number)
{
    struct kp_yaml_anchor *anchor;

    if (reader->anchors.count == KP_YAML_MAX_ANCHORS)
        return kp_error(reader->diags, kp_yaml_place(reader, &event->start_mark), KP1017,
                        KP_YAML_MAX_ANCHORS);
    *number = reader->anchors.count;
    anchor = KP_PUSH(&reader->anchors, struct kp_yaml_anchor);
    if (anchor == NULL)
        return kp_out_of_memory(reader->diags);
    anchor->name = kp_arena_strdup(reader->arena, name);
    anchor->nodes = reader->nodes;
    return anchor->name != NULL || kp_out_of_memory(reader->diags);
}

static struct kp_node *read_collection(struct kp_yaml_reader *reader, const yaml_event_t *event,
                                       unsigned depth, unsigned *height)
{
    const bool map = event->type == YAML_MAPPING_START_EVENT;
    struct kp_node *node =
        new_node(reader, event, map ? KP_NODE_MAP : KP_NODE_LIST,
                 map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor,
                 map ? event->data.mapping_start.tag : event->data.sequence_start.tag);

    return node != NULL && read_children(reader, node, depth, height) ? node : NULL;
}

/* One node with all below it; *height becomes its levels of nesting. */
static struct kp_node *read_node(struct kp_yaml_reader *reader, const yaml_event_t *event,
                                 unsigned depth, unsigned *height)
{
    const void *name = event->type == YAML_SCALAR_EVENT          ? event->data.scalar.anchor
                       : event->type == YAML_MAPPING_START_EVENT ? event->data.mapping_start.anchor
                       : event->type == YAML_SEQUENCE_START_EVENT
                           ? event->data.sequence_start.anchor
                           : NULL;
    struct kp_node *node;
    size_t number = 0;

    if (event->type == YAML_ALIAS_EVENT)
        return read_alias(reader, event, depth, height);
    if (depth > KP_YAML_MAX_DEPTH) {
        kp_error(reader->diags, kp_yaml_place(reader, &event->start_mark), KP1005,
                 KP_YAML_MAX_DEPTH);
        return NULL;
    }
    if (name != NULL && !begin_anchor(reader, event, name, &number))
        return NULL;
    *height = 1;
    node = event->type == YAML_SCALAR_EVENT ? read_scalar(reader, event)
                                            : read_collection(reader, event, depth, height);
    if (name != NULL && node != NULL) {
        struct kp_yaml_anchor *anchor = &KP_ITEM(&reader->anchors, struct kp_yaml_anchor, number);

        anchor->node = node;
        anchor->nodes = reader->nodes - anchor->nodes;
        anchor->height = *height;
    }
    return node;
}

/* The one document of the text. */
static struct kp_node *read_document(struct kp_yaml_reader *reader)
{
    yaml_event_t stream KP_AUTO(event) = {0};
    yaml_event_t document KP_AUTO(event) = {0};
    yaml_event_t root KP_AUTO(event) = {0};
    yaml_event_t end KP_AUTO(event) = {0};
    yaml_event_t more KP_AUTO(event) = {0};
    const struct kp_place whole = {reader->name, 0, 0, 0};
    unsigned height = 0;
    struct kp_node *node;

    if (!next_event(reader, &stream) || !next_event(reader, &document))
        return NULL;
    if (document.type == YAML_STREAM_END_EVENT)
        return empty_node(reader, whole);
    if (!next_event(reader, &root))
        return NULL;
    node = read_node(reader, &root, 1, &height);
    if (node == NULL || !next_event(reader, &end) || !next_event(reader, &more))
        return NULL;
    if (more.type != YAML_STREAM_END_EVENT) {
        kp_error(reader->diags, kp_yaml_place(reader, &more.start_mark), KP1010);
        return NULL;
    }
    return reader->failed ? NULL : node;
}

struct kp_node *kp_yaml_parse(struct kp_arena *arena, struct kp_diags *diags, const char *name,
                              const char *folder, const char *text, size_t length)
{
    struct kp_yaml_reader reader = {.arena = arena, .diags = diags};
    struct kp_node *node = NULL;

    /* A byte order mark says nothing in UTF-8, and would shift the first line. */
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        length -= 3;
    }
    reader.text = text;
    reader.length = length;
    reader.name = kp_diags_add_source(diags, name, text, length <= KP_YAML_MAX_BYTES ? length : 0);
    reader.folder = kp_arena_strdup(arena, folder);
    if (reader.name != NULL && length > KP_YAML_MAX_BYTES) {
        kp_error(diags, (struct kp_place){reader.name, 0, 0, 0}, KP1002, KP_YAML_MAX_BYTES >> 20);
        return NULL;
    }
    if (reader.name == NULL || reader.folder == NULL ||
        yaml_parser_initialize(&reader.parser) == 0) {
        kp_out_of_memory(diags);
        return NULL;
    }
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, length);
    node = read_document(&reader);
    yaml_parser_delete(&reader.parser);
    kp_vector_free(&reader.anchors);
    return node;
}
