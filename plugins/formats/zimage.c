/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/zimage.c - ARM's self-extracting kernel: checks its header, appends a device
 * tree, describes it.
 *
 * Packing one from an Image is not offered yet: the main input is a zImage. What is
 * compressed inside is not looked for.
 *
 * Facts from Linux 6.1: arch/arm/boot/compressed/head.S (the words from 0x24, and how
 * an appended device tree is found) and vmlinux.lds.S (the table, the padding).
 *   0x24 magic   0x28 start   0x2c end (_edata: file size + start)
 *   0x30 0x04030201 in the kernel's byte order      (absent in old kernels)
 *   0x34 0x45454545, then 0x38 is the table's offset (since 4.15)
 *   0x3c offset of the PE header, if 0x00 is "MZ"    (with CONFIG_EFI_STUB)
 * The magic, start, end, offset and table are little endian except in kernels for BE-32,
 * where they are big endian. BE-8 kernels have them swapped, so they read as little.
 */
#include <string.h>

#include <kpipe/kpipe.h>

#define HEADER_SIZE 0x40u
#define MAGIC 0x016f2818u
#define TABLE_MAGIC 0x45454545u
#define TABLE_TAG 0x5a534c4bu
#define DTB_MAGIC 0xd00dfeedu
#define DTB_HEADER_SIZE 40u /* of a device tree of version 17 (Devicetree spec. 5.2) */
/* head.S keeps free "a rough" mebibyte behind itself for the device tree. */
#define DTB_ROOM (1u << 20)

struct zimage {
    const struct kp_image *image;
    uint64_t file_size;
    uint64_t size; /* end - start */
    uint32_t start, end;
    uint32_t order_word; /* at 0x30, read in the header's order */
    int big_header;      /* the header's numbers are big endian */
    int big_kernel;      /* the kernel runs big endian */
    int has_order;       /* 0x30 holds the endianness word */
    uint64_t table;      /* offset of the table; 0: none */
};

struct zimage_params {
    const struct kp_image *dtb;
};

static int32_t read_word(struct kp_call *call, const struct zimage *z, uint64_t offset,
                         uint32_t *value)
{
    uint8_t bytes[4];

    if (call->host->image_read(call, z->image, offset, bytes, sizeof(bytes)) != KP_OK)
        return KP_FAILED;
    *value = z->big_header ? kp_be32(bytes) : kp_le32(bytes);
    return KP_OK;
}

static int32_t read_magic(struct kp_call *call, struct zimage *z)
{
    uint8_t bytes[4];

    if (z->file_size < HEADER_SIZE)
        return kp_fail(call, "header: %llu bytes: a zImage's needs %u",
                       (unsigned long long)z->file_size, HEADER_SIZE);
    if (call->host->image_read(call, z->image, 0x24, bytes, sizeof(bytes)) != KP_OK)
        return KP_FAILED;
    if (kp_le32(bytes) != MAGIC && kp_be32(bytes) != MAGIC)
        return kp_fail(call, "magic: 0x%08x: not a zImage's 0x%08x", (unsigned)kp_le32(bytes),
                       MAGIC);
    z->big_header = kp_be32(bytes) == MAGIC;
    return KP_OK;
}

static int32_t read_extent(struct kp_call *call, struct zimage *z)
{
    if (read_word(call, z, 0x28, &z->start) != KP_OK || read_word(call, z, 0x2c, &z->end) != KP_OK)
        return KP_FAILED;
    if (z->end < z->start || z->end - z->start < HEADER_SIZE)
        return kp_fail(call, "end: 0x%08x: not behind the header at 0x%08x", (unsigned)z->end,
                       (unsigned)z->start);
    z->size = z->end - z->start;
    if (z->size > z->file_size)
        return kp_fail_at(call, NULL, "the file was cut short: get it again",
                          "end - start: %llu bytes: the file has %llu", (unsigned long long)z->size,
                          (unsigned long long)z->file_size);
    return KP_OK;
}

