/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/names.h - the grammars of what plugins call things, for notes and
 * descriptors alike.
 *
 * Pure functions over text. Which name is whose is not known here (claims.c).
 */
#ifndef KP_PLUGIN_NAMES_H
#define KP_PLUGIN_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* [a-z][a-z0-9-]*: codecs and formats */
bool kp_is_format_name(const char *text);
/* the same, or with ".unpack" behind it */
bool kp_is_stage_name(const char *text);
/* [a-z][a-z0-9_]* */
bool kp_is_arch_name(const char *text);
/* [a-z][a-z0-9_-]*: parameters and parts */
bool kp_is_param_name(const char *text);
/* [A-Za-z][A-Za-z0-9_-]*: what a source gives */
bool kp_is_item_name(const char *text);
/* [A-Za-z0-9][A-Za-z0-9._+-]*: aliases, host tools, values of a choice */
bool kp_is_word(const char *text);
/* a format's name, or reverse-domain */
bool kp_is_kind(const char *text);
/* labels of [a-z0-9-], at least two, joined by dots: "org.kpipe.gzip" */
bool kp_is_reverse_domain(const char *text);
/* numbers joined by dots: "0.1.0" */
bool kp_is_version(const char *text);

/* Compares two of the latter: below 0, 0 or above 0. Missing numbers count as 0. */
int kp_compare_versions(const char *a, const char *b);

/* True if the bytes are UTF-8 without what plays tricks with a terminal (base/text.h,
 * kp_text_is_control); `lines` allows line feeds. */
bool kp_text_is_clean(const char *text, size_t length, bool lines);

#endif
