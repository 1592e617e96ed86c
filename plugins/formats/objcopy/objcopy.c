/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/objcopy/objcopy.c - the format objcopy: ELF to a flat image, byte for
 * byte what `objcopy -O binary -R .comment -S` of binutils makes of it. It writes
 * slices of the input and copies nothing. The way back does not exist.
 *
 * The rule: of all kept sections that are allocated and have contents, the lowest
 * load address is offset 0; each section stands at its load address; what is
 * between them is filled. binutils lets overlapping sections overwrite each other
 * and makes files of any size with a warning at most; here both are errors.
 */
#include <stdlib.h>

#include "objcopy.h"

#define ULL(x) ((unsigned long long)(x))

struct objcopy_params {
    struct kp_list remove;
    struct kp_list only;
    uint64_t limit;
    uint64_t gap_fill;
};

static const struct kp_param *const objcopy_table[] = {
    KP_TEXT_LIST(struct objcopy_params, remove, .fallback = ".comment",
                 .summary = "sections to leave out: names, or patterns with * ? []",
                 .help = "As objcopy -R; what a pattern with ! before it matches is kept. What is "
                         "given replaces the default."),
    KP_TEXT_LIST(struct objcopy_params, only,
                 .summary = "sections to keep, all others are left out; patterns as in 'remove'",
                 .help = "As objcopy -j; 'remove' applies to these as well."),
    KP_UINT(struct objcopy_params, limit, .minimum = 1, .maximum = UINT64_MAX, .fallback = "1G",
            .unit = "bytes", .summary = "greatest size of the flat image"),
    KP_UINT(struct objcopy_params, gap_fill, .maximum = 255, .fallback = "0",
            .summary = "byte that fills what is between sections, as --gap-fill"),
    NULL,
};

static void choose(struct elf_load *file, const struct objcopy_params *params)
{
    for (size_t i = 0; i < file->section_count; i++) {
        struct section *const section = &file->sections[i];

        section->keep = (params->only.count == 0 || elf_matches(&params->only, section->name)) &&
                        !elf_matches(&params->remove, section->name);
    }
}

static int by_address(const void *left, const void *right)
{
    const struct section *const a = *(const struct section *const *)left;
    const struct section *const b = *(const struct section *const *)right;

    if (a->lma != b->lma)
        return a->lma < b->lma ? -1 : 1;
    return a < b ? -1 : a > b; /* order of the file */
}

/* The sections to be written, by address; NULL after reporting. */
static const struct section **in_order(const struct elf_load *file, size_t *count)
{
    const struct section **order =
        file->elf.call->host->alloc(file->elf.call, (file->section_count + 1) * sizeof(*order));

    *count = 0;
    for (size_t i = 0; order != NULL && i < file->section_count; i++)
        if (file->sections[i].keep && file->sections[i].has_contents)
            order[(*count)++] = &file->sections[i];
    if (order != NULL && *count > 0)
        qsort(order, *count, sizeof(*order), by_address);
    if (order != NULL && *count == 0) {
        if (file->elf.section_count == 0)
            kp_fail(file->elf.call, "section headers: none: the flat image is made of sections");
        else
            kp_fail(file->elf.call,
                    "section headers: %zu: no section with bytes to be loaded is left",
                    file->elf.section_count);
        return NULL;
    }
    return order;
}

static int32_t fail_overlap(struct kp_call *call, const struct section *a, const struct section *b)
{
    char first[ELF_NAME_SHOWN + 1], second[ELF_NAME_SHOWN + 1];

    return kp_fail_at(call, NULL, "leave one out with 'remove', or correct the linker script",
                      "sections '%s' at 0x%llx (%llu bytes) and '%s' at 0x%llx: overlap",
                      shown_name(a, first), ULL(a->lma), ULL(a->size), shown_name(b, second),
                      ULL(b->lma));
}

/* Too large: because of the gap between a and b, if there is one to blame. */
static int32_t fail_limit(struct kp_call *call, const struct section *a, const struct section *b,
                          uint64_t size)
{
    const struct objcopy_params *const params = call->params;
    char first[ELF_NAME_SHOWN + 1], second[ELF_NAME_SHOWN + 1];

    if (b == NULL)
        return kp_fail_at(call, &params->limit, "raise 'limit'",
                          "image would be %llu bytes: more than the limit of %llu", ULL(size),
                          ULL(params->limit));
    return kp_fail_at(call, &params->limit, "leave one out with 'remove', or raise 'limit'",
                      "image would be %llu bytes: sections '%s' at 0x%llx and '%s' at 0x%llx are "
                      "%llu apart",
                      ULL(size), shown_name(a, first), ULL(a->lma), shown_name(b, second),
                      ULL(b->lma), ULL(b->lma - a->lma - a->size));
}

