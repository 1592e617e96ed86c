/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/plugin-keys.c - parameters that name keys: bound, filled, flattened for a worker,
 * found for the matrix, and refused where none belong.
 */
#define KP_STATIC_NAME signer
#include "../plugins/signer.c"

#include "base/auto.h"
#include "base/codes.h"
#include "engine-shared.h"
#include "keys/key.h"
#include "plugin/bind.h"
#include "plugin/bind_flat.h"
#include "plugin/verify.h"

static const struct kp_static_row compiled_in[] = {
    {"signer", kpipe_note_signer, kpipe_plugin_signer},
    {NULL, NULL, NULL},
};

static struct kp_registry *registry;

struct record {
    const struct kp_key *key;
};

struct params {
    const struct kp_key *key;
    struct kp_list keys, records;
    uint8_t has_key;
};

static const struct kp_param *const record_table[] = {
    KP_KEY(struct record, key, .flags = KP_PARAM_SHORT, .summary = "a key"), NULL};

static const struct kp_param *const table[] = {
    KP_KEY(struct params, key, .presence = offsetof(struct params, has_key),
           .flags = KP_PARAM_SHORT, .summary = "a key"),
    KP_KEY_LIST(struct params, keys, .min_items = 1, .max_items = 3, .summary = "keys"),
    KP_RECORD_LIST(struct params, records, struct record, .fields = record_table,
                   .summary = "records"),
    NULL,
};

/* Keys are called k0 to k9. */
static bool find_key(void *data, const struct kp_param *row, const struct kp_node *scalar,
                     size_t *index)
{
    (void)data;
    ck_assert_uint_eq(row->type, KP_TYPE_KEY);
    *index = (size_t)(scalar->text[1] - '0');
    return scalar->text[0] == 'k' || kp_error(diags, scalar->place, KP1238, "all", row->name,
                                              (int)scalar->length, scalar->text);
}

static struct kp_value *check(const char *text, size_t *count)
{
    const struct kp_node *node = yaml(text);
    const struct kp_binder binder = {
        .arena = arena, .diags = diags, .registry = registry, .stage = "all", .image = find_key};

    return kp_bind_check(&binder, table, node->items[0], node->keys[0]->place, count);
}

static void print_key(struct kp_string *to, void *data, const struct kp_value *value)
{
    (void)data;
    kp_string_printf(to, "key %zu", value->image);
}

START_TEST(keys_are_bound)
{
    KP_AUTO(string) struct kp_string text = {0};
    struct kp_key keys[3] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
    const struct kp_key *const handles[] = {&keys[0], &keys[1], &keys[2]};
    const struct kp_fill fill = {
        .arena = arena, .diags = diags, .stage = "all", .keys = handles, .key_count = 3};
    struct kp_bound bound;
    struct kp_flat flat = {0};
    const struct params *params;
    const struct kp_key *const *list;
    size_t count, mends = 0;
    struct kp_value *values = check("all: {key: k2, keys: [k0, k2], records: [k1]}", &count);

    ck_assert_ptr_nonnull(values);
    kp_bind_print(&text, values, count, true, print_key, NULL);
    ck_assert_str_eq(text.text, "key=key 2,keys=[key 0, key 2],records=[{key=key 1}]");
    ck_assert(kp_bind_fill(&fill, values, count, sizeof(struct params), &bound));
    params = bound.params;
    list = params->keys.items;
    ck_assert_ptr_eq(params->key, &keys[2]);
    ck_assert_uint_eq(params->has_key, 1);
    ck_assert_uint_eq(params->keys.count, 2);
    ck_assert(list[0] == &keys[0] && list[1] == &keys[2]);
    ck_assert_ptr_eq(((const struct record *)params->records.items)->key, &keys[1]);
    /* What the call may use, with where the recipe says so. */
    ck_assert_uint_eq(bound.keys.count, 4);
    for (size_t i = 0; i < bound.keys.count; i++) {
        static const char *const paths[] = {"key", "keys[0]", "keys[1]", "records[0].key"};
        static const uint32_t columns[] = {12, 23, 27, 42};
        const struct kp_bound_key *key = &KP_ITEM(&bound.keys, struct kp_bound_key, i);

        ck_assert_str_eq(key->path, paths[i]);
        ck_assert_uint_eq(key->place.column, columns[i]);
    }
    /* No address leaves the process. */
    ck_assert(kp_flat_make(&flat, table, params, sizeof(*params)));
    for (size_t i = 0; i < flat.mends.count; i++)
        mends += KP_ITEM(&flat.mends, struct kp_flat_mend, i).type == KP_TYPE_KEY ? 1 : 0;
    ck_assert_uint_eq(mends, 4);
    for (size_t i = 0; i < 3; i++) {
        const struct kp_key *address = &keys[i];

        ck_assert_ptr_null(memmem(flat.bytes.text, flat.bytes.length, &address, sizeof(address)));
    }
    kp_flat_free(&flat);
    kp_vector_free(&bound.fields);
    kp_vector_free(&bound.keys);
}
END_TEST

