#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/bzip2.sh - the bzip2 codec against Debian's bzip2(1), both ways.
#
#     bzip2.sh KPIPE WORKDIR
#
# Prints a line for each case and fails if one of them failed.
self=$(realpath "$0")
codec=bzip2
. "$(dirname "$0")/common.sh"
. "$(dirname "$self")/codec.sh"

for input in text dense empty byte zeros program mixed; do
    ok "same-$input" same "$input" bzip2 bzip2 -9
    ok "unpacks-own-$input" unpacks same.ours "$input"
    bzip2 -9 -c "$input" > "$input.bz2"
    ok "unpacks-$input" unpacks "$input.bz2" "$input"
done
for ((level = 1; level <= 9; level++)); do
    ok "same-level-$level" same mixed "bzip2:$level" bzip2 "-$level"
done
for preset in none kernel-6.1 kernel-6.12 make-fit; do
    ok "same-preset-$preset" same mixed "bzip2:preset=$preset" bzip2 -9
done
ok "level-over-preset" same mixed "bzip2:preset=kernel-6.1,level=1" bzip2 -1
ok "level-0" refused text bzip2:0 "level: 0: out of range 1..9"

cat text.bz2 empty.bz2 mixed.bz2 > members
cat text mixed > joined
ok "unpacks-members" unpacks members joined
ok "unpacks-as-bzip2" eval 'bzip2 -dc members | cmp - joined'
printf 'some text, some more text\n' > small
bzip2 -c small > small.bz2
ok "truncated" all_truncations_refused small.bz2
ok "truncated-blocks" all_truncations_refused mixed.bz2 $(($(stat -c %s mixed.bz2) / 20))
ok "truncated-member" eval 'head -c -5 members > cut.packed && refused cut.packed bzip2.unpack "bzip2 member 3: the input ends"'
ok "flipped" no_flip_matters small.bz2 small
ok "ends-exactly" ends_exactly small.bz2 small
ok "ends-exactly-empty" ends_exactly empty.bz2 empty
{ cat small.bz2; printf 'BZh9'; } > begun
ok "a-member-begins" refused begun bzip2.unpack "bzip2 member 2: the input ends inside it"
cp small.bz2 wrong && flip wrong 10 0
ok "block-crc" refused wrong bzip2.unpack "bzip2 member 1: near offset" "corrupt data or a wrong CRC"
printf 'BZh0 and so on' > wrong
ok "no-level" refused wrong bzip2.unpack "bzip2 member 1: near offset" "not bzip2"
ok "nothing" refused empty bzip2.unpack "bzip2 member 1: the input ends inside it, at offset 0"

ok "bomb" refused zeros.bz2 bzip2.unpack:limit=1M "output: more than 1048576 bytes: beyond the limit"
ok "bomb-by-one" refused text.bz2 "bzip2.unpack:limit=$(($(stat -c %s text) - 1))" "beyond the limit"
ok "limit-reached" unpacks text.bz2 text "bzip2.unpack:limit=$(stat -c %s text)"

bzip2 -3 -c text > three.bz2
ok "inspects" shows three.bz2 "three.bz2: compressed (bzip2)" "0x00000003 block size 300000 bytes"
ok "inspects-empty" shows empty.bz2 "compressed (bzip2)" "block size 900000 bytes"
printf 'BZh9 is how an essay on bzip2 begins' > essay
ok "no-magic" not_taken essay

finish
