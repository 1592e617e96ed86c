#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/zboot.sh - the zboot format: headers that kpipe fills in against those of the
# assembler and the linker, by which Kbuild has them filled in, and what is refused.
#
#     zboot.sh KPIPE WORKDIR [VMLINUZ.EFI...]
#
# The images are linked here with the fields and symbols of the kernel's zboot-header.S and
# zboot.lds, by this machine's binutils: no code is run, so the ELF file's machine is written over.
# Real ones may be given to be checked. Prints a line for each case and fails if one of them failed.
. "$(dirname "$0")/common.sh"

stripped() { # ELF OPTION...: of arm64, as less.elf; this machine's objcopy need not know arm64
    cp "$1" x86.elf
    put x86.elf 18 3e00
    objcopy "${@:2}" x86.elf less.elf
    put less.elf 18 b700
}

erase() { # FILE OFFSET LENGTH
    head -c "$3" /dev/zero | tr '\0' '\252' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# The PE header: its machine, and with .sbat three sections, else two. PE32+, or PE32 if $wide = 0.
cat > head.s << 'ASM'
    .section .head, "a"
    .globl __efistub_efi_zboot_header
__efistub_efi_zboot_header:
start:
    .ascii "MZ\0\0zimg"
    .long __efistub__gzdata_start, gzdata_size - TRAILER, 0, 0
    .include "type.s"
    .org start + 0x38
    .long LINUX_MAGIC, pe - start
pe: .ascii "PE\0\0"
    .short MACHINE, (sections_end - sections) / 40
    .long 0, 0, 0
    .short sections - optional, 0x206 | !WIDE << 8
optional:
    .short 0x10b + WIDE * 0x100
    .byte 0, 0
    .long text_size, data_size, 0, __efistub_efi_zboot_entry, head_end
    .if WIDE
    .quad 0
    .else
    .long _etext, 0
    .endif
    .long 4096, 512, 0, 0x10000, 0, 0, _end, head_end, 0, 10
    .skip 16 + 16 * WIDE
    .long 0, (sections - . - 4) / 8
    .quad 0, 0, 0, 0, 0, 0
sections:
    .ascii ".text\0\0\0"
    .long text_size, head_end, text_size, head_end, 0, 0, 0, 0x60000020
    .if SBAT
    .ascii ".sbat\0\0\0"
    .long sbat_size, _sbat, sbat_size, _sbat, 0, 0, 0, 0x42000040
    .endif
    .ascii ".data\0\0\0"
    .long data_size, data_start, data_raw_size, data_start, 0, 0, 0, 0xc0000040
sections_end:
    .p2align 12
head_end:
    .text
    .skip 16, 0x11
    .globl __efistub_efi_zboot_entry
__efistub_efi_zboot_entry:
    .skip 100, 0x22
    .section .gzdata, "a"
    .incbin "payload"
    .section .rodata, "a"
    .ascii "rodata"
    .data
    .skip 700, 0x33
    .bss
    .skip 5000
    .if SBAT
    .section .sbat, "a"
    .ascii "sbat,1"
    .endif
ASM
cat > zboot.ld.in << 'LD'
SECTIONS {
    .head : ALIGN(4096) { *(.head) }
    .text : { *(.text) }
    .rodata : ALIGN(8) {
        __efistub__gzdata_start = .; *(.gzdata) __efistub__gzdata_end = .;
        *(.rodata)
        . = ALIGN(4); LONG(CODE)
        _etext = ALIGN(4096); . = _etext;
    }
    #sbat .sbat : ALIGN(4096) { _sbat = .; *(.sbat) _esbat = ALIGN(4096); . = _esbat; }
    .data : ALIGN(4096) { DATA *(.data) _edata = ALIGN(512); . = _edata; }
    .bss : { *(.bss) _end = ALIGN(512); . = _end; }
    gzdata_size = __efistub__gzdata_end - __efistub__gzdata_start;
    text_size = _etext - 4096;
    data_start = START;
    data_raw_size = _edata - START;
    data_size = _end - START;
    #sbat sbat_size = _esbat - _sbat;
    /DISCARD/ : { *(.note*) }
}
LD

# link NAME LAYOUT MACHINE CODEC TYPE: NAME.elf, NAME.efi, and NAME.erased, without what the linker
# filled in. LAYOUT is 6.1, 6.12 or 7.2.
link() {
    local name=$1 layout=$2 pe elf wide=1 trailer=4 magic=0x818223cd sbat=0 code=0 sections i
    local start=_etext data='' bits=64 emulation=elf_x86_64
    case $3 in
    arm64) pe=0xaa64 elf=b700 code=0x1000 ;;
    riscv64) pe=0x5064 elf=f300 ;;
    riscv32) pe=0x5032 elf=f300 wide=0 bits=32 emulation=elf_i386 ;;
    loongarch64) pe=0x6264 elf=0201 ;;
    esac
    [ "$4" != gzip ] || trailer=0
    case $layout in
    6.1) magic=0 code=0 ;;
    7.2) sbat=1 start=_data data='_data = .;' ;;
    esac
    cp "payload.$4" payload
    printf '.asciz "%s"\n' "$5" > type.s
    sed "s/CODE/$code/; s/DATA/$data/; s/START/$start/" zboot.ld.in |
        if [ $sbat = 1 ]; then sed 's/#sbat//'; else sed '/#sbat/d'; fi > zboot.ld
    as --$bits --defsym TRAILER=$trailer --defsym WIDE=$wide \
        --defsym MACHINE=$pe --defsym LINUX_MAGIC=$magic --defsym SBAT=$sbat -o head.o head.s
    ld -m $emulation --no-warn-rwx-segments \
        -z max-page-size=64 -T zboot.ld -o "$name.elf" head.o
    objcopy -O binary "$name.elf" "$name.efi"
    put "$name.elf" 18 "$elf"
    cp "$name.efi" "$name.erased"
    erase "$name.erased" 8 $((0x34))
    erase "$name.erased" $((88 + 4)) 8
    erase "$name.erased" $((88 + 16)) $((12 - 4 * wide))
    erase "$name.erased" $((88 + 56)) 8
    sections=$((88 + 144 + 16 * wide))
    for ((i = 0; i < 2 + sbat; i++)); do
        erase "$name.erased" $((sections + 40 * i + 8)) 16
    done
}

