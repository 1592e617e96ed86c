/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/link/flags.c - `flags`: the words of the command that Kbuild gives the linker, without
 * what names files. They go to the linker as they are, but for those that would have it read or
 * write what the recipe does not name, or that are this stage's to say.
 *
 * Which options there are: "Command Line Options" of the manual of GNU ld 2.40, and the page
 * ld.lld(1) of LLVM 14. GNU ld takes options with one dash or two, and abbreviated (getopt_long_only
 * of the GNU C library), but those that begin with o with two alone.
 */
#include "link.h"

static const char own_output[] = "the linker's output is the stage's, and no other file is kept";
static const char own_script[] = "a linker script is given as `script`";
static const char names_file[] =
    "it names a file: the linker sees those of `objects`, `archives` and `script` alone";
static const char names_folder[] = "it names a folder: the linker searches none";
static const char loads_code[] = "it loads a plugin into the linker, or is for one";
static const char no_interpreter[] = "a boot stub has no interpreter";

struct refused {
    const char *name, *why;
};

/* Long options, also abbreviated to three letters or more. */
static const struct refused long_options[] = {
    {"Map", own_output},
    {"audit", names_file},
    {"auxiliary", names_file},
    {"call-graph-ordering-file", names_file},
    {"chroot", names_folder},
    {"default-script", own_script},
    {"depaudit", names_file},
    {"dependency-file", own_output},
    {"dynamic-linker", no_interpreter},
    {"dynamic-list", names_file},
    {"error-handling-script", loads_code},
    {"export-dynamic-symbol-list", names_file},
    {"filter", names_file},
    {"in-implib", names_file},
    {"just-symbols", names_file},
    {"library", names_file},
    {"library-path", names_folder},
    {"load-pass-plugin", loads_code},
    {"lto-obj-path", own_output},
    {"lto-sample-profile", names_file},
    {"mllvm", loads_code},
    {"mri-script", own_script},
    {"opt-remarks-filename", own_output},
    {"out-implib", own_output},
    {"output", own_output},
    {"plugin", loads_code},
    {"plugin-opt", loads_code},
    {"print-archive-stats", own_output},
    {"print-symbol-order", own_output},
    {"remap-inputs", names_file},
    {"remap-inputs-file", names_file},
    {"reproduce", own_output},
    {"retain-symbols-file", names_file},
    {"rpath", names_folder},
    {"rpath-link", names_folder},
    {"save-temps", own_output},
    {"script", own_script},
    {"section-ordering-file", names_file},
    {"symbol-ordering-file", names_file},
    {"sysroot", names_folder},
    {"thinlto-cache-dir", names_folder},
    {"thinlto-index-only", own_output},
    {"time-trace", own_output},
    {"time-trace-file", own_output},
    {"version-script", names_file},
    {"why-extract", own_output},
};

/* Whole options that are no abbreviation of one of these. */
static const char *const good_options[] = {"export-dynamic", "export-dynamic-symbol", "version"};

/* Options of one letter, whose value may follow without a blank. */
static const struct refused short_options[] = {
    {"F", names_file}, {"I", no_interpreter}, {"L", names_folder}, {"R", names_file},
    {"T", own_script}, {"Y", names_folder},   {"c", own_script},   {"dT", own_script},
    {"f", names_file}, {"l", names_file},     {"o", own_output},
};

/* Long options that begin as one of these do, with one dash too. */
static const char *const good_beginnings[] = {
    "Tbss",           "Tdata",     "Tldata-segment", "Trodata-segment", "Ttext", "call_shared",
    "check-sections", "fini",      "fatal-warnings", "force-",          "fix-",  "format",
    "cref",           "compress-", "copy-dt-",       "cmse-",
};

