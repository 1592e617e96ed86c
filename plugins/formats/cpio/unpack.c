/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cpio/unpack.c - the stage `cpio.unpack`: one file out of an archive, or the archive out of
 * what follows it.
 *
 * An initramfs may be several archives in a row, each of them compressed or not, with zeros
 * between them (init/initramfs.c, unpack_to_rootfs). The part `trailing` begins with the
 * first byte behind the first archive that is not zero, so that stages go on from there.
 */
#include <string.h>

#include "cpio.h"

struct unpack_params {
    struct kp_text member;
    uint8_t has_member;
};

/* An entry of the wished name: the last of several, which is what Linux ends up with. */
struct member {
    uint64_t data_at;
    uint32_t number[CPIO_NUMBERS];
    char target[80];
    int found;
};

static const struct kp_param *const table[] = {
    KP_TEXT(struct unpack_params, member, .flags = KP_PARAM_SHORT,
            .presence = offsetof(struct unpack_params, has_member),
            .summary = "path of a file in the archive, whose bytes are wanted",
            .help = "Without it the output is the archive itself, with the zeros that follow it."),
    NULL,
};

static int is_same_file(const uint32_t *a, const uint32_t *b)
{
    return a[CPIO_INO] == b[CPIO_INO] && a[CPIO_MAJOR] == b[CPIO_MAJOR] &&
           a[CPIO_MINOR] == b[CPIO_MINOR] && (a[CPIO_MODE] & CPIO_TYPE) == CPIO_FILE &&
           (b[CPIO_MODE] & CPIO_TYPE) == CPIO_FILE;
}

static int32_t keep(struct cpio_reader *r, struct member *m)
{
    uint32_t length = r->number[CPIO_FILESIZE];

    m->found = 1;
    m->data_at = r->data_at;
    memcpy(m->number, r->number, sizeof(m->number));
    m->target[0] = 0;
    if ((r->number[CPIO_MODE] & CPIO_TYPE) != CPIO_LINK)
        return KP_OK;
    if (length >= sizeof(m->target))
        length = sizeof(m->target) - 1;
    m->target[length] = 0;
    return r->call->host->image_read(r->call, r->image, r->data_at, m->target, length);
}

/* Reads the whole archive, so that nothing comes out of a broken one. */
static int32_t read_all(struct cpio_reader *r, const char *name, struct member *m)
{
    int end = 0, wrong = 0;

    while (!end) {
        if (r->call->host->cancelled(r->call) || cpio_read_entry(r, &end) != KP_OK ||
            cpio_check_data(r, &wrong) != KP_OK)
            return KP_FAILED;
        if (wrong)
            return kp_fail(r->call, "%s: its checksum is not 0x%08x", r->name,
                           (unsigned)r->number[CPIO_CHECK]);
        if (!end && name != NULL && strcmp(cpio_plain_name(r->name), name) == 0 &&
            keep(r, m) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* A name without data: another name of the same file has it. */
static int32_t find_data(struct kp_call *call, struct member *m)
{
    struct cpio_reader r = {.call = call, .image = call->input, .size = kp_size(call, call->input)};
    int end = 0;

    while (!end && m->number[CPIO_FILESIZE] == 0) {
        if (cpio_read_entry(&r, &end) != KP_OK)
            return KP_FAILED;
        if (!end && is_same_file(r.number, m->number) && keep(&r, m) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

static int32_t write_member(struct kp_call *call, const struct unpack_params *p, struct member *m)
{
    const uint32_t type = m->number[CPIO_MODE] & CPIO_TYPE;

    if (!m->found)
        return kp_fail_at(call, &p->member, "`kpipe inspect` lists the first of them",
                          "member: %s: not in the archive", p->member.bytes);
    if (type == CPIO_LINK)
        return kp_fail_at(call, &p->member, "ask for what the link leads to",
                          "member: %s: a link to %s", p->member.bytes, m->target);
    if (type != CPIO_FILE)
        return kp_fail_at(call, &p->member, NULL, "member: %s: not a file", p->member.bytes);
    if (m->number[CPIO_NLINK] > 1 && find_data(call, m) != KP_OK)
        return KP_FAILED;
    /* Addresses of the archive are not those of a file in it. */
    if (call->host->clear_trait(call, call->output, KP_TRAIT_LOAD) != KP_OK ||
        call->host->clear_trait(call, call->output, KP_TRAIT_ENTRY) != KP_OK ||
        call->host->clear_trait(call, call->output, KP_TRAIT_BSS) != KP_OK)
        return KP_FAILED;
    return call->host->output_image(call, call->output, call->input, m->data_at,
                                    m->number[CPIO_FILESIZE]);
}

static int32_t run(struct kp_call *call)
{
    const struct unpack_params *p = call->params;
    const char *name = p->has_member ? cpio_plain_name(p->member.bytes) : NULL;
    struct cpio_reader r = {.call = call, .image = call->input, .size = kp_size(call, call->input)};
    struct member m = {.found = 0};
    struct kp_output *trailing;
    uint64_t zeros = 0, end;

    if (read_all(&r, name, &m) != KP_OK ||
        cpio_count_zeros(call, call->input, r.next, &zeros) != KP_OK)
        return KP_FAILED;
    end = r.next + zeros;
    trailing = call->host->output_part(call, "trailing");
    if (trailing != NULL &&
        call->host->output_image(call, trailing, call->input, end, r.size - end) != KP_OK)
        return KP_FAILED;
    if (trailing == NULL && end < r.size)
        kp_message(call, KP_WARNING,
                   "%llu bytes behind the archive are left out: the part "
                   "trailing has them",
                   (unsigned long long)(r.size - end));
    if (p->has_member)
        return write_member(call, p, &m);
    return call->host->output_image(call, call->output, call->input, 0, end);
}

static const char *const input_kinds[] = {KP_KIND_CPIO, NULL};
static const char *const parts[] = {"trailing", NULL};

const struct kp_operation cpio_unpack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "check a cpio archive, take one file out of it, or what follows it",
    .input_kinds = input_kinds,
    .params = table,
    .params_size = sizeof(struct unpack_params),
    .parts = parts,
    .run = run,
};
