/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/call.h - one call of one operation: parameters filled, locks taken, services
 * lent, promises checked.
 *
 * Whatever the plugin does wrong (a silent failure, an undeclared trait, scratch
 * memory beyond its bound) becomes a finding that names it. The services themselves
 * are host.c; when and on which thread a call is made is the engine's business.
 */
#ifndef KP_PLUGIN_CALL_H
#define KP_PLUGIN_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "host/image.h"
#include "kpipe/host.h"
#include "plugin/bind.h"
#include "plugin/registry.h"
#include "plugin/source.h"
#include "tool/toolbox.h"

struct kp_recorder;

/* What the engine lends to the calls that it makes. */
struct kp_call_context {
    struct kp_registry *registry;
    struct kp_diags *diags;
    uint64_t build_time;
    uint64_t output_limit; /* of one output, in bytes */
    void *data;            /* for the functions below, each of which may be NULL */
    bool (*cancelled)(void *data);
    void (*progress)(void *data, uint64_t done, uint64_t total);
    void (*note)(void *data, const char *text, const char *detail);
    bool (*parallel)(void *data, uint64_t count, kp_task task, void *task_data);
    bool (*field)(void *data, const struct kp_field *field);
    bool (*part)(void *data, const struct kp_part *part);
    bool (*remake)(void *data, const char *chain);
    struct kp_toolbox *toolbox;   /* with what tools are run; NULL: there are none */
    bool details;                 /* facts with KP_FIELD_DETAIL are wanted */
    bool isolate;                 /* it runs in a worker, also if its plugin is bundled */
    struct kp_recorder *recorder; /* record.h; NULL: nothing is recorded */
};

struct kp_call_request {
    const struct kp_stage *stage;
    struct kp_place place;
    const struct kp_value *values;
    size_t value_count;
    const struct kp_image *main;          /* NULL: none */
    const struct kp_image *const *images; /* further inputs */
    size_t image_count;
    const struct kp_tree *const *trees;
    size_t tree_count;
    const struct kp_key *const *keys;
    size_t key_count;
    const char *arch;                /* what the recipe says, if there is no main input */
    const char *const *wanted_parts; /* parts that somebody reads */
    size_t wanted_count;
    const struct kp_tool *const *tools; /* host tools that it, and what it runs, may use */
    size_t tool_count;
    uint64_t *end;         /* if set: gets the end of the stream, which a codec's decompression
                              must tell; bytes behind it are the caller's matter */
    uint64_t output_limit; /* of its output, in bytes; 0: the context's */
    struct kp_source_items *source_items; /* if set: the stage is a source's, and gives these */
    const char *input;                    /* then: the name of the input */
};

/* What a call made; zeroed before, to be cleared after. */
struct kp_call_result {
    struct kp_image output;
    struct kp_image *parts; /* in the order of wanted_parts; range NULL: it was not made */
    size_t part_count;
};
void kp_call_result_clear(struct kp_call_result *result);

/* Runs the operation. False after reporting (or without a word if cancelled). */
bool kp_call_run(const struct kp_call_context *context, const struct kp_call_request *request,
                 struct kp_call_result *result);

/* Runs a source, whose request has `source_items`; they are cleared if it fails. */
bool kp_call_source(const struct kp_call_context *context, const struct kp_call_request *request);

/* Runs an inspector on an image; traits that it sets go to *traits. `name` is the
 * image's, for messages. */
bool kp_call_inspect(const struct kp_call_context *context, const struct kp_inspector *inspector,
                     const char *name, const struct kp_image *image, struct kp_traits *traits);

#endif
