/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/nearest.c - the known name that a mistyped one was probably meant to be.
 *
 * The distance is the optimal string alignment: insertions, deletions, changes
 * and swaps of neighbours each cost 1. Capitals do not count.
 */
#include <string.h>

#include "base/diag.h"

/* Longer names are not worth guessing. */
#define LONGEST ((size_t)128)

static unsigned lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned)(c - 'A' + 'a') : (unsigned char)c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Both are at most LONGEST long. Only the last three rows of the table are kept:
 * row i holds the distances of a's first i characters from all beginnings of b. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][LONGEST + 1];

    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *previous = rows[(i + 2) % 3];
        const size_t *before = rows[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            const size_t cost = lower(a[i - 1]) != lower(b[j - 1]);

            row[j] = least(previous[j - 1] + cost, least(previous[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]))
                row[j] = least(row[j], before[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

const char *kp_nearest(const char *name, const char *const *candidates, size_t count)
{
    const size_t length = strnlen(name, LONGEST + 1);
    const size_t allowed = length / 3 > 1 ? length / 3 : 1;
    const char *nearest = NULL;
    size_t best = allowed + 1;

    for (size_t i = 0; i < count && length <= LONGEST; i++) {
        const size_t other = strnlen(candidates[i], LONGEST + 1);
        size_t edits;

        if (other > LONGEST || other > length + allowed || length > other + allowed)
            continue;
        edits = distance(name, length, candidates[i], other);
        /* One of one letter is not like another of one letter. */
        if (edits < best && (edits < length || edits < other)) {
            best = edits;
            nearest = candidates[i];
        }
    }
    return nearest;
}
