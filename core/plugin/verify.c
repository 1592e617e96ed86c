/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/verify.c - see verify.h: the descriptor, its codecs, formats and architectures.
 * Operations, sources, parameters and the comparison with the note stand in files of their own.
 */
#include "plugin/verify.h"

#include <inttypes.h>
#include <string.h>

#include "kpipe/traits.h"
#include "plugin/check.h"
#include "plugin/names.h"

#define MAX_PAGE_SIZES 32
#define KNOWN_ARCH_FLAGS                                                                           \
    (KP_ARCH_64BIT | KP_ARCH_BIG_ENDIAN | KP_ARCH_LITTLE_ENDIAN | KP_ARCH_PADDR_PHYSICAL)

/* Makes the next stage of the file, named NAME or NAME.unpack, from an operation, and
 * lets *operation point to the host's copy. */
static bool add_stage(struct kp_checker *checker, struct kp_plugin_file *file, const char *name,
                      bool unpack, const struct kp_operation **operation)
{
    struct kp_stage *stage = &file->stages[file->stage_count];

    stage->name = kp_arena_printf(checker->arena, "%s%s", name, unpack ? ".unpack" : "");
    if (stage->name == NULL)
        return kp_check_fail(checker, "out of memory");
    if (!kp_check_operation(checker, *operation, &stage->operation))
        return kp_check_inside(checker, "stage '%s'", stage->name);
    if (unpack && (stage->operation.flags & (KP_OP_NO_INPUT | KP_OP_MAY_BEGIN)) != 0)
        return kp_check_fail(checker, "stage '%s': flags: without a main input: unpacks nothing",
                             stage->name);
    stage->plugin = file;
    *operation = &stage->operation;
    file->stage_count++;
    return true;
}

static bool check_codec(struct kp_checker *checker, struct kp_plugin_file *file,
                        struct kp_codec *codec, const void *from)
{
    const char *kind;

    if (!kp_check_copy(checker, codec, sizeof(*codec), from,
                       KP_END_OF(struct kp_codec, target_decoders)) ||
        !kp_check_name(checker, "name", kp_is_format_name, &codec->name))
        return false;
    if (!kp_check_text(checker, "summary", KP_TEXT_NEEDED, &codec->summary) ||
        !kp_check_text(checker, "suffix", 0, &codec->suffix))
        return kp_check_inside(checker, "'%s'", codec->name);
    if (codec->compress == NULL || codec->decompress == NULL)
        return kp_check_fail(checker, "'%s': compress and decompress: a codec has both",
                             codec->name);
    if (codec->target_decoders != NULL)
        return kp_check_fail(checker, "'%s': target_decoders: NULL at API level 0", codec->name);
    if (!add_stage(checker, file, codec->name, false, &codec->compress) ||
        !add_stage(checker, file, codec->name, true, &codec->decompress))
        return false;
    file->stages[file->stage_count - 2].codec = codec->name;
    kind = codec->compress->output_kind;
    if (kind == NULL || strcmp(kind, KP_KIND_COMPRESSED) != 0 ||
        codec->decompress->output_kind != NULL)
        return kp_check_fail(checker, "'%s': output_kind: 'compressed', and NULL to decompress",
                             codec->name);
    return true;
}

static bool check_format(struct kp_checker *checker, struct kp_plugin_file *file,
                         struct kp_format *format, const void *from)
{
    if (!kp_check_copy(checker, format, sizeof(*format), from,
                       KP_END_OF(struct kp_format, inspect)) ||
        !kp_check_name(checker, "name", kp_is_format_name, &format->name))
        return false;
    if (!kp_check_text(checker, "summary", KP_TEXT_NEEDED, &format->summary) ||
        !kp_check_names(checker, "kinds", kp_is_kind, &format->kinds))
        return kp_check_inside(checker, "'%s'", format->name);
    if ((format->inspect == NULL) != (format->kinds == NULL))
        return kp_check_fail(checker, "'%s': inspect and kinds: one is missing", format->name);
    if (format->pack == NULL && format->unpack == NULL && format->inspect == NULL)
        return kp_check_fail(checker, "'%s': pack, unpack and inspect are missing", format->name);
    return (format->pack == NULL || add_stage(checker, file, format->name, false, &format->pack)) &&
           (format->unpack == NULL ||
            add_stage(checker, file, format->name, true, &format->unpack));
}