fills() { # NAME [STAGE]: gives the linker's bytes, from them and from those that were overwritten
    local stage=${2:-zboot:boot=$1.elf}
    ! cmp -s "$1.efi" "$1.erased" &&
        pipe "$1.efi" "$stage" ours && cmp ours "$1.efi" &&
        pipe "$1.erased" "$stage" ours && cmp ours "$1.efi"
}

passes() { # IMAGE
    pipe "$1" zboot ours && cmp ours "$1"
}

seq 20000 > plain # 108894 bytes
size() { le32 108894; }
gzip -n9 < plain > payload.gzip
{ lz4 -l -9 - - < plain && size; } > payload.lz4
{ xz --format=lzma -9 < plain && size; } > payload.lzma
{ xz --check=crc32 < plain && size; } > payload.xz
{ zstd -q -19 < plain && size; } > payload.zstd
codecs="gzip lz4 lzma xz zstd"
if "$kpipe" plugins lzo > has-lzo 2>&1; then
    { lzop -9 < plain && size; } > payload.lzo
    codecs="$codecs lzo"
fi

payload_size() { # CODEC: without the size behind it, which is part of gzip's format
    if [ "$1" = gzip ]; then stat -c %s payload.gzip; else echo $(($(stat -c %s "payload.$1") - 4)); fi
}
old_type() { # CODEC
    case $1 in
    xz) echo xzkern ;;
    zstd) echo zstd22 ;;
    *) echo "$1" ;;
    esac
}

for codec in $codecs; do
    link "old-$codec" 6.1 arm64 "$codec" "$(old_type "$codec")"
    ok "fills-6.1-$codec" fills "old-$codec"
    ok "fills-6.1-$codec-by-form" fills "old-$codec" "zboot:{boot: old-$codec.elf, form: kernel-6.1}"
    ok "fills-6.1-$codec-by-codec" fills "old-$codec" "zboot:{boot: old-$codec.elf, codec: $codec}"
    ok "passes-6.1-$codec" passes "old-$codec.efi"
    ok "shows-6.1-$codec" shows "old-$codec.efi" "compression_type +$(old_type "$codec") +$codec" \
        'payload_offset +0x00001078' "payload_size +$(payload_size "$codec") bytes" 'inflated_size +108894 bytes' \
        'Machine +0xaa64 +arm64' 'trait arch +arm64'
