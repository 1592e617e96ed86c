/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/config.c - the configuration of a kernel, as Kconfig writes .config: what it is for, how
 * many options are set, and as details each option by its name.
 *
 * The format: Linux 6.1, scripts/kconfig/confdata.c (conf_write): a comment that names the kernel,
 * then "CONFIG_A=y" and "# CONFIG_B is not set", a line each. It checks no option and makes no
 * configuration; an option that is not set has the value "n" here, as Kconfig itself has it.
 */
#include <stdbool.h>
#include <string.h>

#include <kpipe/kpipe.h>

#define PREFIX "CONFIG_"
#define NOT_SET " is not set"
#define TITLE_END " Kernel Configuration"
#define NAME_MAX_ 256u

struct line {
    const char *text; /* no NUL behind it */
    size_t length;
    uint64_t at; /* in the image */
};

/* An option of a line. */
struct option {
    const char *name, *value;
    size_t name_length, value_length;
};

struct counts {
    uint64_t yes, modules, values, unset;
};

static bool begins(const char *text, size_t length, const char *with)
{
    return length >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

static bool ends(const char *text, size_t length, const char *with)
{
    return length >= strlen(with) && memcmp(text + length - strlen(with), with, strlen(with)) == 0;
}

static bool read_option(const struct line *line, struct option *option)
{
    const bool unset =
        begins(line->text, line->length, "# " PREFIX) && ends(line->text, line->length, NOT_SET);
    const char *equals;

    if (unset) {
        option->name = line->text + 2;
        option->name_length = line->length - 2 - strlen(NOT_SET);
        option->value = "n";
        option->value_length = 1;
        return option->name_length > strlen(PREFIX);
    }
    equals =
        begins(line->text, line->length, PREFIX) ? memchr(line->text, '=', line->length) : NULL;
    if (equals == NULL)
        return false;
    option->name = line->text;
    option->name_length = (size_t)(equals - line->text);
    option->value = equals + 1;
    option->value_length = line->length - option->name_length - 1;
    return true;
}

static void count(struct counts *counts, const struct option *option)
{
    const char first = option->value_length == 1 ? option->value[0] : '\0';

    if (first == 'y')
        counts->yes++;
    else if (first == 'm')
        counts->modules++;
    else if (first == 'n')
        counts->unset++;
    else
        counts->values++;
}

static int32_t tell_option(struct kp_call *call, const struct line *line,
                           const struct option *option)
{
    char name[NAME_MAX_ + 1];
    const struct kp_field field = {.size = sizeof(field),
                                   .type = KP_FIELD_TEXT,
                                   .flags = KP_FIELD_DETAIL,
                                   .name = name,
                                   .offset = line->at,
                                   .length = line->length,
                                   .text = {option->value, option->value_length}};

    if (option->name_length > NAME_MAX_)
        return KP_OK; /* not Kconfig's */
    memcpy(name, option->name, option->name_length);
    name[option->name_length] = '\0';
    return call->host->field(call, &field);
}

/* "# Linux/x86 6.1.0 Kernel Configuration" */
static int32_t tell_title(struct kp_call *call, const struct line *line)
{
    if (!begins(line->text, line->length, "# ") || !ends(line->text, line->length, TITLE_END))
        return KP_OK;
    return kp_field_text(call, "title", line->at, line->length, line->text + 2, line->length - 2);
}

static int32_t tell_line(struct kp_call *call, const struct line *line, bool details,
                         struct counts *counts)
{
    struct option option;

    if (!read_option(line, &option))
        return tell_title(call, line);
    count(counts, &option);
    return details ? tell_option(call, line, &option) : KP_OK;
}

static int32_t inspect(struct kp_call *call)
{
    const uint64_t size = kp_size(call, call->input);
    const char *const text = (const char *)kp_view(call, call->input);
    const bool details = call->host->details(call) == 1;
    struct counts counts = {0, 0, 0, 0};

    if (text == NULL)
        return KP_FAILED;
    for (uint64_t at = 0; at < size;) {
        const char *const end = memchr(text + at, '\n', (size_t)(size - at));
        const struct line line = {
            text + at, end == NULL ? (size_t)(size - at) : (size_t)(end - (text + at)), at};

        if (tell_line(call, &line, details, &counts) != KP_OK)
            return KP_FAILED;
        at += line.length + 1;
    }
    if (kp_field_number(call, "y", 0, 0, counts.yes, 0, NULL) != KP_OK ||
        kp_field_number(call, "m", 0, 0, counts.modules, 0, NULL) != KP_OK ||
        kp_field_number(call, "values", 0, 0, counts.values, 0, NULL) != KP_OK)
        return KP_FAILED;
    return kp_field_number(call, "not set", 0, 0, counts.unset, 0, NULL);
}

static const char *const kinds[] = {KP_KIND_CONFIG, NULL};

static const struct kp_format config = {
    .size = sizeof(struct kp_format),
    .name = "config",
    .summary = "the configuration of a kernel",
    .kinds = kinds,
    .inspect = inspect,
};

static const struct kp_format *const formats[] = {&config, NULL};

/* "#\n# Automatically generated ": since 2.6.37 all that Kconfig writes begins so, and earlier
 * ones, too. */
KP_PLUGIN("org.kpipe.config", "config", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "the configuration of a kernel",
          KP_OFFERS_FORMAT("config")
              KP_MAGIC("config", "0", "230a23204175746f6d61746963616c6c792067656e65726174656420",
                       "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
          .formats = formats)
