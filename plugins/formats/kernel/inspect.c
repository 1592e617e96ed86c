/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernel/inspect.c - what `kpipe inspect` tells of a kernel's contents, whatever its header: the
 * banner, the configuration that it carries (CONFIG_IKCONFIG), the first file system that is built
 * into it.
 *
 * These lie somewhere in the data of a flat kernel or an ELF file, and are found by their own marks.
 * A built-in file system that is compressed has none that would not be found elsewhere, too; it is
 * not looked for.
 */
#include <stdbool.h>
#include <string.h>

#include "kernel.h"

#define BANNER_MAX 1024u

struct contents {
    struct kp_call *call;
    const uint8_t *bytes;
    uint64_t size;
};

/* Where text stands, from `at` on; UINT64_MAX: nowhere. */
static uint64_t find(const struct contents *c, uint64_t at, const char *text, size_t length)
{
    const uint8_t *const found =
        at >= c->size ? NULL : memmem(c->bytes + at, (size_t)(c->size - at), text, length);

    return found == NULL ? UINT64_MAX : (uint64_t)(found - c->bytes);
}

/* --- the banner: init/version.c, linux_banner --- */

static int32_t tell_banner(const struct contents *c, bool *is_kernel)
{
    static const char begin[] = "Linux version ";
    const size_t skipped = sizeof(begin) - 1;
    char release[128];
    uint64_t at = 0, end, word;

    for (;; at++) {
        at = find(c, at, begin, skipped);
        if (at == UINT64_MAX)
            return KP_OK;
        /* In others, as that of /proc/version, a format stands there. */
        if (at + skipped < c->size && c->bytes[at + skipped] >= '0' &&
            c->bytes[at + skipped] <= '9')
            break;
    }
    *is_kernel = true;
    for (end = at; end < c->size && end - at < BANNER_MAX; end++)
        if (c->bytes[end] == '\n' || c->bytes[end] == '\0')
            break;
    for (word = at + skipped; word < end && c->bytes[word] != ' '; word++)
        ;
    if (kp_field_text(c->call, "banner", at, end - at, (const char *)c->bytes + at, end - at) !=
        KP_OK)
        return KP_FAILED;
    word -= at + skipped;
    if (word >= sizeof(release))
        return KP_OK;
    memcpy(release, c->bytes + at + skipped, (size_t)word);
    release[word] = '\0';
    return c->call->host->set_text(c->call, c->call->output, KP_TRAIT_VERSION, release);
}

/* --- the configuration: kernel/configs.c --- */

static int32_t tell_config(const struct contents *c)
{
    static const char begin[] = "IKCFG_ST", end[] = "IKCFG_ED";
    uint64_t at = find(c, 0, begin, sizeof(begin) - 1), behind;

    if (at == UINT64_MAX)
        return KP_OK;
    at += sizeof(begin) - 1;
    behind = find(c, at, end, sizeof(end) - 1);
    if (behind == UINT64_MAX)
        return KP_OK;
    return kp_part_at(c->call, "config", KP_ROLE_CONFIG, at, behind - at, "CONFIG_IKCONFIG");
}

/* --- the first file system: Documentation/driver-api/early-userspace/buffer-format.rst --- */

#define CPIO_HEADER 110u /* "070701" and 13 numbers of 8 digits */
#define CPIO_FILESIZE 54u
#define CPIO_NAMESIZE 94u
#define CPIO_NAME_MAX 4096u
#define CPIO_ENTRIES_MAX 1000000u

static int digit(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool take_number(const uint8_t *at, uint64_t *value)
{
    *value = 0;
    for (int i = 0; i < 8; i++) {
        if (digit(at[i]) < 0)
            return false;
        *value = *value << 4 | (uint64_t)digit(at[i]);
    }
    return true;
}

/* Behind the entry at `at` of an archive that begins at `base`; false: there is none. */
static bool next_entry(const struct contents *c, uint64_t base, uint64_t at, uint64_t *next,
                       bool *last)
{
    static const char trailer[] = "TRAILER!!!";
    const uint8_t *const entry = c->bytes + at;
    uint64_t file, name, data;

    if (!kp_inside(c->size, at, CPIO_HEADER) || memcmp(entry, "07070", 5) != 0 ||
        (entry[5] != '1' && entry[5] != '2') || !take_number(entry + CPIO_FILESIZE, &file) ||
        !take_number(entry + CPIO_NAMESIZE, &name) || name < 2 || name > CPIO_NAME_MAX ||
        !kp_inside(c->size, at + CPIO_HEADER, name) || entry[CPIO_HEADER + name - 1] != '\0')
        return false;
    *last = name == sizeof(trailer) && memcmp(entry + CPIO_HEADER, trailer, sizeof(trailer)) == 0;
    /* Names and data are padded so that what follows begins at a multiple of four. */
    data = base + ((at - base + CPIO_HEADER + name + 3) & ~UINT64_C(3));
    if (!kp_inside(c->size, data, file))
        return false;
    *next = *last ? at + CPIO_HEADER + name : base + ((data - base + file + 3) & ~UINT64_C(3));
    return true;
}

static bool measure_archive(const struct contents *c, uint64_t base, uint64_t *length)
{
    uint64_t at = base;
    bool last = false;

    for (uint32_t i = 0; !last; i++)
        if (i == CPIO_ENTRIES_MAX || !next_entry(c, base, at, &at, &last))
            return false;
    *length = at - base;
    return true;
}

static int32_t tell_initramfs(const struct contents *c)
{
    static const char begin[] = "07070";
    uint64_t length;

    for (uint64_t at = 0;; at++) {
        at = find(c, at, begin, sizeof(begin) - 1);
        if (at == UINT64_MAX)
            return KP_OK;
        if (measure_archive(c, at, &length))
            return kp_part_at(c->call, "initramfs", KP_ROLE_INITRD, at, length, "built in");
    }
}

static int32_t inspect(struct kp_call *call)
{
    struct contents c = {.call = call, .size = kp_size(call, call->input)};

    bool is_kernel = false;

    c.bytes = kp_view(call, call->input);
    if (c.bytes == NULL || tell_banner(&c, &is_kernel) != KP_OK || tell_config(&c) != KP_OK ||
        tell_initramfs(&c) != KP_OK)
        return KP_FAILED;
    return is_kernel ? kernel_tell_symbols(call, c.bytes, c.size) : KP_OK;
}

static const char *const kinds[] = {KP_KIND_ELF, KP_KIND_IMAGE, KP_KIND_RAW, NULL};

static const struct kp_format kernel = {
    .size = sizeof(struct kp_format),
    .name = "kernel",
    .summary = "what lies in a kernel: banner, configuration, first file system, symbols",
    .kinds = kinds,
    .inspect = inspect,
};

static const struct kp_format *const formats[] = {&kernel, NULL};

KP_PLUGIN("org.kpipe.kernel", "kernel", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)",
          "what lies in a kernel: banner, configuration, first file system, symbols",
          KP_OFFERS_FORMAT("kernel") KP_DESCRIBES("elf") KP_DESCRIBES("image") KP_DESCRIBES("raw"),
          .formats = formats)
