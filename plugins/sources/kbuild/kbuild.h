/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sources/kbuild/kbuild.h - a kernel's build folder, shared by the files of the plugin: config.c
 * reads how it was configured, command.c what Kbuild ran, link.c takes the boot stub's link
 * command apart, archive.c the archives in it, check.c sees whether vmlinux is the tree's own,
 * facts.c tells the facts, dtbs.c gives the device trees, kbuild.c gives a recipe the files.
 *
 * Nothing is built and nothing is run here; what Kbuild did not make is not made up.
 */
#ifndef KPIPE_KBUILD_H
#define KPIPE_KBUILD_H

#include <stdbool.h>

#include <kpipe/kpipe.h>

/* Longest name of a file in the tree; Linux takes no longer ones. */
#define KBUILD_NAME_MAX 4096u
/* A kernel's release as a number, for comparisons. Sublevels do not count. */
#define KBUILD_VERSION(version, patchlevel) ((unsigned)(version) << 16 | (unsigned)(patchlevel))
/* Longest value of a configuration's symbol that is looked at: numbers, and 'y'. */
#define KBUILD_VALUE_MAX 32u

/* The configuration's symbols that are looked at, without CONFIG_ (config.c has their names). */
enum {
    CONFIG_X86_64,
    CONFIG_X86_32,
    CONFIG_ARM,
    CONFIG_ARM64,
    CONFIG_RISCV,
    CONFIG_LOONGARCH,
    CONFIG_UML,
    CONFIG_64BIT,
    CONFIG_BIG_ENDIAN,
    CONFIG_GZIP,
    CONFIG_BZIP2,
    CONFIG_LZMA,
    CONFIG_XZ,
    CONFIG_LZO,
    CONFIG_LZ4,
    CONFIG_ZSTD,
    CONFIG_UNCOMPRESSED,
    CONFIG_NEED_RELOCS,
    CONFIG_PHYSICAL_START,
    CONFIG_EFI_STUB,
    CONFIG_EFI_ZBOOT,
    CONFIG_XIP,
    CONFIG_RISCV_M_MODE,
    CONFIG_K210,
    CONFIG_CANAAN,
    CONFIG_KENDRYTE,
    CONFIG_LD_IS_BFD,
    CONFIG_LD_VERSION,
    CONFIG_SYMBOLS
};

struct kbuild_params {
    const struct kp_tree *tree;
    uint8_t has_source;
    const struct kp_tree *source;
    uint8_t has_arch;
    struct kp_text arch;
    uint8_t has_codec;
    struct kp_text codec;
};

/* A build folder that is being read. */
struct kbuild {
    struct kp_call *call;
    const struct kbuild_params *params;
    char config[CONFIG_SYMBOLS][KBUILD_VALUE_MAX]; /* values; "" where not set */
    const char *arch;                              /* kpipe's name */
    const char *folder;                            /* of arch/ */
    const char *codec;                             /* NULL: boot images are not compressed */
    char release[256];                             /* of the kernel: "6.1.192-custom" */
    unsigned version;                              /* of it: a KBUILD_VERSION */
    bool has_stub; /* there is a boot stub around the compressed kernel */
    bool zboot;    /* and it is that of EFI zboot */
    const struct kp_image *system_map, *setup; /* NULL: there is none */
    bool relocations;            /* `unstripped` has kept what the linker's --emit-relocs leaves */
    char load[KBUILD_VALUE_MAX]; /* the load address; "" where the tree does not know it */
};

/* kbuild.c: an error of the tree, with a hint or NULL. */
#define kbuild_fail(kbuild, hint, ...)                                                             \
    kp_fail_at((kbuild)->call, &(kbuild)->params->tree, (hint), __VA_ARGS__)
/* kbuild.c: whether the tree has a file; KP_FAILED if that cannot be told. */
int32_t kbuild_has(const struct kbuild *kbuild, const char *name);
/* kbuild.c: opens a file that the build must have left. `makes` is the target of make that
 * does. NULL after reporting. */
const struct kp_image *kbuild_open(const struct kbuild *kbuild, const char *name,
                                   const char *makes);
/* kbuild.c: sets an image's traits. */
int32_t kbuild_traits(const struct kbuild *kbuild, struct kp_output *output, bool is_kernel);
/* facts.c: the default boot image: what make builds unless told otherwise, "bzImage". */
const char *kbuild_target(const struct kbuild *kbuild);
/* facts.c: takes a number in C's way as the load address. Others are left alone. */
void kbuild_take_load(struct kbuild *kbuild, const char *number);

/* config.c: fills config, arch, folder, codec, has_stub, zboot. */
int32_t kbuild_read_config(struct kbuild *kbuild);
/* config.c: whether a symbol is 'y'. */
bool kbuild_is_set(const struct kbuild *kbuild, int symbol);

/* A word of a command. */
enum { WORD_PLAIN, WORD_OPERATOR, WORD_COMPUTED }; /* the last: the shell would expand it */
struct kbuild_word {
    const char *text;
    int kind;
};
struct kbuild_command {
    const struct kbuild_word *words;
    size_t count;
};

/* command.c: how Kbuild made `target`, a file of the tree, by its .cmd file. `makes` as above. */
int32_t kbuild_read_command(const struct kbuild *kbuild, const char *target, const char *makes,
                            struct kbuild_command *command);
/* command.c: the same, where it need not be there: *found tells. */
int32_t kbuild_find_command(const struct kbuild *kbuild, const char *target,
                            struct kbuild_command *command, bool *found);
/* command.c: whether a word may be part of a fact, or of a message: ASCII without blanks. */
bool kbuild_is_plain(const char *word);
/* command.c: "FOLDER/.NAME.cmd" of a file. */
void kbuild_command_file(const char *target, char name[KBUILD_NAME_MAX]);
/* command.c: a file's name as a command has it, seen from `folder` ("" or "a/b"), as the name
 * that the tree knows. False without a report if it leads out of the tree, or is too long. */
bool kbuild_resolve(const char *folder, const char *name, char resolved[KBUILD_NAME_MAX]);

/* link.c: the boot stub's link command: lists, script, linker, flags; fills `load` for arm. */
int32_t kbuild_give_link(struct kbuild *kbuild);
/* archive.c: appends the members of an archive to the lists. */
int32_t kbuild_give_archive(const struct kbuild *kbuild, const char *name, const char *const *lists,
                            size_t list_count);
/* check.c: whether the ELF file `name` is a kernel of this tree; *relocations: whether it kept
 * those that the linker was told to leave. */
int32_t kbuild_check_kernel(const struct kbuild *kbuild, const char *name,
                            const struct kp_image *image, bool *relocations);
/* check.c: whether the folder `source` is the source of such a release. */
int32_t kbuild_check_source(const struct kbuild *kbuild);
/* facts.c: all facts but those of the link command and of device trees. */
int32_t kbuild_give_facts(struct kbuild *kbuild);
/* dtbs.c: device trees, and what they are made of. */
int32_t kbuild_give_dtbs(const struct kbuild *kbuild);

#endif
