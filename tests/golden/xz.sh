#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/xz.sh - the xz codec against Debian's xz(1), both ways.
#
#     xz.sh KPIPE WORKDIR
#
# Prints a line for each case and fails if one of them failed.
self=$(realpath "$0")
codec=xz
. "$(dirname "$0")/common.sh"
. "$(dirname "$self")/codec.sh"

xz() { # one thread, whatever the version's default is
    command xz -T1 "$@"
}

for input in text dense empty byte zeros program mixed; do
    ok "same-$input" same "$input" xz xz
    ok "unpacks-own-$input" unpacks same.ours "$input"
    xz -c < "$input" > "$input.xz"
    ok "unpacks-$input" unpacks "$input.xz" "$input"
    ok "same-kernel-6.1-$input" same "$input" xz:preset=kernel-6.1,arch=x86 \
        xz --check=crc32 --x86 --lzma2=,dict=32MiB
done
for ((level = 0; level <= 9; level++)); do
    ok "same-level-$level" same program "xz:$level" xz "-$level"
done
ok "same-extreme" same program xz:level=2,extreme=true xz -2e
for check in none crc32 crc64 sha256; do
    ok "same-check-$check" same text "xz:check=$check" xz "--check=$check"
done
for bcj in x86 arm armthumb arm64 powerpc ia64 sparc; do
    ok "same-bcj-$bcj" same program "xz:bcj=$bcj" xz "--$bcj" --lzma2
    ok "unpacks-bcj-$bcj" unpacks same.ours program
done
ok "same-options" same program xz:dict=64K,lc=0,lp=3,pb=1 xz --lzma2=dict=64KiB,lc=0,lp=3,pb=1
# Of as many threads as you like: 1 MiB and 24 MiB are its blocks.
ok "blocks" same mixed xz:level=0,blocks=true command xz -T2 -0
ok "blocks-differ" eval '! same mixed xz:level=0 command xz -T2 -0'
ok "blocks-check" same mixed xz:blocks=true,dict=64K,check=crc32,bcj=x86 \
    command xz -T4 --check=crc32 --x86 --lzma2=dict=64KiB
for input in text dense empty byte; do
    ok "blocks-$input" same "$input" xz:blocks=true command xz -T2
done
ok "bcj-auto" same program xz:bcj=auto,arch=amd64 xz --x86 --lzma2
ok "bcj-auto-arm64" same program xz:bcj=auto,arch=arm64 xz --arm64 --lzma2
ok "too-many-bits" refused text xz:lp=2 "lc + lp: 3 + 2: together at most 4" "give both lc and lp"

# scripts/xz_wrap.sh of 6.1 and of 6.12, by architecture: what it makes of it.
kernel() { # ARCH[,PARAMETER...] OPTION-OF-6.1 OPTION-OF-6.12 LZMA2-OF-6.12
    # shellcheck disable=SC2086 # an option may be none
    {
        ok "same-kernel-6.1-$1" same program "xz:preset=kernel-6.1,arch=$1" \
            xz --check=crc32 $2 --lzma2=,dict=32MiB
        ok "same-kernel-6.12-$1" same program "xz:preset=kernel-6.12,arch=$1" \
            xz --check=crc32 $3 "--lzma2=$4,dict=128MiB"
    }
}
kernel i386 --x86 --x86 ''
kernel x86_64 --x86 --x86 ''
kernel arm --arm --arm lp=2,lc=2
kernel arm,bcj=armthumb --armthumb --armthumb lp=1
kernel arm64 '' --arm64 lp=2,lc=2
kernel riscv64,bcj=none '' '' lp=1
kernel powerpc --powerpc --powerpc lp=2,lc=2
kernel ppc64,bcj=none '' '' lp=2,lc=2 # ppc64el
ok "riscv-without-compressed-instructions" same program \
    xz:preset=kernel-6.12,arch=riscv64,bcj=none,lc=2,lp=2 \
    xz --check=crc32 --lzma2=lp=2,lc=2,dict=128MiB
arch_of_input() {
    "$kpipe" pipe --arch arm text xz:preset=kernel-6.1 -o ours &&
        xz --check=crc32 --arm --lzma2=dict=32MiB < text | cmp - ours
}
ok "arch-of-the-input" arch_of_input
ok "parameters-over-preset" same text xz:preset=kernel-6.12,arch=arm,level=1,check=crc64,dict=1M,lc=1 \
    xz --arm --lzma2=preset=1,lp=2,lc=1,dict=1MiB
ok "preset-make-fit" same program xz:preset=make-fit xz -T2
ok "preset-without-arch" refused text xz:preset=kernel-6.1 "arch: missing" \
    "preset kernel-6.1 needs it"
ok "auto-without-arch" refused text xz:bcj=auto "bcj: auto: the architecture is not known" "arch: NAME"
ok "unknown-arch" refused text xz:preset=kernel-6.12,arch=z80 "arch: z80: no plugin knows this"
# RISC-V's filter is new: where the tool has it the library has it.
if command xz --help --long-help 2> /dev/null | grep -q -- --riscv; then
    ok "same-riscv" same program xz:preset=kernel-6.12,arch=riscv64 \
        xz --check=crc32 --riscv --lzma2=lp=1,dict=128MiB
