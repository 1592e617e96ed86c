#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/unpack.sh - real images, taken apart by `kpipe unpack`: the recipe that it writes is valid
# and makes the same bytes. A row of each tells how many files it became, whether what is compressed
# in it came out, and the seconds of both.
#
#   tests/real/unpack.sh KPIPE WORK NAME...
#
# NAME is a kernel of the farm's (tests/real/farm), SERIES/NAME/CODEC, or one of tests/real/corpus's.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

seconds() { # SINCE
    awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f s", to - from }'
}

same() { # IMAGE
    local since=$EPOCHREALTIME
    rm -rf apart
    "$kpipe" unpack "$1" -d apart >said 2>notes || { cat notes && return 1; }
    # These formats tell of parts, or of a header that is laid out by name; but an EFI program of
    # loongarch looks like its kernels, and is none.
    [[ $kernel == */loong64/pe-* ]] || case $("$kpipe" inspect "$1" 2>warnings | sed -n '1s/^.*: \([a-z0-9-]*\), [0-9]* bytes$/\1/p') in
    zimage | zboot | pe | image | uimage)
        grep -q '^images:' apart/recipe.yml || { echo 'was not taken apart' && return 1; }
        ;;
    esac
    agreed="$(stat -L -c %s "$1") bytes, $(find apart -type f ! -name recipe.yml | wc -l) files, "
    if grep -q 'stays compressed' notes; then
        agreed+='stored compressed'
    elif grep -q -- '-contents, {\|, [a-z]*: {level\|\[vmlinux, \|\[Image, ' apart/recipe.yml; then
        agreed+='decompressed'
    else
        agreed+='nothing compressed'
    fi
    agreed+=", apart $(seconds "$since")"
    "$kpipe" check apart/recipe.yml || return 1
    since=$EPOCHREALTIME
    (cd apart && "$kpipe" run -q recipe.yml) || return 1
    agreed+=", again $(seconds "$since")"
    cmp "$1" apart/*.rebuilt
}

# What is passed over, has no folder.
for kernel in "${kernels[@]}"; do
    status=0 from=farm
    [[ $kernel != @(bookworm|bullseye|trixie|sid)/* ]] || from=corpus
    folder=$("$project/tests/real/$from" --find "$kernel" 2>errors) || status=$?
    if [ $status != 0 ]; then
        cat errors
        [ $status = 3 ] || failed=$((failed + 1))
        continue
    fi
    verdict "$kernel" same "$folder/image"
done
finish
