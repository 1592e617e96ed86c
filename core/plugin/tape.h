/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/tape.h - a recording of one call in a worker: what kpipe and the worker said to each
 * other (wire/message.h), with what is needed to make the call again without the recipe and its
 * inputs. In memory while the call runs, then a folder of files:
 *
 *     recording.yml   for people (record_text.c); nothing reads it
 *     conversation    "kpipe recording\n"; then records, each u8 side, u32 type, u32 size and
 *                     the payload, all little-endian: the head ('='), the messages ('>', '<')
 *                     and findings ('!') in their order, the end ('#'); then the SHA-256 of
 *                     all that came before
 *     bytes-N         the run of bytes N, if it went to the worker as a descriptor; in its
 *                     message the bytes are replaced by their SHA-256
 *
 * A recording that is read may come from anybody: nothing of it is believed, and a folder in
 * which something is missing, cut short or changed is refused. What the messages mean is not
 * looked at here.
 */
#ifndef KP_PLUGIN_TAPE_H
#define KP_PLUGIN_TAPE_H

#include "base/arena.h"
#include "base/range.h"
#include "base/vector.h"
#include "kpipe/plugin.h"
#include "plugin/digest.h"

#define KP_TAPE_CONVERSATION "conversation"
#define KP_TAPE_READABLE "recording.yml"
/* Bytes that the conversation may take, and messages. */
#define KP_TAPE_MOST (UINT64_C(256) << 20)
#define KP_TAPE_MOST_MESSAGES (1u << 20)

enum kp_tape_side {
    KP_TAPE_SENT = '>',  /* by kpipe */
    KP_TAPE_HEARD = '<', /* from the worker; of a DONE no more than what it returned */
    KP_TAPE_FOUND = '!', /* while kpipe worked on what it was asked for: type is the severity;
                            u32 code, text, text hint?, text detail? */
};

struct kp_tape_message {
    uint8_t side;
    uint32_t type, size;
    const uint8_t *payload;
    struct kp_range *bytes; /* of a BYTES that went as a descriptor; else NULL */
};

/* Which bytes of the parameters are which. */
struct kp_tape_field {
    uint64_t offset, size;
    const char *path; /* "parts[1].load" */
};

/* What the call was. Texts may be NULL where it says "?". */
struct kp_tape_head {
    const char *kpipe, *wire;                   /* KPIPE_VERSION, KP_WIRE_VERSION */
    const char *id, *version, *vendor, *object; /* of the plugin; its file without folders */
    uint8_t digest[KP_DIGEST_SIZE];
    uint8_t layout[32];       /* kp_tape_layout of the operation */
    const char *input;        /* ?: of a source: the name of the input */
    uint64_t output_limit;    /* of struct kp_call_request */
    const char *const *parts; /* that somebody reads; NULL-terminated */
    size_t part_count;
    struct kp_tape_field *fields;
    size_t field_count;
};

struct kp_tape_output {
    uint64_t size;
    uint8_t digest[32];
};

/* How it ended. */
struct kp_tape_end {
    bool good;
    uint32_t code;                  /* of the first error, if it failed */
    const char *text;               /* ?: the error */
    struct kp_tape_output *outputs; /* if it succeeded, the main one first; a source has none */
    size_t output_count;
};

/* Zeroed but for the arena, before; texts and payloads are the arena's, or of `whole`. */
struct kp_tape {
    struct kp_arena *arena;
    struct kp_vector messages; /* of struct kp_tape_message */
    uint64_t held;             /* bytes of payloads */
    const char *lost;          /* why it cannot be kept: a phrase; NULL: it can */
    size_t findings;           /* of the call, before the request that is being answered */
    bool called;               /* a CALL was sent */
    struct kp_range *whole;    /* that it was read from */
    struct kp_tape_head head;
    struct kp_tape_end end;
};
/* Lets go of the bytes, and frees the arena. */
void kp_tape_free(struct kp_tape *tape);

/* Appends a copy of a message; `bytes` may be NULL. A failure leaves `lost` set. */
void kp_tape_add(struct kp_tape *tape, enum kp_tape_side side, uint32_t type, const void *payload,
                 size_t size, struct kp_range *bytes);
/* A digest of how the operation's parameters lie in memory: calls of operations that differ in it
 * cannot be exchanged. False when memory runs out. */
bool kp_tape_layout(const struct kp_operation *operation, uint8_t digest[32]);

/* tape_write.c: the conversation as a file holds it. False when memory runs out. */
bool kp_tape_encode(const struct kp_tape *tape, struct kp_string *to);
/* Writes the folder, which must not exist or be empty: whole, or not at all. False and errno;
 * *what is the file that it failed at. */
bool kp_tape_write(const struct kp_tape *tape, const char *folder, const struct kp_string *readable,
                   const char **what);

/* tape_read.c */
enum kp_tape_result {
    KP_TAPE_OK,
    KP_TAPE_BAD,   /* `file`, `why` */
    KP_TAPE_OTHER, /* made by another kpipe: of the head no more is read than who that was */
    KP_TAPE_NO_MEMORY,
};
struct kp_tape_trouble {
    const char *file;
    const char *why; /* a phrase, of the arena or static */
};
/* Takes the conversation apart; runs of bytes that are files are looked for in the folder. */
enum kp_tape_result kp_tape_decode(struct kp_tape *tape, struct kp_range *conversation,
                                   const char *folder, struct kp_tape_trouble *trouble);
enum kp_tape_result kp_tape_read(struct kp_tape *tape, const char *folder,
                                 struct kp_tape_trouble *trouble);

/* Of a conversation: what tape_write.c and tape_read.c agree on. */
#define KP_TAPE_MAGIC "kpipe recording\n"
#define KP_TAPE_RECORD_SIZE 9u /* before the payload */
enum { KP_TAPE_HEAD = '=', KP_TAPE_END = '#' };
#define KP_TAPE_FILE 0x80000000u /* set in the type of a BYTES whose bytes are a file */

#endif
