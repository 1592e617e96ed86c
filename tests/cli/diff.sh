#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/diff.sh - `kpipe diff`: what is told of images that differ, in which words, and the exit
# status.
. "$(dirname "$0")/common.sh"

printf 'hello, kernel\n' > input
printf 'hello, kernels\n' > longer
image() { # INPUT LOAD OUTPUT
    "$kpipe" pipe "$1" "uimage:type=standalone,arch=arm,load=$2,name=test" -qo "$3"
}
image input 0x8000 one
image longer 0x9000 two

# --- text ---
expect 'two uImages' 1 kpipe diff one two <<'END'
one -> two: uimage
  size: 78 bytes -> 79 bytes
  ih_hcrc: 0xbb0e6fbf -> 0xe9dd7699
  ih_size: 14 bytes -> 15 bytes
  ih_load: 0x00008000 -> 0x00009000
  ih_ep: 0x00008000 -> 0x00009000
  ih_dcrc: 0x59c899e8 -> 0x62a266ff
  trait entry: 0x8000 -> 0x9000
  trait load: 0x8000 -> 0x9000
  bytes: first byte that differs at 0x4: bb -> e9, 12 differ
data: unknown
  size: 14 bytes -> 15 bytes
  bytes: first byte that differs at 0xd: 0a -> 73
END
cp one same
expect 'the same' 0 kpipe diff one same < /dev/null
expect 'the same file' 0 kpipe diff one one < /dev/null
is 'as deep as the files' 'one -> two: uimage [it lies as deep as was asked for]' \
    "$("$kpipe" diff --depth 1 one two | grep -v '^ ')"
{ cat one; printf x; } > trailing
expect 'a byte more' 1 kpipe diff one trailing <<'END'
one -> trailing: uimage
  size: 78 bytes -> 79 bytes
  trailing: 1 bytes, only in B
  bytes: first byte that differs at 0x4e: end -> 78
trailing: unknown, 1 bytes, only in B
END
cp one wrong
printf x | dd of=wrong bs=1 seek=77 conv=notrunc status=none
expect 'a wrong checksum' 1 kpipe diff one wrong <<'END'
one -> wrong: uimage
  ih_dcrc: 0x59c899e8 -> 0x59c899e8  INVALID
  bytes: first byte that differs at 0x4d: 0a -> 78
data: unknown
  bytes: first byte that differs at 0xd: 0a -> 78
END
printf '\033[31m' > ugly
expect 'escaped' 1 kpipe diff one ugly <<'END'
one -> ugly: uimage -> unknown
  size: 78 bytes -> 5 bytes
  ih_magic: 0x27051956, only in A
  ih_hcrc: 0xbb0e6fbf, only in A
  ih_time: 0 (1970-01-01 00:00:00 UTC), only in A
  ih_size: 14 bytes, only in A
  ih_load: 0x00008000, only in A
  ih_ep: 0x00008000, only in A
  ih_dcrc: 0x59c899e8, only in A
  ih_os: 5  linux, only in A
  ih_arch: 2  arm, only in A
  ih_type: 1  standalone, only in A
  ih_comp: 0  none, only in A
  ih_name: test, only in A
  trait arch: arm, only in A
  trait entry: 0x8000, only in A
  trait load: 0x8000, only in A
  bytes: first byte that differs at 0x0: 27 -> 1b, 5 differ
data: unknown, 14 bytes, only in A
END

# The same contents, compressed in another way; and what trails a compressed stream.
seq 1 2000 > numbers
gzip -nk1 numbers && mv numbers.gz fast && gzip -nk9 numbers && mv numbers.gz best
xz -kc numbers > other
"$kpipe" diff fast best > got
is 'another level' 1 "$(grep -c '^  contents: the same, compressed in another way$' got)"
is 'another level: no layer more' 1 "$(grep -vc '^ ' got)"
"$kpipe" diff fast other > got
is 'another codec' 'fast -> other: compressed (gzip) -> compressed (xz)' "$(head -n 1 got)"
is 'another codec, the same' 1 "$(grep -c 'contents: the same' got)"
printf 'tail1' | cat best - > best1
printf 'tail2' | cat best - > best2
expect 'what trails' 1 kpipe diff best1 best2 <<END
best1 -> best2: compressed (gzip)
  ISIZE: 829188449 bytes -> 845965665 bytes
  trailing: 5 bytes at 0x$(printf %x "$(stat -c %s best)"): first byte that differs at 0x4: 31 -> 32
  bytes: first byte that differs at 0x$(printf %x $(($(stat -c %s best) + 4))): 31 -> 32
END

# --- details ---
config() { # LINE...
    printf '%s\n' '#' '# Automatically generated file; DO NOT EDIT.' \
        '# Linux/arm 6.1.0 Kernel Configuration' '#' "$@"
}
config CONFIG_A=y CONFIG_B=m '# CONFIG_C is not set' 'CONFIG_D="text"' > one.config
config CONFIG_A=y '# CONFIG_B is not set' CONFIG_C=y CONFIG_E=0x8000 > two.config
expect 'configurations' 1 kpipe diff one.config two.config <<'END'
one.config -> two.config: config
  y: 1 -> 2
  m: 1 -> 0
  CONFIG_B: m -> n
  CONFIG_C: n -> y
  CONFIG_D: "text", only in A
  CONFIG_E: 0x8000, only in B
  bytes: first byte that differs at 0x63: 43 -> 23, 39 differ
