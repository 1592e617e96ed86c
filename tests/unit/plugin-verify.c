/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/plugin-verify.c - descriptors: each rule for plugins, codecs, formats,
 * operations and architectures broken once, and each way to differ from the note.
 */
#include "crossed-shared.h"
#include "plugin-shared.h"

#include "plugin/verify.h"

#define HEAD                                                                                       \
    "kpipe-note 1\nid org.example.x\nname x\nversion 1\nlicense MIT\nvendor V\nurl u\n"            \
    "summary s\napi 0\nsdk abc\nhost 0.1\n"
#define OFFERS                                                                                     \
    "codec gz\nstage gz\nstage gz.unpack\nformat box\nstage box\nstage box.unpack\n"               \
    "arch cpu cpu-64 CPU\n"

/* A whole plugin that may be changed, one for each test. */
static struct kp_operation compress, decompress, pack, unpack;
static struct kp_codec codec;
static struct kp_format format;
static struct kp_arch arch;
static struct kp_plugin plugin;
static const struct kp_codec *codecs[3];
static const struct kp_format *formats[2];
static const struct kp_arch *archs[3];
static const char *aliases[] = {"cpu-64", "CPU", NULL};
static const char *kinds[] = {"com.example.box", NULL};
static const char *parts[] = {"head", "tail", NULL};
static const char *sets[] = {"load", "entry", NULL};
static const char *tools[] = {"ld", NULL};
static const char *bad_tools[] = {"/bin/ld", NULL};
/* A choice, within a record, that needs a tool. */
struct tool_record {
    uint32_t by;
};
struct tool_params {
    uint8_t unused;
    struct tool_record record;
};
static const struct kp_choice *const tool_choices[] = {KP_ONE_OF(0, "own", "s"),
                                                       KP_ONE_OF_TOOL(1, "gnu", "s", "gzip"), NULL};
static const struct kp_param *const tool_fields[] = {
    KP_CHOICE(struct tool_record, by, .choices = tool_choices, .summary = "s"), NULL};
static const struct kp_param *const tool_table[] = {
    KP_RECORD(struct tool_params, record, .fields = tool_fields, .summary = "s"), NULL};
static uint32_t page_sizes[] = {4096, 65536, 0};

static int32_t run(struct kp_call *call)
{
    (void)call;
    return KP_OK;
}

static void reset(void)
{
    const struct kp_operation any = {
        .size = sizeof(any), .threading = KP_THREADS_ANY, .summary = "s", .run = run};

    compress = decompress = pack = unpack = any;
    compress.output_kind = "compressed";
    pack.input_kinds = kinds;
    pack.sets = pack.sets_if_physical = sets;
    pack.output_kind = "same";
    unpack.parts = parts;
    unpack.help = "one\n\ntwo";
    codec = (struct kp_codec){.size = sizeof(codec),
                              .name = "gz",
                              .summary = "s",
                              .compress = &compress,
                              .decompress = &decompress,
                              .suffix = ".gz"};
    format = (struct kp_format){.size = sizeof(format),
                                .name = "box",
                                .summary = "s",
                                .kinds = kinds,
                                .inspect = run,
                                .pack = &pack,
                                .unpack = &unpack};
    arch = (struct kp_arch){.size = sizeof(arch),
                            .flags = KP_ARCH_LITTLE_ENDIAN,
                            .name = "cpu",
                            .aliases = aliases,
                            .summary = "s",
                            .kbuild = "cpu",
                            .page_sizes = page_sizes,
                            .debian = parts,
                            .uboot = "cpu",
                            .bcj = "arm"};
    codecs[0] = &codec;
    formats[0] = &format;
    archs[0] = &arch;
    codecs[1] = NULL;
    archs[1] = NULL;
    plugin = (struct kp_plugin){.size = sizeof(plugin),
                                .id = "org.example.x",
                                .name = "x",
                                .version = "1",
                                .license = "MIT",
                                .vendor = "V",
                                .url = "u",
                                .summary = "s",
                                .codecs = codecs,
                                .formats = formats,
                                .archs = archs};
}

