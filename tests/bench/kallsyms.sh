#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# An ELF file with symbols of a kernel that has none: kpipe, and vmlinux-to-elf where that is
# installed, in turn, on the same decompressed kernel.
# Usage: kallsyms.sh KPIPE WORK_FOLDER KERNEL [STAGE]
# STAGE is `vmlinux` with the parameters that a flat kernel needs: vmlinux:arch=arm.
set -euo pipefail
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

kpipe=$1 work=$2 kernel=$3 stage=${4:-vmlinux}
mkdir -p "$work"
"$kpipe" pipe -q "$kernel" "$stage" -o "$work/ours"
echo "kernel: $(stat -L -c %s "$kernel") bytes, $(nm "$work/ours" | wc -l) symbols"

copy=$(best 5 cp "$kernel" "$work/copy")
ours=$(best 5 "$kpipe" pipe -q "$kernel" "$stage" -o "$work/ours")
nothing=$(best 5 "$kpipe" pipe -q "$kernel" -o "$work/copy")
echo "cp of the kernel:  $copy ms; the same by kpipe: $nothing ms"
echo "kpipe vmlinux:     $ours ms, $(awk -v a="$ours" -v b="$nothing" 'BEGIN { printf "%.2f", a - b }') ms without the copy"
echo "peak anonymous and shared memory of kpipe: $(peak "$kpipe" pipe -q "$kernel" "$stage" -o "$work/ours") MiB"
if command -v vmlinux-to-elf >/dev/null; then
    theirs=$(best 1 vmlinux-to-elf "$kernel" "$work/theirs")
    echo "vmlinux-to-elf:    $theirs ms, ratio $(ratio "$ours" "$theirs")"
else
    echo "vmlinux-to-elf:    not installed: skipped"
fi
rm -f "$work/ours" "$work/theirs" "$work/copy"
