/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/tape_read.c - a recording is read back: see tape.h. Whoever made it, and whatever became
 * of it on its way, is not known.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "kpipe/bytes.h"
#include "plugin/tape.h"
#include "wire/message.h"
#include "wire/wire.h"

#define DIGEST 32u
/* The payloads, and a record around each. */
#define MOST_FILE (2 * KP_TAPE_MOST + (uint64_t)KP_TAPE_RECORD_SIZE * (KP_TAPE_MOST_MESSAGES + 2))

/* A recording that is being read. */
struct reading {
    struct kp_tape *tape;
    const uint8_t *bytes;
    uint64_t size, at; /* size: without the digest at the end */
    const char *folder;
    struct kp_tape_trouble *trouble;
};

struct record {
    uint8_t side;
    uint32_t type;
    struct kp_wire_reader payload;
};

static enum kp_tape_result bad(struct kp_tape_trouble *trouble, const char *file, const char *why)
{
    *trouble = (struct kp_tape_trouble){file, why};
    return why == NULL ? KP_TAPE_NO_MEMORY : KP_TAPE_BAD;
}

static enum kp_tape_result bad_conversation(struct reading *reading, const char *why)
{
    return bad(reading->trouble, KP_TAPE_CONVERSATION, why);
}

static uint32_t read_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* False if there is no whole record. */
static bool next_record(struct reading *reading, struct record *record)
{
    const uint8_t *at = reading->bytes + reading->at;
    uint32_t size;

    if (!kp_inside(reading->size, reading->at, KP_TAPE_RECORD_SIZE))
        return false;
    record->side = at[0];
    record->type = read_u32(at + 1);
    size = read_u32(at + 5);
    if (!kp_inside(reading->size, reading->at + KP_TAPE_RECORD_SIZE, size))
        return false;
    record->payload = (struct kp_wire_reader){at + KP_TAPE_RECORD_SIZE, size, 0, false};
    reading->at += KP_TAPE_RECORD_SIZE + (uint64_t)size;
    return true;
}

/* --- head and end --- */

/* A text that must be there. */
static const char *take_some_text(struct kp_wire_reader *from)
{
    const char *text = kp_take_text(from);

    from->bad = from->bad || text == NULL;
    return text;
}

static void take_digest(struct kp_wire_reader *from, uint8_t digest[DIGEST])
{
    size_t size;
    const uint8_t *bytes = kp_take_bytes(from, &size);

    from->bad = from->bad || size != DIGEST;
    if (!from->bad)
        memcpy(digest, bytes, DIGEST);
}

/* These return false when memory runs out. */
static bool take_parts(struct kp_arena *arena, struct kp_wire_reader *from,
                       struct kp_tape_head *head)
{
    const uint32_t count = kp_take_count(from, sizeof(uint32_t));
    const char **parts = kp_arena_array(arena, (size_t)count + 1, sizeof(*parts));

    if (parts == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++)
        parts[i] = take_some_text(from);
    head->parts = parts;
    head->part_count = count;
    return true;
}

static bool take_fields(struct kp_arena *arena, struct kp_wire_reader *from,
                        struct kp_tape_head *head)
{
    const uint32_t count = kp_take_count(from, 2 * sizeof(uint64_t) + sizeof(uint32_t));

    head->fields = kp_arena_array(arena, (size_t)count + 1, sizeof(*head->fields));
    if (head->fields == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        head->fields[i].offset = kp_take_u64(from);
        head->fields[i].size = kp_take_u64(from);
        head->fields[i].path = take_some_text(from);
    }
    head->field_count = count;
    return true;
}

static bool is_this_kpipe(const struct kp_tape_head *head)
{
    return strcmp(head->wire, KP_WIRE_VERSION) == 0;
}

static enum kp_tape_result read_head(struct reading *reading)
{
    struct kp_tape_head *head = &reading->tape->head;
    struct kp_arena *arena = reading->tape->arena;
    struct kp_wire_reader *from;
    struct record record;

