/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/note.h - what a plugin's ELF note says, read without opening the plugin.
 *
 * The grammar is kpipe/note.h's. Notes are foreign data: the reader trusts no
 * offset, no length and no word. Nothing here runs code of the plugin.
 */
#ifndef KP_PLUGIN_NOTE_H
#define KP_PLUGIN_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define KP_MAGIC_NEAR_BYTES 4096u

/* A row by which images are recognised (KP_MAGIC, KP_MAGIC_NEAR). */
struct kp_magic_row {
    const char *kind;
    const char *codec; /* NULL unless kind is "compressed" */
    uint64_t offset;
    const uint8_t *bytes; /* already masked */
    const uint8_t *mask;
    size_t length;
    const uint8_t *near; /* what has to stand in the first KP_MAGIC_NEAR_BYTES, or NULL */
    size_t near_length;
    unsigned bits; /* ones in mask, and those of `near` */
};

/* An architecture's name and aliases; names[0] is the name itself. */
struct kp_note_arch {
    const char **names;
    size_t count;
};

struct kp_note {
    const char *id, *name, *version, *license, *vendor, *url, *summary;
    uint32_t api_level;
    const char *sdk_hash;
    const char *host_version; /* oldest host that will do */
    const char **codecs;
    size_t codec_count;
    const char **formats;
    size_t format_count;
    const char **sources;
    size_t source_count;
    const char **stages; /* names of all operations */
    size_t stage_count;
    struct kp_note_arch *archs;
    size_t arch_count;
    struct kp_magic_row *magic;
    size_t magic_count;
    const char **described; /* kinds of which it tells more (KP_DESCRIBES) */
    size_t described_count;
    const char **tools; /* "*" is any, "*-ld" any that ends so */
    size_t tool_count;
};

/* Parses a note's text. On failure false and a phrase in *why: "line 4: unknown
 * word 'foo'". Strings are the arena's. */
bool kp_note_parse(struct kp_arena *arena, const char *text, size_t length, struct kp_note *note,
                   const char **why);

/* Whether a row's bytes from number `begin` on, `length` of them, stand at `at`. */
bool kp_magic_equal(const struct kp_magic_row *row, const uint8_t *at, size_t begin, size_t length);

/* Whether the note announces a host tool by its name or the end of it, or, if `any`, by "*". */
bool kp_note_wants(const struct kp_note *note, const char *tool, bool any);

/* Finds the note in the bytes of an ELF file (32 or 64 bit, of the host's byte
 * order) through its PT_NOTE segments. On failure false and a phrase in *why:
 * "no ELF file", "no kpipe note: not a kpipe plugin", ... The text stays part of `bytes`. */
bool kp_note_find(const uint8_t *bytes, uint64_t size, const char **text, size_t *length,
                  const char **why);

#endif
