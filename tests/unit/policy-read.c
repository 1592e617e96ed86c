/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/policy-read.c - policies in files: what is understood, and what every mistake is
 * called. What policies decide is tested in plugin-trust.c.
 */
#include "engine-shared.h"

#include "policy/policy.h"

static void begin(void)
{
    set_up();
    ck_assert_int_eq(system("openssl genpkey -algorithm ed25519 -out secret.pem 2> /dev/null && "
                            "openssl pkey -in secret.pem -pubout -out key.pem && "
                            "openssl genpkey -algorithm x25519 -out other.pem 2> /dev/null && "
                            "openssl pkey -in other.pem -pubout -out x25519.pem"),
                     0);
}

/* Reads a policy of the user's; NULL after reporting. */
static const struct kp_policy *read_user(const char *text)
{
    const struct kp_policy_files files = {.user = "p.yml"};
    const struct kp_trust *trust;

    put_file("p.yml", text);
    trust = kp_policy_read(arena, diags, &files);
    if (trust == NULL)
        return NULL;
    ck_assert_uint_eq(trust->count, 1);
    expect_findings("");
    return trust->policies[0];
}

static void refuse(const char *text, const char *findings)
{
    ck_assert_ptr_null(read_user(text));
    kp_diags_sort(diags);
    expect_findings(findings);
    kp_diags_free(diags); /* the next text has the same name */
    diags = kp_diags_new();
    findings_seen = 0;
    ck_assert_ptr_nonnull(diags);
}

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

START_TEST(whole)
{
    const struct kp_policy *policy = read_user("kpipe-policy: 1\n"
                                               "plugins:\n"
                                               "  - id: com.acme.header\n"
                                               "    digests: [" DIGEST "]\n"
                                               "    signed: true\n"
                                               "  - {id: org.example.other}\n"
                                               "keys: [key.pem]\n"
                                               "require-signature: true\n"
                                               "isolation: process\n"
                                               "require: [files, system-calls]\n"
                                               "limits: {seconds: 60, memory: 2G, threads: 16}\n");

    ck_assert_ptr_nonnull(policy);
    ck_assert_str_eq(policy->file, "p.yml");
    ck_assert_uint_eq(policy->plugins_line, 3);
    ck_assert_uint_eq(policy->row_count, 2);
    ck_assert_str_eq(policy->rows[0].id, "com.acme.header");
    ck_assert_uint_eq(policy->rows[0].digest_count, 1);
    ck_assert_uint_eq(policy->rows[0].digests[0][0], 0x01);
    ck_assert_uint_eq(policy->rows[0].digests[0][31], 0xef);
    ck_assert(policy->rows[0].is_signed);
    ck_assert_uint_eq(policy->rows[0].line, 3);
    ck_assert_uint_eq(policy->rows[1].digest_count, 0);
    ck_assert(!policy->rows[1].is_signed);
    ck_assert_uint_eq(policy->rows[1].line, 6);
    ck_assert_uint_eq(policy->key_count, 1);
    ck_assert_str_eq(policy->keys[0].path, "key.pem");
    ck_assert_uint_eq(policy->signature_line, 8);
    ck_assert_uint_eq(policy->isolation_line, 9);
    ck_assert_int_eq(policy->isolation, KP_ISOLATION_PROCESS);
    ck_assert_uint_eq(policy->require_line, 10);
    ck_assert_uint_eq(policy->require_count, 2);
    ck_assert_str_eq(policy->require[1]->name, "system-calls");
    ck_assert_uint_eq(policy->limits.seconds, 60);
    ck_assert_uint_eq(policy->limits.memory, UINT64_C(2) << 30);
    ck_assert_uint_eq(policy->limits.threads, 16);
    ck_assert_uint_eq(policy->threads_line, 11);
}
END_TEST

START_TEST(least)
{
    const struct kp_policy *policy = read_user("kpipe-policy: 1\n");

    ck_assert_ptr_nonnull(policy);
    ck_assert_uint_eq(policy->plugins_line, 0);
    ck_assert_uint_eq(policy->isolation_line, 0);
    policy = read_user("kpipe-policy: 1\nplugins: []\nrequire-signature: false\n");
    ck_assert_ptr_nonnull(policy);
    ck_assert_uint_eq(policy->plugins_line, 2);
    ck_assert_uint_eq(policy->row_count, 0);
    ck_assert_uint_eq(policy->signature_line, 0);
}
END_TEST