else
    version=$(command xz --robot --version | tail -1) # LIBLZMA_VERSION=50040012
    version=${version#*=}
    version=${version:0:1}.$((10#${version:1:3})).$((10#${version:4:3}))
    for stage in xz:bcj=riscv xz:preset=kernel-6.12,arch=riscv64; do
        ok "library-too-old-$stage" refused text "$stage" "give 'bcj: none'" \
            "bcj: riscv: liblzma is $version: this filter needs 5.6.0"
    done
fi

# Streams one after the other, with padding between them.
cat text.xz empty.xz mixed.xz > streams
cat text mixed > joined
ok "unpacks-streams" unpacks streams joined
{ cat text.xz; head -c 400 /dev/zero; cat mixed.xz; } > streams
ok "unpacks-padded-streams" unpacks streams joined
ok "unpacks-as-xz" eval 'xz -dc streams | cmp - joined'
ok "truncated-stream" eval 'head -c -5 streams > cut.packed && refused cut.packed xz.unpack "xz stream 2: the input ends inside it"'
{ cat text.xz; head -c 402 /dev/zero; cat mixed.xz; } > streams
ok "padding-not-in-fours" refused streams xz.unpack "bytes behind the end of the stream at offset"
xz --block-size=100000 -c mixed > blocks.xz
ok "unpacks-blocks" unpacks blocks.xz mixed
for check in none crc32 sha256; do
    xz "--check=$check" -9e -c program > checked.xz
    ok "unpacks-check-$check" unpacks checked.xz program
done

printf 'some text, some more text\n' > small
xz -c small > small.xz
ok "truncated" all_truncations_refused small.xz
ok "truncated-mixed" all_truncations_refused mixed.xz $(($(stat -c %s mixed.xz) / 20))
ok "flipped" no_flip_matters small.xz small
ok "ends-exactly" ends_exactly small.xz small
ok "ends-exactly-empty" ends_exactly empty.xz empty
ok "ends-exactly-mixed" ends_exactly mixed.xz mixed
head -c 300 /dev/zero | cat small.xz - > padded.xz
ok "padding" unpacks padded.xz small
ok "nothing" refused empty xz.unpack "xz stream 1: the input ends inside it, at offset 0"
ok "no-magic" refused text xz.unpack "xz stream 1: near offset 12: no header of this format"
cp small.xz wrong && flip wrong $(($(stat -c %s small.xz) - 1)) 0
ok "footer" refused wrong xz.unpack "xz stream 1: near offset"

# Headers with a CRC-32 of their own, which gzip computes.
crc32() { # FILE
    gzip -c "$1" | tail -c 8 | head -c 4
}
printf '\0\x0b' > flags # the check with ID 11, of 32 bytes, is reserved
{ printf '\xfd7zXZ\0'; cat flags; crc32 flags; printf '\x02\0\x21\x01\x0c\0\0\0' > block
    cat block; crc32 block; printf '\x01\0\0x\0\0\0\0'; } > begun
ok "unknown-check" refused begun xz.unpack "does not know check 11" "the input ends inside it"
printf '\x02\0\x21\x01\x28\0\0\0' > block # LZMA2 with a dictionary of 4 GiB
{ head -c 12 small.xz; cat block; crc32 block; tail -c +25 small.xz; } > wrong
ok "memory" refused wrong xz.unpack "MiB of memory: more than 1024 are not given"
printf '\x02\0\x7f\x01\x0c\0\0\0' > block # a filter that does not exist
{ head -c 12 small.xz; cat block; crc32 block; tail -c +25 small.xz; } > wrong
ok "unknown-filter" refused wrong xz.unpack "options that liblzma"

ok "bomb" refused zeros.xz xz.unpack:limit=1M "output: more than 1048576 bytes: beyond the limit"
ok "bomb-by-one" refused text.xz "xz.unpack:limit=$(($(stat -c %s text) - 1))" "beyond the limit"
ok "limit-reached" unpacks text.xz text "xz.unpack:limit=$(stat -c %s text)"

pipe program xz:preset=kernel-6.12,arch=arm kernel.xz
ok "inspects" shows kernel.xz "kernel.xz: compressed (xz)" "0x00000007 Check 1 CRC32" \
    "0x0000000c Filters arm lzma2:dict=128MiB" "lc 2" "lp 2" "pb 2" "Streams 1" "Blocks 1" \
    "Uncompressed Size 600000 bytes" "trait size 0x927c0 (600000)"
ok "inspects-blocks" shows blocks.xz "Check 4 CRC64" "Streams 1" \
    "Blocks $((($(stat -c %s mixed) + 99999) / 100000))" "Uncompressed Size $(stat -c %s mixed) bytes"
ok "inspects-empty" shows empty.xz "Check 4 CRC64" "Streams 1" "Blocks 0" "Uncompressed Size 0 bytes"
{ cat small.xz; printf '\x1a\0\0\0'; } > trailed.xz
ok "inspects-trailed" shows trailed.xz "Check 4 CRC64" "Index none at the end of the file"
inspected() { # FILE: described or refused, no worse
    local status=0
    "$kpipe" inspect "$1" || status=$?
    [ "$status" -le 1 ]
}
for ((length = 8; length < $(stat -c %s small.xz); length += 4)); do
    head -c "$length" small.xz > cut.xz
    ok "inspects-cut-at-$length" inspected cut.xz
done

finish
