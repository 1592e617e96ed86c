/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/relocs/names.c - the absolute symbols that the kernel's build knows, by name.
 *
 * From the patterns in arch/x86/tools/relocs.c of Linux 5.10, 6.1, 6.12 and 7.2. They differ in
 * names that kernels of other releases do not have, so that one list serves all up to 6.14. In
 * 6.15 per-CPU data is linked where it is loaded, and has no such names. Those of the real-mode
 * code, another program than the kernel, are not here.
 */
#include <string.h>

#include "relocs.h"

#define ANY NULL /* in place of an end: whatever follows */

struct rule {
    const char *begin;
    const char *end; /* "": the name ends; else something must stand between them */
};

/* Names that come in pairs. */
#define LIMITS(first, last, what)                                                                  \
    {first what, ""},                                                                              \
    {                                                                                              \
        last what, ""                                                                              \
    }
#define WITH_END(what)                                                                             \
    {what, ""},                                                                                    \
    {                                                                                              \
        what "_end", ""                                                                            \
    }

static const struct rule constants[] = {
    {"xen_irq_disable_direct_reloc", ""},
    {"xen_save_fl_direct_reloc", ""},
    {"xen_elfnote_", "_offset"},
    {"VDSO", ANY},
    {"__kcfi_typeid_", ANY},
    {"__crc_", ANY},
};

static const struct rule addresses[] = {
    {"_end", ""},
    {"jiffies", ""},
    {"jiffies_64", ""},
    {"__end_rodata", ""},
    {"__end_rodata_aligned", ""},
    {"__initramfs_start", ""},
    {"__init_begin", ""},
    {"__init_end", ""},
    {"__x86_cpu_dev_start", ""},
    {"__x86_cpu_dev_end", ""},
    {"__tracedata_start", ""},
    {"__tracedata_end", ""},
    {"__start_pci_", ANY},
    {"__end_pci_", ANY},
    LIMITS("__start", "__stop", "_notes"),
    LIMITS("__start", "__stop", "___param"),
    LIMITS("__start", "__stop", "___modver"),
    LIMITS("__start", "__stop", "___bug_table"),
    LIMITS("__start", "__stop", "___ksymtab"),
    LIMITS("__start", "__stop", "___ksymtab_gpl"),
    LIMITS("__start", "__stop", "___kcrctab"),
    LIMITS("__start", "__stop", "___kcrctab_gpl"),
    WITH_END("__alt_instructions"),
    WITH_END("__iommu_table"),
    WITH_END("__apicdrivers"),
    WITH_END("__smp_locks"),
};

static const struct rule addresses_64[] = {{"__end_rodata_hpage_align", ""}};
static const struct rule addresses_until_6_14[] = {
    {"__vvar_page", ""},
    LIMITS("__start", "__end", "_builtin_fw"),
    WITH_END("__parainstructions"),
    LIMITS("__start", "__stop", "___ksymtab_unused"),
    LIMITS("__start", "__stop", "___ksymtab_unused_gpl"),
    LIMITS("__start", "__stop", "___ksymtab_gpl_future"),
    LIMITS("__start", "__stop", "___kcrctab_unused"),
    LIMITS("__start", "__stop", "___kcrctab_unused_gpl"),
    LIMITS("__start", "__stop", "___kcrctab_gpl_future"),
};
static const struct rule addresses_64_until_6_14[] = {{"__per_cpu_load", ""},
                                                      {"init_per_cpu__", ANY}};

static bool is_of(const char *name, const struct rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const size_t length = strlen(rules[i].begin);
        const char *const rest = name + length;
        size_t end, left;

        if (strncmp(name, rules[i].begin, length) != 0)
            continue;
        if (rules[i].end == ANY || (*rest == '\0' && rules[i].end[0] == '\0'))
            return true;
        end = strlen(rules[i].end);
        left = strlen(rest);
        if (end != 0 && left > end && strcmp(rest + left - end, rules[i].end) == 0)
            return true;
    }
    return false;
}

#define IS_OF(name, rules) is_of(name, rules, sizeof(rules) / sizeof((rules)[0]))

bool relocs_name_is_constant(const char *name)
{
    return IS_OF(name, constants);
}

bool relocs_name_is_address(const struct relocs *relocs, const char *name)
{
    return IS_OF(name, addresses) || (relocs->wide && IS_OF(name, addresses_64)) ||
           (relocs->before_6_15 && IS_OF(name, addresses_until_6_14)) ||
           (relocs->before_6_15 && relocs->wide && IS_OF(name, addresses_64_until_6_14));
}
