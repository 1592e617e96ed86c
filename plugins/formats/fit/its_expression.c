/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/its_expression.c - numbers, and expressions as C has them. All is computed with 64 bits
 * without a sign, and nothing is left out: an expression that divides by 0 is an error wherever it
 * does so.
 */
#include <string.h>

#include "its_private.h"

static int32_t read_choice(struct its_reader *reader, uint32_t deep, uint64_t *value);

struct operator_row {
    const char *word;
    int binds;
};

/* Longer words before those that they begin with. */
static const struct operator_row operators[] = {
    {"||", 1}, {"&&", 2}, {"==", 6}, {"!=", 6}, {"<=", 7}, {">=", 7},
    {"<<", 8}, {">>", 8}, {"|", 3},  {"^", 4},  {"&", 5},  {"<", 7},
    {">", 7},  {"+", 9},  {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10},
};

static int32_t apply(struct its_reader *reader, struct its_place place, const char *word,
                     uint64_t a, uint64_t b, uint64_t *value)
{
    const int doubled = word[1] == word[0], equals = word[1] == '=';

    if ((word[0] == '/' || word[0] == '%') && b == 0)
        return its_fail(reader, place, "check what it is computed from", "'%s': division by 0",
                        word);
    switch (word[0]) {
    case '|':
        *value = doubled ? (a != 0 || b != 0) : (a | b);
        break;
    case '&':
        *value = doubled ? (a != 0 && b != 0) : (a & b);
        break;
    case '=':
        *value = a == b;
        break;
    case '!':
        *value = a != b;
        break;
    case '<':
        *value = doubled ? (b < 64 ? a << b : 0) : equals ? a <= b : a < b;
        break;
    case '>':
        *value = doubled ? (b < 64 ? a >> b : 0) : equals ? a >= b : a > b;
        break;
    case '^':
        *value = a ^ b;
        break;
    case '+':
        *value = a + b;
        break;
    case '-':
        *value = a - b;
        break;
    case '*':
        *value = a * b;
        break;
    case '/':
        *value = a / b;
        break;
    default:
        *value = a % b;
        break;
    }
    return KP_OK;
}

static int32_t check_depth(struct its_reader *reader, uint32_t deep)
{
    if (deep <= ITS_EXPRESSION_DEEP)
        return KP_OK;
    return its_fail(reader, its_here(reader), "write it more simply",
                    "an expression: more than %u levels in each other", ITS_EXPRESSION_DEEP);
}

static int32_t read_character(struct its_reader *reader, uint64_t *value)
{
    const struct its_place place = its_here(reader);
    const uint64_t used = reader->used;

    if (its_take_text(reader, '\'') != KP_OK)
        return KP_FAILED;
    if (reader->used != used + 1)
        return its_fail(reader, place, "write one, as 'a'", "a character: %llu of them",
                        (unsigned long long)(reader->used - used));
    reader->used = used;
    *value = reader->bytes[used];
    return KP_OK;
}

static int32_t read_primary(struct its_reader *reader, uint32_t deep, uint64_t *value)
{
    const int byte = its_byte(reader);

    if (byte == '\'')
        return read_character(reader, value);
    if (byte >= '0' && byte <= '9')
        return its_take_literal(reader, value);
    if (!its_take(reader, "("))
        return its_unexpected(reader, "a number", "write one, or an expression in parentheses");
    if (read_choice(reader, deep + 1, value) != KP_OK)
        return KP_FAILED;
    return its_expect(reader, ")", "an operator or ')'", "close what '(' began");
}

static int32_t read_unary(struct its_reader *reader, uint32_t deep, uint64_t *value)
{
    int byte;

    if (check_depth(reader, deep) != KP_OK || its_skip(reader) != KP_OK)
        return KP_FAILED;
    byte = its_byte(reader);
    if (byte != '-' && byte != '~' && byte != '!')
        return read_primary(reader, deep, value);
    reader->source->at++;
    if (read_unary(reader, deep + 1, value) != KP_OK)
        return KP_FAILED;
    *value = byte == '-' ? 0 - *value : byte == '~' ? ~*value : *value == 0;
    return KP_OK;
}

/* The operator that stands here and binds at least so much, behind it; or NULL. */
static const struct operator_row *take_operator(struct its_reader *reader, int least)
{
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        const uint64_t at = reader->source->at;

        if (!its_take(reader, operators[i].word))
            continue;
        if (operators[i].binds >= least)
            return &operators[i];
        reader->source->at = at;
        break;
    }
    return NULL;
}

/* Operators that bind at least so much, from left to right. */
static int32_t read_binary(struct its_reader *reader, int least, uint32_t deep, uint64_t *value)
{
    if (read_unary(reader, deep, value) != KP_OK || its_skip(reader) != KP_OK)
        return KP_FAILED;
    for (;;) {
        const struct its_place place = its_here(reader);
        const struct operator_row *sign = take_operator(reader, least);
        uint64_t right;

        if (sign == NULL)
            return KP_OK;
        if (read_binary(reader, sign->binds + 1, deep, &right) != KP_OK ||
            apply(reader, place, sign->word, *value, right, value) != KP_OK)
            return KP_FAILED;
    }
}

/* a ? b : c, or what binds more. */
static int32_t read_choice(struct its_reader *reader, uint32_t deep, uint64_t *value)
{
    uint64_t yes, no;

    if (read_binary(reader, 1, deep, value) != KP_OK)
        return KP_FAILED;
    if (!its_take(reader, "?"))
        return KP_OK;
    if (read_choice(reader, deep + 1, &yes) != KP_OK ||
        its_expect(reader, ":", "':'", "write a ? b : c") != KP_OK ||
        read_choice(reader, deep + 1, &no) != KP_OK)
        return KP_FAILED;
    *value = *value != 0 ? yes : no;
    return KP_OK;
}

int32_t its_read_number(struct its_reader *reader, uint64_t *value)
{
    return its_skip(reader) != KP_OK ? KP_FAILED : read_primary(reader, 0, value);
}
