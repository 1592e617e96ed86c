/* SPDX-License-Identifier: BSD-3-Clause
 *
 * policy/files.c - which policies there are, and whether their files may be relied on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/codes.h"
#include "base/owner.h"
#include "base/range.h"
#include "policy/policy.h"
#include "recipe/file.h"
#include "recipe/yaml.h"

struct kp_range *kp_policy_open(struct kp_arena *arena, const char *path, bool system,
                                const char **why)
{
    int descriptor KP_AUTO(close) = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct kp_range *range;
    struct stat status;

    if (descriptor < 0 || fstat(descriptor, &status) != 0) {
        *why = strerror(errno);
        return NULL;
    }
    *why = "not a file";
    if (!S_ISREG(status.st_mode))
        return NULL;
    *why = system ? kp_owner_not_root(arena, path) : kp_owner_not_own(arena, &status);
    if (*why != NULL)
        return NULL;
    range = kp_range_from_descriptor(descriptor, KP_POLICY_MAX_BYTES);
    *why = range == NULL ? strerror(errno) : NULL;
    if (range == NULL || kp_range_view(range) != NULL)
        return range;
    kp_range_unref(range);
    *why = "out of memory";
    return NULL;
}

/* The policy in a file, or NULL after reporting; *missing (may be NULL) tells that there is no
 * such file, which is then not reported. */
static const struct kp_policy *read_policy(struct kp_arena *arena, struct kp_diags *diags,
                                           const char *path, bool system, bool *missing)
{
    struct kp_policy *policy = KP_ARENA_NEW(arena, struct kp_policy);
    struct kp_policy_reader reader = {arena, diags, policy, system};
    const char *folder = kp_recipe_folder(arena, path);
    const struct kp_node *root;
    const char *why;
    KP_AUTO(range) struct kp_range *range = NULL;
    struct stat status;

    if (missing != NULL && lstat(path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        *missing = true;
        return NULL;
    }
    if (policy == NULL || folder == NULL) {
        kp_out_of_memory(diags);
        return NULL;
    }
    range = kp_policy_open(arena, path, system, &why);
    if (range == NULL) {
        kp_error_hint(diags, KP_NOWHERE,
                      system ? "the system's policy and all on the way to it must belong to root, "
                               "and nobody else may write to them"
                             : NULL,
                      KP1617, path, why);
        return NULL;
    }
    root = kp_yaml_parse(arena, diags, path, folder, (const char *)kp_range_view(range),
                         (size_t)kp_range_size(range));
    if (root == NULL)
        return NULL;
    policy->file = root->place.file;
    return kp_policy_fill(&reader, root) ? policy : NULL;
}

static bool add(struct kp_trust *trust, const struct kp_policy *policy, bool missing)
{
    if (policy != NULL)
        trust->policies[trust->count++] = policy;
    return policy != NULL || missing;
}

const struct kp_trust *kp_policy_read(struct kp_arena *arena, struct kp_diags *diags,
                                      const struct kp_policy_files *files)
{
    struct kp_trust *trust = KP_ARENA_NEW(arena, struct kp_trust);
    bool good = true;

    if (trust != NULL)
        trust->policies = kp_arena_array(arena, files->more_count + 2, sizeof(*trust->policies));
    if (trust == NULL || trust->policies == NULL) {
        kp_out_of_memory(diags);
        return NULL;
    }
    if (files->system != NULL) {
        bool missing = false;
        const struct kp_policy *policy = read_policy(arena, diags, files->system, true, &missing);

        good = add(trust, policy, missing);
    }
    if (files->user != NULL) {
        bool missing = false;
        const struct kp_policy *policy = read_policy(arena, diags, files->user, false, &missing);

        good = add(trust, policy, missing) && good;
    }
    for (size_t i = 0; i < files->more_count; i++)
        good = add(trust, read_policy(arena, diags, files->more[i], false, NULL), false) && good;
    return good ? trust : NULL;
}
