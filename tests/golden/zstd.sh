#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/zstd.sh - the zstd codec against Debian's zstd(1), both ways.
#
#     zstd.sh KPIPE WORKDIR [VMLINUX...]
#
# Prints a line for each case and fails if one of them failed. Files given further are packed
# with both presets and unpacked as well, which takes a minute.
self=$(realpath "$0")
. "$(dirname "$0")/common.sh"
"$kpipe" plugins zstd > /dev/null 2>&1 || exit 77

same() { # INPUT STAGE ZSTD-OPTION...: the tool, fed by a pipe, makes the same bytes
    local input=$1 stage=$2
    shift 2
    cat "$input" | zstd -q "$@" > theirs.zst
    pipe "$input" "$stage" ours.zst && cmp ours.zst theirs.zst && zstd -dcq --long=27 ours.zst | cmp - "$input"
}

same_as_file() { # INPUT STAGE ZSTD-OPTION...
    local input=$1 stage=$2
    shift 2
    zstd -qf "$@" "$input" -o theirs.zst
    pipe "$input" "$stage" ours.zst && cmp ours.zst theirs.zst
}

same_threads() { # INPUT
    "$kpipe" pipe -j1 "$1" zstd:level=5 -o one.zst && "$kpipe" pipe -j4 "$1" zstd:level=5 -o four.zst &&
        cmp one.zst four.zst
}

# Inputs: text, what does not compress, nothing, one byte, a run, and sizes about those of
# libzstd's blocks (128 KiB) and jobs (8 MiB at level 1, 32 MiB at 19).
head -c 6000 "$self" > text
head -c 400000 "$kpipe" | gzip -9c > dense
: > empty
printf x > byte
head -c 5000000 /dev/zero > zeros
head -c 600000 /dev/urandom > random
{ cat "$kpipe" dense zeros "$kpipe"; } > seed
while [ "$(stat -c %s seed)" -lt 8388610 ]; do cat seed dense > longer.bin && mv longer.bin seed; done
sizes=(131071 131072 131073 524288 524289 8388607 8388608 8388609)
for size in "${sizes[@]}"; do
    head -c "$size" seed > "size-$size"
done

for input in text dense empty byte zeros random "${sizes[@]/#/size-}"; do
    ok "packs-1-$input" same "$input" zstd:level=1 -1
    ok "packs-file-$input" same_as_file "$input" zstd:level=3,content_size=true -3
    zstd -qf "$input" -o "$input.zst"
    ok "unpacks-$input" unpacks "$input.zst" "$input" zstd.unpack
done
for input in text empty byte zeros size-131073 size-524288; do
    ok "preset-6.1-$input" same "$input" zstd:preset=kernel-6.1 -22 --ultra
    ok "preset-6.12-$input" same "$input" zstd:preset=kernel-6.12 -22 --ultra
    ok "preset-6.1-image-$input" same "$input" zstd:preset=kernel-6.1-image -19
    ok "preset-6.12-image-$input" same "$input" zstd:preset=kernel-6.12-image -19
    ok "preset-make-fit-$input" same "$input" zstd:preset=make-fit -T0
done
for ((level = 2; level <= 22; level++)); do
    ok "packs-$level" same size-524289 "zstd:level=$level" "-$level" --ultra
done
ok "default-is-19" same size-131073 zstd -19
ok "explicit-before-preset" same size-131073 zstd:preset=kernel-6.1,level=5 -5
ok "window" same seed zstd:level=3,window_log=18 -3 --zstd=wlog=18
ok "distant" same seed zstd:level=3,distant=true -3 --long
ok "no-checksum" same text zstd:level=3,checksum=false -3 --no-check
ok "threads" same_threads seed
ok "level-23" refused text zstd:level=23 "level: 23"
ok "window-28" refused text zstd:window_log=28 "window_log: 28"

# Frames and skippable ones, joined.
{ printf '\x5a\x2a\x4d\x18'; le32 5; printf 'abcde'; } > skip
zstd -qf seed -o seed.zst
cat text.zst skip empty.zst seed.zst byte.zst skip > joined.zst
cat text seed byte > joined
ok "unpacks-joined" unpacks joined.zst joined zstd.unpack
zstd -qf --no-check text -o plain.zst
ok "unpacks-without-checksum" unpacks plain.zst text zstd.unpack

# Windows: 128 MiB, as of Linux' payloads, are taken, more are not. The tool gives an input
# of unknown size the window that it is told.
cat text | zstd -q --zstd=wlog=27 > window.zst
ok "window-of-128M" unpacks window.zst text zstd.unpack
cat text | zstd -q --ultra --zstd=wlog=28 > window.zst
ok "window-of-256M" refused window.zst zstd.unpack "window: larger than 128 MiB: refused"

ok "inspect" shows size-524289.zst 'Magic_Number +0xfd2fb528' 'Frame_Header_Descriptor +0xa4  with Content_Checksum' \
    'Frame_Content_Size +524289 bytes'
ok "inspect-2-bytes" shows text.zst "Frame_Content_Size +$(stat -c %s text) bytes"
ok "inspect-1-byte" shows byte.zst 'Frame_Content_Size +1 bytes'
ok "inspect-window" shows window.zst 'Window_Size +268435456 bytes'
head -c 6 size-524289.zst > cut.bin
ok "inspect-cut" shows_not cut.bin "the input ends inside"

{ head -c 150 text; head -c 150 text; } > small
zstd -qf small -o small.zst
ok "cut" cut_everywhere small.zst zstd.unpack ""
ok "cut-says-why" eval 'head -c -1 small.zst > cut.bin && refused cut.bin zstd.unpack "the input ends inside it"'
ok "flipped" flipped_everywhere small.zst small zstd.unpack
cp small.zst wrong && flip wrong $(($(stat -c %s wrong) - 1))
ok "wrong-checksum" refused wrong zstd.unpack "checksum"
ok "no-zstd" refused text zstd.unpack ""
for tail in x 1234 12345678abcdef; do
    { cat small.zst; printf %s "$tail"; } > with-tail
    ok "tail-${#tail}" refused with-tail zstd.unpack "zstd: ${#tail} bytes behind the end of the stream at offset $(stat -c %s small.zst)"
    ok "tail-${#tail}-ignored" unpacks with-tail small zstd.unpack:trailing=ignore
done
ok "padding" eval 'cat small.zst <(head -c 1000 /dev/zero) > padded && unpacks padded small zstd.unpack'

ok "bomb" refused zeros.zst zstd.unpack:limit=1M "output: more than 1048576 bytes: beyond the limit"
ok "bomb-by-one" refused zeros.zst zstd.unpack:limit=4999999 "beyond the limit"
ok "limit-reached" unpacks zeros.zst zeros zstd.unpack:limit=5000000
# A header that promises 2^63 bytes: nothing is reserved for them.
{ printf '\x28\xb5\x2f\xfd\xe0\0\0\0\0\0\0\0\x80'; printf '\x01\0\0'; } > promise.zst
ok "promise" refused promise.zst zstd.unpack ""

for vmlinux in "${files[@]}"; do
    name=$(basename "$vmlinux")
    ok "preset-6.1-image-$name" same "$vmlinux" zstd:preset=kernel-6.1-image -19
    ok "preset-6.1-$name" same "$vmlinux" zstd:preset=kernel-6.1 -22 --ultra
    ok "unpacks-$name" unpacks ours.zst "$vmlinux" zstd.unpack
done

finish
