# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/elf.pl - writes an ELF file of any class and byte order, for the golden tests:
#
#   elf.pl FILE CLASS ORDER MACHINE TYPE ENTRY THING...
#
# where CLASS is 32 or 64, ORDER le or be, and a thing is
#   s:NAME:TYPE:FLAGS:ADDRESS:SIZE:LETTER[:TEXT]  a section of that letter, TEXT from byte 3
#   p:TYPE:PADDR:FIRST:LAST                       a segment over these sections; PADDR =: p_vaddr
# NOBITS sections (type 8) take no room in it. The section headers stand at the end.
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