static bool check_pages(struct kp_checker *checker, struct kp_arch *arch)
{
    const uint32_t *from = arch->page_sizes;
    uint32_t *copy = kp_arena_array(checker->arena, MAX_PAGE_SIZES + 1, sizeof(*copy));

    if (copy == NULL)
        return kp_check_fail(checker, "out of memory");
    if (from == NULL || from[0] == 0)
        return kp_check_fail(checker, "page_sizes: missing");
    for (size_t i = 0; from[i] != 0; i++) {
        if (i == MAX_PAGE_SIZES)
            return kp_check_fail(checker, "page_sizes: more than %d, or no 0 at their end",
                                 MAX_PAGE_SIZES);
        if ((from[i] & (from[i] - 1)) != 0)
            return kp_check_fail(checker, "page_sizes: %" PRIu32 ": no power of two", from[i]);
        copy[i] = from[i];
    }
    arch->page_sizes = copy;
    return true;
}

static bool check_arch(struct kp_checker *checker, struct kp_plugin_file *file,
                       struct kp_arch *arch, const void *from)
{
    (void)file;
    if (!kp_check_copy(checker, arch, sizeof(*arch), from, KP_END_OF(struct kp_arch, boot_stub)) ||
        !kp_check_name(checker, "name", kp_is_arch_name, &arch->name))
        return false;
    if (!kp_check_names(checker, "aliases", kp_is_word, &arch->aliases) ||
        !kp_check_text(checker, "summary", KP_TEXT_NEEDED, &arch->summary) ||
        !kp_check_name(checker, "kbuild", kp_is_word, &arch->kbuild) ||
        !kp_check_names(checker, "debian", kp_is_word, &arch->debian) ||
        !kp_check_text(checker, "uboot", 0, &arch->uboot) ||
        !kp_check_text(checker, "bcj", 0, &arch->bcj) || !check_pages(checker, arch))
        return kp_check_inside(checker, "'%s'", arch->name);
    if ((arch->flags & ~KNOWN_ARCH_FLAGS) != 0)
        return kp_check_fail(checker, "'%s': flags: 0x%" PRIx32 ": unknown flags", arch->name,
                             arch->flags);
    if ((arch->flags & (KP_ARCH_BIG_ENDIAN | KP_ARCH_LITTLE_ENDIAN)) == 0)
        return kp_check_fail(checker, "'%s': flags: no byte order", arch->name);
    if (arch->boot_stub != NULL)
        return kp_check_fail(checker, "'%s': boot_stub: NULL at API level 0", arch->name);
    return true;
}

static bool check_source(struct kp_checker *checker, struct kp_plugin_file *file,
                         struct kp_source *source, const void *from)
{
    struct kp_stage *stage = &file->sources[file->source_count];

    if (!kp_check_source(checker, from, source, stage))
        return false;
    for (size_t i = 0; i < file->source_count; i++)
        if (strcmp(file->sources[i].name, stage->name) == 0)
            return kp_check_fail(checker, "'%s': a second one of this name", stage->name);
    stage->plugin = file;
    file->source_count++;
    return true;
}

