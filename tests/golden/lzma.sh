#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/lzma.sh - the lzma codec against XZ Utils' `xz --format=lzma`, both ways.
# (`lzma` may be another program, of the LZMA SDK, whose bytes differ.)
#
#     lzma.sh KPIPE WORKDIR
#
# Prints a line for each case and fails if one of them failed.
self=$(realpath "$0")
codec=lzma
. "$(dirname "$0")/common.sh"
. "$(dirname "$self")/codec.sh"

tool=(xz --format=lzma -T1)
for input in text dense empty byte zeros program mixed; do
    ok "same-$input" same "$input" lzma "${tool[@]}"
    ok "unpacks-own-$input" unpacks same.ours "$input"
    ok "same-kernel-6.1-$input" same "$input" lzma:preset=kernel-6.1 "${tool[@]}" -9
    "${tool[@]}" -9 -c < "$input" > "$input.lzma"
    ok "unpacks-$input" unpacks "$input.lzma" "$input"
done
ok "same-kernel-6.12" same mixed lzma:preset=kernel-6.12 "${tool[@]}" -9
ok "same-make-fit" same mixed lzma:preset=make-fit "${tool[@]}"
for ((level = 0; level <= 9; level++)); do
    ok "same-level-$level" same program "lzma:$level" "${tool[@]}" "-$level"
done
ok "same-extreme" same program lzma:level=3,extreme=true "${tool[@]}" -3e
ok "same-options" same program lzma:dict=256K,lc=1,lp=2,pb=0 \
    "${tool[@]}" --lzma1=dict=256KiB,lc=1,lp=2,pb=0
ok "options-over-preset" same program lzma:preset=kernel-6.1,level=1,dict=8M \
    "${tool[@]}" --lzma1=preset=1,dict=8MiB
ok "too-many-bits" refused text lzma:lc=4,lp=1 "lc + lp: 4 + 1: together at most 4"
ok "level-10" refused text lzma:10 "level: 10: out of range 0..9"
ok "no-dictionary" refused text lzma:dict=4095 "dict: 4095: out of range 4096..1610612736"

# A header that tells the size, as the LZMA SDK writes it, with an end marker and without.
header() { # PROPERTIES DICTIONARY SIZE, as escapes of bytes
    printf '%b' "$1$2$3"
}
le64() { # NUMBER
    local i
    for ((i = 0; i < 64; i += 8)); do printf '\\x%02x' $((($1 >> i) & 255)); done
}
{ header '\x5d' '\0\0\x80\0' "$(le64 "$(stat -c %s text)")"; tail -c +14 text.lzma; } > sized
ok "unpacks-sized" unpacks sized text
ok "xz-agrees" eval 'xz --format=lzma -dc sized | cmp - text'
{ header '\x5d' '\0\0\x80\0' "$(le64 $(($(stat -c %s text) - 1)))"; tail -c +14 text.lzma; } > wrong
ok "size-too-small" refused wrong lzma.unpack "lzma: near offset" "corrupt data"
{ header '\x5d' '\0\0\x80\0' "$(le64 $(($(stat -c %s text) + 1)))"; tail -c +14 text.lzma; } > wrong
ok "size-too-large" refused wrong lzma.unpack "lzma: near offset" "corrupt data"
{ header '\x5d' '\0\0\x80\0' "$(le64 0)"; printf '\0\0\0\0\0'; } > marked
ok "unpacks-without-marker" unpacks marked empty
ok "ends-exactly-without-marker" ends_exactly marked empty

printf 'some text, some more text\n' > small
printf '%b' '\x5d\x00\x00\x80\x00\x1a\x00\x00\x00\x00\x00\x00\x00\x00\x39\x9b\xc9\xf2' \
    '\xe7\x50\xb8\xc5\xe2\x5c\xc2\xe0\x4f\x2e\x12\xdb\x45\x83\x08\x3e\x25\x60\x00' > unmarked
ok "unpacks-small-without-marker" unpacks unmarked small
ok "ends-exactly-small-without-marker" ends_exactly unmarked small
ok "truncated-without-marker" all_truncations_refused unmarked
"${tool[@]}" -9 -c < small > small.lzma
ok "truncated" all_truncations_refused small.lzma
ok "truncated-mixed" all_truncations_refused mixed.lzma $(($(stat -c %s mixed.lzma) / 20))
ok "ends-exactly" ends_exactly small.lzma small
ok "ends-exactly-empty" ends_exactly empty.lzma empty
ok "ends-exactly-mixed" ends_exactly mixed.lzma mixed
cat text.lzma text.lzma > twice # the format has no members
ok "one-stream-only" refused twice lzma.unpack "behind the end of the stream at offset"
ok "nothing" refused empty lzma.unpack "lzma: the input ends inside it, at offset 0"
{ printf '\xe1'; tail -c +2 text.lzma; } > wrong
ok "properties" refused wrong lzma.unpack "lzma: near offset 0: no header of this format"

# No checksum: a flip gives an error or other bytes, but never more than that.
flips_end() {
    local offset status
    for ((offset = 0; offset < $(stat -c %s small.lzma); offset++)); do
        cp small.lzma flipped && flip flipped "$offset" $((offset * 5 % 8))
        status=0
        pipe flipped lzma.unpack:limit=64K,trailing=ignore flipped.out > flipped.log 2>&1 || status=$?
        cat flipped.log
        [ "$status" -le 1 ] || return 1
        [ "$status" -eq 0 ] || grep -q 'error: ' flipped.log || return 1
    done
}
ok "flipped" flips_end

ok "bomb" refused zeros.lzma lzma.unpack:limit=1M "output: more than 1048576 bytes: beyond the limit"
ok "limit-reached" unpacks text.lzma text "lzma.unpack:limit=$(stat -c %s text)"
{ header '\x5d' '\xff\xff\xff\xff' '\xff\xff\xff\xff\xff\xff\xff\xff'; tail -c +14 text.lzma; } > wrong
ok "memory" refused wrong lzma.unpack "MiB of memory: more than 1024 are not given"
{ header '\x5d' '\0\0\x80\0' '\xfe\xff\xff\xff\xff\xff\xff\xff'; tail -c +14 text.lzma; } > wrong
ok "size-of-all" refused wrong lzma.unpack "corrupt data"

ok "inspects" shows text.lzma "text.lzma: compressed (lzma)" "0x00000000 lc 3" \
    "0x00000000 lp 0" "0x00000000 pb 2" "0x00000001 Dictionary Size 67108864 bytes" \
    "0x00000005 Uncompressed Size 0xffffffffffffffff unknown: there is an end marker"
ok "inspects-sized" shows sized "compressed (lzma)" "Dictionary Size 8388608 bytes" \
    "0x00000005 Uncompressed Size $(stat -c %s text) bytes"
pipe program lzma:lc=1,lp=2 6d.lzma
ok "inspects-6d" shows 6d.lzma "compressed (lzma)" "lc 1" "lp 2" "pb 2"
printf '\x5d\0\0\0\x03\x01\0\0\0\0\0\0\0\0\0\0' > table # of small numbers
ok "not-lzma-numbers" not_taken table
printf '\x5d\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' > table
ok "not-lzma-zeros" not_taken table

finish
