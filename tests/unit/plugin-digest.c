/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/plugin-digest.c - the digest of loadable segments: what changes it, and what
 * must not; and ELF files of all classes and byte orders, made by hand.
 */
#include "plugin-shared.h"

#include <elf.h>
#include <sys/wait.h>

#include "kpipe/bytes.h"
#include "plugin/digest.h"
#include "plugin/elf.h"

static void digest_of(const char *path, uint8_t digest[KP_DIGEST_SIZE])
{
    size_t size;
    uint8_t *bytes = read_file(path, &size);
    const char *why = "";

    ck_assert_msg(kp_plugin_digest(bytes, size, digest, &why), "%s: %s", path, why);
    free(bytes);
}

static void run(const char *command)
{
    ck_assert_msg(system(command) == 0, "%s", command);
}

START_TEST(test_strip)
{
    char *folder = new_folder();
    char *path = put(folder, "sample", "a.so");
    uint8_t before[KP_DIGEST_SIZE], after[KP_DIGEST_SIZE];

    digest_of(path, before);
    run(text_of("cd %s && objcopy --only-keep-debug a.so a.debug && "
                "objcopy --add-gnu-debuglink=a.debug a.so",
                folder));
    digest_of(path, after);
    ck_assert_mem_eq(before, after, sizeof(before));
    run(text_of("strip -g %s", path));
    digest_of(path, after);
    ck_assert_mem_eq(before, after, sizeof(before));
    run(text_of("strip %s", path));
    digest_of(path, after);
    ck_assert_mem_eq(before, after, sizeof(before));
    digest_of(sample("other"), after);
    ck_assert_mem_ne(before, after, sizeof(before));
}
END_TEST

/* One loaded bit makes another digest; a bit behind the segments does not. */
START_TEST(test_bits)
{
    size_t size;
    uint8_t *bytes = read_file(sample("sample"), &size);
    uint8_t before[KP_DIGEST_SIZE], after[KP_DIGEST_SIZE];
    const char *why;

    ck_assert(kp_plugin_digest(bytes, size, before, &why));
    bytes[size - 1] ^= 1; /* section headers */
    ck_assert(kp_plugin_digest(bytes, size, after, &why));
    ck_assert_mem_eq(before, after, sizeof(before));
    bytes[EI_ABIVERSION] ^= 1;
    ck_assert(kp_plugin_digest(bytes, size, after, &why));
    ck_assert_mem_ne(before, after, sizeof(before));
    free(bytes);
}
END_TEST

/* A file of 512 bytes with two loaded segments, at 0 and at 256. */
struct made {
    uint8_t bytes[512];
    bool wide, big;
};

static void put16(struct made *made, size_t at, uint16_t value)
{
    (made->big ? kp_put_be16 : kp_put_le16)(made->bytes + at, value);
}

static void put32(struct made *made, size_t at, uint32_t value)
{
    (made->big ? kp_put_be32 : kp_put_le32)(made->bytes + at, value);
}

/* A member of the class's own width. */
static void put_word(struct made *made, size_t at, uint64_t value)
{
    if (made->wide)
        (made->big ? kp_put_be64 : kp_put_le64)(made->bytes + at, value);
    else
        put32(made, at, (uint32_t)value);
}

#define MEMBER(made, type, member)                                                                 \
    ((made)->wide ? offsetof(Elf64_##type, member) : offsetof(Elf32_##type, member))

static void put_segment(struct made *made, size_t index, uint32_t type, uint64_t offset,
                        uint64_t size)
{
    const size_t at = (made->wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr)) +
                      index * (made->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));

    put32(made, at, type);
    put_word(made, at + MEMBER(made, Phdr, p_offset), offset);
    put_word(made, at + MEMBER(made, Phdr, p_filesz), size);
}

static void make(struct made *made, bool wide, bool big)
{
    memset(made, 0, sizeof(*made));
    made->wide = wide;
    made->big = big;
    memcpy(made->bytes, ELFMAG, SELFMAG);
    made->bytes[EI_CLASS] = wide ? ELFCLASS64 : ELFCLASS32;
    made->bytes[EI_DATA] = big ? ELFDATA2MSB : ELFDATA2LSB;
    put16(made, offsetof(Elf64_Ehdr, e_type), ET_DYN);
    put16(made, offsetof(Elf64_Ehdr, e_machine), 0x1234);
    put_word(made, MEMBER(made, Ehdr, e_phoff), wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr));
    put16(made, MEMBER(made, Ehdr, e_phentsize), wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));
    put16(made, MEMBER(made, Ehdr, e_phnum), 3);
    put_segment(made, 0, PT_LOAD, 256, 100);
    put_segment(made, 1, PT_LOAD, 0, 256);
    put_segment(made, 2, PT_DYNAMIC, 400, 64);
}

static const char *why_not(const struct made *made)
{
    uint8_t digest[KP_DIGEST_SIZE];
    const char *why = NULL;

    return kp_plugin_digest(made->bytes, sizeof(made->bytes), digest, &why) ? "fine" : why;
}

