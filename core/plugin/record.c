/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/record.c - see record.h.
 */
#include "plugin/record.h"

#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "plugin/bind_flat.h"
#include "plugin/call_private.h"
#include "plugin/remote.h"
#include "wire/message.h"
#include "wire/wire.h"

#ifndef KPIPE_VERSION
#define KPIPE_VERSION "0"
#endif

static const char *object_of(const struct kp_plugin_file *plugin)
{
    const char *slash = strrchr(plugin->path, '/');

    return slash == NULL ? plugin->path : slash + 1;
}

const char *kp_record_text(struct kp_arena *arena, const char *text,
                           const struct kp_plugin_file *plugin)
{
    KP_AUTO(string) struct kp_string plain = {0};
    const size_t length = strlen(plugin->path);
    const char *found;

    kp_string_add(&plain, "");
    while ((found = strstr(text, plugin->path)) != NULL) {
        kp_string_append(&plain, text, (size_t)(found - text));
        kp_string_add(&plain, object_of(plugin));
        text = found + length;
    }
    kp_string_add(&plain, text);
    return plain.failed ? NULL : kp_arena_strdup(arena, plain.text);
}

/* --- while it runs --- */

static bool may_be_wanted(const struct kp_recorder *recorder, const struct kp_call_state *state)
{
    return !atomic_load(&recorder->over) && kp_remote_is(state->context, state->plugin) &&
           (recorder->stage == NULL || strcmp(recorder->stage, state->name) == 0);
}

void kp_record_begin(struct kp_record *record, struct kp_call_state *state)
{
    record->outside = state->context;
    record->context = *state->context;
    record->context.diags = kp_diags_new();
    if (record->context.diags == NULL)
        return; /* it is not recorded, then */
    if (may_be_wanted(record->outside->recorder, state))
        record->tape.arena = kp_arena_new();
    state->context = &record->context;
    state->tape = record->tape.arena != NULL ? &record->tape : NULL;
}

/* What was found since the request, which its answer does not say. */
static void keep_findings(struct kp_tape *tape, const struct kp_call_state *state)
{
    struct kp_diags *diags = state->context->diags;

    for (size_t i = tape->findings; i < kp_diags_count(diags); i++) {
        const struct kp_finding *finding = kp_diags_get(diags, i);
        KP_AUTO(wire_writer) struct kp_wire_writer found = {0};

        kp_put_u32(&found, finding->code);
        kp_put_text(&found, kp_record_text(tape->arena, finding->text, state->plugin));
        kp_put_text(&found, finding->hint);
        kp_put_text(&found, finding->detail);
        kp_tape_add(tape, KP_TAPE_FOUND, (uint32_t)finding->severity, found.bytes, found.size,
                    NULL);
    }
}

void kp_record_sent(const struct kp_call_state *state, uint32_t type, const uint8_t *payload,
                    size_t size, struct kp_range *bytes)
{
    struct kp_tape *tape = state->tape;

    if (tape == NULL)
        return;
    if (type == KP_WIRE_ANSWER)
        keep_findings(tape, state);
    tape->called = tape->called || type == KP_WIRE_CALL;
    kp_tape_add(tape, KP_TAPE_SENT, type, payload, size, bytes);
}

void kp_record_heard(const struct kp_call_state *state, uint32_t type, const uint8_t *payload,
                     size_t size)
{
    struct kp_tape *tape = state->tape;

    if (tape == NULL)
        return;
    tape->findings = kp_diags_count(state->context->diags);
    /* Of what was made the digest is enough. */
    if (type == KP_WIRE_DONE && size > sizeof(uint32_t))
        size = sizeof(uint32_t);
    kp_tape_add(tape, KP_TAPE_HEARD, type, payload, size, NULL);
}

/* Where the copy of a field stands; false if there is none. */
static bool find_offset(const struct kp_flat *flat, const struct kp_bound_field *field,
                        uint64_t *offset)
{
    const uintptr_t address = (uintptr_t)field->address;

    for (size_t i = 0; i < flat->segments.count; i++) {
        const struct kp_flat_segment *segment =
            &KP_ITEM(&flat->segments, struct kp_flat_segment, i);
        const uintptr_t begin = (uintptr_t)segment->address;

        if (address >= begin && address - begin < segment->size) {
            *offset = segment->offset + (address - begin);
            return true;
        }
    }
    return false;
}

void kp_record_fields(const struct kp_call_state *state, const struct kp_flat *flat)
{
    const struct kp_vector *bound = &state->bound.fields;
    struct kp_tape *tape = state->tape;
    struct kp_tape_head *head;

    if (tape == NULL)
        return;
    head = &tape->head;
    head->fields = kp_arena_array(tape->arena, bound->count + 1, sizeof(*head->fields));
    for (size_t i = 0; head->fields != NULL && i < bound->count; i++) {
        const struct kp_bound_field *field = &KP_ITEM(bound, struct kp_bound_field, i);
        uint64_t offset;

        if (field->path != NULL && find_offset(flat, field, &offset))
            head->fields[head->field_count++] =
                (struct kp_tape_field){offset, field->size, field->path};
    }
    if (head->fields == NULL)
        tape->lost = "out of memory";
}

