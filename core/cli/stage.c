/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/stage.c - stage types and architectures as people read them.
 */
#include "cli/stage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "cli/args.h"
#include "plugin/bind_text.h"

/* Columns by which what belongs to a parameter is moved in. */
#define STEP 2u
/* Longer names of choices are not lined up. */
#define CHOICE_WIDTH 24

void kp_stage_names(struct kp_string *to, const char *const *names)
{
    for (size_t i = 0; names != NULL && names[i] != NULL; i++)
        kp_string_printf(to, "%s%s", i > 0 ? ", " : "", names[i]);
}

void kp_stage_type(struct kp_string *to, struct kp_arena *arena, const struct kp_param *row)
{
    const bool limits = row->minimum != 0 || row->maximum != 0;
    static const char *const types[] = {
        [KP_TYPE_UINT] = "number",   [KP_TYPE_INT] = "number", [KP_TYPE_BOOL] = "true or false",
        [KP_TYPE_CHOICE] = "choice", [KP_TYPE_TEXT] = "text",  [KP_TYPE_IMAGE] = "image",
        [KP_TYPE_STAGE] = "stage",   [KP_TYPE_RECORD] = "map", [KP_TYPE_TREE] = "tree",
        [KP_TYPE_KEY] = "key",
    };

    if (row->list != 0) {
        kp_string_add(to, "list of ");
        if (row->min_items != 0 || row->max_items != 0)
            kp_string_printf(to, "%s ", kp_bind_items_text(arena, row));
    }
    kp_string_add(to, row->type < sizeof(types) / sizeof(types[0]) ? types[row->type] : "?");
    if (row->type == KP_TYPE_UINT && row->maximum == UINT64_MAX)
        kp_string_printf(to, " from %" PRIu64, row->minimum);
    else if (row->type == KP_TYPE_UINT
                 ? limits
                 : row->type == KP_TYPE_INT && (row->low != 0 || row->high != 0))
        kp_string_printf(to, " %s", kp_bind_range_text(arena, row));
    if (row->type == KP_TYPE_TEXT && limits)
        kp_string_printf(to, " of %s bytes", kp_bind_range_text(arena, row));
    if (row->unit != NULL)
        kp_string_printf(to, ", in %s", row->unit);
    if (row->kinds != NULL) {
        kp_string_add(to, " of kind ");
        kp_stage_names(to, row->kinds);
    }
}

void kp_stage_default(struct kp_string *to, const struct kp_param *row)
{
    const bool required = (row->flags & KP_PARAM_REQUIRED) != 0;

    if (row->trait != NULL)
        kp_string_printf(to, ", default: the input's %s", row->trait);
    if (row->fallback != NULL)
        kp_string_printf(to, "%s %s", row->trait != NULL ? ", else" : ", default", row->fallback);
    else if (row->computed != NULL)
        kp_string_printf(to, "%s %s", row->trait != NULL ? ", else" : ", default:", row->computed);
    else if (required)
        kp_string_add(to, row->trait != NULL ? ", else required" : ", required");
    if (row->needed_if != NULL)
        kp_string_printf(to, ", needed if %s", row->needed_if);
    if ((row->flags & KP_PARAM_MAY_MISS) != 0)
        kp_string_add(to, ", may name what does not exist");
    if ((row->flags & KP_PARAM_SHORT) != 0)
        kp_string_add(to, ", short");
}

/* "a, b" */
static void list_names(const char *const *names)
{
    struct kp_string text KP_AUTO(string) = {0};

    kp_stage_names(&text, names);
    fputs(text.length > 0 && !text.failed ? text.text : "", stdout);
}

static void show_type(struct kp_arena *arena, const struct kp_param *row)
{
    struct kp_string text KP_AUTO(string) = {0};

    kp_stage_type(&text, arena, row);
    kp_stage_default(&text, row);
    puts(text.failed ? "?" : text.text);
}

static void show_choices(const struct kp_param *row, unsigned indent)
{
    size_t width = 0;

    for (size_t i = 0; row->choices != NULL && row->choices[i] != NULL; i++) {
        const size_t length = strlen(row->choices[i]->name);

        width = length > width && length <= CHOICE_WIDTH ? length : width;
    }
    for (size_t i = 0; row->choices != NULL && row->choices[i] != NULL; i++) {
        const char *summary = row->choices[i]->summary;
        const int column = printf("%*s%-*s  ", (int)indent, "", (int)width, row->choices[i]->name);

        kp_help_wrap(stdout, summary != NULL ? summary : "", indent + (unsigned)width + 2,
                     (unsigned)column);
    }
}

/* Only the least that is worth saying is said: a phrase each. */
static void show_more(const struct kp_param *row, unsigned indent)
{
    kp_help_wrap(stdout, row->summary, indent, 0);
    if (row->help != NULL)
        kp_help_wrap(stdout, row->help, indent, 0);
    if ((row->flags & KP_PARAM_TRAITS) != 0)
        kp_help_wrap(stdout, "%(trait) in it stands for a trait of the main input", indent, 0);
    if (row->since != NULL)
        printf("%*ssince %s\n", (int)indent, "", row->since);
    if (row->deprecated != NULL)
        printf("%*sdeprecated: %s\n", (int)indent, "", row->deprecated);
    show_choices(row, indent);
}

