/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sources/kbuild/dtbs.c - the build's device trees, and what those are made of that fdtoverlay put
 * together: a base and overlays, which a FIT may have each once for all boards.
 *
 * Facts from Linux 6.12 and 7.2, scripts/Makefile.dtbs: since 6.8 `make dtbs` leaves their names
 * in arch/ARCH/boot/dts/dtbs-list, one a line, seen from the build folder. A composed tree is made
 * by "scripts/dtc/fdtoverlay -o NAME -i BASE OVERLAY..." (cmd_fdtoverlay), which may be followed by
 * another command (CHECK_DTBS). Files are numbered, and trees without such a command left whole,
 * as scripts/make_fit.py does it.
 */
#include <stdlib.h>
#include <string.h>

#include "kbuild.h"

#define MOST_DTBS 60000u        /* kpipe takes 65536 images of a source in all */
#define LIST_MAX (16u << 20)    /* their names */
#define COMMANDS_MAX (1u << 20) /* of all composed trees together: they are kept in memory */
#define COMMAND_FILE 131072u    /* how far into a .cmd file is looked */
#define SETS_MAX 65000u         /* a fact; the host takes little more */
#define SLOTS (2u * MOST_DTBS + 1u)

/* Files of a FIT by name, as a table in which the next free place is taken. */
struct dtb_file {
    const char *name;
    unsigned number;
};

struct dtbs {
    const struct kbuild *kbuild;
    size_t root; /* characters of names that are no part of labels: "arch/arm64/boot/dts/" */
    char folder[64];
    unsigned count;         /* of images that were given, in both lists */
    uint64_t commands;      /* bytes of them */
    struct dtb_file *files; /* SLOTS of them; the place of a name is its hash */
    unsigned numbers;       /* of files */
    char *sets, *end;       /* "1,2 3" */
};

static bool ends_with(const char *name, const char *end)
{
    const size_t length = strlen(name), size = strlen(end);

    return length >= size && strcmp(name + length - size, end) == 0;
}

/* Gives a list one more file of the tree. */
static int32_t give(struct dtbs *dtbs, const char *list, const char *name)
{
    struct kp_call *call = dtbs->kbuild->call;
    const char *slash = strrchr(name, '/');
    const bool inside = strncmp(name, dtbs->folder, dtbs->root - 1) == 0;
    const struct kp_image *image;
    struct kp_output *output;

    if (++dtbs->count > MOST_DTBS)
        return kbuild_fail(dtbs->kbuild, NULL,
                           "%s: more than %u device trees: no kernel has as many", dtbs->folder,
                           MOST_DTBS);
    image = kbuild_open(dtbs->kbuild, name, "dtbs");
    output = image == NULL
                 ? NULL
                 : call->host->source_list(call, list, inside ? name + dtbs->root : name, image);
    if (kbuild_traits(dtbs->kbuild, output, false) != KP_OK)
        return KP_FAILED;
    return call->host->set_text(call, output, KP_TRAIT_FILE, slash == NULL ? name : slash + 1);
}

/* --- files of a FIT --- */

