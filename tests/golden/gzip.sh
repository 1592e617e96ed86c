#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/gzip.sh - the gzip codec against Debian's gzip(1), both ways.
#
#     gzip.sh KPIPE WORKDIR [VMLINUX...]
#
# Prints a line for each case and fails if one of them failed. Files given
# further are packed and unpacked as well.
self=$(realpath "$0")
. "$(dirname "$0")/common.sh"

refused() { # INPUT STAGE TEXT: fails, says TEXT and leaves no output
    local status=0
    pipe "$1" "$2" refused.out > refused.log 2>&1 || status=$?
    cat refused.log
    [ "$status" -gt 0 ] && [ "$status" -lt 126 ] && [ ! -e refused.out ] && grep -qF -- "$3" refused.log
}

roundtrip() { # INPUT STAGE: gzip reads what we packed
    pipe "$1" "$2" packed.gz && gzip -dc packed.gz | cmp - "$1"
}

unpacks() { # PACKED PLAIN [STAGE]
    pipe "$1" "${3:-gzip.unpack}" unpacked && cmp unpacked "$2"
}

same_header() { # STAGE LEVEL: the first 10 bytes are those of `gzip -n -LEVEL`
    pipe text "$1" packed.gz && cmp <(head -c 10 packed.gz) <(gzip -n "-$2" -c text | head -c 10)
}

twice_the_same() { # STAGE
    pipe text "$1" one.gz && pipe text "$1" two.gz && cmp one.gz two.gz
}

all_truncations_refused() { # PACKED
    local size length
    size=$(stat -c %s "$1")
    for ((length = 0; length < size; length += 1 + size / 60)); do
        head -c "$length" "$1" > cut.gz
        refused cut.gz gzip.unpack "" || return 1
    done
    for length in $((size - 8)) $((size - 4)) $((size - 1)); do
        head -c "$length" "$1" > cut.gz
        refused cut.gz gzip.unpack "the input ends inside it" || return 1
    done
}

