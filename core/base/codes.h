/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/codes.h - the catalogue of findings: a stable number and a message each.
 *
 * KP1203 expands to two arguments, number and printf format, so that a message
 * is written once, checked by the compiler where it is reported, and listed by
 * `kpipe explain`. codes.c holds the explanations. Numbers are never reused.
 *
 *     10xx  reading YAML            15xx  running stages
 *     11xx  the recipe's structure  16xx  plugins
 *     12xx  chains, kinds, traits   17xx  the command line
 *     13xx  parameters              18xx  the machine: memory, disk, signals
 *     14xx  inputs and outputs
 */
#ifndef KP_BASE_CODES_H
#define KP_BASE_CODES_H

#include <stddef.h>
#include <stdint.h>

/* --- 10xx: reading YAML --- */

/* --- 11xx: the recipe's structure --- */

/* --- 12xx: chains, kinds, traits --- */

/* --- 13xx: parameters --- */

/* --- 14xx: inputs and outputs --- */

/* --- 15xx: running stages --- */

/* --- 16xx: plugins --- */

/* --- 17xx: the command line --- */

/* --- 18xx: the machine --- */
#define KP1801 1801, "out of memory"

/* A row of the catalogue. */
struct kp_code {
    uint32_t number;
    const char *message;     /* the printf format */
    const char *explanation; /* paragraphs */
};

/* The row of a number, or NULL. */
const struct kp_code *kp_code_find(uint32_t number);
/* All rows, sorted by number; *count of them. */
const struct kp_code *kp_code_all(size_t *count);

#endif
