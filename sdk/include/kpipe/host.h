/* SPDX-License-Identifier: MIT
 *
 * kpipe/host.h - what the host does for a plugin while one of its operations
 * runs.
 *
 * A plugin links nothing of kpipe and kpipe exports nothing: all services are
 * functions in struct kp_host, reached through the call that the operation
 * received. Plugins get bytes, never paths, descriptors or the environment,
 * and must not look for these by themselves. That is what lets the host run
 * the same plugin in another process, replay it, cache and fuzz it: where it runs in a
 * worker (plugin.h), images are mapped there, and outputs are memory that both share.
 *
 * Threads. [call] marks a service that may be used only on the thread on which
 * the operation was called; [any] one that may also be used by the functions
 * that run under kp_host.parallel. A plugin starts no threads of its own; if its library
 * does, the plugin waits for them: the user says how many may work.
 *
 * Errors. A service that fails has already reported why, with the stage, the
 * plugin and the recipe's line; the plugin returns KP_FAILED and says nothing
 * more. Services that return a pointer fail with NULL, those that return
 * int32_t with KP_FAILED.
 *
 * The short wrappers in call.h make code that uses these read well.
 */
#ifndef KPIPE_HOST_H
#define KPIPE_HOST_H

#include "arch.h"
#include "base.h"
#include "tree.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One call of one operation. Made by the host, valid until the call returns. */
struct kp_call {
    uint64_t size;                /* sizeof(struct kp_call), as the host knows it */
    const struct kp_host *host;   /* the services below */
    const struct kp_image *input; /* the main input; NULL if the stage has none */
    struct kp_output *output;     /* the main output; in an inspection it takes traits only */
    const void *params;           /* the plugin's own struct, filled from its table;
                                     NULL if the table is empty, and in an inspection */
};

/* Severity of a message. Messages never fail a stage: see kp_host.fail. */
#define KP_NOTE 1u    /* shown under -v */
#define KP_WARNING 2u /* always shown */

/* An error, for kp_host.fail. */
struct kp_problem {
    uint64_t size;      /* sizeof(struct kp_problem) */
    const void *field;  /* address of the field of *params that is at fault, at any depth of
                           records and lists, so that the recipe's line is shown; NULL: none */
    const char *text;   /* "what: value: reason", lower case, no final stop */
    const char *hint;   /* what the user can do about it, or NULL */
    const char *detail; /* for the plugin's developer, shown under -v; or NULL */
};

/* A fact found in an image, for kp_host.field. */
#define KP_FIELD_NUMBER 1u
#define KP_FIELD_TEXT 2u
#define KP_FIELD_HEX 1u     /* flag: a number to be shown in hexadecimal */
#define KP_FIELD_BYTES 2u   /* flag: a number of bytes */
#define KP_FIELD_TIME 4u    /* flag: seconds since 1970-01-01 UTC */
#define KP_FIELD_INVALID 8u /* flag: the value contradicts the image: a wrong checksum */
/* Flag: a fact too fine for most readers, one of many of its like: a property of a device tree, an
 * option, a symbol. Only if kp_host.details says that they are wanted. Two images are compared by
 * the names of such facts; a number with KP_FIELD_BYTES is the size of what is named. */
