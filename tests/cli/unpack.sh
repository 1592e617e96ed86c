#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/unpack.sh - `kpipe unpack`: files, the recipe that makes the same bytes of them, what
# follows a change, and what a plugin may say that is wrong. The images are those of a vendor's
# plugin (tests/plugins/puzzle.c), which runs in a worker; real formats are tests/golden's.
# shellcheck disable=SC2016 # dollars are those of images and recipes
. "$(dirname "$0")/common.sh"

alone=$(dirname "$kpipe")/tests/alone/puzzle
[ -e "$alone/puzzle.so" ] || exit 77
export KPIPE_PLUGIN_PATH=$alone
if "$kpipe" plugins puzzle 2>&1 | grep 'opens no shared objects' > /dev/null; then
    exit 77
fi

# puzzle FILE SIZE LINE...: an image of SIZE bytes that says these lines of itself; its last 256 bytes
# are a pattern, which parts can lie in.
puzzle() {
    local file=$1 size=$2
    shift 2
    {
        printf 'PUZZLE\n'
        printf '%s\n' "$@" ''
    } > "$file"
    truncate -s $((size - 256)) "$file"
    awk 'BEGIN { for (i = 0; i < 256; i++) printf "%c", 33 + i % 90 }' >> "$file"
}
# put FILE OFFSET BYTES
put() {
    printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
# unpacked NAME FILE [FILES]: it is made again of itself; FILES lists what there is.
unpacked() {
    local status=0
    rm -rf dir again
    "$kpipe" unpack "$2" -d dir > said 2>&1 || status=$?
    is "$1: code" 0 "$status"
    [ $# -lt 3 ] || is "$1: files" "$3" "$(cd dir && echo * | cut -c 1-200)"
    if "$kpipe" run -q dir/recipe.yml --out again > said 2>&1 && cmp "$2" "again/${2##*/}.rebuilt" >> said 2>&1; then
        pass "$1: the same"
    else
        fail "$1: the same" "$(cat said)"
    fi
}

# --- a header, a part that may move, one that may not ---
puzzle plain 2048 'part head 0 512 0 code' 'part body 512 100 1 payload' 'part tail 1792 256 0' \
    'number size 400 4 100 body 1 1' 'number place 404 2 512 body 2 1' 'number blocks 406 1 4 . 1 512' \
    'number order 408 4 0x01020304' 'text name 416 16 a "name" $5 \ 7' 'number elsewhere 600 4 7'
put plain 400 '\144\0\0\0\0\2\4'
put plain 408 '\1\2\3\4'
put plain 416 'a "name" $5 \\ 7\0'
put plain 512 "$(head -c 100 /dev/zero | tr '\0' b)"
unpacked plain plain 'body.bin head.bin recipe.yml tail.bin'
is 'fields are not in files' 0 "$(tail -c +401 dir/head.bin | head -c 12 | tr -d '\0' | wc -c)"
is 'size by name' 1 "$(grep -c 'name: size, .* size_of: body}' dir/recipe.yml)"
is 'big endian' 1 "$(grep -c 'name: order, .* value: 16909060, order: big}' dir/recipe.yml)"
is 'text' 1 "$(grep -cF 'size: 16, text: "a \"name\" $$5 \\ 7"}' dir/recipe.yml)"
is 'no field inside of a part' 0 "$(grep -c elsewhere dir/recipe.yml)"

rebuilt() { # NAME [OFFSET LENGTH NUMBER]...: what stands in the image that is made now
    local name=$1
    shift
    rm -rf again
    "$kpipe" run -q dir/recipe.yml --out again 2> said || { fail "$name" "$(cat said)"; return; }
    while [ $# -gt 0 ]; do
        is "$name: at $1" "$3" "$(od -An -tu"$2" -j "$1" -N "$2" again/*.rebuilt | tr -d ' ')"
        shift 3
    done
}
head -c 300 /dev/zero > dir/body.bin
rebuilt longer 400 4 300 404 2 512 406 1 4
is 'longer: the size is that of the room' 2048 "$(stat -c %s again/plain.rebuilt)"
: > dir/body.bin
rebuilt empty 400 4 0 404 2 512
head -c 1024 /dev/zero > dir/head.bin
printf b > dir/body.bin
rebuilt moved 400 4 1 404 2 1024
head -c 900 /dev/zero > dir/body.bin
head -c 512 /dev/zero > dir/head.bin
rebuilt full 400 4 900
head -c 1281 /dev/zero > dir/body.bin
"$kpipe" run -q dir/recipe.yml --out again 2> said
is 'too long: code' 1 $?
is 'too long: said' 1 "$(grep -c 'region body is full: 1281 of 1280 bytes, 1 over' said)"

# --- pieces: parts in parts, beside each other, over each other; gaps ---
puzzle pieces 2048 'part all 256 1700 0 code' 'part inner 512 256 0 payload' 'part deep 600 8 0' \
    'part over 700 200 0' 'part none 900 0 0' 'part last 1800 156 0'
unpacked pieces pieces
is 'pieces: what lies over another is left out' 0 "$(grep -c 'name: over' dir/recipe.yml)"
puzzle gaps 4096 'part body 3900 100 0'
put gaps 1000 x
unpacked gaps gaps
puzzle zeros 4096 'part body 3840 256 0' 'text all 0 200 PUZZLE'
unpacked 'a gap of zeros' zeros
puzzle itself 600 'part self 0 600 0'
unpacked 'all of it' itself
puzzle nothing 600
unpacked nothing nothing 'image.bin recipe.yml'

# --- ways that a plugin reports ---
puzzle ways 1000 'part body 744 256 0 payload' 'part head 0 744 0 code' \
    'remake [@nothing, gzip]' 'remake [@body, nonsense' 'remake [@body, no-such-stage]' 'remake [@body]' \
    'remake [@head, {concat: [_, @body]}]'
unpacked ways ways
is 'the way that is right' 1 "$(grep -cF 'image: [head, {concat: [_, body]}]' dir/recipe.yml)"
puzzle touched 1000 'part body 744 256 0' 'remake [@layout, {pad: {size: 1000}}]'
unpacked 'a touch at the end' touched
is 'on the layout' 1 "$(grep -cF 'image: [image-layout, {pad: {size: 1000}}]' dir/recipe.yml)"
# It says nothing in its own words: what would be another key, a comment, a variable.
puzzle sly 1000 'part body 744 256 0' 'remake [@body] # "' 'remake @body, outputs: [x]' 'remake [$(body)]' \
    'remake "\x0aoutputs: []"' 'remake ]' 'remake {a: b}' 'remake '
unpacked sly sly
is 'sly: nothing else' 'kpipe: inputs: images: outputs: ' "$(grep -oE '^[a-z]+:' dir/recipe.yml | tr '\n' ' ')"
is 'sly: one output' '  - {image: "sly.rebuilt"}' "$(sed -n '/^outputs:/,$p' dir/recipe.yml | tail -n +2)"
puzzle control 1000 'part body 744 256 0' $'remake [@body]\t'
"$kpipe" unpack control -d dir2 > said 2>&1
is 'no line of ASCII: said' 1 "$(grep -c 'org.example.puzzle.*no line of ASCII' said)"
rm -rf dir2

# --- too many, and what lies about its place ---
puzzle far 1000 'part body 744 256 0' 'number far 9999 4 0' 'number wrap 0xffffffffffffffff 4 0' 'number none 900 0 3' \
    'number nine 100 9 0' 'text long 0 2000 PUZZLE' 'number of 500 1 0 nobody 1 1' 'number of2 501 1 0 body/contents 1 1' \
    'number over 502 4 0' 'number over2 503 4 0' 'number over3 500 8 0'
unpacked far far
# A name that the stage does not take costs that field alone.
long=$(printf 'n%.0s' {1..70})
puzzle names 1000 'part body 744 256 1' "part $long 700 10 0" "number $long 500 4 0" \
    'number size 504 4 256 body 1 1' 'number null 508 4 256 body 1 1'
put names 504 '\0\1\0\0\0\1\0\0'
unpacked names names
is 'names: the others' 1 "$(grep -c 'name: size, .* size_of: body' dir/recipe.yml)"
is 'names: not that one' 0 "$(grep -c "name: $long" dir/recipe.yml)"
is 'names: a word that means nothing' 1 "$(grep -c 'name: "null", .* size_of: body' dir/recipe.yml)"
puzzle outside 1000 'part body 900 200 0'
"$kpipe" unpack outside -d dir2 > said 2>&1
is 'a part outside: said' 1 "$(grep -c 'org.example.puzzle.*part behind the end' said)"
rm -rf dir2
lines=()
for ((i = 0; i < 1500; i++)); do lines+=("part p $((60000 + i)) 1 0"); done
puzzle many 62000 "${lines[@]}"
unpacked many many 'image.bin recipe.yml'
is 'many: said' 1 "$("$kpipe" unpack many -d dir3 2>&1 | grep -c 'more parts than')"
rm -rf dir3

# --- the command ---
expect 'no folder' 2 kpipe unpack plain <<'END'
--
kpipe: error: unpack: no folder given [KP1705]
  hint: say -d DIR
END
expect 'no file' 1 kpipe unpack missing -d new <<'END'
--
kpipe: error: unpack: missing: No such file or directory [KP1754]
END
is 'no file: nothing is left' '' "$(ls -d new* 2> /dev/null)"
mkdir full empty
: > full/x
expect 'not empty' 1 kpipe unpack plain -d full <<'END'
--
kpipe: error: unpack: full: it is there, and not empty [KP1753]
END
is 'an empty folder' 'empty/recipe.yml: makes plain of 3 files' "$("$kpipe" unpack plain -d empty 2>&1)"
is 'quiet' '' "$("$kpipe" unpack plain -q -d quiet 2>&1)"
expect 'no such parent' 1 kpipe unpack plain -d no/such <<'END'
--
kpipe: error: unpack: no/such: No such file or directory [KP1753]
END
is 'standard input' 'fromin/recipe.yml: makes - of 3 files' "$("$kpipe" unpack - -d fromin 2>&1 < plain)"
"$kpipe" check dir/recipe.yml > said 2>&1
is 'the recipe is checked' 0 $?
# Stopped while it tries: nothing is left. What was written shows that it has begun.
puzzle slow 20000000 'part body 100 19999900 0' 'remake [@body, {xz: {level: 9}}]'
dd if=/dev/urandom of=slow bs=1M seek=1 count=18 conv=notrunc status=none
"$kpipe" unpack slow -d stopped > said 2>&1 &
for ((i = 0; i < 200; i++)); do compgen -G 'stopped.*/body.bin' > /dev/null && break; sleep 0.05; done
kill -TERM $!
wait $!
is 'stopped: code' 143 $?
is 'stopped: nothing is left' '' "$(ls -d stopped* 2> /dev/null)"

finish
