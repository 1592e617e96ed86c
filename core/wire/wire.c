/* SPDX-License-Identifier: BSD-3-Clause
 *
 * wire/wire.c - see wire.h: packets and descriptors. What is in a payload is payload.c's.
 */
#include "wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kpipe/bytes.h"

#define HEAD 8u
/* Between two questions whether to go on waiting. */
#define ASK_MILLISECONDS 50
/* The buffer that is kept; one for a larger message is let go of by the next receive. */
#define KEEP ((size_t)1 << 20)

static enum kp_wire_result broken(struct kp_wire *wire, const char *why)
{
    wire->why = why;
    return KP_WIRE_BROKEN;
}

static void drop_descriptors(struct kp_wire *wire)
{
    for (size_t i = 0; i < KP_WIRE_MOST_DESCRIPTORS; i++) {
        if (wire->descriptors[i] >= 0)
            close(wire->descriptors[i]);
        wire->descriptors[i] = -1;
    }
}

void kp_wire_open(struct kp_wire *wire, int socket, unsigned most_descriptors)
{
    *wire = (struct kp_wire){.socket = socket, .most_descriptors = most_descriptors};
    for (size_t i = 0; i < KP_WIRE_MOST_DESCRIPTORS; i++)
        wire->descriptors[i] = -1;
    pthread_mutex_init(&wire->send_lock, NULL);
    fcntl(socket, F_SETFL, O_NONBLOCK);
}

void kp_wire_close(struct kp_wire *wire)
{
    drop_descriptors(wire);
    if (wire->socket >= 0)
        close(wire->socket);
    wire->socket = -1;
    free(wire->buffer);
    wire->buffer = NULL;
    wire->capacity = 0;
    pthread_mutex_destroy(&wire->send_lock);
}

/* Waits until the socket is ready for `events`. */
static enum kp_wire_result await(const struct kp_wire *wire, short events)
{
    struct pollfd ready = {wire->socket, events, 0};

    for (;;) {
        const int got = poll(&ready, 1, wire->stop == NULL ? -1 : ASK_MILLISECONDS);

        if (got < 0 && errno != EINTR)
            return KP_WIRE_FAILED;
        /* Also if there is something: one that sends now and then is waited for, too. */
        if (wire->stop != NULL && wire->stop(wire->data))
            return KP_WIRE_STOPPED;
        if (got > 0)
            return KP_WIRE_OK;
    }
}

/* --- sending --- */

/* A packet; one without descriptors goes by sendto(2), so that a worker, which never sends any,
 * can be forbidden what can. */
static ssize_t send_once(int socket, const void *bytes, size_t size, const int *descriptors,
                         size_t count)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(KP_WIRE_MOST_DESCRIPTORS * sizeof(int))];
    } control = {0};
    struct iovec part = {(void *)(uintptr_t)bytes, size};
    struct msghdr packet = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *rights = CMSG_FIRSTHDR(&packet);

    if (count == 0)
        return sendto(socket, bytes, size, MSG_NOSIGNAL, NULL, 0);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(rights), descriptors, count * sizeof(int));
    return sendmsg(socket, &packet, MSG_NOSIGNAL);
}

static enum kp_wire_result send_packet(struct kp_wire *wire, const void *bytes, size_t size,
                                       const int *descriptors, size_t count)
{
    for (;;) {
        enum kp_wire_result result;

        if (send_once(wire->socket, bytes, size, descriptors, count) >= 0)
            return KP_WIRE_OK;
        if (errno == EPIPE || errno == ECONNRESET)
            return KP_WIRE_ENDED;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN && errno != ENOBUFS)
            return KP_WIRE_FAILED;
        result = await(wire, POLLOUT);
        if (result != KP_WIRE_OK)
            return result;
    }
}

static enum kp_wire_result send_all(struct kp_wire *wire, uint32_t type,
                                    const struct kp_wire_writer *payload, const int *descriptors,
                                    size_t count)
{
    uint8_t first[KP_WIRE_PACKET];
    const size_t size = payload == NULL ? 0 : payload->size;
    size_t sent = size < KP_WIRE_PACKET - HEAD ? size : KP_WIRE_PACKET - HEAD;
    enum kp_wire_result result;

    kp_put_le32(first, type);
    kp_put_le32(first + 4, (uint32_t)size);
    if (sent > 0)
        memcpy(first + HEAD, payload->bytes, sent);
    result = send_packet(wire, first, HEAD + sent, descriptors, count);
    while (result == KP_WIRE_OK && sent < size) {
        const size_t more = size - sent < KP_WIRE_PACKET ? size - sent : KP_WIRE_PACKET;

        result = send_packet(wire, payload->bytes + sent, more, NULL, 0);
        sent += more;
    }
    return result;
}

enum kp_wire_result kp_wire_send(struct kp_wire *wire, uint32_t type,
                                 const struct kp_wire_writer *payload, const int *descriptors,
                                 size_t descriptor_count)
{
    enum kp_wire_result result;

    if (payload != NULL && (payload->failed || payload->size > KP_WIRE_MOST)) {
        errno = payload->failed ? ENOMEM : EMSGSIZE;
        return KP_WIRE_FAILED;
    }
    if (descriptor_count > KP_WIRE_MOST_DESCRIPTORS) {
        errno = EINVAL;
        return KP_WIRE_FAILED;
    }
    pthread_mutex_lock(&wire->send_lock);
    result = send_all(wire, type, payload, descriptors, descriptor_count);
    pthread_mutex_unlock(&wire->send_lock);
    return result;
}

