/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/wire-message.c - messages over a socket: large ones, descriptors, what is no message,
 * waiting that is stopped; and payloads put together and taken apart.
 */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kpipe/bytes.h"
#include "wire/wire.h"

static struct kp_wire left, right;
static struct kp_wire_writer payload;
static struct kp_message message;

static void set_up(void)
{
    int ends[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    kp_wire_open(&left, ends[0], 0);
    kp_wire_open(&right, ends[1], 2);
}

static void tear_down(void)
{
    kp_wire_close(&left);
    kp_wire_close(&right);
    kp_wire_writer_free(&payload);
}

static void *send_all(void *type)
{
    ck_assert_int_eq(kp_wire_send(&left, *(uint32_t *)type, &payload, NULL, 0), KP_WIRE_OK);
    return NULL;
}

/* More than a socket holds: somebody must receive meanwhile. */
static void cross(uint32_t type)
{
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, send_all, &type), 0);
    ck_assert_int_eq(kp_wire_receive(&right, &message), KP_WIRE_OK);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_uint_eq(message.type, type);
    ck_assert_uint_eq(message.descriptor_count, 0);
}

/* At and around the borders of packets, and the largest there is. */
START_TEST(test_sizes)
{
    static const size_t sizes[] = {0,     1,     32755,   32756,           32757,
                                   65523, 65524, 1000000, KP_WIRE_MOST - 4};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint8_t *bytes = malloc(sizes[i] + 1);
        const uint8_t *got;
        size_t size;

        for (size_t j = 0; j < sizes[i]; j++)
            bytes[j] = (uint8_t)(j * 7 + j / 251);
        kp_put_bytes(&payload, bytes, sizes[i]);
        cross((uint32_t)i);
        got = kp_take_bytes(&message.payload, &size);
        ck_assert_uint_eq(size, sizes[i]);
        ck_assert_mem_eq(got, bytes, size);
        ck_assert(kp_take_end(&message.payload));
        free(bytes);
        kp_wire_writer_free(&payload);
    }
    ck_assert_int_eq(kp_wire_send(&left, 9, NULL, NULL, 0), KP_WIRE_OK);
    ck_assert_int_eq(kp_wire_receive(&right, &message), KP_WIRE_OK);
    ck_assert_uint_eq(message.type, 9);
    ck_assert(kp_take_end(&message.payload));
}
END_TEST

START_TEST(test_too_large)
{
    char *bytes = calloc(1, KP_WIRE_MOST + 1);

    kp_put_bytes(&payload, bytes, KP_WIRE_MOST - 3);
    ck_assert_int_eq(kp_wire_send(&left, 1, &payload, NULL, 0), KP_WIRE_FAILED);
    ck_assert_int_eq(errno, EMSGSIZE);
    kp_put_bytes(&payload, bytes, KP_WIRE_MOST);
    ck_assert(payload.failed);
    kp_wire_writer_free(&payload);
    kp_put_bytes(&payload, bytes, KP_WIRE_MOST + 1);
    ck_assert(payload.failed);
    kp_put_u8(&payload, 1);
    ck_assert_int_eq(kp_wire_send(&left, 1, &payload, NULL, 0), KP_WIRE_FAILED);
    free(bytes);
}
END_TEST

/* --- descriptors --- */

static bool is_open(int descriptor)
{
    struct stat status;

    return fstat(descriptor, &status) == 0;
}

START_TEST(test_descriptors)
{
    int ends[2], first, other;

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(kp_wire_send(&left, 1, NULL, ends, 2), KP_WIRE_OK);
    ck_assert_int_eq(kp_wire_receive(&right, &message), KP_WIRE_OK);
    ck_assert_uint_eq(message.descriptor_count, 2);
    other = right.descriptors[0];
    ck_assert(is_open(other));
    first = kp_wire_take(&right, 1);
    ck_assert_int_eq(kp_wire_take(&right, 1), -1);
    ck_assert_int_eq(kp_wire_take(&right, 2), -1);
    ck_assert_int_eq(kp_wire_take(&right, 99), -1);
    ck_assert_int_eq(write(first, "x", 1), 1);
    /* The one that was not taken is closed, the other one is not. */
    ck_assert_int_eq(kp_wire_send(&left, 2, NULL, NULL, 0), KP_WIRE_OK);
    ck_assert_int_eq(kp_wire_receive(&right, &message), KP_WIRE_OK);
    ck_assert(!is_open(other));
    ck_assert(is_open(first));
    ck_assert_int_eq(kp_wire_send(&left, 1, NULL, ends, KP_WIRE_MOST_DESCRIPTORS + 1),
                     KP_WIRE_FAILED);
}
END_TEST

