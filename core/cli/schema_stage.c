/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/schema_stage.c - the definitions of all stage types and sources that the plugins
 * offer, and of the places that take one: a chain's begin, a chain, a parameter.
 */
#include <string.h>

#include "base/codes.h"
#include "cli/schema.h"

/* Where a stage may stand. */
enum place {
    BEGINS,  /* a chain: it takes no input */
    FOLLOWS, /* in a chain, or as a parameter */
    PASSED,  /* a parameter that passes on what may be required */
};

static bool has_required(const struct kp_stage *stage)
{
    const struct kp_param *const *table = stage->operation.params;

    for (; table != NULL && *table != NULL; table++) {
        if (((*table)->flags & KP_PARAM_REQUIRED) != 0 && (*table)->trait == NULL &&
            (*table)->fallback == NULL)
            return true;
    }
    return false;
}

static bool fits(const struct kp_stage *stage, enum place place)
{
    const uint32_t flags = stage->operation.flags;

    return place == BEGINS ? (flags & (KP_OP_NO_INPUT | KP_OP_MAY_BEGIN)) != 0
                           : (flags & KP_OP_NO_INPUT) == 0;
}

/* {NAME: parameters} */
static void write_forms(struct kp_json *json, const struct kp_stage *const *stages, size_t count,
                        enum place place)
{
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "object");
    kp_json_number(json, "minProperties", 1);
    kp_json_number(json, "maxProperties", 1);
    kp_json_begin(json, "properties", '{');
    for (size_t i = 0; i < count; i++) {
        char to[256];

        snprintf(to, sizeof(to), "stage-%s%s", stages[i]->name,
                 place == PASSED && has_required(stages[i]) ? "-passed" : "");
        if (fits(stages[i], place))
            kp_schema_ref(json, stages[i]->name, to);
    }
    kp_json_end(json, '}');
    kp_json_boolean(json, "additionalProperties", false);
    kp_json_end(json, '}');
}

/* The names of stages that do without parameters. A map alone begins a chain. */
static void write_place(struct kp_json *json, const char *name,
                        const struct kp_stage *const *stages, size_t count, enum place place)
{
    kp_json_begin(json, name, '{');
    kp_json_begin(json, "anyOf", '[');
    write_forms(json, stages, count, place);
    for (size_t i = 0; i < count && place != BEGINS; i++) {
        if (!fits(stages[i], place) || (place != PASSED && has_required(stages[i])))
            continue;
        kp_json_begin(json, NULL, '{');
        kp_json_text(json, "const", stages[i]->name);
        kp_json_text(json, "description", stages[i]->operation.summary);
        kp_json_end(json, '}');
    }
    kp_schema_ref(json, NULL, place == BEGINS ? "image" : "variable");
    kp_json_end(json, ']');
    kp_json_end(json, '}');
}

/* All stage types that can be used; what cannot be opened is reported. */
static const struct kp_stage **collect(struct kp_session *session, size_t *count)
{
    size_t total;
    const char *const *names = kp_registry_stage_names(session->registry, &total);
    const struct kp_stage **stages = kp_arena_array(session->arena, total + 1, sizeof(*stages));

    *count = 0;
    if (stages == NULL) {
        kp_out_of_memory(session->diags);
        return NULL;
    }
    for (size_t i = 0; i < total; i++) {
        stages[*count] = kp_registry_stage(session->registry, session->diags, KP_NOWHERE, names[i]);
        *count += stages[*count] != NULL ? 1 : 0;
    }
    return stages;
}

void kp_schema_stages(struct kp_session *session, struct kp_json *json)
{
    size_t count;
    const struct kp_stage **stages = collect(session, &count);

    if (stages == NULL)
        return;
    write_place(json, "begin", stages, count, BEGINS);
    write_place(json, "stage", stages, count, FOLLOWS);
    write_place(json, "passed-stage", stages, count, PASSED);
    for (size_t i = 0; i < count; i++) {
        const struct kp_operation *operation = &stages[i]->operation;
        char name[256];

        snprintf(name, sizeof(name), "stage-%s", stages[i]->name);
        kp_schema_parameters(json, name, operation->params, KP_SCHEMA_OF_STAGE, true,
                             operation->summary, operation->help);
        if (!has_required(stages[i]))
            continue;
        snprintf(name, sizeof(name), "stage-%s-passed", stages[i]->name);
        kp_schema_parameters(json, name, operation->params, KP_SCHEMA_OF_STAGE, false,
                             operation->summary, operation->help);
    }
}

/* Calls `visit` for each source of each plugin that can be used. */
static void each_source(struct kp_session *session, struct kp_json *json,
                        void (*visit)(struct kp_json *json, const struct kp_stage *source))
{
    for (size_t i = 0; i < kp_registry_count(session->registry); i++) {
        struct kp_plugin_file *file = kp_registry_file(session->registry, i);

        if (file->note.source_count == 0 || file->state == KP_PLUGIN_REJECTED ||
            !kp_registry_open(session->registry, file))
            continue;
        for (size_t j = 0; j < file->source_count; j++)
            visit(json, &file->sources[j]);
    }
}

static void write_source_form(struct kp_json *json, const struct kp_stage *source)
{
    char to[256];

    snprintf(to, sizeof(to), "source-%s", source->name);
    kp_schema_ref(json, source->name, to);
}

static void write_source(struct kp_json *json, const struct kp_stage *source)
{
    char name[256];

    snprintf(name, sizeof(name), "source-%s", source->name);
    kp_schema_parameters(json, name, source->operation.params, KP_SCHEMA_OF_SOURCE, true,
                         source->operation.summary, source->operation.help);
}

void kp_schema_source_forms(struct kp_session *session, struct kp_json *json)
{
    each_source(session, json, write_source_form);
}

void kp_schema_sources(struct kp_session *session, struct kp_json *json)
{
    each_source(session, json, write_source);
}
