/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/objcopy/facts.c - what an ELF file tells about the kernel inside it:
 * architecture, addresses, the memory behind the image, and the release in the
 * kernel's banner. It knows no architecture's rules: these are the host's.
 */
#include <string.h>

#include "objcopy.h"

/* Lowest load address and end of the kept sections with contents; false if there
 * are none. */
static bool load_range(const struct elf_load *file, uint64_t *load, uint64_t *end)
{
    bool found = false;

    *load = UINT64_MAX;
    *end = 0;
    for (size_t i = 0; i < file->section_count; i++) {
        const struct section *const section = &file->sections[i];

        if (!section->keep || !section->has_contents)
            continue;
        found = true;
        *load = section->lma < *load ? section->lma : *load;
        if (section->lma + section->size > *end)
            *end = section->lma + section->size;
    }
    return found;
}

/* Bytes from `end` to the end of the last section without contents: those that
 * the kernel's start clears, or the boot loader must leave free. */
static uint64_t bss_size(const struct elf_load *file, uint64_t end)
{
    uint64_t size = 0, behind;

    for (size_t i = 0; i < file->section_count; i++) {
        const struct section *const section = &file->sections[i];

        if (!section->keep || section->has_contents || section->thread_local_data ||
            section->lma < end || !kp_add(section->lma - end, section->size, &behind))
            continue;
        size = behind > size ? behind : size;
    }
    return size;
}

/* e_entry is a virtual address if it lies in a segment, as the vmlinux of some
 * architectures has it, else physical already, as in x86. */
static uint64_t physical_entry(const struct elf_load *file)
{
    const uint64_t entry = file->elf.header.e_entry;

    for (size_t i = 0; i < file->elf.segment_count && !file->no_paddr; i++) {
        const GElf_Phdr *const segment = &file->elf.segments[i];

        if (segment->p_type == PT_LOAD && entry >= segment->p_vaddr &&
            entry - segment->p_vaddr < segment->p_memsz)
            return segment->p_paddr + (entry - segment->p_vaddr);
    }
    return entry;
}

int32_t elf_set_content(const struct elf_load *file)
{
    struct kp_call *const call = file->elf.call;
    const char *const name = elf_arch_name(&file->elf);
    char version[VERSION_MAX + 1];
    uint64_t offset;

    if (name != NULL && call->host->set_text(call, call->output, KP_TRAIT_ARCH, name) != KP_OK)
        return KP_FAILED;
    if (elf_find_version(file, version, &offset) &&
        call->host->set_text(call, call->output, KP_TRAIT_VERSION, version) != KP_OK)
        return KP_FAILED;
    return KP_OK;
}

int32_t elf_set_addresses(const struct elf_load *file)
{
    struct kp_call *const call = file->elf.call;
    const struct kp_host *const host = call->host;
    const char *const name = elf_arch_name(&file->elf);
    const struct kp_arch *const arch = name != NULL ? host->arch(call, name) : NULL;
    uint64_t load, end;

    if (file->elf.header.e_type == ET_REL || !load_range(file, &load, &end))
        return KP_OK; /* nothing is placed yet */
    if (host->set_number(call, call->output, KP_TRAIT_BSS, bss_size(file, end)) != KP_OK)
        return KP_FAILED;
    if (arch == NULL || (arch->flags & KP_ARCH_PADDR_PHYSICAL) == 0)
        return KP_OK;
    if (host->set_number(call, call->output, KP_TRAIT_LOAD, load) != KP_OK)
        return KP_FAILED;
    if (file->elf.header.e_entry == 0) /* the specification's "no entry" */
        return KP_OK;
    return host->set_number(call, call->output, KP_TRAIT_ENTRY, physical_entry(file));
}

bool elf_find_version(const struct elf_load *file, char version[VERSION_MAX + 1], uint64_t *offset)
{
    /* Sections that lie on top of each other could keep us for ever. */
    uint64_t left = file->elf.size;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < file->section_count; i++) {
            const struct section *const section = &file->sections[i];

            if (!section->keep || !section->has_contents ||
                elf_has_banner(section->name) != (pass == 0) || section->size > left)
                continue;
            left -= section->size;
            if (elf_search_version(&file->elf, section->offset, section->size, version, offset))
                return true;
        }
    }
    return false;
}
