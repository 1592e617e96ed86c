/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/link/link.c - the stage `link`: objects to an ELF file, by the linker of this machine. It
 * compiles nothing, and does not link itself.
 *
 * As Kbuild links boot stubs (Linux 6.1, arch/x86/boot/compressed/Makefile and
 * arch/arm/boot/compressed/Makefile; drivers/firmware/efi/libstub/Makefile.zboot): flags, script,
 * objects in order, and behind them the EFI stub's library and others. The linker sees files of its private
 * folder alone, whose names are numbers: no script of a boot stub names files.
 */
#include "link.h"

#define MAIN_NAME "input.o"
#define OBJECT_NAME "object-%zu.o"
#define SCRIPT_NAME "script.lds"
#define ARCHIVE_NAME "lib-%zu.a"
#define OUTPUT_NAME "linked"

/* Words, files, their names, definitions, and the copy of `flags`. */
#define LINK_SCRATCH                                                                               \
    ((LINK_WORDS_MAX + 1) * sizeof(char *) +                                                       \
     LINK_FILES_MAX * (sizeof(struct kp_tool_file) + sizeof(void *) + LINK_FILE_NAME + 16) +       \
     (uint64_t)LINK_SYMBOLS_MAX * (LINK_DEFINITION + 16) + LINK_FLAGS_MAX + 4096)

static const char *const elf_kinds[] = {KP_KIND_ELF, NULL};

static const struct kp_choice *const missing_ways[] = {
    KP_ONE_OF(MISSING_ERROR, "error", "is an error"),
    KP_ONE_OF(MISSING_SKIP, "skip", "leaves the name undefined"),
    NULL,
};

static const struct kp_param *const symbol_table[] = {
    KP_TEXT(struct link_symbol, name, .flags = KP_PARAM_REQUIRED, .minimum = 1,
            .maximum = LINK_NAME_MAX, .summary = "the symbol to be defined"),
    KP_UINT(struct link_symbol, value, .presence = offsetof(struct link_symbol, has_value),
            .flags = KP_PARAM_HEX, .summary = "its value, or:"),
    KP_IMAGE(struct link_symbol, of, .kinds = elf_kinds,
             .summary = "an ELF file whose symbols tell it"),
    KP_TEXT(struct link_symbol, from, .presence = offsetof(struct link_symbol, has_from),
            .minimum = 1, .maximum = LINK_NAME_MAX, .summary = "the symbol whose value it gets"),
    KP_TEXT(struct link_symbol, to, .presence = offsetof(struct link_symbol, has_to), .minimum = 1,
            .maximum = LINK_NAME_MAX,
            .summary = "with it: what lies between 'from' and this one, in bytes"),
    KP_CHOICE(struct link_symbol, missing, .choices = missing_ways, .fallback = "error",
              .summary = "what comes of it if the file lacks 'from' or 'to'"),
    NULL,
};

static const struct kp_param *const archive_table[] = {
    KP_IMAGE_LIST(struct link_archive, members, .kinds = elf_kinds, .max_items = LINK_MEMBERS_MAX,
                  .summary = "its objects in its order, of which those are linked that define what "
                             "is missing"),
    NULL,
};

static const struct kp_choice *const checks[] = {
    KP_ONE_OF(CHECK_NONE, "none", "nothing"),
    KP_ONE_OF(CHECK_ARM, "arm", "as arm's Makefile does: no local symbol in .bss"),
    NULL,
};

