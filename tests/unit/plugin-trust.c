/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/plugin-trust.c - what policies decide: by id, digest and signature, alone and
 * together, while plugins are looked for and once more when one is opened.
 */
#include "plugin-shared.h"

#include "plugin/trust.h"
#include "sandbox/sandbox.h"

#ifndef KPIPE_NO_DLOPEN
static void run(const char *command)
{
    ck_assert_msg(system(command) == 0, "%s", command);
}

/* Makes a pair of keys and reads the public one, as the last 32 bytes of its DER form. */
static void make_key(const char *folder, const char *name, struct kp_trust_key *key)
{
    char *path = text_of("%s/%s.der", folder, name);
    size_t size;
    uint8_t *bytes;

    run(text_of("cd %s && openssl genpkey -algorithm ed25519 -out %s.pem 2> /dev/null && "
                "openssl pkey -in %s.pem -pubout -outform DER -out %s.der",
                folder, name, name, name));
    bytes = read_file(path, &size);
    ck_assert_uint_ge(size, KP_KEY_SIZE);
    key->path = text_of("%s.pub", name);
    memcpy(key->bytes, bytes + size - KP_KEY_SIZE, KP_KEY_SIZE);
    free(bytes);
}

static void sign(const char *folder, const char *key, const char *file)
{
    run(text_of("cd %s && openssl pkeyutl -sign -rawin -inkey %s.pem -in %s -out %s.sig", folder,
                key, file, file));
}

/* `all` must live as long as the registry. */
static struct kp_registry *registry_under(const char *folder, const struct kp_policy **all,
                                          size_t count)
{
    static struct kp_trust trust;
    struct kp_registry *registry;

    trust = (struct kp_trust){all, count};
    registry =
        kp_registry_new(&(struct kp_registry_options){.own_folder = folder, .trust = &trust});
    ck_assert_ptr_nonnull(registry);
    return registry;
}

/* The one file of a folder, under one policy. */
static void judge(const char *folder, const char *path, const struct kp_policy *policy,
                  const char *refused)
{
    struct kp_registry *registry = registry_under(folder, &policy, 1);

    if (refused != NULL) {
        expect_rejected(registry, 0, path, refused);
        ck_assert(kp_registry_file(registry, 0)->refused);
    } else {
        expect_found(registry, 0, path);
    }
    kp_registry_free(registry);
}

START_TEST(ids_and_digests)
{
    char *folder = new_folder();
    char *path = put(folder, "sample", "a.so");
    uint8_t digests[2][KP_DIGEST_SIZE] = {{1}, {2}};
    struct kp_trust_row rows[] = {{.id = "org.example.other", .line = 3},
                                  {.id = "org.example.sample", .line = 4}};
    struct kp_policy policy = {.file = "p.yml", .plugins_line = 2, .rows = rows, .row_count = 2};
    struct kp_registry *registry = registry_over(folder);

    kp_registry_find_origin(registry, kp_registry_file(registry, 0));
    ck_assert_int_eq(kp_registry_file(registry, 0)->origin, KP_FOREIGN);
    ck_assert_ptr_null(kp_registry_file(registry, 0)->allowed);
    judge(folder, path, &policy, NULL);
    rows[1].id = "org.example.sample2";
    judge(folder, path, &policy, "refused by p.yml:2: no plugin 'org.example.sample' is allowed");
    policy.row_count = 0;
    judge(folder, path, &policy, "refused by p.yml:2: no plugin 'org.example.sample' is allowed");
    policy.row_count = 2;
    rows[1].id = "org.example.sample";
    rows[1].digests = digests;
    rows[1].digest_count = 2;
    judge(folder, path, &policy,
          "refused by p.yml:4: its digest is none of those that are allowed for "
          "'org.example.sample'");
    memcpy(digests[1], kp_registry_file(registry, 0)->digest, KP_DIGEST_SIZE);
    judge(folder, path, &policy, NULL);
    /* Two rows of one id: either will do. */
    rows[0] = rows[1];
    rows[0].line = 3;
    rows[0].digest_count = 1;
    judge(folder, path, &policy, NULL);
    kp_registry_free(registry);
}
END_TEST

