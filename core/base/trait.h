/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/trait.h - the set of traits of one image: names with a number or a text.
 *
 * The names, their types and the rule which of them pass from stage to stage
 * are the SDK's (kpipe/traits.h); this file applies that rule and knows no stage.
 * A zeroed struct is an empty set. Not safe for several threads while it changes.
 */
#ifndef KP_BASE_TRAIT_H
#define KP_BASE_TRAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kp_trait {
    char *name;
    char *text; /* NULL: a number */
    uint64_t number;
};

/* Sorted by name. */
struct kp_traits {
    struct kp_trait *items;
    size_t count;
    size_t capacity;
};

enum kp_trait_type { KP_TRAIT_UNKNOWN, KP_TRAIT_IS_NUMBER, KP_TRAIT_IS_TEXT };

/* The type of a known trait; UNKNOWN for a vendor's own (either will do) and for
 * a name that is none. */
enum kp_trait_type kp_trait_type(const char *name);
/* True for the names of the SDK and for reverse-domain names. */
bool kp_trait_is_name(const char *name);
/* True if it passes from a stage's main input to its output. */
bool kp_trait_is_content(const char *name);

const struct kp_trait *kp_traits_get(const struct kp_traits *traits, const char *name);
/* Both replace; false when memory runs out. */
bool kp_traits_set_number(struct kp_traits *traits, const char *name, uint64_t number);
bool kp_traits_set_text(struct kp_traits *traits, const char *name, const char *text);
void kp_traits_clear(struct kp_traits *traits, const char *name);
/* Adds copies of all traits of `from` (content traits only, if so asked). */
bool kp_traits_copy(struct kp_traits *to, const struct kp_traits *from, bool content_only);
void kp_traits_free(struct kp_traits *traits);

#endif
