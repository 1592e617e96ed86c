/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/spring.c - a source for tests, which does what the lines of its file say:
 *
 *     fact NAME VALUE         image NAME BYTES        list NAME LABEL BYTES    empty NAME
 *     arch NAME               the architecture of the image before
 *     member NAME PATH        an image out of its tree
 *     given NAME              a fact: which of `more` and `around` it was given
 *     note TEXT               a warning
 *     fail TEXT               an error at the parameter `file`
 *     silent, swallow         failures without a word, success after one
 *     stale NAME, null NAME   images that are none
 *     append                  bytes to an image that takes none
 *
 * Included by unit tests, with KP_STATIC_NAME defined, or built as a shared object.
 */
#include <stdlib.h>
#include <string.h>

#include <kpipe/kpipe.h>

struct spring_params {
    const struct kp_image *file;
    const struct kp_tree *tree;
    uint8_t has_more;
    const struct kp_image *more;
    uint8_t has_around;
    const struct kp_tree *around;
    uint64_t times;
};

/* How often it ran, and an image of the run before, which a plugin must not use. */
static unsigned spring_runs;
static const struct kp_image *spring_kept;

/* What the lines are read with. */
struct spring {
    struct kp_call *call;
    const struct spring_params *params;
    const uint8_t *text;
    struct kp_output *last;
    uint64_t begin, end; /* of what is left of the line */
    char word[256];
};

static const char *next_word(struct spring *spring)
{
    size_t length = 0;

    while (spring->begin < spring->end && spring->text[spring->begin] != ' ' && length < 255)
        spring->word[length++] = (char)spring->text[spring->begin++];
    spring->begin += spring->begin < spring->end ? 1 : 0;
    spring->word[length] = '\0';
    return spring->word;
}

static const struct kp_image *rest(struct spring *spring)
{
    return spring->call->host->image_slice(spring->call, spring->params->file, spring->begin,
                                           spring->end - spring->begin);
}

static int32_t give(struct spring *spring, const char *verb)
{
    struct kp_call *call = spring->call;
    const struct kp_host *host = call->host;
    char name[256], label[256];

    strcpy(name, next_word(spring));
    if (strcmp(verb, "image") == 0) {
        spring->last = host->source_image(call, name, rest(spring));
    } else if (strcmp(verb, "list") == 0) {
        strcpy(label, next_word(spring));
        spring->last = host->source_list(call, name, label, rest(spring));
    } else if (strcmp(verb, "empty") == 0) {
        spring->last = host->source_list(call, name, NULL, NULL);
    } else if (strcmp(verb, "member") == 0) {
        strcpy(label, next_word(spring));
        spring->last =
            host->source_image(call, name, host->tree_open(call, spring->params->tree, label));
    } else if (strcmp(verb, "stale") == 0) {
        spring->last = host->source_image(call, name, spring_kept);
    } else if (strcmp(verb, "null") == 0) {
        spring->last = host->source_image(call, name, NULL);
    } else if (strcmp(verb, "given") == 0) {
        const struct spring_params *params = spring->params;

        if (params->has_more != (params->more != NULL) ||
            params->has_around != (params->around != NULL))
            return kp_fail(call, "presence and handles differ");
        return host->source_fact(call, name,
                                 params->has_more     ? (params->has_around ? "both" : "more")
                                 : params->has_around ? "around"
                                                      : "neither");
    } else if (strcmp(verb, "fact") == 0) {
        return host->source_fact(call, name, next_word(spring));
    }
    return spring->last != NULL ? KP_OK : KP_FAILED;
}

static int32_t obey(struct spring *spring)
{
    struct kp_call *call = spring->call;
    char verb[256];

    strcpy(verb, next_word(spring));
    if (verb[0] == '\0')
        return KP_OK;
    if (strcmp(verb, "arch") == 0)
        return call->host->set_text(call, spring->last, KP_TRAIT_ARCH, next_word(spring));
    if (strcmp(verb, "fail") == 0)
        return kp_fail_at(call, &spring->params->file, "no hint", "%s", next_word(spring));
    if (strcmp(verb, "note") == 0) {
        kp_message(call, KP_WARNING, "%s", next_word(spring));
        return KP_OK;
    }
    if (strcmp(verb, "silent") == 0)
        return KP_FAILED;
    if (strcmp(verb, "swallow") == 0) {
        kp_fail(call, "swallowed");
        return KP_OK;
    }
    if (strcmp(verb, "append") == 0)
        return call->host->output_append(call, spring->last, "x", 1);
    return give(spring, verb);
}

static int32_t spring_run(struct kp_call *call)
{
    const struct spring_params *params = call->params;
    const uint64_t size = kp_size(call, params->file);
    struct spring spring = {.call = call, .params = params, .text = kp_view(call, params->file)};

    spring_runs++;
    if (spring.text == NULL || call->input != NULL || call->output != NULL)
        return KP_FAILED;
    for (uint64_t at = 0; at < size; at = spring.end + 1) {
        spring.begin = spring.end = at;
        while (spring.end < size && spring.text[spring.end] != '\n')
            spring.end++;
        at = spring.end;
        if (obey(&spring) != KP_OK)
            return KP_FAILED;
        spring.end = at;
    }
    spring_kept = call->host->image_slice(call, params->file, 0, 0);
    return KP_OK;
}

static const struct kp_param *const spring_table[] = {
    KP_IMAGE(struct spring_params, file, .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT,
             .summary = "the file with the lines"),
    KP_TREE(struct spring_params, tree, .summary = "a folder"),
    KP_IMAGE(struct spring_params, more, .presence = offsetof(struct spring_params, has_more),
             .flags = KP_PARAM_MAY_MISS, .summary = "a file that may be missing"),
    KP_TREE(struct spring_params, around, .presence = offsetof(struct spring_params, has_around),
            .flags = KP_PARAM_MAY_MISS, .summary = "a folder that may be missing"),
    KP_UINT(struct spring_params, times, .maximum = 9, .summary = "a number"),
    NULL,
};

static const struct kp_source spring_source = {
    .size = sizeof(struct kp_source),
    .name = "spring",
    .summary = "what its lines say",
    .help = "Images, lists and facts: whatever the lines say.",
    .params = spring_table,
    .params_size = sizeof(struct spring_params),
    .memory_base = 1024,
    .run = spring_run,
};

static const struct kp_source *const spring_sources[] = {&spring_source, NULL};

KP_PLUGIN("org.example.spring", "spring", "1.0.0", "BSD-3-Clause", "kpipe", "https://example.org",
          "a source for tests", KP_OFFERS_SOURCE("spring"), .sources = spring_sources)
