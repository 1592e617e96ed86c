/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/plugin-tape.c - recordings as files: what is written is read back, and whatever else
 * is read is refused, or played without harm.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "plugin-shared.h"
#include "plugin/replay.h"
#include "plugin/tape.h"
#include "wire/image.h"
#include "wire/message.h"

static const char *folder;
static const char *target; /* in it */

static void add_message(struct kp_tape *tape, enum kp_tape_side side, uint32_t type,
                        struct kp_wire_writer *payload, struct kp_range *bytes)
{
    ck_assert(!payload->failed);
    kp_tape_add(tape, side, type, payload->bytes, payload->size, bytes);
    kp_wire_writer_free(payload);
}

static void put_bytes(struct kp_tape *tape, uint32_t handle, const char *text, uint64_t large)
{
    struct kp_wire_writer payload = {0};
    struct kp_range *range = large == 0 ? NULL : kp_range_fill('x', large);

    kp_put_u32(&payload, handle);
    kp_put_u64(&payload, large == 0 ? strlen(text) : large);
    kp_put_bytes(&payload, text, large == 0 ? strlen(text) : 0);
    add_message(tape, KP_TAPE_SENT, KP_WIRE_BYTES, &payload, range);
    kp_range_unref(range);
}

static void put_image(struct kp_wire_writer *to, uint32_t handle, uint32_t run, uint64_t length)
{
    const struct kp_wire_piece piece = {.run = run, .length = length};
    struct kp_traits traits = {0};

    ck_assert(kp_traits_set_text(&traits, "kind", "raw"));
    kp_wire_put_image(to, handle, &traits, &piece, 1);
    kp_traits_free(&traits);
}

/* A call with an image of each kind of bytes, which asks for one more. */
static void make_tape(struct kp_tape *tape)
{
    static const char *const parts[] = {"rest", NULL};
    static struct kp_tape_field fields[] = {{0, 8, "level"}};
    static struct kp_tape_output outputs[] = {{7, {1, 2}}, {0, {3}}};
    struct kp_wire_writer payload = {0};

    *tape = (struct kp_tape){.arena = kp_arena_new()};
    tape->head = (struct kp_tape_head){.kpipe = "0.1.0",
                                       .wire = KP_WIRE_VERSION,
                                       .id = "org.example.acme",
                                       .version = "1.2",
                                       .object = "libacme.so",
                                       .digest = {1},
                                       .layout = {2},
                                       .output_limit = 99,
                                       .parts = parts,
                                       .part_count = 1,
                                       .fields = fields,
                                       .field_count = 1};
    tape->end =
        (struct kp_tape_end){.code = 1501, .text = "no", .outputs = outputs, .output_count = 2};
    put_bytes(tape, 0, "tiny", 0);
    put_bytes(tape, 1, NULL, 5000);
    kp_put_u8(&payload, KP_WIRE_STAGE);
    kp_put_text(&payload, "acme");
    for (int i = 0; i < 4; i++)
        kp_put_u64(&payload, 1000);
    kp_put_u8(&payload, 0);
    kp_put_u32(&payload, 2);
    put_image(&payload, 0, 0, 4);
    put_image(&payload, 1, 1, 5000);
    kp_put_u32(&payload, 0);
    kp_put_bytes(&payload, "12345678", 8);
    kp_put_u32(&payload, 0);
    add_message(tape, KP_TAPE_SENT, KP_WIRE_CALL, &payload, NULL);
    kp_put_u32(&payload, 0);
    kp_put_text(&payload, "a");
    add_message(tape, KP_TAPE_HEARD, KP_WIRE_TREE_OPEN, &payload, NULL);
    kp_put_u32(&payload, 1502);
    kp_put_text(&payload, "found");
    add_message(tape, KP_TAPE_FOUND, 0, &payload, NULL);
    put_image(&payload, 2, 1, 17);
    add_message(tape, KP_TAPE_SENT, KP_WIRE_ANSWER, &payload, NULL);
    ck_assert_ptr_null(tape->lost);
}

static void setup(void)
{
    folder = new_folder();
    target = text_of("%s/rec", folder);
}

static void write_tape(void)
{
    struct kp_string readable = {0};
    struct kp_tape tape;
    const char *what;

    make_tape(&tape);
    kp_string_add(&readable, "for people\n");
    ck_assert(kp_tape_write(&tape, target, &readable, &what));
    kp_string_free(&readable);
    kp_tape_free(&tape);
}

static enum kp_tape_result read_tape(struct kp_tape *tape, struct kp_tape_trouble *trouble)
{
    *tape = (struct kp_tape){.arena = kp_arena_new()};
    return kp_tape_read(tape, target, trouble);
}

