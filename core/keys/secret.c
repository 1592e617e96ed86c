/* SPDX-License-Identifier: BSD-3-Clause
 *
 * keys/secret.c - see secret.h.
 */
#include "keys/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/auto.h"

/* Room for some hundred keys; the least piece. */
#define HEAP_SIZE ((size_t)1 << 20)
#define HEAP_PIECE ((size_t)32)

/* --- libcrypto's ordinary memory --- */

static void *get(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return size > 0 ? malloc(size) : NULL;
}

static void drop(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    if (memory != NULL)
        explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

/* What realloc moves it leaves behind as it was. */
static void *resize(void *memory, size_t size, const char *file, int line)
{
    const size_t before = memory == NULL ? 0 : malloc_usable_size(memory);
    void *moved = get(size, file, line);

    if (moved == NULL && size > 0)
        return NULL;
    if (moved != NULL && before > 0)
        memcpy(moved, memory, before < size ? before : size);
    drop(memory, file, line);
    return moved;
}

bool kp_secret_begin(void)
{
    return CRYPTO_set_mem_functions(get, resize, drop) == 1;
}

/* --- the secure heap --- */

static size_t page_size;

static uint8_t *neighbour(uint8_t *page, bool above)
{
    uint8_t *next = above ? page + page_size : page - page_size;

    return CRYPTO_secure_allocated(next) == 1 ? next : NULL;
}

/* Where the heap lies only its addresses tell. */
static void keep_from_copies(uint8_t *inside)
{
    uint8_t *begin = inside - (uintptr_t)inside % page_size, *end = begin;

    for (uint8_t *next; (next = neighbour(begin, false)) != NULL;)
        begin = next;
    for (uint8_t *next; (next = neighbour(end, true)) != NULL;)
        end = next;
    end += page_size;
    (void)madvise(begin, (size_t)(end - begin), MADV_DONTFORK);
    (void)madvise(begin, (size_t)(end - begin), MADV_DONTDUMP);
}

static void prepare_heap(void)
{
    const long size = sysconf(_SC_PAGESIZE);
    uint8_t *probe;

    page_size = size > 0 ? (size_t)size : 4096;
    /* 2: it cannot be locked into memory, which limits may forbid; the rest holds. */
    if (CRYPTO_secure_malloc_init(HEAP_SIZE, HEAP_PIECE) == 0)
        return;
    probe = OPENSSL_secure_malloc(HEAP_PIECE);
    if (probe != NULL && CRYPTO_secure_allocated(probe) == 1)
        keep_from_copies(probe);
    OPENSSL_secure_free(probe);
}

bool kp_secret_new(struct kp_secret *secret, size_t size)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, prepare_heap);
    *secret = (struct kp_secret){OPENSSL_secure_zalloc(size > 0 ? size : 1), size};
    if (secret->bytes != NULL)
        return true;
    secret->size = 0;
    return false;
}

bool kp_secret_copy(struct kp_secret *secret, const void *bytes, size_t size)
{
    if (!kp_secret_new(secret, size))
        return false;
    if (size > 0)
        memcpy(secret->bytes, bytes, size);
    return true;
}

void kp_secret_free(struct kp_secret *secret)
{
    OPENSSL_secure_clear_free(secret->bytes, secret->size);
    *secret = (struct kp_secret){0};
}

/* --- where they come from --- */

/* Reads until the end, or until there is more than `most`. */
static int read_all(int descriptor, struct kp_secret *to, size_t most, size_t *length)
{
    *length = 0;
    while (*length <= most) {
        const ssize_t got = read(descriptor, to->bytes + *length, most + 1 - *length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        if (got == 0)
            return 0;
        *length += (size_t)got;
    }
    return EFBIG;
}

int kp_secret_read(struct kp_secret *secret, const char *path, size_t most, struct stat *status)
{
    const int descriptor KP_AUTO(close) = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    KP_AUTO(secret) struct kp_secret whole = {0};
    size_t length;
    int error;

    *secret = (struct kp_secret){0};
    if (descriptor < 0 || fstat(descriptor, status) != 0)
        return errno;
    if (S_ISDIR(status->st_mode))
        return EISDIR;
    if (S_ISREG(status->st_mode) && status->st_size > (off_t)most)
        return EFBIG;
    if (!kp_secret_new(&whole, most + 1))
        return ENOMEM;
    error = read_all(descriptor, &whole, most, &length);
    if (error != 0)
        return error;
    return kp_secret_copy(secret, whole.bytes, length) ? 0 : ENOMEM;
}

bool kp_secret_take_environment(struct kp_secret *secret, const char *name)
{
    char *value = secure_getenv(name);
    bool good;

    *secret = (struct kp_secret){0};
    if (value == NULL)
        return true;
    good = kp_secret_copy(secret, value, strlen(value));
    OPENSSL_cleanse(value, strlen(value));
    unsetenv(name);
    return good;
}
