/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/crash.c - see crash.h. What the handler relies on is found out while all is well and
 * cannot be written to afterwards. The handler itself calls nothing but the kernel.
 */
#include "worker/crash.h"

#include <errno.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define STACK_SIZE ((size_t)64 << 10)
/* So far is searched on a stack. */
#define SEARCH ((uintptr_t)64 << 10)
/* The largest page there is, and the smallest. */
#define LARGE_PAGE 65536
#define SMALL_PAGE ((uintptr_t)4096)
#define MOST_SEGMENTS 8

/* Where the plugin's code is. Alone on its pages, which become read-only. */
static union {
    struct {
        uintptr_t base; /* 0: not known */
        size_t count;
        struct {
            uintptr_t begin, end;
        } code[MOST_SEGMENTS];
    } known;
    unsigned char page[LARGE_PAGE];
} plugin __attribute__((aligned(LARGE_PAGE)));

static unsigned char main_stack[64 << 10] __attribute__((aligned(16)));
static atomic_flag has_spoken = ATOMIC_FLAG_INIT;

/* --- where it happened --- */

struct place {
    uintptr_t code, stack;
    uintptr_t back; /* where the innermost call returns to, if a register says so; or 0 */
};

static struct place place_of(const ucontext_t *context)
{
#if defined(__x86_64__)
    return (struct place){(uintptr_t)context->uc_mcontext.gregs[REG_RIP],
                          (uintptr_t)context->uc_mcontext.gregs[REG_RSP], 0};
#elif defined(__aarch64__)
    return (struct place){context->uc_mcontext.pc, context->uc_mcontext.sp,
                          context->uc_mcontext.regs[30]};
#else
    (void)context;
    return (struct place){0};
#endif
}

static bool is_plugin(uintptr_t address)
{
    for (size_t i = 0; i < plugin.known.count; i++)
        if (address >= plugin.known.code[i].begin && address < plugin.known.code[i].end)
            return true;
    return false;
}

/* Whether what stands before an address of the plugin's code is a call: else the address is a
 * function's, most likely, that lay on the stack for another reason. */
static bool is_behind_call(uintptr_t address)
{
    const unsigned char *end = (const unsigned char *)address; // NOLINT(performance-no-int-to-ptr)

    if (!is_plugin(address - 7))
        return false;
#if defined(__x86_64__)
    if (end[-5] == 0xe8)
        return true;
    for (int length = 2; length <= 7; length++)
        if (end[-length] == 0xff && (end[1 - length] & 0x38) == 0x10)
            return true;
    return false;
#elif defined(__aarch64__)
    return (end[-1] & 0xfc) == 0x94 ||
           (end[-1] == 0xd6 && end[-2] == 0x3f && (end[-3] & 0xfc) == 0 && (end[-4] & 0x1f) == 0);
#else
    (void)end;
    return true;
#endif
}

/* The kernel looks at the mask before it finds that it does not know what to do with it. */
static bool is_readable(uintptr_t address)
{
    return syscall(SYS_rt_sigprocmask, -1, address, NULL, (size_t)8) == 0 || errno != EFAULT;
}

/* The first word of a stack to which the plugin's code would return; 0: none. */
static uintptr_t search(uintptr_t stack)
{
    const uintptr_t begin = (stack + sizeof(uintptr_t) - 1) & ~(sizeof(uintptr_t) - 1);

    for (uintptr_t at = begin; plugin.known.count > 0 && at - begin < SEARCH;
         at += sizeof(uintptr_t)) {
        uintptr_t word;

        if ((at == begin || at % SMALL_PAGE == 0) && !is_readable(at))
            return 0;
        word = *(const volatile uintptr_t *)at; // NOLINT(performance-no-int-to-ptr)
        if (is_plugin(word) && is_behind_call(word))
            return word;
    }
    return 0;
}

/* --- what is said --- */

struct line {
    char text[80];
    size_t length;
};

static void add(struct line *line, const char *text)
{
    while (*text != '\0' && line->length < sizeof(line->text))
        line->text[line->length++] = *text++;
}