START_TEST(test_classes)
{
    for (unsigned i = 0; i < 4; i++) {
        uint8_t before[KP_DIGEST_SIZE], after[KP_DIGEST_SIZE];
        struct made made;
        struct kp_elf elf;
        const char *why = "";

        make(&made, i % 2 == 0, i < 2);
        ck_assert(kp_elf_open(&elf, made.bytes, sizeof(made.bytes), &why));
        ck_assert_uint_eq(elf.machine, 0x1234);
        ck_assert_uint_eq(elf.program_count, 3);
        ck_assert(!kp_elf_is_native(&elf));
        ck_assert_msg(kp_plugin_digest(made.bytes, sizeof(made.bytes), before, &why), "%s", why);
        /* Where the section headers are does not count; their size does. */
        put_word(&made, MEMBER(&made, Ehdr, e_shoff), 77);
        put16(&made, MEMBER(&made, Ehdr, e_shnum), 5);
        put16(&made, MEMBER(&made, Ehdr, e_shstrndx), 4);
        ck_assert(kp_plugin_digest(made.bytes, sizeof(made.bytes), after, &why));
        ck_assert_mem_eq(before, after, sizeof(before));
        put16(&made, MEMBER(&made, Ehdr, e_shentsize), 4);
        ck_assert(kp_plugin_digest(made.bytes, sizeof(made.bytes), after, &why));
        ck_assert_mem_ne(before, after, sizeof(before));
    }
}
END_TEST

START_TEST(test_run_path)
{
    for (unsigned i = 0; i < 4; i++) {
        struct made made;
        struct kp_elf elf;
        const char *why = "";

        make(&made, i % 2 == 0, i < 2);
        ck_assert(kp_elf_open(&elf, made.bytes, sizeof(made.bytes), &why));
        put_word(&made, 400, DT_NEEDED);
        put_word(&made, made.wide ? 416 : 408, DT_NULL);
        put_word(&made, made.wide ? 432 : 416, DT_RUNPATH);
        ck_assert(!kp_elf_has_run_path(&elf));
        put_word(&made, made.wide ? 416 : 408, DT_RUNPATH);
        ck_assert(kp_elf_has_run_path(&elf));
        put_word(&made, 400, DT_RPATH);
        ck_assert(kp_elf_has_run_path(&elf));
        put_word(&made, 400, 1);
        put_segment(&made, 2, PT_DYNAMIC, 400, 4);
        ck_assert(!kp_elf_has_run_path(&elf));
    }
}
END_TEST

START_TEST(test_strange)
{
    static const char headers[] = "a strange ELF file: its headers are not in a loaded segment";
    struct made made;

    make(&made, true, false);
    ck_assert_str_eq(why_not(&made), "fine");
    put_segment(&made, 1, PT_LOAD, 0, 70); /* program headers left out */
    ck_assert_str_eq(why_not(&made), headers);
    put_segment(&made, 1, PT_LOAD, 1, 255);
    ck_assert_str_eq(why_not(&made), headers);
    put_segment(&made, 1, PT_LOAD, 0, 257);
    ck_assert_str_eq(why_not(&made), "a strange ELF file: loaded segments overlap in the file");
    put_segment(&made, 1, PT_LOAD, UINT64_MAX, 2);
    ck_assert_str_eq(why_not(&made), "a damaged ELF file: a segment outside the file");
    make(&made, true, false);
    put16(&made, offsetof(Elf64_Ehdr, e_phnum), PN_XNUM);
    ck_assert_str_eq(why_not(&made), "a damaged ELF file: program headers outside the file");
    put16(&made, offsetof(Elf64_Ehdr, e_phnum), 0);
    ck_assert_str_eq(why_not(&made), headers);
    made.bytes[0] = 'e';
    ck_assert_str_eq(why_not(&made), "no ELF file");
}
END_TEST

START_TEST(test_many_segments)
{
    const size_t size = 64 + 66 * sizeof(Elf64_Phdr);
    uint8_t *bytes = calloc(1, size), digest[KP_DIGEST_SIZE];
    struct made made;
    const char *why = "";

    ck_assert_ptr_nonnull(bytes);
    make(&made, true, false);
    put16(&made, offsetof(Elf64_Ehdr, e_phnum), 66);
    memcpy(bytes, made.bytes, 64);
    for (size_t i = 0; i < 66; i++) {
        kp_put_le32(bytes + 64 + i * sizeof(Elf64_Phdr), PT_LOAD);
        kp_put_le64(bytes + 64 + i * sizeof(Elf64_Phdr) + offsetof(Elf64_Phdr, p_filesz), 1);
    }
    ck_assert(!kp_plugin_digest(bytes, size, digest, &why));
    ck_assert_str_eq(why, "a strange ELF file: more than 64 loaded segments");
    free(bytes);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, test_strip);
    tcase_add_test(tests, test_bits);
    tcase_add_test(tests, test_classes);
    tcase_add_test(tests, test_run_path);
    tcase_add_test(tests, test_strange);
    tcase_add_test(tests, test_many_segments);
}

int main(void)
{
    return run_case("plugin-digest", fill);
}