static const struct kp_param *const link_table[] = {
    KP_TEXT(struct link_params, linker, .flags = KP_PARAM_TOOL, .fallback = "ld", .minimum = 1,
            .maximum = LINK_NAME_MAX, .summary = "the linker: ld, ld.bfd, ld.lld, or MACHINE-ld",
            .help = "A name, as arm-linux-gnueabihf-ld. ld and ld.bfd are found by CROSS_COMPILE, "
                    "as Kbuild finds them. The bytes are Kbuild's if it is the linker of Kbuild, "
                    "in the same version."),
    KP_IMAGE_LIST(struct link_params, objects,
                  .presence = offsetof(struct link_params, has_objects), .kinds = elf_kinds,
                  .min_items = 1, .max_items = LINK_OBJECTS_MAX, .computed = "the main input alone",
                  .summary = "all objects in order; _ is the main input"),
    KP_RECORD_LIST(struct link_params, archives, struct link_archive, .fields = archive_table,
                   .max_items = LINK_ARCHIVES_MAX,
                   .summary = "libraries, searched in this order behind all objects",
                   .help = "As the linker searches archives: once each. One without members is "
                           "left out."),
    KP_IMAGE(struct link_params, script, .summary = "the linker script, as -T"),
    KP_TEXT(struct link_params, flags, .maximum = LINK_FLAGS_MAX, .fallback = "",
            .summary = "further options, separated by blanks",
            .help = "As they stand in the command that Kbuild wrote to .vmlinux.cmd, without -T, "
                    "-o and files. Options that name files or folders are refused: the linker has "
                    "those that are given here, and no others."),
    KP_RECORD_LIST(struct link_params, symbols, struct link_symbol, .fields = symbol_table,
                   .max_items = LINK_SYMBOLS_MAX, .summary = "symbols to be defined, as --defsym",
                   .help = "{name: _kernel_bss_size, of: vmlinux, from: __bss_start, to: "
                           "__bss_stop} is what arm's stub needs."),
    KP_CHOICE(struct link_params, check, .choices = checks,
              .presence = offsetof(struct link_params, has_check),
              .computed = "arm for that architecture, else none",
              .summary = "what is checked of the result"),
    NULL,
};

bool link_add_word(struct link_job *job, const char *word, const void *field)
{
    if (job->word_count < LINK_WORDS_MAX) {
        job->words[job->word_count++] = word;
        return true;
    }
    kp_fail_at(job->call, field, NULL, "the linker's command line: more than %u words",
               LINK_WORDS_MAX);
    return false;
}

static struct kp_tool_file *add_file(struct link_job *job, const char *name)
{
    struct kp_tool_file *const file = &job->files[job->file_count];

    *file = (struct kp_tool_file){.size = sizeof(*file), .name = name};
    job->file_list[job->file_count++] = file;
    return file;
}

/* A file under a name with a number. NULL after reporting. */
#define add_numbered(job, format, number)                                                          \
    add_named((job), job->call->host->alloc(job->call, LINK_FILE_NAME), (format), (number))
KP_PRINTF(3, 4)
static struct kp_tool_file *add_named(struct link_job *job, char *name, const char *format, ...)
{
    va_list arguments;

    if (name == NULL)
        return NULL;
    va_start(arguments, format);
    vsnprintf(name, LINK_FILE_NAME, format, arguments);
    va_end(arguments);
    return add_file(job, name);
}

static bool add_main(struct link_job *job)
{
    add_file(job, MAIN_NAME)->image = job->call->input;
    return link_add_word(job, MAIN_NAME, &job->params->objects);
}

static bool add_objects(struct link_job *job)
{
    const struct kp_image *const *const objects = job->params->objects.items;
    const void *const field = &job->params->objects;
    bool has_main = false;

    if (!job->params->has_objects)
        return add_main(job);
    for (size_t i = 0; i < job->params->objects.count; i++) {
        const bool is_main = objects[i] == job->call->input;
        struct kp_tool_file *file;

        if (is_main && has_main) {
            kp_fail_at(job->call, field, NULL, "objects: the main input is among them twice");
            return false;
        }
        has_main = has_main || is_main;
        if (is_main) {
            if (!add_main(job))
                return false;
            continue;
        }
        file = link_check_object(job, "objects", i + 1, &objects[i])
                   ? add_numbered(job, OBJECT_NAME, i + 1)
                   : NULL;
        if (file == NULL || !link_add_word(job, file->name, field))
            return false;
        file->image = objects[i];
    }
    if (!has_main)
        kp_fail_at(job->call, field, "write _ where it belongs: [before, _, after]",
                   "objects: the main input is not among them");
    return has_main;
}

static bool check_members(struct link_job *job, const struct link_archive *archive)
{
    const struct kp_image *const *const members = archive->members.items;

    if (job->member_count + archive->members.count > LINK_MEMBERS_MAX) {
        kp_fail_at(job->call, archive, NULL, "archives: more than %u objects in all",
                   LINK_MEMBERS_MAX);
        return false;
    }
    for (size_t i = 0; i < archive->members.count; i++)
        if (!link_check_object(job, "members", i + 1, &members[i]))
            return false;
    return true;
}

