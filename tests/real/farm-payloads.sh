#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/farm-payloads.sh - the compressed kernels that Kbuild made for the farm's
# (tests/real/farm), unpacked and made again by the stage `payload` with the series' preset: the
# same bytes, and the contents are what Kbuild compressed.
#
#   tests/real/farm-payloads.sh KPIPE WORK KERNEL...
#
# A KERNEL is SERIES/NAME/CODEC. With arm64 and riscv64 also the files that are compressed as they
# are, Image.CODEC. lzop writes the time at which it ran; kpipe gets that by SOURCE_DATE_EPOCH.
# A series that the farm passed over is passed over here, too.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
agreed=identical

# The time in lzop's header, big endian at byte 25; other codecs have none.
epoch() { # CODEC FILE
    case $1 in
    lzo) od -A n -t u4 -j 25 -N 4 --endian=big "$2" | tr -d ' ' ;;
    *) echo 0 ;;
    esac
}

# again FILE CODEC ARCH PRESET: its contents are compressed to FILE's bytes.
again() {
    cat >again.yml <<END
kpipe: 1
arch: $3
inputs: {payload: $1}
images:
  contents: [payload, decompress]
  again: [contents, {payload: {codec: $2, preset: $4}}]
outputs: [contents, again]
END
    SOURCE_DATE_EPOCH=$(epoch "$2" "$1") "$kpipe" run -q again.yml --out . && cmp again "$1"
}

# What Kbuild compressed: at least a MB of it, and with EFI zboot padding from 6.12 on.
holds_sources() { # FOLDER
    local boot
    for boot in "$1"/arch/*/boot; do
        case $boot in
        */x86/*) find "$boot/compressed" -name vmlinux.bin -o -name vmlinux.relocs | sort | xargs cat ;;
        */arm/*) cat "$boot/Image" ;;
        *) cat "$1/../Image" ;;
        esac
    done >kbuild
    [ "$(stat -c %s kbuild)" -gt 1000000 ] && cmp -n "$(stat -c %s kbuild)" kbuild contents
}

check() {
    codec=${kernel##*/}
    arch=$(cut -d/ -f2 <<<"$kernel" | cut -d- -f1)
    case $kernel in
    5.10/*) preset="kernel-5.10" ;;
    6.1/*) preset="kernel-6.1" ;;
    *) preset="kernel-6.12" ;;
    esac
    verdict "$kernel, $(stat -L -c %s "$folder/payload") bytes" \
        again "$(realpath "$folder/payload")" "$codec" "$arch" $preset
    verdict "$kernel, contents" holds_sources "$folder"
    for image in "$folder/../Image.${codec/gzip/gz}" "$folder/../Image.${codec/zstd/zst}" \
        "$folder/../Image.$codec"; do
        [ -f "$image" ] || continue
        verdict "${kernel%/*}/${image##*/}, $(stat -c %s "$image") bytes" \
            again "$(realpath "$image")" "$codec" "$arch" $preset-image
        break
    done
}

each_kernel check
finish
