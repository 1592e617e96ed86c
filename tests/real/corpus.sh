#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/corpus.sh - each kernel that Debian ships (tests/real/corpus), opened: `kpipe inspect` looks
# into it without a complaint, `kpipe extract` takes a kernel of its release out of it, and where the
# build's own vmlinux is there, the very bytes that the build compressed. A row of each tells how
# many layers there are, what came out and in what time, and what the kernel source's
# scripts/extract-vmlinux makes of the same file.
#
#   tests/real/corpus.sh KPIPE WORK NAME...
#
# NAME is one of tests/real/corpus's. Files that are no kernels (EFI programs, Xen) are only inspected.
# The script is that of the farm's source (tests/real/farm); where there is none, its column is left
# out.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
script=$("$project/tests/real/farm" --where)/source/6.1/linux/scripts/extract-vmlinux

# clock FILE COMMAND...: its seconds go to FILE, its status is handed on.
clock() {
    local file=$1 since=$EPOCHREALTIME status=0
    shift
    "$@" || status=$?
    awk -v from="$since" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.2f s", to - from }' >"$file"
    return $status
}

# It tries whatever looks like a compressed stream: in an uncompressed kernel hundreds. What it
# gives is called the same if it is what kpipe gives.
by_script() { # IMAGE
    [ -r "$script" ] || return 0
    clock seconds timeout 60 sh "$script" "$1" >theirs 2>/dev/null || true
    if [ ! -s theirs ]; then
        printf ' | extract-vmlinux: nothing, '
    elif cmp -s theirs payload; then
        printf ' | extract-vmlinux: the same, '
    else
        printf ' | extract-vmlinux: other %s bytes, ' "$(stat -c %s theirs)"
    fi
    cat seconds
}

# What the build compressed, made of its vmlinux as its makefiles do. On x86 relocations follow that, on
# arm64 the signer changes the first page and appends to the file.
as_built() { # FOLDER
    local first=0 length=
    case $kernel in
    */amd64/* | */i386/*) objcopy -R .comment -S "$1/vmlinux" built ;;
    *) objcopy -O binary -R .comment -R .note -R .note.gnu.build-id -S "$1/vmlinux" built ;;
    esac
    case $kernel in
    */amd64/* | */i386/*) length=$(stat -c %s built) ;;
    */arm64/*) first=4096 length=$(($(stat -c %s built) - 4096)) ;;
    esac
    cmp -i $first ${length:+-n "$length"} built payload
}

opened() { # FOLDER
    "$kpipe" inspect --verify "$1/image" >inspected 2>complaints || {
        cat complaints
        return 1
    }
    # Of programs that are no kernels some break the rules of their format.
    [ ! -e "$1/config" ] || [ ! -s complaints ] || { cat complaints && return 1; }
    agreed="$(stat -c %s "$1/image") bytes, $(sed -n '1s/^.*: \([a-z0-9-]*\).*/\1/p' inspected)"
    agreed+=", $(grep -c -E '^ *([a-z0-9-]+|/.*): .* bytes( at|, dec|$)' inspected) layers"
    [ -e "$1/config" ] || return 0
    clock seconds "$kpipe" extract -q "$1/image" -o payload || return 1
    grep -a -q "Linux version $(cat "$1/version") " payload || return 1
    agreed+=" | $(stat -c %s payload) bytes, sha256 $(sha256sum payload | cut -c 1-16)"
    if [ -e "$1/vmlinux" ]; then
        as_built "$1" || return 1
        agreed+=" = the build's"
    fi
    agreed+=", $(cat seconds)$(by_script "$1/image")"
}

for kernel in "${kernels[@]}"; do
    status=0
    folder=$("$project/tests/real/corpus" --find "$kernel" 2>errors) || status=$?
    if [ $status != 0 ]; then
        cat errors
        [ $status = 3 ] || failed=$((failed + 1))
        continue
    fi
    verdict "$kernel" opened "$folder"
done
rm -f built payload theirs
finish