    if (!next_record(reading, &record) || record.side != KP_TAPE_HEAD)
        return bad_conversation(reading, "its head is missing");
    from = &record.payload;
    head->kpipe = take_some_text(from);
    head->wire = take_some_text(from);
    if (from->bad)
        return bad_conversation(reading, "its head cannot be read");
    if (!is_this_kpipe(head))
        return KP_TAPE_OTHER;
    head->id = take_some_text(from);
    head->version = take_some_text(from);
    head->vendor = kp_take_text(from);
    head->object = take_some_text(from);
    take_digest(from, head->digest);
    take_digest(from, head->layout);
    head->input = kp_take_text(from);
    head->output_limit = kp_take_u64(from);
    if (!take_parts(arena, from, head) || !take_fields(arena, from, head))
        return KP_TAPE_NO_MEMORY;
    return kp_take_end(from) ? KP_TAPE_OK : bad_conversation(reading, "its head cannot be read");
}

static enum kp_tape_result read_end(struct reading *reading, struct record *record)
{
    struct kp_tape_end *end = &reading->tape->end;
    struct kp_wire_reader *from = &record->payload;
    uint32_t count;

    end->good = kp_take_u8(from) != 0;
    end->code = kp_take_u32(from);
    end->text = kp_take_text(from);
    count = kp_take_count(from, sizeof(uint64_t) + sizeof(uint32_t));
    end->outputs = kp_arena_array(reading->tape->arena, (size_t)count + 1, sizeof(*end->outputs));
    if (end->outputs == NULL)
        return KP_TAPE_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        end->outputs[i].size = kp_take_u64(from);
        take_digest(from, end->outputs[i].digest);
    }
    end->output_count = count;
    if (!kp_take_end(from))
        return bad_conversation(reading, "its end cannot be read");
    return reading->at == reading->size ? KP_TAPE_OK
                                        : bad_conversation(reading, "something follows its end");
}

/* --- messages --- */

/* The bytes of a message that are a file. */
static enum kp_tape_result open_bytes(struct reading *reading, struct record *record,
                                      struct kp_range **bytes)
{
    struct kp_wire_reader *from = &record->payload;
    const uint32_t handle = kp_take_u32(from);
    const uint64_t size = kp_take_u64(from);
    const char *path =
        kp_arena_printf(reading->tape->arena, "%s/bytes-%" PRIu32, reading->folder, handle);
    const char *name;
    uint8_t expected[DIGEST], found[DIGEST];
    int file KP_AUTO(close) = -1;
    struct stat status;

    take_digest(from, expected);
    if (!kp_take_end(from))
        return bad_conversation(reading, "a message that cannot be read");
    if (path == NULL)
        return KP_TAPE_NO_MEMORY;
    name = strrchr(path, '/') + 1;
    file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
    if (file < 0 || fstat(file, &status) != 0)
        return bad(reading->trouble, name,
                   kp_arena_printf(reading->tape->arena, "%s", strerror(errno)));
    if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size != size)
        return bad(reading->trouble, name, "not what was recorded: its size differs");
    *bytes = kp_range_open_at(file, path, name, 0, NULL);
    if (*bytes == NULL || !kp_range_sha256(*bytes, found))
        return KP_TAPE_NO_MEMORY;
    return memcmp(expected, found, DIGEST) == 0
               ? KP_TAPE_OK
               : bad(reading->trouble, name, "not what was recorded: its SHA-256 differs");
}

static enum kp_tape_result read_message(struct reading *reading, struct record *record)
{
    struct kp_vector *messages = &reading->tape->messages;
    struct kp_range *bytes = NULL;
    struct kp_tape_message *message;
    enum kp_tape_result result;

