/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/plugin-note.c - notes: finding them in ELF files, whole and damaged, and the
 * grammar of their text; and the grammars of names.
 */
#include "plugin-shared.h"

#include <elf.h>

#include "base/vector.h"
#include "plugin/digest.h"
#include "plugin/names.h"
#include "plugin/note.h"

#define HEAD                                                                                       \
    "kpipe-note 1\nid org.example.x\nname x\nversion 1\nlicense MIT\nvendor Müller\n"             \
    "url u\nsummary a b\napi 0\nsdk abc\nhost 0.1\n"

static const char *parse_why(const char *text, size_t length)
{
    struct kp_arena *arena = kp_arena_new();
    struct kp_note note;
    const char *why = NULL;
    char *copy;

    ck_assert_msg(!kp_note_parse(arena, text, length, &note, &why), "accepted: %s", text);
    copy = text_of("%s", why);
    kp_arena_free(arena);
    return copy;
}
#define EXPECT(why, text) ck_assert_str_eq(parse_why(text, sizeof(text)), why)

START_TEST(test_parse)
{
    static const char text[] =
        HEAD "codec gz\nstage gz\nstage gz.unpack\nformat f\nsource tree\narch arm ARM armv7\n"
             "magic compressed gz 0 1f8b fff0\nmagic dtb - 18446744073709551613 d00d ffff\n"
             "tool dtc\n\0\0\0 padding";
    struct kp_arena *arena = kp_arena_new();
    struct kp_note note;
    const char *why;

    ck_assert_msg(kp_note_parse(arena, text, sizeof(text), &note, &why), "%s", why);
    ck_assert_str_eq(note.id, "org.example.x");
    ck_assert_str_eq(note.vendor, "Müller");
    ck_assert_str_eq(note.summary, "a b");
    ck_assert_str_eq(note.sdk_hash, "abc");
    ck_assert_str_eq(note.host_version, "0.1");
    ck_assert_uint_eq(note.api_level, 0);
    ck_assert_uint_eq(note.codec_count, 1);
    ck_assert_str_eq(note.codecs[0], "gz");
    ck_assert_uint_eq(note.stage_count, 2);
    ck_assert_str_eq(note.stages[1], "gz.unpack");
    ck_assert_uint_eq(note.format_count, 1);
    ck_assert_uint_eq(note.source_count, 1);
    ck_assert_uint_eq(note.arch_count, 1);
    ck_assert_uint_eq(note.archs[0].count, 3);
    ck_assert_str_eq(note.archs[0].names[2], "armv7");
    ck_assert_uint_eq(note.magic_count, 2);
    ck_assert_str_eq(note.magic[0].codec, "gz");
    ck_assert_uint_eq(note.magic[0].bits, 12);
    ck_assert_uint_eq(note.magic[0].bytes[1], 0x80); /* masked */
    ck_assert_ptr_null(note.magic[1].codec);
    ck_assert_uint_eq(note.magic[1].offset, UINT64_MAX - 2);
    ck_assert_str_eq(note.tools[0], "dtc");
    kp_arena_free(arena);
}
END_TEST

START_TEST(test_wants)
{
    static const char text[] = HEAD "tool ld\ntool *-ld\ntool ld.bfd\n";
    static const char any_text[] = HEAD "tool *\n";
    static const struct {
        const char *tool;
        bool wanted;
    } rows[] = {
        {"ld", true},          {"arm-ld", true},    {"arm-none-eabi-ld", true},
        {"a--ld", true},       {"ld.bfd", true},    {"-ld", false},
        {"arm-ld.bfd", false}, {"arm-gold", false}, {"ld-arm", false},
        {"", false},           {"*", false},
    };
    struct kp_arena *arena = kp_arena_new();
    struct kp_note note, any;
    const char *why;

    ck_assert(kp_note_parse(arena, text, sizeof(text), &note, &why));
    ck_assert(kp_note_parse(arena, any_text, sizeof(any_text), &any, &why));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_msg(kp_note_wants(&note, rows[i].tool, false) == rows[i].wanted, "%s",
                      rows[i].tool);
        ck_assert_msg(kp_note_wants(&note, rows[i].tool, true) == rows[i].wanted, "%s",
                      rows[i].tool);
    }
    ck_assert(kp_note_wants(&any, "arm-ld", true));
    ck_assert(!kp_note_wants(&any, "arm-ld", false));
    kp_arena_free(arena);
}
END_TEST

