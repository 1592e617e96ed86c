#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/piggy.sh - the stage piggy against as(1) on the source that Kbuild assembles, and
# objcopy(1) where it has that make the object: the same sections and symbols, and the same when
# linked.
#
#     piggy.sh KPIPE WORKDIR
#
# Prints a line for each case and fails if one of them failed.
. "$(dirname "$0")/common.sh"

payload() { # SIZE CONTENTS FILE: ends with the size of its contents
    {
        head -c $(($1 - 4)) /dev/zero | tr '\0' 'p'
        le32 "$2"
    } > "$3"
}
payload 1003 123456 odd
payload 4 4294967295 least

# What Kbuild assembles, by form; of Linux 6.1 (mkpiggy.c, piggy.S).
source_of() { # FORM FILE
    case $1 in
    x86)
        cat << END
.section ".rodata..compressed","a",@progbits
.globl z_input_len
z_input_len = $(stat -c %s "$2")
.globl z_output_len
z_output_len = $(tail -c 4 "$2" | od -An -tu4)
.globl input_data, input_data_end
input_data:
.incbin "$2"
input_data_end:
.section ".rodata","a",@progbits
.globl input_len
input_len:
	.long $(stat -c %s "$2")
.globl output_len
output_len:
	.long $(tail -c 4 "$2" | od -An -tu4)
END
        ;;
    arm)
        cat << END
	.section .piggydata, "a"
	.globl	input_data
input_data:
	.incbin	"$2"
	.globl	input_data_end
input_data_end:
END
        ;;
    esac
}

theirs() { # KIND FILE OBJECT
    case $1 in
    x86_64) source_of x86 "$2" | as --64 -mx86-used-note=no -o "$3" - ;;
    i386) source_of x86 "$2" | as --32 -mx86-used-note=no -o "$3" - ;;
    arm) source_of arm "$2" | arm-linux-gnueabihf-as -EL -o "$3" - ;;
    armeb) source_of arm "$2" | arm-linux-gnueabihf-as -EB -o "$3" - ;;
    *)
        local target
        case $1 in
        arm64) target=elf64-littleaarch64 ;;
        riscv64) target=elf64-littleriscv ;;
        riscv32) target=elf32-littleriscv ;;
        esac
        objcopy -I binary -O $target --rename-section .data=.gzdata,load,alloc,readonly,contents "$2" "$3"
        ;;
    esac
}

ours() { # KIND FILE OBJECT
    case $1 in
    x86_64 | i386) pipe "$2" "piggy:form=x86,arch=$1" "$3" ;;
    arm) pipe "$2" piggy:form=arm,arch=arm "$3" ;;
    armeb) pipe "$2" piggy:form=arm,arch=arm,endian=big "$3" ;;
    *) pipe "$2" "piggy:form=zboot,arch=$1" "$3" ;;
    esac
}

# Header, sections with all but their place in the file, and symbols; not the symbols of sections,
# which not every assembler writes, nor those that objcopy calls after the file, and not arm's
# attributes, which come from the compiler's options.
facts() { # OBJECT
    readelf -hW "$1" | grep -E '^  (Class|Data|Version|OS/ABI|Type|Machine|Entry.*|Flags|Size of.*):'
    readelf -SW "$1" | sed -nE 's/^ +\[[ 0-9]+\] ([.][^ ]+ +[A-Z]+ +[0-9a-f]+) [0-9a-f]+ (.*)$/\1 \2/p' |
        grep -v -E '^\.(ARM\.attributes|symtab|strtab|shstrtab) '
    readelf -sW "$1" | awk '$7 ~ /^(ABS|[0-9]+)$/ && $4 != "SECTION" && $8 !~ /^_binary_/ {
        $1 = ""; print }'
}

same_object() { # KIND FILE
    theirs "$1" "$2" theirs.o && ours "$1" "$2" ours.o || return 1
    facts theirs.o > theirs.txt
    facts ours.o > ours.txt
    cat ours.txt
    readelf -aW ours.o > /dev/null 2> complaints || return 1
    cat complaints
    [ ! -s complaints ] && diff theirs.txt ours.txt && grep -q ' A ' ours.txt
}

same_data() { # KIND FILE SECTION
    ours "$1" "$2" ours.o && objcopy -O binary -j "$3" --set-section-flags "$3=alloc,load,contents" ours.o data &&
        cmp data "$2"
}

for file in odd least; do
    for kind in x86_64 i386 arm armeb arm64 riscv64 riscv32; do
        ok "$kind-object-$file" same_object $kind $file
    done
    ok "x86_64-data-$file" same_data x86_64 $file .rodata..compressed
    ok "armeb-data-$file" same_data armeb $file .piggydata
    ok "riscv32-data-$file" same_data riscv32 $file .gzdata
done
loongarch() {
    ours loongarch64 odd ours.o && facts ours.o > ours.txt && cat ours.txt &&
        grep -q 'Machine: .*LoongArch' ours.txt && grep -q 'Flags: *0x0' ours.txt &&
        grep -qE '^\.gzdata +PROGBITS +0+ 0003eb 00 +A +0 +0 +1$' ours.txt
}
ok "loongarch64-object" loongarch

