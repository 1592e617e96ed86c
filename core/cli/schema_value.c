/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/schema_value.c - the schema of one parameter, from its row, and of a table of them.
 *
 * Two things make these schemas what they are. A scalar's type in YAML means nothing to
 * kpipe, so that text may look like a number and a number may be text (0o17, 4K). And a
 * value may be, or hold, a variable, of which nothing is known: "#/$defs/variable".
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "cli/schema.h"
#include "cli/stage.h"
#include "plugin/bind_text.h"

void kp_schema_ref(struct kp_json *json, const char *name, const char *to)
{
    char path[256];

    snprintf(path, sizeof(path), "#/$defs/%s", to);
    kp_json_begin(json, name, '{');
    kp_json_text(json, "$ref", path);
    kp_json_end(json, '}');
}

static bool is_required(const struct kp_param *row)
{
    return (row->flags & KP_PARAM_REQUIRED) != 0 && row->trait == NULL && row->fallback == NULL;
}

/* Names that YAML reads as something else than text. */
static void write_choice_twin(struct kp_json *json, const char *name)
{
    const bool is_true =
        strcmp(name, "true") == 0 || strcmp(name, "yes") == 0 || strcmp(name, "on") == 0;
    const bool is_false =
        strcmp(name, "false") == 0 || strcmp(name, "no") == 0 || strcmp(name, "off") == 0;
    char *end;

    strtod(name, &end);
    if (!is_true && !is_false && *end != '\0')
        return;
    kp_json_begin(json, NULL, '{');
    if (is_true || is_false)
        kp_json_boolean(json, "const", is_true);
    else
        kp_json_text(json, "type", "number");
    kp_json_end(json, '}');
}

static void write_choice(struct kp_json *json, const struct kp_param *row)
{
    kp_json_begin(json, "anyOf", '[');
    for (size_t i = 0; row->choices != NULL && row->choices[i] != NULL; i++) {
        kp_json_begin(json, NULL, '{');
        kp_json_text(json, "const", row->choices[i]->name);
        if (row->choices[i]->summary != NULL)
            kp_json_text(json, "description", row->choices[i]->summary);
        kp_json_end(json, '}');
        write_choice_twin(json, row->choices[i]->name);
    }
    kp_schema_ref(json, NULL, "variable");
    kp_json_end(json, ']');
}

/* Limits count bytes of what variables and traits stand for; characters are no more. */
static void write_text(struct kp_json *json, const struct kp_param *row)
{
    if (row->minimum == 0 && row->maximum == 0) {
        kp_json_text(json, "$ref", "#/$defs/text");
        return;
    }
    kp_json_begin(json, "anyOf", '[');
    kp_json_begin(json, NULL, '{');
    kp_json_begin(json, "type", '[');
    kp_json_text(json, NULL, "string");
    kp_json_text(json, NULL, "number");
    kp_json_text(json, NULL, "boolean");
    kp_json_end(json, ']');
    kp_json_number(json, "minLength", row->minimum > 0 ? 1 : 0);
    if (row->maximum < UINT32_MAX)
        kp_json_number(json, "maxLength", row->maximum);
    kp_json_end(json, '}');
    if ((row->flags & KP_PARAM_TRAITS) != 0)
        kp_schema_ref(json, NULL, "traits");
    kp_schema_ref(json, NULL, "variable");
    kp_json_end(json, ']');
}

/* Members of the schema of one value of the row, list or not. */
static void write_value(struct kp_json *json, const struct kp_param *row,
                        enum kp_schema_names names)
{
    switch (row->type) {
    case KP_TYPE_UINT:
        kp_schema_unsigned(json, row->minimum, row->maximum);
        break;
    case KP_TYPE_INT:
        kp_schema_signed(json, row->low, row->high);
        break;
    case KP_TYPE_BOOL:
        kp_json_text(json, "$ref", "#/$defs/boolean");
        break;
    case KP_TYPE_CHOICE:
        write_choice(json, row);
        break;
    case KP_TYPE_TEXT:
        write_text(json, row);
        break;
    case KP_TYPE_IMAGE:
    case KP_TYPE_TREE:
        kp_json_text(json, "$ref", names == KP_SCHEMA_OF_SOURCE ? "#/$defs/path" : "#/$defs/image");
        break;
    case KP_TYPE_KEY:
        kp_json_text(json, "$ref", "#/$defs/key-name");
        break;
    case KP_TYPE_STAGE:
        kp_json_text(json, "$ref", row->passes != NULL ? "#/$defs/passed-stage" : "#/$defs/stage");
        break;
    default:
        kp_schema_parameters(json, NULL, row->fields, names, true, NULL, NULL);
        break;
    }
}

static void write_item(struct kp_json *json, const char *name, const struct kp_param *row,
                       enum kp_schema_names names)
{
    kp_json_begin(json, name, '{');
    write_value(json, row, names);
    kp_json_end(json, '}');
}