START_TEST(test_parse_head)
{
    EXPECT("line 1: no 'kpipe-note 1'", "");
    EXPECT("line 1: no 'kpipe-note 1'", "id org.example.x\n");
    EXPECT("line 1: cut off", "kpipe-note 1");
    EXPECT("line 2: cut off", "kpipe-note 1\nid org");
    EXPECT("note grammar 2: made by a newer SDK", "kpipe-note 2\nid org\n");
    EXPECT("note grammar : made by a newer SDK", "kpipe-note\n");
    EXPECT("no line 'id'", "kpipe-note 1\nname x\n");
    EXPECT("no line 'summary'", "kpipe-note 1\nid a.b\nname x\nversion 1\nlicense L\nvendor V\n"
                                "url u\n");
    EXPECT("no line 'api'", "kpipe-note 1\nid a.b\nname x\nversion 1\nlicense L\nvendor V\nurl u\n"
                            "summary s\nsdk x\nhost 1\n");
    EXPECT("line 2: 'id' without text", "kpipe-note 1\nid\n");
    EXPECT("line 2: 'id' without text", "kpipe-note 1\nid \n");
    EXPECT("line 3: 'id' twice", "kpipe-note 1\nid a.b\nid a.b\n");
    EXPECT("line 2: host: '1.': not well-formed", "kpipe-note 1\nhost 1.\n");
    EXPECT("line 2: sdk: 'a b': not well-formed", "kpipe-note 1\nsdk a b\n");
    EXPECT("line 2: api: 'x': no API level", "kpipe-note 1\napi x\n");
    EXPECT("line 2: api: '': no API level", "kpipe-note 1\napi\n");
    EXPECT("line 2: api: '4294967296': no API level", "kpipe-note 1\napi 4294967296\n");
    EXPECT("line 2: api: '99999999999999999999': no API level",
           "kpipe-note 1\napi 99999999999999999999\n");
    EXPECT("line 3: 'api' twice", "kpipe-note 1\napi 0\napi 0\n");
    EXPECT("line 12: unknown word 'frobnicate'", HEAD "frobnicate x\n");
    EXPECT("line 12: unknown word ''", HEAD "\n");
    EXPECT("its note holds control characters, or is no UTF-8", HEAD "tool d\x1b[1m\n");
    EXPECT("its note holds control characters, or is no UTF-8", HEAD "tool d\xff\n");
}
END_TEST

START_TEST(test_parse_offers)
{
    EXPECT("line 12: codec: 'Gz': not well-formed", HEAD "codec Gz\n");
    EXPECT("line 12: codec: '': not well-formed", HEAD "codec\n");
    EXPECT("line 13: codec 'gz' twice", HEAD "codec gz\ncodec gz\n");
    EXPECT("line 12: stage: 'gz.pack': not well-formed", HEAD "stage gz.pack\n");
    EXPECT("line 12: tool: '/bin/sh': not well-formed", HEAD "tool /bin/sh\n");
    EXPECT("line 12: tool: '**': not well-formed", HEAD "tool **\n");
    EXPECT("line 13: tool '*' twice", HEAD "tool *\ntool *\n");
    EXPECT("line 12: tool: '*ld': not well-formed", HEAD "tool *ld\n");
    EXPECT("line 12: tool: '*-': not well-formed", HEAD "tool *-\n");
    EXPECT("line 12: tool: '*-*': not well-formed", HEAD "tool *-*\n");
    EXPECT("line 12: tool: 'a*-ld': not well-formed", HEAD "tool a*-ld\n");
    EXPECT("line 13: tool '*-ld' twice", HEAD "tool *-ld\ntool *-ld\n");
    EXPECT("line 12: arch: '64': not well-formed", HEAD "arch 64\n");
    EXPECT("line 12: arch: 'a/b': not well-formed", HEAD "arch arm a/b\n");
    EXPECT("line 12: arch 'arm' twice", HEAD "arch arm arm\n");
    EXPECT("line 13: arch 'v7' twice", HEAD "arch arm v7\narch arm64 v7\n");
    EXPECT("line 12: arch: a word is missing", HEAD "arch arm  v7\n");
    EXPECT("line 12: arch: a word is missing", HEAD "arch\n");
    EXPECT("line 12: magic: five or six words, and at most 512 such lines",
           HEAD "magic dtb - 0 d00d\n");
    EXPECT("line 12: magic: '0g': no bytes", HEAD "magic dtb - 0 d0 ff 0g\n");
    EXPECT("line 12: magic: 'Dtb': no kind", HEAD "magic Dtb - 0 d0 ff\n");
    EXPECT("line 12: magic: 'gz': no codec of kind 'dtb'", HEAD "magic dtb gz 0 d0 ff\n");
    EXPECT("line 12: magic: '-': no codec of kind 'compressed'",
           HEAD "magic compressed - 0 d0 ff\n");
    EXPECT("line 12: magic: '-1 d0 ff': no offset, bytes and mask of one length",
           HEAD "magic dtb - -1 d0 ff\n");
    EXPECT("line 12: magic: '0 d ff': no offset, bytes and mask of one length",
           HEAD "magic dtb - 0 d ff\n");
    EXPECT("line 12: magic: '0 d0 FF': no offset, bytes and mask of one length",
           HEAD "magic dtb - 0 d0 FF\n");
    EXPECT("line 12: magic: '0 d00d ff': no offset, bytes and mask of one length",
           HEAD "magic dtb - 0 d00d ff\n");
    EXPECT("line 12: magic: '18446744073709551615 d0 ff': no offset, bytes and mask of one length",
           HEAD "magic dtb - 18446744073709551615 d0 ff\n");
    EXPECT("line 12: magic: a mask without ones", HEAD "magic dtb - 0 d0 00\n");
}
END_TEST

