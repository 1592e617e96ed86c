/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/hostile/pry.c - a plugin that reaches for what is not its business: files,
 * programs, the network, other processes, corners of the kernel.
 *
 * Every attempt ends with an error that says whether it was refused; none does harm where it
 * succeeds.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
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
#include <termios.h>
#include <unistd.h>

#include "hostile.h"

extern char **environ;

static const char *path_of(struct kp_call *call)
{
    const struct hostile_params *params = call->params;

    return params->path.bytes;
}

static pid_t process_of(struct kp_call *call)
{
    const struct hostile_params *params = call->params;

    return params->number == 0 ? getppid() : (pid_t)params->number;
}

/* --- files --- */

static int opens(const char *path, int flags)
{
    const int file = open(path, flags, 0666);

    if (file >= 0)
        close(file);
    return file >= 0;
}

static int32_t how_passwd(struct kp_call *call)
{
    return hostile_tried(call, "open /etc/passwd", opens("/etc/passwd", O_RDONLY));
}

static int32_t how_read(struct kp_call *call)
{
    return hostile_tried(call, "open the file", opens(path_of(call), O_RDONLY));
}

static int32_t how_write(struct kp_call *call)
{
    const int file = open(path_of(call), O_WRONLY);

    return hostile_tried(call, "write to the file", file >= 0 && write(file, "evil", 4) == 4);
}

static int32_t how_create(struct kp_call *call)
{
    static const char *const places[] = {"/tmp/kpipe-hostile",     "/var/tmp/kpipe-hostile",
                                         "/dev/shm/kpipe-hostile", "/kpipe-hostile",
                                         "kpipe-hostile",          NULL};
    int made = 0;

    for (int i = 0; places[i] != NULL; i++)
        made += opens(places[i], O_WRONLY | O_CREAT);
    return hostile_tried(call, "create files", made);
}

static int32_t how_change(struct kp_call *call)
{
    const char *path = path_of(call);

    return hostile_tried(call, "change the file",
                         chmod(path, 0777) == 0 || chown(path, 1, 1) == 0 ||
                             utimensat(AT_FDCWD, path, NULL, 0) == 0 || truncate(path, 0) == 0);
}

static int32_t how_remove(struct kp_call *call)
{
    const char *path = path_of(call);

    return hostile_tried(call, "remove the file",
                         unlink(path) == 0 || rename(path, "/tmp/kpipe-hostile") == 0 ||
                             symlink("/etc/passwd", path) == 0 ||
                             link(path, "/kpipe-hostile") == 0);
}

static int lists(const char *path)
{
    DIR *folder = opendir(path);

    if (folder != NULL)
        closedir(folder);
    return folder != NULL;
}

static int32_t how_list(struct kp_call *call)
{
    return hostile_tried(call, "list folders",
                         lists("/") || lists(".") || lists("/proc") || lists("/root"));
}

static int32_t how_self(struct kp_call *call)
{
    return hostile_tried(call, "read /proc/self",
                         opens("/proc/self/environ", O_RDONLY) ||
                             opens("/proc/self/maps", O_RDONLY) ||
                             opens("/proc/self/mem", O_RDWR) || lists("/proc/self/fd"));
}

static int32_t how_environment(struct kp_call *call)
{
    return hostile_tried(call, "read the environment",
                         getenv("HOME") != NULL || getenv("KPIPE_HOSTILE") != NULL);
}

static int32_t how_folder(struct kp_call *call)
{
    char here[4096];

    return hostile_tried(call, "the current folder",
                         getcwd(here, sizeof(here)) != NULL && strcmp(here, "/") != 0);
}

/* --- descriptors: whatever it finds among its own --- */

static int32_t descriptors(struct kp_call *call, const char *what, int (*try)(int file))
{
    int managed = 0;

    for (int i = 0; i < 1024; i++)
        if (fcntl(i, F_GETFD) != -1)
            managed += try(i);
    return hostile_tried(call, what, managed);
}

static int is_regular(int file)
{
    struct stat status;

    return fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

/* Its own plugin is no secret to it: without namespaces it is opened by a descriptor. */
static int is_file(int file)
{
    char head[4] = "";

    return is_regular(file) && pread(file, head, sizeof(head), 0) >= 0 &&
           memcmp(head, "\177ELF", sizeof(head)) != 0;
}

static int32_t how_find(struct kp_call *call)
{
    return descriptors(call, "find a file among its descriptors", is_file);
}

static int cut(int file)
{
    return ftruncate(file, 0) == 0 || fallocate(file, FALLOC_FL_KEEP_SIZE, 0, 4096) == 0;
}

static int32_t how_truncate(struct kp_call *call)
{
    return descriptors(call, "cut a file", cut);
}

static int mode(int file)
{
    return is_regular(file) && fchmod(file, 0777) == 0;
}

static int32_t how_mode(struct kp_call *call)
{
    return descriptors(call, "change a file's mode", mode);
}

static int overwrite(int file)
{
    return pwrite(file, "evil", 4, 0) == 4;
}

static int32_t how_overwrite(struct kp_call *call)
{
    return descriptors(call, "write to a file", overwrite);
}

static int map(int file)
{
    struct stat status;

    return fstat(file, &status) == 0 && status.st_size > 4096 &&
           mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) != MAP_FAILED;
}

