#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/payload.sh - the stages payload, size-append and decompress, for each codec that
# is installed, against what Kbuild's shell commands put together.
#
#     payload.sh KPIPE WORKDIR
#
# That the codecs' bytes are those of the tools is tested with each of them. Prints a line for
# each case and fails if one of them failed.
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

# recipe CHAIN OUTPUT...: writes recipe.yml; the chain is that of the image x, which begins with
# the file `input`. The architecture is for codecs that have filters.
recipe() {
    local chain=$1
    shift
    printf 'kpipe: 1\ninputs: {a: {file: {path: input, arch: arm}}}\nimages: {x: [a, %s]}\noutputs: [%s]\n' \
        "$chain" "$*" > recipe.yml
}

# Takes the file `input`; writes `x`.
make() { # CHAIN
    recipe "$1" x
    rm -f x
    "$kpipe" run recipe.yml
}

size_append() { # FILE...: as in scripts/Makefile.lib, by other means
    local size
    size=$(cat "$@" | wc -c)
    for shift in 0 8 16 24; do
        printf '%b' "\\x$(printf %02x $((size >> shift & 255)))"
    done
}

with_trailer() { # CODEC CHAIN [PRESET]: the chain gives what the codec gives, and the trailer
    make "{$1: {preset: ${3:-kernel-6.1}}}" && mv x bare &&
        make "$2" && { cat bare; size_append input; } | cmp - x
}

without_trailer() { # CODEC CHAIN [PRESET]
    make "{$1: {preset: ${3:-kernel-6.1}}}" && mv x bare && make "$2" && cmp bare x
}

unpacks() { # FILE [PARAMETERS]
    pipe "$1" "decompress${2:+:$2}" unpacked && cmp unpacked input
}

# Cuts and flips: an error, or the contents as they were. A trailer that is cut or damaged is
# what follows the stream. Two of the formats have no checksum: a flip there gives anything.
survives() { # CODEC FILE
    local size length offset byte same=(cmp refused.out input)
    [[ $1 != lz4 && $1 != lzma ]] || same=(true)
    shift
    size=$(stat -c %s "$1")
    for ((length = 0; length < size; length += 1 + size / 20)); do
        head -c "$length" "$1" > damaged
        refused damaged decompress "" || { [ -e refused.out ] && "${same[@]}"; } || return 1
    done
    for ((offset = 0; offset < size; offset += 1 + size / 20)); do
        cp "$1" damaged
        byte=$(od -An -tu1 -j "$offset" -N 1 "$1")
        printf "%b" "\\x$(printf %02x $((byte ^ 4)))" |
            dd of=damaged bs=1 seek="$offset" conv=notrunc status=none
        refused damaged decompress "" || { [ -e refused.out ] && "${same[@]}"; } || return 1
    done
}

