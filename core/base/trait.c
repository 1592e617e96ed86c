/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/trait.c - sets of traits, and what is known of their names. Whether a value
 * fits its trait (an architecture that exists, say) is not checked here.
 */
#include "base/trait.h"

#include <stdlib.h>
#include <string.h>

#include <kpipe/traits.h>

static const struct known {
    const char *name;
    enum kp_trait_type type;
    bool content;
} known_traits[] = {
    {KP_TRAIT_ARCH, KP_TRAIT_IS_TEXT, true},    {KP_TRAIT_ENTRY, KP_TRAIT_IS_NUMBER, true},
    {KP_TRAIT_LOAD, KP_TRAIT_IS_NUMBER, true},  {KP_TRAIT_BSS, KP_TRAIT_IS_NUMBER, true},
    {KP_TRAIT_VERSION, KP_TRAIT_IS_TEXT, true}, {KP_TRAIT_KIND, KP_TRAIT_IS_TEXT, false},
    {KP_TRAIT_CODEC, KP_TRAIT_IS_TEXT, false},  {KP_TRAIT_SIZE, KP_TRAIT_IS_NUMBER, false},
    {KP_TRAIT_FILE, KP_TRAIT_IS_TEXT, false},
};

static const struct known *find_known(const char *name)
{
    for (size_t i = 0; i < sizeof(known_traits) / sizeof(known_traits[0]); i++) {
        if (strcmp(known_traits[i].name, name) == 0)
            return &known_traits[i];
    }
    return NULL;
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* "com.example.board-id": labels of letters, digits, - and _, joined by dots; each
 * begins with a letter or digit. */
static bool is_reverse_domain(const char *name)
{
    size_t dots = 0;

    for (size_t i = 0; name[i] != '\0'; i++) {
        const bool first = i == 0 || name[i - 1] == '.';

        if (name[i] == '.' && !first)
            dots++;
        else if (!is_letter_or_digit(name[i]) && (first || (name[i] != '-' && name[i] != '_')))
            return false;
    }
    return dots > 0 && name[strlen(name) - 1] != '.';
}

enum kp_trait_type kp_trait_type(const char *name)
{
    const struct known *known = find_known(name);

    return known != NULL ? known->type : KP_TRAIT_UNKNOWN;
}

bool kp_trait_is_name(const char *name)
{
    return find_known(name) != NULL || is_reverse_domain(name);
}

bool kp_trait_is_content(const char *name)
{
    const struct known *known = find_known(name);

    return known != NULL ? known->content : is_reverse_domain(name);
}

/* The index of a name, or, with *found false, the one at which it belongs. */
static size_t position(const struct kp_traits *traits, const char *name, bool *found)
{
    size_t i = 0;
    int order = 1;

    while (i < traits->count && (order = strcmp(traits->items[i].name, name)) < 0)
        i++;
    *found = i < traits->count && order == 0;
    return i;
}

const struct kp_trait *kp_traits_get(const struct kp_traits *traits, const char *name)
{
    bool found;
    const size_t i = position(traits, name, &found);

    return found ? &traits->items[i] : NULL;
}

/* Makes room for one more item at `at`. */
static bool open_gap(struct kp_traits *traits, size_t at)
{
    if (traits->count == traits->capacity) {
        const size_t capacity = traits->capacity == 0 ? 8 : traits->capacity * 2;
        struct kp_trait *items = reallocarray(traits->items, capacity, sizeof(*items));

        if (items == NULL)
            return false;
        traits->items = items;
        traits->capacity = capacity;
    }
    memmove(traits->items + at + 1, traits->items + at,
            (traits->count - at) * sizeof(*traits->items));
    traits->count++;
    return true;
}

/* Takes over `text`, which may be NULL. */
static bool set(struct kp_traits *traits, const char *name, char *text, uint64_t number)
{
    bool found;
    const size_t at = position(traits, name, &found);

    if (found) {
        free(traits->items[at].text);
    } else {
        char *copy = strdup(name);

        if (copy == NULL || !open_gap(traits, at)) {
            free(copy);
            free(text);
            return false;
        }
        traits->items[at].name = copy;
    }
    traits->items[at].text = text;
    traits->items[at].number = number;
    return true;
}

bool kp_traits_set_number(struct kp_traits *traits, const char *name, uint64_t number)
{
    return set(traits, name, NULL, number);
}

bool kp_traits_set_text(struct kp_traits *traits, const char *name, const char *text)
{
    char *copy = strdup(text);

    return copy != NULL && set(traits, name, copy, 0);
}

void kp_traits_clear(struct kp_traits *traits, const char *name)
{
    bool found;
    const size_t at = position(traits, name, &found);

    if (!found)
        return;
    free(traits->items[at].name);
    free(traits->items[at].text);
    traits->count--;
    memmove(traits->items + at, traits->items + at + 1,
            (traits->count - at) * sizeof(*traits->items));
}

bool kp_traits_copy(struct kp_traits *to, const struct kp_traits *from, bool content_only)
{
    for (size_t i = 0; to != from && i < from->count; i++) {
        const struct kp_trait *trait = &from->items[i];
        bool copied;

        if (content_only && !kp_trait_is_content(trait->name))
            continue;
        copied = trait->text != NULL ? kp_traits_set_text(to, trait->name, trait->text)
                                     : kp_traits_set_number(to, trait->name, trait->number);
        if (!copied)
            return false;
    }
    return true;
}

void kp_traits_free(struct kp_traits *traits)
{
    for (size_t i = 0; i < traits->count; i++) {
        free(traits->items[i].name);
        free(traits->items[i].text);
    }
    free(traits->items);
    *traits = (struct kp_traits){0};
}
