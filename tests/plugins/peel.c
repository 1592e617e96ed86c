/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/peel.c - a plugin for tests of what one operation has another do: a codec
 * whose stream has an end, and stages that use it.
 *
 *     dbl     a codec: behind "DBL" and a letter each byte stands for two, up to a '.'. The
 *             letter tells how its `.unpack` behaves: g well, n tells no end, t tells it
 *             twice, b tells one behind the input, d wants to decode itself
 *     peel    what host->decode makes of the input, and where it ended
 *     locked  the same with a threading model that forbids it
 *     wrap    runs the stage that it is given, to which it passes its preset
 *     hold    the same, one call of the plugin at a time
 *
 * Included by unit tests, with KP_STATIC_NAME defined.
 */
#include <kpipe/kpipe.h>

/* --- dbl --- */

struct dbl_params {
    uint64_t level;
    uint32_t preset;
};

static const struct kp_choice *const dbl_presets[] = {KP_ONE_OF(0, "none", "nothing special"),
                                                      KP_ONE_OF(1, "old", "as before"), NULL};

static const struct kp_param *const dbl_table[] = {
    KP_UINT(struct dbl_params, level, .fallback = "1", .flags = KP_PARAM_SHORT,
            .summary = "effort"),
    KP_CHOICE(struct dbl_params, preset, .choices = dbl_presets, .fallback = "none",
              .summary = "whose options"),
    NULL,
};

static int32_t dbl_compress(struct kp_call *call)
{
    const struct dbl_params *params = call->params;
    char text[80];

    snprintf(text, sizeof(text), "DBLg level %d, preset %d.", (int)params->level,
             (int)params->preset);
    return kp_append(call, text, strlen(text));
}

static int32_t dbl_end(struct kp_decoder *d, char how)
{
    uint64_t unused;

    switch (how) {
    case 'n':
        return d->call->host->output_give_back(d->call, d->call->output, d->room_left);
    case 't':
        d->call->host->stream_end(d->call, d->at);
        break;
    case 'b':
        d->at = d->size + 1;
        break;
    case 'd':
        return d->call->host->decode(d->call, d->call->input, 1, &unused) == NULL ? KP_FAILED
                                                                                  : KP_OK;
    default:
        break;
    }
    return kp_decode_finish(d, "dbl");
}

static int32_t dbl_unpack(struct kp_call *call)
{
    struct kp_decoder d = kp_decoder(call, call->params);
    char how = 0;

    for (d.at = 3;;) {
        if (kp_decode_next(&d) != KP_OK)
            return KP_FAILED;
        if (d.left == 0)
            return kp_fail(call, "dbl: the input ends inside it, at offset %d", (int)d.at);
        if (how == 0) {
            how = (char)*d.from;
            if (kp_decode_step(&d, 1, 0) != KP_OK)
                return KP_FAILED;
            continue;
        }
        if (*d.from == '.') {
            if (kp_decode_step(&d, 1, 0) != KP_OK)
                return KP_FAILED;
            return dbl_end(&d, how);
        }
        d.room[0] = *d.from;
        if (d.room_left > 1)
            d.room[1] = *d.from;
        if (kp_decode_step(&d, 1, d.room_left > 1 ? 2 : 1) != KP_OK)
            return KP_FAILED;
    }
}

static const char *const compressed_only[] = {KP_KIND_COMPRESSED, NULL};

static const struct kp_operation dbl_forth = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_ANY,
    .summary = "tell the parameters",
    .output_kind = KP_KIND_COMPRESSED,
    .params = dbl_table,
    .params_size = sizeof(struct dbl_params),
    .run = dbl_compress,
};

static const struct kp_operation dbl_back = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_PLUGIN,
    .summary = "double the bytes",
    .input_kinds = compressed_only,
    .params = kp_decode_table,
    .params_size = sizeof(struct kp_decode_params),
    .run = dbl_unpack,
};

static const struct kp_codec dbl = {
    .size = sizeof(struct kp_codec),
    .name = "dbl",
    .summary = "doubles",
    .suffix = ".dbl",
    .compress = &dbl_forth,
    .decompress = &dbl_back,
};

