/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/schema_item.c - the definitions of what recipes are made of besides stages: scalars,
 * architectures, inputs, chains and outputs, as recipe/item.c and recipe/chain.c read them.
 */
#include <stdio.h>

#include "cli/schema.h"

/* The name of an input or image, or of one of its parts. */
#define IMAGE_PATTERN "[A-Za-z][A-Za-z0-9_-]*([.].+)?"
/* A vendor's own trait, base/trait.c. */
#define TRAIT_PATTERN "^[A-Za-z0-9][A-Za-z0-9_-]*([.][A-Za-z0-9][A-Za-z0-9_-]*)+$"

void kp_schema_begin(struct kp_json *json, const char *name, const char *description)
{
    kp_json_begin(json, name, '{');
    if (description != NULL)
        kp_json_text(json, "description", description);
}

void kp_schema_pattern(struct kp_json *json, const char *name, const char *text)
{
    kp_json_begin(json, name, '{');
    kp_json_text(json, "type", "string");
    kp_json_text(json, "pattern", text);
    kp_json_end(json, '}');
}

static void one_text(struct kp_json *json, const char *name, const char *member, const char *text)
{
    kp_json_begin(json, name, '{');
    kp_json_text(json, member, text);
    kp_json_end(json, '}');
}

/* Text however YAML reads it, and nothing else. */
static void define_scalars(struct kp_json *json)
{
    one_text(json, "nothing", "type", "null");
    kp_schema_begin(json, "variable", "a value with a variable, $(name) or $(env:NAME)");
    kp_json_text(json, "type", "string");
    kp_json_text(json, "pattern", "[$][(]");
    kp_json_end(json, '}');
    kp_schema_begin(json, "traits",
                    "a text in which %(trait) stands for a trait of the main input");
    kp_json_text(json, "type", "string");
    kp_json_text(json, "pattern", "%");
    kp_json_end(json, '}');
    kp_schema_begin(json, "text", "text, without quotes too");
    kp_json_begin(json, "type", '[');
    kp_json_text(json, NULL, "string");
    kp_json_text(json, NULL, "number");
    kp_json_text(json, NULL, "boolean");
    kp_json_end(json, ']');
    kp_json_end(json, '}');
    kp_schema_begin(json, "path", "a path, relative to the folder of the recipe");
    kp_json_begin(json, "anyOf", '[');
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "string");
    kp_json_number(json, "minLength", 1);
    kp_json_end(json, '}');
    one_text(json, NULL, "type", "number");
    one_text(json, NULL, "type", "boolean");
    kp_json_end(json, ']');
    kp_json_end(json, '}');
    kp_schema_begin(json, "number", "a number: decimal, 0x or 0o; K, M and G are powers of 1024");
    kp_schema_unsigned(json, 0, 0);
    kp_json_end(json, '}');
}

static void define_boolean(struct kp_json *json)
{
    static const char *const words[] = {"true", "false", "yes", "no"};

    kp_json_begin(json, "boolean", '{');
    kp_json_begin(json, "anyOf", '[');
    one_text(json, NULL, "type", "boolean");
    kp_json_begin(json, NULL, '{');
    kp_json_begin(json, "enum", '[');
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        kp_json_text(json, NULL, words[i]);
    kp_json_end(json, ']');
    kp_json_end(json, '}');
    kp_schema_ref(json, NULL, "variable");
    kp_json_end(json, ']');
    kp_json_end(json, '}');
}

static void define_image(struct kp_json *json)
{
    kp_schema_begin(json, "image",
                    "the name of an input or image, or of a part of one; _ is what comes "
                    "down the chain");
    kp_json_begin(json, "anyOf", '[');
    kp_schema_pattern(json, NULL, "^(_|" IMAGE_PATTERN ")$");
    kp_schema_ref(json, NULL, "variable");
    kp_json_end(json, ']');
    kp_json_end(json, '}');
}

/* Names and aliases of all architectures, from the plugins' notes. */
static void define_arch(struct kp_session *session, struct kp_json *json)
{
    kp_schema_begin(json, "arch", "an architecture");
    kp_json_begin(json, "anyOf", '[');
    kp_json_begin(json, NULL, '{');
    kp_json_begin(json, "enum", '[');
    for (size_t i = 0; i < kp_registry_count(session->registry); i++) {
        const struct kp_plugin_file *file = kp_registry_file(session->registry, i);

        if (file->state == KP_PLUGIN_REJECTED)
            continue;
        for (size_t j = 0; j < file->note.arch_count; j++) {
            const struct kp_note_arch *arch = &file->note.archs[j];

            for (size_t k = 0; k < arch->count; k++)
                kp_json_text(json, NULL, arch->names[k]);
        }
    }
    kp_json_end(json, ']');
    kp_json_end(json, '}');
    kp_schema_ref(json, NULL, "variable");
    kp_json_end(json, ']');
    kp_json_end(json, '}');
}

/* A form of an input that is a path, or a map with a path. Between the two stands what else
 * the map may hold, beginning inside its properties. */
static void begin_path_form(struct kp_json *json, const char *key, const char *description)
{
    kp_schema_begin(json, key, description);
    kp_json_begin(json, "anyOf", '[');
    kp_schema_ref(json, NULL, "path");
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "object");
    kp_json_begin(json, "properties", '{');
    kp_schema_ref(json, "path", "path");
}

static void end_path_form(struct kp_json *json)
{
    kp_json_begin(json, "required", '[');
    kp_json_text(json, NULL, "path");
    kp_json_end(json, ']');
    kp_json_boolean(json, "additionalProperties", false);
    kp_json_end(json, '}');
    kp_json_end(json, ']');
    kp_json_end(json, '}');
}

