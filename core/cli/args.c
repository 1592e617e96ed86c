/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/args.c - reading the words of a command line by a command's table of options.
 */
#include "cli/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/codes.h"
#include "base/node.h"

/* Where reading has got to. */
struct reader {
    struct kp_arguments *arguments;
    const struct kp_command *command;
    struct kp_diags *diags;
    char *const *words;
    size_t count;
    size_t next;
};

void kp_arguments_free(struct kp_arguments *arguments)
{
    kp_vector_free(&arguments->operands);
    kp_vector_free(&arguments->sets);
    kp_vector_free(&arguments->plugin_paths);
    kp_vector_free(&arguments->tools);
    kp_vector_free(&arguments->limits);
    kp_vector_free(&arguments->policies);
    kp_vector_free(&arguments->keys);
}

static bool push(struct reader *reader, struct kp_vector *vector, const char *text)
{
    const char **slot = KP_PUSH(vector, const char *);

    if (slot == NULL)
        return kp_out_of_memory(reader->diags);
    *slot = text;
    return true;
}

/* Stores an option's value; `shown` is the option as it was written. */
static bool store(struct reader *reader, const struct kp_option *option, const char *shown,
                  const char *value)
{
    char *field = (char *)reader->arguments + option->offset;
    const char *why;
    unsigned long long number;

    switch (option->type) {
    case KP_OPTION_FLAG:
        *(bool *)field = true;
        return true;
    case KP_OPTION_LIST:
        return push(reader, (struct kp_vector *)field, value);
    case KP_OPTION_TEXT:
        *(const char **)field = value;
        return true;
    case KP_OPTION_NUMBER:
        break;
    }
    why = kp_scalar_uint(value, &number);
    if (why == NULL && (number == 0 || number > option->most))
        why = "out of range";
    if (why != NULL)
        return kp_error(reader->diags, KP_NOWHERE, KP1704, reader->command->name, shown, value,
                        why);
    *(uint64_t *)field = number;
    return true;
}

/* The value of an option: what is attached to it, or else the next word. */
static const char *take_value(struct reader *reader, const char *shown, const char *attached)
{
    if (attached != NULL)
        return attached;
    if (reader->next < reader->count)
        return reader->words[reader->next++];
    kp_error(reader->diags, KP_NOWHERE, KP1702, reader->command->name, shown);
    return NULL;
}

static bool report_unknown(struct reader *reader, const char *shown, const char *name)
{
    const struct kp_option *options = reader->command->options;
    const char *names[32];
    char hint[128];
    size_t count = 0;
    const char *nearest;

    while (count < sizeof(names) / sizeof(names[0]) && options[count].name != NULL) {
        names[count] = options[count].name;
        count++;
    }
    nearest = name != NULL ? kp_nearest(name, names, count) : NULL;
    if (nearest != NULL)
        snprintf(hint, sizeof(hint), "did you mean --%s?", nearest);
    else
        snprintf(hint, sizeof(hint), "'kpipe help %s' lists the options", reader->command->name);
    return kp_error_hint(reader->diags, KP_NOWHERE, hint, KP1701, reader->command->name, shown);
}

/* --name, --name=value, --name value. */
static bool read_long(struct reader *reader, const char *word)
{
    const char *equals = strchr(word, '=');
    const size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
    char *shown = strndup(word, length);
    const struct kp_option *option = reader->command->options;
    const char *value = NULL;
    bool good;

    if (shown == NULL)
        return kp_out_of_memory(reader->diags);
    while (option->name != NULL && strcmp(option->name, shown + 2) != 0)
        option++;
    if (option->name == NULL) {
        good = report_unknown(reader, shown, shown + 2);
    } else if (option->type == KP_OPTION_FLAG) {
        good = equals == NULL
                   ? store(reader, option, shown, NULL)
                   : kp_error(reader->diags, KP_NOWHERE, KP1703, reader->command->name, shown);
    } else {
        value = take_value(reader, shown, equals != NULL ? equals + 1 : NULL);
        good = value != NULL && store(reader, option, shown, value);
    }
    free(shown);
    return good;
}

/* -k, -kn, -j4, -j 4. */
static bool read_short(struct reader *reader, const char *word)
{
    bool good = true;

    for (const char *at = word + 1; *at != '\0'; at++) {
        const char shown[] = {'-', *at, '\0'};
        const struct kp_option *option = reader->command->options;
        const char *value;

        while (option->name != NULL && option->letter != *at)
            option++;
        if (option->name == NULL)
            return report_unknown(reader, shown, NULL);
        if (option->type == KP_OPTION_FLAG) {
            good = store(reader, option, shown, NULL) && good;
            continue;
        }
        value = take_value(reader, shown, at[1] != '\0' ? at + 1 : NULL);
        return value != NULL && store(reader, option, shown, value) && good;
    }
    return good;
}

static bool check_count(struct reader *reader)
{
    const struct kp_command *command = reader->command;
    const struct kp_vector *operands = &reader->arguments->operands;

    if (operands->count < command->least)
        return kp_error(reader->diags, KP_NOWHERE, KP1705, command->name, command->missing);
    if (command->most > 0 && operands->count > command->most)
        return kp_error(reader->diags, KP_NOWHERE, KP1706, command->name,
                        KP_ITEM(operands, const char *, command->most));
    return true;
}

bool kp_arguments_read(struct kp_arguments *arguments, const struct kp_command *command,
                       struct kp_diags *diags, char *const *words, size_t count)
{
    struct reader reader = {arguments, command, diags, words, count, 0};
    bool good = true;
    bool options = true;

    while (reader.next < count) {
        const char *word = words[reader.next++];

        if (options && strcmp(word, "--") == 0)
            options = false;
        else if (options && strncmp(word, "--", 2) == 0)
            good = read_long(&reader, word) && good;
        else if (options && word[0] == '-' && word[1] != '\0')
            good = read_short(&reader, word) && good;
        else
            good = push(&reader, &arguments->operands, word) && good;
    }
    return good && (arguments->help || check_count(&reader));
}
