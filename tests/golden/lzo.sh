#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/lzo.sh - the lzo codec against Debian's lzop(1), both ways.
#
#     lzo.sh KPIPE WORKDIR [VMLINUX...]
#
# Prints a line for each case and fails if one of them failed. Files given further are packed
# and unpacked as well.
self=$(realpath "$0")
. "$(dirname "$0")/common.sh"
"$kpipe" plugins lzo > /dev/null 2>&1 || exit 77

# The tool writes when it ran; SOURCE_DATE_EPOCH gives us the same time.
same() { # INPUT STAGE LZOP-OPTION...
    local input=$1 stage=$2 time
    shift 2
    cat "$input" | lzop "$@" > theirs.lzo
    time=$(($(od -An -tu1 -j 25 -N 4 theirs.lzo | awk '{ print (($1 * 256 + $2) * 256 + $3) * 256 + $4 }')))
    SOURCE_DATE_EPOCH=$time pipe "$input" "$stage" ours.lzo && cmp ours.lzo theirs.lzo &&
        lzop -dc < ours.lzo | cmp - "$input"
}

same_threads() { # INPUT
    "$kpipe" pipe -j1 "$1" lzo -o one.lzo && "$kpipe" pipe -j4 "$1" lzo -o four.lzo &&
        cmp one.lzo four.lzo
}

same_by_mtime() { # INPUT: the time as a parameter
    cat "$1" | lzop -9 > theirs.lzo
    SOURCE_DATE_EPOCH=1 pipe "$1" "lzo:mtime=$((16#$(od -An -tx1 -j 25 -N 4 theirs.lzo | tr -d " ")))" ours.lzo &&
        cmp ours.lzo theirs.lzo
}

time_is_0() {
    env -u SOURCE_DATE_EPOCH "$kpipe" pipe text lzo -o ours.lzo &&
        cmp <(tail -c +26 ours.lzo | head -c 8) <(head -c 8 /dev/zero)
}

mend() { # FILE: gives its header, which has no name, the checksum that fits again
    local sum
    head -c 34 "$1" | tail -c +10 > header
    # Adler-32 (RFC 1950, section 8.2) of the header behind the magic.
    sum=$(od -An -v -tu1 -w1 header | awk 'BEGIN { a = 1 } { a = (a + $1) % 65521; b = (b + a) % 65521 } END { print b * 65536 + a }')
    be32 "$sum" | dd of="$1" bs=1 seek=34 conv=notrunc status=none
}

patched() { # FILE OFFSET BYTES: `wrong` is FILE with these bytes, and a header that fits
    cp "$1" wrong
    printf "%b" "$3" | dd of=wrong bs=1 seek="$2" conv=notrunc status=none
    mend wrong
}

# Inputs: text, what does not compress, nothing, one byte, a run, and blocks of 256 KiB that
# are full, one byte smaller and one larger.
head -c 6000 "$self" > text
head -c 400000 "$kpipe" | gzip -9c > dense
: > empty
printf x > byte
head -c 3000000 /dev/zero > zeros
head -c 600000 /dev/urandom > random
cat "$kpipe" dense zeros > seed
sizes=(262143 262144 262145 524288 524289)
for size in "${sizes[@]}"; do
    head -c "$size" seed > "size-$size"
done

for input in text dense empty byte zeros random seed "${sizes[@]/#/size-}"; do
    ok "packs-9-$input" same "$input" lzo:preset=kernel-6.1 -9
    ok "packs-1-$input" same "$input" lzo:level=1 -1
    lzop -qfo "$input.lzo" "$input"
    ok "unpacks-$input" unpacks "$input.lzo" "$input" lzo.unpack
done
ok "preset-6.12" same seed lzo:preset=kernel-6.12 -9
ok "preset-make-fit" same seed lzo:preset=make-fit
for level in 2 3 6 7 8; do
    ok "packs-$level" same seed "lzo:level=$level" "-$level"
done
ok "explicit-before-preset" same text lzo:preset=kernel-6.1,level=7 -7
ok "threads" same_threads seed
ok "mtime" same_by_mtime text
ok "time-is-0" time_is_0
ok "level-0" refused text lzo:level=0 "level: 0"

# Checksums of both kinds, of contents and of compressed bytes; names; several parts.
for options in -CF --crc32 "--crc32 -C" -F "-C -9"; do
    # shellcheck disable=SC2086 # several options
    lzop -qf $options -o options.lzo seed
    ok "unpacks-$options" unpacks options.lzo seed lzo.unpack
