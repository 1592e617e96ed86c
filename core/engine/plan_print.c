/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/plan_print.c - a plan as `kpipe run --dry-run` shows it, for people and as
 * JSON. Only reads it.
 */
#include <inttypes.h>

#include "engine/plan.h"

static void print_edge(FILE *to, struct kp_edge edge)
{
    fprintf(to, "#%zu%s%s", edge.step->number, edge.part == NULL ? "" : ".",
            edge.part == NULL ? "" : edge.part);
}

static void print_step(const struct kp_step *step, FILE *to)
{
    fprintf(to, "#%-3zu %s", step->number, step->label);
    if (step->stage == NULL) {
        if (step->source != NULL)
            fprintf(to, " = {%s}", step->source);
        else
            fprintf(to, " = %s%s", step->file, step->is_tree ? " (tree)" : "");
        if (step->range != NULL)
            fprintf(to, " (%" PRIu64 " bytes%s%s)", kp_range_size(step->range),
                    step->kind == NULL ? "" : ", ", step->kind == NULL ? "" : step->kind);
    }
    if (step->main.step != NULL) {
        fputs(" < ", to);
        print_edge(to, step->main);
    }
    for (size_t i = 0; i < step->input_count; i++) {
        fputs(i == 0 ? " + " : ", ", to);
        print_edge(to, step->inputs[i]);
    }
    for (size_t i = 0; i < step->tree_count; i++)
        fprintf(to, "%s#%zu", i == 0 && step->input_count == 0 ? " + " : ", ",
                step->trees[i]->number);
    for (size_t i = 0; i < step->tool_count; i++)
        fprintf(to, "  by %s (%s, %s)", step->tools[i]->name, step->tools[i]->path,
                step->tools[i]->version);
    if (step->stage != NULL && step->output_count > 1)
        fprintf(to, "  (once for %zu outputs)", step->output_count);
    fputc('\n', to);
}

void kp_plan_print(const struct kp_plan *plan, FILE *to)
{
    size_t stages = 0;

    for (size_t i = 0; i < plan->step_count; i++) {
        print_step(plan->steps[i], to);
        stages += plan->steps[i]->stage != NULL ? 1 : 0;
    }
    for (size_t i = 0; i < plan->output_count; i++) {
        fprintf(to, "%s = ", plan->outputs[i].file);
        print_edge(to, plan->outputs[i].from);
        fputc('\n', to);
    }
    fprintf(to, "stages: %zu to run, %zu if each output were made alone; outputs: %zu\n", stages,
            plan->stages_alone, plan->output_count);
}

static void json_edge(struct kp_json *json, const char *name, struct kp_edge edge)
{
    kp_json_begin(json, name, '{');
    kp_json_number(json, "step", edge.step->number);
    if (edge.part != NULL)
        kp_json_text(json, "part", edge.part);
    kp_json_end(json, '}');
}

static void json_step(struct kp_json *json, const struct kp_step *step)
{
    kp_json_begin(json, NULL, '{');
    kp_json_number(json, "step", step->number);
    kp_json_text(json, "type", step->stage != NULL ? "stage" : step->is_tree ? "tree" : "input");
    kp_json_text(json, "label", step->label);
    if (step->stage == NULL) {
        if (step->source != NULL)
            kp_json_text(json, "source", step->source);
        else
            kp_json_text(json, "file", step->file);
        if (step->range != NULL)
            kp_json_number(json, "size", kp_range_size(step->range));
    } else {
        kp_json_text(json, "stage", step->stage->name);
        kp_json_text(json, "plugin", step->stage->plugin->note.id);
    }
    kp_json_text(json, "kind", step->kind);
    kp_json_number(json, "for_outputs", step->output_count);
    if (step->main.step != NULL)
        json_edge(json, "main", step->main);
    kp_json_begin(json, "inputs", '[');
    for (size_t i = 0; i < step->input_count; i++)
        json_edge(json, NULL, step->inputs[i]);
    kp_json_end(json, ']');
    kp_json_begin(json, "trees", '[');
    for (size_t i = 0; i < step->tree_count; i++)
        json_edge(json, NULL, (struct kp_edge){step->trees[i], NULL});
    kp_json_end(json, ']');
    if (step->tool_count > 0) {
        kp_json_begin(json, "tools", '[');
        for (size_t i = 0; i < step->tool_count; i++) {
            kp_json_begin(json, NULL, '{');
            kp_json_text(json, "name", step->tools[i]->name);
            kp_json_text(json, "path", step->tools[i]->path);
            kp_json_text(json, "version", step->tools[i]->version);
            kp_json_end(json, '}');
        }
        kp_json_end(json, ']');
    }
    kp_json_begin(json, "images", '[');
    for (size_t i = 0; i < step->image_count; i++)
        kp_json_text(json, NULL, step->images[i]);
    kp_json_end(json, ']');
    kp_json_end(json, '}');
}

void kp_plan_json(const struct kp_plan *plan, struct kp_json *json)
{
    kp_json_begin(json, "steps", '[');
    for (size_t i = 0; i < plan->step_count; i++)
        json_step(json, plan->steps[i]);
    kp_json_end(json, ']');
    kp_json_begin(json, "outputs", '[');
    for (size_t i = 0; i < plan->output_count; i++) {
        kp_json_begin(json, NULL, '{');
        kp_json_text(json, "file", plan->outputs[i].file);
        kp_json_text(json, "image", plan->outputs[i].image);
        json_edge(json, "from", plan->outputs[i].from);
        kp_json_end(json, '}');
    }
    kp_json_end(json, ']');
}