done
for arch in arm64 riscv64 riscv32 loongarch64; do
    link "new-$arch" 6.12 $arch zstd zstd
    link "newest-$arch" 7.2 $arch gzip gzip
    link "middle-$arch" 6.12 $arch xz xzkern
    for name in "new-$arch" "newest-$arch" "middle-$arch"; do
        ok "fills-$name" fills "$name"
        ok "passes-$name" passes "$name.efi"
        ok "shows-$name" shows "$name.efi" 'linux_magic +0x818223cd' "Machine .* $arch\$"
    done
done
ok fills-form-6.12 fills new-arm64 'zboot:{boot: new-arm64.elf, form: kernel-6.12}'
ok fills-form-6.6 fills middle-arm64 'zboot:{boot: middle-arm64.elf, form: kernel-6.6, codec: xz}'
ok shows-code-size shows new-arm64.efi 'code_size +4096 bytes'
"$kpipe" inspect new-riscv64.efi > shown.txt
ok shows-no-code-size test "$(grep -c code_size shown.txt)" = 0

# With form: the header is changed: here 6.12's to what 6.1's says of the same payload.
link other-form 6.1 arm64 zstd zstd22
put other-form.efi $((0x18)) "$(printf zstd22 | xxd -p)"
ok form-rewrites pipe new-arm64.efi 'zboot:{boot: new-arm64.elf, form: kernel-6.1}' ours
ok form-rewrites-type cmp <(head -c 64 ours) <(head -c 64 other-form.efi)
ok form-rewrites-nothing-else cmp -i 64 ours new-arm64.efi

# What does not belong together.
ok no-codec refused middle-arm64.efi 'zboot:{boot: middle-arm64.elf, form: kernel-6.12}' \
    "form: kernel-6.12 has gzip and zstd: the payload is xz"
ok other-codec refused new-arm64.efi 'zboot:{boot: new-arm64.elf, codec: gzip}' \
    "codec: gzip: the payload at 0x1078 is zstd"
ok other-codec-checked refused new-arm64.efi zboot:codec=gzip "codec: gzip: the header says 'zstd'"
ok form-alone refused new-arm64.efi zboot:form=kernel-6.12 "form: no header is written"
link other-type 6.12 arm64 zstd gzip
ok header-of-other-codec refused other-type.efi zboot:boot=other-type.elf \
    "boot: its header says gzip: the payload is zstd" "its code unpacks only that"
ok header-of-other-codec-checked refused other-type.efi zboot \
    "payload: at 0x1078: zstd: the header says 'gzip'"
link unknown-type 6.12 arm64 zstd brotli
ok header-of-unknown-codec refused unknown-type.efi zboot:boot=unknown-type.elf \
    "boot: its header says no known codec: the payload is zstd"
ok unknown-type refused unknown-type.efi zboot "compression type: 'brotli': not one of Linux's"
ok shows-unknown-type shows unknown-type.efi 'compression_type +brotli +not known'
printf 'no codec has bytes like these, but 4 at the end: \xff\xff\xff\x7f' > payload.none
link none 6.12 arm64 none gzip
ok payload-of-no-codec refused none.efi zboot:boot=none.elf \
    "payload: at 0x1078: not the bytes of any codec that is installed"
ok payload-of-no-codec-checked refused none.efi zboot \
    "payload: at 0x1078: not the bytes of any codec that is installed: the header says 'gzip'"
{ bzip2 < plain && size; } > payload.bzip2
link bzip2 6.12 arm64 bzip2 gzip
ok payload-of-bzip2 refused bzip2.efi zboot:boot=bzip2.elf \
    "payload: at 0x1078: bzip2: EFI zboot cannot unpack that"
{ xz --check=crc32 < plain && le32 5; } > payload.bad
link bad-size 6.1 arm64 bad xzkern
ok size-of-contents refused bad-size.efi zboot:boot=bad-size.elf \
    "cannot be the size of the contents" "\`payload\` appends the size of the contents"
ok size-of-contents-checked refused bad-size.efi zboot "cannot be the size of the contents"
printf abcd > payload.short
link short 6.1 arm64 short gzip
ok no-payload refused short.efi zboot:boot=short.elf \
    "boot: __efistub__gzdata_start: 4 bytes: no compressed kernel"
ok boot-of-other-arch refused new-arm64.efi zboot:boot=new-riscv64.elf \
    "boot: an ELF file of riscv64: the main input's PE header is one of arm64" \
    "give vmlinuz.efi.elf of this kernel's build"
stripped new-arm64.elf --strip-all
ok boot-stripped refused new-arm64.efi zboot:boot=less.elf \
    "boot: symbols __efistub_efi_zboot_header, __efistub_efi_zboot_entry, __efistub__gzdata_start"