/* Before the endianness word was added, code stood there: then the magic decides. */
static int32_t read_order(struct kp_call *call, struct zimage *z)
{
    if (read_word(call, z, 0x30, &z->order_word) != KP_OK)
        return KP_FAILED;
    z->has_order = z->order_word == 0x04030201 || z->order_word == 0x01020304;
    z->big_kernel = z->big_header;
    if (z->has_order && !z->big_header)
        z->big_kernel = z->order_word == 0x01020304;
    if (z->has_order && z->big_header && z->order_word == 0x01020304)
        return kp_fail(call, "endianness: the magic is big endian: the word at 0x30 is little");
    return KP_OK;
}

static int32_t read_table_offset(struct kp_call *call, struct zimage *z)
{
    uint32_t magic, offset;

    if (!z->has_order || read_word(call, z, 0x34, &magic) != KP_OK)
        return z->has_order ? KP_FAILED : KP_OK;
    if (magic != TABLE_MAGIC)
        return KP_OK;
    if (read_word(call, z, 0x38, &offset) != KP_OK)
        return KP_FAILED;
    /* At least the first tag's two words. */
    if (offset < HEADER_SIZE - 4 || offset % 4 != 0 || !kp_inside(z->size, offset, 8))
        return kp_fail(call, "table: 0x%x: no place for it in %llu bytes", (unsigned)offset,
                       (unsigned long long)z->size);
    z->table = offset;
    return KP_OK;
}

/* A board of another architecture would not start it. */
static int32_t set_arch(struct kp_call *call)
{
    struct kp_text known;
    const struct kp_arch *arch = NULL;

    if (call->host->trait_text(call, call->input, KP_TRAIT_ARCH, &known))
        arch = call->host->arch(call, known.bytes);
    if (arch != NULL && strcmp(arch->name, "arm") != 0)
        return kp_fail_at(call, NULL, "correct arch: in the recipe, or take another kernel",
                          "arch: %s: a zImage is one of arm", arch->name);
    return call->host->set_text(call, call->output, KP_TRAIT_ARCH, "arm");
}

static int32_t read_zimage(struct kp_call *call, struct zimage *z)
{
    memset(z, 0, sizeof(*z));
    z->image = call->input;
    z->file_size = kp_size(call, call->input);
    if (read_magic(call, z) != KP_OK || read_extent(call, z) != KP_OK ||
        read_order(call, z) != KP_OK || read_table_offset(call, z) != KP_OK)
        return KP_FAILED;
    return set_arch(call);
}

/* The size that a device tree at `offset` of an image states, 0 if there is none. */
static int32_t read_dtb(struct kp_call *call, const struct kp_image *image, uint64_t offset,
                        uint64_t *size)
{
    uint8_t head[8];

    *size = 0;
    if (!kp_inside(kp_size(call, image), offset, DTB_HEADER_SIZE))
        return KP_OK;
    if (call->host->image_read(call, image, offset, head, sizeof(head)) != KP_OK)
        return KP_FAILED;
    if (kp_be32(head) == DTB_MAGIC)
        *size = kp_be32(head + 4);
    return KP_OK;
}

static int32_t check_dtb(struct kp_call *call, const struct zimage_params *p)
{
    const uint64_t size = kp_size(call, p->dtb);
    uint64_t stated;

    if (read_dtb(call, p->dtb, 0, &stated) != KP_OK)
        return KP_FAILED;
    if (stated == 0)
        return kp_fail_at(call, &p->dtb, "compile device tree source with dtc first",
                          "dtb: %llu bytes: not a flattened device tree", (unsigned long long)size);
    if (stated < DTB_HEADER_SIZE || stated > size)
        return kp_fail_at(call, &p->dtb, NULL, "dtb: totalsize %llu: the image has %llu bytes",
                          (unsigned long long)stated, (unsigned long long)size);
    if (stated > DTB_ROOM)
        kp_message(call, KP_WARNING,
                   "the device tree has %llu bytes, the boot code leaves room for %u: without "
                   "padding (dtc -I dtb -O dtb) it may fit",
                   (unsigned long long)stated, DTB_ROOM);
    return KP_OK;
}

/* The boot code looks for the device tree exactly at _edata. It reads there by words, and
 * its libfdt wants 8 bytes of alignment; a kernel that can do it pads its zImage to that. */
