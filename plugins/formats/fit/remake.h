/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/remake.h - what the files that tell how a FIT is made again (remake*.c) share: a text that
 * grows, in YAML's flow style, and how properties are said in it.
 */
#ifndef FIT_REMAKE_H
#define FIT_REMAKE_H

#include "fit.h"

struct fit_text_writer {
    struct kp_call *call;
    const struct fit_frame *frame;
    const struct fit_digests *digests; /* of contents, as far as hashes and signatures want them */
    char *bytes;
    size_t length;
    char *spare;  /* as many bytes, for a text that goes into another one */
    int external; /* contents lie behind the tree */
    int failed;   /* it does not fit, or cannot be said */
};

/* How a property is said by a parameter of its own. */
struct fit_known {
    const char *name;
    enum { TEXT, TEXTS, CHOICE, ADDRESS } form;
    const struct kp_choice *const *choices;
};

/* --- remake_text.c --- */

KP_PRINTF(2, 3)
void fit_text_add(struct fit_text_writer *t, const char *format, ...);
void fit_text_quote(struct fit_text_writer *t, const char *text);
/* How many texts a value is; 0: it is none. */
int fit_count_texts(const char *value, int length);
void fit_text_list(struct fit_text_writer *t, const char *value, int length);
void fit_text_hex(struct fit_text_writer *t, const uint8_t *value, int length);
/* An item of `properties`. */
void fit_text_more(struct fit_text_writer *t, const char *name, const char *value, int length);
/* Says a property by its own parameter; 0: that has no words for it. */
int fit_text_known(struct fit_text_writer *t, const struct fit_known *known, const char *name,
                   const char *value, int length);
/* The properties of a node: those that are known, then the others. */
void fit_text_properties(struct fit_text_writer *t, const struct fit_known *known, int node);
/* Names of all properties, in their order, but for those that tell where contents lie. */
void fit_text_order(struct fit_text_writer *t, int node);

/* --- remake_signature.c --- */

int fit_is_plain_signature(const struct fit_text_writer *t, int node);
/* The signatures of an image or a configuration. */
void fit_text_signatures(struct fit_text_writer *t, int parent, int configuration);

#endif
