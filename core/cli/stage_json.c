/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/stage_json.c - stage types and architectures as JSON: the tables, as they are.
 */
#include "cli/stage.h"

#include <stddef.h>

void kp_names_json(struct kp_json *json, const char *name, const char *const *names)
{
    kp_json_begin(json, name, '[');
    for (size_t i = 0; names != NULL && names[i] != NULL; i++)
        kp_json_text(json, NULL, names[i]);
    kp_json_end(json, ']');
}

static const char *type_name(uint32_t type)
{
    static const char *const names[] = {
        [KP_TYPE_UINT] = "unsigned", [KP_TYPE_INT] = "signed",    [KP_TYPE_BOOL] = "boolean",
        [KP_TYPE_CHOICE] = "choice", [KP_TYPE_TEXT] = "text",     [KP_TYPE_IMAGE] = "image",
        [KP_TYPE_STAGE] = "stage",   [KP_TYPE_RECORD] = "record", [KP_TYPE_TREE] = "tree",
        [KP_TYPE_KEY] = "key",
    };

    return type < sizeof(names) / sizeof(names[0]) ? names[type] : NULL;
}

static void write_limits(struct kp_json *json, const struct kp_param *row)
{
    if (row->type == KP_TYPE_INT && (row->low != 0 || row->high != 0)) {
        kp_json_integer(json, "minimum", row->low);
        kp_json_integer(json, "maximum", row->high);
    } else if (row->minimum != 0 || row->maximum != 0) {
        kp_json_number(json, "minimum", row->minimum);
        kp_json_number(json, "maximum", row->maximum);
    }
    if (row->list != 0 && (row->min_items != 0 || row->max_items != 0)) {
        kp_json_number(json, "min_items", row->min_items);
        if (row->max_items != 0)
            kp_json_number(json, "max_items", row->max_items);
    }
}

static void write_choices(struct kp_json *json, const struct kp_param *row)
{
    if (row->choices == NULL)
        return;
    kp_json_begin(json, "choices", '[');
    for (size_t i = 0; row->choices[i] != NULL; i++) {
        kp_json_begin(json, NULL, '{');
        kp_json_text(json, "name", row->choices[i]->name);
        kp_json_text(json, "summary", row->choices[i]->summary);
        kp_json_end(json, '}');
    }
    kp_json_end(json, ']');
}

/* A text that the row may not have. */
static void write_text(struct kp_json *json, const char *name, const char *text)
{
    if (text != NULL)
        kp_json_text(json, name, text);
}

static void write_table(struct kp_json *json, const char *name, const struct kp_param *const *table)
{
    kp_json_begin(json, name, '[');
    for (size_t i = 0; table != NULL && table[i] != NULL; i++) {
        const struct kp_param *row = table[i];

        kp_json_begin(json, NULL, '{');
        kp_json_text(json, "name", row->name);
        kp_json_text(json, "type", type_name(row->type));
        kp_json_boolean(json, "list", row->list != 0);
        kp_json_boolean(json, "required", (row->flags & KP_PARAM_REQUIRED) != 0);
        kp_json_boolean(json, "short", (row->flags & KP_PARAM_SHORT) != 0);
        if (row->type == KP_TYPE_TEXT)
            kp_json_boolean(json, "traits", (row->flags & KP_PARAM_TRAITS) != 0);
        if ((row->flags & KP_PARAM_MAY_MISS) != 0)
            kp_json_boolean(json, "may_miss", true);
        kp_json_text(json, "summary", row->summary);
        write_text(json, "help", row->help);
        write_text(json, "unit", row->unit);
        write_text(json, "default", row->fallback);
        write_text(json, "trait", row->trait);
        write_text(json, "computed", row->computed);
        write_limits(json, row);
        write_choices(json, row);
        if (row->kinds != NULL)
            kp_names_json(json, "kinds", row->kinds);
        write_text(json, "since", row->since);
        write_text(json, "deprecated", row->deprecated);
        write_text(json, "needed_if", row->needed_if);
        if (row->fields != NULL)
            write_table(json, "fields", row->fields);
        kp_json_end(json, '}');
    }
    kp_json_end(json, ']');
}

void kp_stage_json(struct kp_json *json, const struct kp_stage *stage)
{
    const struct kp_operation *operation = &stage->operation;

    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "name", stage->name);
    kp_json_text(json, "plugin", stage->plugin->note.id);
    kp_json_text(json, "summary", operation->summary);
    write_text(json, "help", operation->help);
    kp_json_boolean(json, "main_input", (operation->flags & KP_OP_NO_INPUT) == 0);
    kp_json_boolean(json, "may_begin", (operation->flags & KP_OP_MAY_BEGIN) != 0);
    if (operation->input_kinds != NULL)
        kp_names_json(json, "input_kinds", operation->input_kinds);
    kp_json_text(json, "output_kind", operation->output_kind);
    kp_json_boolean(json, "deterministic", (operation->flags & KP_OP_DETERMINISTIC) != 0);
    kp_names_json(json, "parts", operation->parts);
    kp_names_json(json, "sets", operation->sets);
    kp_names_json(json, "sets_if_physical", operation->sets_if_physical);
    write_table(json, "parameters", operation->params);
    kp_json_end(json, '}');
}

void kp_source_json(struct kp_json *json, const struct kp_stage *source)
{
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "name", source->name);
    kp_json_text(json, "plugin", source->plugin->note.id);
    kp_json_text(json, "summary", source->operation.summary);
    write_text(json, "help", source->operation.help);
    write_table(json, "parameters", source->operation.params);
    kp_json_end(json, '}');
}

void kp_arch_json(struct kp_json *json, const struct kp_arch *arch)
{
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "name", arch->name);
    kp_names_json(json, "aliases", arch->aliases);
    kp_json_text(json, "summary", arch->summary);
    kp_json_boolean(json, "64bit", (arch->flags & KP_ARCH_64BIT) != 0);
    kp_json_boolean(json, "little_endian", (arch->flags & KP_ARCH_LITTLE_ENDIAN) != 0);
    kp_json_boolean(json, "big_endian", (arch->flags & KP_ARCH_BIG_ENDIAN) != 0);
    kp_json_boolean(json, "paddr_physical", (arch->flags & KP_ARCH_PADDR_PHYSICAL) != 0);
    kp_json_number(json, "elf_machine", arch->elf_machine);
    kp_json_text(json, "kbuild", arch->kbuild);
    kp_names_json(json, "debian", arch->debian);
    kp_json_text(json, "uboot", arch->uboot);
    kp_json_number(json, "uboot_number", arch->uboot_number);
    kp_json_number(json, "efi_machine", arch->efi_machine);
    kp_json_text(json, "bcj", arch->bcj);
    kp_json_begin(json, "page_sizes", '[');
    for (size_t i = 0; arch->page_sizes[i] != 0; i++)
        kp_json_number(json, NULL, arch->page_sizes[i]);
    kp_json_end(json, ']');
    kp_json_end(json, '}');
}
