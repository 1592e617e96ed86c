#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/hex.sh - the formats ihex and srec against objcopy of Debian's binutils, which
# writes and reads both.
#
#     hex.sh KPIPE WORKDIR [FILE...]
#
# Prints a line for each case and fails if one of them failed. Files given further are taken
# there and back as well.
. "$(dirname "$0")/common.sh"

refused() { # INPUT STAGE TEXT: fails, says TEXT and leaves no output
    local status=0
    pipe "$1" "$2" refused.out > refused.log 2>&1 || status=$?
    cat refused.log
    [ "$status" -gt 0 ] && [ "$status" -lt 126 ] && [ ! -e refused.out ] && grep -qF -- "$3" refused.log
}

same() { # INPUT FORMAT ADDRESS [OBJCOPY-OPTION STAGE-PARAMETERS]: the bytes are objcopy's
    local parameters=address=$3${5:+,$5} place="--change-addresses $3"
    [ "$2" = ihex ] || parameters+=,title=theirs
    # --change-addresses would move the entry as well.
    [[ "${4:-}" != --set-start* ]] || place="--change-section-address .data=$3"
    # shellcheck disable=SC2086 # options
    objcopy -I binary -O "$2" $place ${4:-} "$1" theirs &&
        pipe "$1" "$2:$parameters" ours && cmp ours theirs
}