/* Options whose value is the next word. */
static const char *const valued[] = {
    "A",
    "G",
    "Tbss",
    "Tdata",
    "Tldata-segment",
    "Trodata-segment",
    "Ttext",
    "Ttext-segment",
    "a",
    "architecture",
    "b",
    "defsym",
    "e",
    "entry",
    "export-dynamic-symbol",
    "fini",
    "format",
    "h",
    "hash-style",
    "image-base",
    "init",
    "m",
    "oformat",
    "orphan-handling",
    "require-defined",
    "section-start",
    "soname",
    "sort-section",
    "trace-symbol",
    "u",
    "undefined",
    "unresolved-symbols",
    "wrap",
    "y",
    "z",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_one_of(const char *const *names, size_t count, const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
            return true;
    return false;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Why an option is refused; NULL: it is not. `name` is the word without dashes, of which
 * `length` characters come before a '='. */
static const char *refusal(const char *name, size_t length, bool one_dash)
{
    for (size_t i = 0; i < COUNT(long_options); i++) {
        const char *const refused = long_options[i].name;

        if (strlen(refused) == length
                ? memcmp(refused, name, length) == 0
                : length >= 3 && strlen(refused) > length && memcmp(refused, name, length) == 0 &&
                      !is_one_of(good_options, COUNT(good_options), name, length))
            return long_options[i].why;
    }
    for (size_t i = 0; one_dash && i < COUNT(good_beginnings); i++)
        if (begins(name, good_beginnings[i]))
            return NULL;
    for (size_t i = 0; one_dash && i < COUNT(short_options); i++)
        if (begins(name, short_options[i].name))
            return short_options[i].why;
    return NULL;
}

/* What is wrong with a word, or NULL; *has_value: its value is the next one. */
static const char *judge(const char *word, bool *has_value)
{
    const bool one_dash = word[0] == '-' && word[1] != '-';
    const char *const name = word + (one_dash ? 1 : 2);
    size_t length;

    *has_value = false;
    if (word[0] != '-')
        return names_file;
    if (word[1] == '\0' || strcmp(word, "--") == 0)
        return "no option";
    length = strcspn(name, "=");
    *has_value = name[length] == '\0' && is_one_of(valued, COUNT(valued), name, length);
    return refusal(name, length, one_dash);
}

/* --defsym zreladdr=VALUE, in one word or two. */
static bool look_at(struct link_job *job, const char *option, const char *value)
{
    const char *definition = value;

    option += strspn(option, "-");
    if (!begins(option, "defsym"))
        return true;
    if (option[strlen("defsym")] == '=')
        definition = option + strlen("defsym=");
    else if (option[strlen("defsym")] != '\0')
        return true;
    if (definition == NULL || !begins(definition, "zreladdr="))
        return true;
    return link_define_zreladdr(job, definition + strlen("zreladdr="), &job->params->flags);
}

static bool add_option(struct link_job *job, const char *word, char **rest)
{
    const void *const field = &job->params->flags;
    const char *value = NULL;
    bool has_value;
    const char *const why = judge(word, &has_value);

    if (why != NULL) {
        kp_fail_at(job->call, field, NULL, "flags: %.128s: %s", word, why);
        return false;
    }
    if (!link_add_word(job, word, field))
        return false;
    if (has_value) {
        value = strtok_r(NULL, " \t", rest);
        if (value == NULL) {
            kp_fail_at(job->call, field, NULL, "flags: %.128s: its value is missing", word);
            return false;
        }
        if (!link_add_word(job, value, field))
            return false;
    }
    return look_at(job, word, value);
}

bool link_add_flags(struct link_job *job)
{
    const struct kp_text *const flags = &job->params->flags;
    char *const copy = job->call->host->alloc(job->call, flags->length + 1);
    char *rest;

    if (copy == NULL)
        return false;
    memcpy(copy, flags->bytes, flags->length + 1);
    for (char *word = strtok_r(copy, " \t", &rest); word != NULL;
         word = strtok_r(NULL, " \t", &rest))
        if (!add_option(job, word, &rest))
            return false;
    return true;
}
