#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/uboot-tools.sh - U-Boot's own tools for FITs, and a U-Boot that can do more with them
# than Debian's, built from Debian's newest source of it.
#
#   tests/real/uboot-tools.sh [--refresh]    builds them if they are missing; prints their folder
#   tests/real/uboot-tools.sh --find         prints it; or an error that tells how to make it
#
# The folder is ${KPIPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kpipe}/uboot-tools/VERSION; in it:
#   mkimage dumpimage fit_check_sign fit_info
#   u-boot-arm64.bin    for QEMU's board virt: also applies overlays, and takes RSA-PSS
# The newest is what can be downloaded: experimental may list a version that the mirror does not
# have. A version that was built stays; --refresh looks whether there is a newer one.
#
# The source comes by an apt configuration of our own (apt.sh), with Debian's patches; it is built
# in the cache and leaves nothing else there. The packages that this needs are installed by
# tests/install.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=apt.sh
. "$(dirname "$0")/apt.sh"
here=$(cd "$(dirname "$0")" && pwd)
tools=$cache/uboot-tools
apt=$tools/.apt
programs=(mkimage dumpimage fit_check_sign fit_info)
export LC_ALL=C

usage() {
    sed -n '3,18s/^# \{0,1\}//p' "$0"
}

# The folder of those that are there; `newest` holds its name.
find_tools() {
    local folder
    folder=$tools/$(cat "$tools/newest" 2>/dev/null) && [ -e "$folder/u-boot-arm64.bin" ] || return
    printf '%s\n' "$folder"
}

# source_lists PLACE: of the place's own configuration, for sources.
source_lists() {
    local list=$apt/$1/sources.d/debian.sources
    sed -i 's/^Types: deb$/Types: deb-src/' "$list"
    apt-get -c "$apt/$1/apt.conf" -qq update >"$apt/$1/log" 2>&1
}

# download FOLDER: the newest source package that there is, to the folder; its version in $version.
download() {
    local own place
    own=$(dpkg --print-architecture)
    for place in "$own:experimental" "$own:sid" "$own"; do
        configure_apt "$place"
        rm -f "$1"/u-boot_*
        if source_lists "$place" && version=$(offered "$place") && [ -n "$version" ]; then
            ! [ -e "$tools/$version/u-boot-arm64.bin" ] || return 0
            say "u-boot $version: download" >&2
            if (cd "$1" && apt-get -c "$apt/$place/apt.conf" -qq source --download-only \
                "u-boot=$version" >"$apt/log" 2>&1); then
                return
            fi
            say "u-boot $version cannot be downloaded: an older one will do" >&2
        fi
    done
    cat "$apt/log" >&2
    die "no source package u-boot at this machine's Debian archive"
}

# The newest version at PLACE.
offered() {
    apt-cache -c "$apt/$1/apt.conf" showsrc u-boot 2>/dev/null | sed -n 's/^Version: //p' |
        sort -V | tail -n 1
}

# build FOLDER CONFIG-ARGUMENTS CONFIGURATION TARGET MAKE-ARGUMENT...: of $work/u-boot in $work/FOLDER, with
# changes of the configuration by scripts/config. Nothing of the caller's environment comes in.
build() {
    local build=$work/$1 changes=$2 make
    make=(env -u MAKEFLAGS -u MAKELEVEL -u KBUILD_OUTPUT -u SOURCE_DATE_EPOCH
        nice -n 5 make -C "$work/u-boot" O="$build" -j "$(nproc)" NO_PYTHON=1 "${@:5}")
    # shellcheck disable=SC2086 # arguments
    "${make[@]}" "$3" && "$work/u-boot/scripts/config" --file "$build/.config" $changes &&
        "${make[@]}" olddefconfig && "${make[@]}" "$4"
}

# The tools alone, without the one that wants a further library; and the board's U-Boot.
build_all() {
    build tools "-d TOOLS_MKEFICAPSULE" tools-only_defconfig tools-only &&
        build arm64 "-d TOOLS_MKEFICAPSULE -e OF_LIBFDT_OVERLAY -e FIT_RSASSA_PSS -e FIT_CIPHER -d EFI_LOADER" \
            qemu_arm64_defconfig u-boot.bin CROSS_COMPILE=aarch64-linux-gnu-
}

refresh=false
case ${1-} in
'') ;;
--refresh) refresh=true ;;
--find)
    find_tools || die "not built: run tests/real/uboot-tools.sh"
    exit
    ;;
-h | --help) usage && exit ;;
*) usage >&2 && die "'$1': no such option" ;;
esac

$refresh || ! find_tools || exit 0
mkdir -p "$tools"
exec 9>"$tools/.lock" # one at a time; the next one finds it done
flock 9
$refresh || ! find_tools || exit 0
"$here/../install" build-essential bison flex bc libssl-dev gcc-aarch64-linux-gnu >&2 ||
    die "they cannot be built without these packages"
rm -rf "$tools"/.work.?????? # of one that was killed
work=$(mktemp -d "$tools/.work.XXXXXX")
trap 'rm -rf "$work" "$apt"' EXIT
begun=$SECONDS
download "$work"
if [ ! -e "$tools/$version/u-boot-arm64.bin" ]; then
    dpkg-source --no-check -x "$work"/u-boot_*.dsc "$work/u-boot" >"$work/log" 2>&1 ||
        { cat "$work/log" >&2 && die "u-boot $version: cannot be unpacked"; }
    build_all >"$work/log" 2>&1 </dev/null ||
        { tail -n 60 "$work/log" >&2 && die "u-boot $version: cannot be built"; }
    mkdir "$work/result"
    mv "${programs[@]/#/$work/tools/tools/}" "$work/result"
    mv "$work/arm64/u-boot.bin" "$work/result/u-boot-arm64.bin"
    rm -rf "${tools:?}/$version"
    mv "$work/result" "$tools/$version"
    say "u-boot $version: built in $((SECONDS - begun)) s" >&2
fi
printf '%s\n' "$version" >"$work/newest"
mv "$work/newest" "$tools/newest"
find_tools
