/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sources/deb/control.c - what a package says of itself: three fields of its control file.
 *
 * Facts from deb-control(5): lines "Field: value", names of fields in any case, one paragraph.
 */
#include <string.h>
#include <strings.h>

#include "deb.h"

/* Control files are a page; packages with long lists of dependencies have a few. */
#define CONTROL_MAX (1u << 20)

struct search {
    struct kp_call *call;
    const struct kp_image *archive;
    const struct kp_image *control;
};

static int32_t find_control(void *data, const struct deb_file *file)
{
    struct search *search = data;

    if (file->type != '0' || strcmp(file->name, "control") != 0)
        return KP_OK;
    search->control =
        search->call->host->image_slice(search->call, search->archive, file->offset, file->length);
    return search->control == NULL ? KP_FAILED : KP_OK;
}

/* Takes a line if it is the field; `to` has room for `room` bytes. */
static void take_field(const char *line, size_t length, const char *field, char *to, size_t room)
{
    const size_t name = strlen(field);

    if (to[0] != '\0' || length <= name || line[name] != ':' || strncasecmp(line, field, name) != 0)
        return;
    line += name + 1;
    length -= name + 1;
    while (length > 0 && (*line == ' ' || *line == '\t')) {
        line++;
        length--;
    }
    while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\r'))
        length--;
    if (length >= room)
        return;
    for (size_t i = 0; i < length; i++) /* these fields are printable ASCII */
        if (line[i] <= ' ' || line[i] > '~')
            return;
    memcpy(to, line, length);
    to[length] = '\0';
}

int32_t deb_read_control(struct kp_call *call, const struct kp_image *archive,
                         struct deb_control *control)
{
    struct search search = {.call = call, .archive = archive};
    const char *text;
    size_t size;

    memset(control, 0, sizeof(*control));
    if (deb_walk(call, archive, "control.tar", find_control, &search) != KP_OK)
        return KP_FAILED;
    if (search.control == NULL)
        return kp_fail(call, "control.tar: no file 'control' in it");
    if (kp_size(call, search.control) > CONTROL_MAX)
        return kp_fail(call, "control: more than a mebibyte");
    size = (size_t)kp_size(call, search.control);
    text = (const char *)kp_view(call, search.control);
    for (size_t at = 0; text != NULL && at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        const size_t length = (end != NULL ? (size_t)(end - text) : size) - at;

        take_field(text + at, length, "Package", control->package, sizeof(control->package));
        take_field(text + at, length, "Version", control->version, sizeof(control->version));
        take_field(text + at, length, "Architecture", control->architecture,
                   sizeof(control->architecture));
        at += length + 1;
    }
    if (text == NULL)
        return KP_FAILED;
    if (control->package[0] == '\0' || control->version[0] == '\0' ||
        control->architecture[0] == '\0')
        return kp_fail(call, "control: Package, Version or Architecture is missing");
    return KP_OK;
}
