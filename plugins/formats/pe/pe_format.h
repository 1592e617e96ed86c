/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/pe/pe_format.h - what the pe plugin's files share.
 */
#ifndef KPIPE_PE_FORMAT_H
#define KPIPE_PE_FORMAT_H

#include "../../common/pe.h"

#define ULL(x) ((unsigned long long)(x))

#define PE_DLL_NX_COMPAT 0x100u

#define CHECKSUM_KEEP 0u
#define CHECKSUM_ZERO 1u
#define CHECKSUM_COMPUTE 2u
#define SIZES_KEEP 0u
#define SIZES_COMPUTE 1u
#define NX_KEEP 0u
#define NX_YES 1u
#define NX_NO 2u

struct pe_params {
    uint32_t checksum;
    uint32_t sizes;
    uint32_t nx;
};

/* check.c: what a loader goes by. Both fail at the first thing that is wrong. First that there is
 * an optional header, and its alignments; then all the rest. */
int32_t pe_check_headers(const struct pe_file *file);
int32_t pe_check(const struct pe_file *file);
/* The trait of the architecture that Machine names, if it is one that kpipe knows. */
int32_t pe_set_arch(const struct pe_file *file);

/* checksum.c: CheckSum of the file with `file->head` for its headers. False after reporting. */
bool pe_checksum(const struct pe_file *file, uint32_t *checksum);

int32_t pe_pack(struct kp_call *call);    /* fill.c */
int32_t pe_inspect(struct kp_call *call); /* inspect.c */

#endif
