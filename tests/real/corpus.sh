#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/corpus.sh - what is known of each kernel that Debian ships (tests/real/corpus): a row
# of its size, what file(1) says, what the kernel source's scripts/extract-vmlinux makes of it, and
# the first line of `kpipe inspect`, which must not fail.
#
#   tests/real/corpus.sh KPIPE WORK NAME...
#
# NAME is one of tests/real/corpus's. The script is that of the farm's source (tests/real/farm); where
# there is none, its column is left out. It gives an ELF file or nothing.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
script=$("$project/tests/real/farm" --where)/source/6.1/linux/scripts/extract-vmlinux

extracted() { # IMAGE
    local since=${EPOCHREALTIME/./} seconds
    # It tries whatever looks like a compressed stream: in an uncompressed kernel hundreds.
    timeout 60 sh "$script" "$1" >vmlinux 2>/dev/null || true
    seconds=$(((${EPOCHREALTIME/./} - since) / 100000))
    if [ -s vmlinux ]; then
        printf '%s bytes, sha256 %s' "$(stat -c %s vmlinux)" "$(sha256sum vmlinux | cut -c 1-16)"
    else
        printf 'nothing'
    fi
    printf ', %d.%d s' $((seconds / 10)) $((seconds % 10))
}

inspected() { # IMAGE
    "$kpipe" inspect "$1" >inspected && [ -s inspected ] || return
    agreed="$(stat -c %s "$1") bytes | $(file -b "$1" | cut -c 1-60) | $(sed -n '1s/^.*: //p' inspected)"
    [ ! -r "$script" ] || agreed="$agreed | extract-vmlinux: $(extracted "$1")"
}

for kernel in "${kernels[@]}"; do
    status=0
    folder=$("$project/tests/real/corpus" --find "$kernel" 2>errors) || status=$?
    if [ $status != 0 ]; then
        cat errors
        [ $status = 3 ] || failed=$((failed + 1))
        continue
    fi
    verdict "$kernel" inspected "$folder/image"
done
rm -f vmlinux
finish
