/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/tool/inmate.c - a worker that does one thing that a worker should not, or cannot:
 * tests/unit/sandbox-*.c run it in place of kpipe-worker. It receives a word and its
 * argument over its socket, then a filter of system calls, which it installs if there
 * is one, and answers what it managed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKET 3

extern char **environ;

static void answer(const char *text)
{
    if (send(SOCKET, text, strlen(text), MSG_NOSIGNAL) < 0)
        _exit(98);
}

static void say(const char *what, int good)
{
    char text[256];

    snprintf(text, sizeof(text), "%s: %s", what, good ? "done" : strerrorname_np(errno));
    answer(text);
}

static void connect_to(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const int one = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_port = htons((unsigned short)atoi(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (one < 0)
        say("socket", 0);
    else
        say("connect", connect(one, (struct sockaddr *)&address, sizeof(address)) == 0);
}

static void read_file(const char *path)
{
    char text[64];
    const int file = open(path, O_RDONLY);

    if (file < 0)
        say("open", 0);
    else
        say("read", read(file, text, sizeof(text)) >= 0);
}

static void write_file(const char *path)
{
    const int file = open(path, O_WRONLY | O_CREAT, 0644);

    if (file < 0)
        say("open", 0);
    else
        say("write", write(file, "evil", 4) == 4);
}

static void truncate_file(const char *path)
{
    say("truncate", truncate(path, 0) == 0);
}

static void look_at(const char *path)
{
    struct stat status;

    say("stat", stat(path, &status) == 0);
}

static void nameless_file(const char *folder)
{
    say("open", open(folder, O_TMPFILE | O_RDWR, 0600) >= 0);
}

static void list_folder(const char *path)
{
    char text[1024] = "";
    struct dirent **names = NULL;
    const int count = scandir(path, &names, NULL, alphasort);

    for (int i = 0; i < count && strlen(text) + strlen(names[i]->d_name) + 2 < sizeof(text); i++) {
        if (names[i]->d_name[0] == '.')
            continue;
        strcat(text, names[i]->d_name);
        strcat(text, " ");
    }
    answer(count < 0 ? strerrorname_np(errno) : text);
}

static void do_fork(const char *unused)
{
    const pid_t child = fork();

    (void)unused;
    if (child == 0) {
        setsid();
        for (;;)
            pause();
    }
    say("fork", child > 0);
}

static void do_exec(const char *path)
{
    execl(path, path, (char *)NULL);
    say("exec", 0);
}

static void new_clone(const char *unused)
{
    struct clone_args how = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    const long child = syscall(SYS_clone3, &how, sizeof(how));

    (void)unused;
    if (child == 0)
        _exit(0);
    say("clone3", child > 0);
}

static void trace_parent(const char *unused)
{
    (void)unused;
    say("ptrace", ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0);
}

static void kill_parent(const char *unused)
{
    (void)unused;
    say("kill", kill(getppid(), SIGKILL) == 0);
}

static void find_process(const char *number)
{
    say("kill", kill(atoi(number), 0) == 0);
}

/* Has the kernel send a signal. */
static void own_other(const char *number)
{
    say("fcntl", fcntl(SOCKET, F_SETOWN, atoi(number)) == 0);
}

/* Descriptors that nobody receives are under way for all of the user's processes. */
static void send_descriptor(const char *unused)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {(void *)(uintptr_t) "x", 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};

    (void)unused;
    CMSG_FIRSTHDR(&message)->cmsg_level = SOL_SOCKET;
    CMSG_FIRSTHDR(&message)->cmsg_type = SCM_RIGHTS;
    CMSG_FIRSTHDR(&message)->cmsg_len = CMSG_LEN(sizeof(int)); /* of descriptor 0 */
    say("sendmsg", sendmsg(SOCKET, &message, MSG_NOSIGNAL) > 0);
}

/* To somebody by name. */
static void send_to_name(const char *unused)
{
    const struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "/nowhere"};

    (void)unused;
    say("sendto",
        sendto(SOCKET, "x", 1, MSG_NOSIGNAL, (const struct sockaddr *)&name, sizeof(name)) > 0);
}

static void raise_abort(const char *unused)
{
    (void)unused;
    abort();
}

