/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sources/kbuild/link.c - the command that linked the boot stub around the compressed kernel: its
 * objects before and after the payload's, its archives, its script, its linker and flags.
 *
 * Facts from Linux 5.10, 6.1, 6.12, 7.2: scripts/Makefile.lib (cmd_ld: linker, flags, which end with
 * -T, the script and all other inputs in order, -o), arch/{x86,arm}/boot/compressed/Makefile and
 * drivers/firmware/efi/libstub/Makefile.zboot. The script of EFI zboot is a file of the source,
 * whatever folder was built in. arm's _kernel_bss_size is that of one vmlinux, and is left out.
 */
#include "kbuild.h"

#include <string.h>

/* Flags are a fact; the host takes no longer ones. */
#define FLAGS_MAX 60000u
#define ARCHIVES_MAX 9u
#define LIBSTUB "drivers/firmware/efi/libstub/"

struct link {
    struct kbuild *kbuild;
    const char *target;  /* what is linked */
    const char *payload; /* the object with the compressed kernel: its last name */
    const char *script;  /* as the command has it */
    char flags[FLAGS_MAX];
    bool seen_payload;
    unsigned archives;
};

static int32_t fail(const struct link *link, const char *what, const char *why)
{
    return kbuild_fail(link->kbuild, NULL, "link command of %s: '%s': %s", link->target, what, why);
}

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text), size = strlen(end);

    return length > size && strcmp(text + length - size, end) == 0;
}

static int32_t add_flag(struct link *link, const char *word)
{
    const size_t length = strlen(link->flags);

    if (!kbuild_is_plain(word))
        return fail(link, word, "a flag that is empty, or has blanks or unusual characters");
    if (word[0] == '@' || (word[0] != '-' && strchr(word, '/') != NULL))
        return fail(link, word, "a file that is neither an object nor an archive");
    if (length + strlen(word) + 2 > FLAGS_MAX)
        return fail(link, word, "too many flags");
    snprintf(link->flags + length, FLAGS_MAX - length, "%s%s", length > 0 ? " " : "", word);
    return KP_OK;
}

/* What a word of the command means by a file of the tree. */
static int32_t resolve(const struct link *link, const char *word, char name[KBUILD_NAME_MAX])
{
    if (!kbuild_is_plain(word))
        return fail(link, word, "the name of a file with unusual characters");
    if (!kbuild_resolve("", word, name))
        return fail(link, word, "leads out of the tree");
    return KP_OK;
}

static int32_t take_object(struct link *link, const char *word)
{
    const struct kbuild *kbuild = link->kbuild;
    char name[KBUILD_NAME_MAX];
    const char *slash;
    const struct kp_image *image;

    if (resolve(link, word, name) != KP_OK)
        return KP_FAILED;
    if (link->archives > 0)
        return fail(link, word, "an object behind an archive: the order cannot be kept");
    slash = strrchr(name, '/');
    if (strcmp(slash == NULL ? name : slash + 1, link->payload) == 0) {
        if (link->seen_payload)
            return fail(link, word, "named twice");
        link->seen_payload = true;
        return KP_OK;
    }
    image = kbuild_open(kbuild, name, kbuild_target(kbuild));
    if (image == NULL)
        return KP_FAILED;
    return kbuild_traits(kbuild,
                         kbuild->call->host->source_list(
                             kbuild->call, link->seen_payload ? "after" : "before", name, image),
                         false);
}

static int32_t take_archive(struct link *link, const char *word)
{
    char name[KBUILD_NAME_MAX], list[] = "archive-0";
    const char *const lists[] = {"archives", list};

    if (resolve(link, word, name) != KP_OK)
        return KP_FAILED;
    if (link->archives == ARCHIVES_MAX)
        return fail(link, word, "more than nine archives");
    list[sizeof(list) - 2] = (char)('1' + link->archives++);
    return kbuild_give_archive(link->kbuild, name, lists, 2);
}

/* Flags that mean something for the inputs that follow them, which `flags` cannot say. */
static bool is_positional(const char *word)
{
    static const char *const flags[] = {"--start-group",
                                        "--end-group",
                                        "-(",
                                        "-)",
                                        "--whole-archive",
                                        "--as-needed",
                                        "--no-whole-archive",
                                        "--no-as-needed",
                                        "--just-symbols",
                                        "--format",
                                        "-b"};

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (strcmp(word, flags[i]) == 0)
            return true;
    return false;
}

/* Looks at a symbol's definition. True if it is no flag to be kept. */
static bool take_definition(struct link *link, const char *definition)
{
    static const char bss_size[] = "_kernel_bss_size=", load[] = "zreladdr=";

    if (strncmp(definition, load, sizeof(load) - 1) == 0)
        kbuild_take_load(link->kbuild, definition + sizeof(load) - 1);
    return strncmp(definition, bss_size, sizeof(bss_size) - 1) == 0;
}

