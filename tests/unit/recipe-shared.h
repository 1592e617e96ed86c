/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe-shared.h - what the tests of core/recipe need: a folder to write recipes to,
 * a reader with a small table of stages, and recipes and findings as text.
 */
#ifndef KP_TESTS_RECIPE_SHARED_H
#define KP_TESTS_RECIPE_SHARED_H

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "recipe/recipe.h"

static char folder_of_test[] = "/tmp/kpipe-recipe-XXXXXX";
static struct kp_arena *arena;
static struct kp_diags *diags;
static struct kp_recipe_options options;
static struct kp_recipe_set sets[4];

/* --- a table of stages: zimage takes an image, uimage a list of images, which is also
 * its short parameter, fit records with an image each, and sign a key and a list of keys --- */

static inline bool find_in_list(struct kp_node *node, uint32_t type, kp_visit_reference visit,
                                void *context)
{
    if (node != NULL && node->kind == KP_NODE_SCALAR)
        return visit(context, node, node, type);
    for (size_t i = node != NULL ? node->count : 0; i > 0; i--) {
        if (!visit(context, node->items[i - 1], node, type))
            return false;
    }
    return true;
}

static inline bool find_images(void *unused, const char *stage, struct kp_node *params,
                               kp_visit_reference visit, void *context)
{
    struct kp_node *node;

    (void)unused;
    if (strcmp(stage, "zimage") == 0) {
        node = kp_node_get(params, "dtb");
        return node == NULL || visit(context, node, NULL, KP_TYPE_IMAGE);
    }
    if (strcmp(stage, "uimage") == 0)
        return find_in_list(params->kind == KP_NODE_MAP ? kp_node_get(params, "parts") : params,
                            KP_TYPE_IMAGE, visit, context);
    if (strcmp(stage, "sign") == 0) {
        node = params->kind == KP_NODE_SCALAR ? params : kp_node_get(params, "key");
        return (node == NULL || visit(context, node, NULL, KP_TYPE_KEY)) &&
               (params->kind != KP_NODE_MAP ||
                find_in_list(kp_node_get(params, "keys"), KP_TYPE_KEY, visit, context));
    }
    node = strcmp(stage, "fit") == 0 ? kp_node_get(params, "images") : NULL;
    for (size_t i = 0; node != NULL && i < node->count; i++) {
        struct kp_node *data = kp_node_get(node->items[i], "data");

        if (data != NULL && !visit(context, data, NULL, KP_TYPE_IMAGE))
            return false;
    }
    return true;
}

static const struct kp_reference_finder finder = {NULL, find_images};

/* --- the folder --- */

static inline void begin_test(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder_of_test));
    ck_assert_int_eq(chdir(folder_of_test), 0);
    arena = kp_arena_new();
    diags = kp_diags_new();
    ck_assert_ptr_nonnull(arena);
    ck_assert_ptr_nonnull(diags);
    options = (struct kp_recipe_options){.file = "r.yml", .finder = &finder};
}

static inline int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status, (void)type, (void)at;
    return remove(path);
}

