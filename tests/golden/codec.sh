# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/codec.sh - what the golden tests of codecs share. Read in by each of them behind
# common.sh, with $codec set to the name. Leaves the inputs: text, dense (does not
# compress), empty, byte, zeros, program (an ELF file) and mixed (more than one block or
# step of any codec).
# shellcheck disable=SC2154 # $codec is its reader's

same() { # INPUT STAGE TOOL...: our bytes are those of the tool that reads a pipe
    local input=$1 stage=$2
    shift 2
    pipe "$input" "$stage" same.ours && cat "$input" | "$@" | cmp - same.ours
}

unpacks() { # PACKED PLAIN [STAGE]
    pipe "$1" "${3:-$codec.unpack}" unpacked && cmp unpacked "$2"
}

roundtrip() { # INPUT STAGE
    pipe "$1" "$2" packed && unpacks packed "$1"
}

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

warns() { # TEXT INPUT STAGE PLAIN
    pipe "$2" "$3" unpacked > warns.log 2>&1 && cmp unpacked "$4" && grep -qF -- "$1" warns.log
}

shows() { # FILE LINE...: `kpipe inspect` says each, blanks in a row being one
    local line
    "$kpipe" inspect "$1" | tr -s ' ' > shows.log
    cat shows.log
    shift
    for line in "$@"; do
        grep -qF -- "$line" shows.log || return 1
    done
}

not_taken() { # FILE: its bytes are not taken for the codec's
    ! "$kpipe" inspect "$1" 2>&1 | grep -F "$codec"
}

all_truncations_refused() { # PACKED [STEP]: of one stream
    local length
    for ((length = 0; length < $(stat -c %s "$1"); length += ${2:-1})); do
        head -c "$length" "$1" > cut.packed
        refused cut.packed "$codec.unpack" "the input ends inside it" || return 1
    done
}

flip() { # FILE OFFSET BIT
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf '%b' "\\x$(printf %02x $((byte ^ (1 << $3))))" |
        dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

no_flip_matters() { # PACKED PLAIN: each gives an error or the same bytes
    local offset status
    for ((offset = 0; offset < $(stat -c %s "$1"); offset++)); do
        cp "$1" flipped && flip flipped "$offset" $((offset * 5 % 8))
        status=0
        pipe flipped "$codec.unpack" refused.out > refused.log 2>&1 || status=$?
        case $status in
        0) cmp refused.out "$2" || return 1 ;;
        1) [ ! -e refused.out ] && grep -q 'error: ' refused.log || return 1 ;;
        *) cat refused.log && return 1 ;;
        esac
    done
}

ends_exactly() { # PACKED PLAIN: whatever stands behind it, as a kernel's size trailer
    local size hex
    size=$(stat -c %s "$1")
    for hex in '\x01\0\0\0' '\xff\xff\xff\xff' '\0\0\0\x01' '\x5d\0\0\0' '\xfd7zX' 'YZ\0\0' 'BZh0'; do
        { cat "$1"; printf '%b' "$hex"; } > trailed
        warns "$codec: 4 bytes behind the end of the stream at offset $size: ignored" \
            trailed "$codec.unpack:trailing=ignore" "$2" || return 1
        refused trailed "$codec.unpack" \
            "4 bytes behind the end of the stream at offset $size: not $codec" || return 1
    done
    { cat "$1"; printf '\0\0\0\0'; } > trailed
    unpacks trailed "$2"
}

{ seq 9000; cat "$self"; } > text
head -c 300000 "$kpipe" | gzip -9c > dense
: > empty
printf x > byte
head -c 2000000 /dev/zero > zeros
head -c 600000 "$kpipe" > program
{ cat dense zeros text dense program; } > mixed
