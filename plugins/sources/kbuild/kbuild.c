/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sources/kbuild/kbuild.c - a kernel's build folder as a source: vmlinux, what its boot image is
 * made of besides, its device trees, and the facts by which Kbuild made the image.
 *
 * The folder is what O= named, or the source if that was built in (Linux 6.1, Makefile). Files of
 * the build are read where Kbuild keeps them, and nothing is searched for.
 */
#include <stdlib.h>
#include <string.h>

#include "kbuild.h"

int32_t kbuild_has(const struct kbuild *kbuild, const char *name)
{
    struct kp_tree_entry entry = {.size = sizeof(entry)};

    return kbuild->call->host->tree_find(kbuild->call, kbuild->params->tree, name, &entry);
}

const struct kp_image *kbuild_open(const struct kbuild *kbuild, const char *name, const char *makes)
{
    const int32_t found = kbuild_has(kbuild, name);
    char hint[64];

    if (found == 1)
        return kbuild->call->host->tree_open(kbuild->call, kbuild->params->tree, name);
    snprintf(hint, sizeof(hint), "`make %s` makes it", makes);
    if (found == 0)
        kbuild_fail(kbuild, hint, "%s: not in the tree: it is not built yet, or not whole", name);
    return NULL;
}

int32_t kbuild_traits(const struct kbuild *kbuild, struct kp_output *output, bool is_kernel)
{
    const struct kp_host *host = kbuild->call->host;

    if (output == NULL ||
        host->set_text(kbuild->call, output, KP_TRAIT_ARCH, kbuild->arch) != KP_OK)
        return KP_FAILED;
    return is_kernel ? host->set_text(kbuild->call, output, KP_TRAIT_VERSION, kbuild->release)
                     : KP_OK;
}

static int32_t give(const struct kbuild *kbuild, const char *name, const struct kp_image *image,
                    bool is_kernel)
{
    if (image == NULL)
        return KP_FAILED;
    return kbuild_traits(kbuild, kbuild->call->host->source_image(kbuild->call, name, image),
                         is_kernel);
}

/* Without these it is something else, or the source of an O= build. */
static int32_t check_folder(const struct kbuild *kbuild)
{
    const int32_t config = kbuild_has(kbuild, ".config");

    if (config == 0)
        return kbuild_fail(kbuild,
                           "name the folder in which .config and vmlinux are: with O=, that folder",
                           "no .config: not a kernel's build folder, or not configured yet");
    return config == 1 ? KP_OK : KP_FAILED;
}

/* The release, as UTS_RELEASE has it, and its version. */
static int32_t read_release(struct kbuild *kbuild)
{
    static const char file[] = "include/config/kernel.release";
    struct kp_call *call = kbuild->call;
    const struct kp_image *image = kbuild_open(kbuild, file, "vmlinux");
    const uint64_t size = image == NULL ? 0 : kp_size(call, image);
    unsigned long version, patchlevel;
    char *end;

    if (image == NULL)
        return KP_FAILED;
    if (size >= sizeof(kbuild->release))
        return kbuild_fail(kbuild, NULL, "%s: too long for a release", file);
    if (size > 0 && call->host->image_read(call, image, 0, kbuild->release, size) != KP_OK)
        return KP_FAILED;
    end = strchr(kbuild->release, '\n');
    if (end != NULL)
        *end = '\0';
    for (const char *at = kbuild->release; *at != '\0'; at++)
        if (*at <= ' ' || *at > '~')
            kbuild->release[0] = '\0';
    version = strtoul(kbuild->release, &end, 10);
    patchlevel = end == kbuild->release || *end != '.' ? 65536 : strtoul(end + 1, NULL, 10);
    if (version > 255 || patchlevel > 65535)
        return kbuild_fail(kbuild, "run make once more", "%s: no release of a kernel", file);
    kbuild->version = KBUILD_VERSION(version, patchlevel);
    return KP_OK;
}

/* What Kbuild's objcopy step takes. riscv had a copy with relocations for that from 6.5 or so to
 * 6.15 (Linux 6.12, arch/riscv/boot/Makefile). */
static int32_t find_kernel(const struct kbuild *kbuild, const char **name)
{
    struct kbuild_command command = {NULL, 0};
    bool found;

    *name = "vmlinux";
    if (strcmp(kbuild->folder, "riscv") != 0)
        return KP_OK;
    if (kbuild_find_command(kbuild, "arch/riscv/boot/Image", &command, &found) != KP_OK)
        return KP_FAILED;
    for (size_t i = 0; i < command.count; i++)
        if (strcmp(command.words[i].text, "vmlinux.relocs") == 0)
            *name = "vmlinux.relocs";
    return KP_OK;
}

/* vmlinux, and what has its symbols and relocations where that is another file (since 6.15). */
static int32_t give_kernel(struct kbuild *kbuild)
{
    static const char unstripped[] = "vmlinux.unstripped";
    const char *name;
    const struct kp_image *image, *whole;
    int32_t found;

    if (find_kernel(kbuild, &name) != KP_OK)
        return KP_FAILED;
    image = kbuild_open(kbuild, name, "vmlinux");
    if (image == NULL || kbuild_check_kernel(kbuild, name, image, &kbuild->relocations) != KP_OK)
        return KP_FAILED;
    found = kbuild_has(kbuild, unstripped);
    whole = found == 1 ? kbuild_open(kbuild, unstripped, "vmlinux") : image;
    if (found == KP_FAILED || whole == NULL ||
        (whole != image &&
         kbuild_check_kernel(kbuild, unstripped, whole, &kbuild->relocations) != KP_OK))
        return KP_FAILED;
    return give(kbuild, "vmlinux", image, true) == KP_OK ? give(kbuild, "unstripped", whole, true)
                                                         : KP_FAILED;
}

