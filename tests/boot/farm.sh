#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/boot/farm.sh - the farm's kernels under QEMU, from images that kpipe made of vmlinux and
# the boot objects by recipes/base/kbuild-*.yml. That they are Kbuild's bytes is told beside it,
# and is tests/real/identity.sh's to assert.
#
#   tests/boot/farm.sh KPIPE WORK WAYS KERNEL...
#
# WAYS are separated by commas, `all` is all that an architecture has:
#   kernel   QEMU's -kernel, with an initramfs whose /kpipe-note the init shows: bzImage (through
#            SeaBIOS), zImage, Image
#   efi      as an EFI program: bzImage under OVMF; zImage, and vmlinuz.efi of arm64 and riscv64,
#            by U-Boot's bootefi
#   bootz, bootm, booti   U-Boot's: zImage; a uImage of it; Image
# Prints a row for each image: the kernel, whether its bytes are Kbuild's, and seconds.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source-path=SCRIPTDIR source=../real/kbuild-images.sh
. "$project/tests/real/kbuild-images.sh"

# says LOADER PATTERN... -- QEMU...: the init's lines, and the patterns among them.
says() {
    local loader=$1 patterns=()
    shift
    while [ "$1" != -- ]; do
        patterns+=("$1")
        shift
    done
    console 'kpipe test kernel: init runs' "kpipe test kernel: release $(cat "$folder/../release"), machine " \
        'kpipe test kernel: command line: .*kpipe.test=farm' "kpipe test kernel: started by: $loader" \
        "${patterns[@]}" "$@"
    row="$row $way $waited s"
}

# direct IMAGE QEMU...: by QEMU's -kernel, with a note.
direct() {
    local image=$1
    shift
    needs "$1" cpio
    echo "of $folder" >"$work/kpipe-note"
    (cd "$work" && echo kpipe-note | cpio --quiet -o -H newc) >"$work/note.cpio"
    says 'another boot loader' "kpipe test kernel: note: of $folder" -- "$@" -m 512 \
        -kernel "$image" -initrd "$work/note.cpio" -append "$arguments"
}

# by_uboot LOADER FILE ADDRESS COMMAND QEMU...: U-Boot loads the file from a disk and runs COMMAND.
by_uboot() {
    local loader=$1 file=$2 address=$3 command=$4
    shift 4
    needs "$1" mformat mcopy
    # shellcheck disable=SC2016 # U-Boot's variables
    boot_script "$machine_arch" "setenv bootargs $arguments" \
        "load virtio 0:1 $address $(basename "$file")" "$command"
    disk "$file" "$work/boot.scr"
    says "$loader" -- "$@" -m 512 \
        -drive "if=none,id=disk,format=raw,file=$work/disk.img" -device virtio-blk-device,drive=disk
}

# by_ovmf IMAGE FIRMWARE VARIABLES QEMU...: from EFI's shell.
by_ovmf() {
    local image=$1 firmware=$2 variables=$3
    shift 3
    needs "$1" "$firmware"
    rm -rf "$work/esp"
    mkdir "$work/esp"
    cp "$image" "$work/esp/linux.efi"
    printf 'fs0:\r\nlinux.efi %s\r\n' "$arguments" >"$work/esp/startup.nsh"
    cp "$variables" "$work/variables.fd"
    says EFI -- "$@" -m 512 -drive "if=pflash,unit=0,format=raw,readonly=on,file=$firmware" \
        -drive "if=pflash,unit=1,format=raw,file=$work/variables.fd" \
        -drive "format=raw,file=fat:rw:$work/esp"
}

# make IMAGE FILE: by the recipe; the row tells whether it is Kbuild's FILE.
make() {
    kbuild_make "$folder" "$kernel" "$work/out" "$1" -- -q || fail "$kernel: $1 cannot be made"
    row="$kernel $1: $(cmp -s "$work/out/$1" "$2" && echo identical || echo DIFFERS),"
}

x86() { # QEMU ARGUMENT...
    case $way in
    kernel) direct "$work/out/bzImage" "$1" -M "pc,accel=tcg" "${@:2}" ;;
    efi) by_ovmf "$work/out/bzImage" "$firmware" "$variables" "$1" -M "q35,accel=tcg" "${@:2}" ;;
    esac
}

