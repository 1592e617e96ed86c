/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/plugin-registry.c - asking the registry: stages, architectures, what bytes
 * look like, who describes them; compiled-in plugins; several threads at once.
 */
#include "plugin-shared.h"

/* --- a compiled-in plugin --- */

#define NOTE(id, rest)                                                                             \
    "kpipe-note 1\nid " id "\nname x\nversion 1\nlicense MIT\nvendor V\nurl u\nsummary s\n"        \
    "api 0\nsdk " KP_SDK_HASH "\nhost 0.1\n" rest

static int32_t run(struct kp_call *call)
{
    (void)call;
    return KP_OK;
}

static const char *const box_kinds[] = {"com.example.box", NULL};
static const struct kp_operation pack = {
    .size = sizeof(struct kp_operation), .summary = "s", .run = run};
static const struct kp_format box = {.size = sizeof(struct kp_format),
                                     .name = "box",
                                     .summary = "s",
                                     .kinds = box_kinds,
                                     .inspect = run,
                                     .pack = &pack};
static const struct kp_format *const formats[] = {&box, NULL};
static const struct kp_plugin built_in = {.size = sizeof(struct kp_plugin),
                                          .id = "com.example.box",
                                          .name = "x",
                                          .version = "1",
                                          .license = "MIT",
                                          .vendor = "V",
                                          .url = "u",
                                          .summary = "s",
                                          .formats = formats};

static const struct kp_plugin *enter(uint32_t level, const char *version)
{
    ck_assert_uint_eq(level, KP_API_LEVEL_NEWEST);
    ck_assert_str_eq(version, KPIPE_VERSION);
    return &built_in;
}

#define BOX_NOTE                                                                                   \
    NOTE("com.example.box", "format box\nstage box\nmagic com.example.box - 2 "                    \
                            "ff00ff00ff00 ffffffffffff\n")

static const struct kp_static_row compiled_in[] = {
    {"box", BOX_NOTE, enter},
    {"again", BOX_NOTE, enter},
    {"broken", "kpipe-note 1\nfrobnicate\n", enter},
    {"old",
     "kpipe-note 1\nid a.b\nname x\nversion 1\nlicense MIT\nvendor V\nurl u\nsummary s\n"
     "api 0\nsdk x\nhost 99.1\n",
     enter},
    {NULL, NULL, NULL},
};

static struct kp_registry *static_registry(void)
{
    struct kp_registry *registry =
        kp_registry_new(&(struct kp_registry_options){.compiled_in = compiled_in});

    ck_assert_ptr_nonnull(registry);
    return registry;
}

START_TEST(test_compiled_in)
{
    struct kp_registry *registry = static_registry();
    const struct kp_plugin_file *file = file_at(registry, 0, "(compiled in)");
    const struct kp_stage *stage;

    ck_assert_uint_eq(kp_registry_count(registry), 4);
    ck_assert_int_eq(file->origin, KP_COMPILED_IN);
    ck_assert(file->origin_known);
    kp_registry_find_origin(registry, kp_registry_file(registry, 0));
    ck_assert_int_eq(file->origin, KP_COMPILED_IN);
    expect_rejected(registry, 1, "(compiled in)",
                    "format 'box' of (compiled in): taken by (compiled in), found earlier");
    expect_rejected(registry, 2, "(compiled in)",
                    "broken: note: line 2: unknown word 'frobnicate'");
    ck_assert_int_eq(file_at(registry, 3, "(compiled in)")->state, KP_PLUGIN_REJECTED);
    stage = kp_registry_find_stage(registry, "box");
    ck_assert_ptr_nonnull(stage);
    ck_assert_ptr_eq(stage->plugin, file);
    ck_assert_int_eq(file->state, KP_PLUGIN_OPEN);
    kp_registry_free(registry);
}
END_TEST

/* --- reports --- */

static void expect_report(struct kp_registry *registry, const char *name, const char *expected)
{
    struct kp_diags *diags = kp_diags_new();
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    ck_assert(diags != NULL && to != NULL);
    ck_assert_ptr_null(kp_registry_stage(registry, diags, KP_NOWHERE, name));
    kp_diags_render(diags, 0, to, (struct kp_diag_style){0});
    fclose(to);
    ck_assert_str_eq(text, expected);
    free(text);
    kp_diags_free(diags);
}

START_TEST(test_reports)
{
    struct kp_registry *registry = static_registry();
    struct kp_diags *diags = kp_diags_new();

    expect_report(registry, "bok",
                  "kpipe: error: stage 'bok': unknown stage type [KP1201]\n"
                  "  hint: did you mean 'box'?\n");
    expect_report(registry, "something-else",
                  "kpipe: error: stage 'something-else': unknown stage type [KP1201]\n"
                  "  hint: 'kpipe plugins' lists what is installed\n");
    ck_assert_ptr_nonnull(kp_registry_stage(registry, diags, KP_NOWHERE, "box"));
    ck_assert_uint_eq(kp_diags_count(diags), 0);
    kp_registry_free(registry);
    kp_diags_free(diags);
}
END_TEST

