#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/strip.sh - the format strip against `objcopy -R .comment -S` of binutils 2.40, byte
# for byte, and its refusal of what objcopy would do differently.
#
#     strip.sh KPIPE WORKDIR [ELF...]
#
# The ELF files are made by gcc, ld and ld.lld, or written here for any class and byte order; others
# may be given too. Prints a line for each case and fails if one of them failed.
golden=$(realpath "$(dirname "$0")")
. "$golden/common.sh"
. "$golden/elf.sh"

same() { # ELF [STAGE [OBJCOPY-OPTION...]]
    local elf=$1 stage=${2:-strip}
    shift $(($# < 2 ? $# : 2))
    [ $# -gt 0 ] || set -- -R .comment
    rm -f expected
    pipe "$elf" "$stage" stripped && objcopy -S "$@" "$elf" expected && cmp stripped expected &&
        [ -s stripped ]
}

# Programs, shared objects and object files of several linkers.
cat > program.c << 'C'
extern int shared(int);
__thread int local = 7, zero;
static char big[70000];
const char *const names[] = {"one", "two"};
static void early(void) { big[3] = 1; }
__attribute__((section(".init_array"))) void *const run_early = early;
__attribute__((weak)) int twice(int x) { return 2 * x; }
int (*volatile const through)(int) = twice;
int entry(int x) { return through(shared(x)) + local + zero + big[x & 7] + names[x & 1][0]; }
C
cat > shared.c << 'C'
int counter = 3;
int shared(int x) { return x + counter++; }
C
cat > versions << 'MAP'
V1 { global: shared; local: *; };
MAP
flags=(-O1 -g -fno-stack-protector -nostdlib '-Wl,-e,0' -ffunction-sections -fdata-sections)
declare -A relr=([bfd]='-Wl,-z,pack-relative-relocs' [lld]='-Wl,--pack-dyn-relocs=relr')
for bits in 64 32; do
    for linker in bfd lld; do
        link=(gcc "-m$bits" "-fuse-ld=$linker" "${flags[@]}")
        name=$linker$bits
        "${link[@]}" -fPIC -shared -Wl,--version-script=versions,--build-id -o "$name.so" shared.c
        "${link[@]}" -fPIE -pie -o "$name-pie" program.c "$name.so"
        "${link[@]}" -no-pie -o "$name-dynamic" program.c "$name.so"
        "${link[@]}" -no-pie -static -o "$name-static" program.c shared.c
        "${link[@]}" -no-pie -static -Wl,--emit-relocs -o "$name-relocs" program.c shared.c
        "${link[@]}" -no-pie -static -Wl,-N -o "$name-writable" program.c shared.c
        "${link[@]}" -fPIE -static-pie "${relr[$linker]}" -o "$name-relr" program.c shared.c
        "${link[@]}" -r -o "$name-joined.o" program.c shared.c
        for file in "$name".so "$name"-*; do
            ok "$file" same "$file"
        done
    done
    g++ "-m$bits" "${flags[@]}" -x c++ -c -o "$bits.o" - <<< \
        'template <class T> struct S { static T t; virtual T f() { return t++; } };
         template <class T> T S<T>::t; int g(S<int> &s) { return s.f() + S<int>::t; }'
    ok "object-with-groups$bits" same "$bits.o"
done
if command -v arm-linux-gnueabihf-gcc > /dev/null; then
    link=(arm-linux-gnueabihf-gcc "${flags[@]}" -funwind-tables '-Wl,--defsym=__aeabi_unwind_cpp_pr0=0')
    "${link[@]}" -no-pie -static -o arm-static program.c shared.c
    "${link[@]}" -fPIC -shared -o arm.so shared.c
    "${link[@]}" -fPIE -pie -Wl,--emit-relocs -o arm-pie program.c arm.so
    arm-linux-gnueabihf-gcc "${flags[@]}" -funwind-tables -c -o arm.o program.c
    arm-linux-gnueabihf-gcc "${flags[@]}" -mbig-endian -c -o armeb.o program.c
    for file in arm-static arm.so arm-pie arm.o armeb.o; do
        ok "$file" same "$file"
    done
fi

# As a kernel is linked: load addresses of their own, gaps, NOBITS between, names that end others,
# notes in a segment of their own, relocations.
kernel_sources
as --64 -mx86-used-note=no -o k64.o source.s
as --32 -mx86-used-note=no -o k32.o source.s
for page in 4096 2097152; do
    for relocs in --no-warn-rwx-segments --emit-relocs; do
        options=("$relocs" --no-warn-rwx-segments -z "max-page-size=$page" --build-id=sha1)
        ld -m elf_x86_64 "${options[@]}" -T script64.ld -o linked64 k64.o
        ld -m elf_i386 "${options[@]}" -T script32.ld -o linked32 k32.o
        ok "linked64-$page$relocs" same linked64
        ok "linked32-$page$relocs" same linked32
    done
done
ok "smaller" [ "$(stat -c %s stripped)" -lt "$(stat -c %s linked32)" ]
cp stripped once
ok "twice" same once
ok "remove-list" same linked64 'strip:{remove: [.comment, other]}' -R .comment -R other
ok "remove-short" same linked64 strip:other -R other
ok "remove-glob" same linked64 'strip:{remove: ["*oth*"]}' -R '*oth*'
ok "remove-but" same linked64 'strip:{remove: [.comment, "o*", "!*er"]}' -R .comment -R 'o*' -R '!*er'
ok "remove-nothing" same linked64 'strip:{remove: []}' -R .none
ok "remove-of-object" same k64.o 'strip:{remove: [.text, .comment]}' -R .text -R .comment
"$kpipe" pipe linked64 strip 'uimage:{name: "%(version) %(arch)", load: 0x1000, entry: 0x1000}' -o uImage
ok "traits" grep -qaF '6.1.0-99-golden x86_64' uImage

# Any class and byte order, and shapes that no linker makes.
text=s:.text:1:6:0x80008000:1000:T
data=s:.data:1:3:0x80009000:100:D
hole=s:.hole:8:3:0x80009100:500:x
more=s:.more:1:3:0x80009800:60:M
tls=s:.tdata:1:0x403:0x80009900:20:t
bss=s:.bss:8:3:0x80009a00:3000:x
free='s:.free:1:0:0:9:f s:.debug_line:1:0:0:40:d s::1:0:0:7:n s:.strtab:3:0:0:5:s'
for kind in "32 le 3" "32 le 40" "32 be 40" "64 le 62" "64 le 183" "64 le 243" "64 be 22"; do
    read -r class order machine <<< "$kind"
    name=${kind// /-}
    # shellcheck disable=SC2086 # several words
    {
        elf one-segment "$class" "$order" "$machine" 2 0x80008000 $text $data $free p:1:0x40000000:.text:.data
        elf segments "$class" "$order" "$machine" 2 0x80008000 $text $data $hole $more $tls $bss $free \
            p:1:0x8000:.text:.text p:1:0x20000:.data:.data p:1:0x20800:.more:.tdata p:7:0x20900:.tdata:.tdata
        elf with-bss "$class" "$order" "$machine" 2 0x80008000 $text $hole $bss $free p:1:=:.text:.bss
        elf before-nobits "$class" "$order" "$machine" 3 0 $data $hole $more p:1:=:.data:.more
        elf all-zero "$class" "$order" "$machine" 2 0x80008000 $text $data p:1:0:.text:.text p:1:0:.data:.data
        elf swapped "$class" "$order" "$machine" 2 0x80008000 $data $text p:1:9:.text:.text p:1:0:.data:.data
        elf unplaced "$class" "$order" "$machine" 2 0x80008000 $text $data $more p:1:=:.text:.text
        elf relro "$class" "$order" "$machine" 2 0 $text $data p:1:=:.text:.data p:1685382482:=:.data:.data
        elf noted "$class" "$order" "$machine" 2 0 $text $free p:1:=:.text:.text p:4:0:.free:.free
        elf at-once "$class" "$order" "$machine" 2 0 s:.full:1:3:0x80009000:96:F s:.bss:8:3:0x80009060:16:x \
            s:.zero:1:3:0x80009060:0:z p:1:=:.full:.bss
        elf object "$class" "$order" "$machine" 1 0 s:.text:1:6:0:99:T s:.bss:8:3:0:5:x s:.rodata:1:2:0:9:r $free
    }
    for file in one-segment segments with-bss before-nobits all-zero swapped unplaced relro noted at-once object; do
        ok "$file-$name" same "$file"
    done
done
elf names 64 le 62 2 0 $text s:xt:1:0:0:1:a s:text:1:0:0:1:a s:.init.text:1:0:0:1:a s:.text:1:0:0:1:a \
    s:tab:3:0:0:4:a s:.shstrtab:3:0:0:4:a s:.strtab:3:0:0:4:a s:text.:1:0:0:1:a p:1:=:.text:.text
ok "names" same names

# What objcopy would do is not known here, or it fails as well.
ok "loaded-removed" refused linked64 strip:.data \
    "section '.data': part of a segment: removing such is not handled"
elf other 32 be 8 2 0 $text p:1:=:.text:.text
ok "machine" refused other strip "e_machine 8, 32-bit: not known how objcopy strips these"
elf no-segments 64 le 62 2 0 $text
ok "no-segments" refused no-segments strip "e_type 2 with 0 program headers"
elf typed 64 le 62 2 0 $text s:.init_array:1:3:0x80008800:8:x p:1:=:.text:.init_array
ok "type-by-name" refused typed strip "section '.init_array': objcopy gives that name another sh_type"
elf nothing 64 le 62 2 0 s:.bss:8:3:0x80009a00:3000:x s:.debug_line:1:0:0:40:d p:1:=:.bss:.bss
ok "nothing-left" refused nothing strip "no section with contents is left"
: > empty
ok "empty" refused empty strip ""
head -c 5000 /dev/zero > zeros
ok "no-elf" refused zeros strip ""
elf plain 64 le 62 2 0x80008000 $text $data s:.note.x:7:2:0x80009100:20:N $bss s:.comment:1:0x30:0:8:c \
    s:.debug_info:1:0:0:9:d p:1:0x1000000:.text:.bss p:4:=:.note.x:.note.x
ok "plain" same plain
patched plain odd $((64 + 48)) '\0\x20'
ok "aligned-segment" same odd
headers=$(($(stat -c %s plain) - 8 * 64))
patched plain odd $((headers + 2 * 64 + 48)) '\0\x20'
ok "alignment-beyond-address" same odd
patched plain odd $((headers + 5 * 64 + 56)) '\x01\0\0\0\x01'
ok "entry-size-of-strings" same odd strip:nothing -R nothing
elf bss-only 64 le 62 2 0 $text $bss s:.free:1:0:0:9:f p:1:=:.bss:.bss p:1:=:.text:.text
patched bss-only odd $((64 + 48)) '\0\x20'
ok "segment-without-contents" same odd
patched plain bad 7 '\x09'
ok "system" refused bad strip "EI_OSABI 9: not known"
patched plain bad 52 '\x41'
ok "header-size" refused bad strip "e_ehsize 65"
patched plain bad $((headers + 64 + 24)) '\xff\xff\xff\xff\xff\xff\xff\xff'
ok "section-offset" refused bad strip "section header 1: sh_offset 0xffffffffffffffff: beyond the end of the file"
patched plain bad $((headers + 64 + 40)) '\x99'
ok "section-link" refused bad strip "section header 1: sh_link 0x99: no such section"
patched plain bad $((headers + 64 + 4)) '\x20'
ok "section-type" refused bad strip "section header 1: sh_type 0x20: unknown to objcopy"
patched plain bad $((64 + 48)) '\x03'
ok "segment-alignment" refused bad strip "program header 0: p_align 0x3: not a power of 2"
patched plain bad $((64 + 48)) '\0\0\0\0\0\0\0\x20'
ok "too-large" refused bad strip "the result would be 2147517976 bytes, of $(stat -c %s plain)"

# Hostile files: an error, or what objcopy makes of them, unless it fails.
as_objcopy() {
    local file compared=0
    for file in out/*5; do
        objcopy -R .comment -S "m/${file#out/}" expected 2> /dev/null || continue
        cmp "$file" expected || return 1
        compared=$((compared + 1))
    done
    echo "$compared compared"
    [ $compared -gt 50 ]
}
elf small 64 le 62 2 0x8000 s:.text:1:6:0x8000:16:T s:.bss:8:3:0x8010:16:x s:.comment:1:0x30:0:8:c p:1:=:.text:.bss
mutants small
ok "mutants" survives elf "" "MUTANT, strip"
ok "mutants-as-objcopy" as_objcopy

for file in "${files[@]}"; do
    ok "given-$(basename "$file")" same "$file"
done

finish