static bool add_archives(struct link_job *job)
{
    const struct link_archive *const archives = job->params->archives.items;

    for (size_t i = 0; i < job->params->archives.count; i++) {
        struct kp_tool_file *file;

        if (archives[i].members.count == 0)
            continue;
        file = check_members(job, &archives[i]) ? add_numbered(job, ARCHIVE_NAME, i + 1) : NULL;
        if (file == NULL)
            return false;
        file->bytes = link_make_archive(job, &archives[i], &file->length);
        if (file->bytes == NULL || !link_add_word(job, file->name, &archives[i]))
            return false;
        job->member_count += archives[i].members.count;
    }
    return true;
}

static bool add_script(struct link_job *job)
{
    if (job->params->script == NULL)
        return true;
    add_file(job, SCRIPT_NAME)->image = job->params->script;
    return link_add_word(job, "-T", &job->params->script) &&
           link_add_word(job, SCRIPT_NAME, &job->params->script);
}

/* In the order of Kbuild's command. */
static bool put_together(struct link_job *job)
{
    const struct kp_host *const host = job->call->host;

    job->words = host->alloc(job->call, (LINK_WORDS_MAX + 1) * sizeof(*job->words));
    job->files = host->alloc(job->call, LINK_FILES_MAX * sizeof(*job->files));
    job->file_list = host->alloc(job->call, (LINK_FILES_MAX + 1) * sizeof(*job->file_list));
    return job->words != NULL && job->files != NULL && job->file_list != NULL &&
           link_read_main(job) && link_add_flags(job) && link_add_symbols(job) && add_script(job) &&
           add_objects(job) && add_archives(job) &&
           link_add_word(job, "-o", &job->params->objects) &&
           link_add_word(job, OUTPUT_NAME, &job->params->objects);
}

static int32_t link_run(struct kp_call *call)
{
    static const char *const addresses[] = {KP_TRAIT_ENTRY, KP_TRAIT_LOAD, KP_TRAIT_BSS, NULL};
    const struct link_params *const params = call->params;
    const struct kp_tools *const tools = call->host->get_extension(call->host, KP_TOOLS_ID);
    struct link_job job = {.call = call, .params = params};
    struct kp_tool_run run = {
        .size = sizeof(run),
        .tool = params->linker.bytes,
        .output = OUTPUT_NAME,
        .flags = KP_TOOL_WARNS,
        .hint = "linker, flags, script, symbols, and all objects in their order must be those of "
                "the kernel's build, as .vmlinux.cmd has them",
    };
    const struct kp_image *image;

    if (tools == NULL)
        return kp_fail_at(call, &params->linker, NULL, "this kpipe runs no tools");
    if (!put_together(&job))
        return KP_FAILED;
    run.arguments = job.words;
    run.files = job.file_list;
    image = tools->run(call, &run);
    if (image == NULL || kp_append_image(call, image) != KP_OK)
        return KP_FAILED;
    for (size_t i = 0; addresses[i] != NULL; i++)
        if (call->host->clear_trait(call, call->output, addresses[i]) != KP_OK)
            return KP_FAILED;
    return link_check_result(&job, image) ? KP_OK : KP_FAILED;
}

static const char *const sets[] = {KP_TRAIT_ARCH, NULL};

static const struct kp_operation link_operation = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "link objects with the linker of this machine",
    .help = "As Kbuild links a boot stub with the compressed kernel, which `piggy` makes an object "
            "of. The linker runs in a folder of its own and sees only what is given here. Its "
            "warnings are shown.",
    .input_kinds = elf_kinds,
    .output_kind = KP_KIND_ELF,
    .params = link_table,
    .params_size = sizeof(struct link_params),
    .sets = sets,
    .memory_base = LINK_SCRATCH + LINK_ARCHIVE_MAX,
    .memory_per_byte = 2, /* program headers, as elf_file_open keeps them */
    .run = link_run,
};

static const struct kp_format link_format = {
    .size = sizeof(struct kp_format),
    .name = "link",
    .summary = "linked ELF files",
    .pack = &link_operation,
};

static const struct kp_format *const formats[] = {&link_format, NULL};

KP_PLUGIN("org.kpipe.link", "link", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "ELF files linked by ld or ld.lld",
          KP_OFFERS_FORMAT("link") KP_OFFERS_STAGE("link") KP_WANTS_TOOL("ld")
              KP_WANTS_TOOL("ld.bfd") KP_WANTS_TOOL("ld.lld") KP_WANTS_TOOL("*-ld"),
          .formats = formats)
