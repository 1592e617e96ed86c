/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/rogue-tables.h - rogue.c's inspector, and its tables. Included by rogue.c
 * only.
 */
#ifndef KP_TEST_ROGUE_TABLES_H
#define KP_TEST_ROGUE_TABLES_H

/* All values of `how`, each with the function how_NAME. */
#define ROGUE_WAYS(WAY)                                                                            \
    WAY(bytes)                                                                                     \
    WAY(read)                                                                                      \
    WAY(traits)                                                                                    \
    WAY(facts)                                                                                     \
    WAY(scratch)                                                                                   \
    WAY(parallel)                                                                                  \
    WAY(message)                                                                                   \
    WAY(stage)                                                                                     \
    WAY(image)                                                                                     \
    WAY(deep)                                                                                      \
    WAY(fail)                                                                                      \
    WAY(silent)                                                                                    \
    WAY(seven)                                                                                     \
    WAY(ok_after_fail)                                                                             \
    WAY(swallow)                                                                                   \
    WAY(undeclared)                                                                                \
    WAY(not_physical)                                                                              \
    WAY(no_trait)                                                                                  \
    WAY(number_for_text)                                                                           \
    WAY(text_for_number)                                                                           \
    WAY(null_text)                                                                                 \
    WAY(null_trait)                                                                                \
    WAY(too_much_scratch)                                                                          \
    WAY(other_part)                                                                                \
    WAY(slice_behind)                                                                              \
    WAY(image_behind)                                                                              \
    WAY(piece_behind)                                                                              \
    WAY(read_behind)                                                                               \
    WAY(read_null)                                                                                 \
    WAY(fill_null)                                                                                 \
    WAY(reserve_null)                                                                              \
    WAY(give_back_null)                                                                            \
    WAY(give_back_appended)                                                                        \
    WAY(overrun)                                                                                   \
    WAY(overrun_append)                                                                            \
    WAY(overrun_give_back)                                                                         \
    WAY(no_text)                                                                                   \
    WAY(no_field)                                                                                  \
    WAY(no_identity)                                                                               \
    WAY(no_task)                                                                                   \
    WAY(no_stage)                                                                                  \
    WAY(no_input)                                                                                  \
    WAY(no_stages)                                                                                 \
    WAY(no_inputs)                                                                                 \
    WAY(no_place)                                                                                  \
    WAY(stages)                                                                                    \
    WAY(append_much)                                                                               \
    WAY(fill_much)                                                                                 \
    WAY(reserve_much)

enum rogue_way {
#define WAY(name_) WAY_##name_,
    ROGUE_WAYS(WAY)
#undef WAY
};

static int32_t rogue_run(struct kp_call *call)
{
    const struct rogue_params *params = call->params;

    switch ((enum rogue_way)params->how) {
#define WAY(name_)                                                                                 \
    case WAY_##name_:                                                                              \
        return how_##name_(call);
        ROGUE_WAYS(WAY)
#undef WAY
    }
    return KP_FAILED;
}

static const struct kp_choice *const rogue_ways[] = {
#define WAY(name_) KP_ONE_OF(WAY_##name_, #name_, "see rogue.c"),
    ROGUE_WAYS(WAY)
#undef WAY
        NULL,
};

static const struct kp_param *const depth_table[] = {
    KP_UINT(struct rogue_depth, level, .summary = "how deep"),
    KP_TEXT(struct rogue_depth, note, .summary = "a note"),
    NULL,
};

static const struct kp_param *const part_table[] = {
    KP_TEXT(struct rogue_part, name, .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT,
            .summary = "its name"),
    KP_RECORD(struct rogue_part, depth, .fields = depth_table, .summary = "its depth"),
    NULL,
};

static const struct kp_param *const rogue_table[] = {
    KP_CHOICE(struct rogue_params, how, .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT,
              .choices = rogue_ways, .summary = "what to do"),
    KP_RECORD_LIST(struct rogue_params, parts, struct rogue_part, .fields = part_table,
                   .summary = "records"),
    KP_STAGE(struct rogue_params, stage, .summary = "a stage"),
    KP_IMAGE(struct rogue_params, image, .summary = "an image"),
    NULL,
};

static const char *const rogue_sets[] = {"arch", "version", "entry", NULL};
static const char *const rogue_sets_if_physical[] = {"load", NULL};
static const char *const rogue_parts[] = {"head", NULL};

static const struct kp_operation rogue_pack = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_PLUGIN,
    .summary = "do as told",
    .output_kind = KP_KIND_RAW,
    .params = rogue_table,
    .params_size = sizeof(struct rogue_params),
    .sets = rogue_sets,
    .sets_if_physical = rogue_sets_if_physical,
    .parts = rogue_parts,
    .memory_base = 100,
    .memory_per_byte = 2,
    .run = rogue_run,
};

/* What the image's fifth byte says. */
/* Pairs of a name and a value, a letter and a digit each: of small letters sizes, of others
 * texts. */
static int32_t tell_details(struct kp_call *call, const uint8_t *bytes, uint64_t size)
{
    for (uint64_t i = 5; call->host->details(call) == 1 && i + 1 < size; i += 2) {
        const char name[2] = {(char)bytes[i], '\0'}, text[2] = {(char)bytes[i + 1], '\0'};
        const int32_t result = name[0] >= 'a'
                                   ? kp_field_number(call, name, i, 2, bytes[i + 1] - UINT64_C(48),
                                                     KP_FIELD_BYTES | KP_FIELD_DETAIL, NULL)
                                   : kp_detail_text(call, name, i, 2, text);

        if (result != KP_OK)
            return result;
    }
    return KP_OK;
}

