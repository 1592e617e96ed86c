/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/remote_reports.c - what a worker tells and expects no answer to: errors, messages,
 * facts. Each is counted, since each is kept.
 */
#include <string.h>

#include "plugin/names.h"
#include "plugin/remote_private.h"

/* Bytes of a phrase about a broken promise. */
#define MOST_FAULT 1024u

static bool take_fail(struct kp_remote *remote, struct kp_wire_reader *from)
{
    struct kp_call *call = &remote->state->desk.call;
    const uint64_t offset = kp_take_u64(from);
    struct kp_problem problem = {.size = sizeof(problem)};

    problem.text = kp_take_text(from);
    problem.hint = kp_take_text(from);
    problem.detail = kp_take_text(from);
    if (!kp_remote_take_end(remote, from))
        return false;
    problem.field = kp_flat_address(&remote->flat, offset);
    if (problem.text == NULL || (offset != UINT64_MAX && problem.field == NULL))
        return kp_remote_broken(remote, "an error without a text, or at no parameter");
    call->host->fail(call, &problem);
    return true;
}

static bool take_fault(struct kp_remote *remote, struct kp_wire_reader *from)
{
    const char *text = kp_take_text(from);

    if (!kp_remote_take_end(remote, from))
        return false;
    if (text == NULL || strlen(text) > MOST_FAULT || !kp_text_is_clean(text, strlen(text), false))
        return kp_remote_broken(remote, "a fault that is no text");
    kp_call_fault(remote->state, text);
    return true;
}

static bool take_no_memory(struct kp_remote *remote, struct kp_wire_reader *from)
{
    if (!kp_remote_take_end(remote, from))
        return false;
    kp_remote_report_memory(remote);
    return true;
}

static bool take_too_large(struct kp_remote *remote, struct kp_wire_reader *from)
{
    struct kp_desk *desk = &remote->state->desk;

    if (!kp_remote_take_end(remote, from))
        return false;
    if (remote->state->request == NULL)
        return kp_remote_broken(remote, "an output of an inspection");
    desk->owner->too_large(desk);
    return true;
}

static bool take_say(struct kp_remote *remote, struct kp_wire_reader *from)
{
    struct kp_call *call = &remote->state->desk.call;
    const uint32_t severity = kp_take_u32(from);
    const char *text = kp_take_text(from);
    const char *detail = kp_take_text(from);

    if (!kp_remote_take_end(remote, from))
        return false;
    call->host->message(call, severity, text, detail);
    return true;
}

/* Of a report that kpipe itself may fail at, where nobody asked. */
static bool passed_on(struct kp_remote *remote, int32_t result)
{
    if (result == KP_OK || remote->state->misbehaved)
        return true;
    remote->end = KP_REMOTE_REPORTED;
    return false;
}

static bool take_field(struct kp_remote *remote, struct kp_wire_reader *from)
{
    struct kp_call *call = &remote->state->desk.call;
    struct kp_field field = {.size = sizeof(field)};
    size_t length;

    field.type = kp_take_u32(from);
    field.flags = kp_take_u32(from);
    field.name = kp_take_text(from);
    field.offset = kp_take_u64(from);
    field.length = kp_take_u64(from);
    field.number = kp_take_u64(from);
    field.text.bytes = (const char *)kp_take_bytes(from, &length);
    field.text.length = length;
    field.meaning = kp_take_text(from);
    field.of = kp_take_text(from);
    field.relation = kp_take_u32(from);
    field.unit = kp_take_u32(from);
    if (!kp_remote_take_end(remote, from))
        return false;
    if (field.type != KP_FIELD_NUMBER && field.type != KP_FIELD_TEXT)
        return kp_remote_broken(remote, "a fact of no known type");
    /* Of what was asked for, their bytes alone are limited. */
    if ((field.flags & KP_FIELD_DETAIL) != 0 && remote->state->context->details)
        remote->reports--;
    return passed_on(remote, call->host->field(call, &field));
}

static bool take_part(struct kp_remote *remote, struct kp_wire_reader *from)
{
    struct kp_call *call = &remote->state->desk.call;
    struct kp_part part = {.size = sizeof(part)};

    part.name = kp_take_text(from);
    part.role = kp_take_text(from);
    part.kind = kp_take_text(from);
    part.offset = kp_take_u64(from);
    part.length = kp_take_u64(from);
    part.meaning = kp_take_text(from);
    part.flags = kp_take_u32(from);
    part.align = kp_take_u32(from);
    if (!kp_remote_take_end(remote, from))
        return false;
    return passed_on(remote, call->host->part(call, &part));
}

static bool take_remake(struct kp_remote *remote, struct kp_wire_reader *from)
{
    struct kp_call *call = &remote->state->desk.call;
    const char *chain = kp_take_text(from);

    if (!kp_remote_take_end(remote, from))
        return false;
    return passed_on(remote, call->host->remake(call, chain));
}

bool kp_remote_report(struct kp_remote *remote, struct kp_message *message)
{
    static const kp_remote_handler handlers[] = {
        [0] = take_fail,
        [KP_WIRE_FAULT - KP_WIRE_FAIL] = take_fault,
        [KP_WIRE_NO_MEMORY - KP_WIRE_FAIL] = take_no_memory,
        [KP_WIRE_TOO_LARGE - KP_WIRE_FAIL] = take_too_large,
        [KP_WIRE_SAY - KP_WIRE_FAIL] = take_say,
        [KP_WIRE_FIELD - KP_WIRE_FAIL] = take_field,
        [KP_WIRE_HOLDS - KP_WIRE_FAIL] = take_part,
        [KP_WIRE_REMAKE - KP_WIRE_FAIL] = take_remake,
    };

    if (++remote->reports > KP_WIRE_MOST_REPORTS)
        return kp_remote_broken(remote, "it tells more than a call can have to say");
    if (message->payload.size > KP_WIRE_MOST_REPORT)
        return kp_remote_broken(remote, "a report that is longer than anybody reads");
    return kp_remote_chat(remote, message->payload.size) &&
           handlers[message->type - KP_WIRE_FAIL](remote, &message->payload);
}
