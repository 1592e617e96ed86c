/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cpio/pack.c - the stage `cpio`: an initramfs from a tree, a list and entries of the recipe,
 * in this order. Linux unpacks in order, so that what comes later wins.
 *
 * Nobody needs to be root: owners, modes and devices are written, not made.
 */
#include "cpio.h"

static int32_t run(struct kp_call *call)
{
    const struct cpio_params *p = call->params;
    struct cpio_writer w = {.call = call, .checksum = p->checksum};
    const uint64_t time = call->host->build_time(call);

    if (p->tree == NULL && p->list == NULL && p->entries.count == 0)
        return kp_fail_at(call, NULL, "give tree, list or entries", "cpio: nothing to archive");
    if (p->files != NULL && p->list == NULL)
        return kp_fail_at(call, &p->files, "tree: archives a folder",
                          "files: only the locations of a list are looked up there");
    if (time > UINT32_MAX)
        return kp_fail(call, "time: %llu: does not fit the headers' 32 bits",
                       (unsigned long long)time);
    w.time = (uint32_t)time;
    if ((p->tree != NULL && cpio_pack_tree(&w, p) != KP_OK) ||
        (p->list != NULL && cpio_pack_list(&w, p) != KP_OK) || cpio_pack_entries(&w, p) != KP_OK)
        return KP_FAILED;
    return cpio_write_trailer(&w);
}

static const struct kp_choice *const types[] = {
    KP_ONE_OF(CPIO_FILE, "file", "the bytes of image"),
    KP_ONE_OF(CPIO_FOLDER, "dir", "a folder"),
    KP_ONE_OF(CPIO_LINK, "link", "a symbolic link to target"),
    KP_ONE_OF(CPIO_CHAR, "char", "a character device"),
    KP_ONE_OF(CPIO_BLOCK, "block", "a block device"),
    KP_ONE_OF(CPIO_PIPE, "pipe", "a named pipe"),
    KP_ONE_OF(CPIO_SOCKET, "sock", "a socket"),
    NULL,
};

static const struct kp_param *const entry_table[] = {
    KP_TEXT(struct cpio_entry, name, .flags = KP_PARAM_REQUIRED,
            .summary = "path from the root; folders that are missing are made, with mode 0755"),
    KP_CHOICE(struct cpio_entry, type, .choices = types,
              .presence = offsetof(struct cpio_entry, has_type), .summary = "what it is",
              .computed = "file if it has an image, link if it has a target"),
    KP_IMAGE(struct cpio_entry, image, .summary = "the contents of a file"),
    KP_TEXT(struct cpio_entry, target, .presence = offsetof(struct cpio_entry, has_target),
            .summary = "where a link leads"),
    KP_TEXT_LIST(struct cpio_entry, links, .summary = "further names of a file (hard links)"),
    KP_TEXT(struct cpio_entry, mode, .presence = offsetof(struct cpio_entry, has_mode),
            .summary = "its permissions, as chmod takes them: 0755",
            .computed = "0755 for folders and programs (ELF, #!), 0644 for other files, 0777 for "
                        "links, 0600 for all else"),
    KP_UINT(struct cpio_entry, uid, .maximum = UINT32_MAX, .fallback = "0", .summary = "owner"),
    KP_UINT(struct cpio_entry, gid, .maximum = UINT32_MAX, .fallback = "0", .summary = "group"),
    KP_UINT(struct cpio_entry, major, .fallback = "0", .summary = "major number of a device"),
    KP_UINT(struct cpio_entry, minor, .fallback = "0", .summary = "minor number of a device"),
    NULL,
};

static const struct kp_param *const table[] = {
    KP_TREE(struct cpio_params, tree, .flags = KP_PARAM_SHORT,
            .summary = "folder whose contents are archived, owned by root",
            .help = "As usr/gen_initramfs.sh -u squash -g squash of the kernel does it, in the "
                    "order of its names' bytes."),
    KP_IMAGE(struct cpio_params, list, .summary = "text in the language of gen_init_cpio",
             .help = "Lines of file, dir, nod, slink, pipe and sock; see usr/gen_init_cpio.c of "
                     "the kernel. Locations of files are relative to the tree in files."),
    KP_TREE(struct cpio_params, files, .summary = "folder in which a list's files are found"),
    KP_RECORD_LIST(struct cpio_params, entries, struct cpio_entry, .fields = entry_table,
                   .summary = "what is archived besides"),
    KP_BOOL(struct cpio_params, checksum, .fallback = "false",
            .summary = "store checksums of files, as gen_init_cpio -c does (format 070702)"),
    NULL,
};

/* Scratch memory: the list's text and the names in it; a table of a tree's names, 16 bytes
 * each, twice for its growth. */
const struct kp_operation cpio_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC | KP_OP_NO_INPUT,
    .threading = KP_THREADS_ANY,
    .summary = "make an initramfs, a cpio archive",
    .help = "tree, list and entries follow each other in the archive. All times are "
            "SOURCE_DATE_EPOCH, or 0.",
    .output_kind = KP_KIND_CPIO,
    .params = table,
    .params_size = sizeof(struct cpio_params),
    .memory_base = 256u << 20,
    .memory_per_byte = 24,
    .run = run,
};
