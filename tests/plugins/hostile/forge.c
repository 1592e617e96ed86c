/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/hostile/forge.c - a plugin that finds the socket between its worker and kpipe,
 * and speaks for the worker: messages that are none, that lie, or that never end.
 *
 * It knows from core/wire/message.h what is said there, as whoever reads the source does.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hostile.h"
#include "wire/message.h"

enum { SOCKET = 3 };

/* --- a message, put together --- */

static uint8_t text[70 << 20];
static uint64_t length;

static void byte(uint8_t value)
{
    text[length++] = value;
}

static void number(uint32_t value)
{
    kp_put_le32(text + length, value);
    length += 4;
}

static void wide(uint64_t value)
{
    kp_put_le64(text + length, value);
    length += 8;
}

static void words(const char *value)
{
    const uint32_t size = value == NULL ? 0 : (uint32_t)strlen(value) + 1;

    number(size);
    if (size > 0)
        memcpy(text + length, value, size);
    length += size;
}

static void begin(uint32_t type)
{
    length = 0;
    number(type);
    number(0);
}

/* Waits until it is sent. */
static long packet(const void *bytes, uint64_t size, const int *descriptor)
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
static void send_as(uint64_t size)
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

static void finish(void)
{
    send_as(length - 8);
}

/* Nothing more is said. */
static int32_t silence(struct kp_call *call)
{
    while (!hostile_late())
        ;
    return kp_fail(call, "silence for %d seconds", HOSTILE_SECONDS);
}

/* An answer would come in its place: what it is does not matter. */
static int32_t sent(struct kp_call *call)
{
    finish();
    return silence(call);
}

/* Ends the call before the answer comes, which stays in the socket. */
static int32_t asked(void)
{
    finish();
    return KP_FAILED;
}

static void done(uint32_t outputs)
{
    begin(KP_WIRE_DONE);
    number(KP_OK);
    number(outputs);
}

/* DONE with one piece of the main output. */
static void piece(uint8_t kind)
{
    done(1);
    number(KP_WIRE_MAIN_OUTPUT);
    number(1);
    byte(kind);
}

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

/* --- requests that lie --- */

static int32_t how_set_output(struct kp_call *call)
{
    begin(KP_WIRE_SET_TEXT);
    number(99);
    words("arch");
    words("arm64");
    return sent(call);
}

static int32_t how_run_stage(struct kp_call *call)
{
    begin(KP_WIRE_RUN_STAGE);
    number(7);
    number(0);
    wide(0);
    wide(1);
    return sent(call);
}

static int32_t how_run_stages(struct kp_call *call)
{
    begin(KP_WIRE_RUN_STAGES);
    number(7);
    number(0);
    return sent(call);
}

static int32_t how_decode(struct kp_call *call)
{
    begin(KP_WIRE_DECODE);
    number(0);
    wide(UINT64_MAX);
    wide(UINT64_MAX);
    wide(UINT64_MAX);
    return sent(call);
}

static int32_t how_tree(struct kp_call *call)
{
    begin(KP_WIRE_TREE_OPEN);
    number(0);
    words("../../../../../../../../etc/passwd");
    return sent(call);
}

static int32_t how_key_facts(struct kp_call *call)
{
    begin(KP_WIRE_KEY_FACTS);
    number(0);
    return sent(call);
}

static int32_t how_key_sign(struct kp_call *call)
{
    begin(KP_WIRE_KEY_SIGN);
    number(0);
    number(1);
    number(0);
    words("sha256");
    words("a digest of thirty-one letters.");
    return sent(call);
}

static int32_t how_key_none(struct kp_call *call)
{
    (void)call;
    begin(KP_WIRE_KEY_ENCRYPT);
    number(KP_WIRE_NONE);
    number(1);
    words("a block of bytes");
    number(KP_WIRE_NONE);
    return asked();
}

static int32_t how_tool(struct kp_call *call)
{
    (void)call;
    begin(KP_WIRE_TOOL);
    words("sh");
    byte(0); /* no arguments */
    number(0);
    number(KP_WIRE_NONE);
    words(NULL);
    wide(0);
    number(0);
    number(0);
    wide(0);
    words(NULL);
    return asked();
}

static int32_t how_grant_huge(struct kp_call *call)
{
    (void)call;
    begin(KP_WIRE_GRANT);
    wide(UINT64_C(1) << 60);
    return asked();
}

static int32_t how_parallel(struct kp_call *call)
{
    begin(KP_WIRE_PARALLEL);
    wide(UINT64_MAX);
    return sent(call);
}

static int32_t how_source(struct kp_call *call)
{
    (void)call;
    begin(KP_WIRE_GIVE_FACT);
    words("fact");
    words("../../etc/passwd");
    return asked();
}

static int32_t how_unterminated(struct kp_call *call)
{
    begin(KP_WIRE_PART);
    number(4);
    memcpy(text + length, "head", 4);
    length += 4;
    return sent(call);
}

static int32_t how_fail_field(struct kp_call *call)
{
    (void)call;
    begin(KP_WIRE_FAIL);
    wide(12345678);
    words("a field that is none");
    words(NULL);
    words(NULL);
    finish();
    return KP_FAILED;
}

/* What a terminal would obey. */
static int32_t how_fail_escape(struct kp_call *call)
{
    (void)call;
    begin(KP_WIRE_FAIL);
    wide(UINT64_MAX);
    words("\x1b[2J\x1b]0;owned\x07 fine.yml:1:1: error: \n\xff\xc3\x28 all is well");
    words("\x1b[31m");
    words(NULL);
    finish();
    return KP_FAILED;
}

static int32_t how_field_flags(struct kp_call *call)
{
    begin(KP_WIRE_FIELD);
    number(77);
    number(UINT32_MAX);
    words(NULL);
    wide(UINT64_MAX);
    wide(UINT64_MAX);
    wide(UINT64_MAX);
    number(0);
    words(NULL);
    words(NULL);
    number(UINT32_MAX);
    number(0);
    return sent(call);
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
    WAY(chatter)                                                                                   \
    WAY(set_output)                                                                                \
    WAY(run_stage)                                                                                 \
    WAY(run_stages)                                                                                \
    WAY(decode)                                                                                    \
    WAY(tree)                                                                                      \
    WAY(key_facts)                                                                                 \
    WAY(key_sign)                                                                                  \
    WAY(key_none)                                                                                  \
    WAY(tool)                                                                                      \
    WAY(grant_huge)                                                                                \
    WAY(parallel)                                                                                  \
    WAY(source)                                                                                    \
    WAY(unterminated)                                                                              \
    WAY(fail_field)                                                                                \
    WAY(fail_escape)                                                                               \
    WAY(field_flags)

HOSTILE_PLUGIN("org.example.forge", "forge", "")
