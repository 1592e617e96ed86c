/* SPDX-License-Identifier: BSD-3-Clause
 *
 * host/desk.c - see desk.h. What a plugin hands in is checked; a call that cannot be right is
 * the plugin's fault.
 */
#include "host/desk.h"

#include <inttypes.h>
#include <string.h>

#include "kpipe/bytes.h"

int32_t kp_desk_no_memory(struct kp_desk *desk)
{
    desk->owner->no_memory(desk);
    return KP_FAILED;
}

int32_t kp_desk_fault(struct kp_desk *desk, const char *what)
{
    desk->owner->fault(desk, what);
    return KP_FAILED;
}

struct kp_image *kp_desk_new_image(struct kp_desk *desk)
{
    struct kp_image *image = KP_ARENA_NEW(desk->arena, struct kp_image);
    struct kp_image **slot = image == NULL ? NULL : KP_PUSH(&desk->images, struct kp_image *);

    if (slot == NULL) {
        kp_desk_no_memory(desk);
        return NULL;
    }
    *slot = image;
    return image;
}

void kp_desk_clear(struct kp_desk *desk)
{
    for (size_t i = 0; i < desk->images.count; i++)
        kp_image_clear(KP_ITEM(&desk->images, struct kp_image *, i));
    kp_vector_free(&desk->images);
    kp_output_clear(&desk->output);
}

/* --- images --- */

uint64_t kp_desk_image_size(struct kp_call *call, const struct kp_image *image)
{
    (void)call;
    return image == NULL ? 0 : kp_range_size(image->range);
}

const uint8_t *kp_desk_image_view(struct kp_call *call, const struct kp_image *image)
{
    const uint8_t *view;

    if (image == NULL) {
        kp_desk_fault(kp_desk_of(call), "image_view of NULL");
        return NULL;
    }
    view = kp_range_view(image->range);
    if (view == NULL)
        kp_desk_no_memory(kp_desk_of(call));
    return view;
}

int32_t kp_desk_image_read(struct kp_call *call, const struct kp_image *image, uint64_t offset,
                           void *to, uint64_t length)
{
    struct kp_desk *desk = kp_desk_of(call);
    struct kp_problem problem = {.size = sizeof(problem)};
    const char *text;

    if (image == NULL || to == NULL)
        return kp_desk_fault(desk, "image_read of NULL");
    if (kp_range_read(image->range, offset, to, length))
        return KP_OK;
    text = kp_arena_printf(desk->arena,
                           "%" PRIu64 " bytes at offset %" PRIu64 " of an image of %" PRIu64
                           " bytes: it ends too early",
                           length, offset, kp_range_size(image->range));
    problem.text = text == NULL ? "the image ends too early" : text;
    return call->host->fail(call, &problem);
}

int32_t kp_desk_image_piece(struct kp_call *call, const struct kp_image *image, uint64_t offset,
                            const uint8_t **bytes, uint64_t *length)
{
    if (image == NULL || bytes == NULL || length == NULL || offset > kp_range_size(image->range))
        return kp_desk_fault(kp_desk_of(call), "image_piece behind the end of an image");
    kp_range_piece(image->range, offset, bytes, length);
    return KP_OK;
}

const struct kp_image *kp_desk_image_slice(struct kp_call *call, const struct kp_image *image,
                                           uint64_t offset, uint64_t length)
{
    struct kp_desk *desk = kp_desk_of(call);
    struct kp_image *slice;

    if (image == NULL || !kp_inside(kp_range_size(image->range), offset, length)) {
        kp_desk_fault(desk, "image_slice behind the end of an image");
        return NULL;
    }
    slice = kp_desk_new_image(desk);
    if (slice == NULL)
        return NULL;
    slice->range = kp_range_slice(image->range, offset, length);
    slice->whole = image->whole != NULL ? image->whole : image;
    slice->offset = image->whole != NULL ? image->offset + offset : offset;
    if (slice->range != NULL)
        return slice;
    kp_desk_no_memory(desk);
    return NULL;
}

/* --- outputs --- */

static int32_t told(struct kp_desk *desk, enum kp_output_result result)
{
    switch (result) {
    case KP_OUTPUT_OK:
        return KP_OK;
    case KP_OUTPUT_NO_MEMORY:
        return kp_desk_no_memory(desk);
    case KP_OUTPUT_TOO_LARGE:
        desk->owner->too_large(desk);
        return KP_FAILED;
    case KP_OUTPUT_OVERRUN:
        return kp_desk_fault(desk, KP_OUTPUT_OVERRUN_TEXT);
    default:
        return kp_desk_fault(desk, "output used against its rules (kpipe/host.h, outputs)");
    }
}

int32_t kp_desk_output_append(struct kp_call *call, struct kp_output *output, const void *bytes,
                              uint64_t length)
{
    if (output == NULL || (bytes == NULL && length > 0))
        return kp_desk_fault(kp_desk_of(call), "output_append of NULL");
    return told(kp_desk_of(call), kp_output_append(output, bytes, length));
}

int32_t kp_desk_output_image(struct kp_call *call, struct kp_output *output,
                             const struct kp_image *image, uint64_t offset, uint64_t length)
{
    struct kp_desk *desk = kp_desk_of(call);

    if (output == NULL || image == NULL || !kp_inside(kp_range_size(image->range), offset, length))
        return kp_desk_fault(desk, "output_image behind the end of an image");
    return told(desk, kp_output_image(output, image, offset, length));
}