END
# The one that a kernel carries, within a container.
kernel() { # CONFIG
    printf 'Linux version 6.1.0-test (someone@somewhere) #1\nIKCFG_ST' && gzip -nc "$1" && printf IKCFG_ED
}
kernel one.config > one.kernel && kernel two.config > two.kernel
for i in one two; do "$kpipe" pipe $i.kernel gzip "uimage:arch=arm,load=0x8000,name=x" -qo $i.image; done
is 'a configuration in the depths' "data/contents/config/contents: config
  CONFIG_B: m -> n" "$("$kpipe" diff one.image two.image | grep -E 'config/contents|_B:')"
is 'nothing else is told of' 0 "$("$kpipe" diff one.image two.image | grep -c CONFIG_A)"

if command -v dtc > /dev/null && "$kpipe" plugins dtb > /dev/null 2>&1; then
    dtc -qI dts -O dtb -o one.dtb - <<'END'
/dts-v1/;
/ {
    model = "Board"; compatible = "a,b", "c,d";
    soc { uart@1000 { reg = <0x1000 0x100>; status = "okay"; mac = [00 11 22]; }; };
    chosen { };
};
END
    dtc -qI dts -O dtb -o two.dtb - <<'END'
/dts-v1/;
/ {
    model = "Board"; compatible = "a,b", "c,e";
    soc { uart@1000 { reg = <0x1000 0x200>; status = "okay"; mac = [00 11 23]; dma; }; };
    memory@0 { reg = <0x80000000>; };
};
END
    "$kpipe" diff one.dtb two.dtb > got
    is 'device trees' '  /:compatible: "a,b", "c,d" -> "a,b", "c,e"
  /soc/uart@1000:reg: <0x1000 0x100> -> <0x1000 0x200>
  /soc/uart@1000:mac: [00 11 22] -> [00 11 23]
  /chosen: node, only in A
  /soc/uart@1000:dma: empty, only in B
  /memory@0: node, only in B
  /memory@0:reg: <0x80000000>, only in B' "$(grep '^  /' got)"
fi

printf 'file /a input 0644 0 0\nslink /l a 0777 0 0\ndir /d 0755 0 0\nnod /c 0600 0 0 c 5 1\n' > one.list
printf 'file /a longer 0600 0 0\nslink /l b 0777 0 0\ndir /d 0755 1 0\nfile /b input 0644 0 0\n' > two.list
mkdir files && cp input longer files
for i in one two; do
    printf '%s\n' 'kpipe: 1' "inputs: {l: $i.list, f: {tree: files}}" \
        'images: {a: [{cpio: {list: l, files: f}}]}' "outputs: [{a: {file: $i.cpio}}]" > $i.yml
    "$kpipe" run -q $i.yml
done
"$kpipe" diff one.cpio two.cpio > got
is 'archives' '  a: file 0644 0:0 14 bytes, crc32 0x59c899e8 -> file 0600 0:0 15 bytes, crc32 0xCRC
  l: slink 0777 0:0 -> a -> slink 0777 0:0 -> b
  d: dir 0755 0:0 -> dir 0755 1:0
  c: nod 0600 0:0 c 5:1, only in A
  b: file 0644 0:0 14 bytes, crc32 0x59c899e8, only in B' "$(grep '^  [abcdl]: ' got | sed 's/\(15 bytes, crc32 0x\).*/\1CRC/')"

# Symbols by size: the greatest changes first, and no more than 20.
if command -v gcc > /dev/null && command -v objcopy > /dev/null; then
    program() { # FACTOR
        for i in $(seq 30); do echo "char name_${i}[$((i * $1))] = {1};"; done
        echo "static char local[$1]; char *use(void) { static char local[8]; return local; } char *other(void) { return local; }"
    }
    { program 10; echo 'int only_a = 1;'; } | gcc -xc -c -o one.o -
    { program 12; echo 'int only_b = 1;'; } | gcc -xc -c -o two.o -
    "$kpipe" diff one.o two.o > got
    is 'sizes: all' 1 "$(grep -c '^  sizes: 31 grew, 0 shrank, 1 are new, 1 are gone: +936 -4 bytes, +932 in all$' got)"
    is 'sizes: the greatest' '         +60         300 ->        360  name_30' \
        "$(grep -A 1 '^  sizes:' got | tail -n 1)"
    is 'sizes: shown' '20   and 13 more: -v shows them' "$(grep -c ' -> .*name_' got) $(grep 'and 13 more' got)"
    "$kpipe" diff -v one.o two.o > got
    is 'sizes: -v' 33 "$(grep -cE '^ +[+-][0-9]+ +[0-9-]+ -> ' got)"
    is 'sizes: new and gone' '          -4           4 ->          -  only_a
          +4           - ->          4  only_b' "$(grep only_ got)"
    is 'sizes: of one name, together' '          +2          18 ->         20  local' "$(grep local got)"
    is 'sections' 1 "$(grep -c '^  .data: progbits 0x0, .* bytes, alloc write -> progbits 0x0, ' got)"
