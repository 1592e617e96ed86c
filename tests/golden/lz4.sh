#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/lz4.sh - the lz4 codec against Debian's lz4(1), both ways: the bytes of legacy
# and standard frames, where a legacy frame ends, and what is no lz4 file.
#
#     lz4.sh KPIPE WORKDIR [VMLINUX...]
#
# Prints a line for each case and fails if one of them failed. Files given further are packed
# and unpacked as well.
self=$(realpath "$0")
. "$(dirname "$0")/common.sh"

same() { # INPUT STAGE LZ4-OPTION...: the tool, fed by a pipe, makes the same bytes
    local input=$1 stage=$2
    shift 2
    cat "$input" | lz4 -q "$@" - - > theirs.lz4
    pipe "$input" "$stage" ours.lz4 && cmp ours.lz4 theirs.lz4 && lz4 -dcq ours.lz4 | cmp - "$input"
}

same_threads() { # INPUT
    "$kpipe" pipe -j1 "$1" lz4:preset=kernel-6.1 -o one.lz4 &&
        "$kpipe" pipe -j4 "$1" lz4:preset=kernel-6.1 -o four.lz4 && cmp one.lz4 four.lz4
}

# Its end is told by the bytes behind it: these 4, and further ones, belong to others.
ends_before() { # PACKED TAIL PLAIN
    cat "$1" "$2" > with-tail
    refused with-tail lz4.unpack "lz4: $(stat -c %s "$2") bytes behind the end of the stream at offset $(stat -c %s "$1")" &&
        unpacks with-tail "$3" lz4.unpack:trailing=ignore
}

# Inputs: text, what does not compress, nothing, one byte, a run, and blocks that are full,
# one byte smaller and one larger: of 64 KiB, 4 MiB and 8 MiB.
head -c 6000 "$self" > text
head -c 400000 "$kpipe" | gzip -9c > dense
: > empty
printf x > byte
head -c 5000000 /dev/zero > zeros
{ cat "$kpipe" dense zeros "$kpipe"; } > seed
while [ "$(stat -c %s seed)" -lt 17000000 ]; do cat seed dense > longer.bin && mv longer.bin seed; done
sizes=(65535 65536 65537 4194303 4194304 4194305 8388607 8388608 8388609 16777216 16777217)
for size in "${sizes[@]}"; do
    head -c "$size" seed > "size-$size"
done
head -c 9000000 /dev/urandom > random

for input in text dense empty byte zeros random "${sizes[@]/#/size-}"; do
    ok "legacy-9-$input" same "$input" lz4:preset=kernel-6.1 -l -9
    ok "standard-9-$input" same "$input" lz4 -9
    # lz4 1.9.4 gives up on one that is just smaller than its block.
    [ "$input" = size-65535 ] ||
        ok "linked-$input" same "$input" lz4:block_size=64K,linked=true -9 -B4 -BD
done
ok "preset-6.12" same size-8388609 lz4:preset=kernel-6.12 -l -9
ok "preset-make-fit" same size-4194305 lz4:preset=make-fit
for level in 1 2 3 4 8 10 12; do
    ok "legacy-$level" same size-65537 "lz4:level=$level,frame=legacy" -l "-$level"
    ok "standard-$level" same size-4194305 "lz4:level=$level" "-$level"
    ok "explicit-before-preset-$level" same size-65537 "lz4:preset=kernel-6.1,level=$level" -l "-$level"
done
ok "explicit-frame-before-preset" same text lz4:preset=kernel-6.1,frame=standard -9
ok "block-size-256K" same size-4194305 lz4:block_size=256K -9 -B5
ok "block-size-1M" same size-4194305 lz4:block_size=1M -9 -B6
ok "block-checksum" same size-4194305 lz4:block_checksum=true,block_size=64K -9 -B4 -BX
ok "no-content-checksum" same text lz4:content_checksum=false -9 --no-frame-crc
ok "content-size" eval 'lz4 -q9f --content-size size-65537 theirs.lz4 &&
    pipe size-65537 lz4:content_size=true ours.lz4 && cmp ours.lz4 theirs.lz4'
ok "threads" same_threads size-16777217
ok "level-13" refused text lz4:level=13 "level: 13"

for input in text empty byte zeros random size-8388607 size-8388608 size-8388609 size-16777216; do
    lz4 -qlf9 "$input" "$input.legacy"
    lz4 -qf "$input" "$input.lz4"
    ok "unpacks-legacy-$input" unpacks "$input.legacy" "$input" lz4.unpack
    ok "unpacks-standard-$input" unpacks "$input.lz4" "$input" lz4.unpack
