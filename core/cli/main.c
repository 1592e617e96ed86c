/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/main.c - the command `kpipe`: finds the command, shows what was found, settles
 * the exit code. What commands do stands in a file each.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/codes.h"
#include "base/range.h"
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/style.h"

/* Keeps files that are opened later from becoming standard input, output or error. */
static bool fill_standard_descriptors(void)
{
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
            return false;
    }
    return true;
}

/* Shared memory of images takes descriptors, and workers take some: as many as the system
 * grants. What is started from here has limits of its own. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* --version and --help, which may stand instead of a command. */
static bool run_without_command(const char *word)
{
    if (strcmp(word, "--version") == 0)
        puts("kpipe " KPIPE_VERSION);
    else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        kp_help_all(stdout);
    else
        return false;
    return true;
}

static int run_command(struct kp_session *session, int count, char **words)
{
    int code;

    if (count < 2) {
        kp_error_hint(session->diags, KP_NOWHERE, "'kpipe help' lists the commands", KP1709);
        return KP_EXIT_USAGE;
    }
    session->command = kp_command_find(words[1]);
    if (session->command == NULL) {
        kp_command_unknown(session->diags, words[1]);
        return KP_EXIT_USAGE;
    }
    if (!kp_arguments_read(&session->arguments, session->command, session->diags, words + 2,
                           (size_t)count - 2))
        return KP_EXIT_USAGE;
    if (session->arguments.help) {
        kp_help_command(stdout, session->command);
        return KP_EXIT_OK;
    }
    code = session->command->run(session);
    return code != KP_EXIT_OK ? code : kp_session_code(session);
}

/* Shows what was found, unless a JSON document holds it already. */
static void show_findings(struct kp_session *session)
{
    const struct kp_diag_style style = {kp_style_colour(stderr), session->arguments.verbose};

    if (session->findings_written)
        return;
    kp_diags_sort(session->diags);
    kp_diags_render(session->diags, 0, stderr, style);
}

/* Writes out what is still buffered. Returns 0, or why something could not be written:
 * a full disk is noticed here at the latest. */
static int flush_output(void)
{
    struct pollfd reader = {.fd = STDOUT_FILENO};

    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    if (errno != 0)
        return errno;
    /* An earlier write failed, and why is not known any more; but whether it was a pipe
     * that lost its reader can be asked. */
    return poll(&reader, 1, 0) == 1 && (reader.revents & POLLERR) != 0 ? EPIPE : EIO;
}

/* Whether the command's exit code 1 says something else than that it failed. */
static bool answers(const struct kp_session *session)
{
    return session != NULL && session->command != NULL && session->command->answers;
}

/* A reader that went away wants to hear no more. */
static int settle_output(const struct kp_session *session, int code)
{
    int error = flush_output();

    if (error == 0 && fclose(stdout) != 0)
        error = errno;
    if (error != 0 && error != EPIPE)
        fprintf(stderr, "kpipe: error: standard output: %s\n", strerror(error));
    if (answers(session))
        return error != 0 || code > KP_EXIT_USAGE ? KP_EXIT_USAGE : code;
    return error != 0 && code == KP_EXIT_OK ? KP_EXIT_FAILED : code;
}

static int run_session(int count, char **words)
{
    struct kp_session session = {.arena = kp_arena_new(), .diags = kp_diags_new()};
    int code = KP_EXIT_INTERNAL;

    if (session.arena != NULL && session.diags != NULL && kp_range_guard_install() &&
        kp_secret_take_environment(&session.pin, "KPIPE_PIN")) {
        code = run_command(&session, count, words);
        if (code != KP_EXIT_OK && kp_session_code(&session) == KP_EXIT_INTERNAL)
            code = KP_EXIT_INTERNAL;
        code = settle_output(&session, code);
        show_findings(&session);
    } else {
        fputs("kpipe: error: out of memory\n", stderr);
    }
    kp_keyring_free(session.keyring);
    kp_secret_free(&session.pin);
    kp_toolbox_free(session.toolbox);
    kp_registry_free(session.registry);
    kp_arguments_free(&session.arguments);
    kp_diags_free(session.diags);
    kp_arena_free(session.arena);
    return code;
}

/* Of OpenSSL kpipe wants digests and signatures, and nothing that a file of settings or the
 * environment (OPENSSL_CONF) has it load. It is also four times faster. */
static void limit_openssl(void)
{
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
                                  OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ADD_ALL_DIGESTS,
                              NULL);
}

int main(int count, char **words)
{
    int code;

    if (!fill_standard_descriptors())
        return KP_EXIT_INTERNAL;
    /* A write that fails, for want of a reader or for `ulimit -f`, is an error like others. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    /* Large enough for most of what is written, so that an error keeps its reason. */
    setvbuf(stdout, NULL, _IOFBF, (size_t)1 << 16);
    if (count == 2 && run_without_command(words[1])) {
        code = settle_output(NULL, KP_EXIT_OK);
    } else {
        raise_descriptor_limit();
        (void)kp_secret_begin();
        limit_openssl();
        code = run_session(count, words);
    }
    kp_interrupt_finish();
    return code;
}
