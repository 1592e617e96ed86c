#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/bytes.sh - the stages concat, pad and slice against cat, truncate, head and tail.
#
#     bytes.sh KPIPE WORKDIR
#
# Prints a line for each case and fails if one of them failed.
. "$(dirname "$0")/common.sh"

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

gives() { # INPUT STAGE FILE: what comes out is FILE
    pipe "$1" "$2" ours && cmp ours "$3"
}

takes() { # INPUT STAGE FROM COUNT: what comes out are COUNT bytes from offset FROM
    pipe "$1" "$2" ours &&
        dd if="$1" iflag=skip_bytes,count_bytes skip="$3" count="$4" status=none | cmp - ours
}

padded() { # FILE SIZE BYTE: FILE with the octal BYTE behind it up to SIZE
    cat "$1"
    head -c $(($2 - $(stat -c %s "$1"))) /dev/zero | tr '\0' "\\$3"
}

seq 1000 > a # 3893 bytes
seq 99 > b # 288 bytes
: > empty

cat a b > ab
ok appends gives a 'concat:[_, b]' ab
cat b a > ba
ok puts-before gives a 'concat:[b, _]' ba
cat a b a > aba
ok repeats gives a 'concat:[_, b, _]' aba
ok alone gives a 'concat:[_]' a
ok empties gives a 'concat:[empty, _, empty]' a
{ padded a 4096 000; cat b; } > aligned
ok aligned gives a 'concat:{images: [_, b], align: 4K}' aligned
{ padded a 4000 377; cat b; } > aligned
ok aligned-otherwise gives a 'concat:{images: [_, b], align: 1000, fill: 0xff}' aligned
ok main-missing refused a concat:b "images: the main input is not among them" "write _ where it belongs"
ok aligned-beyond refused a 'concat:{images: [_, b, _], align: 0xfffffffffffffff0}' "concat"

{ padded a 4096 000; } > expected
ok pads gives a pad:4K expected
ok pads-not gives expected pad:4K expected
ok pads-empty gives empty pad:4K empty
{ padded a 5000 245; } > expected
ok pads-to-size gives a pad:size=5000,fill=0xa5 expected
cp a expected && truncate -s 5000 expected
ok pads-like-truncate gives a pad:size=5000 expected
{ head -c 107 /dev/zero; cat a; } > expected
ok pads-before gives a pad:size=4000,side=start expected
ok pads-exactly gives a pad:size=3893 a
ok too-large refused a pad:size=3892 "size: 3892 bytes: the image has 3893, 1 over" \
    "raise 'size', or make the image smaller"
ok neither refused a pad "align and size: neither given"
ok both refused a pad:align=4,size=5000 "align and size: both given"
ok align-0 refused a pad:0 "out of range"
ok fill-256 refused a pad:align=4,fill=256 "out of range"
ok huge refused a pad:size=0xffffffffffffffff "pad"

ok slices takes a slice:offset=100,length=50 100 50
ok slices-to-end takes a slice:100 100 9999
ok slices-by-end takes a slice:offset=100,end=200 100 100
ok slices-from-behind takes a slice:-93 3800 93
ok slices-between takes a slice:offset=-93,end=-3 3800 90
ok slices-all takes a slice 0 9999
ok slices-nothing takes a slice:offset=3893 0 0
ok slices-last takes a slice:offset=3892,length=1 3892 1
ok beyond refused a slice:3894 "offset: 3894: the image has 3893 bytes"
ok before refused a slice:-3894 "offset: -3894: the image has 3893 bytes"
ok far-before refused a slice:-9223372036854775808 "offset: -9223372036854775808: the image has"
ok too-long refused a slice:offset=3890,length=4 \
    "length: 4 bytes from offset 3890: the image has 3893 bytes, 3 of them from there"
ok far-too-long refused a slice:offset=1,length=0xffffffffffffffff "length: 18446744073709551615 bytes"
ok end-beyond refused a slice:end=3894 "end: 3894: the image has 3893 bytes"
ok end-before refused a slice:offset=10,end=9 "end: 9: before the offset, 10"
ok end-and-length refused a slice:end=9,length=9 "length and end: both given"

# What is known of an image: its addresses hold while its first byte is the same, and what is
# to be zeroed shrinks by zeros.
cat > traits.yml << 'END_OF_RECIPE'
kpipe: 1
arch: arm
inputs: {a: {file: {path: a, load: 0x8000, entry: 0x8004, bss: 1000}}, b: b}
images:
  appended: [a, {concat: [_, b]}, {uimage: {name: "%(load) %(entry)"}}]
  padded: [a, {pad: 4K}, {uimage: {name: "%(load) %(bss)"}}]
  before: [a, {pad: {align: 4K, side: start}}, {uimage: {name: "%(load) %(entry)"}}]
outputs: [appended, padded, before]
END_OF_RECIPE
names() { # FILE TEXT: the name of a uImage
    [ "$(tail -c +33 "$1" | head -c 32 | tr -d '\0')" = "$2" ]
}
ok traits "$kpipe" run traits.yml
ok traits-appended names appended "0x8000 0x8004"
ok traits-padded names padded "0x8000 797"
ok traits-before names before "0x7f35 0x8004"
lost() { # the recipe finds no address
    ! "$kpipe" run lost.yml > lost.log 2>&1 && grep -q "load" lost.log
}
for stage in '{concat: [b, _]}' '{slice: 1}'; do
    sed "s/^  appended:.*/  appended: [a, $stage, uimage]/; s/^outputs.*/outputs: [appended]/" \
        traits.yml > lost.yml
    ok "traits-lost-$stage" lost
done
# What it is, is found again.
pipe a gzip a.gz
cat b a.gz > joined
ok kind-found "$kpipe" pipe joined slice:288 gzip.unpack -qo part
ok kind-found-right cmp part a

finish
