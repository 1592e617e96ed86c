/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/man_plugin.c - the manual page of a plugin, from its tables: stage types with
 * their parameters, codecs and formats, architectures. Nothing is known here that the
 * tables do not say.
 */
#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "cli/man.h"
#include "cli/stage.h"

static void begin_list(FILE *to)
{
    fputs(".Bl -tag -width Ds\n", to);
}

/* ".It label" and the names below it; nothing if there are none. */
static void put_names(FILE *to, const char *label, const char *const *names)
{
    struct kp_string text KP_AUTO(string) = {0};

    kp_stage_names(&text, names);
    if (text.length == 0 || text.failed)
        return;
    kp_man_line(to, "It", label);
    kp_man_text(to, text.text);
}

static void put_choices(FILE *to, const struct kp_param *row)
{
    if (row->choices == NULL || row->choices[0] == NULL)
        return;
    begin_list(to);
    for (size_t i = 0; row->choices[i] != NULL; i++) {
        const struct kp_choice *choice = row->choices[i];

        kp_man_line(to, "It Cm", choice->name);
        if (choice->summary != NULL)
            kp_man_text(to, choice->summary);
        if (choice->tool != NULL)
            fprintf(to, "(runs the host tool %s)\n", choice->tool);
    }
    fputs(".El\n", to);
}

/* What stands below a parameter's name, but for its choices and fields. */
static void put_row(FILE *to, struct kp_arena *arena, const struct kp_param *row)
{
    struct kp_string text KP_AUTO(string) = {0};

    kp_stage_type(&text, arena, row);
    kp_stage_default(&text, row);
    if (!text.failed) {
        kp_man_text(to, text.text);
        fputs(".Pp\n", to);
    }
    kp_man_text(to, row->summary);
    if (row->help != NULL) {
        fputs(".Pp\n", to);
        kp_man_paragraphs(to, row->help);
    }
    if ((row->flags & KP_PARAM_TRAITS) != 0)
        fputs(".Pp\n%(trait) in it stands for a trait of the main input.\n", to);
    if ((row->flags & KP_PARAM_TOOL) != 0)
        fputs(".Pp\nIt names a host tool.\n", to);
    if (row->since != NULL) {
        fputs(".Pp\nSince", to);
        kp_man_argument(to, row->since);
        fputc('\n', to);
    }
    if (row->deprecated != NULL) {
        fputs(".Pp\nDeprecated:\n", to);
        kp_man_text(to, row->deprecated);
    }
}

/* Records nest only as deep as the plugin's tables, which were checked. */
static void put_table(FILE *to, struct kp_arena *arena, const struct kp_param *const *table)
{
    if (table == NULL || table[0] == NULL)
        return;
    begin_list(to);
    for (size_t i = 0; table[i] != NULL; i++) {
        kp_man_line(to, "It Cm", table[i]->name);
        put_row(to, arena, table[i]);
        put_choices(to, table[i]);
        put_table(to, arena, table[i]->fields);
    }
    fputs(".El\n", to);
}

/* What goes in and what comes out. */
static void put_images(FILE *to, const struct kp_operation *operation)
{
    const char *const any[] = {"any kind", NULL};
    const char *const none[] = {"none, it begins a chain", NULL};
    const char *const maybe[] = {"any kind; or none, where it begins a chain", NULL};
    const char *output = operation->output_kind;
    const bool no_input = (operation->flags & KP_OP_NO_INPUT) != 0;

    fputs(".Bl -tag -width 12n -compact\n", to);
    put_names(to, "main input",
              no_input                                    ? none
              : operation->input_kinds != NULL            ? operation->input_kinds
              : (operation->flags & KP_OP_MAY_BEGIN) != 0 ? maybe
                                                          : any);
    kp_man_line(to, "It", "output");
    kp_man_text(to, output == NULL                      ? "kind found when it runs"
                    : strcmp(output, KP_KIND_SAME) == 0 ? "the kind of the main input"
                                                        : output);
    put_names(to, "parts", operation->parts);
    put_names(to, "sets", operation->sets);
    put_names(to, "sets where ELF files hold physical addresses", operation->sets_if_physical);
    put_names(to, "host tools", operation->tools);
    fputs(".El\n", to);
}

static void put_stage(FILE *to, struct kp_arena *arena, const struct kp_stage *stage)
{
    const struct kp_operation *operation = &stage->operation;

    kp_man_line(to, "Ss", stage->name);
    kp_man_text(to, operation->summary);
    put_images(to, operation);
    if (operation->help != NULL) {
        fputs(".Pp\n", to);
        kp_man_paragraphs(to, operation->help);
    }
    if ((operation->flags & KP_OP_DETERMINISTIC) == 0)
        fputs(".Pp\nNot deterministic: equal inputs may give different bytes.\n", to);
    if (operation->params == NULL || operation->params[0] == NULL) {
        fputs(".Pp\nIt takes no parameters.\n", to);
        return;
    }
    fputs(".Pp\nIts parameters:\n", to);
    put_table(to, arena, operation->params);
}

