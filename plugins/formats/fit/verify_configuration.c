/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/verify_configuration.c - signatures of a configuration: what each covers is worked out from the
 * tree, and must hold the names of all properties that it covers.
 */
#include <string.h>

#include "verify.h"

/* --- one signature --- */

/* The first key whose signature it is; NULL with *why for the key that it names, or for all. */
const struct fit_public *fit_find_signer(struct fit_verifier *v, int node,
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
static int names_are_covered(const struct fit_verifier *v, const struct fit_covered *covered,
                             uint32_t strings)
{
    const char *begin = fdt_string(v->frame.tree, 0);
    uint32_t i;
    int property;

    for (i = 0; i < covered->count; i++)
        fdt_for_each_property_offset(property, v->frame.tree, covered->nodes[i]) {
            const char *name;

            if (fdt_getprop_by_offset(v->frame.tree, property, &name, NULL) == NULL)
                return 0;
            if ((uint64_t)(name - begin) + strlen(name) + 1 > strings && !fit_is_contents(name))
                return 0;
        }
    return 1;
}

/* What a configuration's signature is of: its digest. */
static int32_t find_digest(const struct fit_verifier *v, int configuration, int node,
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

static void trust(struct fit_verifier *v, const struct fit_covered *covered)
{
    uint32_t i;

    for (i = 0; i < covered->count; i++)
        v->trusted[covered->nodes[i] / 4] = 1;
}

/* Whether a signature of the configuration is that of `only`, or of any key if NULL. */
static int is_signed(struct fit_verifier *v, int configuration, const struct fit_public *only,
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
            (key = fit_find_signer(v, at, &kind, digest, only, &reason)) != NULL) {
            trust(v, &covered);
            fit_say_good(v, "%s: %s: %s, key %s: %u nodes", fit_node_name(v, configuration),
                         fit_node_name(v, at), fit_text(&v->frame, at, "algo"), key->name,
                         (unsigned)covered.count);
            return 1;
        }
        *why = reason;
    }
    return 0;
}

static void say_unsigned(struct fit_verifier *v, int configuration, int node, const char *key,
                         const char *why)
{
    fit_say_wrong(v, "%s: %s%s%s%s%s", fit_node_name(v, configuration),
                  node < 0 ? "" : fit_node_name(v, node), node < 0 ? "" : ": ",
                  key == NULL ? "" : key, key == NULL ? "" : ": ", why);
}

/* By each of the keys that are required, or by one of them; by any if none is. */
void fit_verify_configuration(struct fit_verifier *v, int configuration)
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