START_TEST(test_report_rejected)
{
    char *folder = new_folder(), *path = put(folder, "host", "x.so");
    struct kp_registry *registry = registry_over(folder);

    expect_report(registry, "sample.unpack",
                  text_of("kpipe: error: stage 'sample.unpack': unknown stage type [KP1201]\n"
                          "  hint: offered by %s, which was rejected: needs kpipe 99.0 or newer, "
                          "this is %s\n",
                          path, KPIPE_VERSION));
    kp_registry_free(registry);
}
END_TEST

/* --- bytes --- */

START_TEST(test_identify)
{
    static const uint8_t bytes[] = {0, 0, 0xff, 0, 0xff, 0, 0xff, 0};
    struct kp_registry *registry = static_registry();
    struct kp_range *whole = kp_range_copy(bytes, sizeof(bytes)), *pieces[3], *gathered;
    const char *kind = "x", *codec = "x";

    ck_assert(kp_registry_identify(registry, whole, &kind, &codec));
    ck_assert_str_eq(kind, "com.example.box");
    ck_assert_ptr_null(codec);
    pieces[0] = kp_range_slice(whole, 0, 3);
    pieces[1] = kp_range_slice(whole, 3, 2);
    pieces[2] = kp_range_slice(whole, 5, 3);
    gathered = kp_range_gather(pieces, 3);
    ck_assert(kp_registry_identify(registry, gathered, &kind, &codec));
    kp_range_unref(gathered);
    gathered = kp_range_gather(pieces, 2); /* too short for the row */
    ck_assert(!kp_registry_identify(registry, gathered, &kind, &codec));
    ck_assert_ptr_null(kind);
    kp_range_unref(gathered);
    gathered = kp_range_gather((struct kp_range *const[]){pieces[0], pieces[2], pieces[2]}, 3);
    ck_assert(!kp_registry_identify(registry, gathered, &kind, &codec));
    kp_range_unref(gathered);
    for (size_t i = 0; i < 3; i++)
        kp_range_unref(pieces[i]);
    kp_range_unref(whole);
    kp_registry_free(registry);
}
END_TEST

/* Most bits win, and the earlier among equals. */
START_TEST(test_identify_order)
{
    static const struct kp_static_row rows[] = {
        {"a", NOTE("a.a", "magic a - 0 0100 ff00\nmagic b - 0 0102 fffe\n"), enter},
        {"c", NOTE("a.c", "magic c - 0 0102 fffe\nmagic d - 0 010203 ffffff\n"), enter},
        {NULL, NULL, NULL}};
    static const struct {
        uint8_t bytes[3];
        const char *kind;
    } expected[] = {{{1, 2, 3}, "d"}, {{1, 3, 3}, "b"}, {{1, 4, 3}, "a"}, {{2, 4, 3}, NULL}};
    struct kp_registry *registry =
        kp_registry_new(&(struct kp_registry_options){.compiled_in = rows});

    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        struct kp_range *range = kp_range_copy(expected[i].bytes, 3);
        const char *kind, *codec;
        const bool found = kp_registry_identify(registry, range, &kind, &codec);

        ck_assert_int_eq(found, expected[i].kind != NULL);
        ck_assert_pstr_eq(kind, expected[i].kind);
        kp_range_unref(range);
    }
    kp_registry_free(registry);
}
END_TEST

START_TEST(test_inspector)
{
    struct kp_registry *registry = static_registry();
    struct kp_inspector inspector;

    ck_assert(kp_registry_inspector(registry, "com.example.box", NULL, &(size_t){0}, &inspector));
    ck_assert(inspector.inspect == run);
    ck_assert_str_eq(inspector.format, "box");
    ck_assert_ptr_eq(inspector.plugin, kp_registry_file(registry, 0));
    ck_assert(!kp_registry_inspector(registry, "elf", NULL, &(size_t){0}, &inspector));
    ck_assert_ptr_null(inspector.plugin);
    kp_registry_free(registry);
}
END_TEST

#ifndef KPIPE_NO_DLOPEN
START_TEST(test_report_broken)
{
    char *folder = new_folder(), *path = put(folder, "null", "x.so");
    struct kp_registry *registry = registry_over(folder);

    for (unsigned i = 0; i < 2; i++)
        expect_report(
            registry, "sample",
            text_of("kpipe: error: stage 'sample': its plugin %s cannot be used: its entry "
                    "returned NULL: it does not work with kpipe %s, API level 0 "
                    "[KP1601]\n",
                    path, KPIPE_VERSION));
    ck_assert_ptr_null(kp_registry_find_stage(registry, "sample"));
    ck_assert_ptr_null(kp_registry_arch(registry, "sample_cpu"));
    kp_registry_free(registry);
}
END_TEST

