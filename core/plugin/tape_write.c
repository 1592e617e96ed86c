/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/tape_write.c - a recording becomes a folder: see tape.h. It is put together under
 * another name beside its own, so that there is never half of one.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/vector.h"
#include "plugin/tape.h"
#include "wire/message.h"
#include "wire/wire.h"

#define DRAFT_NAME "/.kpipe-recording-XXXXXX"
#define BYTES_NAME_SIZE 24

/* --- the conversation --- */

static void put_record(struct kp_string *to, uint8_t side, uint32_t type, const void *payload,
                       size_t size)
{
    uint8_t head[KP_TAPE_RECORD_SIZE] = {side};

    for (unsigned i = 0; i < 4; i++) {
        head[1 + i] = (uint8_t)(type >> (8 * i));
        head[5 + i] = (uint8_t)(size >> (8 * i));
    }
    kp_string_append(to, (const char *)head, sizeof(head));
    kp_string_append(to, payload, size);
}

static void put_head(struct kp_string *to, const struct kp_tape_head *head)
{
    KP_AUTO(wire_writer) struct kp_wire_writer payload = {0};

    kp_put_text(&payload, head->kpipe);
    kp_put_text(&payload, head->wire);
    kp_put_text(&payload, head->id);
    kp_put_text(&payload, head->version);
    kp_put_text(&payload, head->vendor);
    kp_put_text(&payload, head->object);
    kp_put_bytes(&payload, head->digest, sizeof(head->digest));
    kp_put_bytes(&payload, head->layout, sizeof(head->layout));
    kp_put_text(&payload, head->input);
    kp_put_u64(&payload, head->output_limit);
    kp_put_u32(&payload, (uint32_t)head->part_count);
    for (size_t i = 0; i < head->part_count; i++)
        kp_put_text(&payload, head->parts[i]);
    kp_put_u32(&payload, (uint32_t)head->field_count);
    for (size_t i = 0; i < head->field_count; i++) {
        kp_put_u64(&payload, head->fields[i].offset);
        kp_put_u64(&payload, head->fields[i].size);
        kp_put_text(&payload, head->fields[i].path);
    }
    to->failed = to->failed || payload.failed;
    put_record(to, KP_TAPE_HEAD, 0, payload.bytes, payload.size);
}

static void put_end(struct kp_string *to, const struct kp_tape_end *end)
{
    KP_AUTO(wire_writer) struct kp_wire_writer payload = {0};

    kp_put_u8(&payload, end->good);
    kp_put_u32(&payload, end->code);
    kp_put_text(&payload, end->text);
    kp_put_u32(&payload, (uint32_t)end->output_count);
    for (size_t i = 0; i < end->output_count; i++) {
        kp_put_u64(&payload, end->outputs[i].size);
        kp_put_bytes(&payload, end->outputs[i].digest, sizeof(end->outputs[i].digest));
    }
    to->failed = to->failed || payload.failed;
    put_record(to, KP_TAPE_END, 0, payload.bytes, payload.size);
}

/* A BYTES whose bytes are a file: u32 handle, u64 size as they were sent, and the digest. */
static bool put_file(struct kp_string *to, const struct kp_tape_message *message)
{
    KP_AUTO(wire_writer) struct kp_wire_writer payload = {0};
    struct kp_wire_reader sent = {message->payload, message->size, 0, false};
    uint8_t digest[32];

    if (!kp_range_sha256(message->bytes, digest))
        return false;
    kp_put_u32(&payload, kp_take_u32(&sent));
    kp_put_u64(&payload, kp_range_size(message->bytes));
    kp_put_bytes(&payload, digest, sizeof(digest));
    to->failed = to->failed || payload.failed;
    put_record(to, message->side, message->type | KP_TAPE_FILE, payload.bytes, payload.size);
    return true;
}

