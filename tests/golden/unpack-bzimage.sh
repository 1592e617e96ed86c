#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/unpack-bzimage.sh - bzImages of all layouts and protocols taken apart by `kpipe unpack`
# and made again: the same bytes; and with other parts, of which GNU as computed what the headers must
# be. What fits no more is refused, by the name of what it is.
#
#     unpack-bzimage.sh KPIPE WORKDIR
#
# Prints a line for each case and fails if one of them failed.
# shellcheck disable=SC2034 # of bzimage-image
here=$(realpath "$(dirname "$0")")
. "$here/common.sh"
. "$here/bzimage-image"

# The contents, and the payload that gzip makes of them. FILLER is in the kernel's text.
payload() {
    KERNEL='.incbin "filler"'
    kernel_elf contents
    gzip -9nc contents > payload
    [ "$ODD" = 0 ] || put payload 8 07 # a value of XFL that no encoder writes
    zo[z_input_len]=$(stat -c %s payload) zo[z_output_len]=$(stat -c %s contents)
}

# The boot binary: what surrounds the payload is the same in all images; a payload that is shorter
# than the first one is followed by zeros. The two words of piggy.S stand at 0x3900.
binary() { # FILE
    local at=$((zo[input_data]))
    head -c $((zo[_edata] - 4)) < <(seq 10000) > "$1" # seq may be left with nobody who reads
    head -c 4 /dev/zero >> "$1"
    dd if=/dev/zero of="$1" bs=1 seek=$at count="$first" conv=notrunc status=none
    dd if=payload of="$1" bs=1 seek=$at conv=notrunc status=none
    printf LToP | dd of="$1" bs=1 seek=$((zo[kernel_info])) conv=notrunc status=none
    { le32 $((zo[z_input_len])) && le32 $((zo[z_output_len])); } |
        dd of="$1" bs=1 seek=$((0x3900)) conv=notrunc status=none
}

# image ASSIGNMENT...: an image, `expected`, of variables with these values.
image() {
    variables
    ODD=0
    seq 3000 > filler
    local word
    for word in "$@"; do eval "$word"; done
    bits=$([ "$WIDE" = 1 ] && echo 64 || echo 32)
    payload
    first=${first:-$(stat -c %s payload)}
    parts
}
original() {
    first=
    image "$@" && cp expected original
}