/* Refuses what cannot be written: overlaps, and an image beyond the limit. */
static int32_t check_layout(const struct elf_load *file, const struct section *const *order,
                            size_t count)
{
    const struct objcopy_params *const params = file->elf.call->params;
    const struct section *const last = order[count - 1];
    uint64_t widest = 0, gap, size;
    size_t wide = 0;

    for (size_t i = 0; i < count; i++) {
        if (section_bytes(file, order[i]) == NULL)
            return KP_FAILED;
        if (i == 0)
            continue;
        gap = order[i]->lma - order[i - 1]->lma;
        if (gap < order[i - 1]->size)
            return fail_overlap(file->elf.call, order[i - 1], order[i]);
        gap -= order[i - 1]->size;
        if (gap > widest) {
            widest = gap;
            wide = i;
        }
    }
    /* The last one may end beyond the highest address: its size is the file's. */
    if (!kp_add(last->lma - order[0]->lma, last->size, &size))
        size = UINT64_MAX;
    if (size <= params->limit)
        return KP_OK;
    if (size - widest > params->limit || wide == 0)
        return fail_limit(file->elf.call, NULL, NULL, size);
    return fail_limit(file->elf.call, order[wide - 1], order[wide], size);
}

static int32_t write_sections(const struct elf_load *file, const struct section *const *order,
                              size_t count)
{
    struct kp_call *const call = file->elf.call;
    const struct objcopy_params *const params = call->params;
    uint64_t at = order[0]->lma;

    for (size_t i = 0; i < count; i++) {
        const struct section *const section = order[i];

        if (section->lma != at &&
            kp_append_fill(call, (uint8_t)params->gap_fill, section->lma - at) != KP_OK)
            return KP_FAILED;
        if (call->host->output_image(call, call->output, call->input, section->offset,
                                     section->size) != KP_OK)
            return KP_FAILED;
        at = section->lma + section->size;
    }
    return KP_OK;
}

static int32_t objcopy_run(struct kp_call *call)
{
    const struct section **order;
    struct elf_load file;
    int32_t result = KP_FAILED;
    size_t count;

    if (!elf_load_open(&file, call))
        goto out;
    choose(&file, call->params);
    order = in_order(&file, &count);
    if (order == NULL || check_layout(&file, order, count) != KP_OK)
        goto out;
    if (write_sections(&file, order, count) == KP_OK && elf_set_content(&file) == KP_OK)
        result = elf_set_addresses(&file);
out:
    elf_load_close(&file);
    return result;
}

static const char *const elf_kinds[] = {KP_KIND_ELF, NULL};
static const char *const sets[] = {KP_TRAIT_ARCH, KP_TRAIT_BSS, KP_TRAIT_VERSION, NULL};
static const char *const sets_if_physical[] = {KP_TRAIT_ENTRY, KP_TRAIT_LOAD, NULL};

static const struct kp_operation objcopy_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "make a flat image of an ELF file",
    .help =
        "Byte for byte what `objcopy -O binary -R .comment -S` of binutils makes. Architecture, "
        "kernel version and the size of what must be zeroed behind the image are taken from "
        "the file, and entry and load address where the architecture's are physical.",
    .input_kinds = elf_kinds,
    .params = objcopy_table,
    .params_size = sizeof(struct objcopy_params),
    .sets = sets,
    .sets_if_physical = sets_if_physical,
    .memory_base = OBJCOPY_SCRATCH,
    .run = objcopy_run,
};

static const struct kp_format objcopy_format = {
    .size = sizeof(struct kp_format),
    .name = "objcopy",
    .summary = "ELF files, and flat images made of them",
    .kinds = elf_kinds,
    .pack = &objcopy_pack,
    .inspect = objcopy_inspect,
};

static const struct kp_format *const formats[] = {&objcopy_format, NULL};

KP_PLUGIN("org.kpipe.objcopy", "objcopy", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "ELF files to flat images, by libelf",
          KP_OFFERS_FORMAT("objcopy") KP_OFFERS_STAGE("objcopy")
              KP_MAGIC("elf", "0", "7f454c46", "ffffffff"),
          .formats = formats)