arm() {
    local qemu=(qemu-system-arm -M "virt,highmem=off" -cpu cortex-a15) fdt="\${fdtcontroladdr}"
    local uboot=("${qemu[@]}" -bios "$uboots/qemu_arm/u-boot.bin") other='another boot loader'
    needs $uboots/qemu_arm/u-boot.bin
    case $way in
    kernel) direct "$work/out/zImage" "${qemu[@]}" ;;
    efi) by_uboot EFI "$work/out/zImage" 0x48000000 "bootefi 0x48000000 $fdt" "${uboot[@]}" ;;
    bootz) by_uboot "$other" "$work/out/zImage" 0x42000000 "bootz 0x42000000 - $fdt" "${uboot[@]}" ;;
    bootm)
        "$kpipe" pipe -q "$work/out/zImage" "uimage:arch=arm,load=0x42000000,name=Linux" -o "$work/uImage"
        by_uboot "$other" "$work/uImage" 0x48000000 "bootm 0x48000000 - $fdt" "${uboot[@]}"
        ;;
    esac
}

flat() { # arm64 and riscv64
    case $way in
    kernel) direct "$work/out/Image" "${qemu[@]}" ;;
    booti)
        by_uboot 'another boot loader' "$work/out/Image" "$address" \
            "booti $address - \${fdtcontroladdr}" "${uboot[@]}"
        ;;
    efi)
        by_uboot EFI "$work/out/vmlinuz-efi" "$address" "bootefi $address \${fdtcontroladdr}" "${uboot[@]}"
        ;;
    esac
}

# ways KNOWN RUN...: each wanted way that the architecture knows.
ways() {
    local known=$1
    shift
    for way in $known; do
        case ,$wanted, in
        *,all,* | *",$way,"*) "$@" ;;
        esac
    done
    printf '%s: %s\n' "$name" "$row"
}

uboots=/usr/lib/u-boot
wanted=${3-}
[ $# -gt 3 ] || fail "no kernel to boot"
seen=
for kernel in "${@:4}"; do
    grown "$kernel"
    # On a busy machine TCG is too slow for x86's check of the timer, and the kernel would panic:
    # "IO-APIC + timer doesn't work".
    arguments="console=ttyS0 no_timer_check panic=-1 kpipe.test=farm"
    case $kernel in
    */x86_64*)
        firmware=/usr/share/OVMF/OVMF_CODE_4M.fd variables=/usr/share/OVMF/OVMF_VARS_4M.fd
        make bzImage "$folder/image"
        ways "kernel efi" x86 qemu-system-x86_64 -cpu qemu64
        ;;
    */i386/*)
        firmware=/usr/share/OVMF/OVMF32_CODE_4M.secboot.fd variables=/usr/share/OVMF/OVMF32_VARS_4M.fd
        make bzImage "$folder/image"
        ways "kernel efi" x86 qemu-system-i386
        ;;
    */arm/*)
        machine_arch=arm arguments="console=ttyAMA0 panic=-1 kpipe.test=farm"
        make zImage "$folder/image"
        ways "kernel bootz bootm efi" arm
        ;;
    */arm-be8/*)
        machine_arch=arm arguments="console=ttyAMA0 panic=-1 kpipe.test=farm"
        make zImage "$folder/image"
        ways "kernel bootz bootm" arm
        ;;
    */arm64* | */riscv64/*)
        if [[ $kernel == */arm64* ]]; then
            machine_arch=arm64 arguments="console=ttyAMA0 panic=-1 kpipe.test=farm" address=0x48000000
            qemu=(qemu-system-aarch64 -M virt -cpu cortex-a53)
            uboot=("${qemu[@]}" -bios "$uboots/qemu_arm64/u-boot.bin")
        else
            machine_arch=riscv arguments="console=ttyS0 panic=-1 kpipe.test=farm" address=0x84000000
            qemu=(qemu-system-riscv64 -M virt)
            uboot=("${qemu[@]}" -kernel "$uboots/qemu-riscv64_smode/uboot.elf")
        fi
        needs "${uboot[-1]}"
        if [ "${kernel%/*}" != "$seen" ]; then # one Image for all codecs
            make Image "$folder/../Image"
            ways "kernel booti" flat
        fi
        make vmlinuz-efi "$folder/image"
        ways "efi" flat
        ;;
    *) fail "$kernel: no way to boot it here" ;;
    esac
    seen=${kernel%/*}
done
