/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/fuzz/its.c - image tree sources, as plugin fit reads them (plugins/formats/fit/its.h).
 *
 * An input is the file a.its of a tree; what follows a byte 0xff is its file d/b.its, which may
 * include the first, and so on. There is also d/data. The host is a stub: it has what the reader asks
 * for, counts its memory, and sees that it fails with an error exactly once.
 */
#include <stdio.h>
#include <string.h>

#include "../../plugins/formats/fit/its.h"
#include "fuzz.h"

/* What the reader takes at most for each byte of text, besides paths: FIT_ITS_MEMORY follows from it. */
#define MEMORY_PER_BYTE 100u
#define MEMORY_BASE (65536u + (4u << 20))

struct kp_image {
    const char *name;
    const uint8_t *bytes;
    size_t size;
};

struct world {
    struct kp_call call; /* the first member */
    struct kp_image files[3];
    void *blocks; /* each begins with the address of the next */
    uint64_t memory, read;
    unsigned failures;
};

static struct world *world_of(struct kp_call *call)
{
    return (struct world *)call;
}

static uint64_t image_size(struct kp_call *call, const struct kp_image *image)
{
    (void)call;
    return image->size;
}

static const uint8_t *image_view(struct kp_call *call, const struct kp_image *image)
{
    world_of(call)->read += image->size;
    return image->bytes;
}

static int32_t image_read(struct kp_call *call, const struct kp_image *image, uint64_t offset,
                          void *to, uint64_t length)
{
    (void)call;
    FUZZ_CHECK(kp_inside(image->size, offset, length));
    memcpy(to, image->bytes + offset, length);
    return KP_OK;
}

static void message(struct kp_call *call, uint32_t severity, const char *text, const char *detail)
{
    (void)call;
    FUZZ_CHECK(severity == KP_WARNING && detail == NULL && strncmp(text, "its: ", 5) == 0);
}

static int32_t fail(struct kp_call *call, const struct kp_problem *problem)
{
    FUZZ_CHECK(strncmp(problem->text, "its: ", 5) == 0 && problem->hint != NULL);
    world_of(call)->failures++;
    return KP_FAILED;
}

static int32_t cancelled(struct kp_call *call)
{
    (void)call;
    return 0;
}

static void *alloc(struct kp_call *call, uint64_t length)
{
    struct world *world = world_of(call);
    void **block = calloc(1, 16 + length);

    FUZZ_CHECK(block != NULL);
    *block = world->blocks;
    world->blocks = block;
    world->memory += length;
    return (uint8_t *)block + 16;
}

static struct kp_image *file_of(struct kp_call *call, const char *name)
{
    struct world *world = world_of(call);

    FUZZ_CHECK(name[0] != '/' && name[0] != '\0' && strcmp(name, "..") != 0 &&
               strncmp(name, "../", 3) != 0 && strstr(name, "//") == NULL &&
               strstr(name, "/../") == NULL);
    for (size_t i = 0; i < sizeof(world->files) / sizeof(world->files[0]); i++)
        if (strcmp(world->files[i].name, name) == 0)
            return &world->files[i];
    return NULL;
}

static int32_t tree_find(struct kp_call *call, const struct kp_tree *tree, const char *name,
                         struct kp_tree_entry *entry)
{
    (void)tree;
    entry->type = strcmp(name, "d") == 0 ? KP_TREE_FOLDER : KP_TREE_FILE;
    return entry->type == KP_TREE_FOLDER || file_of(call, name) != NULL;
}

static const struct kp_image *tree_open(struct kp_call *call, const struct kp_tree *tree,
                                        const char *name)
{
    (void)tree;
    return file_of(call, name);
}

static const struct kp_host host = {.size = sizeof(struct kp_host),
                                    .image_size = image_size,
                                    .image_view = image_view,
                                    .image_read = image_read,
                                    .message = message,
                                    .fail = fail,
                                    .cancelled = cancelled,
                                    .alloc = alloc,
                                    .tree_find = tree_find,
                                    .tree_open = tree_open};

/* --- what must hold of a tree --- */

static void check_name(const char *name, const char * not )
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  ",._+*#?@-";

    FUZZ_CHECK(name[0] != '\0' && strspn(name, letters) == strlen(name));
    FUZZ_CHECK(strpbrk(name, not ) == NULL);
}

static void check_property(const struct fit_property *property)
{
    uint64_t length = 0, sum = 0;

    check_name(property->name, "@");
    for (const struct fit_piece *piece = property->first; piece != NULL; piece = piece->next) {
        FUZZ_CHECK(piece->next != NULL || piece == property->last);
        length += piece->length;
        FUZZ_CHECK(piece->image == NULL ||
                   kp_inside(piece->image->size, piece->offset, piece->length));
        for (uint64_t i = 0; piece->image == NULL && i < piece->length; i++)
            sum += piece->bytes[i]; /* which a sanitizer sees */
    }
    FUZZ_CHECK(length == property->length && sum <= 255 * length);
}

