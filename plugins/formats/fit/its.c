/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/its.c - reads an image tree source: its statements, and the bodies of nodes.
 *
 * A body within a body is no call within a call: the nodes that are open are levels of a stack.
 */
#include <string.h>

#include "its_private.h"

/* A node whose body is being read. */
struct level {
    struct its_node *node;
    int fresh;    /* it is the node's first body */
    int children; /* they have begun: no more properties */
};

/* A label that stands before what it belongs to. */
struct waiting_label {
    const char *text;
    uint64_t length;
    struct its_place place;
    struct waiting_label *next;
};

struct body {
    struct its_reader *reader;
    struct level levels[TREE_DEPTH + 1];
    uint32_t open; /* how many; the last is the one that is read */
    uint64_t statements;
};

/* Appends the labels that stand here. */
static int32_t take_labels(struct its_reader *reader, struct waiting_label **labels)
{
    struct waiting_label **end = labels;

    while (*end != NULL)
        end = &(*end)->next;
    for (;; end = &(*end)->next) {
        struct its_place place;
        const char *text;
        uint64_t length;

        if (its_skip(reader) != KP_OK)
            return KP_FAILED;
        place = its_here(reader);
        if (!its_take_label(reader, &text, &length))
            return KP_OK;
        *end = reader->call->host->alloc(reader->call, sizeof(**end));
        if (*end == NULL)
            return KP_FAILED;
        **end = (struct waiting_label){text, length, place, NULL};
    }
}

