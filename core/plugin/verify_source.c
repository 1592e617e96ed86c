/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/verify_source.c - one source, copied, and the operation by which the host runs it:
 * it begins a chain, so to speak, of which nobody sees the end.
 */
#include <inttypes.h>
#include <string.h>

#include "plugin/check.h"
#include "plugin/names.h"

static bool names_tool(const struct kp_param *row)
{
    for (size_t i = 0; row->choices != NULL && row->choices[i] != NULL; i++)
        if (row->choices[i]->tool != NULL)
            return true;
    return false;
}

/* What rows of a source cannot have: there is no main input, and no stage runs yet. */
static bool check_rows(struct kp_checker *checker, const struct kp_param *const *table)
{
    for (; table != NULL && *table != NULL; table++) {
        const struct kp_param *row = *table;

        if (row->type == KP_TYPE_STAGE)
            return kp_check_fail(checker, "%s: a source takes no stages", row->name);
        if (row->type == KP_TYPE_KEY)
            return kp_check_fail(checker, "%s: a source takes no keys", row->name);
        if (row->trait != NULL || (row->flags & KP_PARAM_TRAITS) != 0)
            return kp_check_fail(checker, "%s: a source has no main input with traits", row->name);
        if (row->kinds != NULL)
            return kp_check_fail(checker, "%s: kinds: a source is given mere files", row->name);
        if ((row->flags & KP_PARAM_TOOL) != 0 || names_tool(row))
            return kp_check_fail(checker, "%s: a source runs no tools", row->name);
        if (row->fields != NULL && !check_rows(checker, row->fields))
            return kp_check_inside(checker, "%s", row->name);
    }
    return true;
}

static bool check_params(struct kp_checker *checker, struct kp_source *source)
{
    bool good;

    checker->source = true;
    good = source->params == NULL || kp_check_params(checker, &source->params, source->params_size);
    checker->source = false;
    if (!good)
        return false;
    if (source->params != NULL && source->params[0] == NULL)
        source->params = NULL;
    if (source->params == NULL && source->params_size != 0)
        return kp_check_fail(checker, "params_size: %" PRIu64 ": without parameters",
                             source->params_size);
    return check_rows(checker, source->params);
}

/* The types that recipes have without any plugin. */
static bool is_built_in(const char *name)
{
    return strcmp(name, "file") == 0 || strcmp(name, "tree") == 0;
}

bool kp_check_source(struct kp_checker *checker, const struct kp_source *from, struct kp_source *to,
                     struct kp_stage *stage)
{
    if (!kp_check_copy(checker, to, sizeof(*to), from, KP_END_OF(struct kp_source, run)) ||
        !kp_check_name(checker, "name", kp_is_format_name, &to->name))
        return false;
    if (is_built_in(to->name))
        return kp_check_fail(checker, "'%s': name: that of a built-in type of input", to->name);
    if (!kp_check_text(checker, "summary", KP_TEXT_NEEDED, &to->summary) ||
        !kp_check_text(checker, "help", KP_TEXT_LINES, &to->help) || !check_params(checker, to))
        return kp_check_inside(checker, "'%s'", to->name);
    if (to->run == NULL)
        return kp_check_fail(checker, "'%s': run: missing", to->name);
    stage->name = to->name;
    stage->operation = (struct kp_operation){.size = sizeof(struct kp_operation),
                                             .flags = KP_OP_DETERMINISTIC | KP_OP_NO_INPUT,
                                             .threading = KP_THREADS_ANY,
                                             .summary = to->summary,
                                             .help = to->help,
                                             .params = to->params,
                                             .params_size = to->params_size,
                                             .memory_base = to->memory_base,
                                             .memory_per_byte = to->memory_per_byte,
                                             .run = to->run};
    return true;
}