static char *verdict_on(struct kp_arena *arena, const char *note_text,
                        const struct kp_plugin *descriptor)
{
    struct kp_plugin_file file = {.path = "x"};
    const char *why = "";

    ck_assert_msg(kp_note_parse(arena, note_text, strlen(note_text), &file.note, &why), "%s", why);
    return kp_verify_plugin(arena, descriptor, &file) ? text_of("fine")
                                                      : text_of("%s", file.reason);
}

/* What is said about the plugin as it is now, and the same if it comes from a worker; then puts
 * it in order again. */
static char *verdict(const char *note_text)
{
    struct kp_arena *arena = kp_arena_new();
    char *text = verdict_on(arena, note_text, &plugin);

    ck_assert_str_eq(verdict_on(arena, note_text, crossed(arena, &plugin)), text);
    kp_arena_free(arena);
    reset();
    return text;
}
#define SAY(text) ck_assert_str_eq(verdict(HEAD OFFERS), text)
#define MALFORMED(text) SAY("its descriptor is malformed: " text)
#define DIFFER(note, text)                                                                         \
    ck_assert_str_eq(verdict(note), "its note and its descriptor differ: " text)

START_TEST(test_good)
{
    struct kp_arena *arena = kp_arena_new();
    struct kp_plugin_file file = {.path = "x"};
    const char *why = "", *text = HEAD OFFERS;

    reset();
    ck_assert(kp_note_parse(arena, text, strlen(text), &file.note, &why));
    ck_assert_msg(kp_verify_plugin(arena, &plugin, &file), "%s", file.reason);
    ck_assert_uint_eq(file.stage_count, 4);
    memset(&plugin, 0x55, sizeof(plugin));
    memset(&codec, 0x55, sizeof(codec));
    memset(&arch, 0x55, sizeof(arch));
    memset(&compress, 0x55, sizeof(compress));
    ck_assert_str_eq(file.descriptor.codecs[0]->suffix, ".gz");
    ck_assert_str_eq(file.descriptor.codecs[0]->compress->output_kind, "compressed");
    ck_assert_str_eq(file.descriptor.archs[0]->aliases[1], "CPU");
    ck_assert_uint_eq(file.descriptor.archs[0]->page_sizes[1], 65536);
    ck_assert_str_eq(file.stages[3].name, "box.unpack");
    ck_assert_str_eq(file.stages[3].operation.parts[1], "tail");
    ck_assert_int_eq(pthread_mutex_trylock(&file.stages[3].lock), 0);
    pthread_mutex_unlock(&file.stages[3].lock);
    kp_arena_free(arena);
}
END_TEST

START_TEST(test_plugin)
{
    reset();
    plugin.size = 8;
    SAY(text_of("its descriptor is malformed: size: 8: the struct has at least %zu bytes",
                sizeof(plugin)));
    plugin.id = "x";
    MALFORMED("id: 'x': not well-formed");
    plugin.name = NULL;
    MALFORMED("name: missing");
    plugin.version = "";
    MALFORMED("version: missing");
    plugin.license = "a\n";
    MALFORMED("license: holds control characters, or is no UTF-8");
    plugin.vendor = NULL;
    MALFORMED("vendor: missing");
    plugin.url = NULL;
    MALFORMED("url: missing");
    plugin.summary = NULL;
    MALFORMED("summary: missing");
    plugin.reserved = 1;
    MALFORMED("reserved: not 0");
}
END_TEST

/* A plugin with one source, and what is said about it. */
static struct kp_source source;
static const struct kp_source *sources[3];

static void reset_source(void)
{
    reset();
    source = (struct kp_source){.size = sizeof(source), .name = "src", .summary = "s", .run = run};
    sources[0] = &source;
    sources[1] = NULL;
    plugin.sources = sources;
}

/* What a source may not have. */
struct source_params {
    const struct kp_stage_value *stage;
    const struct kp_image *image;
    struct kp_list images;
    struct kp_text text;
    uint32_t choice;
};
static const struct kp_param *const takes_stage[] = {
    KP_STAGE(struct source_params, stage, .summary = "s"), NULL};
