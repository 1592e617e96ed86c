#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/layout.sh - the stage layout against dd, and the errors of regions that do not
# fit.
#
#     layout.sh KPIPE WORKDIR
#
# Prints a line for each case and fails if one of them failed.
. "$(dirname "$0")/common.sh"

recipe() { # PARAMETER... REGION...: writes recipe.yml; a region is what begins with {
    local word
    printf 'kpipe: 1\ninputs: {a: a, b: b, kernel: big, none: none}\nimages:\n  flash:\n    - layout:\n'
    for word in "$@"; do
        [ "${word:0:1}" = '{' ] || printf '        %s\n' "$word"
    done
    printf '        regions:\n'
    for word in "$@"; do
        [ "${word:0:1}" != '{' ] || printf '          - %s\n' "$word"
    done
    printf 'outputs: [flash]\n'
}

gives() { # FILE WORD...: the recipe of the words makes FILE
    local file=$1
    shift
    recipe "$@" > recipe.yml
    rm -f flash
    "$kpipe" run recipe.yml && cmp flash "$file"
}

refused() { # TEXT WORD...: fails, says TEXT, and leaves no output
    local text=$1 status=0
    shift
    recipe "$@" > recipe.yml
    rm -f flash
    "$kpipe" run recipe.yml > refused.log 2>&1 || status=$?
    cat refused.log
    [ "$status" -gt 0 ] && [ "$status" -lt 126 ] && [ ! -e flash ] && grep -qF -- "$text" refused.log
}

erased() { # SIZE [BYTE]: a file of one octal byte
    head -c "$1" /dev/zero | tr '\0' "\\${2:-377}"
}

put() { # FILE OFFSET IMAGE
    dd of="$1" if="$3" bs=1 seek="$2" conv=notrunc status=none
}

seq 1000 > a # 3893 bytes
seq 99 > b # 288 bytes
: > none
erased 4198400 > big

erased 16384 > expected
put expected 4096 a
put expected 12288 b
two=('{name: one, image: a, offset: 4K}' '{name: two, image: b, offset: 12K}')
ok by-offset gives expected 'size: 16K' "${two[@]}"
ok in-any-order gives expected 'size: 16K' "${two[1]}" "${two[0]}"
head -c 12576 expected > short
ok as-long-as-needed gives short "${two[@]}"
ok sized-regions gives expected '{name: one, image: a, offset: 4K, size: 8K}' \
    '{name: two, image: b, size: 4K}'
erased 8192 > expected
put expected 0 a
put expected 4096 b
head -c 4384 expected > short
ok aligned gives short '{name: one, image: a}' '{name: two, image: b, align: 4K}'
ok room-kept-free gives expected '{name: one, image: a, size: 4K}' '{name: two, image: b, align: 4K}' \
    '{name: free, size: 3808}'
{ cat a; erased 203 0; cat b; erased 100 245; erased 616 0; } > expected
ok fills gives expected 'size: 5100' 'fill: 0' '{name: one, image: a, size: 4K}' \
    '{name: two, image: b, size: 388, fill: 0xa5}'
ok empty-image gives a '{name: none, image: none}' '{name: one, image: a}'

full='region kernel is full: 4198400 of 4194304 bytes, 4096 over'
ok full-by-size refused "$full" '{name: kernel, image: kernel, size: 4M}'
cat > full.txt << 'END_OF_TEXT'
recipe.yml:7:49: error: stage 'layout': region kernel is full: 4198400 of 4194304 bytes, 4096 over [KP1501]
    7 |           - {name: kernel, image: kernel, size: 4M}
      |                                                 ^~
  hint: raise its 'size', or make the image smaller
END_OF_TEXT
ok full-at-its-line cmp refused.log full.txt
ok full-by-the-next refused "$full" '{name: kernel, image: kernel, offset: 0}' \
    '{name: dtb, image: a, offset: 4M}'
ok full-by-the-next-hint grep -qF "region dtb begins behind it, at 0x400000" refused.log
ok over-the-end refused "size: 0x1000: region two ends at 0x1020, 32 bytes over" 'size: 4K' \
    '{name: two, image: b, offset: 3840}' '{name: one, image: b, size: 3840, offset: 0}'
ok overlap refused "region two: offset 0x800: within region one, 0x0 to 0x1000" \
    '{name: one, image: a, size: 4K}' '{name: two, image: b, offset: 2K}'
ok overlap-same-place refused "region two: offset 0x0: within region one, 0x0 to 0xf35" \
    '{name: one, image: a}' '{name: two, image: b, offset: 0}'
ok overlap-free-room refused "region two: offset 0x10: within region one, 0x0 to 0x100" \
    '{name: two, image: b, offset: 16}' '{name: one, offset: 0, size: 256}'
ok askew refused "region one: offset 0x801: not a multiple of its align, 0x800" \
    '{name: one, image: a, offset: 2049, align: 2K}'