static int32_t give_images(struct kbuild *kbuild)
{
    const int32_t has_map = kbuild_has(kbuild, "System.map");

    if (has_map == 0)
        kp_message(
            kbuild->call, KP_NOTE,
            "no System.map: no 'system-map', and nothing tells if vmlinux is the tree's own");
    if (has_map == 1)
        kbuild->system_map = kbuild_open(kbuild, "System.map", "vmlinux");
    if (has_map == KP_FAILED || (has_map == 1 && kbuild->system_map == NULL) ||
        give_kernel(kbuild) != KP_OK ||
        give(kbuild, "config", kbuild_open(kbuild, ".config", "olddefconfig"), false) != KP_OK ||
        (has_map == 1 && give(kbuild, "system-map", kbuild->system_map, false) != KP_OK))
        return KP_FAILED;
    if (strcmp(kbuild->folder, "x86") != 0)
        return KP_OK;
    kbuild->setup = kbuild_open(kbuild, "arch/x86/boot/setup.bin", "bzImage");
    return give(kbuild, "setup", kbuild->setup, false);
}

static int32_t run(struct kp_call *call)
{
    struct kbuild kbuild = {.call = call, .params = call->params};

    if (check_folder(&kbuild) != KP_OK || kbuild_read_config(&kbuild) != KP_OK ||
        read_release(&kbuild) != KP_OK || give_images(&kbuild) != KP_OK)
        return KP_FAILED;
    if (!kbuild.has_stub)
        kp_message(call, KP_NOTE,
                   "%s has no boot stub: no 'script', 'linker', 'flags', 'before', 'after', "
                   "'archives'",
                   kbuild_target(&kbuild));
    else if (kbuild_give_link(&kbuild) != KP_OK)
        return KP_FAILED;
    return kbuild_give_facts(&kbuild) == KP_OK ? kbuild_give_dtbs(&kbuild) : KP_FAILED;
}

static const struct kp_param *const table[] = {
    KP_TREE(struct kbuild_params, tree, .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT,
            .summary = "the folder in which the kernel was built",
            .help = "The one that O= named, or the source if that was built in."),
    KP_TREE(struct kbuild_params, source, .presence = offsetof(struct kbuild_params, has_source),
            .flags = KP_PARAM_MAY_MISS, .summary = "the kernel's source folder",
            .help = "For the script of EFI zboot, which an O= build leaves there. Kbuild links it "
                    "as 'source' in such folders: `source: $(tree)/source` fits every tree."),
    KP_TEXT(struct kbuild_params, arch, .presence = offsetof(struct kbuild_params, has_arch),
            .summary = "the architecture that the tree must be of",
            .help = "By kpipe's name, or by that of its folder in the kernel's arch: x86 is "
                    "x86_64 and i386."),
    KP_TEXT(struct kbuild_params, codec, .presence = offsetof(struct kbuild_params, has_codec),
            .summary = "the codec that the tree must be configured for"),
    NULL,
};

static const struct kp_source kbuild_source = {
    .size = sizeof(struct kp_source),
    .name = "kbuild",
    .summary = "a kernel's build folder",
    .help =
        "What Kbuild made, and how, of a built kernel (vmlinux and the default boot image) for "
        "x86, "
        "arm, arm64, riscv or loongarch. What is not built yet, damaged, or not of one build is an "
        "error.\n"
        "\n"
        "Images: vmlinux, from which Kbuild makes its images; unstripped, with symbols and "
        "relocations (the same, where there is only one); config; system-map; setup (x86); script, "
        "of the boot stub's linking.\n"
        "\n"
        "Lists: before and after, the boot stub's objects in front of the compressed kernel's and "
        "behind it; archives, the members of all archives linked with them, archive-1 and "
        "archive-2, "
        "those of one; made-relocs, the table of relocations that the build kept where vmlinux has "
        "lost them (x86, Linux 6.5 to 6.14), else empty; dtbs, the device trees that `make dtbs` "
        "lists (before Linux 6.8 those that are there, by name); fit-dtbs, what they are made of: "
        "the same, but a tree that fdtoverlay composed is replaced by its base and its overlays, "
        "each file once.\n"
        "\n"
        "Facts: arch, version, endian, codec, image (the default boot image, with - for dots), "
        "load, linker, flags, objcopy (the release of binutils), and choices of stages: preset "
        "(payload), relocs (relocs), layout (bzimage), zboot and zboot-pad (zboot), "
        "system-map-form (system-map); fit-sets, the numbers of fit-dtbs that make each of dtbs, "
        "as \"1 2,3 2,4\" (fit). One that the tree has no use for is not there.",
    .params = table,
    .params_size = sizeof(struct kbuild_params),
    .memory_base = UINT64_C(64) << 20, /* commands, and the headers of vmlinux */
    .run = run,
};

static const struct kp_source *const sources[] = {&kbuild_source, NULL};

KP_PLUGIN("org.kpipe.kbuild", "kbuild", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "kernels' build folders", KP_OFFERS_SOURCE("kbuild"), .sources = sources)
