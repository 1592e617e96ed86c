#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/kbuild-fit.sh - image.fit of a farm's arm64 kernel (tests/real/farm), with device trees that
# the kernel's own makefiles make in a copy of the build, one of them composed: by
# recipes/base/kbuild-fit*.yml beside the kernel's scripts/make_fit.py.
#
#   tests/real/kbuild-fit.sh KPIPE WORK KERNEL...
#
# make_fit.py is the newest that the farm has; that of the kernel itself leaves room behind its strings
# up to 6.13, which libfdt takes out here. Skipped without python3-libfdt.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source-path=SCRIPTDIR source=../make-fit.sh
. "$project/tests/make-fit.sh"
export SOURCE_DATE_EPOCH=1700000000

has_make_fit newest || {
    echo "kbuild-fit: skipped: no python3-libfdt, or no newest kernel in the farm"
    exit 77
}

dts=arch/arm64/boot/dts
boards=(rockchip/rk3399-rockpro64 freescale/imx8mm-venice-gw72xx-0x
    freescale/imx8mm-venice-gw72xx-0x-rs232-rts broadcom/bcm2711-rpi-4-b)

# device_trees SERIES: in tree, by the source's makefiles; what chooses a board is its family.
device_trees() {
    local source
    source=$(dirname "$(dirname "$(make_fit_of "$1")")")
    env -u MAKEFLAGS -u MAKELEVEL nice make -s -C "$source" O="$PWD/tree" ARCH=arm64 \
        CROSS_COMPILE=aarch64-linux-gnu- CONFIG_ARCH_ROCKCHIP=y CONFIG_ARCH_MXC=y CONFIG_ARCH_BCM2835=y \
        "${boards[@]/%/.dtb}" </dev/null || return 1
    printf "$dts/%s.dtb\n" "${boards[@]}" >tree/$dts/dtbs-list
}

# packed FILE: as libfdt packs it
packed() {
    /usr/bin/python3 - "$1" <<'END'
import libfdt, sys
fdt = libfdt.Fdt(open(sys.argv[1], "rb").read())
fdt.pack()
open(sys.argv[1], "wb").write(fdt.as_bytearray())
END
}

# What mkimage -E leaves between the tree and the contents means nothing: zeros.
cleaned() { # FILE
    perl -e 'open F, "+<:raw", shift; read F, $header, 36;
        ($total, $strings, $size) = unpack "x4 N x4 N x16 N", $header;
        seek F, $strings + $size, 0; print F "\0" x ($total - $strings - $size)' "$1"
}

# alike RECIPE OPTION...: the same bytes
alike() {
    (cd tree && make_fit "$script" arch/arm64/boot/Image ../theirs "Linux-$release" -c "$codec" "${@:2}" \
        @$dts/dtbs-list) || return 1
    [ "$script" = newest ] || packed theirs
    cleaned theirs
    "$kpipe" run -q "$1" --set tree=tree --set "codec=$codec" && cmp theirs image.fit
}

check() {
    local codec script
    rm -rf tree
    cp -a "$folder/../build" tree
    cp "$(readlink -f "$folder/../Image")" tree/arch/arm64/boot/Image
    release=$(cat tree/include/config/kernel.release)
    verdict "$kernel: device trees" device_trees "${kernel%%/*}"
    # gzip writes the time of its input, kpipe none
    find tree/arch/arm64/boot -type f -exec touch -d @0 {} +
    for script in newest "${kernel%%/*}"; do
        for codec in gzip zstd lz4 bzip2 lzma; do
            verdict "$kernel: image.fit, $codec, $script" alike kpipe:base/kbuild-fit.yml
            verdict "$kernel: image.fit, $codec, decomposed, $script" alike \
                kpipe:base/kbuild-fit-decomposed.yml -D
        done
    done
    script=newest codec=gzip
    head -c 100001 tree/vmlinux >ramdisk
    cat >more.yml <<'END'
kpipe: 1
extends: kpipe:base/kbuild-fit.yml
vars: {external: false}
inputs: {ramdisk: ramdisk}
images:
  image-fit:
    - kernel
    - fit:
        style: kbuild
        type: kernel_noload
        kernel_description: Linux-$(k.version)
        dtbs: k.dtbs
        dtb_codec: {payload: {codec: $(codec), preset: make-fit}}
        ramdisk: ramdisk
        external: $(external)
END
    verdict "$kernel: image.fit, ramdisk" alike more.yml -r ../ramdisk
    sed -i 's/external: false/external: true/' more.yml
    verdict "$kernel: image.fit, ramdisk, external" alike more.yml -r ../ramdisk -E
}

each_kernel check
rm -rf tree theirs image.fit
finish