/* Sends descriptors with whatever bytes. */
static void send_raw(int socket, const void *bytes, size_t size, const int *descriptors,
                     size_t count)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(16 * sizeof(int))];
    } control = {0};
    struct iovec part = {(void *)(uintptr_t)bytes, size};
    struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};

    if (count > 0) {
        packet.msg_control = control.bytes;
        packet.msg_controllen = CMSG_SPACE(count * sizeof(int));
        CMSG_FIRSTHDR(&packet)->cmsg_level = SOL_SOCKET;
        CMSG_FIRSTHDR(&packet)->cmsg_type = SCM_RIGHTS;
        CMSG_FIRSTHDR(&packet)->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&packet)), descriptors, count * sizeof(int));
    }
    ck_assert_int_eq(sendmsg(socket, &packet, 0), (ssize_t)size);
}

static void expect_broken(struct kp_wire *wire, const char *why)
{
    ck_assert_int_eq(kp_wire_receive(wire, &message), KP_WIRE_BROKEN);
    ck_assert_str_eq(wire->why, why);
}

/* How many descriptors this process has. */
static unsigned count_open(void)
{
    unsigned count = 0;

    for (int i = 0; i < 256; i++)
        count += is_open(i);
    return count;
}

START_TEST(test_unwanted_descriptors)
{
    static const uint8_t head[8] = {1}, fragment[8] = {1, 0, 0, 0, 0, 0, 1, 0};
    uint8_t full[KP_WIRE_PACKET] = {0};
    int many[16];
    unsigned before;

    for (size_t i = 0; i < 16; i++)
        many[i] = STDERR_FILENO;
    before = count_open();
    send_raw(right.socket, head, 8, many, 1);
    expect_broken(&left, "a descriptor that was not asked for");
    send_raw(left.socket, head, 8, many, 3);
    expect_broken(&right, "a descriptor that was not asked for");
    send_raw(left.socket, head, 8, many, 16);
    expect_broken(&right, "a packet that is too long");
    /* With a later packet of a message. */
    memcpy(full, fragment, 8);
    send_raw(left.socket, full, sizeof(full), NULL, 0);
    send_raw(left.socket, full, sizeof(full), many, 1);
    expect_broken(&right, "a packet that does not belong to its message");
    send_raw(left.socket, head, 8, NULL, 0);
    send_raw(right.socket, head, 8, NULL, 0);
    ck_assert_int_eq(kp_wire_receive(&left, &message), KP_WIRE_OK);
    ck_assert_int_eq(kp_wire_receive(&right, &message), KP_WIRE_OK);
    ck_assert_uint_eq(count_open(), before);
}
END_TEST

/* --- what is no message --- */

static void expect_no_message(const void *bytes, size_t size, const char *why)
{
    send_raw(left.socket, bytes, size, NULL, 0);
    expect_broken(&right, why);
}

START_TEST(test_broken)
{
    static const char impossible[] = "a message of an impossible size";
    static const char stray[] = "a packet that does not belong to its message";
    uint8_t bytes[KP_WIRE_PACKET + 1] = {1};

    expect_no_message(bytes, 1, "a packet without a head");
    expect_no_message(bytes, 7, "a packet without a head");
    expect_no_message(bytes, 9, impossible);
    expect_no_message(bytes, sizeof(bytes), "a packet that is too long");
    kp_put_le32(bytes + 4, 2);
    expect_no_message(bytes, 9, impossible);
    expect_no_message(bytes, 11, impossible);
    kp_put_le32(bytes + 4, KP_WIRE_MOST + 1);
    expect_no_message(bytes, KP_WIRE_PACKET, impossible);
    kp_put_le32(bytes + 4, UINT32_MAX);
    expect_no_message(bytes, KP_WIRE_PACKET, impossible);
    /* The rest is too short, or too long. */
    kp_put_le32(bytes + 4, KP_WIRE_PACKET + 10);
    send_raw(left.socket, bytes, KP_WIRE_PACKET, NULL, 0);
    expect_no_message(bytes, 17, stray);
    send_raw(left.socket, bytes, KP_WIRE_PACKET, NULL, 0);
    expect_no_message(bytes, 19, stray);
    send_raw(left.socket, bytes, KP_WIRE_PACKET, NULL, 0);
    send_raw(left.socket, bytes, 18, NULL, 0);
    ck_assert_int_eq(kp_wire_receive(&right, &message), KP_WIRE_OK);
    ck_assert_uint_eq(message.payload.size, KP_WIRE_PACKET + 10);
}
END_TEST

