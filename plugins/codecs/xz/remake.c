/* SPDX-License-Identifier: BSD-3-Clause
 *
 * xz/remake.c - by which level an xz or lzma file may have been made. Its headers tell all but
 * that; the size of the dictionary, though, leaves few.
 *
 * A kernel's file is reported by what its build gave xz (scripts/xz_wrap.sh), not by a preset:
 * that would want the architecture, and be a guess about the release.
 */
#include "xz.h"

#define DEFAULT_PROPERTIES ((2 * 5 + 0) * 9 + 3) /* pb, lp, lc */
#define KIB(n) (UINT32_C(n) << 10)
#define MIB(n) (UINT32_C(n) << 20)

/* What makes a dictionary of that size, the likeliest first. From 6 on, and with -e, levels
 * differ in nothing else (liblzma's lzma_lzma_preset), so that those that are missing here are
 * there by another name. 3e and 5e are alike, too. */
static const struct {
    uint32_t dict;
    const char *way;
} levels[] = {
    {KIB(256), "level: 0"},
    {KIB(256), "level: 0, extreme: true"},
    {MIB(1), "level: 1"},
    {MIB(1), "level: 1, extreme: true"},
    {MIB(2), "level: 2"},
    {MIB(2), "level: 2, extreme: true"},
    {MIB(4), "level: 3"},
    {MIB(4), "level: 4"},
    {MIB(4), "level: 4, extreme: true"},
    {MIB(4), "level: 3, extreme: true"},
    {MIB(8), "level: 6"},
    {MIB(8), "level: 6, extreme: true"},
    {MIB(8), "level: 5"},
    {MIB(8), "level: 5, extreme: true"},
    {MIB(16), "level: 7"},
    {MIB(16), "level: 7, extreme: true"},
    {MIB(32), "level: 6, dict: 32M"}, /* Kbuild's up to 6.11, and the same as level 8 */
    {MIB(32), "level: 8, extreme: true"},
    {MIB(64), "level: 9"},
    {MIB(64), "level: 9, extreme: true"},
};

static const char *name_of(const struct kp_choice *const *choices, uint32_t value)
{
    while (*choices != NULL && (*choices)->value != value)
        choices++;
    return *choices != NULL ? (*choices)->name : NULL;
}

/* What headers tell where it is not what a level has, behind a way: 0 if no recipe can say it. */
static int describe(const struct xz_made *made, char *to, size_t size)
{
    const unsigned byte = made->properties < 0 ? DEFAULT_PROPERTIES : (unsigned)made->properties;
    const char *const bcj = name_of(xz_filters, made->bcj);
    const char *const check = made->is_xz ? name_of(xz_checks, made->check) : "";
    const int checked = made->is_xz && made->check != LZMA_CHECK_CRC64;
    char properties[32] = "";

    if (bcj == NULL || check == NULL || byte % 9 + byte / 9 % 5 > LZMA_LCLP_MAX)
        return 0;
    if (byte != DEFAULT_PROPERTIES)
        snprintf(properties, sizeof(properties), ", lc: %u, lp: %u, pb: %u", byte % 9, byte / 9 % 5,
                 byte / 45);
    snprintf(to, size, "%s%s%s%s%s%s", checked ? ", check: " : "", checked ? check : "",
             made->bcj != XZ_BCJ_NONE ? ", bcj: " : "", made->bcj != XZ_BCJ_NONE ? bcj : "",
             properties, made->blocks ? ", blocks: true" : "");
    return 1;
}

/* A way whose dictionary has another size than its level's. */
static int32_t report_sized(struct kp_call *call, const struct xz_made *made, const char *way,
                            const char *more)
{
    const int mib = made->dict % MIB(1) == 0, kib = made->dict % KIB(1) == 0;
    const uint32_t unit = mib ? MIB(1) : kib ? KIB(1) : 1;

    return kp_codec_remake(call, made->is_xz ? "xz" : "lzma", "%s, dict: %lu%s%s", way,
                           (unsigned long)(made->dict / unit),
                           mib   ? "M"
                           : kib ? "K"
                                 : "",
                           more);
}

int32_t xz_remake(struct kp_call *call, const struct xz_made *made)
{
    /* Where xz is told the size, as by Kbuild and dracut, it is told to use CRC32 as well. To be
     * told 8 MiB or more is the same as another level. */
    const int told = made->is_xz && made->check == LZMA_CHECK_CRC32;
    const int small = made->dict < MIB(8);
    int listed = 0;
    char more[128];

    if (made->dict < LZMA_DICT_SIZE_MIN || made->dict > XZ_DICT_MAX ||
        !describe(made, more, sizeof(more)))
        return KP_OK;
    if (small && told && report_sized(call, made, "level: 6", more) != KP_OK)
        return KP_FAILED;
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (levels[i].dict != made->dict)
            continue;
        listed = 1;
        if (kp_codec_remake(call, made->is_xz ? "xz" : "lzma", "%s%s", levels[i].way, more) !=
            KP_OK)
            return KP_FAILED;
    }
    if ((small ? !told : !listed) && report_sized(call, made, "level: 6", more) != KP_OK)
        return KP_FAILED;
    return listed ? KP_OK : report_sized(call, made, "level: 6, extreme: true", more);
}