#define KP_FIELD_DETAIL 16u
/* Flag: with `of`, a number of bytes, rounded up to a multiple of `unit`. */
#define KP_FIELD_ROUNDED 32u
struct kp_field {
    uint64_t size;       /* sizeof(struct kp_field) */
    uint32_t type;       /* KP_FIELD_NUMBER or KP_FIELD_TEXT */
    uint32_t flags;      /* KP_FIELD_HEX ... */
    const char *name;    /* the format's own word for it: "setup_sects" */
    uint64_t offset;     /* where it stands in the image, in bytes */
    uint64_t length;     /* how many bytes it takes there; 0: it is derived, not stored */
    uint64_t number;     /* its value, if a number */
    struct kp_text text; /* its value, if text */
    const char *meaning; /* what the value stands for: "arm64"; or NULL */
    const char *of;      /* if it tells of a part: that part's name, "payload/contents" for what is
                            compressed in it; else NULL */
    uint32_t relation;   /* KP_FIELD_SIZE_OF or KP_FIELD_OFFSET_OF; 0 without `of` */
    uint32_t unit;       /* it counts in so many bytes; 0 and 1: in bytes */
};
/* What a number tells of the part `of`: how long it is, or where it stands in the image. If there
 * is a difference, as where an offset counts from behind a header, the difference stays as it is. A
 * recipe that `kpipe unpack` writes computes such a field from the part that takes its place. */
#define KP_FIELD_SIZE_OF 1u
#define KP_FIELD_OFFSET_OF 2u

/* A part of an image that stands in it as a run of bytes, for kp_host.part: what a container
 * holds, and what surrounds that. */
struct kp_part {
    uint64_t size;       /* sizeof(struct kp_part) */
    const char *name;    /* [a-z][a-z0-9-]*: the format's own word for it: "payload"; if there are
                            several of one name, the host numbers them: "section-2", and
                            so no name given here ends in a number like that */
    const char *role;    /* KP_ROLE_* (traits.h): what it is to a kernel; or NULL */
    const char *kind;    /* KP_KIND_*, if the format knows what it must be; NULL: see its bytes */
    uint64_t offset;     /* where it stands in the image, in bytes */
    uint64_t length;     /* in bytes; may be 0 */
    const char *meaning; /* more about it: "x86-64 boot code"; or NULL */
    uint32_t flags;      /* KP_PART_... */
    uint32_t align;      /* if it may stand elsewhere when what lies before it changes its size,
                            since only fields with `of` tell where it is: at multiples of this,
                            counted from the image's begin. 0: it must stay where it is */
};
/* The format does not tell where the part begins: it is compressed data somewhere within
 * `offset` and `length`, for which the host searches. */
#define KP_PART_SEARCH 1u
/* But it tells where it ends: at the end of them, with or without four bytes of size behind the
 * compressed stream, and with or without zeros before those. */
#define KP_PART_ENDS 2u
/* It is one among others that the format does not name: what lies around it is no gap. */
#define KP_PART_AMONG 4u
/* With KP_PART_ENDS: those four bytes are not a part of it, since a field tells of them. */
#define KP_PART_BARE 8u
/* The fields that are reported tell of it: it is not looked into as a file of its own. */
#define KP_PART_TOLD 16u

/* The image itself gives the name, and no other part of it has that one: [A-Za-z][A-Za-z0-9_-]*, also
 * with a number at its end. */
#define KP_PART_NAMED 32u

/* Bytes of what kp_host.remake is told, with the NUL. */
#define KP_REMAKE_MAX 524288u

/* What identification found, for kp_host.identify. */
struct kp_identity {
    uint64_t size;     /* sizeof(struct kp_identity), set by the plugin */
    const char *kind;  /* KP_KIND_*, or NULL if no installed plugin knows the bytes */
    const char *codec; /* name of the codec if kind is "compressed", else NULL */
};

/* A function that kp_host.parallel calls. */
typedef void (*kp_task)(void *data, uint64_t index);

struct kp_host {
    uint64_t size;       /* sizeof(struct kp_host), as the host knows it */
    uint32_t api_level;  /* newest API level of this host */
    uint32_t reserved;   /* 0 */
    const char *version; /* of the host: "0.1.0" */

    /* --- images -------------------------------------------------------- */

