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

static int32_t list_keys(struct kp_call *call, const struct source_params *p,
                         struct fit_protection *protection)
{
    const struct kp_key *const *keys = p->keys.items;
    const struct iv_params *ivs = p->ivs.items;
    struct fit_key *list = call->host->alloc(call, (p->keys.count + 1) * sizeof(*list));
    struct fit_iv *vectors = call->host->alloc(call, (p->ivs.count + 1) * sizeof(*vectors));
    uint64_t i;

    if (list == NULL || vectors == NULL)
        return KP_FAILED;
    for (i = 0; i < p->keys.count; i++)
        list[i] = (struct fit_key){keys[i], NULL, &keys[i]};
    for (i = 0; i < p->ivs.count; i++)
        vectors[i] = (struct fit_iv){ivs[i].hint.bytes, ivs[i].image};
    *protection = (struct fit_protection){.keys = list,
                                          .key_count = p->keys.count,
                                          .ivs = vectors,
                                          .iv_count = p->ivs.count,
                                          .keys_field = &p->keys,
                                          .has_time = 1,
                                          .signer.time = (uint32_t)call->host->build_time(call)};
    return KP_OK;
}

static int32_t run(struct kp_call *call)
{
    const struct source_params *p = call->params;
    struct fit_protection protection;
    struct fit_reservation *reservations;
    struct fit_frame frame;
    struct fit_node *root;

    if (list_keys(call, p, &protection) != KP_OK ||
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
    .memory_base = 512u << 20,
    .memory_per_byte = 1,
    .run = run,
};