ok neither refused "region one: neither image nor size" '{name: one}'
ok twice refused "region one: a second one of this name" '{name: one, image: a}' \
    '{name: one, image: b}'
ok nameless refused "name" '{image: a}'
ok no-regions refused "regions" 'size: 4K'
ok far refused "region one: 0xf35 bytes at 0xfffffffffffffff0: beyond 2^64" \
    '{name: one, image: a, offset: 0xfffffffffffffff0}'
ok align-far refused "region two: align 0xfffffffffffffffe: beyond 2^64" \
    '{name: one, size: 0xffffffffffffffff}' '{name: two, image: a, align: 0xfffffffffffffffe}'
ok size-0 refused "out of range" '{name: one, image: a, size: 0}'
ok unknown-field refused "offest" '{name: one, image: a, offest: 0}'

map() { # the lines under -v
    recipe 'size: 16K' "${two[@]}" > recipe.yml
    "$kpipe" run recipe.yml -v > map.log 2>&1
    cat map.log
    grep -qF "layout (flash): note: region one: offset 0x00001000, size 0x00000f35, used 3893, free 0" map.log &&
        grep -qF "region two: offset 0x00003000, size 0x00000120, used 288, free 0" map.log
}
ok map map

# Fields over the regions, with printf and dd.
field() { # TEXT: a parameter of the recipe, in which fields stand
    printf 'fields: [%s]' "$1"
}
bytes() { # FILE OFFSET BYTES: as printf has them
    printf '%b' "$3" > bytes
    put "$1" "$2" bytes
}
erased 16384 > plain
put plain 4096 a
put plain 12288 b
cp plain expected
bytes expected 0 '\x35\x0f\0\0'
bytes expected 4 '\0\0\x30\0'
bytes expected 8 '\x20'
bytes expected 9 '\x03'
bytes expected 4100 'name\0\0'
bytes expected 8190 '\x01\x02\x03\x04'
bytes expected 12576 '\xff\xff\xff\xff\xff\xff\xff\xff'
bytes expected 12584 '\x24\x01'
bytes expected 12586 '\x40\x10'
bytes expected 16380 '\xde\xad\xBE\xef'
all='{name: s, at: 0, size: 4, size_of: one}, {name: o, at: 4, size: 4, offset_of: two, order: big},
    {name: whole, at: 8, size: 1, size_of: whole, unit: 512}, {name: up, at: 9, size: 1, size_of: two, unit: 128},
    {name: text, at: 4100, size: 6, text: name}, {name: end, at: 8190, size: 4, value: 0x01020304, order: big},
    {name: all, at: 12576, size: 8, value: 0xffffffffffffffff}, {name: add, at: 12584, size: 2, length_of: b, add: 4},
    {name: less, at: 12586, size: 2, offset_of: one, add: 64}, {name: hex, at: 16380, size: 4, hex: deadBEef}'
ok fields gives expected 'size: 16K' "$(field "$all")" "${two[@]}"
# In the order of their offsets, whatever that of the list; over the edge of a region.
cp plain expected
bytes expected 4094 'abcdef'
bytes expected 16383 z
ok fields-over-an-edge gives expected 'size: 16K' \
    "$(field '{name: z, at: 16383, size: 1, text: z}, {name: a, at: 4094, size: 6, text: abcdef}')" "${two[@]}"
for row in \
    'behind the end|{name: x, at: 16381, size: 4, value: 1}|field x: 4 bytes at 0x3ffd: behind the end, 0x4000' \
    'far|{name: x, at: 0xffffffffffffffff, size: 4, value: 1}|behind the end' \
    'over another|{name: x, at: 0, size: 4, value: 1}, {name: y, at: 3, size: 1, value: 1}|field y: at 0x3: within x' \
    'does not fit|{name: x, at: 0, size: 2, value: 65536}|field x: 0x10000: does not fit 2 bytes' \
    'too wide|{name: x, at: 0, size: 9, value: 1}|a number of more than 8 bytes' \
    'below zero|{name: x, at: 0, size: 4, size_of: two, add: -289}|field x: add: -289' \
    'no region|{name: x, at: 0, size: 4, size_of: three}|region '"'three'"': there is none' \
    'nothing|{name: x, at: 0, size: 4}|one of value, text, hex, size_of, offset_of, length_of must be there' \
    'both|{name: x, at: 0, size: 4, value: 1, text: x}|one of value' \
    'long text|{name: x, at: 0, size: 2, text: abc}|text: longer than its size' \
    'odd hex|{name: x, at: 0, size: 2, hex: abc}|not two digits for each byte' \
    'no hex|{name: x, at: 0, size: 2, hex: abxy}|a character that is no digit'; do
    IFS='|' read -r name fields text <<< "$row"
    ok "field-${name// /-}" refused "$text" 'size: 16K' "$(field "$fields")" "${two[@]}"
done

finish
