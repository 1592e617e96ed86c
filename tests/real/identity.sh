#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/identity.sh - the boot images that Kbuild made for the farm's kernels (tests/real/farm),
# made again by recipes/base/kbuild-*.yml: the same bytes.
#
#   tests/real/identity.sh KPIPE WORK KERNEL...
#
# A KERNEL is SERIES/NAME/CODEC. Also with a tree from which all that Kbuild made of vmlinux was
# taken away or replaced: what kpipe makes must come of vmlinux and the boot objects alone. lzop
# writes the time at which it ran; kpipe gets that by SOURCE_DATE_EPOCH. A series that the farm
# passed over is passed over here, too.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
agreed=identical
# shellcheck source-path=SCRIPTDIR source=kbuild-images.sh
. "$project/tests/real/kbuild-images.sh"

# same KERNEL FOLDER WHAT [all]: what is made of the tree FOLDER is what Kbuild made of KERNEL.
same() {
    local kernel=$1 folder=$2 what=$3 original pairs pair image file
    original=$("$project/tests/real/farm" --find "$kernel")
    mapfile -t pairs < <(kbuild_pairs "$original" "$kernel" "${4-}")
    rm -rf out
    # shellcheck disable=SC2046 # names
    kbuild_make "$folder" "$kernel" out $(printf '%s\n' "${pairs[@]% *}") -- -q ||
        echo "kpipe failed" >&2
    for pair in "${pairs[@]}"; do
        image=${pair% *}
        file=${pair#* }
        verdict "$kernel$what: $image, $(stat -L -c %s "$file") bytes" cmp "out/$image" "$file"
    done
}

# A copy of the tree without what came of vmlinux, in $work.
stripped_tree() { # FOLDER
    rm -rf tree
    cp -al "$1" tree 2>/dev/null || { rm -rf tree && cp -a "$1" tree; }
    case $(echo tree/arch/*/boot) in
    */x86/*)
        (cd tree/arch/x86/boot && rm -f bzImage vmlinux.bin zoffset.h voffset.h setup.elf header.o \
            compressed/vmlinux compressed/vmlinux.bin* compressed/piggy.*
            # 6.12 made it while it linked vmlinux, which has lost it.
            [ ! -e compressed/.vmlinux.relocs.cmd ] || rm compressed/vmlinux.relocs)
        ;;
    */arm/*)
        (cd tree/arch/arm/boot && rm -f Image zImage compressed/vmlinux compressed/piggy_data compressed/piggy.o)
        # Another payload, and an object with it: neither is Kbuild's for this kernel.
        head -c 77777 "$1/vmlinux" >tree/arch/arm/boot/compressed/piggy_data
        cp "$1/arch/arm/boot/compressed/head.o" tree/arch/arm/boot/compressed/piggy.o
        ;;
    *) (cd tree/arch/*/boot && rm -f vmlinuz vmlinuz.o vmlinuz.efi vmlinuz.efi.elf) ;;
    esac
}

seen=
check() {
    same "$kernel" "$folder" "" all
    [ "${kernel%/*}" != "$seen" ] || return 0
    seen=${kernel%/*}
    stripped_tree "$folder"
    cp "$folder/payload" tree/payload.kbuild
    ln -sf payload.kbuild tree/payload # for lzop's time
    same "$kernel" "$PWD/tree" ", of vmlinux and boot objects alone"
}

each_kernel check
finish