START_TEST(test_ended)
{
    uint8_t bytes[KP_WIRE_PACKET] = {1};

    /* In the middle of a message, and before one. */
    kp_put_le32(bytes + 4, KP_WIRE_PACKET);
    send_raw(left.socket, bytes, KP_WIRE_PACKET, NULL, 0);
    kp_wire_close(&left);
    ck_assert_int_eq(kp_wire_receive(&right, &message), KP_WIRE_ENDED);
    ck_assert_int_eq(kp_wire_receive(&right, &message), KP_WIRE_ENDED);
    ck_assert_int_eq(kp_wire_send(&right, 1, NULL, NULL, 0), KP_WIRE_ENDED);
}
END_TEST

/* --- waiting --- */

static bool stop_soon(void *data)
{
    return --*(int *)data == 0;
}

START_TEST(test_stop)
{
    uint8_t bytes[KP_WIRE_PACKET] = {1};
    int questions = 3;

    right.stop = stop_soon;
    right.data = &questions;
    ck_assert_int_eq(kp_wire_receive(&right, &message), KP_WIRE_STOPPED);
    ck_assert_int_eq(questions, 0);
    questions = 2;
    kp_put_le32(bytes + 4, KP_WIRE_PACKET);
    send_raw(left.socket, bytes, KP_WIRE_PACKET, NULL, 0);
    ck_assert_int_eq(kp_wire_receive(&right, &message), KP_WIRE_STOPPED);
    /* Nobody receives what is sent. */
    kp_put_bytes(&payload, bytes, sizeof(bytes));
    questions = 2;
    for (int i = 0; i < 10000 && questions > 0; i++)
        ck_assert_int_eq(kp_wire_send(&right, 1, &payload, NULL, 0),
                         questions > 0 ? KP_WIRE_OK : KP_WIRE_STOPPED);
}
END_TEST

/* A message in packets that come one by one, faster than anybody gives up waiting for one. */
#define DRIPS 300u

static void *drip(void *unused)
{
    static uint8_t packet[KP_WIRE_PACKET];

    kp_put_le32(packet, 1);
    kp_put_le32(packet + 4, DRIPS * KP_WIRE_PACKET - 8);
    for (unsigned sent = 0; sent < DRIPS; usleep(1000)) {
        if (send(left.socket, packet, sizeof(packet), MSG_NOSIGNAL) >= 0)
            sent++;
        else if (errno != EAGAIN)
            break; /* nobody reads on */
    }
    return unused;
}

static bool stop_now(void *data)
{
    (void)data;
    return true;
}

START_TEST(test_stop_of_drips)
{
    pthread_t thread;

    right.stop = stop_now;
    ck_assert_int_eq(pthread_create(&thread, NULL, drip, NULL), 0);
    ck_assert_int_eq(kp_wire_receive(&right, &message), KP_WIRE_STOPPED);
    shutdown(right.socket, SHUT_RDWR);
    pthread_join(thread, NULL);
}
END_TEST

/* --- payloads --- */

static struct kp_wire_reader reader_of(const struct kp_wire_writer *writer)
{
    return (struct kp_wire_reader){.bytes = writer->bytes, .size = writer->size};
}

