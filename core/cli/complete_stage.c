/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/complete_stage.c - an unfinished word that is a stage, as `kpipe pipe` takes it:
 * "uimage:load=0x8000,ar". The grammar is recipe/words.c's; what stands in braces or in
 * open quotes is YAML, and is not completed.
 */
#include <string.h>

#include "cli/complete_private.h"

void kp_complete_stage_names(struct kp_completer *completer)
{
    struct kp_registry *registry = kp_complete_registry(completer);
    const char *const *names;
    size_t count = 0;

    if (registry == NULL)
        return;
    names = kp_registry_stage_names(registry, &count);
    for (size_t i = 0; i < count; i++)
        kp_complete_one(completer, names[i], "", NULL);
}

/* Where the last parameter of a list begins; NULL inside brackets, braces and quotes. */
static const char *last_parameter(const char *text)
{
    const char *begin = text;
    unsigned depth = 0;
    char quote = 0;

    for (; *text != '\0'; text++) {
        if (quote != 0)
            quote = *text == quote ? 0 : quote;
        else if (*text == '"' || *text == '\'')
            quote = *text;
        else if (*text == '[' || *text == '{')
            depth++;
        else if ((*text == ']' || *text == '}') && depth > 0)
            depth--;
        else if (*text == ',' && depth == 0)
            begin = text + 1;
    }
    return depth > 0 || quote != 0 ? NULL : begin;
}

/* Whether a parameter is among those given before `end`. */
static bool is_given(const char *text, const char *end, const char *name)
{
    const size_t length = strlen(name);

    while (text < end) {
        if (strncmp(text, name, length) == 0 && text[length] == '=')
            return true;
        text = memchr(text, ',', (size_t)(end - text));
        if (text == NULL)
            return false;
        text++;
    }
    return false;
}

static bool set_fixed(struct kp_completer *completer, const char *end)
{
    completer->fixed = kp_arena_strndup(completer->session->arena, completer->current,
                                        (size_t)(end - completer->current));
    return completer->fixed != NULL;
}

static void complete_value(struct kp_completer *completer, const struct kp_param *row)
{
    switch (row->type) {
    case KP_TYPE_BOOL:
        kp_complete_one(completer, "true", "", NULL);
        kp_complete_one(completer, "false", "", NULL);
        break;
    case KP_TYPE_CHOICE:
        for (size_t i = 0; row->choices != NULL && row->choices[i] != NULL; i++)
            kp_complete_one(completer, row->choices[i]->name, "", row->choices[i]->summary);
        break;
    case KP_TYPE_IMAGE:
    case KP_TYPE_KEY:
        kp_complete_path(completer, false);
        break;
    case KP_TYPE_TREE:
        kp_complete_path(completer, true);
        break;
    case KP_TYPE_STAGE:
        kp_complete_stage_names(completer);
        break;
    default:
        break;
    }
}

/* What stands behind the colon of a stage's name. */
static void complete_parameters(struct kp_completer *completer, const struct kp_stage *stage,
                                const char *parameters)
{
    const struct kp_param *const *table = stage->operation.params;
    const char *last = last_parameter(parameters);
    const char *equals = last != NULL ? strchr(last, '=') : NULL;

    if (last == NULL || !set_fixed(completer, equals != NULL ? equals + 1 : last))
        return;
    for (; table != NULL && *table != NULL; table++) {
        const struct kp_param *row = *table;

        if (equals != NULL) {
            if (strncmp(row->name, last, (size_t)(equals - last)) == 0 &&
                row->name[equals - last] == '\0')
                complete_value(completer, row);
            continue;
        }
        if (last == parameters && (row->flags & KP_PARAM_SHORT) != 0)
            complete_value(completer, row);
        if (!is_given(parameters, last, row->name))
            kp_complete_one(completer, row->name, "=", row->summary);
    }
}

void kp_complete_stage(struct kp_completer *completer)
{
    const char *colon = strchr(completer->current, ':');
    struct kp_registry *registry = kp_complete_registry(completer);
    const struct kp_stage *stage;
    const char *name;

    if (colon == NULL) {
        kp_complete_stage_names(completer);
        return;
    }
    name = kp_arena_strndup(completer->session->arena, completer->current,
                            (size_t)(colon - completer->current));
    stage = registry != NULL && name != NULL ? kp_registry_find_stage(registry, name) : NULL;
    if (stage != NULL)
        complete_parameters(completer, stage, colon + 1);
}
