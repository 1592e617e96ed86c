/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/verify.c - the stage `fit-verify`: every hash and signature of a FIT, by the rules of U-Boot of
 * 2026 (boot/image-fit-sig.c), and stricter where these leave a gap: what a signature covers is
 * worked out from the tree itself, never from `hashed-nodes`; it must cover the names of all
 * properties that it covers; each configuration must be signed, and each image must be in one that is.
 *
 * All that is wrong is told, one by one. The output is a report of what was verified.
 */
#include <stdarg.h>
#include <string.h>

#include "fit.h"
#include "public.h"

struct verify_params {
    struct kp_list keys;
    struct kp_text configuration;
    uint8_t has_configuration;
};

struct verifier {
    struct kp_call *call;
    struct fit_frame frame;
    struct fit_publics publics;
    struct fit_digests digests;
    struct fit_covered trusted; /* nodes that good signatures cover */
    uint64_t wrong;
    int has_required, failed; /* the latter: the host failed */
};

/* --- the report --- */

KP_PRINTF(2, 3)
static void say_good(struct verifier *v, const char *format, ...)
{
    char text[KP_REPORT_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (kp_append(v->call, text, strlen(text)) != KP_OK || kp_append(v->call, "\n", 1) != KP_OK)
        v->failed = 1;
}

KP_PRINTF(2, 3)
static void say_wrong(struct verifier *v, const char *format, ...)
{
    char text[KP_REPORT_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    v->call->host->message(v->call, KP_WARNING, text, NULL);
    v->wrong++;
}

static const char *name_of(const struct verifier *v, int node)
{
    return fdt_get_name(v->frame.tree, node, NULL);
}

/* --- hashes --- */

static void check_hash(struct verifier *v, int image, int node)
{
    const struct fit_data *data = fit_data_of(&v->frame, image);
    const char *algo = fit_text(&v->frame, node, "algo");
    const struct fit_algorithm *algorithm =
        algo == NULL ? NULL : fit_find_algorithm(algo, strlen(algo));
    int length = 0;
    const uint8_t *value = fdt_getprop(v->frame.tree, node, "value", &length);

    if (algorithm == NULL)
        say_wrong(v, "%s: %s: algo: %s: not a kind of hash that is known", name_of(v, image),
                  name_of(v, node), algo == NULL ? "missing" : algo);
    else if (value == NULL || length != (int)algorithm->length)
        say_wrong(v, "%s: %s: value: missing, or not as long as %s is", name_of(v, image),
                  name_of(v, node), algorithm->name);
    else if (memcmp(value, fit_digest_of(&v->digests, data, algorithm), algorithm->length) != 0)
        say_wrong(v, "%s: %s: %s: the contents have another", name_of(v, image), name_of(v, node),
                  algorithm->name);
    else
        say_good(v, "%s: %s: %s", name_of(v, image), name_of(v, node), algorithm->name);
}

/* --- one signature --- */

/* The first key whose signature it is; NULL with *why for the key that it names, or for all. */
static const struct fit_public *find_signer(struct verifier *v, int node,
                                            const struct fit_signature_kind *kind,
                                            const uint8_t *digest, const struct fit_public *only,
                                            const char **why)
{
    int length = 0;
    const uint8_t *value = fdt_getprop(v->frame.tree, node, "value", &length);
    const char *algo = fit_text(&v->frame, node, "algo");
    uint64_t i;

    *why = "value: missing: it is not signed";
    if (value == NULL || length <= 0)
        return NULL;
    *why = "none of the keys given";
    for (i = 0; i < v->publics.count; i++) {
        const struct fit_public *key = &v->publics.items[i];
        const char *judged;

        if (only != NULL && key != only)
            continue;
        judged = key->algo != NULL && strcmp(key->algo, algo) != 0
                     ? "algo: not the one that the key is for"
                     : fit_judge_signature(key, kind, digest, value, (size_t)length);
        if (judged == NULL)
            return key;
        *why = judged;
    }
    return NULL;
}

/* --- configurations --- */

/* Whether the strings that the signature covers hold the names of all properties that it covers: else
 * another string could be put behind a name. */
static int names_are_covered(const struct verifier *v, const struct fit_covered *covered,
                             uint32_t strings)
{
    const char *begin = fdt_string(v->frame.tree, 0);
    uint32_t i;
    int property;

    for (i = 0; i < covered->count; i++)
        fdt_for_each_property_offset(property, v->frame.tree, covered->nodes[i])
        {
            const char *name;

            if (fdt_getprop_by_offset(v->frame.tree, property, &name, NULL) == NULL)
                return 0;
            if ((uint64_t)(name - begin) + strlen(name) + 1 > strings &&
                strcmp(name, "data") != 0 && strcmp(name, "data-size") != 0 &&
                strcmp(name, "data-offset") != 0 && strcmp(name, "data-position") != 0)
                return 0;
        }
    return 1;
}

/* What a configuration's signature is of: its digest. */
static int32_t find_digest(const struct verifier *v, int configuration, int node,
                           struct fit_covered *covered, struct fit_signature_kind *kind,
                           uint8_t digest[FIT_DIGEST], const char **why)
{
    int length = 0;
    const uint8_t *range = fdt_getprop(v->frame.tree, node, "hashed-strings", &length);
    uint32_t strings;

    if (fit_signature_kind(&v->frame, node, kind, why) != KP_OK ||
        fit_cover(&v->frame, configuration, NULL, 0, covered, why) != KP_OK)
        return KP_FAILED;
    *why = "hashed-strings: missing, or not two cells of which the first is 0";
    if (range == NULL || length != 8 || kp_be32(range) != 0)
        return KP_FAILED;
    strings = kp_be32(range + 4);
    *why = "hashed-strings: more than there are";
    if (strings > v->frame.strings_read)
        return KP_FAILED;
    *why = "hashed-strings: not all names of properties are covered";
    if (!names_are_covered(v, covered, strings))
        return KP_FAILED;
    return fit_digest_covered(&v->frame, covered, strings, kind->hash, digest, why);
}

static void trust(struct verifier *v, const struct fit_covered *covered)
{
    uint32_t i, j;

    for (i = 0; i < covered->count; i++) {
        for (j = 0; j < v->trusted.count; j++)
            if (v->trusted.nodes[j] == covered->nodes[i])
                break;
        if (j == v->trusted.count && j < FIT_SIGNED_NODES)
            v->trusted.nodes[v->trusted.count++] = covered->nodes[i];
    }
}

/* Whether a signature of the configuration is that of `only`, or of any key if NULL. */
static int is_signed(struct verifier *v, int configuration, const struct fit_public *only,
                     int *node, const char **why)
{
    struct fit_signature_kind kind;
    struct fit_covered covered;
    uint8_t digest[FIT_DIGEST];
    const struct fit_public *key;
    const char *reason;

    *why = "no signature";
    *node = -1;
    for (int at = fdt_first_subnode(v->frame.tree, configuration); at >= 0;
         at = fdt_next_subnode(v->frame.tree, at)) {
        if (!fit_is(&v->frame, at, "signature"))
            continue;
        *node = at;
        if (find_digest(v, configuration, at, &covered, &kind, digest, &reason) == KP_OK &&
            (key = find_signer(v, at, &kind, digest, only, &reason)) != NULL) {
            trust(v, &covered);
            say_good(v, "%s: %s: %s, key %s: %u nodes", name_of(v, configuration), name_of(v, at),
                     fit_text(&v->frame, at, "algo"), key->name, (unsigned)covered.count);
            return 1;
        }
        *why = reason;
    }
    return 0;
}

static void say_unsigned(struct verifier *v, int configuration, int node, const char *key,
                         const char *why)
{
    say_wrong(v, "%s: %s%s%s%s%s", name_of(v, configuration), node < 0 ? "" : name_of(v, node),
              node < 0 ? "" : ": ", key == NULL ? "" : key, key == NULL ? "" : ": ", why);
}

/* By each of the keys that are required, or by one of them; by any if none is. */
static void check_configuration(struct verifier *v, int configuration)
{
    const char *why = "no signature";
    uint64_t i, good = 0, wanted = 0;
    int node = -1;

    if (!v->has_required) {
        if (!is_signed(v, configuration, NULL, &node, &why))
            say_unsigned(v, configuration, node, NULL, why);
        return;
    }
    for (i = 0; i < v->publics.count; i++) {
        const struct fit_public *key = &v->publics.items[i];

        if (key->required == NULL || strcmp(key->required, "conf") != 0)
            continue;
        wanted++;
        if (is_signed(v, configuration, key, &node, &why))
            good++;
        else if (!v->publics.any)
            say_unsigned(v, configuration, node, key->name, why);
    }
    if (v->publics.any && wanted > 0 && good == 0)
        say_unsigned(v, configuration, node, NULL, why);
}

/* --- images --- */

/* Whether a signature of the contents alone is that of the key. */
static int image_is_signed(struct verifier *v, int image, const struct fit_public *only,
                           const char **why)
{
    const struct fit_data *data = fit_data_of(&v->frame, image);
    struct fit_signature_kind kind;
    int node;

    *why = "no signature";
    fdt_for_each_subnode(node, v->frame.tree, image)
    {
        const struct fit_public *key;

        if (!fit_is(&v->frame, node, "signature") ||
            fit_signature_kind(&v->frame, node, &kind, why) != KP_OK)
            continue;
        key = find_signer(v, node, &kind, fit_digest_of(&v->digests, data, kind.hash), only, why);
        if (key == NULL)
            continue;
        say_good(v, "%s: %s: %s, key %s", name_of(v, image), name_of(v, node),
                 fit_text(&v->frame, node, "algo"), key->name);
        return 1;
    }
    return 0;
}

static int is_trusted(const struct verifier *v, int node)
{
    uint32_t i;

    for (i = 0; i < v->trusted.count; i++)
        if (v->trusted.nodes[i] == node)
            return 1;
    return 0;
}

/* U-Boot takes data-position before data-offset before data, others know data alone. */
static void check_place(struct verifier *v, int image)
{
    const struct fit_data *data = fit_data_of(&v->frame, image);
    const int offset = fdt_getprop(v->frame.tree, image, "data-offset", NULL) != NULL;
    const int position = fdt_getprop(v->frame.tree, image, "data-position", NULL) != NULL;

    if (offset + position + !data->external > 1)
        say_wrong(v, "%s: contents in more than one place: loaders differ in which they take",
                  name_of(v, image));
}

/* Whether a property of the configuration names the image. */
static int is_named(const struct verifier *v, int configuration, int image)
{
    int property, length, at;

    fdt_for_each_property_offset(property, v->frame.tree, configuration)
    {
        const char *value = fdt_getprop_by_offset(v->frame.tree, property, NULL, &length);

        if (value == NULL || length <= 0 || value[length - 1] != 0)
            continue;
        for (at = 0; at < length; at += (int)strlen(value + at) + 1)
            if (strcmp(value + at, name_of(v, image)) == 0)
                return 1;
    }
    return 0;
}

static void check_image(struct verifier *v, int image)
{
    const char *why;
    uint64_t i;
    int node;

    if (fit_data_of(&v->frame, image) == NULL) {
        say_wrong(v, "%s: no contents", name_of(v, image));
        return;
    }
    check_place(v, image);
    fdt_for_each_subnode(node, v->frame.tree, image) if (fit_is(&v->frame, node, "hash"))
        check_hash(v, image, node);
    for (i = 0; i < v->publics.count; i++) {
        const struct fit_public *key = &v->publics.items[i];

        if (key->required != NULL && strcmp(key->required, "image") == 0 &&
            !image_is_signed(v, image, key, &why))
            say_wrong(v, "%s: %s: %s", name_of(v, image), key->name, why);
    }
    if (v->publics.count > 0 && !is_trusted(v, image) && !image_is_signed(v, image, NULL, &why))
        say_wrong(v, "%s: no good signature covers it", name_of(v, image));
}

/* --- all of it --- */

/* libfdt takes a name for one with "@..." behind it, and so may U-Boot. */
static void check_names(struct verifier *v)
{
    int node, depth = 0;

    for (node = fdt_next_node(v->frame.tree, -1, &depth); node >= 0;
         node = fdt_next_node(v->frame.tree, node, &depth))
        if (strchr(name_of(v, node), '@') != NULL)
            say_wrong(v, "%s: a name with '@', which U-Boot refuses", name_of(v, node));
}

static int32_t read_keys(struct verifier *v, const struct verify_params *p)
{
    const struct kp_image *const *images = p->keys.items;
    uint64_t i;

    for (i = 0; i < p->keys.count; i++)
        if (fit_read_publics(v->call, images[i], &v->publics) != KP_OK)
            return KP_FAILED;
    for (i = 0; i < v->publics.count; i++)
        v->has_required = v->has_required || v->publics.items[i].required != NULL;
    return KP_OK;
}

static int32_t check_configurations(struct verifier *v, const struct verify_params *p)
{
    const int configurations = fdt_path_offset(v->frame.tree, "/" FIT_CONFIGURATIONS);
    const char *first = configurations < 0 ? NULL : fit_text(&v->frame, configurations, "default");
    int configuration;

    if (p->has_configuration) {
        configuration = fdt_subnode_offset(v->frame.tree, configurations, p->configuration.bytes);
        if (configuration < 0)
            return kp_fail_at(v->call, &p->configuration, "`kpipe inspect` lists them",
                              "configuration: %s: there is none of that name",
                              p->configuration.bytes);
        if (v->publics.count > 0)
            check_configuration(v, configuration);
        return KP_OK;
    }
    if (first != NULL && fdt_subnode_offset(v->frame.tree, configurations, first) < 0)
        say_wrong(v, "configurations: default: %s: there is none of that name", first);
    fdt_for_each_subnode(configuration, v->frame.tree, configurations) if (v->publics.count > 0)
        check_configuration(v, configuration);
    return KP_OK;
}

static int32_t check(struct verifier *v, const struct verify_params *p)
{
    const int images = fdt_path_offset(v->frame.tree, "/" FIT_IMAGES);
    const int configurations = fdt_path_offset(v->frame.tree, "/" FIT_CONFIGURATIONS);
    const int configuration =
        p->has_configuration
            ? fdt_subnode_offset(v->frame.tree, configurations, p->configuration.bytes)
            : -1;
    int image;

    if (images < 0)
        return kp_fail(v->call, "/images: missing: not a FIT");
    fdt_for_each_subnode(image, v->frame.tree,
                         images) if (fit_want_digests(&v->frame, image, &v->digests) !=
                                     KP_OK) return KP_FAILED;
    if (read_keys(v, p) != KP_OK || fit_make_digests(v->call, &v->digests) != KP_OK)
        return KP_FAILED;
    check_names(v);
    if (check_configurations(v, p) != KP_OK)
        return KP_FAILED;
    fdt_for_each_subnode(image, v->frame.tree,
                         images) if (!p->has_configuration || is_named(v, configuration, image))
        check_image(v, image);
    return v->failed ? KP_FAILED : KP_OK;
}

static int32_t run(struct kp_call *call)
{
    const struct verify_params *p = call->params;
    struct verifier v = {.call = call};
    int32_t result;

    if (fit_read(call, call->input, &v.frame) != KP_OK)
        return KP_FAILED;
    result = check(&v, p);
    fit_free_publics(&v.publics);
    if (result == KP_OK && v.wrong > 0)
        return kp_fail(call,
                       "fit: not verified: %llu of its hashes, signatures and names are wrong",
                       (unsigned long long)v.wrong);
    return result;
}

static const char *const kinds[] = {KP_KIND_FIT, KP_KIND_DTB, NULL};

static const struct kp_param *const table[] = {
    KP_IMAGE_LIST(struct verify_params, keys, .flags = KP_PARAM_SHORT,
                  .summary = "public keys: U-Boot's device tree, or files of PEM",
                  .help =
                      "A tree says which keys are required; if none is, as with files of PEM, a "
                      "good signature of any is enough. Without keys the hashes alone are "
                      "verified."),
    KP_TEXT(struct verify_params, configuration,
            .presence = offsetof(struct verify_params, has_configuration), .computed = "all",
            .summary = "verify this configuration and its images alone"),
    NULL,
};

const struct kp_operation fit_verify = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "verify hashes and signatures of a FIT; its output is a report",
    .help =
        "Fails unless every hash is right and, with keys, every configuration is signed as they "
        "require and every image is covered by such a signature. What a signature covers is "
        "worked out from the tree, as U-Boot does since 2026.",
    .input_kinds = kinds,
    .output_kind = KP_KIND_TEXT,
    .params = table,
    .params_size = sizeof(struct verify_params),
    .memory_base = 64u << 20,
    .memory_per_byte = 2,
    .run = run,
};
