/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/auto.h - the project's one cleanup idiom: a variable marked KP_AUTO(x) is
 * released by kp_auto_x() when it goes out of scope, whichever way that is.
 * Ownership is handed on with KP_STEAL().
 *
 * Each type that is released so declares its kp_auto_ function beside itself.
 */
#ifndef KP_BASE_AUTO_H
#define KP_BASE_AUTO_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define KP_AUTO(type) __attribute__((cleanup(kp_auto_##type)))

/* The value of a pointer variable, which becomes NULL: the caller owns it now. */
#define KP_STEAL(variable)                                                                         \
    __extension__({                                                                                \
        __typeof__(variable) stolen_ = (variable);                                                 \
        (variable) = NULL;                                                                         \
        stolen_;                                                                                   \
    })

/* void *, from malloc. */
static inline void kp_auto_free(void *pointer)
{
    free(*(void **)pointer);
}

/* int, a file descriptor or -1. */
static inline void kp_auto_close(const int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
}

/* FILE *, or NULL. */
static inline void kp_auto_file(FILE **file)
{
    if (*file != NULL)
        fclose(*file);
}

#endif
