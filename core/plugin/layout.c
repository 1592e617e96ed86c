/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/layout.c - see layout.h.
 */
#include "plugin/layout.h"

#include <inttypes.h>

#include "kpipe/bytes.h"

/* Alignment of a type as a member of a struct; _Alignof says 8 for uint64_t on
 * machines whose structs align it to 4. */
#define ALIGNMENT(type)                                                                            \
    offsetof(                                                                                      \
        struct {                                                                                   \
            char first;                                                                            \
            type second;                                                                           \
        },                                                                                         \
        second)

/* Size and alignment of the C type that param.h gives for the row's type. */
static void measure(const struct kp_param *row, uint64_t record_alignment, uint64_t *size,
                    uint64_t *alignment)
{
    *size = sizeof(uint64_t);
    *alignment = ALIGNMENT(uint64_t);
    if (row->list != 0) {
        *size = sizeof(struct kp_list);
        *alignment = ALIGNMENT(struct kp_list);
        return;
    }
    switch (row->type) {
    case KP_TYPE_BOOL:
        *size = *alignment = 1;
        break;
    case KP_TYPE_CHOICE:
        *size = *alignment = sizeof(uint32_t);
        break;
    case KP_TYPE_TEXT:
        *size = sizeof(struct kp_text);
        *alignment = ALIGNMENT(struct kp_text);
        break;
    case KP_TYPE_IMAGE:
    case KP_TYPE_TREE:
    case KP_TYPE_STAGE:
    case KP_TYPE_KEY:
        *size = *alignment = sizeof(void *);
        break;
    case KP_TYPE_RECORD:
        *size = row->item_size;
        *alignment = record_alignment;
        break;
    default: /* numbers */
        break;
    }
}

static bool take(struct kp_checker *checker, struct kp_layout *layout, const char *what,
                 const char *name, uint64_t offset, uint64_t size)
{
    if (!kp_inside(layout->struct_size, offset, size))
        return kp_check_fail(
            checker, "%s: %" PRIu64 " and %" PRIu64 " bytes: outside its struct of %" PRIu64, what,
            offset, size, layout->struct_size);
    for (size_t i = 0; i < layout->count; i++)
        if (offset < layout->fields[i].end && layout->fields[i].begin < offset + size)
            return kp_check_fail(checker, "%s: %" PRIu64 ": overlaps '%s'", what, offset,
                                 layout->fields[i].name);
    layout->fields[layout->count++] = (struct kp_layout_field){offset, offset + size, name};
    return true;
}

bool kp_layout_add(struct kp_checker *checker, struct kp_layout *layout, const struct kp_param *row,
                   uint64_t record_alignment)
{
    uint64_t size, alignment;

    measure(row, record_alignment, &size, &alignment);
    if (row->field_size != size)
        return kp_check_fail(checker,
                             "field_size: %" PRIu32 ": its type's C type has %" PRIu64 " bytes",
                             row->field_size, size);
    if (row->offset % alignment != 0)
        return kp_check_fail(checker, "offset: %" PRIu64 ": no multiple of %" PRIu64, row->offset,
                             alignment);
    if (alignment > layout->alignment)
        layout->alignment = alignment;
    return take(checker, layout, "offset", row->name, row->offset, size) &&
           (row->presence == 0 || take(checker, layout, "presence", row->name, row->presence, 1));
}
