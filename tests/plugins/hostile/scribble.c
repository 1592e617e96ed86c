/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/hostile/scribble.c - a plugin that writes where it may not: past its buffers,
 * into inputs, into the host's structs, after its return.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hostile.h"

/* Large enough for a mapping of its own, small enough for the heap, and in between. */
static int32_t past(struct kp_call *call, uint64_t length, uint64_t from, uint64_t count)
{
    uint8_t *volatile memory = kp_reserve(call, length);

    if (memory == NULL)
        return KP_FAILED;
    for (uint64_t i = 0; i < count; i++)
        memory[length + from + i] = 0x5a;
    return KP_OK;
}

static int32_t how_byte(struct kp_call *call)
{
    return past(call, 1000, 0, 1);
}

static int32_t how_byte_of_a_page(struct kp_call *call)
{
    return past(call, 4096, 0, 1);
}

static int32_t how_byte_of_much(struct kp_call *call)
{
    return past(call, (4 << 20) + 5, 0, 1);
}

static int32_t how_page(struct kp_call *call)
{
    return past(call, 1000, 0, 4096);
}

static int32_t how_page_of_much(struct kp_call *call)
{
    return past(call, 4 << 20, 0, 4096);
}

static int32_t how_mib(struct kp_call *call)
{
    return past(call, 1000, 0, 1 << 20);
}

static int32_t how_mib_of_much(struct kp_call *call)
{
    return past(call, 4 << 20, 0, 1 << 20);
}

static int32_t how_before(struct kp_call *call)
{
    uint8_t *volatile memory = kp_reserve(call, 2 << 20);

    if (memory == NULL)
        return KP_FAILED;
    memset(memory - 64, 0x5a, 64);
    return KP_OK;
}

/* The bytes that it gave back are not its any more. */
static int32_t how_given_back(struct kp_call *call)
{
    uint8_t *volatile memory = kp_reserve(call, 4 << 20);

    if (memory == NULL ||
        call->host->output_give_back(call, call->output, (4 << 20) - 100) != KP_OK)
        return KP_FAILED;
    memset(memory + 100, 0x5a, 1 << 20);
    return KP_OK;
}

/* --- inputs --- */

static int32_t how_input(struct kp_call *call)
{
    uint8_t *volatile bytes = (uint8_t *)(uintptr_t)kp_view(call, call->input);

    if (bytes == NULL)
        return KP_FAILED;
    bytes[0] = 'X';
    return kp_append_image(call, call->input);
}

static int32_t how_input_protect(struct kp_call *call)
{
    uint8_t *bytes = (uint8_t *)(uintptr_t)kp_view(call, call->input);

    if (bytes == NULL)
        return KP_FAILED;
    bytes = (uint8_t *)((uintptr_t)bytes & ~UINT64_C(4095));
    if (mprotect(bytes, 4096, PROT_READ | PROT_WRITE) != 0)
        return hostile_tried(call, "an input made writable", 0);
    *(volatile uint8_t *)bytes = 'X';
    return kp_append_image(call, call->input);
}

/* --- what the host lent --- */

static int32_t how_host(struct kp_call *call)
{
    memset((void *)(uintptr_t)call->host, 0x41, 64);
    return kp_append_image(call, call->input);
}

static int32_t how_call(struct kp_call *call)
{
    memset(call, 0x41, sizeof(*call));
    return KP_OK;
}

static int32_t how_behind_call(struct kp_call *call)
{
    memset((char *)call + sizeof(*call), 0x41, 4096);
    return KP_OK;
}

static int32_t how_image(struct kp_call *call)
{
    memset((void *)(uintptr_t)call->input, 0x41, 32);
    return kp_append_image(call, call->input);
}

static int32_t how_heap(struct kp_call *call)
{
    uint8_t *volatile memory = malloc(100);

    memset(memory, 0x41, 4096);
    free(memory);
    memory = malloc(1 << 16);
    free(memory);
    return kp_append_image(call, call->input);
}

/* --- after the return --- */

static uint8_t *volatile kept;
static uint64_t kept_length;
static struct kp_call *volatile kept_call;

static void *write_on(void *unused)
{
    for (uint64_t i = 0; !hostile_late(); i++)
        kept[i % kept_length] = (uint8_t)(i >> 8);
    return unused;
}

static int32_t keep(struct kp_call *call, uint64_t length)
{
    pthread_t thread;

    kept_length = length;
    kept = kp_reserve(call, length);
    if (kept == NULL || pthread_create(&thread, NULL, write_on, NULL) != 0)
        return KP_FAILED;
    return KP_OK;
}

static int32_t how_later(struct kp_call *call)
{
    return keep(call, 1000);
}

static int32_t how_much_later(struct kp_call *call)
{
    return keep(call, 4 << 20);
}

/* A second view of the same pages, which nobody takes away. */
static int32_t how_second_view(struct kp_call *call)
{
    uint8_t *memory = kp_reserve(call, 4 << 20);
    pthread_t thread;

    if (memory == NULL)
        return KP_FAILED;
    kept_length = 4 << 20;
    kept = mremap(memory, 0, kept_length, MREMAP_MAYMOVE);
    if (kept == MAP_FAILED)
        return hostile_tried(call, "a second view", 0);
    pthread_create(&thread, NULL, write_on, NULL);
    return KP_OK;
}

static void *call_on(void *unused)
{
    while (!hostile_late())
        kp_append(kept_call, "x", 1);
    return unused;
}

static int32_t how_call_later(struct kp_call *call)
{
    pthread_t thread;

    kept_call = call;
    pthread_create(&thread, NULL, call_on, NULL);
    return kp_append_image(call, call->input);
}

/* Services that are for one thread only, from many. */
static void *many(void *unused)
{
    struct kp_identity identity = {.size = sizeof(identity)};

    while (!hostile_late())
        kept_call->host->identify(kept_call, kept_call->input, &identity);
    return unused;
}

static int32_t how_threads(struct kp_call *call)
{
    pthread_t threads[4];

    kept_call = call;
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, many, NULL);
    return many(NULL) == NULL ? KP_OK : KP_FAILED;
}

#define HOSTILE_WAYS(WAY)                                                                          \
    WAY(byte)                                                                                      \
    WAY(byte_of_a_page)                                                                            \
    WAY(byte_of_much)                                                                              \
    WAY(page)                                                                                      \
    WAY(page_of_much)                                                                              \
    WAY(mib)                                                                                       \
    WAY(mib_of_much)                                                                               \
    WAY(before)                                                                                    \
    WAY(given_back)                                                                                \
    WAY(input)                                                                                     \
    WAY(input_protect)                                                                             \
    WAY(host)                                                                                      \
    WAY(call)                                                                                      \
    WAY(behind_call)                                                                               \
    WAY(image)                                                                                     \
    WAY(heap)                                                                                      \
    WAY(later)                                                                                     \
    WAY(much_later)                                                                                \
    WAY(second_view)                                                                               \
    WAY(call_later)                                                                                \
    WAY(threads)

HOSTILE_PLUGIN("org.example.scribble", "scribble", "")
