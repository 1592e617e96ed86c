/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/decode.c - see decode.h.
 */
#include "plugin/decode.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/node.h"

struct kp_value *kp_decode_values(const struct kp_binder *binder, const struct kp_stage *stage,
                                  struct kp_place place, uint64_t limit, size_t *count)
{
    const struct kp_param *const *table = stage->operation.params;
    struct kp_node *key = kp_node_scalar(binder->arena, place, "", "limit");
    struct kp_node *value =
        kp_node_scalar(binder->arena, place, "", kp_arena_printf(binder->arena, "%" PRIu64, limit));
    struct kp_node *keys[] = {key}, *items[] = {value};
    struct kp_node map = {
        .kind = KP_NODE_MAP, .place = place, .keys = keys, .items = items, .count = 1};
    bool takes = false;

    for (size_t i = 0; table != NULL && table[i] != NULL; i++)
        takes = takes || (strcmp(table[i]->name, "limit") == 0 && table[i]->type == KP_TYPE_UINT);
    if (key == NULL || value == NULL) {
        kp_out_of_memory(binder->diags);
        return NULL;
    }
    return kp_bind_check(binder, table, takes ? &map : NULL, place, count);
}

bool kp_decode(const struct kp_call_context *context, const char *codec,
               const struct kp_image *image, uint64_t limit, uint64_t *end,
               struct kp_call_result *result)
{
    KP_AUTO(arena) struct kp_arena *arena = kp_arena_new();
    const char *name = arena == NULL ? NULL : kp_arena_printf(arena, "%s.unpack", codec);
    const struct kp_stage *stage =
        name == NULL ? NULL
                     : kp_registry_stage(context->registry, context->diags, KP_NOWHERE, name);
    struct kp_call_request request = {
        .stage = stage, .main = image, .end = end, .output_limit = limit};
    const struct kp_binder binder = {
        .arena = arena, .diags = context->diags, .registry = context->registry, .stage = name};

    if (name == NULL)
        return kp_out_of_memory(context->diags);
    *end = UINT64_MAX;
    if (stage == NULL)
        return false;
    request.values = kp_decode_values(&binder, stage, KP_NOWHERE, limit, &request.value_count);
    return request.values != NULL && kp_call_run(context, &request, result);
}
