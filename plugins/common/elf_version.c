/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/elf_version.c - the kernel's release in the banner of an ELF file (linux_banner of Linux
 * 6.1, init/version.c: "Linux version RELEASE (..."). It knows no sections: these are its callers'.
 */
#include <string.h>

#include "elf.h"

/* The release at `text`: printable, without blanks, starting with a digit (which
 * format strings do not), ended by a blank. */
static bool take_version(const uint8_t *text, uint64_t length, char version[ELF_VERSION_MAX + 1])
{
    size_t i;

    for (i = 0; i < length && i <= ELF_VERSION_MAX && text[i] > 0x20 && text[i] < 0x7f; i++)
        if (i < ELF_VERSION_MAX)
            version[i] = (char)text[i];
    if (i == 0 || i > ELF_VERSION_MAX || i == length || text[i] != ' ' || text[0] < '0' ||
        text[0] > '9')
        return false;
    version[i] = '\0';
    return true;
}

static bool search_banner(const uint8_t *bytes, uint64_t size, char version[ELF_VERSION_MAX + 1],
                          uint64_t *offset)
{
    static const char banner[] = "Linux version ";
    const size_t length = sizeof(banner) - 1;
    uint64_t at = 0;

    while (at < size) {
        const uint8_t *const found = memmem(bytes + at, (size_t)(size - at), banner, length);

        if (found == NULL)
            return false;
        at = (uint64_t)(found - bytes) + length;
        if (take_version(bytes + at, size - at, version)) {
            *offset = at;
            return true;
        }
    }
    return false;
}

bool elf_search_version(const struct elf_file *file, uint64_t offset, uint64_t size,
                        char version[ELF_VERSION_MAX + 1], uint64_t *found)
{
    if (!kp_inside(file->size, offset, size) ||
        !search_banner(file->bytes + offset, size, version, found))
        return false;
    *found += offset;
    return true;
}

bool elf_has_banner(const char *section_name)
{
    return strcmp(section_name, ".rodata") == 0;
}
