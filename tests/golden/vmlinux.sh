#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/vmlinux.sh - the stage vmlinux: kernels' symbols in each layout that their tables
# ever had, as nm reads them from what it makes; how it finds the base; ELF files with and without
# symbols; what it refuses, and hostile files. Real kernels: tests/real/farm-vmlinux.sh.
#
#     vmlinux.sh KPIPE WORKDIR
#
# The images are made by kallsyms-image, here.
make_image=$(realpath "$(dirname "$0")")/kallsyms-image
. "$(dirname "$0")/common.sh"
export LC_ALL=C
layouts='2.6 4.6 4.6-percpu 5.10 5.10-absolute 5.10-percpu 6.1 6.3 6.3-percpu 6.12 6.12-percpu 7.2'

# All images at once: python takes longer to start than to make one.
{
    for layout in $layouts; do
        for bits in 32 64; do
            for order in little big; do
                echo "$layout-$bits-$order-all $layout $bits $order all"
                echo "$layout-$bits-$order $layout $bits $order"
            done
        done
        echo "$layout-rela $layout 64 little rela"
        echo "$layout-rela-all $layout 64 little rela all"
        echo "$layout-zero $layout 64 little zero"
        echo "$layout-few $layout 64 little few"
    done
    echo 'low 5.10 32 little all base=0x300000'
    echo 'low-absolute 5.10-absolute 32 little all base=0x300000'
    echo 'start 6.12 64 little start no-pointers'
    echo 'no-pointers 6.12 32 little no-pointers'
    echo 'no-relocations 6.12 64 little rela no-pointers'
    echo 'two-readings 5.10 32 little few base=0xb800'
} | "$make_image"

pairs() { # [LETTERS]: of symbols' lines, addresses and names, or letters as well
    awk "{ print \$1, ${1:+\$2,} \$3 }" | sort
}

same() { # INPUT STAGE [IMAGE]: readelf finds no fault, and nm the image's symbols
    pipe "$1" "$2" made && readelf -aW made > readelf.out 2> errors && ! grep . errors && nm made > nm.out &&
        diff <(pairs < nm.out) <(pairs < "${3:-$1}.symbols")
}

# Of machines that nm knows nothing of it reads the symbols all the same.
each_layout() { # LAYOUTS [SUFFIX]
    local layout bits order arch more
    for layout in $1; do
        for bits in 32 64; do
            for order in little big; do
                arch=arm more=
                [ $bits = 32 ] || arch=mips64
                # Nothing tells where such a kernel is.
                [ "$layout-$bits" != 7.2-64 ] || more=,base=0xffff800080000000
                ok "$layout-$bits-$order$2" same "$layout-$bits-$order$2" "vmlinux:arch=$arch,symbols=required$more"
            done
        done
    done
}
each_layout "$layouts" -all # the base is told by symbols
each_layout '2.6 5.10 6.12' '' # by pointers

# Kernels that relocate themselves.
for layout in 5.10 6.3 6.12 7.2; do
    for all in '' -all; do
        ok "relocations-$layout$all" same $layout-rela$all vmlinux:arch=arm64,symbols=required
        [ "$layout" = 7.2 ] || ok "relocations-$layout$all-base" same $layout-rela$all \
            vmlinux:arch=arm64,symbols=required,base=0xffff800080000000
    done
done
ok "low-addresses" same low vmlinux:arch=arm # without an MMU
ok "low-addresses-absolute" same low-absolute vmlinux:arch=arm
ok "start" same start vmlinux:arch=riscv64
ok "start-base" grep -E ' LOAD +0x001000 0xffff800080000000 0x0000000000000000 ' <(readelf -lW made)

