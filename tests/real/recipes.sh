#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/recipes.sh - runs every recipe of recipes/ on Debian's kernels and compares
# what comes out with what cat, gzip, mkimage and objcopy make of the same files.
#
#   tests/real/recipes.sh KPIPE WORK
#
# A compressed image need not have gzip's bytes (the default encoder is another): it must
# hold the image, as gzip unpacks it. Ends with "ok" (0), "FAIL" (1) or "skipped" (77).
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ $# = 2 ] || {
    echo "usage: $0 KPIPE WORK" >&2
    exit 2
}
kpipe=$(realpath "$1")
rm -rf "$2"
mkdir -p "$2"
work=$(cd "$2" && pwd)
fetch=$project/tests/real/fetch
export SOURCE_DATE_EPOCH=1700000000

for tool in mkimage dumpimage openssl gzip objcopy qemu-system-arm dtc; do
    command -v "$tool" >/dev/null || {
        printf 'recipes: skipped: %s is missing (tests/run installs it)\n' "$tool"
        exit 77
    }
done
"$fetch" armhf arm64
kernels=$("$fetch" --where)
dtbs=$kernels/armhf/dtbs
"$project/tests/real/qemu-dtb" "$work/qemu.dtb"

failed=0
checked=0

# same WHAT FILE FILE
same() {
    checked=$((checked + 1))
    if cmp "$2" "$3"; then
        printf 'recipes: %s: identical, %s bytes\n' "$1" "$(stat -c %s "$2")"
    else
        printf 'recipes: %s: differs\n' "$1"
        failed=$((failed + 1))
    fi
}

# arm_uimage WHAT DTB LOAD NAME FILE: FILE is what mkimage makes of zImage and DTB. The
# tree lies at a multiple of 4 behind the zImage, whose size is one already.
arm_uimage() {
    cat "$kernels/armhf/zImage" "$2" >"$work/payload"
    mkimage -A arm -O linux -T kernel -C none -a "$3" -e "$3" -n "$4" -d "$work/payload" \
        "$work/expected" >/dev/null
    same "$1" "$work/expected" "$5"
}

# arm64_uimage WHAT GZ FILE: GZ holds the Image, and FILE is what mkimage makes of GZ.
arm64_uimage() {
    gzip -dc <"$2" >"$work/payload"
    same "$1, gzip -d" "$kernels/arm64/Image" "$work/payload"
    mkimage -A arm64 -O linux -T kernel -C gzip -a 0x40200000 -e 0x40200000 -n "QEMU virt" \
        -d "$2" "$work/expected" >/dev/null
    same "$1, uImage" "$work/expected" "$3"
}

# run RECIPE ARGUMENT...: into its own folder.
run() {
    local recipe=$1
    shift
    "$kpipe" run "$project/recipes/$recipe.yml" --set "kernels=$kernels" --out "$work/$recipe" "$@"
}

run quickstart --set "qemu-dtb=$work/qemu.dtb"
out=$work/quickstart
arm_uimage "quickstart, BeagleBone Black" "$dtbs/am335x-boneblack.dtb" 0x82000000 \
    "BeagleBone Black" "$out/uImage-beaglebone-black"
arm_uimage "quickstart, QEMU arm" "$work/qemu.dtb" 0x42000000 "QEMU virt" "$out/uImage-qemu-virt-arm"
arm64_uimage "quickstart, QEMU arm64" "$out/Image.gz" "$out/uImage-qemu-virt-arm64"

run beaglebone-black
arm_uimage beaglebone-black "$dtbs/am335x-boneblack.dtb" 0x82000000 "BeagleBone Black" \
    "$work/beaglebone-black/uImage"

run qemu-virt-arm --set "dtb=$work/qemu.dtb"
arm_uimage qemu-virt-arm "$work/qemu.dtb" 0x42000000 "QEMU virt" "$work/qemu-virt-arm/uImage"

