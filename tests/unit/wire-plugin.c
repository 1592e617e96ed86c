/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/wire-plugin.c - descriptors as messages: every field crosses, what is too much is cut
 * where the check has seen enough, and no message makes the reader do more than refuse it. That the
 * check says the same of both sides is tested by plugin-verify.c and plugin-params.c.
 */
#include "crossed-shared.h"
#include "plugin-shared.h"

#include "plugin/verify.h"

static int32_t run(struct kp_call *call)
{
    (void)call;
    return KP_OK;
}

static const void *extension(const char *id)
{
    return id;
}

/* --- one of everything, all fields different --- */

static const char *const some_names[] = {"one", "", "three", NULL};
static const char *const no_names[] = {NULL};
static const uint32_t pages[] = {4096, 7, 0xffffffff, 0};

static const struct kp_choice choice = {.size = sizeof(choice),
                                        .value = 0x80000001,
                                        .reserved = 2,
                                        .name = "choice",
                                        .summary = "choice summary",
                                        .tool = "choice tool",
                                        .passes_as = "choice passes as"};
static const struct kp_choice other_choice = {.size = sizeof(choice), .name = "other"};
static const struct kp_choice *const choices[] = {&choice, &other_choice, NULL};

static const struct kp_param inner = {.size = sizeof(inner), .name = "inner"};
static const struct kp_param *const inner_table[] = {&inner, NULL};

static const struct kp_param param = {
    .size = sizeof(param),
    .type = 1,
    .field_size = 2,
    .offset = 0x100000003,
    .item_size = 0x100000004,
    .name = "param",
    .list = 5,
    .flags = 6,
    .presence = 0x100000007,
    .summary = "param summary",
    .help = "param help",
    .unit = "param unit",
    .fallback = "param fallback",
    .trait = "param trait",
    .computed = "param computed",
    .minimum = 0x100000008,
    .maximum = 0x100000009,
    .low = INT64_MIN,
    .high = -11,
    .min_items = 0x10000000c,
    .max_items = 0x10000000d,
    .choices = choices,
    .fields = inner_table,
    .kinds = some_names,
    .since = "param since",
    .deprecated = "param deprecated",
    .needed_if = "param needed if",
    .passes = "param passes",
};
static const struct kp_param *const table[] = {&param, &inner, NULL};
static const struct kp_param *const no_rows[] = {NULL};

static const struct kp_operation operation = {
    .size = sizeof(operation),
    .flags = 21,
    .threading = 22,
    .summary = "operation summary",
    .help = "operation help",
    .input_kinds = some_names,
    .output_kind = "operation output kind",
    .params = table,
    .params_size = 0x100000017,
    .sets = &some_names[1],
    .sets_if_physical = &some_names[2],
    .parts = no_names,
    .memory_base = 0x100000018,
    .memory_per_byte = 0x100000019,
    .run = run,
    .tools = some_names,
};
static const struct kp_operation other_operation = {.size = sizeof(operation), .params = no_rows};

static const struct kp_codec codec = {.size = sizeof(codec),
                                      .name = "codec",
                                      .summary = "codec summary",
                                      .suffix = "codec suffix",
                                      .compress = &operation,
                                      .decompress = &other_operation,
                                      .inspect = run,
                                      .target_decoders = "something"};
static const struct kp_codec other_codec = {.size = sizeof(codec), .name = "other"};
static const struct kp_codec *const codecs[] = {&codec, &other_codec, NULL};

static const struct kp_format format = {.size = sizeof(format),
                                        .name = "format",
                                        .summary = "format summary",
                                        .kinds = some_names,
                                        .pack = &other_operation,
                                        .unpack = &operation,
                                        .inspect = run};
static const struct kp_format other_format = {.size = sizeof(format), .name = "other"};
static const struct kp_format *const formats[] = {&format, &other_format, NULL};