START_TEST(keys_of_the_map)
{
    refuse("plugins: []\n",
           "p.yml: error: policy: 'kpipe-policy' is missing: the version of the language of "
           "policies [KP1621]\n"
           "  hint: begin the policy with 'kpipe-policy: 1'\n");
    refuse("", "p.yml: error: policy: 'kpipe-policy' is missing: the version of the language of "
               "policies [KP1621]\n"
               "  hint: begin the policy with 'kpipe-policy: 1'\n");
    refuse("kpipe-policy: 2\n",
           "p.yml:1:15: error: policy: kpipe-policy: '2': no version that this "
           "kpipe knows [KP1620]\n"
           "    1 | kpipe-policy: 2\n"
           "      |               ^\n"
           "  hint: write 'kpipe-policy: 1'\n");
    refuse("kpipe-policy: 1\nplugin: []\nlimits: {second: 3}\nfrobnicate: 1\n",
           "p.yml:2:1: error: policy: unknown key 'plugin' [KP1618]\n"
           "    2 | plugin: []\n"
           "      | ^~~~~~\n"
           "  hint: did you mean 'plugins'?\n"
           "p.yml:3:10: error: policy: unknown key 'second' [KP1618]\n"
           "    3 | limits: {second: 3}\n"
           "      |          ^~~~~~\n"
           "  hint: did you mean 'seconds'?\n"
           "p.yml:4:1: error: policy: unknown key 'frobnicate' [KP1618]\n"
           "    4 | frobnicate: 1\n"
           "      | ^~~~~~~~~~\n");
    refuse("kpipe-policy: 1\nplugins: yes\nrequire-signature: maybe\nkeys: key.pem\n",
           "p.yml:2:10: error: policy: plugins: must be a list of maps with an 'id' each [KP1619]\n"
           "    2 | plugins: yes\n"
           "      |          ^~~\n"
           "p.yml:3:20: error: policy: require-signature: must be true or false [KP1619]\n"
           "    3 | require-signature: maybe\n"
           "      |                    ^~~~~\n"
           "p.yml:4:7: error: policy: keys: must be a list of files [KP1619]\n"
           "    4 | keys: key.pem\n"
           "      |       ^~~~~~~\n");
}
END_TEST

START_TEST(rows)
{
    refuse("kpipe-policy: 1\n"
           "plugins:\n"
           "  - {id: acme, digest: x}\n"
           "  - {digests: [" DIGEST "]}\n"
           "  - com.acme.header\n",
           "p.yml:3:10: error: policy: id: 'acme': not an id, as in com.example.name [KP1620]\n"
           "    3 |   - {id: acme, digest: x}\n"
           "      |          ^~~~\n"
           "  hint: `kpipe plugins --why` shows the id of each plugin\n"
           "p.yml:3:16: error: policy: unknown key 'digest' [KP1618]\n"
           "    3 |   - {id: acme, digest: x}\n"
           "      |                ^~~~~~\n"
           "  hint: did you mean 'digests'?\n"
           "p.yml:4:5: error: policy: plugins: must be a list of maps with an 'id' each [KP1619]\n"
           "    4 |   - {digests: [" DIGEST "]}\n"
           "      |     ^\n"
           "p.yml:5:5: error: policy: plugins: must be a list of maps with an 'id' each [KP1619]\n"
           "    5 |   - com.acme.header\n"
           "      |     ^~~~~~~~~~~~~~~\n");
    /* An empty list of digests would allow any; one without keys is signed by nobody. */
    refuse("kpipe-policy: 1\nplugins:\n  - {id: com.acme.x, digests: []}\n"
           "  - {id: com.acme.x, digests: [12, 0X]}\n  - {id: com.acme.y, signed: true}\n",
           "p.yml:3:31: error: policy: digests: must be a list of digests [KP1619]\n"
           "    3 |   - {id: com.acme.x, digests: []}\n"
           "      |                               ^\n"
           "p.yml:4:32: error: policy: digests: '12': not 64 digits of 0-9 and a-f [KP1620]\n"
           "    4 |   - {id: com.acme.x, digests: [12, 0X]}\n"
           "      |                                ^~\n"
           "  hint: `kpipe plugins --why` shows the digest of each plugin\n"
           "p.yml:4:36: error: policy: digests: '0X': not 64 digits of 0-9 and a-f [KP1620]\n"
           "    4 |   - {id: com.acme.x, digests: [12, 0X]}\n"
           "      |                                    ^~\n"
           "  hint: `kpipe plugins --why` shows the digest of each plugin\n"
           "p.yml:5:30: error: policy: signed: 'true': the policy has no 'keys' [KP1620]\n"
           "    5 |   - {id: com.acme.y, signed: true}\n"
           "      |                              ^~~~\n"
           "  hint: without a key nothing is signed by one\n");
}
END_TEST

