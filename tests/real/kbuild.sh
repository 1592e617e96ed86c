#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/kbuild.sh - the source kbuild on the farm's kernels (tests/real/farm): its facts and
# lists against Kbuild's commands as bash reads them, and against ar(1) and find(1).
#
#   tests/real/kbuild.sh KPIPE WORK KERNEL...
#
# A KERNEL is SERIES/NAME/CODEC. Read is a copy, in which vmlinux is no link that leads out of the
# tree; of NAME/build the device trees. A series that the farm passed over is passed over here,
# too.
# shellcheck disable=SC2016 # $(name) is a recipe's
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

# words FILE: the words of a command that Kbuild saved, in $words
words=()
words() {
    local command
    command=$(sed -n '1s/^\(saved\)\?cmd_[^ ]* := //p' "$1")
    eval "words=($command)"
}

# What Kbuild linked: sets $before, $after, $members (files), $flags, $script, $linker, $load.
read_link() {
    local word objects=before previous='' kept=()
    before=() after=() members=() script='' load=''
    words "$1"
    linker=${words[0]##*/}
    for word in "${words[@]:1}"; do
        case $previous,$word in
        -T,*) script=$word ;;
        -o,*) ;;
        --defsym,_kernel_bss_size=*) unset 'kept[-1]' ;;
        *,-T | *,-o) ;;
        *,*/piggy.o | *,*/vmlinuz.o) objects=after ;;
        *,*.o) if [ $objects = before ]; then before+=("$word"); else after+=("$word"); fi ;;
        *,*.a) mapfile -t -O ${#members[@]} members < <(cd tree && ar t "$word") ;;
        *)
            kept+=("$word")
            load=${word#zreladdr=}
            [ "$load" != "$word" ] || load=
            ;;
        esac
        previous=$word
    done
    flags=${kept[*]}
}

# listed NAME FILE...: the list has these items, with their bytes
listed() {
    local list=$1 file
    shift
    printf 'kpipe: 1\ninputs: {k: {kbuild: tree}}\n' > list.yml
    printf 'images: {all: [k.config, {concat: [_, k.%s]}]}\noutputs: [all]\n' "$list" >> list.yml
    "$kpipe" run -q list.yml 2> errors || cat errors
    (cd tree && cat .config "$@") | cmp - all || return 1
    "$kpipe" run -n list.yml 2> errors | sed -n "s/^#[0-9]* *k\\.$list: \\(.*\\) = {kbuild}.*/\\1/p" > labels
    for file in "$@"; do echo "$file"; done | cmp - labels
}

# fact NAME VALUE
fact() {
    local said
    printf 'kpipe: 1\ninputs: {k: {kbuild: tree}}\noutputs: [k.config: {file: "$(k.%s)"}]\n' "$1" > fact.yml
    said=$("$kpipe" run -n fact.yml 2>&1 | sed -n 's/ = #1$//p')
    [ "$said" = "$2" ] || {
        echo "$1: '$said', not '$2'"
        return 1
    }
}

# given NAME FILE: the image is the file
given() {
    printf 'kpipe: 1\ninputs: {k: {kbuild: {tree: tree, source: %s}}}\n' "$source" > image.yml
    printf 'outputs: [k.%s: {file: image}]\n' "$1" >> image.yml
    "$kpipe" run -q image.yml && cmp image "$2"
}

copy_tree() { # FOLDER
    rm -rf tree
    cp -al "$1" tree 2> /dev/null || { rm -rf tree && cp -a "$1" tree; }
    for file in vmlinux System.map; do
        [ ! -L tree/$file ] || { rm tree/$file && cp "$1/$file" tree; }
    done
}

on() { # CONFIG: a symbol is y
    grep -q "^CONFIG_$1=y" tree/.config
}

x86_facts() { # SERIES
    local relocs=none layout='kernel-6.1'
    case $1 in
    5.10) layout='kernel-5.10' ;;
    newest) layout='kernel-6.15' ;;
    esac
    ! on X86_NEED_RELOCS || case $1 in
    6.12) ;; # they are in a file of their own
    newest) relocs='kernel-6.15' ;;
    *) relocs='kernel-6.1' ;;
    esac
    fact relocs $relocs && fact layout $layout && fact load 0x1000000 &&
        given setup tree/arch/x86/boot/setup.bin
}

# of KERNEL FOLDER: all that the source says of it
of() {
    local series=${1%%/*} name=${1#*/} codec=${1##*/} stub zboot=none pad=no endian=little
    name=${name%/*}
    [ "$name" != arm-be8 ] || endian=big
    source=$(dirname "$2")/../../source/$series/linux
    copy_tree "$2"
    stub=$(echo tree/arch/*/boot/compressed/.vmlinux.cmd)
    if on EFI_ZBOOT; then
        stub=$(echo tree/arch/*/boot/.vmlinuz.efi.elf.cmd)
        zboot='kernel-6.1'
        [ "$series" = 6.1 ] || { zboot='kernel-6.12' && pad=yes; }
        fact zboot-pad $pad || return 1
    fi
    read_link "$stub"
    fact arch "${name%%-*}" && fact codec "$codec" && fact version "$(cat "$2/../release")" &&
        fact endian $endian && fact linker "$linker" && fact flags "$flags" && fact zboot $zboot &&
        fact image "$(readlink "$2/image" | sed 's|.*/||; s/\./-/')" &&
        given vmlinux "$2/vmlinux" && given system-map "$2/System.map" || return 1
    [ -z "$load" ] || fact load "$load" || return 1
    case $script in
    /*) script=$source/drivers/firmware/efi/libstub/zboot.lds ;;
    *) script=tree/$script ;;
    esac
    given script "$script" && listed before "${before[@]}" && listed after "${after[@]}" &&
        listed archives "${members[@]}" || return 1
    if [ -e tree/vmlinux.unstripped ]; then given unstripped tree/vmlinux.unstripped || return 1; fi
    [ -d tree/arch/x86 ] || return 0
    x86_facts "$series"
}

# dtbs FOLDER: those that the whole tree has
dtbs() {
    local files
    printf 'kpipe: 1\ninputs: {k: {kbuild: %s}}\n' "$1" > list.yml
    printf 'images: {all: [k.config, {concat: [_, k.dtbs]}]}\noutputs: [all]\n' >> list.yml
    "$kpipe" run -n list.yml | sed -n 's/^#[0-9]* *k\.dtbs: \(.*\) = {kbuild}.*/\1/p' | sort > labels
    files=$(cd "$1"/arch/*/boot/dts 2> /dev/null && find . -name '*.dtb' | sed 's|^\./||' | sort) || true
    [ "$files" = "$(cat labels)" ] && { [ ! -d "$1/../dtbs" ] || [ -s labels ]; }
}

check() {
    verdict "$kernel" of "$kernel" "$folder"
    verdict "$kernel: device trees" dtbs "$(dirname "$folder")/build"
}

each_kernel check
rm -rf tree image all
finish
