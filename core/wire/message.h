/* SPDX-License-Identifier: BSD-3-Clause
 *
 * wire/message.h - what kpipe and a worker say to each other: every message with what is in it,
 * and the few rules that both sides keep.
 *
 * The worker trusts kpipe. kpipe trusts nothing that comes from a worker: whatever runs
 * there may have been taken over by the plugin. A message that breaks a rule ends the worker
 * and is reported as a fault of the plugin.
 *
 * The life of a worker:
 *
 *     kpipe                              worker
 *     HELLO  ------------------------->  shuts itself in (first filter), opens the plugin,
 *            <------------ DESCRIBED or REFUSED     then the second filter
 *     BEGIN BYTES* CALL -------------->  BEGUN, runs the operation
 *            <------------- REQUEST ...  one at a time; each is answered by
 *     BYTES* ANSWER ------------------>  exactly one ANSWER, those marked [tell] by nothing
 *            <-------------------- DONE
 *     BEGIN ... until kpipe closes its socket
 *
 * Only the worker's main thread sends (kpipe/host.h's [any] services need no message). A worker
 * never sends descriptors. Handles are numbers that kpipe gave and that last for one
 * call: images, outputs, trees, stages, keys, runs of bytes. The same output (part) has the same
 * handle, however often it is asked for. Below, text may be NULL where it says "?", and
 *
 *   image = u32 handle, or KP_WIRE_NONE; then, if kpipe sends it: its traits and pieces, as
 *           wire/image.h writes and reads them; if a worker sends it: u64 offset, u64 length
 *           of the part that is meant, which has no traits; length UINT64_MAX (and offset 0):
 *           the image itself, with its traits.
 *
 * In a worker's requests every text may be NULL, and every image, output, tree, stage and
 * key NONE, if that is what the plugin handed in: the service of kpipe that is called with it
 * finds the fault, in the same words as in process. A request that failed (NONE, KP_FAILED,
 * not granted) has been reported by kpipe; the worker reports nothing more.
 */
#ifndef KP_WIRE_MESSAGE_H
#define KP_WIRE_MESSAGE_H

#include <stdatomic.h>
#include <stdint.h>

/* Both sides are built together; HELLO says with what. */
#define KP_WIRE_VERSION "kpipe-wire 1 " KP_SDK_HASH

/* The status with which a worker ends that cannot go on (a message that is none, its socket
 * closed by the plugin); why, it says on descriptor 2 if there still is one. It ends with 0 when
 * kpipe closes its socket. */
#define KP_WIRE_STATUS_BROKEN 121

/* No handle. */
#define KP_WIRE_NONE UINT32_MAX
/* Handles that a call begins with. */
#define KP_WIRE_MAIN_OUTPUT 0u

/* How the plugin is to be opened. */
#define KP_WIRE_OPEN_PATH 1u       /* by its path, which must lead to the file of HELLO */
#define KP_WIRE_OPEN_DESCRIPTOR 2u /* by /proc/self/fd, where there is no private view */

/* What a CALL calls. */
#define KP_WIRE_STAGE 1u   /* name: of a stage type, "gzip.unpack" */
#define KP_WIRE_SOURCE 2u  /* name: of a source */
#define KP_WIRE_INSPECT 3u /* name: of the format or codec whose inspect is meant */

/* What somebody asks it for. */
#define KP_WIRE_ASKS_END 1u     /* stream_end */
#define KP_WIRE_ASKS_DETAILS 2u /* facts with KP_FIELD_DETAIL */

/* Kinds of places in the parameters that a worker has to mend: see CALL. */
#define KP_WIRE_POINTER 1u /* value: offset in the parameters' own bytes */
#define KP_WIRE_IMAGE 2u   /* value: an image's handle */
#define KP_WIRE_TREE 3u    /* value: a tree's */
#define KP_WIRE_VALUE 4u   /* value: a stage's, of a parameter of type STAGE */
#define KP_WIRE_KEY 5u     /* value: a key's */

/* --- kpipe to worker --- */
enum {
    /* u8 open, text version (KP_WIRE_VERSION), text path, u64 device, inode, size, seconds,
     * nanoseconds (as struct kp_file_identity), bytes first filter, bytes second filter (struct
     * sock_filter; empty: none).
     * Descriptors: the plugin's file, the control page (struct kp_wire_control). */
    KP_WIRE_HELLO = 1,
    /* u32 handle (from 0, by one more each, anew in each call), u64 size, bytes. Either the
     * bytes stand here, or there is a descriptor to be mapped read-only: a file of at least
     * that size, or a sealed memfd. */
    KP_WIRE_BYTES,
    /* u8 what, text name, u64 build_time, u64 output_limit (of the main output), u64 part_limit
     * (of any other), u64 scratch_limit, u8 KP_WIRE_ASKS_*, u32 count
     * and image* (handles from 0: all images that parameters or the main input name), u32
     * main input's handle or NONE, bytes parameters, u32 count and (u8 kind, u64 offset, u64
     * value)* places to mend in them. A pointer that is NULL has no such place. */
    KP_WIRE_CALL,
    /* u32 number; a socket: a thread of kpipe waits at its other end. A thread of the worker
     * takes part in the PARALLEL that is going on and, when there is no task left,
     * closes it. */
    KP_WIRE_LEND,
    /* The answer to the request; what is in it stands there. */
    KP_WIRE_ANSWER,
    /* u64 number, which nobody can foresee: a call begins. The worker says it back at once. */
    KP_WIRE_BEGIN,
};

