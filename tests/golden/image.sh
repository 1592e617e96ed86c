#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/image.sh - the image format: Image headers of arm64, riscv and loongarch, good and
# bad; padding against truncate(1), by which Kbuild does it.
#
#     image.sh KPIPE WORKDIR [IMAGE...]
#
# The images are made here by the kernel's arm64/booting.rst, riscv/boot-image-header.rst and
# loongarch/booting.rst; real ones may be given too. Prints a line for each case
# and fails if one of them failed.
. "$(dirname "$0")/common.sh"

passes() { # IMAGE: goes through as it is
    pipe "$1" image ours && cmp ours "$1"
}

pads() { # IMAGE
    cp "$1" padded
    truncate -s "$(od -An -tu4 -j 16 -N 4 "$1" | tr -d ' ')" padded
    pipe "$1" image:pad=yes ours && cmp ours padded && [ "$(stat -c %s ours)" = "${2:-8192}" ]
}

refused() { # INPUT TEXT...: fails, says each TEXT, and leaves no output
    local input=$1 status=0 text
    shift
    pipe "$input" "${stage:-image}" refused.out > refused.log 2>&1 || status=$?
    cat refused.log
    [ "$status" -gt 0 ] && [ "$status" -lt 126 ] && [ ! -e refused.out ] || return 1
    for text in "$@"; do
        grep -qF -- "$text" refused.log || return 1
    done
}

warns() { # INPUT TEXT
    pipe "$1" image ours > warns.log 2>&1 && grep -qF -- "$2" warns.log
}

shows() { # FILE TEXT...: `kpipe inspect` says each
    local text
    "$kpipe" inspect "$1" > shows.log 2>&1
    cat shows.log
    shift
    for text in "$@"; do
        grep -qF -- "$text" shows.log || return 1
    done
}

make() { # FILE TEXT_OFFSET IMAGE_SIZE FLAGS MAGIC: 4096 bytes; numbers as 8 bytes, little endian
    head -c 4096 /dev/zero > "$1"
    put "$1" 8 "$2"
    put "$1" 16 "$3"
    put "$1" 24 "$4"
    put "$1" 56 "$5"
}

put_pe() { # FILE MACHINE: an EFI stub with one section, bytes 512 to 4096
    put "$1" 0 4d5a
    put "$1" 60 40000000
    put "$1" 64 "50450000$2"0100
    put "$1" 84 0000 # size of the optional header
    put "$1" 88 2e74657874 # .text
    put "$1" 104 000e000000020000
}

arm64=41524d64
riscv=52534305
make arm64 0000000000000000 0020000000000000 0a00000000000000 $arm64
make arm64-big 0000000000000000 0020000000000000 0f00000000000000 $arm64
make arm64-old 0000080000000000 0000000000000000 0000000000000000 $arm64
make arm64-exact 0000000000000000 0010000000000000 0a00000000000000 $arm64
make riscv 0000200000000000 0020000000000000 0000000000000000 $riscv
put riscv 32 02000000
put riscv 48 5249534356000000
cp arm64 arm64-efi && put_pe arm64-efi 64aa
cp riscv riscv-efi && put_pe riscv-efi 6450
cp riscv riscv32-efi && put_pe riscv32-efi 3250
loongarch=cd238281
make loongarch 8810f40000000000 0020000000000000 0000200000000000 $loongarch # entry, size, offset
put_pe loongarch 6462
make loongarch-old 8810f40000000000 0020000000000000 0000000000000000 00000000 # Linux 6.1
put_pe loongarch-old 6462
make loongarch32 8810f40000000000 0020000000000000 0000200000000000 $loongarch
put_pe loongarch32 3262
for file in arm64 arm64-big arm64-old arm64-exact arm64-efi riscv riscv-efi riscv32-efi \
    loongarch loongarch-old loongarch32; do
    ok "passes-$file" passes $file
done
ok shows-arm64 shows arm64 text_offset image_size 8192 0x000000000000000a \
    "little endian, 4K pages, placed anywhere" arm64
ok shows-arm64-big shows arm64-big "big endian, 64K pages, placed anywhere"
ok shows-arm64-old shows arm64-old "before Linux 3.17" "placed near the start of memory"
ok shows-arm64-efi shows arm64-efi "EFI stub"
ok shows-riscv shows riscv 0x0000000000200000 8192 0.2 riscv64
ok shows-riscv32 shows riscv32-efi riscv32
ok shows-loongarch shows loongarch image kernel_entry 0x0000000000f41088 8192 load_offset \
    0x0000000000200000 0x818223cd "Linux EFI" loongarch64
ok shows-loongarch-old shows loongarch-old 0x00000000 "old kernels have none" loongarch64
ok shows-loongarch32 shows loongarch32 loongarch32

for file in arm64 arm64-big riscv-efi loongarch loongarch-old; do
    ok "pads-$file" pads $file
done
ok pads-exact pads arm64-exact 4096
stage=image:pad=yes
ok pads-old refused arm64-old "pad: image_size is 0: up to where is not known"
cp arm64 broken && put broken 20 01
ok pads-huge refused broken "pad: image_size is 0x100002000: more than 32 bits"
stage=

head -c 63 arm64 > broken
ok cut-header refused broken "header: 63 bytes: an Image begins with a header of 64"
head -c 4095 arm64-efi > broken
ok cut refused broken "pe header: section 0 '.text' ends at byte 4096: the file has 4095" \
    "the file was cut short: get it again"
head -c 120 arm64-efi > broken
ok cut-sections refused broken "pe header: section 0 at 0x58: the file has 120 bytes"
cp arm64 broken && put broken 16 ff0f
ok too-large refused broken "image_size: 4095 bytes: the file has 4096"
cp riscv broken && put broken 16 0000
ok riscv-without-size refused broken "image_size: 0: riscv boot loaders refuse that"
cp arm64 broken && put broken 8 01
ok text-offset refused broken "text_offset: 0x1: not a multiple of 4096"
cp arm64-efi broken && put broken 60 f0ffffff
ok pe-outside refused broken "pe header: at 0xfffffff0: the file has 4096 bytes"
cp arm64-efi broken && put broken 65 58
ok pe-signature refused broken "pe header: at 0x40: no PE signature there, though the file begins with MZ"
cp arm64-efi broken && put broken 68 6486
ok pe-machine refused broken "pe header: machine 0x8664: the Image header is one of arm64"
cp loongarch broken && put broken 68 6486
ok pe-machine-of-loongarch refused broken \
    "pe header: machine 0x8664: the Image header is one of loongarch64"
cp loongarch broken && put broken 4 7a696d67
ok zboot-is-no-image refused broken ""
cp loongarch broken && put broken 16 0000
ok loongarch-without-size refused broken "image_size: 0: a kernel of loongarch tells it"
cp loongarch broken && put broken 56 cd238381
ok loongarch-magic refused broken "magic: 0x818323cd: neither arm64's 0x644d5241 nor riscv's 0x05435352"
cp arm64 broken && put broken 24 1a
ok unknown-flags warns broken "flags: 0x1a: bits are set that have no meaning yet"
seq 2000 > text
ok no-image refused text ""

for real in "${files[@]}"; do
    ok "passes-$(basename "$real")" passes "$real"
    ok "shows-$(basename "$real")" shows "$real" image_size
done

finish
