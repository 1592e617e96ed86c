#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/boot/uboot-arm.sh - the quickstart's uImage for QEMU, Debian's armmp zImage with
# QEMU's device tree appended, through U-Boot's bootm on QEMU's board virt.
#
# U-Boot for this board passes no ATAGs ("FDT and ATAGS support not compiled in"), so bootm
# is given U-Boot's own control tree. The zImage's decompressor prefers a tree that is
# appended to it (ARM_APPENDED_DTB) over the one that it is passed. Our appended tree has
# a command line that U-Boot's has not, and U-Boot passes another one: the kernel's line
# "Kernel command line" tells which tree it runs on. Without a root file system its panic
# for want of one is as far as it can get.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

needs qemu-system-arm dtc fdtput mformat mcopy /usr/lib/u-boot/qemu_arm/u-boot.bin
kernels=$(fetch armhf arm64)
"$project/tests/real/qemu-dtb" "$work/qemu.dtb" "console=ttyAMA0 panic=-1 kpipe.dtb=appended"
"$kpipe" run "$project/recipes/quickstart.yml" --set "kernels=$kernels" \
    --set "qemu-dtb=$work/qemu.dtb" --out "$work"
mv "$work/uImage-qemu-virt-arm" "$work/uImage"
# shellcheck disable=SC2016 # U-Boot's variables
boot_script arm \
    'setenv bootargs console=ttyAMA0 panic=-1 kpipe.dtb=of-u-boot' \
    'load virtio 0:1 0x48000000 uImage' \
    'bootm 0x48000000 - ${fdtcontroladdr}'
disk "$work/uImage" "$work/boot.scr"

console 'Booting kernel from Legacy Image' 'Image Name: +QEMU virt' 'Verifying Checksum ... OK' \
    'Booting Linux on physical CPU' "Linux version $(cat "$kernels/armhf/version") " \
    'Kernel command line: .*kpipe.dtb=appended' 'VFS: Unable to mount root fs' -- \
    qemu-system-arm -M virt,highmem=off -cpu cortex-a15 -m 512 \
    -bios /usr/lib/u-boot/qemu_arm/u-boot.bin \
    -drive "if=none,id=disk,format=raw,file=$work/disk.img" -device virtio-blk-device,drive=disk
