/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/fuzz/elf.c - a file that calls itself a plugin, as it is looked at before anything of it
 * runs: its note is found (plugin/note.h), its segments and run path are read (plugin/elf.h),
 * it is digested (plugin/digest.h).
 */
#include <elf.h>
#include <string.h>

#include "fuzz.h"
#include "kpipe/kpipe.h"
#include "plugin/digest.h"
#include "plugin/elf.h"
#include "plugin/note.h"

/* What is found lies in the file. */
static void find_note(const uint8_t *bytes, size_t size)
{
    const char *text = NULL;
    const char *why = NULL;
    size_t length = 0;

    if (!kp_note_find(bytes, size, &text, &length, &why)) {
        FUZZ_CHECK(why != NULL);
        return;
    }
    FUZZ_CHECK(text >= (const char *)bytes && length <= size);
    FUZZ_CHECK((size_t)(text - (const char *)bytes) <= size - length);
    FUZZ_CHECK(memchr(text, '\0', length) == NULL);
}

static void read_segments(const uint8_t *bytes, size_t size)
{
    struct kp_elf_segment segment;
    struct kp_elf elf;
    const char *why = NULL;

    if (!kp_elf_open(&elf, bytes, size, &why)) {
        FUZZ_CHECK(why != NULL);
        return;
    }
    kp_elf_is_native(&elf);
    for (unsigned i = 0; i < elf.program_count; i++)
        if (kp_elf_segment(&elf, i, &segment, &why) && segment.file_size > 0)
            FUZZ_CHECK(segment.offset <= size && segment.file_size <= size - segment.offset);
    kp_elf_has_run_path(&elf);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = fuzz_copy(bytes, size);
    uint8_t digest[KP_DIGEST_SIZE];
    const char *why = NULL;

    find_note(copy, size);
    read_segments(copy, size);
    if (!kp_plugin_digest(copy, size, digest, &why))
        FUZZ_CHECK(why != NULL);
    free(copy);
    return 0;
}

/* --- inputs to begin with: as much of a shared object as is looked at --- */

struct note {
    uint32_t owner_size, text_size, type;
    char owner[8];
    char text[256];
};

static const char note_text[] =
    KP_NOTE_TEXT_("org.example.x", "x", "1", "MIT", "x", "x", "x", "codec x\n");

struct object {
    Elf64_Ehdr header;
    Elf64_Phdr programs[4];
    struct note other, note;
    Elf64_Dyn dynamic[3];
};

static void fill_note(struct note *note, const char *owner, const char *text)
{
    note->owner_size = (uint32_t)strlen(owner) + 1;
    note->text_size = sizeof(note->text);
    note->type = KP_NOTE_TYPE;
    memcpy(note->owner, owner, strlen(owner));
    memcpy(note->text, text, strnlen(text, sizeof(note->text)));
}

static Elf64_Phdr program(uint32_t type, size_t offset, size_t size, size_t alignment)
{
    return (Elf64_Phdr){.p_type = type,
                        .p_offset = offset,
                        .p_filesz = size,
                        .p_memsz = size,
                        .p_align = alignment};
}

static struct object make_object(uint16_t machine, size_t alignment)
{
    struct object object = {
        .header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                   .e_type = ET_DYN,
                   .e_machine = machine,
                   .e_phoff = offsetof(struct object, programs),
                   .e_ehsize = sizeof(Elf64_Ehdr),
                   .e_phentsize = sizeof(Elf64_Phdr),
                   .e_phnum = 4},
        .dynamic = {{DT_NEEDED, {1}}, {DT_RUNPATH, {2}}, {DT_NULL, {0}}},
    };

    object.programs[0] = program(PT_LOAD, 0, sizeof(object), 4096);
    object.programs[1] = program(PT_GNU_STACK, 0, 0, 16);
    object.programs[2] =
        program(PT_NOTE, offsetof(struct object, other), 2 * sizeof(struct note), alignment);
    object.programs[3] =
        program(PT_DYNAMIC, offsetof(struct object, dynamic), sizeof(object.dynamic), 8);
    fill_note(&object.other, "GNU", "build id");
    fill_note(&object.note, KP_NOTE_OWNER, note_text);
    return object;
}

/* Of the other class and byte order, with one segment. */
static void small_object(fuzz_seed *seed, void *data)
{
    uint8_t bytes[sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr)] = {0x7f, 'E',        'L',
                                                              'F',  ELFCLASS32, ELFDATA2MSB};

    kp_put_be32(bytes + offsetof(Elf32_Ehdr, e_phoff), sizeof(Elf32_Ehdr));
    kp_put_be16(bytes + offsetof(Elf32_Ehdr, e_phentsize), sizeof(Elf32_Phdr));
    kp_put_be16(bytes + offsetof(Elf32_Ehdr, e_phnum), 1);
    kp_put_be32(bytes + sizeof(Elf32_Ehdr) + offsetof(Elf32_Phdr, p_type), PT_LOAD);
    kp_put_be32(bytes + sizeof(Elf32_Ehdr) + offsetof(Elf32_Phdr, p_filesz), sizeof(bytes));
    seed(data, bytes, sizeof(bytes));
}

void fuzz_seeds(fuzz_seed *seed, void *data)
{
    static const uint16_t machines[] = {EM_X86_64, EM_AARCH64, EM_RISCV};

    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
        const struct object object = make_object(machines[i], i == 0 ? 4 : 8);

        seed(data, &object, sizeof(object));
    }
    small_object(seed, data);
}
