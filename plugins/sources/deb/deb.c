/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sources/deb/deb.c - a Debian package as a source: the kernel, its configuration and symbols,
 * device trees, and any other file by its path; and what the package says of itself.
 *
 * Where Debian's kernel packages keep things (linux-image-*, linux-image-*-dbg, by
 * debian/rules.real of the package linux 6.1): /boot/vmlinuz-RELEASE (vmlinux- where the
 * architecture boots that), config-RELEASE and System.map-RELEASE beside it, device trees
 * below /usr/lib/linux-image-RELEASE, and /usr/lib/debug/boot/vmlinux-RELEASE with symbols.
 */
#include <string.h>

#include "deb.h"

/* Kernel packages have a few hundred device trees; `files` is written by people. */
#define DEFAULT_LIMIT "4G"
#define CONTROL_LIMIT (UINT64_C(64) << 20)
#define MOST_DTBS 60000u /* kpipe takes 65536 images of a source in all */

struct wanted_file {
    struct kp_text name;
    struct kp_text path;
};

struct deb_params {
    const struct kp_image *file;
    uint8_t has_dtb;
    struct kp_text dtb;
    struct kp_list files; /* of struct wanted_file */
    uint64_t limit;
};

/* What a package has at most one of. */
struct single {
    const char *name;
    const struct kp_image *image;
    unsigned count;
    uint8_t is_kernel;
};

enum { VMLINUZ, VMLINUX, CONFIG, SYSTEM_MAP, SINGLES };

struct reader {
    struct kp_call *call;
    const struct deb_params *params;
    const struct kp_image *data;
    const char *arch;  /* NULL: not one that is known */
    char release[256]; /* "" if no kernel tells it */
    struct single singles[SINGLES];
    const struct kp_image *dtb; /* the one that was asked for */
    uint64_t dtbs;              /* device trees, */
    uint64_t hard_links;        /* and those that are left out */
    uint8_t *found;             /* one for each of `files` */
};

static const struct kp_image *slice(const struct reader *reader, const struct deb_file *file)
{
    return reader->call->host->image_slice(reader->call, reader->data, file->offset, file->length);
}

static int32_t set_traits(const struct reader *reader, struct kp_output *output, int is_kernel)
{
    const struct kp_host *host = reader->call->host;

    if (output == NULL)
        return KP_FAILED;
    if (reader->arch != NULL &&
        host->set_text(reader->call, output, KP_TRAIT_ARCH, reader->arch) != KP_OK)
        return KP_FAILED;
    if (!is_kernel || reader->release[0] == '\0')
        return KP_OK;
    return host->set_text(reader->call, output, KP_TRAIT_VERSION, reader->release);
}

/* What stands behind `prefix` in a name; NULL if it does not begin so, or has a folder there. */
static const char *behind(const char *name, const char *prefix)
{
    const size_t length = strlen(prefix);

    return strncmp(name, prefix, length) == 0 && strchr(name + length, '/') == NULL ? name + length
                                                                                    : NULL;
}

static int32_t take_single(struct reader *reader, const struct deb_file *file)
{
    static const struct {
        const char *prefix;
        unsigned what;
    } places[] = {
        {"boot/vmlinuz-", VMLINUZ},
        {"boot/vmlinux-", VMLINUX},
        {"usr/lib/debug/boot/vmlinux-", VMLINUX},
        {"boot/config-", CONFIG},
        {"boot/System.map-", SYSTEM_MAP},
    };

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        const char *release = behind(file->name, places[i].prefix);
        struct single *single = &reader->singles[places[i].what];

        if (release == NULL)
            continue;
        if (single->count++ == 0)
            single->image = slice(reader, file);
        if (reader->release[0] == '\0' && strlen(release) < sizeof(reader->release))
            memcpy(reader->release, release, strlen(release) + 1);
        return single->image == NULL ? KP_FAILED : KP_OK;
    }
    return KP_OK;
}

/* The name of a device tree within its folder, "allwinner/x.dtb"; NULL if it is none. */
static const char *dtb_label(const char *name)
{
    static const char folder[] = "usr/lib/linux-image-";
    const char *slash;
    const size_t length = strlen(name);

    if (length < 4 || strcmp(name + length - 4, ".dtb") != 0 ||
        strncmp(name, folder, sizeof(folder) - 1) != 0)
        return NULL;
    slash = strchr(name + sizeof(folder) - 1, '/');
    return slash == NULL ? NULL : slash + 1;
}

/* A name as it was asked for: whole, or without its folder. */
static int is_called(const char *label, const char *wanted)
{
    const char *slash = strrchr(label, '/');

    return strcmp(label, wanted) == 0 || (slash != NULL && strcmp(slash + 1, wanted) == 0);
}