START_TEST(signatures)
{
    char *folder = new_folder();
    char *path = put(folder, "sample", "a.so");
    struct kp_trust_key keys[2];
    struct kp_trust_row row = {.id = "org.example.sample", .is_signed = true, .line = 3};
    struct kp_policy policy = {.file = "p.yml", .signature_line = 9, .keys = keys, .key_count = 2};

    make_key(folder, "one", &keys[0]);
    make_key(folder, "two", &keys[1]);
    make_key(folder, "three", &(struct kp_trust_key){0});
    judge(folder, path, &policy,
          "refused by p.yml:9: it is not signed: there is no file 'a.so.sig' beside it");
    sign(folder, "two", "a.so");
    judge(folder, path, &policy, NULL);
    policy.key_count = 1;
    judge(folder, path, &policy,
          "refused by p.yml:9: 'a.so.sig' beside it is no signature of its bytes by any of the "
          "policy's keys");
    sign(folder, "one", "a.so");
    judge(folder, path, &policy, NULL);
    policy.signature_line = 0;
    policy.rows = &row;
    policy.row_count = 1;
    policy.plugins_line = 2;
    judge(folder, path, &policy, NULL);
    sign(folder, "three", "a.so");
    judge(folder, path, &policy,
          "refused by p.yml:3: 'a.so.sig' beside it is no signature of its bytes by any of the "
          "policy's keys");
    run(text_of("cd %s && head -c 63 a.so.sig > b && mv b a.so.sig", folder));
    judge(folder, path, &policy,
          "refused by p.yml:3: 'a.so.sig' beside it: not a signature of 64 bytes");
    run(text_of("cd %s && rm a.so.sig && mkdir a.so.sig", folder));
    judge(folder, path, &policy, "refused by p.yml:3: 'a.so.sig' beside it: not a file");
}
END_TEST

/* A signature is over all bytes, not over those alone that the digest counts. */
START_TEST(signed_bytes)
{
    char *folder = new_folder();
    char *path = put(folder, "sample", "a.so");
    struct kp_trust_key key;
    const struct kp_policy policy = {
        .file = "p.yml", .signature_line = 9, .keys = &key, .key_count = 1};
    size_t size;
    uint8_t *bytes;

    make_key(folder, "one", &key);
    sign(folder, "one", "a.so");
    judge(folder, path, &policy, NULL);
    bytes = read_file(path, &size);
    bytes[size - 1] ^= 1;
    write_file(path, bytes, size);
    free(bytes);
    judge(folder, path, &policy,
          "refused by p.yml:9: 'a.so.sig' beside it is no signature of its bytes by any of the "
          "policy's keys");
}
END_TEST

/* Each policy has its own keys, and all of them must agree. */
START_TEST(several_policies)
{
    char *folder = new_folder();
    char *path = put(folder, "sample", "a.so");
    struct kp_trust_key keys[2];
    struct kp_trust_row row = {.id = "org.example.sample", .line = 3};
    struct kp_policy a = {.file = "a.yml", .signature_line = 9, .keys = keys, .key_count = 1};
    struct kp_policy b = {.file = "b.yml", .plugins_line = 2, .rows = &row, .row_count = 1};
    struct kp_policy c = {.file = "c.yml", .limits = {.seconds = 3}, .seconds_line = 2};
    const struct kp_policy *all[] = {&a, &b, &c};
    struct kp_registry *registry;

    make_key(folder, "one", &keys[0]);
    make_key(folder, "two", &keys[1]);
    sign(folder, "one", "a.so");
    registry = registry_under(folder, all, 3);
    expect_found(registry, 0, path);
    ck_assert_str_eq(kp_registry_file(registry, 0)->allowed, "allowed by a.yml:9, b.yml:3");
    kp_registry_free(registry);
    b.signature_line = 7;
    b.keys = &keys[1];
    b.key_count = 1;
    registry = registry_under(folder, all, 3);
    expect_rejected(registry, 0, path,
                    "refused by b.yml:7: 'a.so.sig' beside it is no signature of its bytes by any "
                    "of the policy's keys");
    kp_registry_free(registry);
}
END_TEST

/* A file that is refused takes nobody's name: the next that offers it counts. */
START_TEST(names)
{
    char *folder = new_folder();
    char *first = put(folder, "same-stage", "a.so");
    char *second = put(folder, "sample", "b.so");
    struct kp_trust_row row = {.id = "org.example.sample", .line = 3};
    const struct kp_policy policy = {
        .file = "p.yml", .plugins_line = 2, .rows = &row, .row_count = 1};
    const struct kp_policy *all[] = {&policy};
    struct kp_registry *registry = registry_over(folder);

    expect_found(registry, 0, first);
    ck_assert_int_eq(kp_registry_file(registry, 1)->state, KP_PLUGIN_REJECTED);
    kp_registry_free(registry);
    registry = registry_under(folder, all, 1);
    expect_rejected(registry, 0, first,
                    "refused by p.yml:2: no plugin 'org.example.rival' is allowed");
    expect_found(registry, 1, second);
    kp_registry_free(registry);
}
END_TEST

