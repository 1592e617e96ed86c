#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/zimage.sh - the zimage format: headers of every sort, and appending a device
# tree, against cat(1), which is what the kernel's ARM_APPENDED_DTB asks for.
#
#     zimage.sh KPIPE WORKDIR [ZIMAGE DTB]
#
# The images are made here by the layout of arch/arm/boot/compressed/head.S and
# vmlinux.lds.S; a real one may be given too. Prints a line for each case and fails if
# one of them failed.
. "$(dirname "$0")/common.sh"
real=${files[0]:-}
real_dtb=${files[1]:-}

passes() { # ZIMAGE: goes through as it is
    pipe "$1" zimage ours && cmp ours "$1"
}

appends() { # ZIMAGE DTB
    pipe "$1" "zimage:dtb=$2" ours && cat "$1" "$2" | cmp - ours
}

refused() { # INPUT STAGE TEXT...: fails, says each TEXT, and leaves no output
    local input=$1 stage=$2 status=0 text
    shift 2
    pipe "$input" "$stage" refused.out > refused.log 2>&1 || status=$?
    cat refused.log
    [ "$status" -gt 0 ] && [ "$status" -lt 126 ] && [ ! -e refused.out ] || return 1
    for text in "$@"; do
        grep -qF -- "$text" refused.log || return 1
    done
}

warns() { # TEXT INPUT STAGE
    pipe "$2" "$3" ours > warns.log 2>&1 && grep -qF -- "$1" warns.log
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

put() { # FILE OFFSET HEX: overwrites bytes
    local bytes
    bytes=$(fold -w 2 <<< "$3" | sed 's/^/\\x/' | tr -d '\n')
    printf '%b' "$bytes" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# zImages of 4096 bytes: text with a header in it. The words of head.S, by age.
seq 2000 > numbers
body() { # FILE
    head -c 4096 numbers > "$1"
}
put_words() { # FILE OFFSET HEX...
    local file=$1 offset=$2 word
    shift 2
    for word in "$@"; do
        put "$file" "$offset" "$word"
        offset=$((offset + 4))
    done
}
body le
put_words le 36 18286f01 00000000 00100000 01020304 45454545 00010000
put_words le 256 06000000 4b4c535a 00080000 40e20100 00800000 00000100 00000000
put_words le 2048 80841e00 # the inflated size
body be8 # big endian, but what loaders read is little
put_words be8 36 18286f01 00000000 00100000 04030201 45454545 00010000
put_words be8 256 06000000 4b4c535a 00080000 40e20100 00800000 00000100 00000000
put_words be8 2048 80841e00
body be32 # all big
put_words be32 36 016f2818 00000000 00001000 04030201 45454545 00000100
put_words be32 256 00000006 5a534c4b 00000800 0001e240 00008000 00010000 00000000
put_words be32 2048 80841e00
body no_table # before 4.15
put_words no_table 36 18286f01 00000000 00100000 01020304 00000000
body ancient # only the magic, start and end
put_words ancient 36 18286f01 00000000 00100000
body ancient_big
put_words ancient_big 36 016f2818 00000000 00001000
body rom # linked to where it lies in flash memory
put_words rom 36 18286f01 00000108 00100108 01020304
cp le efi
put efi 0 4d5a
put efi 60 40000000
put efi 64 50450000c201

printf '\xd0\x0d\xfe\xed\0\0\0\x2d' > dtb # 45 bytes
head -c 37 numbers >> dtb

for file in le be8 be32 no_table ancient ancient_big rom efi; do
    ok "passes-$file" passes "$file"
    ok "appends-to-$file" appends "$file" dtb
    cp ours "$file.dtb"
    ok "passes-$file-with-dtb" passes "$file.dtb"
    ok "refuses-a-second-$file" refused "$file.dtb" zimage:dtb=dtb \
        "zImage: a device tree of 45 bytes is appended already" \
        "give the zImage without its device tree"
    ok "shows-dtb-of-$file" shows "$file.dtb" dtb 45
done

ok shows-le shows le 0x016f2818 0x00001000 "little endian" piggy_size_addr inflated_size 2000000 \
    kernel_bss_size 123456 text_offset 0x00008000 malloc_size 65536
ok shows-be8 shows be8 BE-8 2000000 123456
ok shows-be32 shows be32 BE-32 2000000 123456
ok shows-efi shows efi "EFI stub"

# The device tree would not stand where the boot code looks.
{ cat le; printf 'x'; } > longer
ok passes-longer passes longer
ok appends-to-longer refused longer zimage:dtb=dtb "zImage: 4097 bytes: 1 more than its header says" \
    "the device tree must follow the zImage's end: cut them off"
head -c 4092 le > odd
put odd 44 fc0f0000
ok passes-odd passes odd
ok appends-to-odd refused odd zimage:dtb=dtb \
    "zImage: 4092 bytes: a device tree behind it would not be aligned to 8" \
    "this kernel was not built to find a device tree there"

# What is no device tree.
printf '\xd0\x0d\xfe\xed\0\0\0\x2e' > long.dtb
tail -c +9 dtb >> long.dtb
ok dtb-too-short refused le zimage:dtb=long.dtb "dtb: totalsize 46: the image has 45 bytes"
printf '\xd0\x0d\xfe\xed\0\0\0\x27' > small.dtb
tail -c +9 dtb >> small.dtb
ok dtb-too-small refused le zimage:dtb=small.dtb "dtb: totalsize 39: the image has 45 bytes"
head -c 39 dtb > cut.dtb
ok dtb-cut refused le zimage:dtb=cut.dtb "dtb"
ok dtb-missing refused le zimage:dtb=missing.dtb "missing.dtb"
seq 100 > some.txt
ok dtb-is-text refused le zimage:dtb=some.txt "dtb"
printf '\xd0\x0d\xfe\xed\0\x10\0\x08' > huge.dtb
head -c $((1 << 20)) /dev/zero >> huge.dtb
ok dtb-huge appends le huge.dtb
ok dtb-huge-warns warns "the device tree has 1048584 bytes, the boot code leaves room for 1048576" \
    le zimage:dtb=huge.dtb

# Headers that contradict themselves or the file.
head -c 4095 le > broken
ok cut refused broken zimage "end - start: 4096 bytes: the file has 4095" \
    "the file was cut short: get it again"
head -c 63 le > broken
ok cut-header refused broken zimage "header: 63 bytes: a zImage's needs 64"
cp le broken && put broken 40 00200000
ok end-before-start refused broken zimage "end: 0x00001000: not behind the header at 0x00002000"
cp le broken && put broken 44 3f000000
ok end-in-header refused broken zimage "end: 0x0000003f: not behind the header at 0x00000000"
cp le broken && put broken 56 00100000
ok table-outside refused broken zimage "table: 0x1000: no place for it in 4096 bytes"
cp le broken && put broken 56 02010000
ok table-askew refused broken zimage "table: 0x102: no place for it in 4096 bytes"
cp le broken && put broken 56 fcffffff
ok table-far-outside refused broken zimage "table: 0xfffffffc: no place for it in 4096 bytes"
cp be32 broken && put broken 48 01020304
ok two-endiannesses refused broken zimage \
    "endianness: the magic is big endian: the word at 0x30 is little"
seq 2000 > text
ok no-zimage refused text zimage ""

if [ -n "$real" ]; then
    ok passes-real passes "$real"
    ok appends-real appends "$real" "$real_dtb"
    ok shows-real shows ours dtb "$(stat -c %s "$real_dtb")" "$(printf '0x%08x' "$(stat -c %s "$real")")"
fi

finish
