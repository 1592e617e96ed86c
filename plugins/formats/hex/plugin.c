/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hex/plugin.c - the formats `ihex` and `srec`: what this plugin offers.
 *
 * Both are text, so their magic rows say what few texts have. ihex: a colon, and a type of 00
 * to 07 at its place, with characters of 7 bits between. srec: S0 to S3 and, as S0 has it, an
 * address of 0; a file that begins with other data is not recognised, but unpacked.
 */
#include "hex.h"

static const struct kp_format *const formats[] = {&hex_ihex, &hex_srec, NULL};

KP_PLUGIN("org.kpipe.hex", "hex", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "hexadecimal text of Intel and Motorola",
          KP_OFFERS_FORMAT("ihex") KP_OFFERS_STAGE("ihex") KP_OFFERS_STAGE("ihex.unpack")
              KP_OFFERS_FORMAT("srec") KP_OFFERS_STAGE("srec") KP_OFFERS_STAGE("srec.unpack")
                  KP_MAGIC("ihex", "0", "3a0000000000003030", "ff808080808080fff8")
                      KP_MAGIC("srec", "0", "5330000030303030", "fffc8080ffffffff"),
          .formats = formats)
