/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/sample.c - a small plugin with one of everything, and with macros that
 * break it in one point each: see CMakeLists.txt. It shows what the loader refuses;
 * how a plugin should look is shown by the SDK's template.
 */
#include <stdlib.h>

#include <kpipe/kpipe.h>

#ifndef SAMPLE_ID
#define SAMPLE_ID "org.example.sample"
#endif
#ifndef SAMPLE_CODEC
#define SAMPLE_CODEC "sample"
#endif
#ifndef SAMPLE_ARCH
#define SAMPLE_ARCH "sample_cpu"
#endif
#ifndef SAMPLE_VERSION /* of the descriptor */
#define SAMPLE_VERSION "1.0.0"
#endif
#ifndef SAMPLE_FURTHER /* further lines of the note */
#define SAMPLE_FURTHER ""
#endif
#ifndef SAMPLE_NULL
#define SAMPLE_NULL 0
#endif
#ifndef SAMPLE_OVERLAP
#define SAMPLE_OVERLAP 0
#endif
/* The headers refuse a level that they do not know; this one lies in its note. */
#ifdef SAMPLE_LEVEL
#undef KP_API_LEVEL
#define KP_API_LEVEL SAMPLE_LEVEL
#endif
#ifdef SAMPLE_HASH
#undef KP_SDK_HASH
#define KP_SDK_HASH SAMPLE_HASH
#endif
#ifdef SAMPLE_HOST
#undef KP_SDK_VERSION
#define KP_SDK_VERSION SAMPLE_HOST
#endif
#ifdef SAMPLE_GRAMMAR
#undef KP_NOTE_GRAMMAR
#define KP_NOTE_GRAMMAR SAMPLE_GRAMMAR
#endif

/* Tells the tests that code of this file ran: nothing may before it is opened. */
__attribute__((constructor)) static void leave_a_mark(void)
{
    setenv("KPIPE_TEST_MARK", SAMPLE_ID, 1);
}

#ifdef SAMPLE_NEEDS
extern int SAMPLE_NEEDS(void);
#else
static int nothing(void)
{
    return KP_OK;
}
#define SAMPLE_NEEDS nothing
#endif

static int32_t run(struct kp_call *call)
{
    (void)call;
    return SAMPLE_NEEDS();
}

struct params {
    uint64_t level;
    uint64_t other;
};

static const struct kp_param *const params[] = {
    KP_UINT(struct params, level, .minimum = 1, .maximum = 9, .fallback = "6", .summary = "effort"),
    &(const struct kp_param){.size = sizeof(struct kp_param),
                             .type = KP_TYPE_UINT,
                             .field_size = 8,
                             .offset = SAMPLE_OVERLAP ? 0 : offsetof(struct params, other),
                             .name = "other",
                             .summary = "another number"},
    NULL,
};

static const struct kp_operation compress = {.size = sizeof(struct kp_operation),
                                             .flags = KP_OP_DETERMINISTIC,
                                             .threading = KP_THREADS_ANY,
                                             .summary = "compress",
                                             .output_kind = KP_KIND_COMPRESSED,
                                             .params = params,
                                             .params_size = sizeof(struct params),
                                             .run = run};
static const struct kp_operation decompress = {.size = sizeof(struct kp_operation),
                                               .threading = KP_THREADS_STAGE,
                                               .summary = "decompress",
                                               .run = run};
static const struct kp_codec codec = {.size = sizeof(struct kp_codec),
                                      .name = SAMPLE_CODEC,
                                      .summary = "the sample codec",
                                      .compress = &compress,
                                      .decompress = &decompress,
                                      .inspect = run};
static const struct kp_codec *const codecs[] = {&codec, NULL};

static const char *const kinds[] = {"org.example.box", NULL};
static const struct kp_format format = {.size = sizeof(struct kp_format),
                                        .name = SAMPLE_CODEC "-box",
                                        .summary = "the sample format",
                                        .kinds = kinds,
                                        .unpack = &decompress,
                                        .inspect = run};
static const struct kp_format *const formats[] = {&format, NULL};

static const char *const aliases[] = {SAMPLE_ARCH "-alias", NULL};
static const uint32_t page_sizes[] = {4096, 0};
static const struct kp_arch arch = {.size = sizeof(struct kp_arch),
                                    .flags = KP_ARCH_LITTLE_ENDIAN,
                                    .name = SAMPLE_ARCH,
                                    .aliases = aliases,
                                    .summary = "a processor that does not exist",
                                    .kbuild = "sample",
                                    .page_sizes = page_sizes};
static const struct kp_arch *const archs[] = {&arch, NULL};

KP_NOTE_(KP_NOTE_TEXT_(SAMPLE_ID, "sample", "1.0.0", "BSD-3-Clause", "Example",
                       "https://example.org", "a sample",
                       KP_OFFERS_CODEC(SAMPLE_CODEC) KP_OFFERS_FORMAT(SAMPLE_CODEC "-box")
                           KP_OFFERS_STAGE(SAMPLE_CODEC "-box.unpack")
                               KP_OFFERS_ARCH(SAMPLE_ARCH " " SAMPLE_ARCH "-alias")
                                   KP_MAGIC_CODEC(SAMPLE_CODEC, "0", "73616d", "ffffff")
                                       KP_MAGIC("org.example.box", "4", "626f78", "ffffff")
                                           KP_WANTS_TOOL("dtc") SAMPLE_FURTHER))

#ifndef SAMPLE_NO_ENTRY
static const struct kp_plugin descriptor = {.size = sizeof(struct kp_plugin),
                                            .id = SAMPLE_ID,
                                            .name = "sample",
                                            .version = SAMPLE_VERSION,
                                            .license = "BSD-3-Clause",
                                            .vendor = "Example",
                                            .url = "https://example.org",
                                            .summary = "a sample",
                                            .codecs = codecs,
                                            .formats = formats,
                                            .archs = archs};

KP_EXPORT const struct kp_plugin *KP_ENTRY_NAME(uint32_t host_api_level, const char *host_version);
const struct kp_plugin *KP_ENTRY_NAME(uint32_t host_api_level, const char *host_version)
{
    (void)host_api_level;
    (void)host_version;
    return SAMPLE_NULL ? NULL : &descriptor;
}
#else
KP_EXPORT const void *unrelated(void);
const void *unrelated(void)
{
    static const void *const all[] = {codecs, formats, archs};

    return all;
}
#endif
