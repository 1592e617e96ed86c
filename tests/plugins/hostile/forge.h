/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/hostile/forge.h - a plugin's own messages to kpipe, sent in its worker's name by the
 * socket between the two, which it finds.
 *
 * It knows from core/wire/message.h what is said there, as whoever reads the source does.
 */
#ifndef FORGE_H
#define FORGE_H

#include <sys/socket.h>

#include "hostile.h"
#include "wire/message.h"

enum { SOCKET = 3 };

/* --- a message, put together --- */

static uint8_t text[70 << 20];
static uint64_t length;

static inline KP_UNUSED void byte(uint8_t value)
{
    text[length++] = value;
}

static inline KP_UNUSED void number(uint32_t value)
{
    kp_put_le32(text + length, value);
    length += 4;
}

static inline KP_UNUSED void wide(uint64_t value)
{
    kp_put_le64(text + length, value);
    length += 8;
}

static inline KP_UNUSED void words(const char *value)
{
    const uint32_t size = value == NULL ? 0 : (uint32_t)strlen(value) + 1;

    number(size);
    if (size > 0)
        memcpy(text + length, value, size);
    length += size;
}

static inline KP_UNUSED void begin(uint32_t type)
{
    length = 0;
    number(type);
    number(0);
}

/* Waits until it is sent. */
static inline KP_UNUSED long packet(const void *bytes, uint64_t size, const int *descriptor)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {(void *)(uintptr_t)bytes, size};
    struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1};
    long sent;

    if (descriptor != NULL) {
        head.msg_control = control.bytes;
        head.msg_controllen = sizeof(control.bytes);
        CMSG_FIRSTHDR(&head)->cmsg_level = SOL_SOCKET;
        CMSG_FIRSTHDR(&head)->cmsg_type = SCM_RIGHTS;
        CMSG_FIRSTHDR(&head)->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&head)), descriptor, sizeof(int));
    }
    do
        sent = descriptor == NULL ? send(SOCKET, bytes, size, MSG_NOSIGNAL)
                                  : sendmsg(SOCKET, &head, MSG_NOSIGNAL);
    while (sent < 0 && (errno == EAGAIN || errno == EINTR) && !hostile_late());
    return sent;
}

/* Sends it with a head that says `size`. */
static inline KP_UNUSED void send_as(uint64_t size)
{
    uint64_t at = length < 32768 ? length : 32768;

    kp_put_le32(text + 4, (uint32_t)size);
    if (packet(text, at, NULL) < 0)
        return;
    for (uint64_t more; at < length; at += more) {
        more = length - at < 32768 ? length - at : 32768;
        if (packet(text + at, more, NULL) < 0)
            return;
    }
}

static inline KP_UNUSED void finish(void)
{
    send_as(length - 8);
}

/* Nothing more is said. */
static inline KP_UNUSED int32_t silence(struct kp_call *call)
{
    while (!hostile_late())
        ;
    return kp_fail(call, "silence for %d seconds", HOSTILE_SECONDS);
}

/* An answer would come in its place: what it is does not matter. */
static inline KP_UNUSED int32_t sent(struct kp_call *call)
{
    finish();
    return silence(call);
}

/* Ends the call before the answer comes, which stays in the socket. */
static inline KP_UNUSED int32_t asked(void)
{
    finish();
    return KP_FAILED;
}

static inline KP_UNUSED void done(uint32_t outputs)
{
    begin(KP_WIRE_DONE);
    number(KP_OK);
    number(outputs);
}

/* DONE with one piece of the main output. */
static inline KP_UNUSED void piece(uint8_t kind)
{
    done(1);
    number(KP_WIRE_MAIN_OUTPUT);
    number(1);
    byte(kind);
}

#endif
