#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# objcopy of a large vmlinux: kpipe against binutils, in turn, same input, same bytes.
# Usage: objcopy.sh KPIPE WORK_FOLDER VMLINUX
set -euo pipefail
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

kpipe=$1 work=$2 vmlinux=$3
mkdir -p "$work"
objcopy -O binary -R .comment -S "$vmlinux" "$work/theirs" # warms the page cache for both
"$kpipe" pipe -q "$vmlinux" objcopy -o "$work/ours"
cmp "$work/ours" "$work/theirs" && echo "identical: $(stat -c %s "$work/ours") bytes"

theirs=$(best 5 objcopy -O binary -R .comment -S "$vmlinux" "$work/theirs")
ours=$(best 5 "$kpipe" pipe -q "$vmlinux" objcopy -o "$work/ours")
echo "binutils objcopy: $theirs ms"
echo "kpipe objcopy:    $ours ms, ratio $(ratio "$ours" "$theirs")"
echo "peak anonymous and shared memory of kpipe: $(peak "$kpipe" pipe -q "$vmlinux" objcopy -o "$work/ours") MiB"
rm -f "$work/ours" "$work/theirs"