static int32_t check_place(struct kp_call *call, const struct zimage *z)
{
    uint64_t appended;

    if (read_dtb(call, z->image, z->size, &appended) != KP_OK)
        return KP_FAILED;
    if (appended != 0)
        return kp_fail_at(call, NULL, "give the zImage without its device tree",
                          "zImage: a device tree of %llu bytes is appended already",
                          (unsigned long long)appended);
    if (z->file_size != z->size)
        return kp_fail_at(call, NULL, "the device tree must follow the zImage's end: cut them off",
                          "zImage: %llu bytes: %llu more than its header says",
                          (unsigned long long)z->file_size,
                          (unsigned long long)(z->file_size - z->size));
    if (z->size % 8 != 0)
        return kp_fail_at(call, NULL, "this kernel was not built to find a device tree there",
                          "zImage: %llu bytes: a device tree behind it would not be aligned to 8",
                          (unsigned long long)z->size);
    return KP_OK;
}

static int32_t run(struct kp_call *call)
{
    const struct zimage_params *p = (const struct zimage_params *)call->params;
    struct zimage z;

    if (read_zimage(call, &z) != KP_OK)
        return KP_FAILED;
    if (p->dtb != NULL && (check_place(call, &z) != KP_OK || check_dtb(call, p) != KP_OK))
        return KP_FAILED;
    if (kp_append_image(call, call->input) != KP_OK)
        return KP_FAILED;
    return p->dtb == NULL ? KP_OK : kp_append_image(call, p->dtb);
}

static int32_t number(struct kp_call *call, const char *name, uint64_t offset, uint64_t value,
                      uint32_t flags, const char *meaning)
{
    return kp_field_number(call, name, offset, 4, value, flags, meaning);
}

/* The first tag: a count of its words, its magic, then what the linker script lists. The
 * count has grown with the kernels; 4.15 wrote 2 before four words. */
static int32_t show_table(struct kp_call *call, const struct zimage *z)
{
    static const struct {
        const char *name;
        uint32_t flags;
    } words[] = {{"piggy_size_addr", KP_FIELD_HEX},
                 {"kernel_bss_size", KP_FIELD_BYTES},
                 {"text_offset", KP_FIELD_HEX},
                 {"malloc_size", KP_FIELD_BYTES}};
    uint32_t count, tag, value;
    uint64_t i, at = z->table;
    uint8_t size[4];

    if (read_word(call, z, at, &count) != KP_OK || read_word(call, z, at + 4, &tag) != KP_OK ||
        number(call, "table_words", at, count, 0, NULL) != KP_OK ||
        number(call, "table_tag", at + 4, tag,
               KP_FIELD_HEX | (tag == TABLE_TAG ? 0 : KP_FIELD_INVALID), NULL) != KP_OK)
        return KP_FAILED;
    if (tag != TABLE_TAG)
        return KP_OK;
    if (count == 2)
        count = 4;
    for (i = 0; i < sizeof(words) / sizeof(words[0]) && i + 2 < count; i++) {
        at = z->table + 8 + 4 * i;
        if (!kp_inside(z->size, at, 4))
            return kp_fail(call, "table: %u words at 0x%llx: only %llu bytes in all",
                           (unsigned)count, (unsigned long long)z->table,
                           (unsigned long long)z->size);
        if (read_word(call, z, at, &value) != KP_OK ||
            number(call, words[i].name, at, value, words[i].flags, NULL) != KP_OK)
            return KP_FAILED;
        /* The size that Kbuild appends to the compressed kernel, little endian always. */
        if (i == 0 && kp_inside(z->size, value, 4) &&
            (call->host->image_read(call, z->image, value, size, 4) != KP_OK ||
             number(call, "inflated_size", value, kp_le32(size), KP_FIELD_BYTES, NULL) != KP_OK))
            return KP_FAILED;
    }
    return KP_OK;
}