again() { # FOLDER: what its recipe makes, `again`; what was said to again.log
    local status=0
    rm -rf out
    "$kpipe" run -q "$1/recipe.yml" --out out 2> again.log || status=$?
    cat again.log >&2
    [ $status = 0 ] && mv out/* again
}

unpack() { # FILE: into parts/, and back
    rm -rf parts
    "$kpipe" unpack "$1" -d parts > unpack.log 2>&1 && again parts && cmp again "$1"
}

has() { # TEXT...: in the recipe
    local text
    for text in "$@"; do grep -qF -- "$text" parts/recipe.yml || return 1; done
}

# The payload is compressed anew, and the stage bzimage-update makes the image.
identical() {
    original "$@" && unpack original &&
        has "payload: [vmlinux, {gzip: " "size_of: payload" "{bzimage-update: {lengths: 0x"
}

old='NEW=0 RELEASE=5.10.223 XLOADFLAGS=0x2b'
for layout in "$old" NEW=1 'CRC=0 RELEASE=7.2.13'; do
    read -ra words <<< "$layout"
    name=${layout%%[= ]*}
    name=${name/NEW/${words[0]}}
    for efi in 0 1; do
        ok "$name-64-efi$efi" identical "${words[@]}" EFI=$efi
        ok "$name-32-efi$efi" identical "${words[@]}" EFI=$efi WIDE=0 XLOADFLAGS=$((efi * 4))
    done
    ok "$name-mixed" identical "${words[@]}" MIXED=1 XLOADFLAGS=0x2f
done
ok sbat identical RELEASE=7.2.13 CRC=0 SBAT=1

# Another kernel in it: the recipe makes what the build would have made.
changed() { # VARIABLE=VALUE...: those of the first image; then behind `--` those of the second
    local before=() after=()
    while [ "$1" != -- ]; do
        before+=("$1")
        shift
    done
    shift
    after=("${before[@]}" "$@")
    original "${before[@]}" && unpack original && image "${after[@]}" &&
        cp contents parts/vmlinux && again parts && cmp again expected
}
# What unpacking needs is more than what the kernel needs, and the other way round.
for layout in "$old" NEW=1 'CRC=0 RELEASE=7.2.13' 'WIDE=0 XLOADFLAGS=4' "$old EFI=0"; do
    read -ra words <<< "$layout"
    ok "shorter-$layout" changed "${words[@]}" -- 'seq 2500 > filler'
    ok "grows-$layout" changed "${words[@]}" MEMORY=0x4000 -- MEMORY=0x1800000 'seq 2500 > filler'
    ok "grows-told-$layout" grep -q 'warning: .*init_size: 0x1800000 instead of .*: boot with nokaslr' again.log
    ok "unpacks-to-more-$layout" changed "${words[@]}" MEMORY=0x4000 -- MEMORY=0x210000 \
        'head -c 2000000 /dev/zero > filler'
done

# A payload that nobody compresses to the same bytes is a file, and so is what takes its place.
stays() {
    original ODD=1 && unpack original && grep -q 'payload: stays compressed' unpack.log &&
        image ODD=1 'seq 2500 > filler' && cp payload parts/payload.bin && again parts && cmp again expected
}
ok stays-compressed stays

refuses() { # TEXT: the recipe as it is now
    ! again parts > refused.log 2>&1 && cat refused.log && grep -qF -- "$1" refused.log
}
# Each part longer, shorter, and empty.
edit() { # NAME COMMAND...: in a copy of the folder
    rm -rf parts
    cp -r kept parts
    (cd parts && eval "$2") && "${@:3}"
}
original
ok unpacked unpack original
mv parts kept
taken() { # PATTERN...: the recipe makes an image that the peers read
    again parts && file again | tee log2 | grep -q 'Linux kernel x86 boot executable bzImage' &&
        objdump -h again > sections && grep -q '\.text ' sections && shows again "$@"
}
ok payload-longer edit payload 'head -c 20000 /dev/urandom >> vmlinux' \
    refuses "region payload is full: "
ok payload-longer-hint grep -qF "region boot-piece-2 begins behind it, at 0x" refused.log
ok payload-empty edit payload ': > vmlinux' refuses "payload: contents: 0 bytes: no kernel"
ok payload-other-codec edit payload "sed -i 's/{gzip: .*}\\]/{xz: {check: crc32}}, size-append]/' recipe.yml" \
    taken 'payload +[0-9]+ bytes  xz' 'crc32 +0x[0-9a-f]{8}$'
ok payload-without-size edit payload "sed -i 's/{gzip: .*}\\]/{xz: {check: crc32}}]/' recipe.yml" \
    refuses "payload: its last word says "
ok payload-no-codec edit payload "sed -i 's/payload: .*/payload: [vmlinux]/' recipe.yml" refuses "region payload is full"
ok payload-small edit payload 'printf "\177ELF" > vmlinux' refuses "ELF"
kernel_elf kernel32 32
ok payload-other-machine edit payload 'cp ../kernel32 vmlinux' \
    refuses "payload: contents: ELF file of machine 3: the boot program is for 62"
LOAD=0x2000000
kernel_elf elsewhere
ok payload-loaded-elsewhere edit payload 'cp ../elsewhere vmlinux' \
    refuses "payload: contents: loaded to 0x2000000: the boot program expects 0x1000000"
ok setup-longer edit setup 'echo more >> setup.bin' refuses "region setup is full: 12293 of 12288 bytes"
ok setup-shorter edit setup 'truncate -s 9000 setup.bin' taken 'crc32 +0x[0-9a-f]{8}$'
header_only() { again parts && file again | grep 'Linux kernel x86 boot executable' && shows again 0x53726448; }
ok setup-empty edit setup ': > setup.bin' header_only # the fields alone
ok boot-longer edit boot 'echo more >> boot-piece-1.bin' refuses "region boot-piece-1 is full"
ok boot-empty edit boot ': > boot-piece-1.bin' taken 'crc32 +0x[0-9a-f]{8}$'
ok end-longer edit boot 'echo more >> boot-piece-2.bin' taken 'trailing +5 bytes'
ok end-shorter edit boot 'truncate -s -16 boot-piece-2.bin' refuses "behind the end"
ok end-empty edit boot ': > boot-piece-2.bin' refuses "behind the end"
# Fields and parameters.
ok field-edited edit recipe "sed -i 's/\\(root_flags.*value: \\)0x1/\\10x0/' recipe.yml" \
    taken 'root_flags +0x0000' 'crc32 +0x[0-9a-f]{8}$'
ok init-size-raised-again edit recipe "sed -i 's/\\(init_size.*value: \\)[0-9]*/\\14096/' recipe.yml" taken 'init_size'
ok init-size-same cmp again original
for edited in 's/lengths: 0x[0-9a-f]*/lengths: 0x300/=lengths: 0x300: not between' \
    's/lengths: 0x[0-9a-f]*/lengths: 0xffffff/=lengths: 0xffffff: not between' \
    's/crc: yes/crc: perhaps/=perhaps' 's/boot_memory: 0x[0-9a-f]*/boot_memory: 0xfffff000/=init_size: 0x' \
    's/crc: yes/crc: yes, efi_memory: yes, speed: 9/=speed' \
    's/\(syssize.*value: \)0x/\10xfff/=syszize' 's/{bzimage-update: /{bzimage-updat: /=bzimage-updat' \
    's/\(name: payload, .*offset: 0x\)/\1ff/=payload: '; do
    text=${edited##*=}
    ok "corrupt-$text" edit recipe "sed -i '${edited%=*}' recipe.yml" refuses "${text/syszize/syssize: }"
done

# A wrong checksum, a payload that is none, and two places that could be the lengths: laid out.
cp original wrong
flip wrong 20000
ok wrong-crc unpack wrong
ok wrong-crc-kept has 'name: "crc32", at: '
cp original wrong
put wrong $((12288 + zo[input_data])) 00000000
ok no-payload unpack wrong
cp original wrong
dd if=original of=wrong bs=1 skip=$((12288 + 0x3900)) seek=$((12288 + 0x3c00)) count=8 conv=notrunc status=none
ok two-lengths unpack wrong
ok two-lengths-none eval "! has 'lengths: '"

# Signed, by osslsigncode; without it by the looks only.
sign() { # FILE TO
    if command -v osslsigncode openssl > /dev/null; then
        [ -e key.pem ] || openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=test -days 3650 \
            -keyout key.pem -out certificate.pem
        osslsigncode sign -certs certificate.pem -key key.pem -in "$1" -out "$2"
    else
        cp "$1" "$2"
        put "$2" $((0xe8)) 0086000008000000
        printf '\010\0\0\0\0\2\2\0' >> "$2"
    fi
}
ok sign sign original signed
ok signed unpack signed
ok signed-told grep -q 'signature: holds only as long as nothing else changes' unpack.log
ok signed-recipe has 'name: "certificate_table.address"' 'offset_of: signature' 'size_of: signature'
rm -rf kept
mv parts kept
# Nothing of the signature is left: what its signer made of an unsigned image but for padding.
unsigned() {
    taken 'crc32 +0x[0-9a-f]{8}$' || return 1
    objdump -p again | grep -E 'Entry 4 0+ 0+ Security' || return 1
    ! command -v osslsigncode > /dev/null || ! osslsigncode verify again > verified 2>&1 || return 1
    "$kpipe" pipe again pe:checksum=zero -o bare && cmp bare original
}
ok signature-empty edit signature ': > signature.bin' unsigned
ok signature-longer edit signature 'head -c 8 /dev/zero >> signature.bin' taken 'certificate_table '
ok signature-cut edit signature 'truncate -s 3 signature.bin' taken 'certificate_table '
again_signed() { # an image with another kernel, signed anew, is what osslsigncode says it is
    edit payload 'cp ../small vmlinux; : > signature.bin' taken 'crc32 ' && sign again resigned &&
        { ! command -v osslsigncode > /dev/null || osslsigncode verify -CAfile certificate.pem resigned; }
}
seq 2500 > filler
LOAD=0x1000000
kernel_elf small
ok signed-again again_signed

# Older protocols, whose header does not tell where the payload is: it is searched for.
oldest() { # VERSION LOADFLAGS SETUP_SECTS
    local size=$((($3 == 0 ? 4 : $3) * 512 + 512))
    {
        head -c $size /dev/zero
        seq 2000
        cat payload
        seq 1000
    } > "$1.$2.$3"
    truncate -s %16 "$1.$2.$3"
    put "$1.$2.$3" $((0x1f1)) "$(printf %02x "$3")"
    put "$1.$2.$3" $((0x1f4)) "$(le32 $((($(stat -c %s "$1.$2.$3") - size) / 16)) | od -An -tx1 | tr -d ' ')"
    put "$1.$2.$3" $((0x1fe)) 55aaeb4048647253"$(printf '%02x02' "$1")"
    put "$1.$2.$3" $((0x211)) "$(printf %02x "$2")"
    unpack "$1.$2.$3" && has "payload: [vmlinux, {gzip: " &&
        has 'name: syssize, at: 0x1f4, size: '$(($1 < 4 ? 2 : 4))
}
for version in 0 1 2 3 4 5 6 7; do
    ok "protocol-2.0$version" oldest $version 1 15
    ok "low-2.0$version" oldest $version 0 0
done

# Hostile headers: an error of the stage, or an image.
first=
image
mutants expected 640
ok mutants survives raw '' 'MUTANT, {bzimage-update: {lengths: 0x6900, boot_memory: 0x9000, crc: yes, efi_memory: yes}}'
finish
