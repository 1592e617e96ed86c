/* SPDX-License-Identifier: MIT
 *
 * kpipe/note.h - what a plugin says about itself before it is opened.
 *
 * Opening a shared object runs its code, so everything that the host wants to
 * know earlier stands in an ELF note: who made the plugin, what it needs of the
 * host, which stages, codecs and architectures it offers, and by which bytes its
 * images are recognised. kpipe lists plugins, applies policies and identifies
 * files from notes alone, and opens only what a run really uses. The
 * descriptor must say the same, or the plugin is refused.
 *
 * The note: section .note.kpipe, owner "kpipe", type KP_NOTE_TYPE, contents one
 * run of text, lines of words separated by single blanks. KP_PLUGIN() in
 * plugin.h writes it; nobody else needs to know the grammar:
 *
 *     kpipe-note 1                                  grammar version
 *     id TEXT | name TEXT | version TEXT | license TEXT | vendor TEXT |
 *     url TEXT | summary TEXT                       each once, to the line's end
 *     api LEVEL                                     API level asked for
 *     sdk DIGEST                                    SHA-256 of the SDK's headers
 *     host VERSION                                  oldest host that will do
 *     codec NAME | format NAME | source NAME        what is offered
 *     stage NAME                                    each operation: gzip, gzip.unpack
 *     arch NAME ALIAS...                            an architecture
 *     magic KIND CODEC OFFSET BYTES MASK            a magic row; CODEC is - if none
 *     describes KIND                                its inspection tells more of images of a kind
 *                                                   whose header another one describes
 *     tool NAME                                     a host tool that it may ask for; *-NAME is
 *                                                   any whose name ends so, * is any
 */
#ifndef KPIPE_NOTE_H
#define KPIPE_NOTE_H

#include "base.h"
#include <kpipe/sdk_hash.h> /* KP_SDK_HASH and KP_SDK_VERSION, made when the SDK is built */

#define KP_NOTE_SECTION ".note.kpipe"
#define KP_NOTE_OWNER "kpipe"
#define KP_NOTE_TYPE 1
#define KP_NOTE_GRAMMAR "kpipe-note 1\n"

/* What a plugin offers, to be strung together as KP_PLUGIN's `offers`. Each
 * name must also stand in the descriptor's tables, and each in the tables here.
 */
#define KP_OFFERS_CODEC(name) "codec " name "\nstage " name "\nstage " name ".unpack\n"
#define KP_OFFERS_FORMAT(name) "format " name "\n"
#define KP_OFFERS_STAGE(name) "stage " name "\n"
#define KP_OFFERS_ARCH(name_and_aliases) "arch " name_and_aliases "\n"
#define KP_OFFERS_SOURCE(name) "source " name "\n"

/* A row by which images are recognised: at `offset` (decimal) stand the bytes
 * `bytes` wherever `mask` has ones; both in hexadecimal and of the same length. Of
 * all rows that match an image the one with the most bits wins.
 *     KP_MAGIC("zimage", "36", "18286f01", "ffffffff") */
#define KP_MAGIC(kind, offset, bytes, mask) "magic " kind " - " offset " " bytes " " mask "\n"
#define KP_MAGIC_CODEC(codec, offset, bytes, mask)                                                 \
    "magic compressed " codec " " offset " " bytes " " mask "\n"

/* As KP_MAGIC, if besides `near`, bytes in hexadecimal, stand anywhere in the image's first
 * 4096 bytes: for a format whose beginning is that of another one. They count as bits as well.
 *     KP_MAGIC_NEAR("fit", "0", "d00dfeed", "ffffffff", "00000001696d616765730000") */
#define KP_MAGIC_NEAR(kind, offset, bytes, mask, near)                                             \
    "magic " kind " - " offset " " bytes " " mask " " near "\n"

/* The inspection of a format in this plugin also tells of images of that kind, besides what the
 * plugin tells by whose row they are recognised: of what lies in the contents, say, whatever the
 * header. "raw" stands for all bytes that nobody recognises. */
#define KP_DESCRIBES(kind) "describes " kind "\n"

/* A host tool that the plugin may ask the host to run (tool.h). "*-ld" announces all whose names
 * end in "-ld" and are longer than that, as toolchains for other machines call theirs:
 * "arm-linux-gnueabihf-ld". "*" announces any; it grants none without the user's word. */
#define KP_WANTS_TOOL(name) "tool " name "\n"

#define KP_TEXT_OF_(x) #x
#define KP_TEXT_OF(x) KP_TEXT_OF_(x)
#define KP_PASTE_(a, b) a##b
#define KP_PASTE(a, b) KP_PASTE_(a, b)

#define KP_NOTE_TEXT_(id, name, version, license, vendor, url, summary, offers)                    \
    KP_NOTE_GRAMMAR "id " id "\nname " name "\nversion " version "\nlicense " license              \
                    "\nvendor " vendor "\nurl " url "\nsummary " summary                           \
                    "\napi " KP_TEXT_OF(KP_API_LEVEL) "\nsdk " KP_SDK_HASH                         \
                                                      "\nhost " KP_SDK_VERSION "\n" offers

#ifdef KP_STATIC_NAME
/* Compiled into a program that may not dlopen: the text and the entry get names
 * of their own, which the build's generated table refers to. */
#define KP_NOTE_(text)                                                                             \
    KP_EXTERN_C KP_EXPORT const char KP_PASTE(kpipe_note_, KP_STATIC_NAME)[];                      \
    const char KP_PASTE(kpipe_note_, KP_STATIC_NAME)[] = text;
#define KP_ENTRY_NAME KP_PASTE(kpipe_plugin_, KP_STATIC_NAME)
#else
#define KP_NOTE_(text)                                                                             \
    static const struct {                                                                          \
        uint32_t owner_size, text_size, type;                                                      \
        char owner[8];                                                                             \
        char contents[(sizeof(text) + 3u) & ~3u];                                                  \
    } kp_note_ __attribute__((section(KP_NOTE_SECTION), used, aligned(4))) = {                     \
        sizeof(KP_NOTE_OWNER), sizeof(text), KP_NOTE_TYPE, KP_NOTE_OWNER, text};
#define KP_ENTRY_NAME kpipe_plugin
#endif

/* The name under which the host looks for the entry in a shared object. */
#define KP_ENTRY_SYMBOL "kpipe_plugin"

#endif