/* The control page is one page, and is shared for writing: nobody believes what is there. */
static int32_t how_map(struct kp_call *call)
{
    return descriptors(call, "map a file for writing", map);
}

static int32_t how_terminal(struct kp_call *call)
{
    struct termios how;
    int managed = opens("/dev/tty", O_RDWR);

    for (int i = 0; i < 10; i++)
        managed += tcgetattr(i, &how) == 0 || ioctl(i, TIOCSTI, "x") == 0;
    return hostile_tried(call, "the terminal", managed);
}

/* --- programs --- */

static char *shell[] = {"sh", "-c", "echo owned >&2", NULL};

static int32_t how_exec(struct kp_call *call)
{
    execve("/bin/sh", shell, environ);
    return hostile_tried(call, "execve", 0);
}

static int32_t how_spawn(struct kp_call *call)
{
    pid_t child;
    const int error = posix_spawn(&child, "/bin/sh", NULL, NULL, shell, environ);

    errno = error;
    return hostile_tried(call, "posix_spawn", error == 0);
}

static int32_t how_system(struct kp_call *call)
{
    return hostile_tried(call, "system", system("true") == 0);
}

static int32_t how_popen(struct kp_call *call)
{
    FILE *pipe = popen("echo owned", "r");

    return hostile_tried(call, "popen", pipe != NULL && fgetc(pipe) == 'o');
}

/* A program out of memory. */
static int32_t how_exec_memory(struct kp_call *call)
{
    const int file = memfd_create("sh", 0);

    if (file < 0 || write(file, "#!/bin/sh\n", 10) != 10)
        return hostile_tried(call, "a program in memory", 0);
    fexecve(file, shell, environ);
    return hostile_tried(call, "a program in memory", 0);
}

static const struct kp_image *run_tool(struct kp_call *call, const char *name)
{
    static const char *const arguments[] = {"-c", "echo owned", NULL};
    const struct kp_tools *tools = call->host->get_extension(call->host, KP_TOOLS_ID);
    const struct kp_tool_run run = {.size = sizeof(run), .tool = name, .arguments = arguments};

    return tools->run(call, &run);
}

static int32_t how_tool_undeclared(struct kp_call *call)
{
    return run_tool(call, "bash") == NULL ? KP_FAILED : kp_fail(call, "a tool undeclared: DONE");
}

static int32_t how_tool_path(struct kp_call *call)
{
    return run_tool(call, "/bin/sh") == NULL ? KP_FAILED : kp_fail(call, "a path: DONE");
}

/* The note says `sh`, and nobody granted it. */
static int32_t how_tool(struct kp_call *call)
{
    return run_tool(call, "sh") == NULL ? KP_FAILED : kp_fail(call, "a tool declared: DONE");
}

/* --- the network --- */

static int32_t connects(struct kp_call *call, int type, const char *what)
{
    const struct hostile_params *params = call->params;
    struct sockaddr_in address = {.sin_family = AF_INET};
    const int one = socket(AF_INET, type, 0);

    address.sin_port = htons((uint16_t)params->number);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return hostile_tried(
        call, what, one >= 0 && connect(one, (struct sockaddr *)&address, sizeof(address)) == 0);
}

static int32_t how_connect(struct kp_call *call)
{
    return connects(call, SOCK_STREAM, "connect");
}

static int32_t how_datagram(struct kp_call *call)
{
    return connects(call, SOCK_DGRAM, "a datagram");
}

static int32_t how_sockets(struct kp_call *call)
{
    static const int families[] = {AF_UNIX,   AF_INET, AF_INET6, AF_NETLINK,
                                   AF_PACKET, AF_ALG,  AF_VSOCK};
    int made = 0;

    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        made += socket(families[i], SOCK_DGRAM, 0) >= 0 || socket(families[i], SOCK_STREAM, 0) >= 0;
    return hostile_tried(call, "sockets", made);
}

