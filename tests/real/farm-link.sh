#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/farm-link.sh - the boot stubs of the farm's kernels (tests/real/farm), linked again
# by the stages `piggy` and `link` of Kbuild's own payload and objects: the same ELF file to the
# linker, the same flat image. And one with a payload of another size.
#
#   tests/real/farm-link.sh KPIPE WORK KERNEL...
#
# A KERNEL is SERIES/NAME/CODEC. Objects, their order and the flags are those of the command that
# Kbuild left in .vmlinux.cmd or .vmlinuz.efi.elf.cmd. A series that the farm passed over is passed
# over here, too.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

# Takes Kbuild's command to link apart: $linker, $flags, $script, and $objects and $members, in
# which piggy.o or vmlinuz.o is "_".
read_command() { # FILE
    local words word
    read -ra words < <(sed -n 's/^[a-z]*cmd_.* := //p' "$1")
    linker=${words[0]} flags='' script='' objects=() members=() firsts=()
    for ((i = 1; i < ${#words[@]}; i++)); do
        word=${words[i]}
        case $word in
        -T) script=${words[++i]} ;;
        -o) ((++i)) ;;
        --defsym)
            case ${words[i + 1]} in
            # These are to be found out again, below.
            _kernel_bss_size=*) ((++i)) ;;
            *) flags+="$word " ;;
            esac
            ;;
        */piggy.o | */vmlinuz.o) objects+=(_) ;;
        *.o) objects+=("$word") ;;
        *.a)
            firsts+=(${#members[@]})
            mapfile -t -O ${#members[@]} members < <(ar t "$word")
            ;;
        *) flags+="$word " ;;
        esac
    done
}

# write_recipe PAYLOAD: for the command that was read, in the kernel's folder.
write_recipe() {
    local i list='' archives='' symbols=''
    {
        printf 'kpipe: 1\narch: %s\ninputs:\n  payload: %s\n  vmlinux: %s\n  script: %s\n' \
            "$arch" "$1" "$folder/vmlinux" "$(realpath "$script")"
        for i in "${!objects[@]}"; do
            if [ "${objects[i]}" = _ ]; then
                list+="_, "
            else
                list+="o$i, "
                printf '  o%d: %s\n' "$i" "$(realpath "${objects[i]}")"
            fi
        done
        for i in "${!members[@]}"; do
            # Where an archive begins, the one before it ends.
            case " ${firsts[*]} " in *" $i "*) archives+="${archives:+]\}, }{members: [" ;; esac
            archives+="m$i, "
            printf '  m%d: %s\n' "$i" "$(realpath "${members[i]}")"
        done
        case $form in
        arm) symbols='{name: _kernel_bss_size, of: vmlinux, from: __bss_start, to: __bss_stop}' ;;
        zboot) symbols='{name: zboot_code_size, of: vmlinux, from: _kernel_codesize, missing: skip}' ;;
        esac
        printf 'images:\n  piggy: [payload, {piggy: %s}]\n' "${piggy:-$form}"
        printf '  boot: [piggy, {link: {linker: %s, objects: [%s], archives: [%s], script: script,' \
            "$linker" "${list%, }" "${archives:+$archives]\}}"
        printf ' flags: "%s", symbols: [%s]}}]\n' "$flags" "$symbols"
        printf '  binary: [boot, {objcopy: {remove: [%s]}}]\noutputs: [piggy, boot, binary]\n' "$remove"
    } >"$work/link.yml"
}

# again PAYLOAD: makes piggy, boot and binary of it.
again() {
    local status=0
    (cd "$folder" && read_command "$command" && write_recipe "$1") || return 1
    "$kpipe" run -q link.yml --out . >said 2>&1 || status=$?
    cat said
    # Of these kernels the linker has nothing to say.
    [ $status = 0 ] && [ ! -s said ]
}

