/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/relic.c - a plugin for tests of recordings: a stage that asks for all that only a
 * recipe can answer, and then does something wrong, unless RELIC_FIXED is defined. Built several
 * times, as a vendor would build it, each with the same id:
 *
 *     RELIC_FIXED     what was wrong is right
 *     RELIC_STRAYS    asks for another member of the tree
 *     RELIC_LAYOUT    has one more parameter
 *     RELIC_VERSION   its version
 *     RELIC_STAGE     the name of the stage
 *
 *     relic           the file `member` of `tree`, the output of the stage `inner`, what `packed`
 *                     decompresses to and a part `rest`; then `how`: fine, crash, level (the
 *                     parameter of that name is refused), trait (sets one that is not declared),
 *                     tasks (nothing, but more bytes, made in parallel)
 */
#include <string.h>

#include <kpipe/kpipe.h>

#ifndef RELIC_VERSION
#define RELIC_VERSION "1.0.0"
#endif
#ifndef RELIC_STAGE
#define RELIC_STAGE "relic"
#endif
#ifdef RELIC_STRAYS
#define MEMBER "astray"
#else
#define MEMBER params->member.bytes
#endif

enum { FINE, CRASH, LEVEL, TRAIT, TASKS };

struct relic_params {
    const struct kp_tree *tree;
    struct kp_text member;
    const struct kp_stage_value *inner;
    const struct kp_image *packed;
    uint32_t how;
    uint64_t level;
#ifdef RELIC_LAYOUT
    uint64_t more;
#endif
};

#ifndef RELIC_FIXED
static volatile uintptr_t nowhere = 16;

/* What a debugger is to name. */
#ifdef __clang__
__attribute__((noinline))
#else
__attribute__((noinline, noclone))
#endif
static int32_t
relic_breaks(struct kp_call *call)
{
    *(volatile char *)nowhere = 1;
    return call == NULL ? KP_FAILED : KP_OK;
}
#endif

static int32_t misdo(struct kp_call *call, uint32_t how, const uint64_t *level)
{
#ifndef RELIC_FIXED
    if (how == CRASH)
        return relic_breaks(call);
    if (how == LEVEL)
        return kp_fail_at(call, level, "take less", "level: %u is too much", (unsigned)*level);
    if (how == TRAIT)
        return call->host->set_number(call, call->output, "load", 1);
#else
    (void)call;
    (void)how;
    (void)level;
#endif
    return KP_OK;
}

static void task(void *data, uint64_t index)
{
    ((uint8_t *)data)[index] = (uint8_t)('a' + index % 26);
}

static int32_t from_tree(struct kp_call *call, const struct relic_params *params)
{
    const struct kp_image *image;
    struct kp_tree_entry entry = {.size = sizeof(entry)};
    struct kp_list entries;
    char line[64];

    if (params->tree == NULL)
        return KP_OK;
    if (call->host->tree_list(call, params->tree, "", &entries) != KP_OK ||
        call->host->tree_find(call, params->tree, params->member.bytes, &entry) != 1)
        return KP_FAILED;
    image = call->host->tree_open(call, params->tree, MEMBER);
    if (image == NULL)
        return KP_FAILED;
    snprintf(line, sizeof(line), "%u members, %u bytes: ", (unsigned)entries.count,
             (unsigned)entry.length);
    if (kp_append(call, line, strlen(line)) != KP_OK)
        return KP_FAILED;
    return kp_append_image(call, image);
}

static int32_t from_stage(struct kp_call *call, const struct kp_stage_value *stage)
{
    const struct kp_image *image =
        stage == NULL ? call->input : call->host->run_stage(call, stage, call->input);

    return image == NULL ? KP_FAILED : kp_append_image(call, image);
}

static int32_t from_packed(struct kp_call *call, const struct kp_image *packed)
{
    const struct kp_image *image;
    uint64_t end;

    if (packed == NULL)
        return KP_OK;
    image = call->host->decode(call, packed, 1 << 20, &end);
    return image == NULL ? KP_FAILED : kp_append_image(call, image);
}

static int32_t in_parallel(struct kp_call *call)
{
    uint8_t *letters = kp_reserve(call, 100000);

    return letters == NULL ? KP_FAILED : call->host->parallel(call, 100000, task, letters);
}

static int32_t relic_run(struct kp_call *call)
{
    const struct relic_params *params = call->params;
    const struct kp_arch *arch = call->host->arch(call, "arm64");
    struct kp_identity identity = {.size = sizeof(identity)};
    struct kp_output *rest = call->host->output_part(call, "rest");

    if (arch == NULL || call->host->identify(call, call->input, &identity) != KP_OK)
        return KP_FAILED;
    if (kp_append(call, arch->name, strlen(arch->name)) != KP_OK ||
        from_tree(call, params) != KP_OK || from_stage(call, params->inner) != KP_OK ||
        from_packed(call, params->packed) != KP_OK)
        return KP_FAILED;
    if (rest != NULL && call->host->output_append(call, rest, "rest", 4) != KP_OK)
        return KP_FAILED;
    if (params->how == TASKS && in_parallel(call) != KP_OK)
        return KP_FAILED;
    return misdo(call, params->how, &params->level);
}

static const struct kp_choice *const ways[] = {
    KP_ONE_OF(FINE, "fine", "nothing"),
    KP_ONE_OF(CRASH, "crash", "a crash"),
    KP_ONE_OF(LEVEL, "level", "a parameter"),
    KP_ONE_OF(TRAIT, "trait", "a trait"),
    KP_ONE_OF(TASKS, "tasks", "nothing, in parallel"),
    NULL,
};

static const struct kp_param *const relic_table[] = {
    KP_TREE(struct relic_params, tree, .summary = "a tree"),
    KP_TEXT(struct relic_params, member, .fallback = "a", .summary = "a file in it"),
    KP_STAGE(struct relic_params, inner, .summary = "a stage"),
    KP_IMAGE(struct relic_params, packed, .summary = "something compressed"),
    KP_CHOICE(struct relic_params, how, .choices = ways, .fallback = "fine",
              .flags = KP_PARAM_SHORT, .summary = "what is wrong"),
    KP_UINT(struct relic_params, level, .fallback = "7", .summary = "a number"),
#ifdef RELIC_LAYOUT
    KP_UINT(struct relic_params, more, .summary = "another number"),
#endif
    NULL,
};

static const char *const parts[] = {"rest", NULL};

static const struct kp_operation relic_pack = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_ANY,
    .summary = "ask for much",
    .params = relic_table,
    .params_size = sizeof(struct relic_params),
    .parts = parts,
    .run = relic_run,
};

static const struct kp_format relic_format = {
    .size = sizeof(struct kp_format), .name = RELIC_STAGE, .summary = "tests", .pack = &relic_pack};
static const struct kp_format *const formats[] = {&relic_format, NULL};

KP_PLUGIN("org.example.relic", "relic", RELIC_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "recordings", KP_OFFERS_FORMAT(RELIC_STAGE) KP_OFFERS_STAGE(RELIC_STAGE),
          .formats = formats)