static int32_t show_efi(struct kp_call *call, const struct zimage *z)
{
    uint8_t head[2], pe[4];
    uint32_t offset;

    if (call->host->image_read(call, z->image, 0, head, sizeof(head)) != KP_OK)
        return KP_FAILED;
    if (memcmp(head, "MZ", 2) != 0)
        return KP_OK;
    if (call->host->image_read(call, z->image, 0x3c, pe, sizeof(pe)) != KP_OK)
        return KP_FAILED;
    offset = kp_le32(pe);
    if (!kp_inside(z->size, offset, 4))
        return number(call, "pe_header", 0x3c, offset, KP_FIELD_HEX | KP_FIELD_INVALID, NULL);
    if (call->host->image_read(call, z->image, offset, pe, sizeof(pe)) != KP_OK)
        return KP_FAILED;
    return number(call, "pe_header", 0x3c, offset,
                  KP_FIELD_HEX | (memcmp(pe, "PE\0", 4) == 0 ? 0 : KP_FIELD_INVALID), "EFI stub");
}

/* What is behind the end. */
static int32_t show_rest(struct kp_call *call, const struct zimage *z)
{
    const uint64_t rest = z->file_size - z->size;
    uint64_t dtb = 0;
    uint32_t flags = KP_FIELD_BYTES;

    if (read_dtb(call, z->image, z->size, &dtb) != KP_OK)
        return KP_FAILED;
    if (dtb > rest || (dtb != 0 && dtb < DTB_HEADER_SIZE))
        flags |= KP_FIELD_INVALID;
    if (dtb != 0 && kp_field_number(call, "dtb", z->size, dtb < rest ? dtb : rest, dtb, flags,
                                    "appended device tree") != KP_OK)
        return KP_FAILED;
    if (dtb >= rest)
        return KP_OK;
    return kp_field_number(call, "trailing", z->size + dtb, rest - dtb, rest - dtb, KP_FIELD_BYTES,
                           NULL);
}

static int32_t inspect(struct kp_call *call)
{
    struct zimage z;
    const char *order;

    if (read_zimage(call, &z) != KP_OK)
        return KP_FAILED;
    order = z.big_header ? "BE-32" : z.big_kernel ? "BE-8" : "little endian";
    if (number(call, "magic", 0x24, MAGIC, KP_FIELD_HEX, order) != KP_OK ||
        number(call, "start", 0x28, z.start, KP_FIELD_HEX, NULL) != KP_OK ||
        number(call, "end", 0x2c, z.end, KP_FIELD_HEX, NULL) != KP_OK)
        return KP_FAILED;
    if (z.has_order && number(call, "endianness", 0x30, z.order_word, KP_FIELD_HEX, order) != KP_OK)
        return KP_FAILED;
    if (z.table != 0 && (number(call, "table", 0x38, z.table, KP_FIELD_HEX, NULL) != KP_OK ||
                         show_table(call, &z) != KP_OK))
        return KP_FAILED;
    if (show_efi(call, &z) != KP_OK)
        return KP_FAILED;
    return show_rest(call, &z);
}

static const char *const kinds[] = {KP_KIND_ZIMAGE, NULL};
static const char *const dtb_kinds[] = {KP_KIND_DTB, NULL};
static const char *const sets[] = {KP_TRAIT_ARCH, NULL};

static const struct kp_param *const table[] = {
    KP_IMAGE(struct zimage_params, dtb, .flags = KP_PARAM_SHORT, .kinds = dtb_kinds,
             .summary = "device tree to append, for a kernel with CONFIG_ARM_APPENDED_DTB"),
    NULL,
};

/* Load and entry addresses of a zImage are the board's facts about the zImage itself: it
 * is position-independent, and nothing of them changes here. */
static const struct kp_operation pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "check an ARM zImage and append a device tree to it",
    .input_kinds = kinds,
    .output_kind = KP_KIND_ZIMAGE,
    .params = table,
    .params_size = sizeof(struct zimage_params),
    .sets = sets,
    .run = run,
};

static const struct kp_format zimage = {
    .size = sizeof(struct kp_format),
    .name = "zimage",
    .summary = "ARM's self-extracting kernel",
    .kinds = kinds,
    .pack = &pack,
    .inspect = inspect,
};

static const struct kp_format *const formats[] = {&zimage, NULL};

KP_PLUGIN("org.kpipe.zimage", "zimage", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "ARM's self-extracting kernel",
          KP_OFFERS_FORMAT("zimage") KP_OFFERS_STAGE("zimage")
              KP_MAGIC("zimage", "36", "18286f01", "ffffffff")
                  KP_MAGIC("zimage", "36", "016f2818", "ffffffff"),
          .formats = formats)
