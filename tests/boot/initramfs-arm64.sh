#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/boot/initramfs-arm64.sh - an initramfs that kpipe archived, found by Linux through a
# device tree that kpipe changed: Debian's arm64 Image on QEMU's board virt, first under
# QEMU's own loader, then under U-Boot, out of one flash image with all three.
#
# The initramfs is made of a tree, a list and entries. Its init (tests/real/init.c) tells
# what it sees: the command line and the model that the device tree got, and a note that the
# tree had, on a console whose node only the list made.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

needs qemu-system-aarch64 clang ld.lld mformat mcopy /usr/lib/u-boot/qemu_arm64/u-boot.bin
kernels=$(fetch arm64)
cd "$work"
rm -rf files rootfs
mkdir -p files rootfs/proc rootfs/sys
clang --target=aarch64-linux-gnu -O2 -ffreestanding -fno-stack-protector -nostdlib -static \
    -fuse-ld=lld -o files/init-arm64 "$project/tests/real/init.c"
printf 'kpipe made this\n' >rootfs/kpipe-note
cat >list <<'END'
dir /dev 0755 0 0
nod /dev/console 0600 0 0 c 5 1
file /linuxrc init-arm64 0755 0 0 /init
END
# QEMU's tree as it is with firmware: without it the board has one device more.
machine=(qemu-system-aarch64 -cpu cortex-a53 -m 512)
firmware=/usr/lib/u-boot/qemu_arm64/u-boot.bin
"${machine[@]}" -M virt,dumpdtb=virt.dtb -bios "$firmware" -nodefaults -display none >log 2>&1

# The flash image lies at 0x50000000, and in it the initramfs at 48 MiB.
cat >board.yml <<END
kpipe: 1
arch: arm64
inputs:
  kernel: $kernels/arm64/Image
  virt: virt.dtb
  list: list
  files: {tree: files}
  rootfs: {tree: rootfs}
images:
  initramfs:
    - cpio:
        tree: rootfs
        list: list
        files: files
        entries: [{name: dev/null, type: char, major: 1, minor: 3, mode: 0666}]
  dtb:
    - virt
    - dtb:
        delete:
          - {node: /chosen, property: rng-seed}
          - {node: /chosen, property: kaslr-seed}
        set: [{node: /, property: model, text: kpipe board}]
        bootargs: console=ttyAMA0 panic=-1
        append_bootargs: kpipe.set
        initrd: {load: 0x53000000, image: initramfs}
        space: 4K
  flash:
    - layout:
        regions:
          - {name: kernel, image: kernel, size: 47M}
          - {name: dtb, image: dtb, offset: 47M, size: 1M}
          - {name: initramfs, image: initramfs, offset: 48M}
outputs: [dtb, initramfs, flash]
END
"$kpipe" run board.yml
said=("Linux version $(cat "$kernels/arm64/version") " 'Machine model: kpipe board'
    'Kernel command line: console=ttyAMA0 panic=-1 kpipe.set' 'Run /init as init process'
    'kpipe test kernel: init runs' 'command line: console=ttyAMA0 panic=-1 kpipe.set'
    'model: kpipe board' 'note: kpipe made this')

console "${said[@]}" -- "${machine[@]}" -M virt -kernel "$kernels/arm64/Image" -dtb dtb \
    -device loader,file=initramfs,addr=0x53000000,force-raw=on

boot_script arm64 'booti 0x50000000 - 0x52f00000'
disk boot.scr
console 'U-Boot' "${said[@]}" -- "${machine[@]}" -M virt \
    -bios "$firmware" -device loader,file=flash,addr=0x50000000,force-raw=on \
    -drive "if=none,id=disk,format=raw,file=disk.img" -device virtio-blk-device,drive=disk
