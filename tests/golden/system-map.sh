#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/system-map.sh - the stage system-map against nm -n, with what each kernel's build
# leaves out in our own words; what it refuses, and hostile files. Real kernels:
# tests/real/farm-system-map.sh.
#
#     system-map.sh KPIPE WORKDIR
#
# Files of other machines are x86's with another number in the header: nm of binutils-multiarch
# reads them. Without it these cases are passed over.
. "$(dirname "$0")/common.sh"
export LC_ALL=C

# keep.pl FORM: of nm's lines, those that this kernel keeps.
cat > keep.pl << 'PERL'
my $form = shift;
while (<STDIN>) {
    my $rest = s/^.{8,16}( . .*)$/$1/r; # a name may have blanks, and be taken for several
    next if $rest =~ / [aNUw] | \.L/;
    if ($form eq '5.10') {
        next if $rest =~ /__crc_| \$[adt]| L0/;
    } else {
        next if $rest =~ / \$| __crc_| __kstrtab(ns)?_| L0$/;
    }
    if ($form ne '5.10' && $form ne '6.1') {
        next if $rest =~ / __(pi|kvm_nvhe)_(\$|\.L|__kcfi_typeid_)| __kcfi_typeid_/;
        next if $rest =~ / __efistub_| __[A-Za-z0-9]*Thunk_|(_from_arm|_from_thumb|_veneer)$/;
        next if $rest =~ / _SDA2?_BASE_$|\.(long|plt)_branch\./;
    }
    next if $form eq '7.2' && $rest =~ / __mod_device_table__| __UNIQUE_ID_modinfo_\d*$/;
    print;
}
PERL

same() { # ELF FORM [LEAST]: at least that many lines
    { nm -n "$1" | perl keep.pl "$2" > expected; } && pipe "$1" "system-map:kernel-$2" map &&
        diff map expected && [ "$(wc -l < map)" -ge "${3:-20}" ]
}

all_forms() { # ELF [LEAST]
    local form
    for form in 5.10 6.1 6.12 7.2; do
        same "$1" $form "${2:-}" || return 1
    done
}

# For nm, whatever the machine: mapping symbols; then names that some rule is about, or almost.
tr -s ' \n' '\n' > names << 'NAMES'
$a $d $t $x $z $ax $a.1 $x.1 $d.1 $m $f $p $xrv64i $dx $ L0 L0x L00 xL0 __crc_x x__crc_x
__kstrtab_x x__kstrtab_x __kstrtabns_x __efistub_x __efistub x__efistub_ __pi_$x __pi_x
__pi_.Lx __pi___kcfi_typeid_x __kvm_nvhe_$x __kvm_nvhe_.Lx __kvm_nvhe_x __kcfi_typeid_x
__kvm_nvhe___kcfi_typeid_x x__kcfi_typeid_ __ARMv7PILongThunk_x __Thunk_ __A_Thunk_x
_ARMThunk_x __ThunkThunk_x __AThunk x_from_arm x_from_armx _from_thumb x_veneer veneer
_SDA_BASE_ _SDA2_BASE_ _SDA_BASE_x x.long_branch.x .plt_branch. .plt_branch x.longxbranch.
__mod_device_table__x __UNIQUE_ID_modinfo_ __UNIQUE_ID_modinfo_12 __UNIQUE_ID_modinfo_1x
__UNIQUE_ID_modinfo ..x _.L_x .Lx .L .x
NAMES

# With blanks, as gas has them for RISC-V.
cat >> names << 'NAMES'
__efistub_.L0 x
.L0 x
x .L0
x a y
x w
w x
x L0
L0 x
x L0 y
x $a
x$a y
x_veneer y
y x_veneer
x __UNIQUE_ID_modinfo_3
x __UNIQUE_ID_modinfo_3 y
x __AThunk_
x  a
x  N y
x __mod_device_table__y
x_SDA_BASE_ y
NAMES