stripped new-arm64.elf -N _edata -N __efistub__gzdata_end
ok boot-symbols refused new-arm64.efi zboot:boot=less.elf \
    "boot: symbols __efistub__gzdata_end, _edata: not in this ELF file"
stripped newest-arm64.elf -N _esbat
ok boot-sbat refused newest-arm64.efi zboot:boot=less.elf \
    "pe header: section '.sbat': symbols _sbat, _esbat: not in the ELF file"
stripped new-arm64.elf --rename-section .head=.face
ok boot-head refused new-arm64.efi zboot:boot=less.elf "boot: section '.head': not in this ELF file"
ok boot-of-other-kernel refused new-arm64.efi zboot:boot=old-zstd.elf \
    "boot: section '.rodata': the main input has 0x10" "give the ELF file that the main input"
{ cat new-arm64.efi && printf x; } > longer
ok longer refused longer zboot:boot=new-arm64.elf "bytes up to _edata: the main input has"
cp new-arm64.efi broken && put broken 158 ff # DllCharacteristics: not the linker's, and not derived
ok other-header refused broken zboot:boot=new-arm64.elf \
    "boot: section '.head': the main input has 0xff at offset 0x9e, this ELF file 0x00"
cp new-arm64.efi broken && put broken $((88 + 160)) 2e6d7920
ok other-section refused broken zboot:boot=new-arm64.elf \
    "pe header: section '.my t': zboot images have .text, .sbat and .data"

# Headers that contradict themselves or the file.
cp new-arm64.efi broken && put broken 4 7a696d68
ok no-zimg refused broken zboot 'magic: 0x686d697a at 4: not "zimg"'
ok no-zimg-with-boot refused broken zboot:boot=new-arm64.elf 'magic: 0x686d697a at 4: not "zimg"'
cp new-arm64.efi broken && put broken 10 ff
ok payload-outside refused broken zboot "bytes at 0xff1078: not between the header and the end"
cp new-arm64.efi broken && put broken 8 40000000
ok payload-in-header refused broken zboot "bytes at 0x40: not between the header and the end"
cp new-arm64.efi broken && put broken 15 ff
ok payload-too-long refused broken zboot "not between the header and the end of the file"
cp new-arm64.efi broken && erase broken 24 32
ok type-endless refused broken zboot "not text of 1 to 31 characters"
cp new-arm64.efi broken && put broken 68 6486
ok machine refused broken zboot "pe header: machine 0x8664: no architecture with EFI zboot"
ok machine-with-boot refused broken zboot:boot=new-arm64.elf \
    "pe header: machine 0x8664: no architecture with EFI zboot"
ok machine-shown shows broken 'Machine +0x8664 +x64'
cp new-arm64.efi broken && put broken 60 20
ok pe-in-header refused broken zboot "pe header: at 0x20: no PE signature"
head -c $(($(stat -c %s new-arm64.efi) - 1)) new-arm64.efi > broken
ok cut refused broken zboot "pe header: section 1 '.data' ends at byte"
ok text refused plain zboot ""

# Hostile ELF files and headers.
sed 's/ALIGN(4096)/ALIGN(64)/; s/_etext - 4096/_etext - head_end/; s/ALIGN(512)/ALIGN(8)/' \
    zboot.ld.in > small.ld.in
mv small.ld.in zboot.ld.in
sed -i 's/p2align 12/p2align 6/; s/^head_end:/.globl head_end\n&/; s/skip 700/skip 7/' head.s
seq 30 | gzip -n9 > payload.gzip
link small 6.12 arm64 gzip gzip
ok fills-small fills small
stripped small.elf -N head_end -N text_size -N data_size -N data_raw_size -N gzdata_size -N data_start
mutants less.elf
find m -name '*[1-9]' -delete # a tenth of them will do
ok hostile-boot survives elf '  small: small.efi\n' 'small, {zboot: {boot: MUTANT}}'
mutants small.efi
find m -name '*[13579]' -delete
ok hostile-image survives zboot '  boot: less.elf\n' 'MUTANT, {zboot: {boot: boot}}'
ok hostile-header survives zboot '' 'MUTANT, zboot'

for real in "${files[@]}"; do
    ok "passes-$(basename "$real")" passes "$real"
    ok "shows-$(basename "$real")" shows "$real" payload_size inflated_size
done

finish
