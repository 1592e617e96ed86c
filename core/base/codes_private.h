/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/codes_private.h - the catalogue's parts, for codes.c, which looks into them.
 *
 * One row a number, in ascending order. An explanation says what the finding means, how
 * it comes about and what to do, in whole sentences; paragraphs are separated by an
 * empty line. The messages themselves stand in codes.h.
 */
#ifndef KP_BASE_CODES_PRIVATE_H
#define KP_BASE_CODES_PRIVATE_H

#include <inttypes.h>

#include "base/codes.h"

struct kp_code_group {
    const struct kp_code *codes;
    size_t count;
};

extern const struct kp_code_group kp_codes_recipe, kp_codes_stage, kp_codes_command;

#endif