/* --- worker to kpipe --- */
enum {
    /* The descriptor: wire/plugin.h. */
    KP_WIRE_DESCRIBED = 64,
    /* text why: a phrase for "plugin ...: cannot be used: %s". u8: whether ld.so said it. */
    KP_WIRE_REFUSED,
    /* i32 (as u32) what the operation returned, u32 count, then for each output that has bytes:
     * u32 handle, u32 count of pieces: u8 kind (KP_PIECE_*): OWN bytes | GRANT u32 number, u64
     * offset, u64 length | IMAGE image | FILL u8 byte, u64 length. */
    KP_WIRE_DONE,

    /* Reports. */
    KP_WIRE_FAIL,      /* [tell] u64 offset of the field in the parameters' bytes or UINT64_MAX,
                          text, text hint?, text detail? */
    KP_WIRE_FAULT,     /* [tell] text: the desk found a broken promise */
    KP_WIRE_NO_MEMORY, /* [tell] */
    KP_WIRE_TOO_LARGE, /* [tell] an output reached its limit */
    KP_WIRE_SAY,       /* [tell] u32 severity, text, text detail? */
    KP_WIRE_FIELD,     /* [tell] u32 type, u32 flags, text name, u64 offset, u64 length, u64
                          number, bytes text, text meaning?, text of?, u32 relation, u32 unit */
    KP_WIRE_HOLDS,     /* [tell] a part: text name, text role?, text kind?, u64 offset, u64 length,
                          text meaning?, u32 flags, u32 align */
    KP_WIRE_REMAKE,    /* [tell] text: how the main input is made again */

    /* Requests. "result" is an i32 (as u32). */
    KP_WIRE_IDENTIFY,    /* image -> text kind?, text codec? */
    KP_WIRE_SET_NUMBER,  /* u32 output, text name, u64 value -> result */
    KP_WIRE_SET_TEXT,    /* u32 output, text name, text value? -> result */
    KP_WIRE_CLEAR,       /* u32 output, text name -> result */
    KP_WIRE_PART,        /* text name -> u32 output or NONE */
    KP_WIRE_RUN_STAGE,   /* u32 stage, image -> image */
    KP_WIRE_RUN_STAGES,  /* u32 stage, u32 count and image* -> result, u32 count (0 if one failed)
                            and image* */
    KP_WIRE_DECODE,      /* image, u64 limit -> image, u64 end */
    KP_WIRE_STREAM_END,  /* u64 offset -> result */
    KP_WIRE_ARCH,        /* text name -> u8 whether known, and the facts: wire/plugin.h */
    KP_WIRE_TREE_LIST,   /* u32 tree, text folder -> result, u32 count, entry* */
    KP_WIRE_TREE_FIND,   /* u32 tree, text name -> result, entry if 1 */
    KP_WIRE_TREE_OPEN,   /* u32 tree, text name -> image */
    KP_WIRE_TOOL,        /* text tool, texts arguments, u32 count and (text name, image, u8 and,
                            if that is 1, bytes)*, image input, text output?, u64 output_limit,
                            u32 time_limit, u32 flags, u64 memory_limit, text hint? -> image */
    KP_WIRE_KEY_FACTS,   /* u32 key -> image of the public part, result, u32 type, u32 bits, text
                            name? */
    KP_WIRE_KEY_SIGN,    /* u32 key, u32 scheme, u32 salt_length, text hash?, bytes digest ->
                            image */
    KP_WIRE_KEY_ENCRYPT, /* u32 key, u32 cipher, bytes IV, image -> image */
    KP_WIRE_GIVE_IMAGE,  /* text name, image -> u32 output or NONE (source_image) */
    KP_WIRE_GIVE_LIST,   /* text name, text label?, image -> u32 output or NONE */
    KP_WIRE_GIVE_FACT,   /* text name, text value -> result */
    KP_WIRE_GRANT,       /* u64 length -> u8 whether granted; then a memfd of that size, numbered
                            from 0 in each call, to be mapped and written to until DONE */
    KP_WIRE_PARALLEL,    /* u64 count of tasks -> LEND*, then when all threads are back: result */

    /* u64 number of BEGIN: what came before it is of an earlier call, and not listened to. */
    KP_WIRE_BEGUN,
};
/* entry = u32 type, u32 permissions, text name, u64 length, text target?, u32 major, u32 minor,
 * u64 same_file. */

/* Kinds of pieces of an output. */
#define KP_PIECE_OWN 1u
#define KP_PIECE_GRANT 2u
#define KP_PIECE_IMAGE 3u
#define KP_PIECE_FILL 4u

/* Most of each that kpipe accepts in one call; more is a fault of the plugin. */
#define KP_WIRE_MOST_REPORT (1u << 20) /* bytes of one report */
#define KP_WIRE_MOST_REPORTS 65536u    /* SAY and FIELD together, without details */
#define KP_WIRE_MOST_GRANTS 4096u
#define KP_WIRE_MOST_PIECES (1u << 20) /* of all outputs together */

/* A page that both sides have mapped: for what is asked for too often for messages. kpipe
 * believes nothing of it but what it shows as progress. */
struct kp_wire_control {
    atomic_uint_least32_t cancelled;   /* set by kpipe: kp_host.cancelled */
    atomic_uint_least64_t done, total; /* set by the worker: kp_host.progress */
};

#endif
