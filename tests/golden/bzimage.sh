#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/bzimage.sh - the bzimage format in all layouts, against images whose headers GNU as
# computed, with and without EFI, for 32 and 64 bits; its refusals; hostile setup codes.
#
#     bzimage.sh KPIPE WORKDIR [LINUX-5.10]
#
# The setup code that kpipe gets has 0xaa in every field that depends on other parts. Kbuild's own
# bzImages are the matter of tests/real/farm-bzimage.sh. With a folder of Linux 5.10's source its
# tools/build.c is compiled, and must make the same of each image of that layout. Prints a line for each case and fails if
# one of them failed.
# shellcheck disable=SC2034 # of bzimage-image
here=$(realpath "$(dirname "$0")")
. "$here/common.sh"
. "$here/bzimage-image"

# What Linux 5.10's own tool makes, if its source is there: it is told at compile time what the
# kernel is. It takes every EFI kernel for one with the handover protocol.
theirs() {
    local name flags=(-DCONFIG_PHYSICAL_ALIGN=0x200000 "-DCONFIG_X86_$bits")
    [ "$NEW$ROOT_DEV" = 00 ] && [ -n "$linux" ] && ((!EFI || XLOADFLAGS & 12)) || return 0
    [ "$EFI" = 0 ] || flags+=(-DCONFIG_EFI_STUB)
    [ "$MIXED" = 0 ] || flags+=(-DCONFIG_EFI_MIXED)
    gcc -w -O1 "${flags[@]}" -I"$linux/tools/include" -o build "$linux/arch/x86/boot/tools/build.c"
    for name in "${!zo[@]}"; do printf '#define ZO_%s 0x%x\n' "$name" $((zo[$name])); done > zoffset.h
    setup assembled.bin 0 0 && ./build assembled.bin bin zoffset.h theirs && cmp theirs expected
}

linux=${files[0]:-}
stage='bzimage:setup=setup.bin,boot=boot,kernel=kernel'
same() { # [MORE-PARAMETERS]
    parts && pipe bin "$stage${1:-}" ours && cmp ours expected && theirs
}

# variant NAME ASSIGNMENT... [,PARAMETERS]: of the variables or of a symbol, zo[x]=y.
variant() {
    local name=$1 parameters='' word
    shift
    variables
    for word in "$@"; do
        case $word in
        ,*) parameters=$word ;;
        *) eval "$word" ;;
        esac
    done
    ok "$name" same "$parameters"
}

old=(NEW=0 RELEASE=5.10.223 XLOADFLAGS=0x2b)
plain() { # NAME ASSIGNMENT...: what every layout must be able to do
    local name=$1 efi
    shift
    for efi in 0 1; do
        variant "$name-64-efi$efi" "$@" EFI=$efi
        variant "$name-32-efi$efi" "$@" EFI=$efi WIDE=0 XLOADFLAGS=$((efi * 4))
    done
    variant "$name-mixed" "$@" MIXED=1 XLOADFLAGS=0x2f
}
plain 5.10 "${old[@]}"
plain 6.1
plain 7.2 RELEASE=7.2.13-rc1 CRC=0
for layout in "${old[*]}" NEW=1; do
    name=${layout%% *}
    read -ra layout <<< "$layout"
    variant "mixed-no-handover-$name" "${layout[@]}" MIXED=1 XLOADFLAGS=0x23
    variant "handover-$name" "${layout[@]}" XLOADFLAGS=0x2b
    variant "handover-32-$name" "${layout[@]}" WIDE=0 XLOADFLAGS=4
    variant "large-payload-$name" "${layout[@]}" 'zo[z_output_len]=100'
    variant "large-head-$name" "${layout[@]}" 'zo[_ehead]=0x2c00' 'zo[input_data]=0x2c00' \
        'zo[z_input_len]=0x800' 'zo[z_output_len]=5'
    variant "kernel-needs-more-$name" "${layout[@]}" MEMORY=0x1800000
    variant "loaded-elsewhere-$name" "${layout[@]}" LOAD=0x212000
    variant "setup-code's-own-$name" "${layout[@]}" ROOT_FLAGS=0 VID_MODE=0x317
    variant "overrides-$name" "${layout[@]}" ROOT_DEV=0x803 ROOT_FLAGS=0 VID_MODE=0x317 OVERRIDE=1 \
        ,root_dev=0x803,root_flags=0,vid_mode=0x317
done
variant sbat RELEASE=7.2.13 CRC=0 SBAT=1
variant sbat-mixed RELEASE=7.2.13 CRC=0 SBAT=1 MIXED=1
# By the release, or as it is told.
variant release-6.12 RELEASE=6.12.117
variant release-6.14 RELEASE=6.14.9
variant release-6.15 RELEASE=6.15.0 CRC=0
variant release-6.1-old NEW=0 RELEASE=6.1.0
variant told-6.15 CRC=0 ,layout=kernel-6.15
variant told-6.1 RELEASE=none ,layout=kernel-6.1
variant told-5.10 NEW=0 RELEASE=none EFI=0 ,layout=kernel-5.10
# Sizes of old setup codes and binaries around what they are rounded to.
for size in 1024 2496 2497 2528 2529 2561 32704; do
    variant "old-setup-$size" "${old[@]}" SIZE=$size
