#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/dtb.sh - the dtb format against dtc, fdtoverlay and fdtput.
#
#     dtb.sh KPIPE WORKDIR
#
# Where both sides are libfdt's, whole files are compared; else what dtc reads out of them.
# The trees are made here; QEMU's own and those of Debian's armhf kernel (tests/real/fetch)
# are taken as well where they are there. Prints a line for each case and fails if one of
# them failed.
real=$(cd "$(dirname "$0")/../real" && pwd)
. "$(dirname "$0")/common.sh"

for tool in dtc fdtoverlay fdtput fdtget; do
    command -v "$tool" > /dev/null || {
        echo "skipped: $tool (device-tree-compiler) is missing"
        exit 77
    }
done

compile() { # NAME [OPTION...] < SOURCE: NAME.dtb
    dtc -q -I dts -O dtb -o "$1.dtb" "${@:2}" -
}

same() { # FILE STAGE INPUT: the stage writes FILE
    pipe "$3" "$2" ours && cmp "$1" ours
}

source_of() { # FILE: with values as bytes need it, which is how two trees are compared
    dtc -q -I dtb -O dts "$1"
}

same_source() { # FILE STAGE INPUT
    pipe "$3" "$2" ours && diff <(source_of "$1") <(source_of ours)
}

put() { # INPUT ARGUMENT...: theirs.dtb, the input changed by fdtput
    cp "$1" theirs.dtb
    fdtput "${@:2:1}" theirs.dtb "${@:3}"
}