/* Lines of one word are bounded, and so are words of one line. */
START_TEST(test_parse_bounds)
{
    static const struct {
        const char *line, *why;
    } rows[] = {
        {"tool t%u\n", "line 524: more than 512 lines of 'tool'"},
        {"arch a%u\n", "line 524: more than 512 lines of 'arch'"},
        {"magic dtb - %u d0 ff\n",
         "line 524: magic: five or six words, and at most 512 such lines"},
    };
    struct kp_string text = {0};

    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        char line[64];

        kp_string_free(&text);
        memset(&text, 0, sizeof(text));
        kp_string_add(&text, HEAD);
        for (unsigned i = 0; i <= 512; i++) {
            const char *hole = strchr(rows[row].line, '%');

            snprintf(line, sizeof(line), "%.*s%u%s", (int)(hole - rows[row].line), rows[row].line,
                     i, hole + 2);
            kp_string_add(&text, line);
        }
        ck_assert_str_eq(parse_why(text.text, text.length), rows[row].why);
    }
    kp_string_free(&text);
    memset(&text, 0, sizeof(text));
    kp_string_add(&text, HEAD "arch");
    for (unsigned i = 0; i <= 64; i++)
        kp_string_printf(&text, " a%u", i);
    kp_string_add(&text, "\n");
    ck_assert_str_eq(parse_why(text.text, text.length), "line 12: arch: more than 64 words");
    kp_string_free(&text);
}
END_TEST

static const char *find_why(const uint8_t *bytes, size_t size)
{
    const char *text, *why = NULL;
    size_t length;

    return kp_note_find(bytes, size, &text, &length, &why) ? "found" : why;
}

START_TEST(test_find)
{
    size_t size, length;
    uint8_t *bytes = read_file(sample("sample"), &size);
    const char *text = NULL, *why;

    ck_assert_msg(kp_note_find(bytes, size, &text, &length, &why), "%s", why);
    ck_assert_int_eq(strncmp(text, "kpipe-note 1\nid org.example.sample\n", 34), 0);
    ck_assert_uint_eq(length, strlen(text)); /* without the padding behind */
    ck_assert_str_eq(find_why((const uint8_t *)"#!/bin/sh\nexit 0", 16), "no ELF file");
    ck_assert_str_eq(find_why(bytes, 0), "no ELF file");
    ck_assert_str_eq(find_why(bytes, 40), "a damaged ELF file: program headers outside the file");
    ck_assert_str_eq(find_why(bytes, 100), "a damaged ELF file: program headers outside the file");
    ck_assert_str_eq(find_why(bytes, 1024), "a damaged ELF file: a segment outside the file");
    bytes[offsetof(Elf64_Ehdr, e_type)] = ET_EXEC;
    ck_assert_str_eq(find_why(bytes, size), "an ELF file, but no shared object");
    bytes[offsetof(Elf64_Ehdr, e_machine)] ^= 0x55;
    ck_assert_str_eq(find_why(bytes, size), "built for another machine");
    bytes[EI_CLASS] = 7;
    ck_assert_str_eq(find_why(bytes, size), "a damaged ELF file: program headers outside the file");
    free(bytes);
    bytes = read_file(sample("no-note"), &size);
    ck_assert_str_eq(find_why(bytes, size), "no kpipe note: not a kpipe plugin");
    free(bytes);
}
END_TEST

/* Finds and parses, in a heap block of the exact size, so that the address sanitizer
 * sees any byte read beyond. */
