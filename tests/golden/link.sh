#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/link.sh - the stage link against ld(1) and ld.lld(1) called by hand on the same
# files, the library against ar(1), and all that the stage refuses.
#
#     link.sh KPIPE WORKDIR
#
# Prints a line for each case and fails if one of them failed.
. "$(dirname "$0")/common.sh"

# A stub and a library, from whose members some are needed, some not, and some twice over.
mkdir src
cat > src/head.s << 'S'
    .text
    .globl _start
_start: call needed
    .data
    .quad input_data, shared_buffer, given
    .weak maybe
    .quad maybe
S
cat > src/piggy.s << 'S'
    .section .piggydata,"a"
    .globl input_data
input_data: .ascii "payload"
S
printf '.text\n.globl tail\ntail: .byte 1\n' > src/tail.s
cat > src/m0.s << 'S'
    .text
    .globl unused, _start
unused: .byte 0xee
_start: .byte 0xee
S
printf '.text\n.globl needed\nneeded: call also\n.data\n.quad _start\n' > src/m1.s
printf '.text\n.weak also\nalso: .byte 2\n.comm shared_buffer,64,8\nhere: .byte 3\n' > src/m2.s
printf '.text\n.globl also\nalso: .byte 4\n' > src/m3.s
printf '.text\n.globl maybe\nmaybe: .byte 5\n.type one, @gnu_unique_object\n.globl one\none: .byte 6\n' > src/m4.s
printf '.data\n.byte 7\n' > src/m5.s
cat > script.lds << 'LD'
ENTRY(_start)
SECTIONS {
    . = 0x100000;
    .text : { *(.text) }
    .rodata : { *(.rodata) *(.piggydata) }
    .data : { *(.data) }
    .bss : { *(.bss) *(COMMON) }
}
LD
# The same files, as the stage calls them.
mkdir hand
assemble() { as --64 -mx86-used-note=no -o "$2" "src/$1.s"; }
assemble head hand/object-1.o
assemble piggy hand/input.o
assemble tail hand/object-3.o
for i in 0 1 2 3 4 5; do assemble m$i hand/member-$i.o; done
cp script.lds hand
(cd hand && ar rcsD lib.a member-?.o)
mkdir hand2
cp hand/object-3.o hand2/object-2.o
cp hand/input.o hand2
for i in 1 2 4; do cp hand/member-$i.o hand2/member-$((i == 4 ? 2 : i - 1)).o; done
(cd hand2 && ar rcsD lib.a member-?.o)

# recipe CHAIN-OPTIONS [FURTHER-INPUTS]: `made`, linked by the stage. HEAD, TAIL and LIB are the files.
recipe() {
    cat << END
kpipe: 1
inputs:
  piggy: hand/input.o
  head: hand/object-1.o
  tail: hand/object-3.o
  script: script.lds
$(for i in 0 1 2 3 4 5; do echo "  m$i: hand/member-$i.o"; done)
$(printf '%b' "${2:-}")
images:
  made: [piggy, {link: {$1}}]
outputs: [made]
END
}
options=()
makes() { # OPTIONS [INPUTS], with $options
    rm -f made
    recipe "$@" > made.yml
    "$kpipe" run -q "${options[@]}" made.yml --out .
}
refuses() { # OPTIONS TEXT [INPUTS]: fails, says TEXT in one line and leaves no output
    local status=0
    makes "$1" "${3:-}" > refused.log 2>&1 || status=$?
    cat refused.log
    [ "$status" -gt 0 ] && [ "$status" -lt 126 ] && [ ! -e made ] && grep -qF -- "$2" refused.log
}
same() { # OPTIONS FOLDER LINKER WORD...: as the linker does by hand in the folder, where it says nothing
    makes "$1" > said 2>&1 || { cat said; return 1; }
    (cd "$2" && "${@:3}" -o ../linked) && cat said && [ ! -s said ] && cmp made linked
}

refused_recipe() { # FILE TEXT
    ! "$kpipe" run -q "$1" --out . > refused.log 2>&1 && cat refused.log && grep -qF -- "$2" refused.log
}

