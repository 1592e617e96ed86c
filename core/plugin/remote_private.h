/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/remote_private.h - one call in a worker, shared by remote.c (the call and the pump),
 * remote_send.c (what kpipe sends), remote_play.c (the same of a recording), remote_requests.c and remote_reports.c (what the worker
 * asks and tells), remote_done.c (outputs), remote_wait.c (time, threads) and remote_fault.c
 * (how it ended).
 *
 * Whatever a worker sends is hostile until it was checked. A function that finds a rule
 * broken says so with kp_remote_broken, which ends the call.
 */
#ifndef KP_PLUGIN_REMOTE_PRIVATE_H
#define KP_PLUGIN_REMOTE_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "plugin/bind_flat.h"
#include "plugin/host_private.h"
#include "plugin/remote.h"
#include "plugin/worker.h"

/* What reports, traits and facts of one call may take here, in bytes. */
#define KP_REMOTE_MOST_CHATTER (UINT64_C(256) << 20)
/* Errors, and messages after a fault of the plugin was reported, before it is ended. */
#define KP_REMOTE_MOST_FAILURES 4096u
/* What an image that a worker was given is reckoned to cost, and a call within the call. */
#define KP_REMOTE_IMAGE_COST 4096u
/* The same where it is mapped from a file of its own: kpipe can have some 65000 of these. */
#define KP_REMOTE_MAPPING_COST (UINT64_C(512) << 10)
#define KP_REMOTE_INNER_COST 65536u

enum kp_remote_end {
    KP_REMOTE_RUNS,
    KP_REMOTE_DONE,      /* it returned: `returned` */
    KP_REMOTE_BROKEN,    /* it broke a rule: `why` */
    KP_REMOTE_HUNG_UP,   /* it is gone */
    KP_REMOTE_TIME,      /* it takes too long */
    KP_REMOTE_CANCELLED, /* it goes on though it was told to stop */
    KP_REMOTE_FAILED,    /* kpipe could not go on: `error` is the errno */
    KP_REMOTE_REPORTED,  /* all is said; it is only to be ended */
};

/* Memory that a worker was given to write to. */
struct kp_remote_grant {
    int descriptor; /* -1: taken over by the range */
    uint64_t length;
    struct kp_range *range; /* once it is sealed */
};

/* Bytes that a worker has: all of an owner's, or some. */
#define KP_REMOTE_RUN_HEADS 1024u
struct kp_remote_run {
    const struct kp_range *owner; /* NULL: some bytes, sent once */
    uint32_t next;                /* the handle of the next in its list + 1; 0: none */
};

/* The time that a worker takes, with that of the services that it asks for, but without what
 * others run meanwhile (stages, tools, threads that wait for their turn). May be looked at by
 * several threads. */
struct kp_remote_clock {
    pthread_mutex_t lock;
    unsigned running; /* threads of kpipe that wait for it */
    uint64_t since, spent, limit, cancelled_at;
    uint64_t done, total; /* progress that was told */
    _Atomic(enum kp_remote_end) verdict;
};

struct kp_remote {
    struct kp_call_state *state;
    struct kp_workers *workers;
    struct kp_worker *worker;
    struct kp_flat flat;
    /* By handle. */
    struct kp_vector images;  /* of const struct kp_image * */
    struct kp_vector outputs; /* of struct kp_output * */
    struct kp_vector trees;   /* of const struct kp_tree * */
    struct kp_vector stages;  /* of const struct kp_stage_value * */
    struct kp_vector keys;    /* of const struct kp_key * */
    struct kp_vector runs;    /* of struct kp_remote_run */
    struct kp_vector grants;  /* of struct kp_remote_grant */
    uint32_t run_heads[KP_REMOTE_RUN_HEADS];
    struct kp_remote_clock clock;
    uint64_t memory;  /* the limit of `held` */
    uint64_t held;    /* bytes here that it has made necessary: grants, images */
    uint64_t chatter; /* and reports, traits, facts */
    uint64_t number;  /* of the call, which its worker has to say */
    bool begun;       /* and it did */
    uint32_t early;   /* what was said before that */
    uint32_t reports, afterwards;
    bool memory_told;
    enum kp_remote_end end;
    const char *why;
    int error;
    int32_t returned;
};

/* remote.c: these end the call, and return false. */
bool kp_remote_broken(struct kp_remote *remote, const char *why);
bool kp_remote_failed(struct kp_remote *remote, int error);
bool kp_remote_fault(struct kp_remote *remote, const char *what); /* of the plugin */
/* Reckons `amount` to what it holds, or to its chatter; false if that is too much. */
bool kp_remote_hold(struct kp_remote *remote, uint64_t amount);
bool kp_remote_chat(struct kp_remote *remote, uint64_t amount);

/* Reckons memory to its worker that this can keep, by a descriptor, when the call is over. */
void kp_remote_give(struct kp_remote *remote, uint64_t length);

/* remote_send.c */
bool kp_remote_send(struct kp_remote *remote, uint32_t type, const struct kp_wire_writer *payload,
                    const int *descriptors, size_t count);
