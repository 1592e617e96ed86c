/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/note.c - finds a plugin's note in an ELF file. What its text means is
 * note_text.c's.
 *
 * Notes are found through PT_NOTE segments, not through the section
 * .note.kpipe: sections are not needed to load a file and may be stripped.
 */
#include "plugin/note.h"

#include <elf.h>
#include <string.h>

#include "kpipe/bytes.h"
#include "kpipe/note.h"
#include "plugin/elf.h"

/* A longer text than this is no note but an attack on our time. */
#define MAX_TEXT 65536

static const char damaged[] = "a damaged ELF file: a note outside its segment";

/* The three words before each note's owner, in the file's byte order, which is this
 * machine's: others were refused before. */
static uint32_t word(const uint8_t *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof(value));
    return value;
}

/* Looks through one PT_NOTE segment. Notes and their parts are padded to 4 bytes,
 * or to 8 in a segment of that alignment (gABI, "Note Section"). True if kpipe's
 * note is there; false with *why unchanged if it is not. */
static bool find_in_segment(const uint8_t *bytes, const struct kp_elf_segment *segment,
                            const char **text, uint64_t *length, const char **why)
{
    const uint64_t pad = segment->alignment == 8 ? 8 : 4, size = segment->file_size;
    const uint8_t *notes = bytes + segment->offset;
    uint64_t at = 0;

    while (kp_inside(size, at, 12)) {
        const uint64_t owner = at + 12, owner_size = word(notes + at);
        const uint64_t text_size = word(notes + at + 4);
        uint64_t contents, next;

        /* The sums are below `size` plus 2^34: of them only kp_align could overflow. */
        if (!kp_align(owner + owner_size, pad, &contents) ||
            !kp_align(contents + text_size, pad, &next) || !kp_inside(size, owner, owner_size) ||
            !kp_inside(size, contents, text_size)) {
            *why = damaged;
            return false;
        }
        if (owner_size == sizeof(KP_NOTE_OWNER) && word(notes + at + 8) == KP_NOTE_TYPE &&
            memcmp(notes + owner, KP_NOTE_OWNER, sizeof(KP_NOTE_OWNER)) == 0) {
            *text = (const char *)notes + contents;
            *length = text_size;
            return true;
        }
        at = next;
    }
    return false;
}

bool kp_note_find(const uint8_t *bytes, uint64_t size, const char **text, size_t *length,
                  const char **why)
{
    static const char none[] = "no kpipe note: not a kpipe plugin";
    struct kp_elf elf;
    struct kp_elf_segment segment;
    uint64_t found = 0;

    if (!kp_elf_open(&elf, bytes, size, why))
        return false;
    *why = "built for another machine";
    if (!kp_elf_is_native(&elf))
        return false;
    *why = "an ELF file, but no shared object";
    if (elf.type != ET_DYN)
        return false;
    for (unsigned i = 0; i < elf.program_count; i++) {
        if (!kp_elf_segment(&elf, i, &segment, why))
            return false;
        *why = none;
        if (segment.type == PT_NOTE && segment.file_size != 0 &&
            find_in_segment(bytes, &segment, text, &found, why)) {
            *why = "its note is longer than 64 KiB";
            *length = strnlen(*text, found);
            return found <= MAX_TEXT;
        }
        if (*why != none)
            return false;
    }
    *why = none;
    return false;
}
