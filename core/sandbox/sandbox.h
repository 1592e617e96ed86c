/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/sandbox.h - how a process is shut in: what it sees, and the process that watches it. A
 * host tool (tool/run.h) or a worker (confine.h); here both are called a tool.
 *
 * Everything is prepared in the parent: here stand only structs made of plain values. The
 * child's side must get along without memory, locks or stdio, because kpipe has
 * threads and a copy of it may hold any lock: what follows kp_child_spawn makes
 * system calls and nothing else.
 *
 *     kpipe -> keeper -> tool -> whatever the tool starts
 *
 * The keeper is process 1 of a namespace of its own where there are namespaces, so that with
 * its end all is ended; elsewhere it is the one to which orphans fall, and ends them
 * itself. It lives as long as the leash, a pipe whose other end kpipe holds: if kpipe
 * is killed, the tool ends too.
 */
#ifndef KP_SANDBOX_SANDBOX_H
#define KP_SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/vector.h"

/* Mechanisms, each used as far as the machine has it. */
#define KP_SANDBOX_NAMESPACES 1u /* user, mount, PID, network, IPC, UTS: all of them or none */
#define KP_SANDBOX_LANDLOCK 2u   /* files, where there are no namespaces */
#define KP_SANDBOX_SECCOMP 4u    /* system calls */
#define KP_SANDBOX_ALL 7u

/* Where the tool's folder is seen in a namespace, whatever it is called outside. */
#define KP_SANDBOX_PLACE "kpipe-work" /* below the root */
#define KP_SANDBOX_FOLDER "/" KP_SANDBOX_PLACE

/* --- view.c: what of the system a tool sees, read-only --- */

enum kp_view_type {
    KP_VIEW_FOLDER,
    KP_VIEW_FILE,
    KP_VIEW_LINK,
    KP_VIEW_PINNED, /* a file that must be the one which struct kp_child's `pinned` is */
};
struct kp_view_item {
    enum kp_view_type type;
    const char *path;   /* absolute, outside and inside */
    const char *target; /* of a link: where it leads. Of others: the path outside, if that is
                           another; NULL */
};

/* Adds a path if it exists and is not shown yet; with `links`, a link stays one. False when
 * memory runs out. */
bool kp_view_add(struct kp_arena *arena, struct kp_vector *items, const char *path, bool links);
/* Whether the items show that path. */
bool kp_view_shows(const struct kp_vector *items, const char *path);

/* What a program at the absolute path `program` (NULL: none) needs: a vector of struct
 * kp_view_item. False when memory runs out. */
bool kp_view_make(struct kp_arena *arena, const char *program, struct kp_vector *items);
/* confine_view.c: what any worker needs to be loaded; and a plugin (NULL: none) in a worker, with
 * its libraries. */
bool kp_confine_view_system(struct kp_arena *arena, struct kp_vector *items);
bool kp_confine_view_plugin(struct kp_arena *arena, const char *plugin, int descriptor,
                            struct kp_vector *items);
/* The devices that every tool may use; ends with NULL. */
extern const char *const kp_view_devices[];

/* --- seccomp.c, landlock.c: whether the machine has them --- */

struct sock_filter;
/* A libseccomp context's filter, as the kernel takes it; to be freed. NULL on failure. */
struct sock_filter *kp_seccomp_export(void *context, unsigned short *length);
/* The filter for host tools, to be freed; NULL if this kpipe was built without libseccomp, or it cannot be
 * made. */
struct sock_filter *kp_seccomp_make(unsigned short *length);
/* confine_filter.c: a worker's filter, likewise. With `in_namespace` it may signal whatever it
 * sees. */
struct sock_filter *kp_confine_filter_make(bool first, bool in_namespace, unsigned short *length);
/* The version of Landlock, 0 if there is none. */
int kp_landlock_version(void);

/* --- child.c and what it calls --- */

struct kp_child_limit {
    int resource;
    struct rlimit value;
};

struct kp_child {
    const char *program;    /* NULL: only see whether it can be shut in */
    char *const *arguments; /* with the program's name */
    char *const *environment;
    const char *root;   /* a folder that nobody needs: becomes the root in a namespace */
    const char *folder; /* the tool's, by its path outside; NULL: it has none, nor devices */
    const struct kp_view_item *view;
    size_t view_count;
    const struct sock_filter *filter;
    unsigned short filter_length;
    unsigned mechanisms;
    int landlock;          /* version */
    int in, out, error;    /* the tool's 0, 1 and 2 */
    int extra;             /* its 3; -1: none */
    int pinned;            /* see KP_VIEW_PINNED; -1: none. The tool does not get it */
    int report, leash;     /* the child's ends; all are above 9 */
    bool processes;        /* with a folder it always sees /proc, without one if this is set */
    bool own_signals;      /* it may signal nobody but itself: needs seccomp */
    bool tell_shut_in;     /* KP_CHILD_SHUT_IN is reported */
    bool last_words;       /* `error` gets the end of what it said, when it has ended */
    bool first_victim;     /* of the kernel, should the machine run out of memory */
    uint32_t most_threads; /* that the keeper lets it have; 0: it does not count */
    char user_map[48], group_map[48];
    struct kp_child_limit limits[8];
    size_t limit_count;
};

/* Where `pinned` is in the child. */
#define KP_CHILD_PINNED 6
/* Bytes of last words: as many as a pipe takes at once. */
#define KP_CHILD_WORDS 2048

/* prepare.c: what the parent makes ready. A hard limit that is lower already stays. */
void kp_child_add_limit(struct kp_child *child, int resource, uint64_t value);
/* Whom it is in a user namespace: nobody in particular, and the same on all machines. */
void kp_child_set_maps(struct kp_child *child);
/* Moves a descriptor (or -1) to where the child can put it at its place without running over
 * another. False and errno, and the descriptor is -1. */
bool kp_child_lift(int *descriptor);
bool kp_child_pipe(int ends[2]);

/* What the child tells; `step` is a phrase's number for kp_child_step. */
#define KP_CHILD_LEFT 1    /* processes may still run */
#define KP_CHILD_CROWDED 2 /* it was ended for having too many threads */
enum kp_child_news {
    KP_CHILD_NO_SANDBOX = 1,
    KP_CHILD_NO_PROGRAM,
    KP_CHILD_ENDED,
    KP_CHILD_SHUT_IN, /* comes before the program starts, and before one of the others */
};
struct kp_child_report {
    int32_t news;
    int32_t step;  /* NO_SANDBOX: what could not be done; ENDED: KP_CHILD_LEFT and the like */
    int32_t value; /* errno, or the status of waitpid */
};

/* What a step of setting up was: "new mounts". */
const char *kp_child_step(int step);
/* Starts the keeper; its process id, or -1 and errno. */
pid_t kp_child_spawn(const struct kp_child *child);

/* Steps, in child.c's order. */
enum { KP_STEP_USER, KP_STEP_MOUNTS, KP_STEP_PROCESS, KP_STEP_LANDLOCK, KP_STEP_SECCOMP };

/* mounts.c: makes the view, and the calling process's root of it. False and errno. */
bool kp_mounts_enter(const struct kp_child *child);
/* landlock.c: shuts the calling process in. False and errno. */
bool kp_landlock_enter(const struct kp_child *child);

#endif