# Every kind of symbol in every kind of section, those names, and odd addresses.
{
    cat << 'ASM'
    .globl gfunc, gdata, gabs, uniq, ifn, late, gro
    .weak wfunc, wdata, wundef, wabs
    .type wdata, @object
    .type wvundef, @object
    .weak wvundef
    .type ifn, @gnu_indirect_function
    .type ifl, @gnu_indirect_function
    .type uniq, @gnu_unique_object
    .type gfunc, @function
    .set gabs, 0x1234
    .set labs, 0x1234
    .set wabs, 0x1234
    .weak wcommon
    .type wcommon, STT_COMMON
    .file "some.c"
    .text
gfunc:
lfunc:
wfunc:
    .byte 0
ifn:
ifl:
    .byte 0
b:
B:
_b:
a:
    .byte 0
    .section .rodata, "a"
gro:
lro:
    .long 0
    .data
uniq:
gdata:
ldata:
wdata:
wcommon:
    .long 0
    .long wundef, wvundef
    .bss
lbss:
    .long 0
    .section .init.text, "ax"
init:
    .long 0
    .section .idata$2, "aw"
idata:
    .long 0
    .section .pdata, "a"
pdata:
    .long 0
    .section .drectve, "aw"
drectve:
    .long 0
    .section .edatas, "aw"
edatas:
    .long 0
    .section .nocode, "ax", @nobits
nocode:
    .skip 4
    .section .robss, "a", @nobits
robss:
    .skip 4
    .section .debug_x
debug:
    .long 0
    .section .debug_loaded, "a"
loaded:
    .long 0
    .section .comments
plain:
    .long 0
    .section .written, "w"
written:
    .long 0
    .section .tdata, "awT"
tls:
    .long 0
    .data
ASM
    while IFS= read -r name; do
        printf '"%s":\n .byte 0\n' "$name"
    done < names
    for name in odd even; do
        printf '.byte 0\n.globl g%s\n.type g%s, @function\n.type l%s, @object\ng%s:\nl%s:\n' $name $name $name $name $name
    done
} > symbols.s
for bits in 64 32; do
    as --$bits -L -mx86-used-note=no -o $bits.o symbols.s
    ld -m "$([ $bits = 64 ] && echo elf_x86_64 || echo elf_i386)" --unresolved-symbols=ignore-all \
        --no-warnings --no-warn-rwx-segments -z noexecstack -e 0 -Ttext=0x10000 -o linked$bits $bits.o
    ok "linked-$bits" all_forms linked$bits 55
    ok "object-$bits" all_forms $bits.o 50
done
printf '.comm common, 24, 8\n.local here\n.comm here, 4\n' | as --64 -o common.o -
ok "common" all_forms common.o 2
printf '%s\n' '.text' 'x:' '.globl x2' 'x2:' > many.s
for ((i = 0; i < 3000; i++)); do
    printf 'sym%d: .if %d\n.byte 0\n.endif\n' $((i * 7919 % 3001)) $((i % 3 == 0))
done >> many.s
as --64 -mx86-used-note=no -o many.o many.s
ok "many" same many.o 6.1 3000