static const struct kp_param *const takes_trait[] = {
    KP_TEXT(struct source_params, text, .trait = "version", .summary = "s"), NULL};
static const struct kp_param *const expands[] = {
    KP_TEXT(struct source_params, text, .flags = KP_PARAM_TRAITS, .summary = "s"), NULL};

static const struct kp_param *const names_tool[] = {
    KP_TEXT(struct source_params, text, .flags = KP_PARAM_TOOL, .summary = "s"), NULL};
static const struct kp_param *const chooses_tool[] = {
    KP_CHOICE(struct source_params, choice, .choices = tool_choices, .summary = "s"), NULL};

#define MAY_MISS .flags = KP_PARAM_MAY_MISS, .summary = "s"
static const struct kp_param *const may_miss[] = {KP_IMAGE(struct source_params, image, MAY_MISS),
                                                  NULL};
static const struct kp_param *const text_may_miss[] = {
    KP_TEXT(struct source_params, text, MAY_MISS), NULL};
static const struct kp_param *const list_may_miss[] = {
    KP_IMAGE_LIST(struct source_params, images, MAY_MISS), NULL};
static const struct kp_param *const required_may_miss[] = {
    KP_IMAGE(struct source_params, image, .flags = KP_PARAM_MAY_MISS | KP_PARAM_REQUIRED,
             .summary = "s"),
    NULL};

#define SOURCE_SAYS(change, text)                                                                  \
    do {                                                                                           \
        reset_source();                                                                            \
        change;                                                                                    \
        ck_assert_str_eq(verdict(HEAD OFFERS "source src\n"),                                      \
                         "its descriptor is malformed: source 1: " text);                          \
    } while (0)

#define WRONG_MAY_MISS                                                                             \
    "KP_PARAM_MAY_MISS is for an image or a tree that is neither required nor a list"

START_TEST(test_source)
{
    reset_source();
    ck_assert_str_eq(verdict(HEAD OFFERS "source src\n"), "fine");
    SOURCE_SAYS(source.name = "SRC", "name: 'SRC': not well-formed");
    SOURCE_SAYS(source.name = "file", "'file': name: that of a built-in type of input");
    SOURCE_SAYS(source.name = "tree", "'tree': name: that of a built-in type of input");
    SOURCE_SAYS(source.summary = NULL, "'src': summary: missing");
    SOURCE_SAYS(source.run = NULL, "'src': run: missing");
    SOURCE_SAYS(source.params_size = 8, "'src': params_size: 8: without parameters");
    SOURCE_SAYS((source.params = takes_stage, source.params_size = sizeof(struct source_params)),
                "'src': stage: a source takes no stages");
    SOURCE_SAYS((source.params = text_may_miss, source.params_size = sizeof(struct source_params)),
                "'src': text: flags: " WRONG_MAY_MISS);
    SOURCE_SAYS((source.params = list_may_miss, source.params_size = sizeof(struct source_params)),
                "'src': images: flags: " WRONG_MAY_MISS);
    SOURCE_SAYS(
        (source.params = required_may_miss, source.params_size = sizeof(struct source_params)),
        "'src': image: flags: " WRONG_MAY_MISS);
    reset_source();
    source.params = may_miss;
    source.params_size = sizeof(struct source_params);
    ck_assert_str_eq(verdict(HEAD OFFERS "source src\n"), "fine");
    SOURCE_SAYS((source.params = takes_trait, source.params_size = sizeof(struct source_params)),
                "'src': text: a source has no main input with traits");
    SOURCE_SAYS((source.params = expands, source.params_size = sizeof(struct source_params)),
                "'src': text: a source has no main input with traits");
    SOURCE_SAYS((source.params = names_tool, source.params_size = sizeof(struct source_params)),
                "'src': text: a source runs no tools");
    SOURCE_SAYS((source.params = chooses_tool, source.params_size = sizeof(struct source_params)),
                "'src': choice: a source runs no tools");
    reset_source();
    sources[1] = &source;
    sources[2] = NULL;
    ck_assert_str_eq(verdict(HEAD OFFERS "source src\n"),
                     "its descriptor is malformed: source 2: 'src': a second one of this name");
    reset_source();
    DIFFER(HEAD OFFERS, "source 'src': only in the descriptor");
    DIFFER(HEAD OFFERS "source src\n", "source 'src': only in the note");
}
END_TEST