/* Puts a copy in the place of one of the descriptor's tables. */
#define DEFINE_TABLE(type)                                                                         \
    static bool copy_##type##s(struct kp_checker *checker, struct kp_plugin_file *file,            \
                               const struct kp_##type *const **table)                              \
    {                                                                                              \
        const struct kp_##type **copy;                                                             \
        size_t count;                                                                              \
                                                                                                   \
        if (!kp_check_count(checker, #type "s", *table, &count))                                   \
            return false;                                                                          \
        copy = kp_arena_array(checker->arena, count + 1, sizeof(*copy));                           \
        for (size_t i = 0; copy != NULL && i < count; i++) {                                       \
            struct kp_##type *row = KP_ARENA_NEW(checker->arena, struct kp_##type);                \
                                                                                                   \
            if (row == NULL)                                                                       \
                return kp_check_fail(checker, "out of memory");                                    \
            if (!check_##type(checker, file, row, (*table)[i]))                                    \
                return kp_check_inside(checker, #type " %zu", i + 1);                              \
            copy[i] = row;                                                                         \
        }                                                                                          \
        *table = copy;                                                                             \
        return copy != NULL || kp_check_fail(checker, "out of memory");                            \
    }
DEFINE_TABLE(codec)
DEFINE_TABLE(format)
DEFINE_TABLE(arch)
DEFINE_TABLE(source)
#undef DEFINE_TABLE

/* Room for all stages that the tables can make, two a codec, two a format; and sources. */
static bool make_room(struct kp_checker *checker, struct kp_plugin_file *file)
{
    size_t codecs, formats, sources;

    if (!kp_check_count(checker, "codecs", file->descriptor.codecs, &codecs) ||
        !kp_check_count(checker, "formats", file->descriptor.formats, &formats) ||
        !kp_check_count(checker, "sources", file->descriptor.sources, &sources))
        return false;
    file->source_count = 0;
    file->sources = kp_arena_array(checker->arena, sources + 1, sizeof(*file->sources));
    file->stage_count = 0;
    file->stages =
        kp_arena_array(checker->arena, 2 * (codecs + formats) + 1, sizeof(*file->stages));
    return (file->stages != NULL && file->sources != NULL) ||
           kp_check_fail(checker, "out of memory");
}

static bool check_descriptor(struct kp_checker *checker, struct kp_plugin *descriptor,
                             const struct kp_plugin *from)
{
    if (!kp_check_copy(checker, descriptor, sizeof(*descriptor), from,
                       KP_END_OF(struct kp_plugin, get_extension)) ||
        !kp_check_name(checker, "id", kp_is_reverse_domain, &descriptor->id) ||
        !kp_check_text(checker, "name", KP_TEXT_NEEDED, &descriptor->name) ||
        !kp_check_text(checker, "version", KP_TEXT_NEEDED, &descriptor->version) ||
        !kp_check_text(checker, "license", KP_TEXT_NEEDED, &descriptor->license) ||
        !kp_check_text(checker, "vendor", KP_TEXT_NEEDED, &descriptor->vendor) ||
        !kp_check_text(checker, "url", KP_TEXT_NEEDED, &descriptor->url) ||
        !kp_check_text(checker, "summary", KP_TEXT_NEEDED, &descriptor->summary))
        return false;
    return descriptor->reserved == 0 || kp_check_fail(checker, "reserved: not 0");
}

bool kp_verify_plugin(struct kp_arena *arena, const struct kp_plugin *from,
                      struct kp_plugin_file *file)
{
    struct kp_checker checker = {.arena = arena};
    struct kp_plugin *descriptor = &file->descriptor;

    if (!check_descriptor(&checker, descriptor, from) || !make_room(&checker, file) ||
        !copy_codecs(&checker, file, &descriptor->codecs) ||
        !copy_formats(&checker, file, &descriptor->formats) ||
        !copy_archs(&checker, file, &descriptor->archs) ||
        !copy_sources(&checker, file, &descriptor->sources))
        kp_check_inside(&checker, "its descriptor is malformed");
    else if (!kp_check_note(&checker, file))
        kp_check_inside(&checker, "its note and its descriptor differ");
    else {
        for (size_t i = 0; i < file->stage_count; i++)
            pthread_mutex_init(&file->stages[i].lock, NULL);
        for (size_t i = 0; i < file->source_count; i++)
            pthread_mutex_init(&file->sources[i].lock, NULL);
        return true;
    }
    /* Nothing of a refused plugin may be used by mistake. */
    memset(descriptor, 0, sizeof(*descriptor));
    file->stages = NULL;
    file->stage_count = 0;
    file->sources = NULL;
    file->source_count = 0;
    file->reason = checker.why;
    return false;
}
