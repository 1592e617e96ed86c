/* SPDX-License-Identifier: MIT
 *
 * kpipe/base.h - the words that all other SDK headers use: the API level, the
 * results of a call, and the plain types that cross between host and plugin.
 *
 * This header declares no service and no table: see host.h and plugin.h.
 *
 * The rules that hold for every struct in this SDK:
 *   - It starts with `size`, set by whoever fills it to sizeof of the struct as
 *     they know it. The reader copies the smaller of the two sizes into a
 *     zeroed struct of its own. A field that is missing is therefore zero, and
 *     zero always means "as before this field existed".
 *   - Fields are only ever added at the end, none is removed or changes meaning.
 *   - Integers have a fixed width; there are no enums and no bit fields.
 *   - Tables are arrays of pointers that end with NULL; a NULL table is empty.
 *   - Text is UTF-8, ends with NUL, and holds no control characters unless its
 *     description says so.
 *   - Memory: the host owns all that crosses the border. A plugin never frees
 *     what it was given, the host never frees what a plugin returned; what the
 *     descriptor points to must stay as it is until the process ends.
 */
#ifndef KPIPE_BASE_H
#define KPIPE_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The API level that the plugin asks for. Define it before the first include to
 * get a newer one; the default is the oldest that these headers can express, so
 * that a plugin needs a newer host only if it said so.
 *
 * Level 0 is a draft: it may change with every release of the SDK, and a plugin
 * of level 0 loads only into a host that was built with the very same headers
 * (their digest stands in the plugin's note, see note.h). Level 1 will be the
 * first that is kept for ever. */
#define KP_API_LEVEL_OLDEST 0
#define KP_API_LEVEL_NEWEST 0
#ifndef KP_API_LEVEL
#define KP_API_LEVEL KP_API_LEVEL_OLDEST
#endif
#if KP_API_LEVEL < KP_API_LEVEL_OLDEST || KP_API_LEVEL > KP_API_LEVEL_NEWEST
#error "KP_API_LEVEL: these kpipe headers do not know this API level"
#endif

/* What a plugin's function returns to the host, and most services to a plugin.
 * A plugin returns KP_FAILED only after it (or a service it called) reported an
 * error with kp_host.fail; a silent KP_FAILED, and any other number, is reported
 * as the plugin's own fault. */
#define KP_OK 0
#define KP_FAILED (-1)

/* Handles. All are opaque, belong to the host, and are valid until the call in
 * which they were received returns; none may be kept for a later call. */
struct kp_image;       /* an immutable run of bytes with traits */
struct kp_output;      /* what the stage writes: its main output, or a part */
struct kp_stage_value; /* a stage that a recipe gave as a parameter */
struct kp_tree;        /* a folder of files that may be listed and read, tree.h */
struct kp_host;        /* services, host.h */

/* A parameter of type text. */
struct kp_text {
    const char *bytes; /* never NULL; NUL-terminated, without NUL inside */
    uint64_t length;   /* in bytes, without the final NUL */
};

/* A parameter that is a list, of whatever its type says: `items` points to an
 * array of `count` values of the C type that param.h gives for that type, or of
 * element structs for a list of records. NULL when count is 0. */
struct kp_list {
    const void *items;
    uint64_t count;
};

#if defined(__GNUC__) || defined(__clang__)
#define KP_EXPORT __attribute__((visibility("default")))
#define KP_PRINTF(text_at, arguments_at) __attribute__((format(printf, text_at, arguments_at)))
#define KP_UNUSED __attribute__((unused))
#else
#error                                                                                             \
    "kpipe plugins are ELF shared objects: build them with gcc, clang or a compiler that accepts their attributes"
#endif

#ifdef __cplusplus
#define KP_EXTERN_C extern "C"
}
#else
#define KP_EXTERN_C extern
#endif

#endif
