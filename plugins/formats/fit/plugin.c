/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/plugin.c - the plugin's descriptor.
 */
#include "fit.h"

static const char *const kinds[] = {KP_KIND_FIT, NULL};

static const struct kp_format fit_format = {
    .size = sizeof(struct kp_format),
    .name = "fit",
    .summary = "U-Boot's flattened image tree",
    .kinds = kinds,
    .pack = &fit_pack,
    .inspect = fit_inspect,
};
static const struct kp_format source_format = {
    .size = sizeof(struct kp_format),
    .name = "fit-its",
    .summary = "a FIT from image tree source",
    .pack = &fit_pack_source,
};
static const struct kp_format verify_format = {
    .size = sizeof(struct kp_format),
    .name = "fit-verify",
    .summary = "hashes and signatures of a FIT",
    .pack = &fit_verify,
};
static const struct kp_format update_format = {
    .size = sizeof(struct kp_format),
    .name = "fit-update",
    .summary = "changes to a FIT",
    .pack = &fit_update,
};
static const struct kp_format keys_format = {
    .size = sizeof(struct kp_format),
    .name = "fit-keys",
    .summary = "public keys in U-Boot's device tree",
    .pack = &fit_put_keys,
};
static const struct kp_format *const formats[] = {&update_format, &keys_format,   &fit_format,
                                                  &source_format, &verify_format, NULL};

KP_PLUGIN("org.kpipe.fit", "fit", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "U-Boot's flattened image trees",
          KP_OFFERS_FORMAT("fit") KP_OFFERS_FORMAT("fit-its") KP_OFFERS_FORMAT("fit-verify")
              KP_OFFERS_FORMAT("fit-keys") KP_OFFERS_FORMAT("fit-update") KP_OFFERS_STAGE("fit")
                  KP_OFFERS_STAGE("fit-its") KP_OFFERS_STAGE("fit-verify")
                      KP_OFFERS_STAGE("fit-keys") KP_OFFERS_STAGE("fit-update")
                          KP_MAGIC_NEAR("fit", "0", "d00dfeed", "ffffffff",
                                        "00000001696d616765730000"),
          .formats = formats)