    /* Size in bytes. [any] */
    uint64_t (*image_size)(struct kp_call *call, const struct kp_image *image);
    /* The whole image as one run of bytes, read-only, until the call returns.
     * Never NULL on success, even if the image is empty. A mapped file costs
     * nothing; an image of several pieces is joined once, for all its readers.
     * Prefer image_piece where order of reading allows it. [call] */
    const uint8_t *(*image_view)(struct kp_call *call, const struct kp_image *image);
    /* Copies `length` bytes from `offset` to `to`. Fails if they do not lie
     * inside. [call] */
    int32_t (*image_read)(struct kp_call *call, const struct kp_image *image, uint64_t offset,
                          void *to, uint64_t length);
    /* The longest run of bytes that starts at `offset` without being joined, in
     * *bytes and *length. At the end of the image *length is 0. [call] */
    int32_t (*image_piece)(struct kp_call *call, const struct kp_image *image, uint64_t offset,
                           const uint8_t **bytes, uint64_t *length);
    /* A part of an image as an image without traits; no bytes are copied. Valid
     * until the call returns. [call] */
    const struct kp_image *(*image_slice)(struct kp_call *call, const struct kp_image *image,
                                          uint64_t offset, uint64_t length);
    /* What the image's bytes look like, by the magic rows of all installed
     * plugins; both members NULL if nobody knows them. [call] */
    int32_t (*identify)(struct kp_call *call, const struct kp_image *image,
                        struct kp_identity *identity);

    /* --- outputs -------------------------------------------------------
     * An output grows at its end only. Bytes once appended are final, except
     * those handed out by output_reserve. All are [call]. */

    /* Appends a copy of `length` bytes. */
    int32_t (*output_append)(struct kp_call *call, struct kp_output *output, const void *bytes,
                             uint64_t length);
    /* Appends `length` bytes of an image from `offset`, without copying them. */
    int32_t (*output_image)(struct kp_call *call, struct kp_output *output,
                            const struct kp_image *image, uint64_t offset, uint64_t length);
    /* Appends `length` times the byte `byte`; costs no memory. */
    int32_t (*output_fill)(struct kp_call *call, struct kp_output *output, uint8_t byte,
                           uint64_t length);
    /* Appends `length` bytes and returns their address: they may be written
     * until the call returns, by several threads at different places. They are
     * zero at first. Use it for headers that are known only at the end, and as
     * the target buffer of a library. */
    uint8_t *(*output_reserve)(struct kp_call *call, struct kp_output *output, uint64_t length);
    /* Takes back the last `length` bytes of the latest output_reserve, if
     * nothing was appended since: a library needed less than its bound. */
    int32_t (*output_give_back)(struct kp_call *call, struct kp_output *output, uint64_t length);
    /* Bytes appended so far: the offset of what is appended next. */
    uint64_t (*output_size)(struct kp_call *call, struct kp_output *output);
    /* Starts the named part that the operation declares in `parts`, as
     * `image.part` in a recipe. NULL, without an error, if nobody reads it. A part
     * that somebody reads must be started, even if it stays empty: an operation
     * that succeeds without it has failed. */
    struct kp_output *(*output_part)(struct kp_call *call, const char *name);

    /* --- traits -------------------------------------------------------- */

    /* The trait `name` of an image in *value: 1 if it has one of that type, else
     * 0. Text is valid until the call returns. [call] */
    int32_t (*trait_number)(struct kp_call *call, const struct kp_image *image, const char *name,
                            uint64_t *value);
    int32_t (*trait_text)(struct kp_call *call, const struct kp_image *image, const char *name,
                          struct kp_text *value);
    /* Sets a trait of an output. A content trait must be declared in the operation's
     * `sets` or `sets_if_physical`. Content traits of the main input have passed to
     * the output before. Setting KP_TRAIT_ARCH to another architecture than the main
     * input's, or the recipe's, fails: the recipe and the bytes disagree. [call] */
    int32_t (*set_number)(struct kp_call *call, struct kp_output *output, const char *name,
                          uint64_t value);
    int32_t (*set_text)(struct kp_call *call, struct kp_output *output, const char *name,
                        const char *value);
    /* Removes a trait of an output; no error if there is none. [call] */
    int32_t (*clear_trait)(struct kp_call *call, struct kp_output *output, const char *name);

