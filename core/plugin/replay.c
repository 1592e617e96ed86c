/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/replay.c - see replay.h: a recording is looked through, and its call made. The
 * conversation itself is remote_play.c's.
 */
#include "plugin/replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "plugin/call_private.h"
#include "plugin/play_private.h"
#include "plugin/remote.h"
#include "wire/image.h"
#include "wire/message.h"

/* --- looking through --- */

static const char unreadable[] = "a message that cannot be read";

/* These return false with a phrase in *why, or NULL there when memory runs out. */
static bool refuse(const char **why, const char *phrase)
{
    *why = phrase;
    return false;
}

static struct kp_wire_reader payload_of(const struct kp_tape_message *message)
{
    return (struct kp_wire_reader){message->payload, message->size, 0, false};
}

static bool add_run(struct kp_play *play, const struct kp_tape_message *message, const char **why)
{
    struct kp_wire_reader from = payload_of(message);
    const uint32_t handle = kp_take_u32(&from);
    const uint64_t size = kp_take_u64(&from);
    struct kp_range **slot;
    size_t length;
    const uint8_t *bytes = kp_take_bytes(&from, &length);

    if (!kp_take_end(&from) || handle != play->runs.count ||
        (message->bytes == NULL && length != size))
        return refuse(why, unreadable);
    slot = KP_PUSH(&play->runs, struct kp_range *);
    if (slot == NULL)
        return refuse(why, NULL);
    *slot = message->bytes != NULL ? kp_range_ref(message->bytes) : kp_range_copy(bytes, length);
    return *slot != NULL || refuse(why, NULL);
}

/* An image that was sent to the worker; NONE is fine if `optional`. */
static bool add_image(struct kp_play *play, struct kp_wire_reader *from, bool optional,
                      const char **why)
{
    const struct kp_wire_runs runs = {play->runs.items, play->runs.count};
    struct kp_image *image = calloc(1, sizeof(*image));
    struct kp_image **slot;
    uint32_t handle;
    bool good;

    if (image == NULL)
        return refuse(why, NULL);
    good = kp_wire_take_image(from, &runs, &handle, image);
    if (good && handle == play->images.count) {
        slot = KP_PUSH(&play->images, struct kp_image *);
        if (slot != NULL) {
            *slot = image;
            return true;
        }
        kp_image_clear(image);
        free(image);
        return refuse(why, NULL);
    }
    if (good && handle != KP_WIRE_NONE)
        kp_image_clear(image);
    free(image);
    if (good && handle == KP_WIRE_NONE && optional)
        return true;
    return refuse(why, good || from->bad ? unreadable : NULL);
}

static bool read_call(struct kp_play *play, const struct kp_tape_message *message, const char **why)
{
    struct kp_wire_reader from = payload_of(message);
    uint32_t count;

    if (play->call != NULL)
        return refuse(why, "more than one call");
    play->call = message;
    play->what = kp_take_u8(&from);
    play->name = kp_take_text(&from);
    play->build_time = kp_take_u64(&from);
    play->output_limit = kp_take_u64(&from);
    play->part_limit = kp_take_u64(&from);
    (void)kp_take_u64(&from); /* scratch: the worker keeps it */
    play->tells_end = (kp_take_u8(&from) & KP_WIRE_ASKS_END) != 0;
    count = kp_take_count(&from, 12);
    for (uint32_t i = 0; i < count; i++)
        if (!add_image(play, &from, false, why))
            return false;
    play->main = kp_take_u32(&from);
    play->params = kp_take_bytes(&from, &play->params_size);
    if (from.bad || play->name == NULL ||
        (play->what != KP_WIRE_STAGE && play->what != KP_WIRE_SOURCE) ||
        (play->main != KP_WIRE_NONE && play->main >= play->images.count))
        return refuse(why, unreadable);
    return true;
}

/* How many images the answer to such a request begins with. */
static uint32_t images_in_answer(uint32_t type, struct kp_wire_reader *answer)
{
    if (type == KP_WIRE_RUN_STAGES) {
        (void)kp_take_u32(answer);
        return kp_take_count(answer, sizeof(uint32_t));
    }
    return type == KP_WIRE_RUN_STAGE || type == KP_WIRE_DECODE || type == KP_WIRE_TREE_OPEN ||
                   type == KP_WIRE_TOOL || type == KP_WIRE_KEY_FACTS || type == KP_WIRE_KEY_SIGN ||
                   type == KP_WIRE_KEY_ENCRYPT
               ? 1
               : 0;
}

