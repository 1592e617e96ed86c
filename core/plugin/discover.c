/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/discover.c - which files there are: goes through the folders in path order
 * and reads each file's note. No code of a plugin runs here.
 *
 * Whoever can write to a plugin, or to the folder that it lies in, decides what
 * kpipe executes. So both must belong to the user or to root, and nobody else may
 * write to them. Only the own folder may have any owner: it came with the program.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "plugin/elf.h"
#include "plugin/registry_private.h"

/* Where a folder was named: what that means for it. */
enum source { FROM_OPTION, FROM_ENVIRONMENT, USERS, OWN };

struct folder {
    const char *path;
    enum source source;
    uid_t owner;
};

struct kp_entry *kp_registry_add(struct kp_registry *registry, const char *path)
{
    struct kp_entry **slot = KP_PUSH(&registry->entries, struct kp_entry *);
    struct kp_entry *entry = KP_ARENA_NEW(registry->arena, struct kp_entry);

    if (entry != NULL)
        entry->file.path = kp_arena_strdup(registry->arena, path);
    if (slot == NULL || entry == NULL || entry->file.path == NULL) {
        if (slot != NULL)
            registry->entries.count--;
        return NULL;
    }
    entry->file.order = registry->entries.count - 1;
    pthread_mutex_init(&entry->file.lock, NULL);
    *slot = entry;
    return entry;
}

bool kp_registry_reject(struct kp_registry *registry, struct kp_entry *entry, const char *format,
                        ...)
{
    char text[1024];
    va_list arguments;
    const char *reason;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    reason = kp_arena_strdup(registry->arena, text);
    entry->file.reason = reason != NULL ? reason : "out of memory";
    entry->file.state = KP_PLUGIN_REJECTED;
    return false;
}

static bool trusted_owner(const struct folder *folder, uid_t owner)
{
    return owner == 0 || owner == geteuid() || owner == folder->owner;
}

/* True if the very same file is listed already, by whatever path. */
static bool is_listed(const struct kp_registry *registry, const struct stat *status)
{
    for (size_t i = 0; i < registry->entries.count; i++) {
        const struct kp_entry *entry = KP_ITEM(&registry->entries, struct kp_entry *, i);

        if (entry->identity.inode == status->st_ino && entry->identity.device == status->st_dev)
            return true;
    }
    return false;
}

static void read_note(struct kp_registry *registry, struct kp_entry *entry, const uint8_t *bytes)
{
    const char *text, *why, *unused;
    size_t length;
    struct kp_elf elf;

    if (!kp_note_find(bytes, entry->identity.size, &text, &length, &why)) {
        if (kp_elf_open(&elf, bytes, entry->identity.size, &unused) && !kp_elf_is_native(&elf))
            kp_registry_reject(registry, entry, "%s (e_machine %u)", why, elf.machine);
        else
            kp_registry_reject(registry, entry, "%s", why);
        return;
    }
    entry->note_text = kp_arena_strndup(registry->arena, text, length);
    entry->note_length = length;
    if (entry->note_text == NULL)
        kp_registry_reject(registry, entry, "out of memory");
    else if (!kp_note_parse(registry->arena, entry->note_text, length, &entry->file.note, &why)) {
        memset(&entry->file.note, 0, sizeof(entry->file.note));
        kp_registry_reject(registry, entry, "note: %s", why);
    } else if (kp_judge_note(registry, entry))
        kp_judge_trust(registry, entry, bytes);
}

/* Reads a file that stat found to be `status`. */
static void read_file(struct kp_registry *registry, struct kp_entry *entry,
                      const struct folder *folder, const struct stat *status)
{
    KP_AUTO(range) struct kp_range *range = NULL;
    const uint8_t *bytes;

    entry->identity.device = status->st_dev;
    entry->identity.inode = status->st_ino;
    if (!S_ISREG(status->st_mode))
        kp_registry_reject(registry, entry, "not a file");
    else if (status->st_size == 0) /* reading one of procfs could wait for ever */
        kp_registry_reject(registry, entry, "empty");
    else if ((status->st_mode & S_IWOTH) != 0)
        kp_registry_reject(registry, entry, "everybody may write to it");
    else if (!trusted_owner(folder, status->st_uid))
        kp_registry_reject(registry, entry, "belongs to user %ju, neither you nor root",
                           (uintmax_t)status->st_uid);
    else if ((range = kp_range_open(entry->file.path, entry->file.path, &entry->identity)) == NULL)
        kp_registry_reject(registry, entry, "cannot be read: %s", strerror(errno));
    else if (entry->identity.inode != status->st_ino || entry->identity.device != status->st_dev)
        kp_registry_reject(registry, entry, "replaced while it was read");
    else if ((bytes = kp_range_view(range)) == NULL)
        kp_registry_reject(registry, entry, "out of memory");
    else
        read_note(registry, entry, bytes);
}

