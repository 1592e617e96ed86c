/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/digest.c - see digest.h. It digests, and knows no list of digests: the
 * registry compares.
 *
 * What counts is what ld.so will map. Its map is drawn by the program headers, so
 * these must themselves lie in a loaded segment: otherwise two files with one
 * digest could be loaded differently.
 */
#include "plugin/digest.h"

#include <elf.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "kpipe/bytes.h"
#include "plugin/elf.h"

/* More than any linker makes; bounds the time that a hostile file takes. */
#define MAX_LOADED 64

struct loaded {
    struct kp_elf_segment items[MAX_LOADED];
    size_t count;
};

static int by_offset(const void *a, const void *b)
{
    const struct kp_elf_segment *left = a, *right = b;

    return (left->offset > right->offset) - (left->offset < right->offset);
}

/* The PT_LOAD segments with bytes in the file, in file order. */
static bool find_loaded(const struct kp_elf *elf, struct loaded *loaded, const char **why)
{
    struct kp_elf_segment segment;
    bool header = false, table = false;

    loaded->count = 0;
    for (unsigned i = 0; i < elf->program_count; i++) {
        if (!kp_elf_segment(elf, i, &segment, why))
            return false;
        if (segment.type != PT_LOAD || segment.file_size == 0)
            continue;
        *why = "a strange ELF file: more than 64 loaded segments";
        if (loaded->count == MAX_LOADED)
            return false;
        loaded->items[loaded->count++] = segment;
        header = header || (segment.offset == 0 && segment.file_size >= KP_ELF_HEADER_64);
        table = table || (segment.offset <= elf->program_offset &&
                          kp_inside(segment.file_size, elf->program_offset - segment.offset,
                                    elf->program_size));
    }
    *why = "a strange ELF file: its headers are not in a loaded segment";
    if (!header || !table)
        return false;

    qsort(loaded->items, loaded->count, sizeof(segment), by_offset);
    *why = "a strange ELF file: loaded segments overlap in the file";
    for (size_t i = 1; i < loaded->count; i++)
        if (loaded->items[i].offset - loaded->items[i - 1].offset < loaded->items[i - 1].file_size)
            return false;
    return true;
}

/* The ELF header with the members that strip and objcopy change as zero. */
static size_t masked_header(const struct kp_elf *elf, uint8_t header[KP_ELF_HEADER_64])
{
    const size_t size = elf->wide ? KP_ELF_HEADER_64 : KP_ELF_HEADER_32;

    memcpy(header, elf->bytes, size);
    if (elf->wide) {
        memset(header + offsetof(Elf64_Ehdr, e_shoff), 0, sizeof(Elf64_Off));
        memset(header + offsetof(Elf64_Ehdr, e_shnum), 0, 2 * sizeof(Elf64_Half));
    } else {
        memset(header + offsetof(Elf32_Ehdr, e_shoff), 0, sizeof(Elf32_Off));
        memset(header + offsetof(Elf32_Ehdr, e_shnum), 0, 2 * sizeof(Elf32_Half));
    }
    return size;
}

static bool add_segment(EVP_MD_CTX *context, const struct kp_elf *elf,
                        const struct kp_elf_segment *segment)
{
    uint8_t prefix[16], header[KP_ELF_HEADER_64];
    uint64_t done = 0;

    kp_put_le64(prefix, segment->offset);
    kp_put_le64(prefix + 8, segment->file_size);
    if (EVP_DigestUpdate(context, prefix, sizeof(prefix)) != 1)
        return false;
    if (segment->offset == 0) { /* and so at least a header long */
        done = masked_header(elf, header);
        if (EVP_DigestUpdate(context, header, done) != 1)
            return false;
    }
    return EVP_DigestUpdate(context, elf->bytes + segment->offset + done,
                            segment->file_size - done) == 1;
}

bool kp_plugin_digest(const uint8_t *bytes, uint64_t size, uint8_t digest[KP_DIGEST_SIZE],
                      const char **why)
{
    struct kp_elf elf;
    struct loaded loaded;
    EVP_MD_CTX *context;
    bool fine;

    if (!kp_elf_open(&elf, bytes, size, why) || !find_loaded(&elf, &loaded, why))
        return false;
    *why = "out of memory";
    context = EVP_MD_CTX_new();
    fine = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;
    for (size_t i = 0; fine && i < loaded.count; i++)
        fine = add_segment(context, &elf, &loaded.items[i]);
    fine = fine && EVP_DigestFinal_ex(context, digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    return fine;
}
