/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/words.c - see words.h: one image, one output, and an input for each path, all
 * with places in the words. Parameters are read in words_read.c; what stages and
 * parameters mean is checked by the plan.
 */
#include "recipe/words.h"

#include <string.h>

#include "base/codes.h"
#include "base/vector.h"
#include "keys/key.h"
#include "recipe/words_private.h"

/* Name of the one image; that of an input never equals it. */
#define IMAGE_NAME "output"
/* Where standard input can be opened. */
#define STANDARD_INPUT "/dev/stdin"

struct maker {
    struct kp_arena *arena;
    struct kp_diags *diags;
    struct kp_vector inputs; /* of struct kp_recipe_input */
    struct kp_vector keys;   /* of struct kp_recipe_key */
    bool failed;
};

static void *no_memory(struct maker *maker)
{
    kp_out_of_memory(maker->diags);
    return NULL;
}

/* A name for an input: the file's own, as far as names allow, and unlike the others. */
static const char *name_input(struct maker *maker, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = strcmp(path, "-") == 0 ? "stdin" : slash != NULL ? slash + 1 : path;
    char *name = kp_arena_strdup(maker->arena, base);
    const char *unique = name;

    for (char *at = name; at != NULL && *at != '\0'; at++) {
        const bool digit = *at >= '0' && *at <= '9';
        const bool letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');

        if (!digit && !letter && *at != '_')
            *at = '-';
    }
    if (name != NULL && !kp_recipe_is_name(name)) {
        name = kp_arena_printf(maker->arena, "file-%s", name);
        unique = name;
    }
    for (size_t copy = 2, i = 0; unique != NULL && i <= maker->inputs.count; i++) {
        const char *taken =
            i == 0 ? IMAGE_NAME : KP_ITEM(&maker->inputs, struct kp_recipe_input, i - 1).name;

        if (strcmp(taken, unique) == 0) {
            unique = kp_arena_printf(maker->arena, "%s-%zu", name, copy++);
            i = (size_t)-1; /* look through all of them again */
        }
    }
    return unique != NULL ? unique : no_memory(maker);
}

/* The name of the input for a path, made if this is the first use. NULL after
 * reporting. */
static const char *find_input(struct maker *maker, const char *path, enum kp_input_type type,
                              struct kp_place place)
{
    struct kp_recipe_input *input;
    const char *name;

    if (path[0] == '\0') {
        kp_error(maker->diags, place, KP1726);
        return NULL;
    }
    for (size_t i = 0; i < maker->inputs.count; i++) {
        const struct kp_recipe_input *other = &KP_ITEM(&maker->inputs, struct kp_recipe_input, i);

        if (other->type == type && strcmp(other->path->text, path) == 0)
            return other->name;
    }
    name = name_input(maker, path);
    if (name == NULL)
        return NULL;
    input = KP_PUSH(&maker->inputs, struct kp_recipe_input);
    if (input == NULL)
        return no_memory(maker);
    input->name = name;
    input->type = type;
    input->place = place;
    input->path = kp_node_scalar(maker->arena, place, ".", path);
    if (input->path == NULL)
        return no_memory(maker);
    input->file =
        type == KP_INPUT_FILE && strcmp(path, "-") == 0 ? STANDARD_INPUT : input->path->text;
    return name;
}

/* What a key is called: as its file is, without folders and ending; or as the object is on its
 * token. */
static const char *title_key(struct maker *maker, const char *text)
{
    const char *object = kp_key_is_uri(text) ? strstr(text, "object=") : NULL;
    const char *slash = strrchr(text, '/');
    const char *begin = kp_key_is_uri(text) ? (object != NULL ? object + strlen("object=") : "key")
                        : slash != NULL     ? slash + 1
                                            : text;
    const char *dot = strrchr(begin, '.');
    const size_t length = kp_key_is_uri(text)           ? strcspn(begin, ";?")
                          : dot != NULL && dot != begin ? (size_t)(dot - begin)
                                                        : strlen(begin);
    const char *title = kp_arena_strndup(maker->arena, begin, length);

    return title != NULL ? title : no_memory(maker);
}

/* The name of the key for a path or URI, made if this is the first use. NULL after reporting. */
static const char *find_key(struct maker *maker, const char *text, struct kp_place place)
{
    const bool is_uri = kp_key_is_uri(text);
    struct kp_recipe_key *key;
    const char *title;

    if (text[0] == '\0') {
        kp_error(maker->diags, place, KP1726);
        return NULL;
    }
    if (is_uri && kp_key_uri_has_pin(text)) {
        kp_error_hint(maker->diags, place, KP_RECIPE_PIN_HINT, KP1162, "key",
                      "its URI holds a PIN (pin-value), and command lines hold no secrets");
        return NULL;
    }
    for (size_t i = 0; i < maker->keys.count; i++) {
        const struct kp_recipe_key *other = &KP_ITEM(&maker->keys, struct kp_recipe_key, i);

        if (strcmp(other->name, text) == 0)
            return other->name;
    }
    title = title_key(maker, text);
    if (title == NULL)
        return NULL;
    key = KP_PUSH(&maker->keys, struct kp_recipe_key);
    if (key == NULL)
        return no_memory(maker);
    *key = (struct kp_recipe_key){.name = text,
                                  .title = title,
                                  .place = place,
                                  .file = is_uri ? NULL : text,
                                  .uri = is_uri ? text : NULL,
                                  .folder = "."};
    return text;
}

