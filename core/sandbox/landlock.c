/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/landlock.c - the view as rules of Landlock, for machines without namespaces. It
 * keeps a tool from opening other files; their names it can still learn. Structs and
 * numbers are those of the kernel's include/uapi/linux/landlock.h, of versions that the C
 * library's headers may not have yet. System calls only, see sandbox.h.
 */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same on all architectures (they were added after numbers were made common). */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

struct ruleset {
    uint64_t files;   /* version 1 */
    uint64_t network; /* version 4 */
    uint64_t scopes;  /* version 6 */
};
struct rule {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

#define VERSION 1u          /* flag of landlock_create_ruleset */
#define RULE_PATH_BENEATH 1 /* type of rule */

/* Accesses to files, as the versions brought them. */
#define EXECUTE UINT64_C(0x1)
#define WRITE_FILE UINT64_C(0x2)
#define READ_FILE UINT64_C(0x4)
#define READ_FOLDER UINT64_C(0x8)
#define FILES_1 UINT64_C(0x1fff)
#define FILES_2 UINT64_C(0x3fff) /* links and renames between folders */
#define FILES_3 UINT64_C(0x7fff) /* truncation */
#define FILES_5 UINT64_C(0xffff) /* ioctl of devices */
#define TRUNCATE UINT64_C(0x4000)
#define NETWORK_4 UINT64_C(0x3) /* TCP: bind, connect */
#define SCOPES_6 UINT64_C(0x3)  /* abstract Unix sockets, signals */

int kp_landlock_version(void)
{
    const long version = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION);

    return version > 0 ? (int)version : 0;
}

static uint64_t known_files(int version)
{
    return version >= 5 ? FILES_5 : version >= 3 ? FILES_3 : version == 2 ? FILES_2 : FILES_1;
}

static bool allow_descriptor(int rules, int descriptor, uint64_t allowed)
{
    const struct rule rule = {allowed, descriptor};

    return syscall(SYS_landlock_add_rule, rules, RULE_PATH_BENEATH, &rule, 0) == 0;
}

/* What cannot be opened need not be allowed. */
static bool allow(int rules, const char *path, uint64_t allowed)
{
    const int descriptor = open(path, O_PATH | O_CLOEXEC);
    bool good;

    if (descriptor < 0)
        return true;
    good = allow_descriptor(rules, descriptor, allowed);
    close(descriptor);
    return good;
}

static bool allow_item(const struct kp_view_item *item, int rules)
{
    const uint64_t reading = EXECUTE | READ_FILE;

    switch (item->type) {
    case KP_VIEW_PINNED:
        return allow_descriptor(rules, KP_CHILD_PINNED, reading);
    case KP_VIEW_FOLDER:
        return allow(rules, item->path, reading | READ_FOLDER);
    case KP_VIEW_FILE:
        return allow(rules, item->target == NULL ? item->path : item->target, reading);
    default:
        return true;
    }
}

static bool allow_view(const struct kp_child *child, int rules, uint64_t files)
{
    for (size_t i = 0; i < child->view_count; i++)
        if (!allow_item(&child->view[i], rules))
            return false;
    if (child->folder == NULL)
        return true;
    for (size_t i = 0; kp_view_devices[i] != NULL; i++)
        if (!allow(rules, kp_view_devices[i], (READ_FILE | WRITE_FILE | TRUNCATE) & files))
            return false;
    return allow(rules, child->folder, files);
}

bool kp_landlock_enter(const struct kp_child *child)
{
    const int version = child->landlock;
    const struct ruleset wanted = {
        .files = known_files(version),
        .network = version >= 4 ? NETWORK_4 : 0,
        .scopes = version >= 6 ? SCOPES_6 : 0,
    };
    const size_t size = version >= 6   ? sizeof(wanted)
                        : version >= 4 ? 2 * sizeof(uint64_t)
                                       : sizeof(uint64_t);
    const long rules = syscall(SYS_landlock_create_ruleset, &wanted, size, 0);
    bool good;

    if (rules < 0)
        return false;
    good = allow_view(child, (int)rules, wanted.files) &&
           syscall(SYS_landlock_restrict_self, (int)rules, 0) == 0;
    close((int)rules);
    return good;
}
