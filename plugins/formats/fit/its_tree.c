/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/its_tree.c - the tree while its source is read: bodies that add to nodes, and what deletes.
 *
 * A node's first body may name each child and property once. Any further body, be it the
 * root's, that of a &label or one of the same name in a body that adds, replaces values and adds to
 * children. What is deleted keeps its place in its list, and has it again if a further body brings
 * it back, as it is in dtc (livetree.c, merge_nodes), so that the order comes out the same. In a
 * first body, where there is nothing to delete, a deletion keeps a place.
 *
 * Whether something is deleted tells a clock: it was born before its parent was cleared. So
 * a whole tree is deleted at once.
 */
#include <string.h>

#include "its_private.h"

static struct its_node *node_of(struct fit_node *node)
{
    return (struct its_node *)node;
}

int its_alive(const struct its_node *node)
{
    return node->fit.parent == NULL || node->born > node_of(node->fit.parent)->cleared;
}

int its_property_alive(const struct its_node *node, const struct its_property *property)
{
    return property->born > node->cleared;
}

struct its_node *its_child(const struct its_reader *reader, const struct its_node *node,
                           const char *name, uint64_t length)
{
    const struct its_entry *entry = its_find(reader, node, name, length);

    return entry == NULL || !its_alive(entry->what) ? NULL : entry->what;
}

/* The space of a node's properties. */
static const void *properties_of(const struct its_node *node)
{
    return &node->fit.properties;
}

struct its_property *its_property(const struct its_reader *reader, const struct its_node *node,
                                  const char *name)
{
    const struct its_entry *entry = its_find(reader, properties_of(node), name, strlen(name));

    return entry == NULL || !its_property_alive(node, entry->what) ? NULL : entry->what;
}

/* --- what references lead to --- */

static struct its_node *by_label(const struct its_reader *reader, const char *label,
                                 uint64_t length)
{
    const struct its_entry *entry = its_find(reader, &reader->labels, label, length);
    const struct its_label *found = entry == NULL ? NULL : entry->what;

    if (found == NULL || found->born <= found->node->cleared)
        return NULL;
    for (const struct its_node *node = found->node; node != NULL; node = node_of(node->fit.parent))
        if (!its_alive(node))
            return NULL;
    return found->node;
}

struct its_node *its_referred(const struct its_reader *reader, const char *to)
{
    size_t length = strcspn(to, "/");
    struct its_node *node = length == 0 ? reader->root : by_label(reader, to, length);

    for (to += length; node != NULL && *to != '\0'; to += length) {
        while (*to == '/')
            to++;
        length = strcspn(to, "/");
        if (length > 0)
            node = its_child(reader, node, to, length);
    }
    return node;
}

int32_t its_set_label(struct its_reader *reader, struct its_node *node, struct its_place place,
                      const char *label, uint64_t length)
{
    const struct its_node *other = by_label(reader, label, length);
    struct its_entry *entry;
    struct its_label *set;

    if (other != NULL && other != node)
        return its_fail(reader, place, "take another one",
                        "label '%.*s': node '%.60s' has it already",
                        (int)(length > ITS_SHOWN ? ITS_SHOWN : length), label, other->fit.name);
    entry = its_enter(reader, &reader->labels, label, length);
    if (entry == NULL)
        return KP_FAILED;
    if (entry->what == NULL)
        entry->what = reader->call->host->alloc(reader->call, sizeof(*set));
    set = entry->what;
    if (set == NULL)
        return KP_FAILED;
    *set = (struct its_label){.node = node, .born = ++reader->clock};
    return KP_OK;
}

/* --- nodes --- */

static int32_t check_node_name(struct its_reader *reader, struct its_place place, const char *name,
                               uint64_t length)
{
    const int shown = (int)(length > ITS_SHOWN ? ITS_SHOWN : length);
    const char *at = NULL;

    for (uint64_t i = 0; i < length; i++) {
        if (strchr("*#?", name[i]) != NULL)
            return its_fail(reader, place, "rename it",
                            "node '%.*s': '%c' does not belong into the name of a node", shown,
                            name, name[i]);
        if (name[i] == '@' && at != NULL)
            return its_fail(reader, place, "rename it", "node '%.*s': more than one '@'", shown,
                            name);
        if (name[i] == '@')
            at = name + i;
    }
    return KP_OK;
}

static struct its_node *add_node(struct its_reader *reader, struct its_node *parent,
                                 struct its_entry *entry)
{
    struct its_node *node = reader->call->host->alloc(reader->call, sizeof(*node));

