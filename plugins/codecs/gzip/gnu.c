/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/gzip/gnu.c - compression by gzip(1) of the machine, which is fed through standard
 * input as the kernel's build does it (linux/scripts/Makefile.lib, cmd_gzip). With -n its header
 * has no name and no time: where they are wanted, our own stands in its place.
 */
#include "gzip.h"

int32_t gzip_by_tool(struct kp_call *call, uint64_t size)
{
    const struct gzip_params *const params = call->params;
    const struct kp_tools *const tools = call->host->get_extension(call->host, KP_TOOLS_ID);
    const char option[] = {'-', (char)('0' + gzip_level(params)), '\0'};
    const char *const arguments[] = {"-n", "-f", option, params->rsyncable ? "--rsyncable" : NULL,
                                     NULL};
    struct kp_tool_run run = {.size = sizeof(run),
                              .tool = "gzip",
                              .arguments = arguments,
                              .input = call->input,
                              .output_limit = KP_TOOL_OUTPUT_MAX};
    const struct kp_image *packed;
    uint64_t limit;

    if (tools == NULL)
        return kp_fail(call, "encoder: gnu: this kpipe runs no tools");
    /* What does not compress grows by 5 bytes a block at most; this is far above. */
    if (kp_add(size, size / 8 + GZIP_STEP, &limit) && limit < KP_TOOL_OUTPUT_MAX)
        run.output_limit = limit;
    packed = tools->run(call, &run);
    if (packed == NULL || (!params->has_name && params->mtime == 0))
        return packed == NULL ? KP_FAILED : kp_append_image(call, packed);
    if (kp_size(call, packed) < GZIP_HEADER_SIZE)
        return kp_fail(call, "encoder: gnu: gzip(1) wrote less than a header");
    if (gzip_append_header(call) != KP_OK)
        return KP_FAILED;
    return call->host->output_image(call, call->output, packed, GZIP_HEADER_SIZE,
                                    kp_size(call, packed) - GZIP_HEADER_SIZE);
}
