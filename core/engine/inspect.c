/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/inspect.c - see inspect.h.
 */
#include "engine/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/call.h"

static bool copy_text(char **to, const char *from)
{
    *to = from == NULL ? NULL : strdup(from);
    return from == NULL || *to != NULL;
}

static void free_field(const struct kp_inspected_field *field)
{
    free(field->name);
    free(field->text);
    free(field->meaning);
    free(field->of);
}

static void free_part(const struct kp_inspected_part *part)
{
    free(part->name);
    free(part->role);
    free(part->kind);
    free(part->meaning);
}

/* Copies a field; text may hold bytes that are no text, but ends at a NUL. */
static bool take_field(void *data, const struct kp_field *field)
{
    struct kp_inspection *inspection = data;
    struct kp_inspected_field *copy;

    if ((field->flags & KP_FIELD_DETAIL) != 0 && inspection->details++ >= KP_INSPECT_DETAILS) {
        inspection->details = KP_INSPECT_DETAILS;
        inspection->details_cut = true;
        return true;
    }
    copy = KP_PUSH(&inspection->fields, struct kp_inspected_field);
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
    copy->relation = field->relation;
    copy->unit = field->unit;
    if (copy->name != NULL && (!copy->is_text || copy->text != NULL) &&
        copy_text(&copy->meaning, field->meaning) && copy_text(&copy->of, field->of))
        return true;
    free_field(copy);
    inspection->fields.count--;
    return false;
}

/* Whether a name is `base`, or that with a number. */
static bool is_numbered(const char *name, const char *base, size_t length)
{
    return strncmp(name, base, length) == 0 &&
           (name[length] == '\0' ||
            (name[length] == '-' &&
             strspn(name + length + 1, "0123456789") == strlen(name + length + 1)));
}

/* The first of a name has it as it is, the others are numbered: "dtb", "dtb-2". No format calls one
 * so itself (host/desk.c), unless the image gives the names, which then are all different. */
static char *unique_name(const struct kp_inspection *inspection, const char *name, bool given)
{
    const size_t length = strlen(name);
    char *numbered = NULL;
    unsigned count = 1;

    for (size_t i = 0; i + 1 < inspection->parts.count; i++) {
        const char *other = KP_ITEM(&inspection->parts, struct kp_inspected_part, i).name;

        count += given ? strcmp(other, name) == 0 : is_numbered(other, name, length);
    }
    if (count == 1)
        return strdup(name);
    return asprintf(&numbered, "%s-%u", name, count) < 0 ? NULL : numbered;
}

static bool take_part(void *data, const struct kp_part *part)
{
    struct kp_inspection *inspection = data;
    struct kp_inspected_part *copy;

    if (inspection->parts.count == KP_INSPECT_PARTS) {
        inspection->parts_cut = true;
        return true;
    }
    copy = KP_PUSH(&inspection->parts, struct kp_inspected_part);
    if (copy == NULL)
        return false;
    copy->offset = part->offset;
    copy->length = part->length;
    copy->flags = part->flags;
    copy->align = part->align;
    copy->name = unique_name(inspection, part->name, (part->flags & KP_PART_NAMED) != 0);
    if (copy->name != NULL && copy_text(&copy->role, part->role) &&
        copy_text(&copy->kind, part->kind) && copy_text(&copy->meaning, part->meaning))
        return true;
    free_part(copy);
    inspection->parts.count--;
    return false;
}

static bool take_remake(void *data, const char *chain)
{
    struct kp_inspection *inspection = data;
    char **copy;

    if (inspection->remakes.count == KP_INSPECT_REMAKES)
        return true;
    copy = KP_PUSH(&inspection->remakes, char *);
    if (copy == NULL || copy_text(copy, chain))
        return copy != NULL;
    inspection->remakes.count--;
    return false;
}

static bool names_all(const struct kp_inspection *inspection)
{
    for (size_t i = 0; i < inspection->parts.count; i++)
        if ((KP_ITEM(&inspection->parts, struct kp_inspected_part, i).flags & KP_PART_AMONG) != 0)
            return false;
    return inspection->parts.count > 0;
}

/* All that describe the kind, one after the other. */
static bool describe(const struct kp_call_context *context, const char *name,
                     const struct kp_image *image, enum kp_inspect_extent extent,
                     struct kp_inspection *inspection)
{
    struct kp_inspector inspector;
    size_t next = 0;
    bool good = true;

    while (kp_registry_inspector(context->registry, inspection->kind, inspection->codec, &next,
                                 &inspector)) {
        const bool first = next == 1; /* it knows the header */

        if (extent == KP_INSPECT_HEADER && !first)
            break;
        if (first)
            inspection->format = inspector.format;
        good = kp_call_inspect(context, &inspector, name, image, &inspection->traits) && good;
        if (first)
            inspection->covered = names_all(inspection);
    }
    return good;
}

bool kp_inspect(struct kp_registry *registry, struct kp_diags *diags, const char *name,
                struct kp_range *range, const char *kind, enum kp_inspect_extent extent,
                struct kp_inspection *inspection)
{
    const struct kp_call_context context = {.registry = registry,
                                            .diags = diags,
                                            .data = inspection,
                                            .details = extent == KP_INSPECT_ALL,
                                            .field = take_field,
                                            .part = take_part,
                                            .remake = take_remake};
    struct kp_image image = {.range = range};
    bool good = false;

    if (!kp_registry_identify(registry, range, &inspection->kind, &inspection->codec))
        inspection->kind = kind;
    if ((inspection->kind == NULL ||
         kp_traits_set_text(&image.traits, KP_TRAIT_KIND, inspection->kind)) &&
        (inspection->codec == NULL ||
         kp_traits_set_text(&image.traits, KP_TRAIT_CODEC, inspection->codec)))
        good = describe(&context, name, &image, extent, inspection);
    else
        kp_out_of_memory(diags);
    kp_traits_free(&image.traits);
    return good;
}

void kp_inspection_free(struct kp_inspection *inspection)
{
    for (size_t i = 0; i < inspection->fields.count; i++)
        free_field(&KP_ITEM(&inspection->fields, struct kp_inspected_field, i));
    for (size_t i = 0; i < inspection->parts.count; i++)
        free_part(&KP_ITEM(&inspection->parts, struct kp_inspected_part, i));
    for (size_t i = 0; i < inspection->remakes.count; i++)
        free(KP_ITEM(&inspection->remakes, char *, i));
    kp_vector_free(&inspection->fields);
    kp_vector_free(&inspection->parts);
    kp_vector_free(&inspection->remakes);
    kp_traits_free(&inspection->traits);
}
