/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/record_text.c - recording.yml: what a recording holds, for people. Nothing reads it.
 */
#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "plugin/call_private.h"
#include "plugin/record.h"
#include "plugin/worker.h"

/* "key: "value"" as YAML; anything may stand in a value. */
static void print_text(struct kp_string *to, const char *key, const char *text)
{
    KP_AUTO(string) struct kp_string escaped = {0};

    if (text == NULL)
        return;
    kp_string_printf(to, "%s: \"", key);
    for (; *text != '\0'; text++) {
        /* What escape leaves as it is, but a quoted text does not. */
        const size_t plain = strcspn(text, "\"\\");

        escaped.length = 0;
        kp_text_escape(&escaped, text, plain);
        if (escaped.length > 0)
            kp_string_append(to, escaped.text, escaped.length);
        text += plain;
        if (*text == '\0')
            break;
        kp_string_printf(to, "\\%c", *text);
    }
    kp_string_add(to, "\"\n");
    to->failed = to->failed || escaped.failed;
}

static void print_digest(struct kp_string *to, const uint8_t digest[32])
{
    for (size_t i = 0; i < 32; i++)
        kp_string_printf(to, "%02x", digest[i]);
}

static void print_bytes(struct kp_string *to, const struct kp_range *range)
{
    uint8_t digest[32];

    kp_string_printf(to, "{bytes: %" PRIu64 ", sha256: ", kp_range_size(range));
    if (kp_range_sha256(range, digest))
        print_digest(to, digest);
    else
        to->failed = true;
    kp_string_add(to, "}\n");
}

static void print_traits(struct kp_string *to, const struct kp_traits *traits)
{
    for (size_t i = 0; i < traits->count; i++) {
        kp_string_add(to, "      ");
        if (traits->items[i].text != NULL)
            print_text(to, traits->items[i].name, traits->items[i].text);
        else
            kp_string_printf(to, "%s: %" PRIu64 "\n", traits->items[i].name,
                             traits->items[i].number);
    }
}

static void print_image(struct kp_string *to, const char *name, const struct kp_image *image)
{
    kp_string_printf(to, "  %s:\n    content: ", name);
    print_bytes(to, image->range);
    if (image->traits.count > 0)
        kp_string_add(to, "    traits:\n");
    print_traits(to, &image->traits);
}

static void print_inputs(struct kp_string *to, const struct kp_call_request *request)
{
    char name[32];

    if (request->main == NULL && request->image_count == 0)
        return;
    kp_string_add(to, "inputs:\n");
    if (request->main != NULL)
        print_image(to, "main", request->main);
    for (size_t i = 0; i < request->image_count; i++) {
        snprintf(name, sizeof(name), "input-%zu", i);
        print_image(to, name, request->images[i]);
    }
}

static void print_reference(struct kp_string *to, void *data, const struct kp_value *value)
{
    (void)data;
    if (value->image == KP_VALUE_MAIN)
        kp_string_add(to, "_");
    else
        kp_string_printf(to, "%s-%zu",
                         value->row->type == KP_TYPE_TREE  ? "tree"
                         : value->row->type == KP_TYPE_KEY ? "key"
                                                           : "input",
                         value->image);
}

static void print_call(const struct kp_call_state *state, struct kp_string *to)
{
    const struct kp_call_request *request = state->request;
    KP_AUTO(string) struct kp_string params = {0};

    kp_string_add(to, "call:\n");
    print_text(to, request->source_items != NULL ? "  source" : "  stage", state->name);
    print_text(to, "  input", request->source_items != NULL ? request->input : NULL);
    print_text(to, "  recipe", request->place.file);
    if (request->place.file != NULL && request->place.line > 0)
        kp_string_printf(to, "  line: %" PRIu32 "\n  column: %" PRIu32 "\n", request->place.line,
                         request->place.column);
    kp_bind_print(&params, request->values, request->value_count, true, print_reference, NULL);
    print_text(to, "  parameters", params.text == NULL ? "" : params.text);
    to->failed = to->failed || params.failed;
    kp_string_printf(to, "  build-time: %" PRIu64 "\n", state->context->build_time);
}

static void print_limits(const struct kp_call_state *state, struct kp_string *to)
{
    const struct kp_limits limits =
        kp_workers_limits(kp_registry_workers(state->context->registry));

    kp_string_printf(to,
                     "limits: {seconds: %" PRIu32 ", memory: %" PRIu64 ", threads: %" PRIu32
                     ", output: %" PRIu64 ", scratch: %" PRIu64 "}\n",
                     limits.seconds, limits.memory, limits.threads, state->desk.output.limit,
                     state->desk.scratch_limit);
}

static void print_files(struct kp_string *to, const struct kp_tape *tape)
{
    kp_string_printf(to,
                     "messages: %zu\nfiles:\n  " KP_TAPE_CONVERSATION ": \"see plugin/tape.h\"\n",
                     tape->messages.count);
    for (size_t i = 0; i < tape->messages.count; i++) {
        const struct kp_tape_message *message =
            &KP_ITEM(&tape->messages, struct kp_tape_message, i);
        struct kp_wire_reader sent = {message->payload, message->size, 0, false};

        if (message->bytes == NULL)
            continue;
        kp_string_printf(to, "  bytes-%" PRIu32 ": ", kp_take_u32(&sent));
        print_bytes(to, message->bytes);
    }
}

static void print_end(struct kp_string *to, const struct kp_tape_end *end)
{
    kp_string_printf(to, "outcome: %s\n", end->good ? "succeeded" : "failed");
    if (!end->good) {
        kp_string_printf(to, "code: KP%04" PRIu32 "\n", end->code);
        print_text(to, "finding", end->text);
    }
    for (size_t i = 0; i < end->output_count; i++) {
        kp_string_printf(to, "%s  - {bytes: %" PRIu64 ", sha256: ", i == 0 ? "outputs:\n" : "",
                         end->outputs[i].size);
        print_digest(to, end->outputs[i].digest);
        kp_string_add(to, "}\n");
    }
}

void kp_record_print(const struct kp_call_state *state, const struct kp_tape *tape,
                     struct kp_string *to)
{
    const struct kp_tape_head *head = &tape->head;

    kp_string_add(to, "# One call of a plugin, as `kpipe run --record` saw it. To make it again: "
                      "kpipe replay\n");
    print_text(to, "kpipe", head->kpipe);
    print_text(to, "wire", head->wire);
    kp_string_add(to, "plugin:\n");
    print_text(to, "  id", head->id);
    print_text(to, "  version", head->version);
    print_text(to, "  vendor", head->vendor);
    print_text(to, "  file", head->object);
    kp_string_add(to, "  digest: ");
    print_digest(to, head->digest);
    kp_string_add(to, "\n");
    print_call(state, to);
    print_limits(state, to);
    print_inputs(to, state->request);
    print_files(to, tape);
    print_end(to, &tape->end);
}