done
lz4 -qfBDX --content-size -B4 size-4194305 options.lz4
ok "unpacks-options" unpacks options.lz4 size-4194305 lz4.unpack

# Frames of both kinds and skippable ones, joined.
{ printf '\x5a\x2a\x4d\x18'; le32 5; printf 'abcde'; } > skip
cat text.legacy text.lz4 skip empty.legacy size-8388608.legacy byte.legacy skip empty.lz4 > joined.lz4
cat text text size-8388608 byte > joined
ok "unpacks-joined" unpacks joined.lz4 joined lz4.unpack

# What may stand behind a legacy frame: a kernel's size trailer, of any size; padding; both;
# the rest of an image.
for input in text byte empty size-8388607 size-8388608 size-8388609 size-16777216; do
    le32 "$(stat -c %s "$input")" > trailer
    [ "$input" = empty ] || ok "trailer-$input" ends_before "$input.legacy" trailer "$input"
    { cat trailer; head -c 60 /dev/zero; cat text; } > tail.bin
    [ "$input" = empty ] || ok "trailer-and-more-$input" ends_before "$input.legacy" tail.bin "$input"
    { cat trailer "$kpipe" seed; } > tail.bin
    [ "$input" = empty ] || ok "trailer-and-much-$input" ends_before "$input.legacy" tail.bin "$input"
done
for length in 1 2 3 4 5; do
    head -c "$length" text > tail.bin
    ok "tail-of-$length" ends_before text.legacy tail.bin text
    ok "tail-of-$length-behind-full-block" ends_before size-8388608.legacy tail.bin size-8388608
done
ok "padding" eval 'cat size-8388608.legacy <(head -c 1000 /dev/zero) > padded &&
    unpacks padded size-8388608 lz4.unpack'

ok "inspect-legacy" shows text.legacy 'magic +0x184c2102  legacy frame' \
    "block_csize +$(($(stat -c %s text.legacy) - 8)) bytes"
ok "inspect-standard" shows options.lz4 'magic +0x184d2204  standard frame' 'FLG +0x5c  linked blocks' \
    'BD +0x40  64 KiB' 'content_size +4194305 bytes' '^ +0x0000000e +HC '
head -c 9 options.lz4 > cut.bin
ok "inspect-cut" shows_not cut.bin "the input ends inside"

{ head -c 150 text; head -c 150 text; } > small
lz4 -qlf9 small small.legacy
lz4 -qf small small.lz4
ok "cut-standard" cut_everywhere small.lz4 lz4.unpack ""
ok "cut-legacy" cut_everywhere small.legacy lz4.unpack "" 5 # 4 are the frame of nothing
ok "cut-inside-a-block" eval 'head -c -1 size-16777216.legacy > cut.bin &&
    refused cut.bin lz4.unpack "the input ends inside it"'
ok "flipped-standard" flipped_everywhere small.lz4 small lz4.unpack
# A match as the first thing of the block: there is nothing that it could repeat.
cp size-8388609.legacy wrong
printf '\x0f\xff\xff' | dd of=wrong bs=1 seek=8 conv=notrunc status=none
ok "corrupt-legacy" refused wrong lz4.unpack "lz4 block at offset 4: "
cp small.lz4 wrong && flip wrong $(($(stat -c %s wrong) - 1))
ok "wrong-checksum" refused wrong lz4.unpack "contentChecksum_invalid"
ok "no-lz4" refused text lz4.unpack "lz4"

ok "bomb-legacy" refused zeros.legacy lz4.unpack:limit=1M "output: more than 1048576 bytes: beyond the limit"
ok "bomb-standard" refused zeros.lz4 lz4.unpack:limit=1M "output: more than 1048576 bytes: beyond the limit"
for kind in legacy lz4; do
    ok "bomb-by-one-$kind" refused "size-8388609.$kind" lz4.unpack:limit=8388608 "beyond the limit"
    ok "limit-reached-$kind" unpacks "size-8388609.$kind" size-8388609 lz4.unpack:limit=8388609
done

for vmlinux in "${files[@]}"; do
    name=$(basename "$vmlinux")
    ok "legacy-$name" same "$vmlinux" lz4:preset=kernel-6.1 -l -9
    ok "standard-$name" same "$vmlinux" lz4 -9
    ok "unpacks-$name" unpacks ours.lz4 "$vmlinux" lz4.unpack
done

finish