static void add_number(struct line *line, uintptr_t number, unsigned base)
{
    char digits[24];
    size_t at = sizeof(digits) - 1;

    digits[at] = '\0';
    do {
        digits[--at] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number > 0);
    add(line, digits + at);
}

static void add_place(struct line *line, const char *how, uintptr_t address)
{
    add(line, how);
    add(line, " +0x");
    add_number(line, address - plugin.known.base, 16);
}

static void speak(int number, const struct place *place)
{
    struct line line = {.length = 0};
    uintptr_t caller;

    add(&line, "kpipe-worker: signal ");
    add_number(&line, (uintptr_t)number, 10);
    if (is_plugin(place->code)) {
        add_place(&line, " at", place->code);
    } else {
        caller = is_plugin(place->back) ? place->back : search(place->stack);
        if (caller != 0)
            add_place(&line, " called from", caller);
    }
    add(&line, "\n");
    (void)!write(STDERR_FILENO, line.text, line.length);
}

/* The disposition is the default again (SA_RESETHAND): what was raised by an instruction is
 * raised again when that runs again, what was sent must be sent again. */
static void on_signal(int number, siginfo_t *info, void *context)
{
    const struct place place = place_of(context);

    if (!atomic_flag_test_and_set(&has_spoken))
        speak(number, &place);
    if (info->si_code <= 0 || number == SIGSYS)
        syscall(SYS_tgkill, getpid(), gettid(), number);
}

/* The worker itself ends by _exit. */
static void tell_exit(void)
{
    struct line line = {.length = 0};
    const uintptr_t caller = search((uintptr_t)__builtin_frame_address(0));

    if (caller == 0 || atomic_flag_test_and_set(&has_spoken))
        return;
    add_place(&line, "kpipe-worker: exit called from", caller);
    add(&line, "\n");
    (void)!write(STDERR_FILENO, line.text, line.length);
}

/* --- before it happens --- */

static bool use_stack(void *memory, size_t size)
{
    const stack_t stack = {.ss_sp = memory, .ss_size = size};

    return sigaltstack(&stack, NULL) == 0;
}

bool kp_crash_install(void)
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP};
    struct sigaction action = {.sa_sigaction = on_signal,
                               .sa_flags =
                                   (int)(SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESETHAND)};
    bool good = use_stack(main_stack, sizeof(main_stack)) && atexit(tell_exit) == 0;

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        good = sigaction(numbers[i], &action, NULL) == 0 && good;
    return good;
}

static bool holds(const struct dl_phdr_info *object, uintptr_t address)
{
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];

        if (segment->p_type == PT_LOAD &&
            address - (object->dlpi_addr + segment->p_vaddr) < segment->p_memsz)
            return true;
    }
    return false;
}

static int note_code(struct dl_phdr_info *object, size_t size, void *data)
{
    (void)size;
    if (!holds(object, *(const uintptr_t *)data))
        return 0;
    plugin.known.base = object->dlpi_addr;
    for (size_t i = 0; i < object->dlpi_phnum && plugin.known.count < MOST_SEGMENTS; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        const uintptr_t begin = object->dlpi_addr + segment->p_vaddr;

        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_X) == 0)
            continue;
        plugin.known.code[plugin.known.count].begin = begin;
        plugin.known.code[plugin.known.count++].end = begin + segment->p_memsz;
    }
    return 1;
}

void kp_crash_locate(const void *code)
{
    uintptr_t address = (uintptr_t)code;

    dl_iterate_phdr(note_code, &address);
    mprotect(&plugin, sizeof(plugin), PROT_READ);
}

void *kp_crash_thread_begins(void)
{
    void *memory =
        mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    if (use_stack(memory, STACK_SIZE))
        return memory;
    munmap(memory, STACK_SIZE);
    return NULL;
}

void kp_crash_thread_ends(void *begun)
{
    const stack_t none = {.ss_flags = SS_DISABLE};

    if (begun != NULL && sigaltstack(&none, NULL) == 0)
        munmap(begun, STACK_SIZE);
}
