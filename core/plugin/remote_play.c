/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/remote_play.c - what a recording says to a worker: its call, and its answers to what only
 * the recipe's world could answer. See replay.h.
 *
 * All bytes that were sent at any time are sent before the call, so that any answer can be given
 * at any time: a plugin that was repaired may ask in another order, or leave something out.
 */
#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "base/range_share.h"
#include "plugin/play_private.h"
#include "plugin/remote_private.h"

/* Bytes of a name that are shown. */
#define MOST_NAME 200

/* --- the call --- */

static bool send_run(struct kp_remote *remote, const struct kp_tape_message *message,
                     struct kp_range *run)
{
    struct kp_wire_reader sent = {message->payload, message->size, 0, false};
    KP_AUTO(wire_writer) struct kp_wire_writer payload = {0};
    int descriptor KP_AUTO(close) = -1;
    uint64_t size = kp_range_size(run);
    bool is_file;
    size_t length;

    kp_put_u32(&payload, kp_take_u32(&sent));
    (void)kp_take_u64(&sent);
    if (message->bytes != NULL && size > 0) {
        descriptor = kp_range_seal(run, &size, &is_file);
        if (descriptor < 0)
            return kp_remote_failed(remote, errno);
        kp_put_u64(&payload, size);
        kp_put_bytes(&payload, NULL, 0);
    } else {
        const uint8_t *bytes = kp_take_bytes(&sent, &length);

        kp_put_u64(&payload, size);
        kp_put_bytes(&payload, bytes, (size_t)size);
    }
    return kp_remote_send(remote, KP_WIRE_BYTES, &payload, &descriptor, descriptor < 0 ? 0 : 1);
}

static bool send_runs(struct kp_remote *remote)
{
    const struct kp_play *play = remote->state->play;
    size_t run = 0;

    for (size_t i = 0; i < play->tape->messages.count; i++) {
        const struct kp_tape_message *message =
            &KP_ITEM(&play->tape->messages, struct kp_tape_message, i);

        if (message->side != KP_TAPE_SENT || message->type != KP_WIRE_BYTES)
            continue;
        if (!send_run(remote, message, KP_ITEM(&play->runs, struct kp_range *, run)))
            return false;
        run++;
    }
    return true;
}

/* What an error may be pinned to: the recorded bytes, and their fields by name. */
static bool keep_params(struct kp_remote *remote)
{
    struct kp_call_state *state = remote->state;
    const struct kp_play *play = state->play;
    const struct kp_tape_head *head = &play->tape->head;
    struct kp_flat_segment *segment;

    if (play->params_size == 0)
        return true;
    kp_string_append(&remote->flat.bytes, (const char *)play->params, play->params_size);
    segment = KP_PUSH(&remote->flat.segments, struct kp_flat_segment);
    if (remote->flat.bytes.failed || segment == NULL)
        return kp_remote_failed(remote, ENOMEM);
    *segment =
        (struct kp_flat_segment){(const uint8_t *)remote->flat.bytes.text, 0, play->params_size};
    for (size_t i = 0; i < head->field_count; i++) {
        const struct kp_tape_field *field = &head->fields[i];
        struct kp_bound_field *bound;
        const char *name;

        if (!kp_inside(play->params_size, field->offset, field->size))
            continue;
        bound = KP_PUSH(&state->bound.fields, struct kp_bound_field);
        name = kp_arena_printf(state->desk.arena, "parameter '%s'", field->path);
        /* A place outlives the call. */
        if (name != NULL)
            name = kp_diags_add_source(state->context->diags, name, "", 0);
        if (bound == NULL || name == NULL)
            return kp_remote_failed(remote, ENOMEM);
        *bound = (struct kp_bound_field){.address = segment->address + field->offset,
                                         .size = (size_t)field->size,
                                         .place = {.file = name},
                                         .path = field->path};
    }
    return true;
}

bool kp_remote_send_recorded(struct kp_remote *remote)
{
    struct kp_call_state *state = remote->state;
    const struct kp_play *play = state->play;
    struct kp_wire_writer call = {.bytes = (uint8_t *)(uintptr_t)play->call->payload,
                                  .size = play->call->size};

    if (kp_remote_output_handle(remote, &state->desk.output) != KP_WIRE_MAIN_OUTPUT)
        return kp_remote_failed(remote, ENOMEM);
    for (size_t i = 0; i < play->images.count; i++) {
        const struct kp_image **slot = KP_PUSH(&remote->images, const struct kp_image *);

        if (slot == NULL)
            return kp_remote_failed(remote, ENOMEM);
        *slot = KP_ITEM(&play->images, const struct kp_image *, i);
    }
    return keep_params(remote) && send_runs(remote) &&
           kp_remote_send(remote, KP_WIRE_CALL, &call, NULL, 0);
}

/* --- answers --- */

bool kp_remote_is_recorded(uint32_t type)
{
    switch (type) {
    case KP_WIRE_IDENTIFY:
    case KP_WIRE_RUN_STAGE:
    case KP_WIRE_RUN_STAGES:
    case KP_WIRE_DECODE:
    case KP_WIRE_ARCH:
    case KP_WIRE_TREE_LIST:
    case KP_WIRE_TREE_FIND:
    case KP_WIRE_TREE_OPEN:
    case KP_WIRE_TOOL:
    case KP_WIRE_KEY_FACTS:
    case KP_WIRE_KEY_SIGN:
    case KP_WIRE_KEY_ENCRYPT:
        return true;
    default:
        return false;
    }
}