    /* --- reports ------------------------------------------------------- */

    /* Reports a fact found in the main input. Shown by `kpipe inspect`, and
     * dropped where nobody asked. [call] */
    int32_t (*field)(struct kp_call *call, const struct kp_field *field);
    /* A message that is no error; `detail` (or NULL) is for developers. [call] */
    void (*message)(struct kp_call *call, uint32_t severity, const char *text, const char *detail);
    /* Reports the error that makes this call fail. Always returns KP_FAILED, so
     * that `return host->fail(...)` reads well. The first of several is the
     * one shown; the rest follow under -v. [call] */
    int32_t (*fail)(struct kp_call *call, const struct kp_problem *problem);
    /* How far the work is; shown on a terminal. Cheap: call it every MiB. [any] */
    void (*progress)(struct kp_call *call, uint64_t done, uint64_t total);
    /* 1 if the run is being stopped: return KP_FAILED soon; no error need be
     * reported then. [any] */
    int32_t (*cancelled)(struct kp_call *call);

    /* --- memory and threads -------------------------------------------- */

    /* Zeroed scratch memory, aligned to 16 bytes, freed when the call returns.
     * Counts towards the bound that the operation declares. [call] */
    void *(*alloc)(struct kp_call *call, uint64_t length);
    /* Runs task(data, 0) to task(data, count - 1), at several at a time if the
     * user's -j leaves threads free, and returns when all are done. A task may
     * use [any] services only. The result must not depend on the number of
     * threads. [call] */
    int32_t (*parallel)(struct kp_call *call, uint64_t count, kp_task task, void *data);

    /* --- the rest of kpipe --------------------------------------------- */

    /* Runs a stage that a recipe gave as parameter on `input` and returns its
     * output, valid until the call returns. A plugin can run no other stage. [call] */
    const struct kp_image *(*run_stage)(struct kp_call *call, const struct kp_stage_value *stage,
                                        const struct kp_image *input);
    /* Facts about the architecture of that name or alias; NULL, without an
     * error, if no installed plugin knows it. Valid for ever. [call] */
    const struct kp_arch *(*arch)(struct kp_call *call, const char *name);
    /* The time to be written into images, in seconds since 1970-01-01 UTC:
     * SOURCE_DATE_EPOCH if set, else 0. A plugin must not ask any clock. [any] */
    uint64_t (*build_time)(struct kp_call *call);
    /* A further service by id, "kpipe.NAME/REVISION" or under the vendor's
     * reverse domain; NULL if this host has none. Host tools (tool.h) and
     * keys (key.h) are reached so. [any] */
    const void *(*get_extension)(const struct kp_host *host, const char *id);

    /* --- compressed data ----------------------------------------------- */

    /* Decompresses what begins `image` by the codec that its bytes show, with that codec's
     * `.unpack`, and returns the contents, which may have at most `limit` bytes, valid until
     * the call returns. *end gets the offset behind the last byte that belongs to the
     * compressed stream; what follows it is not looked at. The one case in which a plugin
     * runs a stage that no recipe gave it. Only an operation with KP_THREADS_ANY may use
     * it, and none that runs within such a use. Fails if the codec's operation is not
     * KP_THREADS_ANY while a call around this one keeps another such rule. [call] */
    const struct kp_image *(*decode)(struct kp_call *call, const struct kp_image *image,
                                     uint64_t limit, uint64_t *end);
    /* A codec's `.unpack` tells at which offset of the main input its stream ended, once, at
     * the end of its work. Returns 1 if the caller asked for that (decode): bytes behind it
     * are then no concern of the codec. Returns 0 if nobody did: what to do with them is up to
     * the codec's own parameters. codec.h does this for the codec. [call] */
    int32_t (*stream_end)(struct kp_call *call, uint64_t offset);

    /* --- trees of files, tree.h ----------------------------------------- */

