/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/signer.c - a stage that uses keys, or breaks the rules of kpipe/key.h, one way
 * each. Its main input is the digest that is signed, or what is encrypted.
 */
#include <kpipe/kpipe.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { FACTS, PUBLIC, SIGN, ENCRYPT, INNER, WAIT };

enum {
    FINE,
    NO_KEY,
    NONE,
    STALE,
    SHORT,
    NO_FACTS,
    SCHEME,
    HASH,
    DIGEST,
    SALT,
    CIPHER,
    IV,
    NO_IMAGE,
    SMALL_FACTS, /* no misuse */
};

struct signer_params {
    const struct kp_key *key;
    struct kp_list keys; /* of const struct kp_key * */
    const struct kp_stage_value *inner;
    uint64_t salt;
    uint32_t how, scheme, hash, misuse;
    uint8_t has_salt;
};

static const char *const hash_names[] = {"sha1", "sha256", "sha384", "sha512"};
/* A handle of an earlier call. */
static const struct kp_key *stale;

static const struct kp_keys *keys_of(struct kp_call *call)
{
    return call->host->get_extension(call->host, KP_KEYS_ID);
}

static int32_t put_facts(struct kp_call *call, const struct kp_key *key)
{
    struct kp_key_facts facts = {.size = sizeof(facts)};
    static const char *const types[] = {"?", "rsa", "ec", "secret"};
    char text[300];

    if (keys_of(call)->describe(call, key, &facts) != KP_OK)
        return KP_FAILED;
    snprintf(text, sizeof(text), "%s %s %u %llu\n", facts.name,
             types[facts.type <= KP_KEY_SECRET ? facts.type : 0], (unsigned)facts.bits,
             (unsigned long long)(facts.public_key == NULL
                                      ? 0
                                      : call->host->image_size(call, facts.public_key)));
    return call->host->output_append(call, call->output, text, strlen(text));
}

