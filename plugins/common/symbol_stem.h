/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/symbol_stem.h - the name of a symbol without the number by which the compiler tells local
 * ones of one name apart: "jumptable.49". The numbers differ from build to build and mean nothing.
 */
#ifndef KPIPE_COMMON_SYMBOL_STEM_H
#define KPIPE_COMMON_SYMBOL_STEM_H

#include <string.h>

/* Bytes of the name up to that number. */
static inline size_t symbol_stem(const char *name)
{
    const size_t length = strlen(name);
    size_t end = length;

    while (end > 0 && name[end - 1] >= '0' && name[end - 1] <= '9')
        end--;
    return end > 1 && end < length && name[end - 1] == '.' ? end - 1 : length;
}

#endif