static const struct kp_arch arch = {.size = sizeof(arch),
                                    .flags = 31,
                                    .elf_machine = 32,
                                    .name = "arch",
                                    .aliases = some_names,
                                    .summary = "arch summary",
                                    .kbuild = "arch kbuild",
                                    .debian = &some_names[2],
                                    .uboot = "arch uboot",
                                    .uboot_number = 33,
                                    .efi_machine = 34,
                                    .bcj = "arch bcj",
                                    .page_sizes = pages,
                                    .boot_stub = "something"};
static const struct kp_arch other_arch = {.size = sizeof(arch), .name = "other"};
static const struct kp_arch *const archs[] = {&arch, &other_arch, NULL};

static const struct kp_source source = {.size = sizeof(source),
                                        .name = "source",
                                        .summary = "source summary",
                                        .help = "source help",
                                        .params = &table[1],
                                        .params_size = 0x100000029,
                                        .memory_base = 0x10000002a,
                                        .memory_per_byte = 0x10000002b,
                                        .run = run};
static const struct kp_source *const sources[] = {&source, NULL};

static const struct kp_plugin plugin = {.size = sizeof(plugin),
                                        .api_level = 51,
                                        .reserved = 52,
                                        .id = "id",
                                        .name = "name",
                                        .version = "version",
                                        .license = "license",
                                        .vendor = "vendor",
                                        .url = "url",
                                        .summary = "summary",
                                        .codecs = codecs,
                                        .formats = formats,
                                        .archs = archs,
                                        .sources = sources,
                                        .get_extension = extension};

/* --- whether it is all there --- */

static void same_text(const char *a, const char *b)
{
    ck_assert_int_eq(a == NULL, b == NULL);
    if (a == NULL)
        return;
    ck_assert_str_eq(a, b);
    ck_assert_ptr_ne(a, b);
}

static void same_names(const char *const *a, const char *const *b)
{
    ck_assert_int_eq(a == NULL, b == NULL);
    for (size_t i = 0; a != NULL && (i == 0 || a[i - 1] != NULL); i++)
        same_text(a[i], b[i]);
}

#define NUMBER(field) ck_assert(a->field == b->field)
#define TEXT(field) same_text(a->field, b->field)
#define NAMES(field) same_names(a->field, b->field)
#define PRESENCE(field) ck_assert_int_eq(a->field == NULL, b->field == NULL)
#define EACH(field, same)                                                                          \
    do {                                                                                           \
        PRESENCE(field);                                                                           \
        for (size_t i_ = 0; a->field != NULL && a->field[i_] != NULL; i_++) {                      \
            ck_assert_ptr_nonnull(b->field[i_]);                                                   \
            same(a->field[i_], b->field[i_]);                                                      \
            ck_assert_int_eq(a->field[i_ + 1] == NULL, b->field[i_ + 1] == NULL);                  \
        }                                                                                          \
    } while (0)

static void same_choice(const struct kp_choice *a, const struct kp_choice *b)
{
    NUMBER(size);
    NUMBER(value);
    NUMBER(reserved);
    TEXT(name);
    TEXT(summary);
    TEXT(tool);
    TEXT(passes_as);
}

static void same_param(const struct kp_param *a, const struct kp_param *b)
{
    NUMBER(size);
    NUMBER(type);
    NUMBER(field_size);
    NUMBER(offset);
    NUMBER(item_size);
    TEXT(name);
    NUMBER(list);
    NUMBER(flags);
    NUMBER(presence);
    TEXT(summary);
    TEXT(help);
    TEXT(unit);
    TEXT(fallback);
    TEXT(trait);
    TEXT(computed);
    NUMBER(minimum);
    NUMBER(maximum);
    NUMBER(low);
    NUMBER(high);
    NUMBER(min_items);
    NUMBER(max_items);
    EACH(choices, same_choice);
    EACH(fields, same_param);
    NAMES(kinds);
    TEXT(since);
    TEXT(deprecated);
    TEXT(needed_if);
    TEXT(passes);
}