static void try(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    struct kp_arena *arena = kp_arena_new();
    uint8_t digest[KP_DIGEST_SIZE];
    struct kp_note note;
    const char *text, *why = NULL;
    size_t length;

    ck_assert(copy != NULL && arena != NULL);
    memcpy(copy, bytes, size);
    if (!kp_note_find(copy, size, &text, &length, &why) ||
        !kp_note_parse(arena, text, length, &note, &why))
        ck_assert_ptr_nonnull(why);
    if (!kp_plugin_digest(copy, size, digest, &why))
        ck_assert_ptr_nonnull(why);
    kp_arena_free(arena);
    free(copy);
}

START_TEST(test_truncated)
{
    size_t size;
    uint8_t *bytes = read_file(sample("sample"), &size);

    for (size_t cut = 0; cut < size; cut += cut < 4096 ? 1 : 61)
        try(bytes, cut);
    free(bytes);
}
END_TEST

/* Each bit of the header, the program headers and the note, which lie in the first
 * page, and some further ones. */
START_TEST(test_flipped)
{
    size_t size;
    uint8_t *bytes = read_file(sample("sample"), &size);

    for (size_t at = 0; at < size; at += at < 2048 ? 1 : 997) {
        for (unsigned bit = 0; bit < 8; bit++) {
            bytes[at] ^= (uint8_t)(1u << bit);
            try(bytes, size);
            bytes[at] ^= (uint8_t)(1u << bit);
        }
        for (unsigned value = 0; value < 256 && at < 1024; value += 255) {
            const uint8_t before = bytes[at];

            bytes[at] = (uint8_t)value;
            try(bytes, size);
            bytes[at] = before;
        }
    }
    free(bytes);
}
END_TEST

START_TEST(test_names)
{
    ck_assert(kp_is_format_name("gzip") && kp_is_format_name("a-1"));
    ck_assert(!kp_is_format_name("") && !kp_is_format_name("1a") && !kp_is_format_name("a_b"));
    ck_assert(kp_is_stage_name("gzip") && kp_is_stage_name("gzip.unpack"));
    ck_assert(!kp_is_stage_name("gzip.") && !kp_is_stage_name("a.unpack.unpack"));
    ck_assert(kp_is_arch_name("x86_64") && !kp_is_arch_name("x86-64"));
    ck_assert(kp_is_param_name("a-b_c") && !kp_is_param_name("A"));
    ck_assert(kp_is_word("x86-64") && kp_is_word("9.5+1") && !kp_is_word("-a") &&
              !kp_is_word("a b"));
    ck_assert(kp_is_reverse_domain("org.kpipe.gzip") && kp_is_reverse_domain("com.9x"));
    ck_assert(!kp_is_reverse_domain("gzip") && !kp_is_reverse_domain("org.") &&
              !kp_is_reverse_domain("a..b") && !kp_is_reverse_domain("Org.x"));
    ck_assert(kp_is_kind("raw") && kp_is_kind("com.example.box") && !kp_is_kind("raw."));
    ck_assert(kp_is_version("0") && kp_is_version("1.20.3"));
    ck_assert(!kp_is_version("") && !kp_is_version("1.") && !kp_is_version(".1") &&
              !kp_is_version("1-rc"));
}
END_TEST

START_TEST(test_versions)
{
    ck_assert_int_eq(kp_compare_versions("1.2.3", "1.2.3"), 0);
    ck_assert_int_eq(kp_compare_versions("1.2", "1.2.0"), 0);
    ck_assert_int_eq(kp_compare_versions("1.02", "1.2"), 0);
    ck_assert_int_lt(kp_compare_versions("1.9", "1.10"), 0);
    ck_assert_int_gt(kp_compare_versions("2", "1.99"), 0);
    ck_assert_int_lt(kp_compare_versions("1.2", "1.2.1"), 0);
    ck_assert_int_gt(kp_compare_versions("0.30", "0.29"), 0);
    ck_assert_int_gt(kp_compare_versions("99999999999999999999.0", "1.0"), 0);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, test_parse);
    tcase_add_test(tests, test_wants);
    tcase_add_test(tests, test_parse_head);
    tcase_add_test(tests, test_parse_offers);
    tcase_add_test(tests, test_parse_bounds);
    tcase_add_test(tests, test_find);
    tcase_add_test(tests, test_truncated);
    tcase_add_test(tests, test_flipped);
    tcase_add_test(tests, test_names);
    tcase_add_test(tests, test_versions);
}

int main(void)
{
    return run_case("plugin-note", fill);
}
