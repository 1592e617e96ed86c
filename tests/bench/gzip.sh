#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# gzip of a kernel: kpipe's default encoder against `gzip -n -9`, in turn, same input.
# Usage: gzip.sh KPIPE WORK_FOLDER FILE
set -euo pipefail
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

kpipe=$1 work=$2 input=$3
theirs() { gzip -n -9 -c "$input" >"$work/theirs.gz"; }
ours() { "$kpipe" pipe -q "$input" "gzip:$1" -o "$work/ours.gz"; }

mkdir -p "$work"
peer=$(best 3 theirs)
echo "gzip -n -9:              $peer ms, $(stat -c %s "$work/theirs.gz") bytes of $(stat -Lc %s "$input")"
for encoder in libdeflate zlib; do
    time=$(best 3 ours "encoder=$encoder")
    gzip -dc "$work/ours.gz" | cmp - "$input"
    echo "kpipe gzip, $encoder: $time ms, $(stat -c %s "$work/ours.gz") bytes, time ratio $(ratio "$time" "$peer")"
    echo "    peak $(peak "$kpipe" pipe -q "$input" "gzip:encoder=$encoder" -o "$work/ours.gz") MiB anonymous and shared"
done
rm -f "$work/ours.gz" "$work/theirs.gz"
