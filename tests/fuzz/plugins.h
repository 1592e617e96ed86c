/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/fuzz/plugins.h - plugins of tests/plugins, compiled in (CMakeLists.txt): what the targets
 * have to begin with. Included by plugin.c and pump.c only.
 */
#ifndef KP_TESTS_FUZZ_PLUGINS_H
#define KP_TESTS_FUZZ_PLUGINS_H

#include "plugin/digest.h"

#define FUZZ_PLUGIN(name)                                                                          \
    extern const char kpipe_note_##name[];                                                         \
    const struct kp_plugin *kpipe_plugin_##name(uint32_t, const char *);
FUZZ_PLUGIN(rogue)
FUZZ_PLUGIN(peel)
FUZZ_PLUGIN(spring)
FUZZ_PLUGIN(grove)

static const struct kp_static_row fuzz_plugins[] = {
    {"rogue", kpipe_note_rogue, kpipe_plugin_rogue},
    {"peel", kpipe_note_peel, kpipe_plugin_peel},
    {"spring", kpipe_note_spring, kpipe_plugin_spring},
    {"grove", kpipe_note_grove, kpipe_plugin_grove},
    {NULL, NULL, NULL},
};

#endif
