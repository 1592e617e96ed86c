/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/keys-secret.c - memory of secrets: wiped, not in copies of the process, read from
 * files and the environment.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "base/memory.h"
#include "engine-shared.h"
#include "keys/secret.h"

/* The line "VmFlags:" of the mapping in which an address lies. */
static void flags_of(const void *address, char flags[200])
{
    FILE *maps = fopen("/proc/self/smaps", "r");
    char line[400];
    uintptr_t begin, end;
    char *rest;
    bool inside = false;

    ck_assert_ptr_nonnull(maps);
    flags[0] = '\0';
    while (fgets(line, sizeof(line), maps) != NULL) {
        begin = strtoul(line, &rest, 16);
        if (*rest == '-') {
            end = strtoul(rest + 1, NULL, 16);
            inside = (uintptr_t)address >= begin && (uintptr_t)address < end;
        }
        if (inside && strncmp(line, "VmFlags:", 8) == 0)
            snprintf(flags, 200, "%.190s", line);
    }
    fclose(maps);
}

START_TEST(secrets_are_in_no_copy_and_no_dump)
{
    struct kp_secret secret;
    char flags[200];
    int status;
    pid_t child;

    ck_assert(kp_secret_copy(&secret, "geheim", 6));
    ck_assert_int_eq(CRYPTO_secure_allocated(secret.bytes), 1);
    flags_of(secret.bytes, flags);
    ck_assert_msg(strstr(flags, " dc") != NULL, "copied: %s", flags);
    ck_assert_msg(strstr(flags, " dd") != NULL, "dumped: %s", flags);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        signal(SIGSEGV, SIG_DFL); /* a sanitizer's handler would exit instead */
    if (child == 0)
        _exit(((volatile uint8_t *)secret.bytes)[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(memcmp(secret.bytes, "geheim", 6), 0);
    kp_secret_free(&secret);
    ck_assert_ptr_null(secret.bytes);
}
END_TEST

START_TEST(what_is_freed_is_wiped)
{
    struct kp_secret first, second;
    const uint8_t *at;

    ck_assert(kp_secret_new(&first, 1000));
    at = first.bytes;
    memset(first.bytes, 'x', 1000);
    kp_secret_free(&first);
    /* It is still mapped; the heap's own list may stand in its first bytes. */
    for (size_t i = 64; i < 1000; i++)
        ck_assert_uint_eq(at[i], 0);
    ck_assert(kp_secret_new(&second, 0));
    ck_assert_ptr_nonnull(second.bytes);
    kp_secret_free(&second);
}
END_TEST

START_TEST(files_are_read)
{
    struct kp_secret secret;
    struct stat status;
    FILE *file = fopen("f", "w");

    ck_assert_ptr_nonnull(file);
    fputs("0123456789", file);
    fclose(file);
    ck_assert_int_eq(kp_secret_read(&secret, "f", 10, &status), 0);
    ck_assert_uint_eq(secret.size, 10);
    ck_assert_int_eq(memcmp(secret.bytes, "0123456789", 10), 0);
    kp_secret_free(&secret);
    ck_assert_int_eq(kp_secret_read(&secret, "f", 9, &status), EFBIG);
    ck_assert_int_eq(kp_secret_read(&secret, "/dev/zero", 9, &status), EFBIG);
    ck_assert_int_eq(kp_secret_read(&secret, "none", 9, &status), ENOENT);
    ck_assert_int_eq(kp_secret_read(&secret, ".", 9, &status), EISDIR);
    ck_assert_ptr_null(secret.bytes);
    ck_assert_int_eq(kp_secret_read(&secret, "/dev/null", 9, &status), 0);
    ck_assert_uint_eq(secret.size, 0);
    kp_secret_free(&secret);
}
END_TEST

START_TEST(the_environment_forgets)
{
    struct kp_secret secret;
    const char *value;

    setenv("KP_TEST_PIN", "4711", 1);
    value = getenv("KP_TEST_PIN");
    ck_assert(kp_secret_take_environment(&secret, "KP_TEST_PIN"));
    ck_assert_uint_eq(secret.size, 4);
    ck_assert_int_eq(memcmp(secret.bytes, "4711", 4), 0);
    ck_assert_ptr_null(getenv("KP_TEST_PIN"));
    ck_assert_str_eq(value, "");
    kp_secret_free(&secret);
    ck_assert(kp_secret_take_environment(&secret, "KP_TEST_PIN"));
    ck_assert_ptr_null(secret.bytes);
}
END_TEST

static atomic_int copied;

static void *copy(void *unused)
{
    kp_memory_copy_begin();
    atomic_store(&copied, 1);
    kp_memory_copy_end();
    return unused;
}

START_TEST(no_copy_while_a_key_is_used)
{
    pthread_t thread;

    kp_memory_private_begin();
    kp_memory_private_begin();
    ck_assert_int_eq(pthread_create(&thread, NULL, copy, NULL), 0);
    usleep(50000);
    ck_assert_int_eq(atomic_load(&copied), 0);
    kp_memory_private_end();
    usleep(50000);
    ck_assert_int_eq(atomic_load(&copied), 0);
    kp_memory_private_end();
    pthread_join(thread, NULL);
    ck_assert_int_eq(atomic_load(&copied), 1);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, secrets_are_in_no_copy_and_no_dump);
    tcase_add_test(tests, what_is_freed_is_wiped);
    tcase_add_test(tests, files_are_read);
    tcase_add_test(tests, the_environment_forgets);
    tcase_add_test(tests, no_copy_while_a_key_is_used);
}

int main(void)
{
    return run_tests("keys-secret", set_up, tear_down, fill);
}
