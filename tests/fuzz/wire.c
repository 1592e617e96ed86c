/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/fuzz/wire.c - arbitrary packets on a socket, received by wire/wire.h as messages that
 * are then taken apart in some order.
 *
 * An input is a script: a byte for how many descriptors a message may have, then packets: a
 * byte for the number of descriptors that go with it, two for its length, its bytes.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "kpipe/bytes.h"
#include "wire/wire.h"

enum { MOST_DESCRIPTORS = 6, MOST_TAKES = 64 };

/* --- sending --- */

static void make_sockets(int sockets[2])
{
    const int size = 1 << 20;

    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) == 0);
    FUZZ_CHECK(fcntl(sockets[0], F_SETFL, O_NONBLOCK) == 0);
    setsockopt(sockets[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

/* False when the socket is full. */
static bool send_packet(int socket, const uint8_t *bytes, size_t size, size_t descriptors)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
    } control = {0};
    struct iovec part = {(void *)(uintptr_t)bytes, size};
    struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};
    const int some = 2; /* not the socket: its own end would wait for itself */
    struct cmsghdr *head;

    if (descriptors > 0) {
        packet.msg_control = control.bytes;
        packet.msg_controllen = CMSG_SPACE(descriptors * sizeof(int));
        head = CMSG_FIRSTHDR(&packet);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(descriptors * sizeof(int));
        for (size_t i = 0; i < descriptors; i++)
            memcpy(CMSG_DATA(head) + i * sizeof(int), &some, sizeof(some));
    }
    return sendmsg(socket, &packet, MSG_NOSIGNAL) >= 0;
}

static void send_packets(int socket, struct fuzz_script *script)
{
    while (script->size > 0) {
        const size_t descriptors = fuzz_byte(script) % (MOST_DESCRIPTORS + 1);
        const size_t low = fuzz_byte(script);
        const size_t wanted = low | (size_t)fuzz_byte(script) << 8;
        size_t size;
        const uint8_t *bytes = fuzz_bytes(script, wanted, &size);

        if (!send_packet(socket, bytes, size, descriptors))
            return;
    }
}

/* --- receiving --- */

/* What is given points into the payload, and a bad reader stays bad and gives nothing. */
static void check_taken(const struct kp_wire_reader *reader, const void *at, size_t size,
                        bool was_bad)
{
    const uint8_t *bytes = at;

    FUZZ_CHECK(reader->at <= reader->size);
    FUZZ_CHECK(reader->bad || !was_bad);
    if (was_bad)
        FUZZ_CHECK(at == NULL && size == 0);
    if (at != NULL)
        FUZZ_CHECK(bytes >= reader->bytes && bytes + size == reader->bytes + reader->at);
}

static void take_one(struct kp_wire_reader *reader, unsigned what)
{
    const bool bad = reader->bad;
    const size_t before = reader->at;
    const uint8_t *bytes;
    const char *text;
    uint64_t number = 0;
    size_t size = 0;

    switch (what % 6) {
    case 0:
        number = kp_take_u8(reader);
        break;
    case 1:
        number = kp_take_u32(reader);
        break;
    case 2:
        number = kp_take_u64(reader);
        break;
    case 3:
        bytes = kp_take_bytes(reader, &size);
        check_taken(reader, bytes, size, bad);
        break;
    case 4:
        text = kp_take_text(reader);
        check_taken(reader, text, text == NULL ? 0 : strlen(text) + 1, bad);
        break;
    default:
        number = kp_take_count(reader, 1 + what % 11);
        FUZZ_CHECK(number <= (reader->size - reader->at) / (1 + what % 11));
        break;
    }
    FUZZ_CHECK(!bad || (number == 0 && reader->at == before));
}

static void take_apart(const struct kp_message *message)
{
    uint8_t *copy = fuzz_copy(message->payload.bytes, message->payload.size);
    struct kp_wire_reader reader = {.bytes = copy, .size = message->payload.size};
    unsigned what = message->type;

    for (int i = 0; i < MOST_TAKES && !kp_take_end(&reader); i++) {
        take_one(&reader, what);
        what = what * 5 + 1;
    }
    free(copy);
}

