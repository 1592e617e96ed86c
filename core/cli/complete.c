/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/complete.c - what an unfinished word of a command line can become, from the tables
 * of commands and options; a word of a stage is complete_stage.c's matter.
 *
 * What kind of thing an operand is, is read from its name in the command's usage, as
 * people do: FILE and RECIPE are files, STAGE a stage, CODE a finding's number.
 */
#include <inttypes.h>
#include <string.h>

#include "base/codes.h"
#include "cli/complete_private.h"
#include "plugin/trust.h"

void kp_complete_one(struct kp_completer *completer, const char *word, const char *end,
                     const char *meaning)
{
    const char *fixed = completer->fixed;
    char whole[1024];
    const int length = snprintf(whole, sizeof(whole), "%s%s%s", fixed, word, end);

    if (length < 0 || (size_t)length >= sizeof(whole) ||
        strncmp(whole, completer->current, strlen(completer->current)) != 0)
        return;
    printf("%s\t%s\n", whole, meaning != NULL ? meaning : "");
}

void kp_complete_path(struct kp_completer *completer, bool folder)
{
    printf("%s\t%s\n", folder ? ":folders" : ":files", completer->fixed);
}

static void complete_commands(struct kp_completer *completer)
{
    for (size_t i = 0; kp_commands[i] != NULL; i++)
        kp_complete_one(completer, kp_commands[i]->name, "", kp_commands[i]->summary);
}

static void complete_options(struct kp_completer *completer)
{
    for (const struct kp_option *option = completer->command->options; option->name != NULL;
         option++) {
        char word[64];

        snprintf(word, sizeof(word), "--%s", option->name);
        kp_complete_one(completer, word, "", option->help);
        if (option->letter == 0 || completer->current[0] == '\0' || completer->current[1] != '\0')
            continue;
        snprintf(word, sizeof(word), "-%c", option->letter);
        kp_complete_one(completer, word, "", option->help);
    }
}

static void complete_codes(struct kp_completer *completer)
{
    const struct kp_code *code;

    for (size_t i = 0; (code = kp_code_at(i)) != NULL; i++) {
        char word[16];

        snprintf(word, sizeof(word), "KP%04" PRIu32, code->number);
        kp_complete_one(completer, word, "", NULL);
    }
}

/* Names of plugins, of sources, and of stage types. */
static void complete_names(struct kp_completer *completer)
{
    struct kp_registry *registry = kp_complete_registry(completer);

    for (size_t i = 0; registry != NULL && i < kp_registry_count(registry); i++) {
        const struct kp_plugin_file *file = kp_registry_file(registry, i);

        if (file->state == KP_PLUGIN_REJECTED)
            continue;
        kp_complete_one(completer, file->note.name, "", file->note.summary);
        for (size_t j = 0; j < file->note.source_count; j++)
            kp_complete_one(completer, file->note.sources[j], "", NULL);
    }
    kp_complete_stage_names(completer);
}

static void complete_archs(struct kp_completer *completer)
{
    struct kp_registry *registry = kp_complete_registry(completer);
    const char *const *names;
    size_t count = 0;

    if (registry == NULL)
        return;
    names = kp_registry_arch_names(registry, &count);
    for (size_t i = 0; i < count; i++)
        kp_complete_one(completer, names[i], "", NULL);
}

static void complete_shells(struct kp_completer *completer)
{
    for (size_t i = 0; kp_completion_shell(i) != NULL; i++)
        kp_complete_one(completer, kp_completion_shell(i), "", NULL);
}

static void complete_isolation(struct kp_completer *completer)
{
    for (int i = 0; i < KP_ISOLATION_COUNT; i++)
        kp_complete_one(completer, kp_isolation_name((enum kp_isolation)i), "", NULL);
}

static void complete_limits(struct kp_completer *completer)
{
    static const char *const names[] = {"seconds", "memory", "threads"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        kp_complete_one(completer, names[i], "=", NULL);
}

/* What the usage calls a value or an operand. */
static void complete_kind(struct kp_completer *completer, const char *kind, size_t length)
{
    static const struct {
        const char *kind;
        void (*complete)(struct kp_completer *completer);
    } kinds[] = {
        {"STAGE", kp_complete_stage},  {"NAME", complete_names},       {"CODE", complete_codes},
        {"ARCH", complete_archs},      {"COMMAND", complete_commands}, {"SHELL", complete_shells},
        {"WHERE", complete_isolation}, {"LIMIT=N", complete_limits},
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strlen(kinds[i].kind) == length && strncmp(kinds[i].kind, kind, length) == 0)
            kinds[i].complete(completer);
    }
    if (length == 3 && strncmp(kind, "DIR", length) == 0)
        kp_complete_path(completer, true);
    else if ((length == 4 && strncmp(kind, "FILE", length) == 0) ||
             (length == 6 && strncmp(kind, "RECIPE", length) == 0))
        kp_complete_path(completer, false);
}

