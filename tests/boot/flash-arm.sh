#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/boot/flash-arm.sh - recipes/qemu-virt-flash.yml with the farm's arm kernel: a layout of
# kernel, changed device tree and initramfs in QEMU's flash memory, through U-Boot. The init
# tells the tree's model and command line, and what the initramfs says.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

needs qemu-system-arm mformat mcopy dtc /usr/lib/u-boot/qemu_arm/u-boot.bin
grown 6.1/arm/gzip
"$project/tests/real/qemu-dtb" "$work/virt.dtb"
"$kpipe" run "$project/recipes/qemu-virt-flash.yml" --set "kernel=$folder/image" \
    --set "dtb=$work/virt.dtb" --out "$work"
boot_script arm 'cp.b 0x04000000 0x42000000 0x800000' 'cp.b 0x04800000 0x49000000 0x100000' \
    'cp.b 0x04900000 0x4a000000 0x700000' 'bootz 0x42000000 - 0x49000000'
disk "$work/boot.scr"

console 'Starting kernel' 'kpipe test kernel: init runs' \
    'kpipe test kernel: command line: console=ttyAMA0 panic=-1 kpipe.from=flash' \
    'kpipe test kernel: model: kpipe flash board' \
    'kpipe test kernel: note: an initramfs that kpipe made' -- \
    qemu-system-arm -M virt,highmem=off -cpu cortex-a15 -m 512 \
    -bios /usr/lib/u-boot/qemu_arm/u-boot.bin \
    -drive "if=pflash,unit=1,format=raw,file=$work/flash.img" \
    -drive "if=none,id=disk,format=raw,file=$work/disk.img" -device virtio-blk-device,drive=disk