says() { # PATTERN: readelf did
    grep -E -- "$1" readelf.out || {
        cat readelf.out
        return 1
    }
}
symbol() { # NAME PATTERN: size, type, binding and section
    grep -E " $1\$" <(readelf -sW made) | grep -E "$2"
}
ok "whole" same 6.12-percpu-64-little-all vmlinux:arch=arm64
ok "machine" says 'Machine: +AArch64'
ok "entry" says 'Entry point address: +0xffff800080000000'
ok "segment" says ' LOAD +0x001000 0xffff800080000000 0xffff800080000000 0x00[a-f0-9]+ 0x00[a-f0-9]+ RWE 0x1000'
ok "head" says ' \.head\.text +PROGBITS +ffff800080000000 001000 001000 00 +AX '
ok "text" says ' \.text +PROGBITS +ffff800080001000 002000 004000 00 +AX '
ok "init-text" says ' \.init\.text +PROGBITS .* 000800 00 +AX '
ok "bss" says ' \.bss +NOBITS .* 001800 00 +WA '
ok "function" symbol global_function_1 ' 20 FUNC +GLOBAL DEFAULT +2 '
ok "local" symbol local_0 ' 20 FUNC +LOCAL +DEFAULT +2 '
ok "alias" symbol alias.0 ' 20 FUNC +LOCAL +DEFAULT +2 '
ok "weak" symbol weak_2 ' 20 FUNC +WEAK +DEFAULT +2 '
ok "object" symbol some_data ' 16 OBJECT +LOCAL '
ok "weak-object" symbol weak_object ' OBJECT +WEAK '
ok "absolute" symbol percpu_1 ' 0000000000000008 +0 NOTYPE +GLOBAL DEFAULT +ABS '
ok "end" symbol _end ' 0 OBJECT +GLOBAL '
ok "letters" diff <(grep -v ' [rRvVwW] ' 6.12-percpu-64-little-all.symbols | pairs letters) <(nm made | grep -vE ' [vVwW] | [dD] [cC]onstants' | pairs letters)
ok "objdump" grep -q '<start_kernel>:' <(objdump -d --disassemble=start_kernel made 2> errors || cat errors)
for arch in riscv64 mips64 ppc64 loongarch64 x86_64; do
    ok "arch-$arch" same 6.12-64-little-all "vmlinux:arch=$arch,base=0xffff800080000000"
done
ok "arch-powerpc" same 6.12-32-big-all vmlinux:arch=powerpc
ok "physical" says ' LOAD +0x001000 0x80100000 0x00100000 '
ok "arch-i386" same 6.12-32-little-all vmlinux:arch=i386
ok "odd-base" same 7.2-64-little vmlinux:arch=arm64,base=0xffff800080000000
ok "odd-base-text" pipe 7.2-64-little vmlinux:arch=arm64,base=0xffff800080000808 made
ok "odd-base-load" grep -E ' LOAD +0x001808 0xffff800080000808 ' <(readelf -lW made)

# ELF files: the symbols go, and come back; sections and segments stay.
image=6.12-64-little-all
pipe $image vmlinux:arch=x86_64 with
strip -o without with
ok "elf" same without vmlinux $image
ok "elf-segments" cmp <(readelf -lW without | grep LOAD) <(readelf -lW made | grep LOAD)
ok "elf-sections" cmp <(readelf -SW without | grep -E ' (AX|WA) ') <(readelf -SW made | grep -E ' (AX|WA) ')
ok "elf-all-bytes" cmp <(tail -c +65 without) <(tail -c +65 made | head -c $(($(stat -c %s without) - 64)))
cp without bare
put bare 40 0000000000000000
put bare 58 000000000000
ok "elf-without-sections" same bare vmlinux $image
put bare 58 4000
ok "elf-with-symbols" unpacks with with vmlinux
ok "elf-with-symbols-note" grep -qF 'note: the ELF file has' <("$kpipe" pipe -v with vmlinux -o made 2>&1)
ok "elf-none" unpacks without without vmlinux:symbols=none
printf '.byte 0\n' | as --64 -mx86-used-note=no -o no.o -
ld -o none -e 0 no.o
strip none
ok "elf-no-kallsyms" unpacks none none vmlinux
ok "elf-required" refused none vmlinux:symbols=required "kallsyms: no table of their tokens"
objcopy -I binary -O elf64-x86-64 $image object
strip -s -o object2 object
ok "elf-object" refused object2 vmlinux "kallsyms: tables at 0x" "in no segment that is loaded"
objcopy -I binary -O elf32-i386 $image object
strip -s -o object2 object
ok "elf-other-width" refused object2 vmlinux "kallsyms: 64 bits, little endian: not what the ELF file is"

# The header of an Image tells the architecture.
put $image 56 41524d64
ok "image-arm64" pipe $image vmlinux made
ok "image-arm64-machine" grep 'AArch64' <(readelf -h made)
image=6.12-32-little-all
put $image 56 52534305
ok "image-riscv32" pipe $image vmlinux:base=0x80100000 made
ok "image-riscv32-machine" grep -E 'Class: +ELF32' <(readelf -h made)

# Without symbols.
warns() { # TEXT INPUT STAGE
    pipe "$2" "$3" made > warns.log 2>&1 && cat warns.log && grep -qF -- "$1" warns.log
}
seq 20000 > numbers
ok "auto" warns "no symbols: kallsyms: no table of their tokens" numbers vmlinux:arch=arm,base=0x8000
ok "auto-elf" grep -E ' \.kernel +PROGBITS +00008000 001000 ' <(readelf -SW made)
ok "none" pipe $image vmlinux:symbols=none,arch=arm made
ok "none-base" grep -E ' \.text +PROGBITS +80101000 ' <(readelf -SW made)
ok "none-none" grep 'no symbols' <(nm made 2>&1)
printf '' > empty
ok "empty" refused empty vmlinux:arch=arm "base: not given"

