/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/strip/choose.c - which sections objcopy -S keeps (binutils 2.40, is_strip_section of
 * binutils/objcopy.c), and what their headers become on the way through BFD
 * (_bfd_elf_make_section_from_shdr, _bfd_elf_init_private_section_data and elf_fake_sections of
 * bfd/elf.c), but for sh_name, sh_offset, sh_link and sh_info.
 */
#include <stdlib.h>
#include <string.h>

#include "strip.h"

/* sh_flags that reach the output: those that BFD has a flag of its own for, and those of systems
 * and processors. */
#define FLAGS_KEPT                                                                                 \
    (SHF_WRITE | SHF_ALLOC | SHF_EXECINSTR | SHF_MERGE | SHF_STRINGS | SHF_LINK_ORDER | SHF_TLS |  \
     SHF_COMPRESSED | SHF_MASKOS | SHF_MASKPROC)

static bool starts(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* BFD knows them by name only. */
static bool is_debugging(const struct section *section)
{
    const char *const name = section->name;

    if ((section->in.sh_flags & SHF_ALLOC) != 0)
        return false;
    return starts(name, ".debug") || starts(name, ".gnu.debuglto_.debug_") ||
           starts(name, ".gnu.linkonce.wi.") || starts(name, ".zdebug") || starts(name, ".line") ||
           starts(name, ".stab") || strcmp(name, ".gdb_index") == 0;
}

/* Tables of relocations that are sections share the fate of what they are for. */
static void mark_debugging(struct strip *strip)
{
    for (size_t i = 0; i < strip->count; i++)
        strip->sections[i].debugging = is_debugging(&strip->sections[i]);
    for (size_t i = 0; i < strip->count; i++) {
        struct section *const section = &strip->sections[i];
        const uint32_t type = section->in.sh_type;

        if ((type == SHT_REL || type == SHT_RELA) && section->in.sh_info != 0 &&
            strip->found[section->in.sh_info] != 0 &&
            strip->sections[strip->found[section->in.sh_info] - 1].debugging)
            section->debugging = true;
    }
}

/* --- types --- */

/* What may follow a name: nothing; nothing or a dot; anything. */
enum rest { NOTHING, DOT, ANYTHING };

/* special_sections of bfd/elf.c: names to which BFD gives a type of its own. Those to which it
 * gives SHT_PROGBITS, SHT_NOBITS or SHT_NOTE get the input's after all. */
static const struct {
    const char *name;
    enum rest rest;
    uint32_t type;
} known_names[] = {
    {".dynamic", NOTHING, SHT_DYNAMIC},
    {".dynstr", NOTHING, SHT_STRTAB},
    {".dynsym", NOTHING, SHT_DYNSYM},
    {".fini_array", DOT, SHT_FINI_ARRAY},
    {".gnu.version", NOTHING, SHT_GNU_versym},
    {".gnu.version_d", NOTHING, SHT_GNU_verdef},
    {".gnu.version_r", NOTHING, SHT_GNU_verneed},
    {".gnu.liblist", NOTHING, SHT_GNU_LIBLIST},
    {".gnu.conflict", NOTHING, SHT_RELA},
    {".gnu.hash", NOTHING, SHT_GNU_HASH},
    {".hash", NOTHING, SHT_HASH},
    {".init_array", DOT, SHT_INIT_ARRAY},
    {".preinit_array", DOT, SHT_PREINIT_ARRAY},
    {".relr.dyn", NOTHING, 19 /* SHT_RELR */},
    {".rela", ANYTHING, SHT_RELA},
    {".rel", ANYTHING, SHT_REL},
    {".shstrtab", NOTHING, SHT_STRTAB},
    {".strtab", NOTHING, SHT_STRTAB},
    {".symtab", NOTHING, SHT_SYMTAB},
};

static bool is_known(const struct strip *strip, const char *name, size_t i)
{
    const size_t length = strlen(known_names[i].name);
    enum rest rest = known_names[i].rest;

    if (strncmp(name, known_names[i].name, length) != 0)
        return false;
    /* Where relocations are SHT_RELA, ".relocate" is no table of them. */
    if (known_names[i].type == SHT_REL && !strip->machine->uses_rel)
        rest = DOT;
    return name[length] == '\0' || rest == ANYTHING || (rest == DOT && name[length] == '.');
}

static bool check_type(struct strip *strip, const struct section *section)
{
    const uint16_t machine = strip->machine->number;
    const uint32_t type = section->in.sh_type;

    for (size_t i = 0; i < sizeof(known_names) / sizeof(known_names[0]); i++) {
        if (!is_known(strip, section->name, i))
            continue;
        if (known_names[i].type != type)
            return strip_refuse(strip, section, "objcopy gives that name another sh_type");
        break;
    }
    /* elf_i386_fake_sections; elf32_arm_fake_sections */
    if ((machine == EM_386 && strcmp(section->name, ".reloc") == 0) ||
        (machine == EM_ARM && type != SHT_ARM_EXIDX &&
         (starts(section->name, ".ARM.exidx") || starts(section->name, ".gnu.linkonce.armexidx."))))
        return strip_refuse(strip, section, "objcopy gives that name another sh_type");
    return true;
}

/* sh_entsize where BFD knows it better than the input. */
static uint64_t entry_size(const struct strip *strip, const GElf_Shdr *in)
{
    const bool wide = strip->elf.class == ELFCLASS64;

    if ((in->sh_flags & SHF_MERGE) != 0)
        return (uint32_t)in->sh_entsize; /* all that BFD keeps of it */
    switch (in->sh_type) {
    case SHT_INIT_ARRAY:
    case SHT_FINI_ARRAY:
    case SHT_PREINIT_ARRAY:
        return wide ? 8 : 4;
    case SHT_HASH:
        return strip->machine->number == EM_S390 ? 8 : 4;
    case SHT_DYNAMIC:
        return wide ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
    case SHT_GNU_verdef:
    case SHT_GNU_verneed:
        return 0;
    case SHT_GNU_HASH:
        return wide ? 0 : 4;
    default:
        return in->sh_entsize;
    }
}

static void make_header(const struct strip *strip, struct section *section)
{
    const GElf_Shdr *const in = &section->in;
    const uint64_t either = section->alignment | in->sh_addr;

    section->out.sh_type = in->sh_type;
    section->out.sh_flags = in->sh_flags & FLAGS_KEPT;
    section->out.sh_addr = in->sh_addr;
    section->out.sh_size = in->sh_size;
    section->out.sh_addralign = either & -either; /* what sh_addr keeps of it */
    section->out.sh_entsize = entry_size(strip, in);
    if (in->sh_type == SHT_DYNSYM || in->sh_type == SHT_GNU_verdef ||
        in->sh_type == SHT_GNU_verneed)
        section->out.sh_info = in->sh_info;
}

/* --- names --- */

static int by_name(const void *left, const void *right)
{
    const struct section *const a = *(const struct section *const *)left;
    const struct section *const b = *(const struct section *const *)right;
    const int order = strcmp(a->name, b->name);

    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

struct section *strip_find(const struct strip *strip, const char *name)
{
    size_t low = 0, high = strip->kept_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (strcmp(strip->by_name[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < strip->kept_count && strcmp(strip->by_name[low]->name, name) == 0
               ? strip->by_name[low]
               : NULL;
}

/* --- all --- */

static bool keep(struct strip *strip, struct section *section)
{
    if (!check_type(strip, section))
        return false;
    if (section->relocations != 0 && section->in.sh_size == 0)
        return strip_refuse(strip, section, "empty, with relocations, which objcopy keeps");
    make_header(strip, section);
    strip->kept[strip->kept_count] = section;
    strip->by_name[strip->kept_count] = section;
    section->number = (uint32_t)++strip->kept_count;
    return true;
}

bool strip_choose(struct strip *strip, const struct kp_list *remove)
{
    const struct kp_host *const host = strip->call->host;
    const size_t room = (strip->count + 1) * sizeof(*strip->kept);
    bool contents = false;

    strip->kept = host->alloc(strip->call, room);
    strip->by_name = host->alloc(strip->call, room);
    if (strip->kept == NULL || strip->by_name == NULL)
        return false;
    mark_debugging(strip);
    for (size_t i = 0; i < strip->count; i++) {
        struct section *const section = &strip->sections[i];

        if (section->debugging || elf_matches(remove, section->name))
            continue;
        if (!keep(strip, section))
            return false;
        contents = contents || (section->in.sh_type != SHT_NOBITS && section->in.sh_size != 0);
    }
    if (!contents) {
        kp_fail(strip->call, "section headers: %zu: no section with contents is left",
                strip->elf.section_count);
        return false;
    }
    qsort(strip->by_name, strip->kept_count, sizeof(*strip->by_name), by_name);
    return true;
}