/* Records nest only as deep as the plugin's tables, which were checked. */
static void show_table(struct kp_arena *arena, const struct kp_param *const *table, unsigned indent)
{
    for (size_t i = 0; table != NULL && table[i] != NULL; i++) {
        printf("%*s%s: ", (int)indent, "", table[i]->name);
        show_type(arena, table[i]);
        show_more(table[i], indent + 2 * STEP);
        show_table(arena, table[i]->fields, indent + 2 * STEP);
    }
}

static void show_images(const struct kp_operation *operation)
{
    if ((operation->flags & KP_OP_NO_INPUT) != 0) {
        fputs("  main input: none, it begins a chain\n", stdout);
    } else {
        fputs("  main input: ", stdout);
        if (operation->input_kinds == NULL)
            fputs("any kind", stdout);
        list_names(operation->input_kinds);
        puts((operation->flags & KP_OP_MAY_BEGIN) != 0 ? "; or none, where it begins a chain" : "");
    }
    printf("  output:     %s\n", operation->output_kind == NULL ? "kind found when it runs"
                                 : strcmp(operation->output_kind, KP_KIND_SAME) == 0
                                     ? "the kind of the main input"
                                     : operation->output_kind);
    if (operation->parts != NULL) {
        fputs("  parts:      ", stdout);
        list_names(operation->parts);
        putchar('\n');
    }
    if (operation->sets != NULL) {
        fputs("  sets:       ", stdout);
        list_names(operation->sets);
        putchar('\n');
    }
    if (operation->sets_if_physical != NULL) {
        fputs("  sets:       ", stdout);
        list_names(operation->sets_if_physical);
        fputs(" (where the architecture's ELF files hold physical addresses)\n", stdout);
    }
    if ((operation->flags & KP_OP_DETERMINISTIC) == 0)
        fputs("  not deterministic: equal inputs may give different bytes\n", stdout);
}

/* What stages and sources have in common: help and parameters. */
static void show_operation(struct kp_arena *arena, const struct kp_operation *operation)
{
    if (operation->help != NULL) {
        putchar('\n');
        kp_help_wrap(stdout, operation->help, STEP, 0);
    }
    if (operation->params == NULL || operation->params[0] == NULL) {
        fputs("\n  no parameters\n", stdout);
        return;
    }
    fputs("\n  parameters:\n", stdout);
    show_table(arena, operation->params, 2 * STEP);
}

void kp_stage_show(struct kp_arena *arena, const struct kp_stage *stage)
{
    printf("stage %s: %s\n", stage->name, stage->operation.summary);
    show_images(&stage->operation);
    show_operation(arena, &stage->operation);
}

void kp_source_show(struct kp_arena *arena, const struct kp_stage *source)
{
    printf("source %s: %s\n", source->name, source->operation.summary);
    printf("  an input {%s: {...}}; an image is the path of a file, a tree that of a folder\n",
           source->name);
    show_operation(arena, &source->operation);
}

void kp_arch_show(const struct kp_arch *arch)
{
    printf("architecture %s: %s\n", arch->name, arch->summary != NULL ? arch->summary : "");
    if (arch->aliases != NULL && arch->aliases[0] != NULL) {
        fputs("  also called: ", stdout);
        list_names(arch->aliases);
        putchar('\n');
    }
    printf("  %s, %s%s%s endian\n", (arch->flags & KP_ARCH_64BIT) != 0 ? "64 bits" : "32 bits",
           (arch->flags & KP_ARCH_LITTLE_ENDIAN) != 0 ? "little" : "",
           (arch->flags & KP_ARCH_LITTLE_ENDIAN) != 0 && (arch->flags & KP_ARCH_BIG_ENDIAN) != 0
               ? " and "
               : "",
           (arch->flags & KP_ARCH_BIG_ENDIAN) != 0 ? "big" : "");
    printf("  ELF machine %" PRIu32 "; p_paddr is %sphysical\n", arch->elf_machine,
           (arch->flags & KP_ARCH_PADDR_PHYSICAL) != 0 ? "" : "not ");
    if (arch->kbuild != NULL)
        printf("  Kbuild: ARCH=%s\n", arch->kbuild);
    if (arch->debian != NULL && arch->debian[0] != NULL) {
        fputs("  Debian: ", stdout);
        list_names(arch->debian);
        putchar('\n');
    }
    if (arch->uboot != NULL)
        printf("  U-Boot: %s (%" PRIu32 ")\n", arch->uboot, arch->uboot_number);
    if (arch->efi_machine != 0)
        printf("  EFI machine: 0x%" PRIx32 "\n", arch->efi_machine);
    if (arch->bcj != NULL)
        printf("  BCJ filter: %s\n", arch->bcj);
    for (size_t i = 0; arch->page_sizes[i] != 0; i++)
        printf("%s%" PRIu32, i == 0 ? "  page sizes: " : ", ", arch->page_sizes[i]);
    putchar('\n');
}
