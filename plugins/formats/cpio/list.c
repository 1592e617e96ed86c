/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cpio/list.c - the parameter `list`: a text in the language of usr/gen_init_cpio.c.
 *
 *     # a comment
 *     file NAME LOCATION MODE UID GID [FURTHER NAMES...]
 *     dir NAME MODE UID GID
 *     nod NAME MODE UID GID TYPE MAJOR MINOR       TYPE is b or c
 *     slink NAME TARGET MODE UID GID
 *     pipe NAME MODE UID GID
 *     sock NAME MODE UID GID
 *
 * LOCATION is looked up in the tree `files`; a plugin sees no other files, and no variables
 * of the environment. What gen_init_cpio passes over with a message, or without one, is
 * an error: an unknown type, a line that begins with a blank, text behind a line's end.
 */
#include <stdlib.h>
#include <string.h>

#include "cpio.h"

/* The blanks of sscanf. */
#define BLANKS " \t\v\f\r"

struct line {
    struct cpio_writer *w;
    const struct cpio_params *p;
    const char *type;
    char *rest;
    struct cpio_item item;
};

/* Takes the next word off a line, or "". */
static char *next_word(char **rest)
{
    char *word = *rest + strspn(*rest, BLANKS);
    char *end = word + strcspn(word, BLANKS);

    *rest = end;
    if (*end != 0) {
        *end = 0;
        *rest = end + 1;
    }
    return word;
}

static int32_t read_number(struct line *l, const char *what, uint32_t *number)
{
    const char *word = next_word(&l->rest);
    uint64_t value = 0;
    const char *p = word;

    for (; *p >= '0' && *p <= '9' && value <= UINT32_MAX; p++)
        value = 10 * value + (uint64_t)(*p - '0');
    if (*word == 0 || *p != 0 || value > UINT32_MAX)
        return cpio_fail(l->w, NULL, "%s %s: %s: %s: not a number", l->type, l->item.name, what,
                         *word == 0 ? "missing" : word);
    *number = (uint32_t)value;
    return KP_OK;
}

/* MODE UID GID, which all types have. */
static int32_t read_owner(struct line *l, uint32_t type)
{
    const char *word = next_word(&l->rest);
    uint32_t mode = 0;

    if (!cpio_octal(word, CPIO_TYPE | CPIO_PERMISSIONS, &mode) ||
        ((mode & CPIO_TYPE) != 0 && (mode & CPIO_TYPE) != type))
        return cpio_fail(l->w, NULL, "%s %s: mode: %s: not an octal number of its type", l->type,
                         l->item.name, *word == 0 ? "missing" : word);
    l->item.mode = type | (mode & CPIO_PERMISSIONS);
    if (read_number(l, "uid", &l->item.uid) != KP_OK)
        return KP_FAILED;
    return read_number(l, "gid", &l->item.gid);
}

static int32_t find_file(struct line *l, const char *location)
{
    struct kp_call *call = l->w->call;
    struct kp_tree_entry entry = {.size = sizeof(entry)};
    int32_t found;

    while (strncmp(location, "./", 2) == 0)
        location += 2;
    if (location[0] == 0)
        return cpio_fail(l->w, NULL, "file %s: location: missing", l->item.name);
    if (strstr(location, "${") != NULL)
        return cpio_fail(l->w, "write it relative to the tree in files:",
                         "file %s: location: %s: the environment is not looked at", l->item.name,
                         location);
    if (!cpio_is_path(location))
        return cpio_fail(l->w, "write it relative to the tree in files:",
                         "file %s: location: %s: not a name in a tree", l->item.name, location);
    if (l->p->files == NULL)
        return cpio_fail(l->w, "give files: TREE, the folder that locations are relative to",
                         "file %s: location: %s: there is no tree to look in", l->item.name,
                         location);
    found = call->host->tree_find(call, l->p->files, location, &entry);
    if (found == 0)
        return cpio_fail(l->w, NULL, "file %s: location: %s: the tree has no such file",
                         l->item.name, location);
    if (found > 0)
        l->item.data = call->host->tree_open(call, l->p->files, location);
    return l->item.data == NULL ? KP_FAILED : KP_OK;
}