/* The operand of that index, in a usage such as "FILE [STAGE]... -o FILE". */
static void complete_operand(struct kp_completer *completer, size_t index)
{
    const char *at = completer->command->operands;

    while (*at != '\0' && *at != '-') {
        const size_t length = strcspn(at, " ");
        const bool more = length > 3 && strncmp(at + length - 3, "...", 3) == 0;

        if (index == 0 || more) {
            at += strspn(at, "[");
            complete_kind(completer, at, strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
            return;
        }
        index--;
        at += length;
        at += strspn(at, " ");
    }
}

/* The option of a word before the last that takes the next word as its value; or NULL. */
static const struct kp_option *option_of(const struct kp_command *command, const char *word)
{
    for (const struct kp_option *option = command->options; option->name != NULL; option++) {
        const size_t last = strlen(word) - 1;

        if (option->type == KP_OPTION_FLAG)
            continue;
        if (strncmp(word, "--", 2) == 0 ? strcmp(word + 2, option->name) == 0
                                        : option->letter != 0 && word[last] == option->letter)
            return option;
    }
    return NULL;
}

/* "--name=": the option, and what of the word is fixed. */
static const struct kp_option *attached(struct kp_completer *completer)
{
    const char *equals = strchr(completer->current, '=');
    struct kp_arena *arena = completer->session->arena;
    const struct kp_option *option;
    const char *name, *fixed;

    if (equals == NULL || strncmp(completer->current, "--", 2) != 0)
        return NULL;
    name = kp_arena_strndup(arena, completer->current, (size_t)(equals - completer->current));
    fixed = kp_arena_strndup(arena, completer->current, (size_t)(equals - completer->current) + 1);
    option = name != NULL && fixed != NULL ? option_of(completer->command, name) : NULL;
    if (option != NULL)
        completer->fixed = fixed;
    return option;
}

/* The value of an option before the last word: folders of plugins are noted. */
static void take_value(struct kp_completer *completer, const struct kp_option *option,
                       const char *value)
{
    const char **slot;

    if (option->offset != offsetof(struct kp_arguments, plugin_paths))
        return;
    slot = KP_PUSH(&completer->session->arguments.plugin_paths, const char *);
    if (slot != NULL)
        *slot = value;
}

/* Goes through the words before the last one, and returns the option whose value that is. */
static const struct kp_option *read_before(struct kp_completer *completer, const char *const *words,
                                           size_t count)
{
    const struct kp_option *pending = NULL;

    for (size_t i = 0; i < count; i++) {
        const char *word = words[i];
        const bool is_option = !completer->only_operands && word[0] == '-' && word[1] != '\0';

        if (pending != NULL) {
            take_value(completer, pending, word);
            pending = NULL;
        } else if (is_option && strcmp(word, "--") == 0) {
            completer->only_operands = true;
        } else if (is_option) {
            pending = option_of(completer->command, word);
        } else {
            completer->operands++;
        }
    }
    return pending;
}

struct kp_registry *kp_complete_registry(struct kp_completer *completer)
{
    int code;

    if (completer->session->registry == NULL && !kp_session_open(completer->session, &code))
        return NULL;
    return completer->session->registry;
}

void kp_complete(struct kp_session *session, const char *const *words, size_t count)
{
    struct kp_completer completer = {
        .session = session, .current = words[count - 1], .fixed = "", .operands = 0};
    const struct kp_option *option;

    session->findings_written = true; /* they are for nobody */
    if (count == 1) {
        complete_commands(&completer);
        kp_complete_one(&completer, "--help", "", "show the help of kpipe as a whole");
        kp_complete_one(&completer, "--version", "", "show the version");
        return;
    }
    completer.command = kp_command_find(words[0]);
    if (completer.command == NULL)
        return;
    option = read_before(&completer, words + 1, count - 2);
    if (option == NULL && !completer.only_operands)
        option = attached(&completer);
    if (option != NULL)
        complete_kind(&completer, option->value, strlen(option->value));
    else if (completer.current[0] == '-' && !completer.only_operands)
        complete_options(&completer);
    else
        complete_operand(&completer, completer.operands);
}
