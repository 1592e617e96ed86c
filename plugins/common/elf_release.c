/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/elf_release.c - the release of the kernel that an ELF file is: version and patch level,
 * as Kbuild's rules changed from one to the next. It needs the file's symbols; formats/objcopy
 * searches the text of files without.
 *
 * Linux, init/version.c (6.1 and later also version-timestamp.c): linux_banner is a text that
 * begins "Linux version 6.1.0".
 */
#include <string.h>

#include "elf.h"

#define BANNER "Linux version "
/* The banner, and "999.999" with what ends it. */
#define TEXT_MAX (sizeof(BANNER) + 8)

/* At most three digits, which `end` must follow. */
static bool take_number(const char **text, const char *ends, uint32_t *number)
{
    const char *at = *text;

    *number = 0;
    for (; at - *text < 3 && *at >= '0' && *at <= '9'; at++)
        *number = *number * 10 + (uint32_t)(*at - '0');
    if (at == *text || *at == '\0' || strchr(ends, *at) == NULL)
        return false;
    *text = at + 1;
    return true;
}

static uint32_t parse(const char text[TEXT_MAX + 1])
{
    uint32_t version, patchlevel;

    if (strncmp(text, BANNER, strlen(BANNER)) != 0)
        return 0;
    text += strlen(BANNER);
    if (!take_number(&text, ".", &version) || !take_number(&text, ".-+~ ", &patchlevel))
        return 0;
    return KERNEL_RELEASE(version, patchlevel);
}

bool elf_kernel_release(const struct elf_file *file, uint32_t *release)
{
    struct elf_symbol banner = {.name = "linux_banner"};
    char text[TEXT_MAX + 1] = "";
    GElf_Shdr section;
    uint64_t offset;

    *release = 0;
    if (!elf_find_symbols(file, &banner, 1, NULL))
        return false;
    if (!banner.found || banner.section == 0 || banner.section >= file->section_count)
        return true;
    if (!elf_section(file, banner.section, &section))
        return false;
    if (section.sh_type == SHT_NOBITS || banner.value < section.sh_addr ||
        !kp_inside(section.sh_size, banner.value - section.sh_addr, TEXT_MAX) ||
        !kp_add(section.sh_offset, banner.value - section.sh_addr, &offset) ||
        !kp_inside(file->size, offset, TEXT_MAX))
        return true;
    memcpy(text, file->bytes + offset, TEXT_MAX);
    *release = parse(text);
    return true;
}
