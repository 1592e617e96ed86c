/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/vmlinux/base.c - the address of a flat kernel's first byte, and relative_base where the
 * kernel itself finds it only when it relocates itself.
 *
 * In order: what the recipe says; the symbol of the banner, whose text is in the file; _text or
 * _start, which linker scripts have at the first byte. Kernels without KALLSYMS_ALL have none of
 * these. Then the file's own pointers decide: the base is that by which they point at the
 * beginnings of texts. Where the kernel has a table of relocations (ELF specification,
 * "Relocation": r_offset, r_info, r_addend of 64 bits each) pointers are their addends, and that
 * for relative_base tells both. Where there is no table, either, it is where Linux links all
 * kernels of the architecture, if there is such a place; and that is said.
 */
#include <string.h>

#include "vmlinux.h"

#define STEP 4096u /* kernels begin at pages */
#define SAMPLES 512u
#define SAMPLES_FIRST 64u
#define VOTES_MIN 12u
/* How far the text may be from the first byte. */
#define REACH (UINT64_C(64) << 20)
#define RELA_SIZE 24u
/* Relocations that may be that of relative_base: in kernels some dozens. */
#define CANDIDATES_MAX 4096u
#define BASE_HINT                                                                                  \
    "base: the address of the first byte, as 0xffff800080000000; System.map's _text has it"

/* Relocations of the kind R_*_RELATIVE. */
struct relocations {
    uint64_t at, count;
    uint64_t lowest, highest; /* addresses that they change */
};

static uint64_t relative_type(uint32_t machine)
{
    switch (machine) {
    case EM_AARCH64:
        return 1027;
    case EM_RISCV:
    case EM_LOONGARCH:
        return 3;
    case EM_PPC64:
        return 22;
    case EM_S390:
        return 12;
    default:
        return 0;
    }
}

static uint64_t rela_word(const struct vmlinux *kernel, const struct relocations *all,
                          uint64_t index, uint64_t field)
{
    return kallsyms_word(&kernel->tables, all->at + index * RELA_SIZE + 8 * field, 8);
}

/* The longest run of them in the file. */
static void find_relocations(const struct vmlinux *kernel, struct relocations *all)
{
    const uint64_t type = relative_type(kernel->machine);
    uint64_t at = 0;

    memset(all, 0, sizeof(*all));
    while (type != 0 && kernel->word == 8 && kp_inside(kernel->size, at, RELA_SIZE)) {
        uint64_t end = at;

        while (kp_inside(kernel->size, end, RELA_SIZE) &&
               kallsyms_word(&kernel->tables, end + 8, 8) == type)
            end += RELA_SIZE;
        if ((end - at) / RELA_SIZE > all->count) {
            all->at = at;
            all->count = (end - at) / RELA_SIZE;
        }
        at = end > at ? end : at + 8;
    }
    all->lowest = UINT64_MAX;
    for (uint64_t i = 0; i < all->count; i++) {
        const uint64_t place = rela_word(kernel, all, i, 0);

        if (place < all->lowest)
            all->lowest = place;
        if (place > all->highest)
            all->highest = place;
    }
}

/* Pointers, evenly taken from all that there are. */
struct sample {
    uint64_t pointers[SAMPLES];
    uint32_t count;
    uint64_t seen, stride;
};

static void add_pointer(struct sample *sample, uint64_t pointer)
{
    if (sample->seen++ % sample->stride != 0)
        return;
    if (sample->count == SAMPLES) {
        sample->count = SAMPLES / 2;
        sample->stride *= 2;
        for (size_t i = 0; i < sample->count; i++)
            sample->pointers[i] = sample->pointers[2 * i];
    }
    sample->pointers[sample->count++] = pointer;
}

static void take_addends(const struct vmlinux *kernel, const struct relocations *all,
                         struct sample *sample)
{
    for (uint64_t i = 0; i < all->count; i++)
        add_pointer(sample, rela_word(kernel, all, i, 2));
}

