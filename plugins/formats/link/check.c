/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/link/check.c - what is checked of objects before the linker runs, so that it is told in
 * the recipe's words, and of the result after it, as Kbuild does.
 *
 * Linux 6.1, arch/arm/boot/compressed/Makefile, check_for_bad_syms: arm's stub moves its .bss away
 * from its code, and only global symbols are found through the GOT then; so no symbol of .bss may be
 * local ("b" or "c" of nm(1)).
 */
#include "link.h"

/* Bytes of an error's list of symbols. */
#define LIST_SIZE 320u

/* "64-bit little-endian x86_64" */
static const char *describe(const struct elf_file *file, char text[64])
{
    const char *const arch = elf_arch_name(file);
    char number[24];

    snprintf(number, sizeof(number), "machine %u", file->header.e_machine);
    snprintf(text, 64, "%d-bit %s-endian %s", file->class == ELFCLASS64 ? 64 : 32,
             file->big_endian ? "big" : "little", arch != NULL ? arch : number);
    return text;
}

/* A relocatable object, as `like` is; anything else the linker might take for a script. */
static bool check_file(const struct elf_file *file, const char *where, const GElf_Ehdr *like)
{
    const struct elf_file other = {.header = *like,
                                   .class = like->e_ident[EI_CLASS],
                                   .big_endian = like->e_ident[EI_DATA] == ELFDATA2MSB};
    char one[64], two[64];

    if (file->header.e_type != ET_REL)
        kp_fail_at(file->call, file->field, NULL,
                   "%s: ELF file of type %u: not a relocatable object", where, file->header.e_type);
    else if (file->header.e_machine != like->e_machine ||
             memcmp(file->header.e_ident, like->e_ident, EI_VERSION) != 0)
        kp_fail_at(file->call, file->field, "objects must be of one build of one kernel",
                   "%s: %s, and the main input is %s", where, describe(file, one),
                   describe(&other, two));
    else
        return true;
    return false;
}

bool link_read_main(struct link_job *job)
{
    struct elf_file file;
    bool fine = elf_file_open(&file, job->call, job->call->input, NULL);

    if (fine) {
        job->header = file.header;
        fine = check_file(&file, "input", &file.header);
    }
    elf_file_close(&file);
    return fine;
}

bool link_check_object(struct link_job *job, const char *list, uint64_t number,
                       const struct kp_image *const *at)
{
    struct elf_file file;
    char where[48];
    bool fine;

    snprintf(where, sizeof(where), "%s: number %llu", list, ULL(number));
    fine = elf_file_open(&file, job->call, *at, at) && check_file(&file, where, &job->header);
    elf_file_close(&file);
    return fine;
}

/* --- after the link --- */

/* Local symbols of .bss, as far as there is room to list them. */
struct local_symbols {
    const struct elf_file *file;
    char list[LIST_SIZE];
    size_t used, count;
    bool failed;
};

/* What nm(1) shows as "b": in a section of that name, or one that takes memory only. */
static bool is_bss(struct local_symbols *locals, const GElf_Sym *symbol)
{
    GElf_Shdr section;
    const char *name;

    if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= locals->file->section_count)
        return false;
    if (!elf_section(locals->file, symbol->st_shndx, &section) ||
        (name = elf_section_name(locals->file, &section)) == NULL) {
        locals->failed = true;
        return false;
    }
    return (section.sh_flags & SHF_ALLOC) != 0 &&
           (section.sh_type == SHT_NOBITS || strcmp(name, ".bss") == 0);
}

/* nm(1) leaves out those of sections and files, and arm's marks of code and data, $a and the
 * like (ELF for the Arm Architecture, "Mapping symbols"). */
static bool is_shown(const char *name, const GElf_Sym *symbol)
{
    const unsigned char type = GELF_ST_TYPE(symbol->st_info);

    if (name[0] == '\0' || type == STT_SECTION || type == STT_FILE)
        return false;
    return name[0] != '$' || name[1] < 'a' || name[1] > 'z' || (name[2] != '\0' && name[2] != '.');
}

static bool collect(void *data, const char *name, const GElf_Sym *symbol)
{
    struct local_symbols *const locals = data;
    char shown[ELF_NAME_SHOWN + 1];
    int wrote;

    if (GELF_ST_BIND(symbol->st_info) != STB_LOCAL || !is_shown(name, symbol) ||
        !is_bss(locals, symbol))
        return !locals->failed;
    elf_shown_name(name, shown);
    if (locals->used + strlen(shown) + 3 < LIST_SIZE) {
        wrote = snprintf(locals->list + locals->used, LIST_SIZE - locals->used, "%s%s",
                         locals->count == 0 ? "" : ", ", shown);
        locals->used += (size_t)wrote;
    } else if (locals->used < LIST_SIZE) {
        locals->used = LIST_SIZE; /* the list ends here */
    }
    locals->count++;
    return true;
}

static bool check_arm(const struct link_job *job, const struct elf_file *file)
{
    struct local_symbols locals = {.file = file, .list = ""};

    if (!elf_each_symbol(file, collect, &locals, NULL) || locals.failed)
        return false;
    if (locals.count == 0)
        return true;
    kp_fail_at(job->call, &job->params->check,
               "the stub reaches global symbols alone when it has moved its .bss: leave out "
               "`static` in its source; `check: none` takes it as it is",
               "check: %zu local symbols in .bss: %s%s", locals.count, locals.list,
               locals.used == LIST_SIZE ? ", ..." : "");
    return false;
}

static bool look_at(struct link_job *job, struct elf_file *file)
{
    const char *const arch = elf_arch_name(file);
    const bool is_arm = arch != NULL && strcmp(arch, "arm") == 0;
    const uint32_t check = job->params->has_check ? job->params->check
                           : is_arm               ? CHECK_ARM
                                                  : CHECK_NONE;

    if (check == CHECK_ARM && !(elf_find_names(file) && check_arm(job, file)))
        return false;
    return arch == NULL ||
           job->call->host->set_text(job->call, job->call->output, KP_TRAIT_ARCH, arch) == KP_OK;
}

bool link_check_result(struct link_job *job, const struct kp_image *image)
{
    static const uint8_t magic[] = {0x7f, 'E', 'L', 'F'};
    uint8_t start[sizeof(magic)];
    struct elf_file file;
    bool fine;

    if (kp_size(job->call, image) < sizeof(start) ||
        job->call->host->image_read(job->call, image, 0, start, sizeof(start)) != KP_OK ||
        memcmp(start, magic, sizeof(magic)) != 0) {
        kp_fail_at(job->call, &job->params->flags, NULL,
                   "flags: what the linker made is no ELF file");
        return false;
    }
    fine = elf_file_open(&file, job->call, image, &job->params->linker) && look_at(job, &file);
    elf_file_close(&file);
    return fine;
}
