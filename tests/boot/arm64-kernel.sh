#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/boot/arm64-kernel.sh - Debian's arm64 Image, compressed by kpipe, under QEMU's own
# loader: once as Image.gz, which QEMU unpacks, and once as the Image that kpipe unpacks
# from it, which must be the one that it was made of.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

needs qemu-system-aarch64
kernels=$(fetch arm64)
"$kpipe" run "$project/recipes/qemu-virt-arm64.yml" --set "kernels=$kernels" --out "$work"
"$kpipe" pipe -q "$work/Image.gz" gzip.unpack image -o "$work/Image"
cmp "$work/Image" "$kernels/arm64/Image" || fail "Image.gz does not hold the Image that it was made of"

for kernel in Image.gz Image; do
    console 'Booting Linux on physical CPU' "Linux version $(cat "$kernels/arm64/version") " \
        "Kernel command line: .*kpipe.kernel=$kernel" 'VFS: Unable to mount root fs' -- \
        qemu-system-aarch64 -M virt -cpu cortex-a53 -m 512 -kernel "$work/$kernel" \
        -append "console=ttyAMA0 panic=-1 kpipe.kernel=$kernel"
done