/* As many details as the number says that follows. */
static int32_t tell_many(struct kp_call *call, const uint8_t *bytes, uint64_t size)
{
    uint64_t count = 0;

    for (uint64_t i = 5; i < size; i++)
        count = 10 * count + (bytes[i] - UINT64_C(48));
    for (uint64_t i = 0; call->host->details(call) == 1 && i < count; i++)
        if (kp_detail_text(call, "x", 0, 0, "y") != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

static int32_t rogue_inspect(struct kp_call *call)
{
    const struct kp_host *host = call->host;
    const struct kp_problem problem = {sizeof(problem), call, "header: cut: too short", NULL, NULL};
    const uint8_t *bytes = kp_view(call, call->input);

    switch (bytes[4]) {
    case 'f': /* fields and traits */
        host->set_text(call, call->output, "arch", "flat");
        host->set_number(call, call->output, "load", 0x8000);
        kp_field_number(call, "number", 4, 1, 'f', KP_FIELD_HEX, "fields");
        return kp_field_text(call, "text", 0, 4, (const char *)bytes, 4);
    case 'a': /* twice, and otherwise */
        host->set_text(call, call->output, "arch", "flat");
        return host->set_text(call, call->output, "arch", "board");
    case 'n': /* what the listener refuses */
        return kp_field_number(call, "number", 0, 1, 99, 0, NULL);
    case 'b':
        return kp_append(call, "x", 1);
    case 'F':
        return kp_append_fill(call, 0, 1);
    case 'i':
        return kp_append_image(call, call->input);
    case 'p':
        return host->output_part(call, "head") == NULL ? KP_FAILED : KP_OK;
    case 's':
        return host->run_stage(call, NULL, call->input) == NULL ? KP_FAILED : KP_OK;
    case 'P': /* the rest: a part that is inspected again, and one of the same name */
        kp_field_number(call, "number", 0, 5, 'P', KP_FIELD_HEX, NULL);
        if (kp_part_at(call, "rest", KP_ROLE_PAYLOAD, 5, kp_size(call, call->input) - 5, "more") !=
            KP_OK)
            return KP_FAILED;
        return kp_part_at(call, "rest", NULL, 6, 0, NULL);
    case 'S': /* itself, for ever */
        return kp_part_at(call, "self", NULL, 0, kp_size(call, call->input), NULL);
    case 'M': /* far too many */
        for (uint64_t i = 0; i < 5000; i++)
            if (kp_part_at(call, "many", NULL, 5, 0, NULL) != KP_OK)
                return KP_FAILED;
        return KP_OK;
    case 'd':
        return tell_details(call, bytes, kp_size(call, call->input));
    case 'C':
        return tell_many(call, bytes, kp_size(call, call->input));
    case 'U': /* a detail that is not asked for */
        return kp_detail_text(call, "x", 0, 0, "y");
    case 'O': /* parts that cannot be */
        return kp_part_at(call, "out", NULL, 5, UINT64_MAX, NULL);
    case 'N':
        return kp_part_at(call, "No Name", NULL, 0, 1, NULL);
    case 'D':
        return kp_part_at(call, "name-2", NULL, 0, 1, NULL);
    case 'R':
        return kp_part_at(call, "name", "\x1b[2J", 0, 1, NULL);
    case 'w':
        host->message(call, KP_WARNING, "looks odd", NULL);
        return KP_OK;
    case 'e':
        host->set_number(call, call->output, "load", 0x8000);
        return host->fail(call, &problem);
    default:
        return 8;
    }
}

static const char *const rogue_kinds[] = {"rogue", NULL};

static const struct kp_format rogue = {
    .size = sizeof(struct kp_format),
    .name = "rogue",
    .summary = "for tests",
    .kinds = rogue_kinds,
    .pack = &rogue_pack,
    .inspect = rogue_inspect,
};

static const struct kp_format *const rogue_formats[] = {&rogue, NULL};

static const uint32_t page_sizes[] = {4096, 0};
static const char *const flat_aliases[] = {"flat64", NULL};

#define ARCH(flags_, name_, aliases_)                                                              \
    (&(const struct kp_arch){.size = sizeof(struct kp_arch),                                       \
                             .flags = KP_ARCH_LITTLE_ENDIAN | (flags_),                            \
                             .name = (name_),                                                      \
                             .aliases = (aliases_),                                                \
                             .summary = "for tests",                                               \
                             .kbuild = (name_),                                                    \
                             .page_sizes = page_sizes})

/* As in probe.c. */
static const struct kp_arch *const rogue_archs[] = {
    ARCH(KP_ARCH_PADDR_PHYSICAL, "flat", flat_aliases),
    ARCH(0, "board", NULL),
    NULL,
};

KP_PLUGIN("org.example.rogue", "rogue", "6.6.6", "BSD-3-Clause", "Example", "https://example.org",
          "breaks promises",
          KP_OFFERS_FORMAT("rogue") KP_OFFERS_STAGE("rogue")
              KP_MAGIC("rogue", "0", "524f4755", "ffffffff") KP_OFFERS_ARCH("flat flat64")
                  KP_OFFERS_ARCH("board"),
          .formats = rogue_formats, .archs = rogue_archs)

#endif
