# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/elf.sh - ELF files for the golden tests that read them. Sourced after common.sh,
# whose folder to work in it uses.

# Writes an ELF file: FILE CLASS ORDER MACHINE TYPE ENTRY THING..., where a thing is
#   s:NAME:TYPE:FLAGS:ADDRESS:SIZE:LETTER[:TEXT]  a section of that letter, TEXT from byte 3
#   p:TYPE:PADDR:FIRST:LAST                       a segment over these sections; PADDR =: p_vaddr
# NOBITS sections (type 8) take no room in it. The section headers stand at the end.
cat > elf.pl << 'PERL'
use strict; use warnings; no warnings 'portable';
my ($out, $class, $order, $machine, $type, $entry, @things) = @ARGV;
my ($wide, $e) = ($class == 64, $order eq 'le' ? '<' : '>');
sub half { pack("S$e", $_[0]) } sub word { pack("L$e", $_[0]) }
sub address { pack($wide ? "Q$e" : "L$e", $_[0]) }
sub number { $_[0] =~ /^0x/ ? hex $_[0] : $_[0] + 0 }
my (@sections, @segments, %named);
for (@things) {
    my ($kind, @f) = split /:/;
    if ($kind eq 'p') { push @segments, [@f]; next }
    my %s = (name => $f[0], letter => $f[5], text => $f[6]);
    @s{qw(type flags addr size)} = map { number($_) } @f[1 .. 4];
    push @sections, \%s; $named{$f[0]} = \%s;
}
my $data = "\0" x (($wide ? 64 : 52) + @segments * ($wide ? 56 : 32));
for my $s (@sections) {
    $data .= "\0" x (-length($data) & 15) if $s->{type} != 8;
    $s->{offset} = length $data;
    next if $s->{type} == 8;
    my $bytes = $s->{letter} x $s->{size};
    substr($bytes, 3, length $s->{text}) = $s->{text} if defined $s->{text};
    $data .= $bytes;
}
my $names = "\0";
for my $s (@sections) { $s->{at} = length $names; $names .= "$s->{name}\0" }
my ($names_at, $names_offset) = (length $names, length $data);
$names .= ".shstrtab\0"; $data .= $names; $data .= "\0" x (-length($data) & 15);
my $shoff = length $data;
sub section { my ($n, $t, @a) = @_; word($n).word($t).join('', map { address($_) } @a).word(0).word(0) }
$data .= section(0, 0, 0, 0, 0, 0).address(0).address(0);
$data .= section(@$_{qw(at type flags addr offset size)}).address(1).address(0) for @sections;
$data .= section($names_at, 3, 0, 0, $names_offset, length $names).address(1).address(0);
my $phdrs = '';
for (@segments) {
    my ($t, $paddr, $first, $last) = ($_->[0], $_->[1], $named{$_->[2]}, $named{$_->[3]});
    my ($start, $vaddr, $end) = (@$first{qw(offset addr)}, $last->{offset});
    $end += $last->{size} if $last->{type} != 8;
    my ($filesz, $memsz) = ($end - $start, $last->{addr} + $last->{size} - $vaddr);
    $memsz = $filesz if $memsz < $filesz;
    my @a = map { address($_) } $start, $vaddr, $paddr eq '=' ? $vaddr : number($paddr), $filesz, $memsz;
    $phdrs .= word($t).($wide ? word(7).join('', @a) : join('', @a).word(7)).address(1);
}
my $header = "\x7fELF".chr($wide ? 2 : 1).chr($order eq 'le' ? 1 : 2)."\1".("\0" x 9)
    .half($type).half($machine).word(1).address(number($entry))
    .address(@segments ? ($wide ? 64 : 52) : 0).address($shoff).word(0).half($wide ? 64 : 52)
    .half($wide ? 56 : 32).half(scalar @segments).half($wide ? 64 : 40).half(@sections + 2)
    .half(@sections + 1);
substr($data, 0, length $header) = $header;
substr($data, length $header, length $phdrs) = $phdrs;
open my $file, '>:raw', $out or die; print $file $data; close $file or die;
PERL
elf() { perl elf.pl "$@"; }
patched() { # FROM TO OFFSET BYTES
    cp "$1" "$2"
    printf "%b" "$4" | dd of="$2" bs=1 seek="$3" conv=notrunc status=none
}

# A source, and linker scripts like a kernel's for it: source.s, script64.ld, script32.ld.
kernel_sources() {
    cat > source.s << 'ASM'
    .section .text,"ax"
    .globl _start
_start: .fill 301, 1, 0x90
    .long data - .
    .section .rodata,"a"
    .asciz "Linux version %s (%s)"
    .asciz "Linux version 6.1.0-99-golden (someone@somewhere) #1 SMP"
    .section .data,"aw"
data:
    .fill 77, 1, 0x44
    .section .hole,"aw",@nobits
    .skip 1000
    .section .behind,"aw"
    .fill 10, 1, 0x62
    .section .init.text,"ax"
    .fill 20, 1, 0x49
    .section .init.data,"aw"
    .fill 33, 1, 0x69
    .section locks,"w"
    .section .bss,"aw",@nobits
    .skip 5000
    .section .comment
    .asciz "left out"
    .section .debug_info
    .asciz "left out"
    .section other
    .asciz "kept"
ASM
    cat > script.ld << 'LD'
PHDRS { text PT_LOAD; data PT_LOAD; init PT_LOAD; note PT_NOTE; }
SECTIONS {
    . = BASE;
    .text : AT(ADDR(.text) - OFFSET) { *(.text) } :text
    .rodata ALIGN(64) : AT(ADDR(.rodata) - OFFSET) { *(.rodata) } :text
    .notes ALIGN(4) : AT(ADDR(.notes) - OFFSET) { *(.note.gnu.build-id) } :text :note
    . = ALIGN(4096) + 512;
    .data : AT(ADDR(.data) - OFFSET) { *(.data) } :data
    .hole : AT(ADDR(.hole) - OFFSET) { *(.hole) } :data
    .behind : AT(ADDR(.behind) - OFFSET) { *(.behind) } :data
    . = ALIGN(4096);
    .init.text : AT(ADDR(.init.text) - OFFSET) { *(.init.text) } :init
    .init.data ALIGN(32) : AT(ADDR(.init.data) - OFFSET) { *(.init.data) } :init
    .locks : AT(ADDR(.locks) - OFFSET) { *(locks) } :init
    .bss ALIGN(64) : AT(ADDR(.bss) - OFFSET) { *(.bss) } :init
}
LD
    sed 's/BASE/0xffffffff81000000/; s/OFFSET/0xffffffff80000000/' script.ld > script64.ld
    sed 's/BASE/0xc1000000/; s/OFFSET/0xc0000000/' script.ld > script32.ld
}
