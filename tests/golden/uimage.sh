#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/uimage.sh - the uimage format against U-Boot's mkimage and dumpimage.
#
#     uimage.sh KPIPE WORKDIR
#
# Whole files are compared. Prints a line for each case and fails if one of them failed.
. "$(dirname "$0")/common.sh"
unset SOURCE_DATE_EPOCH

same() { # INPUT STAGE MKIMAGE-ARGUMENT...: both write the same file, which dumpimage accepts
    local input=$1 stage=$2
    shift 2
    rm -f theirs
    pipe "$input" "$stage" ours && mkimage "$@" theirs && cmp ours theirs && dumpimage -l ours
}

at_time() { # SECONDS INPUT STAGE MKIMAGE-ARGUMENT...: both get the time
    local -x SOURCE_DATE_EPOCH=$1
    shift
    same "$@"
}

without_time() { # mkimage would take the clock: kpipe writes 0
    local input=$1 stage=$2
    shift 2
    rm -f theirs
    pipe "$input" "$stage" ours && SOURCE_DATE_EPOCH=0 mkimage "$@" theirs && cmp ours theirs
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

unpacks() { # PACKED STAGE DATA
    pipe "$1" "$2" unpacked && cmp unpacked "$3"
}

crc() { # CRC-32 of standard input, as 8 hexadecimal digits: it stands in gzip's trailer
    gzip -c | tail -c 8 | od -An -tx1 -N 4 | awk '{print $4 $3 $2 $1}'
}

put() { # FILE OFFSET HEX: overwrites bytes
    local bytes
    bytes=$(fold -w 2 <<< "$3" | sed 's/^/\\x/' | tr -d '\n')
    printf '%b' "$bytes" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

header_crc() { # FILE: what its ih_hcrc must be
    { head -c 4 "$1"; printf '\0\0\0\0'; head -c 64 "$1" | tail -c 56; } | crc
}

# mkimage 2023.01 reads the type flat_dt but writes no such images: take one of the
# type filesystem and correct type and checksum.
same_flat_dt() {
    pipe "$1" uimage:type=flat_dt,arch=arm,load=0x88000000 ours
    mkimage -A arm -O linux -T filesystem -C none -a 88000000 -n '' -d "$1" theirs
    put theirs 30 08
    put theirs 4 "$(header_crc theirs)"
    cmp ours theirs && dumpimage -l ours
}

# Payloads: text of odd length, the start of every kind of compressed data, parts of
# lengths of all remainders by 4.
seq 3000 > text
gzip -n -9 -c text > text.gz
{ printf 'BZh91AY&SY'; cat text; } > text.bz2
{ printf '\x5d\0\0\0\x04\xff\xff\xff\xff\xff\xff\xff\xff'; cat text; } > text.lzma
{ printf '\x01\0\0\x01\0\x12\x34\0\0\0\0\0\0'; cat text; } > odd.lzma # lc=1 lp=0 pb=0
{ printf '\x89LZO\0\r\n\x1a\n'; cat text; } > text.lzo
{ printf '\x04\x22\x4d\x18'; cat text; } > text.lz4
{ printf '\x28\xb5\x2f\xfd'; cat text; } > text.zst
{ printf '\x02\x21\x4c\x18'; cat text; } > legacy.lz4
{ printf '\xfd7zXZ\0'; cat text; } > text.xz
for length in 1 2 3 4 5 6 7; do
    head -c "$length" text > "p$length"
done
: > empty
printf '\xd0\x0d\xfe\xed\0\0\0\x28' > dtb
head -c 32 /dev/zero >> dtb

export SOURCE_DATE_EPOCH=1700000000
ok kernel same text uimage:load=0x80008000,arch=arm,name=x \
    -A arm -O linux -T kernel -C none -a 80008000 -n x -d text
ok kernel-entry same text uimage:load=0x80008000,entry=0x80008040,arch=arm,name=x \
    -A arm -O linux -T kernel -C none -a 80008000 -e 80008040 -n x -d text
ok kernel-entry-0 same text uimage:load=0x80008000,entry=0,arch=arm \
    -A arm -O linux -T kernel -C none -a 80008000 -e 0 -d text
ok load-highest same text uimage:load=0xffffffff,arch=arm \
    -A arm -O linux -T kernel -C none -a ffffffff -d text
ok load-0 same text 'uimage:{load: 0, arch: arm}' \
    -A arm -O linux -T kernel -C none -a 0 -d text
ok one-byte same p1 uimage:load=0x8000,arch=arm \
    -A arm -O linux -T kernel -C none -a 8000 -d p1

# The label is found from the payload, and the same label may be given.
for codec in gzip:gz bzip2:bz2 lzma:lzma lzo:lzo lz4:lz4 zstd:zst; do
    label=${codec%:*}
    file=text.${codec#*:}
    for type in kernel kernel_noload standalone; do
        ok "finds-$label-$type" same "$file" "uimage:load=0x8000,arch=arm64,type=$type" \
            -A arm64 -O linux -T "$type" -C "$label" -a 8000 -d "$file"
    done
    ok "given-$label" same "$file" "uimage:load=0x8000,arch=arm64,compression=$label" \
        -A arm64 -O linux -T kernel -C "$label" -a 8000 -d "$file"
    ok "ramdisk-of-$label" same "$file" uimage:type=ramdisk,arch=arm64 \
        -A arm64 -O linux -T ramdisk -C none -a 0 -d "$file"
    ok "wrong-none-on-$label" refused "$file" uimage:load=0x8000,arch=arm,compression=none \
        "compression: none: the payload is compressed with $label" \
        "leave compression out: it is found from the payload"
    ok "wrong-$label-on-text" refused text "uimage:load=0x8000,arch=arm,compression=$label" \
        "compression: $label: the payload is not compressed with $label" \
        "this is only a label: compress in a stage before"
done
ok given-none same text uimage:load=0x8000,arch=arm,compression=none \
    -A arm -O linux -T kernel -C none -a 8000 -d text
ok lzma-of-other-properties same odd.lzma uimage:load=0x8000,arch=arm,compression=lzma \
    -A arm -O linux -T kernel -C lzma -a 8000 -d odd.lzma
ok ramdisk-labelled same text.gz uimage:type=ramdisk,arch=arm,compression=gzip,load=0x81000000 \
    -A arm -O linux -T ramdisk -C gzip -a 81000000 -d text.gz
ok wrong-bzip2-on-gzip refused text.gz uimage:load=0x8000,arch=arm,compression=bzip2 \
    "compression: bzip2: the payload is compressed with gzip"
ok xz refused text.xz uimage:load=0x8000,arch=arm \
    "compression: the payload is compressed with xz: U-Boot cannot unpack it" \
    "U-Boot unpacks gzip, bzip2, lzma, lzo, lz4 (frame format) and zstd"
ok xz-as-none refused text.xz uimage:load=0x8000,arch=arm,compression=none \
    "compression: none: the payload is compressed with xz"
ok xz-label refused text.xz uimage:load=0x8000,arch=arm,compression=xz "compression"
ok legacy-lz4 refused legacy.lz4 uimage:load=0x8000,arch=arm64 \
    "compression: the payload is compressed with lz4 in its legacy format: U-Boot cannot unpack it"
ok legacy-lz4-as-lz4 refused legacy.lz4 uimage:load=0x8000,arch=arm64,compression=lz4 \
    "compression: lz4: the payload is compressed with lz4 in its legacy format"
ok xz-ramdisk same text.xz uimage:type=ramdisk,arch=arm \
    -A arm -O linux -T ramdisk -C none -a 0 -d text.xz

# The other types, systems and architectures.
ok firmware same text uimage:type=firmware,os=u-boot,arch=arm,load=0x87800000,name=u-boot \
    -A arm -O u-boot -T firmware -C none -a 87800000 -n u-boot -d text
ok filesystem same text uimage:type=filesystem,arch=arm \
    -A arm -O linux -T filesystem -C none -a 0 -d text
ok noload-without-load same text uimage:type=kernel_noload,arch=arm64 \
    -A arm64 -O linux -T kernel_noload -C none -a 0 -d text
ok flat_dt same_flat_dt dtb
for os in linux u-boot efi arm-trusted-firmware opensbi openbsd netbsd freebsd vxworks qnx \
    rtems integrity ose plan9 openrtos; do
    ok "os-$os" same text "uimage:load=0x8000,arch=arm,os=$os" \
        -A arm -O "$os" -T kernel -C none -a 8000 -d text
done
for arch in arm:arm armhf:arm arm64:arm64 aarch64:arm64 i386:x86 x86_64:x86_64 amd64:x86_64 \
    riscv64:riscv riscv32:riscv; do
    ok "arch-${arch%:*}" same text "uimage:load=0x8000,arch=${arch%:*}" \
        -A "${arch#*:}" -O linux -T kernel -C none -a 8000 -d text
done

# Names: none, almost full, full (without NUL), with a blank, in UTF-8.
for name in '' x "$(printf 'n%.0s' {1..31})" "$(printf 'n%.0s' {1..32})" 'two words' 'Zürich'; do
    ok "name-${#name}-${name:0:3}" same text "uimage:{load: 0x8000, arch: arm, name: \"$name\"}" \
        -A arm -O linux -T kernel -C none -a 8000 -n "$name" -d text
done
ok name-33 refused text "uimage:load=0x8000,arch=arm,name=$(printf 'n%.0s' {1..33})" name

# Several images, of all remainders by 4.
for length in 1 2 3 4 5 6 7; do
    ok "script-$length" same "p$length" uimage:type=script,arch=arm \
        -A arm -O linux -T script -C none -d "p$length"
    ok "multi-1-$length" same "p$length" uimage:type=multi,arch=arm,load=0 \
        -A arm -O linux -T multi -C none -d "p$length"
    ok "multi-2-$length" same "p$length" "uimage:{type: multi, parts: [p6], arch: arm, load: 0}" \
        -A arm -O linux -T multi -C none -d "p$length:p6"
    ok "multi-3-$length" same "p$length" "uimage:{type: multi, parts: [text, p$length], arch: arm, load: 0x8000}" \
        -A arm -O linux -T multi -C none -a 8000 -d "p$length:text:p$length"
done
ok script-without-arch at_time 5 text uimage:type=script,os=u-boot,name=boot \
    -A invalid -O u-boot -T script -C none -n boot -d text
ok scripts same text "uimage:{type: script, parts: [p3, p5], arch: arm}" \
    -A arm -O linux -T script -C none -d text:p3:p5
ok multi-gzip same text.gz "uimage:{type: multi, parts: [p3, dtb], arch: arm, load: 0x8000}" \
    -A arm -O linux -T multi -C gzip -a 8000 -d text.gz:p3:dtb
ok multi-gzip-as-none same text.gz \
    "uimage:{type: multi, parts: [p3], arch: arm, load: 0, compression: none}" \
    -A arm -O linux -T multi -C none -d text.gz:p3
ok multi-main-again same p5 "uimage:{type: multi, parts: [_, p3], arch: arm, load: 0}" \
    -A arm -O linux -T multi -C none -d p5:p5:p3
pipe p5 "uimage:{type: multi, parts: [_, p3], arch: arm, load: 0}" ours > warns.log 2>&1 || true
ok multi-main-again-warns grep -qF \
    "parts: the main input is the first part in any case, and now part 1 too" warns.log
ok multi-same-part-twice same p5 "uimage:{type: multi, parts: [p3, p3], arch: arm, load: 0}" \
    -A arm -O linux -T multi -C none -d p5:p3:p3

# Times.
ok time-0 at_time 0 text uimage:load=0x8000,arch=arm -A arm -O linux -T kernel -C none -a 8000 -d text
ok time-last at_time 4294967295 text uimage:load=0x8000,arch=arm \
    -A arm -O linux -T kernel -C none -a 8000 -d text
too_late() {
    SOURCE_DATE_EPOCH=4294967296 refused text uimage:load=0x8000,arch=arm \
        "time: 4294967296: does not fit the header's 32 bits"
}
ok time-too-late too_late
unset SOURCE_DATE_EPOCH
ok without-time without_time text uimage:load=0x8000,arch=arm \
    -A arm -O linux -T kernel -C none -a 8000 -d text

# What is missing or contradicts.
for type in kernel standalone firmware multi; do
    ok "no-load-$type" refused text "uimage:type=$type,arch=arm" \
        "stage 'uimage': load: missing [KP1302]" \
        "type $type needs it: give 'load:' here, or 'load:' in the facts of the input file"
done
for type in kernel kernel_noload standalone ramdisk multi; do
    ok "no-arch-$type" refused text "uimage:type=$type,load=0x8000" \
        "stage 'uimage': arch: missing [KP1302]" \
        "type $type needs it: give 'arch:' here, or 'arch:' in the facts of the input file"
done
ok arch-x86 refused text uimage:load=0x8000,arch=x86 \
    "arch: x86: mkimage means 32 bits by it, others 64" "say i386 (mkimage's x86) or x86_64"
ok arch-unknown refused text uimage:load=0x8000,arch=pdp11 \
    "arch: pdp11: no plugin knows this architecture"
ok load-too-high refused text uimage:load=0x100000000,arch=arm load
ok parts-of-a-kernel refused text "uimage:{parts: [p1, p2], load: 0x8000, arch: arm}" \
    "parts: 2 images: type kernel holds only the main input" "several images need type: multi"
ok empty refused empty uimage:load=0x8000,arch=arm ""
ok empty-part refused text "uimage:{type: multi, parts: [p1, empty], load: 0, arch: arm}" empty

# The way back.
ok make pipe text.gz uimage:load=0x80008000,arch=arm,name=x kernel.uimage
ok unpack unpacks kernel.uimage uimage.unpack text.gz
ok unpack-part-1-of-1 refused kernel.uimage uimage.unpack:index=1 "index: 1: the image has 1 part"
ok make-multi pipe p5 "uimage:{type: multi, parts: [text, p3], arch: arm, load: 0}" multi.uimage
ok unpack-part-0 unpacks multi.uimage uimage.unpack p5
ok unpack-part-1 unpacks multi.uimage uimage.unpack:index=1 text
ok unpack-part-2 unpacks multi.uimage uimage.unpack:index=2 p3
ok unpack-part-3 refused multi.uimage uimage.unpack:index=3 "index: 3: the image has 3 parts"
mkimage -A arm -O u-boot -T script -C none -n s -d text theirs.script > log
ok unpack-script unpacks theirs.script uimage.unpack text
{ cat kernel.uimage; printf 'behind'; } > trailing.uimage
ok unpack-trailing unpacks trailing.uimage uimage.unpack text.gz
unpacks trailing.uimage uimage.unpack text.gz > trailing.log 2>&1 || true
ok unpack-trailing-warns grep -qF "6 bytes behind the data are left out" trailing.log

cp kernel.uimage broken && put broken 32 79
ok broken-header refused broken uimage.unpack \
    "ih_hcrc: 0x$(od -An -tx1 -j 4 -N 4 broken | tr -d ' '): the header's checksum is 0x$(header_crc broken)"
cp kernel.uimage broken && put broken 1000 00000000
ok broken-data refused broken uimage.unpack \
    "ih_dcrc: 0x$(crc < text.gz): the data's checksum is 0x$(tail -c +65 broken | crc)"
size=$(stat -c %s text.gz)
head -c -1 kernel.uimage > broken
ok cut-data refused broken uimage.unpack \
    "ih_size: $size bytes: only $((size - 1)) follow the header" \
    "the file was cut short: get it again"
head -c 63 kernel.uimage > broken
ok cut-header refused broken uimage.unpack ""
ok no-uimage refused text uimage.unpack ""

# Lists of parts that do not fit, under right checksums.
list() { # HEX: a multi-file image whose data are these bytes
    : > data
    put data 0 "$1"
    cp multi.uimage broken
    truncate -s 64 broken
    put broken 12 "$(printf %08x "$(stat -c %s data)")"
    put broken 24 "$(crc < data)"
    put broken 4 00000000
    put broken 4 "$(header_crc broken)"
    cat data >> broken
}
list 0000000100000001
ok list-without-end refused broken uimage.unpack \
    "part 0: 1 bytes: the data has only 8 in all"
list 0000000900000000aabbccdd
ok list-too-long refused broken uimage.unpack "part 0: 9 bytes: the data has only 12 in all"
list 000000010000000500000000aabbccdd11223344
ok list-second-too-long refused broken uimage.unpack:index=1 \
    "part 1: 5 bytes: the data has only 20 in all"
list 00000000
ok list-empty refused broken uimage.unpack "index: 0: the image has 0 parts"
list ffffffff00000000
ok list-huge refused broken uimage.unpack "part 0: 4294967295 bytes: the data has only 8 in all"

"$kpipe" inspect kernel.uimage > inspect.log || true
for field in ih_magic ih_hcrc ih_time ih_size ih_load ih_ep ih_dcrc ih_os ih_arch ih_type ih_comp ih_name; do
    ok "inspect-$field" grep -qF "$field" inspect.log
done

finish