static bool look_at_file(struct kp_registry *registry, const struct folder *folder,
                         const char *name)
{
    const char *separator = strcmp(folder->path, "/") == 0 ? "" : "/";
    const char *path = kp_arena_printf(registry->arena, "%s%s%s", folder->path, separator, name);
    struct kp_entry *entry;
    struct stat status;
    int error = 0;

    if (path == NULL)
        return false;
    if (stat(path, &status) != 0)
        error = errno;
    else if (is_listed(registry, &status))
        return true;
    entry = kp_registry_add(registry, path);
    if (entry == NULL)
        return false;
    entry->own = folder->source == OWN;
    if (error != 0)
        kp_registry_reject(registry, entry, "cannot be read: %s", strerror(error));
    else
        read_file(registry, entry, folder, &status);
    return true;
}

static int is_plugin_name(const struct dirent *item)
{
    const size_t length = strlen(item->d_name);

    return item->d_name[0] != '.' && length > 3 && strcmp(item->d_name + length - 3, ".so") == 0;
}

/* By bytes: alphasort would ask the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* The reason why a folder must not be looked through, or NULL. */
static const char *folder_fault(struct folder *folder, const struct stat *status)
{
    folder->owner = geteuid();
    if (!S_ISDIR(status->st_mode))
        return "not a folder";
    if ((status->st_mode & S_IWOTH) != 0)
        return "everybody may write to this folder";
    if (folder->source == OWN)
        folder->owner = status->st_uid;
    if (!trusted_owner(folder, status->st_uid))
        return "this folder belongs neither to you nor to root";
    return NULL;
}

static bool reject_folder(struct kp_registry *registry, const char *path, const char *what,
                          const char *why)
{
    struct kp_entry *entry = kp_registry_add(registry, path);

    if (entry != NULL)
        kp_registry_reject(registry, entry, "%s%s", what, why);
    return entry != NULL;
}

static bool look_into(struct kp_registry *registry, const char *path, enum source source)
{
    struct folder folder = {.path = path, .source = source};
    struct dirent **names = NULL;
    struct stat status;
    const char *fault;
    bool fine = true;
    int count;

    if (path[0] != '/')
        return reject_folder(registry, path, "relative folder: give an absolute path", "");
    if (stat(path, &status) != 0) {
        if (errno == ENOENT && source != FROM_OPTION)
            return true;
        return reject_folder(registry, path, errno == ENOENT ? "" : "cannot be read: ",
                             errno == ENOENT ? "no such folder" : strerror(errno));
    }
    fault = folder_fault(&folder, &status);
    if (fault != NULL)
        return reject_folder(registry, path, fault, "");
    count = scandir(path, &names, is_plugin_name, by_name);
    if (count < 0)
        return reject_folder(registry, path, "cannot be read: ", strerror(errno));
    for (int i = 0; i < count; i++) {
        fine = fine && look_at_file(registry, &folder, names[i]->d_name);
        free(names[i]);
    }
    free(names);
    return fine;
}

/* Looks into a folder by `length` bytes of a path, without slashes at its end. */
static bool look(struct kp_registry *registry, const char *path, size_t length, enum source source)
{
    char *copy;

    while (length > 1 && path[length - 1] == '/')
        length--;
    copy = kp_arena_strndup(registry->arena, path, length);
    return copy != NULL && look_into(registry, copy, source);
}

static bool add_compiled_in(struct kp_registry *registry, const struct kp_static_row *row)
{
    struct kp_entry *entry = kp_registry_add(registry, "(compiled in)");
    const char *why;

    if (entry == NULL)
        return false;
    entry->file.compiled_in = row;
    entry->file.origin = KP_COMPILED_IN;
    entry->file.origin_known = true;
    if (kp_note_parse(registry->arena, row->note, strlen(row->note), &entry->file.note, &why))
        kp_judge_note(registry, entry);
    else {
        memset(&entry->file.note, 0, sizeof(entry->file.note));
        kp_registry_reject(registry, entry, "%s: note: %s", row->name, why);
    }
    return true;
}

bool kp_discover(struct kp_registry *registry, const struct kp_registry_options *options)
{
    const struct kp_static_row *row = options->compiled_in;
    const char *const *path = options->paths;
    const char *rest = options->environment;
    bool fine = true;

    for (; fine && row != NULL && row->name != NULL; row++)
        fine = add_compiled_in(registry, row);
    for (; fine && path != NULL && *path != NULL; path++)
        fine = look(registry, *path, strlen(*path), FROM_OPTION);
    while (fine && rest != NULL && *rest != '\0') {
        const size_t length = strcspn(rest, ":");

        /* An empty entry would be the current folder elsewhere; here it is nothing. */
        fine = length == 0 || look(registry, rest, length, FROM_ENVIRONMENT);
        rest += length + (rest[length] == ':' ? 1 : 0);
    }
    if (fine && options->user_folder != NULL)
        fine = look(registry, options->user_folder, strlen(options->user_folder), USERS);
    if (fine && options->own_folder != NULL)
        fine = look(registry, options->own_folder, strlen(options->own_folder), OWN);
    return fine;
}
