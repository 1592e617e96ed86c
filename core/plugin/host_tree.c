/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/host_tree.c - the services of kpipe/host.h for trees: what base/folder.h finds,
 * as the structs of kpipe/tree.h. Every failure names the tree and the member.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/auto.h"
#include "base/folder.h"
#include "base/text.h"
#include "plugin/host_private.h"

/* What an errno of base/folder.h means, and what to do about it (or NULL). */
static const char *reason_of(struct kp_call_state *state, int error, const char **hint)
{
    char *text;

    *hint = NULL;
    switch (error) {
    case ENOENT:
        return "no such file";
    case ENOTDIR:
        return "a folder was expected";
    case EISDIR:
        return "it is a folder, and a file was expected";
    case ENODEV:
        return "it is a device, a pipe or a socket, and a file was expected";
    case EACCES:
        return "no permission to read it";
    case EXDEV:
        *hint = "copy what the link leads to into the tree, or make the link relative";
        return "a link leads out of the tree";
    case ELOOP:
        return "too many links: they may lead to each other";
    case EINVAL:
        return "a name in a tree is relative, without '.' and '..'";
    case EILSEQ:
        *hint = "rename it";
        return "its name, or what the link says, is no text (UTF-8 without control characters)";
    case EOVERFLOW:
        return "more members, or a longer name, than kpipe is willing to read";
    default:
        text = kp_arena_strdup(state->desk.arena, strerror(error));
        if (text != NULL)
            text[0] = (char)tolower((unsigned char)text[0]);
        return text != NULL ? text : "unknown error";
    }
}

/* Reports why a member could not be had. `member` may hold anything. */
static int32_t failed(struct kp_call_state *state, const struct kp_tree *tree, const char *member,
                      int error)
{
    KP_AUTO(string) struct kp_string shown = {0};
    const char *hint;
    const char *reason = reason_of(state, error, &hint);

    if (member[0] == '\0')
        member = "."; /* the tree's own folder */
    kp_text_escape(&shown, member, strlen(member));
    if (error == ENOMEM || shown.failed)
        return kp_host_no_memory(state);
    state->failures++;
    if (error == ESTALE) {
        kp_error_hint(
            state->context->diags, state->request->place, KP_CALL_CHANGED_HINT, KP1402,
            kp_arena_printf(state->desk.arena, "%s: %s", kp_folder_name(tree->folder), shown.text));
        return KP_FAILED;
    }
    kp_error_hint(state->context->diags, state->request->place, hint, KP1520, kp_call_what(state),
                  kp_folder_name(tree->folder), shown.text, reason);
    return KP_FAILED;
}

/* Whether a handle and a name are what a plugin may hand in. */
static bool check(struct kp_call_state *state, const struct kp_tree *tree, const char *name)
{
    bool known = false;

    for (size_t i = 0; state->request != NULL && i < state->request->tree_count; i++)
        known = known || state->request->trees[i] == tree;
    return (known && name != NULL) ||
           kp_call_fault(state, "a tree that was not given to it, or no name in it");
}

static uint32_t type_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return KP_TREE_FOLDER;
    case S_IFLNK:
        return KP_TREE_LINK;
    case S_IFCHR:
        return KP_TREE_CHAR_DEVICE;
    case S_IFBLK:
        return KP_TREE_BLOCK_DEVICE;
    case S_IFIFO:
        return KP_TREE_PIPE;
    case S_IFSOCK:
        return KP_TREE_SOCKET;
    default:
        return KP_TREE_FILE;
    }
}

static struct kp_tree_entry entry_of(const struct kp_member *member)
{
    const struct stat *status = &member->status;
    const uint32_t type = type_of(status->st_mode);
    const bool device = type == KP_TREE_CHAR_DEVICE || type == KP_TREE_BLOCK_DEVICE;

    return (struct kp_tree_entry){
        .size = sizeof(struct kp_tree_entry),
        .type = type,
        /* Those of a link mean nothing, and differ between systems. */
        .permissions = type == KP_TREE_LINK ? 0777 : (uint32_t)status->st_mode & 07777,
        .name = member->name,
        .length = type == KP_TREE_FILE ? (uint64_t)status->st_size : 0,
        .target = member->target,
        .major = device ? major(status->st_rdev) : 0,
        .minor = device ? minor(status->st_rdev) : 0,
        .same_file = member->same_file,
    };
}

int32_t kp_host_tree_list(struct kp_call *call, const struct kp_tree *tree, const char *folder,
                          struct kp_list *entries)
{
    struct kp_call_state *state = kp_call_state(call);
    KP_AUTO(vector) struct kp_vector members = {0};
    struct kp_tree_entry *array = NULL;
    KP_AUTO(string) struct kp_string member = {0};
    const char *bad = NULL;
    int error;

    if (!check(state, tree, folder))
        return KP_FAILED;
    if (entries == NULL)
        return kp_host_fault(state, "tree_list without a place for the entries");
    error = kp_folder_list(tree->folder, state->desk.arena, folder, &members, &bad);
    if (error == 0) {
        array = kp_arena_array(state->desk.arena, members.count + 1, sizeof(*array));
        error = array == NULL ? ENOMEM : 0;
    }
    if (error != 0) {
        kp_string_printf(&member, "%s%s%s", folder, bad == NULL || folder[0] == '\0' ? "" : "/",
                         bad == NULL ? "" : bad);
        return member.failed ? kp_host_no_memory(state) : failed(state, tree, member.text, error);
    }
    for (size_t i = 0; i < members.count; i++)
        array[i] = entry_of(&KP_ITEM(&members, struct kp_member, i));
    *entries = (struct kp_list){members.count == 0 ? NULL : array, members.count};
    return KP_OK;
}

int32_t kp_host_tree_find(struct kp_call *call, const struct kp_tree *tree, const char *name,
                          struct kp_tree_entry *entry)
{
    struct kp_call_state *state = kp_call_state(call);
    struct kp_member member;
    struct kp_tree_entry found;
    int error;

    if (!check(state, tree, name))
        return KP_FAILED;
    if (entry == NULL || entry->size < sizeof(uint64_t))
        return kp_host_fault(state, "tree_find without a place for the entry");
    error = kp_folder_find(tree->folder, state->desk.arena, name, &member);
    if (error == ENOENT || error == ENOTDIR)
        return 0;
    if (error != 0)
        return failed(state, tree, name, error);
    found = entry_of(&member);
    found.size = entry->size < sizeof(found) ? entry->size : sizeof(found);
    memcpy(entry, &found, (size_t)found.size);
    return 1;
}

const struct kp_image *kp_host_tree_open(struct kp_call *call, const struct kp_tree *tree,
                                         const char *name)
{
    struct kp_call_state *state = kp_call_state(call);
    struct kp_image **slot;
    struct kp_image *image;
    int error;

    if (!check(state, tree, name))
        return NULL;
    image = KP_ARENA_NEW(state->desk.arena, struct kp_image);
    slot = image == NULL ? NULL : KP_PUSH(&state->members, struct kp_image *);
    if (slot == NULL) {
        kp_host_no_memory(state);
        return NULL;
    }
    error = kp_folder_map(tree->folder, name, &image->range);
    if (error == 0) {
        *slot = image;
        return image;
    }
    state->members.count--;
    failed(state, tree, name, error);
    return NULL;
}
