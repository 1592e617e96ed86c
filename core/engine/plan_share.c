/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/plan_share.c - what of all planned steps the outputs need, and how often: the
 * rest is dropped. Runs once, when all names are resolved.
 */
#include <stdint.h>

#include "engine/plan_private.h"

/* Everything that outputs need, marked by its state pointer (the run's, unused yet). */
static void mark_needed(struct kp_planner *planner)
{
    for (size_t i = planner->steps.count; i > 0; i--) {
        struct kp_step *step = KP_ITEM(&planner->steps, struct kp_step *, i - 1);

        if (step->state == NULL)
            continue;
        if (step->main.step != NULL)
            step->main.step->state = step;
        for (size_t input = 0; input < step->input_count; input++)
            step->inputs[input].step->state = step;
        for (size_t tree = 0; tree < step->tree_count; tree++)
            step->trees[tree]->state = step;
    }
}

bool kp_plan_keep_needed(struct kp_planner *planner)
{
    struct kp_plan *plan = planner->plan;

    plan->steps = kp_arena_array(planner->arena, planner->steps.count + 1, sizeof(*plan->steps));
    if (plan->steps == NULL)
        return kp_out_of_memory(planner->diags);
    for (size_t i = 0; i < plan->output_count; i++)
        plan->outputs[i].from.step->state = plan;
    mark_needed(planner);
    for (size_t i = 0; i < planner->steps.count; i++) {
        struct kp_step *step = KP_ITEM(&planner->steps, struct kp_step *, i);

        if (step->state == NULL) {
            kp_plan_close(step);
            continue;
        }
        step->state = NULL;
        plan->steps[plan->step_count++] = step;
        step->number = plan->step_count;
    }
    return true;
}

/* How many outputs need each step: what sharing saves is the stages that would run more
 * than once if each output were made by itself. The step's state is free until the run:
 * it tells the output that was counted last. */
static bool count_for(struct kp_planner *planner, const struct kp_plan_output *output)
{
    KP_AUTO(vector) struct kp_vector stack = {0};
    struct kp_step *step = output->from.step;

    while (step != NULL) {
        const size_t edges = step->input_count + 1;

        for (size_t i = 0; step->state != output && i < edges; i++) {
            const struct kp_edge edge = i == step->input_count ? step->main : step->inputs[i];
            struct kp_step **slot = edge.step == NULL ? NULL : KP_PUSH(&stack, struct kp_step *);

            if (slot != NULL)
                *slot = edge.step;
            else if (edge.step != NULL)
                return kp_out_of_memory(planner->diags);
        }
        for (size_t i = 0; step->state != output && i < step->tree_count; i++) {
            struct kp_step *tree = step->trees[i];

            tree->output_count += tree->state != output ? 1 : 0;
            tree->state = (void *)(uintptr_t)output;
        }
        if (step->state != output) {
            step->state = (void *)(uintptr_t)output;
            step->output_count++;
            planner->plan->stages_alone += step->stage != NULL ? 1 : 0;
        }
        step = stack.count == 0 ? NULL : KP_ITEM(&stack, struct kp_step *, --stack.count);
    }
    return true;
}

bool kp_plan_count_sharing(struct kp_planner *planner)
{
    struct kp_plan *plan = planner->plan;

    for (size_t i = 0; i < plan->output_count; i++)
        if (!count_for(planner, &plan->outputs[i]))
            return false;
    for (size_t i = 0; i < plan->step_count; i++)
        plan->steps[i]->state = NULL;
    return true;
}
