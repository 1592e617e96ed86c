/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/link/link.h - the parameters of the stage `link`, and what its files share: the linker's
 * arguments and files as they are put together (link.c), flags (flags.c), symbols (symbols.c),
 * archives (archive.c), and what is checked before and after (check.c).
 */
#ifndef KPIPE_LINK_H
#define KPIPE_LINK_H

#include <stdbool.h>
#include <string.h>

#include <kpipe/kpipe.h>

#include "../../common/elf.h"

#define ULL(x) ((unsigned long long)(x))

/* Bounds of the parameters. */
#define LINK_OBJECTS_MAX 1024u
#define LINK_MEMBERS_MAX 2048u /* of each archive, and of all */
#define LINK_ARCHIVES_MAX 16u
#define LINK_SYMBOLS_MAX 256u
#define LINK_FLAGS_MAX 16384u
#define LINK_NAME_MAX 255u

/* Words on the linker's command line (core takes as many), and files in its folder. */
#define LINK_WORDS_MAX 4096u
#define LINK_FILES_MAX (LINK_OBJECTS_MAX + LINK_ARCHIVES_MAX + 3u)
/* Characters of a file's name, of a --defsym. */
#define LINK_FILE_NAME 32u
#define LINK_DEFINITION (LINK_NAME_MAX + 32u)
/* Bytes of all archives, of which the largest known are an EFI stub's with debug information. */
#define LINK_ARCHIVE_MAX (UINT64_C(64) << 20)

#define MISSING_ERROR 0u
#define MISSING_SKIP 1u

#define CHECK_NONE 0u
#define CHECK_ARM 1u

struct link_symbol {
    struct kp_text name;
    uint64_t value;
    const struct kp_image *of;
    struct kp_text from, to;
    uint32_t missing;
    uint8_t has_value, has_from, has_to;
};

struct link_archive {
    struct kp_list members; /* of const struct kp_image * */
};

struct link_params {
    struct kp_text linker;
    struct kp_list objects;  /* of const struct kp_image * */
    struct kp_list archives; /* of struct link_archive */
    const struct kp_image *script;
    struct kp_text flags;
    struct kp_list symbols; /* of struct link_symbol */
    uint32_t check;
    uint8_t has_objects, has_check;
};

/* What is being put together for the linker; all of it scratch memory of the call. */
struct link_job {
    struct kp_call *call;
    const struct link_params *params;
    const char **words; /* LINK_WORDS_MAX and a NULL */
    size_t word_count;
    struct kp_tool_file *files; /* LINK_FILES_MAX */
    const struct kp_tool_file **file_list;
    size_t file_count;
    size_t member_count;    /* of the archives so far */
    uint64_t archive_bytes; /* likewise */
    GElf_Ehdr header;       /* of the main input, which all objects must be like */
    const char *zreladdr;   /* the value that it was defined to; NULL: it was not */
};

/* All return false after reporting. */
bool link_add_word(struct link_job *job, const char *word, const void *field);

/* flags.c: the words of `flags`. */
bool link_add_flags(struct link_job *job);

/* symbols.c: the --defsym of `symbols`. */
bool link_add_symbols(struct link_job *job);
/* Takes note of a definition of zreladdr; two that differ are refused. */
bool link_define_zreladdr(struct link_job *job, const char *value, const void *field);

/* archive.c: the bytes of an archive; its members are called LINK_MEMBER, by numbers from
 * job->member_count on. NULL after reporting. */
#define LINK_MEMBER "member-%zu.o"
const void *link_make_archive(struct link_job *job, const struct link_archive *archive,
                              uint64_t *size);

/* check.c: the main input's header, before all else. */
bool link_read_main(struct link_job *job);
/* An object of a list, whose field is `at`. */
bool link_check_object(struct link_job *job, const char *list, uint64_t number,
                       const struct kp_image *const *at);
/* What the linker made: its architecture becomes the output's, and it is as `check` wants it. */
bool link_check_result(struct link_job *job, const struct kp_image *image);

#endif
