/* SPDX-License-Identifier: BSD-3-Clause
 *
 * uimage/plugin.c - the format `uimage`: what this plugin offers.
 */
#include "uimage.h"

static const char *const kinds[] = {KP_KIND_UIMAGE, NULL};

static const struct kp_format uimage = {
    .size = sizeof(struct kp_format),
    .name = "uimage",
    .summary = "U-Boot's legacy image, as mkimage makes it",
    .kinds = kinds,
    .pack = &uimage_pack,
    .unpack = &uimage_unpack,
    .inspect = uimage_inspect,
};

static const struct kp_format *const formats[] = {&uimage, NULL};

KP_PLUGIN("org.kpipe.uimage", "uimage", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "U-Boot's legacy image",
          KP_OFFERS_FORMAT("uimage") KP_OFFERS_STAGE("uimage") KP_OFFERS_STAGE("uimage.unpack")
              KP_MAGIC("uimage", "0", "27051956", "ffffffff"),
          .formats = formats)