done
cat text.lzo empty.lzo seed.lzo byte.lzo > parts.lzo
cat text seed byte > parts
ok "unpacks-parts" unpacks parts.lzo parts lzo.unpack

ok "inspect" shows seed.lzo 'version +0x1040' 'lib_version +0x20a0' 'version_needed +0x0940' \
    'method +1  LZO1X-1' 'level +5' 'flags +0x03000001' 'mode +0x000081' 'mtime +[1-9]' 'name +seed'
ok "inspect-999" shows ours.lzo 'method +3  LZO1X-999' 'level +9' 'flags +0x0300000d' 'mtime +0 '
head -c 33 seed.lzo > cut.bin
ok "inspect-cut" shows_not cut.bin "the input ends inside"

{ head -c 150 text; head -c 150 text; } > small
lzop -C < small > small.lzo
ok "cut" cut_everywhere small.lzo lzo.unpack ""
ok "cut-says-why" eval 'head -c -1 small.lzo > cut.bin && refused cut.bin lzo.unpack "the input ends inside it" &&
    head -c -5 small.lzo > cut.bin && refused cut.bin lzo.unpack "the input ends inside it"'
ok "flipped" flipped_everywhere small.lzo small lzo.unpack
for tail in x 1234 12345678abcdef; do
    { cat small.lzo; printf %s "$tail"; } > with-tail
    ok "tail-${#tail}" refused with-tail lzo.unpack "lzo: ${#tail} bytes behind the end of the stream at offset $(stat -c %s small.lzo)"
    ok "tail-${#tail}-ignored" unpacks with-tail small lzo.unpack:trailing=ignore
done
ok "padding" eval 'cat small.lzo <(head -c 1000 /dev/zero) > padded && unpacks padded small lzo.unpack'

patched small.lzo 17 '\x03\x00\x08\x0f'
ok "filter" refused wrong lzo.unpack "flags: 0x0300080f: filters are not supported"
patched small.lzo 17 '\x03\x01\x00\x0f'
ok "reserved-flag" refused wrong lzo.unpack "flags: 0x0301000f: reserved bits are set"
patched small.lzo 15 '\x80'
ok "method" refused wrong lzo.unpack "method: 128: only 1 to 3 (LZO1X) are known"
patched small.lzo 13 '\x10\x50'
ok "version" refused wrong lzo.unpack "needing 0x1050: only 0x0940 to 0x1040 are known"
cp small.lzo wrong && flip wrong 34
ok "header-checksum" refused wrong lzo.unpack "lzop header: checksum at offset 34: 0x"
cp small.lzo wrong && flip wrong 47
ok "block-checksum" refused wrong lzo.unpack "lzop block: adler32 at offset 46: 0x"
# Sizes of the first block: of the content at 38, compressed at 42.
for content in 67108865 4294967295; do
    { head -c 38 small.lzo; be32 "$content"; tail -c +43 small.lzo; } > wrong
    ok "block-of-$content" refused wrong lzo.unpack "lzop block at offset 38: $content bytes: more than 64 MiB"
done
{ head -c 42 small.lzo; be32 301; tail -c +47 small.lzo; } > wrong
ok "block-larger-than-content" refused wrong lzo.unpack "lzop block at offset 38: 301 bytes of 300: corrupt"
{ head -c 38 small.lzo; be32 67108864; tail -c +43 small.lzo; } > wrong
ok "block-of-64M" refused wrong lzo.unpack "lzop block at offset 38: compressed data: corrupt"
ok "block-above-limit" refused wrong lzo.unpack:limit=1000 "output: more than 1000 bytes: beyond the limit"

lzop -9 < zeros > zeros.lzo
ok "bomb" refused zeros.lzo lzo.unpack:limit=1M "output: more than 1048576 bytes: beyond the limit"
ok "bomb-by-one" refused zeros.lzo lzo.unpack:limit=2999999 "beyond the limit"
ok "limit-reached" unpacks zeros.lzo zeros lzo.unpack:limit=3000000

for vmlinux in "${files[@]}"; do
    name=$(basename "$vmlinux")
    ok "packs-$name" same "$vmlinux" lzo:preset=kernel-6.1 -9
    ok "unpacks-$name" unpacks ours.lzo "$vmlinux" lzo.unpack
done

finish
