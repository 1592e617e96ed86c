/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/words_read.c - what stands behind "stage:" in a word, as the nodes that YAML would
 * have given. What parameters mean is not known here.
 *
 * NAME=VALUE, separated by commas, or one value for the short parameter, or a map in
 * braces. A value in quotes is what stands between them; one that begins with a bracket
 * is YAML; any other is plain text up to the next comma.
 */
#include <string.h>

#include "base/codes.h"
#include "recipe/words_private.h"
#include "recipe/yaml.h"

struct kp_place kp_word_place(const struct kp_word *word, const char *at, size_t length)
{
    return (struct kp_place){word->source, 1, (uint32_t)(at - word->text) + 1, (uint32_t)length};
}

static void *no_memory(struct kp_word *word)
{
    kp_out_of_memory(word->diags);
    return NULL;
}

static struct kp_node *new_scalar(struct kp_word *word, const char *text, size_t length)
{
    const char *copy = kp_arena_strndup(word->arena, text, length);
    struct kp_node *node =
        copy != NULL ? kp_node_scalar(word->arena, kp_word_place(word, text, length), ".", copy)
                     : NULL;

    return node != NULL ? node : no_memory(word);
}

/* Reads a part of the word as YAML, with places that are right: what stands before it is
 * blanked, and the word is made known again afterwards. */
static struct kp_node *read_yaml(struct kp_word *word, const char *begin, const char *end)
{
    const size_t length = (size_t)(end - word->text);
    char *blanked = kp_arena_strndup(word->arena, word->text, length);
    struct kp_node *node;

    if (blanked == NULL)
        return no_memory(word);
    memset(blanked, ' ', (size_t)(begin - word->text));
    node = kp_yaml_parse(word->arena, word->diags, word->source, ".", blanked, length);
    word->source = kp_diags_add_source(word->diags, word->source, word->text, strlen(word->text));
    if (word->source == NULL)
        return no_memory(word);
    return node;
}

/* The end of a flow map or list that begins at `at` (behind its last bracket), or NULL.
 * Quotes count where YAML has them: at the begin of an item. */
static const char *find_closing(const char *at)
{
    size_t depth = 0;
    char quote = '\0';
    char before = '[';

    for (; *at != '\0'; at++) {
        if (quote != '\0') {
            if (*at == '\\' && quote == '"' && at[1] != '\0')
                at++;
            else if (*at == quote)
                quote = '\0';
            continue;
        }
        if ((*at == '"' || *at == '\'') && strchr("[{,:", before) != NULL)
            quote = *at;
        else if (*at == '[' || *at == '{')
            depth++;
        else if ((*at == ']' || *at == '}') && --depth == 0)
            return at + 1;
        if (*at != ' ')
            before = *at;
    }
    return NULL;
}

/* One value; the word's reader then stands behind it. `what` names it in messages. */
static struct kp_node *read_value(struct kp_word *word, const char *what)
{
    const char *begin = word->at;
    const bool quoted = *begin == '"' || *begin == '\'';
    const bool yaml = *begin == '[' || *begin == '{';
    const char *end = quoted ? strchr(begin + 1, *begin)
                      : yaml ? find_closing(begin)
                             : begin + strcspn(begin, ",");
    struct kp_node *node;

    if (end == NULL) {
        kp_error(word->diags, kp_word_place(word, begin, 1), KP1724, word->stage, what);
        return NULL;
    }
    if (yaml) {
        word->at = end;
        return read_yaml(word, begin, end);
    }
    word->at = quoted ? end + 1 : end;
    node = new_scalar(word, quoted ? begin + 1 : begin, (size_t)(end - begin) - (quoted ? 1 : 0));
    if (node != NULL)
        node->plain = !quoted;
    return node;
}

/* NAME=VALUE, appended to a map. */
static bool read_pair(struct kp_word *word, struct kp_node *map)
{
    const char *begin = word->at;
    const size_t length = strcspn(begin, "=,");
    struct kp_diags *diags = word->diags;
    struct kp_node *key;
    struct kp_node *value;

    if (begin[length] != '=' || length == 0)
        return kp_error_hint(diags, kp_word_place(word, begin, length),
                             "write NAME=VALUE; put a value with a comma in quotes that reach "
                             "kpipe, 'name=\"a, b\"'",
                             KP1722, word->stage, (int)length, begin);
    key = new_scalar(word, begin, length);
    if (key == NULL)
        return false;
    if (kp_node_get(map, key->text) != NULL)
        return kp_error_hint(diags, key->place, "several values of a list stand in brackets: [a,b]",
                             KP1723, word->stage, key->text);
    word->at = begin + length + 1;
    value = read_value(word, key->text);
    if (value == NULL)
        return false;
    map->keys[map->count] = key;
    map->items[map->count++] = value;
    return true;
}

static struct kp_node *new_map(struct kp_word *word, size_t most)
{
    struct kp_node *map = KP_ARENA_NEW(word->arena, struct kp_node);

    if (map == NULL)
        return no_memory(word);
    map->kind = KP_NODE_MAP;
    map->place = kp_word_place(word, word->at, strlen(word->at));
    map->folder = ".";
    map->keys = kp_arena_array(word->arena, most, sizeof(*map->keys));
    map->items = kp_arena_array(word->arena, most, sizeof(*map->items));
    return map->keys != NULL && map->items != NULL ? map : no_memory(word);
}

/* What must stand behind a value: a comma and more, or the end. */
static bool pass_comma(struct kp_word *word)
{
    if (*word->at == '\0')
        return true;
    if (*word->at != ',')
        return kp_error(word->diags, kp_word_place(word, word->at, strlen(word->at)), KP1725,
                        word->stage, word->at);
    word->at++;
    return true;
}

static struct kp_node *read_pairs(struct kp_word *word)
{
    size_t most = 1;
    struct kp_node *map;

    for (const char *at = word->at; *at != '\0'; at++)
        most += *at == ',' ? 1 : 0;
    map = new_map(word, most);
    if (map == NULL)
        return NULL;
    do {
        if (!read_pair(word, map) || !pass_comma(word))
            return NULL;
    } while (*word->at != '\0' || word->at[-1] == ',');
    return map;
}

struct kp_node *kp_word_params(struct kp_word *word)
{
    const char *begin = word->at;
    struct kp_node *value;

    if (*begin == '\0') {
        kp_error_hint(word->diags, kp_word_place(word, begin - 1, 1),
                      "leave the colon out if there are no parameters", KP1721, word->stage);
        return NULL;
    }
    if (*begin == '{' || *begin == '[')
        return read_yaml(word, begin, begin + strlen(begin));
    if (*begin != '"' && *begin != '\'' && strpbrk(begin, "=,") != NULL)
        return read_pairs(word);
    value = read_value(word, "its value");
    if (value != NULL && *word->at != '\0') {
        pass_comma(word);
        return NULL;
    }
    return value;
}
