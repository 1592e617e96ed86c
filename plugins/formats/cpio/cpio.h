/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cpio/cpio.h - cpio archives of the kind that Linux unpacks at boot: what the parts of this
 * plugin share.
 *
 * The format "newc" (magic 070701), and the same with checksums (070702): for each entry a
 * header of 110 bytes, all of it ASCII, the name with its NUL, the data; names and data
 * end at multiples of 4 from the archive's start. An entry TRAILER!!! ends it. Facts from
 * Linux 6.1: Documentation/driver-api/early-userspace/buffer-format.rst, usr/gen_init_cpio.c
 * (what is written), init/initramfs.c (what is read).
 */
#ifndef CPIO_CPIO_H
#define CPIO_CPIO_H

#include <kpipe/kpipe.h>

#define CPIO_HEADER_SIZE 110u
#define CPIO_MAGIC_SIZE 6u
#define CPIO_TRAILER "TRAILER!!!"
/* Longest name and link target with its NUL that Linux unpacks: PATH_MAX. */
#define CPIO_NAME_SIZE 4096u

/* The thirteen numbers of a header, in its order. */
#define CPIO_INO 0u
#define CPIO_MODE 1u
#define CPIO_UID 2u
#define CPIO_GID 3u
#define CPIO_NLINK 4u
#define CPIO_MTIME 5u
#define CPIO_FILESIZE 6u
#define CPIO_MAJOR 7u
#define CPIO_MINOR 8u
#define CPIO_RMAJOR 9u
#define CPIO_RMINOR 10u
#define CPIO_NAMESIZE 11u
#define CPIO_CHECK 12u
#define CPIO_NUMBERS 13u

/* File types within a mode, as in POSIX's <cpio.h>. */
#define CPIO_TYPE 0170000u
#define CPIO_SOCKET 0140000u
#define CPIO_LINK 0120000u
#define CPIO_FILE 0100000u
#define CPIO_BLOCK 0060000u
#define CPIO_FOLDER 0040000u
#define CPIO_CHAR 0020000u
#define CPIO_PIPE 0010000u
#define CPIO_PERMISSIONS 07777u

/* --- writing ---------------------------------------------------------- */

/* One thing to be archived. */
struct cpio_item {
    const char *name;            /* as it will stand in the archive, without a leading '/' */
    const char *target;          /* of a link */
    const struct kp_image *data; /* of a file */
    const struct kp_text *links; /* further names of a file */
    uint64_t link_count;
    uint32_t mode; /* with its type */
    uint32_t uid, gid, major, minor;
};

/* The archive so far. */
struct cpio_writer {
    struct kp_call *call;
    const void *field; /* for errors: the parameter that is being worked on */
    uint64_t line;     /* and its line, or 0 */
    uint32_t time;
    uint32_t count; /* things archived; names of one file count once */
    int checksum;
    const char **folders; /* names of folders, and of links, which may lead to some */
    uint64_t folder_count, folder_room;
};

/* write.c: entries as gen_init_cpio writes them. The item's name and target stay valid
 * until the call returns. */
int32_t cpio_write_item(struct cpio_writer *w, const struct cpio_item *item);
int32_t cpio_write_trailer(struct cpio_writer *w);
/* Whether an item of that name, `length` bytes, is or may lead to a folder. */
int cpio_has_folder(const struct cpio_writer *w, const char *name, uint64_t length);
/* Fails at the writer's field and line; the hint may be NULL. */
KP_PRINTF(3, 4)
int32_t cpio_fail(const struct cpio_writer *w, const char *hint, const char *format, ...);
/* Doubles a table that is full; `room` counts items of `size` bytes. */
int32_t cpio_grow(struct kp_call *call, void **items, uint64_t count, uint64_t *room,
                  uint64_t size);
/* "0755", "755", "0o755": octal, to at most `maximum`; 0 if it is no such number. */
int cpio_octal(const char *text, uint32_t maximum, uint32_t *number);
/* Linux' numbers of devices have 12 and 20 bits. */
int32_t cpio_check_device(const struct cpio_writer *w, const char *name, uint64_t major,
                          uint64_t minor);

/* An entry of the parameter `entries`. */
struct cpio_entry {
    struct kp_text name, target, mode;
    struct kp_list links; /* struct kp_text */
    const struct kp_image *image;
    uint64_t uid, gid, major, minor;
    uint32_t type;
    uint8_t has_type, has_target, has_mode;
};

struct cpio_params {
    const struct kp_tree *tree;
    const struct kp_image *list;
    const struct kp_tree *files;
    struct kp_list entries; /* struct cpio_entry */
    uint8_t checksum;
};

/* tree.c, list.c, entries.c: write all that one parameter says. */
int32_t cpio_pack_tree(struct cpio_writer *w, const struct cpio_params *p);
int32_t cpio_pack_list(struct cpio_writer *w, const struct cpio_params *p);
int32_t cpio_pack_entries(struct cpio_writer *w, const struct cpio_params *p);
/* "usr/bin/init": each part has a name, which is neither "." nor "..". (entries.c) */
int cpio_is_path(const char *name);

/* --- reading ---------------------------------------------------------- */

/* Where a reader stands in an archive, and the entry that it has read. */
struct cpio_reader {
    struct kp_call *call;
    const struct kp_image *image;
    uint64_t size; /* of the image */
    uint64_t next; /* offset of the next header */
    uint64_t index;
    uint64_t at, data_at;
    uint32_t number[CPIO_NUMBERS];
    int has_check; /* 070702 */
    char name[CPIO_NAME_SIZE];
};

/* read.c: the sum of bytes of an image, modulo 2^32. */
int32_t cpio_sum(struct kp_call *call, const struct kp_image *image, uint64_t at, uint64_t length,
                 uint32_t *sum);
/* The next entry. *end becomes 1 at the trailer, which is read then. */
int32_t cpio_read_entry(struct cpio_reader *r, int *end);
/* Compares the data's sum with the header's; 1 if it is wrong. */
int32_t cpio_check_data(struct cpio_reader *r, int *wrong);
/* The name as a path from the root: without leading "/" and "./". */
const char *cpio_plain_name(const char *name);
/* Bytes of zeros from `at`, up to the next byte that is none. */
int32_t cpio_count_zeros(struct kp_call *call, const struct kp_image *image, uint64_t at,
                         uint64_t *count);

extern const struct kp_operation cpio_pack;   /* pack.c */
extern const struct kp_operation cpio_unpack; /* unpack.c */
int32_t cpio_inspect(struct kp_call *call);   /* inspect.c */
/* "file", "slink" and so on, as gen_init_cpio calls them. */
const char *cpio_type_name(uint32_t mode);
/* details.c: tells the entry that was read, by its name. */
int32_t cpio_tell_entry(struct cpio_reader *r);

#endif
