#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/codecs-real.sh - every codec on real kernels, amd64's vmlinux and the Images of arm
# and arm64, as Kbuild compresses them: the bytes of its tool, and back again. gzip need not have
# the same bytes, but no more of them.
#
#     codecs-real.sh KPIPE WORKDIR quick|full
#
# quick gives those that take long (lzma, xz, zstd) 1.5 MB out of the middle of each.
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$(dirname "$0")/common.sh" "${@:1:2}"
. "$project/tests/real/codec-tools.sh"
kernels=$("$project/tests/real/fetch" --where)

same() { # INPUT STAGE COMMAND
    compress_both "$kpipe" "$1" "$2" "$3" || return 1
    if [ "$2" = gzip ]; then
        [ "$(stat -c %s ours)" -le "$(stat -c %s theirs)" ]
    else
        cmp ours theirs
    fi && pipe ours "${2%%:*}.unpack" back && cmp back "$1"
}

for arch in x86_64 arm arm64; do
    real_kernel "$arch" "$kernels" "kernel-$arch"
    size=$(stat -c %s "kernel-$arch")
    dd if="kernel-$arch" of="piece-$arch" bs=1M iflag=skip_bytes,count_bytes skip=$((size / 3)) \
        count=1500000 status=none
    while IFS='|' read -r stage command; do
        case $3-$stage in
        quick-xz* | quick-lzma* | quick-zstd*) input=piece-$arch ;;
        *) input=kernel-$arch ;;
        esac
        if ! "$kpipe" plugins "${stage%%:*}" > /dev/null 2>&1; then
            echo "left out: ${stage%%:*}"
            continue
        fi
        ok "$arch-$stage" same "$input" "$stage" "$command"
    done < <(codec_tools "$arch")
done

finish
