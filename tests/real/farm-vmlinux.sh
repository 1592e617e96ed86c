#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/farm-vmlinux.sh - the stage `vmlinux` on kernels without symbols: each that it finds
# is one of the vmlinux that the kernel's build made, by name and address.
#
#   tests/real/farm-vmlinux.sh KPIPE WORK KERNEL...
#
# A KERNEL is one of the farm's (tests/real/farm), SERIES/NAME/CODEC: of x86, its stripped ELF file,
# as in the bzImage, and that without section headers; of others, its flat image, for which base
# and entry must be found, too. Or it is `debian`: the kernels inside Debian's own images, amd64
# against its debug symbols, arm64 and armhf by what must be so of any kernel. Of most kernels one
# codec is enough. A series that the farm passed over is passed over here, too.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
export LC_ALL=C

pairs() { nm "$1" | awk '{ print $1, $3 }' | sort -u; } # ELF: addresses and names

count_of() { # ELF: what kallsyms_num_syms holds
    local at order=little
    at=0x$(nm "$1" | awk '$3 == "kallsyms_num_syms" { print $1 }')
    ! readelf -h "$1" | grep -q 'big endian' || order=big
    objcopy -O binary --only-section=.rodata "$1" rodata
    od -An -tu4 --endian=$order -N 4 \
        -j $((at - 0x$(readelf -SW "$1" | awk '{ sub(/^ *\[ *[0-9]+\]/, "") } $1 == ".rodata" { print $3 }'))) \
        rodata | tr -d ' '
}

field() { # ELF WORDS: of its header
    readelf -hW "$1" | sed -n "s/^ *$2: *//p"
}

first_segment() { # ELF: its addresses
    readelf -lW "$1" | awk '$1 == "LOAD" && !n++ { print $3, $4 }'
}

sound() { # ELF: binutils have nothing to say against it
    readelf -aW "$1" >said 2>errors && [ ! -s errors ] &&
        grep -E ' FUNC +GLOBAL .* start_kernel$' said &&
        objdump -d --disassemble=start_kernel "$1" >said && grep '<start_kernel>:' said
}

same() { # MADE VMLINUX: each symbol is there, and as many as it must have
    pairs "$1" >mine
    pairs "$2" >truth
    comm -23 mine truth >differ
    head differ
    [ ! -s differ ] && [ "$(nm "$1" | wc -l)" = "$(count_of "$2")" ] && sound "$1"
}

flat() { # VMLINUX ARCH: base and entry as well
    rm -f flat made
    "$kpipe" pipe -q "$1" objcopy -o flat && "$kpipe" pipe -q flat "vmlinux:arch=$2,symbols=required" -o made &&
        same made "$1" || return 1
    [ "$(field made 'Entry point address')" = "$(field "$1" 'Entry point address')" ] &&
        [ "$(first_segment made)" = "$(first_segment "$1")" ]
}

stripped() { # VMLINUX: with sections and without
    rm -f stripped made
    "$kpipe" pipe -q "$1" strip -o stripped && "$kpipe" pipe -q stripped vmlinux:symbols=required -o made &&
        same made "$1" && cmp <(readelf -lW stripped) <(readelf -lW made) || return 1
    # e_shoff, e_shentsize, e_shnum and e_shstrndx
    local at=40 rest=58
    [ "$(field "$1" Class)" = ELF64 ] || at=32 rest=46
    printf '\0\0\0\0' | dd of=stripped bs=1 seek=$at conv=notrunc status=none
    printf '\0\0\0\0\0\0' | dd of=stripped bs=1 seek=$rest conv=notrunc status=none
    "$kpipe" pipe -q stripped vmlinux:symbols=required -o made && same made "$1"
}

passes() { # VMLINUX: it has symbols
    "$kpipe" pipe -q "$1" vmlinux -o made && cmp made "$1"
}

check() {
    local vmlinux=$folder/vmlinux config=$folder/../build/.config
    if ! grep -q '^CONFIG_KALLSYMS=y' "$config"; then
        verdict "$kernel, without symbols" refused "$vmlinux"
        return
    fi
    agreed="all $(count_of "$vmlinux") symbols"
    case $kernel in
    */x86_64*/* | */i386/*) verdict "$kernel" stripped "$vmlinux" ;;
    */arm-be8/*) verdict "$kernel" flat "$vmlinux" arm ;;
    *) verdict "$kernel" flat "$vmlinux" "$(basename "$(dirname "$kernel")")" ;;
    esac
    agreed='as it was'
    verdict "$kernel, with symbols" passes "$vmlinux"
    agreed=
}

refused() { # VMLINUX
    "$kpipe" pipe -q "$1" strip -o stripped
    ! "$kpipe" pipe -q stripped vmlinux:symbols=required -o made >said 2>&1 && grep -q 'kallsyms: ' said
}

debian_amd64() { # FOLDER
    "$project/tests/real/vmlinux-of" "$1/vmlinuz" payload
    "$kpipe" pipe -q payload vmlinux:symbols=required -o made && same made "$1/vmlinux"
}

plausible() { # FLAT ARCH BASE LEAST: that base, and at least so many symbols
    "$kpipe" pipe -q "$1" "vmlinux:arch=$2,symbols=required" -o made && sound made &&
        [[ $(first_segment made) == "$3 "* ]] &&
        [ "$(nm made | wc -l)" -ge "$4" ]
}

debian() {
    local cache offset
    cache=$("$project/tests/real/fetch" --where)
    agreed="all $(count_of "$cache/amd64/vmlinux") symbols"
    verdict "debian amd64" debian_amd64 "$cache/amd64"
    agreed=plausible
    verdict "debian arm64" plausible "$cache/arm64/Image" arm64 0xffff800008000000 40000
    # The kernel is the last that has xz's mark: the one before is a constant of the decompressor.
    offset=$(grep -obUaP '\xfd7zXZ\x00' "$cache/armhf/zImage" | tail -n 1 | cut -d: -f1)
    tail -c +$((offset + 1)) "$cache/armhf/zImage" | xz -dcq >armhf 2>said || true
    verdict "debian armhf" plausible armhf arm 0xc0208000 40000
}

case ${kernels[*]} in
debian) debian ;;
*) each_kernel check ;;
esac
finish
