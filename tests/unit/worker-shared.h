/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/worker-shared.h - a worker on a thread of the test, which plays kpipe and says by
 * script what kpipe would. The plugin is tests/plugins/rogue.c, as a shared object; its structs
 * are known here. Included by tests/unit/worker-*.c only.
 */
#ifndef KP_TEST_WORKER_SHARED_H
#define KP_TEST_WORKER_SHARED_H

#define KP_STATIC_NAME rogue
#include "../plugins/rogue.c"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "base/range_share.h"
#include "plugin-shared.h"
#include "wire/image.h"
#include "wire/message.h"
#include "wire/plugin.h"
#include "wire/wire.h"
#include "worker/worker.h"

/* kpipe's end, and what both sides have mapped. */
static struct kp_wire wire;
static struct kp_message message;
static struct kp_wire_control *control;
static struct kp_wire_writer payload;
static pthread_t worker_thread;
static int worker_status;

static void *serve(void *data)
{
    const struct kp_worker_options options = {.socket = *(const int *)data};

    free(data);
    worker_status = kp_worker_serve(&options);
    return NULL;
}

/* Starts a worker that has been told nothing. */
UNUSED static void start_worker(void)
{
    int ends[2];
    int *theirs = malloc(sizeof(*theirs));

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    kp_wire_open(&wire, ends[0], 0);
    *theirs = ends[1];
    worker_status = -1;
    ck_assert_int_eq(pthread_create(&worker_thread, NULL, serve, theirs), 0);
}

/* Hangs up; the worker ends with that status. */
UNUSED static void end_worker(int status)
{
    kp_wire_close(&wire);
    ck_assert_int_eq(pthread_join(worker_thread, NULL), 0);
    ck_assert_int_eq(worker_status, status);
    kp_wire_writer_free(&payload);
    if (control != NULL)
        munmap(control, sizeof(*control));
    control = NULL;
}

/* Sends what was put together in `payload`, which is empty afterwards. */
UNUSED static void tell_worker(uint32_t type, const int *descriptors, size_t count)
{
    ck_assert_int_eq(kp_wire_send(&wire, type, &payload, descriptors, count), KP_WIRE_OK);
    kp_wire_writer_free(&payload);
}

UNUSED static struct kp_wire_reader *hear(uint32_t type)
{
    ck_assert_int_eq(kp_wire_receive(&wire, &message), KP_WIRE_OK);
    if (message.type == KP_WIRE_FAULT && type != KP_WIRE_FAULT)
        ck_abort_msg("fault: %s", kp_take_text(&message.payload));
    ck_assert_uint_eq(message.type, type);
    return &message.payload;
}

UNUSED static void hear_text(const char *expected)
{
    const char *text = kp_take_text(&message.payload);

    if (expected == NULL)
        ck_assert_ptr_null(text);
    else
        ck_assert_str_eq(text == NULL ? "(NULL)" : text, expected);
}

UNUSED static void hear_end(void)
{
    ck_assert(kp_take_end(&message.payload));
}

/* A greeting for a plugin, with its true identity but `seconds` later. */
UNUSED static void greet(const char *path, uint8_t open_by, const char *version, int64_t later)
{
    struct stat status;
    int descriptors[2] = {open(path, O_RDONLY | O_CLOEXEC), kp_memfd_new(sizeof(*control))};

    ck_assert_int_ge(descriptors[0], 0);
    ck_assert_int_ge(descriptors[1], 0);
    ck_assert_int_eq(fstat(descriptors[0], &status), 0);
    control = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, descriptors[1], 0);
    ck_assert_ptr_ne(control, MAP_FAILED);
    kp_put_u8(&payload, open_by);
    kp_put_text(&payload, version);
    kp_put_text(&payload, path);
    kp_put_u64(&payload, status.st_dev);
    kp_put_u64(&payload, status.st_ino);
    kp_put_u64(&payload, (uint64_t)status.st_size);
    kp_put_u64(&payload, (uint64_t)(status.st_mtim.tv_sec + later));
    kp_put_u64(&payload, (uint64_t)status.st_mtim.tv_nsec);
    kp_put_bytes(&payload, NULL, 0);
    kp_put_bytes(&payload, NULL, 0);
    tell_worker(KP_WIRE_HELLO, descriptors, 2);
    close(descriptors[0]);
    close(descriptors[1]);
}

/* Starts a worker for a plugin of tests/plugins, which describes it. */
UNUSED static void begin(const char *name)
{
    start_worker();
    greet(sample(name), KP_WIRE_OPEN_PATH, KP_WIRE_VERSION, 0);
    hear(KP_WIRE_DESCRIBED);
}

