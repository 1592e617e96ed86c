/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/isolation-shared.h - the plugins of a test where the environment says: linked into
 * the test, or, with KPIPE_TEST_ISOLATION=process, the same sources as shared objects in
 * workers. What is expected is the same. Included by headers of tests/unit only.
 */
#ifndef KP_TEST_ISOLATION_SHARED_H
#define KP_TEST_ISOLATION_SHARED_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/range.h"
#include "plugin/registry.h"

#define UNUSED __attribute__((unused))

/* Whether the plugins' memory is not the test's. */
UNUSED static bool in_workers(void)
{
    const char *isolation = getenv("KPIPE_TEST_ISOLATION");

    return isolation != NULL && strcmp(isolation, "process") == 0;
}

/* Where plugins of tests run that are not linked in: in the test itself, unless told. */
UNUSED static struct kp_registry_options with_isolation(struct kp_registry_options options)
{
    options.isolation = in_workers() ? KP_ISOLATION_PROCESS : KP_ISOLATION_NONE;
    options.worker = KPIPE_TEST_WORKER;
    return options;
}

/* Makes a plugin one of this build's, as those are that are linked in. */
UNUSED static void digest_plugin(struct kp_manifest_row *row, const char *folder, const char *name)
{
    char path[4096];
    struct kp_range *file;
    const char *why;

    ck_assert_int_lt(snprintf(path, sizeof(path), "%s/%s.so", folder, name), (int)sizeof(path));
    file = kp_range_open(path, path, NULL);
    ck_assert_msg(file != NULL, "there is no %s", path);
    row->name = name;
    ck_assert(kp_plugin_digest(kp_range_view(file), kp_range_size(file), row->digest, &why));
    kp_range_unref(file);
}

/* A registry of those plugins; each has a folder of its own in the build tree. */
UNUSED static struct kp_registry *registry_of(const struct kp_static_row *rows)
{
    static char folders[8][512];
    static struct kp_manifest_row manifest[9];
    const char *paths[9] = {NULL};
    struct kp_registry *made;

    for (size_t i = 0; rows[i].name != NULL; i++) {
        ck_assert_uint_lt(i, 8);
        snprintf(folders[i], sizeof(folders[i]), "%s/%s", KPIPE_TEST_ALONE, rows[i].name);
        paths[i] = folders[i];
        if (in_workers())
            digest_plugin(&manifest[i], folders[i], rows[i].name);
    }
    made = kp_registry_new(in_workers()
                               ? &(struct kp_registry_options){.paths = paths,
                                                               .manifest = manifest,
                                                               .isolation = KP_ISOLATION_PROCESS,
                                                               .worker = KPIPE_TEST_WORKER}
                               : &(struct kp_registry_options){.compiled_in = rows});
    ck_assert_ptr_nonnull(made);
    return made;
}

/* Whether a note is about this machine, of which tests say nothing. */
UNUSED static bool is_of_machine(const char *note)
{
    static const char of_machine[] = "workers are not shut in as they should be: ";

    return strncmp(note, of_machine, strlen(of_machine)) == 0;
}

/* Gives plugins in workers the path that those have which are linked in. */
UNUSED static void hide_paths(char *text)
{
    static const char linked[] = "(compiled in)";
    char *at;

    while (in_workers() && (at = strstr(text, KPIPE_TEST_ALONE)) != NULL) {
        const char *end = strstr(at, ".so");

        ck_assert_ptr_nonnull(end);
        memcpy(at, linked, strlen(linked));
        memmove(at + strlen(linked), end + 3, strlen(end + 3) + 1);
    }
}

#endif
