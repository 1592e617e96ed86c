/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/system-map/filter.c - the symbols that the kernel's build leaves out of System.map.
 *
 * The rules are those of scripts/mksysmap in Linux 5.10, 6.1, 6.12 and 7.2, which has them as
 * patterns for lines of nm's. What they are for: labels of assemblers and linkers, copies of
 * symbols under another name, and what only modules are checked against. Names may have blanks,
 * as ".L0 " of gas for RISC-V: for patterns with a blank, what follows is another name.
 */
#include <ctype.h>
#include <string.h>

#include "system-map.h"

enum where { BEGINS, ENDS, WHOLE, INSIDE };

struct rule {
    const char *text;
    uint8_t where;
    uint8_t first, last; /* forms */
};

/* Absolute and weak undefined ones that are local, debug information, undefined ones. */
static const char left_out[] = "aNUw";

static const struct rule rules[] = {
    {"$a", BEGINS, FORM_5_10, FORM_5_10},
    {"$d", BEGINS, FORM_5_10, FORM_5_10},
    {"$t", BEGINS, FORM_5_10, FORM_5_10},
    {"L0", BEGINS, FORM_5_10, FORM_5_10},
    {"__crc_", INSIDE, FORM_5_10, FORM_5_10},
    {".L", BEGINS, FORM_5_10, FORM_7_2},
    {"$", BEGINS, FORM_6_1, FORM_7_2},
    {"L0", WHOLE, FORM_6_1, FORM_7_2},
    {"__crc_", BEGINS, FORM_6_1, FORM_7_2},
    {"__kstrtab_", BEGINS, FORM_6_1, FORM_7_2},
    {"__kstrtabns_", BEGINS, FORM_6_1, FORM_7_2},
    {"__efistub_", BEGINS, FORM_6_12, FORM_7_2},
    {"__pi_$", BEGINS, FORM_6_12, FORM_7_2},
    {"__pi_.L", BEGINS, FORM_6_12, FORM_7_2},
    {"__pi___kcfi_typeid_", BEGINS, FORM_6_12, FORM_7_2},
    {"__kvm_nvhe_$", BEGINS, FORM_6_12, FORM_7_2},
    {"__kvm_nvhe_.L", BEGINS, FORM_6_12, FORM_7_2},
    {"__kvm_nvhe___kcfi_typeid_", BEGINS, FORM_6_12, FORM_7_2},
    {"__kcfi_typeid_", BEGINS, FORM_6_12, FORM_7_2},
    {"_from_arm", ENDS, FORM_6_12, FORM_7_2},
    {"_from_thumb", ENDS, FORM_6_12, FORM_7_2},
    {"_veneer", ENDS, FORM_6_12, FORM_7_2},
    {"_SDA_BASE_", WHOLE, FORM_6_12, FORM_7_2},
    {"_SDA2_BASE_", WHOLE, FORM_6_12, FORM_7_2},
    {".long_branch.", INSIDE, FORM_6_12, FORM_7_2},
    {".plt_branch.", INSIDE, FORM_6_12, FORM_7_2},
    {"__mod_device_table__", BEGINS, FORM_7_2, FORM_7_2},
};

/* Whether a rule is about `word`, the name from its start or from behind a blank. What a name ends
 * with or has inside is seen from its start. */
static bool matches(const char *word, size_t length, bool is_start, const struct rule *rule)
{
    const size_t wanted = strlen(rule->text);

    if (wanted > length)
        return false;
    switch (rule->where) {
    case BEGINS:
        return memcmp(word, rule->text, wanted) == 0;
    case WHOLE:
        return wanted == length && memcmp(word, rule->text, wanted) == 0;
    case ENDS:
        return is_start && memcmp(word + length - wanted, rule->text, wanted) == 0;
    default:
        return is_start && strstr(word, rule->text) != NULL;
    }
}

/* lld's jumps to functions out of reach: "__", letters and digits, "Thunk_". */
static bool is_thunk(const char *name)
{
    const char *at = name;

    if (strncmp(name, "__", 2) != 0)
        return false;
    for (at = name + 2; isalnum((unsigned char)*at); at++)
        if (strncmp(at, "Thunk_", strlen("Thunk_")) == 0)
            return true;
    return false;
}

/* MODULE_INFO() of code that is built in: a number follows, or nothing. */
static bool is_module_info(const char *name)
{
    static const char begin[] = "__UNIQUE_ID_modinfo_";
    const char *rest;

    if (strncmp(name, begin, strlen(begin)) != 0)
        return false;
    rest = name + strlen(begin);
    return rest[strspn(rest, "0123456789")] == '\0';
}

static bool is_left_out(uint32_t form, const char *word, size_t length, bool is_start)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (form >= rules[i].first && form <= rules[i].last &&
            matches(word, length, is_start, &rules[i]))
            return true;
    if (form >= FORM_6_12 && is_thunk(word))
        return true;
    return form >= FORM_7_2 && is_module_info(word);
}

bool map_keeps(uint32_t form, const struct map_symbol *symbol)
{
    const char *word = symbol->name, *next;
    size_t length = strlen(word);

    if (strchr(left_out, symbol->letter) != NULL || is_left_out(form, word, length, true))
        return false;
    while ((next = strchr(word, ' ')) != NULL) {
        /* It stands like a letter of nm's. */
        if (next - word == 1 && strchr(left_out, *word) != NULL)
            return false;
        length -= (size_t)(next + 1 - word);
        word = next + 1;
        if (is_left_out(form, word, length, false))
            return false;
    }
    return true;
}