whole='objects: [head, _, tail], archives: {members: [m0, m1, m2, m3, m4, m5]}, script: script'
flags='-m elf_x86_64 -z noexecstack --no-warn-rwx-segments --defsym given=7'
words="$flags -T script.lds object-1.o input.o object-3.o lib.a"
# shellcheck disable=SC2086
{
    ok "bfd" same "$whole, flags: \"$flags\"" hand ld $words
    ok "bfd-by-name" same "linker: ld.bfd, $whole, flags: \"$flags\"" hand ld.bfd $words
    ok "lld" same "linker: ld.lld, $whole, flags: \"--defsym given=7\"" \
        hand ld.lld --defsym given=7 ${words#"$flags"}
    ok "pie" same "$whole, flags: \"$flags -pie --no-dynamic-linker -u maybe\"" \
        hand ld -pie --no-dynamic-linker -u maybe $words
    ok "whole-archive" same 'objects: [_, tail], archives: {members: [m1, m2, m4]}, flags: " -r  --whole-archive "' \
        hand2 ld -r --whole-archive input.o object-2.o lib.a
    ok "alone" same 'flags: "-e input_data"' hand ld -e input_data input.o
    ok "no-library" same 'objects: [_, tail], flags: -r' hand2 ld -r input.o object-2.o
    ok "number" same "$whole, flags: \"${flags% --defsym*}\", symbols: [{name: given, value: 7}]" hand ld $words
}
# Several libraries, each searched once, in their order; one without members is none.
cp -r hand hand-two
(
    cd hand-two
    for i in 0 1 2 3 4 5; do cp "../hand/member-$i.o" "member-$(((i + 4) % 6)).o"; done
    ar rcsD first.a member-[0123].o
    ar rcsD second.a member-[45].o
)
# shellcheck disable=SC2086
ok "libraries" same "objects: [head, _, tail], archives: [{members: [m2, m3, m4, m5]}, {members: []},
    {members: [m0, m1]}], script: script, flags: \"$flags\"" hand-two ld ${words%lib.a} first.a second.a
# Members were taken for what they define, and those that are not needed were not.
members() {
    nm made > symbols.txt && cat symbols.txt && grep -q ' W also' symbols.txt &&
        grep -q ' B shared_buffer' symbols.txt && grep -q ' t here' symbols.txt &&
        ! grep -qE ' unused| one$' symbols.txt
}
makes "$whole, flags: \"$flags\"" > /dev/null
ok "members" members

# The library itself, byte for byte that of ar: by a linker that puts it into its output.
cat > show-library << 'SH'
#!/bin/sh
[ "$1" != --version ] || { echo show-library; exit 0; }
exec objcopy --add-section .library=lib-1.a input.o linked
SH
chmod +x show-library
library() { # OPTIONS FOLDER
    local options=(--tool ld=show-library)
    makes "$1" &&
        objcopy -O binary -j .library --set-section-flags .library=alloc made library && cmp library "$2/lib.a"
}
ok "library" library "$whole" hand
ok "library-of-some" library 'archives: {members: [m1, m2, m4]}' hand2
mkdir hand3
cp hand/member-5.o hand3/member-0.o
(cd hand3 && ar rcsD lib.a member-0.o)
ok "library-without-symbols" library 'archives: {members: m5}' hand3
mkdir hand4
for i in $(seq 0 11); do cp hand/member-$((i % 5)).o "hand4/member-$i.o"; done
(cd hand4 && ar rcsD lib.a $(seq -f 'member-%g.o' 0 11))
ok "library-of-many" library 'archives: {members: [m0, m1, m2, m3, m4, m0, m1, m2, m3, m4, m0, m1]}' hand4
makes "$whole" "" > /dev/null 2>&1 || true

# What the linker warns of is shown, and what it ends with.
printf '.section .odd,"a"\n.byte 1\n' | as --64 -mx86-used-note=no -o odd.o -
warns() {
    makes 'objects: [_, odd], script: script, flags: "--orphan-handling=warn -z noexecstack -e 0"' '  odd: odd.o\n' > said 2>&1 &&
        cat said && grep -q "warning: stage 'link': tool 'ld' (.*): .*orphan section .\.odd'" said
}
ok "warning" warns
ok "undefined" refuses 'objects: [head, _], script: script' "undefined reference to \`needed'"
undefined_hint() {
    makes 'objects: [head, _], script: script' > said 2>&1
    grep -q 'hint: linker, flags, script, symbols, and all objects in their order must be those' said
}
ok "undefined-hint" undefined_hint
ok "bad-script" refuses "${whole/script: script/script: odd}" "script.lds:2: syntax error" '  odd: src/head.s\n'

# Symbols.
cat > vmlinux.s << 'S'
    .globl my_start, my_stop, code_size
    .set code_size, 0x1234
    .bss
    .skip 16
