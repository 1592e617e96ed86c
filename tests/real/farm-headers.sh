#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/farm-headers.sh - the boot images of the farm's kernels (tests/real/farm) made again
# from Kbuild's linked boot binary: objcopy, then the stage that fills in the header. Once with
# the header as the linker left it, and once with all that the stage derives overwritten. The
# same bytes as Kbuild's.
#
#   tests/real/farm-headers.sh KPIPE WORK KERNEL...
#
# A KERNEL is SERIES/NAME/CODEC, of arm (zImage), arm64 or riscv64 (vmlinuz.efi). Others are told,
# and passed over, and so is a series that the farm passed over.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
agreed=identical

erase() { # FILE OFFSET LENGTH: overwrites the bytes there
    head -c "$3" /dev/zero | tr '\0' '\252' | dd of="$1" bs=1 seek=$(($2)) conv=notrunc status=none
}

symbol() { # ELF NAME: its value
    printf '0x%s\n' "$(nm "$1" | awk -v name="$2" '$3 == name { print $1 }')"
}

# again STAGE IMAGE BINARY...: the stage makes IMAGE of each.
again() {
    local stage=$1 image=$2 binary
    shift 2
    for binary in "$@"; do
        rm -f again
        "$kpipe" pipe "$binary" "$stage" -o again && cmp again "$image" || return 1
    done
}

zimage() { # FOLDER KERNEL
    local boot=$1/arch/arm/boot/compressed/vmlinux image=$1/arch/arm/boot/zImage table
    "$kpipe" pipe -q "$boot" objcopy -o binary
    cp binary erased
    erase erased 0x24 24
    table=$(($(symbol "$boot" _table_start) - $(symbol "$boot" _start)))
    erase erased "$table" 28
    verdict "$2, zImage, $(stat -L -c %s "$image") bytes" \
        again "zimage:{boot: $boot, kernel: $1/vmlinux}" "$image" binary erased "$image"
}

# What zboot-header.S computes from symbols: the fields from the payload's offset to the magic
# number, and those of the PE header at 0x40 with its two sections.
erase_zboot() { # FILE
    local optional=88 size section
    size=$(od -An -tu2 -j 84 -N 2 "$1" | tr -d ' ')
    erase "$1" 8 52
    erase "$1" $((optional + 4)) 8
    erase "$1" $((optional + 16)) 8
    erase "$1" $((optional + 56)) 8
    for section in 0 1; do
        erase "$1" $((optional + size + 40 * section + 8)) 16
    done
}

zboot() { # FOLDER KERNEL
    local boot image
    boot=$(echo "$1"/arch/*/boot/vmlinuz.efi.elf)
    image=${boot%.elf}
    "$kpipe" pipe -q "$boot" objcopy -o binary
    cp binary erased
    erase_zboot erased
    verdict "$2, vmlinuz.efi, $(stat -L -c %s "$image") bytes" \
        again "zboot:boot=$boot" "$image" binary erased "$image"
    verdict "$2, vmlinuz.efi as it is" again zboot "$image" "$image"
    [ ! -e "${image%/*}/vmlinux.bin" ] || # what is compressed, where Kbuild pads it
        verdict "$2, padded Image" again image:pad=yes "${image%/*}/vmlinux.bin" "$1/../Image"
}

check() {
    folder=$(realpath "$folder")
    case $kernel in
    */arm/* | */arm-be8/*) zimage "$folder" "$kernel" ;;
    */arm64* | */riscv64/*) zboot "$folder" "$kernel" ;;
    *) ;; # x86: farm-bzimage.sh
    esac
}

each_kernel check
finish