static void same_operation(const struct kp_operation *a, const struct kp_operation *b)
{
    ck_assert_int_eq(a == NULL, b == NULL);
    if (a == NULL)
        return;
    NUMBER(size);
    NUMBER(flags);
    NUMBER(threading);
    TEXT(summary);
    TEXT(help);
    NAMES(input_kinds);
    TEXT(output_kind);
    EACH(params, same_param);
    NUMBER(params_size);
    NAMES(sets);
    NAMES(sets_if_physical);
    NAMES(parts);
    NUMBER(memory_base);
    NUMBER(memory_per_byte);
    PRESENCE(run);
    NAMES(tools);
    if (b->run != NULL)
        ck_assert_int_eq(b->run(NULL), KP_FAILED);
}

static void same_codec(const struct kp_codec *a, const struct kp_codec *b)
{
    NUMBER(size);
    TEXT(name);
    TEXT(summary);
    TEXT(suffix);
    same_operation(a->compress, b->compress);
    same_operation(a->decompress, b->decompress);
    PRESENCE(inspect);
    PRESENCE(target_decoders);
}

static void same_format(const struct kp_format *a, const struct kp_format *b)
{
    NUMBER(size);
    TEXT(name);
    TEXT(summary);
    NAMES(kinds);
    same_operation(a->pack, b->pack);
    same_operation(a->unpack, b->unpack);
    PRESENCE(inspect);
}

static void same_arch(const struct kp_arch *a, const struct kp_arch *b)
{
    NUMBER(size);
    NUMBER(flags);
    NUMBER(elf_machine);
    TEXT(name);
    NAMES(aliases);
    TEXT(summary);
    TEXT(kbuild);
    NAMES(debian);
    TEXT(uboot);
    NUMBER(uboot_number);
    NUMBER(efi_machine);
    TEXT(bcj);
    PRESENCE(page_sizes);
    for (size_t i = 0; a->page_sizes != NULL && i < 4; i++)
        NUMBER(page_sizes[i]);
    PRESENCE(boot_stub);
}

static void same_source(const struct kp_source *a, const struct kp_source *b)
{
    NUMBER(size);
    TEXT(name);
    TEXT(summary);
    TEXT(help);
    EACH(params, same_param);
    NUMBER(params_size);
    NUMBER(memory_base);
    NUMBER(memory_per_byte);
    PRESENCE(run);
}

static void same_plugin(const struct kp_plugin *a, const struct kp_plugin *b)
{
    NUMBER(size);
    NUMBER(api_level);
    NUMBER(reserved);
    TEXT(id);
    TEXT(name);
    TEXT(version);
    TEXT(license);
    TEXT(vendor);
    TEXT(url);
    TEXT(summary);
    EACH(codecs, same_codec);
    EACH(formats, same_format);
    EACH(archs, same_arch);
    EACH(sources, same_source);
    ck_assert_ptr_null(b->get_extension);
}

START_TEST(test_all_fields)
{
    const struct kp_plugin nothing = {.size = sizeof(nothing)};
    struct kp_arena *arena = kp_arena_new();

    same_plugin(&plugin, crossed(arena, &plugin));
    same_plugin(&nothing, crossed(arena, &nothing));
    kp_arena_free(arena);
}
END_TEST

START_TEST(test_arch)
{
    struct kp_wire_writer writer = {0};
    struct kp_arena *arena = kp_arena_new();
    struct kp_wire_reader reader;

    kp_wire_put_arch(&writer, &arch);
    reader = (struct kp_wire_reader){.bytes = writer.bytes, .size = writer.size};
    same_arch(&arch, kp_wire_take_arch(&reader, arena));
    ck_assert(kp_take_end(&reader));
    for (size_t size = 0; size < writer.size; size++) {
        reader = (struct kp_wire_reader){.bytes = writer.bytes, .size = size};
        ck_assert_ptr_null(kp_wire_take_arch(&reader, arena));
        ck_assert(reader.bad);
    }
    kp_wire_writer_free(&writer);
    kp_arena_free(arena);
}
END_TEST