my_start: .skip 100
my_stop:
S
as --64 -mx86-used-note=no -o vmlinux.o vmlinux.s
ld -e 0 -Tbss=0xffffffff81000000 -o vmlinux vmlinux.o
strip -o stripped vmlinux
images='  v: vmlinux\n  s: stripped\n  short: short\n  other: arm.o\n'
head -c 100 vmlinux > short
value_of() { # SYMBOL
    nm made | awk -v name="$1" '$3 == name { print $1 }'
}
defines() { # RECORD NAME VALUE
    makes "flags: \"-e 0\", symbols: [$1]" "$images" && [ "$(value_of "$2")" = "$3" ]
}
printf '.arch armv7-a\n.globl x\nx: nop\n' | arm-linux-gnueabihf-as -EL -o arm.o -
# shellcheck disable=SC2016
ok "symbol-number" defines '{name: .L_a$1, value: 0xffffffffffffffff}' '.L_a$1' ffffffffffffffff
ok "symbol-of" defines '{name: a, of: v, from: code_size}' a 0000000000001234
ok "symbol-address" defines '{name: a, of: v, from: my_start}' a ffffffff81000010
ok "symbol-difference" defines '{name: a, of: v, from: my_start, to: my_stop}' a 0000000000000064
ok "symbol-skipped" defines '{name: a, of: v, from: none, missing: skip}' a ""
ok "symbol-skipped-to" defines '{name: a, of: v, from: code_size, to: none, missing: skip}' a ""
ok "symbol-skipped-table" defines '{name: a, of: s, from: code_size, missing: skip}' a ""
bad_symbol() { # RECORDS TEXT
    refuses "flags: \"-e 0\", symbols: [$1]" "$2" "$images"
}
ok "symbol-missing" bad_symbol '{name: a, of: v, from: code_siz}' "symbols: a: code_siz: the image has no such symbol"
ok "symbol-missing-to" bad_symbol '{name: a, of: v, from: code_size, to: b}' "symbols: a: b: the image has no such symbol"
ok "symbol-missing-table" bad_symbol '{name: a, of: s, from: code_size}' "symbols: a: code_size: the image has no such symbol"
ok "symbol-backwards" bad_symbol '{name: a, of: v, from: my_stop, to: my_start}' \
    "symbols: a: my_start (0xffffffff81000010) is before my_stop (0xffffffff81000074)"
ok "symbol-both" bad_symbol '{name: a, value: 1, of: v, from: code_size}' "symbols: a: 'value' and a symbol of an image"
ok "symbol-neither" bad_symbol '{name: a}' "symbols: a: needs 'value', or 'of' and 'from'"
ok "symbol-only-of" bad_symbol '{name: a, of: v}' "symbols: a: needs 'value', or 'of' and 'from'"
ok "symbol-only-from" bad_symbol '{name: a, from: v}' "symbols: a: needs 'value', or 'of' and 'from'"
ok "symbol-twice" bad_symbol '{name: a, value: 1}, {name: a, value: 1}' "symbols: a: twice"
ok "symbol-name" bad_symbol '{name: "a=b", value: 1}' "symbols: 'a=b': no name"
ok "symbol-name-number" bad_symbol '{name: 1a, value: 1}' "symbols: '1a': no name"
ok "symbol-cut" bad_symbol '{name: a, of: short, from: code_size}' "error: stage 'link': "

# zreladdr.
several="zreladdr: 0x8000 and 0x10008000: multiple zreladdrs"
zrel() { echo "flags: \"-e 0 $1\", symbols: [$2]"; }
ok "zreladdr" makes "$(zrel '--defsym zreladdr=0x8000' '{name: zreladdr, value: 32768}')"
ok "zreladdr-flags" refuses "$(zrel '--defsym zreladdr=0x8000 --defsym zreladdr=0x10008000' '')" "$several"
ok "zreladdr-joined" refuses "$(zrel '-defsym=zreladdr=0x8000 --defsym=zreladdr=0x10008000' '')" "$several"
ok "zreladdr-mixed" refuses "$(zrel '--defsym zreladdr=0x8000' '{name: zreladdr, value: 0x10008000}')" "$several"
ok "zreladdr-symbols" refuses "$(zrel '' '{name: zreladdr, value: 0x8000}, {name: zreladdr, value: 0x10008000}')" "$several"
ok "zreladdr-expressions" refuses "$(zrel '--defsym zreladdr=a+1 --defsym zreladdr=a+2' '')" "multiple zreladdrs"

