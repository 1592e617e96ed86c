/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sources/deb/tar.c - walks a tar archive: names and places of its files. Nothing is taken
 * from it but files, and nothing is followed.
 *
 * Facts from POSIX.1-2017, pax: headers of 512 bytes (name 100, size 12 at 124, checksum 8 at
 * 148, type at 156, magic at 257, prefix 155 at 345), the extended records "LENGTH KEY=VALUE\n";
 * and from GNU tar's manual (Basic Tar Format): long names in members of type L, numbers
 * in base 256 if the highest bit of the field is set. dpkg-deb writes the GNU form.
 */
#include <string.h>

#include "deb.h"

#define BLOCK 512u
/* What one extended header may take. */
#define EXTENSION_MAX (1u << 20)

/* What headers before a file say about it. */
struct extension {
    char name[DEB_NAME_MAX];
    int has_name;
    uint64_t length;
    int has_length;
};

struct walker {
    struct kp_call *call;
    const struct kp_image *archive;
    const char *what;
    uint64_t size, at;
    uint8_t header[BLOCK];
    struct extension next;
    struct deb_file file;
};

static int32_t fail(const struct walker *walker, const char *reason)
{
    return kp_fail(walker->call, "%s: offset %llu: %s", walker->what,
                   (unsigned long long)walker->at, reason);
}

/* A number of a header: octal, or base 256. */
static int read_number(const uint8_t *field, size_t length, uint64_t *value)
{
    size_t i = 0;

    *value = 0;
    if ((field[0] & 0x80) != 0) {
        *value = field[0] & 0x7f;
        for (i = 1; i < length; i++) {
            if (*value > UINT64_MAX >> 8)
                return 0;
            *value = *value << 8 | field[i];
        }
        return 1;
    }
    while (i < length && field[i] == ' ')
        i++;
    for (; i < length && field[i] >= '0' && field[i] <= '7'; i++)
        *value = *value << 3 | (uint64_t)(field[i] - '0');
    return i == length || field[i] == ' ' || field[i] == '\0';
}

static int checksum_is_right(const uint8_t *header)
{
    uint64_t told, sum = 0;

    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= 148 && i < 156 ? ' ' : header[i];
    return read_number(header + 148, 8, &told) && told == sum;
}

static int is_zero(const uint8_t *block)
{
    return block[0] == 0 && memcmp(block, block + 1, BLOCK - 1) == 0;
}

/* The contents of an extended header. NULL after reporting. */
static const uint8_t *read_extension(struct walker *walker, uint64_t length)
{
    const struct kp_host *host = walker->call->host;
    const struct kp_image *image;

    if (length > EXTENSION_MAX) {
        fail(walker, "an extended header of more than a mebibyte");
        return NULL;
    }
    image = host->image_slice(walker->call, walker->archive, walker->at + BLOCK, length);
    return image == NULL ? NULL : host->image_view(walker->call, image);
}

static int32_t set_name(struct walker *walker, const uint8_t *name, size_t length)
{
    while (length > 0 && name[length - 1] == '\0')
        length--;
    if (length >= DEB_NAME_MAX || memchr(name, '\0', length) != NULL)
        return fail(walker, "a name that is too long, or none");
    memcpy(walker->next.name, name, length);
    walker->next.name[length] = '\0';
    walker->next.has_name = 1;
    return KP_OK;
}

static int32_t take_record(struct walker *walker, const uint8_t *key, size_t key_length,
                           const uint8_t *value, size_t length)
{
    if (key_length == 4 && memcmp(key, "path", 4) == 0)
        return set_name(walker, value, length);
    if (key_length > 11 && memcmp(key, "GNU.sparse.", 11) == 0)
        return fail(walker, "a file without its holes (tar --sparse): not supported");
    if (key_length != 4 || memcmp(key, "size", 4) != 0)
        return KP_OK;
    walker->next.length = 0;
    for (size_t i = 0; i < length; i++) {
        if (value[i] < '0' || value[i] > '9' || walker->next.length > UINT64_MAX / 10 - 1)
            return fail(walker, "an extended header with a wrong size");
        walker->next.length = walker->next.length * 10 + (uint64_t)(value[i] - '0');
    }
    walker->next.has_length = 1;
    return KP_OK;
}