static int32_t how_local(struct kp_call *call)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int one = socket(AF_UNIX, SOCK_STREAM, 0);

    memcpy(address.sun_path, "\0kpipe-hostile", 14);
    return hostile_tried(call, "a local socket",
                         one >= 0 && bind(one, (struct sockaddr *)&address, sizeof(address)) == 0);
}

static int32_t how_listen(struct kp_call *call)
{
    const int one = socket(AF_INET, SOCK_STREAM, 0);

    return hostile_tried(call, "listen", one >= 0 && listen(one, 1) == 0);
}

/* --- other processes --- */

static int32_t how_signal(struct kp_call *call)
{
    const pid_t whom = process_of(call);

    return hostile_tried(call, "signals",
                         whom > 1 && (kill(whom, SIGTERM) == 0 || kill(-whom, SIGTERM) == 0));
}

/* If that had any effect, its own end would tell. */
static int32_t how_signal_keeper(struct kp_call *call)
{
    kill(getppid(), SIGTERM);
    kill(getppid(), SIGKILL);
    return hostile_tried(call, "a signal to its keeper", 0);
}

static int32_t how_signal_group(struct kp_call *call)
{
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
    return hostile_tried(call, "a signal to its group", 0);
}

static int32_t how_signal_all(struct kp_call *call)
{
    signal(SIGTERM, SIG_IGN);
    kill(-1, SIGTERM);
    return hostile_tried(call, "a signal to everybody", 0);
}

