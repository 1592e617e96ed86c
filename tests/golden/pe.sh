#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/pe.sh - the pe format: files that GNU ld links for EFI firmware, whose CheckSum and
# sizes it computes; objdump reads the same of them as kpipe; refusals of what no loader can use;
# hostile headers.
#
#     pe.sh KPIPE WORKDIR
#
# With osslsigncode on the machine its signature, too. Prints a line for each case and fails if
# one of them failed.
. "$(dirname "$0")/common.sh"

cat > program.s << 'ASM'
    .text
    .globl start
start: .fill 100, 1, 0x90
    .data
    .fill 700, 1, 0x44
    .bss
    .skip 12001
ASM
for bits in 32 64; do
    coff=pe-i386 emulation=i386pe
    [ $bits = 32 ] || coff=pe-x86-64 emulation=i386pep
    as --$bits -mx86-used-note=no -o program.o program.s
    objcopy -O $coff program.o program.coff
    ld -m $emulation --subsystem 10 --no-insert-timestamp -s -e start -o $bits.efi program.coff
done

put() { # FILE OFFSET BYTES
    printf '%b' "$3" | dd of="$1" bs=1 seek=$(($2)) conv=notrunc status=none
}
number() { # FILE OFFSET: 32 bits
    od -An -tu4 -j $(($2)) -N 4 "$1" | tr -d ' '
}
passes() { # FILE
    pipe "$1" pe ours && cmp ours "$1"
}
fills() { # INPUT STAGE EXPECTED
    pipe "$1" "$2" ours && cmp ours "$3"
}
# The value that objdump gives a field must be the one that inspect shows.
reads() { # FILE OBJDUMP-NAME OUR-NAME
    local theirs ours
    theirs=$(objdump -p "$1" | awk -v name="$2" '$1 == name { print $2; exit }')
    ours=$("$kpipe" inspect "$1" | awk -v name="$3" '$2 == name { print $3; exit }')
    case $ours in 0x*) ;; *) ours=$(printf '%x' "$ours") ;; esac
    echo "$2: $theirs, $ours"
    [ -n "$theirs" ] && [ $((0x$theirs)) = $((0x${ours#0x})) ]
}

for bits in 32 64; do
    file=$bits.efi
    coff=$(number $file 0x3c)
    optional=$((coff + 24))
    ok passes-$bits passes $file
    for names in "AddressOfEntryPoint AddressOfEntryPoint" "BaseOfCode BaseOfCode" \
        "ImageBase ImageBase" "SectionAlignment SectionAlignment" "FileAlignment FileAlignment" \
        "SizeOfCode SizeOfCode" "SizeOfInitializedData SizeOfInitializedData" \
        "SizeOfUninitializedData SizeOfUninitializedData" "SizeOfImage SizeOfImage" \
        "SizeOfHeaders SizeOfHeaders" "CheckSum CheckSum" "Subsystem Subsystem" \
        "DllCharacteristics DllCharacteristics" "SizeOfStackReserve SizeOfStackReserve" \
        "SizeOfHeapCommit SizeOfHeapCommit" "NumberOfRvaAndSizes NumberOfRvaAndSizes"; do
        # shellcheck disable=SC2086 # two words
        ok "reads-$bits-${names%% *}" reads $file $names
    done
    cp $file zero
    put zero $((optional + 64)) '\0\0\0\0'
    ok checksum-zero-$bits fills $file pe:checksum=zero zero
    ok checksum-compute-$bits fills zero pe:checksum=compute $file
    cat zero <(printf x) > odd
    ok checksum-odd-$bits pipe odd pe:checksum=compute ours
    [ "$(number ours $((optional + 64)))" -gt 0 ] && cp ours odd
    ok checksum-odd-right-$bits passes odd
    shows_valid() { shows odd 'CheckSum' && ! grep INVALID shown.txt; }
    ok checksum-odd-shown-$bits shows_valid
    cp $file sizes
    for at in 4 8 12 56; do put sizes $((optional + at)) '\1\2\0\0'; done
    ok sizes-compute-$bits fills sizes pe:sizes=compute $file
    ok sizes-wrong-$bits refused sizes pe "pe header: SizeOfImage 513: the sections end at"
    pipe $file pe:nx=yes with > log 2>&1
    pipe with pe:nx=no without > log 2>&1
    ok nx-yes-$bits shows with 'DllCharacteristics .*NX_COMPAT'
    shows_none() { shows without 'DllCharacteristics' && ! grep NX_COMPAT shown.txt; }
    ok nx-no-$bits shows_none
    differ() { [ "$(cmp -l with without | wc -l)" = 1 ]; }
    ok nx-one-byte-$bits differ
    cp $file wrong
    flip wrong 1100
    ok wrong-checksum-$bits shows wrong 'CheckSum .* INVALID'
done
ok names shows 64.efi 'Machine +0x8664  x64' 'Magic +0x020b  PE32\+' 'Subsystem +10  EFI application' \
    'section\[0\].VirtualSize .* .text' 'section\[0\].Characteristics .* code, .*execute, read' \
    'Characteristics .*EXECUTABLE_IMAGE' 'trait arch +x86_64'
ok names-32 shows 32.efi 'Machine +0x014c  IA32' 'Magic +0x010b  PE32$' 'trait arch +i386'

# What no loader can use, all of the 64-bit file: optional header at $optional, sections behind.
table=$((optional + 240))
broken() { # NAME OFFSET BYTES TEXT
    cp 64.efi bad
    put bad "$2" "$3"
    ok "$1" refused bad pe "$4"
}
head -c 63 64.efi > bad
ok too-short refused bad pe "pe header: 63 bytes: the header before it has 64"
broken no-mz 1 X "not with MZ"
broken far 0x3c '\0\0\0\x7f' "pe header: at 0x7f000000: the file has "
broken no-signature "$coff" X "no PE signature there"
broken many-sections $((coff + 6)) '\xff\xff' "pe header: section "
broken no-sections $((coff + 6)) '\0\0' "pe header: NumberOfSections 0: must be 1 to 1024"
broken no-optional $((coff + 20)) '\0\0' "pe header: "
broken large-optional $((coff + 20)) '\xff\xff' "pe header: optional header of 65535 bytes"
broken small-optional $((coff + 20)) '\x6f\0' "pe header: SizeOfOptionalHeader 111: less than the 112 that it needs"
broken magic $((optional)) X "pe header: Magic 0x258: neither PE32's 0x10b nor PE32+'s 0x20b"
broken directories $((optional + 108)) '\x11' "pe header: NumberOfRvaAndSizes 17: the optional header has room for 16"
broken file-alignment $((optional + 36)) '\1\2' "pe header: FileAlignment 0x201: must be a power of two"
broken section-alignment $((optional + 32)) '\0\1' "pe header: SectionAlignment 0x100: must be a power of two"
broken header-size $((optional + 60)) '\0\1' "pe header: SizeOfHeaders 256: the headers take "
broken header-size-large $((optional + 62)) '\1' "pe header: SizeOfHeaders 66560: the headers take "
broken address $((table + 12)) '\1' "section 0 '.text': VirtualAddress 0x1001: SectionAlignment is 0x1000"
broken order $((table + 40 + 13)) '\x10' "section 1 '.data': VirtualAddress 0x1000: what is before it ends at 0x1"
broken raw-alignment $((table + 20)) '\1' "section 0 '.text': PointerToRawData 0x401: FileAlignment is 0x200"
broken raw-outside $((table + 40 + 18)) '\1' "section 1 '.data' ends at byte "
broken raw-overlap $((table + 40 + 21)) '\4' "sections 0 '.text' and 1 '.data': share bytes of the file"
broken raw-in-headers $((table + 21)) '\0' "section 0 '.text': PointerToRawData 0x0: the headers end at 0x"
broken entry $((optional + 18)) '\1' "AddressOfEntryPoint 0x11000: in none of "
broken image-size $((optional + 57)) '\x20\0' "SizeOfImage 8192: the sections end at "
cp 64.efi bad
put bad "$table" '\33[1mt'
ok control-characters shows bad 'VirtualSize .* \?\[1mt$'
for ((length = 1; length < 1100; length += 37)); do
    head -c $length 64.efi > bad
    ok cut-$length refused bad pe "pe header: "
done

# Certificates: 16 bytes behind the file, by directory 4.
size=$(stat -c %s 64.efi)
cat 64.efi <(head -c 16 /dev/zero) > signed
put signed $((optional + 112 + 32)) "$(le32 "$size" | od -An -tx1 | sed 's/ /\\x/g')\\x10"
warns() { # STAGE
    pipe signed "$1" ours > warns.log 2>&1 && grep -q 'the file is signed, and the signature does not hold' warns.log
}
quiet() { ! warns "$1" && [ -s ours ]; }
ok signed-passes passes signed
ok signed-shown shows signed 'Certificate .*16 bytes of the file: signed'
ok signed-nx warns pe:nx=no
ok signed-checksum quiet pe:checksum=compute
ok signed-sizes quiet pe:sizes=compute
cat signed <(printf x) > bad
ok signed-trailing refused bad pe "pe header: certificate table ends at byte $((size + 16)): the file has $((size + 17))"
head -c $((size + 15)) signed > bad
ok signed-cut refused bad pe "certificate table ends at byte $((size + 16)): the file has $((size + 15))"
cp signed bad
put bad $((optional + 112 + 32)) "$(le32 $((size + 4)) | od -An -tx1 | sed 's/ /\\x/g')\\x0c"
ok signed-askew refused bad pe "certificate table at 0x$(printf %x $((size + 4))): must be a multiple of 8"
cp signed bad
put bad $((optional + 112 + 32)) "$(le32 $((size - 8)) | od -An -tx1 | sed 's/ /\\x/g')\\x18"
ok signed-overlap refused bad pe "reaches into it"
if command -v osslsigncode > /dev/null && command -v openssl > /dev/null; then
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=kpipe -days 3650 2> log
    osslsigncode sign -certs cert.pem -key key.pem -in 64.efi -out theirs > log
    holds() {
        osslsigncode verify -in ours -CAfile cert.pem > verify.log 2>&1
        grep -q 'Calculated message digest' verify.log && ! grep MISMATCH verify.log
    }
    ok signer-passes passes theirs
    ok signer-checksum fills theirs pe:checksum=compute theirs
    pipe theirs pe:checksum=zero ours > log
    ok signer-holds holds
    pipe theirs pe:nx=no ours > log 2>&1
    broken_now() { ! holds && grep -q MISMATCH verify.log; }
    ok signer-broken broken_now
fi

mutants 64.efi 700
ok hostile survives pe '' 'MUTANT, {pe: {sizes: compute, checksum: compute}}'
finish