/* Records "LENGTH KEY=VALUE\n", where LENGTH counts all of the record. */
static int32_t read_records(struct walker *walker, const uint8_t *text, size_t length)
{
    size_t at = 0;

    while (at < length) {
        size_t total = 0, digits = 0, equals;

        while (at + digits < length && text[at + digits] >= '0' && text[at + digits] <= '9' &&
               digits < 8)
            total = total * 10 + (size_t)(text[at + digits++] - '0');
        if (digits == 0 || total > length - at || total < digits + 3 || text[at + digits] != ' ' ||
            text[at + total - 1] != '\n')
            return fail(walker, "an extended header that is malformed");
        for (equals = at + digits + 1; equals < at + total && text[equals] != '=';)
            equals++;
        if (equals == at + total)
            return fail(walker, "an extended header that is malformed");
        if (take_record(walker, text + at + digits + 1, equals - at - digits - 1, text + equals + 1,
                        at + total - equals - 2) != KP_OK)
            return KP_FAILED;
        at += total;
    }
    return KP_OK;
}

const char *deb_plain_name(const char *name)
{
    while (name[0] == '/' || (name[0] == '.' && name[1] == '/'))
        name += name[0] == '/' ? 1 : 2;
    return name;
}

/* The name in the header itself: POSIX has a prefix before it, GNU has not. */
static void header_name(const uint8_t *header, char *to)
{
    const int posix = memcmp(header + 257, "ustar\0", 6) == 0;
    const size_t prefix = posix ? strnlen((const char *)header + 345, 155) : 0;
    const size_t name = strnlen((const char *)header, 100);

    memcpy(to, header + 345, prefix);
    if (prefix > 0)
        to[prefix] = '/';
    memcpy(to + prefix + (prefix > 0), header, name);
    to[prefix + (prefix > 0) + name] = '\0';
}

/* A file, with what was said before about it. */
static void describe(struct walker *walker, uint64_t length)
{
    const char type = (char)walker->header[156];
    char in_header[155 + 1 + 100 + 1];
    const char *name = in_header;

    if (walker->next.has_name)
        name = walker->next.name;
    else
        header_name(walker->header, in_header);
    name = deb_plain_name(name);
    memcpy(walker->file.name, name, strlen(name) + 1);
    walker->file.type = type == '\0' || type == '7' ? '0' : type;
    walker->file.offset = walker->at + BLOCK;
    walker->file.length = length;
    walker->next.has_name = walker->next.has_length = 0;
}

/* One header. *length is what follows it; *is_file tells that walker->file is there. */
static int32_t read_header(struct walker *walker, uint64_t *length, int *is_file)
{
    const char type = (char)walker->header[156];
    const int extends = type == 'L' || type == 'K' || type == 'x' || type == 'g';
    const uint8_t *text;

    *is_file = 0;
    if (!checksum_is_right(walker->header))
        return fail(walker, "no tar header: its checksum is wrong");
    if (!read_number(walker->header + 124, 12, length))
        return fail(walker, "a size that is none");
    if (!extends && walker->next.has_length)
        *length = walker->next.length;
    if (type >= '1' && type <= '6') /* links, devices, folders have no contents */
        *length = 0;
    if (!kp_inside(walker->size - walker->at - BLOCK, 0, *length))
        return fail(walker, "a file that is longer than what is left: the archive is cut short");
    if (!extends) {
        describe(walker, *length);
        *is_file = 1;
        return KP_OK;
    }
    if (type == 'K' || type == 'g')
        return KP_OK;
    text = read_extension(walker, *length);
    if (text == NULL)
        return KP_FAILED;
    return type == 'L' ? set_name(walker, text, (size_t)*length)
                       : read_records(walker, text, (size_t)*length);
}

int32_t deb_walk(struct kp_call *call, const struct kp_image *archive, const char *name,
                 int32_t (*visit)(void *data, const struct deb_file *file), void *data)
{
    struct walker *walker = call->host->alloc(call, sizeof(*walker));
    uint64_t length = 0, padded = 0;
    int is_file = 0;

    if (walker == NULL)
        return KP_FAILED;
    walker->call = call;
    walker->archive = archive;
    walker->what = name;
    walker->size = kp_size(call, archive);
    for (; walker->size - walker->at >= BLOCK; walker->at += BLOCK + padded) {
        if (call->host->cancelled(call) ||
            call->host->image_read(call, archive, walker->at, walker->header, BLOCK) != KP_OK)
            return KP_FAILED;
        if (is_zero(walker->header))
            return KP_OK;
        if (read_header(walker, &length, &is_file) != KP_OK)
            return KP_FAILED;
        if (is_file && visit(data, &walker->file) != KP_OK)
            return KP_FAILED;
        if (!kp_align(length, BLOCK, &padded) ||
            padded > walker->size - walker->at - BLOCK) /* the last one may lack its padding */
            return KP_OK;
    }
    return fail(walker, "its end is missing: the archive is cut short");
}