START_TEST(test_written_and_read)
{
    struct kp_tape_trouble trouble;
    struct kp_tape tape, made;
    const char *why;
    struct kp_play *play;

    write_tape();
    make_tape(&made);
    ck_assert_int_eq(read_tape(&tape, &trouble), KP_TAPE_OK);
    ck_assert_str_eq(tape.head.id, "org.example.acme");
    ck_assert_ptr_null(tape.head.vendor);
    ck_assert_str_eq(tape.head.parts[0], "rest");
    ck_assert_str_eq(tape.head.fields[0].path, "level");
    ck_assert_uint_eq(tape.head.output_limit, 99);
    ck_assert_uint_eq(tape.head.layout[0], 2);
    ck_assert_uint_eq(tape.end.code, 1501);
    ck_assert_str_eq(tape.end.text, "no");
    ck_assert_uint_eq(tape.end.output_count, 2);
    ck_assert_uint_eq(tape.end.outputs[0].digest[1], 2);
    ck_assert_uint_eq(tape.messages.count, made.messages.count);
    for (size_t i = 0; i < made.messages.count; i++) {
        const struct kp_tape_message *a = &KP_ITEM(&made.messages, struct kp_tape_message, i);
        const struct kp_tape_message *b = &KP_ITEM(&tape.messages, struct kp_tape_message, i);

        ck_assert_uint_eq(a->side, b->side);
        ck_assert_uint_eq(a->type, b->type);
        if (a->bytes != NULL) {
            ck_assert(kp_range_equal(a->bytes, b->bytes));
            continue;
        }
        ck_assert_uint_eq(a->size, b->size);
        ck_assert_mem_eq(a->payload, b->payload, a->size);
    }
    play = kp_play_new(&tape, &why);
    ck_assert_ptr_nonnull(play);
    ck_assert_str_eq(kp_play_name(play), "acme");
    ck_assert_uint_eq(kp_play_what(play), KP_WIRE_STAGE);
    kp_play_free(play);
    kp_tape_free(&tape);
    kp_tape_free(&made);
}
END_TEST

START_TEST(test_written_whole_or_not)
{
    struct kp_string readable = {0};
    struct kp_tape tape;
    const char *what;

    make_tape(&tape);
    kp_string_add(&readable, "x");
    ck_assert_int_eq(mkdir(target, 0700), 0); /* an empty one is replaced */
    ck_assert(kp_tape_write(&tape, target, &readable, &what));
    ck_assert(!kp_tape_write(&tape, target, &readable, &what));
    ck_assert_int_eq(errno, ENOTEMPTY);
    ck_assert_str_eq(what, "its folder");
    ck_assert(!kp_tape_write(&tape, text_of("%s/nowhere/x", folder), &readable, &what));
    ck_assert_int_eq(errno, ENOENT);
    /* Nothing is left of what failed. */
    ck_assert_int_eq(system(text_of("[ \"$(ls -A %s)\" = rec ]", folder)), 0);
    kp_string_free(&readable);
    kp_tape_free(&tape);
}
END_TEST

START_TEST(test_too_much)
{
    struct kp_tape tape = {.arena = kp_arena_new()};

    kp_tape_add(&tape, KP_TAPE_HEARD, 1, "x", 1, NULL);
    tape.held = KP_TAPE_MOST;
    kp_tape_add(&tape, KP_TAPE_HEARD, 1, "x", 1, NULL);
    ck_assert_str_eq(tape.lost, "more was said than a recording holds");
    ck_assert_uint_eq(tape.messages.count, 1);
    kp_tape_free(&tape);
}
END_TEST

/* --- what is not as it was written --- */

static struct kp_string encoded;

static void encode(void)
{
    struct kp_tape tape;

    write_tape();
    make_tape(&tape);
    encoded = (struct kp_string){0};
    ck_assert(kp_tape_encode(&tape, &encoded));
    kp_tape_free(&tape);
}

/* Gives bytes their digest, as whoever wants to be believed would. */
static void sign(char *bytes, size_t length)
{
    struct kp_range *before = kp_range_copy(bytes, length - 32);
    uint8_t digest[32];

    ck_assert(kp_range_sha256(before, digest));
    memcpy(bytes + length - 32, digest, 32);
    kp_range_unref(before);
}

/* Reads bytes, and looks through them as if they were to be played. */
static enum kp_tape_result decode(const char *bytes, size_t length, const char **why)
{
    struct kp_range *range = kp_range_copy(bytes, length);
    struct kp_tape tape = {.arena = kp_arena_new()};
    struct kp_tape_trouble trouble = {0};
    enum kp_tape_result result = kp_tape_decode(&tape, range, target, &trouble);
    struct kp_play *play;

