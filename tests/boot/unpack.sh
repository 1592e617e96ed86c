#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/boot/unpack.sh - images that were taken apart, changed in one thing and made again by the
# recipe that `kpipe unpack` wrote, under QEMU.
#
#   tests/boot/unpack.sh KPIPE WORK WAY...
#
#   dtb      a uImage of an ARM zImage with an appended device tree gets another tree (U-Boot's bootm)
#   payload  the kernel in it is compressed better, and leaves room that it was linked with (bootm)
#   zboot    the same of an EFI zboot image (U-Boot's bootefi)
#   codec    an EFI zboot image's kernel with another codec, and the stub that can unpack it (bootefi)
#   initrd   the initramfs and the command line of a unified kernel image (OVMF)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

uboots=/usr/lib/u-boot
cd "$work"

# apart IMAGE: to the folder IMAGE.d, whose recipe makes it again.
apart() {
    rm -rf "$1.d"
    "$kpipe" unpack -q "$1" -d "$1.d"
    (cd "$1.d" && "$kpipe" run -q recipe.yml)
    cmp "$1" "$1.d/$1.rebuilt" || fail "$1: does not come out as it was"
}

again() { # IMAGE: its recipe as it is now, which makes other bytes
    (cd "$1.d" && "$kpipe" run -q recipe.yml) || fail "$1: its recipe fails"
    ! cmp -s "$1" "$1.d/$1.rebuilt" || fail "$1: nothing has changed"
}

# by_uboot ARCH FILE COMMAND PATTERN... -- QEMU...: U-Boot loads the file and runs COMMAND.
by_uboot() {
    local file=$2
    # shellcheck disable=SC2016 # U-Boot's variables
    boot_script "$1" "setenv bootargs console=ttyAMA0 panic=-1 kpipe.dtb=of-u-boot" \
        "load virtio 0:1 0x48000000 $(basename "$file")" "$3"
    shift 3
    disk "$file" boot.scr
    console "$@" -m 512 -drive "if=none,id=disk,format=raw,file=disk.img" \
        -device virtio-blk-device,drive=disk
}

uimage() {
    needs qemu-system-arm dtc fdtput mformat mcopy $uboots/qemu_arm/u-boot.bin
    grown 6.1/arm/gzip
    "$project/tests/real/qemu-dtb" board.dtb "console=ttyAMA0 panic=-1 kpipe.dtb=first"
    "$kpipe" pipe -q "$folder/image" zimage:dtb=board.dtb \
        'uimage:{arch: arm, load: 0x42000000, name: taken apart}' -o uImage
    apart uImage
}

bootm() { # PATTERN...
    # shellcheck disable=SC2016
    by_uboot arm uImage.d/uImage.rebuilt 'bootm 0x48000000 - ${fdtcontroladdr}' \
        'Image Name: +taken apart' 'Verifying Checksum ... OK' "$@" -- \
        qemu-system-arm -M virt,highmem=off -cpu cortex-a15 -bios $uboots/qemu_arm/u-boot.bin
}

dtb() {
    uimage
    sed -i -e '/^images:/a\  other-dtb: [dtb, {dtb: {bootargs: console=ttyAMA0 panic=-1 kpipe.dtb=second, set: [{node: /, property: model, text: a board with a much longer name}]}}]' \
        -e 's/name: dtb, image: dtb/name: dtb, image: other-dtb/' uImage.d/recipe.yml
    again uImage
    bootm 'Machine model: a board with a much longer name' 'Kernel command line: .*kpipe.dtb=second' \
        'kpipe test kernel: model: a board with a much longer name'
}

payload() {
    uimage
    sed -i 's/{gzip: {[^}]*}}/{gzip: {level: 12}}/' uImage.d/recipe.yml
    again uImage
    bootm 'Kernel command line: .*kpipe.dtb=first' 'kpipe test kernel: init runs'
}

bootefi() { # FILE
    # shellcheck disable=SC2016
    by_uboot arm64 "$1" 'bootefi 0x48000000 ${fdtcontroladdr}' 'kpipe test kernel: init runs' \
        'kpipe test kernel: started by: EFI' -- \
        qemu-system-aarch64 -M virt -cpu cortex-a53 -bios $uboots/qemu_arm64/u-boot.bin
}

efi() { # CODEC...: the farm's, as gzip.efi and so on
    local codec
    needs qemu-system-aarch64 mformat mcopy $uboots/qemu_arm64/u-boot.bin
    for codec in "$@"; do
        grown "6.1/arm64/$codec"
        cp "$folder/image" "$codec.efi"
        apart "$codec.efi"
    done
}

zboot() {
    efi gzip
    sed -i 's/{gzip: {[^}]*}}/{gzip: {level: 12}}/' gzip.efi.d/recipe.yml
    again gzip.efi
    bootefi gzip.efi.d/gzip.efi.rebuilt
}

# The kernel of the one and all else of the other: as Kbuild would have made it.
codec() {
    efi gzip zstd
    sed -i 's,^  Image: Image$,  Image: ../gzip.efi.d/Image,' zstd.efi.d/recipe.yml
    rm zstd.efi.d/Image
    (cd zstd.efi.d && "$kpipe" run -q recipe.yml)
    cmp zstd.efi zstd.efi.d/zstd.efi.rebuilt || fail "Kbuild makes other bytes"
    bootefi zstd.efi.d/zstd.efi.rebuilt
}

note() { # TEXT BYTES FILE: an initramfs that is laid over the kernel's own
    rm -rf root && mkdir root
    echo "$1" >root/kpipe-note
    head -c "$2" /dev/urandom >root/filler
    (cd root && find . | cpio --quiet -o -H newc) >"$3"
}

initrd() {
    local firmware=/usr/share/OVMF/OVMF_CODE_4M.fd stub
    needs qemu-system-x86_64 cpio objcopy $firmware
    grown 6.1/x86_64/gzip
    stub=$("$project/tests/real/corpus" --find bookworm/amd64/pe-stub 2>stub.log) || skip "$(cat stub.log)"
    note first 100 first.cpio
    note second 3000000 second.cpio
    printf 'console=ttyS0 no_timer_check panic=-1 kpipe.cmdline=first' >cmdline
    objcopy --add-section .cmdline=cmdline --change-section-vma .cmdline=0x30000 \
        --add-section .linux="$folder/image" --change-section-vma .linux=0x2000000 \
        --add-section .initrd=first.cpio --change-section-vma .initrd=0x3000000 "$stub/image" uki.efi
    apart uki.efi
    sed -i 's,first,second and longer than before,' uki.efi.d/cmdline.txt
    sed -i 's,initramfs.cpio,../second.cpio,' uki.efi.d/recipe.yml
    again uki.efi
    rm -rf esp && mkdir -p esp/EFI/BOOT
    cp uki.efi.d/uki.efi.rebuilt esp/EFI/BOOT/BOOTX64.EFI
    cp /usr/share/OVMF/OVMF_VARS_4M.fd variables.fd
    console 'kpipe test kernel: init runs' \
        'kpipe test kernel: command line: .*kpipe.cmdline=second and longer than before' \
        'kpipe test kernel: note: second' -- qemu-system-x86_64 -cpu qemu64 -M q35,accel=tcg -m 512 \
        -drive "if=pflash,unit=0,format=raw,readonly=on,file=$firmware" \
        -drive "if=pflash,unit=1,format=raw,file=variables.fd" -drive "format=raw,file=fat:rw:esp"
}

[ $# -gt 2 ] || fail "no way to boot"
for way in "${@:3}"; do
    printf '%s: %s\n' "$name" "$way"
    "$way"
done
