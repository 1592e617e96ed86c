/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/args.h - the command line by tables: one row an option, from which it is read
 * and from which its help is made.
 *
 * Options may stand anywhere behind the command; `--` ends them; `--name=value`, `--name
 * value`, `-j4`, `-j 4` and `-kn` are understood. What a value means beyond being text
 * or a number is the command's to check. Nothing here prints but kp_help_*.
 */
#ifndef KP_CLI_ARGS_H
#define KP_CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/vector.h"

/* All that options can say; each command has rows for some of it. */
struct kp_arguments {
    struct kp_vector operands;     /* of const char * */
    struct kp_vector sets;         /* --set, of const char * */
    struct kp_vector plugin_paths; /* --plugin-path, of const char * */
    struct kp_vector tools;        /* --tool, of const char * */
    struct kp_vector limits;       /* --worker-limit, of const char * */
    struct kp_vector policies;     /* --policy, of const char * */
    const char *isolation;         /* --isolation */
    const char *record;            /* --record */
    const char *record_stage;      /* --record-stage */
    const char *out;               /* --out */
    const char *output;            /* -o */
    const char *arch;              /* --arch */
    uint64_t jobs;                 /* -j */
    uint64_t depth;                /* --depth */
    bool map, verify, details;
    struct kp_vector keys;     /* --key, of const char * */
    const char *configuration; /* --configuration */
    const char *to;            /* --to */
    const char *folder;        /* --directory */
    bool help, json, verbose, quiet, keep_going, dry_run, sync, allow_exec, man, why;
};

void kp_arguments_free(struct kp_arguments *arguments);

enum kp_option_type {
    KP_OPTION_FLAG,   /* bool */
    KP_OPTION_NUMBER, /* uint64_t, from 1 to `most` */
    KP_OPTION_TEXT,   /* const char *: the last one counts */
    KP_OPTION_LIST,   /* struct kp_vector of const char * */
};

struct kp_option {
    enum kp_option_type type;
    char letter;       /* 'j', or 0 */
    const char *name;  /* "jobs" */
    const char *value; /* what the help calls the value: "N"; NULL: a flag */
    size_t offset;     /* of its field in struct kp_arguments */
    uint64_t most;     /* NUMBER */
    const char *help;  /* a phrase or two */
};

#define KP_OPTION_(type_, letter_, name_, value_, field_, ...)                                     \
    {                                                                                              \
        .type = (type_), .letter = (letter_), .name = (name_), .value = (value_),                  \
        .offset = offsetof(struct kp_arguments, field_), __VA_ARGS__                               \
    }

/* Rows that several commands have. */
#define KP_OPTION_HELP KP_OPTION_(KP_OPTION_FLAG, 'h', "help", NULL, help, .help = "show this help")
#define KP_OPTION_JSON                                                                             \
    KP_OPTION_(KP_OPTION_FLAG, 0, "json", NULL, json,                                              \
               .help = "write one JSON document to standard output, findings included")
#define KP_OPTION_VERBOSE                                                                          \
    KP_OPTION_(KP_OPTION_FLAG, 'v', "verbose", NULL, verbose,                                      \
               .help =                                                                             \
                   "tell more: stages with their time, SHA-256 of outputs, details of findings")
#define KP_OPTION_QUIET                                                                            \
    KP_OPTION_(KP_OPTION_FLAG, 'q', "quiet", NULL, quiet,                                          \
               .help = "write nothing but errors and warnings")
#define KP_OPTION_PLUGIN_PATH                                                                      \
    KP_OPTION_(KP_OPTION_LIST, 0, "plugin-path", "DIR", plugin_paths,                              \
               .help = "look for plugins in this folder first (absolute; may be repeated)")
/* What each command has that may open plugins: where they are, and how far they are trusted. */
#define KP_OPTION_ISOLATION                                                                        \
    KP_OPTION_(KP_OPTION_TEXT, 0, "isolation", "WHERE", isolation,                                 \
               .help = "where plugins run: auto (foreign ones in workers, bundled ones in kpipe "  \
                       "itself; the default), process (all in workers), none (all in kpipe)")
