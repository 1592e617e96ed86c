/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/fuzz/common.c - see fuzz.h: what all targets share.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fuzz.h"

void fuzz_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

uint8_t *fuzz_copy(const void *bytes, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    FUZZ_CHECK(copy != NULL);
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

uint8_t *fuzz_read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    long length = -1;

    *size = 0;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0)
        length = ftell(file);
    if (length >= 0 && fseek(file, 0, SEEK_SET) == 0)
        bytes = malloc((size_t)length + 1);
    if (bytes != NULL)
        *size = fread(bytes, 1, (size_t)length, file);
    if (file != NULL)
        fclose(file);
    return bytes;
}

const uint8_t *fuzz_bytes(struct fuzz_script *script, size_t most, size_t *size)
{
    const uint8_t *bytes = script->bytes;

    *size = most < script->size ? most : script->size;
    script->bytes += *size;
    script->size -= *size;
    return bytes;
}

uint8_t fuzz_byte(struct fuzz_script *script)
{
    size_t size;
    const uint8_t *byte = fuzz_bytes(script, 1, &size);

    return size == 0 ? 0 : *byte;
}

struct folder {
    const char *path;
    unsigned count;
};

static void write_seed(void *data, const void *bytes, size_t size)
{
    struct folder *folder = data;
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s/seed-%03u", folder->path, folder->count++);
    file = fopen(path, "wb");
    FUZZ_CHECK(file != NULL);
    FUZZ_CHECK(fwrite(bytes, 1, size, file) == size);
    FUZZ_CHECK(fclose(file) == 0);
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    struct folder folder = {0};

    if (*count != 3 || strcmp((*arguments)[1], "--seeds") != 0)
        return 0;
    folder.path = (*arguments)[2];
    fuzz_seeds(write_seed, &folder);
    exit(EXIT_SUCCESS);
}
