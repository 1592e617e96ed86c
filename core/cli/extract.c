/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/extract.c - `kpipe extract`: one part out of an image.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/codes.h"
#include "cli/cli.h"
#include "engine/extract.h"
#include "engine/write.h"
#include "kpipe/traits.h"

/* Forms of a kernel, whatever form it lies in. */
static bool is_form(const char *what)
{
    return strcmp(what, "vmlinux") == 0 || strcmp(what, "Image") == 0;
}

/* The bytes that are wanted; NULL after reporting. */
static struct kp_range *take(struct kp_session *session, const struct kp_layers *layers,
                             const struct kp_layer *layer, const char *what)
{
    const char *kind = layer->inspection.kind;
    const bool elf = kind != NULL && strcmp(kind, KP_KIND_ELF) == 0;

    if (strcmp(what, "vmlinux") == 0)
        return kp_extract_convert(layers, layer, session->diags, "vmlinux");
    if (strcmp(what, "Image") == 0 && elf)
        return kp_extract_convert(layers, layer, session->diags, "objcopy");
    return kp_range_ref(layer->range);
}

/* "vmlinuz: payload/contents: 53243444 bytes", on standard error, since the bytes may go to
 * standard output. */
static void tell(const struct kp_session *session, const char *file, const struct kp_layer *layer,
                 const struct kp_range *bytes)
{
    const struct kp_layer *at = layer;

    if (session->arguments.quiet)
        return;
    while (at != NULL && !at->searched)
        at = at->parent;
    fprintf(stderr, "kpipe: %s: %s%s%" PRIu64 " bytes%s\n", file, layer->path,
            *layer->path == '\0' ? "" : ": ", kp_range_size(bytes),
            at == NULL ? "" : ", found by searching");
}

static bool extract(struct kp_session *session, const char *file, const char *what,
                    const char *output)
{
    const bool kernel = is_form(what) || strcmp(what, KP_ROLE_PAYLOAD) == 0;
    struct kp_range *range KP_AUTO(range) = kp_session_input(file);
    struct kp_layers layers KP_AUTO(layers) = {0};
    const struct kp_layers_options options = {.registry = session->registry,
                                              .name = file,
                                              .depth = KP_LAYERS_DEPTH,
                                              .limit = KP_LAYERS_LIMIT,
                                              .role = kernel ? KP_ROLE_PAYLOAD : NULL};
    const struct kp_write_options written = {.sync = session->arguments.sync};
    struct kp_range *bytes KP_AUTO(range) = NULL;
    const struct kp_layer *layer;

    if (range == NULL)
        return kp_error(session->diags, KP_NOWHERE, KP1751, file, strerror(errno));
    if (!kp_layers_open(&layers, &options, range))
        return kp_out_of_memory(session->diags);
    layer = kp_extract_find(&layers, kernel ? KP_ROLE_PAYLOAD : what);
    /* If it is there, what is wrong elsewhere does not matter much. */
    for (const struct kp_layer *each = layers.top; each != NULL;
         each = kp_layers_next(layers.top, each))
        kp_layer_tell(each, session->diags, layer != NULL ? 0 : SIZE_MAX);
    if (layer == NULL)
        return kp_error_hint(session->diags, KP_NOWHERE, "`kpipe inspect` shows what there is",
                             KP1752, file, what);
    bytes = take(session, &layers, layer, what);
    if (bytes == NULL || !kp_write_file(session->diags, KP_NOWHERE, output, bytes, &written))
        return false;
    tell(session, file, layer, bytes);
    return true;
}

static int run(struct kp_session *session)
{
    const struct kp_arguments *given = &session->arguments;
    const char *output = given->output == NULL ? "-" : given->output;
    int code;

    if (strcmp(output, "-") == 0 && isatty(STDOUT_FILENO)) {
        kp_error_hint(session->diags, KP_NOWHERE, "say -o FILE", KP1712);
        return KP_EXIT_USAGE;
    }
    if (!kp_session_open(session, &code))
        return code;
    (void)extract(session, KP_ITEM(&given->operands, const char *, 0),
                  given->to == NULL ? KP_ROLE_PAYLOAD : given->to, output);
    return kp_session_code(session);
}

static const struct kp_option options[] = {
    KP_OPTION_(KP_OPTION_TEXT, 0, "to", "WHAT", to,
               .help = "payload (the default), vmlinux, Image, config, dtb, initrd, cmdline, or a "
                       "layer as `kpipe inspect` shows it: payload/contents"),
    KP_OPTION_(KP_OPTION_TEXT, 'o', "output", "FILE", output,
               .help = "the file to write; - is standard output, and the default"),
    KP_OPTION_SYNC,
    KP_OPTION_VERBOSE,
    KP_OPTION_QUIET,
    KP_OPTIONS_PLUGINS,
    KP_OPTION_HELP,
    {0},
};

const struct kp_command kp_command_extract = {
    .name = "extract",
    .operands = "FILE",
    .missing = "file",
    .least = 1,
    .most = 1,
    .summary = "take the kernel, or another part, out of an image",
    .help = "Writes a part of FILE (- is standard input), whatever containers and compressions lie "
            "around it:\n"
            "\n"
            "    payload   the kernel that the container carries, decompressed, as it is\n"
            "    vmlinux   the same as an ELF file with addresses and symbols\n"
            "    Image     the same as a flat image\n"
            "    config    the configuration that the kernel holds (CONFIG_IKCONFIG)\n"
            "    dtb, initrd, cmdline\n"
            "              the first part of that role, as it is stored\n"
            "    LAYER     any other, by the names that `kpipe inspect` shows:\n"
            "              part/contents; behind a slash what is one of these words:\n"
            "              /payload\n"
            "\n"
            "Parts are found by the headers of their containers. Only where these do not tell is "
            "compressed data searched for, and that is said. The exit status is 0 if the part was "
            "written, and else nothing is.",
    .options = options,
    .run = run,
};
