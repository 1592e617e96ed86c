/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/gauge.c - a stage that does as little as a stage can, for measuring what a call
 * costs: passes its input on, reads all of it, or copies it. tests/bench/worker uses it.
 */
#include <string.h>

#include <kpipe/kpipe.h>

enum { PASS, READ, COPY };

struct gauge_params {
    uint32_t how;
    uint64_t number;
};

/* Every byte is looked at. */
static uint64_t sum(const uint8_t *bytes, uint64_t size)
{
    uint64_t total = 0, word;
    uint64_t at = 0;

    for (; size - at >= sizeof(word); at += sizeof(word)) {
        memcpy(&word, bytes + at, sizeof(word));
        total += word;
    }
    while (at < size)
        total += bytes[at++];
    return total;
}

static int32_t gauge_run(struct kp_call *call)
{
    const struct gauge_params *params = call->params;
    const uint64_t size = kp_size(call, call->input);
    const uint8_t *bytes = NULL;
    uint8_t *to;

    if (params->how != PASS)
        bytes = kp_view(call, call->input);
    if (params->how != PASS && bytes == NULL)
        return KP_FAILED;
    if (params->how == COPY) {
        to = kp_reserve(call, size);
        if (to == NULL)
            return KP_FAILED;
        memcpy(to, bytes, (size_t)size);
        return KP_OK;
    }
    if (params->how == READ && sum(bytes, size) == params->number)
        return kp_fail(call, "the sum is %d", (int)params->number);
    return kp_append_image(call, call->input);
}

static const struct kp_choice *const gauge_ways[] = {
    KP_ONE_OF(PASS, "pass", "the input, which is not looked at"),
    KP_ONE_OF(READ, "read", "the input, all of which is read"),
    KP_ONE_OF(COPY, "copy", "a copy of the input"),
    NULL,
};

static const struct kp_param *const gauge_table[] = {
    KP_CHOICE(struct gauge_params, how, .choices = gauge_ways, .fallback = "pass",
              .flags = KP_PARAM_SHORT, .summary = "what it gives"),
    KP_UINT(struct gauge_params, number, .fallback = "0", .summary = "makes equal stages distinct"),
    NULL,
};

static const struct kp_operation gauge_operation = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "do next to nothing",
    .params = gauge_table,
    .params_size = sizeof(struct gauge_params),
    .run = gauge_run,
};

static const struct kp_format gauge_format = {.size = sizeof(struct kp_format),
                                              .name = "gauge",
                                              .summary = "what a call costs",
                                              .pack = &gauge_operation};
static const struct kp_format *const gauge_formats[] = {&gauge_format, NULL};

KP_PLUGIN("org.example.gauge", "gauge", "1.0.0", "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "what a call costs", KP_OFFERS_FORMAT("gauge") KP_OFFERS_STAGE("gauge"),
          .formats = gauge_formats)