/* Words that are addresses in the kernel, but for the table of symbols, which would be most. */
static void take_words(const struct vmlinux *kernel, uint64_t anchor, struct sample *sample)
{
    const uint64_t table = kernel->tables.form == KALLSYMS_ABSOLUTE
                               ? kernel->word * (uint64_t)kernel->tables.count
                               : 0;

    for (uint64_t at = 0; kp_inside(kernel->size, at, kernel->word); at += kernel->word) {
        const uint64_t word = kallsyms_word(&kernel->tables, at, kernel->word);

        if (word - anchor < kernel->size && at - kernel->tables.addresses >= table)
            add_pointer(sample, word);
    }
}

/* Whether a text begins there: printable, and the end of something before it. */
static bool text_at(const struct vmlinux *kernel, uint64_t at)
{
    if (at == 0 || !kp_inside(kernel->size, at, 4) || kernel->bytes[at - 1] != '\0')
        return false;
    for (uint32_t i = 0; i < 4; i++)
        if (kernel->bytes[at + i] < 0x20 || kernel->bytes[at + i] > 0x7e)
            return false;
    return true;
}

struct vote {
    const struct sample *sample;
    uint64_t base, relative_base; /* of the best */
    uint32_t best, second;
};

static void consider(const struct vmlinux *kernel, struct vote *vote, uint64_t base,
                     uint64_t relative_base)
{
    uint32_t votes = 0;

    for (uint32_t i = 0; i < vote->sample->count; i++) {
        if (i == SAMPLES_FIRST && votes == 0)
            return;
        votes += text_at(kernel, vote->sample->pointers[i] - base);
    }
    if (votes > vote->best) {
        vote->second = vote->best;
        vote->best = votes;
        vote->base = base;
        vote->relative_base = relative_base;
    } else if (votes > vote->second) {
        vote->second = votes;
    }
}

static bool is_clear(const struct vote *vote)
{
    return vote->best >= VOTES_MIN && vote->best / 2 >= vote->second;
}

static bool is_unrelocated(const struct vmlinux *kernel)
{
    return kernel->tables.relative_base_at != 0 && kernel->tables.relative_base == 0 &&
           kernel->word == 8;
}

/* Where Linux links kernels whose own data need not tell: arch/s390/kernel/vmlinux.lds.S, ". = "
 * (and TEXT_OFFSET since 6.10); arch/riscv/include/asm/pgtable.h, KERNEL_LINK_ADDR of 64 bits since
 * 5.13; arch/loongarch/Makefile, load-y of 64 bits. */
static uint64_t usual_base(const struct vmlinux *kernel)
{
    if (kernel->word != 8)
        return 0;
    switch (kernel->machine) {
    case EM_S390:
        return UINT64_C(0x100000);
    case EM_RISCV:
        return UINT64_C(0xffffffff80000000);
    case EM_LOONGARCH:
        return UINT64_C(0x9000000000200000);
    default:
        return 0;
    }
}

/* Of a kernel that cannot be linked elsewhere by its configuration. */
static bool assume(struct vmlinux *kernel)
{
    kernel->base = usual_base(kernel);
    if (kernel->base == 0)
        return false;
    kp_message(kernel->call, KP_NOTE,
               "base: 0x%llx: where Linux links kernels for %s; no data of "
               "this one tells",
               ULL(kernel->base), kernel->arch);
    return vmlinux_find_relative_base(kernel);
}

static bool fails(const struct vmlinux *kernel, const char *why)
{
    kp_fail_at(kernel->call, &kernel->params->base, BASE_HINT, "base: not given: %s", why);
    return false;
}

/* Bases at which the relocations are all inside of the file. */
static void consider_relocations(const struct vmlinux *kernel, const struct relocations *all,
                                 struct vote *vote)
{
    const uint64_t slot = kernel->tables.relative_base_at;
    uint64_t first = all->highest + 8 - kernel->size;
    uint32_t candidates = 0;

    if (all->highest + 8 < kernel->size || all->lowest - first > kernel->size)
        return;
    if (is_unrelocated(kernel)) {
        for (uint64_t i = 0; i < all->count; i++) {
            const uint64_t base = rela_word(kernel, all, i, 0) - slot;
            const uint64_t value = rela_word(kernel, all, i, 2);

            if (base % STEP != 0 || base < first || base > all->lowest ||
                value - base >= kernel->size)
                continue;
            if (candidates++ == CANDIDATES_MAX) {
                vote->best = 0;
                return;
            }
            consider(kernel, vote, base, value);
        }
        return;
    }
    for (first += (0 - first) % STEP; first <= all->lowest; first += STEP)
        consider(kernel, vote, first, 0);
}

