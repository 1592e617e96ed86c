#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/farm-symbols.sh - what kpipe tells of the vmlinux of the farm's kernels
# (tests/real/farm), against the files that their build made of it: System.map by the stage
# `system-map`, and with x86 arch/x86/boot/compressed/vmlinux.relocs by the stage `relocs`.
#
#   tests/real/farm-symbols.sh KPIPE WORK KERNEL...
#
# A KERNEL is SERIES/NAME/CODEC. The form is given, and left to the release in the kernel's
# banner. Where vmlinux has no relocations, as 6.12's build takes them out again, kpipe must say
# so; where it keeps them in vmlinux.unstripped, that is the input. The kernel's own tool is asked
# as well, if the build left it. A series that the farm passed over is passed over here, too.
#
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
agreed=identical

made() { # INPUT STAGE FILE LEAST: of at least that many bytes, without a warning
    rm -f out
    if ! "$kpipe" pipe "$1" "$2" -o out >said 2>&1 || ! cmp out "$3" ||
        [ "$(stat -c %s out)" -lt "$4" ] || grep warning said; then
        cat said
        return 1
    fi
}

same() { # INPUT STAGE FORM FILE LEAST
    made "$1" "$2" "$4" "$5" && made "$1" "$2:$3" "$4" "$5"
}

as_tool() { # INPUT FORM TOOL
    "$3" "$1" >tool.out && made "$1" "relocs:$2" tool.out 4
}

has_no_relocs() { # INPUT
    if "$kpipe" pipe "$1" relocs -o out >said 2>&1 || ! grep -qF 'relocations: none' said; then
        cat said
        return 1
    fi
}

relocs() { # KERNEL FOLDER FORM
    local input=$2/vmlinux list=$2/arch/x86/boot/compressed/vmlinux.relocs
    local build=$2/../build
    [ ! -f "$build/vmlinux.unstripped" ] || input=$build/vmlinux.unstripped
    case $1 in
    6.12/* | */x86_64-norelocs/*)
        verdict "$1, no relocations" has_no_relocs "$input"
        return
        ;;
    esac
    verdict "$1, vmlinux.relocs, $(stat -L -c %s "$list") bytes" \
        same "$input" relocs "$3" "$list" 50000
    [ ! -x "$build/arch/x86/tools/relocs" ] ||
        verdict "$1, relocs itself" as_tool "$input" "$3" "$build/arch/x86/tools/relocs"
}

check() {
    case $kernel in
    5.10/*) map=kernel-5.10 list=kernel-6.1 ;;
    6.1/*) map=kernel-6.1 list=kernel-6.1 ;;
    6.12/*) map=kernel-6.12 list=kernel-6.1 ;;
    *) map=kernel-7.2 list=kernel-6.15 ;;
    esac
    verdict "$kernel, System.map, $(stat -L -c %s "$folder/System.map") bytes" \
        same "$folder/vmlinux" system-map $map "$folder/System.map" 100000
    case $kernel in
    */x86_64*/* | */i386/*) relocs "$kernel" "$folder" $list ;;
    esac
}

each_kernel check
finish
