/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/host_private.h - the services of kpipe/host.h by file: host_traits.c,
 * host_stage.c, host_stages.c, host_tree.c, host_source.c, host_tool.c and host_key.c, which
 * host.c puts into the table beside its own.
 */
#ifndef KP_PLUGIN_HOST_PRIVATE_H
#define KP_PLUGIN_HOST_PRIVATE_H

#include "plugin/call_private.h"

/* Reports that memory ran out, or a fault of the plugin; both return KP_FAILED. */
int32_t kp_host_no_memory(struct kp_call_state *state);
int32_t kp_host_fault(struct kp_call_state *state, const char *what);
/* Whether a NULL-terminated list of names (or NULL) holds a name. */
bool kp_host_declared(const char *const *names, const char *name);

/* host_traits.c */
int32_t kp_host_set_number(struct kp_call *call, struct kp_output *output, const char *name,
                           uint64_t value);
int32_t kp_host_set_text(struct kp_call *call, struct kp_output *output, const char *name,
                         const char *value);
int32_t kp_host_clear_trait(struct kp_call *call, struct kp_output *output, const char *name);
/* host_stage.c; the first: how a stage in the parameters of a call is run within it */
struct kp_call_request kp_host_inner_request(const struct kp_call_state *state,
                                             const struct kp_stage_value *stage,
                                             const struct kp_image *input);
const struct kp_image *kp_host_run_stage(struct kp_call *call, const struct kp_stage_value *stage,
                                         const struct kp_image *input);
const struct kp_image *kp_host_decode(struct kp_call *call, const struct kp_image *image,
                                      uint64_t limit, uint64_t *end);
int32_t kp_host_stream_end(struct kp_call *call, uint64_t offset);
/* host_stages.c */
int32_t kp_host_run_stages(struct kp_call *call, const struct kp_stage_value *stage,
                           const struct kp_image *const *inputs, uint64_t count,
                           const struct kp_image **outputs);
/* host_tree.c */
int32_t kp_host_tree_list(struct kp_call *call, const struct kp_tree *tree, const char *folder,
                          struct kp_list *entries);
int32_t kp_host_tree_find(struct kp_call *call, const struct kp_tree *tree, const char *name,
                          struct kp_tree_entry *entry);
const struct kp_image *kp_host_tree_open(struct kp_call *call, const struct kp_tree *tree,
                                         const char *name);
/* host_tool.c */
extern const struct kp_tools kp_host_tools;

/* host_key.c */
extern const struct kp_keys kp_host_keys;

/* host_source.c */
struct kp_output *kp_host_source_image(struct kp_call *call, const char *name,
                                       const struct kp_image *image);
struct kp_output *kp_host_source_list(struct kp_call *call, const char *name, const char *label,
                                      const struct kp_image *image);
int32_t kp_host_source_fact(struct kp_call *call, const char *name, const char *value);

#endif