done
for size in 0x5601 0x560c 0x560d 0x561c 0x561d; do
    for efi in 0 1; do
        variant "old-binary-$size-efi$efi" "${old[@]}" EFI=$efi "zo[_edata]=$size"
    done
done
variant new-setup-4096 SIZE=4096
variant new-setup-32768 SIZE=32768

# Refusals. The parts of `variables`, one of them damaged.
variables
parts
put() { # FILE OFFSET BYTES
    printf '%b' "$3" | dd of="$1" bs=1 seek=$(($2)) conv=notrunc status=none
}
broken() { # NAME FILE OFFSET BYTES TEXT: in a copy of FILE, which takes its place
    cp "$2" saved
    put "$2" "$3" "$4"
    ok "$1" refused bin "$stage" "$5"
    cp saved "$2"
}
symbol() { # NAME SYMBOL VALUE TEXT: the boot ELF file with another value; "" : without it
    local was=${zo[$2]}
    if [ -z "$3" ]; then unset "zo[$2]"; else zo[$2]=$3; fi
    boot_elf boot
    ok "$1" refused bin "$stage" "$4"
    zo[$2]=$was
    boot_elf boot
}
broken no-boot-flag setup.bin 0x1fe '\0' "setup: boot_flag 0xaa00: must be 0xaa55"
broken no-hdrs setup.bin 0x202 'X' "setup: header 0x53726458: must be HdrS"
broken old-protocol setup.bin 0x206 '\x0d' "setup: version 2.13: must be 2.15 at least"
broken other-machine setup.bin 0x44 '\x4c\x01' "pe header: Machine 0x14c and PE32+: xloadflags 0x23 tell 64 bits"
broken no-signature setup.bin 0x40 'X' "pe header: at 0x40: no PE signature there"
broken strange-alignment setup.bin 0x78 '\x40\0' "layout: the setup code of Linux '6.1.192-golden' is like none that is known"
broken strange-section setup.bin 0x149 'X' "setup: section '.Xata': this layout has none of that name"
broken no-release setup.bin 0x20e '\0\0' "layout: kernel_version '' in the setup code: not a release"
broken release-behind-end setup.bin 0x20e '\xff\xff' "layout: kernel_version '' in the setup code"
broken old-release setup.bin 0x26c '5.8' "layout: none is known for Linux 5.8.192-golden"
ok other-layout refused bin "$stage,layout=kernel-5.10" \
    "layout: SectionAlignment 0x1000 in the setup code: must be 0x20"
head -c 1023 setup.bin > short.bin
ok setup-short refused bin "${stage/setup.bin/short.bin}" "setup: 1023 bytes: the setup code has 1024 at least"
cat setup.bin <(head -c 23769 /dev/zero) > long.bin
ok setup-long refused bin "${stage/setup.bin/long.bin}" "setup: 32769 bytes: more than 64 sectors of 512"
cat setup.bin <(head -c 3288 /dev/zero) > padded.bin
ok setup-padded-already pipe bin "${stage/setup.bin/padded.bin}" ours
ok setup-padded-same cmp ours expected
head -c 8999 setup.bin > cut.bin
warned() { pipe bin "${stage/setup.bin/cut.bin}" ours > log2 2>&1 && grep -q 'does not end with its signature' log2; }
ok setup-cut-warns warned

