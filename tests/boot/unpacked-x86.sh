#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/boot/unpacked-x86.sh - a bzImage of the farm that `kpipe unpack` took apart, with another kernel
# in it, boots: the name of the host that built it is another one, and it is compressed with more
# effort, so that the payload's size is another one, too. The console shows the new name and the
# init's line.
#
#   tests/boot/unpacked-x86.sh KPIPE WORK KERNEL...
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

# What takes less room than Kbuild's own choice does.
effort() { # CODEC
    case $1 in
    gzip) echo '{gzip: {encoder: libdeflate, level: 12}}' ;;
    lz4) echo '{lz4: {level: 12, frame: legacy}}, size-append' ;;
    xz) echo '{xz: {level: 9, dict: 32M, check: crc32, bcj: x86}}, size-append' ;;
    *) fail "$1: no other effort is known here" ;;
    esac
}

[ $# -gt 2 ] || fail "no kernel to boot"
for kernel in "${@:3}"; do
    grown "$kernel"
    case $kernel in
    */i386/*) machine=i386 ;;
    *) machine=x86_64 ;;
    esac
    needs "qemu-system-$machine"
    rm -rf "$work/parts" "$work/out"
    "$kpipe" unpack -q "$folder/image" -d "$work/parts"
    sed -i 's/(kpipe@farm)/(kpipe@barn)/g' "$work/parts/vmlinux"
    # Without relocations at its end the kernel can have more there, which takes memory to unpack.
    case $kernel in
    */x86_64-norelocs/gzip) head -c 16M /dev/zero >>"$work/parts/vmlinux" ;;
    esac
    sed -i "s/^  payload: \\[vmlinux, .*\\]\$/  payload: [vmlinux, $(effort "${kernel##*/}")]/" \
        "$work/parts/recipe.yml"
    "$kpipe" run -q "$work/parts/recipe.yml" --out "$work/out"
    "$kpipe" inspect "$work/out/image.rebuilt" >"$work/inspected"
    ! grep INVALID "$work/inspected" || fail "$kernel: what kpipe made is not right"
    size() { "$kpipe" inspect "$1" | sed -n 's/.* payload_length *\([0-9]*\) bytes.*/\1/p'; }
    printf '%s: %s: payload of %s bytes instead of %s\n' "$name" "$kernel" \
        "$(size "$work/out/image.rebuilt")" "$(size "$folder/image")"
    [ "$(size "$work/out/image.rebuilt")" -lt "$(size "$folder/image")" ] || fail "$kernel: it is no shorter"
    console 'Linux version .*\(kpipe@barn\)' 'kpipe test kernel: init runs' -- \
        "qemu-system-$machine" -M pc,accel=tcg -m 512 -kernel "$work/out/image.rebuilt" \
        -append "console=ttyS0 no_timer_check panic=-1"
done