/* Of a struct that is shorter or longer than this side's as much crosses as both know. */
START_TEST(test_sizes)
{
    struct {
        struct kp_plugin older;
        uint64_t more;
    } newer = {.older = plugin, .more = 5};
    struct kp_plugin older = plugin;
    struct kp_arena *arena = kp_arena_new();
    const struct kp_plugin *copy;

    newer.older.size = sizeof(newer);
    same_plugin(&newer.older, crossed(arena, &newer.older));
    older.size = offsetof(struct kp_plugin, codecs);
    copy = crossed(arena, &older);
    ck_assert_uint_eq(copy->size, older.size);
    same_text(plugin.summary, copy->summary);
    ck_assert_ptr_null(copy->codecs);
    older.size += 3; /* no half a pointer */
    ck_assert_ptr_null(crossed(arena, &older)->codecs);
    older.size = UINT64_MAX;
    copy = crossed(arena, &older);
    ck_assert_uint_eq(copy->size, UINT64_MAX);
    ck_assert_ptr_null(copy->id);
    kp_arena_free(arena);
}
END_TEST

/* --- too much --- */

/* Rows that may not be looked at: there is no end, and no struct. */
START_TEST(test_no_end)
{
    static const struct kp_codec *endless[KP_WIRE_MOST_ROWS];
    static const char *names[KP_WIRE_MOST_ROWS];
    struct kp_plugin many = {.size = sizeof(many)};
    struct kp_format endless_format = {.size = sizeof(endless_format), .kinds = names};
    const struct kp_format *const table_of_one[] = {&endless_format, NULL};
    struct kp_arena *arena = kp_arena_new();
    const struct kp_plugin *copy;
    size_t count = 0;

    for (size_t i = 0; i < KP_WIRE_MOST_ROWS; i++) {
        endless[i] = (const struct kp_codec *)(uintptr_t)(i + 1);
        names[i] = (const char *)(uintptr_t)(i + 1);
    }
    many.codecs = endless;
    many.formats = table_of_one;
    copy = crossed(arena, &many);
    while (copy->codecs[count] != NULL)
        count++;
    ck_assert_uint_eq(count, KP_WIRE_MOST_ROWS);
    for (count = 0; copy->formats[0]->kinds[count] != NULL; count++)
        ck_assert_str_eq(copy->formats[0]->kinds[count], "");
    ck_assert_uint_eq(count, KP_WIRE_MOST_ROWS);
    kp_arena_free(arena);
}
END_TEST

static struct kp_plugin of_table(const struct kp_param *const *params, struct kp_operation *pack,
                                 struct kp_format *of, const struct kp_format **rows)
{
    *pack = (struct kp_operation){.size = sizeof(*pack), .params = params};
    *of = (struct kp_format){.size = sizeof(*of), .pack = pack, .unpack = pack};
    rows[0] = of;
    rows[1] = NULL;
    return (struct kp_plugin){.size = sizeof(struct kp_plugin), .formats = rows};
}

/* A table that holds itself, and many that share their rows. */
START_TEST(test_no_bottom)
{
    static struct kp_param row = {.size = sizeof(row), .name = "row"};
    static const struct kp_param *rows[257];
    const struct kp_format *formats_of[2];
    struct kp_operation pack;
    struct kp_format of;
    const struct kp_plugin bottomless = of_table(rows, &pack, &of, formats_of);
    struct kp_arena *arena = kp_arena_new();
    const struct kp_param *const *copy;
    unsigned depth = 0;

    row.fields = rows;
    rows[0] = &row;
    copy = crossed(arena, &bottomless)->formats[0]->pack->params;
    for (; copy[0] != NULL; copy = copy[0]->fields)
        depth++;
    ck_assert_uint_eq(depth, KP_WIRE_MOST_DEPTH + 1);
    for (size_t i = 0; i < 256; i++)
        rows[i] = &row;
    copy = crossed(arena, &bottomless)->formats[0]->unpack->params;
    ck_assert_ptr_null(copy[0]); /* what stands before it was too much */
    kp_arena_free(arena);
}
END_TEST

