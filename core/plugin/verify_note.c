/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/verify_note.c - whether a descriptor offers exactly what the note announced.
 *
 * People decide about a plugin by its note, before its code runs; a descriptor that
 * says anything else would make that decision worthless.
 */
#include <inttypes.h>
#include <string.h>

#include "plugin/check.h"

static bool same(struct kp_checker *checker, const char *what, const char *note,
                 const char *descriptor)
{
    return strcmp(note, descriptor) == 0 ||
           kp_check_fail(checker, "%s: '%s' in the note, '%s' in the descriptor", what, note,
                         descriptor);
}

/* Calls it a fault if a name of the one set is not in the other. */
static bool contains(struct kp_checker *checker, const char *what, const char *const *names,
                     size_t count, const char *name, const char *only)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return kp_check_fail(checker, "%s '%s': only in the %s", what, name, only);
}

static bool same_names(struct kp_checker *checker, const char *what, const char *const *note,
                       size_t note_count, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!contains(checker, what, note, note_count, names[i], "descriptor"))
            return false;
    for (size_t i = 0; i < note_count; i++)
        if (!contains(checker, what, names, count, note[i], "note"))
            return false;
    return true;
}

static bool same_stages(struct kp_checker *checker, const struct kp_plugin_file *file)
{
    const char **names = kp_arena_array(checker->arena, file->stage_count + 1, sizeof(*names));

    if (names == NULL)
        return kp_check_fail(checker, "out of memory");
    for (size_t i = 0; i < file->stage_count; i++) {
        names[i] = file->stages[i].name;
        for (size_t j = 0; j < i; j++)
            if (strcmp(names[i], names[j]) == 0)
                return kp_check_fail(checker, "stage '%s': twice in the descriptor", names[i]);
    }
    return same_names(checker, "stage", file->note.stages, file->note.stage_count, names,
                      file->stage_count);
}

/* Names of the rows of a table of codecs, formats or sources. */
#define DEFINE_SAME(type)                                                                          \
    static bool same_##type##s(struct kp_checker *checker, const struct kp_plugin_file *file)      \
    {                                                                                              \
        const struct kp_##type *const *rows = file->descriptor.type##s;                            \
        const char *names[KP_CHECK_MAX_ROWS];                                                      \
        size_t count = 0;                                                                          \
                                                                                                   \
        for (; rows[count] != NULL; count++)                                                       \
            names[count] = rows[count]->name;                                                      \
        return same_names(checker, #type, file->note.type##s, file->note.type##_count, names,      \
                          count);                                                                  \
    }
DEFINE_SAME(codec)
DEFINE_SAME(format)
DEFINE_SAME(source)
#undef DEFINE_SAME

static bool same_arch(struct kp_checker *checker, const struct kp_note_arch *note,
                      const struct kp_arch *arch)
{
    static const char *const none[] = {NULL};
    const char *const *aliases = arch->aliases != NULL ? arch->aliases : none;
    size_t count = 0;

    while (aliases[count] != NULL)
        count++;
    return same_names(checker, "alias", note->names + 1, note->count - 1, aliases, count) ||
           kp_check_inside(checker, "arch '%s'", arch->name);
}

static bool same_archs(struct kp_checker *checker, const struct kp_plugin_file *file)
{
    const struct kp_note *note = &file->note;
    const char *noted[KP_CHECK_MAX_ROWS], *names[KP_CHECK_MAX_ROWS];
    const struct kp_arch *const *archs = file->descriptor.archs;
    size_t count = 0;

    for (; archs[count] != NULL; count++)
        names[count] = archs[count]->name;
    if (note->arch_count > KP_CHECK_MAX_ROWS)
        return kp_check_fail(checker, "archs: too many in the note");
    for (size_t i = 0; i < note->arch_count; i++)
        noted[i] = note->archs[i].names[0];
    if (!same_names(checker, "arch", noted, note->arch_count, names, count))
        return false;
    if (count != note->arch_count) /* a note has each once */
        return kp_check_fail(checker, "arch: one is twice in the descriptor");
    for (size_t i = 0; i < note->arch_count; i++)
        for (size_t j = 0; j < count; j++)
            if (strcmp(noted[i], names[j]) == 0 && !same_arch(checker, &note->archs[i], archs[j]))
                return false;
    return true;
}

/* Whether the note announces a host tool: by its name, the end of it, or all. */
static bool announces(struct kp_checker *checker, const struct kp_note *note, const char *tool)
{
    return kp_note_wants(note, tool, true) ||
           kp_check_fail(checker, "tool '%s': only in the descriptor", tool);
}

/* The tools that choices of a table ask for. */
static bool same_choices(struct kp_checker *checker, const struct kp_note *note,
                         const struct kp_param *const *table)
{
    for (size_t i = 0; table != NULL && table[i] != NULL; i++) {
        const struct kp_choice *const *choices = table[i]->choices;

        for (size_t j = 0; choices != NULL && choices[j] != NULL; j++)
            if (choices[j]->tool != NULL && !announces(checker, note, choices[j]->tool))
                return false;
        if (!same_choices(checker, note, table[i]->fields))
            return false;
    }
    return true;
}

/* All tools that operations ask for by name. The note may announce more: those that a
 * parameter can name. */
static bool same_tools(struct kp_checker *checker, const struct kp_plugin_file *file)
{
    for (size_t i = 0; i < file->stage_count; i++) {
        const struct kp_operation *operation = &file->stages[i].operation;

        for (size_t j = 0; operation->tools != NULL && operation->tools[j] != NULL; j++)
            if (!announces(checker, &file->note, operation->tools[j]))
                return false;
        if (!same_choices(checker, &file->note, operation->params))
            return false;
    }
    return true;
}

static bool describes(const struct kp_plugin *descriptor, const char *kind)
{
    for (size_t i = 0; descriptor->formats[i] != NULL; i++) {
        const char *const *kinds = descriptor->formats[i]->kinds;

        for (; kinds != NULL && *kinds != NULL; kinds++)
            if (strcmp(*kinds, kind) == 0)
                return true;
    }
    return false;
}

static bool same_described(struct kp_checker *checker, const struct kp_plugin_file *file)
{
    for (size_t i = 0; i < file->note.described_count; i++)
        if (!describes(&file->descriptor, file->note.described[i]))
            return kp_check_fail(checker, "describes '%s': only in the note",
                                 file->note.described[i]);
    return true;
}

bool kp_check_note(struct kp_checker *checker, const struct kp_plugin_file *file)
{
    const struct kp_note *note = &file->note;
    const struct kp_plugin *descriptor = &file->descriptor;

    if (note->api_level != descriptor->api_level)
        return kp_check_fail(checker,
                             "API level: %" PRIu32 " in the note, %" PRIu32 " in the descriptor",
                             note->api_level, descriptor->api_level);
    return same(checker, "id", note->id, descriptor->id) &&
           same(checker, "name", note->name, descriptor->name) &&
           same(checker, "version", note->version, descriptor->version) &&
           same(checker, "license", note->license, descriptor->license) &&
           same(checker, "vendor", note->vendor, descriptor->vendor) &&
           same(checker, "url", note->url, descriptor->url) &&
           same(checker, "summary", note->summary, descriptor->summary) &&
           same_codecs(checker, file) && same_formats(checker, file) &&
           same_sources(checker, file) && same_archs(checker, file) && same_stages(checker, file) &&
           same_tools(checker, file) && same_described(checker, file);
}