flip() { # FILE OFFSET: inverts the lowest bit of the byte there
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf "%b" "\\x$(printf %02x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

all_flips_refused() { # PACKED, with a header of 10 bytes
    local size offset
    size=$(stat -c %s "$1")
    for offset in 0 1 2 $(seq 10 $((1 + size / 60)) $((size - 1))) $((size - 8)) $((size - 1)); do
        cp "$1" flipped.gz
        flip flipped.gz "$offset"
        # A flip may leave the content as it was: only a wrong output is a fault.
        refused flipped.gz gzip.unpack "" || cmp refused.out text || return 1
    done
}

# Inputs: text, what does not compress, nothing, one byte, and more than one step.
cat "$self" "$self" > text
head -c 300000 "$kpipe" | gzip -9c > dense
: > empty
printf x > byte
head -c 5000000 /dev/zero > zeros
{ cat dense zeros dense text; } > mixed

for level in 1 2 6 9; do
    for encoder in libdeflate zlib; do
        ok "header-$encoder-$level" same_header "gzip:level=$level,encoder=$encoder" "$level"
    done
done
for encoder in libdeflate zlib; do
    last=$([ "$encoder" = zlib ] && echo 9 || echo 12)
    for ((level = 0; level <= last; level++)); do
        for input in text dense empty byte mixed; do
            ok "packs-$encoder-$level-$input" roundtrip "$input" "gzip:level=$level,encoder=$encoder"
        done
    done
    ok "repeats-$encoder" twice_the_same "gzip:encoder=$encoder"
done
ok "default-level-is-9" roundtrip text gzip
cp packed.gz default.gz
ok "default-encoder-is-libdeflate" roundtrip text gzip:level=9,encoder=libdeflate
ok "defaults-agree" cmp default.gz packed.gz
ok "zlib-has-no-level-10" refused text gzip:level=10,encoder=zlib "level: 10: zlib has levels 0 to 9"

# The bytes of gzip itself, as the kernel's build makes them: it reads a pipe.
as_gnu() { # INPUT STAGE LEVEL
    pipe "$1" "$2" packed.gz && cmp packed.gz <(cat "$1" | gzip -n -f "-$3")
}
for input in text dense empty byte mixed zeros; do
    for level in 1 2 3 4 5 6 7 8 9; do
        ok "gnu-$level-$input" as_gnu "$input" "gzip:level=$level,encoder=gnu" "$level"
    done
    for preset in kernel-6.1 kernel-6.12; do
        ok "$preset-$input" as_gnu "$input" "gzip:preset=$preset" 9
    done
    ok "make-fit-$input" as_gnu "$input" gzip:preset=make-fit 6
done
# Without -n, of a file: a name and a time.
touch -d @1700000001 mixed
as_named() { # STAGE LEVEL
    pipe mixed "$1" packed.gz && cmp packed.gz <(gzip -c "-$2" mixed)
}
ok "named-9" as_named gzip:encoder=gnu,name=mixed,mtime=1700000001 9
ok "named-1" as_named gzip:encoder=gnu,level=1,name=mixed,mtime=1700000001 1
for encoder in zlib libdeflate; do
    ok "named-$encoder" roundtrip mixed "gzip:encoder=$encoder,name=mixed,mtime=1700000001"
    ok "named-$encoder-header" cmp -n 16 packed.gz <(gzip -c -9 mixed)
done
ok "timed" eval 'pipe text gzip:mtime=4294967295 packed.gz && unpacks packed.gz text'
ok "timed-header" cmp -n 10 packed.gz <(printf '\x1f\x8b\x08\0\xff\xff\xff\xff\2\3')
ok "time-too-large" refused text gzip:mtime=4294967296 "mtime: 4294967296"
ok "rsyncable" eval 'pipe mixed gzip:encoder=gnu,rsyncable=true packed.gz &&
    cmp packed.gz <(cat mixed | gzip -n -9 --rsyncable) && ! cmp packed.gz <(cat mixed | gzip -n -9)'
ok "rsyncable-gnu-only" refused text gzip:rsyncable=true "rsyncable: only gzip(1) does this"
ok "gnu-repeats" twice_the_same gzip:encoder=gnu
for level in 0 10; do
    ok "gnu-has-no-level-$level" refused text "gzip:level=$level,encoder=gnu" \
        "level: $level: gzip(1) has levels 1 to 9"
done
ok "preset-none" roundtrip text gzip:preset=none
ok "preset-none-is-the-default" cmp packed.gz default.gz
ok "encoder-beats-preset" roundtrip text gzip:preset=kernel-6.1,encoder=libdeflate
ok "encoder-beats-preset-bytes" cmp packed.gz default.gz
ok "level-beside-preset" as_gnu text gzip:level=6,preset=kernel-6.1 6

for input in text dense empty byte mixed; do
    gzip -n -9 -c "$input" > "$input.gz"
    ok "unpacks-$input" unpacks "$input.gz" "$input"
    ok "unpacks-own-$input" eval "pipe $input gzip own.gz && unpacks own.gz $input"
done
cp text named && gzip -N -f named # FNAME and a time
ok "unpacks-named" unpacks named.gz text
cat text.gz empty.gz mixed.gz > members.gz
cat text mixed > members
ok "unpacks-members" unpacks members.gz members

# All optional fields: FTEXT FHCRC FEXTRA FNAME FCOMMENT. The header's CRC is the
# low half of the CRC-32 in the trailer of gzip's output for it.
printf '\x1f\x8b\x08\x1f\0\0\0\0\0\x03\x04\0abcdname\0comment\0' > header
gzip -nc header | tail -c 8 | head -c 2 > header.crc
{ cat header header.crc; tail -c +11 text.gz; } > fields.gz
ok "unpacks-all-fields" unpacks fields.gz text
{ cat header; printf '\0\0'; tail -c +11 text.gz; } > wrong.gz
ok "header-crc" refused wrong.gz gzip.unpack "FHCRC at offset 29: 0x0000: the header gives 0x"
for length in 11 13 15 18 24 29 30; do
    head -c "$length" fields.gz > cut.gz
    ok "header-cut-at-$length" refused cut.gz gzip.unpack "the input ends inside it"
done
{ printf '\x1f\x8b\x08\x20\0\0\0\0\0\x03'; tail -c +11 text.gz; } > wrong.gz
ok "reserved-flag" refused wrong.gz gzip.unpack "FLG at offset 3: 0x20: reserved bits are set"
{ printf '\x1f\x8b\x07\0\0\0\0\0\0\x03'; tail -c +11 text.gz; } > wrong.gz
ok "method" refused wrong.gz gzip.unpack ": 7: only 8 (deflate) is known"

{ cat text.gz; head -c 1000 /dev/zero; } > padded.gz
ok "padding" unpacks padded.gz text
{ cat text.gz; printf 'garbage'; } > garbage.gz
ok "garbage" refused garbage.gz gzip.unpack "7 bytes behind the end of the stream at offset"
ok "garbage-ignored" unpacks garbage.gz text gzip.unpack:trailing=ignore
{ cat padded.gz; printf 'g'; } > garbage.gz
ok "garbage-behind-padding" refused garbage.gz gzip.unpack "1001 bytes behind the end of the stream"

ok "truncated" all_truncations_refused text.gz
ok "truncated-fields" all_truncations_refused fields.gz
ok "truncated-member" eval 'head -c -5 members.gz > cut.gz && refused cut.gz gzip.unpack "gzip member 3"'
ok "flipped" all_flips_refused text.gz
cp text.gz wrong.gz && flip wrong.gz $(($(stat -c %s text.gz) - 8))
ok "wrong-crc" refused wrong.gz gzip.unpack "gzip member 1: CRC32 at offset"
cp text.gz wrong.gz && flip wrong.gz $(($(stat -c %s text.gz) - 4))
ok "wrong-size" refused wrong.gz gzip.unpack "gzip member 1: ISIZE at offset"

ok "bomb" refused mixed.gz gzip.unpack:limit=1M "output: more than 1048576 bytes: beyond the limit"
ok "bomb-by-one" refused text.gz "gzip.unpack:limit=$(($(stat -c %s text) - 1))" "beyond the limit"
ok "limit-reached" unpacks text.gz text "gzip.unpack:limit=$(stat -c %s text)"

for vmlinux in "${files[@]}"; do
    name=$(basename "$vmlinux")
    ok "gnu-$name" as_gnu "$vmlinux" gzip:preset=kernel-6.1 9
    ok "packs-$name" roundtrip "$vmlinux" gzip
    ok "unpacks-$name" unpacks packed.gz "$vmlinux" gzip.unpack:limit=4G
done

finish
