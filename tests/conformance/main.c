/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/conformance/main.c - loads every plugin of the folders that it is given and runs the
 * tests of this folder over all that they offer.
 *
 *     test-conformance FOLDER...
 */
#include <stdio.h>
#include <stdlib.h>

#include "conformance.h"

enum { TIMEOUT = 300 }; /* seconds; the strongest levels under sanitizers take their time */

struct kp_registry *registry;
const struct kp_stage **stages;
size_t stage_count;
const struct kp_stage **codecs;
size_t codec_count;

/* Opens all plugins, so that a fault in one of them is told before the tests begin. */
static bool open_all(void)
{
    bool good = true;

    for (size_t i = 0; i < kp_registry_count(registry); i++) {
        struct kp_plugin_file *file = kp_registry_file(registry, i);

        if (kp_registry_open(registry, file))
            continue;
        fprintf(stderr, "%s: %s\n", file->path, file->reason);
        good = false;
    }
    return good;
}

static bool collect(void)
{
    size_t count;
    const char *const *names = kp_registry_stage_names(registry, &count);

    stages = calloc(count + 1, sizeof(*stages));
    codecs = calloc(count + 1, sizeof(*codecs));
    if (names == NULL || stages == NULL || codecs == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct kp_stage *stage = kp_registry_find_stage(registry, names[i]);

        if (stage == NULL) {
            fprintf(stderr, "%s: cannot be used\n", names[i]);
            return false;
        }
        stages[stage_count++] = stage;
        if (stage->codec != NULL)
            codecs[codec_count++] = stage;
    }
    return stage_count > 0;
}

int main(int argc, char **argv)
{
    Suite *suite = suite_create("conformance");
    TCase *tests = tcase_create("every plugin");
    SRunner *runner;
    int failed;

    registry = kp_registry_new(
        &(struct kp_registry_options){.paths = (const char *const *)(argv + (argc > 0 ? 1 : 0))});
    if (registry == NULL || !open_all() || !collect())
        return EXIT_FAILURE;
    printf("%zu plugins, %zu stages, %zu codecs\n", kp_registry_count(registry), stage_count,
           codec_count);
    tcase_set_timeout(tests, TIMEOUT);
    add_codec_tests(tests);
    add_param_tests(tests);
    add_stage_tests(tests);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    kp_registry_free(registry);
    free(stages);
    free(codecs);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
