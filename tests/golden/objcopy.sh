#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/objcopy.sh - the objcopy format against objcopy(1) of binutils, byte for
# byte, and its refusal of what cannot be made flat.
#
#     objcopy.sh KPIPE WORKDIR [VMLINUX...]
#
# The ELF files are linked by ld for x86, or written here for any class and byte order;
# real ones may be given too. Prints a line for each case and fails if one of them failed.
golden=$(realpath "$(dirname "$0")")
. "$golden/common.sh"
. "$golden/elf.sh"

same() { # ELF [STAGE [OBJCOPY-OPTION...]]
    local elf=$1 stage=${2:-objcopy}
    shift $(($# < 2 ? $# : 2))
    [ $# -gt 0 ] || set -- -R .comment
    rm -f expected
    pipe "$elf" "$stage" flat && objcopy -O binary -S "$@" "$elf" expected && cmp flat expected &&
        [ -s flat ]
}

refused() { # INPUT STAGE TEXT: fails, says TEXT and leaves no output
    local status=0
    pipe "$1" "$2" refused.out > refused.log 2>&1 || status=$?
    cat refused.log
    [ "$status" -gt 0 ] && [ "$status" -lt 126 ] && [ ! -e refused.out ] && grep -qF -- "$3" refused.log
}

shows() { # FILE TEXT...: inspect says each
    local file=$1 text
    shift
    "$kpipe" inspect "$file" > shown || return 1
    cat shown
    for text in "$@"; do
        grep -qF -- "$text" shown || return 1
    done
}

# Linked by ld: load addresses of their own, gaps, NOBITS between and behind.
kernel_sources
as --64 -mx86-used-note=no -o 64.o source.s
as --32 -mx86-used-note=no -o 32.o source.s
ld -m elf_x86_64 --no-warn-rwx-segments -z max-page-size=4096 --build-id=sha1 -T script64.ld -o linked64 64.o
ld -m elf_i386 --no-warn-rwx-segments -z max-page-size=4096 --build-id=sha1 -T script32.ld -o linked32 32.o
printf '.text\n.fill 40, 1, 0x90\n.section .comment\n.asciz "x"\n' | as -mx86-used-note=no -o small.o -
ld -shared -o shared.so 64.o
for file in linked64 linked32 small.o shared.so; do
    ok "flat-$file" same "$file"
done
ok "remove-one" same linked64 objcopy:remove=.data -R .data
ok "remove-glob" same linked64 'objcopy:remove=.init*' -R '.init*'
ok "remove-question-mark" same linked64 'objcopy:remove=.?ata' -R '.?ata'
ok "remove-set" same linked64 'objcopy:{remove: ".[dr]*"}' -R '.[dr]*'
ok "remove-list" same linked64 'objcopy:{remove: [.comment, .text, .note*]}' -R .comment -R .text -R '.note*'
ok "remove-but" same linked64 'objcopy:{remove: [.comment, ".init*", "!.init.data"]}' \
    -R .comment -R '.init*' -R '!.init.data'
ok "remove-nothing" same linked64 'objcopy:{remove: []}' -R .none
ok "only" same linked64 'objcopy:{only: [.rodata, .init.*]}' -j .rodata -j '.init.*'
ok "only-and-remove" same linked64 'objcopy:{only: .init.*, remove: .init.data}' -j .init.text
ok "gap-fill" same linked64 objcopy:gap_fill=0xa5 -R .comment --gap-fill 0xa5
for class in 64 32; do
    ok "inspect-linked$class" shows "linked$class" 6.1.0-99-golden build-id "$class-bit"
done
ok "inspect-arch64" shows linked64 x86_64 0x1000000
ok "inspect-arch32" shows linked32 i386 0x1000000

# Any class and byte order: 32-bit ARM, 64-bit PowerPC and what else there is.
for kind in "32 le 3" "32 le 40" "32 be 40" "32 be 8" "64 le 62" "64 le 183" "64 be 21" "64 be 22"; do
    read -r class order machine <<< "$kind"
    name=${kind// /-}
    text=s:.text:1:6:0x80008000:1000:T
    data=s:.data:1:3:0x80009000:100:D
    hole=s:.hole:8:3:0x80009100:500:x
    more=s:.more:1:3:0x80009800:60:M
    tls=s:.tdata:1:0x403:0x80009900:20:t
    bss=s:.bss:8:3:0x80009a00:3000:x
    elf no-segments "$class" "$order" "$machine" 2 0x80008000 $text $data $hole $more $tls $bss
    elf one-segment "$class" "$order" "$machine" 2 0x80008000 $text $data p:1:0x40000000:.text:.data
    elf segments "$class" "$order" "$machine" 2 0x80008000 $text $data $hole $more $tls $bss \
        p:1:0x8000:.text:.text p:1:0x20000:.data:.data p:1:0x20800:.more:.tdata p:7:0x20900:.tdata:.tdata
    elf at-zero "$class" "$order" "$machine" 2 0x80008000 $text p:1:0:.text:.text
    elf all-zero "$class" "$order" "$machine" 2 0x80008000 $text $data p:1:0:.text:.text p:1:0:.data:.data
    elf virtual "$class" "$order" "$machine" 2 0x80008000 $text $data p:1:=:.text:.text p:1:=:.data:.data
    elf unordered "$class" "$order" "$machine" 2 0x80008000 $data $text
    for file in no-segments one-segment segments at-zero all-zero virtual unordered; do
        ok "$file-$name" same "$file"
    done
done

# What cannot be made flat.
text=s:.text:1:6:0xffffffff80000000:1000:T
elf over 64 le 62 2 0 $text s:.data:1:3:0xffffffff800003e7:10:D
ok "overlap" refused over objcopy \
    "sections '.text' at 0xffffffff80000000 (1000 bytes) and '.data' at 0xffffffff800003e7: overlap"
elf apart 64 le 62 2 0 $text s:.data:1:3:0xffffffff00000000:16:D
ok "apart" refused apart objcopy "image would be 2147484648 bytes: sections '.data' at \
0xffffffff00000000 and '.text' at 0xffffffff80000000 are 2147483632 apart"
ok "apart-removed" same apart objcopy:remove=.data -R .data
elf far 64 le 62 2 0 $text s:.low:1:3:0:16:D
ok "far-apart" refused far objcopy "are 18446744071562067952 apart"
elf plain 64 le 62 2 0 $text s:.data:1:3:0xffffffff80001000:16:D p:1:0x1000000:.text:.data
elf wide 64 le 62 2 0 $text s:.data:1:3:0xffffffff80001000:16:D
ok "limit" refused wide objcopy:limit=1K "image would be 4112 bytes: sections '.text' at"
ok "limit-reached" same no-segments objcopy:limit=$((0x1914))
ok "limit-by-one" refused no-segments objcopy:limit=$((0x1913)) "image would be 6420 bytes"
elf large 64 le 62 2 0 $text
ok "limit-without-gap" refused large objcopy:limit=999 \
    "image would be 1000 bytes: more than the limit of 999"
ok "nothing-left" refused plain 'objcopy:remove=*' "no section with bytes to be loaded is left"
: > empty
ok "empty" refused empty objcopy ""
head -c 5000 /dev/zero > zeros
ok "no-elf" refused zeros objcopy ""
size=$(stat -c %s plain)
for ((length = 1; length < size; length += 1 + size / 40)); do
    head -c "$length" plain > ./cut
    ok "cut-at-$length" refused cut objcopy ""
done
head -c $((size - 1)) plain > ./cut
ok "cut-by-one" refused cut objcopy "section headers: 256 bytes at offset 0x"
head -c 100 plain > ./cut
ok "cut-program-headers" refused cut objcopy \
    "program headers: 56 bytes at offset 0x40: beyond the end of the file (100 bytes)"
first=$((size - 3 * 64)) # header of .text
patched plain bad $((first + 24)) '\xff\xff\xff\xff\xff\xff\xff\xff'
ok "section-offset" refused bad objcopy:limit=4G \
    "section '.text': 1000 bytes at offset 0xffffffffffffffff: beyond the end of the file"
patched plain bad $((first + 32)) '\0\0\0\x10'
ok "section-size" refused bad objcopy "section '.text': 268435456 bytes at offset 0x80: beyond"
patched plain bad "$first" '\xff\xff\xff\x7f'
ok "section-name" refused bad objcopy "name at 0x7fffffff: beyond the end of the table"
patched plain bad 40 '\0\0\0\0\0\0\0\0'
ok "no-section-headers" refused bad objcopy "section headers: none"
patched plain bad 56 '\x01\x10'
ok "too-many-segments" refused bad objcopy "number of program headers: 4097: more than 4096"
patched plain bad 58 '\x28\0'
ok "header-size" refused bad objcopy "size of a section header: 40: must be 64"
patched plain bad 62 '\xfe\x00'
ok "names-index" refused bad objcopy "names of the sections: corrupt:"

for vmlinux in "${files[@]}"; do
    name=$(basename "$vmlinux")
    ok "flat-$name" same "$vmlinux"
    ok "flat-without-notes-$name" same "$vmlinux" 'objcopy:{remove: [.note*, .comment]}' -R '.note*' -R .comment
done

finish
