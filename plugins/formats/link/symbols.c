/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/link/symbols.c - `symbols`: each becomes --defsym, with a number that the recipe gives, or
 * that the symbols of an ELF file tell.
 *
 * As Kbuild does it: Linux 6.1, arch/arm/boot/compressed/Makefile, KBSS_SZ (the size of .bss in
 * vmlinux) and check_for_multiple_zreladdr; Linux 6.12, arch/arm64/boot/Makefile,
 * EFI_ZBOOT_OBJCOPY_FLAGS (zboot_code_size, 0 where vmlinux does not tell).
 */
#include <stdlib.h>

#include "link.h"

/* What makes a name that GNU ld takes without quotes. */
static const char name_letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.$0123456789";

static bool check_name(struct link_job *job, const struct kp_text *name)
{
    if (name->bytes[strspn(name->bytes, name_letters)] == '\0' &&
        (name->bytes[0] < '0' || name->bytes[0] > '9'))
        return true;
    kp_fail_at(job->call, name, "use letters, digits and `_.$`", "symbols: '%.64s': no name",
               name->bytes);
    return false;
}

/* A number, or what two or one of an ELF file's symbols tell, and nothing of the other. */
static bool check_record(struct link_job *job, const struct link_symbol *symbol)
{
    const char *wrong = NULL;

    if (symbol->has_value && (symbol->of != NULL || symbol->has_from || symbol->has_to))
        wrong = "'value' and a symbol of an image: only one of them can be";
    else if (!symbol->has_value && (symbol->of == NULL || !symbol->has_from))
        wrong = "needs 'value', or 'of' and 'from'";
    if (wrong == NULL)
        return check_name(job, &symbol->name);
    kp_fail_at(job->call, &symbol->name,
               "{name: N, value: 0x8000}, or {name: N, of: vmlinux, from: A, to: B} for B - A",
               "symbols: %.64s: %s", symbol->name.bytes, wrong);
    return false;
}

/* Looks up what the value is made of. *found is false, without an error, if a symbol is missing
 * and may be. */
static bool read_value(struct link_job *job, const struct link_symbol *symbol, uint64_t *value,
                       bool *found)
{
    struct elf_symbol wanted[] = {{.name = symbol->from.bytes}, {.name = symbol->to.bytes}};
    const size_t count = symbol->has_to ? 2 : 1;
    const struct elf_symbol *missing;
    struct elf_file file;
    bool fine = elf_file_open(&file, job->call, symbol->of, &symbol->of) &&
                elf_find_symbols(&file, wanted, count, NULL);

    elf_file_close(&file);
    if (!fine)
        return false;
    missing = !wanted[0].found ? &wanted[0] : count == 2 && !wanted[1].found ? &wanted[1] : NULL;
    *found = missing == NULL;
    if (missing != NULL && symbol->missing == MISSING_SKIP)
        return true;
    if (missing != NULL)
        kp_fail_at(job->call, missing == &wanted[0] ? &symbol->from : &symbol->to,
                   "is it this kernel's vmlinux, with symbols? `missing: skip` does without",
                   "symbols: %.64s: %.128s: the image has no such symbol", symbol->name.bytes,
                   missing->name);
    else if (count == 2 && wanted[1].value < wanted[0].value)
        kp_fail_at(job->call, &symbol->to, "exchange 'from' and 'to'?",
                   "symbols: %.64s: %.64s (0x%llx) is before %.64s (0x%llx)", symbol->name.bytes,
                   wanted[1].name, ULL(wanted[1].value), wanted[0].name, ULL(wanted[0].value));
    else {
        *value = count == 2 ? wanted[1].value - wanted[0].value : wanted[0].value;
        return true;
    }
    return false;
}

/* Two values that are numbers are compared as such. */
static bool is_same(const char *one, const char *other)
{
    char *one_end, *other_end;
    const unsigned long long a = strtoull(one, &one_end, 0), b = strtoull(other, &other_end, 0);

    if (*one_end == '\0' && *other_end == '\0')
        return a == b;
    return strcmp(one, other) == 0;
}

bool link_define_zreladdr(struct link_job *job, const char *value, const void *field)
{
    if (job->zreladdr == NULL)
        job->zreladdr = value;
    if (is_same(job->zreladdr, value))
        return true;
    kp_fail_at(job->call, field,
               "a kernel for boards with memory at different addresses needs CONFIG_AUTO_ZRELADDR",
               "zreladdr: %.32s and %.32s: multiple zreladdrs", job->zreladdr, value);
    return false;
}

/* Whether an earlier record has that name; zreladdr has a rule of its own. */
static bool is_new(struct link_job *job, const struct link_symbol *symbol)
{
    const struct link_symbol *const first = job->params->symbols.items;

    for (const struct link_symbol *other = first; other < symbol; other++)
        if (strcmp(other->name.bytes, symbol->name.bytes) == 0 &&
            strcmp(symbol->name.bytes, "zreladdr") != 0) {
            kp_fail_at(job->call, &symbol->name, NULL, "symbols: %.64s: twice", symbol->name.bytes);
            return false;
        }
    return true;
}

static bool define(struct link_job *job, const struct link_symbol *symbol)
{
    uint64_t value = symbol->value;
    bool found = true;
    char *definition;

    if (!check_record(job, symbol) || !is_new(job, symbol) ||
        (!symbol->has_value && !read_value(job, symbol, &value, &found)))
        return false;
    if (!found)
        return true;
    definition = job->call->host->alloc(job->call, LINK_DEFINITION);
    if (definition == NULL)
        return false;
    snprintf(definition, LINK_DEFINITION, "%s=0x%llx", symbol->name.bytes, ULL(value));
    if (strcmp(symbol->name.bytes, "zreladdr") == 0 &&
        !link_define_zreladdr(job, strchr(definition, '=') + 1, &symbol->name))
        return false;
    return link_add_word(job, "--defsym", &job->params->symbols) &&
           link_add_word(job, definition, &job->params->symbols);
}

bool link_add_symbols(struct link_job *job)
{
    const struct link_symbol *const symbols = job->params->symbols.items;

    for (uint64_t i = 0; i < job->params->symbols.count; i++)
        if (!define(job, &symbols[i]))
            return false;
    return true;
}
