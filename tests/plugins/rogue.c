/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/rogue.c - a plugin for tests whose one stage type does what its parameter
 * `how` says: uses the host's services as they are meant, or breaks a promise. Its
 * inspector does what the image says. What keeps its promises stands in probe.c.
 *
 * Included by tests/unit/call-shared.h, with KP_STATIC_NAME defined; a shared object for workers.
 */
#include <inttypes.h>
#include <string.h>

#include <kpipe/kpipe.h>

struct rogue_depth {
    uint64_t level;
    struct kp_text note;
};

struct rogue_part {
    struct kp_text name;
    struct rogue_depth depth;
};

struct rogue_params {
    uint32_t how;
    struct kp_list parts; /* of struct rogue_part */
    const struct kp_stage_value *stage;
    const struct kp_image *image;
};

/* --- as it is meant --- */

/* "abc", a slice, a fill, what was reserved, what is zero after it was given back. */
static int32_t how_bytes(struct kp_call *call)
{
    const struct kp_host *host = call->host;
    const struct kp_image *slice = host->image_slice(call, call->input, 1, 3);
    uint8_t *late;
    uint8_t *again;

    if (kp_append(call, "abc", 3) != KP_OK ||
        host->output_image(call, call->output, slice, 1, 2) != KP_OK ||
        kp_append_fill(call, '.', 2) != KP_OK)
        return KP_FAILED;
    late = kp_reserve(call, 8);
    memcpy(late, "reserved", 8);
    if (host->output_give_back(call, call->output, 4) != KP_OK)
        return KP_FAILED;
    again = kp_reserve(call, 4);
    again[0] = (uint8_t)('0' + host->output_size(call, call->output) - 11);
    late[0] = 'R';
    return KP_OK;
}

static int32_t how_read(struct kp_call *call)
{
    const struct kp_host *host = call->host;
    struct kp_identity identity = {.size = sizeof(identity)};
    const uint8_t *bytes;
    uint64_t length;
    char text[80];
    char two[3] = "";

    if (host->image_read(call, call->input, 2, two, 2) != KP_OK ||
        host->image_piece(call, call->input, 4, &bytes, &length) != KP_OK ||
        host->identify(call, call->input, &identity) != KP_OK)
        return KP_FAILED;
    snprintf(text, sizeof(text), "%s %.*s %s %s %" PRIu64, two, (int)length, (const char *)bytes,
             identity.kind, identity.codec == NULL ? "-" : identity.codec,
             host->image_size(call, NULL));
    return kp_append(call, text, strlen(text));
}

static int32_t how_traits(struct kp_call *call)
{
    const struct kp_host *host = call->host;
    struct kp_text version = {"-", 1};
    uint64_t load = 0;
    uint64_t unused = 0;
    char text[80];

    snprintf(text, sizeof(text), "%d%d%d%d ", host->trait_number(call, call->input, "load", &load),
             host->trait_text(call, call->input, "version", &version),
             host->trait_number(call, call->input, "version", &unused),
             host->trait_text(call, call->input, "load", &version));
    if (kp_append(call, text, strlen(text)) != KP_OK)
        return KP_FAILED;
    snprintf(text, sizeof(text), "%" PRIx64 " %s", load, version.bytes);
    if (kp_append(call, text, strlen(text)) != KP_OK ||
        host->set_number(call, call->output, "entry", load + 4) != KP_OK ||
        host->set_number(call, call->output, "size", 5) != KP_OK ||
        host->set_text(call, call->output, "arch", "flat64") != KP_OK)
        return KP_FAILED;
    return host->clear_trait(call, call->output, "load");
}

static int32_t how_facts(struct kp_call *call)
{
    const struct kp_arch *flat = call->host->arch(call, "flat64");
    char text[80];

    snprintf(text, sizeof(text), "%s %d %d %" PRIu64 " %d", flat->name,
             call->host->arch(call, "none") == NULL, call->host->arch(call, NULL) == NULL,
             call->host->build_time(call),
             call->host->get_extension(call->host, "kpipe.none/1") == NULL);
    return kp_append(call, text, strlen(text));
}

static int32_t how_scratch(struct kp_call *call)
{
    const uint64_t bound = 100 + 2 * (kp_size(call, call->input) + 6);
    uint8_t *first = call->host->alloc(call, bound - 10);
    uint8_t *second = call->host->alloc(call, 10);

    if (first == NULL || second == NULL)
        return KP_FAILED;
    memset(first, 'x', (size_t)bound - 10);
    return kp_append(call, (uintptr_t)first % 16 == 0 && second[9] == 0 ? "ok" : "bad", 2);
}