START_TEST(test_codec)
{
    reset();
    codec.size = 16;
    SAY(text_of("its descriptor is malformed: codec 1: size: 16: the struct has at least %zu "
                "bytes",
                sizeof(codec)));
    codec.name = "GZ";
    MALFORMED("codec 1: name: 'GZ': not well-formed");
    codec.summary = NULL;
    MALFORMED("codec 1: 'gz': summary: missing");
    codec.suffix = "\t";
    MALFORMED("codec 1: 'gz': suffix: holds control characters, or is no UTF-8");
    codec.decompress = NULL;
    MALFORMED("codec 1: 'gz': compress and decompress: a codec has both");
    codec.target_decoders = &codec;
    MALFORMED("codec 1: 'gz': target_decoders: NULL at API level 0");
    compress.output_kind = NULL;
    MALFORMED("codec 1: 'gz': output_kind: 'compressed', and NULL to decompress");
    compress.output_kind = "raw";
    MALFORMED("codec 1: 'gz': output_kind: 'compressed', and NULL to decompress");
    decompress.output_kind = "raw";
    MALFORMED("codec 1: 'gz': output_kind: 'compressed', and NULL to decompress");
    codecs[1] = &codec;
    SAY("its note and its descriptor differ: stage 'gz': twice in the descriptor");
}
END_TEST

START_TEST(test_format)
{
    reset();
    format.size = 0;
    SAY(text_of("its descriptor is malformed: format 1: size: 0: the struct has at least %zu "
                "bytes",
                sizeof(format)));
    format.name = NULL;
    MALFORMED("format 1: name: missing");
    format.summary = NULL;
    MALFORMED("format 1: 'box': summary: missing");
    format.kinds = (const char *const[]){"Box", NULL};
    MALFORMED("format 1: 'box': kinds: 'Box': not well-formed");
    format.kinds = NULL;
    MALFORMED("format 1: 'box': inspect and kinds: one is missing");
    format.inspect = NULL;
    MALFORMED("format 1: 'box': inspect and kinds: one is missing");
    format.kinds = NULL;
    format.inspect = NULL;
    format.pack = format.unpack = NULL;
    MALFORMED("format 1: 'box': pack, unpack and inspect are missing");
}
END_TEST