    *why = NULL;
    if (result == KP_TAPE_OK) {
        play = kp_play_new(&tape, why);
        ck_assert(play != NULL || *why != NULL);
        kp_play_free(play);
    } else if (result == KP_TAPE_BAD) {
        ck_assert_ptr_nonnull(trouble.file);
        ck_assert_ptr_nonnull(trouble.why);
        *why = "bad";
    }
    kp_range_unref(range);
    kp_tape_free(&tape);
    return result;
}

START_TEST(test_cut_short)
{
    const char *why;
    char *bytes;

    encode();
    for (size_t length = 0; length < encoded.length; length++)
        ck_assert_int_eq(decode(encoded.text, length, &why), KP_TAPE_BAD);
    /* With a digest that fits. */
    for (size_t length = strlen(KP_TAPE_MAGIC) + 32; length < encoded.length; length++) {
        bytes = malloc(length);
        memcpy(bytes, encoded.text, length);
        sign(bytes, length);
        ck_assert_int_eq(decode(bytes, length, &why), KP_TAPE_BAD);
        free(bytes);
    }
    ck_assert_int_eq(decode(encoded.text, encoded.length, &why), KP_TAPE_OK);
    ck_assert_ptr_null(why);
    kp_string_free(&encoded);
}
END_TEST

START_TEST(test_changed)
{
    const char *why;

    encode();
    for (size_t i = 0; i < encoded.length; i++) {
        encoded.text[i] ^= 1;
        ck_assert_int_eq(decode(encoded.text, encoded.length, &why), KP_TAPE_BAD);
        encoded.text[i] ^= 1;
    }
    kp_string_free(&encoded);
}
END_TEST

/* Each byte in several ways, with a digest that fits: whatever comes of it, it is in bounds. */
START_TEST(test_forged)
{
    static const uint8_t values[] = {0, 1, 2, 0x7f, 0x80, 0xff};
    size_t refused = 0, accepted = 0;
    const char *why;

    encode();
    for (size_t i = strlen(KP_TAPE_MAGIC); i + 32 < encoded.length; i++) {
        const char kept = encoded.text[i];

        for (size_t j = 0; j < sizeof(values); j++) {
            encoded.text[i] = (char)values[j];
            sign(encoded.text, encoded.length);
            if (decode(encoded.text, encoded.length, &why) == KP_TAPE_OK && why == NULL)
                accepted++;
            else
                refused++;
        }
        encoded.text[i] = kept;
    }
    ck_assert_uint_gt(refused, 500);
    ck_assert_uint_gt(accepted, 500);
    kp_string_free(&encoded);
}
END_TEST

/* Pieces of it anywhere, from a generator that is the same each time. */
START_TEST(test_shuffled)
{
    uint32_t random = 12345;
    const char *why;

    encode();
    for (int round = 0; round < 3000; round++) {
        size_t length = encoded.length;
        char *bytes = malloc(2 * length);

        memcpy(bytes, encoded.text, length);
        for (int i = 0; i < 3; i++) {
            size_t from, to, size;

            random = random * 1664525 + 1013904223;
            from = (random >> 8) % length;
            random = random * 1664525 + 1013904223;
            to = (random >> 8) % length;
            size = (random >> 4) % 64;
            size = size < length - from ? size : length - from;
            size = size < length - to ? size : length - to;
            memmove(bytes + to, bytes + from, size);
        }
        sign(bytes, length);
        (void)decode(bytes, length, &why);
        free(bytes);
    }
    kp_string_free(&encoded);
}
END_TEST

START_TEST(test_other_version)
{
    struct kp_range *range;
    struct kp_tape tape;
    struct kp_tape_trouble trouble;

    make_tape(&tape);
    tape.head.kpipe = "9.9";
    tape.head.wire = "kpipe-wire 99";
    kp_range_unref(KP_ITEM(&tape.messages, struct kp_tape_message, 1).bytes);
    KP_ITEM(&tape.messages, struct kp_tape_message, 1).bytes = NULL;
    encoded = (struct kp_string){0};
    ck_assert(kp_tape_encode(&tape, &encoded));
    kp_tape_free(&tape);
    range = kp_range_copy(encoded.text, encoded.length);
    tape = (struct kp_tape){.arena = kp_arena_new()};
    ck_assert_int_eq(kp_tape_decode(&tape, range, target, &trouble), KP_TAPE_OTHER);
    ck_assert_str_eq(tape.head.kpipe, "9.9");
    kp_range_unref(range);
    kp_tape_free(&tape);
    kp_string_free(&encoded);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, test_written_and_read);
    tcase_add_test(tests, test_written_whole_or_not);
    tcase_add_test(tests, test_too_much);
    tcase_add_test(tests, test_cut_short);
    tcase_add_test(tests, test_changed);
    tcase_add_test(tests, test_forged);
    tcase_add_test(tests, test_shuffled);
    tcase_add_test(tests, test_other_version);
}

int main(void)
{
    return run_case("plugin-tape", fill);
}