# The sections and symbols of an object, but for the symbols of sections, which not every
# assembler writes, and arm's attributes, which are the compiler's. zboot's are named after a file.
object_facts() { # OBJECT
    readelf -hSW "$1" | grep -E ' (Class|Data|Machine|Flags): |^ +\[' | grep -v -E '\.(ARM\.attributes|[a-z]*tab) ' |
        sed -E 's/^ +\[[ 0-9]+\] ([^ ]+ +[A-Z]+ +[0-9a-f]+) [0-9a-f]+/\1/'
    readelf -sW "$1" | awk '$4 != "SECTION" && $8 != "" && $8 !~ /^_binary_|^zboot_code_size/ {
        $1 = ""; print }' | sed -E '1d'
}

same_object() {
    object_facts "$kbuild_object" >expected && object_facts piggy >made && diff expected made &&
        [ "$(wc -l <made)" -gt 5 ]
}

# All of the ELF file, but for the symbols that are files' names (ld adds those of objects that do
# not tell their source's), and the ones that zboot's object has of its file's name.
same_elf() {
    local without=(--wildcard -N '*.o')
    [ "$form" != zboot ] || without+=(-N '_binary_*')
    objcopy "${without[@]}" boot one && objcopy "${without[@]}" "$kbuild_elf" other && cmp one other
}

value_of() { # ELF SYMBOL
    echo $((0x$(nm "$1" | awk -v name="$2" '$3 == name { print $1 }')))
}

# Half of the payload: the stub knows its size.
other_size() {
    local size
    {
        head -c $(($(stat -L -c %s "$payload") / 2)) "$payload"
        tail -c 4 "$payload"
    } >half
    again "$work/half" || return 1
    size=$(stat -c %s half)
    case $form in
    x86)
        [ "$(value_of boot z_input_len)" = "$size" ] &&
            [ "$(value_of boot z_output_len)" = "$(od -An -tu4 -j $((size - 4)) half | tr -d ' ')" ] &&
            [ $(($(value_of boot input_data_end) - $(value_of boot input_data))) = "$size" ]
        ;;
    arm) [ $(($(value_of boot input_data_end) - $(value_of boot input_data))) = "$size" ] ;;
    zboot) [ "$(value_of boot __efistub__gzdata_size)" = "$size" ] ;;
    esac
}

work=$PWD
check() {
    folder=$(realpath "$folder")
    arch=$(cut -d/ -f2 <<<"$kernel" | cut -d- -f1)
    payload=$(realpath "$folder/payload")
    remove=.comment piggy=
    case $arch in
    x86_64 | i386)
        form=x86 boot=$folder/arch/x86/boot remove=".note, .comment"
        kbuild_binary=$boot/vmlinux.bin
        ;;
    arm)
        form=arm boot=$folder/arch/arm/boot
        [[ $kernel != */arm-be8/* ]] || piggy='{form: arm, endian: big}'
        kbuild_binary=$boot/zImage
        ;;
    *)
        form=zboot boot=$folder/arch/${arch%64}/boot remove=
        [ "$arch" != arm64 ] || boot=$folder/arch/arm64/boot
        kbuild_binary=$boot/vmlinuz.efi
        ;;
    esac
    if [ $form = zboot ]; then
        command=$boot/.vmlinuz.efi.elf.cmd kbuild_elf=$boot/vmlinuz.efi.elf kbuild_object=$boot/vmlinuz.o
    else
        command=$boot/compressed/.vmlinux.cmd kbuild_elf=$boot/compressed/vmlinux
        kbuild_object=$boot/compressed/piggy.o
    fi
    verdict "$kernel, linked" again "$payload"
    verdict "$kernel, its object" same_object
    verdict "$kernel, ELF file, $(stat -c %s boot) bytes" same_elf
    verdict "$kernel, ${kbuild_binary##*/}, $(stat -c %s binary) bytes" cmp binary "$kbuild_binary"
    verdict "$kernel, another size" other_size
}

each_kernel check
finish