# What it refuses.
ok "no-base" refused numbers vmlinux:arch=arm "base: not given: only symbols of the kernel could tell"
ok "required" refused numbers vmlinux:arch=arm,symbols=required "kallsyms: no table of their tokens"
ok "no-arch" refused 6.12-64-little vmlinux "arch: not given: a flat kernel does not tell it"
ok "arch-unknown" refused 6.12-64-little vmlinux:arch=vax "vax"
ok "arch-of-32-bits" refused 6.12-64-little vmlinux:arch=arm "arch: arm: the kernel's symbols are of 64 bits"
ok "arch-of-other-order" refused 6.12-64-big vmlinux:arch=x86_64 "arch: x86_64: the kernel's symbols are big endian"
ok "base-high" refused $image vmlinux:arch=arm,base=0xffffff00 "base: 0xffffff00: with"
ok "base-higher" refused $image vmlinux:arch=arm,base=0x100000000 "beyond the highest address"
ok "no-pointers" refused no-pointers vmlinux:arch=arm "base: not given: neither symbols nor pointers of the kernel tell"
ok "no-relocations" refused no-relocations vmlinux:arch=arm64 "base: not given: the kernel's symbols are relative to it"
# Where Linux links all kernels of an architecture, that is said and taken.
usual_base() { # IMAGE ARCH ADDRESS
    "$kpipe" pipe -v "$1" "vmlinux:arch=$2,symbols=required" -o made > said 2>&1 && cat said &&
        grep -qE "base: 0x0*${3#0000000000}: where Linux links kernels for $2" said &&
        readelf -lW made | grep -E " LOAD +0x[0-9a-f]+ 0x$3 "
}
ok "usual-base-s390x" usual_base 7.2-64-big s390x 0000000000100000
ok "usual-base-riscv64" usual_base 7.2-64-little riscv64 ffffffff80000000
ok "usual-base-loongarch64" usual_base 7.2-64-little loongarch64 9000000000200000
ok "no-relocation-of-base" refused no-relocations vmlinux:arch=arm64,base=0xffff800080000000 \
    "kallsyms: relative_base is 0, and no relocation changes it"
for layout in 5.10-absolute 5.10 6.12 7.2; do
    ok "no-addresses-$layout" refused $layout-zero vmlinux:arch=arm64,symbols=required,base=0xffff800080000000 \
        "kallsyms: names, but no addresses in order"
done
ok "two-readings" refused two-readings vmlinux:arch=arm,symbols=required,base=0xb800 \
    "kallsyms: their addresses can be read in two ways"
put 6.3-64-little $((0x8000 + 4096)) 00000000000000
ok "names-damaged" refused 6.3-64-little vmlinux:arch=arm64,symbols=required "kallsyms: tokens, but no names that fit them"

# Cut short anywhere within the tables, and damaged; few symbols, to be quick.
cut_in() { # LAYOUT
    local length
    for length in $(seq 32800 331 41000); do
        head -c "$length" "$1-32-little" > cut.bin
        refused cut.bin vmlinux:arch=arm,symbols=required,base=0x80100000 'kallsyms: ' || return 1
    done
}
for layout in 2.6 6.3 6.12 7.2; do ok "cut-$layout" cut_in $layout; done
for layout in 5.10 6.12-percpu; do
    tail -c +32769 $layout-few > tables
    mutants tables 1200
    find m -name 't*[1-9]' -delete
    find m -name 'b*' | grep -v '[07]$' | xargs rm
    ok "mutants-$layout" survives raw '' 'MUTANT, {vmlinux: {arch: arm64, base: 0x80000, symbols: required}}'
    cat log
done
pipe tables vmlinux:arch=x86_64,base=0x80000 with
strip -o without with
mutants without 128 # both headers
ok "mutants-elf" survives elf '' 'MUTANT, {vmlinux: {symbols: required}}'
cat log
# `kpipe inspect` says of each kernel whether it has symbols.
inspected() { # IMAGE TEXT
    printf 'Linux version 6.1.0 (a@b)\n\0' | cat "$1" - > kernel && "$kpipe" inspect kernel > shown && cat shown &&
        grep -E " kallsyms +$2\$" shown
}
for image in 2.6-32-big 6.1-64-big 7.2-64-big; do
    ok "inspect-$image" inspected $image "$(wc -l < $image.symbols)  symbols"
done
ok "inspect-none" inspected numbers none

finish
