#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/fit-tampered.sh - signed FITs that somebody has tampered with (fit-tamper makes them):
# `kpipe verify` refuses each, and says what is wrong.
#
#     fit-tampered.sh KPIPE WORKDIR [newest]
#
# With `newest` a table is printed of what U-Boot's fit_check_sign says of each, of Debian's newest
# source (tests/real/uboot-tools.sh): of the default configuration and of both by name.
project=$(cd "$(dirname "$0")/../.." && pwd)
newest=${3-}
# shellcheck source-path=SCRIPTDIR source=../golden/common.sh
. "$project/tests/golden/common.sh"
export SOURCE_DATE_EPOCH=1700000000
check_sign=
[ -z "$newest" ] || check_sign=$("$project/tests/real/uboot-tools.sh" --find)/fit_check_sign

# --- what is tampered with ---

seq 2000 >kernel
seq 3000 >second
seq 1500 >first # an older kernel
seq 9 >ramdisk
printf '/dts-v1/;\n/ { model = "A board"; compatible = "maker,board"; };\n' | dtc -q -O dtb -o board.dtb -
mkdir foreign
for key in dev.key foreign/dev.key; do openssl genrsa -out $key 2048 2>openssl.log; done

# fit NAME KEY IMAGE-MORE SIGNATURE KERNEL [MORE]: NAME.itb, with two configurations.
fit() {
    local signatures="$4"
    cat >recipe.yml <<END
kpipe: 1
arch: arm64
keys: {dev: $2}
inputs: {kernel: $5, second: second, ramdisk: ramdisk, board: board.dtb}
images:
  fit:
    - fit:
        description: tampered with
        images:
          - {name: kernel-1, image: kernel, load: 0x40200000$3}
          - {name: kernel-2, image: second, load: 0x40200000$3}
          - {name: fdt-1, type: flat_dt, image: board$3}
          - {name: ramdisk-1, type: ramdisk, image: ramdisk$3}
        configurations:
          - {name: conf-1, kernel: kernel-1, fdt: fdt-1, ramdisk: ramdisk-1}
          - {name: conf-2, kernel: kernel-2, fdt: fdt-1}
        signatures: [$signatures]${6-}
  public: [board, {fit-keys: {keys: [{key: dev, required: $([ "$1" = image ] && echo image || echo conf)}]}}]
outputs: [{fit: {file: $1.itb}}, {public: {file: $1.dtb}}]
END
    "$kpipe" run -q recipe.yml
}
fit signed dev.key '' dev kernel
fit external dev.key '' dev kernel $'\n        external: true'
fit pss dev.key '' '{key: dev, padding: pss}' kernel
fit image dev.key ', signatures: [dev]' '' kernel
fit old dev.key '' dev first
fit foreign foreign/dev.key '' dev kernel
cp signed.dtb public.dtb # what the loader knows; foreign.dtb has the other key
cp public.dtb foreign.dtb

# --- what is said ---

good() { "$kpipe" verify "$1.itb" --key "$1.dtb"; }
for fit in signed external pss image old; do ok "$fit is good" good $fit; done

# refused CASE FIT TEXT: with status 1, the text, and no crash.
refuses() {
    local status=0
    "$kpipe" verify "cases/$1" --key "$2.dtb" >verify.log 2>&1 || status=$?
    cat verify.log
    [ "$status" = 1 ] && grep -qF -- "$3" verify.log
}
accepts() { "$kpipe" verify "cases/$1" --key "$2.dtb"; }

# says CASE FIT [CONFIGURATION]: fit_check_sign's verdict, as a word of the table.
says() {
    local status=0
    "$check_sign" -f "cases/$1" -k "$2.dtb" ${3:+-c "$3"} >check.log 2>&1 || status=$?
    if [ $status = 0 ]; then echo accepts; elif [ $status -gt 1 ]; then echo "ends $status"; else echo refuses; fi
}

"$project/tests/real/fit-tamper" . >cases.txt
[ -z "$newest" ] || printf '%-24s %-9s %-9s %-9s %s\n' case default conf-1 conf-2 what
while IFS=$'\t' read -r case fit what; do
    [ -z "$newest" ] || printf '%-24s %-9s %-9s %-9s %s\n' "$case" "$(says "$case" "$fit")" \
        "$(says "$case" "$fit" conf-1)" "$(says "$case" "$fit" conf-2)" "$what"
    "$kpipe" verify "cases/$case" --key "$fit.dtb" > v 2>&1; echo "XX $? $case $(grep -v 'not verified\|^conf-2: sig\|: verified' v | grep -v ': hash-1: sha256$' | head -3 | tr '\n' '|')"
done <cases.txt
finish