bool kp_tape_encode(const struct kp_tape *tape, struct kp_string *to)
{
    struct kp_range *range KP_AUTO(range) = NULL;
    uint8_t digest[32];

    kp_string_add(to, KP_TAPE_MAGIC);
    put_head(to, &tape->head);
    for (size_t i = 0; i < tape->messages.count; i++) {
        const struct kp_tape_message *message =
            &KP_ITEM(&tape->messages, struct kp_tape_message, i);

        if (message->bytes == NULL)
            put_record(to, message->side, message->type, message->payload, message->size);
        else if (!put_file(to, message))
            return false;
    }
    put_end(to, &tape->end);
    if (to->failed)
        return false;
    range = kp_range_copy(to->text, to->length);
    if (range == NULL || !kp_range_sha256(range, digest))
        return false;
    kp_string_append(to, (const char *)digest, sizeof(digest));
    return !to->failed;
}

/* --- the folder --- */

static bool write_file(int folder, const char *name, const struct kp_range *range)
{
    const int file KP_AUTO(close) =
        openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);

    if (file < 0 || !kp_range_write(range, file, true, NULL, NULL))
        return false;
    return ftruncate(file, (off_t)kp_range_size(range)) == 0;
}

static bool write_text(int folder, const char *name, const struct kp_string *text)
{
    struct kp_range *range KP_AUTO(range) = kp_range_copy(text->text, text->length);

    if (range != NULL)
        return write_file(folder, name, range);
    errno = ENOMEM;
    return false;
}

static void bytes_name(char name[BYTES_NAME_SIZE], const struct kp_tape_message *message)
{
    struct kp_wire_reader sent = {message->payload, message->size, 0, false};

    snprintf(name, BYTES_NAME_SIZE, "bytes-%" PRIu32, kp_take_u32(&sent));
}

static bool write_files(const struct kp_tape *tape, int folder, const struct kp_string *readable,
                        const char **what)
{
    KP_AUTO(string) struct kp_string conversation = {0};

    *what = "its inputs";
    for (size_t i = 0; i < tape->messages.count; i++) {
        const struct kp_tape_message *message =
            &KP_ITEM(&tape->messages, struct kp_tape_message, i);
        char name[BYTES_NAME_SIZE];

        bytes_name(name, message);
        if (message->bytes != NULL && !write_file(folder, name, message->bytes))
            return false;
    }
    *what = KP_TAPE_CONVERSATION;
    if (!kp_tape_encode(tape, &conversation)) {
        errno = ENOMEM;
        return false;
    }
    if (!write_text(folder, KP_TAPE_CONVERSATION, &conversation))
        return false;
    *what = KP_TAPE_READABLE;
    return write_text(folder, KP_TAPE_READABLE, readable);
}

static void remove_files(const struct kp_tape *tape, int folder)
{
    unlinkat(folder, KP_TAPE_CONVERSATION, 0);
    unlinkat(folder, KP_TAPE_READABLE, 0);
    for (size_t i = 0; i < tape->messages.count; i++) {
        const struct kp_tape_message *message =
            &KP_ITEM(&tape->messages, struct kp_tape_message, i);
        char name[BYTES_NAME_SIZE];

        bytes_name(name, message);
        if (message->bytes != NULL)
            unlinkat(folder, name, 0);
    }
}

/* A folder beside the one that is to be, which only its owner can look into. From malloc. */
static char *make_draft(const char *target)
{
    const char *slash = strrchr(target, '/');
    char *draft = NULL;

    if (asprintf(&draft, "%.*s" DRAFT_NAME, slash == NULL ? 1 : (int)(slash - target),
                 slash == NULL ? "." : target) < 0) {
        errno = ENOMEM;
        return NULL;
    }
    if (mkdtemp(draft) != NULL)
        return draft;
    free(draft);
    return NULL;
}

bool kp_tape_write(const struct kp_tape *tape, const char *folder, const struct kp_string *readable,
                   const char **what)
{
    size_t length = strlen(folder);
    KP_AUTO(free) char *target = NULL;
    KP_AUTO(free) char *draft = NULL;
    int descriptor KP_AUTO(close) = -1;
    int error;

    while (length > 1 && folder[length - 1] == '/')
        length--;
    *what = "its folder";
    target = strndup(folder, length);
    draft = target == NULL ? NULL : make_draft(target);
    if (draft == NULL)
        return false;
    descriptor = open(draft, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0 && write_files(tape, descriptor, readable, what)) {
        *what = "its folder";
        if (rename(draft, target) == 0)
            return true;
    }
    error = errno;
    if (descriptor >= 0)
        remove_files(tape, descriptor);
    rmdir(draft);
    errno = error;
    return false;
}
