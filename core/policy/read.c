/* SPDX-License-Identifier: BSD-3-Clause
 *
 * policy/read.c - the keys of a policy. It is strict: what is not understood is an error, for a
 * mistyped key would be a rule that does not hold.
 */
#include <string.h>

#include "base/codes.h"
#include "policy/policy.h"
#include "recipe/index.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

bool kp_policy_check_keys(const struct kp_policy_reader *reader, const struct kp_node *map,
                          const char *const *names, size_t count)
{
    bool good = true;

    for (size_t i = 0; i < map->count; i++) {
        const struct kp_node *key = map->keys[i];
        size_t known = 0;

        while (known < count && strcmp(names[known], key->text) != 0)
            known++;
        if (known == count)
            good = kp_error_hint(reader->diags, key->place,
                                 kp_index_hint(reader->arena, key->text, names, count), KP1618,
                                 key->text);
    }
    return good;
}

bool kp_policy_wrong_type(const struct kp_policy_reader *reader, const struct kp_node *node,
                          const char *what, const char *wanted)
{
    return kp_error(reader->diags, node->place, KP1619, what, wanted);
}

bool kp_policy_wrong(const struct kp_policy_reader *reader, const struct kp_node *node,
                     const char *what, const char *why, const char *hint)
{
    return kp_error_hint(reader->diags, node->place, hint, KP1620, what, node->text, why);
}

bool kp_policy_boolean(const struct kp_policy_reader *reader, const struct kp_node *node,
                       const char *what, bool *value)
{
    return (node->kind == KP_NODE_SCALAR && kp_scalar_bool(node->text, value) == NULL) ||
           kp_policy_wrong_type(reader, node, what, "true or false");
}

static bool read_version(struct kp_policy_reader *reader, const struct kp_node *node)
{
    unsigned long long version;

    if (node->kind != KP_NODE_SCALAR || kp_scalar_uint(node->text, &version) != NULL)
        return kp_policy_wrong_type(reader, node, "kpipe-policy", "1");
    return version == KP_POLICY_LANGUAGE ||
           kp_policy_wrong(reader, node, "kpipe-policy", "no version that this kpipe knows",
                           "write 'kpipe-policy: 1'");
}

static bool read_signature(struct kp_policy_reader *reader, const struct kp_node *node)
{
    bool wanted = false;

    if (!kp_policy_boolean(reader, node, "require-signature", &wanted))
        return false;
    if (wanted && reader->policy->key_count == 0)
        return kp_policy_wrong(reader, node, "require-signature", "the policy has no 'keys'",
                               "without a key nothing is signed by one");
    reader->policy->signature_line = wanted ? node->place.line : 0;
    return true;
}

static bool read_isolation(struct kp_policy_reader *reader, const struct kp_node *node)
{
    struct kp_policy *policy = reader->policy;

    policy->isolation_line = node->place.line;
    return (node->kind == KP_NODE_SCALAR && kp_isolation_read(node->text, &policy->isolation) &&
            policy->isolation != KP_ISOLATION_NONE) ||
           kp_policy_wrong_type(reader, node, "isolation",
                                "auto or process, the least that is accepted");
}

static bool read_requirement(struct kp_policy_reader *reader, const struct kp_node *node)
{
    struct kp_policy *policy = reader->policy;
    const char *names[8];
    size_t count = 0;

    if (node->kind != KP_NODE_SCALAR)
        return kp_policy_wrong_type(reader, node, "require", "a list of words");
    for (; kp_requirements[count].name != NULL; count++) {
        names[count] = kp_requirements[count].name;
        if (strcmp(names[count], node->text) == 0) {
            policy->require[policy->require_count++] = &kp_requirements[count];
            return true;
        }
    }
    return kp_policy_wrong(reader, node, "require",
                           "not one of files, network, processes, system-calls",
                           kp_index_hint(reader->arena, node->text, names, count));
}

static bool read_require(struct kp_policy_reader *reader, const struct kp_node *list)
{
    struct kp_policy *policy = reader->policy;
    bool good = true;

    if (list->kind != KP_NODE_LIST)
        return kp_policy_wrong_type(reader, list, "require", "a list of words");
    policy->require_line = list->place.line;
    policy->require = kp_arena_array(reader->arena, list->count + 1, sizeof(*policy->require));
    if (policy->require == NULL)
        return kp_out_of_memory(reader->diags);
    for (size_t i = 0; i < list->count; i++)
        good = read_requirement(reader, list->items[i]) && good;
    return good;
}

static bool read_limits(struct kp_policy_reader *reader, const struct kp_node *map)
{
    static const char *const names[] = {"seconds", "memory", "threads"};
    struct kp_policy *policy = reader->policy;
    bool good;

    if (map->kind != KP_NODE_MAP)
        return kp_policy_wrong_type(reader, map, "limits", "a map of seconds, memory and threads");
    good = kp_policy_check_keys(reader, map, names, ARRAY_SIZE(names));
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const struct kp_node *node = kp_node_get(map, names[i]);
        const char *why = NULL;

        if (node == NULL)
            continue;
        if (node->kind != KP_NODE_SCALAR)
            good = kp_policy_wrong_type(reader, node, names[i], "a number");
        else if ((why = kp_limit_read(&policy->limits, names[i], node->text)) != NULL)
            good = kp_policy_wrong(reader, node, names[i], why, NULL);
        *(i == 0   ? &policy->seconds_line
          : i == 1 ? &policy->memory_line
                   : &policy->threads_line) = node->place.line;
    }
    return good;
}

bool kp_policy_fill(struct kp_policy_reader *reader, const struct kp_node *root)
{
    /* In this order: rules about signatures ask whether there are keys. */
    static const struct {
        const char *name;
        bool (*read)(struct kp_policy_reader *reader, const struct kp_node *node);
    } keys[] = {
        {"kpipe-policy", read_version}, {"keys", kp_policy_keys},
        {"plugins", kp_policy_rows},    {"require-signature", read_signature},
        {"isolation", read_isolation},  {"require", read_require},
        {"limits", read_limits},
    };
    const char *names[ARRAY_SIZE(keys)];
    const struct kp_place whole = {root->place.file, 0, 0, 0};
    bool good;

    for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
        names[i] = keys[i].name;
    if (root->kind != KP_NODE_MAP || kp_node_get(root, "kpipe-policy") == NULL)
        return kp_error_hint(reader->diags, whole, "begin the policy with 'kpipe-policy: 1'",
                             KP1621);
    good = kp_policy_check_keys(reader, root, names, ARRAY_SIZE(names));
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        const struct kp_node *node = kp_node_get(root, keys[i].name);

        if (node != NULL)
            good = keys[i].read(reader, node) && good;
    }
    return good;
}
