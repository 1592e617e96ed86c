#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/boot/farm.sh - the farm's kernels as Kbuild made them, under QEMU: what an image of
# kpipe's must do as well.
#
#   tests/boot/farm.sh KPIPE WORK SERIES/NAME/CODEC...
#
# By -kernel, with an initramfs whose /kpipe-note the init shows: bzImage, zImage, Image. As an
# EFI program, by U-Boot's bootefi: zImage, and vmlinuz.efi (zboot) of arm64 and riscv64.
# kpipe makes U-Boot's script alone.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

# says FOLDER LOADER PATTERN... -- QEMU...: the init's lines, and the patterns among them.
says() {
    local folder=$1 loader=$2 patterns=()
    shift 2
    while [ "$1" != -- ]; do
        patterns+=("$1")
        shift
    done
    console 'kpipe test kernel: init runs' "kpipe test kernel: release $(cat "$folder/../release"), machine " \
        'kpipe test kernel: command line: .*kpipe.test=farm' "kpipe test kernel: started by: $loader" \
        "${patterns[@]}" "$@"
}

# direct FOLDER IMAGE CONSOLE QEMU...: by QEMU's -kernel, with a note.
direct() {
    local folder=$1 image=$2 console=$3
    shift 3
    needs "$1" cpio
    echo "of $folder" >"$work/kpipe-note"
    (cd "$work" && echo kpipe-note | cpio --quiet -o -H newc) >"$work/note.cpio"
    says "$folder" 'another boot loader' "kpipe test kernel: note: of $folder" -- "$@" -m 512 \
        -kernel "$image" -initrd "$work/note.cpio" -append "console=$console panic=-1 kpipe.test=farm"
}

# by_efi FOLDER ARCH CONSOLE ADDRESS QEMU...: by U-Boot's bootefi from a disk.
by_efi() {
    local folder=$1 arch=$2 console=$3 address=$4
    shift 4
    needs "$1" mformat mcopy
    # shellcheck disable=SC2016 # U-Boot's variables
    boot_script "$arch" "setenv bootargs console=$console panic=-1 kpipe.test=farm" \
        "load virtio 0:1 $address vmlinuz.efi" "bootefi $address "'${fdtcontroladdr}'
    cp "$folder/image" "$work/vmlinuz.efi"
    disk "$work/vmlinuz.efi" "$work/boot.scr"
    says "$folder" EFI -- "$@" -m 512 \
        -drive "if=none,id=disk,format=raw,file=$work/disk.img" -device virtio-blk-device,drive=disk
}

# On a busy machine TCG is too slow for x86's check of the timer, and the kernel would panic:
# "IO-APIC + timer doesn't work".
x86_console="ttyS0 no_timer_check"
uboot=/usr/lib/u-boot
[ $# -gt 2 ] || fail "no kernel to boot"
seen=
for kernel in "${@:3}"; do
    grown "$kernel"
    printf '%s: %s\n' "$name" "$kernel"
    case $kernel in
    */x86_64*) direct "$folder" "$folder/image" "$x86_console" qemu-system-x86_64 -M pc,accel=tcg -cpu qemu64 ;;
    */i386/*) direct "$folder" "$folder/image" "$x86_console" qemu-system-i386 -M pc,accel=tcg ;;
    */arm/*)
        machine=(qemu-system-arm -M "virt,highmem=off" -cpu cortex-a15)
        needs $uboot/qemu_arm/u-boot.bin
        direct "$folder" "$folder/image" ttyAMA0 "${machine[@]}"
        by_efi "$folder" arm ttyAMA0 0x48000000 "${machine[@]}" -bios $uboot/qemu_arm/u-boot.bin
        ;;
    */arm64/*)
        machine=(qemu-system-aarch64 -M virt -cpu cortex-a53)
        needs $uboot/qemu_arm64/u-boot.bin
        [ "${kernel%/*}" = "$seen" ] || direct "$folder" "$folder/../Image" ttyAMA0 "${machine[@]}"
        by_efi "$folder" arm64 ttyAMA0 0x48000000 "${machine[@]}" -bios $uboot/qemu_arm64/u-boot.bin
        ;;
    */riscv64/*)
        machine=(qemu-system-riscv64 -M virt)
        needs $uboot/qemu-riscv64_smode/uboot.elf
        [ "${kernel%/*}" = "$seen" ] || direct "$folder" "$folder/../Image" ttyS0 "${machine[@]}"
        by_efi "$folder" riscv ttyS0 0x84000000 "${machine[@]}" \
            -kernel $uboot/qemu-riscv64_smode/uboot.elf
        ;;
    *) fail "$kernel: no way to boot it here" ;;
    esac
    seen=${kernel%/*}
done
