/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sources/kbuild/check.c - whether vmlinux, System.map, the release and the boot objects are of one
 * build. What is read of vmlinux are its headers and one line of text, however large it is.
 *
 * Facts from Linux 6.1: init/version.c (linux_banner: "Linux version RELEASE ..."), scripts/mksysmap
 * (lines "ADDRESS TYPE NAME"), Makefile (VERSION, PATCHLEVEL), arch/x86/boot/compressed/Makefile (voffset.h has addresses of
 * vmlinux, which the boot stub's misc.o was compiled with).
 */
#include "kbuild.h"

#include <stdlib.h>
#include <string.h>

#include "../../common/elf.h"

#define BANNER "Linux version "
/* Kernels with everything in them have some 20 MB. */
#define MAP_MAX (256u << 20)

/* The hexadecimal number that ends before `end`; false if there is none, or it is too long. */
static bool read_address(const char *begin, const char *end, uint64_t *address)
{
    *address = 0;
    if (begin == end || end - begin > 16)
        return false;
    for (; begin < end; begin++) {
        const char *digits = "0123456789abcdef", *digit = strchr(digits, *begin);

        if (*begin == '\0' || digit == NULL)
            return false;
        *address = *address << 4 | (uint64_t)(digit - digits);
    }
    return true;
}

/* The address of a symbol in System.map: 1 and *address, 0 if it has none. */
static int32_t map_address(const struct kbuild *kbuild, const char *symbol, uint64_t *address)
{
    const uint64_t size = kp_size(kbuild->call, kbuild->system_map);
    const char *text = (const char *)kp_view(kbuild->call, kbuild->system_map);
    char line_end[64];
    const char *found, *begin;

    if (text == NULL)
        return KP_FAILED;
    snprintf(line_end, sizeof(line_end), " %s\n", symbol);
    found = memmem(text, (size_t)size, line_end, strlen(line_end));
    if (found == NULL || found - text < 4) /* "0 T" before it, at least */
        return 0;
    begin = found - 2; /* the blank before its type */
    while (begin > text && begin[-1] != '\n')
        begin--;
    return read_address(begin, found - 2, address) ? 1 : 0;
}

/* Where the ELF file has the byte of an address; false if nowhere. */
static bool file_offset(const struct elf_file *file, uint64_t address, uint64_t *offset)
{
    for (size_t i = 0; i < file->segment_count; i++) {
        const GElf_Phdr *segment = &file->segments[i];

        if (segment->p_type == PT_LOAD && address >= segment->p_vaddr &&
            address - segment->p_vaddr < segment->p_filesz)
            return kp_add(segment->p_offset, address - segment->p_vaddr, offset) &&
                   *offset < file->size;
    }
    return false;
}

/* The release in the kernel's own banner is that of the tree, and stands where System.map says. */
static int32_t check_banner(const struct kbuild *kbuild, const char *name,
                            const struct elf_file *file)
{
    char wanted[sizeof(BANNER) + sizeof(kbuild->release) + 1];
    const size_t length = (size_t)snprintf(wanted, sizeof(wanted), BANNER "%s ", kbuild->release);
    const size_t prefix = sizeof(BANNER) - 1;
    uint64_t address, offset;
    const int32_t known =
        kbuild->system_map == NULL ? 0 : map_address(kbuild, "linux_banner", &address);

    if (known != 1)
        return known == 0 ? KP_OK : KP_FAILED;
    if (!file_offset(file, address, &offset) || !kp_inside(file->size, offset, prefix) ||
        memcmp(file->bytes + offset, BANNER, prefix) != 0)
        return kbuild_fail(kbuild, "run make once more, or take vmlinux from the same build",
                           "%s: no kernel's banner where System.map has it: of different builds",
                           name);
    if (!kp_inside(file->size, offset, length) ||
        memcmp(file->bytes + offset, wanted, length) != 0) {
        const char *text = (const char *)file->bytes + offset + prefix;
        const uint64_t rest = file->size - offset - prefix;
        int shown = 0;

        while ((uint64_t)shown < rest && shown < 64 && text[shown] > ' ' && text[shown] <= '~')
            shown++;
        return kbuild_fail(kbuild, "run make once more, or take vmlinux from the same build",
                           "%s: of release '%.*s': include/config/kernel.release says '%s'", name,
                           shown, text, kbuild->release);
    }
    return KP_OK;
}

/* x86: the boot stub was compiled for a kernel that ends where this one does. */
static int32_t check_stub(const struct kbuild *kbuild)
{
    static const char file[] = "arch/x86/boot/voffset.h";
    static const char *const symbols[] = {"_text", "__bss_start", "_end"};
    const int32_t found = strcmp(kbuild->folder, "x86") != 0 || kbuild->system_map == NULL
                              ? 0
                              : kbuild_has(kbuild, file);
    const struct kp_image *image = found == 1 ? kbuild_open(kbuild, file, "bzImage") : NULL;
    const char *text = image == NULL ? NULL : (const char *)kp_view(kbuild->call, image);

    if (found == 0)
        return KP_OK;
    if (text == NULL)
        return KP_FAILED;
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        uint64_t address = 0;
        char line[128];
        const int32_t known = map_address(kbuild, symbols[i], &address);

        if (known == KP_FAILED)
            return KP_FAILED;
        snprintf(line, sizeof(line), "#define VO_%s _AC(0x%0*llx,UL)\n", symbols[i],
                 strcmp(kbuild->arch, "i386") == 0 ? 8 : 16, (unsigned long long)address);
        if (known == 1 &&
            memmem(text, (size_t)kp_size(kbuild->call, image), line, strlen(line)) == NULL)
            return kbuild_fail(kbuild, "make bzImage",
                               "%s: of another vmlinux: %s is not where System.map has it", file,
                               symbols[i]);
    }
    return KP_OK;
}

