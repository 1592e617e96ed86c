/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/worker_private.h - what the parts of a worker share: the worker, the call that it is
 * serving, and how that asks kpipe. Nobody else includes this.
 */
#ifndef KP_WORKER_WORKER_PRIVATE_H
#define KP_WORKER_WORKER_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "host/desk.h"
#include "kpipe/key.h"
#include "kpipe/plugin.h"
#include "kpipe/tool.h"
#include "wire/image.h"
#include "wire/message.h"
#include "wire/wire.h"
#include "worker/worker.h"

/* A file that stays mapped. */
struct kp_worker_kept {
    struct kp_range *range;
    uint64_t device, inode, size;
};
#define KP_WORKER_KEPT 16

struct kp_worker {
    const struct kp_worker_options *options;
    struct kp_wire wire;
    struct kp_message message; /* received last */
    struct kp_wire_control *control;
    struct kp_arena *arena; /* what lasts as long as the process */
    const struct kp_plugin *plugin;
    struct kp_vector archs; /* of struct kp_worker_arch: those that were asked for */
    pthread_t thread;       /* the one that serves, and the only one that sends */
    struct kp_vector runs;  /* of struct kp_range *: bytes of the next or the running call */
    struct kp_worker_kept kept[KP_WORKER_KEPT];
    uint64_t kept_size; /* bytes of all of them */
    size_t next_kept;
    int status; /* with which it ends, once `gone` */
    bool gone;  /* kpipe is */
};

/* An architecture's facts, in memory of their own. */
struct kp_worker_arch {
    struct kp_arena *arena;
    const struct kp_arch *facts;
};

/* An image that kpipe sent. All others are slices of such. */
struct kp_worker_image {
    struct kp_image image; /* first: the plugin's handle, if it is no slice */
    uint32_t handle;
};

struct kp_worker_output {
    struct kp_output output; /* first */
    uint32_t handle;
};

/* A tree, a stage or a key, as the plugin sees it. */
struct kp_worker_handle {
    uint32_t number;
    uint8_t kind; /* KP_WIRE_TREE, KP_WIRE_VALUE or KP_WIRE_KEY */
};

struct kp_worker_call {
    struct kp_desk desk; /* first: the plugin's pointer is this struct's */
    struct kp_worker *worker;
    uint8_t what; /* KP_WIRE_STAGE, ... */
    uint64_t build_time, part_limit;
    bool details;    /* are wanted */
    uint8_t *params; /* as the plugin sees them */
    size_t params_size;
    struct kp_output_store store;
    struct kp_vector images;  /* of struct kp_worker_image *, by handle as far as CALL named them */
    struct kp_vector outputs; /* of struct kp_worker_output *: all but the main one */
    uint32_t greatest_output; /* handle among them */
    struct kp_vector handles; /* of struct kp_worker_handle * */
    uint32_t grants;          /* that were made */
    bool refused;             /* one was not, and kpipe has said so */
    bool faulted;             /* a fault was reported: one is enough */
    /* What a thread found that cannot send: a phrase. */
    _Atomic(const char *) late_fault;
};

static inline struct kp_worker_call *kp_worker_call(struct kp_call *call)
{
    return (struct kp_worker_call *)call;
}

/* --- request.c --- */

/* The next message; false at the end, or if it is none: see kp_worker_leave. */
bool kp_worker_receive(struct kp_worker *worker);
/* Nothing more is to be had of kpipe; false. */
bool kp_worker_leave(struct kp_worker *worker, int status, const char *why);

/* Sends a report. */
void kp_worker_tell(struct kp_worker_call *call, uint32_t type,
                    const struct kp_wire_writer *payload);
/* Sends a request and receives the answer, which lasts until the next one. NULL if there is
 * none; that is reported, as far as that is possible. */
struct kp_wire_reader *kp_worker_ask(struct kp_worker_call *call, uint32_t type,
                                     const struct kp_wire_writer *payload);
/* Sends a request without waiting for anything. */
bool kp_worker_send(struct kp_worker_call *call, uint32_t type,
                    const struct kp_wire_writer *payload);
/* Whether this thread may ask; else a fault of the plugin. */
bool kp_worker_may_ask(struct kp_worker_call *call);
/* An answer that is a result and nothing else. */
int32_t kp_worker_ask_result(struct kp_worker_call *call, uint32_t type,
                             const struct kp_wire_writer *payload);

/* --- bytes.c --- */

/* Takes a BYTES message that was received. */
bool kp_worker_take_bytes(struct kp_worker *worker);
/* Lets go of those of a call; and of all. */
void kp_worker_drop_bytes(struct kp_worker *worker);
void kp_worker_drop_all_bytes(struct kp_worker *worker);

