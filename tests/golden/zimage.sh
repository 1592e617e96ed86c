#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/zimage.sh - the zimage format: headers of every sort, filling one in from the boot
# binary's ELF file, against objcopy(1), and appending a device tree, against cat(1), which is
# what the kernel's ARM_APPENDED_DTB asks for.
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

# Boot binaries of each byte order, linked with the symbols and the table of the kernel's
# vmlinux.lds.S, flat as objcopy makes them.
cat > head.s << 'ASM'
    .section .start, "ax"
    .arm
    .rept 9
    mov r0, r0
    .endr
    .word _magic_sig, _magic_start, _magic_end, 0x04030201, 0x45454545, _magic_table, 0x40
    b .
    .section .piggydata, "a"
    .globl input_data, input_data_end
input_data:
    .incbin "piggy_data"
input_data_end:
    .section .bss
    .skip 64
ASM
cat > words.pl << 'PERL' # W(x) in a linker script, with its bytes swapped if the first word says so
use strict; use warnings;
my ($swap, $base) = splice @ARGV, 0, 2;
my $x = qr/W\(([^()]*)\)/;
while (<>) {
    s/BASE/$base/;
    s{$x}{$swap ? "(($1 >> 24 & 0xff) | ($1 >> 8 & 0xff00) | ($1 << 8 & 0xff0000) | ($1 << 24 & 0xff000000))" : "($1)"}ge;
    print;
}
PERL
cat > script.in << 'LD'
SECTIONS {
    . = BASE;
    _start = .;
    .text : { *(.start) }
    .table : ALIGN(4) {
        _table_start = .;
        size_at = input_data_end - 4 - _start;
        table_at = _table_start - _start;
        LONG(W(6)) LONG(W(0x5a534c4b)) LONG(W(size_at)) LONG(W(_kernel_bss_size))
        LONG(W(0x8000)) LONG(W(65536)) LONG(0)
        _table_end = .;
    }
    .piggydata : { *(.piggydata) }
    .pad : { BYTE(0); . = ALIGN(8); }
    _edata = .;
    _magic_sig = W(0x016f2818); _magic_start = W(_start); _magic_end = W(_edata);
    _magic_table = W(table_at);
    .bss : { *(.bss) }
    /DISCARD/ : { *(.note.*) *(.ARM.attributes) }
}
LD
cat > kernel.s << 'ASM'
    .globl _text, __bss_start, __bss_stop, _end
_text:
    .skip 20000
    .bss
__bss_start:
    .skip 0x1234
__bss_stop:
    .skip 12
_end:
ASM
as=arm-linux-gnueabihf-as
ld="arm-linux-gnueabihf-ld --no-warn-rwx-segments"
objcopy=arm-linux-gnueabihf-objcopy
# LINK-NAME BIG SWAPPED BASE LD-OPTION...: NAME.elf, NAME.bin, and its kernel NAME.kernel
link() {
    local name=$1 big=$2 swapped=$3 base=$4 order=-mlittle-endian emulation=-EL
    shift 4
    [ "$big" = 0 ] || { order=-mbig-endian && emulation=-EB; }
    perl words.pl "$swapped" "$base" script.in > script.ld
    "$as" $order -o head.o head.s
    $ld $emulation "$@" --defsym _kernel_bss_size=0x1234 -T script.ld -o "$name.elf" head.o
    $objcopy -O binary "$name.elf" "$name.bin"
    "$as" $order -o kernel.o kernel.s
    $ld $emulation -Ttext 0xc0008000 -e _text -o "$name.kernel" kernel.o
}
seq 3000 | gzip -n9 > piggy_data # unpacks to 13893 bytes
link boot-le 0 0 0
link boot-be8 1 1 0 --be8
link boot-be32 1 0 0
link boot-rom 0 0 0x8010000
table=68

erased() { # NAME: all that the stage fills in is overwritten: the header, the table but three words
    cp "$1.bin" erased.bin
    put erased.bin 36 "$(printf 'aa%.0s' {1..24})"
    put erased.bin $table "$(printf 'aa%.0s' {1..28})"
}
fills() { # NAME STAGE: gives Kbuild's bytes for them, and for those that were overwritten
    erased "$1"
    pipe "$1.bin" "$2" ours && cmp ours "$1.bin" && pipe erased.bin "$2" ours && cmp ours "$1.bin"
}
for name in boot-le boot-be8 boot-be32 boot-rom; do
    ok "linked-$name" passes "$name.bin"
    ok "fills-$name" fills "$name" "zimage:boot=$name.elf"
    ok "fills-$name-with-kernel" fills "$name" "zimage:{boot: $name.elf, kernel: $name.kernel}"
    erased "$name"
    ok "fills-$name-with-dtb" pipe erased.bin "zimage:{boot: $name.elf, dtb: dtb}" ours
    ok "has-$name-with-dtb" cmp ours <(cat "$name.bin" dtb)
    ok "shows-$name" shows "$name.bin" 13893 4660 0x00008000
    ok "erased-$name-alone" refused erased.bin zimage "magic: 0xaaaaaaaa: not a zImage's 0x016f2818"