/* The number of a line "NAME = NUMBER"; -1 if there is none. */
static long make_variable(const char *text, const char *name)
{
    const char *found = strstr(text, name);

    return found == NULL ? -1 : strtol(found + strlen(name), NULL, 10);
}

int32_t kbuild_check_source(const struct kbuild *kbuild)
{
    static const char file[] = "Makefile";
    struct kp_call *call = kbuild->call;
    const struct kp_tree *source = kbuild->params->source;
    struct kp_tree_entry entry = {.size = sizeof(entry)};
    const int32_t found = call->host->tree_find(call, source, file, &entry);
    const struct kp_image *image = found == 1 ? call->host->tree_open(call, source, file) : NULL;
    char text[1024] = "\n"; /* the version stands in the first lines */
    uint64_t size = image == NULL ? 0 : kp_size(call, image);
    long version, patchlevel;

    if (found == 0)
        return KP_OK;
    if (size > sizeof(text) - 2)
        size = sizeof(text) - 2;
    if (image == NULL || call->host->image_read(call, image, 0, text + 1, size) != KP_OK)
        return KP_FAILED;
    version = make_variable(text, "\nVERSION = ");
    patchlevel = make_variable(text, "\nPATCHLEVEL = ");
    if (version < 0 || patchlevel < 0 || KBUILD_VERSION(version, patchlevel) == kbuild->version)
        return KP_OK;
    return kp_fail_at(call, &kbuild->params->source, NULL,
                      "the source of Linux %ld.%ld: the tree is of %s", version, patchlevel,
                      kbuild->release);
}

/* Sections that the linker's --emit-relocs leaves, for code: where a build takes them out again,
 * those of some data with odd names stay. They are not loaded. */
static int32_t find_relocations(const struct elf_file *file, bool *relocations)
{
    *relocations = false;
    for (size_t i = 0; i < file->section_count; i++) {
        GElf_Shdr section, place;

        if (!elf_section(file, i, &section))
            return KP_FAILED;
        if ((section.sh_type != SHT_REL && section.sh_type != SHT_RELA) ||
            (section.sh_flags & SHF_ALLOC) != 0 || section.sh_info >= file->section_count)
            continue;
        if (!elf_section(file, section.sh_info, &place))
            return KP_FAILED;
        if ((place.sh_flags & SHF_EXECINSTR) != 0)
            *relocations = true;
    }
    return KP_OK;
}

int32_t kbuild_check_kernel(const struct kbuild *kbuild, const char *name,
                            const struct kp_image *image, bool *relocations)
{
    struct kp_call *call = kbuild->call;
    struct elf_file file = {.call = call};
    char magic[SELFMAG];
    const char *arch;
    int32_t result = KP_FAILED;

    if (kbuild->system_map != NULL && kp_size(call, kbuild->system_map) > MAP_MAX)
        return kbuild_fail(kbuild, NULL, "System.map: more than 256 MiB: no kernel's");
    if (kp_size(call, image) < sizeof(magic))
        return kbuild_fail(kbuild, "make vmlinux", "%s: no ELF file: %llu bytes", name,
                           (unsigned long long)kp_size(call, image));
    if (call->host->image_read(call, image, 0, magic, sizeof(magic)) != KP_OK)
        return KP_FAILED;
    if (memcmp(magic, ELFMAG, SELFMAG) != 0)
        return kbuild_fail(kbuild, "make vmlinux", "%s: no ELF file", name);
    if (!elf_file_open(&file, call, image, &kbuild->params->tree))
        goto out;
    arch = elf_arch_name(&file);
    if (arch == NULL || strcmp(arch, kbuild->arch) != 0) {
        kbuild_fail(kbuild, "take vmlinux from the same build", "%s: of %s: .config says %s", name,
                    arch == NULL ? "another architecture" : arch, kbuild->arch);
        goto out;
    }
    if (check_banner(kbuild, name, &file) == KP_OK && check_stub(kbuild) == KP_OK)
        result = find_relocations(&file, relocations);
out:
    elf_file_close(&file);
    return result;
}