run qemu-virt-arm64
arm64_uimage qemu-virt-arm64 "$work/qemu-virt-arm64/Image.gz" "$work/qemu-virt-arm64/uImage"

run eight-boards
while read -r board dtb load; do
    arm_uimage "eight-boards, $board" "$dtbs/$dtb.dtb" "$load" "$board" \
        "$work/eight-boards/uImage-$board"
done <<'END'
beaglebone-black am335x-boneblack 0x82000000
pocketbeagle am335x-pocketbeagle 0x82000000
pandaboard-es omap4-panda-es 0x82000000
wandboard imx6q-wandboard 0x12000000
orangepi-pc sun8i-h3-orangepi-pc 0x42000000
cubietruck sun7i-a20-cubietruck 0x42000000
tinker-board rk3288-tinker 0x02000000
stm32mp157c-dk2 stm32mp157c-dk2 0xc2000000
END

# Eight chains of three stages; the first stage is the same in all and runs once.
run eight-boards --dry-run >"$work/plan"
tail -n 1 "$work/plan" >"$work/payload"
echo "stages: 17 to run, 24 if each output were made alone; outputs: 8" >"$work/expected"
same "eight-boards, the plan's stages" "$work/expected" "$work/payload"

# The flash: erased, but for the device trees at their blocks and the kernel at 1 MiB.
erased() { # SIZE
    head -c "$1" /dev/zero | tr '\0' '\377'
}
run flash-layout
out=$work/flash-layout
{
    cat "$dtbs/am335x-boneblack.dtb"
    head -c $((131072 - $(stat -c %s "$dtbs/am335x-boneblack.dtb"))) /dev/zero
    cat "$dtbs/am335x-pocketbeagle.dtb"
    erased $((131072 - $(stat -c %s "$dtbs/am335x-pocketbeagle.dtb")))
} >"$work/flash-dtbs"
mkimage -A arm -O linux -T kernel -C none -a 0x82000000 -e 0x82000000 -n "NOR flash" \
    -d "$kernels/armhf/zImage" "$work/payload" >/dev/null
erased $((16 << 20)) >"$work/expected"
dd if="$work/flash-dtbs" of="$work/expected" bs=64K seek=9 conv=notrunc status=none
dd if="$work/payload" of="$work/expected" bs=1M seek=1 conv=notrunc status=none
same "flash-layout" "$work/expected" "$out/flash.bin"
(cd "$work" && objcopy -I binary -O srec --change-addresses 0x08090000 flash-dtbs dtbs)
same "flash-layout, S-records" "$work/dtbs" "$out/dtbs.srec"

# The same by fdtput and cpio(1); tests/boot/flash-arm.sh boots it.
run qemu-virt-flash --set "dtb=$work/qemu.dtb"
flash=$work/qemu-virt-flash/flash.img
region() { # OFFSET SIZE: what the flash holds there
    dd if="$flash" of="$work/payload" bs=1M iflag=skip_bytes,count_bytes skip=$(($1)) \
        count=$(($2)) status=none
}
region 0 "$(stat -c %s "$kernels/armhf/zImage")"
same "qemu-virt-flash, kernel" "$kernels/armhf/zImage" "$work/payload"
region 0x900000 0x700000
(cd "$work" && cpio --quiet -i --to-stdout kpipe-note <payload >note)
same "qemu-virt-flash, initramfs" "$project/recipes/initramfs/kpipe-note" "$work/note"
region 0x800000 0x100000
{
    fdtget "$work/payload" / model
    fdtget "$work/payload" /chosen bootargs
    fdtget -t x "$work/payload" /chosen linux,initrd-start
} >"$work/told"
printf '%s\n' "kpipe flash board" "console=ttyAMA0 panic=-1 kpipe.from=flash" "0 4a000000" >"$work/expected"
same "qemu-virt-flash, device tree" "$work/expected" "$work/told"