    if (record->side != KP_TAPE_SENT && record->side != KP_TAPE_HEARD &&
        record->side != KP_TAPE_FOUND)
        return bad_conversation(reading, "a record that there is not");
    if (messages->count >= KP_TAPE_MOST_MESSAGES)
        return bad_conversation(reading, "more messages than a recording holds");
    if (record->side == KP_TAPE_SENT && record->type == (KP_WIRE_BYTES | KP_TAPE_FILE)) {
        result = open_bytes(reading, record, &bytes);
        if (result != KP_TAPE_OK) {
            kp_range_unref(bytes);
            return result;
        }
    }
    message = KP_PUSH(messages, struct kp_tape_message);
    if (message == NULL) {
        kp_range_unref(bytes);
        return KP_TAPE_NO_MEMORY;
    }
    *message = (struct kp_tape_message){.side = record->side,
                                        .type = bytes != NULL ? KP_WIRE_BYTES : record->type,
                                        .size = (uint32_t)record->payload.size,
                                        .payload = record->payload.bytes,
                                        .bytes = bytes};
    return KP_TAPE_OK;
}

static enum kp_tape_result read_records(struct reading *reading)
{
    enum kp_tape_result result = read_head(reading);
    struct record record;

    while (result == KP_TAPE_OK) {
        if (!next_record(reading, &record))
            return bad_conversation(reading, "it is cut short");
        if (record.side == KP_TAPE_END)
            return read_end(reading, &record);
        result = read_message(reading, &record);
    }
    return result;
}

/* --- the files --- */

static enum kp_tape_result check_digest(struct reading *reading)
{
    struct kp_range *before KP_AUTO(range) = kp_range_slice(reading->tape->whole, 0, reading->size);
    uint8_t digest[DIGEST];

    if (before == NULL || !kp_range_sha256(before, digest))
        return KP_TAPE_NO_MEMORY;
    return memcmp(digest, reading->bytes + reading->size, DIGEST) == 0
               ? KP_TAPE_OK
               : bad_conversation(reading, "damaged, or cut short: its SHA-256 differs");
}

enum kp_tape_result kp_tape_decode(struct kp_tape *tape, struct kp_range *conversation,
                                   const char *folder, struct kp_tape_trouble *trouble)
{
    const uint64_t size = kp_range_size(conversation);
    struct reading reading = {.tape = tape, .folder = folder, .trouble = trouble};
    enum kp_tape_result result;

    tape->whole = kp_range_ref(conversation);
    reading.bytes = kp_range_view(conversation);
    if (reading.bytes == NULL)
        return KP_TAPE_NO_MEMORY;
    reading.at = strlen(KP_TAPE_MAGIC);
    if (size < reading.at || memcmp(reading.bytes, KP_TAPE_MAGIC, reading.at) != 0)
        return bad_conversation(&reading, "not the conversation of a recording");
    if (size < reading.at + DIGEST)
        return bad_conversation(&reading, "it is cut short");
    reading.size = size - DIGEST;
    result = check_digest(&reading);
    return result == KP_TAPE_OK ? read_records(&reading) : result;
}

enum kp_tape_result kp_tape_read(struct kp_tape *tape, const char *folder,
                                 struct kp_tape_trouble *trouble)
{
    const char *path = kp_arena_printf(tape->arena, "%s/" KP_TAPE_CONVERSATION, folder);
    struct kp_range *conversation KP_AUTO(range) = NULL;
    int file KP_AUTO(close) = -1;
    struct stat status;

    if (path == NULL)
        return KP_TAPE_NO_MEMORY;
    file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0 || fstat(file, &status) != 0)
        return bad(trouble, KP_TAPE_CONVERSATION,
                   kp_arena_printf(tape->arena, "%s", strerror(errno)));
    if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size > MOST_FILE)
        return bad(trouble, KP_TAPE_CONVERSATION, "not the conversation of a recording");
    /* Copied: it is looked at more than once, and must not change in between. */
    conversation = kp_range_from_descriptor(file, MOST_FILE);
    if (conversation == NULL)
        return errno == ENOMEM ? KP_TAPE_NO_MEMORY
                               : bad(trouble, KP_TAPE_CONVERSATION, "cannot be read");
    return kp_tape_decode(tape, conversation, folder, trouble);
}