seq 20000 > input
"$kpipe" plugins > plugins.txt
installed() {
    grep -qE "^  stages: .*\b$1\.unpack\b" plugins.txt
}
for codec in gzip bzip2 lzma xz lz4 lzo zstd; do
    installed "$codec" || continue
    if [ "$codec" = gzip ]; then
        ok gzip eval 'make "{payload: gzip}" && gzip -dc x | cmp - input && cp x gzip.self-extracting'
        ok gzip-file eval 'make "{payload: {codec: gzip, preset: kernel-5.10-image}}" &&
            cmp x gzip.self-extracting'
    else
        ok "$codec" with_trailer "$codec" "{payload: $codec}"
        cp x "$codec.self-extracting"
        for preset in kernel-6.1-image kernel-6.12-image make-fit; do
            ok "$codec-$preset" without_trailer "$codec" \
                "{payload: {codec: $codec, preset: $preset}}" $preset
        done
        ok "$codec-kernel-5.10-image" with_trailer "$codec" \
            "{payload: {codec: $codec, preset: kernel-5.10-image}}" kernel-6.1-image
        ok "$codec-no" without_trailer "$codec" "{payload: {codec: $codec, trailer: no}}"
        cp x "$codec.bare"
        ok "$codec-none" with_trailer "$codec" "{payload: {codec: $codec, preset: none}}" none
        ok "$codec-own-preset" with_trailer "$codec" \
            "{payload: {codec: {$codec: {preset: kernel-6.1}}, preset: kernel-6.12}}"
        ok "$codec-required" unpacks "$codec.self-extracting" trailer=required
        ok "$codec-bare" unpacks "$codec.bare"
        ok "$codec-required-missing" refused "$codec.bare" decompress:trailer=required "trailer: "
        ok "$codec-trailer-is-trailing" refused "$codec.self-extracting" decompress:trailer=none \
            "4 bytes behind the compressed data at offset $(stat -c %s "$codec.bare")"
    fi
    ok "$codec-size-append" eval "make '$codec, size-append' && mv x appended &&
        make $codec && { cat x; size_append input; } | cmp - appended"
    ok "$codec-unpacks" unpacks "$codec.self-extracting"
    { cat "$codec.self-extracting"; head -c 100 /dev/zero; } > padded
    ok "$codec-padded" unpacks padded
    { cat "$codec.self-extracting"; printf 'what follows'; } > followed
    offset=$(stat -c %s "$codec.self-extracting")
    ok "$codec-followed" refused followed decompress \
        "12 bytes behind the compressed data at offset $offset: neither padding nor its size" \
        "use 'trailing: ignore', or read them as the image's part 'trailing'"
    ok "$codec-ignored" unpacks followed trailing=ignore
    ok "$codec-limit" refused followed decompress:limit=108893 108893
    ok "$codec-limit-reached" unpacks followed limit=108894,trailing=ignore
    ok "$codec-damaged" survives "$codec" "$codec.self-extracting"
done

# What follows is a part; it is there even if it is empty.
sed 's/a: {file: [^}]*}}/a: followed/; s/^images.*/images: {x: [a, decompress]}/; s/^outputs.*/outputs: [x, x.trailing: {file: rest}]/' \
    recipe.yml > parts.yml
has_part() { # RECIPE TEXT: the part holds it
    "$kpipe" run "$1" && cmp x input && printf "%s" "$2" | cmp - rest
}
ok part has_part parts.yml "what follows"
sed 's/a: followed/a: gzip.self-extracting/' parts.yml > empty.yml
ok empty-part has_part empty.yml ""

# The trailer says how many bytes, and nothing else does.
{ cat gzip.self-extracting; printf '\x5f\xa9\1\0'; } > wrong
ok wrong-size refused wrong decompress "4 bytes behind the compressed data"
ok wrong-size-required refused wrong decompress:trailer=required \
    "trailer: 108895 at offset $(stat -c %s gzip.self-extracting): the contents have 108894 bytes"
{ cat gzip.self-extracting; printf '\x5e\xa9\1'; } > wrong
ok short-size refused wrong decompress:trailer=required "trailer: missing: 3 bytes follow"
ok not-compressed refused input decompress "no codec known begins like it"
: > empty
ok nothing refused empty decompress "no codec known begins like it"

# The size comes from the codec, from the input's facts, or from the recipe.
ok size-unknown refused gzip.self-extracting size-append "no trait 'size'"
ok size-given eval 'pipe gzip.self-extracting size-append:108894 given && unpacks given trailer=required'
sed "s/a: followed/a: {file: {path: gzip.self-extracting, size: 108894}}/
    s/decompress/size-append/; s/^outputs.*/outputs: [x]/" parts.yml > fact.yml
ok size-fact "$kpipe" run fact.yml
ok size-fact-is-it cmp x given
ok size-of-33-bits refused gzip.self-extracting size-append:0x100000000 "out of range"
"$kpipe" pipe input gzip size-append uimage:type=kernel,load=0x8000,arch=arm -qo u
"$kpipe" inspect u > shown
ok kind-stays grep -q "ih_comp.*gzip" shown
ok no-codec refused input payload:uimage "load"
ok no-codec-either refused input payload:pad=4 "pad"
ok not-a-codec refused input 'payload:{codec: {pad: 4}}' "codec: this stage does not compress" \
    "lists the codecs"
ok codec-missing refused input payload "codec"

finish
