/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/fuzz/note.c - the text of a note, read by plugin/note.h. What it finds in order must
 * keep the bounds that others rely on.
 */
#include <string.h>

#include "base/arena.h"
#include "fuzz.h"
#include "kpipe/kpipe.h"
#include "plugin/note.h"

/* Looks at all of a list of names. */
static void read_names(const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        FUZZ_CHECK(names[i] != NULL && names[i][0] != '\0');
}

static void check_magic(const struct kp_magic_row *row)
{
    unsigned bits = 0;

    FUZZ_CHECK(row->kind != NULL && row->length > 0);
    FUZZ_CHECK((strcmp(row->kind, "compressed") == 0) == (row->codec != NULL));
    for (size_t i = 0; i < row->length; i++) {
        FUZZ_CHECK((row->bytes[i] & ~row->mask[i]) == 0);
        bits += (unsigned)__builtin_popcount(row->mask[i]);
    }
    FUZZ_CHECK(bits == row->bits);
}

static void check_note(const struct kp_note *note)
{
    FUZZ_CHECK(note->id != NULL && note->name != NULL && note->version != NULL);
    FUZZ_CHECK(note->license != NULL && note->vendor != NULL && note->sdk_hash != NULL);
    read_names(note->codecs, note->codec_count);
    read_names(note->formats, note->format_count);
    read_names(note->sources, note->source_count);
    read_names(note->stages, note->stage_count);
    read_names(note->tools, note->tool_count);
    for (size_t i = 0; i < note->arch_count; i++) {
        FUZZ_CHECK(note->archs[i].count > 0);
        read_names(note->archs[i].names, note->archs[i].count);
    }
    for (size_t i = 0; i < note->magic_count; i++)
        check_magic(&note->magic[i]);
    kp_note_wants(note, "mkimage", true);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct kp_arena *arena = kp_arena_new();
    uint8_t *text = fuzz_copy(bytes, size);
    const char *why = NULL;
    struct kp_note note;

    FUZZ_CHECK(arena != NULL);
    if (kp_note_parse(arena, (const char *)text, size, &note, &why))
        check_note(&note);
    else
        FUZZ_CHECK(why != NULL && why[0] != '\0');
    free(text);
    kp_arena_free(arena);
    return 0;
}

/* --- inputs to begin with --- */

#define OFFERS                                                                                     \
    KP_OFFERS_CODEC("gz")                                                                          \
    KP_OFFERS_FORMAT("elf")                                                                        \
    KP_OFFERS_STAGE("elf")                                                                         \
    KP_OFFERS_STAGE("elf.unpack")                                                                  \
    KP_OFFERS_SOURCE("deb")                                                                        \
    KP_OFFERS_ARCH("arm arm32 armv7")                                                              \
    KP_MAGIC("zimage", "36", "18286f01", "ffffffff")                                               \
    KP_MAGIC_CODEC("gz", "0", "1f8b", "ff80")                                                      \
    KP_MAGIC("raw", "18446744073709551613", "00", "01")                                            \
    KP_WANTS_TOOL("mkimage") KP_WANTS_TOOL("*-ld") KP_WANTS_TOOL("*")

static const char *const texts[] = {
    KP_NOTE_TEXT_("org.example.x", "x", "1.2.3", "MIT", "M\xc3\xbcller", "https://example.org",
                  "packs x", OFFERS),
    KP_NOTE_TEXT_("org.example.y", "y", "1", "MIT", "y", "y", "y", ""),
    "kpipe-note 2\nid x\n",
    "kpipe-note 1\nfrobnicate much\n",
    "kpipe-note 1\nmagic raw - 0 zz zz\n",
    "kpipe-note 1\narch a a\n",
};

void fuzz_seeds(fuzz_seed *seed, void *data)
{
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        seed(data, texts[i], strlen(texts[i]));
}
