/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/host_tool.c - the extension of kpipe/tool.h: the request goes to kpipe, which runs the
 * tool; whatever is wrong with it is found there, as far as it can be sent at all.
 */
#include "base/auto.h"
#include "worker/worker_private.h"

/* More than kpipe takes are not counted: that there are too many shows all the same. */
#define MOST_LISTED 4097

static void put_arguments(struct kp_wire_writer *to, const char *const *arguments)
{
    uint32_t count = 0;

    kp_put_u8(to, arguments != NULL);
    if (arguments == NULL)
        return;
    while (count < MOST_LISTED && arguments[count] != NULL)
        count++;
    kp_put_u32(to, count);
    for (uint32_t i = 0; i < count; i++)
        kp_put_text(to, arguments[i]);
}

/* A file whose struct is too short has neither name nor contents. */
static void put_files(const struct kp_worker_call *call, struct kp_wire_writer *to,
                      const struct kp_tool_file *const *files)
{
    uint32_t count = 0;

    while (files != NULL && count < MOST_LISTED && files[count] != NULL)
        count++;
    kp_put_u32(to, count);
    for (uint32_t i = 0; i < count; i++) {
        const bool good = files[i]->size >= sizeof(*files[i]);

        kp_put_text(to, good ? files[i]->name : NULL);
        kp_worker_put_image(call, to, good ? files[i]->image : NULL);
        kp_put_u8(to, good && files[i]->bytes != NULL);
        if (good && files[i]->bytes != NULL)
            kp_put_bytes(to, files[i]->bytes, (size_t)files[i]->length);
    }
}

static const struct kp_image *run(struct kp_call *call, const struct kp_tool_run *tool)
{
    struct kp_worker_call *own = kp_worker_call(call);
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};
    struct kp_wire_reader *answer;

    if (own->what == KP_WIRE_INSPECT) {
        kp_desk_fault(&own->desk, "runs a tool in an inspection");
        return NULL;
    }
    if (tool == NULL || tool->size < sizeof(*tool)) {
        kp_desk_fault(&own->desk, "runs a tool with a request of another size");
        return NULL;
    }
    kp_put_text(&request, tool->tool);
    put_arguments(&request, tool->arguments);
    put_files(own, &request, tool->files);
    kp_worker_put_image(own, &request, tool->input);
    kp_put_text(&request, tool->output);
    kp_put_u64(&request, tool->output_limit);
    kp_put_u32(&request, tool->time_limit);
    kp_put_u32(&request, tool->flags);
    kp_put_u64(&request, tool->memory_limit);
    kp_put_text(&request, tool->hint);
    answer = kp_worker_ask(own, KP_WIRE_TOOL, &request);
    return answer == NULL ? NULL : kp_worker_take_image(own, answer);
}

const struct kp_tools kp_worker_tools = {
    .size = sizeof(struct kp_tools),
    .run = run,
};