static void put_some(void)
{
    static const char *const texts[] = {"", "two", NULL};

    kp_put_u8(&payload, 0xfe);
    kp_put_u32(&payload, 0xfedcba98);
    kp_put_u64(&payload, 0xfedcba9876543210);
    kp_put_bytes(&payload, "\0b", 2);
    kp_put_bytes(&payload, NULL, 0);
    kp_put_text(&payload, "");
    kp_put_text(&payload, NULL);
    kp_put_text(&payload, "text");
    kp_put_texts(&payload, NULL);
    kp_put_texts(&payload, texts);
}

/* True if all is as put_some put it. */
static bool take_some(struct kp_wire_reader *from)
{
    const uint8_t *bytes;
    const char *text;
    size_t size;
    bool good = kp_take_u8(from) == 0xfe;

    good = kp_take_u32(from) == 0xfedcba98 && good;
    good = kp_take_u64(from) == 0xfedcba9876543210 && good;
    bytes = kp_take_bytes(from, &size);
    good = bytes != NULL && size == 2 && memcmp(bytes, "\0b", 2) == 0 && good;
    bytes = kp_take_bytes(from, &size);
    good = bytes != NULL && size == 0 && good;
    text = kp_take_text(from);
    good = text != NULL && text[0] == '\0' && good;
    good = kp_take_text(from) == NULL && good;
    text = kp_take_text(from);
    good = text != NULL && strcmp(text, "text") == 0 && good;
    good = kp_take_u8(from) == 0 && good;
    good = kp_take_u8(from) == 1 && kp_take_count(from, 5) == 2 && good;
    text = kp_take_text(from);
    good = text != NULL && text[0] == '\0' && good;
    text = kp_take_text(from);
    good = text != NULL && strcmp(text, "two") == 0 && good;
    return good && kp_take_end(from);
}

START_TEST(test_payload)
{
    struct kp_wire_reader from;
    uint8_t *cut;

    put_some();
    from = reader_of(&payload);
    ck_assert(take_some(&from));
    /* Cut anywhere, in memory of its own so that a read behind its end shows. */
    for (size_t size = 0; size < payload.size; size++) {
        cut = malloc(size + 1);
        memcpy(cut, payload.bytes, size);
        cut = realloc(cut, size > 0 ? size : 1);
        from = (struct kp_wire_reader){.bytes = cut, .size = size};
        ck_assert(!take_some(&from));
        ck_assert(from.bad);
        ck_assert_uint_eq(kp_take_u64(&from), 0);
        free(cut);
    }
    kp_put_u8(&payload, 0);
    from = reader_of(&payload);
    ck_assert(!take_some(&from));
    ck_assert(!from.bad);
}
END_TEST

static void expect_no_text(const char *bytes, size_t size)
{
    struct kp_wire_reader from;

    kp_put_bytes(&payload, bytes, size);
    from = reader_of(&payload);
    ck_assert_ptr_null(kp_take_text(&from));
    ck_assert(from.bad);
    kp_wire_writer_free(&payload);
}

START_TEST(test_no_text)
{
    expect_no_text("a", 1);
    expect_no_text("a\0b", 3);
    expect_no_text("a\0b\0", 4);
    expect_no_text("\0\0", 2);
}
END_TEST

START_TEST(test_count)
{
    struct kp_wire_reader from;

    kp_put_u32(&payload, 3);
    kp_put_bytes(&payload, "abcdefg", 7); /* eleven bytes */
    from = reader_of(&payload);
    ck_assert_uint_eq(kp_take_count(&from, 3), 3);
    from = reader_of(&payload);
    ck_assert_uint_eq(kp_take_count(&from, 4), 0);
    ck_assert(from.bad);
    kp_wire_writer_free(&payload);
    kp_put_u32(&payload, UINT32_MAX);
    from = reader_of(&payload);
    ck_assert_uint_eq(kp_take_count(&from, 1), 0);
    ck_assert(from.bad);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire-message");
    TCase *tests = tcase_create("wire-message");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, test_sizes);
    tcase_add_test(tests, test_too_large);
    tcase_add_test(tests, test_descriptors);
    tcase_add_test(tests, test_unwanted_descriptors);
    tcase_add_test(tests, test_broken);
    tcase_add_test(tests, test_ended);
    tcase_add_test(tests, test_stop);
    tcase_add_test(tests, test_stop_of_drips);
    tcase_add_test(tests, test_payload);
    tcase_add_test(tests, test_no_text);
    tcase_add_test(tests, test_count);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
