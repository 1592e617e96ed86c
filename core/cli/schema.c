/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/schema.c - `kpipe schema`: the JSON Schema of recipes with the plugins that are
 * installed, for editors. What a recipe is made of stands in schema_item.c; stages, sources and
 * parameters come from the plugins' tables (schema_stage.c, schema_value.c).
 *
 * Each file of a recipe is described alone: what its bases have to give is not asked for.
 */
#include "cli/schema.h"

#include <stdio.h>

#include "plugin/trust.h"
#include "recipe/recipe.h"
#include "recipe/variables.h"

#define NAME_PATTERN "^[A-Za-z][A-Za-z0-9_-]*$"
#define TOOL_PATTERN "^[A-Za-z0-9][A-Za-z0-9._+-]*$"

/* A value of a matrix variable: text, or a map that has a name. */
static void define_matrix_value(struct kp_json *json)
{
    kp_json_begin(json, "matrix-value", '{');
    kp_json_begin(json, "anyOf", '[');
    kp_schema_ref(json, NULL, "text");
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "object");
    kp_json_begin(json, "properties", '{');
    kp_schema_ref(json, "name", "text");
    kp_json_end(json, '}');
    kp_json_begin(json, "required", '[');
    kp_json_text(json, NULL, "name");
    kp_json_end(json, ']');
    kp_json_end(json, '}');
    kp_json_end(json, ']');
    kp_json_end(json, '}');
}

/* "key": a list of what `to` defines, or one of it. */
static void write_list_or_one(struct kp_json *json, const char *key, const char *to,
                              const char *description)
{
    kp_schema_begin(json, key, description);
    kp_json_begin(json, "anyOf", '[');
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "array");
    kp_schema_ref(json, "items", to);
    kp_json_end(json, '}');
    kp_schema_ref(json, NULL, to);
    kp_schema_ref(json, NULL, "nothing");
    kp_json_end(json, ']');
    kp_json_end(json, '}');
}

/* "key": a map from names to what `to` defines; NULL: to anything. */
static void write_map(struct kp_json *json, const char *key, const char *to,
                      const char *description)
{
    kp_schema_begin(json, key, description);
    kp_json_begin(json, "type", '[');
    kp_json_text(json, NULL, "object");
    kp_json_text(json, NULL, "null");
    kp_json_end(json, ']');
    kp_schema_pattern(json, "propertyNames", NAME_PATTERN);
    if (to != NULL)
        kp_schema_ref(json, "additionalProperties", to);
    kp_json_end(json, '}');
}

static void write_matrix(struct kp_json *json)
{
    kp_schema_begin(json, "matrix", "variables with several values each");
    kp_json_begin(json, "type", '[');
    kp_json_text(json, NULL, "object");
    kp_json_text(json, NULL, "null");
    kp_json_end(json, ']');
    kp_schema_pattern(json, "propertyNames", NAME_PATTERN);
    kp_json_number(json, "maxProperties", KP_MATRIX_MAX_VARIABLES);
    kp_json_begin(json, "additionalProperties", '{');
    kp_json_begin(json, "anyOf", '[');
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "array");
    kp_schema_ref(json, "items", "matrix-value");
    kp_json_number(json, "minItems", 1);
    kp_json_end(json, '}');
    kp_schema_ref(json, NULL, "matrix-value");
    kp_json_end(json, ']');
    kp_json_end(json, '}');
    kp_json_end(json, '}');
}

/* Host tools that stages may run, recipe/tools.c: a map of names and paths, or names. */
static void write_tools(struct kp_json *json)
{
    kp_schema_begin(json, "tools",
                    "host tools that stages may run: a list of names, or names with "
                    "the paths of the programs");
    kp_json_begin(json, "anyOf", '[');
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "object");
    kp_schema_pattern(json, "propertyNames", TOOL_PATTERN);
    kp_json_begin(json, "additionalProperties", '{');
    kp_json_begin(json, "anyOf", '[');
    kp_schema_ref(json, NULL, "path");
    kp_schema_ref(json, NULL, "nothing");
    kp_json_end(json, ']');
    kp_json_end(json, '}');
    kp_json_end(json, '}');
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "array");
    kp_schema_pattern(json, "items", TOOL_PATTERN);
    kp_json_end(json, '}');
    kp_schema_ref(json, NULL, "nothing");
    kp_json_end(json, ']');
    kp_json_end(json, '}');
}

