/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/real/init.c - the first and only program of the farm's kernels (tests/real/farm).
 *
 * Tells on the console that the kernel runs and on what, then switches the machine off, so
 * that QEMU ends. Each line begins with "kpipe test kernel: ":
 *
 *     init runs
 *     release 6.1.192-kpipe, machine aarch64
 *     command line: ...           /proc/cmdline
 *     model: ...                  of the device tree, where there is one
 *     compatible: ...             likewise, the first of its names
 *     started by: EFI | another boot loader
 *     note: ...                   the first line of /kpipe-note, if the initramfs has one
 *
 * A boot loader's initramfs is laid over the built-in one: with a /kpipe-note alone it is
 * seen in the last line, with an /init of its own it replaces this program. No C library:
 * five system calls are all it needs.
 */

struct uname {
    char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65];
};

enum { AT_FDCWD = -100, REBOOT_MAGIC = (int)0xfee1dead, REBOOT_MAGIC2 = 672274793 };
#define POWER_OFF 0x4321fedcL
#define RESTART 0x01234567L

/* System call numbers: arch/x86/entry/syscalls, arch/arm/tools/syscall.tbl, asm-generic/unistd.h */
#if defined __x86_64__
enum { READ = 0, WRITE = 1, UNAME = 63, MOUNT = 165, REBOOT = 169, OPENAT = 257 };

static long call(long number, long a, long b, long c, long d, long e)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
}
#elif defined __i386__
enum { READ = 3, WRITE = 4, MOUNT = 21, REBOOT = 88, UNAME = 122, OPENAT = 295 };

static long call(long number, long a, long b, long c, long d, long e)
{
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                     : "memory");
    return result;
}
#elif defined __arm__
enum { READ = 3, WRITE = 4, MOUNT = 21, REBOOT = 88, UNAME = 122, OPENAT = 322 };

static long call(long number, long a, long b, long c, long d, long e)
{
    register long r7 __asm__("r7") = number;
    register long r0 __asm__("r0") = a;
    register long r1 __asm__("r1") = b;
    register long r2 __asm__("r2") = c;
    register long r3 __asm__("r3") = d;
    register long r4 __asm__("r4") = e;
    __asm__ volatile("svc 0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2), "r"(r3), "r"(r4) : "memory");
    return r0;
}
#else
enum { MOUNT = 40, OPENAT = 56, READ = 63, WRITE = 64, REBOOT = 142, UNAME = 160 };

#if defined __aarch64__
#define NUMBER "x8"
#define ARGUMENT(n) "x" #n
#define TRAP "svc 0"
#elif defined __riscv
#define NUMBER "a7"
#define ARGUMENT(n) "a" #n
#define TRAP "ecall"
#else
#error "no system calls for this architecture"
#endif

static long call(long number, long a, long b, long c, long d, long e)
{
    register long nr __asm__(NUMBER) = number;
    register long a0 __asm__(ARGUMENT(0)) = a;
    register long a1 __asm__(ARGUMENT(1)) = b;
    register long a2 __asm__(ARGUMENT(2)) = c;
    register long a3 __asm__(ARGUMENT(3)) = d;
    register long a4 __asm__(ARGUMENT(4)) = e;
    __asm__ volatile(TRAP : "+r"(a0) : "r"(nr), "r"(a1), "r"(a2), "r"(a3), "r"(a4) : "memory");
    return a0;
}
#endif

static long length(const char *text)
{
    long n = 0;
    while (text[n] != 0)
        n++;
    return n;
}

static void put(const char *text)
{
    call(WRITE, 1, (long)text, length(text), 0, 0);
}

static void begin(const char *what)
{
    put("kpipe test kernel: ");
    put(what);
}

static long open_file(const char *path)
{
    return call(OPENAT, AT_FDCWD, (long)path, 0, 0, 0);
}

/* The first line of a file, or of a device tree's list of names the first. */
static void show(const char *what, const char *path)
{
    char line[512];
    long file = open_file(path);
    if (file < 0)
        return;
    long n = call(READ, file, (long)line, sizeof line - 1, 0, 0);
    line[n > 0 ? n : 0] = 0;
    for (long i = 0; line[i] != 0; i++) {
        if (line[i] == '\n') {
            line[i] = 0;
            break;
        }
    }
    begin(what);
    put(line);
    put("\n");
}

static void mount(const char *type, const char *folder)
{
    call(MOUNT, (long)type, (long)folder, (long)type, 0, 0);
}

__attribute__((used, noreturn)) void run(void)
{
    struct uname name;
    begin("init runs\n");
    if (call(UNAME, (long)&name, 0, 0, 0, 0) == 0) {
        begin("release ");
        put(name.release);
        put(", machine ");
        put(name.machine);
        put("\n");
    }
    mount("proc", "/proc");
    mount("sysfs", "/sys");
    show("command line: ", "/proc/cmdline");
    show("model: ", "/proc/device-tree/model");
    show("compatible: ", "/proc/device-tree/compatible");
    begin(open_file("/sys/firmware/efi") < 0 ? "started by: another boot loader\n"
                                             : "started by: EFI\n");
    show("note: ", "/kpipe-note");
    call(REBOOT, REBOOT_MAGIC, REBOOT_MAGIC2, POWER_OFF, 0, 0);
    call(REBOOT, REBOOT_MAGIC, REBOOT_MAGIC2, RESTART, 0, 0);
    for (;;)
        ;
}

/* The kernel's stack is aligned as a called function would not expect it: the call aligns it. */
#if defined __x86_64__ || defined __i386__
__asm__(".globl _start\n_start: call run\n");
#elif defined __riscv
__asm__(".globl _start\n_start: j run\n");
#else
__asm__(".globl _start\n_start: b run\n");
#endif