START_TEST(test_stages)
{
    static const char *const expected[] = {"other",  "other-box.unpack",  "other.unpack",
                                           "sample", "sample-box.unpack", "sample.unpack"};
    char *folder = new_folder();
    struct kp_registry *registry;
    const char *const *names;
    size_t count;

    put(folder, "sample", "a.so");
    put(folder, "other", "b.so");
    registry = registry_over(folder);
    names = kp_registry_stage_names(registry, &count);
    ck_assert_uint_eq(count, 6);
    for (size_t i = 0; i < count; i++)
        ck_assert_str_eq(names[i], expected[i]);
    ck_assert_str_eq(kp_registry_find_stage(registry, "sample-box.unpack")->name,
                     "sample-box.unpack");
    ck_assert_int_eq(kp_registry_file(registry, 0)->state, KP_PLUGIN_OPEN);
    ck_assert_int_eq(kp_registry_file(registry, 1)->state, KP_PLUGIN_FOUND); /* not needed */
    ck_assert_ptr_null(kp_registry_find_stage(registry, "sample-box"));
    kp_registry_free(registry);
}
END_TEST

START_TEST(test_archs)
{
    char *folder = new_folder();
    struct kp_registry *registry;
    const char *const *names;
    size_t count;

    put(folder, "sample", "a.so");
    put(folder, "other", "b.so");
    registry = registry_over(folder);
    names = kp_registry_arch_names(registry, &count);
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(names[0], "other_cpu");
    ck_assert_str_eq(names[1], "sample_cpu");
    ck_assert_str_eq(kp_registry_arch_name(registry, "sample_cpu-alias"), "sample_cpu");
    ck_assert_str_eq(kp_registry_arch_name(registry, "other_cpu"), "other_cpu");
    ck_assert_ptr_null(kp_registry_arch_name(registry, "vax"));
    ck_assert_int_eq(kp_registry_file(registry, 0)->state, KP_PLUGIN_FOUND);
    ck_assert_uint_eq(kp_registry_arch(registry, "sample_cpu-alias")->page_sizes[0], 4096);
    ck_assert_int_eq(kp_registry_file(registry, 1)->state, KP_PLUGIN_FOUND);
    ck_assert_ptr_null(kp_registry_arch(registry, "vax"));
    kp_registry_free(registry);
}
END_TEST

START_TEST(test_inspector_of_codec)
{
    char *folder = new_folder();
    struct kp_registry *registry;
    struct kp_inspector inspector;
    struct kp_range *range = kp_range_copy("sample!", 7);
    const char *kind, *codec;

    put(folder, "null", "0.so");
    put(folder, "other", "b.so");
    registry = registry_over(folder);
    ck_assert(kp_registry_identify(registry, range, &kind, &codec));
    ck_assert_str_eq(kind, "compressed");
    ck_assert_str_eq(codec, "sample");
    /* The plugin that announces it turns out to be broken, and the other has another. */
    ck_assert(!kp_registry_inspector(registry, kind, codec, &(size_t){0}, &inspector));
    ck_assert(kp_registry_inspector(registry, "compressed", "other", &(size_t){0}, &inspector));
    ck_assert_str_eq(inspector.format, "other");
    ck_assert(
        kp_registry_inspector(registry, "org.example.box", "ignored", &(size_t){0}, &inspector));
    ck_assert_str_eq(inspector.format, "other-box");
    kp_range_unref(range);
    kp_registry_free(registry);
}
END_TEST

static void *find_both(void *registry)
{
    for (unsigned i = 0; i < 200; i++)
        if (kp_registry_find_stage(registry, i % 2 == 0 ? "sample" : "other") == NULL ||
            kp_registry_arch(registry, "other_cpu") == NULL)
            return NULL;
    return registry;
}

START_TEST(test_threads)
{
    char *folder = new_folder();
    struct kp_registry *registry;
    pthread_t threads[4];

    put(folder, "sample", "a.so");
    put(folder, "other", "b.so");
    registry = registry_over(folder);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, find_both, registry), 0);
    for (size_t i = 0; i < 4; i++) {
        void *result = NULL;

        ck_assert_int_eq(pthread_join(threads[i], &result), 0);
        ck_assert_ptr_eq(result, registry);
    }
    kp_registry_free(registry);
}
END_TEST
#endif

static void fill(TCase *tests)
{
    tcase_add_test(tests, test_compiled_in);
    tcase_add_test(tests, test_reports);
    tcase_add_test(tests, test_report_rejected);
    tcase_add_test(tests, test_identify);
    tcase_add_test(tests, test_identify_order);
    tcase_add_test(tests, test_inspector);
#ifndef KPIPE_NO_DLOPEN
    tcase_add_test(tests, test_report_broken);
    tcase_add_test(tests, test_stages);
    tcase_add_test(tests, test_archs);
    tcase_add_test(tests, test_inspector_of_codec);
    tcase_add_test(tests, test_threads);
#endif
}

int main(void)
{
    return run_case("plugin-registry", fill);
}
