/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/digest.h - the digest by which bundled plugins are known, and the list of
 * those that this kpipe was built with.
 *
 * SHA-256 over the bytes of all PT_LOAD segments in file order, each preceded by
 * its p_offset and p_filesz as little-endian u64, with e_shoff, e_shnum and
 * e_shstrndx of the ELF header read as zero: strip and separate debug files do
 * not change it. The list is compiled in (manifest.c is made by the build from the
 * plugins themselves); an id in a note proves nothing.
 */
#ifndef KP_PLUGIN_DIGEST_H
#define KP_PLUGIN_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kpipe/plugin.h"

#define KP_DIGEST_SIZE 32

/* False, and a phrase in *why, if the bytes are no well-formed ELF file. */
bool kp_plugin_digest(const uint8_t *bytes, uint64_t size, uint8_t digest[KP_DIGEST_SIZE],
                      const char **why);

/* A bundled plugin in the build's manifest. */
struct kp_manifest_row {
    const char *name; /* file name: "gzip.so" */
    uint8_t digest[KP_DIGEST_SIZE];
};

/* A plugin that is compiled in (KPIPE_STATIC_PLUGINS). */
struct kp_static_row {
    const char *name; /* "gzip" */
    const char *note; /* text of its note */
    kp_entry entry;
};

/* A plugin of kpipe's own that this build has not. */
struct kp_left_out_row {
    const char *name;   /* "zstd" */
    const char *reason; /* a phrase */
};

/* Made by the build (one of the first two is empty); end with a NULL name. They stand in
 * the command, not in the library: kp_registry_options points to them. */
extern const struct kp_manifest_row kp_manifest[];
extern const struct kp_static_row kp_static_plugins[];
extern const struct kp_left_out_row kp_left_out[];

#endif
