/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/names.c - see names.h. Two names of one hash count as one name: nobody has them by accident.
 */
#include "names.h"

/* FNV-1a of 64 bits, of a name and the node that it is in. */
static uint64_t hash(uint32_t node, char what, const uint8_t *name, uint64_t length)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325) ^ (((uint64_t)node << 8) | (uint8_t)what);
    uint64_t i;

    sum *= UINT64_C(0x100000001b3);
    for (i = 0; i < length; i++)
        sum = (sum ^ name[i]) * UINT64_C(0x100000001b3);
    return sum == 0 ? 1 : sum;
}

static int put(struct fit_names *names, uint64_t sum)
{
    uint64_t i = sum & (names->room - 1);

    for (; names->sums[i] != 0; i = (i + 1) & (names->room - 1))
        if (names->sums[i] == sum)
            return 0;
    names->sums[i] = sum;
    names->count++;
    return 1;
}

static int grow(struct kp_call *call, struct fit_names *names)
{
    const struct fit_names old = *names;
    uint64_t i;

    names->room = old.room == 0 ? 1024 : old.room * 4;
    names->sums = call->host->alloc(call, names->room * sizeof(*names->sums));
    names->count = 0;
    for (i = 0; names->sums != NULL && i < old.room; i++)
        if (old.sums[i] != 0)
            put(names, old.sums[i]);
    return names->sums != NULL;
}

int fit_take_name(struct kp_call *call, struct fit_names *names, uint32_t node, char what,
                  const uint8_t *name, uint64_t length)
{
    if (names->count * 2 >= names->room && !grow(call, names))
        return -1;
    return put(names, hash(node, what, name, length));
}