static inline void end_test(void)
{
    kp_diags_free(diags);
    kp_arena_free(arena);
    ck_assert_int_eq(chdir("/"), 0);
    nftw(folder_of_test, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Forgets all findings, and --set. */
static inline void forget(void)
{
    options.set_count = 0;
    kp_diags_free(diags);
    diags = kp_diags_new();
    ck_assert_ptr_nonnull(diags);
}

/* Writes a file, in a folder if it has one. */
static inline void write_file(const char *path, const char *text)
{
    char folder[64];
    FILE *file;

    if (strchr(path, '/') != NULL) {
        snprintf(folder, sizeof(folder), "%.*s", (int)(strchr(path, '/') - path), path);
        mkdir(folder, 0777);
    }
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

/* Writes r.yml: a begin, `count` lines in which # is the line's number from 0 and @ the
 * next one, and an end. */
static inline void write_many(const char *begin, const char *line, unsigned count, const char *end)
{
    FILE *file = fopen("r.yml", "w");

    ck_assert_ptr_nonnull(file);
    fputs(begin, file);
    for (unsigned i = 0; i < count; i++) {
        for (const char *at = line; *at != '\0'; at++) {
            if (*at == '#' || *at == '@')
                fprintf(file, "%u", *at == '#' ? i : i + 1);
            else
                fputc(*at, file);
        }
    }
    fputs(end, file);
    ck_assert_int_eq(fclose(file), 0);
}

/* --set for the next recipe: up to four names and values. */
static inline void set_all(const char *const *words, size_t count)
{
    options.sets = sets;
    for (size_t i = 0; i + 1 < count; i += 2)
        sets[options.set_count++] = (struct kp_recipe_set){words[i], words[i + 1]};
}
#define set(...)                                                                                   \
    set_all((const char *const[]){__VA_ARGS__},                                                    \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* --- recipes and findings as text --- */

static inline void print_node(FILE *to, const struct kp_node *node)
{
    if (node->kind == KP_NODE_SCALAR) {
        fprintf(to, "%s", kp_node_is_empty(node) ? "~" : node->text);
        return;
    }
    fputc(node->kind == KP_NODE_MAP ? '{' : '[', to);
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == KP_NODE_MAP)
            fprintf(to, "%s%s: ", i == 0 ? "" : ", ", node->keys[i]->text);
        else
            fputs(i == 0 ? "" : ", ", to);
        print_node(to, node->items[i]);
    }
    fputc(node->kind == KP_NODE_MAP ? '}' : ']', to);
}

static inline void print_chain(FILE *to, const struct kp_recipe_image *image)
{
    for (size_t i = 0; i < image->element_count; i++) {
        const struct kp_recipe_element *element = &image->elements[i];

        fprintf(to, "%s%s", i == 0 ? "" : " | ",
                element->reference != NULL ? element->reference : "");
        if (element->stage != NULL)
            fprintf(to, "<%s>", element->stage);
        if (element->params != NULL)
            print_node(to, element->params);
    }
}

static inline void print_recipe(FILE *to, const struct kp_recipe *recipe)
{
    if (recipe->name != NULL)
        fprintf(to, "name %s\n", recipe->name);
    if (recipe->arch != NULL)
        fprintf(to, "arch %s\n", recipe->arch->text);
    for (size_t i = 0; i < recipe->tool_count; i++)
        fprintf(to, "tool %s: %s\n", recipe->tools[i].name,
                recipe->tools[i].path == NULL ? "-" : recipe->tools[i].path);
    for (size_t i = 0; i < recipe->input_count; i++) {
        const struct kp_recipe_input *input = &recipe->inputs[i];

        fprintf(to, "input %s: %s", input->name, input->file);
        if (input->arch != NULL)
            fprintf(to, " arch=%s", input->arch->text);
        for (size_t fact = 0; fact < input->fact_count; fact++)
            fprintf(to, " %s=%s", input->facts[fact].name->text, input->facts[fact].value->text);
        fputc('\n', to);
    }
    for (size_t i = 0; i < recipe->key_count; i++) {
        const struct kp_recipe_key *key = &recipe->keys[i];

        fprintf(to, "key %s (%s): %s", key->name, key->title,
                key->file != NULL ? key->file : key->uri);
        if (key->uri != NULL)
            fprintf(to, " in %s", key->folder);
        if (key->secret_file != NULL)
            fprintf(to, " by %s", key->secret_file);
        fputc('\n', to);
    }
    for (size_t i = 0; i < recipe->image_count; i++) {
        fprintf(to, "image %s: ", recipe->images[i].name);
        print_chain(to, &recipe->images[i]);
        fputc('\n', to);
    }
    for (size_t i = 0; i < recipe->output_count; i++)
        fprintf(to, "output %s > %s\n", recipe->outputs[i].image, recipe->outputs[i].file);
}

static inline void expect_findings(const char *expected)
{
    char *text KP_AUTO(free) = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    ck_assert_ptr_nonnull(to);
    kp_diags_sort(diags);
    kp_diags_render(diags, 0, to, (struct kp_diag_style){false, false});
    fclose(to);
    ck_assert_str_eq(text, expected);
}

/* Reads options.file and expects these findings and no recipe, or one that says so. */
static inline void expect_refused(const char *findings)
{
    const struct kp_recipe *recipe = kp_recipe_read(arena, diags, &options);

    expect_findings(findings);
    ck_assert(recipe == NULL || recipe->faulty);
}

/* Reads options.file and expects this recipe and no findings. */
static inline void expect_read(const char *expected)
{
    char *text KP_AUTO(free) = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    const struct kp_recipe *recipe = kp_recipe_read(arena, diags, &options);

    expect_findings("");
    ck_assert_ptr_nonnull(recipe);
    ck_assert(!recipe->faulty);
    ck_assert_ptr_nonnull(to);
    print_recipe(to, recipe);
    fclose(to);
    ck_assert_str_eq(text, expected);
}

/* The same for a recipe given as text. */
static inline void refuse(const char *recipe, const char *findings)
{
    write_file("r.yml", recipe);
    expect_refused(findings);
    forget();
}

static inline void accept(const char *recipe, const char *expected)
{
    write_file("r.yml", recipe);
    expect_read(expected);
    forget();
}

/* Runs tests, each in its own process and folder. */
static inline int run_tests(const char *name, const TTest *const *tests, size_t count)
{
    TCase *all = tcase_create("all");
    Suite *suite = suite_create(name);
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(all, 60); /* sanitizers are slow */
    tcase_add_checked_fixture(all, begin_test, end_test);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