/* {file: {path: P, load: ...}}: the path, and what the board knows about the file. */
static void write_file_form(struct kp_json *json)
{
    static const char *const numbers[] = {"entry", "load", "bss", "size"};
    static const char *const texts[] = {"version", "kind", "codec"};

    begin_path_form(json, "file", "a file, with what the board knows about it");
    kp_schema_ref(json, "arch", "arch");
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        kp_schema_ref(json, numbers[i], "number");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        kp_schema_ref(json, texts[i], "text");
    kp_json_end(json, '}');
    kp_json_begin(json, "patternProperties", '{');
    kp_schema_ref(json, TRAIT_PATTERN, "text");
    kp_json_end(json, '}');
    end_path_form(json);
}

/* {tree: P}: a folder. */
static void write_tree_form(struct kp_json *json)
{
    begin_path_form(json, "tree", "a folder of files");
    kp_json_end(json, '}');
    end_path_form(json);
}

static void define_input(struct kp_session *session, struct kp_json *json)
{
    kp_json_begin(json, "input", '{');
    kp_json_begin(json, "anyOf", '[');
    kp_schema_ref(json, NULL, "path");
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "object");
    kp_json_number(json, "minProperties", 1);
    kp_json_number(json, "maxProperties", 1);
    kp_json_begin(json, "properties", '{');
    write_file_form(json);
    write_tree_form(json);
    kp_schema_source_forms(session, json);
    kp_json_end(json, '}');
    kp_json_boolean(json, "additionalProperties", false);
    kp_json_end(json, '}');
    kp_json_end(json, ']');
    kp_json_end(json, '}');
}

/* A key: a path, a PKCS#11 URI, or a map with one of them and with what holds its PIN. */
static void define_keys(struct kp_json *json)
{
    static const char *const places[] = {"file", "pkcs11"};

    kp_schema_begin(json, "key-name", "the name of a key");
    kp_json_begin(json, "anyOf", '[');
    kp_schema_pattern(json, NULL, "^[A-Za-z][A-Za-z0-9_-]*$");
    kp_schema_ref(json, NULL, "variable");
    kp_json_end(json, ']');
    kp_json_end(json, '}');
    kp_json_begin(json, "key", '{');
    kp_json_begin(json, "anyOf", '[');
    kp_schema_ref(json, NULL, "path");
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "object");
    kp_json_begin(json, "properties", '{');
    kp_schema_begin(json, "file", "a PEM file, or 16, 24 or 32 bytes of a secret");
    kp_json_text(json, "$ref", "#/$defs/path");
    kp_json_end(json, '}');
    kp_schema_begin(json, "pkcs11", "the URI of a key on a token: pkcs11:token=...;object=...");
    kp_json_text(json, "$ref", "#/$defs/text");
    kp_json_end(json, '}');
    kp_schema_begin(json, "secret-from", "the file that holds its PIN or passphrase");
    kp_json_text(json, "$ref", "#/$defs/path");
    kp_json_end(json, '}');
    kp_json_end(json, '}');
    /* What a base gives need not be given here. */
    kp_json_begin(json, "not", '{');
    kp_json_begin(json, "required", '[');
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        kp_json_text(json, NULL, places[i]);
    kp_json_end(json, ']');
    kp_json_end(json, '}');
    kp_json_boolean(json, "additionalProperties", false);
    kp_json_end(json, '}');
    kp_json_end(json, ']');
    kp_json_end(json, '}');
}

/* A chain: what it begins with, and stages; one element needs no list. */
static void define_chain(struct kp_json *json)
{
    kp_json_begin(json, "chain", '{');
    kp_json_begin(json, "anyOf", '[');
    kp_schema_ref(json, NULL, "begin");
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "array");
    kp_json_begin(json, "prefixItems", '[');
    kp_schema_ref(json, NULL, "begin");
    kp_json_end(json, ']');
    kp_schema_ref(json, "items", "stage");
    kp_json_number(json, "minItems", 1);
    kp_json_end(json, '}');
    kp_json_end(json, ']');
    kp_json_end(json, '}');
}

/* NAME, {NAME: FILE} or {NAME: {file: FILE}}. */
static void define_output(struct kp_json *json)
{
    kp_json_begin(json, "output", '{');
    kp_json_begin(json, "anyOf", '[');
    kp_schema_ref(json, NULL, "image");
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "object");
    kp_json_number(json, "minProperties", 1);
    kp_json_number(json, "maxProperties", 1);
    kp_schema_pattern(json, "propertyNames", "^" IMAGE_PATTERN "$");
    kp_json_begin(json, "additionalProperties", '{');
    kp_json_begin(json, "anyOf", '[');
    kp_schema_ref(json, NULL, "nothing");
    kp_schema_ref(json, NULL, "path");
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "object");
    kp_json_begin(json, "properties", '{');
    kp_schema_begin(json, "file", "where it is written, relative to the output folder");
    kp_json_text(json, "$ref", "#/$defs/path");
    kp_json_end(json, '}');
    kp_json_end(json, '}');
    kp_json_boolean(json, "additionalProperties", false);
    kp_json_end(json, '}');
    kp_json_end(json, ']');
    kp_json_end(json, '}');
    kp_json_end(json, '}');
    kp_json_end(json, ']');
    kp_json_end(json, '}');
}

void kp_schema_items(struct kp_session *session, struct kp_json *json)
{
    define_scalars(json);
    define_boolean(json);
    define_image(json);
    define_arch(session, json);
    define_input(session, json);
    define_keys(json);
    define_chain(json);
    define_output(json);
}