START_TEST(test_long_text)
{
    char *text = malloc(5000000);
    struct kp_plugin talkative = {.size = sizeof(talkative), .url = text};
    struct kp_arena *arena = kp_arena_new();

    memset(text, 'x', 5000000); /* without an end */
    ck_assert_uint_eq(strlen(crossed(arena, &talkative)->url), 4096);
    text[4095] = '\0';
    ck_assert_uint_eq(strlen(crossed(arena, &talkative)->url), 4095);
    kp_arena_free(arena);
    free(text);
}
END_TEST

/* --- what is no descriptor --- */

/* Reads a message, and if it is one, checks what came as kpipe does. */
static bool read_message(const uint8_t *bytes, size_t size)
{
    static const char note[] = "kpipe-note 1\nid org.example.x\nname x\nversion 1\nlicense MIT\n"
                               "vendor V\nurl u\nsummary s\napi 0\nsdk abc\nhost 0.1\n";
    struct kp_wire_reader reader = {.bytes = bytes, .size = size};
    struct kp_arena *arena = kp_arena_new();
    const struct kp_plugin *copy = kp_wire_take_plugin(&reader, arena);
    struct kp_plugin_file file = {.path = "x"};
    const char *why = "";

    if (copy != NULL) {
        ck_assert(kp_note_parse(arena, note, strlen(note), &file.note, &why));
        ck_assert(!kp_verify_plugin(arena, copy, &file));
    } else {
        ck_assert(reader.bad);
    }
    kp_arena_free(arena);
    return copy != NULL;
}

START_TEST(test_cut)
{
    struct kp_wire_writer writer = {0};
    uint8_t *bytes;

    ck_assert(kp_wire_put_plugin(&writer, &plugin));
    for (size_t size = 0; size <= writer.size; size++) {
        bytes = malloc(size + 1);
        memcpy(bytes, writer.bytes, size);
        bytes = realloc(bytes, size > 0 ? size : 1);
        ck_assert_int_eq(read_message(bytes, size), size == writer.size);
        free(bytes);
    }
    kp_wire_writer_free(&writer);
}
END_TEST

START_TEST(test_flipped)
{
    struct kp_wire_writer writer = {0};
    size_t accepted = 0;

    ck_assert(kp_wire_put_plugin(&writer, &plugin));
    for (size_t i = 0; i < writer.size * 8; i++) {
        writer.bytes[i / 8] ^= (uint8_t)(1U << (i % 8));
        accepted += read_message(writer.bytes, writer.size);
        writer.bytes[i / 8] ^= (uint8_t)(1U << (i % 8));
    }
    ck_assert_uint_gt(accepted, 0);
    ck_assert_uint_lt(accepted, writer.size * 8);
    kp_wire_writer_free(&writer);
}
END_TEST

/* Counts that make the reader ask for much memory are refused before. */
START_TEST(test_amplified)
{
    struct kp_wire_writer writer = {0};
    struct kp_wire_reader reader;
    struct kp_arena *arena = kp_arena_new();

    kp_put_u64(&writer, sizeof(struct kp_plugin));
    kp_put_u32(&writer, 0);
    kp_put_u32(&writer, 0);
    for (size_t i = 0; i < 7; i++)
        kp_put_text(&writer, NULL);
    kp_put_u8(&writer, 1);
    kp_put_u32(&writer, KP_WIRE_MOST_ROWS + 1);
    reader = (struct kp_wire_reader){.bytes = writer.bytes, .size = writer.size};
    ck_assert_ptr_null(kp_wire_take_plugin(&reader, arena));
    ck_assert(reader.bad);
    kp_wire_writer_free(&writer);
    kp_arena_free(arena);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, test_all_fields);
    tcase_add_test(tests, test_arch);
    tcase_add_test(tests, test_sizes);
    tcase_add_test(tests, test_no_end);
    tcase_add_test(tests, test_no_bottom);
    tcase_add_test(tests, test_long_text);
    tcase_add_test(tests, test_cut);
    tcase_add_test(tests, test_flipped);
    tcase_add_test(tests, test_amplified);
}

int main(void)
{
    return run_case("wire-plugin", fill);
}
