/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/remake_text.c - values and properties of a FIT as a recipe says them.
 */
#include <stdarg.h>
#include <string.h>

#include "remake.h"

KP_PRINTF(2, 3)
void fit_text_add(struct fit_text_writer *t, const char *format, ...)
{
    const size_t room = KP_REMAKE_MAX - t->length;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(t->bytes + t->length, room, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= room)
        t->failed = 1;
    else
        t->length += (size_t)length;
}

void fit_text_quote(struct fit_text_writer *t, const char *text)
{
    const size_t length =
        kp_quote(t->bytes + t->length, KP_REMAKE_MAX - t->length, text, strlen(text));

    t->failed = t->failed || length == 0;
    t->length += length;
}

/* --- values --- */

/* How many texts a value is; 0: it is none. */
int fit_count_texts(const char *value, int length)
{
    int i, count = 0;

    if (length <= 1 || value[length - 1] != 0)
        return 0;
    for (i = 0; i < length; i++) {
        if (value[i] == 0 ? i == 0 || value[i - 1] == 0 : value[i] < ' ' || value[i] > '~')
            return 0;
        count += value[i] == 0;
    }
    return count;
}

void fit_text_list(struct fit_text_writer *t, const char *value, int length)
{
    int at;

    fit_text_add(t, "[");
    for (at = 0; at < length; at += (int)strlen(value + at) + 1) {
        fit_text_add(t, "%s", at == 0 ? "" : ", ");
        fit_text_quote(t, value + at);
    }
    fit_text_add(t, "]");
}

void fit_text_hex(struct fit_text_writer *t, const uint8_t *value, int length)
{
    int i;

    fit_text_add(t, "\"");
    for (i = 0; i < length; i++)
        fit_text_add(t, "%02x", value[i]);
    fit_text_add(t, "\"");
}

/* ", NAME: value" of a property that has a parameter of its own; `list`: it takes several texts. */
static void add_texts(struct fit_text_writer *t, const char *name, const char *value, int length,
                      int list)
{
    fit_text_add(t, ", %s: ", name);
    if (list)
        fit_text_list(t, value, length);
    else
        fit_text_quote(t, value);
}

/* An item of `properties`. */
void fit_text_more(struct fit_text_writer *t, const char *name, const char *value, int length)
{
    const int texts = fit_count_texts(value, length);

    fit_text_add(t, "{name: ");
    fit_text_quote(t, name);
    if (texts == 1) {
        fit_text_add(t, ", text: ");
        fit_text_quote(t, value);
    } else if (texts > 1) {
        fit_text_add(t, ", strings: ");
        fit_text_list(t, value, length);
    } else if (length > 0) {
        fit_text_add(t, ", bytes: ");
        fit_text_hex(t, (const uint8_t *)value, length);
    }
    fit_text_add(t, "}");
}

/* Says a property by its own parameter; 0: that has no words for it. */
int fit_text_known(struct fit_text_writer *t, const struct fit_known *known, const char *name,
                   const char *value, int length)
{
    const int texts = fit_count_texts(value, length);
    uint64_t address;

    while (known->name != NULL && strcmp(known->name, name) != 0)
        known++;
    if (known->name == NULL)
        return 0;
    switch (known->form) {
    case ADDRESS:
        address = length == 4   ? kp_be32((const uint8_t *)value)
                  : length == 8 ? kp_be64((const uint8_t *)value)
                                : 0;
        if ((length != 4 && length != 8) || (length == 8 && address <= UINT32_MAX))
            return 0;
        fit_text_add(t, ", %s: 0x%llx", name, (unsigned long long)address);
        return 1;
    case CHOICE:
        if (texts != 1 || uboot_choice(known->choices, value) == NULL)
            return 0;
        break;
    default:
        if (known->form == TEXTS ? texts == 0 : texts != 1)
            return 0;
    }
    add_texts(t, name, value, length, known->form == TEXTS);
    return 1;
}

/* The properties of a node: those that are known, then the others, then in which order they stand.
 * `data` is the image's own. */
void fit_text_properties(struct fit_text_writer *t, const struct fit_known *known, int node)
{
    const void *tree = t->frame->tree;
    struct fit_text_writer more = *t;
    int property, length, count = 0;
    const char *name, *value;

    more.bytes = t->spare;
    more.length = 0;
    fdt_for_each_property_offset(property, tree, node) {
        value = fdt_getprop_by_offset(tree, property, &name, &length);
        if (fit_is_contents(name) || fit_text_known(t, known, name, value, length))
            continue;
        fit_text_add(&more, "%s", count++ == 0 ? "" : ", ");
        fit_text_more(&more, name, value, length);
    }
    t->failed = t->failed || more.failed;
    if (count > 0)
        fit_text_add(t, ", properties: [%s]", more.bytes);
}

/* Names of all properties, in their order, but for those that tell where contents lie. */
void fit_text_order(struct fit_text_writer *t, int node)
{
    const void *tree = t->frame->tree;
    int property, count = 0;
    const char *name;

    fit_text_add(t, ", order: [");
    fdt_for_each_property_offset(property, tree, node) {
        fdt_getprop_by_offset(tree, property, &name, NULL);
        if (fit_is_contents(name) && strcmp(name, "data") != 0)
            continue;
        fit_text_add(t, "%s", count++ == 0 ? "" : ", ");
        fit_text_quote(t, name);
    }
    fit_text_add(t, "]");
}