fi
config "CONFIG_LONG=\"$(seq -s x 1 200)\"" > one.config
config "CONFIG_LONG=\"$(seq -s x 1 199)x201\"" > two.config
is 'a long value' '  CONFIG_LONG: ...5x196x197x198x199x200" -> ...5x196x197x198x199x201"' \
    "$("$kpipe" diff one.config two.config | grep LONG)"
is 'a long value, -v' 1 "$("$kpipe" diff -v one.config two.config | grep -c '"1x2x3x4')"

# --- JSON ---
"$kpipe" diff --json one two > got
is 'json: status' 1 "$("$kpipe" diff --json one two > got; echo $?)"
if command -v jq > /dev/null; then
    is 'json: not the same' '["one","two",false,[]]' "$(jq -c '[.a, .b, .same, .findings]' got)"
    is 'json: layers' '["","data"]' "$(jq -c '[.layers[].path]' got)"
    is 'json: a field' '{"what":"field","name":"ih_load","a":{"value":32768},"b":{"value":36864}}' \
        "$(jq -c '.layers[0].differences[] | select(.name == "ih_load")' got)"
    is 'json: bytes' '{"first":13,"a":10,"b":115,"differ":1}' "$(jq -c '.layers[1].bytes' got)"
    is 'json: one has ended' '{"first":78,"a":null,"b":120,"differ":0}' \
        "$("$kpipe" diff --json one trailing | jq -c '.layers[0].bytes')"
    is 'json: the same' '["one","same",true,[]]' \
        "$("$kpipe" diff --json one same | jq -c '[.a, .b, .same, .layers]')"
    is 'json: contents' true "$("$kpipe" diff --json fast best | jq -c '.layers[0].same_contents')"
    is 'json: only in one' '{"path":"data","only":"a","kind":null,"codec":null,"role":null,"size":14}' \
        "$("$kpipe" diff --json one ugly | jq -c '.layers[1]')"
fi

# --- the exit status ---
expect 'quiet, different' 1 kpipe diff -q one two < /dev/null
expect 'quiet, the same' 0 kpipe diff -q one same < /dev/null
is 'standard input' 1 "$("$kpipe" diff one - < two > got; echo $?)"
is 'standard input: its name' 'one -> -: uimage' "$(head -n 1 got)"
is 'standard input twice' 0 "$("$kpipe" diff - - < two > got; echo $?)"
expect 'missing' 2 kpipe diff one missing <<'END'
--
kpipe: error: diff: missing: No such file or directory [KP1760]
END
expect 'missing, quiet' 2 kpipe diff -q missing one <<'END'
--
kpipe: error: diff: missing: No such file or directory [KP1760]
END
expect 'one file' 2 kpipe diff one <<'END'
--
kpipe: error: diff: no file given [KP1705]
END
is 'three files' 2 "$("$kpipe" diff one two same 2> said; echo $?)"
is 'no such option' 2 "$("$kpipe" diff --map one two 2> said; echo $?)"
is 'the environment' 2 "$(KPIPE_ISOLATION=x "$kpipe" diff one two 2> said; echo $?)"
is 'nowhere to write to' 2 "$("$kpipe" diff one two 2> said > /dev/full; echo $?)"
head -c 60M /dev/zero | gzip -n1 > zeros
# Sanitizers cannot do with so little.
if ! isolated && (ulimit -v 60000; "$kpipe" --version) > said 2>&1; then
    is 'no memory' 2 "$( (ulimit -v 60000; "$kpipe" diff zeros one > said 2>&1; echo $?) )"
    is 'no memory: said' 'kpipe: error: out of memory [KP1801]' "$(grep error: said)"
fi
head -c 60 one > short
is 'damaged: different' 1 "$("$kpipe" diff one short > got 2> said; echo $?)"
is 'damaged: said' 1 "$(grep -c 'warning: short: header: 60 bytes' said)"
if ! isolated; then
    config "$(seq -f 'CONFIG_%.0f=y' 1000000)" > one.config
    config "$(seq -f 'CONFIG_%.0f=y' 1000001)" > two.config
    is 'more than are compared' '  y: 1000000 -> 1000001' \
        "$("$kpipe" diff one.config two.config 2> said | grep -E '^  (y|CONFIG)')"
    is 'more than are compared: said' \
        'kpipe: warning: diff: one.config: more details than the 1000000 that are compared [KP1761]' "$(cat said)"
fi
config CONFIG_LONG=y > one.config
"$kpipe" inspect --details one.config | grep -c '  CONFIG_LONG ' > got
is 'inspect --details' 1 "$(cat got)"
is 'inspect' 0 "$("$kpipe" inspect one.config | grep -c CONFIG_)"
finish