/* A parameter that takes an image, a tree or a key: its path becomes a name. */
static bool visit_reference(void *context, struct kp_node *scalar, struct kp_node *list,
                            uint32_t type)
{
    struct maker *maker = context;
    const char *name;

    (void)list;
    if (type == KP_TYPE_IMAGE && strcmp(scalar->text, "_") == 0)
        return true;
    name = type == KP_TYPE_KEY
               ? find_key(maker, scalar->text, scalar->place)
               : find_input(maker, scalar->text,
                            type == KP_TYPE_TREE ? KP_INPUT_TREE : KP_INPUT_FILE, scalar->place);
    if (name == NULL) {
        maker->failed = true;
        return true;
    }
    scalar->text = name;
    scalar->length = strlen(name);
    return true;
}

static bool read_stage(struct maker *maker, struct kp_word *word,
                       const struct kp_reference_finder *finder, struct kp_recipe_element *element)
{
    const size_t length = strcspn(word->text, ":");

    element->place = kp_word_place(word, word->text, length);
    if (length == 0)
        return kp_error(maker->diags, kp_word_place(word, word->text, strlen(word->text)), KP1720,
                        word->text);
    element->stage = kp_arena_strndup(maker->arena, word->text, length);
    if (element->stage == NULL)
        return kp_out_of_memory(maker->diags);
    if (word->text[length] == '\0')
        return true;
    word->stage = element->stage;
    word->at = word->text + length + 1;
    element->params = kp_word_params(word);
    if (element->params == NULL)
        return false;
    return finder->find(finder->data, element->stage, element->params, visit_reference, maker) ||
           kp_out_of_memory(maker->diags);
}

static bool read_word(struct maker *maker, const struct kp_reference_finder *finder,
                      const char *text, size_t number, struct kp_recipe_element *element)
{
    struct kp_word word = {.arena = maker->arena, .diags = maker->diags, .text = text, .at = text};
    const char *source = kp_arena_printf(maker->arena, "argument %zu", number);

    word.source =
        source != NULL ? kp_diags_add_source(maker->diags, source, text, strlen(text)) : NULL;
    if (word.source == NULL)
        return kp_out_of_memory(maker->diags);
    if (number > 1)
        return read_stage(maker, &word, finder, element);
    element->place = kp_word_place(&word, text, strlen(text));
    element->reference = find_input(maker, text, KP_INPUT_FILE, element->place);
    return element->reference != NULL;
}

/* The inputs and keys as they are when all words were read. */
static bool keep_inputs(struct maker *maker, struct kp_recipe *recipe)
{
    const size_t count = maker->inputs.count, keys = maker->keys.count;

    recipe->inputs = kp_arena_array(maker->arena, count, sizeof(*recipe->inputs));
    recipe->keys = kp_arena_array(maker->arena, keys, sizeof(*recipe->keys));
    if (recipe->inputs == NULL || recipe->keys == NULL)
        return false;
    if (count > 0)
        memcpy(recipe->inputs, maker->inputs.items, count * sizeof(*recipe->inputs));
    if (keys > 0)
        memcpy(recipe->keys, maker->keys.items, keys * sizeof(*recipe->keys));
    recipe->input_count = count;
    recipe->key_count = keys;
    return true;
}

static struct kp_recipe *new_recipe(struct maker *maker, size_t count, const char *arch,
                                    const char *output)
{
    struct kp_recipe *recipe = KP_ARENA_NEW(maker->arena, struct kp_recipe);
    struct kp_recipe_image *image = KP_ARENA_NEW(maker->arena, struct kp_recipe_image);
    struct kp_recipe_output *result = KP_ARENA_NEW(maker->arena, struct kp_recipe_output);

    if (recipe == NULL || image == NULL || result == NULL)
        return no_memory(maker);
    image->name = IMAGE_NAME;
    image->elements = kp_arena_array(maker->arena, count, sizeof(*image->elements));
    image->element_count = count;
    result->image = image->name;
    result->file = kp_arena_strdup(maker->arena, output);
    recipe->images = image;
    recipe->image_count = 1;
    recipe->outputs = result;
    recipe->output_count = 1;
    if (image->elements == NULL || result->file == NULL)
        return no_memory(maker);
    if (arch != NULL) {
        recipe->arch =
            kp_node_scalar(maker->arena, (struct kp_place){"--arch", 0, 0, 0}, ".", arch);
        if (recipe->arch == NULL)
            return no_memory(maker);
    }
    return recipe;
}

struct kp_recipe *kp_recipe_from_words(struct kp_arena *arena, struct kp_diags *diags,
                                       const struct kp_reference_finder *finder,
                                       const char *const *words, size_t count, const char *arch,
                                       const char *output)
{
    struct maker maker = {.arena = arena, .diags = diags};
    struct kp_recipe *recipe = new_recipe(&maker, count, arch, output);
    bool good = recipe != NULL;

    for (size_t i = 0; recipe != NULL && i < count; i++)
        good = read_word(&maker, finder, words[i], i + 1, &recipe->images->elements[i]) && good;
    if (good && !keep_inputs(&maker, recipe))
        good = kp_out_of_memory(diags);
    kp_vector_free(&maker.inputs);
    kp_vector_free(&maker.keys);
    return good && !maker.failed ? recipe : NULL;
}
