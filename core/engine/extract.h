/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/extract.h - what somebody wants out of an opened image: which layer that is, and the
 * forms of a kernel that no layer has but a stage makes.
 */
#ifndef KP_ENGINE_EXTRACT_H
#define KP_ENGINE_EXTRACT_H

#include "engine/layers.h"

/* The layer that `what` means: "payload": the kernel that a container carries, decompressed,
 * through all containers within each other; "config", "dtb", "initrd", "cmdline": the first part
 * of that role, a configuration decompressed; else a layer's path, also behind a '/', where it is
 * one of these words. NULL: the image has none. */
const struct kp_layer *kp_extract_find(const struct kp_layers *layers, const char *what);

/* Whether bytes are a kernel's: an ELF file or an Image, or they hold the banner. */
bool kp_extract_is_kernel(const struct kp_layer *layer);

/* Sends a layer through a stage with its default parameters: `objcopy`, for a flat kernel, or
 * `vmlinux`, for an ELF file. `arch` is what the containers around it say, or NULL. NULL after
 * reporting. */
struct kp_range *kp_extract_convert(const struct kp_layers *layers, const struct kp_layer *layer,
                                    struct kp_diags *diags, const char *stage);

#endif