/* --- receiving --- */

/* Takes the descriptors of a packet; how many there were, also those that had no room. */
static size_t take_descriptors(struct kp_wire *wire, struct msghdr *packet)
{
    size_t count = 0;

    for (struct cmsghdr *part = CMSG_FIRSTHDR(packet); part != NULL;
         part = CMSG_NXTHDR(packet, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t at = CMSG_LEN(0); at + sizeof(int) <= part->cmsg_len; at += sizeof(int)) {
            int descriptor;

            memcpy(&descriptor, (const char *)part + at, sizeof(descriptor));
            if (count < KP_WIRE_MOST_DESCRIPTORS && wire->descriptors[count] < 0)
                wire->descriptors[count] = descriptor;
            else
                close(descriptor);
            count++;
        }
    }
    return count;
}

/* One packet of up to `size` bytes to `to`; *got is its length. */
static enum kp_wire_result receive_packet(struct kp_wire *wire, void *to, size_t size, size_t *got,
                                          size_t *descriptors)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(KP_WIRE_MOST_DESCRIPTORS * sizeof(int))];
    } control;
    struct iovec part = {to, size};

    for (;;) {
        struct msghdr packet = {.msg_iov = &part,
                                .msg_iovlen = 1,
                                .msg_control = control.bytes,
                                .msg_controllen = sizeof(control.bytes)};
        const ssize_t length = recvmsg(wire->socket, &packet, MSG_CMSG_CLOEXEC);
        enum kp_wire_result result;

        if (length >= 0) {
            *got = (size_t)length;
            *descriptors = take_descriptors(wire, &packet);
            if ((packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
                return broken(wire, "a packet that is too long");
            return length == 0 ? KP_WIRE_ENDED : KP_WIRE_OK;
        }
        if (errno == ECONNRESET)
            return KP_WIRE_ENDED;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return KP_WIRE_FAILED;
        result = await(wire, POLLIN);
        if (result != KP_WIRE_OK)
            return result;
    }
}

static bool make_room(struct kp_wire *wire, size_t size)
{
    uint8_t *buffer;

    if (size <= wire->capacity)
        return true;
    buffer = realloc(wire->buffer, size);
    if (buffer == NULL) {
        errno = ENOMEM;
        return false;
    }
    wire->buffer = buffer;
    wire->capacity = size;
    return true;
}

/* Packets are as large as they may be, so that nobody is kept busy with many small ones. */
static size_t packet_size(size_t left)
{
    return left < KP_WIRE_PACKET ? left : KP_WIRE_PACKET;
}

static enum kp_wire_result receive_rest(struct kp_wire *wire, size_t at, size_t end)
{
    while (at < end) {
        size_t got, descriptors;
        enum kp_wire_result result;

        /* Grows with what came, not with what was announced. */
        if (!make_room(wire, at + KP_WIRE_PACKET > 2 * wire->capacity ? at + KP_WIRE_PACKET
                             : at + KP_WIRE_PACKET > wire->capacity   ? 2 * wire->capacity
                                                                      : wire->capacity))
            return KP_WIRE_FAILED;
        result = receive_packet(wire, wire->buffer + at, KP_WIRE_PACKET, &got, &descriptors);
        if (result != KP_WIRE_OK)
            return result;
        if (descriptors != 0 || got != packet_size(end - at))
            return broken(wire, "a packet that does not belong to its message");
        at += got;
    }
    return KP_WIRE_OK;
}

enum kp_wire_result kp_wire_receive(struct kp_wire *wire, struct kp_message *message)
{
    enum kp_wire_result result;
    size_t got, size;

    *message = (struct kp_message){0};
    drop_descriptors(wire);
    if (wire->capacity > KEEP) {
        free(wire->buffer);
        wire->buffer = NULL;
        wire->capacity = 0;
    }
    if (!make_room(wire, KP_WIRE_PACKET))
        return KP_WIRE_FAILED;
    result = receive_packet(wire, wire->buffer, KP_WIRE_PACKET, &got, &message->descriptor_count);
    if (result != KP_WIRE_OK)
        return result;
    if (message->descriptor_count > wire->most_descriptors)
        return broken(wire, "a descriptor that was not asked for");
    if (got < HEAD)
        return broken(wire, "a packet without a head");
    message->type = kp_le32(wire->buffer);
    size = kp_le32(wire->buffer + 4);
    if (size > KP_WIRE_MOST || got != packet_size(HEAD + size))
        return broken(wire, "a message of an impossible size");
    result = receive_rest(wire, got, HEAD + size);
    message->payload = (struct kp_wire_reader){.bytes = wire->buffer + HEAD, .size = size};
    return result;
}

int kp_wire_take(struct kp_wire *wire, size_t index)
{
    int descriptor;

    if (index >= KP_WIRE_MOST_DESCRIPTORS)
        return -1;
    descriptor = wire->descriptors[index];
    wire->descriptors[index] = -1;
    return descriptor;
}
