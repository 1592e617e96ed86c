/* SPDX-License-Identifier: BSD-3-Clause
 *
 * wire/wire.h - messages over a pair of local sockets: how they are framed, sent, received, and
 * what is in them put together and taken apart.
 *
 * What the messages mean stands in message.h. Nothing here trusts what it receives: a length, a
 * text or a number that does not fit is refused, and descriptors that were not
 * expected are closed. Nothing here waits for ever unless it is told to: see `stop`.
 *
 * A message is one or more packets of a SOCK_SEQPACKET socket. The first has a head of two
 * little-endian u32, type and size of the payload, and as much of the payload as a packet
 * holds; further packets hold the rest and nothing else, and only the last is smaller than a
 * packet may be. Descriptors travel with the first.
 */
#ifndef KP_WIRE_WIRE_H
#define KP_WIRE_WIRE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KP_WIRE_PACKET 32768u             /* bytes of a packet, at most */
#define KP_WIRE_MOST ((uint32_t)64 << 20) /* bytes of a payload, at most */
#define KP_WIRE_MOST_DESCRIPTORS 4u       /* of one message */

enum kp_wire_result {
    KP_WIRE_OK,
    KP_WIRE_ENDED,   /* the other side is gone */
    KP_WIRE_STOPPED, /* `stop` said so */
    KP_WIRE_BROKEN,  /* what came is no message: `why` */
    KP_WIRE_FAILED,  /* errno: memory ran out, or the like */
};

/* One end. May be sent on by several threads at once; received on by one at a time. */
struct kp_wire {
    int socket; /* its own; -1: closed */
    /* Asked at least every 50 ms while it waits, and each time that it had to wait; true ends the
     * waiting. NULL: never. */
    bool (*stop)(void *data);
    void *data;
    unsigned most_descriptors; /* that a received message may carry */
    const char *why;           /* a phrase after KP_WIRE_BROKEN */
    pthread_mutex_t send_lock;
    uint8_t *buffer; /* the message received last */
    size_t capacity;
    int descriptors[KP_WIRE_MOST_DESCRIPTORS]; /* received and not taken yet; else -1 */
};

/* Takes the socket over and makes it non-blocking. */
void kp_wire_open(struct kp_wire *wire, int socket, unsigned most_descriptors);
void kp_wire_close(struct kp_wire *wire);

/* --- putting a payload together --- */

/* A zeroed struct is an empty payload. A failed append leaves `failed` set, so that one may
 * append many times and check once (kp_wire_send does). */
struct kp_wire_writer {
    uint8_t *bytes;
    size_t size, capacity;
    bool failed;
};
void kp_wire_writer_free(struct kp_wire_writer *writer);
static inline void kp_auto_wire_writer(struct kp_wire_writer *writer)
{
    kp_wire_writer_free(writer);
}
void kp_put_u8(struct kp_wire_writer *to, uint8_t value);
void kp_put_u32(struct kp_wire_writer *to, uint32_t value);
void kp_put_u64(struct kp_wire_writer *to, uint64_t value);
/* A length and the bytes. */
void kp_put_bytes(struct kp_wire_writer *to, const void *bytes, size_t size);
/* NUL-terminated, or NULL. */
void kp_put_text(struct kp_wire_writer *to, const char *text);
/* A NULL-terminated array of texts, or NULL. */
void kp_put_texts(struct kp_wire_writer *to, const char *const *texts);

/* Sends a message. Descriptors stay the caller's. FAILED also if the payload failed. */
enum kp_wire_result kp_wire_send(struct kp_wire *wire, uint32_t type,
                                 const struct kp_wire_writer *payload, const int *descriptors,
                                 size_t descriptor_count);

/* --- taking a payload apart --- */

/* A reader that took more than there is, or what is no text, is `bad` from then on and gives
 * zeros and NULLs. What it gives points into the message, which lasts until the next one. */
struct kp_wire_reader {
    const uint8_t *bytes;
    size_t size, at;
    bool bad;
};
uint8_t kp_take_u8(struct kp_wire_reader *from);
uint32_t kp_take_u32(struct kp_wire_reader *from);
uint64_t kp_take_u64(struct kp_wire_reader *from);
const uint8_t *kp_take_bytes(struct kp_wire_reader *from, size_t *size);
/* NULL if NULL was sent, or if the reader is bad: ask. */
const char *kp_take_text(struct kp_wire_reader *from);
/* How many items follow, each of which takes at least `least` bytes (not 0): a count that the
 * rest of the message cannot hold is bad. */
uint32_t kp_take_count(struct kp_wire_reader *from, size_t least);
/* Whether all was taken and nothing was bad. */
bool kp_take_end(const struct kp_wire_reader *from);

struct kp_message {
    uint32_t type;
    struct kp_wire_reader payload;
    size_t descriptor_count;
};

/* Receives a message. Descriptors are taken with kp_wire_take; those that are not taken are
 * closed by the next receive. */
enum kp_wire_result kp_wire_receive(struct kp_wire *wire, struct kp_message *message);
/* The index-th descriptor of the last message, which is the caller's then; -1: none. */
int kp_wire_take(struct kp_wire *wire, size_t index);

#endif
