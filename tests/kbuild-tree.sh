# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/kbuild-tree.sh - small folders that look like kernels' build folders. Sourced by the golden
# tests of the source kbuild and of what is made with it.

# elf FILE BITS ORDER MACHINE TEXT [rela|left]: one loaded segment with TEXT at 0x100, at the address
# 0xc0000100; with "rela" a section of relocations that is not loaded, for one of code, with "left"
# for one of data.
elf() {
    perl -e '($file, $bits, $order, $machine, $text, $rela) = @ARGV;
        $e = $order eq "big" ? ">" : "<";
        $w = $bits == 64 ? "Q$e" : "L$e"; # a word
        $base = $bits == 64 ? 0xffffffff80000000 : 0xc0000000;
        ($header, $segment, $section) = $bits == 64 ? (64, 56, 64) : (52, 32, 40);
        $size = 0x200 + 3 * $section;
        $bytes = pack("C16 S${e}2 L$e $w$w$w L$e S${e}6", 127, 69, 76, 70, $bits / 32,
            $order eq "big" ? 2 : 1, 1, (0) x 9, 2, $machine, 1, $base, $header,
            $rela ? 0x200 : 0, 0, $header, $segment, 1, $section, $rela ? 3 : 0, 0);
        $bytes .= $bits == 64
            ? pack("L${e}2 Q${e}6", 1, 5, 0, $base, 0, $size, $size, 4096)
            : pack("L${e}8", 1, 0, $base, 0, $size, $size, 5, 4096);
        $bytes .= "\0" x (0x100 - length $bytes) . $text;
        $bytes .= "\0" x (0x200 - length $bytes) . "\0" x $section;
        $bytes .= $bits == 64
            ? pack("L${e}2 Q${e}4 L${e}2 Q${e}2", 1, 4, 0, 0, 0, 0, 0, 2, 8, 24)
            : pack("L${e}10", 1, 4, 0, 0, 0, 0, 0, 2, 4, 12);
        $flags = $rela eq "rela" ? 6 : 2; # SHF_ALLOC, SHF_EXECINSTR
        $bytes .= $bits == 64
            ? pack("L${e}2 Q${e}4 L${e}2 Q${e}2", 1, 1, $flags, 0, 0, 0, 0, 0, 1, 0)
            : pack("L${e}10", 1, 1, $flags, 0, 0, 0, 0, 0, 1, 0);
        open F, ">", $file; print F $bytes' "$@"
}

# built TREE RELEASE BITS ORDER MACHINE CONFIG...: a folder with a vmlinux and no boot image
built() {
    local tree=$1 release=$2 bits=$3 order=$4 machine=$5 symbol address=c0000
    shift 5
    [ "$bits" = 32 ] || address=ffffffff80000
    rm -rf "$tree"
    mkdir -p "$tree/include/config"
    for symbol in "$@"; do echo "CONFIG_$symbol"; done > "$tree/.config"
    { echo '# Automatically generated file; DO NOT EDIT.' && cat "$tree/.config"; } \
        > "$tree/include/config/auto.conf"
    echo "$release" > "$tree/include/config/kernel.release"
    elf "$tree/vmlinux" "$bits" "$order" "$machine" "Linux version $release (nobody)" rela
    printf '%s\n' "${address}000 T _text" "${address}100 R linux_banner" \
        "${address}180 B __bss_start" "${address}200 B _end" > "$tree/System.map"
}

# command PREFIX TREE TARGET COMMAND: as Kbuild saves it
command_of() {
    mkdir -p "$2/$(dirname "$3")"
    printf '%s_%s := %s\n' "$1" "$3" "$4" > "$2/$(dirname "$3")/.$(basename "$3").cmd"
}

objects() { # TREE FILE...: files that say their names
    local file
    for file in "${@:2}"; do
        mkdir -p "$1/$(dirname "$file")"
        echo "object $file" > "$1/$file"
    done
}
