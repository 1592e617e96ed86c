/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/hostile/forge.c - a plugin that speaks for its worker: messages that are none, a last
 * word that lies, and what never ends. Requests that lie are lie.c's.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forge.h"

/* --- DONE --- */

static int32_t how_done_grant(struct kp_call *call)
{
    piece(KP_PIECE_GRANT);
    number(5);
    wide(0);
    wide(100);
    return sent(call);
}

/* Of memory that it was granted, but behind its end. */
static int32_t how_done_behind_grant(struct kp_call *call)
{
    if (kp_reserve(call, 4 << 20) == NULL)
        return KP_FAILED;
    piece(KP_PIECE_GRANT);
    number(0);
    wide(UINT64_MAX - 10);
    wide(100);
    return sent(call);
}

static int32_t how_done_image(struct kp_call *call)
{
    piece(KP_PIECE_IMAGE);
    number(0);
    wide(1);
    wide(UINT64_MAX);
    return sent(call);
}

static int32_t how_done_no_image(struct kp_call *call)
{
    piece(KP_PIECE_IMAGE);
    number(77);
    wide(0);
    wide(1);
    return sent(call);
}

static int32_t how_done_fill(struct kp_call *call)
{
    piece(KP_PIECE_FILL);
    byte(1);
    wide(UINT64_C(1) << 62);
    return sent(call);
}

static int32_t how_done_kind(struct kp_call *call)
{
    piece(99);
    return sent(call);
}

static int32_t how_done_own(struct kp_call *call)
{
    piece(KP_PIECE_OWN);
    number(0xffffff);
    byte('x');
    return sent(call);
}

static int32_t how_done_output(struct kp_call *call)
{
    done(1);
    number(9);
    number(0);
    return sent(call);
}

static int32_t how_done_twice_output(struct kp_call *call)
{
    done(2);
    number(0);
    number(0);
    number(0);
    number(0);
    return sent(call);
}

static int32_t how_done_counts(struct kp_call *call)
{
    done(UINT32_MAX);
    return sent(call);
}

static int32_t how_done_pieces(struct kp_call *call)
{
    done(1);
    number(KP_WIRE_MAIN_OUTPUT);
    number(3000000);
    for (int i = 0; i < 3000000; i++) {
        byte(KP_PIECE_FILL);
        byte(0);
        wide(0);
    }
    return sent(call);
}

static int32_t how_done_longer(struct kp_call *call)
{
    done(0);
    wide(1);
    return sent(call);
}

static int32_t how_done_seven(struct kp_call *call)
{
    begin(KP_WIRE_DONE);
    number(7);
    number(0);
    return sent(call);
}

/* Fails without a word. */
static int32_t how_done_failed(struct kp_call *call)
{
    begin(KP_WIRE_DONE);
    number((uint32_t)KP_FAILED);
    number(0);
    return sent(call);
}

/* A right one, and then the worker's own. */
static int32_t how_done_early(struct kp_call *call)
{
    (void)call;
    done(0);
    finish();
    return KP_OK;
}

/* The same, but as many as the socket takes, for the calls that follow. */
static int32_t how_done_often(struct kp_call *call)
{
    for (int i = 0; i < 200; i++) {
        piece(KP_PIECE_OWN);
        words("forged");
        finish();
    }
    return kp_append_image(call, call->input);
}

/* --- messages that are none --- */

static int32_t how_type(struct kp_call *call)
{
    begin(200);
    return sent(call);
}

static int32_t how_type_of_kpipe(struct kp_call *call)
{
    begin(KP_WIRE_HELLO);
    return sent(call);
}

static int32_t how_described(struct kp_call *call)
{
    begin(KP_WIRE_DESCRIBED);
    return sent(call);
}

static int32_t how_short(struct kp_call *call)
{
    packet("abc", 3, NULL);
    return silence(call);
}

static int32_t how_empty(struct kp_call *call)
{
    packet("", 0, NULL);
    return silence(call);
}

static int32_t how_long_packet(struct kp_call *call)
{
    begin(KP_WIRE_NO_MEMORY);
    packet(text, 60000, NULL);
    return silence(call);
}

static int32_t how_size(struct kp_call *call)
{
    begin(KP_WIRE_FAULT);
    send_as(UINT32_MAX);
    return silence(call);
}

static int32_t how_half(struct kp_call *call)
{
    begin(KP_WIRE_FAULT);
    words("half a message, and then silence");
    send_as(5000);
    return silence(call);
}

