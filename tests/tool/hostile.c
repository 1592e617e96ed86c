/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/tool/hostile.c - a host tool that does one thing that a tool should not, or cannot: the
 * tests of tool/ run it. What it managed stands on its standard output.
 *
 *     hostile ACT [ARGUMENT]
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int say(const char *what, int good)
{
    printf("%s: %s\n", what, good ? "done" : strerrorname_np(errno));
    return 0;
}

static int connect_to(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const int one = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_port = htons((unsigned short)atoi(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (one < 0)
        return say("socket", 0);
    return say("connect", connect(one, (struct sockaddr *)&address, sizeof(address)) == 0);
}

static int send_to(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const int one = socket(AF_INET, SOCK_DGRAM, 0);

    address.sin_port = htons((unsigned short)atoi(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (one < 0)
        return say("socket", 0);
    return say("send", sendto(one, "x", 1, 0, (struct sockaddr *)&address, sizeof(address)) == 1);
}

static int read_file(const char *path)
{
    char text[64] = "";
    const int file = open(path, O_RDONLY);

    if (file < 0)
        return say("open", 0);
    return say("read", read(file, text, sizeof(text)) >= 0);
}

static int write_file(const char *path)
{
    const int file = open(path, O_WRONLY | O_CREAT, 0644);

    if (file < 0)
        return say("open", 0);
    return say("write", write(file, "evil", 4) == 4);
}

/* As many processes as it is told to, each of which stays. */
static int bomb(const char *count)
{
    int made = 0;

    for (; made < atoi(count); made++) {
        const pid_t child = fork();

        if (child < 0)
            break;
        if (child == 0) {
            signal(SIGTERM, SIG_IGN);
            setsid();
            for (;;)
                pause();
        }
    }
    return say("fork", made == atoi(count));
}

/* A process that has nothing to do with its parents any more. */
static int daemonise(const char *how)
{
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            for (;;)
                pause();
        }
        _exit(0);
    }
    if (strcmp(how, "wait") == 0)
        wait(NULL);
    return say("fork", 1);
}

static int fill(int to, const char *most)
{
    static char text[65536];
    long long left = atoll(most);

    memset(text, 'x', sizeof(text));
    while (left > 0) {
        const size_t most_now = left < (long long)sizeof(text) ? (size_t)left : sizeof(text);
        const ssize_t wrote = write(to, text, most_now);

        if (wrote < 0)
            return errno == EFBIG ? 7 : 8;
        left -= wrote;
    }
    return 0;
}

/* Says so much that only its end can be kept, and plays with the terminal. */
static int shout(const char *status)
{
    for (int i = 0; i < 20000; i++)
        fprintf(stderr, "line %d of far too many\n", i);
    fputs("\x1b[2J\x1b[31mred\x07 and \xff\n", stderr);
    fputs("last words\n", stderr);
    return atoi(status);
}

/* A chain of folders that no path leads to the end of. */
static int dig(const char *depth)
{
    for (int i = 0; i < atoi(depth); i++)
        if (mkdir("d", 0700) != 0 || chdir("d") != 0)
            return say("mkdir", 0);
    if (chmod(".", 0) != 0)
        return say("chmod", 0);
    return say("mkdir", 1);
}

/* Everything that makes a folder hard to remove. */
static int litter(const char *unused)
{
    (void)unused;
    if (mkdir("closed", 0700) != 0 || mkdir("closed/inner", 0700) != 0 ||
        symlink("/usr", "closed/link") != 0 || mkfifo("fifo", 0600) != 0 ||
        chmod("closed/inner", 0) != 0 || chmod("closed", 0) != 0 || chmod(".", 0) != 0)
        return say("litter", 0);
    return say("litter", 1);
}

static int show_environment(const char *unused)
{
    (void)unused;
    for (char **at = environ; *at != NULL; at++)
        puts(*at);
    return 0;
}

/* Which descriptors it was given. */
static int show_descriptors(const char *unused)
{
    (void)unused;
    for (int i = 0; i < 1024; i++)
        if (fcntl(i, F_GETFD) != -1)
            printf("%d ", i);
    putchar('\n');
    return 0;
}

static int copy(const char *unused)
{
    char text[65536];
    ssize_t got;

    (void)unused;
    while ((got = read(0, text, sizeof(text))) > 0)
        if (write(1, text, (size_t)got) != got)
            return 1;
    return 0;
}

static int crash(const char *number)
{
    raise(atoi(number));
    abort();
}

static int wait_for_ever(const char *how)
{
    if (strcmp(how, "deaf") == 0)
        for (int i = 1; i < 32; i++)
            signal(i, SIG_IGN);
    while (pause() < 0)
        ;
    return 0;
}

static int make_link(const char *to)
{
    return symlink(to, "out") != 0;
}

static int make_fifo(const char *path)
{
    return mkfifo(path, 0600) != 0;
}

static int make_folder(const char *path)
{
    return mkdir(path, 0700) != 0;
}

static int make_file(const char *most)
{
    return fill(open("out", O_WRONLY | O_CREAT, 0600), most);
}

static int write_much(const char *most)
{
    return fill(1, most);
}

/* Does not mind being told that a file is too large. */
static int write_too_much(const char *most)
{
    signal(SIGXFSZ, SIG_IGN);
    return fill(1, most);
}

static int find_process(const char *number)
{
    return say("kill", kill(atoi(number), 0) == 0);
}

static int kill_parent(const char *unused)
{
    (void)unused;
    return say("kill", kill(getppid(), SIGKILL) == 0);
}

static int end_with(const char *status)
{
    return atoi(status);
}

static int show_file(const char *path)
{
    char text[64];
    const int file = open(path, O_RDONLY);
    const ssize_t got = file < 0 ? -1 : read(file, text, sizeof(text));

    return got < 0 || write(1, text, (size_t)got) != got;
}

/* Ends well, and has something to say. */
static int warn(const char *status)
{
    fputs("one thing\nand \033[2J another\n", stderr);
    puts("done");
    return atoi(status);
}

static int mount_something(const char *unused)
{
    (void)unused;
    return say("mount", mount("none", ".", "tmpfs", 0, NULL) == 0);
}

static int version(const char *unused)
{
    (void)unused;
    puts("hostile 6.66");
    return 0;
}

static const struct act {
    const char *name;
    int (*run)(const char *argument);
} acts[] = {
    {"--version", version},
    {"connect", connect_to},
    {"send", send_to},
    {"read", read_file},
    {"write", write_file},
    {"bomb", bomb},
    {"daemon", daemonise},
    {"shout", shout},
    {"dig", dig},
    {"litter", litter},
    {"env", show_environment},
    {"descriptors", show_descriptors},
    {"copy", copy},
    {"crash", crash},
    {"wait", wait_for_ever},
    {"link", make_link},
    {"fifo", make_fifo},
    {"folder", make_folder},
    {"file", make_file},
    {"much", write_much},
    {"too-much", write_too_much},
    {"find", find_process},
    {"exit", end_with},
    {"mount", mount_something},
    {"show", show_file},
    {"warn", warn},
    {"parricide", kill_parent},
};

int main(int count, char **words)
{
    for (size_t i = 0; count > 1 && i < sizeof(acts) / sizeof(acts[0]); i++)
        if (strcmp(acts[i].name, words[1]) == 0)
            return acts[i].run(count > 2 ? words[2] : "");
    return 99;
}
