/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/json.h - writes JSON, with indentation and correct escapes.
 *
 * A writer is a struct on the stack; names are NULL inside arrays. Bytes that are
 * no UTF-8 become U+FFFD. It only writes, to a FILE; errors stay with the FILE.
 */
#ifndef KP_BASE_JSON_H
#define KP_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct kp_json {
    FILE *to;
    unsigned depth;
    bool more; /* something was written at this depth already */
};

void kp_json_begin(struct kp_json *json, const char *name, char bracket);    /* '{' or '[' */
void kp_json_end(struct kp_json *json, char bracket);                        /* '}' or ']' */
void kp_json_text(struct kp_json *json, const char *name, const char *text); /* NULL: null */
void kp_json_bytes(struct kp_json *json, const char *name, const char *text, size_t length);
void kp_json_number(struct kp_json *json, const char *name, uint64_t number);
void kp_json_integer(struct kp_json *json, const char *name, int64_t number);
void kp_json_boolean(struct kp_json *json, const char *name, bool value);

#endif