patched() { # FROM TO OFFSET BYTES
    cp "$1" "$2"
    printf "%b" "$4" | dd of="$2" bs=1 seek="$3" conv=notrunc status=none
}
section() { # ELF NAME: where its header is
    local index start size=40
    [ "$(od -An -tu1 -j 4 -N 1 "$1")" -eq 1 ] || size=64
    index=$(readelf -SW "$1" | sed -nE "s/^ *\[ *([0-9]+)\] $2 .*/\1/p")
    start=$(readelf -hW "$1" | sed -nE 's/.*Start of section headers: *([0-9]+).*/\1/p')
    echo $((start + size * index))
}
machine() { # NAME FROM NUMBER
    patched "$2" "$1" 18 "$(printf '\\x%02x\\0' "$3")"
    if nm "$1" > nm.log 2>&1; then
        ok "$1" all_forms "$1" 40
    else
        echo "ok $1 # skipped: $(tail -n 1 nm.log)"
    fi
}
machine arm linked32 40
machine arm64 linked64 183
machine riscv32 linked32 243
machine riscv64 linked64 243
machine powerpc linked32 20
machine mips64 linked64 8
# A symbol without a name: that of "lro", found by its place in the table of names.
for bits in 64 32; do
    table=$(readelf -SW linked$bits | sed -nE 's/.* \.symtab +SYMTAB +[0-9a-f]+ ([0-9a-f]+) .*/\1/p')
    number=$(readelf -sW linked$bits | sed -nE 's/^ *([0-9]+): .* lro$/\1/p')
    patched linked$bits nameless$bits $((16#$table + number * (bits == 64 ? 24 : 16))) '\0\0\0\0'
    ok "nameless-$bits" all_forms nameless$bits 50
done
machine riscv-nameless nameless64 243
# Addresses of MIPS are signed.
ld -m elf_i386 --unresolved-symbols=ignore-all --no-warnings --no-warn-rwx-segments -z noexecstack \
    -e 0 -Ttext=0x80010000 -o high 32.o
machine mips linked32 8
machine mips-high high 8
for order in big little; do
    objcopy -I elf32-little -O elf32-$order linked32 generic-$order 2> /dev/null || continue
    [ $order = little ] || printf '\0\024' | dd of=generic-big bs=1 seek=18 conv=notrunc status=none
    ok "generic-$order" all_forms generic-$order
done

# Sections whose numbers do not fit in 16 bits.
{
    for ((i = 0; i < 66000; i++)); do printf '.section .s%d,"aw"\n' $i; done
    printf '%s\n' 'last: .byte 0' '.globl function, bss, absolute' '.set absolute, 5' \
        '.section .many,"ax"' 'function: .byte 0' '.section .bssish,"aw",@nobits' 'bss: .skip 3'
} | as --64 -mx86-used-note=no -o sections.o -
ok "many-sections" same sections.o 6.1 4

# The release in the banner says which form.
for release in 5.10.223 6.0 6.1.192 6.6.3 6.12.117 7.1.9 7.2.13 8.0-rc1; do
    case $release in 5* | 6.0) form=5.10 ;; 6.1.* | 6.6.*) form=6.1 ;; 6.12* | 7.1*) form=6.12 ;; *) form=7.2 ;; esac
    printf '.globl linux_banner\n.section .rodata,"a"\n.long 0\nlinux_banner:\n.asciz "Linux version %s (me)"\n' \
        $release | as --64 -mx86-used-note=no -o banner.o -
    ld --unresolved-symbols=ignore-all --no-warnings --no-warn-rwx-segments -e 0 -o "banner-$release" \
        64.o banner.o
    nm -n "banner-$release" | perl keep.pl $form > expected
    ok "form-of-$release" unpacks "banner-$release" expected system-map
done
ok "form-unknown" refused linked64 system-map "form: not given: the file does not tell the kernel's release"
for banner in 'Linux version x' 'Linux version 6' 'Linux version 6.1234' 'Linux version 6.1x' 'Linus version 6.1.0'; do
    printf '.globl linux_banner\n.section .rodata,"a"\nlinux_banner:\n.asciz "%s, and more"\n' "$banner" |
        as --64 -mx86-used-note=no -o banner.o -
    ok "no-release-in-$banner" refused banner.o system-map "form: not given"
done
patched banner.o bad $(($(section banner.o .rodata) + 30)) '\xff\xff'
ok "banner-outside" refused bad system-map "form: not given"

# What cannot be listed.
strip -o stripped linked64
ok "stripped" refused stripped system-map:kernel-6.1 "symbols: none"
ok "no-elf" refused symbols.s system-map:kernel-6.1 ""
printf 'a_b: .byte 0\n' | as --64 -o bad.o -
perl -pi -e 's/a_b/a\nb/' bad.o
ok "line-end" refused bad.o system-map:kernel-6.1 "symbols: name 'a?b': a line end in it"
table=$(section linked64 .symtab)
patched linked64 bad $((table + 32)) '\x19'
ok "odd-size" refused bad system-map:kernel-6.1 "symbols: damaged: their size is wrong"
patched linked64 bad $((table + 27)) '\x7f'
ok "outside" refused bad system-map:kernel-6.1 "symbols: damaged: they reach beyond the end of the file"
patched linked64 bad $((table + 40)) '\0'
ok "no-names" refused bad system-map:kernel-6.1 "symbols: damaged:"
patched linked64 bad $(($(section linked64 .strtab) + 27)) '\x7f'
ok "names-outside" refused bad system-map:kernel-6.1 "symbols: damaged: the table of their names is not in the file"
printf '.text\nx: .byte 0\n.globl y, z\ny: .byte 0\n.data\nz: .long 0\n.weak w\nw:\n' | as --64 -mx86-used-note=no -o few.o -
mutants few.o
find m -name 't*[1-9]' -delete
find m -name 'b*' | grep -v '[05]$' | xargs rm
ok "mutants" survives elf '' 'MUTANT, {system-map: kernel-6.1}'

finish
