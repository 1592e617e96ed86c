/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/hostile/load.c - a plugin that misbehaves before any of its stages is run: in
 * its constructor, in its entry, or by what its entry returns.
 *
 * Built once for each way, with LOAD_NAME (id and stage) and LOAD_WAY, one of the functions
 * below. Where its stage is run at last, it says what became of the constructor's attempts.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hostile.h"
#include "wire/message.h"

static const char *managed = "nothing";

static int32_t load_run(struct kp_call *call)
{
    return kp_fail(call, "loaded, and managed: %s", managed);
}

static const struct kp_operation load_operation = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_ANY,
    .summary = "be hostile",
    .run = load_run,
};
static const struct kp_format load_format = {.size = sizeof(struct kp_format),
                                             .name = LOAD_NAME,
                                             .summary = "hostile",
                                             .pack = &load_operation};
static const struct kp_format *const load_formats[] = {&load_format, NULL};
static struct kp_plugin descriptor = {.size = sizeof(struct kp_plugin),
                                      .api_level = KP_API_LEVEL,
                                      .id = "org.example." LOAD_NAME,
                                      .name = LOAD_NAME,
                                      .version = "6.66",
                                      .license = "BSD-3-Clause",
                                      .vendor = "The kpipe authors",
                                      .url = "man:kpipe(1)",
                                      .summary = "hostile",
                                      .formats = load_formats};
KP_NOTE_(KP_NOTE_TEXT_("org.example." LOAD_NAME, LOAD_NAME, "6.66", "BSD-3-Clause",
                       "The kpipe authors", "man:kpipe(1)", "hostile",
                       KP_OFFERS_FORMAT(LOAD_NAME) KP_OFFERS_STAGE(LOAD_NAME)))

enum when { CONSTRUCTOR, ENTRY };
typedef const struct kp_plugin *load_way(enum when when);

/* --- in the constructor, or in the entry --- */

static KP_UNUSED const struct kp_plugin *crash_early(enum when when)
{
    volatile uint8_t *volatile nowhere = NULL;

    if (when == CONSTRUCTOR)
        *nowhere = 1;
    return &descriptor;
}

static KP_UNUSED const struct kp_plugin *crash(enum when when)
{
    return crash_early((enum when)(ENTRY - when));
}

static KP_UNUSED const struct kp_plugin *hang_early(enum when when)
{
    while (when == CONSTRUCTOR && !hostile_late())
        ;
    return &descriptor;
}

static KP_UNUSED const struct kp_plugin *hang(enum when when)
{
    return hang_early((enum when)(ENTRY - when));
}

static KP_UNUSED const struct kp_plugin *exit_early(enum when when)
{
    if (when == CONSTRUCTOR)
        exit(0);
    return &descriptor;
}

static KP_UNUSED const struct kp_plugin *exit_late(enum when when)
{
    return exit_early((enum when)(ENTRY - when));
}

static KP_UNUSED const struct kp_plugin *abort_early(enum when when)
{
    if (when == CONSTRUCTOR)
        abort();
    return &descriptor;
}

static KP_UNUSED const struct kp_plugin *print(enum when when)
{
    if (when == CONSTRUCTOR)
        for (int i = 0; i < 1000; i++) {
            dprintf(1, "\x1b[2Jowned\n");
            dprintf(2, "\x1b[2Jowned\n");
        }
    return &descriptor;
}

static void tried(const char *what, int good)
{
    if (good)
        managed = what;
}

static KP_UNUSED const struct kp_plugin *files(enum when when)
{
    if (when == CONSTRUCTOR) {
        tried("open /etc/passwd", open("/etc/passwd", O_RDONLY) >= 0);
        tried("a new file", open("/tmp/kpipe-hostile", O_WRONLY | O_CREAT, 0666) >= 0);
        tried("the terminal", open("/dev/tty", O_RDWR) >= 0);
    }
    return &descriptor;
}

static KP_UNUSED const struct kp_plugin *connects(enum when when)
{
    if (when == CONSTRUCTOR) {
        const int one = socket(AF_INET, SOCK_STREAM, 0);
        const struct sockaddr nobody = {.sa_family = AF_INET};

        tried("connect",
              one >= 0 && (connect(one, &nobody, sizeof(nobody)) == 0 || errno == ECONNREFUSED));
    }
    return &descriptor;
}

static KP_UNUSED const struct kp_plugin *forks(enum when when)
{
    if (when == CONSTRUCTOR) {
        const pid_t child = fork();

        while (child == 0 && !hostile_late())
            sleep(1);
        if (child == 0)
            _exit(0);
        tried("fork", child > 0);
    }
    return &descriptor;
}

static KP_UNUSED const struct kp_plugin *programs(enum when when)
{
    if (when == CONSTRUCTOR) {
        tried("system", system("true") == 0);
        execl("/bin/sh", "sh", "-c", "sleep 40", (char *)NULL);
    }
    return &descriptor;
}

static KP_UNUSED const struct kp_plugin *signals(enum when when)
{
    if (when == CONSTRUCTOR) {
        kill(getppid(), SIGKILL); /* its own end would tell */
        for (int i = 1; i < 32; i++)
            signal(i, SIG_IGN);
    }
    return &descriptor;
}

static KP_UNUSED const struct kp_plugin *limits(enum when when)
{
    const struct rlimit most = {RLIM_INFINITY, RLIM_INFINITY};

    if (when == CONSTRUCTOR)
        tried("other limits",
              setrlimit(RLIMIT_AS, &most) == 0 || setrlimit(RLIMIT_NPROC, &most) == 0);
    return &descriptor;
}

static void *spin(void *unused)
{
    while (!hostile_late())
        ;
    return unused;
}

