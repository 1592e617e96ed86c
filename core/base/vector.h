/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/vector.h - a growable array, and growable text.
 *
 * Both own their memory; a zeroed struct is an empty one. Not safe for several
 * threads. Pointers to items are valid until the next push.
 */
#ifndef KP_BASE_VECTOR_H
#define KP_BASE_VECTOR_H

#include <stdbool.h>
#include <stddef.h>

struct kp_vector {
    void *items;
    size_t count;
    size_t capacity;
};

/* A new zeroed item at the end, or NULL when memory runs out. All pushes to one
 * vector give the same item_size. */
void *kp_vector_push(struct kp_vector *vector, size_t item_size);
void kp_vector_free(struct kp_vector *vector);
static inline void kp_auto_vector(struct kp_vector *vector)
{
    kp_vector_free(vector);
}
#define KP_PUSH(vector, type) ((type *)kp_vector_push((vector), sizeof(type)))
#define KP_ITEM(vector, type, index) (((type *)(vector)->items)[index])

/* Text that grows. `text` is NULL or NUL-terminated. A failed append leaves
 * `failed` set, so that a writer may append many times and check once. */
struct kp_string {
    char *text;
    size_t length;
    size_t capacity;
    bool failed;
};

void kp_string_append(struct kp_string *string, const char *text, size_t length);
void kp_string_add(struct kp_string *string, const char *text);
__attribute__((format(printf, 2, 3))) void kp_string_printf(struct kp_string *string,
                                                            const char *format, ...);
void kp_string_free(struct kp_string *string);
static inline void kp_auto_string(struct kp_string *string)
{
    kp_string_free(string);
}

#endif
