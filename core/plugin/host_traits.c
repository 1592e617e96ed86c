/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/host_traits.c - the services for traits: reading those of images, setting those of outputs,
 * as far as the operation declared them.
 */
#include <string.h>

#include "kpipe/traits.h"
#include "plugin/host_private.h"

/* The architecture of an output, as far as it is known; or NULL. */
static const char *output_arch(const struct kp_call_state *state, const struct kp_output *output)
{
    const struct kp_trait *trait = kp_traits_get(&output->traits, KP_TRAIT_ARCH);

    if (trait != NULL)
        return trait->text;
    return state->request == NULL ? NULL : state->request->arch;
}

/* What is declared for architectures with physical addresses only. */
static bool may_set_physical(struct kp_call_state *state, const struct kp_output *output,
                             const char *name)
{
    const char *arch = output_arch(state, output);
    const struct kp_arch *facts =
        arch == NULL ? NULL : kp_registry_arch(state->context->registry, arch);

    if (facts == NULL || (facts->flags & KP_ARCH_PADDR_PHYSICAL) != 0)
        return true;
    return kp_call_fault(
        state, kp_arena_printf(state->desk.arena,
                               "sets the trait '%s', which is not physical on '%s'", name, arch));
}

/* Whether the operation may set that trait now. An inspection and a source may set any. */
static bool may_set(struct kp_call_state *state, struct kp_output *output, const char *name)
{
    const struct kp_operation *operation = state->operation;

    if (output == NULL || name == NULL || !kp_trait_is_name(name))
        return kp_call_fault(state, "sets a trait whose name is none");
    if (operation == NULL || state->request->source_items != NULL || !kp_trait_is_content(name) ||
        kp_host_declared(operation->sets, name))
        return true;
    if (kp_host_declared(operation->sets_if_physical, name))
        return may_set_physical(state, output, name);
    return kp_call_fault(
        state,
        kp_arena_printf(state->desk.arena, "sets the trait '%s', which it did not declare", name));
}

int32_t kp_host_set_number(struct kp_call *call, struct kp_output *output, const char *name,
                           uint64_t value)
{
    struct kp_call_state *state = kp_call_state(call);

    if (!may_set(state, output, name))
        return KP_FAILED;
    if (kp_trait_type(name) == KP_TRAIT_IS_TEXT)
        return kp_host_fault(state, "sets a trait to a number that is a text");
    return kp_traits_set_number(&output->traits, name, value) ? KP_OK : kp_host_no_memory(state);
}

/* A recipe's architecture is the default where inputs are silent, and an error
 * where they disagree: a stage that finds another one in the bytes fails. An inspection
 * has no recipe. */
static int32_t set_arch(struct kp_call_state *state, struct kp_output *output, const char *value)
{
    const char *name = kp_registry_arch_name(state->context->registry, value);
    const char *old = state->request == NULL ? NULL : output_arch(state, output);

    name = name == NULL ? value : name;
    if (state->request != NULL && old != NULL && strcmp(old, name) != 0) {
        state->failures++;
        kp_error_hint(state->context->diags, state->request->place,
                      "correct `arch:` in the recipe or the facts of the input, or give another "
                      "input",
                      KP1503, state->name, KP_TRAIT_ARCH, "the image", name, old);
        return KP_FAILED;
    }
    return kp_traits_set_text(&output->traits, KP_TRAIT_ARCH, name) ? KP_OK
                                                                    : kp_host_no_memory(state);
}

int32_t kp_host_set_text(struct kp_call *call, struct kp_output *output, const char *name,
                         const char *value)
{
    struct kp_call_state *state = kp_call_state(call);

    if (!may_set(state, output, name))
        return KP_FAILED;
    if (value == NULL || kp_trait_type(name) == KP_TRAIT_IS_NUMBER)
        return kp_host_fault(state, "sets a trait to a text that is a number");
    if (strcmp(name, KP_TRAIT_ARCH) == 0)
        return set_arch(state, output, value);
    return kp_traits_set_text(&output->traits, name, value) ? KP_OK : kp_host_no_memory(state);
}

int32_t kp_host_clear_trait(struct kp_call *call, struct kp_output *output, const char *name)
{
    if (output == NULL || name == NULL)
        return kp_host_fault(kp_call_state(call), "clear_trait of NULL");
    kp_traits_clear(&output->traits, name);
    return KP_OK;
}