/* --- handles.c --- */

/* The image that comes next in a message from kpipe; NULL if there is none. */
const struct kp_image *kp_worker_take_image(struct kp_worker_call *call,
                                            struct kp_wire_reader *from);
/* The image of a handle that CALL gave, or NULL. */
const struct kp_image *kp_worker_find_image(const struct kp_worker_call *call, uint64_t handle);
/* Whether an image is one of this call. */
bool kp_worker_has_image(const struct kp_worker_call *call, const struct kp_image *image);
/* Writes an image that a plugin handed in; what is none of this call is NONE. */
void kp_worker_put_image(const struct kp_worker_call *call, struct kp_wire_writer *to,
                         const struct kp_image *image);
/* Part of an image that is no slice. */
void kp_worker_put_part(struct kp_wire_writer *to, const struct kp_image *whole, uint64_t offset,
                        uint64_t length);
/* The output of a handle, made if it is new; NULL for NONE, and after reporting. */
struct kp_output *kp_worker_output(struct kp_worker_call *call, uint32_t handle, bool traits_only);
/* Its handle; NONE if it is no output of this call. */
uint32_t kp_worker_output_handle(const struct kp_worker_call *call, const struct kp_output *output);
/* What a plugin gets for a tree, a stage or a key; NULL when memory runs out. */
const void *kp_worker_new_handle(struct kp_worker_call *call, uint8_t kind, uint32_t number);
/* Its number; NONE if it is none of that kind and call. */
uint32_t kp_worker_handle_number(const struct kp_worker_call *call, uint8_t kind,
                                 const void *handle);
/* A copy that lasts as long as the call; NULL for NULL, and after reporting. */
const char *kp_worker_keep_text(struct kp_worker_call *call, const char *text);

/* --- call.c, done.c --- */

/* Serves a CALL that was received. False: the worker is to end. */
bool kp_worker_run(struct kp_worker *worker);
bool kp_worker_done(struct kp_worker_call *call, int32_t returned);

/* --- open.c --- */

struct kp_worker_hello {
    uint8_t open;
    const char *path;
    struct kp_file_identity identity;
    int plugin; /* descriptor; stays the caller's */
};
/* Opens the plugin. NULL and, in *why, a phrase; *by_loader tells whether ld.so said it. */
const struct kp_plugin *kp_worker_open(struct kp_worker *worker,
                                       const struct kp_worker_hello *hello, const char **why,
                                       bool *by_loader);

/* --- host*.c: the services, by file --- */

extern const struct kp_host kp_worker_services;
extern const struct kp_desk_owner kp_worker_owner;
extern const struct kp_tools kp_worker_tools;
extern const struct kp_keys kp_worker_keys;

int32_t kp_worker_parallel(struct kp_call *call, uint64_t count, kp_task task, void *data);
int32_t kp_worker_identify(struct kp_call *call, const struct kp_image *image,
                           struct kp_identity *identity);
const struct kp_arch *kp_worker_arch(struct kp_call *call, const char *name);
const struct kp_image *kp_worker_run_stage(struct kp_call *call, const struct kp_stage_value *stage,
                                           const struct kp_image *input);
int32_t kp_worker_run_stages(struct kp_call *call, const struct kp_stage_value *stage,
                             const struct kp_image *const *inputs, uint64_t count,
                             const struct kp_image **outputs);
const struct kp_image *kp_worker_decode(struct kp_call *call, const struct kp_image *image,
                                        uint64_t limit, uint64_t *end);
int32_t kp_worker_stream_end(struct kp_call *call, uint64_t offset);
struct kp_output *kp_worker_part(struct kp_call *call, const char *name);
int32_t kp_worker_set_number(struct kp_call *call, struct kp_output *output, const char *name,
                             uint64_t value);
int32_t kp_worker_set_text(struct kp_call *call, struct kp_output *output, const char *name,
                           const char *value);
int32_t kp_worker_clear_trait(struct kp_call *call, struct kp_output *output, const char *name);
int32_t kp_worker_tree_list(struct kp_call *call, const struct kp_tree *tree, const char *folder,
                            struct kp_list *entries);
int32_t kp_worker_tree_find(struct kp_call *call, const struct kp_tree *tree, const char *name,
                            struct kp_tree_entry *entry);
const struct kp_image *kp_worker_tree_open(struct kp_call *call, const struct kp_tree *tree,
                                           const char *name);
struct kp_output *kp_worker_source_image(struct kp_call *call, const char *name,
                                         const struct kp_image *image);
struct kp_output *kp_worker_source_list(struct kp_call *call, const char *name, const char *label,
                                        const struct kp_image *image);
int32_t kp_worker_source_fact(struct kp_call *call, const char *name, const char *value);

#endif