/* An input type: its images are paths of files, its trees those of folders. */
static void put_source(FILE *to, struct kp_arena *arena, const struct kp_stage *source)
{
    kp_man_line(to, "Ss", source->name);
    kp_man_text(to, source->operation.summary);
    if (source->operation.help != NULL) {
        fputs(".Pp\n", to);
        kp_man_paragraphs(to, source->operation.help);
    }
    fputs(".Pp\nIts parameters, of which an image is the path of a file, and a tree that of a "
          "folder:\n",
          to);
    put_table(to, arena, source->operation.params);
}

/* One fact of an architecture. */
__attribute__((format(printf, 3, 4))) static void put_fact(FILE *to, const char *label,
                                                           const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    kp_man_line(to, "It", label);
    kp_man_text(to, text);
}

static void put_arch(FILE *to, const struct kp_arch *arch)
{
    const bool little = (arch->flags & KP_ARCH_LITTLE_ENDIAN) != 0;
    const bool big = (arch->flags & KP_ARCH_BIG_ENDIAN) != 0;
    struct kp_string pages KP_AUTO(string) = {0};

    kp_man_line(to, "Ss", arch->name);
    kp_man_text(to, arch->summary != NULL ? arch->summary : "");
    fputs(".Bl -tag -width 12n -compact\n", to);
    put_names(to, "also called", arch->aliases);
    put_fact(to, "width", "%d bits", (arch->flags & KP_ARCH_64BIT) != 0 ? 64 : 32);
    put_fact(to, "byte order", "%s", little && big ? "little and big" : little ? "little" : "big");
    put_fact(to, "ELF machine", "%" PRIu32, arch->elf_machine);
    put_fact(to, "p_paddr", "%s",
             (arch->flags & KP_ARCH_PADDR_PHYSICAL) != 0 ? "physical" : "not physical");
    if (arch->kbuild != NULL)
        put_fact(to, "Kbuild", "ARCH=%s", arch->kbuild);
    put_names(to, "Debian", arch->debian);
    if (arch->uboot != NULL)
        put_fact(to, "U-Boot", "%s (%" PRIu32 ")", arch->uboot, arch->uboot_number);
    if (arch->efi_machine != 0)
        put_fact(to, "EFI machine", "0x%" PRIx32, arch->efi_machine);
    if (arch->bcj != NULL)
        put_fact(to, "BCJ filter", "%s", arch->bcj);
    for (size_t i = 0; arch->page_sizes[i] != 0; i++)
        kp_string_printf(&pages, "%s%" PRIu32, i > 0 ? ", " : "", arch->page_sizes[i]);
    put_fact(to, "page sizes", "%s", pages.length > 0 && !pages.failed ? pages.text : "?");
    fputs(".El\n", to);
}

static void put_about(FILE *to, const struct kp_plugin_file *file)
{
    const struct kp_note *note = &file->note;
    const struct kp_codec *const *codecs = file->descriptor.codecs;
    const struct kp_format *const *formats = file->descriptor.formats;

    fputs(".Sh DESCRIPTION\nThe plugin\n", to);
    kp_man_line(to, "Nm", note->name);
    fputs("of\n.Xr kpipe 1 :\n", to);
    kp_man_text(to, note->summary);
    fputs(".Bl -tag -width 12n -compact\n", to);
    put_fact(to, "id", "%s", note->id);
    put_fact(to, "version", "%s", note->version);
    put_fact(to, "licence", "%s", note->license);
    put_fact(to, "vendor", "%s", note->vendor);
    put_fact(to, "see", "%s", note->url);
    for (size_t i = 0; codecs != NULL && codecs[i] != NULL; i++)
        put_fact(to, "codec", "%s%s%s%s, %s", codecs[i]->name,
                 codecs[i]->suffix != NULL ? " (" : "",
                 codecs[i]->suffix != NULL ? codecs[i]->suffix : "",
                 codecs[i]->suffix != NULL ? ")" : "", codecs[i]->summary);
    for (size_t i = 0; formats != NULL && formats[i] != NULL; i++) {
        put_fact(to, "format", "%s, %s", formats[i]->name, formats[i]->summary);
        put_names(to, "describes", formats[i]->kinds);
    }
    fputs(".El\n", to);
}

void kp_man_plugin(FILE *to, struct kp_session *session, const struct kp_plugin_file *file)
{
    const struct kp_arch *const *archs = file->descriptor.archs;
    struct kp_string name KP_AUTO(string) = {0};

    kp_string_printf(&name, "kpipe-plugin-%s", file->note.name);
    kp_man_begin(to, name.failed ? "" : name.text, 7, file->note.summary);
    put_about(to, file);
    if (file->stage_count > 0)
        fputs(".Sh STAGES\n", to);
    for (size_t i = 0; i < file->stage_count; i++)
        put_stage(to, session->arena, &file->stages[i]);
    if (file->source_count > 0)
        fputs(".Sh SOURCES\n", to);
    for (size_t i = 0; i < file->source_count; i++)
        put_source(to, session->arena, &file->sources[i]);
    if (archs != NULL && archs[0] != NULL)
        fputs(".Sh ARCHITECTURES\n", to);
    for (size_t i = 0; archs != NULL && archs[i] != NULL; i++)
        put_arch(to, archs[i]);
    fputs(".Sh SEE ALSO\n.Xr kpipe 1 ,\n.Xr kpipe-plugins 1\n", to);
}