#define KP_OPTION_WORKER_LIMIT                                                                     \
    KP_OPTION_(KP_OPTION_LIST, 0, "worker-limit", "LIMIT=N", limits,                               \
               .help = "what a worker may use: seconds of a call (default 600), memory in bytes "  \
                       "(8G), threads (256); may be repeated")
#define KP_OPTION_POLICY                                                                           \
    KP_OPTION_(KP_OPTION_LIST, 0, "policy", "FILE", policies,                                      \
               .help = "hold to this policy, too (may be repeated)")
#define KP_OPTIONS_PLUGINS                                                                         \
    KP_OPTION_PLUGIN_PATH, KP_OPTION_ISOLATION, KP_OPTION_WORKER_LIMIT, KP_OPTION_POLICY
#define KP_OPTION_SET                                                                              \
    KP_OPTION_(KP_OPTION_LIST, 0, "set", "NAME=VALUE", sets,                                       \
               .help = "give a variable or restrict the matrix (may be repeated)")
#define KP_OPTION_JOBS                                                                             \
    KP_OPTION_(KP_OPTION_NUMBER, 'j', "jobs", "N", jobs, .most = 1024,                             \
               .help = "threads; default: the number of cores, or what make's jobserver gives")
#define KP_OPTION_TOOL                                                                             \
    KP_OPTION_(KP_OPTION_LIST, 0, "tool", "NAME[=PATH]", tools,                                    \
               .help = "grant a host tool, and say where it is (may be repeated)")
#define KP_OPTION_ALLOW_EXEC                                                                       \
    KP_OPTION_(KP_OPTION_FLAG, 0, "allow-exec", NULL, allow_exec,                                  \
               .help =                                                                             \
                   "let stages run programs, and keys use PKCS#11 modules, that only the recipe "  \
                   "names")
#define KP_OPTIONS_RECORD                                                                          \
    KP_OPTION_(KP_OPTION_TEXT, 0, "record", "DIR", record,                                         \
               .help = "save the first call of a plugin that fails to this new folder, inputs "    \
                       "included, for 'kpipe replay'; all plugins then run in workers"),           \
        KP_OPTION_(KP_OPTION_TEXT, 0, "record-stage", "STAGE", record_stage,                       \
                   .help = "save the first call of this stage type instead, failed or not")
#define KP_OPTION_DRY_RUN                                                                          \
    KP_OPTION_(KP_OPTION_FLAG, 'n', "dry-run", NULL, dry_run,                                      \
               .help = "check everything and show what would be done")
#define KP_OPTION_SYNC                                                                             \
    KP_OPTION_(KP_OPTION_FLAG, 0, "sync", NULL, sync,                                              \
               .help = "have outputs on the disk before ending, so that they survive a power cut")

struct kp_session;

struct kp_command {
    const char *name;
    const char *operands; /* as the usage shows them: "RECIPE..."; "" if there are none */
    const char *missing;  /* what is missing if there are too few: "recipe" */
    size_t least, most;   /* how many operands; most 0: any number */
    const char *summary;  /* a phrase for the list of commands */
    const char *help;     /* paragraphs for its own help */
    const struct kp_option *options; /* ends with a NULL name */
    int (*run)(struct kp_session *session);
    bool answers; /* its exit code 1 is an answer, and 2 any trouble, as with diff(1) */
};

/* All commands, in the order of the help; ends with NULL. */
extern const struct kp_command *const kp_commands[];
/* Or NULL. */
const struct kp_command *kp_command_find(const char *name);
/* Reports that there is no such command, with the nearest one. Returns false. */
bool kp_command_unknown(struct kp_diags *diags, const char *name);

/* Reads what stands behind the command's name. False after reporting. */
bool kp_arguments_read(struct kp_arguments *arguments, const struct kp_command *command,
                       struct kp_diags *diags, char *const *words, size_t count);

/* What the exit codes mean, for all commands; ends with NULL. */
struct kp_exit_row {
    const char *code;
    const char *meaning;
};
extern const struct kp_exit_row kp_exit_rows[];

/* The help of kpipe as a whole and of one command. */
void kp_help_all(FILE *to);
void kp_help_command(FILE *to, const struct kp_command *command);
/* Writes a text, wrapped, with each line indented, the first one as if `column`
 * columns had been written already. */
void kp_help_wrap(FILE *to, const char *text, unsigned indent, unsigned column);

#endif
