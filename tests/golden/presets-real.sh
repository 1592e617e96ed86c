#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/presets-real.sh - the presets of bzip2, lzma and xz on Debian's kernels,
# against the commands of the kernel's scripts/Makefile.lib and scripts/xz_wrap.sh.
#
#     presets-real.sh KPIPE WORKDIR quick|full
#
# quick takes 1.5 MB out of the middle of each, full takes all of it. Prints a line for each
# case and fails if one of them failed.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
amount=$3
set -- "$1" "$2"
. "$here/common.sh"
kernels=$("$here/../real/fetch" --where)

same() { # INPUT STAGE TOOL...: our bytes are the tool's, and come back
    local input=$1 stage=$2
    shift 2
    pipe "$input" "$stage" ours && cat "$input" | "$@" | cmp - ours &&
        pipe ours "${stage%%:*}.unpack" back && cmp back "$input"
}

take() { # FILE NAME
    if [ "$amount" = full ]; then
        cp "$1" "$2"
    else
        tail -c "+$(($(stat -c %s "$1") / 3))" "$1" | head -c 1500000 > "$2" || true
    fi
}

# Debian's own payload of arm, decompressed and compressed again. It begins at the first magic
# that stream flags follow (the decompressor has a constant without), and its size stands behind it.
payload() { # ZIMAGE
    local at size
    at=$(LC_ALL=C grep -obUaP '\xfd7zXZ\x00\x00\x01' "$1" | sed -n 1p)
    at=${at%%:*}
    tail -c +$((at + 1)) "$1" > tail.xz
    pipe tail.xz xz.unpack:trailing=ignore arm-whole 2> payload.log
    size=$(sed -n 's/.*end of the stream at offset \([0-9]*\):.*/\1/p' payload.log)
    [ "$(od -An -j "$size" -N 4 -t u4 --endian=little tail.xz | tr -d ' ')" = "$(stat -c %s arm-whole)" ] &&
        pipe arm-whole xz:preset=kernel-6.1,arch=arm arm-whole.xz && head -c "$size" tail.xz | cmp - arm-whole.xz
}

ok "debian-arm-payload" payload "$kernels/armhf/zImage"
"$here/../real/vmlinux-of" "$kernels/amd64/vmlinuz" x86-whole
take x86-whole x86_64
take arm-whole arm
take "$kernels/arm64/Image" arm64

declare -A old=([x86_64]=--x86 [arm]=--arm [arm64]="")
declare -A new=([x86_64]='--x86 --lzma2=,dict=128MiB' [arm]='--arm --lzma2=lp=2,lc=2,dict=128MiB'
    [arm64]='--arm64 --lzma2=lp=2,lc=2,dict=128MiB')
for arch in x86_64 arm arm64; do
    # shellcheck disable=SC2086 # an option may be none
    {
        ok "xz-6.1-$arch" same $arch xz:preset=kernel-6.1,arch=$arch \
            xz --check=crc32 ${old[$arch]} --lzma2=,dict=32MiB
        ok "xz-6.12-$arch" same $arch xz:preset=kernel-6.12,arch=$arch \
            xz --check=crc32 --threads=1 ${new[$arch]}
    }
    ok "lzma-$arch" same $arch lzma:preset=kernel-6.1 xz --format=lzma -9
    ok "bzip2-$arch" same $arch bzip2:preset=kernel-6.1 bzip2 -9
done

finish
