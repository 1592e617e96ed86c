/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/explain.c - `kpipe explain`: what a finding's number means.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/codes.h"
#include "cli/cli.h"

/* "KP1203", "kp1203" or "1203"; NULL after reporting. */
static const struct kp_code *find(struct kp_session *session, const char *text)
{
    const char *digits = strncasecmp(text, "KP", 2) == 0 ? text + 2 : text;
    const size_t length = strspn(digits, "0123456789");
    const struct kp_code *code = NULL;

    if (length == 4 && digits[length] == '\0')
        code = kp_code_find((uint32_t)strtoul(digits, NULL, 10));
    if (code == NULL)
        kp_error_hint(session->diags, KP_NOWHERE, "'kpipe explain' lists all", KP1711, text);
    return code;
}

/* A message's form for people: %s and the like become "...". */
static void print_form(const char *message)
{
    const char *at = message;

    while (*at != '\0') {
        if (at[0] != '%' || at[1] == '%') {
            putchar(*at);
            at += *at == '%' ? 2 : 1;
            continue;
        }
        /* Two in a row look like one. */
        while (at[0] == '%' && at[1] != '%' && at[1] != '\0') {
            at += strcspn(at + 1, "diouxXeEfFgGcspaA") + 1;
            at += *at != '\0' ? 1 : 0;
        }
        fputs("...", stdout);
    }
}

static void show(const struct kp_code *code)
{
    printf("KP%04" PRIu32 ": ", code->number);
    print_form(code->message);
    fputs("\n\n", stdout);
    kp_help_wrap(stdout, code->explanation, 0, 0);
}

static void show_json(const struct kp_code *const *codes, size_t count, struct kp_session *session)
{
    struct kp_json json = {stdout, 0, false};
    char number[16];

    kp_json_begin(&json, NULL, '{');
    kp_json_begin(&json, "codes", '[');
    for (size_t i = 0; i < count; i++) {
        snprintf(number, sizeof(number), "KP%04" PRIu32, codes[i]->number);
        kp_json_begin(&json, NULL, '{');
        kp_json_text(&json, "code", number);
        kp_json_text(&json, "message", codes[i]->message);
        kp_json_text(&json, "explanation", codes[i]->explanation);
        kp_json_end(&json, '}');
    }
    kp_json_end(&json, ']');
    kp_session_findings(session, &json);
    kp_json_end(&json, '}');
}

static void list(const struct kp_code *const *codes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("KP%04" PRIu32 "  ", codes[i]->number);
        print_form(codes[i]->message);
        putchar('\n');
    }
}

static int run(struct kp_session *session)
{
    const struct kp_vector *operands = &session->arguments.operands;
    const struct kp_code **codes;
    size_t total = 0, count = 0;

    while (kp_code_at(total) != NULL)
        total++;
    codes = kp_arena_array(session->arena, total + operands->count, sizeof(*codes));
    if (codes == NULL) {
        kp_out_of_memory(session->diags);
        return KP_EXIT_INTERNAL;
    }
    for (; operands->count == 0 && count < total; count++)
        codes[count] = kp_code_at(count);
    for (size_t i = 0; i < operands->count; i++) {
        codes[count] = find(session, KP_ITEM(operands, const char *, i));
        count += codes[count] != NULL ? 1 : 0;
    }
    if (session->arguments.json)
        show_json(codes, count, session);
    else if (operands->count == 0)
        list(codes, count);
    for (size_t i = 0; i < count && !session->arguments.json && operands->count > 0; i++) {
        if (i > 0)
            putchar('\n');
        show(codes[i]);
    }
    return kp_diags_errors(session->diags) > 0 ? KP_EXIT_USAGE : KP_EXIT_OK;
}

static const struct kp_option options[] = {KP_OPTION_JSON, KP_OPTION_HELP, {0}};

const struct kp_command kp_command_explain = {
    .name = "explain",
    .operands = "[CODE]...",
    .summary = "explain findings by their numbers",
    .help = "Explains what a finding means and what to do about it. CODE is a finding's number, "
            "as KP1203; without one, all findings are listed with the forms of their messages.",
    .options = options,
    .run = run,
};