/* The request in words: "the file 'etc/passwd' of a tree". */
static const char *name_request(struct kp_arena *arena, struct kp_message *message)
{
    struct kp_wire_reader *from = &message->payload;
    const bool of_tree = message->type == KP_WIRE_TREE_LIST || message->type == KP_WIRE_TREE_FIND ||
                         message->type == KP_WIRE_TREE_OPEN;
    const char *text = NULL;

    if (of_tree)
        (void)kp_take_u32(from);
    if (of_tree || message->type == KP_WIRE_TOOL || message->type == KP_WIRE_ARCH)
        text = kp_take_text(from);
    text = text == NULL ? "" : text;
    switch (message->type) {
    case KP_WIRE_IDENTIFY:
        return "what the bytes of an image are";
    case KP_WIRE_RUN_STAGE:
        return "a stage to be run";
    case KP_WIRE_RUN_STAGES:
        return "a stage to be run on several images";
    case KP_WIRE_DECODE:
        return "an image to be decompressed";
    case KP_WIRE_KEY_FACTS:
        return "what a key is";
    case KP_WIRE_KEY_SIGN:
        return "a signature of a digest";
    case KP_WIRE_KEY_ENCRYPT:
        return "an image to be encrypted";
    case KP_WIRE_ARCH:
        return kp_arena_printf(arena, "the architecture '%.*s'", MOST_NAME, text);
    case KP_WIRE_TREE_LIST:
        return kp_arena_printf(arena, "the folder '%.*s' of a tree", MOST_NAME, text);
    case KP_WIRE_TOOL:
        return kp_arena_printf(arena, "the tool '%.*s' to be run", MOST_NAME, text);
    default:
        return kp_arena_printf(arena, "the file '%.*s' of a tree", MOST_NAME, text);
    }
}

/* The recording has no answer: the call ends. */
static bool not_answered(struct kp_remote *remote, struct kp_message *message)
{
    struct kp_call_state *state = remote->state;
    const char *request = name_request(state->desk.arena, message);

    state->failures++;
    kp_error_hint(state->context->diags, KP_NOWHERE,
                  "it asks otherwise than when it was recorded; have it recorded anew", KP1541,
                  kp_call_what(state), state->plugin->note.id, state->plugin->note.version,
                  request == NULL ? "?" : request);
    remote->end = KP_REMOTE_REPORTED;
    return false;
}

/* The same request in the recording: the next one, else any. The index of what follows it; 0 if
 * there is none. */
static size_t find_request(const struct kp_play *play, const struct kp_message *message)
{
    const struct kp_vector *messages = &play->tape->messages;

    for (size_t i = 0; i < messages->count; i++) {
        const size_t at = (play->next + i) % messages->count;
        const struct kp_tape_message *known = &KP_ITEM(messages, struct kp_tape_message, at);

        if (known->side == KP_TAPE_HEARD && known->type == message->type &&
            known->size == message->payload.size &&
            (known->size == 0 || memcmp(known->payload, message->payload.bytes, known->size) == 0))
            return at + 1;
    }
    return 0;
}

/* Reports once more what kpipe found when it did what it was asked for. */
static bool report_again(struct kp_remote *remote, const struct kp_tape_message *found)
{
    struct kp_call_state *state = remote->state;
    struct kp_wire_reader from = {found->payload, found->size, 0, false};
    const enum kp_severity severity =
        found->type == KP_SEVERITY_ERROR ? KP_SEVERITY_ERROR : KP_SEVERITY_WARNING;
    const uint32_t code = kp_take_u32(&from);
    const char *text = kp_take_text(&from);
    const char *hint = kp_take_text(&from);
    const char *detail = kp_take_text(&from);
    const struct kp_code faults[] = {{KP1502, NULL}, {KP1522, NULL}};

    if (!kp_take_end(&from) || text == NULL)
        return kp_remote_failed(remote, EBADMSG);
    kp_finding_add(state->context->diags, severity, KP_NOWHERE, hint, detail, code, "%s", text);
    state->failures += severity == KP_SEVERITY_ERROR ? 1 : 0;
    state->misbehaved = state->misbehaved || code == faults[0].number || code == faults[1].number;
    return true;
}

bool kp_remote_answer_recorded(struct kp_remote *remote, struct kp_message *message)
{
    struct kp_play *play = remote->state->play;
    const struct kp_vector *messages = &play->tape->messages;
    size_t at = find_request(play, message);

    if (at == 0)
        return not_answered(remote, message);
    for (; at < messages->count; at++) {
        const struct kp_tape_message *next = &KP_ITEM(messages, struct kp_tape_message, at);

        if (next->side == KP_TAPE_HEARD)
            break;
        if (next->side == KP_TAPE_FOUND && !report_again(remote, next))
            return false;
        if (next->side == KP_TAPE_SENT && next->type == KP_WIRE_ANSWER) {
            struct kp_wire_writer answer = {.bytes = (uint8_t *)(uintptr_t)next->payload,
                                            .size = next->size};

            play->next = at + 1;
            return kp_remote_send(remote, KP_WIRE_ANSWER, &answer, NULL, 0);
        }
    }
    return not_answered(remote, message);
}