symbol no-symbol input_data "" "boot: symbol 'input_data': not there"
symbol no-efi-entry efi_pe_entry "" "boot: symbol 'efi_pe_entry': not there"
zo[efi32_pe_entry]=0xffffff
boot_elf boot
ok not-needed-entry pipe bin "$stage" ours
symbol not-at-zero startup_32 0x100 "boot: symbol 'startup_32': 0x100: must be the binary's beginning, 0"
symbol too-large z_output_len 0x100000000 "boot: symbol 'z_output_len': 0x100000000: does not fit into 32 bits"
symbol out-of-order _data 0x5800 "boot: symbol '_edata': 0x5600: before '_data' at 0x5800"
symbol entry-outside efi_pe_entry 0x5600 "boot: symbol 'efi_pe_entry': 0x5600: behind the binary's end at 0x5600"
symbol other-size _edata 0x5800 "boot binary: 22016 bytes: _edata of 'boot' says 22528"
symbol payload-outside z_input_len 0x5400 "payload: 21504 bytes at 0x2c4: not inside of the boot binary's 22016"
symbol payload-other z_output_len 0x345679 "payload: its last word says 3430008 bytes: z_output_len of 'boot' is 3430009"
symbol info-other kernel_info 0x3804 "kernel_info: 0x"
symbol huge _end 0xfffff000 "init_size: 0x"
ok boot-cut refused bin "${stage/boot=boot/boot=kernel.ld}" ""
boot_elf boot 32
ok boot-of-32 refused bin "$stage" "boot: ELF32 of machine 3: the setup code is one of x86_64"
boot_elf boot
kernel_elf kernel32 32
ok kernel-of-32 refused bin "${stage}32" "kernel: ELF32 of machine 3: the setup code is one of x86_64"
strip -o stripped kernel
ok kernel-stripped refused bin "${stage/=kernel/=stripped}" "kernel: symbol '_text': not there"
printf '.globl _text, _end\n.set _text, 0x4000\n.set _end, 0x5000\n' | as --64 -mx86-used-note=no -o unlinked -
ok kernel-unlinked refused bin "${stage/=kernel/=unlinked}" "kernel: symbol '_text': 0x4000: in none of 0 segments"
printf '.globl _text, _end\n.set _text, 0x4000\n.set _end, 0x100005000\n' | as --64 -mx86-used-note=no -o huge -
ok kernel-huge refused bin "${stage/=kernel/=huge}" "kernel: _text 0x4000, _end 0x100005000: its size does not fit into 32 bits"
zo[z_output_len]=3
boot_elf boot
binary bin
ok kernel-larger-than-payload refused bin "$stage" "kernel: segments of 4 bytes: z_output_len of 'boot' is only 3"
variables
XLOADFLAGS=0x2f MIXED=1
zo[efi32_stub_entry]=0x194
parts
ok two-handovers refused bin "$stage" "boot: symbols 'efi32_stub_entry' 0x194 and 'efi64_stub_entry' 0x390: must be 0x200 apart"
zo[efi32_stub_entry]=0x190 zo[efi64_stub_entry]=0x100
boot_elf boot
ok handover-below refused bin "$stage" "boot: symbol 'efi64_stub_entry': 0x100: below 0x200"
zo[efi64_stub_entry]=0x390
boot_elf boot
broken compat-lost setup.bin 0x2000 '\xaa\xaa\xaa\xaa' "setup: section '.compat': its entry for 32-bit firmware is at no page of the file"
variables
NEW=0 RELEASE=5.10.223 SIZE=32740 XLOADFLAGS=0x2b
parts > log 2>&1 || true
ok old-setup-too-long refused bin "$stage" "setup: 32740 bytes, padded to 33280: more than 64 sectors"

# What is told, and what is known of the result.
variables
parts
says() { # TEXT...
    local text
    "$kpipe" pipe -v bin "$stage" -o ours > says.log 2>&1 || return 1
    for text in "$@"; do grep -qF -- "$text" says.log || return 1; done
}
ok told says "layout kernel-6.1, Linux 6.1.192-golden" "root device (0, 0)" \
    "setup 9000 bytes, padded to 12288" "system 22 kB" "crc 0x$(od -An -tx4 -j 34300 -N 4 expected | tr -d ' ')"
ok inspect shows ours '000001f1 .* 23  setup code of 12288 bytes' '000001f4 .* 22016 bytes' \
    '00000206 .* 2.15' '0000020e .* 6.1.192-golden' '00000211 .* LOADED_HIGH' \
    '00000236 .* KERNEL_64, CAN_BE_LOADED_ABOVE_4G, 5LEVEL' '00000248  payload_offset +0x000002c4' \
    '00000258  pref_address +0x0000000001000000' 'kernel_info.header' 'crc32 +0x[0-9a-f]{8}$' \
    'inflated_size +3430008 bytes' 'pe_header .* EFI stub' 'trait arch +x86_64' 'trait version +6.1.192-golden'
cp ours wrong
flip wrong 20000
ok inspect-crc shows wrong 'crc32 .* INVALID'
cp ours wrong
put wrong 0x98 '\1\2\3\4' # CheckSum and the certificates' place, as a signer sets them
put wrong 0xe8 '\0\x86\0\0\x20\0\0\0'
cat wrong <(head -c 32 /dev/zero) > signed
ok inspect-signed shows signed 'crc32 +0x[0-9a-f]{8}$' 'certificate_table +32 bytes'
head -c 34303 ours > wrong
ok inspect-cut shows_not wrong "syssize: 22016 bytes behind 12288 of setup code: the file has 34303"
ok inspect-setup shows_not setup.bin "syssize: "
cat ours setup.bin > longer
ok inspect-trailing shows longer 'trailing +9000 bytes'
ok is-bzimage shows ours '^ours: bzimage, 34304 bytes'

# Hostile setup codes and boot ELF files.
mutants setup.bin 640
ok setup-mutants survives raw '  bin: bin\n  boot: boot\n  kernel: kernel\n' \
    'bin, {bzimage: {setup: MUTANT, boot: boot, kernel: kernel}}'
finish