static int32_t set_labels(struct its_reader *reader, struct its_node *node,
                          const struct waiting_label *label)
{
    for (; label != NULL; label = label->next)
        if (its_set_label(reader, node, label->place, label->text, label->length) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

/* Shown where the ';' is missing, not at what comes instead: that may be lines below. */
static int32_t end_statement(struct its_reader *reader, const char *statement)
{
    if (its_skip(reader) != KP_OK)
        return KP_FAILED;
    if (its_take(reader, ";"))
        return KP_OK;
    return its_fail(reader, reader->behind, "end each statement, and each node, with ';'",
                    "%s: no ';' behind it", statement);
}

/* --- bodies --- */

static void open_body(struct body *body, struct its_node *node, int fresh)
{
    body->levels[body->open++] = (struct level){node, fresh, 0};
}

static int32_t check_order(struct body *body, struct its_place place, const char *name,
                           uint64_t length)
{
    if (!body->levels[body->open - 1].children)
        return KP_OK;
    return its_fail(body->reader, place, "write it before the first node of the same body",
                    "property '%.*s': it stands behind a node",
                    (int)(length > ITS_SHOWN ? ITS_SHOWN : length), name);
}

/* A name, which must be there. */
static int32_t read_name(struct its_reader *reader, const char **name, uint64_t *length,
                         const char *expected)
{
    if (its_skip(reader) != KP_OK)
        return KP_FAILED;
    its_take_name(reader, name, length);
    if (*length > 0)
        return KP_OK;
    return its_unexpected(reader, expected, "names have letters, digits and , . _ + - @ # ? *");
}

static int32_t read_deletion(struct body *body, int of_node)
{
    struct its_reader *reader = body->reader;
    struct level *level = &body->levels[body->open - 1];
    struct its_place place;
    const char *name;
    uint64_t length;

    if (its_skip(reader) != KP_OK)
        return KP_FAILED;
    place = its_here(reader);
    if (read_name(reader, &name, &length, of_node ? "a node's name" : "a property's name") != KP_OK)
        return KP_FAILED;
    if (of_node) {
        level->children = 1;
        if (its_delete_child(reader, level->node, place, name, length, level->fresh) != KP_OK)
            return KP_FAILED;
    } else if (check_order(body, place, name, length) != KP_OK ||
               its_delete_property(reader, level->node, name, length, level->fresh) != KP_OK) {
        return KP_FAILED;
    }
    return end_statement(reader, "a deletion");
}

static int32_t read_property(struct body *body, struct its_place place, const char *name,
                             uint64_t length)
{
    struct its_reader *reader = body->reader;
    const struct level *level = &body->levels[body->open - 1];
    struct its_property *property;

    if (check_order(body, place, name, length) != KP_OK ||
        its_enter_property(reader, level->node, place, name, length, level->fresh, &property) !=
            KP_OK)
        return KP_FAILED;
    if (its_take(reader, ";"))
        return KP_OK;
    if (!its_take(reader, "="))
        return its_unexpected(reader, "'=', ';' or '{' behind a name",
                              "write NAME = VALUE; or NAME { };");
    if (its_read_value(reader, property) != KP_OK)
        return KP_FAILED;
    return end_statement(reader, "a value");
}

/* Begins the body of a node in a body. */
static int32_t open_child(struct body *body, struct its_place place, const char *name,
                          uint64_t length, const struct waiting_label *labels, int omit)
{
    struct level *level = &body->levels[body->open - 1];
    int fresh = level->fresh;
    struct its_node *node;

    level->children = 1;
    if (its_enter_node(body->reader, level->node, place, name, length, &fresh, &node) != KP_OK ||
        set_labels(body->reader, node, labels) != KP_OK)
        return KP_FAILED;
    /* dtc forgets it in a body that adds to a node. */
    if (omit && fresh)
        node->omit = 1;
    open_body(body, node, fresh);
    return KP_OK;
}

static int32_t read_statement(struct body *body)
{
    struct its_reader *reader = body->reader;
    struct waiting_label *labels = NULL;
    struct its_place place;
    const char *name;
    uint64_t length;
    int omit = 0;

    if (take_labels(reader, &labels) != KP_OK)
        return KP_FAILED;
    if (its_take(reader, "/delete-property/"))
        return read_deletion(body, 0);
    if (its_take(reader, "/delete-node/"))
        return read_deletion(body, 1);
    if (its_take(reader, "/omit-if-no-ref/")) {
        omit = 1;
        if (take_labels(reader, &labels) != KP_OK)
            return KP_FAILED;
    }
    place = its_here(reader);
    if (read_name(reader, &name, &length, "a property, a node or '}'") != KP_OK ||
        its_skip(reader) != KP_OK)
        return KP_FAILED;
    if (its_take(reader, "{"))
        return open_child(body, place, name, length, labels, omit);
    if (omit)
        return its_unexpected(reader, "'{'", "/omit-if-no-ref/ belongs before a node");
    return read_property(body, place, name, length);
}

/* A body whose '{' comes next, with all bodies in it. */
static int32_t read_body(struct its_reader *reader, struct its_node *node, int fresh)
{
    struct body body = {.reader = reader};

    if (its_expect(reader, "{", "'{'", "begin the node's body") != KP_OK)
        return KP_FAILED;
    open_body(&body, node, fresh);
    while (body.open > 0) {
        if (++body.statements % 4096 == 0 && reader->call->host->cancelled(reader->call))
            return KP_FAILED;
        if (its_skip(reader) != KP_OK)
            return KP_FAILED;
        if (!its_take(reader, "}")) {
            if (read_statement(&body) != KP_OK)
                return KP_FAILED;
            continue;
        }
        body.open--;
        if (end_statement(reader, "a node") != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* --- the source --- */

/* "/dts-v1/;", once or several times. */
static int32_t read_version(struct its_reader *reader)
{
    static const char hint[] = "begin an image tree source with /dts-v1/;";
    int versions = 0;

    for (;; versions++) {
        if (its_skip(reader) != KP_OK)
            return KP_FAILED;
        if (its_take(reader, "/plugin/"))
            return its_fail(reader, its_here(reader), "take it out",
                            "/plugin/: an overlay: an image tree is none");
        if (!its_take(reader, "/dts-v1/"))
            return versions > 0 ? KP_OK : its_unexpected(reader, "/dts-v1/", hint);
        if (end_statement(reader, "/dts-v1/") != KP_OK)
            return KP_FAILED;
    }
}

static int32_t read_reservations(struct its_reader *reader, struct fit_reservation **end)
{
    for (;; end = &(*end)->next) {
        struct its_place place;
        uint64_t address, size;

        if (its_skip_labels(reader) != KP_OK)
            return KP_FAILED;
        place = its_here(reader);
        if (!its_take(reader, "/memreserve/"))
            return KP_OK;
        if (end == NULL)
            return its_fail(reader, place, "take it out",
                            "/memreserve/: nobody who loads the image looks at it");
        if (its_read_number(reader, &address) != KP_OK || its_read_number(reader, &size) != KP_OK ||
            end_statement(reader, "a reservation") != KP_OK)
            return KP_FAILED;
        *end = reader->call->host->alloc(reader->call, sizeof(**end));
        if (*end == NULL)
            return KP_FAILED;
        **end = (struct fit_reservation){address, size, NULL};
    }
}

/* The node that a reference names, which must be there already. NULL after reporting. */
static struct its_node *read_target(struct its_reader *reader)
{
    struct its_place place;
    struct its_node *node;
    const char *to;

    if (its_skip(reader) != KP_OK)
        return NULL;
    place = its_here(reader);
    if (its_byte(reader) != '&') {
        its_unexpected(reader, "&label or &{/path}", "name a node");
        return NULL;
    }
    if (its_take_reference(reader, &to) != KP_OK)
        return NULL;
    node = its_referred(reader, to);
    if (node == NULL)
        its_fail(reader, place, "label the node before, or correct the reference",
                 "reference to '%.60s': there is no such node", to);
    return node;
}

/* /delete-node/ and /omit-if-no-ref/ outside of all nodes. */
static int32_t read_removal(struct its_reader *reader, int at_once)
{
    const struct its_place place = its_here(reader);
    struct its_node *node = read_target(reader);

    if (node == NULL)
        return KP_FAILED;
    if (node == reader->root)
        return its_fail(reader, place, "delete what is in it", "the root: it cannot be left out");
    if (at_once)
        its_delete(reader, node);
    else
        node->omit = 1;
    return end_statement(reader, "a reference");
}

/* What may follow the root's first body; *more is 0 at the end. */
static int32_t read_part(struct its_reader *reader, int *more)
{
    struct waiting_label *labels = NULL;
    struct its_node *node = NULL;

    if (take_labels(reader, &labels) != KP_OK)
        return KP_FAILED;
    if (labels != NULL || its_byte(reader) == '&') {
        node = read_target(reader);
        if (node == NULL || set_labels(reader, node, labels) != KP_OK)
            return KP_FAILED;
        return read_body(reader, node, 0);
    }
    *more = its_byte(reader) >= 0;
    if (!*more)
        return KP_OK;
    if (its_take(reader, "/delete-node/"))
        return read_removal(reader, 1);
    if (its_take(reader, "/omit-if-no-ref/"))
        return read_removal(reader, 0);
    if (its_take(reader, "/"))
        return read_body(reader, reader->root, 0);
    return its_unexpected(reader, "'/ {' or '&label {'", "write what follows into a node");
}

int32_t fit_read_its(struct kp_call *call, const struct kp_tree *tree, const struct kp_text *name,
                     struct fit_node **root, struct fit_reservation **reservations)
{
    struct its_reader reader = {.call = call, .tree = tree, .name = name};
    int more = 1;

    if (reservations != NULL)
        *reservations = NULL;
    reader.root = call->host->alloc(call, sizeof(*reader.root));
    if (reader.root == NULL)
        return KP_FAILED;
    reader.root->fit.name = "";
    if (its_include(&reader, (struct its_place){0}, name->bytes, name->length) != KP_OK ||
        read_version(&reader) != KP_OK || read_reservations(&reader, reservations) != KP_OK)
        return KP_FAILED;
    reader.root->place = its_here(&reader);
    if (its_expect(&reader, "/", "'/ {'", "the root comes first") != KP_OK ||
        read_body(&reader, reader.root, 1) != KP_OK)
        return KP_FAILED;
    while (more)
        if (read_part(&reader, &more) != KP_OK)
            return KP_FAILED;
    if (its_finish(&reader) != KP_OK)
        return KP_FAILED;
    *root = &reader.root->fit;
    return KP_OK;
}
