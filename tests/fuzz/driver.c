/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/fuzz/driver.c - runs a fuzz target where there is no libFuzzer: its own inputs, then
 * mutations of them, which are the same in each run. It finds less than libFuzzer, which sees
 * what an input reaches, and shows on every machine that what was found once stays away.
 *
 *   fuzz-NAME --rounds N       the target's inputs and N mutations
 *   fuzz-NAME FILE...
 *
 * The input that is being run stands in the file last-NAME; what ended the process can be run
 * again.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

enum { MOST_SEEDS = 256, MOST_SIZE = 65536, MOST_CHANGES = 6 };

struct input {
    uint8_t *bytes;
    size_t size;
};

static struct input seeds[MOST_SEEDS];
static size_t seed_count;
static uint64_t random_state = 0x6b70697065;

/* Marsaglia's xorshift, with his numbers. */
static uint64_t random_number(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static size_t below(size_t limit)
{
    return limit == 0 ? 0 : (size_t)(random_number() % limit);
}

static void keep_seed(void *data, const void *bytes, size_t size)
{
    (void)data;
    FUZZ_CHECK(seed_count < MOST_SEEDS);
    seeds[seed_count].bytes = fuzz_copy(bytes, size);
    seeds[seed_count++].size = size < MOST_SIZE ? size : MOST_SIZE;
}

/* --- mutations of an input of up to MOST_SIZE bytes --- */

static void flip(struct input *input)
{
    if (input->size > 0)
        input->bytes[below(input->size)] ^= (uint8_t)(1u << below(8));
}

/* Numbers at which code goes wrong, of 1, 2, 4 or 8 bytes. */
static void put_number(struct input *input)
{
    static const uint64_t numbers[] = {0,
                                       1,
                                       2,
                                       7,
                                       8,
                                       0x7f,
                                       0x80,
                                       0xff,
                                       0x100,
                                       0x101,
                                       0x1000,
                                       0x7fff,
                                       0x8000,
                                       0xffff,
                                       0x10000,
                                       0x100000,
                                       0x7fffffff,
                                       0x80000000,
                                       0xfffffff8,
                                       0xffffffff,
                                       0x100000000,
                                       0x7fffffffffffffff,
                                       0x8000000000000000,
                                       0xfffffffffffffff8,
                                       0xffffffffffffffff};
    const size_t width = (size_t)1 << below(4);
    uint64_t number = numbers[below(sizeof(numbers) / sizeof(numbers[0]))];
    size_t at;

    if (below(4) == 0)
        number = input->size + below(9) - 4;
    if (input->size < width)
        return;
    at = below(input->size - width + 1);
    for (size_t i = 0; i < width; i++)
        input->bytes[at + i] = (uint8_t)(number >> 8 * i);
}

static void cut_out(struct input *input)
{
    const size_t at = below(input->size + 1);
    const size_t length = below(input->size - at < 64 ? input->size - at + 1 : 64);

    memmove(input->bytes + at, input->bytes + at + length, input->size - at - length);
    input->size -= length;
}

static void cut_end(struct input *input)
{
    input->size = below(input->size + 1);
}

/* A piece of some seed, put in at some place. */
static void put_in(struct input *input)
{
    const struct input *from = &seeds[below(seed_count)];
    const size_t begin = below(from->size + 1);
    const size_t at = below(input->size + 1);
    size_t length = below(from->size - begin + 1);

    if (below(2) == 0 && length > 16)
        length = below(16);
    if (length > MOST_SIZE - input->size)
        return;
    memmove(input->bytes + at + length, input->bytes + at, input->size - at);
    memcpy(input->bytes + at, from->bytes + begin, length);
    input->size += length;
}

static void (*const mutations[])(struct input *input) = {flip,    flip,    put_number, put_number,
                                                         cut_out, cut_end, put_in,     put_in};

static void mutate(struct input *input)
{
    const struct input *seed = &seeds[below(seed_count)];
    const size_t changes = 1 + below(MOST_CHANGES);

    memcpy(input->bytes, seed->bytes, seed->size);
    input->size = seed->size;
    for (size_t i = 0; i < changes; i++)
        mutations[below(sizeof(mutations) / sizeof(mutations[0]))](input);
}

/* --- running --- */

/* Where the input stands while it is run: a file, so that it outlives the process. */
static const char *last_path;
static uint8_t *last;
static int last_descriptor;

static void open_last(const char *program)
{
    static char path[4096];
    const char *name = strrchr(program, '/');

    name = name == NULL ? program : name + 1;
    snprintf(path, sizeof(path), "last-%s", strncmp(name, "fuzz-", 5) == 0 ? name + 5 : name);
    last_path = path;
    last_descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    FUZZ_CHECK(last_descriptor >= 0);
    FUZZ_CHECK(ftruncate(last_descriptor, MOST_SIZE) == 0);
    last = mmap(NULL, MOST_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, last_descriptor, 0);
    FUZZ_CHECK(last != MAP_FAILED);
}

static void close_last(void)
{
    munmap(last, MOST_SIZE);
    close(last_descriptor);
    unlink(last_path);
}

static void run(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = fuzz_copy(bytes, size);

    FUZZ_CHECK(ftruncate(last_descriptor, (off_t)size) == 0);
    memcpy(last, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_all(const char *program, unsigned long rounds)
{
    struct input input = {fuzz_copy("", 0), 0};

    free(input.bytes);
    input.bytes = malloc(MOST_SIZE);
    FUZZ_CHECK(input.bytes != NULL);
    fuzz_seeds(keep_seed, NULL);
    FUZZ_CHECK(seed_count > 0);
    open_last(program);
    run((const uint8_t *)"", 0);
    for (size_t i = 0; i < seed_count; i++)
        run(seeds[i].bytes, seeds[i].size);
    for (unsigned long i = 0; i < rounds; i++) {
        mutate(&input);
        run(input.bytes, input.size);
    }
    close_last();
    free(input.bytes);
    for (size_t i = 0; i < seed_count; i++)
        free(seeds[i].bytes);
    printf("%zu inputs, %lu mutations\n", seed_count + 1, rounds);
}

int main(int count, char **arguments)
{
    LLVMFuzzerInitialize(&count, &arguments);
    if (count == 3 && strcmp(arguments[1], "--rounds") == 0) {
        run_all(arguments[0], strtoul(arguments[2], NULL, 10));
        return EXIT_SUCCESS;
    }
    for (int i = 1; i < count; i++) {
        size_t size;
        uint8_t *bytes = fuzz_read_file(arguments[i], &size);

        if (bytes == NULL) {
            fprintf(stderr, "%s: cannot be read\n", arguments[i]);
            return EXIT_FAILURE;
        }
        LLVMFuzzerTestOneInput(bytes, size);
        free(bytes);
    }
    return EXIT_SUCCESS;
}
