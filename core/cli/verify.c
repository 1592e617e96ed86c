/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/verify.c - `kpipe verify`: hashes and signatures of an image.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "cli/cli.h"
#include "engine/verify.h"

/* The files of the keys; false after reporting. */
static bool open_keys(struct kp_session *session, const char **names, struct kp_range **keys,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        names[i] = KP_ITEM(&session->arguments.keys, const char *, i);
        keys[i] = kp_session_input(names[i]);
        if (keys[i] == NULL)
            return kp_error(session->diags, KP_NOWHERE, KP1756, names[i], strerror(errno));
    }
    return true;
}

/* The report on standard output, under -q only the exit code. */
static bool show(struct kp_session *session, const char *file, struct kp_range *report)
{
    const uint8_t *text = kp_range_view(report);
    const size_t size = (size_t)kp_range_size(report);

    if (session->arguments.quiet)
        return true;
    if (text == NULL)
        return kp_out_of_memory(session->diags);
    fwrite(text, 1, size, stdout);
    printf("%s: verified\n", file);
    return true;
}

static bool verify(struct kp_session *session, const char *file)
{
    const size_t count = session->arguments.keys.count;
    const char **names = kp_arena_array(session->arena, count + 1, sizeof(*names));
    struct kp_range **keys = kp_arena_array(session->arena, count + 1, sizeof(*keys));
    struct kp_range *image KP_AUTO(range) = kp_session_input(file);
    struct kp_range *report KP_AUTO(range) = NULL;
    const struct kp_verify_options options = {.registry = session->registry,
                                              .name = file,
                                              .key_names = names,
                                              .keys = keys,
                                              .key_count = count,
                                              .configuration = session->arguments.configuration};
    bool good = false;

    if (image == NULL)
        return kp_error(session->diags, KP_NOWHERE, KP1756, file, strerror(errno));
    if (names == NULL || keys == NULL)
        return kp_out_of_memory(session->diags);
    if (open_keys(session, names, keys, count)) {
        report = kp_verify(&options, image, session->diags);
        good = report != NULL && show(session, file, report);
    }
    for (size_t i = 0; i < count; i++)
        kp_range_unref(keys[i]);
    return good;
}

static int run(struct kp_session *session)
{
    int code;

    if (!kp_session_open(session, &code))
        return code;
    (void)verify(session, KP_ITEM(&session->arguments.operands, const char *, 0));
    return kp_session_code(session);
}

static const struct kp_option options[] = {
    KP_OPTION_(KP_OPTION_LIST, 'k', "key", "FILE", keys,
               .help = "public keys: U-Boot's device tree, which says which are required, or a key "
                       "or certificate in PEM, one of which is enough (may be repeated)"),
    KP_OPTION_(KP_OPTION_TEXT, 'c', "configuration", "NAME", configuration,
               .help = "verify this configuration alone, and the images that it names"),
    KP_OPTION_VERBOSE,
    KP_OPTION_QUIET,
    KP_OPTIONS_PLUGINS,
    KP_OPTION_HELP,
    {0},
};

const struct kp_command kp_command_verify = {
    .name = "verify",
    .operands = "FILE",
    .missing = "file",
    .least = 1,
    .most = 1,
    .summary = "verify the hashes and signatures of an image",
    .help = "Verifies FILE (- is standard input), a FIT: each hash, and with keys each signature. "
            "Each configuration has to be signed as the keys require, and each image has to be "
            "covered by such a signature. What a signature covers is worked out from the image, "
            "not believed.\n"
            "\n"
            "The exit status is 0 if all of it is right; what was verified is told line by line. "
            "Else it is 1, and each thing that is wrong is told.",
    .options = options,
    .run = run,
};