    if (node == NULL)
        return NULL;
    node->fit.name = entry->text;
    node->depth = (uint8_t)(parent->depth + 1);
    fit_link_node(&parent->fit, &node->fit);
    entry->what = node;
    return node;
}

int32_t its_enter_node(struct its_reader *reader, struct its_node *parent, struct its_place place,
                       const char *name, uint64_t length, int *fresh, struct its_node **node)
{
    const int first = *fresh;
    struct its_entry *entry;

    if (parent->depth == TREE_DEPTH)
        return its_fail(reader, place, "is the tree meant to be so deep?",
                        "node '%.*s': more than %u nodes in each other",
                        (int)(length > ITS_SHOWN ? ITS_SHOWN : length), name, TREE_DEPTH);
    if (check_node_name(reader, place, name, length) != KP_OK)
        return KP_FAILED;
    entry = its_enter(reader, parent, name, length);
    if (entry == NULL)
        return KP_FAILED;
    *node = entry->what;
    *fresh = *node == NULL || first;
    if (*node != NULL && first && its_alive(*node))
        return its_fail(reader, place, "rename one, or put them together",
                        "node '%.60s': the same body has one of that name", entry->text);
    if (*fresh)
        *node = add_node(reader, parent, entry);
    if (*node == NULL)
        return KP_FAILED;
    if (*fresh || !its_alive(*node)) {
        (*node)->place = place;
        (*node)->cleared = ++reader->clock;
    }
    (*node)->born = ++reader->clock;
    return KP_OK;
}

void its_delete(struct its_reader *reader, struct its_node *node)
{
    node->born = 0;
    node->cleared = ++reader->clock;
}

int32_t its_delete_child(struct its_reader *reader, struct its_node *node, struct its_place place,
                         const char *name, uint64_t length, int fresh)
{
    struct its_node *child = its_child(reader, node, name, length);
    struct its_entry *entry;

    if (fresh && child != NULL)
        return its_fail(reader, place, "take both out", "node '%.60s': it is of the same body",
                        child->fit.name);
    if (child != NULL)
        its_delete(reader, child);
    if (!fresh)
        return KP_OK;
    entry = its_enter(reader, node, name, length);
    if (entry == NULL)
        return KP_FAILED;
    return entry->what != NULL || add_node(reader, node, entry) != NULL ? KP_OK : KP_FAILED;
}

/* --- properties --- */

static struct its_property *add_property(struct its_reader *reader, struct its_node *node,
                                         struct its_entry *entry)
{
    struct its_property *property = reader->call->host->alloc(reader->call, sizeof(*property));

    if (property == NULL)
        return NULL;
    property->fit.name = entry->text;
    fit_link_property(&node->fit, &property->fit);
    entry->what = property;
    return property;
}

int32_t its_enter_property(struct its_reader *reader, struct its_node *node, struct its_place place,
                           const char *name, uint64_t length, int fresh,
                           struct its_property **property)
{
    struct its_entry *entry;
    struct its_property *found;

    if (memchr(name, '@', length) != NULL)
        return its_fail(reader, place, "rename it",
                        "property '%.*s': '@' does not belong into the name of a property",
                        (int)(length > ITS_SHOWN ? ITS_SHOWN : length), name);
    entry = its_enter(reader, properties_of(node), name, length);
    if (entry == NULL)
        return KP_FAILED;
    found = entry->what;
    if (fresh && found != NULL && its_property_alive(node, found))
        return its_fail(reader, place, "take one of them out",
                        "property '%.60s': the same body has one of that name", entry->text);
    if (fresh || found == NULL)
        found = add_property(reader, node, entry);
    if (found == NULL)
        return KP_FAILED;
    found->fit.first = found->fit.last = NULL;
    found->fit.length = 0;
    found->references = found->last_reference = NULL;
    found->place = place;
    found->born = ++reader->clock;
    *property = found;
    return KP_OK;
}

int32_t its_delete_property(struct its_reader *reader, struct its_node *node, const char *name,
                            uint64_t length, int fresh)
{
    struct its_entry *entry = its_find(reader, properties_of(node), name, length);

    if (!fresh) {
        if (entry != NULL)
            ((struct its_property *)entry->what)->born = 0;
        return KP_OK;
    }
    entry = its_enter(reader, properties_of(node), name, length);
    if (entry == NULL)
        return KP_FAILED;
    return entry->what != NULL || add_property(reader, node, entry) != NULL ? KP_OK : KP_FAILED;
}
