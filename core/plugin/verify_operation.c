/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/verify_operation.c - one operation, copied: what it declares must be known to this host
 * and must not contradict itself.
 */
#include <inttypes.h>
#include <string.h>

#include "base/trait.h"
#include "kpipe/traits.h"
#include "plugin/check.h"
#include "plugin/names.h"

#define KNOWN_FLAGS (KP_OP_DETERMINISTIC | KP_OP_NO_INPUT | KP_OP_MAY_BEGIN)

static bool is_input_kind(const char *text)
{
    return kp_is_kind(text) && strcmp(text, KP_KIND_SAME) != 0;
}

static bool check_promises(struct kp_checker *checker, const struct kp_operation *operation)
{
    const bool no_input = (operation->flags & KP_OP_NO_INPUT) != 0;

    if (operation->run == NULL)
        return kp_check_fail(checker, "run: missing");
    if ((operation->flags & ~KNOWN_FLAGS) != 0)
        return kp_check_fail(checker, "flags: 0x%" PRIx32 ": unknown flags", operation->flags);
    if (operation->threading > KP_THREADS_ANY)
        return kp_check_fail(checker, "threading: %" PRIu32 ": unknown", operation->threading);
    if (no_input && operation->input_kinds != NULL)
        return kp_check_fail(checker, "input_kinds: with KP_OP_NO_INPUT there is no input");
    if (no_input && operation->output_kind != NULL &&
        strcmp(operation->output_kind, KP_KIND_SAME) == 0)
        return kp_check_fail(checker, "output_kind: with KP_OP_NO_INPUT there is no input");
    if ((operation->flags & KP_OP_MAY_BEGIN) != 0 &&
        (no_input ||
         (operation->output_kind != NULL && strcmp(operation->output_kind, KP_KIND_SAME) == 0)))
        return kp_check_fail(checker, "flags: KP_OP_MAY_BEGIN with KP_OP_NO_INPUT, or with the "
                                      "main input's kind as output_kind");
    return true;
}

bool kp_check_operation(struct kp_checker *checker, const struct kp_operation *from,
                        struct kp_operation *to)
{
    if (!kp_check_copy(checker, to, sizeof(*to), from, KP_END_OF(struct kp_operation, tools)) ||
        !kp_check_text(checker, "summary", KP_TEXT_NEEDED, &to->summary) ||
        !kp_check_text(checker, "help", KP_TEXT_LINES, &to->help) ||
        !kp_check_names(checker, "input_kinds", is_input_kind, &to->input_kinds) ||
        (to->output_kind != NULL &&
         !kp_check_name(checker, "output_kind", kp_is_kind, &to->output_kind)) ||
        !kp_check_names(checker, "sets", kp_trait_is_name, &to->sets) ||
        !kp_check_names(checker, "sets_if_physical", kp_trait_is_name, &to->sets_if_physical) ||
        !kp_check_names(checker, "parts", kp_is_param_name, &to->parts) ||
        !kp_check_names(checker, "tools", kp_is_word, &to->tools) || !check_promises(checker, to))
        return false;
    if (to->params != NULL && !kp_check_params(checker, &to->params, to->params_size))
        return false;
    /* One way to say that there are none. */
    if (to->params != NULL && to->params[0] == NULL)
        to->params = NULL;
    if (to->params == NULL && to->params_size != 0)
        return kp_check_fail(checker, "params_size: %" PRIu64 ": without parameters",
                             to->params_size);
    return true;
}