back() { # INPUT FORMAT ADDRESS: objcopy's text and ours give the image again, and objcopy reads ours
    objcopy -I binary -O "$2" --change-addresses "$3" "$1" theirs &&
        pipe theirs "$2.unpack" unpacked && cmp unpacked "$1" &&
        pipe "$1" "$2:$3" ours && pipe ours "$2.unpack" unpacked && cmp unpacked "$1" &&
        objcopy -I "$2" -O binary ours unpacked && cmp unpacked "$1"
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

# gives TEXT-FILE STAGE PRINTF-TEXT: what comes out.
gives() {
    pipe "$1" "$2" unpacked && cmp unpacked <(printf '%b' "$3")
}

flip() { # FILE OFFSET: inverts the lowest bit of the byte there
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf "%b" "\\x$(printf %02x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# Whatever is cut off but the last line's end.
all_truncations_refused() { # FILE FORMAT
    local size length
    size=$(stat -c %s "$1")
    for ((length = 0; length < size - 2; length++)); do
        head -c "$length" "$1" > cut.text
        refused cut.text "$2.unpack" "" || return 1
    done
}

all_flips_refused() { # FILE FORMAT
    local size offset
    size=$(stat -c %s "$1")
    for ((offset = 0; offset < size - 2; offset++)); do
        cp "$1" flipped
        flip flipped "$offset"
        # S0 says nothing that is kept, and may become an empty S1.
        refused flipped "$2.unpack" "" || cmp refused.out small || return 1
    done
}

head -c 70000 "$kpipe" > image
printf x > byte
: > empty
head -c 32768 image > half

# Addresses below, at and behind each border: 16, 20, 24 and 32 bits.
for format in ihex srec; do
    for address in 0 1 0xfff8 0x12345 0xf0000 0xffff8 0xfffff8 0x80000000 0xfffeee90; do
        ok "$format-$address" same image "$format" "$address"
        ok "$format-back-$address" back image "$format" "$address"
    done
    ok "$format-byte" same byte "$format" 0x100
    ok "$format-last-bytes" same half "$format" 0xffff8000
    ok "$format-too-far" refused image "$format:0xffff0000" \
        "address: 0xffff0000: 70000 bytes from there pass the 32 bits of an address"
    ok "$format-empty" refused empty "$format" "image: 0 bytes: there is nothing to write"
    ok "$format-address-of-33-bits" refused byte "$format:0x100000000" out
done
for address in 0xffef 0xfff0 0xffffef 0xfffff0; do # 16 bytes: up to the border, and over it
    head -c 16 image > line
    ok "srec-width-$address" same line srec "$address"
done
ok srec-length same image srec 0 --srec-len=32 length=32
ok srec-32 same image srec 0 --srec-forceS3 width=32
ok ihex-entry same image ihex 0x80000000 "--set-start 0x80000010" entry=0x80000010
ok ihex-segment-entry same image ihex 0x8000 "--set-start 0x8010" entry=0x8010
ok ihex-no-entry same image ihex 0x8000 "--set-start 0" entry=0
ok srec-entry same image srec 0x80000000 "--set-start 0x80000010" entry=0x80000010
ok srec-wide-entry eval 'pipe byte srec:entry=0x12345 ours && grep -q "^S804012345" ours'
ok srec-width-refused refused byte srec:width=16,address=0x10000 \
    "width: 16 bits: address 0x10000 does not fit them"
ok srec-count eval 'pipe image srec:count=yes ours && grep -q "^S5031117" ours &&
    pipe ours srec.unpack unpacked && cmp unpacked image'
ok srec-count-24 eval 'pipe image srec:count=yes,length=1 ours && grep -q "^S604011170" ours &&
    pipe ours srec.unpack unpacked && cmp unpacked image'
ok ihex-linear eval 'pipe image ihex:extended=linear,address=0xf000 ours && ! grep -q "^:......0[23]" ours &&
    pipe ours ihex.unpack unpacked && cmp unpacked image'
for length in 1 7 255; do
    ok "ihex-length-$length" eval "pipe image ihex:address=0xfffe,length=$length ours &&
        objcopy -I ihex -O binary ours unpacked && cmp unpacked image"
done

# Traits: those of the input are the defaults, and what is unpacked tells them again.
cat > traits.yml << 'END_OF_RECIPE'
kpipe: 1
inputs: {k: {file: {path: image, load: 0x8000, entry: 0x8040}}}
images:
  hex: [k, ihex]
  srec: [k, srec]
  uimage: [hex, ihex.unpack, {uimage: {arch: arm}}]
  uimage2: [srec, srec.unpack, {uimage: {arch: arm}}]
outputs: [hex, srec, uimage, uimage2]
END_OF_RECIPE
ok traits "$kpipe" run traits.yml
ok traits-of-both cmp uimage uimage2
ok traits-shown shows uimage "ih_load   0x00008000" "ih_ep     0x00008040"
ok shows-ihex shows hex "ihex" "records   4375" "data      70000 bytes" "range[0]  0x8000" \
    "entry     0x8040"
ok shows-srec shows srec "srec" "range[0]  0x8000" "70000 bytes" "entry     0x8040"

# Text that people write: any order, gaps, small letters, other ends of lines, blank lines.
printf ':020010000a0bd9\n\n:01000e00cc25  \r:00000001FF' > text
ok ihex-by-hand gives text ihex.unpack '\xcc\x00\x0a\x0b'
ok ihex-fill gives text ihex.unpack:fill=0xff '\xcc\xff\x0a\x0b'
ok ihex-limit-reached gives text ihex.unpack:limit=4 '\xcc\x00\x0a\x0b'
ok ihex-limit refused text ihex.unpack:limit=3 "output: 0xe to 0x12 are 4 bytes: beyond the limit, 3"
printf 'S1040010AA41\nS104000ECC21\nS9030000FC\n' > text
ok srec-by-hand gives text srec.unpack '\xcc\x00\xaa'
printf ':0200000200FFFD\r\n:0100100055 9A\r\n' > text
ok blank-inside refused text ihex.unpack "line 2: character 12: not a hexadecimal digit"
printf ':02000002FFFFFE\n:01FFFF0055AC\n:00000001FF\n' > text # the last byte that 02 can reach
ok segment eval 'gives text ihex.unpack U && shows text 0x10ffef'
printf ':02000002FFFFFE\n:02FFFF005555 56\n' | tr -d ' ' > text
ok segment-wraps refused text ihex.unpack "line 2: 2 bytes at 0xffff: they would wrap around"
printf ':02000004FFFFFC\n:02FFFF00555556\n' > text
ok beyond-4g refused text ihex.unpack "line 2: 2 bytes at 0xffffffff: beyond 32 bits"
printf ':02000004FFFFFC\n:01FFFF0055AC\n:020000040000FA\n:0100000011EE\n:00000001FF\n' > text
ok gap-of-4g refused text ihex.unpack "output: 0x0 to 0x100000000 are 4294967296 bytes"

printf ':020010000a0be9\n' > wrong
ok count refused wrong ihex.unpack "line 1: checksum 0xE9: the record's bytes give 0xD9"
printf ':030010000A0BD8\n' > text
ok too-few refused text ihex.unpack "line 1: 7 bytes: a record with count 3 has 8"
printf ':\n' > text
ok nothing refused text ihex.unpack "line 1: 0 bytes: a record with count 0 has 5"
printf ':00000006FA\n' > text
ok type refused text ihex.unpack "line 1: type 06: unknown"
printf ':0100000400FB\n' > text
ok type-length refused text ihex.unpack "line 1: 1 bytes of data: type 04 has 2"
printf ':0100000011EE\n:020000001122CB\n:00000001FF\n' > text
ok overlap refused text ihex.unpack \
    "address 0x0: given twice, by what begins at line 1 and at line 2"
printf ':00000001FF\n:0100000011EE\n' > text
ok behind-end refused text ihex.unpack "line 2: something behind the end record"
printf ':00000001FF\n' > text
ok no-data refused text ihex.unpack "no record holds data"
printf ':0100000011EE\n' > text
ok no-end refused text ihex.unpack "line 1: no end record behind it"
{ printf ':'; head -c 600 /dev/zero | tr '\0' 0; } > text
ok long-line refused text ihex.unpack "line 1: 600 digits: no record has that many"
printf 'hello\n' > text
ok ihex-of-text refused text ihex.unpack "line 1: a record begins with ':'"
ok srec-of-text refused text srec.unpack "line 1: a record begins with S and one of"
printf 'S4030000FC\n' > text
ok s4 refused text srec.unpack "line 1: a record begins with S and one of"
printf 'S1040010AA42\n' > text
ok srec-sum refused text srec.unpack "line 1: checksum 0x42: the record's bytes give 0x41"
printf 'S1020010ED\n' > text
ok srec-short refused text srec.unpack "S1 with count 2 has 3, and at least 4"
printf 'S1040010AA41\nS5030002FA\n' > text
ok srec-counted refused text srec.unpack "line 2: S5 counts 2 data records: there are 1"
printf 'S1040010AA41\nS0030000FC\n' > text
ok srec-title refused text srec.unpack "line 2: S0 is for the first record"
printf 'S1040010AA41\nS9040000AA51\n' > text
ok srec-end-with-data refused text srec.unpack "line 2: 1 bytes of data: S9 has none"
printf 'S1040010AA41\nS9030000FC\nS1040010AA41\n' > text
ok srec-behind-end refused text srec.unpack "line 3: something behind the end record"
ok srec-kind refused ours srec.unpack "ihex"
ok image-kind refused uimage ihex.unpack "uimage"

head -c 20 image > small
for format in ihex srec; do
    pipe small "$format:0x1000" small.text
    ok "$format-truncated" all_truncations_refused small.text "$format"
    ok "$format-flipped" all_flips_refused small.text "$format"
done
pipe image ihex ours
sed 's/^\(.\{20\}\)/\1Z/' ours > damaged
ok shows-damaged shows damaged "line 1: character 21: not a hexadecimal digit"

for file in "${files[@]}"; do
    name=$(basename "$file")
    for format in ihex srec; do
        ok "$format-$name" same "$file" "$format" 0x80008000
        ok "$format-back-$name" back "$file" "$format" 0x80008000
    done
done

finish
