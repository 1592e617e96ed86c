#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/boot/fit.sh - the farm's kernels from FITs that kpipe made by recipes/qemu-virt-fit*.yml,
# through U-Boot's bootm on QEMU's boards virt.
#
#   tests/boot/fit.sh KPIPE WORK BOARD WAY...
#
# BOARD is arm, arm64 or riscv64. Ways:
#   internal   contents in the tree, with an initramfs whose /kpipe-note the init shows
#   external   the same with contents behind it
#   signed     U-Boot's own tree requires a key: a FIT without a signature is refused, and one that
#              was changed; the signed one boots. Not on riscv64, where Debian's U-Boot has no
#              signatures.
#   overlay    a tree with an overlay, which changes the model that the init shows; with
#              signatures. Debian's U-Boots for QEMU apply none: by the U-Boot that
#              tests/real/uboot-tools.sh builds (arm64).
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

uboots=/usr/lib/u-boot
board=${3-}
case $board in
arm)
    kernel=6.1/arm/gzip image=image load=0x42000000 console=ttyAMA0 uart=pl011@9000000
    qemu=(qemu-system-arm -cpu cortex-a15 -m 512) machine=virt,highmem=off
    firmware=(-bios "$uboots/qemu_arm/u-boot.bin")
    ;;
arm64)
    kernel=6.1/arm64/gzip image=../Image load=0x40200000 console=ttyAMA0 uart=pl011@9000000
    qemu=(qemu-system-aarch64 -cpu cortex-a53 -m 512) machine=virt
    firmware=(-bios "$uboots/qemu_arm64/u-boot.bin")
    ;;
riscv64)
    kernel=6.1/riscv64/gzip image=../Image load=0x80200000 console=ttyS0 uart=
    qemu=(qemu-system-riscv64 -m 512) machine=virt
    firmware=(-kernel "$uboots/qemu-riscv64_smode/uboot.elf")
    ;;
*) fail "no board: $board" ;;
esac
at=0x48000000
[ "$board" != riscv64 ] || at=0x88000000

needs "${qemu[0]}" "${firmware[1]}" dtc mformat mcopy openssl
grown "$kernel"
cd "$work"

# board_tree FIRMWARE...: virt.dtb, QEMU's tree as this firmware gets it, of which the serial line has
# a symbol.
board_tree() {
    rm -f virt.dtb
    "${qemu[@]}" -M "$machine,dumpdtb=virt.dtb" "$@" -nodefaults -net none -display none >qemu.log 2>&1 || true
    [ -s virt.dtb ] || fail "QEMU dumped no tree: $(cat qemu.log)"
    dtc -q -I dtb -O dts virt.dtb >virt.dts
    sed "s/${uart:-none} {/uart: &/" virt.dts | dtc -q -@ -I dts -O dtb -o virt.dtb -
}

# made RECIPE SETTING...: kernel.itb, and what else the recipe makes.
made() {
    local recipe=$1 set=()
    shift
    for setting; do set+=(--set "$setting"); done
    "$kpipe" run -q "$project/recipes/$recipe.yml" --set "arch=$board" --set "kernel=$folder/$image" \
        --set "load=$load" --set dtb=virt.dtb "${set[@]}"
}

# Where fdt_high is ~0, as on two of these boards, U-Boot lets a device tree grow where it lies in the
# FIT, over what follows it there: the ramdisk. Without the variables it moves both.
# boots PATTERN... -- COMMAND... -- FILE...: U-Boot runs the commands on a disk with these files and
# then the kernel says all that there is.
boots() {
    local patterns=() commands=()
    while [ "$1" != -- ]; do patterns+=("$1") && shift; done
    shift
    while [ "$1" != -- ]; do commands+=("$1") && shift; done
    shift
    boot_script "${board/riscv64/riscv}" "setenv bootargs console=$console panic=-1 kpipe.way=$way" \
        'setenv fdt_high' 'setenv initrd_high' "${commands[@]}"
    disk "$@" boot.scr
    console "${patterns[@]}" 'Starting kernel' 'kpipe test kernel: init runs' \
        "kpipe test kernel: release $(cat "$folder/../release"), machine " \
        "kpipe test kernel: command line: .*kpipe.way=$way" "kpipe test kernel: model: $model" \
        'kpipe test kernel: note: an initramfs that kpipe made' -- \
        "${qemu[@]}" -M "$machine" "${firmware[@]}" \
        -drive "if=none,id=disk,format=raw,file=disk.img" -device virtio-blk-device,drive=disk
}

load() { # FILE
    echo "load virtio 0:1 $at $1"
}

loaded() { # CONFIGURATION: what U-Boot says of each part
    printf '%s\n' 'Loading kernel from FIT Image at' "Using '$1' configuration" 'Type: +Kernel Image' \
        'Compression: +gzip compressed' 'Verifying Hash Integrity ... sha256\+ OK' \
        'Loading ramdisk from FIT Image at' 'Verifying Hash Integrity ... sha256\+ OK' \
        'Loading fdt from FIT Image at' 'Verifying Hash Integrity ... sha256\+ OK' 'Uncompressing Kernel Image'
}

plain() { # EXTERNAL
    board_tree "${firmware[@]}"
    made qemu-virt-fit "external=$1"
    mapfile -t said < <(loaded conf-1)
    boots "${said[@]}" -- "$(load kernel.itb)" "bootm $at" -- kernel.itb
}

# keys: a FIT that is signed, one that is not, and one of which a bit of the kernel was changed.
keys() {
    [ -s dev.key ] || openssl genrsa -out dev.key 2048 2>openssl.log
    printf '/dts-v1/;\n/plugin/;\n&{/} { model = "kpipe overlay board"; };\n&uart { kpipe,note; };\n' |
        dtc -q -@ -O dtb -o overlay.dtbo -
    board_tree "${firmware[@]}"
    made qemu-virt-fit external=false
    mv kernel.itb unsigned.itb
    made qemu-virt-fit-signed key=dev.key overlay=overlay.dtbo
    cp kernel.itb changed.itb
    printf 'x' | dd of=changed.itb bs=1 seek=200000 conv=notrunc status=none
    firmware+=(-dtb u-boot.dtb)
}

signed() { # CONFIGURATION
    keys
    mapfile -t said < <(loaded "$1")
    said=("${said[@]:0:2}" 'Verifying Hash Integrity ... sha256,rsa2048:dev\+ OK' "${said[@]:2}")
    boots "Failed to verify required signature 'key-dev'" "can't get kernel image" 'unsigned was refused' \
        'sha256,rsa2048:dev\+ OK' "Bad hash value for 'hash-1' hash node in 'kernel' image node" \
        "can't get kernel image" 'changed was refused' "${said[@]}" -- \
        "$(load unsigned.itb)" "bootm $at" 'echo unsigned was refused' \
        "$(load changed.itb)" "bootm $at" 'echo changed was refused' \
        "$(load kernel.itb)" "bootm $at#$1" -- unsigned.itb changed.itb kernel.itb
}

for way in "${@:4}"; do
    model=$([ "$board" = riscv64 ] && echo riscv-virtio,qemu || echo linux,dummy-virt)
    case $way in
    internal) plain false ;;
    external) plain true ;;
    signed) signed plain ;;
    overlay)
        newest=$("$project/tests/real/uboot-tools.sh" --find)/u-boot-$board.bin
        needs "$newest"
        firmware=(-bios "$newest") model='kpipe overlay board'
        signed extended
        ;;
    *) fail "no way: $way" ;;
    esac
done