/* FNV-1a. */
static struct dtb_file *find_file(const struct dtbs *dtbs, const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    size_t at;

    for (const char *c = name; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
    for (at = hash % SLOTS; dtbs->files[at].name != NULL; at = (at + 1) % SLOTS)
        if (strcmp(dtbs->files[at].name, name) == 0)
            break;
    return &dtbs->files[at];
}

/* Adds the number of a file to the configuration that is being written; a new file is given. */
static int32_t add_file(struct dtbs *dtbs, const char *name, char before)
{
    struct kp_call *call = dtbs->kbuild->call;
    struct dtb_file *file = find_file(dtbs, name);
    const size_t room = SETS_MAX - (size_t)(dtbs->end - dtbs->sets);

    if (file->name == NULL) {
        char *copy = call->host->alloc(call, strlen(name) + 1);

        if (copy == NULL || give(dtbs, "fit-dtbs", name) != KP_OK)
            return KP_FAILED;
        *file = (struct dtb_file){memcpy(copy, name, strlen(name) + 1), ++dtbs->numbers};
    }
    if (room < 16)
        return kbuild_fail(dtbs->kbuild, NULL,
                           "%s: more device trees than a fact can tell: no kernel has as many",
                           dtbs->folder);
    dtbs->end +=
        snprintf(dtbs->end, room, "%.*s%u", dtbs->end == dtbs->sets ? 0 : 1, &before, file->number);
    return KP_OK;
}

/* Whether a file's command, if there is one, is fdtoverlay's. */
static int32_t is_composed(const struct dtbs *dtbs, const char *name, bool *composed)
{
    static const char tool[] = "scripts/dtc/fdtoverlay";
    const struct kbuild *kbuild = dtbs->kbuild;
    char command[KBUILD_NAME_MAX];
    const struct kp_image *image;
    const char *bytes;
    uint64_t size;
    int32_t found;

    *composed = false;
    kbuild_command_file(name, command);
    found = kbuild_has(kbuild, command);
    if (found != 1)
        return found == 0 ? KP_OK : KP_FAILED;
    image = kbuild_open(kbuild, command, "dtbs");
    bytes = image == NULL ? NULL : (const char *)kp_view(kbuild->call, image);
    if (bytes == NULL)
        return KP_FAILED;
    size = kp_size(kbuild->call, image);
    if (size > COMMAND_FILE)
        size = COMMAND_FILE;
    *composed = memmem(bytes, (size_t)size, tool, sizeof(tool) - 1) != NULL;
    return KP_OK;
}

static int32_t take_command(struct dtbs *dtbs, const char *name)
{
    const struct kbuild *kbuild = dtbs->kbuild;
    struct kbuild_command command;
    char file[KBUILD_NAME_MAX], before = ' ';
    size_t at = 0;

    if (kbuild_read_command(kbuild, name, "dtbs", &command) != KP_OK)
        return KP_FAILED;
    for (size_t i = 0; i < command.count; i++)
        dtbs->commands += strlen(command.words[i].text) + 1;
    if (dtbs->commands > COMMANDS_MAX)
        return kbuild_fail(kbuild, NULL, "%s: more than %u bytes of commands that compose trees",
                           dtbs->folder, COMMANDS_MAX);
    while (at < command.count && strcmp(command.words[at].text, "-i") != 0)
        at++;
    for (at++; at < command.count && command.words[at].kind != WORD_OPERATOR; at++) {
        const char *word = command.words[at].text;

        if (command.words[at].kind != WORD_PLAIN || !kbuild_is_plain(word))
            return kbuild_fail(kbuild, "run `make dtbs` once more",
                               "command of %s: a name with unusual characters", name);
        if (!kbuild_resolve("", word, file))
            return kbuild_fail(kbuild, NULL, "command of %s: '%.200s': leads out of the tree", name,
                               word);
        if (add_file(dtbs, file, before) != KP_OK)
            return KP_FAILED;
        before = ',';
    }
    if (before == ' ')
        return kbuild_fail(kbuild, "run `make dtbs` once more",
                           "command of %s: no base and overlays behind '-i'", name);
    return KP_OK;
}

/* One of the trees that the build made. */
static int32_t take_dtb(struct dtbs *dtbs, const char *name)
{
    bool composed;

    if (give(dtbs, "dtbs", name) != KP_OK || is_composed(dtbs, name, &composed) != KP_OK)
        return KP_FAILED;
    return composed ? take_command(dtbs, name) : add_file(dtbs, name, ' ');
}

/* --- which there are --- */

static int32_t take_list(struct dtbs *dtbs, const char *list)
{
    const struct kbuild *kbuild = dtbs->kbuild;
    const struct kp_image *image = kbuild_open(kbuild, list, "dtbs");
    const char *at = image == NULL ? NULL : (const char *)kp_view(kbuild->call, image);
    const char *end;

    if (at == NULL)
        return KP_FAILED;
    if (kp_size(kbuild->call, image) > LIST_MAX)
        return kbuild_fail(kbuild, NULL, "%s: more than 16 MiB: no list of device trees", list);
    end = at + kp_size(kbuild->call, image);
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        const size_t length = (size_t)((line_end == NULL ? end : line_end) - at);
        char line[KBUILD_NAME_MAX], name[KBUILD_NAME_MAX];

        if (length >= sizeof(line))
            return kbuild_fail(kbuild, "run `make dtbs` once more",
                               "%s: a name of more than 4095 characters: damaged", list);
        memcpy(line, at, length);
        line[length] = '\0';
        at += length + 1;
        if (strlen(line) != length || (length > 0 && !kbuild_is_plain(line)))
            return kbuild_fail(kbuild, "run `make dtbs` once more",
                               "%s: a name with unusual characters: damaged", list);
        if (!ends_with(line, ".dtb")) /* overlays are listed as well */
            continue;
        if (!kbuild_resolve("", line, name))
            return kbuild_fail(kbuild, "run `make dtbs` once more",
                               "%s: '%.200s': leads out of the tree", list, line);
        if (take_dtb(dtbs, name) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* All below a folder, for builds that leave no list. */
static int32_t take_folder(struct dtbs *dtbs, const char *folder)
{
    const struct kbuild *kbuild = dtbs->kbuild;
    struct kp_list list;

    if (kbuild->call->host->tree_list(kbuild->call, kbuild->params->tree, folder, &list) != KP_OK)
        return KP_FAILED;
    for (uint64_t i = 0; i < list.count; i++) {
        const struct kp_tree_entry *entry = (const struct kp_tree_entry *)list.items + i;

        if (entry->type == KP_TREE_FOLDER && take_folder(dtbs, entry->name) != KP_OK)
            return KP_FAILED;
        if (entry->type == KP_TREE_FILE && ends_with(entry->name, ".dtb") &&
            take_dtb(dtbs, entry->name) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

int32_t kbuild_give_dtbs(const struct kbuild *kbuild)
{
    struct kp_call *call = kbuild->call;
    struct dtbs dtbs = {.kbuild = kbuild};
    char list[sizeof(dtbs.folder) + sizeof("/dtbs-list")];
    int32_t has_folder, has_list;

    snprintf(dtbs.folder, sizeof(dtbs.folder), "arch/%s/boot/dts", kbuild->folder);
    snprintf(list, sizeof(list), "%s/dtbs-list", dtbs.folder);
    dtbs.root = strlen(dtbs.folder) + 1;
    has_folder = kbuild_has(kbuild, dtbs.folder);
    has_list = has_folder == 1 ? kbuild_has(kbuild, list) : 0;
    if (has_folder == KP_FAILED || has_list == KP_FAILED ||
        call->host->source_list(call, "dtbs", NULL, NULL) == NULL ||
        call->host->source_list(call, "fit-dtbs", NULL, NULL) == NULL)
        return KP_FAILED;
    if (has_folder == 0)
        return KP_OK;
    dtbs.files = call->host->alloc(call, SLOTS * sizeof(*dtbs.files));
    dtbs.sets = dtbs.end = call->host->alloc(call, SETS_MAX);
    if (dtbs.files == NULL || dtbs.sets == NULL ||
        (has_list == 1 ? take_list(&dtbs, list) : take_folder(&dtbs, dtbs.folder)) != KP_OK)
        return KP_FAILED;
    return dtbs.end == dtbs.sets ? KP_OK : call->host->source_fact(call, "fit-sets", dtbs.sets);
}