START_TEST(values)
{
    refuse("kpipe-policy: 1\nisolation: none\nrequire: [file, cgroups]\nrequire-signature: true\n",
           "p.yml:2:12: error: policy: isolation: must be auto or process, the least that is "
           "accepted [KP1619]\n"
           "    2 | isolation: none\n"
           "      |            ^~~~\n"
           "p.yml:3:11: error: policy: require: 'file': not one of files, network, processes, "
           "system-calls [KP1620]\n"
           "    3 | require: [file, cgroups]\n"
           "      |           ^~~~\n"
           "  hint: did you mean 'files'?\n"
           "p.yml:3:17: error: policy: require: 'cgroups': not one of files, network, processes, "
           "system-calls [KP1620]\n"
           "    3 | require: [file, cgroups]\n"
           "      |                 ^~~~~~~\n"
           "p.yml:4:20: error: policy: require-signature: 'true': the policy has no 'keys' "
           "[KP1620]\n"
           "    4 | require-signature: true\n"
           "      |                    ^~~~\n"
           "  hint: without a key nothing is signed by one\n");
    refuse("kpipe-policy: 1\nlimits: {seconds: 0, memory: 1M, threads: many}\n",
           "p.yml:2:19: error: policy: seconds: '0': out of range 1..86400 [KP1620]\n"
           "    2 | limits: {seconds: 0, memory: 1M, threads: many}\n"
           "      |                   ^\n"
           "p.yml:2:30: error: policy: memory: '1M': less than 64M, with which no worker starts "
           "[KP1620]\n"
           "    2 | limits: {seconds: 0, memory: 1M, threads: many}\n"
           "      |                              ^~\n"
           "p.yml:2:43: error: policy: threads: 'many': not a number [KP1620]\n"
           "    2 | limits: {seconds: 0, memory: 1M, threads: many}\n"
           "      |                                           ^~~~\n");
}
END_TEST

#define KEY_HINT                                                                                   \
    "  hint: a key is made by: openssl genpkey -algorithm ed25519 -out key.pem; openssl pkey -in " \
    "key.pem -pubout -out public.pem\n"

START_TEST(key_files)
{
    refuse("kpipe-policy: 1\nkeys: [none.pem, secret.pem, x25519.pem, p.yml]\n",
           "p.yml:2:8: error: policy: keys: 'none.pem': No such file or directory [KP1620]\n"
           "    2 | keys: [none.pem, secret.pem, x25519.pem, p.yml]\n"
           "      |        ^~~~~~~~\n" KEY_HINT
           "p.yml:2:18: error: policy: keys: 'secret.pem': not a public key in PEM [KP1620]\n"
           "    2 | keys: [none.pem, secret.pem, x25519.pem, p.yml]\n"
           "      |                  ^~~~~~~~~~\n" KEY_HINT
           "p.yml:2:30: error: policy: keys: 'x25519.pem': not a key of Ed25519 [KP1620]\n"
           "    2 | keys: [none.pem, secret.pem, x25519.pem, p.yml]\n"
           "      |                              ^~~~~~~~~~\n" KEY_HINT
           "p.yml:2:42: error: policy: keys: 'p.yml': not a public key in PEM [KP1620]\n"
           "    2 | keys: [none.pem, secret.pem, x25519.pem, p.yml]\n"
           "      |                                          ^~~~~\n" KEY_HINT);
    ck_assert_int_eq(chmod("key.pem", 0666), 0);
    refuse("kpipe-policy: 1\nkeys: [key.pem]\n",
           "p.yml:2:8: error: policy: keys: 'key.pem': everybody may write to it [KP1620]\n"
           "    2 | keys: [key.pem]\n"
           "      |        ^~~~~~~\n" KEY_HINT);
}
END_TEST