START_TEST(what_is_no_key)
{
    size_t count;

    ck_assert_ptr_null(check("all: {key: [k1], keys: {a: b}}", &count));
    expect_findings("r.yml:1:12: error: stage 'all': key: a list where the name of a key is "
                    "expected [KP1306]\n"
                    "    1 | all: {key: [k1], keys: {a: b}}\n"
                    "      |            ^\n"
                    "r.yml:1:24: error: stage 'all': keys[0]: a map where the name of a key is "
                    "expected [KP1306]\n"
                    "    1 | all: {key: [k1], keys: {a: b}}\n"
                    "      |                        ^\n");
    ck_assert_ptr_null(check("all: {key: x, keys: []}", &count));
    expect_findings("r.yml:1:12: error: stage 'all': key: 'x': no key has that name [KP1238]\n"
                    "    1 | all: {key: x, keys: []}\n"
                    "      |            ^\n"
                    "r.yml:1:21: error: stage 'all': keys: 0 items: their number must be 1..3 "
                    "[KP1308]\n"
                    "    1 | all: {key: x, keys: []}\n"
                    "      |                     ^\n");
    /* Without a value the field stays NULL, and the call may use no key. */
    {
        struct kp_bound bound;
        const struct kp_fill fill = {.arena = arena, .diags = diags, .stage = "all"};
        struct kp_value *values = check("all: {}", &count);

        ck_assert(kp_bind_fill(&fill, values, count, sizeof(struct params), &bound));
        ck_assert_ptr_null(((const struct params *)bound.params)->key);
        ck_assert_uint_eq(bound.keys.count, 0);
        kp_vector_free(&bound.fields);
    }
}
END_TEST

static bool visit(void *context, struct kp_node *scalar, struct kp_node *list, uint32_t type)
{
    char *names = context;

    sprintf(names + strlen(names), "%s%s%s ", type == KP_TYPE_KEY ? "#" : "", scalar->text,
            list == NULL ? "" : "@");
    return true;
}

START_TEST(names_of_keys_are_found)
{
    struct kp_node *node = yaml("a: {key: one, keys: [two, three],\n"
                                "    how: inner, inner: {signer: four}}\n"
                                "b: five\n");
    char names[100] = "";

    for (size_t i = 0; i < node->count; i++)
        ck_assert(kp_bind_find_references(registry, "signer", node->items[i], visit, names));
    ck_assert_str_eq(names, "#one #three@ #two@ #four #five ");
}
END_TEST

/* A table that a plugin might have: what is wrong with it. */
static const char *why_not(const struct kp_param *row)
{
    const struct kp_param *const rows[] = {row, NULL};
    const char *why = "fine";

    kp_verify_params(arena, rows, sizeof(struct params), &why);
    return why;
}

START_TEST(tables)
{
    ck_assert_str_eq(why_not(KP_KEY(struct params, key, .summary = "s")), "fine");
    ck_assert_str_eq(why_not(KP_KEY(struct params, key, .summary = "s", .fallback = "dev")),
                     "key: fallback: images, trees, stages, keys and records have no default");
    ck_assert_str_eq(why_not(KP_KEY(struct params, key, .summary = "s", .trait = "arch")),
                     "key: trait: only for numbers and texts that are in no list or record");
    ck_assert_str_eq(why_not(KP_KEY(struct params, has_key, .summary = "s")),
                     "has_key: field_size: 1: its type's C type has 8 bytes");
}
END_TEST

static void begin(void)
{
    set_up();
    registry = registry_of(compiled_in);
}

static void end(void)
{
    kp_registry_free(registry);
    tear_down();
}

static void fill(TCase *tests)
{
    tcase_add_test(tests, keys_are_bound);
    tcase_add_test(tests, what_is_no_key);
    tcase_add_test(tests, names_of_keys_are_found);
    tcase_add_test(tests, tables);
}

int main(void)
{
    return run_tests("plugin-keys", begin, end, fill);
}