static void add_one(void *data, uint64_t index)
{
    ((uint8_t *)data)[index]++;
}

static int32_t how_parallel(struct kp_call *call)
{
    uint8_t *to = kp_reserve(call, 4);

    memcpy(to, "0aAz", 4);
    return call->host->parallel(call, 4, add_one, to);
}

static int32_t how_message(struct kp_call *call)
{
    call->host->message(call, KP_NOTE, "a note", "for developers");
    call->host->message(call, KP_WARNING, "a warning", "its detail");
    call->host->message(call, KP_WARNING, NULL, NULL);
    call->host->progress(call, 1, 2);
    return kp_field_number(call, "dropped", 0, 4, 1, KP_FIELD_HEX, NULL);
}

static int32_t how_stage(struct kp_call *call)
{
    const struct rogue_params *params = call->params;
    const struct kp_image *inner = call->host->run_stage(call, params->stage, call->input);

    return inner == NULL ? KP_FAILED : kp_append_image(call, inner);
}

static int32_t how_image(struct kp_call *call)
{
    const struct rogue_params *params = call->params;

    return kp_append_image(call, params->image);
}

static int32_t how_deep(struct kp_call *call)
{
    const struct rogue_params *params = call->params;
    const struct rogue_part *parts = params->parts.items;
    const struct kp_problem problem = {sizeof(problem), &parts[1].depth.level, "level: 2: too deep",
                                       "dig less", "at level 2"};

    return call->host->fail(call, &problem);
}

static int32_t how_fail(struct kp_call *call)
{
    kp_fail(call, "the first: the cause");
    return kp_fail(call, "the second: what follows");
}

/* --- promises broken --- */

static int32_t how_silent(struct kp_call *call)
{
    (void)call;
    return KP_FAILED;
}

static int32_t how_seven(struct kp_call *call)
{
    (void)call;
    return 7;
}

static int32_t how_ok_after_fail(struct kp_call *call)
{
    kp_fail(call, "this went wrong");
    return KP_OK;
}

/* Ignores what the host said: the fault is reported once all the same. */
static int32_t how_swallow(struct kp_call *call)
{
    kp_append(call, NULL, 1);
    call->host->image_view(call, NULL);
    return KP_OK;
}

static int32_t how_undeclared(struct kp_call *call)
{
    return call->host->set_number(call, call->output, "bss", 1);
}

static int32_t how_not_physical(struct kp_call *call)
{
    return call->host->set_number(call, call->output, "load", 1);
}

static int32_t how_no_trait(struct kp_call *call)
{
    return call->host->set_number(call, call->output, "colour", 1);
}

static int32_t how_number_for_text(struct kp_call *call)
{
    return call->host->set_number(call, call->output, "version", 1);
}

static int32_t how_text_for_number(struct kp_call *call)
{
    return call->host->set_text(call, call->output, "entry", "0x1000");
}

static int32_t how_null_text(struct kp_call *call)
{
    return call->host->set_text(call, call->output, "version", NULL);
}

static int32_t how_null_trait(struct kp_call *call)
{
    uint64_t number;
    struct kp_text text;

    if (call->host->trait_number(call, call->input, NULL, &number) != 0 ||
        call->host->trait_text(call, call->input, NULL, &text) != 0)
        return KP_OK;
    return call->host->clear_trait(call, call->output, NULL);
}

static int32_t how_too_much_scratch(struct kp_call *call)
{
    const uint64_t bound = 100 + 2 * (kp_size(call, call->input) + 6);

    return call->host->alloc(call, bound + 1) == NULL ? KP_FAILED : KP_OK;
}

static int32_t how_other_part(struct kp_call *call)
{
    return call->host->output_part(call, "rest") == NULL ? KP_FAILED : KP_OK;
}

static int32_t how_slice_behind(struct kp_call *call)
{
    return call->host->image_slice(call, call->input, 4, UINT64_MAX) == NULL ? KP_FAILED : KP_OK;
}

static int32_t how_image_behind(struct kp_call *call)
{
    return call->host->output_image(call, call->output, call->input, 0, 100000);
}