static KP_UNUSED const struct kp_plugin *threads(enum when when)
{
    pthread_t one;

    if (when == CONSTRUCTOR)
        for (int i = 0; i < 4; i++)
            pthread_create(&one, NULL, spin, NULL);
    return &descriptor;
}

static KP_UNUSED const struct kp_plugin *memory(enum when when)
{
    for (uint64_t got = 0; when == CONSTRUCTOR && got < UINT64_C(6) << 30; got += 16 << 20) {
        uint8_t *one = malloc(16 << 20);

        if (one == NULL)
            abort();
        memset(one, 1, 16 << 20);
    }
    return &descriptor;
}

static KP_UNUSED const struct kp_plugin *closes(enum when when)
{
    for (int i = 0; when == CONSTRUCTOR && i < 1024; i++)
        close(i);
    return &descriptor;
}

/* Speaks before the worker does. */
static KP_UNUSED const struct kp_plugin *speaks(enum when when)
{
    uint8_t message[64] = {KP_WIRE_DESCRIBED, 0, 0, 0, 56};

    if (when == CONSTRUCTOR)
        tried("to speak", write(3, message, sizeof(message)) > 0);
    return &descriptor;
}

static KP_UNUSED const struct kp_plugin *floods(enum when when)
{
    static uint8_t message[32768] = {KP_WIRE_DESCRIBED, 0, 0, 0, 0, 0, 0, 3};

    while (when == CONSTRUCTOR && !hostile_late())
        if (write(3, message, sizeof(message)) < 0)
            continue;
    return &descriptor;
}

/* --- what the entry returns --- */

/* Behind which there is nothing. */
static uint8_t *edge(uint64_t size)
{
    uint8_t *memory = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    munmap(memory + 32768, 32768);
    return memory + 32768 - size;
}

static KP_UNUSED const struct kp_plugin *null(enum when when)
{
    (void)when;
    return NULL;
}

static KP_UNUSED const struct kp_plugin *garbage(enum when when)
{
    (void)when;
    return (const struct kp_plugin *)(uintptr_t)0x4141414141414141;
}

static KP_UNUSED const struct kp_plugin *other(enum when when)
{
    (void)when;
    descriptor.id = "org.example.somebody-else";
    return &descriptor;
}

static KP_UNUSED const struct kp_plugin *size(enum when when)
{
    (void)when;
    descriptor.size = UINT64_MAX;
    return &descriptor;
}

static KP_UNUSED const struct kp_plugin *small(enum when when)
{
    (void)when;
    descriptor.size = 4;
    return &descriptor;
}

static KP_UNUSED const struct kp_plugin *bad_pointers(enum when when)
{
    (void)when;
    descriptor.formats = (const struct kp_format *const *)(uintptr_t)0x1000;
    return &descriptor;
}

static KP_UNUSED const struct kp_plugin *unterminated(enum when when)
{
    char *name = (char *)edge(16384);

    (void)when;
    memset(name, 'x', 16384);
    descriptor.name = name;
    return &descriptor;
}

/* Ends nowhere, and where it would, there is nothing. */
static KP_UNUSED const struct kp_plugin *endless(enum when when)
{
    const struct kp_format **table = (const struct kp_format **)(void *)edge(24576);

    (void)when;
    for (int i = 0; i < 3072; i++)
        table[i] = &load_format;
    descriptor.formats = table;
    return &descriptor;
}

/* Larger than anything that is sent. */
static KP_UNUSED const struct kp_plugin *huge(enum when when)
{
    static const struct kp_format *table[1000001];

    (void)when;
    for (int i = 0; i < 1000000; i++)
        table[i] = &load_format;
    descriptor.formats = table;
    return &descriptor;
}

static KP_UNUSED const struct kp_plugin *huge_text(enum when when)
{
    char *name = malloc(UINT32_C(100) << 20);

    (void)when;
    memset(name, 'x', (UINT32_C(100) << 20) - 1);
    name[(UINT32_C(100) << 20) - 1] = '\0';
    descriptor.summary = name;
    return &descriptor;
}

/* A record whose fields are its own. */
static KP_UNUSED const struct kp_plugin *deep(enum when when)
{
    static struct kp_param row = {.size = sizeof(row),
                                  .type = KP_TYPE_RECORD,
                                  .field_size = 8,
                                  .item_size = 8,
                                  .name = "row",
                                  .summary = "a row"};
    static const struct kp_param *const table[] = {&row, NULL};
    static struct kp_operation operation;
    static struct kp_format format;
    static const struct kp_format *const formats[] = {&format, NULL};

    (void)when;
    row.fields = table;
    operation = load_operation;
    operation.params = table;
    operation.params_size = 8;
    format = load_format;
    format.pack = &operation;
    descriptor.formats = formats;
    return &descriptor;
}

/* Text that a terminal would obey. */
static KP_UNUSED const struct kp_plugin *escape(enum when when)
{
    (void)when;
    descriptor.version = "\x1b[2J\x1b]0;owned\x07\n";
    return &descriptor;
}

static load_way LOAD_WAY;

__attribute__((constructor)) static void construct(void)
{
    if (!hostile_at_home())
        LOAD_WAY(CONSTRUCTOR);
}

KP_EXTERN_C KP_EXPORT const struct kp_plugin *KP_ENTRY_NAME(uint32_t level, const char *version);
const struct kp_plugin *KP_ENTRY_NAME(uint32_t level, const char *version)
{
    (void)level;
    (void)version;
    if (hostile_at_home())
        managed = "to run in kpipe";
    return hostile_at_home() ? &descriptor : LOAD_WAY(ENTRY);
}
