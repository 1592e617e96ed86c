/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/inspect.c - see inspect.h.
 */
#include "engine/inspect.h"

#include <stdlib.h>
#include <string.h>

#include "plugin/call.h"

/* Copies a field; text may hold bytes that are no text, but ends at a NUL. */
static bool take_field(void *data, const struct kp_field *field)
{
    struct kp_inspection *inspection = data;
    struct kp_inspected_field *copy = KP_PUSH(&inspection->fields, struct kp_inspected_field);

    if (copy == NULL)
        return false;
    copy->is_text = field->type == KP_FIELD_TEXT;
    copy->flags = field->flags;
    copy->offset = field->offset;
    copy->length = field->length;
    copy->number = field->number;
    copy->name = strdup(field->name);
    if (copy->is_text && field->text.bytes != NULL)
        copy->text = strndup(field->text.bytes, (size_t)field->text.length);
    if (field->meaning != NULL)
        copy->meaning = strdup(field->meaning);
    return copy->name != NULL && (!copy->is_text || copy->text != NULL);
}

bool kp_inspect(struct kp_registry *registry, struct kp_diags *diags, const char *name,
                struct kp_range *range, struct kp_inspection *inspection)
{
    const struct kp_call_context context = {
        .registry = registry, .diags = diags, .data = inspection, .field = take_field};
    struct kp_image image = {.range = range};
    struct kp_inspector inspector;
    bool good = false;

    if (!kp_registry_identify(registry, range, &inspection->kind, &inspection->codec))
        return true;
    if (!kp_registry_inspector(registry, inspection->kind, inspection->codec, &inspector))
        return true;
    inspection->format = inspector.format;
    if ((inspection->kind == NULL ||
         kp_traits_set_text(&image.traits, KP_TRAIT_KIND, inspection->kind)) &&
        (inspection->codec == NULL ||
         kp_traits_set_text(&image.traits, KP_TRAIT_CODEC, inspection->codec)))
        good = kp_call_inspect(&context, &inspector, name, &image, &inspection->traits);
    else
        kp_out_of_memory(diags);
    kp_traits_free(&image.traits);
    return good;
}

void kp_inspection_free(struct kp_inspection *inspection)
{
    for (size_t i = 0; i < inspection->fields.count; i++) {
        const struct kp_inspected_field *field =
            &KP_ITEM(&inspection->fields, struct kp_inspected_field, i);

        free(field->name);
        free(field->text);
        free(field->meaning);
    }
    kp_vector_free(&inspection->fields);
    kp_traits_free(&inspection->traits);
}
