/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/remote-shared.h - a process in a worker's place that says what no worker says, and
 * calls of tests/plugins/rogue.c that are answered by it. Included by
 * tests/unit/plugin-remote*.c only.
 */
#ifndef KP_TEST_REMOTE_SHARED_H
#define KP_TEST_REMOTE_SHARED_H

#include "engine-shared.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "plugin/bind.h"
#include "plugin/call.h"
#include "plugin/worker.h"

static struct kp_registry *registry;
static struct kp_image input;
static struct kp_call_result result;
static struct kp_call_context context;

/* --- the liar: what runs in the worker's place --- */

static struct kp_wire wire;
static struct kp_wire_writer said;

static void say(uint32_t type)
{
    if (kp_wire_send(&wire, type, &said, NULL, 0) != KP_WIRE_OK)
        _exit(0);
    kp_wire_writer_free(&said);
}

/* Waits for the next message; the process ends if there is none. */
static struct kp_message await_message(void)
{
    struct kp_message message;

    if (kp_wire_receive(&wire, &message) != KP_WIRE_OK)
        _exit(0);
    return message;
}

static void await_call(void)
{
    struct kp_message message;

    while ((message = await_message()).type != KP_WIRE_CALL)
        if (message.type == KP_WIRE_BEGIN) {
            kp_put_u64(&said, kp_take_u64(&message.payload));
            say(KP_WIRE_BEGUN);
        }
}

UNUSED static void await_answer(void)
{
    while (await_message().type != KP_WIRE_ANSWER)
        ;
}

UNUSED static void put_image(uint32_t handle, uint64_t offset, uint64_t length)
{
    kp_put_u32(&said, handle);
    kp_put_u64(&said, offset);
    kp_put_u64(&said, length);
}

/* The begin of a DONE that has one output with that many pieces. */
UNUSED static void put_done(uint32_t output, uint32_t pieces)
{
    kp_put_u32(&said, KP_OK);
    kp_put_u32(&said, 1);
    kp_put_u32(&said, output);
    kp_put_u32(&said, pieces);
}

/* Gets so much memory granted; returns a descriptor of it. */
UNUSED static int ask_for_memory(uint64_t length)
{
    kp_put_u64(&said, length);
    say(KP_WIRE_GRANT);
    await_answer();
    return kp_wire_take(&wire, 0);
}

UNUSED static void say_note(const char *text)
{
    kp_put_u32(&said, KP_NOTE);
    kp_put_text(&said, text);
    kp_put_text(&said, NULL);
    say(KP_WIRE_SAY);
}

/* Returns as a plugin does whose error was reported. */
UNUSED static void say_failed(void)
{
    kp_put_u32(&said, (uint32_t)KP_FAILED);
    kp_put_u32(&said, 0);
    say(KP_WIRE_DONE);
}

/* What a liar does after the CALL has come. */
#define LIE(name) static void lie_##name(void)

#define PROTOCOL "its worker broke the protocol: "
#define UNREADABLE PROTOCOL "a message that cannot be read"

struct lie {
    void (*lie)(void);
    const char *fault;
};

/* --- kpipe's side --- */

static void on_note(void *data, const char *text, const char *detail)
{
    const struct rlimit none = {1, *(const rlim_t *)data}; /* with 0, poll(2) does not work */

    (void)detail;
    if (strcmp(text, "no descriptors") == 0)
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
}

UNUSED static bool is_cancelled(void *data)
{
    (void)data;
    return true;
}

UNUSED static unsigned open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned count = 0;

    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/* A registry whose workers are limited so. */
static void make_registry(const char *plugin, const char *program, struct kp_limits limits)
{
    char folder[512];
    const char *const paths[] = {folder, NULL};

    snprintf(folder, sizeof(folder), "%s/%s", KPIPE_TEST_ALONE, plugin);
    kp_registry_free(registry);
    registry = kp_registry_new(&(struct kp_registry_options){
        .paths = paths, .isolation = KP_ISOLATION_NONE, .worker = program, .limits = limits});
    ck_assert_ptr_nonnull(registry);
    context.registry = registry;
}

static void begin(void)
{
    static rlim_t most;
    struct rlimit limit;

    set_up();
    getrlimit(RLIMIT_NOFILE, &limit);
    most = limit.rlim_max;
    context = (struct kp_call_context){
        .diags = diags, .data = &most, .output_limit = 4096, .note = on_note, .isolate = true};
    make_registry("rogue", KPIPE_TEST_WORKER, (struct kp_limits){0});
    input.range = kp_range_copy("ROGUbcdef", 9);
}

