/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/fuzz/fit.c - a FIT that somebody made: described, with its details and the way to make it
 * again, verified with and without keys, and changed in place without a change, which must give the
 * same whenever it is done again.
 *
 * An input is the FIT; what follows a byte 0xfe at its begin is U-Boot's device tree with keys, up
 * to its totalsize, and then the FIT. The plugin is opened from the build's folder.
 */
#include <libfdt.h>
#include <string.h>

#include "engine/extract.h"
#include "engine/layers.h"
#include "engine/verify.h"
#include "fuzz.h"
#include "kpipe/bytes.h"

static struct kp_registry *plugins(void)
{
    static struct kp_registry *registry;

    if (registry == NULL)
        registry = kp_registry_new(&(struct kp_registry_options){.own_folder = KPIPE_FUZZ_PLUGINS,
                                                                 .isolation = KP_ISOLATION_NONE});
    FUZZ_CHECK(registry != NULL && kp_registry_find_stage(registry, "fit-update") != NULL);
    return registry;
}

static void describe(struct kp_range *fit, bool details)
{
    const struct kp_layers_options options = {.registry = plugins(),
                                              .name = "fuzz",
                                              .depth = 1,
                                              .limit = UINT64_C(4) << 20,
                                              .details = details};
    struct kp_layers layers = {0};

    FUZZ_CHECK(kp_layers_open(&layers, &options, fit));
    kp_layers_free(&layers);
}

static void verify(struct kp_range *fit, struct kp_range *keys)
{
    struct kp_diags *diags = kp_diags_new();
    const char *const names[] = {"keys"};
    struct kp_range *const ranges[] = {keys};
    const struct kp_verify_options options = {.registry = plugins(),
                                              .name = "fuzz",
                                              .key_names = names,
                                              .keys = ranges,
                                              .key_count = keys != NULL};
    struct kp_range *report;

    FUZZ_CHECK(diags != NULL);
    report = kp_verify(&options, fit, diags);
    FUZZ_CHECK((report != NULL) == (kp_diags_errors(diags) == 0));
    kp_range_unref(report);
    kp_diags_free(diags);
}

/* The FIT as fit-update writes it; NULL: it does not take it. */
static struct kp_range *update(struct kp_range *fit)
{
    const struct kp_layers_options options = {
        .registry = plugins(), .name = "fuzz", .depth = 1, .limit = UINT64_C(4) << 20};
    struct kp_diags *diags = kp_diags_new();
    struct kp_layers layers = {0};
    struct kp_range *made;

    FUZZ_CHECK(diags != NULL && kp_layers_open(&layers, &options, fit));
    made = kp_extract_convert(&layers, layers.top, diags, "fit-update");
    FUZZ_CHECK((made != NULL) == (kp_diags_errors(diags) == 0));
    kp_layers_free(&layers);
    kp_diags_free(diags);
    return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = fuzz_copy(bytes, size);
    uint64_t keys_size = 0;
    struct kp_range *fit, *keys = NULL, *once, *twice = NULL;

    if (size > 9 && copy[0] == 0xfe) {
        keys_size = kp_be32(copy + 5);
        if (keys_size > size - 1)
            keys_size = size - 1;
        keys = kp_range_copy(copy + 1, keys_size);
        FUZZ_CHECK(keys != NULL);
        keys_size++;
    }
    fit = kp_range_copy(copy + keys_size, size - keys_size);
    FUZZ_CHECK(fit != NULL);
    describe(fit, false);
    describe(fit, true);
    verify(fit, NULL);
    if (keys != NULL)
        verify(fit, keys);
    once = update(fit);
    if (once != NULL)
        twice = update(once);
    FUZZ_CHECK(twice == NULL || kp_range_equal(once, twice));
    kp_range_unref(once);
    kp_range_unref(twice);
    kp_range_unref(keys);
    kp_range_unref(fit);
    free(copy);
    return 0;
}

/* --- inputs to begin with --- */

#define MOST 8192

static void put_text(void *tree, const char *name, const char *text)
{
    FUZZ_CHECK(fdt_property(tree, name, text, (int)strlen(text) + 1) == 0);
}

static void begin(void *tree, const char *name)
{
    FUZZ_CHECK(fdt_begin_node(tree, name) == 0);
}

static void end(void *tree)
{
    FUZZ_CHECK(fdt_end_node(tree) == 0);
}

static void put_signature(void *tree, const char *padding, int configuration)
{
    static const uint8_t value[256] = {1};
    static const char nodes[] = "/\0/configurations/conf-1";
    const uint32_t strings[2] = {0, cpu_to_fdt32(64)};

    begin(tree, "signature-1");
    if (configuration) {
        fdt_property(tree, "hashed-strings", strings, (int)sizeof(strings));
        fdt_property(tree, "hashed-nodes", nodes, (int)sizeof(nodes));
    }
    fdt_property_u32(tree, "timestamp", 1);
    put_text(tree, "signer-name", "mkimage");
    FUZZ_CHECK(fdt_property(tree, "value", value, (int)sizeof(value)) == 0);
    put_text(tree, "algo", "sha256,rsa2048");
    put_text(tree, "key-name-hint", "dev");
    put_text(tree, "padding", padding);
    end(tree);
}

