/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/keys.c - what an item of the section `keys` says. Keys have a namespace of their own;
 * in everything else, variables and the matrix, they are items as inputs are. Opening them is
 * the engine's matter.
 *
 *     keys:
 *       dev: keys/dev.pem
 *       vendor: {file: keys/vendor.pem, secret-from: /run/secrets/vendor}
 *       release: {pkcs11: pkcs11:token=release;object=kernel, secret-from: /run/secrets/pin}
 */
#include <string.h>

#include "base/codes.h"
#include "keys/key.h"
#include "recipe/file.h"
#include "recipe/item.h"

#define FORMS                                                                                      \
    "the path of a file, a PKCS#11 URI, or a map: {file: P, secret-from: F} or {pkcs11: URI, "     \
    "secret-from: F}"

static const char *const known[] = {"file", "pkcs11", "secret-from"};

/* A scalar that must be there. */
static bool is_text(struct kp_items *items, const char *what, const struct kp_node *node,
                    const char *wanted)
{
    if (node->kind != KP_NODE_SCALAR)
        return kp_item_wrong_type(items->diags, node, what, wanted);
    return (node->length > 0 && !kp_node_is_empty(node)) ||
           kp_error_hint(items->diags, node->place, FORMS, KP1114, what);
}

static bool set_uri(struct kp_items *items, const char *what, const struct kp_node *node,
                    struct kp_recipe_key *key)
{
    key->place = node->place;
    key->folder = node->folder;
    key->uri = node->text;
    if (!kp_key_is_uri(node->text))
        return kp_error_hint(items->diags, node->place,
                             "it begins with pkcs11:, as in pkcs11:token=release;object=dev",
                             KP1162, what, "not a PKCS#11 URI");
    if (!kp_key_uri_has_pin(node->text))
        return true;
    return kp_error_hint(items->diags, node->place, KP_RECIPE_PIN_HINT, KP1162, what,
                         "its URI holds a PIN (pin-value), and recipes hold no secrets");
}

static bool set_file(struct kp_items *items, const char *what, const struct kp_node *node,
                     struct kp_recipe_key *key)
{
    (void)what;
    key->place = node->place;
    key->file = kp_recipe_join(items->arena, node->folder, node->text);
    return key->file != NULL || kp_out_of_memory(items->diags);
}

static bool set_secret(struct kp_items *items, const char *what, const struct kp_node *node,
                       struct kp_recipe_key *key)
{
    (void)what;
    key->secret_place = node->place;
    key->secret_file = kp_recipe_join(items->arena, node->folder, node->text);
    return key->secret_file != NULL || kp_out_of_memory(items->diags);
}

static bool read_map(struct kp_items *items, const char *what, struct kp_node *node,
                     struct kp_recipe_key *key)
{
    static bool (*const set[])(struct kp_items * items, const char *what,
                               const struct kp_node *node,
                               struct kp_recipe_key *key) = {set_file, set_uri, set_secret};
    const size_t count = sizeof(known) / sizeof(known[0]);
    bool ok = true;

    for (size_t i = 0; i < node->count; i++) {
        const struct kp_node *name = node->keys[i];
        size_t index = 0;

        while (index < count && strcmp(known[index], name->text) != 0)
            index++;
        if (index == count) {
            const char *hint = kp_index_hint(items->arena, name->text, known, count);

            ok = kp_error_hint(items->diags, name->place, hint != NULL ? hint : FORMS, KP1104,
                               name->text);
            continue;
        }
        ok = is_text(items, what, node->items[i], index == 1 ? "a PKCS#11 URI" : "a path") &&
             set[index](items, what, node->items[i], key) && ok;
    }
    if (ok && key->file != NULL && key->uri != NULL)
        return kp_error_hint(items->diags, key->place, "keep one of the two", KP1162, what,
                             "both 'file' and 'pkcs11'");
    if (ok && key->file == NULL && key->uri == NULL)
        return kp_error_hint(items->diags, node->place, FORMS, KP1114, what);
    return ok;
}

bool kp_item_read_key(struct kp_items *items, struct kp_item *item, struct kp_node *node,
                      struct kp_instance *instance)
{
    struct kp_recipe_key *key = &instance->key;
    const char *what = kp_item_what(items, item);

    key->name = key->title = item->name;
    if (what == NULL)
        return false;
    if (node->kind == KP_NODE_MAP)
        return read_map(items, what, node, key);
    if (!is_text(items, what, node, FORMS))
        return false;
    return kp_key_is_uri(node->text) ? set_uri(items, what, node, key)
                                     : set_file(items, what, node, key);
}