int32_t kp_desk_output_fill(struct kp_call *call, struct kp_output *output, uint8_t byte,
                            uint64_t length)
{
    struct kp_desk *desk = kp_desk_of(call);

    if (output == NULL)
        return kp_desk_fault(desk, "output_fill of NULL");
    return told(desk, kp_output_fill(output, byte, length));
}

uint8_t *kp_desk_output_reserve(struct kp_call *call, struct kp_output *output, uint64_t length)
{
    uint8_t *at = NULL;

    if (output == NULL) {
        kp_desk_fault(kp_desk_of(call), "output_reserve of NULL");
        return NULL;
    }
    return told(kp_desk_of(call), kp_output_reserve(output, length, &at)) == KP_OK ? at : NULL;
}

int32_t kp_desk_output_give_back(struct kp_call *call, struct kp_output *output, uint64_t length)
{
    if (output == NULL)
        return kp_desk_fault(kp_desk_of(call), "output_give_back of NULL");
    return told(kp_desk_of(call), kp_output_give_back(output, length));
}

uint64_t kp_desk_output_size(struct kp_call *call, struct kp_output *output)
{
    (void)call;
    return output == NULL ? 0 : output->size;
}

/* --- traits, memory --- */

static const struct kp_trait *find_trait(const struct kp_image *image, const char *name)
{
    return image == NULL || name == NULL ? NULL : kp_traits_get(&image->traits, name);
}

int32_t kp_desk_trait_number(struct kp_call *call, const struct kp_image *image, const char *name,
                             uint64_t *value)
{
    const struct kp_trait *trait = find_trait(image, name);

    (void)call;
    if (trait == NULL || trait->text != NULL)
        return 0;
    *value = trait->number;
    return 1;
}

int32_t kp_desk_trait_text(struct kp_call *call, const struct kp_image *image, const char *name,
                           struct kp_text *value)
{
    const struct kp_trait *trait = find_trait(image, name);

    (void)call;
    if (trait == NULL || trait->text == NULL)
        return 0;
    value->bytes = trait->text;
    value->length = strlen(trait->text);
    return 1;
}

void *kp_desk_alloc(struct kp_call *call, uint64_t length)
{
    struct kp_desk *desk = kp_desk_of(call);
    void *memory;

    if (length > desk->scratch_limit - desk->scratch) {
        kp_desk_fault(desk, "asks for more scratch memory than it declared");
        return NULL;
    }
    desk->scratch += length;
    memory = kp_arena_alloc(desk->arena, (size_t)length);
    if (memory == NULL)
        kp_desk_no_memory(desk);
    return memory;
}

/* --- parts --- */

/* [a-z][a-z0-9-]*, without a number at its end: that is the host's to give. */
static bool is_part_name(const char *name)
{
    const char *last = name;

    if (*name < 'a' || *name > 'z')
        return false;
    for (; (*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9') || *name == '-'; name++)
        if (*name == '-')
            last = name + 1;
    return *name == '\0' && *last != '\0' && strspn(last, "0123456789") != strlen(last);
}

/* [A-Za-z][A-Za-z0-9_-]* */
static bool is_given_name(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

    return name[strspn(name, letters)] == '\0' && strspn(name, letters + 52) == 0 &&
           name[0] != '\0';
}

const char *kp_desk_judge_part(struct kp_call *call, const struct kp_part *part)
{
    bool (*is_name)(const char *);

    if (part == NULL || part->size < sizeof(*part) || part->name == NULL)
        return "part without a name";
    is_name = (part->flags & KP_PART_NAMED) != 0 ? is_given_name : is_part_name;
    if (!is_name(part->name) || (part->role != NULL && !is_part_name(part->role)))
        return "part whose name or role is not well-formed";
    if (!kp_inside(kp_range_size(call->input->range), part->offset, part->length))
        return "part behind the end of the image";
    if ((part->flags & ~(KP_PART_SEARCH | KP_PART_ENDS | KP_PART_AMONG | KP_PART_BARE |
                         KP_PART_TOLD | KP_PART_NAMED)) != 0 ||
        (part->flags & (KP_PART_SEARCH | KP_PART_ENDS)) == KP_PART_ENDS ||
        (part->flags & (KP_PART_ENDS | KP_PART_BARE)) == KP_PART_BARE)
        return "part with flags that nobody knows";
    return NULL;
}

const char *kp_desk_judge_field(const struct kp_field *field)
{
    if (field == NULL || field->size < sizeof(*field) || field->name == NULL ||
        (field->type == KP_FIELD_TEXT && field->text.bytes == NULL))
        return "field without a name or a value";
    if (field->relation > KP_FIELD_OFFSET_OF || (field->of != NULL) != (field->relation != 0))
        return "field that tells of a part, and not which or not what";
    return NULL;
}

const char *kp_desk_judge_remake(const char *chain)
{
    if (chain == NULL || strnlen(chain, KP_REMAKE_MAX) == KP_REMAKE_MAX)
        return "a way to make the image again that is none, or too long";
    for (; *chain != '\0'; chain++)
        if ((unsigned char)*chain < 0x20 || (unsigned char)*chain >= 0x7f)
            return "a way to make the image again that is no line of ASCII";
    return NULL;
}
