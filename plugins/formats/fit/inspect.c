/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/inspect.c - describes a FIT.
 */
#include "fit.h"

int32_t fit_inspect(struct kp_call *call)
{
    struct fit_frame frame;

    return fit_read(call, call->input, &frame);
}
