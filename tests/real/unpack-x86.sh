#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/unpack-x86.sh - bzImages taken apart by `kpipe unpack`: the recipe makes the same bytes
# again, by the stage bzimage-update, and of a payload that was compressed anew. Also boot images of
# other machines that know their payload no better than by its bytes: ELF files, s390.
#
#   tests/real/unpack-x86.sh KPIPE WORK KERNEL...
#
# A KERNEL is one of the farm's (tests/real/farm), whose payloads must all be compressed anew, or of the
# corpus (tests/real/corpus), where the row tells what was.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

unpacked() { # IMAGE
    local since=$EPOCHREALTIME
    rm -rf parts out
    if ! "$kpipe" unpack "$1" -d parts >told 2>&1; then
        cat told
        return 1
    fi
    "$kpipe" run -q parts/recipe.yml --out out || return 1
    cmp out/*.rebuilt "$1" || return 1
    agreed="identical, $(stat -L -c %s "$1") bytes, $(find parts -type f | wc -l) files"
    agreed+=", $(awk -v from="$since" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f s", to - from }')"
    agreed+=$(sed -n 's/^kpipe: [^ ]*: \([^ ]*: \(stays compressed\|holds only\)\).*/; \1/p' told | tr -d '\n')
    case $kernel in
    */amd64/*amd64* | */i386/* | */x86_64*/*) grep -q 'bzimage-update: {lengths: ' parts/recipe.yml ;;
    esac
}

anew() { # IMAGE
    unpacked "$1" && ! grep 'stays compressed' told
}

for kernel in "${kernels[@]}"; do
    status=0
    case $kernel in
    bookworm/* | bullseye/* | trixie/* | sid/*) from=corpus check=unpacked ;;
    *) from=farm check=anew ;;
    esac
    folder=$("$project/tests/real/$from" --find "$kernel" 2>errors) || status=$?
    if [ $status != 0 ]; then
        cat errors
        [ $status = 3 ] || failed=$((failed + 1))
        continue
    fi
    verdict "$kernel" $check "$(realpath "$folder/image")"
done
rm -rf parts out
finish