static bool look_through(struct kp_play *play, const char **why)
{
    uint32_t asked = 0;

    for (size_t i = 0; i < play->tape->messages.count; i++) {
        const struct kp_tape_message *message =
            &KP_ITEM(&play->tape->messages, struct kp_tape_message, i);
        bool good = true;

        if (message->side == KP_TAPE_HEARD) {
            asked = message->type;
        } else if (message->side == KP_TAPE_SENT && message->type == KP_WIRE_BYTES) {
            good = add_run(play, message, why);
        } else if (message->side == KP_TAPE_SENT && message->type == KP_WIRE_CALL) {
            good = read_call(play, message, why);
        } else if (message->side == KP_TAPE_SENT && message->type == KP_WIRE_ANSWER) {
            struct kp_wire_reader from = payload_of(message);

            for (uint32_t count = images_in_answer(asked, &from); good && count > 0; count--)
                good = add_image(play, &from, true, why);
        }
        if (!good)
            return false;
    }
    return play->call != NULL || refuse(why, "no call");
}

struct kp_play *kp_play_new(const struct kp_tape *tape, const char **why)
{
    struct kp_play *play = calloc(1, sizeof(*play));

    *why = NULL;
    if (play == NULL)
        return NULL;
    play->tape = tape;
    if (look_through(play, why))
        return play;
    kp_play_free(play);
    return NULL;
}

void kp_play_free(struct kp_play *play)
{
    if (play == NULL)
        return;
    for (size_t i = 0; i < play->images.count; i++) {
        struct kp_image *image = KP_ITEM(&play->images, struct kp_image *, i);

        kp_image_clear(image);
        free(image);
    }
    for (size_t i = 0; i < play->runs.count; i++)
        kp_range_unref(KP_ITEM(&play->runs, struct kp_range *, i));
    kp_vector_free(&play->images);
    kp_vector_free(&play->runs);
    free(play);
}

uint8_t kp_play_what(const struct kp_play *play)
{
    return play->what;
}

const char *kp_play_name(const struct kp_play *play)
{
    return play->name;
}

/* --- the call --- */

/* What the recipe would ask for. */
static struct kp_call_request request_of(const struct kp_play *play, const struct kp_stage *stage,
                                         uint64_t *end, struct kp_source_items *items)
{
    const struct kp_tape_head *head = &play->tape->head;

    return (struct kp_call_request){
        .stage = stage,
        .main = play->main == KP_WIRE_NONE
                    ? NULL
                    : KP_ITEM(&play->images, const struct kp_image *, play->main),
        .wanted_parts = head->parts,
        .wanted_count = head->part_count,
        .end = play->tells_end ? end : NULL,
        .output_limit = head->output_limit,
        .source_items = items,
        .input = head->input == NULL ? "?" : head->input,
    };
}

static bool execute(struct kp_call_state *state, const struct kp_play *play,
                    struct kp_call_result *result)
{
    int32_t returned;
    const char *lost;

    if (!kp_call_prepare(state))
        return false;
    state->desk.output.limit = play->output_limit;
    returned = kp_remote_run(state, play->what, play->name);
    for (size_t i = 0; i < play->images.count; i++) {
        lost = kp_range_vanished(KP_ITEM(&play->images, struct kp_image *, i)->range);
        if (lost != NULL)
            return kp_error_hint(state->context->diags, KP_NOWHERE, KP_CALL_CHANGED_HINT, KP1402,
                                 lost);
    }
    return kp_call_believe(state, returned) && kp_call_finish(state, result);
}

bool kp_play_run(struct kp_play *play, const struct kp_call_context *context,
                 const struct kp_stage *stage, struct kp_call_result *result)
{
    struct kp_call_context own = *context;
    struct kp_arena *arena = kp_arena_new();
    struct kp_source_items *items = NULL;
    uint64_t end = UINT64_MAX;
    struct kp_call_request request;
    struct kp_call_state state = {
        .context = &own,
        .request = &request,
        .name = stage->name,
        .operation = &stage->operation,
        .plugin = stage->plugin,
        .desk = {.owner = &kp_host_owner, .arena = arena},
        .play = play,
    };
    bool good;

    if (arena != NULL && play->what == KP_WIRE_SOURCE)
        items = kp_source_items_new(arena);
    if (arena == NULL || (play->what == KP_WIRE_SOURCE && items == NULL)) {
        kp_arena_free(arena);
        return kp_out_of_memory(context->diags);
    }
    own.build_time = play->build_time;
    own.output_limit = play->part_limit;
    request = request_of(play, stage, &end, items);
    good = execute(&state, play, result);
    kp_source_items_clear(items);
    kp_call_clear(&state);
    return good;
}
