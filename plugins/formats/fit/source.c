/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/source.c - the stage `fit-its`: an image tree source and the files that it includes become a
 * FIT, as mkimage -f makes it.
 */
#include <string.h>

#include "its.h"
#include "table.h"

struct iv_params {
    struct kp_text hint;
    const struct kp_image *image;
};

struct source_params {
    const struct kp_tree *source;
    struct kp_text file;
    struct kp_list keys, ivs;
    struct fit_out_params out;
};

static const struct kp_param *const iv_table[] = {
    KP_TEXT(struct iv_params, hint, .flags = KP_PARAM_REQUIRED, .summary = "iv-name-hint"),
    KP_IMAGE(struct iv_params, image, .flags = KP_PARAM_REQUIRED, .summary = "its 16 bytes"),
    NULL,
};

static const struct kp_param *const table[] = {
    KP_TREE(struct source_params, source, .flags = KP_PARAM_REQUIRED,
            .summary = "folder of the source and of all files that it includes"),
    KP_TEXT(struct source_params, file, .flags = KP_PARAM_REQUIRED,
            .summary = "the source's name in that folder, \"board.its\""),
    KP_KEY_LIST(struct source_params, keys,
                .summary = "keys: each is for the nodes whose key-name-hint is its name"),
    KP_RECORD_LIST(struct source_params, ivs, struct iv_params, .fields = iv_table,
                   .summary = "initial vectors of ciphers"),
    FIT_OUT_ROWS(struct source_params),
    NULL,
};

static int32_t take_vectors(struct kp_call *call, const struct kp_list *given,
                            struct fit_protection *protection)
{
    const struct iv_params *ivs = given->items;
    struct fit_iv *vectors = call->host->alloc(call, (given->count + 1) * sizeof(*vectors));
    uint64_t i;

    if (vectors == NULL)
        return KP_FAILED;
    for (i = 0; i < given->count; i++)
        vectors[i] = (struct fit_iv){ivs[i].hint.bytes, ivs[i].image};
    protection->ivs = vectors;
    protection->iv_count = given->count;
    return KP_OK;
}

static int32_t run(struct kp_call *call)
{
    const struct source_params *p = call->params;
    struct fit_protection protection = {.has_time = 1};
    struct fit_reservation *reservations;
    struct fit_frame frame;
    struct fit_node *root;

    protection.signer.time = (uint32_t)call->host->build_time(call);
    if (fit_take_keys(call, &p->keys, &protection) != KP_OK ||
        take_vectors(call, &p->ivs, &protection) != KP_OK ||
        fit_read_its(call, p->source, &p->file, &root, &reservations) != KP_OK ||
        fit_flatten(call, root, reservations, NULL, FIT_LIKE_DTC, &frame) != KP_OK)
        return KP_FAILED;
    if (fit_protect_checked(call, &frame, &p->out, &protection) != KP_OK)
        return KP_FAILED;
    return fit_write_out(&frame, &p->out);
}

const struct kp_operation fit_pack_source = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_NO_INPUT,
    .threading = KP_THREADS_ANY,
    .summary = "a FIT from an image tree source, as mkimage -f makes it",
    .help =
        "The source is what mkimage takes: dtc's language, with /incbin/ for contents. The bytes "
        "are mkimage's for the same time (SOURCE_DATE_EPOCH); with signer_name: mkimage and its "
        "version, signatures are, too. As with mkimage without -k, nodes of signatures and "
        "ciphers stay as they are if there are no keys.",
    .output_kind = KP_KIND_FIT,
    .params = table,
    .params_size = sizeof(struct source_params),
    .memory_base = FIT_ITS_MEMORY + (UINT64_C(256) << 20),
    .memory_per_byte = 1,
    .run = run,
};
