#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/farm-bzimage.sh - the bzImages that Kbuild made for the farm's x86 kernels
# (tests/real/farm), made again by the stage `bzimage` of the same folder's parts: the same bytes.
# So they are with the setup.bin of another codec's folder, and with one in which every field that
# depends on other parts was overwritten.
#
#   tests/real/farm-bzimage.sh KPIPE WORK KERNEL...
#
# A KERNEL is SERIES/NAME/CODEC; those of other architectures are passed over, and so is a series
# that the farm passed over.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

again() { # FOLDER SETUP [PARAMETERS]
    local boot=$1/arch/x86/boot
    rm -f again
    "$kpipe" pipe "$boot/vmlinux.bin" \
        "bzimage:setup=$2,boot=$boot/compressed/vmlinux,kernel=$1/vmlinux${3:-}" -o again &&
        cmp again "$boot/bzImage"
}

# Overwrites what is not the setup code's own. In a new layout .compat stands at a page.
spoil() { # SETUP OUT
    perl -e 'local $/; open F, "<", $ARGV[0] or die; my $d = <F>;
        sub spoil { my ($at, $n) = @_; substr($d, $at, $n) = "\xaa" x $n }
        spoil(@$_) for [0x1f1, 1], [0x1f4, 4], [0x1fc, 2], [0x248, 8], [0x258, 8], [0x260, 12];
        if (substr($d, 0, 2) eq "MZ") {
            my $pe = unpack "V", substr($d, 0x3c, 4); my $opt = $pe + 24;
            my ($count, $size) = unpack "x6 v x12 v", substr($d, $pe, 24);
            my $old = unpack("V", substr($d, $opt + 32, 4)) == 0x20;
            spoil($opt + 4, 8); spoil($opt + 16, 8); spoil($opt + 56, 8);
            spoil($opt + 24, 8) if $old && unpack("v", substr($d, $opt, 2)) == 0x20b;
            spoil($opt + 28, 4) if $old && unpack("v", substr($d, $opt, 2)) == 0x10b;
            for (0 .. $count - 1) {
                my $s = $opt + $size + 40 * $_;
                if (substr($d, $s, 8) eq ".compat\0" && !$old) {
                    spoil(unpack("V", substr($d, $s + 20, 4)) + 4, 4);
                }
                spoil($s + 8, 16);
            }
        }
        open O, ">", $ARGV[1] or die; print O $d; close O or die' "$1" "$2"
    ! cmp -s "$1" "$2"
}

spoiled() { # FOLDER
    spoil "$1/arch/x86/boot/setup.bin" spoiled.bin && again "$1" spoiled.bin
}

# That of a sibling, if it differs from FOLDER's own.
other_setup() { # FOLDER
    local other
    for other in "$1"/../*/image; do
        other=${other%/image}/arch/x86/boot/setup.bin
        cmp -s "$other" "$1/arch/x86/boot/setup.bin" || {
            realpath "$other"
            return
        }
    done
}

# Its PE header is sound.
loadable() { # FOLDER
    "$kpipe" pipe "$1/arch/x86/boot/bzImage" pe -o same && cmp same "$1/arch/x86/boot/bzImage"
}

# Everything that inspect can check of it is right, and a changed byte is seen if there is a CRC.
described() { # FOLDER
    local image=$1/arch/x86/boot/bzImage byte
    "$kpipe" inspect "$image" >shown && ! grep INVALID shown &&
        grep -q "kernel_version .*$(cat "$1/include/config/kernel.release")" shown || return 1
    grep -q crc32 shown || return 0
    byte=$(od -A n -t u1 -j 100000 -N 1 "$image")
    cp "$image" changed
    # shellcheck disable=SC2059 # another byte than the one that is there
    printf "\\x$(printf %02x $((byte ^ 255)))" | dd of=changed bs=1 seek=100000 conv=notrunc status=none
    "$kpipe" inspect --depth 1 changed >shown
    grep -q 'crc32.*INVALID' shown
}

check() {
    case $kernel in */x86_64*/* | */i386/*) ;; *) return 0 ;; esac
    size=$(stat -c %s "$folder/arch/x86/boot/bzImage")
    verdict "$kernel, $size bytes" again "$folder" "$folder/arch/x86/boot/setup.bin"
    verdict "$kernel, setup code with wrong fields" spoiled "$folder"
    other=$(other_setup "$folder")
    [ -z "$other" ] ||
        verdict "$kernel, setup code of ${other%/arch/*}" again "$folder" "$other"
    verdict "$kernel, inspect" described "$folder"
    verdict "$kernel, pe header" loadable "$folder"
}

each_kernel check
[ $checked -gt 0 ]
finish
