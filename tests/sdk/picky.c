/* SPDX-License-Identifier: MIT
 *
 * tests/sdk/picky.c - a stage written against the installed SDK alone, which finds fault with
 * its parameters only when it runs: outside.sh looks where the error is shown.
 */
#include <kpipe/kpipe.h>

struct picky_region {
    uint64_t begin, end;
};

struct picky_params {
    struct kp_list regions; /* of struct picky_region */
    struct kp_text name;
};

static const struct kp_param *const region_table[] = {
    KP_UINT(struct picky_region, begin, .flags = KP_PARAM_REQUIRED, .summary = "first byte"),
    KP_UINT(struct picky_region, end, .flags = KP_PARAM_REQUIRED,
            .summary = "behind the last byte"),
    NULL,
};

static const struct kp_param *const picky_table[] = {
    KP_RECORD_LIST(struct picky_params, regions, struct picky_region, .fields = region_table,
                   .summary = "regions to be joined"),
    KP_TEXT(struct picky_params, name, .fallback = "x", .summary = "a name"),
    NULL,
};

static int32_t picky_run(struct kp_call *call)
{
    const struct picky_params *params = call->params;
    const struct picky_region *regions = params->regions.items;
    const uint64_t size = kp_size(call, call->input);

    if (params->name.length % 2 == 0)
        return kp_fail_at(call, &params->name, "write one more letter", "name: '%s': is even",
                          params->name.bytes);
    for (uint64_t i = 0; i < params->regions.count; i++) {
        if (regions[i].end > size)
            return kp_fail_at(call, &regions[i].end, NULL, "end: %lu: the image has %lu bytes",
                              (unsigned long)regions[i].end, (unsigned long)size);
        if (call->host->output_image(call, call->output, call->input, regions[i].begin,
                                     regions[i].end - regions[i].begin) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

static const struct kp_operation picky_pack = {.size = sizeof(picky_pack),
                                               .flags = KP_OP_DETERMINISTIC,
                                               .threading = KP_THREADS_ANY,
                                               .summary = "join regions",
                                               .params = picky_table,
                                               .params_size = sizeof(struct picky_params),
                                               .run = picky_run};
static const struct kp_format picky = {
    .size = sizeof(picky), .name = "picky", .summary = "regions", .pack = &picky_pack};
KP_PLUGIN("com.example.picky", "picky", "2.1.0", "LicenseRef-Proprietary", "Example",
          "https://example.com", "regions", KP_OFFERS_FORMAT("picky") KP_OFFERS_STAGE("picky"),
          .formats = (const struct kp_format *const[]){&picky, NULL})