# Flags.
# refuse_flags: those on standard input, each with the reason, in one run.
refuse_flags() {
    local word why i=0 all=()
    {
        printf 'kpipe: 1\ninputs: {p: hand/input.o}\nimages:\n'
        while IFS='|' read -r word why; do
            printf '  f%d: [p, {link: {flags: "-e 0 %s"}}]\n' "$i" "$word"
            all+=("flags: ${word%% *}: $why")
            i=$((i + 1))
        done
        printf 'outputs: [%s]\n' "$(seq -s ', ' -f 'f%g' 0 $((i - 1)))"
    } > flags.yml
    ! "$kpipe" run -q -k flags.yml --out flags > flags.log 2>&1 && cat flags.log && [ ! -e flags ] &&
        [ "$(grep -c "^flags.yml:.*error: stage 'link': flags: " flags.log)" = "$i" ] || return 1
    for why in "${all[@]}"; do
        grep -qF -- "$why" flags.log || { echo "not said: $why"; return 1; }
    done
}
file="it names a file: the linker sees those of"
folder="it names a folder"
output="the linker's output is the stage's"
script="a linker script is given as"
ok "flags-refused" refuse_flags << END
-o x|$output
-ox|$output
--output=x|$output
--outp x|$output
-omagic|$output
-T x|$script
-Tx.lds|$script
--script=x|$script
--scr x|$script
-dT x|$script
--default-script=x|$script
-c x|$script
--mri-script x|$script
-Map=x|$output
--Map x|$output
--dependency-file=x|$output
--out-implib=x|$output
--reproduce=x|$output
--time-trace|$output
@file|$file
file.o|$file
-lgcc|$file
--library=gcc|$file
-L/usr/lib|$folder
--library-path=/usr/lib|$folder
--sysroot=/|$folder
-rpath /x|$folder
--rpath-link=x|$folder
-R x|$file
--just-symbols=x|$file
--version-script=x|$file
--version-s x|$file
--dynamic-list=x|$file
--retain-symbols-file=x|$file
--export-dynamic-symbol-list=x|$file
--symbol-ordering-file=x|$file
--remap-inputs=a=b|$file
-plugin x|it loads a plugin
--plugin-opt=x|it loads a plugin
-mllvm x|it loads a plugin
--error-handling-script=x|it loads a plugin
-dynamic-linker /lib/ld.so|a boot stub has no interpreter
--dynamic-linker=/lib/ld.so|a boot stub has no interpreter
-I /lib/ld.so|a boot stub has no interpreter
-|no option
--|no option
-z|its value is missing
--defsym|its value is missing
END
while read -r words; do
    ok "flag $words" makes "flags: \"-e 0 $words\""
done << 'END'
-m elf_x86_64 --no-ld-generated-unwind-info -pie --no-dynamic-linker --orphan-handling=warn -z noexecstack
-EL --no-undefined -X --defsym a=1 --defsym=b=a+1 -Ttext=0x8000 -Ttext-segment=0x100000 --section-start .text=0x9000
-shared -Bsymbolic --build-id=sha1 -dy --export-dynamic --hash-style sysv --sort-section=name -O1 -soname x
-static -nostdlib --gc-sections -u input_data -y input_data --wrap x --no-warn-rwx-segments --emit-relocs
END
ok "flag-binary" refuses 'flags: "-e 0 --oformat binary"' "flags: what the linker made is no ELF file"
many=$(for i in $(seq 4100); do echo -n "-X "; done)
ok "flags-many" refuses "flags: \"$many\"" "the linker's command line: more than 4096 words"

# Objects.
ok "objects-without-main" refuses 'objects: [head, tail]' "objects: the main input is not among them"
ok "objects-main-twice" refuses 'objects: [_, head, _]' "objects: the main input is among them twice"
ok "object-of-another" refuses 'objects: [_, other]' \
    "objects: number 2: 32-bit little-endian arm, and the main input is 64-bit little-endian x86_64" "$images"
ok "member-of-another" refuses 'archives: {members: [m0, other]}' "members: number 2: 32-bit little-endian arm, and" "$images"
ok "object-linked" refuses 'objects: [_, v]' "objects: number 2: ELF file of type 2: not a relocatable object" "$images"
ok "object-no-elf" refuses 'objects: [_, {text: x}]' "" "$images"
ok "object-script" refuses 'objects: [_, script]' "error: stage 'link': input: "
ok "main-linked" refused vmlinux link "input: ELF file of type 2: not a relocatable object"
ok "main-cut" refused short link "error: stage 'link': "

# Linkers.
ok "linker-refused" refuses 'linker: gcc' "stage 'link': tool 'gcc': its plugin does not ask for it"
ok "linker-path" refuses 'linker: /usr/bin/ld' "tool '/usr/bin/ld': not a name"
ok "linker-absent" refuses 'linker: sh5-none-ld' "stage 'link': tool 'sh5-none-ld': not found"
absent_hint() {
    makes 'linker: sh5-none-ld' > said 2>&1
    grep -q 'binutils-sh5-none' said
}
ok "linker-package" absent_hint

