/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/strip/strip.h - what the strip plugin's files share: an ELF file as BFD, the library
 * behind objcopy, sees it, and as it will be written.
 *
 * Facts are those of binutils 2.40, bfd/elf.c, bfd/elfcode.h and binutils/objcopy.c. What they
 * would do with a file that is not handled here is an error, never another output.
 */
#ifndef KPIPE_STRIP_H
#define KPIPE_STRIP_H

#include "../../common/elf.h"

/* BFD writes no more (SHN_LORESERVE). */
#define STRIP_SECTIONS_MAX 0xfeffu
/* Sections of all segments together. */
#define STRIP_MEMBERS_MAX 262144u
/* By how many bytes the result may be larger than the input: damaged addresses and alignments
 * could make it as large as they like. */
#define STRIP_GROWTH_MAX (UINT64_C(64) << 20)
#define STRIP_NAMES_MAX (UINT64_C(16) << 20)
/* At most that many sections, segments, members and names, and what libelf keeps of them. */
#define STRIP_SCRATCH (UINT64_C(64) << 20)

#define ULL(x) ((unsigned long long)(x))

/* What differs between the processors that BFD knows. */
struct machine {
    uint16_t number; /* e_machine */
    uint8_t class;
    bool uses_rel;        /* its relocations are SHT_REL by default */
    uint32_t least_page;  /* BFD's minpagesize */
    uint32_t most_page;   /* BFD's maxpagesize */
    uint32_t types[2];    /* section types of its own */
    uint32_t needs_type;  /* a segment type that BFD adds if there is none, ... */
    const char *needs_by; /* ... for a section of that name */
};

/* A section as BFD lists it: tables of symbols, their names, and relocations that belong to a
 * section are none. */
struct section {
    const char *name;
    GElf_Shdr in;
    GElf_Shdr out;       /* sh_offset 0: it has no place yet */
    uint64_t lma;        /* load address */
    uint64_t alignment;  /* a power of 2; sh_addralign may become less */
    uint32_t number;     /* in the result; 0: it is left out */
    uint8_t relocations; /* its tables of them: HAS_REL, HAS_RELA */
    bool debugging;
};
#define HAS_REL 1u
#define HAS_RELA 2u

/* A program header and the sections in it. */
struct segment {
    const GElf_Phdr *in;
    GElf_Phdr out;
    struct section **sections;
    size_t count;
    uint64_t before;      /* from its beginning to the first section's address, negative */
    bool has_file_header; /* it covers the ELF header */
    bool has_headers;     /* it covers the program headers */
    bool keep_paddr;      /* p_paddr is the input's, not its first section's */
};

struct strip {
    struct elf_file elf;
    struct kp_call *call;
    const struct machine *machine;
    bool object; /* ET_REL: sections without segments */
    bool paged;  /* the input's sections lie as their pages do; BFD's D_PAGED */

    struct section *sections; /* in BFD's order */
    size_t count;
    uint32_t *found;                  /* by the input's numbers: index in `sections` + 1; 0: none */
    uint32_t *first_link, *next_link; /* by the same: who has that number as sh_link; 0: none */
    size_t groups;                    /* SHT_GROUP */
    bool paddr_unset;
    size_t symbols, dynamic_symbols; /* numbers of these tables; 0: none */

    struct section **kept; /* the result's number is the index + 1 */
    size_t kept_count;
    struct section **by_name; /* the kept ones sorted by name, then number */

    struct segment *segments;
    struct section **members;
    uint64_t headers_at; /* e_phoff */

    char *names; /* .shstrtab */
    uint64_t names_size;
    uint32_t names_name;
    uint64_t names_at;
    uint64_t end; /* of what has a place so far; at last: e_shoff */
};

/* Bytes to the next offset that is congruent to the address. */
static inline uint64_t bias(uint64_t address, uint64_t offset, uint64_t alignment)
{
    return alignment == 0 ? 0 : (address - offset) % alignment;
}

static inline bool is_nobits(const struct section *section)
{
    return section->out.sh_type == SHT_NOBITS;
}

static inline bool is_tls(const struct section *section)
{
    return (section->out.sh_flags & SHF_TLS) != 0;
}

static inline bool is_allocated(const struct section *section)
{
    return (section->out.sh_flags & SHF_ALLOC) != 0;
}

/* read.c: opens the main input and lists its sections. */
bool strip_read(struct strip *strip);
/* Is the section in memory, with contents? */
bool is_loaded(const GElf_Shdr *section);
/* take.c: adds what the header of that number makes; each once, from 1. */
bool strip_take(struct strip *strip, size_t index);
/* "section header N: what value: reason"; false. */
bool strip_refuse_header(struct strip *strip, size_t index, const char *what, uint64_t value,
                         const char *reason);
/* "section 'NAME': why"; false. */
bool strip_refuse(struct strip *strip, const struct section *section, const char *why);

/* choose.c: which sections are kept, and their headers but for names, places and links. */
bool strip_choose(struct strip *strip, const struct kp_list *remove);
/* The first section of that name in the result; NULL: none. */
struct section *strip_find(const struct strip *strip, const char *name);

/* links.c: sh_link and sh_info. The second needs the places. */
bool strip_link(struct strip *strip);
bool strip_link_special(struct strip *strip);

/* segments.c: the program headers' sections. */
bool strip_map(struct strip *strip);
/* layout.c: a place in the file for each section, and the program headers. */
bool strip_place(struct strip *strip);
/* "program header N: why"; false. */
bool strip_refuse_segment(struct strip *strip, const struct segment *map, const char *why);
/* rest.c: the part of it behind the loaded segments, which end at offset `at`. */
bool strip_place_rest(struct strip *strip, uint64_t at);
/* names.c: .shstrtab. */
bool strip_name(struct strip *strip);
/* write.c */
int32_t strip_write(struct strip *strip);

#endif