static int32_t facts_run(struct kp_call *call, const struct signer_params *params)
{
    const struct kp_key *const *keys = params->keys.items;

    if (params->key != NULL && put_facts(call, params->key) != KP_OK)
        return KP_FAILED;
    for (uint64_t i = 0; i < params->keys.count; i++)
        if (put_facts(call, keys[i]) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

static int32_t take(struct kp_call *call, const struct kp_image *image)
{
    return image == NULL ? KP_FAILED : kp_append_image(call, image);
}

static int32_t sign_run(struct kp_call *call, const struct signer_params *params)
{
    uint8_t digest[64];
    const uint64_t length = call->host->image_size(call, call->input);
    struct kp_signing what = {.size = sizeof(what),
                              .scheme = params->scheme,
                              .salt_length = params->has_salt ? (uint32_t)params->salt : 0,
                              .hash = hash_names[params->hash],
                              .digest = digest,
                              .length = length};

    if (length > sizeof(digest) || call->host->image_read(call, call->input, 0, digest, length))
        return kp_fail(call, "its input is no digest");
    if (what.scheme == KP_SIGN_RSA_PSS && !params->has_salt)
        what.salt_length = KP_SALT_MOST;
    if (params->misuse == SCHEME)
        what.scheme = 4;
    if (params->misuse == HASH)
        what.hash = "md5";
    if (params->misuse == DIGEST)
        what.digest = NULL;
    if (params->misuse == SALT)
        what.salt_length = 1;
    if (params->misuse == SHORT)
        what.size = 8;
    return take(call, keys_of(call)->sign(call, params->key, &what));
}

static int32_t encrypt_run(struct kp_call *call, const struct signer_params *params)
{
    static const uint8_t iv[16] = "initial vector..";

    return take(call, keys_of(call)->encrypt(call, params->key,
                                             params->misuse == CIPHER ? 2 : KP_ENCRYPT_AES_CBC,
                                             params->misuse == IV ? NULL : iv, sizeof(iv),
                                             params->misuse == NO_IMAGE ? NULL : call->input));
}

/* Until somebody has looked at the process. */
static int32_t wait_run(struct kp_call *call, const struct signer_params *params)
{
    const struct timespec moment = {.tv_nsec = 20000000};

    if (sign_run(call, params) != KP_OK)
        return KP_FAILED;
    call->host->message(call, KP_NOTE, "signed, and waits", NULL);
    while (call->host->cancelled(call) == 0)
        nanosleep(&moment, NULL);
    return KP_FAILED;
}

static int32_t public_run(struct kp_call *call, const struct signer_params *params)
{
    struct kp_key_facts facts = {.size = params->misuse == SMALL_FACTS ? 16 : sizeof(facts)};

    if (params->misuse == NO_FACTS)
        return keys_of(call)->describe(call, params->key, NULL);
    if (keys_of(call)->describe(call, params->key, &facts) != KP_OK)
        return KP_FAILED;
    if (params->misuse == SMALL_FACTS)
        return facts.name == NULL && facts.bits > 0 ? kp_append_image(call, call->input)
                                                    : kp_fail(call, "more than it has room for");
    return take(call, facts.public_key);
}

static int32_t signer_run(struct kp_call *call)
{
    struct signer_params params = *(const struct signer_params *)call->params;

    if (params.misuse == NO_KEY)
        params.key = NULL;
    if (params.misuse == NONE)
        params.key = (const struct kp_key *)(const void *)call;
    if (params.misuse == STALE)
        params.key = stale;
    else if (params.key != NULL)
        stale = params.key;
    switch (params.how) {
    case FACTS:
        return facts_run(call, &params);
    case PUBLIC:
        return public_run(call, &params);
    case SIGN:
        return sign_run(call, &params);
    case ENCRYPT:
        return encrypt_run(call, &params);
    case WAIT:
        return wait_run(call, &params);
    default:
        return take(call, call->host->run_stage(call, params.inner, call->input));
    }
}

static int32_t signer_inspect(struct kp_call *call)
{
    struct kp_key_facts facts = {.size = sizeof(facts)};

    return keys_of(call)->describe(call, (const struct kp_key *)(const void *)call, &facts);
}

static const struct kp_choice *const ways[] = {
    KP_ONE_OF(FACTS, "facts", "what keys are"),
    KP_ONE_OF(PUBLIC, "public", "the public part"),
    KP_ONE_OF(SIGN, "sign", "a signature"),
    KP_ONE_OF(ENCRYPT, "encrypt", "the input encrypted"),
    KP_ONE_OF(INNER, "inner", "what a stage makes"),
    KP_ONE_OF(WAIT, "wait", "a signature, and never the end"),
    NULL,
};

static const struct kp_choice *const schemes[] = {
    KP_ONE_OF(KP_SIGN_RSA_PKCS1, "pkcs1", "s"),
    KP_ONE_OF(KP_SIGN_RSA_PSS, "pss", "s"),
    KP_ONE_OF(KP_SIGN_ECDSA, "ecdsa", "s"),
    NULL,
};

static const struct kp_choice *const hashes[] = {
    KP_ONE_OF(0, "sha1", "s"),
    KP_ONE_OF(1, "sha256", "s"),
    KP_ONE_OF(2, "sha384", "s"),
    KP_ONE_OF(3, "sha512", "s"),
    NULL,
};

static const struct kp_choice *const misuses[] = {
    KP_ONE_OF(FINE, "none", "s"),
    KP_ONE_OF(NO_KEY, "no-key", "s"),
    KP_ONE_OF(NONE, "no-handle", "s"),
    KP_ONE_OF(STALE, "stale", "s"),
    KP_ONE_OF(SHORT, "short", "s"),
    KP_ONE_OF(NO_FACTS, "no-facts", "s"),
    KP_ONE_OF(SCHEME, "scheme", "s"),
    KP_ONE_OF(HASH, "hash", "s"),
    KP_ONE_OF(DIGEST, "digest", "s"),
    KP_ONE_OF(SALT, "salt", "s"),
    KP_ONE_OF(CIPHER, "cipher", "s"),
    KP_ONE_OF(IV, "iv", "s"),
    KP_ONE_OF(NO_IMAGE, "no-image", "s"),
    KP_ONE_OF(SMALL_FACTS, "small-facts", "s"),
    NULL,
};

static const struct kp_param *const signer_table[] = {
    KP_KEY(struct signer_params, key, .flags = KP_PARAM_SHORT, .summary = "the key"),
    KP_KEY_LIST(struct signer_params, keys, .max_items = 16, .summary = "further keys"),
    KP_STAGE(struct signer_params, inner, .summary = "a stage to run"),
    KP_UINT(struct signer_params, salt, .presence = offsetof(struct signer_params, has_salt),
            .maximum = UINT32_MAX, .summary = "bytes of salt"),
    KP_CHOICE(struct signer_params, how, .choices = ways, .fallback = "facts", .summary = "how"),
    KP_CHOICE(struct signer_params, scheme, .choices = schemes, .fallback = "pkcs1",
              .summary = "the scheme"),
    KP_CHOICE(struct signer_params, hash, .choices = hashes, .fallback = "sha256",
              .summary = "the hash"),
    KP_CHOICE(struct signer_params, misuse, .choices = misuses, .fallback = "none",
              .summary = "what is wrong"),
    NULL,
};

static const struct kp_operation signer_pack = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_ANY,
    .summary = "use keys",
    .params = signer_table,
    .params_size = sizeof(struct signer_params),
    .run = signer_run,
};

static const char *const signer_kinds[] = {"signer", NULL};

static const struct kp_format signer_format = {.size = sizeof(struct kp_format),
                                               .name = "signer",
                                               .summary = "tests",
                                               .kinds = signer_kinds,
                                               .pack = &signer_pack,
                                               .inspect = signer_inspect};

static const struct kp_format *const signer_formats[] = {&signer_format, NULL};

KP_PLUGIN("org.example.signer", "signer", "1.0.0", "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "keys",
          KP_OFFERS_FORMAT("signer") KP_OFFERS_STAGE("signer")
              KP_MAGIC("signer", "0", "5349474e4552", "ffffffffffff"),
          .formats = signer_formats)
