#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/fit-identity.sh - FITs against the newest mkimage that Debian has the source of
# (tests/real/uboot-tools.sh): every source of tests/fit.sh with every way to place contents, and
# mkimage -f auto. What is signed, its fit_check_sign verifies.
#
#     fit-identity.sh KPIPE WORKDIR
project=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../golden/common.sh
. "$project/tests/golden/common.sh"
# shellcheck source-path=SCRIPTDIR source=../fit.sh
. "$project/tests/fit.sh"
tools=$("$project/tests/real/uboot-tools.sh" --find)
mkimage=$tools/mkimage

fit_files
fit_keys dev:2048 big:3072 huge:4096
plain_sources
language_sources
signed_sources
cipher_sources

# alike SOURCE KEYS: in each of the places that contents can have.
alike() {
    local options
    for options in "" "-E" "-E -B 8" "-E -B 200" "-E -p 20000" "-E -p 20000 -B 1000"; do
        # shellcheck disable=SC2086 # options
        ok "$1${2:+, signed}${options:+ $options}" from_source "$1" "$2" $options
    done
}

for source in plain every-kind lengths no-configurations overlay high many much-room odd-names found-by-name language; do
    alike "$source" ""
done
for source in signed signed-default signed-thrice signed-images-{sha1,sha256,sha384,sha512} signed-everything signed-much-room; do
    alike "$source" ""
    alike "$source" "dev big huge"
    ok "$source, comment" from_source "$source" "dev big huge" -c "a comment"
done
for bits in 128 192 256; do
    alike "cipher-$bits" "dev aes128 aes192 aes256"
done

auto() { # NAME PARAMETERS OPTION...
    local options
    for options in "" "-E" "-E -B 200" "-E -p 20000 -B 1000"; do
        # shellcheck disable=SC2086 # options
        ok "auto, $1${options:+ $options}" from_parts "${@:2}" $options
    done
}
auto_cases auto

# --- what fit_check_sign says of ours ---

# public SOURCE: public.dtb, as mkimage -K fills it by SOURCE.its with the keys in keys/.
public() {
    printf '/dts-v1/;\n/ { };\n' | dtc -q -O dtb -o public.dtb - &&
        "$mkimage" -f "$1.its" -k keys -K public.dtb -r theirs >said 2>&1
}

# verified SOURCE CONFIGURATION...: as kpipe makes it.
verified() {
    local configuration
    from_source "$1" "dev big huge" "${options[@]}" || true # its signatures may be random
    [ -s ours ] && public "$1" || return 1
    for configuration in "${@:2}"; do
        "$tools/fit_check_sign" -f ours -k public.dtb -c "$configuration" || return 1
    done
}

for padding in pkcs-1.5 pss; do
    for algo in dev:rsa2048 big:rsa3072 huge:rsa4096; do
        for hash in sha256 sha384 sha512; do
            a_board "SIGN ${algo%:*} $hash,${algo#*:} padding = \"$padding\";" | its "by-$padding"
            options=()
            ok "verified, $padding, $hash,${algo#*:}" verified "by-$padding" conf-1
            options=(-E -B 40)
            ok "verified, $padding, $hash,${algo#*:}, external" verified "by-$padding" conf-1
        done
    done
done
options=()
ok "verified, several keys" verified signed-thrice conf-1
ok "verified, everything" verified signed-everything conf-2 conf-3
# A ramdisk that no list names: mkimage leaves it out of the signature, and what it makes is refused by
# its own fit_check_sign; kpipe covers it.
{
    echo 'images {'
    kernel_node kernel-1 kernel <<<"HASH sha256"
    node ramdisk-1 ramdisk ramdisk <<<"HASH sha256"
    echo '}; configurations { conf-1 { kernel = "kernel-1"; ramdisk = "ramdisk-1";'
    echo 'SIGN dev sha256,rsa2048'
    echo '}; };'
} | its unlisted
ok "verified, a ramdisk that no list names" verified unlisted conf-1
refuses_theirs() { ! "$tools/fit_check_sign" -f theirs -k public.dtb -c conf-1; }
ok "mkimage's own is refused" refuses_theirs

finish