/* A list, or one value that stands for a list of one. A variable in it may be a list. */
static void write_list(struct kp_json *json, const struct kp_param *row, enum kp_schema_names names)
{
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "array");
    write_item(json, "items", row, names);
    if (row->min_items > 0)
        kp_json_number(json, "minItems", 1);
    if (row->max_items > 0)
        kp_json_number(json, "maxItems", row->max_items);
    kp_json_end(json, '}');
    if (row->min_items <= 1)
        write_item(json, NULL, row, names);
    else
        kp_schema_ref(json, NULL, "variable");
}

/* The default as a value; texts that look like numbers stay texts, which mean the same. */
static void write_default(struct kp_json *json, const struct kp_param *row)
{
    unsigned long long number;

    if (row->fallback == NULL || row->list != 0)
        return;
    if (row->type == KP_TYPE_UINT && (row->flags & KP_PARAM_HEX) == 0 &&
        strpbrk(row->fallback, "xoKMG") == NULL && kp_scalar_uint(row->fallback, &number) == NULL)
        kp_json_number(json, "default", number);
    else if (row->type == KP_TYPE_BOOL)
        kp_json_boolean(json, "default", row->fallback[0] == 't' || row->fallback[0] == 'y');
    else
        kp_json_text(json, "default", row->fallback);
}

static void write_description(struct kp_json *json, const struct kp_param *row)
{
    struct kp_string text KP_AUTO(string) = {0};
    struct kp_arena *arena KP_AUTO(arena) = kp_arena_new();

    kp_string_printf(&text, "%s\n\n", row->summary);
    if (arena != NULL)
        kp_stage_type(&text, arena, row);
    kp_stage_default(&text, row);
    if (row->help != NULL)
        kp_string_printf(&text, "\n\n%s", row->help);
    if (row->deprecated != NULL)
        kp_string_printf(&text, "\n\ndeprecated: %s", row->deprecated);
    if (!text.failed)
        kp_json_text(json, "description", text.text);
}

/* "name": what a row takes. A key without a value is one that is not given. */
static void write_row(struct kp_json *json, const char *name, const struct kp_param *row,
                      enum kp_schema_names names)
{
    kp_json_begin(json, name, '{');
    if (name != NULL) {
        write_description(json, row);
        write_default(json, row);
        if (row->deprecated != NULL)
            kp_json_boolean(json, "deprecated", true);
    }
    kp_json_begin(json, "anyOf", '[');
    if (row->list != 0)
        write_list(json, row, names);
    else
        write_item(json, NULL, row, names);
    if (!is_required(row) && name != NULL)
        kp_schema_ref(json, NULL, "nothing");
    kp_json_end(json, ']');
    kp_json_end(json, '}');
}

/* The map of all rows. */
static void write_map(struct kp_json *json, const struct kp_param *const *table,
                      enum kp_schema_names names, bool complete)
{
    bool begun = false;

    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "object");
    kp_json_begin(json, "properties", '{');
    for (size_t i = 0; table != NULL && table[i] != NULL; i++)
        write_row(json, table[i]->name, table[i], names);
    kp_json_end(json, '}');
    for (size_t i = 0; complete && table != NULL && table[i] != NULL; i++) {
        if (!is_required(table[i]))
            continue;
        if (!begun)
            kp_json_begin(json, "required", '[');
        begun = true;
        kp_json_text(json, NULL, table[i]->name);
    }
    if (begun)
        kp_json_end(json, ']');
    kp_json_boolean(json, "additionalProperties", false);
    kp_json_end(json, '}');
}

void kp_schema_parameters(struct kp_json *json, const char *name,
                          const struct kp_param *const *table, enum kp_schema_names names,
                          bool complete, const char *summary, const char *help)
{
    const struct kp_param *brief = NULL;
    size_t required = 0;

    for (size_t i = 0; table != NULL && table[i] != NULL; i++) {
        required += complete && is_required(table[i]) ? 1 : 0;
        if ((table[i]->flags & KP_PARAM_SHORT) != 0)
            brief = table[i];
    }
    if (name != NULL)
        kp_json_begin(json, name, '{');
    if (summary != NULL) {
        char *text KP_AUTO(free) = NULL;

        if (asprintf(&text, "%s%s%s", summary, help != NULL ? "\n\n" : "",
                     help != NULL ? help : "") >= 0)
            kp_json_text(json, "description", text);
    }
    kp_json_begin(json, "anyOf", '[');
    write_map(json, table, names, complete);
    /* Whoever needs more than the short one gives them by name. */
    if (brief != NULL && required <= (is_required(brief) ? 1u : 0u))
        write_row(json, NULL, brief, names);
    if (required == 0)
        kp_schema_ref(json, NULL, "nothing");
    kp_json_end(json, ']');
    if (name != NULL)
        kp_json_end(json, '}');
}