# arm, in both byte orders, by a linker of its own name and by CROSS_COMPILE.
cat > arm.s << 'S'
    .arch armv7-a
    .text
    .globl _start
_start: ldr r0, =input_data
    bx lr
    .globl input_data, shared
input_data: .long 0x01020304
    .bss
shared: .skip 4
S
cp arm.s local.s
printf '    .bss\nbuffer: .skip 4\nstate: .skip 4\n.Lhidden: .skip 4\n' >> local.s
mkdir arm
for order in EL EB; do
    for name in arm local; do
        arm-linux-gnueabihf-as -$order -o $name$order.o $name.s
    done
done
arm_same() { # ORDER WORD...
    cp "arm$1.o" arm/input.o
    rm -f made
    "$kpipe" pipe "arm$1.o" "link:{linker: arm-linux-gnueabihf-ld, flags: \"-$1 ${*:2}\"}" -o made &&
        (cd arm && arm-linux-gnueabihf-ld "-$1" "${@:2}" input.o -o linked) && cmp made arm/linked
}
ok "arm" arm_same EL -z noexecstack
ok "arm-be8" arm_same EB --be8 -z noexecstack
be8() { readelf -h made | grep -q 'Flags:.*BE8'; }
ok "arm-is-be8" be8
ok "arm-by-cross-compile" env CROSS_COMPILE=arm-linux-gnueabihf- "$kpipe" pipe armEL.o link -o made
ok "arm-local-symbols" refused localEL.o link:linker=arm-linux-gnueabihf-ld "check: 2 local symbols in .bss: buffer, state"
ok "arm-local-symbols-big" refused localEB.o 'link:{linker: arm-linux-gnueabihf-ld, flags: -EB}' "check: 2 local symbols in .bss: buffer, state"
ok "arm-unchecked" pipe localEL.o link:linker=arm-linux-gnueabihf-ld,check=none made
many_local() {
    {
        cat arm.s
        echo '    .bss'
        for i in $(seq 100); do echo "a_long_name_of_a_local_symbol_$i: .skip 4"; done
    } | arm-linux-gnueabihf-as -o many.o - &&
        refused many.o link:linker=arm-linux-gnueabihf-ld "check: 100 local symbols in .bss: a_long_name_of_a_local_symbol_1, " &&
        grep -q ', \.\.\. \[KP1501\]' refused.log
}
ok "arm-many-local-symbols" many_local
printf 'nop\n.bss\nbuffer: .skip 4\n' | as --64 -mx86-used-note=no -o bss.o -
ok "x86-unchecked" pipe bss.o 'link:{flags: "-e 0"}' made
ok "x86-checked" refused bss.o 'link:{flags: "-e 0", check: arm}' "check: 1 local symbols in .bss: buffer"
cat > traits.yml << 'END'
kpipe: 1
inputs: {p: {file: {path: hand/input.o, arch: x86_64, load: 0x8000}}}
images: {a: [p, {link: {flags: "-e 0"}}, {uimage: {name: "%(arch)"}}]}
outputs: [a]
END
ok "traits" refused_recipe traits.yml "load: no value"
# Hostile members, and images that symbols are taken of: some of all mutants.
hostile() { # EVERY FILE INPUTS CHAIN: an error of the stage or an output
    local names made failed
    mutants "$2"
    (cd m && ls | awk -v every="$1" 'NR % every' | xargs rm)
    mapfile -t names < <(ls m)
    rm -rf out
    : > mutants.log
    mutant_batch elf "$3" "$4" "${names[@]}" || return 1
    made=$(find out -type f | wc -l)
    failed=$(grep -c "error: stage 'link'" mutants.log)
    echo "${#names[@]} mutants: $made outputs, $failed errors"
    ! grep -E 'Sanitizer|runtime error|fault of the plugin' mutants.log &&
        [ $((made + failed)) = ${#names[@]} ] && [ "$failed" -gt 15 ] && [ "$made" -gt 15 ]
}
printf '.globl a\na: nop\n.comm c,4\n' | as --32 -mx86-used-note=no -o a.o -
printf '.globl p\np: nop\n' | as --32 -mx86-used-note=no -o p.o -
linking='flags: "-m elf_i386 -e 0 -u a"'
ok "hostile-members" hostile 41 a.o '  p: p.o\n' "p, {link: {archives: {members: [MUTANT, p]}, $linking}}"
ok "hostile-objects" hostile 41 a.o '  p: p.o\n' "p, {link: {objects: [MUTANT, _], $linking}}"
ok "hostile-images" hostile 41 a.o '  p: p.o\n' \
    "p, {link: {$linking, symbols: [{name: b, of: MUTANT, from: a}]}}"

finish
