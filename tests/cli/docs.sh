#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/docs.sh - the recipes in docs/recipes.md are right: each is checked, with
# files of the right kinds where it names some.
. "$(dirname "$0")/common.sh"

mkdir dts
printf '\xd0\x0d\xfe\xed%060d' 0 > dts/dtb
head -c 36 /dev/zero > zImage
printf '\x18\x28\x6f\x01%060d' 0 >> zImage
printf 'anything' > Image
cp Image vmlinux
cp Image fw.bin
cp Image key.pem
cp Image initrd.img
for board in board board-a board-b u-boot am335x-boneblack; do
    cp dts/dtb $board.dtb
done
cp dts/dtb camera.dtbo
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out dev.key 2> log
cp dts/dtb sun7i-a20-cubietruck.dtb
mkdir -p linux/arch/arm/boot/dts
cp zImage linux/arch/arm/boot/
cp dts/dtb linux/arch/arm/boot/dts/am335x-boneblack.dtb
mkdir -p package/DEBIAN package/boot package/usr/lib/linux-image-6.1.0-1
printf '%s\n' 'Package: linux-image-6.1.0-1' 'Version: 1' 'Architecture: armhf' \
    'Maintainer: nobody <nobody@example.org>' 'Description: none' > package/DEBIAN/control
cp zImage package/boot/vmlinuz-6.1.0-1
cp fw.bin package/boot/config-6.1.0-1
cp dts/dtb package/usr/lib/linux-image-6.1.0-1/am335x-boneblack.dtb
dpkg-deb -Znone --build package linux-image.deb > log

awk '/^```yaml/ {number++; file = "recipe" number ".yml"; next} /^```/ {file = ""}
     file != "" {print > file}' "$here/../../docs/recipes.md"
for recipe in recipe*.yml; do
    tools=(--allow-exec --tool sign-image=/bin/sh)
    "$kpipe" check "$recipe" --set linux=linux "${tools[@]}" > got 2>&1 ||
        "$kpipe" check "$recipe" "${tools[@]}" > got 2>&1
    is "$recipe" "$recipe: ok" "$(cut -d, -f1 got)"
done
is 'number of recipes' 10 "$(ls recipe*.yml | wc -l)"
finish