/* The words at `words`, of which there are `count`; *used: how many it took. */
static int32_t take_words(struct link *link, const struct kbuild_word *words, size_t count,
                          size_t *used)
{
    const char *word = words[0].text;
    const char *next = count > 1 && words[1].kind == WORD_PLAIN ? words[1].text : "";

    *used = 1;
    if (words[0].kind != WORD_PLAIN)
        return fail(link, word, "more than one command with its words");
    if (strcmp(word, "-T") == 0 || strcmp(word, "-o") == 0) {
        *used = 2;
        if (next[0] == '\0')
            return fail(link, word, "no file behind it");
        if (word[1] == 'T' && link->script != NULL)
            return fail(link, next, "a second script");
        if (word[1] == 'T')
            link->script = next;
        return KP_OK;
    }
    if (strcmp(word, "--defsym") == 0 && take_definition(link, next)) {
        *used = 2;
        return KP_OK;
    }
    if (strncmp(word, "--defsym=", 9) == 0 && take_definition(link, word + 9))
        return KP_OK;
    if (is_positional(word))
        return fail(link, word, "a flag whose place among the inputs matters");
    if (word[0] != '-' && ends_with(word, ".o"))
        return take_object(link, word);
    if (word[0] != '-' && ends_with(word, ".a"))
        return take_archive(link, word);
    return add_flag(link, word);
}

/* zboot.lds, which an O= build leaves in the source. Without it there is no `script`, and no
 * more than that. */
static int32_t find_source_script(const struct link *link, const char *name,
                                  const struct kp_image **image)
{
    const struct kbuild *kbuild = link->kbuild;
    const struct kp_tree *const trees[] = {
        kbuild->params->has_source ? kbuild->params->source : NULL, kbuild->params->tree};

    *image = NULL;
    for (size_t i = 0; i < 2; i++) {
        struct kp_tree_entry entry = {.size = sizeof(entry)};
        int32_t found;

        if (trees[i] == NULL)
            continue;
        found = kbuild->call->host->tree_find(kbuild->call, trees[i], name, &entry);
        if (found == 1 && i == 0 && kbuild_check_source(kbuild) != KP_OK)
            return KP_FAILED;
        if (found == 1) {
            *image = kbuild->call->host->tree_open(kbuild->call, trees[i], name);
            return *image == NULL ? KP_FAILED : KP_OK;
        }
        if (found != 0)
            return KP_FAILED;
    }
    kp_message(kbuild->call, KP_WARNING,
               "no 'script': %s is not in the tree: name the kernel's source with 'source'", name);
    return KP_OK;
}

static int32_t give_script(const struct link *link)
{
    const struct kbuild *kbuild = link->kbuild;
    const struct kp_image *image;
    const char *libstub = strstr(link->script, LIBSTUB);
    char name[KBUILD_NAME_MAX];

    if (resolve(link, libstub != NULL ? libstub : link->script, name) != KP_OK)
        return KP_FAILED;
    if (libstub != NULL) {
        if (find_source_script(link, name, &image) != KP_OK)
            return KP_FAILED;
        if (image == NULL)
            return KP_OK;
    } else {
        image = kbuild_open(kbuild, name, kbuild_target(kbuild));
    }
    if (image == NULL)
        return KP_FAILED;
    return kbuild_traits(kbuild, kbuild->call->host->source_image(kbuild->call, "script", image),
                         false);
}

static int32_t give_facts(const struct link *link, const char *linker)
{
    struct kp_call *call = link->kbuild->call;
    const char *slash = strrchr(linker, '/');

    linker = slash == NULL ? linker : slash + 1;
    if (!kbuild_is_plain(linker))
        return fail(link, linker, "no name of a linker");
    if (call->host->source_fact(call, "linker", linker) != KP_OK)
        return KP_FAILED;
    return call->host->source_fact(call, "flags", link->flags);
}

/* Recipes may name lists that are empty. */
static int32_t begin_lists(struct kp_call *call)
{
    static const char *const lists[] = {"before", "after", "archives", "archive-1", "archive-2"};

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (call->host->source_list(call, lists[i], NULL, NULL) == NULL)
            return KP_FAILED;
    return KP_OK;
}

int32_t kbuild_give_link(struct kbuild *kbuild)
{
    struct kp_call *call = kbuild->call;
    struct link *link = call->host->alloc(call, sizeof(*link));
    struct kbuild_command command;
    char target[256];

    snprintf(target, sizeof(target), "arch/%s/boot/%s", kbuild->folder,
             kbuild->zboot ? "vmlinuz.efi.elf" : "compressed/vmlinux");
    if (link == NULL ||
        kbuild_read_command(kbuild, target, kbuild_target(kbuild), &command) != KP_OK ||
        begin_lists(call) != KP_OK)
        return KP_FAILED;
    link->kbuild = kbuild;
    link->target = target;
    link->payload = kbuild->zboot ? "vmlinuz.o" : "piggy.o";
    for (size_t i = 1, used; i < command.count; i += used)
        if (take_words(link, command.words + i, command.count - i, &used) != KP_OK)
            return KP_FAILED;
    if (!link->seen_payload || link->script == NULL)
        return fail(link, link->seen_payload ? "-T" : link->payload,
                    "missing: not a command that links a boot stub");
    return give_script(link) == KP_OK ? give_facts(link, command.words[0].text) : KP_FAILED;
}