/* --- peel, locked, wrap --- */

struct peel_params {
    uint64_t limit;
};

static const struct kp_param *const peel_table[] = {
    KP_UINT(struct peel_params, limit, .fallback = "100", .flags = KP_PARAM_SHORT,
            .summary = "most that may come out"),
    NULL,
};

static int32_t peel_run(struct kp_call *call)
{
    const struct peel_params *params = call->params;
    uint64_t end = 0;
    const struct kp_image *inner = call->host->decode(call, call->input, params->limit, &end);
    char text[16];

    if (inner == NULL)
        return KP_FAILED;
    snprintf(text, sizeof(text), "@%d", (int)end);
    return kp_append_image(call, inner) != KP_OK ? KP_FAILED : kp_append(call, text, strlen(text));
}

static const struct kp_operation peel_pack = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_ANY,
    .summary = "decode",
    .params = peel_table,
    .params_size = sizeof(struct peel_params),
    .run = peel_run,
};

static const struct kp_operation locked_pack = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_STAGE,
    .summary = "decode",
    .params = peel_table,
    .params_size = sizeof(struct peel_params),
    .run = peel_run,
};

struct wrap_params {
    const struct kp_stage_value *stage;
    uint32_t preset;
};

static const struct kp_choice *const wrap_presets[] = {
    KP_ONE_OF(0, "none", "nothing special"), KP_ONE_OF(1, "old", "as before"),
    KP_ONE_OF_AS(2, "older", "which was the same", "old"), NULL};

static const struct kp_param *const wrap_table[] = {
    KP_STAGE(struct wrap_params, stage, .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT,
             .passes = "preset", .summary = "what to run"),
    KP_CHOICE(struct wrap_params, preset, .choices = wrap_presets, .fallback = "old",
              .summary = "what it gets"),
    NULL,
};

static int32_t wrap_run(struct kp_call *call)
{
    const struct wrap_params *params = call->params;
    const struct kp_image *inner = call->host->run_stage(call, params->stage, call->input);

    return inner == NULL ? KP_FAILED : kp_append_image(call, inner);
}

static const struct kp_operation wrap_pack = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_ANY,
    .summary = "run a stage",
    .params = wrap_table,
    .params_size = sizeof(struct wrap_params),
    .run = wrap_run,
};

static const struct kp_operation hold_pack = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_PLUGIN,
    .summary = "run a stage",
    .params = wrap_table,
    .params_size = sizeof(struct wrap_params),
    .run = wrap_run,
};

#define PEEL_FORMAT(name_)                                                                         \
    static const struct kp_format name_##_format = {.size = sizeof(struct kp_format),              \
                                                    .name = #name_,                                \
                                                    .summary = "see peel.c",                       \
                                                    .pack = &name_##_pack};
PEEL_FORMAT(peel)
PEEL_FORMAT(locked)
PEEL_FORMAT(wrap)
PEEL_FORMAT(hold)

static const struct kp_codec *const peel_codecs[] = {&dbl, NULL};
static const struct kp_format *const peel_formats[] = {&peel_format, &locked_format, &wrap_format,
                                                       &hold_format, NULL};

KP_PLUGIN("org.example.peel", "peel", "1.0", "MIT", "Example", "https://example.org",
          "stages within stages",
          KP_OFFERS_CODEC("dbl") KP_MAGIC_CODEC("dbl", "0", "44424c", "ffffff")
              KP_MAGIC_CODEC("nobody", "0", "4e4f424f4459", "ffffffffffff") KP_OFFERS_FORMAT("peel")
                  KP_OFFERS_STAGE("peel") KP_OFFERS_FORMAT("locked") KP_OFFERS_STAGE("locked")
                      KP_OFFERS_FORMAT("wrap") KP_OFFERS_STAGE("wrap") KP_OFFERS_FORMAT("hold")
                          KP_OFFERS_STAGE("hold"),
          .codecs = peel_codecs, .formats = peel_formats)