START_TEST(test_operation)
{
    reset();
    pack.size = 9;
    SAY(text_of("its descriptor is malformed: format 1: stage 'box': size: 9: the struct has at "
                "least %zu bytes",
                sizeof(pack)));
    pack.run = NULL;
    MALFORMED("format 1: stage 'box': run: missing");
    pack.flags = 8;
    MALFORMED("format 1: stage 'box': flags: 0x8: unknown flags");
    pack.flags = KP_OP_MAY_BEGIN;
    pack.output_kind = KP_KIND_SAME;
    MALFORMED("format 1: stage 'box': flags: KP_OP_MAY_BEGIN with KP_OP_NO_INPUT, or with the main "
              "input's kind as output_kind");
    pack.threading = 3;
    MALFORMED("format 1: stage 'box': threading: 3: unknown");
    pack.summary = NULL;
    MALFORMED("format 1: stage 'box': summary: missing");
    pack.help = "\x7f";
    MALFORMED("format 1: stage 'box': help: holds control characters, or is no UTF-8");
    pack.input_kinds = (const char *const[]){"same", NULL};
    MALFORMED("format 1: stage 'box': input_kinds: 'same': not well-formed");
    pack.output_kind = "";
    MALFORMED("format 1: stage 'box': output_kind: missing");
    pack.output_kind = "Box";
    MALFORMED("format 1: stage 'box': output_kind: 'Box': not well-formed");
    pack.sets = (const char *const[]){"laod", NULL};
    MALFORMED("format 1: stage 'box': sets: 'laod': not well-formed");
    pack.sets_if_physical = (const char *const[]){"x y", NULL};
    MALFORMED("format 1: stage 'box': sets_if_physical: 'x y': not well-formed");
    pack.parts = (const char *const[]){"a.b", NULL};
    MALFORMED("format 1: stage 'box': parts: 'a.b': not well-formed");
    pack.flags = KP_OP_NO_INPUT;
    MALFORMED("format 1: stage 'box': input_kinds: with KP_OP_NO_INPUT there is no input");
    pack.flags = KP_OP_NO_INPUT;
    pack.input_kinds = NULL;
    MALFORMED("format 1: stage 'box': output_kind: with KP_OP_NO_INPUT there is no input");
    unpack.flags = KP_OP_NO_INPUT;
    MALFORMED("format 1: stage 'box.unpack': flags: without a main input: unpacks nothing");
    pack.params_size = 8;
    MALFORMED("format 1: stage 'box': params_size: 8: without parameters");
    pack.params = (const struct kp_param *const[]){NULL};
    SAY("fine");
    pack.params = (const struct kp_param *const[]){
        &(const struct kp_param){.size = sizeof(struct kp_param), .name = "a"}, NULL};
    MALFORMED("format 1: stage 'box': a: type: 0: unknown");
}
END_TEST

START_TEST(test_arch)
{
    static uint32_t many[40];

    reset();
    arch.size = 1;
    SAY(text_of("its descriptor is malformed: arch 1: size: 1: the struct has at least %zu bytes",
                sizeof(arch)));
    arch.name = "c-pu";
    MALFORMED("arch 1: name: 'c-pu': not well-formed");
    arch.aliases = (const char *const[]){"a b", NULL};
    MALFORMED("arch 1: 'cpu': aliases: 'a b': not well-formed");
    arch.summary = NULL;
    MALFORMED("arch 1: 'cpu': summary: missing");
    arch.kbuild = NULL;
    MALFORMED("arch 1: 'cpu': kbuild: missing");
    arch.debian = (const char *const[]){NULL};
    MALFORMED("arch 1: 'cpu': debian: an empty table");
    arch.uboot = "\x01";
    MALFORMED("arch 1: 'cpu': uboot: holds control characters, or is no UTF-8");
    arch.bcj = "\xff";
    MALFORMED("arch 1: 'cpu': bcj: holds control characters, or is no UTF-8");
    arch.page_sizes = NULL;
    MALFORMED("arch 1: 'cpu': page_sizes: missing");
    arch.page_sizes = (const uint32_t[]){4096, 5000, 0};
    MALFORMED("arch 1: 'cpu': page_sizes: 5000: no power of two");
    for (size_t i = 0; i < 40; i++)
        many[i] = 4096;
    arch.page_sizes = many;
    MALFORMED("arch 1: 'cpu': page_sizes: more than 32, or no 0 at their end");
    arch.flags = KP_ARCH_LITTLE_ENDIAN | 64;
    MALFORMED("arch 1: 'cpu': flags: 0x44: unknown flags");
    arch.flags = KP_ARCH_64BIT;
    MALFORMED("arch 1: 'cpu': flags: no byte order");
    arch.boot_stub = &arch;
    MALFORMED("arch 1: 'cpu': boot_stub: NULL at API level 0");
}
END_TEST

START_TEST(test_tables)
{
    static const struct kp_codec *many[300];

    reset();
    for (size_t i = 0; i < 300; i++)
        many[i] = &codec;
    plugin.codecs = many;
    MALFORMED("codecs: more than 256 rows, or no NULL at its end");
    plugin.codecs = NULL;
    plugin.formats = NULL;
    plugin.archs = NULL;
    ck_assert_str_eq(verdict(HEAD), "fine");
}
END_TEST

