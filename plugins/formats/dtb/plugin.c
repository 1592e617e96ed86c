/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dtb/plugin.c - the format `dtb`: what this plugin offers.
 */
#include "dtb.h"

static const char *const kinds[] = {KP_KIND_DTB, NULL};

static const struct kp_format dtb = {
    .size = sizeof(struct kp_format),
    .name = "dtb",
    .summary = "a flattened device tree",
    .kinds = kinds,
    .pack = &dtb_pack,
    .inspect = dtb_inspect,
};

static const struct kp_format *const formats[] = {&dtb, NULL};

KP_PLUGIN("org.kpipe.dtb", "dtb", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "flattened device trees and their overlays",
          KP_OFFERS_FORMAT("dtb") KP_OFFERS_STAGE("dtb")
              KP_MAGIC("dtb", "0", "d00dfeed", "ffffffff"),
          .formats = formats)