/* An image; `external`: where its contents lie behind the tree, or -1. */
static void put_image(void *tree, const char *name, const char *type, int external)
{
    begin(tree, name);
    put_text(tree, "description", name);
    put_text(tree, "type", type);
    put_text(tree, "arch", "arm64");
    put_text(tree, "compression", "none");
    fdt_property_u32(tree, "load", 0x1000);
    if (external < 0) {
        FUZZ_CHECK(fdt_property(tree, "data", "contents", 8) == 0);
    } else {
        fdt_property_u32(tree, external > 1000 ? "data-position" : "data-offset",
                         (uint32_t)external);
        fdt_property_u32(tree, "data-size", 8);
    }
    begin(tree, "hash-1");
    fdt_property_u32(tree, "value", 0x12345678);
    put_text(tree, "algo", "crc32");
    end(tree);
    begin(tree, "hash-2");
    put_text(tree, "algo", "sha256");
    end(tree);
    put_signature(tree, "pss", 0);
    end(tree);
}

static size_t make_fit(uint8_t *tree, int external)
{
    FUZZ_CHECK(fdt_create(tree, MOST) == 0 && fdt_finish_reservemap(tree) == 0);
    begin(tree, "");
    put_text(tree, "description", "seed");
    fdt_property_u32(tree, "timestamp", 1);
    begin(tree, "images");
    put_image(tree, "kernel-1", "kernel_noload", external);
    put_image(tree, "fdt-1", "flat_dt", external < 0 ? external : external + 8);
    begin(tree, "secret");
    put_text(tree, "type", "loadable");
    fdt_property_u32(tree, "data-size-unciphered", 5);
    fdt_property(tree, "data", "0123456789abcdef", 16);
    begin(tree, "cipher");
    put_text(tree, "algo", "aes128");
    put_text(tree, "key-name-hint", "aes");
    end(tree);
    end(tree);
    end(tree);
    begin(tree, "configurations");
    put_text(tree, "default", "conf-1");
    begin(tree, "conf-1");
    put_text(tree, "kernel", "kernel-1");
    fdt_property(tree, "fdt", "fdt-1\0fdt-1", 12);
    put_text(tree, "loadables", "secret");
    put_signature(tree, "pkcs-1.5", 1);
    end(tree);
    end(tree);
    end(tree);
    FUZZ_CHECK(fdt_finish(tree) == 0);
    return fdt_totalsize(tree);
}

/* U-Boot's tree, with keys that are none. */
static size_t make_keys(uint8_t *tree)
{
    static const uint8_t modulus[256] = {0x80, [255] = 1};
    static const uint8_t point[32] = {1};

    FUZZ_CHECK(fdt_create(tree, MOST) == 0 && fdt_finish_reservemap(tree) == 0);
    begin(tree, "");
    begin(tree, "signature");
    put_text(tree, "required-mode", "any");
    begin(tree, "key-dev");
    put_text(tree, "required", "conf");
    put_text(tree, "algo", "sha256,rsa2048");
    fdt_property(tree, "rsa,modulus", modulus, (int)sizeof(modulus));
    fdt_property_u64(tree, "rsa,exponent", 65537);
    put_text(tree, "key-name-hint", "dev");
    end(tree);
    begin(tree, "key-ec");
    put_text(tree, "ecdsa,curve", "prime256v1");
    fdt_property(tree, "ecdsa,x-point", point, (int)sizeof(point));
    fdt_property(tree, "ecdsa,y-point", point, (int)sizeof(point));
    end(tree);
    end(tree);
    end(tree);
    FUZZ_CHECK(fdt_finish(tree) == 0);
    return fdt_totalsize(tree);
}

void fuzz_seeds(fuzz_seed *seed, void *data)
{
    static const int places[] = {-1, 0, 4096};
    static _Alignas(8) uint8_t bytes[3 * MOST];
    static uint8_t both[1 + 3 * MOST] = {0xfe};
    size_t size, keys;

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        size = make_fit(bytes, places[i]);
        memset(bytes + size, 'x', MOST);
        seed(data, bytes, size);
        seed(data, bytes, places[i] > 0 ? 4096 + 16 : ((size + 3) & ~(size_t)3) + 16);
    }
    keys = make_keys(bytes);
    memcpy(both + 1, bytes, keys);
    size = make_fit(bytes, -1);
    memcpy(both + 1 + keys, bytes, size);
    seed(data, both, 1 + keys + size);
}
