/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/faulty.c - a plugin for tests of workers whose one stage does what its parameter
 * says, after it has told where in its file the code for that begins: it ends the process in
 * one way or another, or asks its host for what tests of calls do not ask for.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kpipe/kpipe.h>

#ifdef __clang__
#define APART __attribute__((noinline))
#else
#define APART __attribute__((noinline, noclone))
#endif

/* Where the file begins in memory. */
extern const char file_begin[] __asm__("__ehdr_start") __attribute__((visibility("hidden")));

static volatile uintptr_t nowhere = 8;

APART static int32_t write_nowhere(struct kp_call *call)
{
    (void)call;
    *(volatile char *)nowhere = 1;
    return KP_OK;
}

/* Within the library of C. */
APART static int32_t copy_nowhere(struct kp_call *call)
{
    volatile size_t length = 1000000;

    memcpy((void *)nowhere, call, length);
    return KP_OK;
}

APART static int32_t call_abort(struct kp_call *call)
{
    (void)call;
    abort();
}

APART static int32_t raise_ill(struct kp_call *call)
{
    (void)call;
    nowhere += (uintptr_t)raise(SIGILL); /* no jump, but a call */
    return KP_OK;
}

APART static int32_t call_exit(struct kp_call *call)
{
    (void)call;
    exit(0);
}

/* As deep as there is stack. */
APART static int32_t recurse(struct kp_call *call)
{
    volatile char much[65536];

    memset((char *)much, 1, sizeof(much));
    return nowhere == 0 ? KP_OK : recurse(call) + much[nowhere];
}

static void fault_in_thread(void *data, uint64_t index)
{
    if (index == 1)
        write_nowhere(data);
}

APART static int32_t in_thread(struct kp_call *call)
{
    return call->host->parallel(call, 2, fault_in_thread, call);
}

/* A task asks for what only the call's own thread may ask for. */
static void ask_in_thread(void *data, uint64_t index)
{
    struct kp_call *call = data;

    if (index == 0)
        call->host->set_number(call, call->output, "size", 1);
}

APART static int32_t ask_from_thread(struct kp_call *call)
{
    return call->host->parallel(call, 2, ask_in_thread, call);
}

static void end_process(void)
{
    static const char said[] = "a function of atexit ran\n";

    (void)!write(STDERR_FILENO, said, sizeof(said) - 1);
}

APART static int32_t at_exit(struct kp_call *call)
{
    (void)call;
    return atexit(end_process) == 0 ? KP_OK : KP_FAILED;
}

/* "A" to "Z" again and again, in memory of its own, and some bytes behind it. */
static int32_t make_much(struct kp_call *call)
{
    const uint64_t size = UINT64_C(3) << 20;
    uint8_t *room = kp_reserve(call, size);

    if (room == NULL)
        return KP_FAILED;
    for (uint64_t i = 0; i < size; i++)
        room[i] = (uint8_t)('A' + i % 26);
    if (kp_append_fill(call, 0, 5) != KP_OK)
        return KP_FAILED;
    return kp_append(call, "end", 3);
}

/* Writes behind what it reserved. */
static int32_t overrun(struct kp_call *call)
{
    uint8_t *room = kp_reserve(call, 100);

    if (room != NULL)
        room[100] = 1;
    return room == NULL ? KP_FAILED : KP_OK;
}

/* An image that is none, in whose place nobody may look. */
static int32_t use_strange(struct kp_call *call)
{
    struct kp_identity identity = {.size = sizeof(identity)};
    const struct kp_image *none = (const struct kp_image *)nowhere;

    call->host->identify(call, none, &identity);
    call->host->set_number(call, (struct kp_output *)nowhere, NULL, 1);
    call->host->run_stage(call, (const struct kp_stage_value *)nowhere, none);
    call->host->tree_open(call, (const struct kp_tree *)nowhere, NULL);
    return KP_FAILED;
}

/* Says how far it is until it is told to stop. */
static int32_t wait_for_stop(struct kp_call *call)
{
    while (!call->host->cancelled(call))
        call->host->progress(call, 7, 9);
    return KP_FAILED;
}

static uint8_t counts[8];

static void count_one(void *data, uint64_t index)
{
    ((uint8_t *)data)[index]++;
}

static int32_t count_all(struct kp_call *call)
{
    memset(counts, 0, sizeof(counts));
    if (call->host->parallel(call, 0, count_one, counts) != KP_OK ||
        call->host->parallel(call, sizeof(counts), count_one, counts) != KP_OK)
        return KP_FAILED;
    return kp_append(call, counts, sizeof(counts));
}

typedef int32_t (*way)(struct kp_call *call);
static const way ways[] = {write_nowhere, copy_nowhere,    call_abort,    raise_ill, call_exit,
                           recurse,       ask_from_thread, at_exit,       in_thread, make_much,
                           overrun,       use_strange,     wait_for_stop, count_all};

/* In the order of `ways`. */
static const struct kp_choice *const hows[] = {
    KP_ONE_OF(0, "write", "a write to nowhere"),
    KP_ONE_OF(1, "copy", "the same by memcpy"),
    KP_ONE_OF(2, "abort", "abort"),
    KP_ONE_OF(3, "raise", "a signal sent to itself"),
    KP_ONE_OF(4, "exit", "exit"),
    KP_ONE_OF(5, "recurse", "no stack left"),
    KP_ONE_OF(6, "ask", "a service on a thread that may not use it"),
    KP_ONE_OF(7, "atexit", "something for the end of the process"),
    KP_ONE_OF(8, "thread", "a write to nowhere in a task"),
    KP_ONE_OF(9, "much", "three MiB and some bytes"),
    KP_ONE_OF(10, "overrun", "a byte behind what it reserved"),
    KP_ONE_OF(11, "strange", "handles that are none"),
    KP_ONE_OF(12, "wait", "until it is told to stop"),
    KP_ONE_OF(13, "count", "tasks that are counted"),
    NULL,
};

struct params {
    uint32_t how;
};

static int32_t run(struct kp_call *call)
{
    const struct params *params = call->params;
    const uintptr_t code =
        params->how == 8 ? (uintptr_t)write_nowhere : (uintptr_t)ways[params->how];
    char text[40];

    snprintf(text, sizeof(text), "%" PRIxPTR, code - (uintptr_t)file_begin);
    call->host->message(call, KP_NOTE, text, NULL);
    return ways[params->how](call);
}

static const struct kp_param *const table[] = {
    KP_CHOICE(struct params, how, .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT, .choices = hows,
              .summary = "what to do"),
    NULL,
};

static const struct kp_operation pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_NO_INPUT,
    .threading = KP_THREADS_ANY,
    .summary = "do as told",
    .output_kind = KP_KIND_RAW,
    .params = table,
    .params_size = sizeof(struct params),
    .run = run,
};

static const struct kp_format faulty = {
    .size = sizeof(struct kp_format), .name = "faulty", .summary = "for tests", .pack = &pack};
static const struct kp_format *const formats[] = {&faulty, NULL};

KP_PLUGIN("org.example.faulty", "faulty", "1.2", "BSD-3-Clause", "Example", "https://example.org",
          "does as told", KP_OFFERS_FORMAT("faulty") KP_OFFERS_STAGE("faulty"), .formats = formats)
