#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/remake.sh - the compressed kernels that Kbuild made for the farm's (tests/real/farm):
# the first way that `kpipe inspect --json` reports of how each was made gives the same bytes.
#
#   tests/real/remake.sh KPIPE WORK KERNEL...
#
# A KERNEL is SERIES/NAME/CODEC. With arm64 and riscv64 also the files that are compressed as they
# are, Image.CODEC; of them one of the first two does.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source-path=SCRIPTDIR source=../remake.sh
. "$project/tests/remake.sh"

check() {
    local codec=${kernel##*/} image
    verdict "$kernel" remakes "$folder/payload" 1
    sed 's/^/    /' log
    for image in "$folder/../Image."{"$codec",gz,zst}; do
        if [ ! -f "$image" ] || [[ $codec != "${image##*.}"* ]]; then continue; fi
        verdict "${kernel%/*}/${image##*/}" remakes "$image" 2
        sed 's/^/    /' log
    done
}

each_kernel check
finish