# Linked between objects whose ends are odd: alignments and order show.
cat > script.lds << 'LD'
SECTIONS {
    . = 0x8000;
    .text : { *(.text) }
    .rodata : { *(.rodata) *(.rodata.*) *(.piggydata) *(.gzdata) }
    .data : { *(.data) }
    .bss : { *(.bss) }
    .tail : { LONG(SIZEOF(.rodata)) LONG(ADDR(.data)) LONG(ADDR(.bss)) }
    /DISCARD/ : { *(.ARM.attributes) *(.note.*) }
}
LD
around() { # PREFIX
    printf '.text\n.byte 1,2,3\n.section .rodata,"a"\n.byte 4\n.data\n.byte 5,6,7\n.bss\n.skip 3\n' > around.s
    case $1 in
    x86_64) as --64 -mx86-used-note=no -o around.o around.s ;;
    i386) as --32 -mx86-used-note=no -o around.o around.s ;;
    arm) arm-linux-gnueabihf-as -EL -o around.o around.s ;;
    armeb) arm-linux-gnueabihf-as -EB -o around.o around.s ;;
    esac
}
linked() { # KIND OBJECT OUTPUT [AROUND]: the object, between the two
    local linker
    case $1 in
    x86_64) linker=(ld -m elf_x86_64) ;;
    i386) linker=(ld -m elf_i386) ;;
    arm) linker=(arm-linux-gnueabihf-ld -EL) ;;
    armeb) linker=(arm-linux-gnueabihf-ld -EB --be8) ;;
    *) linker=(ld.lld) ;;
    esac
    "${linker[@]}" -z noexecstack -T script.lds "${@:4}" "$2" "${@:4}" -o "$3"
}
same_linked() { # KIND
    local objects=()
    case $1 in
    x86_64 | i386 | arm | armeb) around "$1" && objects=(around.o) ;;
    esac
    theirs "$1" odd theirs.o && ours "$1" odd ours.o &&
        linked "$1" theirs.o theirs "${objects[@]}" && linked "$1" ours.o ours "${objects[@]}" &&
        objcopy --wildcard -N '*.o' -N '_binary_*' theirs && objcopy --wildcard -N '*.o' ours &&
        cmp theirs ours && readelf -SW ours | grep -q ' .rodata '
}
for kind in x86_64 i386 arm armeb arm64 riscv64; do
    ok "$kind-linked" same_linked $kind
done

# What is known of it, and what no longer.
cat > traits.yml << 'END'
kpipe: 1
inputs: {p: {file: {path: odd, arch: amd64, load: 0x8000, entry: 0x8000}}}
images:
  before: [p, {uimage: {name: "%(arch) %(load)"}}]
  after: [p, {piggy: x86}, {uimage: {name: "%(arch)", load: 1, entry: 1}}]
outputs: [before, after]
END
traits() {
    "$kpipe" run -q traits.yml --out . && strings -n 3 after | head -1 | grep -q x86_64 &&
        sed 's/, load: 1//' traits.yml > no-load.yml && ! "$kpipe" run -q no-load.yml --out . &&
        sed 's/, entry: 1//' traits.yml > no-entry.yml && "$kpipe" run -q no-entry.yml --out . &&
        od -An -tx1 -j 16 -N 8 before | grep -q '00 00 80 00 00 00 80 00' &&
        od -An -tx1 -j 16 -N 8 after | grep -q '00 00 00 01 00 00 00 01'
}
ok "traits" traits
ok "alias" pipe odd piggy:form=x86,arch=amd64 alias.o
ours x86_64 odd plain.o > /dev/null
ok "alias-is-the-same" cmp alias.o plain.o

# A payload that ends with its size, and one that does not.
gzip -9n < odd > packed.gz
head -c 5000 /dev/zero > plain
ok "of-gzip" pipe packed.gz piggy:form=x86,arch=x86_64 packed.o
cat > chain.yml << 'END'
kpipe: 1
arch: x86_64
inputs: {plain: plain}
images:
  good: [plain, {payload: xz}, {piggy: x86}]
  bad: [plain, xz, {piggy: x86}]
outputs: [good, bad]
END
chain() {
    ! "$kpipe" run -q -k chain.yml --out chain > chain.log 2>&1 && cat chain.log && [ -s chain/good ] && [ ! -e chain/bad ] &&
        grep -q 'input: ends with [0-9]*, and its contents have 5000 bytes: a boot stub takes its last' chain.log &&
        grep -q 'hint: .payload. compresses and appends it' chain.log
}
ok "trailer" chain

head -c 3 /dev/zero > short
truncate -s 4294967295 long
ok "too-short" refused short piggy:form=arm,arch=arm "input: 3 bytes: no payload: one ends with the size of its contents"
ok "too-long" refused long piggy:form=zboot,arch=arm64 "input: 4294967295 bytes: too many: boot stubs count them with 32 bits"
ok "no-arch" refused odd piggy:form=arm "arch"
ok "unknown-arch" refused odd piggy:form=arm,arch=vax "arch: vax: no plugin knows it"
ok "no-form" refused odd piggy:arch=arm "form"
ok "form-of-another" refused odd piggy:form=zboot,arch=x86_64 "form: zboot: no boot stub of x86_64"
ok "form-x86-of-arm" refused odd piggy:form=x86,arch=arm "form: x86: no boot stub of arm"
ok "no-big-x86" refused odd piggy:form=x86,arch=i386,endian=big "endian: big: i386 has no such byte order"
rm -f long

finish