/* Bytes for the next call, or for an answer. */
UNUSED static void send_bytes(uint32_t handle, const char *bytes)
{
    kp_put_u32(&payload, handle);
    kp_put_u64(&payload, strlen(bytes));
    kp_put_bytes(&payload, bytes, strlen(bytes));
    tell_worker(KP_WIRE_BYTES, NULL, 0);
}

/* Puts an image that is all of a run of bytes. */
UNUSED static void put_whole(uint32_t handle, uint32_t run, uint64_t length)
{
    const struct kp_wire_piece piece = {.run = run, .length = length};

    kp_wire_put_image(&payload, handle, NULL, &piece, 1);
}

UNUSED static void hear_fault(const char *expected)
{
    hear(KP_WIRE_FAULT);
    hear_text(expected);
    hear_end();
}

UNUSED static void answer_result(int32_t result)
{
    kp_put_u32(&payload, (uint32_t)result);
    tell_worker(KP_WIRE_ANSWER, NULL, 0);
}

/* Bytes of an output, at most. */
static uint64_t output_limit = 4096;

/* What a CALL says before its images. */
UNUSED static void put_call(uint8_t what, const char *name)
{
    kp_put_u8(&payload, what);
    kp_put_text(&payload, name);
    kp_put_u64(&payload, 1234567);
    kp_put_u64(&payload, output_limit);
    kp_put_u64(&payload, output_limit);
    kp_put_u64(&payload, 100 + 2 * (9 + 6));
    kp_put_u8(&payload, 0);
}

/* Something to be put into the parameters. */
UNUSED static void put_place(uint8_t kind, uint64_t offset, uint64_t value)
{
    kp_put_u8(&payload, kind);
    kp_put_u64(&payload, offset);
    kp_put_u64(&payload, value);
}

/* Calls rogue's stage, with the main input "ROGUbcdef" and a further one, "second". */
UNUSED static void call_rogue(enum rogue_way how)
{
    struct rogue_params params = {.how = how};

    send_bytes(0, "ROGUbcdef");
    send_bytes(1, "second");
    put_call(KP_WIRE_STAGE, "rogue");
    kp_put_u32(&payload, 2);
    put_whole(0, 0, 9);
    put_whole(1, 1, 6);
    kp_put_u32(&payload, 0);
    kp_put_bytes(&payload, &params, sizeof(params));
    kp_put_u32(&payload, 2);
    put_place(KP_WIRE_IMAGE, offsetof(struct rogue_params, image), 1);
    put_place(KP_WIRE_VALUE, offsetof(struct rogue_params, stage), 7);
    tell_worker(KP_WIRE_CALL, NULL, 0);
}

/* Calls the stage of tests/plugins/faulty.c, by the number of what it is to do. */
UNUSED static void call_faulty(uint32_t how)
{
    put_call(KP_WIRE_STAGE, "faulty");
    kp_put_u32(&payload, 0);
    kp_put_u32(&payload, KP_WIRE_NONE);
    kp_put_bytes(&payload, &how, sizeof(how));
    kp_put_u32(&payload, 0);
    tell_worker(KP_WIRE_CALL, NULL, 0);
}

/* The address of what it is about to do. */
UNUSED static unsigned long hear_address(void)
{
    hear(KP_WIRE_SAY);
    ck_assert_uint_eq(kp_take_u32(&message.payload), KP_NOTE);
    return strtoul(kp_take_text(&message.payload), NULL, 16);
}

/* The call ends, with that result and an output of pieces, which are to be heard then. */
UNUSED static void hear_done(int32_t returned, uint32_t pieces)
{
    hear(KP_WIRE_DONE);
    ck_assert_int_eq((int32_t)kp_take_u32(&message.payload), returned);
    ck_assert_uint_eq(kp_take_u32(&message.payload), pieces > 0);
    if (pieces == 0)
        return;
    ck_assert_uint_eq(kp_take_u32(&message.payload), KP_WIRE_MAIN_OUTPUT);
    ck_assert_uint_eq(kp_take_u32(&message.payload), pieces);
}

UNUSED static void hear_own(const char *expected, size_t length)
{
    const uint8_t *bytes;
    size_t size;

    ck_assert_uint_eq(kp_take_u8(&message.payload), KP_PIECE_OWN);
    bytes = kp_take_bytes(&message.payload, &size);
    ck_assert_uint_eq(size, length);
    ck_assert_mem_eq(bytes, expected, size);
}

/* A part of an image as a worker sends it. */
UNUSED static void hear_image(uint32_t handle, uint64_t offset, uint64_t length)
{
    ck_assert_uint_eq(kp_take_u32(&message.payload), handle);
    if (handle == KP_WIRE_NONE)
        return;
    ck_assert_uint_eq(kp_take_u64(&message.payload), offset);
    ck_assert_uint_eq(kp_take_u64(&message.payload), length);
}

#endif
