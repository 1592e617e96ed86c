/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/fuzz/tape.c - a recording that somebody sent, read by plugin/tape.h. What can be read can
 * be written, and read again to the same.
 *
 * An input is a conversation without the digest at its end, which is put there.
 */
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "kpipe/kpipe.h"
#include "plugin/tape.h"
#include "wire/message.h"
#include "wire/wire.h"

/* The bytes and their digest, in memory that ends where they do. */
static struct kp_range *with_digest(const uint8_t *bytes, size_t size)
{
    struct kp_range *range = kp_range_copy(bytes, size);
    uint8_t *whole = malloc(size + 32);

    FUZZ_CHECK(range != NULL && whole != NULL && kp_range_sha256(range, whole + size));
    memcpy(whole, kp_range_view(range), size);
    kp_range_unref(range);
    range = kp_range_copy(whole, size + 32);
    FUZZ_CHECK(range != NULL);
    free(whole);
    return range;
}

/* What is read is inside of the conversation. */
static void check_tape(const struct kp_tape *tape)
{
    const uint8_t *begin = kp_range_view(tape->whole);
    const uint8_t *end = begin + kp_range_size(tape->whole);

    for (size_t i = 0; i < tape->messages.count; i++) {
        const struct kp_tape_message *message =
            &KP_ITEM(&tape->messages, struct kp_tape_message, i);

        FUZZ_CHECK(message->payload >= begin && message->payload <= end);
        FUZZ_CHECK(message->size <= (size_t)(end - message->payload));
    }
    for (size_t i = 0; i < tape->head.part_count; i++)
        FUZZ_CHECK(tape->head.parts[i] != NULL);
    FUZZ_CHECK(tape->head.parts[tape->head.part_count] == NULL);
    for (size_t i = 0; i < tape->head.field_count; i++)
        FUZZ_CHECK(tape->head.fields[i].path != NULL);
}

static void decode(struct kp_range *conversation, bool again);

static void encode_again(const struct kp_tape *tape)
{
    struct kp_string text = {0};
    struct kp_range *conversation;

    FUZZ_CHECK(kp_tape_encode(tape, &text));
    conversation = kp_range_copy(text.text, text.length);
    FUZZ_CHECK(conversation != NULL);
    kp_string_free(&text);
    decode(conversation, true);
    kp_range_unref(conversation);
}

static void decode(struct kp_range *conversation, bool again)
{
    struct kp_tape tape = {.arena = kp_arena_new()};
    struct kp_tape_trouble trouble = {NULL, NULL};
    enum kp_tape_result result;

    FUZZ_CHECK(tape.arena != NULL);
    result = kp_tape_decode(&tape, conversation, "/dev/null", &trouble);
    FUZZ_CHECK(result != KP_TAPE_NO_MEMORY);
    FUZZ_CHECK(result == KP_TAPE_OK || !again);
    if (result == KP_TAPE_BAD)
        FUZZ_CHECK(trouble.file != NULL && trouble.why != NULL);
    if (result == KP_TAPE_OK) {
        check_tape(&tape);
        if (!again)
            encode_again(&tape);
    }
    kp_tape_free(&tape);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct kp_range *conversation = with_digest(bytes, size);

    decode(conversation, false);
    kp_range_unref(conversation);
    return 0;
}

/* --- inputs to begin with --- */

static void fill_head(struct kp_tape_head *head)
{
    static const char *const parts[] = {"head", "tail", NULL};
    static struct kp_tape_field fields[] = {{0, 8, "level"}, {8, 16, "parts[1].load"}};

    *head = (struct kp_tape_head){.kpipe = "0.1.0",
                                  .wire = KP_WIRE_VERSION,
                                  .id = "org.example.x",
                                  .version = "1",
                                  .vendor = "x",
                                  .object = "x.so",
                                  .input = "in",
                                  .output_limit = 4096,
                                  .parts = parts,
                                  .part_count = 2,
                                  .fields = fields,
                                  .field_count = 2};
}

static void add(fuzz_seed *seed, void *data, const struct kp_tape *tape)
{
    struct kp_string text = {0};

    FUZZ_CHECK(kp_tape_encode(tape, &text) && text.length > 32);
    seed(data, text.text, text.length - 32);
    kp_string_free(&text);
}

void fuzz_seeds(fuzz_seed *seed, void *data)
{
    static struct kp_tape_output outputs[2] = {{.size = 5}, {.size = 7}};
    struct kp_tape tape = {.arena = kp_arena_new()};

    FUZZ_CHECK(tape.arena != NULL);
    fill_head(&tape.head);
    tape.end = (struct kp_tape_end){.good = true, .outputs = outputs, .output_count = 2};
    add(seed, data, &tape);
    kp_tape_add(&tape, KP_TAPE_SENT, KP_WIRE_CALL, "call", 4, NULL);
    kp_tape_add(&tape, KP_TAPE_HEARD, KP_WIRE_GRANT, "\0\0\1\0\0\0\0\0", 8, NULL);
    kp_tape_add(&tape, KP_TAPE_FOUND, 1, "found", 5, NULL);
    kp_tape_add(&tape, KP_TAPE_SENT, KP_WIRE_BYTES, "\0\0\0\0", 4, NULL);
    kp_tape_add(&tape, KP_TAPE_HEARD, KP_WIRE_DONE, NULL, 0, NULL);
    FUZZ_CHECK(tape.lost == NULL);
    tape.end = (struct kp_tape_end){.code = 1524, .text = "killed by SIGSEGV"};
    add(seed, data, &tape);
    tape.head.wire = "kpipe-wire 0";
    add(seed, data, &tape);
    kp_tape_free(&tape);
}
