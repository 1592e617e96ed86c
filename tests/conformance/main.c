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
const struct kp_stage **takers;
size_t taker_count;

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

static bool unusable(const char *name)
{
    fprintf(stderr, "%s: cannot be used\n", name);
    return false;
}

static bool collect(void)
{
    size_t count, source_count;
    const char *const *names = kp_registry_stage_names(registry, &count);
    const char *const *sources = kp_registry_source_names(registry, &source_count);

    stages = calloc(count + 1, sizeof(*stages));
    codecs = calloc(count + 1, sizeof(*codecs));
    takers = calloc(count + source_count + 1, sizeof(*takers));
    if (names == NULL || sources == NULL || stages == NULL || codecs == NULL || takers == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct kp_stage *stage = kp_registry_find_stage(registry, names[i]);

        if (stage == NULL)
            return unusable(names[i]);
        takers[taker_count++] = stages[stage_count++] = stage;
        if (stage->codec != NULL)
            codecs[codec_count++] = stage;
    }
    for (size_t i = 0; i < source_count; i++) {
        takers[taker_count] = kp_registry_find_source(registry, sources[i]);
        if (takers[taker_count++] == NULL)
            return unusable(sources[i]);
    }
    return stage_count > 0;
}

int main(int argc, char **argv)
{
    Suite *suite = suite_create("conformance");
    TCase *tests = tcase_create("every plugin");
    SRunner *runner;
    const char *isolation = getenv("KPIPE_TEST_ISOLATION");
    const bool in_workers = isolation != NULL && strcmp(isolation, "process") == 0;

    int failed;

    registry = kp_registry_new(&(struct kp_registry_options){
        .paths = (const char *const *)(argv + (argc > 0 ? 1 : 0)),
        .isolation = in_workers ? KP_ISOLATION_PROCESS : KP_ISOLATION_NONE,
        .worker = KPIPE_TEST_WORKER});
    if (registry == NULL || !open_all() || !collect())
        return EXIT_FAILURE;
    printf("%zu plugins: %zu stages, among them %zu codecs; %zu sources\n",
           kp_registry_count(registry), stage_count, codec_count, taker_count - stage_count);
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
    free(takers);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
