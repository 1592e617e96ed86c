#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/worker-load.sh - a stranger's plugin that misbehaves while it is opened, or whose
# tables lie, in each command that opens plugins. --table: see
# tests/plugins/hostile/common.sh.
. "$(dirname "$0")/common.sh"
. "$here/../plugins/hostile/common.sh"

for how in crash-early hang-early exit-early abort-early print files connects forks programs \
    signals limits threads memory closes speaks floods crash hang exit-late null garbage other size \
    small bad-pointers unterminated endless huge huge-text deep escape; do
    says "loads: $how" "load-$how:" "stage 'load-$how'"
done
finish
