/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/host_tree.c - the services of kpipe/host.h for trees and for sources: all of them are
 * kpipe's, who holds the folders and what a source gives.
 */
#include <string.h>

#include "base/auto.h"
#include "worker/worker_private.h"

/* Least bytes of an entry in a message. */
#define LEAST_ENTRY 40

/* --- trees --- */

static bool take_entry(struct kp_worker_call *call, struct kp_wire_reader *from,
                       struct kp_tree_entry *entry)
{
    const char *name, *target;

    *entry = (struct kp_tree_entry){.size = sizeof(*entry)};
    entry->type = kp_take_u32(from);
    entry->permissions = kp_take_u32(from);
    name = kp_take_text(from);
    entry->length = kp_take_u64(from);
    target = kp_take_text(from);
    entry->major = kp_take_u32(from);
    entry->minor = kp_take_u32(from);
    entry->same_file = kp_take_u64(from);
    if (from->bad || name == NULL)
        return kp_worker_leave(call->worker, KP_WIRE_STATUS_BROKEN, "a member that is none");
    entry->name = kp_worker_keep_text(call, name);
    entry->target = kp_worker_keep_text(call, target);
    return entry->name != NULL && (target == NULL || entry->target != NULL);
}

/* Asks about a member of a tree. */
static struct kp_wire_reader *ask(struct kp_worker_call *call, uint32_t type,
                                  const struct kp_tree *tree, const char *name)
{
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};

    kp_put_u32(&request, kp_worker_handle_number(call, KP_WIRE_TREE, tree));
    kp_put_text(&request, name);
    return kp_worker_ask(call, type, &request);
}

/* Whether kpipe would find nothing wrong with tree and name; else it says what is. */
static bool may_check_more(const struct kp_worker_call *call, const struct kp_tree *tree,
                           const char *name)
{
    return name != NULL && kp_worker_handle_number(call, KP_WIRE_TREE, tree) != KP_WIRE_NONE;
}

int32_t kp_worker_tree_list(struct kp_call *call, const struct kp_tree *tree, const char *folder,
                            struct kp_list *entries)
{
    struct kp_worker_call *own = kp_worker_call(call);
    struct kp_tree_entry *array;
    struct kp_wire_reader *answer;
    uint32_t count;

    if (entries == NULL && may_check_more(own, tree, folder))
        return kp_desk_fault(&own->desk, "tree_list without a place for the entries");
    answer = ask(own, KP_WIRE_TREE_LIST, tree, folder);
    if (answer == NULL || (int32_t)kp_take_u32(answer) != KP_OK || entries == NULL)
        return KP_FAILED;
    count = kp_take_count(answer, LEAST_ENTRY);
    array = kp_arena_array(own->desk.arena, (size_t)count + 1, sizeof(*array));
    if (array == NULL)
        return kp_desk_no_memory(&own->desk);
    for (uint32_t i = 0; i < count; i++)
        if (!take_entry(own, answer, &array[i]))
            return KP_FAILED;
    *entries = (struct kp_list){count == 0 ? NULL : array, count};
    return KP_OK;
}

int32_t kp_worker_tree_find(struct kp_call *call, const struct kp_tree *tree, const char *name,
                            struct kp_tree_entry *entry)
{
    struct kp_worker_call *own = kp_worker_call(call);
    struct kp_tree_entry found;
    struct kp_wire_reader *answer;
    int32_t result;

    if ((entry == NULL || entry->size < sizeof(uint64_t)) && may_check_more(own, tree, name))
        return kp_desk_fault(&own->desk, "tree_find without a place for the entry");
    answer = ask(own, KP_WIRE_TREE_FIND, tree, name);
    result = answer == NULL ? KP_FAILED : (int32_t)kp_take_u32(answer);
    if (result != 1)
        return result;
    if (entry == NULL || !take_entry(own, answer, &found))
        return KP_FAILED;
    found.size = entry->size < sizeof(found) ? entry->size : sizeof(found);
    memcpy(entry, &found, (size_t)found.size);
    return 1;
}

const struct kp_image *kp_worker_tree_open(struct kp_call *call, const struct kp_tree *tree,
                                           const char *name)
{
    struct kp_worker_call *own = kp_worker_call(call);
    struct kp_wire_reader *answer = ask(own, KP_WIRE_TREE_OPEN, tree, name);

    return answer == NULL ? NULL : kp_worker_take_image(own, answer);
}

/* --- sources --- */

static struct kp_output *given(struct kp_worker_call *call, uint32_t type,
                               const struct kp_wire_writer *request)
{
    struct kp_wire_reader *answer = kp_worker_ask(call, type, request);

    return answer == NULL ? NULL : kp_worker_output(call, kp_take_u32(answer), true);
}

struct kp_output *kp_worker_source_image(struct kp_call *call, const char *name,
                                         const struct kp_image *image)
{
    struct kp_worker_call *own = kp_worker_call(call);
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};

    kp_put_text(&request, name);
    kp_worker_put_image(own, &request, image);
    return given(own, KP_WIRE_GIVE_IMAGE, &request);
}

struct kp_output *kp_worker_source_list(struct kp_call *call, const char *name, const char *label,
                                        const struct kp_image *image)
{
    struct kp_worker_call *own = kp_worker_call(call);
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};

    /* No image at all means something here. */
    if (image != NULL && own->what == KP_WIRE_SOURCE && !kp_worker_has_image(own, image)) {
        kp_desk_fault(&own->desk, "source_list of what is no image of this call, or has no label");
        return NULL;
    }
    kp_put_text(&request, name);
    kp_put_text(&request, label);
    kp_worker_put_image(own, &request, image);
    return given(own, KP_WIRE_GIVE_LIST, &request);
}

int32_t kp_worker_source_fact(struct kp_call *call, const char *name, const char *value)
{
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};

    kp_put_text(&request, name);
    kp_put_text(&request, value);
    return kp_worker_ask_result(kp_worker_call(call), KP_WIRE_GIVE_FACT, &request);
}