# FITs, as U-Boot's dumpimage takes them apart; tests/boot/fit.sh boots them.
fit_part() { # FIT NUMBER: to payload
    rm -f "$work/payload"
    dumpimage -T flat_dt -p "$2" -o "$work/payload" "$1" >/dev/null
}
fit() { # WHAT FIT NUMBERS-OF-KERNEL-TREE-RAMDISK...
    fit_part "$2" "$3"
    gzip -dc <"$work/payload" >"$work/kernel"
    same "$1, kernel" "$kernels/arm64/Image" "$work/kernel"
    fit_part "$2" "$4"
    same "$1, device tree" "$work/qemu.dtb" "$work/payload"
    fit_part "$2" "$5"
    (cd "$work" && cpio --quiet -i --to-stdout kpipe-note <payload >note)
    same "$1, initramfs" "$project/recipes/initramfs/kpipe-note" "$work/note"
    "$kpipe" verify -q "$2" "${@:6}"
}
run qemu-virt-fit --set "dtb=$work/qemu.dtb"
fit qemu-virt-fit "$work/qemu-virt-fit/kernel.itb" 0 2 1
openssl genrsa -out "$work/dev.key" 2048 2>/dev/null
printf '/dts-v1/;\n/plugin/;\n&{/} { model = "other"; };\n' | dtc -q -@ -O dtb -o "$work/overlay.dtbo" -
run qemu-virt-fit-signed --set "dtb=$work/qemu.dtb" --set "key=$work/dev.key" --set "overlay=$work/overlay.dtbo"
out=$work/qemu-virt-fit-signed
fit qemu-virt-fit-signed "$out/kernel.itb" 0 1 3 --key "$out/u-boot.dtb"
fit_part "$out/kernel.itb" 2
same "qemu-virt-fit-signed, overlay" "$work/overlay.dtbo" "$work/payload"

# All of the kernel is in it, at its place, and the list is what nm reads.
run vmlinux-with-symbols
out=$work/vmlinux-with-symbols
objcopy -O binary "$out/vmlinux" "$work/payload"
same "vmlinux-with-symbols" "$kernels/arm64/Image" "$work/payload"
LC_ALL=C nm -n "$out/vmlinux" |
    grep -vE ' [aNUw] | \.L| \$| __crc_| __kstrtab(ns)?_| L0$' >"$work/expected"
same "vmlinux-with-symbols, System.map" "$work/expected" "$out/System.map"

# What dpkg-deb finds in the package is what the FIT holds, as U-Boot's own tools see it.
run three-boards-fit
fit=$work/three-boards-fit/boards.itb
dpkg-deb --fsys-tarfile "$kernels/arm64/linux-image.deb" |
    tar -x -C "$work" --wildcards --transform='s|.*/||' './usr/lib/linux-image-*.dtb'
dumpimage -T flat_dt -p 0 -o "$work/payload" "$fit" >/dev/null
gzip -dc <"$work/payload" >"$work/expected"
same "three-boards-fit, kernel" "$kernels/arm64/Image" "$work/expected"
number=0
for board in apq8016-sbc hi6220-hikey hi3798cv200-poplar; do
    number=$((number + 1))
    dumpimage -T flat_dt -p $number -o "$work/payload" "$fit" >/dev/null
    dtc -q -I dtb -O dts -o "$work/expected" "$work/$board.dtb"
    gzip -dc <"$work/payload" | dtc -q -I dtb -O dts -o "$work/told" -
    same "three-boards-fit, $board" "$work/expected" "$work/told"
    fdtget "$work/$board.dtb" / compatible >"$work/expected"
    fdtget "$fit" /configurations/conf-$number compatible >"$work/told"
    same "three-boards-fit, $board, compatible" "$work/expected" "$work/told"
done

rm -f "$work/payload" "$work/expected"
if [ $failed != 0 ]; then
    printf 'recipes: FAIL: %d of %d\n' $failed $checked
    exit 1
fi
printf 'recipes: ok: %d\n' $checked
