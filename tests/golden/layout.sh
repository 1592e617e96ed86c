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

finish