bool kp_remote_send_call(struct kp_remote *remote, uint8_t what, const char *name);
/* Gives the worker an image (NULL: none): its bytes are sent, the rest is put to a message. */
bool kp_remote_put_image(struct kp_remote *remote, struct kp_wire_writer *to,
                         const struct kp_image *image);
/* Handles of what may have one already. NONE when memory runs out. */
uint32_t kp_remote_output_handle(struct kp_remote *remote, struct kp_output *output);

/* remote_take.c: what messages of a worker name. An image that is a part of one is `slice`,
 * which is to be cleared in any case. */
struct kp_remote_image {
    const struct kp_image *image; /* NULL: none */
    struct kp_image slice;
};
bool kp_remote_take_image(struct kp_remote *remote, struct kp_wire_reader *from,
                          struct kp_remote_image *image);
static inline void kp_auto_remote_image(struct kp_remote_image *image)
{
    kp_image_clear(&image->slice);
}
/* These give NULL for NONE. */
bool kp_remote_take_output(struct kp_remote *remote, struct kp_wire_reader *from,
                           struct kp_output **output);
bool kp_remote_take_tree(struct kp_remote *remote, struct kp_wire_reader *from,
                         const struct kp_tree **tree);
bool kp_remote_take_stage(struct kp_remote *remote, struct kp_wire_reader *from,
                          const struct kp_stage_value **stage);
bool kp_remote_take_key(struct kp_remote *remote, struct kp_wire_reader *from,
                        const struct kp_key **key);
/* A NULL-terminated array, in the arena. */
bool kp_remote_take_texts(struct kp_remote *remote, struct kp_wire_reader *from,
                          struct kp_arena *arena, const char *const **texts);
/* Whether all was read. */
bool kp_remote_take_end(struct kp_remote *remote, const struct kp_wire_reader *from);

/* remote_requests.c, remote_reports.c, remote_tree.c, remote_key.c: deal with a message; false if the call
 * ended. */
typedef bool (*kp_remote_handler)(struct kp_remote *remote, struct kp_wire_reader *from);
bool kp_remote_report(struct kp_remote *remote, struct kp_message *message);
bool kp_remote_request(struct kp_remote *remote, struct kp_message *message);
bool kp_remote_tree_list(struct kp_remote *remote, struct kp_wire_reader *from);
bool kp_remote_tree_find(struct kp_remote *remote, struct kp_wire_reader *from);
bool kp_remote_tree_open(struct kp_remote *remote, struct kp_wire_reader *from);
bool kp_remote_tool(struct kp_remote *remote, struct kp_wire_reader *from);
bool kp_remote_key_facts(struct kp_remote *remote, struct kp_wire_reader *from);
bool kp_remote_key_sign(struct kp_remote *remote, struct kp_wire_reader *from);
bool kp_remote_key_encrypt(struct kp_remote *remote, struct kp_wire_reader *from);
/* Answers with a number, or with an image. */
bool kp_remote_answer(struct kp_remote *remote, uint32_t number);
bool kp_remote_answer_image(struct kp_remote *remote, const struct kp_image *image);
/* The image (or NULL) if the worker may hold `amount` more; else NULL after reporting. */
const struct kp_image *kp_remote_keep(struct kp_remote *remote, const struct kp_image *image,
                                      uint64_t amount);

/* remote_play.c: the same for a recorded call: sends what was sent; answers what was answered, if
 * the request is one whose answer is not made anew. */
bool kp_remote_send_recorded(struct kp_remote *remote);
bool kp_remote_is_recorded(uint32_t type);
bool kp_remote_answer_recorded(struct kp_remote *remote, struct kp_message *message);

/* remote_done.c */
bool kp_remote_grant(struct kp_remote *remote, struct kp_wire_reader *from);
bool kp_remote_done(struct kp_remote *remote, struct kp_wire_reader *from);
void kp_remote_drop_grants(struct kp_remote *remote);

/* remote_wait.c: the clock runs between these, in whichever threads. */
void kp_remote_clock_begin(struct kp_remote *remote);
void kp_remote_clock_end(struct kp_remote *remote);
void kp_remote_clock_start(struct kp_remote *remote);
void kp_remote_clock_stop(struct kp_remote *remote);
/* Whether waiting is at an end. */
bool kp_remote_is_over(struct kp_remote *remote);
/* The same, for whoever waits and looks up now and then: kp_wire's `stop`. */
bool kp_remote_stop(void *remote);
void kp_remote_progress(struct kp_remote *remote);
bool kp_remote_parallel(struct kp_remote *remote, struct kp_wire_reader *from);

/* remote_fault.c: lets go of the worker, and reports how the call ended, unless it returned. */
void kp_remote_conclude(struct kp_remote *remote);
void kp_remote_report_none(struct kp_call_state *state, const struct kp_worker_failure *failure);
/* The plugin's worker, or kpipe for it, has no memory. */
void kp_remote_report_memory(struct kp_remote *remote);

#endif