static bool vote_on_base(struct vmlinux *kernel)
{
    struct sample sample = {.stride = 1};
    struct vote vote = {.sample = &sample};
    struct relocations all;
    const uint64_t anchor = kernel->has_mark[MARK_STEXT] ? kernel->marks[MARK_STEXT]
                                                         : vmlinux_symbol_address(kernel, 0);

    const bool relative = is_unrelocated(kernel) || kernel->tables.form == KALLSYMS_PLACE;

    find_relocations(kernel, &all);
    if (relative) {
        take_addends(kernel, &all, &sample);
        consider_relocations(kernel, &all, &vote);
    } else {
        const uint64_t reach = kernel->size < REACH ? kernel->size : REACH;
        const uint64_t last = anchor - anchor % STEP;

        take_words(kernel, anchor, &sample);
        for (uint64_t back = 0; back <= reach && back <= last; back += STEP)
            consider(kernel, &vote, last - back, 0);
    }
    if (!is_clear(&vote))
        return (relative && assume(kernel)) ||
               fails(kernel, relative ? "the kernel's symbols are relative to it, and no "
                                        "relocations tell"
                                      : "neither symbols nor pointers of the kernel tell");
    kernel->base = vote.base;
    if (is_unrelocated(kernel))
        kernel->tables.relative_base = vote.relative_base;
    kp_message(kernel->call, KP_NOTE,
               "base: 0x%llx: by %u of %u pointers, which are then addresses of texts",
               ULL(kernel->base), (unsigned)vote.best, (unsigned)sample.count);
    return true;
}

/* The banner's symbol and its text: "Linux version 6.1.0-..." */
static bool base_from_banner(struct vmlinux *kernel)
{
    static const char text[] = "Linux version ";
    const uint8_t *at = kernel->bytes, *const end = kernel->bytes + kernel->size;

    if (!kernel->has_mark[MARK_BANNER])
        return false;
    while ((at = memmem(at, (size_t)(end - at), text, sizeof(text) - 1)) != NULL) {
        kernel->base = kernel->marks[MARK_BANNER] - (uint64_t)(at - kernel->bytes);
        if (kernel->base % STEP == 0 && kernel->base <= kernel->marks[MARK_BANNER])
            return true;
        at++;
    }
    return false;
}

/* Riscv's first byte is _start, and _text the page behind it; elsewhere they are the same. */
static bool base_from_marks(struct vmlinux *kernel)
{
    const enum mark mark = kernel->machine == EM_RISCV ? MARK_START : MARK_TEXT;

    kernel->base = kernel->marks[mark];
    return kernel->has_mark[mark];
}

bool vmlinux_find_relative_base(struct vmlinux *kernel)
{
    struct relocations all;
    uint64_t place;

    if (!is_unrelocated(kernel))
        return true;
    find_relocations(kernel, &all);
    place = kernel->base + kernel->tables.relative_base_at;
    for (uint64_t i = 0; i < all.count; i++)
        if (rela_word(kernel, &all, i, 0) == place) {
            kernel->tables.relative_base = rela_word(kernel, &all, i, 2);
            return true;
        }
    if (base_from_marks(kernel)) { /* still counted from 0 */
        kernel->tables.relative_base = place - kernel->tables.relative_base_at - kernel->base;
        kernel->base += kernel->tables.relative_base;
        return true;
    }
    kp_fail_at(kernel->call, &kernel->params->base, "symbols: none does without",
               "kallsyms: relative_base is 0, and no relocation changes it at 0x%llx", ULL(place));
    return false;
}

bool vmlinux_find_base(struct vmlinux *kernel)
{
    if (kernel->params->has_base) {
        kernel->base = kernel->params->base;
        return !kernel->has_tables || vmlinux_find_relative_base(kernel);
    }
    if (!kernel->has_tables)
        return fails(kernel, "only symbols of the kernel could tell");
    if (!is_unrelocated(kernel) && kernel->tables.form != KALLSYMS_PLACE &&
        (base_from_banner(kernel) || base_from_marks(kernel)))
        return true;
    return vote_on_base(kernel);
}
