/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/vmlinux/write.c - numbers and section headers in the width and byte order of the kernel
 * (ELF specification, "Sections").
 */
#include "vmlinux.h"

void vmlinux_put(const struct vmlinux *kernel, uint8_t *at, uint32_t width, uint64_t value)
{
    for (uint32_t i = 0; i < width; i++)
        at[kernel->big_endian ? width - 1 - i : i] = (uint8_t)(value >> (8 * i));
}

uint32_t vmlinux_section_size(const struct vmlinux *kernel)
{
    return kernel->word == 8 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
}

void vmlinux_put_section(const struct vmlinux *kernel, uint8_t *at, const GElf_Shdr *section)
{
    const uint32_t word = kernel->word;
    const struct {
        uint64_t value;
        uint32_t width;
    } fields[] = {
        {section->sh_name, 4},       {section->sh_type, 4},      {section->sh_flags, word},
        {section->sh_addr, word},    {section->sh_offset, word}, {section->sh_size, word},
        {section->sh_link, 4},       {section->sh_info, 4},      {section->sh_addralign, word},
        {section->sh_entsize, word},
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        vmlinux_put(kernel, at, fields[i].width, fields[i].value);
        at += fields[i].width;
    }
}

bool vmlinux_align(struct vmlinux *kernel, uint64_t alignment, uint64_t *at)
{
    struct kp_call *const call = kernel->call;
    const uint64_t size = call->host->output_size(call, call->output);

    if (!kp_align(size, alignment, at))
        return false;
    return *at == size || kp_append_fill(call, 0, *at - size) == KP_OK;
}