/* As much as a packet holds, so that it may well be the beginning of a message. */
static int32_t how_half_a_message(struct kp_call *call)
{
    memset(text, 0, 32768);
    begin(KP_WIRE_FAULT);
    length = 32768;
    send_as(50000);
    return silence(call);
}

static int32_t how_random(struct kp_call *call)
{
    uint32_t state = 1;

    for (int i = 0; i < 4096; i++)
        text[i] = (uint8_t)((state = state * 1103515245 + 12345) >> 16);
    packet(text, 4096, NULL);
    return silence(call);
}

static int32_t how_descriptor(struct kp_call *call)
{
    const int one = 2;

    begin(KP_WIRE_NO_MEMORY);
    return hostile_tried(call, "send a descriptor", packet(text, length, &one) >= 0);
}

static int32_t how_shutdown(struct kp_call *call)
{
    close(SOCKET);
    return silence(call);
}

/* --- without end --- */

static int32_t how_say(struct kp_call *call)
{
    begin(KP_WIRE_SAY);
    number(KP_WARNING);
    words("an endless stream");
    words(NULL);
    while (!hostile_late())
        finish();
    return silence(call);
}

static int32_t how_say_much(struct kp_call *call)
{
    static char much[60 << 20];

    memset(much, 'x', sizeof(much) - 1);
    begin(KP_WIRE_SAY);
    number(KP_WARNING);
    words(much);
    words(NULL);
    while (!hostile_late())
        finish();
    return silence(call);
}

/* Never reads an answer. */
static int32_t how_ask(struct kp_call *call)
{
    begin(KP_WIRE_IDENTIFY);
    number(0);
    wide(0);
    wide(0);
    while (!hostile_late())
        finish();
    return silence(call);
}

/* Has a file of the tree opened without end, and looks at none of the answers. */
static int32_t how_opens(struct kp_call *call)
{
    static uint8_t answer[32768];

    begin(KP_WIRE_TREE_OPEN);
    number(0);
    words("file");
    while (!hostile_late()) {
        finish();
        while (recv(SOCKET, answer, sizeof(answer), 0) > 0)
            ;
    }
    return silence(call);
}

static int32_t how_grants(struct kp_call *call)
{
    begin(KP_WIRE_GRANT);
    wide(UINT64_C(1) << 20);
    while (!hostile_late())
        finish();
    return silence(call);
}

/* Another message from another thread all the time: they mix. */
static void *chatter(void *unused)
{
    static const uint8_t bytes[9] = {KP_WIRE_NO_MEMORY, 0, 0, 0, 1, 0, 0, 0, 0};

    while (!hostile_late())
        packet(bytes, sizeof(bytes), NULL);
    return unused;
}

static int32_t how_chatter(struct kp_call *call)
{
    pthread_t thread;

    pthread_create(&thread, NULL, chatter, NULL);
    return silence(call);
}

#define HOSTILE_WAYS(WAY)                                                                          \
    WAY(done_grant)                                                                                \
    WAY(done_behind_grant)                                                                         \
    WAY(done_image)                                                                                \
    WAY(done_no_image)                                                                             \
    WAY(done_fill)                                                                                 \
    WAY(done_kind)                                                                                 \
    WAY(done_own)                                                                                  \
    WAY(done_output)                                                                               \
    WAY(done_twice_output)                                                                         \
    WAY(done_counts)                                                                               \
    WAY(done_pieces)                                                                               \
    WAY(done_longer)                                                                               \
    WAY(done_seven)                                                                                \
    WAY(done_failed)                                                                               \
    WAY(done_early)                                                                                \
    WAY(done_often)                                                                                \
    WAY(type)                                                                                      \
    WAY(type_of_kpipe)                                                                             \
    WAY(described)                                                                                 \
    WAY(short)                                                                                     \
    WAY(empty)                                                                                     \
    WAY(long_packet)                                                                               \
    WAY(size)                                                                                      \
    WAY(half)                                                                                      \
    WAY(half_a_message)                                                                            \
    WAY(random)                                                                                    \
    WAY(descriptor)                                                                                \
    WAY(shutdown)                                                                                  \
    WAY(say)                                                                                       \
    WAY(say_much)                                                                                  \
    WAY(ask)                                                                                       \
    WAY(opens)                                                                                     \
    WAY(grants)                                                                                    \
    WAY(chatter)

HOSTILE_PLUGIN("org.example.forge", "forge", "")
