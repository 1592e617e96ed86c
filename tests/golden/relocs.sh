#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/relocs.sh - the stage relocs on small kernels that as and ld --emit-relocs make,
# against lists that are made of what readelf(1) shows; what it refuses, and hostile files.
# Real kernels: tests/real/farm-relocs.sh.
#
#     relocs.sh KPIPE WORKDIR
. "$(dirname "$0")/common.sh"

# expect.pl ELF BITS INVERSE: vmlinux.relocs, of readelf's lists. Names that are absolute and known
# to be addresses or constants are those that begin so here.
cat > expect.pl << 'PERL'
use strict; use warnings; no warnings 'portable';
my ($elf, $bits, $inverse) = @ARGV;
my (%home, %value, %list, $per_cpu, $place);
open my $sections, '-|', 'readelf', '-SW', $elf or die;
for (<$sections>) { $per_cpu = $1 if /\[ *(\d+)\] \.data\.\.percpu +\w+ +0+ / }
open my $symbols, '-|', 'readelf', '-sW', $elf or die;
for (<$symbols>) { my @f = split; @home{$f[7]} = $f[6], $value{$f[7]} = hex $f[1] if @f == 8 && $f[0] =~ /^\d+:/ }
$per_cpu = 'none' if $bits == 32 || !defined $per_cpu;
open my $relocs, '-|', 'readelf', '-rW', $elf or die;
for (<$relocs>) {
    $place = $1 if /^Relocation section '\.rela?(\S+)'/;
    my ($at, $info, $type, $sym_value, $name) = split;
    next unless defined $name && $type =~ /^R_/ && $place !~ /^\.(debug|note)/;
    my $home = $name eq '.data..percpu' && $per_cpu ne 'none' ? $per_cpu : $name =~ /^\./ ? 'section' : $home{$name};
    $home = 'section' if $name =~ /^(__init_begin|__per_cpu_load|init_per_cpu_)/ && $home eq $per_cpu;
    next if $home eq 'ABS' && $name =~ /^(VDSO|__crc_|__kcfi_typeid_|xen_)/;
    next if $home eq 'UND' && $bits == 64;
    $at = hex $at;
    $at += $value{__per_cpu_load} if $place eq '.data..percpu' && $per_cpu ne 'none';
    my $to = $type =~ /_64_64$/ ? 64 : $type =~ /_(32S?)$/ ? 32 : $type =~ /_64_(PC|PLT)32$/ ? 'inverse' : next;
    next if ($home eq $per_cpu) != ($to eq 'inverse');
    push @{$list{$to}}, $at & 0xffffffff;
}
for ($bits == 32 ? 32 : $inverse ? (64, 'inverse', 32) : (64, 32)) {
    print pack('L<', 0), pack('L<*', sort { $a <=> $b } @{$list{$_} // []});
}
PERL

entries() { # FILE: numbers in it, without the zeros
    od -An -v -tx4 -w4 "$1" | grep -vc ' 00000000'
}

same() { # ELF FORM BITS INVERSE LEAST: as readelf shows, with at least that many entries
    perl expect.pl "$1" "$3" "$4" > expected && pipe "$1" "relocs:$2" listed &&
        cmp listed expected && [ "$(entries listed)" -ge "$5" ]
}

quiet() { # COMMAND...: without a warning
    "$@" > quiet.log 2>&1 && cat quiet.log && ! grep -q warning quiet.log
}

warns() { # ELF STAGE TEXT
    pipe "$1" "$2" listed > warns.log 2>&1 && cat warns.log && grep -qF -- "warning: $3" warns.log
}

# Each kind of relocation that kernels have; sections that are not loaded, and notes.
cat > common.s << 'ASM'
    .globl start, other, __init_begin
    .weak missing
    .text
start:
    call other
    jmp other + 5
    .fill 40, 1, 0x90
    .section .rodata, "a"
    .rept 700
    WORD other
    .endr
other:
    WORD start
    WORD missing
    WORD local
    .long start - .
    .section .data, "aw"
local:
    WORD other + 3
    WORD jiffies
    WORD VDSO32_thing
    WORD __crc_thing
    WORD __kcfi_typeid_thing
    WORD xen_elfnote_thing_offset
    .section .note.x, "a", @note
    WORD start
    .section .debug_x
    WORD start
    .section .init.data, "aw"
    WORD __start_pci_thing
    WORD _end
ASM
cat > wide.s << 'ASM'
    .text
    movabs $other, %rax
    mov $other + 0x80000000, %eax # R_X86_64_32, which has no sign
    mov other, %eax
    movq $start, %rax
    mov other(%rip), %rax
    call other@PLT
    .quad other - .
    .reloc ., R_X86_64_NONE, other
    movq $__init_begin, %rax
ASM
cat > smp.s << 'ASM'
    .text
    mov %gs:counter(%rip), %eax
    mov %gs:second(%rip), %eax
    mov init_per_cpu__thing(%rip), %rax
    movq $counter, %rax
    movabs $counter, %rax
    .globl counter, init_per_cpu__thing
    .section .data..percpu, "aw"
counter:
    .quad start
    .long other + 0x80000000
    .quad counter
    .long other - .
second:
    .quad 0
init_per_cpu__thing:
    .quad __per_cpu_load
ASM
cat > narrow.s << 'ASM'
    .text
    mov $other, %eax
    mov other, %eax
    call other@PLT
    .reloc ., R_386_NONE, other
ASM
printf '.byte 0\n' > late.s
cat > absolute.s << 'ASM'
    .globl jiffies, VDSO32_thing, __crc_thing, __kcfi_typeid_thing, xen_elfnote_thing_offset
    .globl __start_pci_thing, _end
    jiffies = 0x1000
    VDSO32_thing = 1
    __crc_thing = 2
    __kcfi_typeid_thing = 3
    xen_elfnote_thing_offset = 4
    __start_pci_thing = 5
    _end = 6
ASM
# .rodata stands first in the file and last in memory.
cat > script.ld << 'LD'
SECTIONS {
    .rodata BASE + 0x10000 : { *(.rodata) }
    .text BASE : { *(.text) }
    .data : { *(.data) }
    .notes : { *(.note.x) }
    . = ALIGN(4096);
    __init_begin = .;
    PERCPU
    .init.data BASE + 0x8000 : { *(.init.data) }
    /DISCARD/ : { *(.note.gnu*) }
}
LD
smp='__per_cpu_load = .; .data..percpu 0 : AT(__per_cpu_load) { *(.data..percpu) }'
up='__per_cpu_load = .; .data..percpu : { *(.data..percpu) }'
sed "s/BASE/0xffffffff81000000/; s/PERCPU/$smp/" script.ld > smp.ld
sed "s/BASE/0xffffffff81000000/; s/PERCPU/$up/" script.ld > up.ld
sed "s/BASE/0xc1000000/; s/PERCPU/$smp/" script.ld > narrow.ld
link() { # OUT SCRIPT OBJECT...
    ld -m "$(case $2 in narrow*) echo elf_i386 ;; *) echo elf_x86_64 ;; esac)" --emit-relocs --no-relax --no-warn-rwx-segments --no-warnings -z max-page-size=4096 -z noexecstack \
        -e 0 -o "$1" -T "$2" "${@:3}"
}
cat common.s wide.s | sed 's/WORD/.quad/' | as --64 -mx86-used-note=no -o wide.o -
sed 's/WORD/.quad/' common.s | cat - smp.s | as --64 -mx86-used-note=no -o smp.o -
cat common.s narrow.s | sed 's/WORD/.long/' | as --32 -mx86-used-note=no -o narrow.o -
as --64 -mx86-used-note=no -o absolute64.o absolute.s
as --32 -mx86-used-note=no -o absolute32.o absolute.s
cat common.s wide.s smp.s | sed 's/WORD/.quad/' | as --64 -mx86-used-note=no -o all.o -
link smp smp.ld all.o absolute64.o
link up up.ld all.o absolute64.o
link none up.ld wide.o absolute64.o
link narrow narrow.ld narrow.o absolute32.o
ld -m elf_x86_64 --no-warn-rwx-segments -T up.ld -o stripped all.o absolute64.o

ok "smp-6.1" quiet same smp kernel-6.1 64 1 716
ok "up-6.1" quiet same up kernel-6.1 64 1 717
ok "up-6.15" quiet same up kernel-6.15 64 0 717
ok "without-per-cpu-6.1" quiet same none kernel-6.1 64 1 711
ok "32-bit-6.1" quiet same narrow kernel-6.1 32 0 709
ok "32-bit-6.15" quiet same narrow kernel-6.15 32 0 709
ok "none" pipe up relocs:none listed
ok "none-is-empty" [ -e listed -a ! -s listed ]

# The release in the banner says which form.
for release in 5.10.223 6.14.11 6.15.0-rc1 7.2; do
    printf '.globl linux_banner\n.section .rodata,"a"\nlinux_banner:\n.asciz "Linux version %s (me)"\n' \
        $release | as --64 -mx86-used-note=no -o banner.o -
    link "banner-$release" up.ld wide.o absolute64.o banner.o
    inverse=1
    case $release in 6.15* | 7*) inverse=0 ;; esac
    perl expect.pl "banner-$release" 64 $inverse > expected
    ok "form-of-$release" unpacks "banner-$release" expected relocs
done
ok "form-unknown" refused up relocs "form: not given: the file does not tell the kernel's release"

# One field against one symbol, and a symbol at an address: OUT BASE DIRECTIVE [SYMBOL [PERCPU]]
one() {
    printf '.globl start, target\n.text\nstart: %s\n.section .data..percpu,"aw"\ntarget: .quad 0\n' "$3" |
        as --64 -mx86-used-note=no -o one.o -
    printf '.globl %s\n%s = 0x1234\n' "${4:-none}" "${4:-none}" | as --64 -mx86-used-note=no -o two.o -
    sed "s/BASE/$2/; s/PERCPU/${5:-$up}/" script.ld > one.ld
    link "$1" one.ld one.o two.o
}
one bad 0x1000 '.short start'
ok "type-16" refused bad relocs:kernel-6.1 \
    "section '.text': relocation at 0x1000 against 'start': R_X86_64_16 (12): the kernel cannot apply"
one bad 0x40 '.byte start'
ok "type-8" refused bad relocs:kernel-6.15 "R_X86_64_8 (14): the kernel cannot apply"
one bad 0x1000 'mov other@GOTPCREL(%rip), %eax' other
ok "type-gotpcrelx" refused bad relocs:kernel-6.15 "against 'other': R_X86_64_GOTPCRELX (41): the kernel cannot"
one gotpcrel 0x1000 'mov start@GOTPCREL(%rip), %rax'
ok "type-rex-gotpcrelx-6.1" refused gotpcrel relocs:kernel-6.1 "against 'start': R_X86_64_REX_GOTPCRELX (42): the kernel cannot"
ok "type-rex-gotpcrelx-6.15" same gotpcrel kernel-6.15 64 0 0
one bad 0x1000 '.quad other' other
ok "absolute" refused bad relocs:kernel-6.1 \
    "section '.text': relocation at 0x1000 against 'other': R_X86_64_64 (1): the symbol is absolute"
one bad 0x100001000 '.quad start'
ok "far" refused bad relocs:kernel-6.1 \
    "relocation at 0x100001000 against 'start': R_X86_64_64 (1): the address does not fit"
one bad 0x7ffffff8 '.quad start, start'
ok "far-by-one" refused bad relocs:kernel-6.1 "relocation at 0x80000000 against"
one bad 0xffffffff7fffffff '.quad start'
ok "far-below" refused bad relocs:kernel-6.1 "relocation at 0xffffffff7fffffff against"
one bad 0xffffffff81000000 '.quad target - .' none "$smp"
ok "per-cpu-64" refused bad relocs:kernel-6.1 \
    "against 'target': R_X86_64_PC64 (24): not against a per-CPU symbol"
ok "per-cpu-form" refused bad relocs:kernel-6.15 "form: kernel-6.15: section '.data..percpu' at address 0"
one bad 0xffffffff81000000 '.quad start' none '.data..percpu 0 : { *(.data..percpu) }'
ok "per-cpu-load" refused bad relocs:kernel-6.1 "symbols: __per_cpu_load: not there"

# Symbols that the linker made absolute. Most fields that are relative to the instruction stay
# wrong silently, but for a warning: the build has none, either.
one absolute 0x1000 'call other; call other' other
ok "warning" warns absolute relocs:kernel-6.1 \
    "stage 'relocs': section '.text': relocation at 0x1001 against 'other': R_X86_64_PLT32: the symbol is absolute"
ok "warning-count" warns absolute relocs:kernel-6.1 "stage 'relocs': 1 further relocations are against such"
for name in _end jiffies jiffies_64 __end_rodata_aligned __init_begin __init_end __x86_cpu_dev_start \
    __tracedata_end __start_pci_ __end_pci_x __stop_notes __start___param \
    __stop___modver __start___bug_table __start___ksymtab __stop___ksymtab_gpl \
    __stop___kcrctab_gpl __alt_instructions_end __apicdrivers __smp_locks \
    __end_rodata_hpage_align __initramfs_start; do
    one named 0x1000 '.quad '$name $name 'x = .;'
    ok "address-$name" quiet same named kernel-6.15 64 0 1
done
for name in init_per_cpu__x __vvar_page __end_builtin_fw __parainstructions_end __start___kcrctab_unused; do
    one named 0x1000 '.quad '$name $name
    ok "address-$name-6.1" quiet same named kernel-6.1 64 1 1
    ok "address-$name-6.15" refused named relocs:kernel-6.15 "against '$name': R_X86_64_64 (1): the symbol is"
done
for name in VDSO VDSO32_x __crc_x __kcfi_typeid_x xen_elfnote_x_offset xen_irq_disable_direct_reloc; do
    one named 0x1000 '.quad '$name $name
    ok "constant-$name" quiet same named kernel-6.1 64 1 0
done
for name in x_end _ends __init_begin2 __init __start_pci start_pci_x __stop___param_gpl xen_elfnote__offset \
    xen_elfnote_x_offsets xen_irq_disable_direct_reloc2 crc_x; do
    one named 0x1000 '.quad '$name $name
    ok "neither-$name" refused named relocs:kernel-6.1 "against '$name': R_X86_64_64 (1): the symbol is absolute"
done
printf '.globl start\nstart: .long VDSO32_x, jiffies, x\n' | as --32 -mx86-used-note=no -o one.o -
printf '.globl VDSO32_x, jiffies, x\nVDSO32_x = 1\njiffies = 2\nx = 3\n' | as --32 -mx86-used-note=no -o two.o -
link bad narrow.ld one.o two.o
ok "absolute-32-bit" refused bad relocs:kernel-6.1 \
    "section '.text': relocation at 0xc1000008 against 'x': R_386_32 (1): the symbol is absolute"
printf '.globl start\nstart: .short start\n' | as --32 -mx86-used-note=no -o one.o -
sed "s/BASE/0x1000/; s/PERCPU/$up/" script.ld > narrow-low.ld
link bad narrow-low.ld one.o
ok "type-16-32-bit" refused bad relocs:kernel-6.1 "R_386_16 (20): the kernel cannot apply"

# Files that are not such a kernel, or damaged.
patched() { # FROM TO OFFSET BYTES
    cp "$1" "$2"
    printf "%b" "$4" | dd of="$2" bs=1 seek="$3" conv=notrunc status=none
}
section() { # ELF NAME: where its header is
    local index start
    index=$(readelf -SW "$1" | sed -nE "s/^ *\[ *([0-9]+)\] $2 .*/\1/p")
    start=$(readelf -hW "$1" | sed -nE 's/.*Start of section headers: *([0-9]+).*/\1/p')
    echo $((start + 64 * index))
}
ok "stripped" refused stripped relocs:kernel-6.1 "relocations: none of code: not linked with --emit-relocs"
ok "object" refused all.o relocs:kernel-6.1 "ELF header: type 1: not a linked kernel"
patched up bad 18 '\xb7\0'
ok "arm64" refused bad relocs:kernel-6.1 "ELF header: machine 183, 64 bits: not an x86 kernel"
patched narrow bad 18 '\x3e\0'
ok "x32" refused bad relocs:kernel-6.1 "ELF header: machine 62, 32 bits: not an x86 kernel"
ok "no-elf" refused common.s relocs:kernel-6.1 ""
text=$(section up .rela.text)
patched up bad $((text + 40)) '\x01'
ok "symbols-elsewhere" refused bad relocs:kernel-6.1 "its symbols are in section 1, not in"
patched up bad $((text + 44)) '\x7f'
ok "place-elsewhere" refused bad relocs:kernel-6.1 "for section 127: there are"
patched up bad $((text + 32)) '\x19'
ok "odd-size" refused bad relocs:kernel-6.1 "not a multiple of 24"
patched up bad $((text + 27)) '\x7f'
ok "outside" refused bad relocs:kernel-6.1 "beyond the end of the file"
size=$(($(stat -c %s up) / 24 * 24))
patched up bad $((text + 24)) "$(printf '\\0%.0s' {1..8})$(printf '\\x%02x\\x%02x' $((size & 255)) $((size >> 8)))"
data=$(section up .rela.data)
patched bad bad2 $((data + 24)) "$(printf '\\0%.0s' {1..8})$(printf '\\x%02x\\x%02x' $((size & 255)) $((size >> 8)))"
ok "one-upon-the-other" refused bad2 relocs:kernel-6.1 "more than the file has"
first=$((16#$(readelf -SW up | sed -nE 's/.* \.rela\.text +RELA +[0-9a-f]+ ([0-9a-f]+) .*/\1/p')))
patched up bad $((first + 12)) '\xff\x7f'
ok "symbol-number" refused bad relocs:kernel-6.1 "symbols: number 32767: there are"

# Small ones, with most bytes changed: an error or a list.
sed '/rept/,/endr/s/700/9/' common.s > few.s
sed 's/WORD/.quad/' few.s | cat - smp.s | as --64 -mx86-used-note=no -o few.o -
sed "s/ALIGN(4096)/ALIGN(16)/; s/0x10000/0x2000/; s/0x8000/0x1000/" smp.ld > few.ld
ld -N --no-warn-rwx-segments --emit-relocs --no-warnings -e 0 -o few -T few.ld few.o absolute64.o
rm -rf m
mkdir m
perl -e 'local $/; open F, "<", "few"; $d = <F>;
    for $i (0 .. length($d) - 1) { $x = $d; vec($x, 8 * $i + $i * 5 % 8, 1) ^= 1;
        next if $i % 3 && $i < length($d) - 1500; open O, ">", "m/b$i"; print O $x; close O }
    for ($i = 1; $i < length $d; $i += 40) { open O, ">", "m/t$i"; print O substr $d, 0, $i; close O }'
ok "mutants" survives elf '' 'MUTANT, {relocs: kernel-6.1}'

finish
