/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/fuzz/plugin.c - what a worker says that its plugin offers: read by wire/plugin.h, and
 * checked by plugin/verify.h. Whatever passes can be written again, and read, to the same
 * bytes.
 *
 * An input is a byte, which says with whose note it is compared, and a message. Inputs whose
 * first byte is LEAST_ARCH or more are facts of an architecture.
 */
#include <string.h>

#include "base/arena.h"
#include "fuzz.h"
#include "kpipe/kpipe.h"
#include "plugin/verify.h"
#include "plugins.h"
#include "wire/plugin.h"

enum { PLUGINS = sizeof(fuzz_plugins) / sizeof(fuzz_plugins[0]) - 1, LEAST_ARCH = 128 };

static bool same(const struct kp_wire_writer *a, const struct kp_wire_writer *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
}

/* The reader takes what the writer wrote. */
static void write_again(struct kp_arena *arena, const struct kp_plugin *plugin)
{
    struct kp_wire_writer first = {0};
    struct kp_wire_writer second = {0};
    struct kp_wire_reader reader;
    const struct kp_plugin *again;

    FUZZ_CHECK(kp_wire_put_plugin(&first, plugin));
    reader = (struct kp_wire_reader){.bytes = first.bytes, .size = first.size};
    again = kp_wire_take_plugin(&reader, arena);
    FUZZ_CHECK(again != NULL && kp_take_end(&reader));
    FUZZ_CHECK(kp_wire_put_plugin(&second, again));
    FUZZ_CHECK(same(&first, &second));
    kp_wire_writer_free(&first);
    kp_wire_writer_free(&second);
}

/* What passed the check is used without looking twice. */
static void check_file(const struct kp_plugin_file *file)
{
    for (size_t i = 0; i < file->stage_count; i++) {
        FUZZ_CHECK(file->stages[i].name != NULL && file->stages[i].plugin == file);
        FUZZ_CHECK(file->stages[i].operation.run != NULL);
        pthread_mutex_destroy(&file->stages[i].lock);
    }
    for (size_t i = 0; i < file->source_count; i++)
        pthread_mutex_destroy(&file->sources[i].lock);
}

static void check_plugin(struct kp_arena *arena, const struct kp_plugin *plugin, unsigned note)
{
    const char *text = fuzz_plugins[note % PLUGINS].note;
    struct kp_plugin_file file = {.path = "fuzz.so", .state = KP_PLUGIN_FOUND};
    const char *why = NULL;

    FUZZ_CHECK(kp_note_parse(arena, text, strlen(text), &file.note, &why));
    if (kp_verify_plugin(arena, plugin, &file))
        check_file(&file);
    else
        FUZZ_CHECK(file.reason != NULL && file.reason[0] != '\0' && file.stage_count == 0);
}

static void read_arch(struct kp_arena *arena, struct kp_wire_reader *reader)
{
    const struct kp_arch *arch = kp_wire_take_arch(reader, arena);
    struct kp_wire_writer again = {0};

    if (arch != NULL)
        kp_wire_put_arch(&again, arch);
    FUZZ_CHECK(arch != NULL || reader->bad);
    FUZZ_CHECK(!again.failed);
    kp_wire_writer_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_script script = {bytes, size};
    const unsigned first = fuzz_byte(&script);
    uint8_t *copy = fuzz_copy(script.bytes, script.size);
    struct kp_wire_reader reader = {.bytes = copy, .size = script.size};
    struct kp_arena *arena = kp_arena_new();
    const struct kp_plugin *plugin;

    FUZZ_CHECK(arena != NULL);
    if (first >= LEAST_ARCH) {
        read_arch(arena, &reader);
    } else {
        plugin = kp_wire_take_plugin(&reader, arena);
        FUZZ_CHECK(plugin != NULL || reader.bad);
        if (plugin != NULL) {
            write_again(arena, plugin);
            check_plugin(arena, plugin, first);
        }
    }
    kp_arena_free(arena);
    free(copy);
    return 0;
}

/* --- inputs to begin with --- */

static void add(fuzz_seed *seed, void *data, uint8_t first, const struct kp_wire_writer *payload)
{
    struct kp_wire_writer input = {0};

    kp_put_u8(&input, first);
    for (size_t i = 0; i < payload->size; i++)
        kp_put_u8(&input, payload->bytes[i]);
    FUZZ_CHECK(!input.failed);
    seed(data, input.bytes, input.size);
    kp_wire_writer_free(&input);
}

void fuzz_seeds(fuzz_seed *seed, void *data)
{
    for (size_t i = 0; i < PLUGINS; i++) {
        const struct kp_plugin *plugin = fuzz_plugins[i].entry(KP_API_LEVEL, KP_SDK_HASH);
        struct kp_wire_writer payload = {0};

        FUZZ_CHECK(plugin != NULL && kp_wire_put_plugin(&payload, plugin));
        add(seed, data, (uint8_t)i, &payload);
        kp_wire_writer_free(&payload);
        for (size_t j = 0; plugin->archs != NULL && plugin->archs[j] != NULL; j++) {
            kp_wire_put_arch(&payload, plugin->archs[j]);
            add(seed, data, LEAST_ARCH, &payload);
            kp_wire_writer_free(&payload);
        }
    }
}