static int32_t how_ptrace(struct kp_call *call)
{
    return hostile_tried(call, "ptrace",
                         ptrace(PTRACE_ATTACH, process_of(call), NULL, NULL) == 0 ||
                             ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0 ||
                             ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
}

static int32_t how_memory_of(struct kp_call *call)
{
    char here[16];
    struct iovec local = {here, sizeof(here)}, remote = {call, sizeof(here)};

    return hostile_tried(call, "memory of another process",
                         process_vm_readv(process_of(call), &local, 1, &remote, 1, 0) > 0);
}

static int32_t how_pidfd(struct kp_call *call)
{
    return hostile_tried(call, "pidfd_open", syscall(SYS_pidfd_open, process_of(call), 0) >= 0);
}

/* --- its own limits --- */

static int32_t how_limits(struct kp_call *call)
{
    const struct rlimit most = {RLIM_INFINITY, RLIM_INFINITY};

    return hostile_tried(call, "raise its limits",
                         setrlimit(RLIMIT_AS, &most) == 0 || setrlimit(RLIMIT_NPROC, &most) == 0 ||
                             setrlimit(RLIMIT_FSIZE, &most) == 0 ||
                             prlimit(getppid(), RLIMIT_NOFILE, &most, NULL) == 0);
}

static int32_t how_priority(struct kp_call *call)
{
    const struct sched_param first = {.sched_priority = 1};

    return hostile_tried(call, "its priority",
                         setpriority(PRIO_PROCESS, 0, -20) == 0 ||
                             sched_setscheduler(0, SCHED_FIFO, &first) == 0);
}

static int32_t how_user(struct kp_call *call)
{
    return hostile_tried(call, "another user",
                         setuid(0) == 0 || setgid(0) == 0 || setresuid(0, 0, 0) == 0);
}

static int32_t how_session(struct kp_call *call)
{
    return hostile_tried(call, "a session of its own", setsid() >= 0 || setpgid(0, 0) == 0);
}

/* --- corners of the kernel --- */

static int32_t how_io_uring(struct kp_call *call)
{
    struct io_uring_params params = {0};

    return hostile_tried(call, "io_uring", syscall(SYS_io_uring_setup, 4, &params) >= 0);
}

static int32_t how_userfaultfd(struct kp_call *call)
{
    return hostile_tried(call, "userfaultfd",
                         syscall(SYS_userfaultfd, 0) >= 0 || syscall(SYS_userfaultfd, 1) >= 0);
}

static int32_t how_bpf(struct kp_call *call)
{
    uint64_t attributes[16] = {1, 4, 4, 1};

    return hostile_tried(call, "bpf", syscall(SYS_bpf, 0, attributes, sizeof(attributes)) >= 0);
}

static int32_t how_perf(struct kp_call *call)
{
    struct perf_event_attr what = {.size = sizeof(what)};

    return hostile_tried(call, "perf_event_open",
                         syscall(SYS_perf_event_open, &what, 0, -1, -1, 0) >= 0);
}

static int32_t how_unshare(struct kp_call *call)
{
    return hostile_tried(call, "unshare",
                         unshare(CLONE_NEWUSER) == 0 || unshare(CLONE_NEWNS) == 0 ||
                             unshare(CLONE_FILES) == 0);
}

static int32_t how_mount(struct kp_call *call)
{
    return hostile_tried(call, "mount",
                         mount("none", "/", "tmpfs", 0, NULL) == 0 || chroot("/") == 0 ||
                             umount2("/", MNT_DETACH) == 0);
}

static int32_t how_keys(struct kp_call *call)
{
    return hostile_tried(call, "keys of the kernel",
                         syscall(SYS_add_key, "user", "x", "y", 1, -3) >= 0 ||
                             syscall(SYS_keyctl, 0, -3, 1) >= 0);
}

static int32_t how_handle(struct kp_call *call)
{
    struct file_handle handle = {.handle_bytes = 0};

    return hostile_tried(call, "open_by_handle_at",
                         open_by_handle_at(AT_FDCWD, &handle, O_RDONLY) >= 0);
}

static int32_t how_privileges(struct kp_call *call)
{
    return hostile_tried(call, "new privileges",
                         prctl(PR_CAPBSET_READ, 21) == 1 && prctl(PR_SET_KEEPCAPS, 1) == 0);
}

static int32_t how_personality(struct kp_call *call)
{
    return hostile_tried(call, "personality", syscall(SYS_personality, 0x0400000) >= 0);
}

static int32_t how_shared_memory(struct kp_call *call)
{
    return hostile_tried(call, "memory of System V",
                         syscall(SYS_shmget, 0, 4096, 01777) >= 0 ||
                             syscall(SYS_msgget, 0, 01777) >= 0);
}

static int32_t how_clock(struct kp_call *call)
{
    const struct timespec now = {0};

    return hostile_tried(call, "set the clock", clock_settime(CLOCK_REALTIME, &now) == 0);
}

#if defined(__x86_64__)
/* System calls of another architecture, which a filter may have forgotten. */
static int32_t how_other_calls(struct kp_call *call)
{
    long got = -1;

    errno = ENOSYS;
    __asm__ volatile("int $0x80" : "=a"(got) : "a"(20L) : "memory"); /* getpid of i386 */
    if (got < 0)
        got = syscall(0x40000000 + SYS_getppid);
    return hostile_tried(call, "calls of another architecture", got > 0);
}
#else
static int32_t how_other_calls(struct kp_call *call)
{
    return hostile_tried(call, "calls of another architecture", 0);
}
#endif

#define HOSTILE_WAYS(WAY)                                                                          \
    WAY(passwd)                                                                                    \
    WAY(read)                                                                                      \
    WAY(write)                                                                                     \
    WAY(create)                                                                                    \
    WAY(change)                                                                                    \
    WAY(remove)                                                                                    \
    WAY(list)                                                                                      \
    WAY(self)                                                                                      \
    WAY(environment)                                                                               \
    WAY(folder)                                                                                    \
    WAY(find)                                                                                      \
    WAY(truncate)                                                                                  \
    WAY(mode)                                                                                      \
    WAY(overwrite)                                                                                 \
    WAY(map)                                                                                       \
    WAY(terminal)                                                                                  \
    WAY(exec)                                                                                      \
    WAY(spawn)                                                                                     \
    WAY(system)                                                                                    \
    WAY(popen)                                                                                     \
    WAY(exec_memory)                                                                               \
    WAY(tool_undeclared)                                                                           \
    WAY(tool_path)                                                                                 \
    WAY(tool)                                                                                      \
    WAY(connect)                                                                                   \
    WAY(datagram)                                                                                  \
    WAY(sockets)                                                                                   \
    WAY(local)                                                                                     \
    WAY(listen)                                                                                    \
    WAY(signal)                                                                                    \
    WAY(signal_keeper)                                                                             \
    WAY(signal_group)                                                                              \
    WAY(signal_all)                                                                                \
    WAY(ptrace)                                                                                    \
    WAY(memory_of)                                                                                 \
    WAY(pidfd)                                                                                     \
    WAY(limits)                                                                                    \
    WAY(priority)                                                                                  \
    WAY(user)                                                                                      \
    WAY(session)                                                                                   \
    WAY(io_uring)                                                                                  \
    WAY(userfaultfd)                                                                               \
    WAY(bpf)                                                                                       \
    WAY(perf)                                                                                      \
    WAY(unshare)                                                                                   \
    WAY(mount)                                                                                     \
    WAY(keys)                                                                                      \
    WAY(handle)                                                                                    \
    WAY(privileges)                                                                                \
    WAY(personality)                                                                               \
    WAY(shared_memory)                                                                             \
    WAY(clock)                                                                                     \
    WAY(other_calls)

HOSTILE_PLUGIN("org.example.pry", "pry", KP_WANTS_TOOL("sh"))
