/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/identify.c - what bytes look like, by the magic rows of notes, and which plugin
 * describes them. Only the second opens plugins.
 */
#include <string.h>

#include "kpipe/bytes.h"
#include "kpipe/traits.h"
#include "plugin/registry_private.h"

/* Whether the bytes stand near the begin. */
static bool is_near(const struct kp_magic_row *row, const struct kp_range *range)
{
    uint8_t head[KP_MAGIC_NEAR_BYTES];
    uint64_t size = kp_range_size(range);

    if (size > sizeof(head))
        size = sizeof(head);
    return kp_range_read(range, 0, head, size) &&
           memmem(head, (size_t)size, row->near, row->near_length) != NULL;
}

static bool matches(const struct kp_magic_row *row, const struct kp_range *range)
{
    const uint8_t *bytes;
    uint64_t length;
    size_t done = 0;

    if (!kp_inside(kp_range_size(range), row->offset, row->length))
        return false;
    while (done < row->length) {
        kp_range_piece(range, row->offset + done, &bytes, &length);
        if (length > row->length - done)
            length = row->length - done;
        if (length == 0 || !kp_magic_equal(row, bytes, done, length))
            return false;
        done += length;
    }
    return row->near == NULL || is_near(row, range);
}

bool kp_registry_identify(struct kp_registry *registry, const struct kp_range *range,
                          const char **kind, const char **codec)
{
    *kind = *codec = NULL;
    for (size_t i = 0; i < registry->magic_count; i++) {
        const struct kp_magic_row *row = registry->magic[i].row;

        if (matches(row, range)) {
            *kind = row->kind;
            *codec = row->codec;
            return true;
        }
    }
    return false;
}

const struct kp_magic_row *kp_registry_magic(const struct kp_registry *registry, size_t index)
{
    return index < registry->magic_count ? registry->magic[index].row : NULL;
}

static bool announces(const struct kp_note *note, const char *kind, const char *codec)
{
    for (size_t i = 0; i < note->magic_count; i++) {
        const struct kp_magic_row *row = &note->magic[i];

        if (strcmp(row->kind, kind) == 0 &&
            (row->codec == NULL || (codec != NULL && strcmp(row->codec, codec) == 0)))
            return true;
    }
    return false;
}

/* Looks in an open plugin's tables. */
static bool find_inspector(struct kp_plugin_file *file, const char *kind, const char *codec,
                           struct kp_inspector *inspector)
{
    const struct kp_plugin *plugin = &file->descriptor;

    inspector->plugin = file;
    for (size_t i = 0; codec != NULL && plugin->codecs[i] != NULL; i++) {
        inspector->inspect = plugin->codecs[i]->inspect;
        inspector->format = plugin->codecs[i]->name;
        if (inspector->inspect != NULL && strcmp(inspector->format, codec) == 0)
            return true;
    }
    for (size_t i = 0; plugin->formats[i] != NULL; i++) {
        const char *const *kinds = plugin->formats[i]->kinds;

        inspector->inspect = plugin->formats[i]->inspect;
        inspector->format = plugin->formats[i]->name;
        for (; inspector->inspect != NULL && kinds != NULL && *kinds != NULL; kinds++)
            if (strcmp(*kinds, kind) == 0)
                return true;
    }
    return false;
}

/* Whether the note tells more of images of that kind. */
static bool describes(const struct kp_note *note, const char *kind)
{
    for (size_t i = 0; i < note->described_count; i++)
        if (strcmp(note->described[i], kind) == 0)
            return true;
    return false;
}

/* The plugin that recognises the kind and describes it. */
static bool find_first(struct kp_registry *registry, const char *kind, const char *codec,
                       struct kp_inspector *inspector)
{
    for (size_t i = 0; i < registry->entries.count; i++) {
        struct kp_plugin_file *file = kp_registry_file(registry, i);

        if (announces(&file->note, kind, codec) && kp_registry_open(registry, file) &&
            find_inspector(file, kind, codec, inspector))
            return true;
    }
    return false;
}

bool kp_registry_inspector(struct kp_registry *registry, const char *kind, const char *codec,
                           size_t *next, struct kp_inspector *inspector)
{
    if (kind == NULL)
        kind = KP_KIND_RAW;
    if (strcmp(kind, KP_KIND_COMPRESSED) != 0)
        codec = NULL;
    if (*next == 0) {
        *next = 1;
        if (find_first(registry, kind, codec, inspector))
            return true;
    }
    while (*next <= registry->entries.count) {
        struct kp_plugin_file *file = kp_registry_file(registry, (*next)++ - 1);

        if (describes(&file->note, kind) && kp_registry_open(registry, file) &&
            find_inspector(file, kind, NULL, inspector))
            return true;
    }
    memset(inspector, 0, sizeof(*inspector));
    return false;
}
