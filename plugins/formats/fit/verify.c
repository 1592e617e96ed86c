/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/verify.c - the stage `fit-verify`: every hash and signature of a FIT, by the rules of U-Boot of
 * 2026 (boot/image-fit-sig.c), and stricter where these leave a gap: what a signature covers is
 * worked out from the tree itself, never from `hashed-nodes`; it must cover the names of all
 * properties that it covers; each configuration must be signed, and each image must be in one that is,
 * or be signed itself.
 *
 * All that is wrong is told, one by one. The output is a report of what was verified.
 */
#include <stdarg.h>
#include <string.h>

#include "verify.h"

struct verify_params {
    struct kp_list keys;
    struct kp_text configuration;
    uint8_t has_configuration;
};

/* --- the report --- */

KP_PRINTF(2, 3)
void fit_say_good(struct fit_verifier *v, const char *format, ...)
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
void fit_say_wrong(struct fit_verifier *v, const char *format, ...)
{
    char text[KP_REPORT_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    v->call->host->message(v->call, KP_WARNING, text, NULL);
    v->wrong++;
}

const char *fit_node_name(const struct fit_verifier *v, int node)
{
    return fdt_get_name(v->frame.tree, node, NULL);
}

/* --- hashes --- */

static void check_hash(struct fit_verifier *v, int image, int node)
{
    const struct fit_data *data = fit_data_of(&v->frame, image);
    const char *algo = fit_text(&v->frame, node, "algo");
    const struct fit_algorithm *algorithm =
        algo == NULL ? NULL : fit_find_algorithm(algo, strlen(algo));
    int length = 0;
    const uint8_t *value = fdt_getprop(v->frame.tree, node, "value", &length);

    if (algorithm == NULL)
        fit_say_wrong(v, "%s: %s: algo: %s: not a kind of hash that is known",
                      fit_node_name(v, image), fit_node_name(v, node),
                      algo == NULL ? "missing" : algo);
    else if (value == NULL || length != (int)algorithm->length)
        fit_say_wrong(v, "%s: %s: value: missing, or not as long as %s is", fit_node_name(v, image),
                      fit_node_name(v, node), algorithm->name);
    else if (memcmp(value, fit_digest_of(&v->digests, data, algorithm), algorithm->length) != 0)
        fit_say_wrong(v, "%s: %s: %s: the contents have another", fit_node_name(v, image),
                      fit_node_name(v, node), algorithm->name);
    else
        fit_say_good(v, "%s: %s: %s", fit_node_name(v, image), fit_node_name(v, node),
                     algorithm->name);
}

/* --- images --- */

/* Whether a signature of the contents alone is that of the key. */
static int image_is_signed(struct fit_verifier *v, int image, const struct fit_public *only,
                           const char **why)
{
    const struct fit_data *data = fit_data_of(&v->frame, image);
    struct fit_signature_kind kind;
    int node;

    *why = "no signature";
    fdt_for_each_subnode(node, v->frame.tree, image) {
        const struct fit_public *key;

        if (!fit_is(&v->frame, node, "signature") ||
            fit_signature_kind(&v->frame, node, &kind, why) != KP_OK)
            continue;
        key =
            fit_find_signer(v, node, &kind, fit_digest_of(&v->digests, data, kind.hash), only, why);
        if (key == NULL)
            continue;
        fit_say_good(v, "%s: %s: %s, key %s", fit_node_name(v, image), fit_node_name(v, node),
                     fit_text(&v->frame, node, "algo"), key->name);
        return 1;
    }
    return 0;
}

/* U-Boot takes data-position before data-offset before data, others know data alone. */
static void check_place(struct fit_verifier *v, int image)
{
    const struct fit_data *data = fit_data_of(&v->frame, image);
    const int offset = fdt_getprop(v->frame.tree, image, "data-offset", NULL) != NULL;
    const int position = fdt_getprop(v->frame.tree, image, "data-position", NULL) != NULL;

    if (offset + position + !data->external > 1)
        fit_say_wrong(v, "%s: contents in more than one place: loaders differ in which they take",
                      fit_node_name(v, image));
}

static void check_image(struct fit_verifier *v, int image)
{
    const char *why;
    uint64_t i;
    int node;

    if (fit_data_of(&v->frame, image) == NULL) {
        fit_say_wrong(v, "%s: no contents", fit_node_name(v, image));
        return;
    }
    check_place(v, image);
    fdt_for_each_subnode(node, v->frame.tree, image)
        if (fit_is(&v->frame, node, "hash"))
            check_hash(v, image, node);
    for (i = 0; i < v->publics.count; i++) {
        const struct fit_public *key = &v->publics.items[i];

        if (key->required != NULL && strcmp(key->required, "image") == 0 &&
            !image_is_signed(v, image, key, &why))
            fit_say_wrong(v, "%s: %s: %s", fit_node_name(v, image), key->name, why);
    }
    if (v->publics.count > 0 && !v->trusted[image / 4] && !image_is_signed(v, image, NULL, &why))
        fit_say_wrong(v, "%s: no good signature covers it", fit_node_name(v, image));
}

/* --- all of it --- */

/* libfdt takes a name for one with "@..." behind it, and so may U-Boot. */
static void check_names(struct fit_verifier *v)
{
    int node, depth = 0;

    for (node = fdt_next_node(v->frame.tree, -1, &depth); node >= 0;
         node = fdt_next_node(v->frame.tree, node, &depth))
        if (strchr(fit_node_name(v, node), '@') != NULL)
            fit_say_wrong(v, "%s: a name with '@', which U-Boot refuses", fit_node_name(v, node));
}

static int32_t read_keys(struct fit_verifier *v, const struct verify_params *p)
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

/* The images that the only configuration's properties name. */
static int32_t mark_named(struct fit_verifier *v)
{
    int property, length, at;

    fdt_for_each_property_offset(property, v->frame.tree, v->only) {
        const char *value = fdt_getprop_by_offset(v->frame.tree, property, NULL, &length);

        if (value == NULL || length <= 0 || value[length - 1] != 0)
            continue;
        for (at = 0; at < length; at += (int)strlen(value + at) + 1) {
            const int image = fit_find_image(&v->frame, value + at);

            if (image >= 0)
                v->named[image / 4] = 1;
        }
    }
    return fit_check_work(&v->frame);
}

static int32_t find_only(struct fit_verifier *v, const struct verify_params *p)
{
    v->only = -1;
    if (!p->has_configuration)
        return KP_OK;
    v->only =
        fdt_subnode_offset(v->frame.tree, fit_configurations(&v->frame), p->configuration.bytes);
    if (v->only >= 0)
        return mark_named(v);
    return kp_fail_at(v->call, &p->configuration, "`kpipe inspect` lists them",
                      "configuration: %s: there is none of that name", p->configuration.bytes);
}

static void check_configurations(struct fit_verifier *v)
{
    const int configurations = fit_configurations(&v->frame);
    const char *first = configurations < 0 ? NULL : fit_text(&v->frame, configurations, "default");
    int configuration;

    if (v->only < 0 && first != NULL &&
        fdt_subnode_offset(v->frame.tree, configurations, first) < 0)
        fit_say_wrong(v, "configurations: default: %s: there is none of that name", first);
    if (v->publics.count == 0)
        return;
    fit_for_each_configuration(configuration, &v->frame)
        if (v->only < 0 || v->only == configuration)
            fit_verify_configuration(v, configuration);
}

static int32_t check(struct fit_verifier *v, const struct verify_params *p)
{
    int image;

    if (fit_images(&v->frame) < 0)
        return kp_fail(v->call, "/images: missing: not a FIT");
    v->trusted = v->call->host->alloc(v->call, fdt_size_dt_struct(v->frame.tree) / 4 + 1);
    v->named = v->call->host->alloc(v->call, fdt_size_dt_struct(v->frame.tree) / 4 + 1);
    if (v->trusted == NULL || v->named == NULL || find_only(v, p) != KP_OK ||
        read_keys(v, p) != KP_OK)
        return KP_FAILED;
    fit_for_each_image(image, &v->frame)
        if (fit_want_digests(&v->frame, image, &v->digests) != KP_OK)
            return KP_FAILED;
    if (fit_make_digests(v->call, &v->digests) != KP_OK)
        return KP_FAILED;
    check_names(v);
    check_configurations(v);
    if (fit_check_work(&v->frame) != KP_OK)
        return KP_FAILED;
    fit_for_each_image(image, &v->frame)
        if (v->only < 0 || v->named[image / 4])
            check_image(v, image);
    return v->failed ? KP_FAILED : KP_OK;
}

static int32_t run(struct kp_call *call)
{
    const struct verify_params *p = call->params;
    struct fit_verifier v = {.call = call};
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