static void write_isolation(struct kp_json *json)
{
    kp_schema_begin(json, "isolation",
                    "where plugins run: auto, process (all in workers) or none (all in kpipe, if "
                    "the command line says so too)");
    kp_json_begin(json, "enum", '[');
    for (int i = 0; i < KP_ISOLATION_COUNT; i++)
        kp_json_text(json, NULL, kp_isolation_name((enum kp_isolation)i));
    kp_json_text(json, NULL, NULL);
    kp_json_end(json, ']');
    kp_json_end(json, '}');
}

static void write_keys(struct kp_json *json)
{
    char version[16];

    snprintf(version, sizeof(version), "%d", KP_RECIPE_LANGUAGE);
    kp_json_begin(json, "properties", '{');
    kp_schema_begin(json, "kpipe", "version of the recipe language");
    kp_json_begin(json, "enum", '[');
    kp_json_number(json, NULL, KP_RECIPE_LANGUAGE);
    kp_json_text(json, NULL, version);
    kp_json_end(json, ']');
    kp_json_end(json, '}');
    kp_schema_begin(json, "name", "a title, for people");
    kp_json_begin(json, "anyOf", '[');
    kp_schema_ref(json, NULL, "text");
    kp_schema_ref(json, NULL, "nothing");
    kp_json_end(json, ']');
    kp_json_end(json, '}');
    kp_schema_begin(json, "arch", "the architecture of inputs that do not tell it themselves");
    kp_json_begin(json, "anyOf", '[');
    kp_schema_ref(json, NULL, "arch");
    kp_schema_ref(json, NULL, "nothing");
    kp_json_end(json, ']');
    kp_json_end(json, '}');
    write_isolation(json);
    write_list_or_one(json, "extends", "base",
                      "a recipe, or a list of them, that this one is based on");
    write_map(json, "vars", NULL, "variables and their values");
    write_map(json, "inputs", "input", "names of files");
    write_map(json, "images", "chain", "names of chains of stages");
    write_map(json, "keys", "key", "names of keys, with which stages sign and encrypt");
    write_list_or_one(json, "outputs", "output", "the images to be written");
    write_matrix(json);
    write_tools(json);
    kp_json_end(json, '}');
}

static void write_definitions(struct kp_session *session, struct kp_json *json)
{
    kp_json_begin(json, "$defs", '{');
    kp_schema_items(session, json);
    kp_schema_begin(json, "base",
                    "the path of a recipe, or kpipe: and that of one that is installed");
    kp_json_text(json, "type", "string");
    kp_json_text(json, "pattern", "^([^$]|[$]([^(]|$))+$");
    kp_json_end(json, '}');
    define_matrix_value(json);
    kp_schema_sources(session, json);
    kp_schema_stages(session, json);
    kp_json_end(json, '}');
}

static int run(struct kp_session *session)
{
    struct kp_json json = {stdout, 0, false};
    int code;

    if (!kp_session_open(session, &code))
        return code;
    kp_json_begin(&json, NULL, '{');
    kp_json_text(&json, "$schema", "https://json-schema.org/draft/2020-12/schema");
    kp_json_text(&json, "title", "kpipe recipe");
    kp_json_text(&json, "description", "made by kpipe " KPIPE_VERSION " from its plugins");
    kp_json_text(&json, "type", "object");
    write_keys(&json);
    kp_json_boolean(&json, "additionalProperties", false);
    write_definitions(session, &json);
    kp_json_end(&json, '}');
    return kp_session_code(session);
}

static const struct kp_option options[] = {KP_OPTIONS_PLUGINS, KP_OPTION_HELP, {0}};

const struct kp_command kp_command_schema = {
    .name = "schema",
    .operands = "",
    .summary = "write the JSON Schema of recipes, for editors",
    .help = "Writes the JSON Schema (draft 2020-12) of recipes: their keys, and the stage types, "
            "sources and architectures of the plugins that were found, with all parameters. An "
            "editor that knows it completes and checks recipes; with yaml-language-server a "
            "recipe begins with a line that names the file:\n"
            "\n"
            "    # yaml-language-server: $schema=kpipe.schema.json\n"
            "\n"
            "The schema refuses nothing that is right. What only a whole recipe can tell, as "
            "names that nothing has, is found by `kpipe check`.",
    .options = options,
    .run = run,
};