START_TEST(test_note)
{
    reset();
    plugin.api_level = 7;
    DIFFER(HEAD OFFERS, "API level: 0 in the note, 7 in the descriptor");
    plugin.id = "org.example.y";
    DIFFER(HEAD OFFERS, "id: 'org.example.x' in the note, 'org.example.y' in the descriptor");
    plugin.name = "y";
    DIFFER(HEAD OFFERS, "name: 'x' in the note, 'y' in the descriptor");
    plugin.license = "GPL";
    DIFFER(HEAD OFFERS, "license: 'MIT' in the note, 'GPL' in the descriptor");
    plugin.vendor = "W";
    DIFFER(HEAD OFFERS, "vendor: 'V' in the note, 'W' in the descriptor");
    plugin.url = "v";
    DIFFER(HEAD OFFERS, "url: 'u' in the note, 'v' in the descriptor");
    plugin.summary = "t";
    DIFFER(HEAD OFFERS, "summary: 's' in the note, 't' in the descriptor");
    DIFFER(HEAD OFFERS "source tree\n", "source 'tree': only in the note");
    compress.tools = tools;
    DIFFER(HEAD OFFERS, "tool 'ld': only in the descriptor");
    compress.tools = tools;
    DIFFER(HEAD OFFERS "tool gzip\n", "tool 'ld': only in the descriptor");
    compress.tools = tools;
    ck_assert_str_eq(verdict(HEAD OFFERS "tool gzip\ntool ld\n"), "fine");
    compress.tools = tools;
    ck_assert_str_eq(verdict(HEAD OFFERS "tool *\n"), "fine");
    unpack.params = tool_table;
    unpack.params_size = sizeof(struct tool_params);
    DIFFER(HEAD OFFERS "tool ld\n", "tool 'gzip': only in the descriptor");
    unpack.params = tool_table;
    unpack.params_size = sizeof(struct tool_params);
    ck_assert_str_eq(verdict(HEAD OFFERS "tool gzip\n"), "fine");
    ck_assert_str_eq(verdict(HEAD OFFERS "tool gzip\n"), "fine"); /* one that a parameter names */
    compress.tools = bad_tools;
    MALFORMED("codec 1: stage 'gz': tools: '/bin/ld': not well-formed");
    DIFFER(HEAD OFFERS "codec xz\n", "codec 'xz': only in the note");
    DIFFER(HEAD, "codec 'gz': only in the descriptor");
    DIFFER(HEAD OFFERS "format xz\n", "format 'xz': only in the note");
    DIFFER(HEAD OFFERS "stage xz\n", "stage 'xz': only in the note");
    DIFFER(HEAD "codec gz\nstage gz\nstage gz.unpack\nformat box\nstage box\narch cpu CPU cpu-64\n",
           "stage 'box.unpack': only in the descriptor");
    DIFFER(HEAD OFFERS "arch mips\n", "arch 'mips': only in the note");
    DIFFER(HEAD "codec gz\nstage gz\nstage gz.unpack\nformat box\nstage box\nstage box.unpack\n",
           "arch 'cpu': only in the descriptor");
    DIFFER(HEAD "codec gz\nstage gz\nstage gz.unpack\nformat box\nstage box\nstage box.unpack\n"
                "arch cpu CPU\n",
           "arch 'cpu': alias 'cpu-64': only in the descriptor");
    arch.aliases = NULL;
    DIFFER(HEAD OFFERS, "arch 'cpu': alias 'cpu-64': only in the note");
    archs[1] = &arch;
    DIFFER(HEAD OFFERS, "arch: one is twice in the descriptor");
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, test_good);
    tcase_add_test(tests, test_plugin);
    tcase_add_test(tests, test_source);
    tcase_add_test(tests, test_codec);
    tcase_add_test(tests, test_format);
    tcase_add_test(tests, test_operation);
    tcase_add_test(tests, test_arch);
    tcase_add_test(tests, test_tables);
    tcase_add_test(tests, test_note);
}

int main(void)
{
    return run_case("plugin-verify", fill);
}
