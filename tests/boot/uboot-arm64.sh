#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/boot/uboot-arm64.sh - Debian's arm64 Image, compressed with gzip and wrapped as a
# uImage, through U-Boot's bootm on QEMU's board virt: U-Boot unpacks it.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

needs qemu-system-aarch64 mformat mcopy /usr/lib/u-boot/qemu_arm64/u-boot.bin
kernels=$(fetch arm64)
"$kpipe" run "$project/recipes/qemu-virt-arm64.yml" --set "kernels=$kernels" --out "$work"
# shellcheck disable=SC2016 # U-Boot's variables
boot_script arm64 \
    'setenv bootargs console=ttyAMA0 panic=-1 kpipe.from=u-boot' \
    'load virtio 0:1 0x48000000 uImage' \
    'bootm 0x48000000 - ${fdtcontroladdr}'
disk "$work/uImage" "$work/boot.scr"

console 'Booting kernel from Legacy Image' 'AArch64 Linux Kernel Image \(gzip compressed\)' \
    'Verifying Checksum ... OK' 'Uncompressing Kernel Image' 'Booting Linux on physical CPU' \
    "Linux version $(cat "$kernels/arm64/version") " \
    'Kernel command line: .*kpipe.from=u-boot' 'VFS: Unable to mount root fs' -- \
    qemu-system-aarch64 -M virt -cpu cortex-a53 -m 512 \
    -bios /usr/lib/u-boot/qemu_arm64/u-boot.bin \
    -drive "if=none,id=disk,format=raw,file=$work/disk.img" -device virtio-blk-device,drive=disk