static void take_descriptors(struct kp_wire *wire, const struct kp_message *message,
                             unsigned most_descriptors)
{
    FUZZ_CHECK(message->descriptor_count <= most_descriptors);
    /* One is left behind, to be closed by the next receive. */
    for (size_t i = 1; i < message->descriptor_count; i++) {
        const int descriptor = kp_wire_take(wire, i);

        FUZZ_CHECK(fcntl(descriptor, F_GETFD) == FD_CLOEXEC);
        close(descriptor);
        FUZZ_CHECK(kp_wire_take(wire, i) == -1);
    }
    FUZZ_CHECK(kp_wire_take(wire, KP_WIRE_MOST_DESCRIPTORS) == -1);
}

/* The lowest number that is free: the same before and after, unless some stay open. */
static int next_descriptor(void)
{
    const int descriptor = dup(0);

    close(descriptor);
    return descriptor;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_script script = {bytes, size};
    const unsigned most_descriptors = fuzz_byte(&script) % (KP_WIRE_MOST_DESCRIPTORS + 1);
    const int before = next_descriptor();
    struct kp_message message;
    struct kp_wire wire;
    enum kp_wire_result result;
    int sockets[2];

    make_sockets(sockets);
    kp_wire_open(&wire, sockets[1], most_descriptors);
    send_packets(sockets[0], &script);
    close(sockets[0]);
    while ((result = kp_wire_receive(&wire, &message)) == KP_WIRE_OK) {
        take_apart(&message);
        take_descriptors(&wire, &message, most_descriptors);
    }
    FUZZ_CHECK(result == KP_WIRE_ENDED || result == KP_WIRE_BROKEN);
    FUZZ_CHECK(result != KP_WIRE_BROKEN || wire.why != NULL);
    kp_wire_close(&wire);
    FUZZ_CHECK(next_descriptor() == before);
    return 0;
}

/* --- inputs to begin with: what kp_wire_send makes of messages --- */

static void put_much(struct kp_wire_writer *payload, size_t size)
{
    uint8_t *zeros = calloc(1, size);

    FUZZ_CHECK(zeros != NULL);
    kp_put_bytes(payload, zeros, size);
    free(zeros);
}

static void put_some(struct kp_wire_writer *payload)
{
    static const char *const names[] = {"kernel", "", "dtb", NULL};

    kp_put_u8(payload, 1);
    kp_put_u32(payload, 3);
    kp_put_u64(payload, UINT64_MAX);
    kp_put_text(payload, "gzip.unpack");
    kp_put_text(payload, NULL);
    kp_put_texts(payload, names);
    kp_put_bytes(payload, "\1\2\3", 3);
}

/* Sends the message and takes its packets for a script. */
static void add_message(struct kp_wire_writer *script, uint32_t type,
                        const struct kp_wire_writer *payload, size_t descriptors)
{
    const int some[] = {0, 0, 0, 0};
    uint8_t packet[KP_WIRE_PACKET];
    struct kp_wire wire;
    int sockets[2];
    ssize_t size;

    make_sockets(sockets);
    kp_wire_open(&wire, sockets[0], 0);
    FUZZ_CHECK(kp_wire_send(&wire, type, payload, some, descriptors) == KP_WIRE_OK);
    kp_wire_close(&wire);
    while ((size = recv(sockets[1], packet, sizeof(packet), 0)) > 0) {
        kp_put_u8(script, (uint8_t)descriptors);
        kp_put_u8(script, (uint8_t)size);
        kp_put_u8(script, (uint8_t)(size >> 8));
        for (ssize_t i = 0; i < size; i++)
            kp_put_u8(script, packet[i]);
        descriptors = 0;
    }
    close(sockets[1]);
}

void fuzz_seeds(fuzz_seed *seed, void *data)
{
    for (uint32_t type = 0; type < 12; type++) {
        struct kp_wire_writer payload = {0};
        struct kp_wire_writer script = {0};

        kp_put_u8(&script, (uint8_t)(type % 3));
        if (type % 4 != 0)
            put_some(&payload);
        add_message(&script, type, &payload, type % 3);
        if (type % 4 == 3)
            put_much(&payload, 40000);
        add_message(&script, type * 7, &payload, 0);
        seed(data, script.bytes, script.size);
        kp_wire_writer_free(&payload);
        kp_wire_writer_free(&script);
    }
}