static int32_t take_dtb(struct reader *reader, const struct deb_file *file)
{
    const char *label = dtb_label(file->name);
    const struct kp_image *image = label == NULL ? NULL : slice(reader, file);

    if (label == NULL)
        return KP_OK;
    if (image == NULL)
        return KP_FAILED;
    if (reader->dtbs++ == MOST_DTBS)
        return kp_fail(reader->call, "data.tar: more than %u device trees: no kernel has as many",
                       MOST_DTBS);
    if (reader->params->has_dtb && reader->dtb == NULL &&
        is_called(label, reader->params->dtb.bytes))
        reader->dtb = image;
    return set_traits(reader, reader->call->host->source_list(reader->call, "dtbs", label, image),
                      0);
}

static const struct wanted_file *wanted(const struct reader *reader, uint64_t index)
{
    return &((const struct wanted_file *)reader->params->files.items)[index];
}

/* Those of `files` that are this one. */
static int32_t take_wanted(struct reader *reader, const struct deb_file *file)
{
    for (uint64_t i = 0; i < reader->params->files.count; i++) {
        const struct wanted_file *one = wanted(reader, i);
        const struct kp_image *image;

        if (reader->found[i] != 0 || strcmp(deb_plain_name(one->path.bytes), file->name) != 0)
            continue;
        if (file->type != '0')
            return kp_fail_at(reader->call, &one->path, "name the file itself",
                              "%s: not a file, but a link, a folder or a device", one->path.bytes);
        image = slice(reader, file);
        if (image == NULL ||
            set_traits(reader,
                       reader->call->host->source_image(reader->call, one->name.bytes, image),
                       0) != KP_OK)
            return KP_FAILED;
        reader->found[i] = 1;
    }
    return KP_OK;
}

static int32_t take_file(void *data, const struct deb_file *file)
{
    struct reader *reader = data;

    if (take_wanted(reader, file) != KP_OK)
        return KP_FAILED;
    if (file->type == '1' && dtb_label(file->name) != NULL)
        reader->hard_links++;
    if (file->type != '0')
        return KP_OK;
    return take_single(reader, file) == KP_OK ? take_dtb(reader, file) : KP_FAILED;
}

/* Names that recipes can use, and that nothing else has. */
static int32_t check_names(struct reader *reader)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char others[] = "0123456789_-";
    static const char *const taken[] = {"vmlinuz",    "vmlinux", "config",
                                        "system-map", "dtb",     "dtbs"};

    for (uint64_t i = 0; i < reader->params->files.count; i++) {
        const struct kp_text *name = &wanted(reader, i)->name;
        size_t length = 0;

        while (name->bytes[length] != '\0' &&
               (strchr(letters, name->bytes[length]) != NULL ||
                (length > 0 && strchr(others, name->bytes[length]) != NULL)))
            length++;
        if (length == 0 || name->bytes[length] != '\0')
            return kp_fail_at(reader->call, name, NULL,
                              "%s: not a name: a letter, then letters, digits, _ and -",
                              name->bytes);
        for (size_t j = 0; j < sizeof(taken) / sizeof(taken[0]); j++)
            if (strcmp(taken[j], name->bytes) == 0)
                return kp_fail_at(reader->call, name, NULL,
                                  "%s: a package's own item has that name", name->bytes);
        for (uint64_t j = 0; j < i; j++)
            if (strcmp(wanted(reader, j)->name.bytes, name->bytes) == 0)
                return kp_fail_at(reader->call, name, NULL, "%s: named twice", name->bytes);
    }
    return KP_OK;
}

/* What was asked for by name must be there. */
static int32_t check_found(const struct reader *reader)
{
    for (uint64_t i = 0; i < reader->params->files.count; i++)
        if (reader->found[i] == 0)
            return kp_fail_at(reader->call, &wanted(reader, i)->path,
                              "`dpkg-deb --contents` lists the files",
                              "%s: no such file in the package", wanted(reader, i)->path.bytes);
    if (reader->params->has_dtb && reader->dtb == NULL)
        return kp_fail_at(
            reader->call, &reader->params->dtb, "`dpkg-deb --contents` lists the files",
            "%s: no device tree of that name in the package", reader->params->dtb.bytes);
    return KP_OK;
}

static int32_t give_singles(struct reader *reader)
{
    const struct kp_host *host = reader->call->host;

    for (size_t i = 0; i < SINGLES; i++) {
        const struct single *single = &reader->singles[i];

        if (single->count > 1)
            kp_message(reader->call, KP_NOTE, "%s: %u in the package: name one with 'files'",
                       single->name, single->count);
        if (single->count == 1 &&
            set_traits(reader, host->source_image(reader->call, single->name, single->image),
                       single->is_kernel) != KP_OK)
            return KP_FAILED;
    }
    if (reader->hard_links > 0)
        kp_message(reader->call, KP_WARNING,
                   "dtbs: %llu device trees that are further names (hard links) of files are left "
                   "out: name the files themselves",
                   (unsigned long long)reader->hard_links);
    if (reader->dtb != NULL &&
        set_traits(reader, host->source_image(reader->call, "dtb", reader->dtb), 0) != KP_OK)
        return KP_FAILED;
    return KP_OK;
}