/* Which files have to be there, and whose they may be. */
START_TEST(files_of_policies)
{
    const char *const more[] = {"no.yml"};
    struct kp_policy_files files = {.system = "/no/system.yml", .user = "no-user.yml"};
    const struct kp_trust *trust = kp_policy_read(arena, diags, &files);
    char expected[512];
    char *system_file = kp_arena_printf(arena, "%s/system.yml", test_folder);

    ck_assert_ptr_nonnull(trust);
    ck_assert_uint_eq(trust->count, 0);
    files.more = more;
    files.more_count = 1;
    ck_assert_ptr_null(kp_policy_read(arena, diags, &files));
    expect_findings("kpipe: error: policy no.yml: No such file or directory [KP1617]\n");
    put_file("no.yml", "kpipe-policy: 1\n");
    put_file("no-user.yml", "kpipe-policy: 1\n");
    ck_assert_int_eq(chmod("no-user.yml", 0646), 0);
    ck_assert_ptr_null(kp_policy_read(arena, diags, &files));
    expect_findings("kpipe: error: policy no-user.yml: everybody may write to it [KP1617]\n");
    ck_assert_int_eq(chmod("no-user.yml", 0644), 0);
    trust = kp_policy_read(arena, diags, &files);
    ck_assert(trust != NULL && trust->count == 2);
    ck_assert_str_eq(trust->policies[0]->file, "no-user.yml");
    ck_assert_str_eq(trust->policies[1]->file, "no.yml");
    files.user = test_folder;
    ck_assert_ptr_null(kp_policy_read(arena, diags, &files));
    snprintf(expected, sizeof(expected), "kpipe: error: policy %s: not a file [KP1617]\n",
             test_folder);
    expect_findings(expected);

    /* The system's. */
    put_file("system.yml", "kpipe-policy: 1\n");
    if (geteuid() == 0)
        ck_assert_int_eq(chown("system.yml", 1000, 0), 0);
    files = (struct kp_policy_files){.system = system_file};
    ck_assert_ptr_null(kp_policy_read(arena, diags, &files));
    snprintf(expected, sizeof(expected),
             "kpipe: error: policy %s: %s belongs to user %u [KP1617]\n"
             "  hint: the system's policy and all on the way to it must belong to root, and nobody "
             "else may write to them\n",
             system_file, geteuid() == 0 ? system_file : test_folder,
             geteuid() == 0 ? 1000 : geteuid());
    expect_findings(expected);
    if (geteuid() != 0)
        return;
    ck_assert_int_eq(chown("system.yml", 0, 0), 0);
    trust = kp_policy_read(arena, diags, &files);
    ck_assert(trust != NULL && trust->count == 1);
}
END_TEST

/* Keys of the system's policy are as much the system's. */
START_TEST(system_keys)
{
    struct kp_policy_files files = {.system = kp_arena_printf(arena, "%s/s.yml", test_folder)};
    char expected[512];

    if (geteuid() != 0)
        return;
    put_file("s.yml", "kpipe-policy: 1\nkeys: [key.pem]\n");
    ck_assert_ptr_nonnull(kp_policy_read(arena, diags, &files));
    ck_assert_int_eq(chown("key.pem", 1000, 1000), 0);
    ck_assert_ptr_null(kp_policy_read(arena, diags, &files));
    snprintf(expected, sizeof(expected),
             "%s:2:8: error: policy: keys: 'key.pem': %s/key.pem belongs to user 1000 [KP1620]\n"
             "    2 | keys: [key.pem]\n"
             "      |        ^~~~~~~\n" KEY_HINT,
             files.system, test_folder);
    expect_findings(expected);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, whole);
    tcase_add_test(tests, least);
    tcase_add_test(tests, keys_of_the_map);
    tcase_add_test(tests, rows);
    tcase_add_test(tests, values);
    tcase_add_test(tests, key_files);
    tcase_add_test(tests, files_of_policies);
    tcase_add_test(tests, system_keys);
}

int main(void)
{
    return run_tests("policy-read", begin, tear_down, fill);
}
