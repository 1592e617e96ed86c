#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/bench/memory.sh - peak anonymous and shared memory of runs, beside what they must
# hold: intermediate images that live at the same time, and the one contiguous copy that a
# codec's library wants. Mapped input files do not count.
#
#   tests/bench/memory.sh KPIPE WORK VMLINUX
set -euo pipefail
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

kpipe=$1 work=$2 vmlinux=$3
mkdir -p "$work"
mib() { awk -v b="$1" 'BEGIN { printf "%.1f", b / 1048576 }'; }

echo "objcopy:                $(peak "$kpipe" pipe -q "$vmlinux" objcopy -o "$work/flat") MiB"
flat=$(stat -c %s "$work/flat")
echo "objcopy | gzip | uimage: $(peak "$kpipe" pipe -q "$vmlinux" objcopy gzip uimage -o "$work/uImage") MiB"
packed=$(stat -c %s "$work/uImage")
echo "    must hold: flat image joined for libdeflate $(mib "$flat") MiB, its result $(mib "$packed") MiB"
echo "gzip of the flat file:  $(peak "$kpipe" pipe -q "$work/flat" gzip -o "$work/gz") MiB"
echo "    must hold: its result $(mib "$(stat -c %s "$work/gz")") MiB"
echo "gzip.unpack of it:      $(peak "$kpipe" pipe -q "$work/gz" gzip.unpack -o "$work/again") MiB"
echo "    must hold: its result $(mib "$(stat -c %s "$work/again")") MiB"
rm -f "$work"/{flat,uImage,gz,again}