static void end(void)
{
    kp_call_result_clear(&result);
    kp_image_clear(&input);
    kp_registry_free(registry);
    registry = NULL;
    tear_down();
}

static void *wait_for_leash(void *leash)
{
    char byte;

    (void)!read(*(const int *)leash, &byte, 1);
    _exit(0);
}

static _Noreturn void live(int socket, int leash, void (*lie)(void))
{
    pthread_t thread;

    kp_wire_open(&wire, socket, 1);
    pthread_create(&thread, NULL, wait_for_leash, &leash);
    if (lie != NULL) {
        await_call();
        lie();
    }
    for (;;)
        await_message();
}

/* Puts a liar among the idle workers; without a lie it is none that could be used. */
UNUSED static pid_t plant(void (*lie)(void))
{
    struct kp_worker *worker = calloc(1, sizeof(*worker));
    int pair[2], report[2], leash[2], words[2];

    ck_assert_ptr_nonnull(worker);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    ck_assert(pipe2(report, O_CLOEXEC) == 0 && pipe2(leash, O_CLOEXEC) == 0 &&
              pipe2(words, O_CLOEXEC) == 0);
    worker->control = mmap(NULL, sizeof(*worker->control), PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    worker->plugin = kp_registry_file(registry, 0);
    worker->threads = 4;
    fflush(NULL);
    worker->confined = (struct kp_confined){fork(), report[0], leash[1], words[0], false};
    if (worker->confined.keeper == 0) {
        close(leash[1]);
        close(pair[0]);
        live(pair[1], leash[0], lie);
    }
    close(pair[1]);
    close(report[1]);
    close(leash[0]);
    close(words[1]);
    kp_wire_open(&worker->wire, pair[0], 0);
    kp_worker_give_back(kp_registry_workers(registry), worker);
    return worker->confined.keeper;
}

/* Calls the stage of "name: parameters". */
UNUSED static bool call(const char *text)
{
    const struct kp_node *node = yaml(text);
    const struct kp_binder binder = {
        .arena = arena, .diags = diags, .registry = registry, .stage = node->keys[0]->text};
    struct kp_call_request request = {.main = &input, .place = node->keys[0]->place};

    kp_call_result_clear(&result);
    request.stage = kp_registry_stage(registry, diags, request.place, node->keys[0]->text);
    ck_assert_ptr_nonnull(request.stage);
    if ((request.stage->operation.flags & KP_OP_NO_INPUT) != 0)
        request.main = NULL;
    request.values = kp_bind_check(&binder, request.stage->operation.params, node->items[0],
                                   request.place, &request.value_count);
    ck_assert_ptr_nonnull(request.values);
    return kp_call_run(&context, &request, &result);
}

/* The findings are that one, at the stage; `hint` may be NULL. */
UNUSED static void expect_one(const char *stage, const char *message, const char *hint)
{
    char expected[2048];

    snprintf(expected, sizeof(expected), "r.yml:1:1: error: %s\n    1 | %s\n      | ^%.*s\n%s%s%s",
             message, stage, (int)strcspn(stage, ":") - 1, "~~~~~~~~~~~~",
             hint == NULL ? "" : "  hint: ", hint == NULL ? "" : hint, hint == NULL ? "" : "\n");
    expect_findings(expected);
}

UNUSED static void expect_fault(const char *fault)
{
    char message[1024];

    snprintf(message, sizeof(message),
             "stage 'rogue': plugin org.example.rogue 6.6.6 (%s/rogue/rogue.so): fault of the "
             "plugin: %s [KP1502]",
             KPIPE_TEST_ALONE, fault);
    expect_one("rogue: {how: bytes}", message, "tell its vendor; nothing was written");
}

/* A call that is answered by a liar: his fault is reported, and nothing is left open. */
UNUSED static void expect_found_out(const struct lie *lie)
{
    unsigned before;

    /* The plugin's own file stays open. */
    ck_assert(kp_registry_open(registry, kp_registry_file(registry, 0)));
    before = open_descriptors();
    plant(lie->lie);
    ck_assert(!call("rogue: {how: bytes}"));
    expect_fault(lie->fault);
    ck_assert_uint_eq(open_descriptors(), before);
}

#endif
