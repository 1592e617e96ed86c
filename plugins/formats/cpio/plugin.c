/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cpio/plugin.c - the format `cpio`: what this plugin offers.
 */
#include "cpio.h"

static const char *const kinds[] = {KP_KIND_CPIO, NULL};

static const struct kp_format cpio = {
    .size = sizeof(struct kp_format),
    .name = "cpio",
    .summary = "a cpio archive as Linux unpacks it at boot (newc)",
    .kinds = kinds,
    .pack = &cpio_pack,
    .unpack = &cpio_unpack,
    .inspect = cpio_inspect,
};

static const struct kp_format *const formats[] = {&cpio, NULL};

KP_PLUGIN("org.kpipe.cpio", "cpio", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "cpio archives for initramfs",
          KP_OFFERS_FORMAT("cpio") KP_OFFERS_STAGE("cpio") KP_OFFERS_STAGE("cpio.unpack")
              KP_MAGIC("cpio", "0", "303730373031", "ffffffffffff")
                  KP_MAGIC("cpio", "0", "303730373032", "ffffffffffff"),
          .formats = formats)