static int32_t read_file(struct line *l)
{
    const char *location = next_word(&l->rest), *word;
    struct kp_text *links;
    uint64_t count = 0;

    if (read_owner(l, CPIO_FILE) != KP_OK || find_file(l, location) != KP_OK)
        return KP_FAILED;
    if (l->rest[strspn(l->rest, BLANKS)] == 0)
        return KP_OK;
    links = l->w->call->host->alloc(l->w->call, (strlen(l->rest) / 2 + 1) * sizeof(*links));
    if (links == NULL)
        return KP_FAILED;
    for (word = next_word(&l->rest); *word != 0; word = next_word(&l->rest))
        links[count++] = (struct kp_text){word, strlen(word)};
    l->item.links = links;
    l->item.link_count = count;
    return KP_OK;
}

static int32_t read_dir(struct line *l)
{
    return read_owner(l, CPIO_FOLDER);
}

static int32_t read_pipe(struct line *l)
{
    return read_owner(l, CPIO_PIPE);
}

static int32_t read_sock(struct line *l)
{
    return read_owner(l, CPIO_SOCKET);
}

static int32_t read_slink(struct line *l)
{
    l->item.target = next_word(&l->rest);
    return read_owner(l, CPIO_LINK);
}

static int32_t read_nod(struct line *l)
{
    const char *kind;

    if (read_owner(l, 0) != KP_OK)
        return KP_FAILED;
    kind = next_word(&l->rest);
    if (strcmp(kind, "b") != 0 && strcmp(kind, "c") != 0)
        return cpio_fail(l->w, NULL, "nod %s: type: %s: neither b nor c", l->item.name,
                         *kind == 0 ? "missing" : kind);
    l->item.mode |= *kind == 'b' ? CPIO_BLOCK : CPIO_CHAR;
    if (read_number(l, "major", &l->item.major) != KP_OK ||
        read_number(l, "minor", &l->item.minor) != KP_OK)
        return KP_FAILED;
    return cpio_check_device(l->w, l->item.name, l->item.major, l->item.minor);
}

static const struct {
    const char *type;
    int32_t (*read)(struct line *l);
} types[] = {{"file", read_file},   {"dir", read_dir},   {"nod", read_nod},
             {"slink", read_slink}, {"pipe", read_pipe}, {"sock", read_sock}};

static int32_t pack_line(struct cpio_writer *w, const struct cpio_params *p, char *text)
{
    struct line l = {.w = w, .p = p, .rest = text};
    size_t i;

    if (text[0] == '#' || text[strspn(text, BLANKS)] == 0)
        return KP_OK;
    if (strchr(BLANKS, text[0]) != NULL)
        return cpio_fail(w, "gen_init_cpio leaves such lines out", "begins with a blank");
    l.type = next_word(&l.rest);
    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i].type, l.type) == 0)
            break;
    if (i == sizeof(types) / sizeof(types[0]))
        return cpio_fail(w, NULL, "%s: not one of file, dir, nod, slink, pipe, sock", l.type);
    l.item.name = next_word(&l.rest);
    l.item.name += l.item.name[0] == '/';
    if (types[i].read(&l) != KP_OK)
        return KP_FAILED;
    if (l.rest[strspn(l.rest, BLANKS)] != 0)
        return cpio_fail(w, "a comment has its own line, which begins with #",
                         "%s %s: %s: more than the line's words", l.type, l.item.name,
                         l.rest + strspn(l.rest, BLANKS));
    return cpio_write_item(w, &l.item);
}

int32_t cpio_pack_list(struct cpio_writer *w, const struct cpio_params *p)
{
    struct kp_call *call = w->call;
    const uint64_t size = kp_size(call, p->list);
    char *text = call->host->alloc(call, size + 1), *end;

    if (text == NULL || call->host->image_read(call, p->list, 0, text, size) != KP_OK)
        return KP_FAILED;
    w->field = &p->list;
    if (memchr(text, 0, (size_t)size) != NULL)
        return cpio_fail(w, NULL, "list: byte 0x%llx is NUL: not a text",
                         (unsigned long long)((char *)memchr(text, 0, (size_t)size) - text));
    for (w->line = 1; *text != 0; w->line++, text = end) {
        end = text + strcspn(text, "\n");
        if (*end != 0)
            *end++ = 0;
        if (pack_line(w, p, text) != KP_OK)
            return KP_FAILED;
    }
    w->line = 0;
    return KP_OK;
}
