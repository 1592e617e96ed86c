/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/codes.c - the catalogue of findings, for `kpipe explain`: looks up what stands in
 * codes_recipe.c, codes_stage.c and codes_command.c.
 */
#include "base/codes.h"

#include "base/codes_private.h"

static const struct kp_code_group *const groups[] = {&kp_codes_recipe, &kp_codes_stage,
                                                     &kp_codes_command};

const struct kp_code *kp_code_at(size_t index)
{
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (index < groups[i]->count)
            return &groups[i]->codes[index];
        index -= groups[i]->count;
    }
    return NULL;
}

/* Linear: it is used once in a run, and a row out of order is found all the same. */
const struct kp_code *kp_code_find(uint32_t number)
{
    const struct kp_code *code;

    for (size_t i = 0; (code = kp_code_at(i)) != NULL; i++)
        if (code->number == number)
            return code;
    return NULL;
}