static int32_t give_facts(const struct reader *reader, const struct deb_control *control)
{
    const struct kp_host *host = reader->call->host;
    const char *arch = reader->arch != NULL ? reader->arch : control->architecture;

    if (host->source_fact(reader->call, "package", control->package) != KP_OK ||
        host->source_fact(reader->call, "version", control->version) != KP_OK ||
        host->source_fact(reader->call, "architecture", arch) != KP_OK)
        return KP_FAILED;
    return reader->release[0] == '\0' ? KP_OK
                                      : host->source_fact(reader->call, "release", reader->release);
}

static int32_t read_data(struct reader *reader)
{
    struct kp_call *call = reader->call;

    reader->found = call->host->alloc(call, reader->params->files.count + 1);
    if (reader->found == NULL || check_names(reader) != KP_OK ||
        call->host->source_list(call, "dtbs", NULL, NULL) == NULL ||
        deb_walk(call, reader->data, "data.tar", take_file, reader) != KP_OK)
        return KP_FAILED;
    return check_found(reader) == KP_OK ? give_singles(reader) : KP_FAILED;
}

static int32_t run(struct kp_call *call)
{
    struct reader reader = {.call = call,
                            .params = call->params,
                            .singles = {[VMLINUZ] = {.name = "vmlinuz", .is_kernel = 1},
                                        [VMLINUX] = {.name = "vmlinux", .is_kernel = 1},
                                        [CONFIG] = {.name = "config"},
                                        [SYSTEM_MAP] = {.name = "system-map"}}};
    const struct kp_image *archive;
    const struct kp_arch *arch;
    struct deb_members members;
    struct deb_control control;

    if (deb_find_members(call, reader.params->file, &members) != KP_OK)
        return KP_FAILED;
    archive = deb_unpack(call, members.control, "control.tar", CONTROL_LIMIT);
    if (archive == NULL || deb_read_control(call, archive, &control) != KP_OK)
        return KP_FAILED;
    arch = call->host->arch(call, control.architecture);
    reader.arch = arch != NULL ? arch->name : NULL;
    reader.data = deb_unpack(call, members.data, "data.tar", reader.params->limit);
    if (reader.data == NULL || read_data(&reader) != KP_OK)
        return KP_FAILED;
    return give_facts(&reader, &control);
}

static const struct kp_param *const file_table[] = {
    KP_TEXT(struct wanted_file, name, .flags = KP_PARAM_REQUIRED, .minimum = 1, .maximum = 255,
            .summary = "what the recipe calls it"),
    KP_TEXT(struct wanted_file, path, .flags = KP_PARAM_REQUIRED, .minimum = 1, .maximum = 4000,
            .summary = "its path in the package"),
    NULL,
};

static const struct kp_param *const table[] = {
    KP_IMAGE(struct deb_params, file, .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT,
             .summary = "the package"),
    KP_TEXT(struct deb_params, dtb, .presence = offsetof(struct deb_params, has_dtb),
            .summary = "file name of the device tree that the image `dtb` is"),
    KP_RECORD_LIST(struct deb_params, files, struct wanted_file, .fields = file_table,
                   .max_items = 1000, .summary = "further files to be images"),
    KP_UINT(struct deb_params, limit, .fallback = DEFAULT_LIMIT, .minimum = 1,
            .maximum = UINT64_MAX, .unit = "bytes",
            .summary = "what the package may decompress to"),
    NULL,
};

static const struct kp_source deb = {
    .size = sizeof(struct kp_source),
    .name = "deb",
    .summary = "a Debian package",
    .help = "Images: vmlinuz, config and system-map from /boot; vmlinux, also that of a -dbg "
            "package; dtb, the device tree that the parameter names; and what `files` lists. One "
            "that the package lacks, or has several of, is not there.\n"
            "\n"
            "List: dtbs, all device trees of the kernel.\n"
            "\n"
            "Facts: package, version, architecture (by kpipe's name), and release, as in "
            "6.1.0-49-arm64, where a kernel tells it. Images carry the architecture, and kernels "
            "the release as their version.",
    .params = table,
    .params_size = sizeof(struct deb_params),
    .memory_base = 65536,
    .run = run,
};

static const struct kp_source *const sources[] = {&deb, NULL};

KP_PLUGIN("org.kpipe.deb", "deb", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "Debian packages", KP_OFFERS_SOURCE("deb"), .sources = sources)