    /* What stands directly in `folder` ("" is the tree's root): *entries becomes an array of
     * struct kp_tree_entry, sorted by the bytes of their names, valid until the call
     * returns. Fails if it is no folder of the tree. [call] */
    int32_t (*tree_list)(struct kp_call *call, const struct kp_tree *tree, const char *folder,
                         struct kp_list *entries);
    /* 1, and *entry filled (its `size` set by the plugin before), if the tree has `name`; 0 if
     * not; KP_FAILED if that cannot be told. A link is described, not followed. [call] */
    int32_t (*tree_find)(struct kp_call *call, const struct kp_tree *tree, const char *name,
                         struct kp_tree_entry *entry);
    /* The file `name` as an image without traits. Links are followed, but never out of the
     * tree. Fails if there is no such file. [call] */
    const struct kp_image *(*tree_open)(struct kp_call *call, const struct kp_tree *tree,
                                        const char *name);

    /* --- sources, plugin.h ----------------------------------------------
     * Only while a source runs. Names follow [A-Za-z][A-Za-z0-9_-]*. All are [call]. */

    /* Gives the recipe the image `image` (of any origin within this call) as INPUT.name. The
     * returned output takes the image's traits (set_text, set_number) and no bytes. A name
     * can be given once. */
    struct kp_output *(*source_image)(struct kp_call *call, const char *name,
                                      const struct kp_image *image);
    /* Appends an image to the list INPUT.name, which a recipe can use where a list of images
     * is taken; `image` NULL makes sure that the list exists. `label` is what people call
     * the item, a file's name. Returns as source_image does. */
    struct kp_output *(*source_list)(struct kp_call *call, const char *name, const char *label,
                                     const struct kp_image *image);
    /* Tells the recipe a fact, which it reads as $(INPUT.name). */
    int32_t (*source_fact)(struct kp_call *call, const char *name, const char *value);

    /* --- parts of what is inspected --------------------------------------- */

    /* Reports a part of the main input. `kpipe inspect` looks into it as into a file of its
     * own, and so on to any depth; `kpipe extract` finds it by its name or its role. Parts may
     * lie within each other or overlap; bytes that neither a field nor a part covers are shown
     * as gaps. Fails if it does not lie inside the image. Dropped where nobody asked. [call] */
    int32_t (*part)(struct kp_call *call, const struct kp_part *part);
    /* Reports how the main input is made again, as a recipe has it behind `images: NAME:`, in
     * YAML's flow style and one line: "[@payload, {uimage: {load: 0x8000}}]". @NAME is the part
     * of that name, @contents what comes out of compressed data, and @layout all parts and
     * fields where they stand, which is also what is taken of an image of which nothing is
     * reported. Text goes in as kp_quote writes it. Several ways may be reported, the likeliest
     * first: `kpipe unpack` tries them, and takes the first that makes the same bytes. At most
     * KP_REMAKE_MAX bytes. Dropped where nobody asked. [call] */
    int32_t (*remake)(struct kp_call *call, const char *chain);

    /* 1 if facts with KP_FIELD_DETAIL are wanted, as `kpipe diff` does; else 0, and reporting one
     * is a fault. [call] */
    int32_t (*details)(struct kp_call *call);

    /* --- many stages at once ---------------------------------------------- */

    /* As run_stage on each of `count` inputs: outputs[i] becomes what run_stage makes of
     * inputs[i]. Runs several at a time if the user's -j leaves threads free and neither the stage
     * nor one within it keeps another rule than KP_THREADS_ANY; outputs, and messages in the order
     * of the inputs, are the same as one after the other. Fails with the first that
     * fails; of those behind it nothing is heard, and no output is set. [call] */
    int32_t (*run_stages)(struct kp_call *call, const struct kp_stage_value *stage,
                          const struct kp_image *const *inputs, uint64_t count,
                          const struct kp_image **outputs);
};

#ifdef __cplusplus
}
#endif

#endif