/* --- at the end --- */

static bool fill_head(struct kp_tape *tape, const struct kp_call_state *state)
{
    const struct kp_plugin_file *plugin = state->plugin;
    struct kp_tape_head *head = &tape->head;

    head->kpipe = KPIPE_VERSION;
    head->wire = KP_WIRE_VERSION;
    head->id = plugin->note.id;
    head->version = plugin->note.version;
    head->vendor = plugin->note.vendor;
    head->object = object_of(plugin);
    memcpy(head->digest, plugin->digest, sizeof(head->digest));
    head->input = state->request->source_items == NULL ? NULL : state->request->input;
    head->output_limit = state->request->output_limit;
    head->parts = state->request->wanted_parts;
    head->part_count = state->request->wanted_count;
    return kp_tape_layout(state->operation, head->layout);
}

static bool add_output(struct kp_tape_end *end, const struct kp_image *image)
{
    struct kp_tape_output *output = &end->outputs[end->output_count++];

    output->size = kp_range_size(image->range);
    return kp_range_sha256(image->range, output->digest);
}

static bool fill_end(struct kp_tape *tape, const struct kp_call_state *state, bool good,
                     const struct kp_call_result *result)
{
    struct kp_diags *diags = state->context->diags;
    struct kp_tape_end *end = &tape->end;

    end->good = good;
    for (size_t i = 0; !good && end->text == NULL && i < kp_diags_count(diags); i++) {
        const struct kp_finding *finding = kp_diags_get(diags, i);

        if (finding->severity != KP_SEVERITY_ERROR)
            continue;
        end->code = finding->code;
        end->text = kp_record_text(tape->arena, finding->text, state->plugin);
    }
    end->outputs = kp_arena_array(tape->arena, result->part_count + 1, sizeof(*end->outputs));
    if (end->outputs == NULL || (!good && end->text == NULL))
        return false;
    if (!good || state->request->source_items != NULL)
        return true;
    if (!add_output(end, &result->output))
        return false;
    for (size_t i = 0; i < result->part_count; i++)
        if (!add_output(end, &result->parts[i]))
            return false;
    return true;
}

/* Writes the recording. False after reporting to those outside. */
static bool write_tape(struct kp_record *record, const struct kp_call_state *state, bool good,
                       const struct kp_call_result *result)
{
    const char *folder = record->outside->recorder->folder;
    struct kp_diags *diags = record->outside->diags;
    struct kp_tape *tape = &record->tape;
    KP_AUTO(string) struct kp_string readable = {0};
    const char *what;

    if (tape->lost != NULL)
        return kp_error(diags, KP_NOWHERE, KP1542, folder, "the call", tape->lost);
    if (!fill_head(tape, state) || !fill_end(tape, state, good, result))
        return kp_out_of_memory(diags);
    kp_record_print(state, tape, &readable);
    if (readable.failed)
        return kp_out_of_memory(diags);
    return kp_tape_write(tape, folder, &readable, &what) ||
           kp_error(diags, KP_NOWHERE, KP1542, folder, what, strerror(errno));
}

/* Keeps the call, if it is the one. */
static bool keep(struct kp_record *record, const struct kp_call_state *state, bool good,
                 const struct kp_call_result *result)
{
    struct kp_recorder *recorder = record->outside->recorder;
    bool kept = false;

    if (state->tape == NULL || !state->tape->called || kp_call_vanished(state) != NULL)
        return false;
    /* One that was stopped has failed without an error. */
    if (kp_diags_errors(state->context->diags) == 0 && (!good || recorder->stage == NULL))
        return false;
    pthread_mutex_lock(&recorder->lock);
    if (!atomic_load(&recorder->over)) {
        atomic_store(&recorder->over, true);
        kept = write_tape(record, state, good, result);
        atomic_store(&recorder->recorded, kept);
    }
    pthread_mutex_unlock(&recorder->lock);
    return kept;
}

/* Hands the call's findings over; the first error tells of the recording. */
static void hand_over(struct kp_record *record, struct kp_arena *arena, bool kept)
{
    const char *folder = record->outside->recorder->folder;
    struct kp_diags *from = record->context.diags;

    for (size_t i = 0; i < kp_diags_count(from); i++) {
        const struct kp_finding *finding = kp_diags_get(from, i);
        const char *hint = finding->hint;
        const struct kp_code memory = {KP1801, NULL};

        if (kept && finding->severity == KP_SEVERITY_ERROR && finding->code != memory.number) {
            hint =
                kp_arena_printf(arena, "%s%srecorded in %s: `kpipe replay %s` makes the call again",
                                hint == NULL ? "" : hint, hint == NULL ? "" : "; ", folder, folder);
            kept = false;
        }
        kp_finding_copy(record->outside->diags, finding, hint);
    }
}

void kp_record_end(struct kp_record *record, struct kp_call_state *state, bool good,
                   const struct kp_call_result *result)
{
    const bool kept = record->context.diags != NULL && keep(record, state, good, result);

    if (record->context.diags != NULL) {
        state->context = record->outside;
        hand_over(record, state->desk.arena, kept);
        kp_diags_free(record->context.diags);
    }
    state->tape = NULL;
    kp_tape_free(&record->tape);
}
