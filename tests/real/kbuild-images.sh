# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/kbuild-images.sh - what kpipe makes of a farm's kernel (tests/real/farm) with
# recipes/base/kbuild-*.yml, beside what Kbuild made. Sourced, for $project and $kpipe, by
# the tests of identity, by the boots and by the benchmark.
# shellcheck disable=SC2154 # those two

# The base recipe for a KERNEL, as 6.1/arm64/xz.
kbuild_recipe() { # KERNEL
    case $1 in
    */x86_64* | */i386/*) echo kbuild-x86 ;;
    */arm/* | */arm-be8/*) echo kbuild-arm ;;
    */arm64*) echo kbuild-arm64-zboot ;;
    */riscv64/*) echo kbuild-riscv-zboot ;;
    esac
}

# Pairs of an image's name in the recipe and of Kbuild's file, a line each; with `all` those
# that are no codec's own, too.
kbuild_pairs() { # FOLDER KERNEL [all]
    local suffix codec=${2##*/}
    case $2 in
    */x86_64* | */i386/*)
        echo "bzImage $1/image"
        echo "System-map $1/System.map"
        ;;
    */arm/* | */arm-be8/*)
        echo "Image $1/arch/arm/boot/Image"
        echo "zImage $1/image"
        echo "System-map $1/System.map"
        ;;
    *)
        echo "vmlinuz-efi $1/image"
        [ "${3-}" = all ] || return 0
        echo "Image $1/../Image"
        echo "System-map $1/System.map"
        # Image.lzo has another time than vmlinuz.efi: farm-payloads.sh.
        for suffix in gz bz2 lzma xz lz4 zst; do
            case $codec/$suffix in
            gzip/gz | gzip/bz2 | lzma/lzma | xz/xz | lz4/lz4 | zstd/zst)
                [ ! -e "$1/../Image.$suffix" ] || echo "Image-$suffix $1/../Image.$suffix"
                ;;
            esac
        done
        ;;
    esac
}

# The time in lzop's header, big endian at byte 25; other codecs have none.
kbuild_epoch() { # CODEC FILE
    case $1 in
    lzo) od -A n -t u4 -j 25 -N 4 --endian=big "$2" | tr -d ' ' ;;
    *) echo 0 ;;
    esac
}

# kbuild_write FOLDER KERNEL OUT IMAGE...: a recipe for those images in OUT, and the command that runs
# it as ${kbuild_command[@]}. FOLDER may be a changed copy of the kernel's.
kbuild_write() {
    local folder=$1 kernel=$2 out=$3 recipe source
    shift 3
    recipe=$(kbuild_recipe "$kernel")
    mkdir -p "$out"
    printf 'kpipe: 1\nextends: %s\noutputs:\n' "$project/recipes/base/$recipe.yml" >"$out/kbuild.yml"
    printf -- '  - %s\n' "$@" >>"$out/kbuild.yml"
    kbuild_command=(env "SOURCE_DATE_EPOCH=$(kbuild_epoch "${kernel##*/}" "$folder/payload")"
        "$kpipe" run "$out/kbuild.yml" --out "$out" --set "tree=$folder")
    [ "$recipe" = "${recipe%-zboot}" ] || {
        source=$("$project/tests/real/farm" --where)/source/${kernel%%/*}/linux
        kbuild_command+=(--set "source=$source")
    }
}

# kbuild_make FOLDER KERNEL OUT IMAGE... -- [ARGUMENT...]: makes them, with further arguments for
# `kpipe run`.
kbuild_make() {
    local given=()
    while [ "$1" != -- ]; do
        given+=("$1")
        shift
    done
    shift
    kbuild_write "${given[@]}"
    "${kbuild_command[@]}" "$@"
}
