#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/unpack.sh - `kpipe unpack` of each format that it takes apart: the recipe makes the same
# bytes; each part longer, shorter and empty gives an image that the format's own tools read (mkimage,
# dumpimage, objdump, file, fdtdump, cpio), or is refused with a word of where; fields that are changed
# by name are seen by these tools.
#
#     unpack.sh KPIPE WORKDIR
#
# The images are made here by U-Boot's and binutils' tools, and by hand after the kernel's headers.
# What the command itself says and refuses is tests/cli/unpack.sh's. Prints a line for each case and
# fails if one of them failed.
. "$(dirname "$0")/common.sh"

# --- what is asked of each ---

taken() { # IMAGE [OPTION...]: unpacked to d/IMAGE; the recipe is valid and makes the same bytes
    rm -rf "d/$1"
    "$kpipe" unpack -q "${@:2}" "$1" -d "d/$1" && "$kpipe" check "d/$1/recipe.yml" &&
        made "$1" && cmp "$1" "d/$1/$1.rebuilt"
}

made() { # IMAGE: what the recipe in d/IMAGE makes now
    rm -f "d/$1/$1.rebuilt"
    (cd "d/$1" && "$kpipe" run -q recipe.yml)
}

# edited IMAGE SED...: changed lines of the recipe; fails if one changes nothing.
edited() {
    local command
    for command in "${@:2}"; do
        sed "$command" "d/$1/recipe.yml" > edited.yml
        ! cmp -s edited.yml "d/$1/recipe.yml" || return 1
        cp edited.yml "d/$1/recipe.yml"
    done
    made "$1"
}

becomes() { # long|short|less|empty FILE
    case $1 in
    long) { cat "$2" && seq 3000; } > changed ;;
    short) head -c $(($(stat -c %s "$2") / 2)) "$2" > changed ;;
    less) head -c $(($(stat -c %s "$2") * 9 / 10)) "$2" > changed ;;
    empty) : > changed ;;
    esac
    mv changed "$2"
}

# with IMAGE FILE HOW COMMAND...: COMMAND is content with what is made of it.
with() {
    local image=$1 file=$2 how=$3 status=0
    shift 3
    cp "d/$image/$file" kept
    becomes "$how" "d/$image/$file"
    made "$image" && { whole "d/$image/$image.rebuilt" && "$@" "d/$image/$image.rebuilt" || status=1; } || status=1
    mv kept "d/$image/$file"
    return $status
}

# without IMAGE FILE HOW TEXT: is refused; an error says TEXT, and no image is left.
without() {
    local status=0
    cp "d/$1/$2" kept
    becomes "$3" "d/$1/$2"
    made "$1" > refusal 2>&1 && status=1
    cat refusal
    grep -qF "error: stage" refusal && grep -qF -- "$4" refusal && [ ! -e "d/$1/$1.rebuilt" ] || status=1
    mv kept "d/$1/$2"
    return $status
}

whole() { # IMAGE: no checksum and no size in it is wrong
    "$kpipe" inspect "$1" > whole.txt && ! grep INVALID whole.txt
}

has() { # TEXT COMMAND...: which says it
    "${@:2}" > said 2>&1 && cat said && grep -qE -- "$1" said
}

mkdir d

# --- uImages ---

seq 30000 > data
gzip -nc data > data.gz
seq 77 > small
# shellcheck disable=SC2016 # it is the name as it is
mkimage -A arm -O linux -T kernel -C none -a 0x8000 -e 0x8040 -n 'a "$(b) %(c)' -d data kernel > log
mkimage -A arm64 -O linux -T kernel -C gzip -a 0x80000 -e 0x80000 -n gz -d data.gz kernel-gz > log
mkimage -A arm -O linux -T multi -C none -a 0x8000 -e 0x8000 -n parts -d data:data.gz:small multi > log
for type in ramdisk script standalone filesystem kernel_noload firmware; do
    mkimage -A arm -O linux -T $type -C none -n $type -d data "$type" > log
done
uimages="kernel kernel-gz multi ramdisk script standalone filesystem kernel_noload firmware"
{ cat kernel && seq 10; } > trailed
for image in $uimages trailed; do
    ok "uimage-$image" taken "$image"
    ok "uimage-$image-by-its-stage" grep -q '{uimage: {type: ' "d/$image/recipe.yml"