done

ok kernel-alone refused boot-le.bin zimage:kernel=boot-le.kernel \
    "kernel: there is nothing to compare it with" "give boot: too"
ok boot-of-x86 refused boot-le.bin "zimage:boot=$kpipe" "boot: machine 62: a zImage is one of arm"
ok boot-no-elf refused boot-le.bin zimage:boot=numbers "boot"
$objcopy --strip-all boot-le.elf stripped.elf
ok boot-stripped refused boot-le.bin zimage:boot=stripped.elf \
    "boot: symbols _start, _edata, _magic_sig, _table_start, _table_end, input_data" \
    "give arch/arm/boot/compressed/vmlinux of this kernel's build"
$objcopy --strip-symbol=_table_end --strip-symbol=input_data_end boot-le.elf less.elf
ok boot-symbols refused boot-le.bin zimage:boot=less.elf \
    "boot: symbols _table_end, input_data_end: not in this ELF file"
ok boot-is-kernel refused boot-le.bin zimage:boot=boot-le.kernel "boot: symbols _start, _magic_sig"
ok boot-other-order refused boot-le.bin zimage:boot=boot-be8.elf \
    "boot: section '.text': the main input has 0x40 at offset 0x3c, this ELF file 0x00" \
    "give the ELF file that the main input was made of by objcopy"
{ cat boot-le.bin; printf x; } > longer
ok boot-longer refused longer zimage:boot=boot-le.elf \
    "boot: $(stat -c %s boot-le.bin) bytes from _start to _edata: the main input has $(stat -c %s longer)"
cp boot-le.bin broken && flip broken 1000
ok boot-other-payload refused broken zimage:boot=boot-le.elf \
    "boot: section '.piggydata': the main input has 0x" "at offset 0x3e8"
perl words.pl 0 0 script.in > script.ld
"$as" -mbig-endian -o head.o head.s
$ld -EB --be8 --defsym _kernel_bss_size=0x1234 -T script.ld -o half.elf head.o
ok boot-be8-header refused boot-be8.bin zimage:boot=half.elf \
    "boot: the header is not one of BE-8, the code is linked with --be8"
perl words.pl 1 0 script.in > script.ld
$ld -EB --defsym _kernel_bss_size=0x1234 -T script.ld -o half.elf head.o
ok boot-be8-code refused boot-be8.bin zimage:boot=half.elf \
    "boot: the header is one of BE-8, the code is not linked with --be8"
sed 's/0x1234/0x1238/' kernel.s > other.s
"$as" -o other.o other.s && $ld -Ttext 0xc0008000 -e _text -o other.kernel other.o
ok kernel-bss refused boot-le.bin "zimage:{boot: boot-le.elf, kernel: other.kernel}" \
    "kernel: __bss_stop - __bss_start 0x1238: the boot binary's _kernel_bss_size is 0x1234" \
    "give the vmlinux that is compressed inside"
sed 's/20000/4/' kernel.s > other.s
"$as" -o other.o other.s && $ld -Ttext 0xc0008000 -e _text -o other.kernel other.o
ok kernel-too-small refused boot-le.bin "zimage:{boot: boot-le.elf, kernel: other.kernel}" \
    "bytes from _text to _end: the compressed one has 13893"
ok kernel-is-boot refused boot-le.bin "zimage:{boot: boot-le.elf, kernel: boot-le.elf}" \
    "kernel: symbols _text"
seq 3000 | xz --check=crc32 > piggy_data # without the size behind it: ends with "YZ"
link no-size 0 0 0
truncate -s 20004 piggy_data
link zero-size 0 0 0
ok zero-size refused zero-size.bin zimage:boot=zero-size.elf \
    "payload: 20004 bytes at 0x60: they end with 0, which cannot be the size of the contents" \
    "compress it by \`payload\`, which appends the size"
ok no-size refused no-size.bin "zimage:{boot: no-size.elf, kernel: no-size.kernel}" \
    "bytes from _text to _end: the compressed one has"
printf 'xyz' > piggy_data
link no-payload 0 0 0
ok no-payload refused no-payload.bin zimage:boot=no-payload.elf \
    "boot: input_data: 3 bytes: no compressed kernel"

# Hostile ELF files: cut, and bits flipped in what the linker left.
seq 20 | gzip -n9 > piggy_data
link small 0 0 0 -z max-page-size=4
mutants small.elf
ok hostile-boot survives elf '  small: small.bin\n' 'small, {zimage: {boot: MUTANT}}'

if [ -n "$real" ]; then
    ok passes-real passes "$real"
    ok appends-real appends "$real" "$real_dtb"
    ok shows-real shows ours dtb "$(stat -c %s "$real_dtb")" "$(printf '0x%08x' "$(stat -c %s "$real")")"
fi

finish
