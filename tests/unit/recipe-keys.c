/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/recipe-keys.c - the section `keys`: what a key may be, where its paths count from,
 * how bases merge and the matrix multiplies. The texts of what is wrong with one are
 * tests/cli/keys.sh's.
 */
#include "recipe-shared.h"

#define REST "inputs: {k: k}\noutputs: [k]\n"
#define READ "input k: k\n"
#define OUT "output k > k\n"

START_TEST(forms)
{
    accept("kpipe: 1\nkeys: {a: a.pem, b: 'pkcs11:object=b', c: {file: /c, secret-from: p},\n"
           "  d: {pkcs11: 'pkcs11:object=d', secret-from: /p}, e: {file: e}}\n" REST,
           READ "key a (a): a.pem\nkey b (b): pkcs11:object=b in .\nkey c (c): /c by p\n"
                "key d (d): pkcs11:object=d in . by /p\nkey e (e): e\n" OUT);
    accept("kpipe: 1\nkeys:\n" REST, READ OUT);
    accept("kpipe: 1\nkeys: {}\n" REST, READ OUT);
    refuse("kpipe: 1\nkeys: [a]\n" REST, "r.yml:2:7: error: 'keys': must be a map, not a list "
                                         "[KP1105]\n    2 | keys: [a]\n      |       ^\n");
}
END_TEST

/* A key, an input and an image may share a name. */
START_TEST(a_namespace_of_their_own)
{
    accept("kpipe: 1\nkeys: {k: a.pem, i: b.pem}\ninputs: {k: k}\n"
           "images: {i: [k, {sign: {key: k, keys: [i, k]}}]}\noutputs: [i]\n",
           READ "key k (k): a.pem\nkey i (i): b.pem\n"
                "image i: k | <sign>{key: k, keys: [i, k]}\noutput i > i\n");
    refuse("kpipe: 1\nkeys: {dev: a.pem}\ninputs: {k: k}\nimages: {i: [k, {sign: k}]}\n"
           "outputs: [i]\n",
           "r.yml:4:24: error: 'k': no key has that name [KP1161]\n"
           "    4 | images: {i: [k, {sign: k}]}\n"
           "      |                        ^\n"
           "  hint: keys are named under 'keys'\n");
    refuse("kpipe: 1\nkeys: {dev: a.pem}\ninputs: {k: k}\nimages: {i: [dev, {sign: dev.x}]}\n"
           "outputs: [i]\n",
           "r.yml:4:14: error: 'dev': no input or image has that name [KP1108]\n"
           "    4 | images: {i: [dev, {sign: dev.x}]}\n"
           "      |              ^~~\n"
           "  hint: a stage that begins a chain is a map: {dev: }\n"
           "r.yml:4:26: error: 'dev.x': no key has that name [KP1161]\n"
           "    4 | images: {i: [dev, {sign: dev.x}]}\n"
           "      |                          ^~~~~\n"
           "  hint: keys are named under 'keys'\n");
}
END_TEST

START_TEST(variables)
{
    set("given", "from/set.pem");
    accept("kpipe: 1\nvars: {folder: keys, given: x, object: b}\n"
           "keys: {a: $(folder)/a.pem, b: 'pkcs11:object=$(object)', c: $(given)}\n" REST,
           READ "key a (a): keys/a.pem\nkey b (b): pkcs11:object=b in .\n"
                "key c (c): from/set.pem\n" OUT);
    /* What has no value is left out as long as nothing needs it. */
    accept("kpipe: 1\nvars: {unset: }\nkeys: {a: $(unset), b: b}\n" REST,
           READ "key b (b): b\n" OUT);
    refuse("kpipe: 1\nvars: {unset: }\nkeys: {a: $(unset)}\ninputs: {k: k}\n"
           "images: {i: [k, {sign: a}]}\noutputs: [i]\n",
           "r.yml:2:8: error: variable 'unset' must be set [KP1121]\n"
           "    2 | vars: {unset: }\n"
           "      |        ^~~~~\n"
           "  hint: use --set unset=VALUE\n");
}
END_TEST

START_TEST(bases)
{
    write_file("base/b.yml", "keys:\n"
                             "  same: {file: a.pem, secret-from: a.pass}\n"
                             "  file: {file: a.pem, secret-from: a.pass}\n"
                             "  pass: {file: a.pem, secret-from: a.pass}\n"
                             "  token: {file: a.pem, secret-from: a.pass}\n"
                             "  plain: {file: a.pem, secret-from: a.pass}\n"
                             "  uri: pkcs11:object=u\n");
    accept("kpipe: 1\nextends: base/b.yml\nkeys:\n"
           "  file: {file: b.pem}\n"
           "  pass: {secret-from: b.pass}\n"
           "  token: {pkcs11: 'pkcs11:object=t'}\n"
           "  plain: b.pem\n" REST,
           READ "key same (same): base/a.pem by base/a.pass\n"
                "key file (file): b.pem\n"
                "key pass (pass): base/a.pem by b.pass\n"
                "key token (token): pkcs11:object=t in .\n"
                "key plain (plain): b.pem\n"
                "key uri (uri): pkcs11:object=u in base\n" OUT);
}
END_TEST

START_TEST(the_matrix)
{
    accept("kpipe: 1\nmatrix: {b: [x, y]}\nkeys: {dev: $(b).pem, one: one.pem}\n"
           "inputs: {k: k}\nimages:\n"
           "  i: [k, {sign: {key: dev, keys: [one]}}]\n"
           "  all: [k, {sign: {keys: [one, dev]}}]\n"
           "  alone: [k, {sign: {keys: dev}}]\n"
           "outputs: [{i: $(b)}, all, alone]\n",
           READ "key dev(b=x) (dev): x.pem\nkey dev(b=y) (dev): y.pem\nkey one (one): one.pem\n"
                "image i(b=x): k | <sign>{key: dev(b=x), keys: [one]}\n"
                "image i(b=y): k | <sign>{key: dev(b=y), keys: [one]}\n"
                "image all: k | <sign>{keys: [one, dev(b=x), dev(b=y)]}\n"
                "image alone: k | <sign>{keys: [dev(b=x), dev(b=y)]}\n"
                "output i(b=x) > x\noutput i(b=y) > y\noutput all > all\noutput alone > alone\n");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {forms, a_namespace_of_their_own, variables, bases, the_matrix};

    return run_tests("recipe-keys", tests, sizeof(tests) / sizeof(tests[0]));
}
