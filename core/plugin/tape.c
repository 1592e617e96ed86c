/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/tape.c - a recording in memory: see tape.h.
 */
#include "plugin/tape.h"

#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "base/vector.h"

void kp_tape_free(struct kp_tape *tape)
{
    for (size_t i = 0; i < tape->messages.count; i++)
        kp_range_unref(KP_ITEM(&tape->messages, struct kp_tape_message, i).bytes);
    kp_vector_free(&tape->messages);
    kp_range_unref(tape->whole);
    kp_arena_free(tape->arena);
    *tape = (struct kp_tape){0};
}

void kp_tape_add(struct kp_tape *tape, enum kp_tape_side side, uint32_t type, const void *payload,
                 size_t size, struct kp_range *bytes)
{
    struct kp_tape_message *message;
    uint8_t *copy;

    if (tape->lost != NULL)
        return;
    /* A worker may go on for ever. */
    if (size > KP_TAPE_MOST - tape->held || tape->messages.count >= KP_TAPE_MOST_MESSAGES) {
        tape->lost = "more was said than a recording holds";
        return;
    }
    copy = kp_arena_alloc(tape->arena, size + 1);
    message = copy == NULL ? NULL : KP_PUSH(&tape->messages, struct kp_tape_message);
    if (message == NULL) {
        tape->lost = "out of memory";
        return;
    }
    if (size > 0)
        memcpy(copy, payload, size);
    tape->held += size;
    *message = (struct kp_tape_message){.side = (uint8_t)side,
                                        .type = type,
                                        .size = (uint32_t)size,
                                        .payload = copy,
                                        .bytes = kp_range_ref(bytes)};
}

/* --- how parameters lie --- */

static void print_choices(struct kp_string *to, const struct kp_param *row)
{
    for (size_t i = 0; row->choices != NULL && row->choices[i] != NULL; i++)
        kp_string_printf(to, "|%s=%" PRIu32, row->choices[i]->name, row->choices[i]->value);
}

/* Nested no deeper than verify_params.c lets it be. */
static void print_table(struct kp_string *to, const struct kp_param *const *table)
{
    for (size_t i = 0; table != NULL && table[i] != NULL; i++) {
        const struct kp_param *row = table[i];

        kp_string_printf(to,
                         "%s:%" PRIu32 ".%" PRIu32 "@%" PRIu64 "+%" PRIu32 "/%" PRIu64 "?%" PRIu64,
                         row->name, row->type, row->list, row->offset, row->field_size,
                         row->item_size, row->presence);
        print_choices(to, row);
        kp_string_add(to, "{");
        print_table(to, row->fields);
        kp_string_add(to, "};");
    }
}

bool kp_tape_layout(const struct kp_operation *operation, uint8_t digest[32])
{
    KP_AUTO(string) struct kp_string text = {0};
    struct kp_range *range KP_AUTO(range) = NULL;

    kp_string_printf(&text, "%" PRIu64 ";", operation->params_size);
    print_table(&text, operation->params);
    if (text.failed)
        return false;
    range = kp_range_copy(text.text, text.length);
    return range != NULL && kp_range_sha256(range, digest);
}