static int32_t how_piece_behind(struct kp_call *call)
{
    const uint8_t *bytes;
    uint64_t length;

    return call->host->image_piece(call, call->input, 100000, &bytes, &length);
}

static int32_t how_read_behind(struct kp_call *call)
{
    uint8_t byte;

    return call->host->image_read(call, call->input, 100000, &byte, 1);
}

static int32_t how_read_null(struct kp_call *call)
{
    return call->host->image_read(call, call->input, 0, NULL, 1);
}

static int32_t how_fill_null(struct kp_call *call)
{
    return call->host->output_fill(call, NULL, 0, 1);
}

static int32_t how_reserve_null(struct kp_call *call)
{
    return call->host->output_size(call, NULL) == 0 &&
                   call->host->output_reserve(call, NULL, 1) == NULL
               ? KP_FAILED
               : KP_OK;
}

static int32_t how_give_back_null(struct kp_call *call)
{
    return call->host->output_give_back(call, NULL, 1);
}

static int32_t how_give_back_appended(struct kp_call *call)
{
    kp_reserve(call, 4);
    kp_append(call, "x", 1);
    return call->host->output_give_back(call, call->output, 1);
}

/* One byte behind what was reserved. */
static int32_t how_overrun(struct kp_call *call)
{
    memset(kp_reserve(call, 4), 'x', 5);
    return KP_OK;
}

static int32_t how_overrun_append(struct kp_call *call)
{
    kp_append(call, "abc", 3);
    how_overrun(call);
    return kp_append(call, "d", 1);
}

static int32_t how_overrun_give_back(struct kp_call *call)
{
    how_overrun(call);
    return call->host->output_give_back(call, call->output, 1);
}

static int32_t how_no_text(struct kp_call *call)
{
    const struct kp_problem problem = {.size = sizeof(problem)};

    return call->host->fail(call, &problem);
}

static int32_t how_no_field(struct kp_call *call)
{
    return kp_field_text(call, "name", 0, 4, NULL, 4);
}

static int32_t how_no_identity(struct kp_call *call)
{
    return call->host->identify(call, call->input, NULL);
}

static int32_t how_no_task(struct kp_call *call)
{
    return call->host->parallel(call, 1, NULL, NULL);
}

static int32_t how_no_stage(struct kp_call *call)
{
    return call->host->run_stage(call, NULL, call->input) == NULL ? KP_FAILED : KP_OK;
}

static int32_t how_no_input(struct kp_call *call)
{
    const struct rogue_params *params = call->params;

    return call->host->run_stage(call, params->stage, NULL) == NULL ? KP_FAILED : KP_OK;
}

static int32_t how_no_stages(struct kp_call *call)
{
    const struct kp_image *made;

    return call->host->run_stages(call, NULL, &call->input, 1, &made);
}

static int32_t how_no_inputs(struct kp_call *call)
{
    const struct rogue_params *params = call->params;
    const struct kp_image *made, *const inputs[] = {NULL};

    return call->host->run_stages(call, params->stage, inputs, 1, &made);
}

static int32_t how_no_place(struct kp_call *call)
{
    const struct rogue_params *params = call->params;

    return call->host->run_stages(call, params->stage, &call->input, 1, NULL);
}

/* Itself on two images, one of them a slice. */
static int32_t how_stages(struct kp_call *call)
{
    const struct rogue_params *params = call->params;
    const struct kp_image *made[2];
    const struct kp_image *const inputs[] = {call->input,
                                             call->host->image_slice(call, call->input, 0, 6)};

    if (inputs[1] == NULL ||
        call->host->run_stages(call, params->stage, inputs, 0, made) != KP_OK ||
        call->host->run_stages(call, params->stage, inputs, 2, made) != KP_OK)
        return KP_FAILED;
    return kp_append_image(call, made[0]) == KP_OK ? kp_append_image(call, made[1]) : KP_FAILED;
}

/* --- more than the output may hold --- */

static int32_t how_append_much(struct kp_call *call)
{
    static const uint8_t block[1024];

    while (kp_append(call, block, sizeof(block)) == KP_OK)
        ;
    return KP_FAILED;
}

static int32_t how_fill_much(struct kp_call *call)
{
    return kp_append_fill(call, 0, UINT64_MAX);
}

static int32_t how_reserve_much(struct kp_call *call)
{
    return kp_reserve(call, UINT64_MAX - 1) == NULL ? KP_FAILED : KP_OK;
}

#include "rogue-tables.h"