overlays() { # BASE OVERLAY...: as fdtoverlay
    local files=("${@:2}") list
    files=("${files[@]/%/.dtb}")
    list=$(printf ', %s' "${files[@]}")
    fdtoverlay -i "$1.dtb" -o theirs.dtb "${files[@]}"
    same theirs.dtb "dtb:{overlays: [${list:2}]}" "$1.dtb"
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

shows() { # FILE TEXT...
    local text
    "$kpipe" inspect "$1" > shows.log 2>&1
    cat shows.log
    shift
    for text in "$@"; do
        grep -qE -- "$text" shows.log || return 1
    done
}

word() { # FILE OFFSET HEX: a copy, changed.dtb, with other bytes
    perl -e 'local $/; open F, "<", $ARGV[0]; $_ = <F>; substr $_, $ARGV[1], length($ARGV[2]) / 2,
        pack "H*", $ARGV[2]; print' "$1" "$2" "$3" > changed.dtb
}

compile base -@ << 'END_OF_SOURCE'
/dts-v1/;
/memreserve/ 0x10000000 0x4000;
/ {
    #address-cells = <1>;
    #size-cells = <1>;
    model = "Board";
    compatible = "vendor,board", "vendor,family";
    aliases { serial0 = "/soc/serial@100"; loop = "loop"; };
    chosen { bootargs = "console=ttyS0"; stdout-path = "serial0:115200"; };
    soc: soc {
        #address-cells = <1>;
        #size-cells = <1>;
        compatible = "simple-bus";
        ranges;
        intc: interrupt-controller@0 { reg = <0 0x100>; interrupt-controller; };
        uart0: serial@100 { reg = <0x100 0x10>; interrupt-parent = <&intc>; status = "disabled"; };
        no-label { x = [01 02 03]; };
    };
};
END_OF_SOURCE
compile wide << 'END_OF_SOURCE'
/dts-v1/;
/ { #address-cells = <2>; #size-cells = <2>; model = "Wide"; };
END_OF_SOURCE
compile bare << 'END_OF_SOURCE'
/dts-v1/;
/ { };
END_OF_SOURCE
compile one -@ << 'END_OF_SOURCE'
/dts-v1/; /plugin/;
&uart0 { status = "okay"; child: child { parent = <&uart0>; self = <&other>; }; };
&soc { other: other@200 { reg = <0x200 0x10>; list = <&other &child &intc>; }; };
&{/} { added; serial = <&uart0>; };
END_OF_SOURCE
compile two -@ << 'END_OF_SOURCE'
/dts-v1/; /plugin/;
&other { status = "okay"; below { up = <&child>; }; };
&child { text = "a longer text than before, so that the tree grows"; };
END_OF_SOURCE
compile path << 'END_OF_SOURCE'
/dts-v1/; /plugin/;
/ {
    fragment@0 { target-path = "/"; __overlay__ { made { x = <1>; }; }; };
    fragment@1 { target-path = "/made"; __overlay__ { y = <2>; deeper { }; }; };
};
END_OF_SOURCE

# Nothing asked for: packed, and otherwise as it was.
for name in base wide bare one two path; do
    ok "packs-$name" same "$name.dtb" dtb "$name.dtb"
done
for option in -S4096:size=4096 -S65536:size=64K -p1:space=1 -p1000:space=1000; do
    dtc -q -I dtb -O dtb "${option%:*}" -o roomy.dtb base.dtb
    ok "dtc${option%:*}" same roomy.dtb "dtb:${option#*:}" base.dtb
    ok "packs-dtc${option%:*}" same base.dtb dtb roomy.dtb
done
for version in 16 17; do
    dtc -q -I dtb -O dtb -V "$version" -o old.dtb base.dtb
    ok "version-$version" same_source base.dtb dtb old.dtb
done
ok size-exact same base.dtb "dtb:size=$(stat -c %s base.dtb)" base.dtb
ok size-too-small refused base.dtb "dtb:size=100" "size: 100 bytes: the tree has"
ok size-and-space refused base.dtb "dtb:size=4096,space=1" "space: the size is given"
{ cat base.dtb; printf 'tail'; } > longer.dtb
ok trailing same base.dtb dtb longer.dtb
pipe longer.dtb dtb ours > warns.log 2>&1
ok trailing-warns grep -qF "4 bytes behind the device tree are left out" warns.log

# Overlays.
ok overlay overlays base one
ok overlays overlays base one two
ok overlay-twice overlays base one one
ok overlay-by-path overlays base path
ok overlay-by-path-on-bare overlays bare path
ok overlay-on-overlaid overlays base path one two
{
    printf '/dts-v1/; /plugin/;\n/ { fragment@0 { target-path = "/soc"; __overlay__ {\n'
    seq 3000 | sed 's/.*/l&: node-with-a-long-name-& { value = <&>; };/'
    printf '}; }; };\n'
} | compile many -@
ok overlay-of-3000-nodes overlays base many
# what libfdt would be busy with for minutes, and cannot be stopped
{
    printf '/dts-v1/;\n/ { fragment@0 { target-path = "/"; __overlay__ { a = <0>; }; };\n'
    printf '__local_fixups__ { fragment@0 { __overlay__ { a = <\n'
    seq 200000 | sed 's/.*/0/'
    printf '>; }; }; }; };\n'
} | dtc -q -O dtb -o references.dtb
ok overlay-of-too-much refused base.dtb 'dtb:overlays=[references.dtb]' \
    "overlays[0]: 200009 nodes, properties and references, for trees of" "in reasonable time"
ok no-symbols refused wide.dtb 'dtb:overlays=[one.dtb]' \
    "overlays[0]: label uart0: the base tree has no symbols" "build the base tree with \`dtc -@\`"
ok no-such-label refused base.dtb 'dtb:overlays=[two.dtb]' \
    "overlays[0]: label other: not among the base tree's symbols" \
    "is it the overlay of another board?"
ok second-fails refused base.dtb 'dtb:overlays=[path.dtb, two.dtb]' "overlays[1]: label other:"
ok no-overlay refused base.dtb 'dtb:overlays=[wide.dtb]' \
    "overlays[0]: no node __overlay__: not an overlay"
compile nowhere << 'END_OF_SOURCE'
/dts-v1/; /plugin/;
/ { fragment@0 { target-path = "/soc/spi@9"; __overlay__ { x; }; }; };
END_OF_SOURCE
ok no-such-path refused base.dtb dtb:overlays=nowhere.dtb \
    "overlays[0]: fragment@0: target-path: /soc/spi@9: the base tree has no such node"
compile number << 'END_OF_SOURCE'
/dts-v1/; /plugin/;
/ { fragment@0 { target = <77>; __overlay__ { x; }; }; };
END_OF_SOURCE
ok no-such-phandle refused base.dtb dtb:overlays=number.dtb \
    "overlays[0]: fragment@0: target: the base tree has no node of phandle 77"
compile aimless << 'END_OF_SOURCE'
/dts-v1/; /plugin/;
/ { fragment@0 { __overlay__ { x; }; }; };
END_OF_SOURCE
ok no-target refused base.dtb dtb:overlays=aimless.dtb \
    "overlays[0]: fragment@0: neither target nor target-path"
cp base.dtb lost.dtb
fdtput -t s lost.dtb /__symbols__ uart0 /soc/gone
ok symbol-without-node refused lost.dtb dtb:overlays=one.dtb \
    "label uart0: the base tree's symbol leads to no node: /soc/gone"
cp base.dtb lost.dtb
fdtput -t s lost.dtb /__symbols__ uart0 /soc/no-label
ok symbol-without-phandle refused lost.dtb dtb:overlays=one.dtb \
    "label uart0: the base tree's node /soc/no-label has no phandle"

# Lists of references that lead out of the overlay, or into libfdt's own work. Aliases that
# lead to themselves.
bad_overlay() { # TEXT SOURCE: of the root node's contents
    printf '/dts-v1/;\n/ { fragment@0 { target-path = "/"; __overlay__ { x = <1 2>; }; }; %s };\n' \
        "$2" | compile bad && refused base.dtb dtb:overlays=bad.dtb "$1"
}
for place in 'x:8' 'x:5' 'x:4294967292' 'x:4294967294' 'x:18446744073709551612' 'x:-4' 'x:' 'y:0' ':0' \
    'x:0x' ''; do
    ok "fixup-$place" bad_overlay "__fixups__: uart0:" \
        "__fixups__ { uart0 = \"/fragment@0/__overlay__:$place\"; };"
done
for place in '/__fixups__:uart0:0' '//__fixups__:uart0:0' '__fixups__:uart0:0' 'loop:x:0' \
    '/fragment@0:target-path:0' '/gone:x:0' '/fragment@0/__overlay__'; do
    ok "fixup-$place" bad_overlay "__fixups__: uart0:" "__fixups__ { uart0 = \"$place\"; };"
done
ok fixup-no-text bad_overlay "__fixups__: uart0: no list of texts" "__fixups__ { uart0 = [41]; };"
ok fixup-empty bad_overlay "__fixups__: uart0: no list of texts" "__fixups__ { uart0; };"
ok fixups-with-phandle bad_overlay "__fixups__: has a phandle" "__fixups__ { phandle = <1>; };"
for offset in 8 5 0xfffffffc 0xffffffff; do
    ok "local-fixup-$offset" bad_overlay "__local_fixups__: property x: offset" \
        "__local_fixups__ { fragment@0 { __overlay__ { x = <$offset>; }; }; };"
done
ok local-fixup-odd bad_overlay "__local_fixups__: property x" \
    "__local_fixups__ { fragment@0 { __overlay__ { x = [00]; }; }; };"
ok local-fixup-property bad_overlay "__local_fixups__: property y: the overlay does not have it" \
    "__local_fixups__ { fragment@0 { __overlay__ { y = <0>; }; }; };"
ok local-fixup-node bad_overlay "__local_fixups__: node gone: the overlay does not have it" \
    "__local_fixups__ { gone { }; };"
ok local-fixup-of-itself bad_overlay "__local_fixups__: node __local_fixups__" \
    "__local_fixups__ { __local_fixups__ { }; };"
ok local-fixup-of-target bad_overlay "__local_fixups__: property target-path" \
    "__local_fixups__ { fragment@0 { target-path = <0>; }; };"
ok alias-to-itself bad_overlay "fragment@1: target-path: loop: does not begin with /" \
    "fragment@1 { target-path = \"loop\"; __overlay__ { }; };"
ok target-no-text bad_overlay "fragment@1: target-path: no text" \
    "fragment@1 { target-path = [2f 61]; __overlay__ { }; };"
ok phandles-full bad_overlay "overlays[0]: libfdt: FDT_ERR_NOPHANDLES" \
    "fragment@1 { target-path = \"/\"; __overlay__ { phandle = <0xfffffffe>; }; };"

# delete and set.
put base.dtb -ts /soc/serial@100 status okay
ok set-text same theirs.dtb "dtb:{set: {node: /soc/serial@100, property: status, text: okay}}" base.dtb
ok set-without-address same theirs.dtb \
    "dtb:{set: {node: /soc/serial, property: status, text: okay}}" base.dtb
put base.dtb -ts / compatible a b,c ''
ok set-strings same_source theirs.dtb "dtb:{set: {node: /, property: compatible, strings: [a, 'b,c', '']}}" \
    base.dtb
put base.dtb -tx /soc reg 1 ffffffff 20
ok set-cells same_source theirs.dtb "dtb:{set: {node: /soc, property: reg, cells: [1, 0xffffffff, 32]}}" \
    base.dtb
put base.dtb -tx /soc reg 1 2 0 3
ok set-cells64 same_source theirs.dtb "dtb:{set: {node: /soc, property: reg, cells64: [0x100000002, 3]}}" \
    base.dtb
put base.dtb -tbx / mac 0 1f ff
ok set-bytes same_source theirs.dtb "dtb:{set: {node: /, property: mac, bytes: '00 1fFf'}}" base.dtb
printf '\0\x1f\xff' > mac
ok set-image same_source theirs.dtb "dtb:{set: {node: /, property: mac, image: mac}}" base.dtb
put base.dtb -ts /soc dma-coherent
ok set-empty same_source theirs.dtb "dtb:{set: {node: /soc, property: dma-coherent}}" base.dtb
cp base.dtb theirs.dtb
fdtput -c theirs.dtb /new /new/below
fdtput -ts theirs.dtb /new/below x y
ok set-create same_source theirs.dtb \
    "dtb:{set: {node: /new/below, property: x, text: y, create: true}}" base.dtb
cp base.dtb theirs.dtb
fdtput -c theirs.dtb /new
ok set-node-only same_source theirs.dtb "dtb:{set: {node: /new, create: true}}" base.dtb
put base.dtb -d /soc/serial@100 status reg
ok delete same_source theirs.dtb "dtb:{delete: [{node: /soc/serial@100, property: status}, \
    {node: /soc/serial@100, property: reg}]}" base.dtb
put base.dtb -r /soc
ok delete-node same_source theirs.dtb "dtb:{delete: {node: /soc}}" base.dtb
ok set-no-node refused base.dtb "dtb:{set: {node: /gone, property: x}}" \
    "set: /gone: there is no such node" "create: true makes it"
ok set-relative refused base.dtb "dtb:{set: {node: soc, property: x}}" \
    "node: soc: not the path of a node" "give the whole path, as in /soc/serial@0"
ok set-bad-path refused base.dtb "dtb:{set: {node: /a//b, property: x}}" "node: /a//b: not the path"
ok set-bad-name refused base.dtb "dtb:{set: {node: /, property: a b}}" \
    "property: a b: not the name of a property"
ok set-two-values refused base.dtb "dtb:{set: {node: /, property: x, text: a, bytes: '00'}}" "x: 2 values"
ok set-no-property refused base.dtb "dtb:{set: {node: /, text: a}}" "/: a value without a property"
ok set-nothing refused base.dtb "dtb:{set: {node: /}}" "/: nothing to set"
ok set-odd-bytes refused base.dtb "dtb:{set: {node: /, property: x, bytes: '001'}}" \
    "bytes: 001: not pairs of hexadecimal digits"
ok delete-no-node refused base.dtb "dtb:{delete: {node: /gone}}" "delete: /gone: there is no such node"
ok delete-no-property refused base.dtb "dtb:{delete: {node: /soc, property: x}}" \
    "delete: x: /soc has no such property"
ok delete-root refused base.dtb "dtb:{delete: {node: /}}" "node: /: the root stays"

# /chosen.
head -c 1000 /dev/zero > initramfs
put base.dtb -ts /chosen bootargs 'quiet root=/dev/vda'
ok bootargs same theirs.dtb "dtb:bootargs=quiet root=/dev/vda" base.dtb
put base.dtb -ts /chosen bootargs 'console=ttyS0 quiet'
ok append-bootargs same_source theirs.dtb dtb:append_bootargs=quiet base.dtb
put base.dtb -ts /chosen bootargs 'a b'
ok bootargs-both same_source theirs.dtb dtb:bootargs=a,append_bootargs=b base.dtb
cp bare.dtb theirs.dtb
fdtput -c theirs.dtb /chosen
fdtput -ts theirs.dtb /chosen bootargs x
ok bootargs-on-bare same_source theirs.dtb dtb:bootargs=x bare.dtb
ok append-on-bare same_source theirs.dtb dtb:append_bootargs=x bare.dtb
word base.dtb "$(grep -abo 'console=ttyS0' base.dtb | cut -d: -f1)" 00
ok append-to-no-text refused changed.dtb dtb:append_bootargs=x \
    "append_bootargs: the tree's bootargs are not one text"
put base.dtb -tx /chosen linux,initrd-start 44000000
fdtput -tx theirs.dtb /chosen linux,initrd-end 440003e8
ok initrd-32 same_source theirs.dtb "dtb:{initrd: {load: 0x44000000, image: initramfs}}" base.dtb
ok initrd-32-end same_source theirs.dtb "dtb:{initrd: {load: 0x44000000, end: 0x440003e8}}" base.dtb
cp wide.dtb theirs.dtb
fdtput -c theirs.dtb /chosen
fdtput -tx theirs.dtb /chosen linux,initrd-start 1 44000000
fdtput -tx theirs.dtb /chosen linux,initrd-end 1 440003e8
ok initrd-64 same_source theirs.dtb "dtb:{initrd: {load: 0x144000000, image: initramfs}}" wide.dtb
ok initrd-too-high refused base.dtb "dtb:{initrd: {load: 0xfffffff0, image: initramfs}}" \
    "initrd: ends at 0x1000003d8: this tree's addresses have 32 bits"
ok initrd-overflow refused wide.dtb "dtb:{initrd: {load: 0xffffffffffffff00, image: initramfs}}" \
    "load: 0xffffffffffffff00: the image does not end in 64 bits"
ok initrd-empty refused base.dtb "dtb:{initrd: {load: 0x8000, end: 0x8000}}" \
    "initrd: 0x8000 to 0x8000: empty"
ok initrd-no-end refused base.dtb "dtb:{initrd: {load: 0x8000}}" "initrd: give either end or image"
ok initrd-both refused base.dtb "dtb:{initrd: {load: 0x8000, end: 0x9000, image: initramfs}}" \
    "initrd: give either end or image"
ok all-at-once pipe base.dtb "dtb:{overlays: [one.dtb], delete: {node: /soc/no-label}, set: {node: \
    /soc/other@200, property: x, cells: 1}, bootargs: a, initrd: {load: 1, end: 2}, size: 8K}" ours
ok all-at-once-is-read source_of ours

# inspect.
ok shows-base shows base.dtb '^base.dtb: dtb' 'version +17' 'model +Board' 'compatible +vendor,board' \
    'compatible +vendor,family' 'bootargs +console=ttyS0' 'reservations +1' 'nodes +8' \
    'reserve\[0\].address +0x0000000010000000' 'reserve\[0\].size +0x0000000000004000' \
    'symbols +3  takes overlays'
ok shows-overlay shows one.dtb 'fragments +3  an overlay'
ok shows-room shows roomy.dtb 'free +1000 bytes'
ok shows-trailing shows longer.dtb 'trailing +4 bytes'
ok shows-initrd shows <(pipe wide.dtb 'dtb:{initrd: {load: 1, end: 2}}' - | cat) \
    'linux,initrd-start +0x0000000000000001' 'linux,initrd-end +0x0000000000000002'

# Broken headers and structures, each with its reason. The header's fields by their offset.
broken() { # NAME OFFSET HEX TEXT
    word base.dtb "$2" "$3"
    ok "$1" refused changed.dtb dtb "$4"
}
size=$(stat -c %s base.dtb)
at_struct=$((0x$(od -An -tx1 -j8 -N4 base.dtb | tr -d ' ')))
broken totalsize 4 "$(printf %08x $((size + 1)))" "dtb: totalsize: $((size + 1)) bytes: the file has $size"
broken totalsize-small 4 00000027 "dtb: totalsize: 39 bytes"
broken struct-outside 8 7fffffff "dtb: structure:"
broken struct-odd 8 "$(printf %08x $((at_struct + 2)))" "dtb: structure: at"
broken strings-outside 12 fffffff0 "dtb: strings:"
broken reservations-odd 16 0000002c "dtb: memory reservations: at 0x2c: not aligned to 8"
broken reservations-outside 16 "$(printf %08x $((size & ~7)))" "dtb: memory reservations:"
broken version 20 00000005 "dtb: version: 5, readable as 16"
broken version-new 24 00000012 "dtb: version: 17, readable as 18"
broken strings-size 32 ffffffff "dtb: strings: 4294967295 bytes"
broken struct-size 36 00000010 "dtb: structure:"
broken struct-size-large 36 fffffff0 "dtb: structure:"
broken token "$at_struct" 00000007 "structure: 0x$(printf %x "$at_struct"): a token"
broken root-named $((at_struct + 4)) 61000000 "the root node has a name"
broken property-length $((at_struct + 12)) fffffffc "a property that is longer than the structure"
broken property-name $((at_struct + 16)) 00ffffff "a property whose name is not in the strings block"
dtc -q -I dtb -O dtb -V 2 -o old.dtb base.dtb
ok version-2 refused old.dtb dtb "dtb: version: 2"
nested() { # DEPTH
    printf '/dts-v1/;\n/ {'
    for ((i = 1; i < $1; i++)); do printf 'n {'; done
    for ((i = 1; i < $1; i++)); do printf '};'; done
    printf '};\n'
}
nested 64 | compile deep
nested 65 | compile deeper
ok nested-64 same deep.dtb dtb deep.dtb
ok nested-65 refused deeper.dtb dtb "nodes nested deeper than 64"

# Every truncation, and every bit flipped: of a tree with an overlay on it, and of an overlay
# on a tree. Each gives either an error or a tree.
trees_survive() { # CHAIN
    survives dtb '  base: base.dtb\n  one: one.dtb\n' "$1" || return 1
    # What came out is whole. (dtc itself dies of some, such as #address-cells of 2^31.)
    "$kpipe" inspect out/* > inspect.log || return 1
    find out -type f | sort | awk 'NR % 25 == 0' | while read -r file; do
        fdtdump "$file" > /dev/null 2>&1 || echo "$file"
    done > unread
    cat unread
    [ ! -s unread ]
}
mutants base.dtb
ok hostile-trees trees_survive 'MUTANT, {dtb: {overlays: [one], bootargs: a}}'
cat log
mutants one.dtb
ok hostile-overlays trees_survive 'base, {dtb: {overlays: [MUTANT]}}'
cat log

# Real trees.
if command -v qemu-system-arm > /dev/null; then
    "$real/qemu-dtb" qemu.dtb
    ok qemu-packs same qemu.dtb dtb qemu.dtb
    put qemu.dtb -ts /chosen bootargs 'console=ttyAMA0 x'
    ok qemu-bootargs same theirs.dtb 'dtb:bootargs=console=ttyAMA0 x' qemu.dtb
fi
kernels=$("$real/fetch" --where)/armhf/dtbs
all_pack() { # one run, all of them
    local trees=("$kernels"/*.dtb) i
    {
        printf 'kpipe: 1\ninputs:\n'
        for i in "${!trees[@]}"; do printf '  d%d: %s\n' "$i" "${trees[i]}"; done
        printf 'images:\n'
        for i in "${!trees[@]}"; do printf '  o%d: [d%d, dtb]\n' "$i" "$i"; done
        printf 'outputs:\n'
        for i in "${!trees[@]}"; do printf '  - o%d: {file: real/%s}\n' "$i" "${trees[i]##*/}"; done
    } > real.yml
    "$kpipe" run -q real.yml && diff -r real "$kernels" && find real -type f | wc -l
}
if [ -d "$kernels" ]; then
    ok armhf-all all_pack
    cat log
    board=$kernels/am335x-boneblack.dtb
    compile leds << 'END_OF_SOURCE'
/dts-v1/; /plugin/;
/ { fragment@0 { target-path = "/ocp"; __overlay__ { x = <1>; new { y = <2>; }; }; }; };
END_OF_SOURCE
    cp "$board" board.dtb
    ok armhf-overlay overlays board leds
    put board.dtb -ts /chosen bootargs 'console=ttyS0,115200'
    ok armhf-bootargs same_source theirs.dtb 'dtb:bootargs="console=ttyS0,115200"' board.dtb
fi
# The command line that a device tree holds can be taken out, and is no part that unpack would cut.
compile line << 'END_OF_SOURCE'
/dts-v1/; / { chosen { bootargs = "console=ttyS0 quiet"; }; };
END_OF_SOURCE
cmdline() {
    [ "$("$kpipe" extract -q --to cmdline line.dtb)" = 'console=ttyS0 quiet' ] || return 1
    rm -rf unpacked
    "$kpipe" unpack -q line.dtb -d unpacked && cmp line.dtb unpacked/image.dtb
}
ok cmdline cmdline

finish