done
for how in long short; do
    for image in kernel kernel-gz multi script; do
        for file in "d/$image"/*.bin; do
            ok "uimage-$image-${file##*/}-$how" with "$image" "${file##*/}" $how dumpimage -l
        done
    done
    ok "uimage-trailed-$how" with trailed trailing.bin $how mkimage -l
done
ok uimage-trailed-empty with trailed trailing.bin empty mkimage -l
ok uimage-empty without kernel data.bin empty 'there is nothing to wrap'
ok uimage-multi-empty without multi part-3.bin empty 'an empty part cannot be listed'
ok uimage-edit edited kernel 's/load: 0x8000/load: 0x9000/' 's/name: "[^}]*"/name: other/' 's/time: [0-9]*/time: 86400/'
ok uimage-edit-load has 'Load Address: 00009000' mkimage -l d/kernel/kernel.rebuilt
ok uimage-edit-name has 'Image Name: *other$' mkimage -l d/kernel/kernel.rebuilt
ok uimage-edit-time has 'Created: *Fri Jan  2 ' env TZ=UTC mkimage -l d/kernel/kernel.rebuilt
ok uimage-codec edited kernel-gz 's/, {gzip: {[^}]*}}\]/, bzip2]/' 's/compression: gzip/compression: bzip2/'
ok uimage-codec-seen has 'bzip2 compressed' mkimage -l d/kernel-gz/kernel-gz.rebuilt
ok uimage-codec-whole whole d/kernel-gz/kernel-gz.rebuilt

# Headers that the stage would not write are laid out as they are.
cp kernel odd-crc && put odd-crc 4 00000000
cp kernel odd-type && put odd-type 30 63
cp kernel odd-name && put odd-name 60 ff00ff00
for image in odd-crc odd-type odd-name; do
    ok "uimage-$image" taken $image
done
ok uimage-odd-laid-out grep -q 'name: ih_size, at: 0xc, size: 4, size_of: data, order: big' d/odd-type/recipe.yml

# --- zImages ---

# zimage NAME CODEC [FILE...]: with the words of head.S and vmlinux.lds.S, 512 bytes of code, the
# payload with its size, 300 bytes of code; and the files behind.
printf '/dts-v1/; / { model = "first"; chosen { bootargs = "a"; }; };' | dtc -o first.dtb 2> log
printf '/dts-v1/; / { model = "another, longer"; chosen { bootargs = "console=ttyAMA0 quiet splash"; }; };' |
    dtc -o other.dtb 2> log
{ seq 60000 && echo "Linux version 6.1.0-test (someone) #1"; } > contents
zimage() {
    local size trailer=4
    "$kpipe" pipe -q contents "$2" -o stream
    [ "${2%%:*}" != gzip ] || trailer=0
    {
        head -c 512 < <(seq 500)
        cat stream
        [ $trailer = 0 ] || le32 "$(stat -c %s contents)"
        head -c 300 < <(seq 500)
    } > "$1"
    size=$(stat -c %s "$1")
    truncate -s $(((size + 7) / 8 * 8)) "$1"
    printf '\030\050\157\001\000\000\000\000' | dd of="$1" bs=1 seek=36 conv=notrunc status=none
    { le32 "$(stat -c %s "$1")" && le32 $((0x04030201)) && le32 $((0x45454545)) && le32 128; } |
        dd of="$1" bs=1 seek=44 conv=notrunc status=none
    { le32 6 && le32 $((0x5a534c4b)) && le32 $((512 + $(stat -c %s stream) + trailer - 4)) && le32 4711 &&
        le32 32768 && le32 65536; } | dd of="$1" bs=1 seek=128 conv=notrunc status=none
    [ $# = 2 ] || cat "${@:3}" >> "$1"
}

# fits IMAGE: behind the kernel that came out, zeros up to its size, which stands where it stood.
fits() {
    local at
    at=$("$kpipe" inspect "$1" | awk '$2 == "piggy_size_addr" { print $3 }')
    "$kpipe" extract -q "$1" -o out && has 'ARM boot executable zImage' file "$1" &&
        [ "$(od -An -tu4 -j $((at)) -N 4 "$1" | tr -d ' ')" = "$(stat -c %s out)" ]
}
appended() { # MODEL IMAGE: the device tree behind the zImage
    tail -c "+$((1 + $(od -An -tu4 -j 44 -N 4 "$2")))" "$2" > tree && has "$1" fdtdump tree
}

for codec in gzip lzma lzo lz4:frame=legacy xz:check=crc32; do
    name=z-${codec%%:*}
    zimage "$name" "$codec" first.dtb
    ok "$name" taken "$name"
    ok "$name-computed" grep -q 'inflated_size.* length_of: ' "d/$name/recipe.yml"
    ok "$name-short" with "$name" Image short fits
    ok "$name-long" without "$name" Image long 'region payload is full'
done
ok zimage-dtb-long with z-xz dtb.dtb long fits
ok zimage-dtb-empty with z-xz dtb.dtb empty fits
cp other.dtb d/z-gzip/dtb.dtb
ok zimage-dtb-other made z-gzip
ok zimage-dtb-seen appended 'another, longer' d/z-gzip/z-gzip.rebuilt
# Kernels whose size would stand half in the last bytes of what is compressed.
printf '%s\n' 'kpipe: 1' 'inputs: {a: small}' 'images:' '  whole:' '    - layout:' \
    '        size: 400' '        regions: [{name: a, image: a}]' \
    '        fields: [{name: x, at: SIZE, size: 4, length_of: a}]' 'outputs: [whole]' > over.in
over() { # AT: relative to the end
    sed "s/SIZE/$(($(stat -c %s small) + $1))/" over.in > over.yml
    "$kpipe" run -q over.yml
}
for at in -4 0; do
    ok size-at$at over $at
done
for at in -3 -1; do
    ok size-at$at eval "! over $at 2> refusal && grep -q 'reaches over the end of region a' refusal"
done
zimage z-many gzip first.dtb other.dtb data
ok zimage-many taken z-many
ok zimage-many-apart test -e d/z-many/dtb-2.dtb -a -e d/z-many/trailing.bin
cp other.dtb d/z-many/dtb.dtb
ok zimage-many-other made z-many
ok zimage-many-first appended 'another, longer' d/z-many/z-many.rebuilt
ok zimage-field edited z-gzip 's/\(kernel_bss_size.*value:\) 4711/\1 4712/'
ok zimage-field-seen has 'kernel_bss_size *4712' "$kpipe" inspect d/z-gzip/z-gzip.rebuilt
mkimage -A arm -O linux -T kernel -C none -a 0x8000 -e 0x8000 -n nested -d z-gzip nested > log
ok zimage-nested taken nested
cp other.dtb d/nested/dtb.dtb
ok zimage-nested-other made nested
ok zimage-nested-seen whole d/nested/nested.rebuilt
ok zimage-nested-peer dumpimage -T kernel -p 0 -o inner d/nested/nested.rebuilt
ok zimage-nested-dtb appended 'another, longer' inner

# --- EFI zboot ---

cat > zboot.s << 'ASM'
start: .ascii "MZ\0\0zimg"
    .long payload - start, SIZE, 0, 0
    .include "type.s"
    .org start + 0x38
    .long 0x818223cd, pe - start
pe: .ascii "PE\0\0"
    .short 0xaa64, 2
    .long 0, 0, 0
    .short sections - optional, 0x206
optional:
    .short 0x20b, 0
    .long text_end - head_end, 512, 0, head_end - start, head_end - start
    .quad 0
    .long 4096, 512, 0, 0x10000, 0, 0, 0x80000, head_end - start, 0, 10
    .skip 32
    .long 0, 6
    .quad 0, 0, 0, 0, 0, 0
sections:
    .ascii ".text\0\0\0"
    .long text_end - head_end, 4096, text_end - head_end, head_end - start, 0, 0, 0, 0x60000020
    .ascii ".data\0\0\0"
    .long 512, 0x70000, 512, text_end - start, 0, 0, 0, 0xc0000040
    .p2align 12
head_end:
    .skip 100, 0x22
payload: .incbin "payload"
payload_end:
    .ascii "rodata"
    .p2align 12
text_end:
    .skip 512, 0x33
ASM
zboot() { # NAME CODEC TYPE
    local trailer=4
    "$kpipe" pipe -q contents "$2" -o payload
    [ "${2%%:*}" != gzip ] || trailer=0
    [ $trailer = 0 ] || le32 "$(stat -c %s contents)" >> payload
    printf '.asciz "%s"\n' "$3" > type.s
    as --defsym SIZE=$(($(stat -c %s payload) - trailer)) -o zboot.o zboot.s
    objcopy -O binary -j .text zboot.o "$1"
}
# As the stub finds it: the size of the contents is the last thing in its room.
unzips() { # IMAGE
    local at size trailer=4
    at=$(od -An -tu4 -j 8 -N 4 "$1") size=$(od -An -tu4 -j 12 -N 4 "$1")
    ! grep -q gzip <(head -c 40 "$1" | tr -d '\0') || trailer=0
    "$kpipe" extract -q "$1" -o out && has 'file format pei-aarch64' objdump -h "$1" &&
        [ "$(od -An -tu4 -j $((at + size + trailer - 4)) -N 4 "$1" | tr -d ' ')" = "$(stat -c %s out)" ]
}
zboot efi-gzip gzip gzip
zboot efi-zstd zstd:level=19 zstd
zboot efi-zstd22 zstd:level=19 zstd22
zboot efi-xz xz:check=crc32 xzkern
zboot efi-lz4 lz4:frame=legacy lz4
for image in efi-gzip efi-zstd efi-zstd22 efi-xz efi-lz4; do
    ok $image taken $image
    ok $image-short with $image Image less unzips
    ok $image-long without $image Image long 'region payload is full'
done
# What follows a shorter frame is a frame that is skipped: zstd(1) takes all of the room.
room() { # IMAGE
    tail -c "+$((1 + $(od -An -tu4 -j 8 -N 4 "$1")))" "$1" > behind
    head -c "$(od -An -tu4 -j 12 -N 4 "$1" | tr -d ' ')" behind > room
    "$kpipe" pipe -q room zstd.unpack -o room.out && cmp room.out d/efi-zstd/Image
}
ok efi-zstd-room with efi-zstd Image less room
# A stub can unpack one codec; with another's parts the kernel is as that one's recipe packs it.
stub_refuses() { # its codec's kernel is not the header's
    ! edited efi-gzip 's/, {gzip: {[^}]*}}\]/, {xz: {check: crc32}}]/' 2> refusal && cat refusal &&
        grep -q "xz: the header says 'gzip'" refusal
}
ok efi-stub edited efi-zstd 's,Image: Image,Image: ../efi-gzip/Image,'
ok efi-stub-same cmp d/efi-zstd/efi-zstd.rebuilt efi-zstd
ok efi-codec-refused stub_refuses

# --- PE, unified kernel images ---

cat > program.s << 'ASM'
    .text
    .globl start
start: .fill 100, 1, 0x90
    .data
    .fill 700, 1, 0x44
ASM
as --64 -mx86-used-note=no -o program.o program.s
objcopy -O pe-x86-64 program.o program.coff
ld -m i386pep --subsystem 10 --no-insert-timestamp --image-base 0 -s -e start -o stub.efi program.coff
printf 'ID=test\n' > osrel
printf 'quiet' > cmdline
head -c 5000 data > linux
head -c 2000 data > initrd
objcopy --add-section .osrel=osrel --change-section-vma .osrel=0x10000 \
    --add-section .cmdline=cmdline --change-section-vma .cmdline=0x11000 \
    --add-section .initrd=initrd --change-section-vma .initrd=0x12000 \
    --add-section .linux=linux --change-section-vma .linux=0x14000 stub.efi uki.efi
"$kpipe" pipe -q uki.efi pe:sizes=compute,checksum=compute -o uki
{ cat uki && head -c $((-$(stat -c %s uki) & 7)) /dev/zero; le32 40; printf '\000\002\002\000'; head -c 32 data; } > signed
put signed $(($(od -An -tu4 -j 60 -N 4 uki) + 168)) \
    "$({ le32 "$(stat -c %s uki)"; le32 40; } | od -An -tx1 | tr -d ' \n')"
"$kpipe" pipe -q signed pe:checksum=compute -o signed.sum 2> log
mv signed.sum signed

objcopy -O binary -j .text stub.efi code
# holds IMAGE: objdump and objcopy read it; SizeOfImage and CheckSum are those that pe computes.
holds() {
    objdump -h -p "$1" > sections 2> complaints && [ ! -s complaints ] &&
        "$kpipe" pipe -q "$1" pe:sizes=compute,checksum=compute -o ours && cmp ours "$1"
}
section() { # NAME CONTENTS IMAGE: as objcopy takes it out
    objcopy -O binary -j "$1" "$3" taken.bin &&
        cmp -n "$(stat -c %s "$2")" taken.bin "$2"
}
signature() { # SIZE: of the certificate table
    [ "$(od -An -tu4 -j $(($(od -An -tu4 -j 60 -N 4 "$2") + 172)) -N 4 "$2" | tr -d ' ')" = "$1" ]
}
for image in uki signed; do
    ok $image taken $image
    for file in cmdline.txt osrel.bin linux.bin initrd.bin; do
        for how in long short; do
            ok $image-$file-$how with $image $file $how holds
        done
        [ $file = linux.bin ] || ok $image-$file-empty with $image $file empty holds
    done
    cp data d/$image/initrd.bin
    seq 2000 > d/$image/cmdline.txt
    ok $image-several made $image
    ok $image-several-hold holds d/$image/$image.rebuilt
    ok $image-initrd section .initrd data d/$image/$image.rebuilt
    ok $image-cmdline section .cmdline d/$image/cmdline.txt d/$image/$image.rebuilt
    ok $image-linux section .linux linux d/$image/$image.rebuilt
    ok $image-code section .text code d/$image/$image.rebuilt
    ok $image-field edited $image 's/\(name: MajorImageVersion.*value:\) [0-9]*/\1 7/'
    ok $image-field-seen has 'MajorImageVersion[[:space:]]*7' objdump -p d/$image/$image.rebuilt
    ok $image-code-long without $image section.bin long 'region section is full'
done
ok signed-again made signed
ok signed-still signature 40 d/signed/signed.rebuilt
: > d/signed/signature.bin
ok unsigned made signed
ok unsigned-table signature 0 d/signed/signed.rebuilt
ok unsigned-holds holds d/signed/signed.rebuilt
ok unsigned-entry eval "objdump -p d/signed/signed.rebuilt | grep -q 'Entry 4 0000000000000000 00000000'"
# Code does not move for what grows before it.
objcopy --add-section .cmdline=cmdline --change-section-vma .cmdline=0x800 stub.efi low.efi
ok low taken low.efi
ok low-long without low.efi cmdline.txt long 'region cmdline is full'

# --- archives in a row, device trees, flat kernels ---

archive() { # NAME...
    printf '%s\n' "$@" | cpio --quiet -o -H newc
}
mkdir -p kernel-microcode && echo one > early && echo two > main
archive early > early.cpio
truncate -s $((($(stat -c %s early.cpio) + 511) / 512 * 512)) early.cpio
archive main > main.cpio
gzip -nc main.cpio > main.cpio.gz
cat early.cpio main.cpio > row
cat early.cpio main.cpio.gz > row-gz
{ cat early.cpio early.cpio main.cpio.gz && head -c 30 /dev/zero; } > row-three
# Reads a row as Linux does: archives, each compressed or not, with zeros between.
lists() { # NAMES IMAGE
    "$kpipe" inspect "$2" | sed -n 's/.* entry\[[0-9]*\]  \([a-z-]*\)  .*/\1/p' | tr '\n' ' ' > names
    cat names
    [ "$(cat names)" = "$1" ]
}
for image in row row-gz row-three; do
    ok $image taken $image
done
ok row-names lists 'early early main ' row-three
cp early row-third && archive early main row-third > other.cpio
cp other.cpio d/row-gz/initramfs.cpio
ok row-other made row-gz
ok row-other-names lists 'early main row-third main ' d/row-gz/row-gz.rebuilt
ok row-other-cpio has 'row-third' cpio -t -F d/row-gz/row-gz.rebuilt
ok row-empty with row-three initramfs.cpio empty lists 'early main '
ok dtb taken first.dtb
ok dtb-whole cmp d/first.dtb/image.dtb first.dtb

{ head -c 4096 data; seq 30000; } > flat # arm64, without EFI
put flat 0 1400001400000000
put flat 8 000008000000000000000400000000000a00000000000000
put flat 56 41524d64
ok image taken flat
ok image-field edited flat 's/\(name: flags.*value:\) 0xa/\1 0x2/'
ok image-field-seen has 'ARM64 boot executable Image, little-endian, 4K pages' file d/flat/flat.rebuilt

# --- workers ---

for image in multi z-xz efi-zstd signed row-three flat; do
    ok "worker-$image" taken $image --isolation process
done
finish
