# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/common.sh - what the golden tests share. Read in by each of them, which is
# called as
#
#     NAME.sh KPIPE WORKDIR [FILE...]
#
# It leaves the shell in an empty WORKDIR, with $kpipe, and the further files, by their
# absolute paths, in ${files[@]}.
set -euo pipefail

kpipe=$(realpath "$1")
files=()
for file in "${@:3}"; do
    files+=("$(realpath "$file")")
done
rm -rf "$2"
mkdir -p "$2"
cd "$2"
failures=0

ok() { # NAME COMMAND...: the command succeeds
    local name=$1
    shift
    if "$@" > log 2>&1; then
        echo "ok $name"
    else
        echo "FAIL $name: $*"
        sed 's/^/    /' log
        failures=$((failures + 1))
    fi
}

pipe() { # INPUT STAGE OUTPUT
    rm -f "$3"
    "$kpipe" pipe "$1" "$2" -o "$3"
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

unpacks() { # PACKED PLAIN STAGE
    pipe "$1" "$3" unpacked && cmp unpacked "$2"
}

put() { # FILE OFFSET HEX: overwrites bytes
    local bytes
    bytes=$(fold -w 2 <<< "$3" | sed 's/^/\\x/' | tr -d '\n')
    printf '%b' "$bytes" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

flip() { # FILE OFFSET: inverts the lowest bit of the byte there
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf "%b" "\\x$(printf %02x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

cut_everywhere() { # PACKED STAGE TEXT [FROM]: refused at every length, from 1; TEXT says why
    local size length
    size=$(stat -c %s "$1")
    for ((length = ${4:-1}; length < size; length++)); do
        head -c "$length" "$1" > cut.bin
        refused cut.bin "$2" "$3" || return 1
    done
}

flipped_everywhere() { # PACKED PLAIN STAGE: refused, or the same content
    local size offset
    size=$(stat -c %s "$1")
    for ((offset = 0; offset < size; offset++)); do
        cp "$1" flipped
        flip flipped "$offset"
        refused flipped "$3" "" || cmp refused.out "$2" || return 1
    done
}

shows() { # FILE PATTERN...: `kpipe inspect` prints lines that match, in any order
    local pattern
    "$kpipe" inspect "$1" > shown.txt && cat shown.txt || return 1
    for pattern in "${@:2}"; do
        grep -qE -- "$pattern" shown.txt || return 1
    done
}

shows_not() { # FILE TEXT: `kpipe inspect` fails, and says TEXT
    ! "$kpipe" inspect "$1" > shown.txt 2>&1 && cat shown.txt && grep -qF -- "$2" shown.txt
}

be32() { # NUMBER: as four bytes
    printf "%b" "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) \
        $(($1 >> 8 & 255)) $(($1 & 255)))"
}

le32() { # NUMBER
    printf "%b" "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) \
        $(($1 >> 16 & 255)) $(($1 >> 24 & 255)))"
}

# Hostile images: `mutants FILE [BYTES]`, then `survives ...`.

mutants() { # FILE [BYTES]: in m/ the file cut at every byte, and with each bit flipped
    rm -rf m
    mkdir m
    perl -e 'local $/; open F, "<", $ARGV[0]; $d = <F>; $n = $ARGV[1] // length $d;
        sub save { open O, ">", "m/$_[0]"; print O $_[1]; close O }
        for $i (0 .. $n - 1) { save("t$i", substr $d, 0, $i) }
        for $i (0 .. 8 * $n - 1) { $x = $d; vec($x, $i, 1) ^= 1; save("b$i", $x) }' "$@"
}

mutant_batch() { # KIND INPUTS CHAIN NAME...
    local kind=$1 inputs=$2 chain=$3 name
    shift 3
    {
        printf 'kpipe: 1\ninputs:\n%b' "$inputs"
        for name in "$@"; do printf '  %s: {file: {path: m/%s, kind: %s}}\n' "$name" "$name" "$kind"; done
        printf 'images:\n'
        for name in "$@"; do printf '  o%s: [%s]\n' "$name" "${chain//MUTANT/$name}"; done
        printf 'outputs:\n'
        for name in "$@"; do printf '  - o%s: {file: out/%s}\n' "$name" "$name"; done
    } > mutants.yml
    "$kpipe" run -q -k mutants.yml >> mutants.log 2>&1 || [ $? = 1 ]
}

# survives KIND INPUTS CHAIN: each mutant, as MUTANT in a recipe's chain, gives either an
# error of its stage or an output in out/. INPUTS are further lines for the recipe's inputs.
survives() {
    local names made failed i
    mapfile -t names < <(ls m)
    rm -rf out
    : > mutants.log
    for ((i = 0; i < ${#names[@]}; i += 1000)); do
        mutant_batch "$1" "$2" "$3" "${names[@]:i:1000}" || return 1
    done
    made=$(find out -type f | wc -l)
    failed=$(grep -c "error: stage '.*\[KP1501\]" mutants.log)
    echo "${#names[@]} mutants: $made outputs, $failed errors"
    ! grep -E 'Sanitizer|runtime error' mutants.log &&
        [ $((made + failed)) = ${#names[@]} ] && [ "$failed" -gt 100 ] && [ "$made" -gt 100 ]
}

finish() {
    [ "$failures" -eq 0 ] || echo "$failures failures"
    [ "$failures" -eq 0 ]
}