/* What is built with kpipe is known by its digest, and needs nobody's leave. */
START_TEST(bundled)
{
    char *folder = new_folder();
    char *path = put(folder, "sample", "a.so");
    struct kp_manifest_row manifest[] = {{.name = "a.so"}, {.name = NULL}};
    const struct kp_policy policy = {.file = "p.yml", .plugins_line = 2};
    const struct kp_policy *all[] = {&policy};
    const struct kp_trust trust = {all, 1};
    struct kp_registry_options options = {
        .own_folder = folder, .manifest = manifest, .trust = &trust};
    struct kp_registry *registry = kp_registry_new(&options);

    ck_assert_ptr_nonnull(registry);
    expect_rejected(registry, 0, path,
                    "refused by p.yml:2: no plugin 'org.example.sample' is allowed");
    memcpy(manifest[0].digest, kp_registry_file(registry, 0)->digest, KP_DIGEST_SIZE);
    kp_registry_free(registry);
    registry = kp_registry_new(&options);
    ck_assert_ptr_nonnull(registry);
    expect_found(registry, 0, path);
    ck_assert_int_eq(kp_registry_file(registry, 0)->origin, KP_BUNDLED);
    ck_assert_ptr_null(kp_registry_file(registry, 0)->allowed);
    kp_registry_free(registry);
}
END_TEST

/* Asked again with the bytes that are opened: a signature that is taken away meanwhile counts. */
START_TEST(when_opened)
{
    char *folder = new_folder();
    char *path = put(folder, "sample", "a.so");
    struct kp_trust_key key;
    const struct kp_policy policy = {
        .file = "p.yml", .signature_line = 9, .keys = &key, .key_count = 1};
    const struct kp_policy *all[] = {&policy};
    struct kp_registry *registry;

    make_key(folder, "one", &key);
    sign(folder, "one", "a.so");
    registry = registry_under(folder, all, 1);
    expect_found(registry, 0, path);
    run(text_of("rm %s.sig", path));
    ck_assert(!kp_registry_open(registry, kp_registry_file(registry, 0)));
    ck_assert_str_eq(kp_registry_file(registry, 0)->reason,
                     "refused by p.yml:9: it is not signed: there is no file 'a.so.sig' beside it");
    kp_registry_free(registry);
}
END_TEST
#endif

START_TEST(machine)
{
    const struct kp_requirement *wanted[] = {&kp_requirements[0], &kp_requirements[3]};
    const struct kp_policy policy = {
        .file = "p.yml", .require_line = 5, .require = wanted, .require_count = 2};
    const struct kp_policy *all[] = {&policy};
    const struct kp_trust trust = {all, 1};
    struct kp_arena *arena = kp_arena_new();

    ck_assert_ptr_nonnull(arena);
    ck_assert(kp_trust_requires(&trust) && kp_trust_judges(&trust));
    ck_assert_ptr_null(kp_trust_unmet(&trust, arena, KP_SANDBOX_NAMESPACES | KP_SANDBOX_SECCOMP));
    ck_assert_ptr_null(kp_trust_unmet(&trust, arena, KP_SANDBOX_LANDLOCK | KP_SANDBOX_SECCOMP));
    ck_assert_str_eq(kp_trust_unmet(&trust, arena, KP_SANDBOX_NAMESPACES),
                     "refused by p.yml:5: this machine cannot enforce 'system-calls' (kpipe "
                     "plugins --why)");
    ck_assert_str_eq(
        kp_trust_unmet(&trust, arena, KP_SANDBOX_SECCOMP),
        "refused by p.yml:5: this machine cannot enforce 'files' (kpipe plugins --why)");
    kp_arena_free(arena);
}
END_TEST

START_TEST(isolations)
{
    enum kp_isolation isolation;

    ck_assert(kp_isolation_read("process", &isolation) && isolation == KP_ISOLATION_PROCESS);
    ck_assert(!kp_isolation_read("Process", &isolation));
    ck_assert_int_lt(kp_isolation_strength(KP_ISOLATION_NONE),
                     kp_isolation_strength(KP_ISOLATION_AUTO));
    ck_assert_int_lt(kp_isolation_strength(KP_ISOLATION_AUTO),
                     kp_isolation_strength(KP_ISOLATION_PROCESS));
    ck_assert(kp_isolation_applies(KP_ISOLATION_AUTO, KP_FOREIGN));
    ck_assert(!kp_isolation_applies(KP_ISOLATION_AUTO, KP_BUNDLED));
    ck_assert(kp_isolation_applies(KP_ISOLATION_PROCESS, KP_BUNDLED));
    ck_assert(!kp_isolation_applies(KP_ISOLATION_PROCESS, KP_COMPILED_IN));
    ck_assert(!kp_isolation_applies(KP_ISOLATION_NONE, KP_FOREIGN));
}
END_TEST

static void fill(TCase *tests)
{
#ifndef KPIPE_NO_DLOPEN
    tcase_add_test(tests, ids_and_digests);
    tcase_add_test(tests, signatures);
    tcase_add_test(tests, signed_bytes);
    tcase_add_test(tests, several_policies);
    tcase_add_test(tests, names);
    tcase_add_test(tests, bundled);
    tcase_add_test(tests, when_opened);
#endif
    tcase_add_test(tests, machine);
    tcase_add_test(tests, isolations);
}

int main(void)
{
    return run_case("plugin-trust", fill);
}