static void check_node(const struct fit_node *node, unsigned depth)
{
    FUZZ_CHECK(depth <= TREE_DEPTH);
    for (const struct fit_property *p = node->properties; p != NULL; p = p->next) {
        check_property(p);
        FUZZ_CHECK(fit_find_property(node, p->name) == p);
        FUZZ_CHECK(p->next != NULL || p == node->last_property);
    }
    for (const struct fit_node *child = node->children; child != NULL; child = child->next) {
        check_name(child->name, "*#?");
        FUZZ_CHECK(child->parent == node && fit_find_node(node, child->name) == child);
        FUZZ_CHECK(child->next != NULL || child == node->last_child);
        check_node(child, depth + 1);
    }
}

/* True if the source is read. */
static bool read_source(const uint8_t *bytes, size_t size)
{
    const uint8_t *end = size == 0 ? NULL : memchr(bytes, 0xff, size);
    const size_t first = end == NULL ? size : (size_t)(end - bytes);
    struct world world = {
        .call = {sizeof(struct kp_call), &host, NULL, NULL, NULL},
        .files = {{"a.its", fuzz_copy(bytes, first), first},
                  {"d/b.its",
                   fuzz_copy(end == NULL ? NULL : end + 1, end == NULL ? 0 : size - first - 1),
                   end == NULL ? 0 : size - first - 1},
                  {"d/data", fuzz_copy("0123456789", 10), 10}},
    };
    const struct kp_text name = {"./d/../a.its", 12};
    struct fit_reservation *reservations;
    struct fit_node *root = NULL;
    const int32_t result = fit_read_its(&world.call, NULL, &name, &root, &reservations);

    FUZZ_CHECK(world.failures == (result == KP_OK ? 0 : 1));
    FUZZ_CHECK(world.memory <= MEMORY_BASE + MEMORY_PER_BYTE * world.read);
    if (result == KP_OK) {
        FUZZ_CHECK(root->name[0] == '\0' && root->parent == NULL && root->next == NULL);
        check_node(root, 0);
    }
    for (void *block = world.blocks, *next; block != NULL; block = next) {
        next = *(void **)block;
        free(block);
    }
    for (size_t i = 0; i < sizeof(world.files) / sizeof(world.files[0]); i++)
        free((void *)(uintptr_t)world.files[i].bytes);
    return result == KP_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    read_source(bytes, size);
    return 0;
}

/* --- inputs to begin with: each is in order --- */

static const char *const sources[] = {
    "/dts-v1/;\n/ {\n\tdescription = \"an image\";\n\t#address-cells = <1>;\n\timages {\n"
    "\t\tkernel {\n\t\t\tdata = /incbin/(\"d/data\");\n\t\t\ttype = \"kernel\";\n"
    "\t\t\tload = <0x80008000>;\n\t\t\thash-1 { algo = \"sha256\"; };\n\t\t};\n\t};\n"
    "\tconfigurations { default = \"a\"; a { kernel = \"kernel\"; fdt = \"b\", \"c\"; }; };\n};\n",
    "/dts-v1/; /dts-v1/; l: /memreserve/ 0x1000 (2 * 0x800); / { x = <1 2>, [00 ff], \"\\x41\\n\"; "
    "};",
    "/dts-v1/; / { l: a { b {}; }; m: c { d; e = <1>; }; }; &l { f; }; &{/c} { e = <2>; "
    "/delete-property/ d; }; /delete-node/ &l; / { a { g; }; };",
    "/dts-v1/; / { x = <&l &{/a} &l>, &l; y = &{/a/b}; l: a { phandle = <7>; m: b {}; }; "
    "n: n { linux,phandle = <9>; }; n2 { p = <&m &n>; }; };",
    "/dts-v1/; / { n: n { phandle = <&n>; }; /omit-if-no-ref/ o {}; p: p { q = <&n>; }; };",
    "/dts-v1/; / { x = <(1 ? 2 : 3) (-1) (~0 >> 32) (1 + 2 * 3 << 4 == 5 && !6) 'a' 0177UL>; "
    "y = /bits/ 8 <1 2>, /bits/ 64 <0xffffffffffffffff>, /bits/ 16 <(7 / 2 % 2)>; };",
    "/dts-v1/;\n# 1 \"a.its\" 1\n/ {\n#line 7 \"x\"\n/* c */ a = \"b\", \"c\"; // d\n};\n",
    "/dts-v1/; /include/ \"d/b.its\"\n/ { z = /incbin/(\"d/data\", 2, 3), [01]; };"
    "\xff/ { a = /incbin/ (\"data\", 1, (-1)), \"x\"; };",
    "/dts-v1/; / { /include/ \"d/b.its\" };\xff x = /incbin/(\"data\"); b { };",
    "/dts-v1/; / { x = &{/}; a { phandle = [00 01], &{/}, [02 03]; }; };",
    "/dts-v1/; / { a@1 { name = \"a\"; \\b = [l: 0a]; l2: c = l3: <l4: 1 l5:> l6:; }; };",
};

void fuzz_seeds(fuzz_seed *seed, void *data)
{
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        if (!read_source((const uint8_t *)sources[i], strlen(sources[i])))
            fprintf(stderr, "not read: %s\n", sources[i]);
        FUZZ_CHECK(read_source((const uint8_t *)sources[i], strlen(sources[i])));
        seed(data, sources[i], strlen(sources[i]));
    }
}
