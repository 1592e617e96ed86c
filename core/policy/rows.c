/* SPDX-License-Identifier: BSD-3-Clause
 *
 * policy/rows.c - the rows of `plugins`: which foreign plugins are allowed.
 */
#include <string.h>

#include "plugin/names.h"
#include "policy/policy.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Of 0-9 and a-f. */
static unsigned hex_value(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10;
}

static bool read_digest(const struct kp_policy_reader *reader, const struct kp_node *node,
                        uint8_t digest[KP_DIGEST_SIZE])
{
    const char *text = node->text;

    if (node->kind != KP_NODE_SCALAR)
        return kp_policy_wrong_type(reader, node, "digests", "a list of digests");
    if (node->length != (size_t)2 * KP_DIGEST_SIZE ||
        strspn(text, "0123456789abcdef") != node->length)
        return kp_policy_wrong(reader, node, "digests", "not 64 digits of 0-9 and a-f",
                               "`kpipe plugins --why` shows the digest of each plugin");
    for (size_t i = 0; i < KP_DIGEST_SIZE; i++)
        digest[i] = (uint8_t)(hex_value(text[2 * i]) << 4 | hex_value(text[2 * i + 1]));
    return true;
}

static bool read_digests(const struct kp_policy_reader *reader, const struct kp_node *list,
                         struct kp_trust_row *row)
{
    bool good = true;

    /* An empty list would allow any. */
    if (list->kind != KP_NODE_LIST || list->count == 0)
        return kp_policy_wrong_type(reader, list, "digests", "a list of digests");
    row->digests = kp_arena_array(reader->arena, list->count, sizeof(*row->digests));
    if (row->digests == NULL)
        return kp_out_of_memory(reader->diags);
    for (size_t i = 0; i < list->count; i++)
        good = read_digest(reader, list->items[i], row->digests[row->digest_count++]) && good;
    return good;
}

static bool read_id(const struct kp_policy_reader *reader, const struct kp_node *node,
                    struct kp_trust_row *row)
{
    if (node->kind != KP_NODE_SCALAR || node->length == 0)
        return kp_policy_wrong_type(reader, node, "id", "the id of a plugin");
    row->id = node->text;
    return kp_is_reverse_domain(node->text) ||
           kp_policy_wrong(reader, node, "id", "not an id, as in com.example.name",
                           "`kpipe plugins --why` shows the id of each plugin");
}

static bool read_row(const struct kp_policy_reader *reader, const struct kp_node *map,
                     struct kp_trust_row *row)
{
    static const char *const names[] = {"id", "digests", "signed"};
    const struct kp_node *id, *digests, *is_signed;
    bool good;

    if (map->kind != KP_NODE_MAP)
        return kp_policy_wrong_type(reader, map, "plugins", "a list of maps with an 'id' each");
    id = kp_node_get(map, "id");
    digests = kp_node_get(map, "digests");
    is_signed = kp_node_get(map, "signed");
    row->line = map->place.line;
    good = kp_policy_check_keys(reader, map, names, ARRAY_SIZE(names));
    if (id == NULL)
        return kp_policy_wrong_type(reader, map, "plugins", "a list of maps with an 'id' each");
    good = read_id(reader, id, row) && good;
    if (digests != NULL)
        good = read_digests(reader, digests, row) && good;
    if (is_signed != NULL)
        good = kp_policy_boolean(reader, is_signed, "signed", &row->is_signed) && good;
    if (row->is_signed && reader->policy->key_count == 0)
        return kp_policy_wrong(reader, is_signed, "signed", "the policy has no 'keys'",
                               "without a key nothing is signed by one");
    return good;
}

bool kp_policy_rows(struct kp_policy_reader *reader, const struct kp_node *list)
{
    struct kp_policy *policy = reader->policy;
    bool good = true;

    if (list->kind != KP_NODE_LIST)
        return kp_policy_wrong_type(reader, list, "plugins", "a list of maps with an 'id' each");
    policy->plugins_line = list->place.line;
    policy->rows = kp_arena_array(reader->arena, list->count + 1, sizeof(*policy->rows));
    if (policy->rows == NULL)
        return kp_out_of_memory(reader->diags);
    for (size_t i = 0; i < list->count; i++)
        good = read_row(reader, list->items[i], &policy->rows[policy->row_count++]) && good;
    return good;
}