static void take_memory(const char *bytes)
{
    say("mmap", mmap(NULL, (size_t)strtoull(bytes, NULL, 10), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED);
}

static void make_code(const char *unused)
{
    (void)unused;
    say("mmap",
        mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static void take_files(const char *most)
{
    int count = 0;

    while (count < atoi(most) && fcntl(2, F_DUPFD_CLOEXEC, 0) >= 0)
        count++;
    say("files", count == atoi(most));
}

static void *wait_long(void *unused)
{
    (void)unused;
    for (;;)
        sleep(1000);
    return NULL;
}

static void take_threads(const char *most)
{
    pthread_attr_t how;
    pthread_t thread;
    int count = 0, error = 0;

    pthread_attr_init(&how);
    pthread_attr_setstacksize(&how, 65536);
    while (count < atoi(most) && (error = pthread_create(&thread, &how, wait_long, NULL)) == 0)
        count++;
    errno = error;
    say("threads", count == atoi(most));
}

/* Has them, until it is noticed. */
static void crowd(const char *most)
{
    take_threads(most);
    wait_long(NULL);
}

static void memory_file(const char *unused)
{
    (void)unused;
    say("memfd", memfd_create("x", 0) >= 0);
}

static void do_mount(const char *unused)
{
    (void)unused;
    say("mount", mount("none", "/usr", "tmpfs", 0, NULL) == 0);
}

static void do_unshare(const char *unused)
{
    (void)unused;
    say("unshare", unshare(CLONE_NEWUSER) == 0);
}

static void set_death(const char *unused)
{
    (void)unused;
    say("prctl", prctl(PR_SET_PDEATHSIG, 0) == 0);
}

static void raise_limit(const char *unused)
{
    struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};

    (void)unused;
    say("setrlimit", setrlimit(RLIMIT_CPU, &none) == 0);
}

/* By the numbers of another architecture. */
static void old_call(const char *unused)
{
    (void)unused;
#ifdef __x86_64__
    long result;

    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory"); /* getpid */
    errno = ENOSYS;
    say("int80", result > 0);
#else
    raise(SIGSYS);
#endif
}

static void show_surroundings(const char *unused)
{
    char text[1024] = "";

    (void)unused;
    for (char **one = environ; *one != NULL; one++) {
        strcat(text, *one);
        strcat(text, " ");
    }
    for (int i = 0; i < 64; i++)
        if (fcntl(i, F_GETFD) >= 0)
            snprintf(text + strlen(text), 8, "%d ", i);
    answer(text);
}

/* What an honest plugin does. */
static void behave(const char *unused)
{
    struct timespec time;
    struct stat status;
    pthread_t thread;
    void *memory;

    (void)unused;
    memory = malloc(64 << 20);
    if (memory == NULL || realloc(memory, 128 << 20) == NULL)
        say("malloc", 0);
    else if (pthread_create(&thread, NULL, wait_long, NULL) != 0)
        say("pthread_create", 0);
    else if (clock_gettime(CLOCK_MONOTONIC, &time) != 0 || fstat(2, &status) != 0)
        say("clock, fstat", 0);
    else if (printf("to nobody\n") < 0 || fflush(stdout) != 0 || fprintf(stderr, "words\n") < 0)
        say("printf", 0);
    else
        say("all", 1);
}

static void load(const char *path)
{
    if (dlopen(path, RTLD_NOW | RTLD_LOCAL) == NULL)
        answer(dlerror());
    else
        say("dlopen", 1);
}

static void talk(const char *unused)
{
    (void)unused;
    for (int i = 0; i < 100000; i++)
        fprintf(stderr, "line %d\n", i);
    _exit(7);
}

static void hang(const char *unused)
{
    (void)unused;
    signal(SIGTERM, SIG_IGN);
    answer("hangs");
    for (;;)
        ;
}

static void crash(const char *unused)
{
    (void)unused;
    fprintf(stderr, "about to crash\n");
    *(volatile int *)8 = 1;
}

static const struct act {
    const char *name;
    void (*run)(const char *argument);
} acts[] = {
    {"connect", connect_to},
    {"read", read_file},
    {"write", write_file},
    {"truncate", truncate_file},
    {"stat", look_at},
    {"tmpfile", nameless_file},
    {"list", list_folder},
    {"fork", do_fork},
    {"exec", do_exec},
    {"clone3", new_clone},
    {"ptrace", trace_parent},
    {"parricide", kill_parent},
    {"find", find_process},
    {"own", own_other},
    {"rights", send_descriptor},
    {"name", send_to_name},
    {"abort", raise_abort},
    {"memory", take_memory},
    {"code", make_code},
    {"files", take_files},
    {"threads", take_threads},
    {"crowd", crowd},
    {"memfd", memory_file},
    {"mount", do_mount},
    {"unshare", do_unshare},
    {"death", set_death},
    {"limit", raise_limit},
    {"int80", old_call},
    {"env", show_surroundings},
    {"behave", behave},
    {"load", load},
    {"talk", talk},
    {"hang", hang},
    {"crash", crash},
};

/* A message, as text. -1: there is none any more. */
static ssize_t receive(void *to, size_t size)
{
    struct iovec part = {to, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    return recvmsg(SOCKET, &message, 0);
}

static void install(struct sock_filter *code, size_t length)
{
    const struct sock_fprog filter = {(unsigned short)length, code};

    if (length == 0)
        return;
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) != 0)
        say("seccomp", 0);
}

int main(void)
{
    static struct sock_filter code[BPF_MAXINSNS];
    char words[1024];
    char *argument;
    ssize_t length;

    answer("here");
    for (;;) {
        length = receive(words, sizeof(words) - 1);
        if (length <= 0)
            return 0;
        words[length] = '\0';
        argument = strchr(words, ' ');
        if (argument != NULL)
            *argument++ = '\0';
        length = receive(code, sizeof(code));
        if (length < 0)
            return 1;
        install(code, length <= 1 ? 0 : (size_t)length / sizeof(code[0]));
        for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
            if (strcmp(acts[i].name, words) == 0)
                acts[i].run(argument == NULL ? "" : argument);
    }
}
