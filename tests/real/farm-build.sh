# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/farm-build.sh - how tests/real/farm obtains a kernel's source and makes a kernel
# of it. Sourced by it, for its variables: $farm, $here, $log, $generation.
#
# Which kernels there are, when one is made anew and what the folders hold is the farm's own
# matter.
# shellcheck disable=SC2154,SC2034 # variables of the farm's, and for it

# timed FILE TITLE COMMAND...: its output is shown only if it fails; the seconds go to FILE
# and to the terminal.
timed() {
    local file=$1 title=$2 begun=$EPOCHREALTIME status
    shift 2
    set +e # with || the command's own failures would not end it
    (
        set -e
        "$@"
    ) >"$log" 2>&1 </dev/null
    status=$?
    set -e
    if [ $status != 0 ]; then
        tail -n 60 "$log" >&2
        die "$title: failed"
    fi
    awk -v title="$title" -v from="$begun" -v to="$EPOCHREALTIME" \
        'BEGIN { printf "%7.1f s  %s\n", to - from, title }' | tee -a "$file"
}

# Where SERIES's source package may be, the likeliest place first.
places() {
    local own
    own=$(dpkg --print-architecture)
    case $1 in
    5.10) echo "$own:bullseye" ;;
    6.1) echo "$own $own:bookworm" ;;
    6.12) echo "$own $own:trixie" ;;
    newest) echo "$own:sid" ;;
    esac
}

# The package name at PLACE of SERIES's source; empty if it is not there.
source_package() {
    local package=linux-source-$2
    if [ "$2" = newest ]; then
        package=$(field "$1" linux-source Depends | grep -o 'linux-source-[0-9][0-9.]*' | head -n 1) || true
    fi
    [ -z "$package" ] || [ -z "$(field "$1" "$package" Version)" ] || printf '%s\n' "$package"
}

# unpack_source TAR FOLDER: without the C files of drivers that no kernel here has. All
# Kconfig files and Makefiles stay: configuring reads them.
unpack_source() {
    mkdir -p "$2"
    tar -xJf "$1" -C "$2" --strip-components=1 --no-same-owner \
        --exclude='*/Documentation/*.rst' --exclude='*/Documentation/*.txt' \
        --exclude='*/Documentation/*.yaml' --exclude='*/Documentation/*.svg' \
        --exclude='*/tools/testing/*' --exclude='*/tools/perf/*' \
        --exclude='*/drivers/gpu/drm/*.[ch]' --exclude='*/drivers/media/*.[ch]' \
        --exclude='*/drivers/net/ethernet/*.[ch]' --exclude='*/drivers/net/wireless/*.[ch]' \
        --exclude='*/drivers/staging/*.[ch]' --exclude='*/drivers/infiniband/*.[ch]' \
        --exclude='*/sound/*.[ch]'
}

# linux SERIES: its source into the farm; or why not in $reason.
linux() {
    local series=$1 place package='' work installed=/usr/src/linux-source-$1.tar.xz
    if [ -e "$farm/source/$series/version" ] && ! $refresh; then
        return
    fi
    mkdir -p "$farm/source"
    work=$(mktemp -d "$farm/source/.$series.XXXXXX")
    if [ -e "$installed" ]; then
        ln -s "$installed" "$work/linux.tar.xz"
        # shellcheck disable=SC2016 # dpkg-query's own
        dpkg-query -W -f '${Version}\n' "linux-source-$series" >"$work/version"
    else
        for place in $(places "$series"); do
            update "$place"
            package=$(source_package "$place" "$series")
            [ -z "$package" ] || break
        done
        if [ -z "$package" ]; then
            reason="no package of its source at this machine's Debian archive"
            return
        fi
        field "$place" "$package" Version >"$work/version"
        timed /dev/null "source $series: download" unpack "$place" "$package" "$work" './usr/src/*.tar.xz'
        mv "$(only "$work"/usr/src/*.tar.xz)" "$work/linux.tar.xz"
    fi
    timed /dev/null "source $series: unpack $(cat "$work/version")" \
        unpack_source "$work/linux.tar.xz" "$work/linux"
    rm -rf "$work/linux.tar.xz" "${work:?}/usr" "${farm:?}/source/$series"
    chmod 755 "$work"
    mv "$work" "$farm/source/$series"
}

# check_tools SERIES: why not in $reason. The kernel names the oldest that it takes. The
# compilers for all architectures are of one version in Debian.
check_tools() {
    local tool least have script=$farm/source/$1/linux/scripts/min-tool-version.sh
    tests_install build-essential
    [ -e "$script" ] || return 0 # 5.10, which takes far older ones
    for tool in gcc binutils; do
        least=$(sh "$script" "$tool")
        case $tool in
        gcc) have=$(gcc -dumpfullversion) ;;
        binutils) have=$(ld --version | sed -n '1s/.* //p') ;;
        esac
        if [ "$(printf '%s\n' "$least" "$have" | sort -V | head -n 1)" != "$least" ]; then
            reason="it needs $tool $least, and this machine has $have"
        fi
    done
}

tests_install() {
    "$here/../install" "$@" || die "a kernel cannot be built without these packages"
}

# What building a kernel takes besides its compiler; all codecs' tools, Image.* wants them.
packages() {
    tests_install build-essential "$compiler" ${linker:+lld} bc bison flex libelf-dev libssl-dev xz-utils lzop zstd lz4 \
        bzip2 cpio kmod rsync
}

# kbuild ARGUMENT...: make in $build, as the facts say; nothing of the caller's environment
# or of the time comes into the kernel.
kbuild() {
    env -u MAKEFLAGS -u MAKELEVEL -u SOURCE_DATE_EPOCH -u KCFLAGS -u KBUILD_OUTPUT -u LOCALVERSION \
        KBUILD_BUILD_TIMESTAMP='Tue Nov 14 22:13:20 UTC 2023' KBUILD_BUILD_VERSION=1 \
        KBUILD_BUILD_USER=kpipe KBUILD_BUILD_HOST=farm \
        nice -n 5 make -C "$source" O="$build" ARCH="$arch" CROSS_COMPILE="$cross" ${linker:+LD="$linker"} \
        -j "$(nproc)" "$@"
}

# configure NAME CODEC: every line of the fragments must come through, except that in other
# series some are unknown or always so; the codec must in any.
configure() {
    local files lost
    mapfile -t files < <(fragments "$1")
    {
        cat "${files[@]}"
        printf 'CONFIG_KERNEL_%s=y\n' "${2^^}"
    } >"$build/all.config"
    kbuild KCONFIG_ALLCONFIG="$build/all.config" allnoconfig
    lost=$(grep '^CONFIG_' "$build/all.config" | grep -v -x -F -f "$build/.config") || return 0
    printf 'Kconfig did not take:\n%s\n' "$lost"
    [ "$series" != 6.1 ] && ! grep -q '^CONFIG_KERNEL_' <<<"$lost"
}

# The init and the list of the built-in initramfs, for usr/gen_init_cpio, which looks for
# files from $build. The program's time is that of the build.
initramfs() {
    mkdir -p "$build/initramfs"
    # shellcheck disable=SC2086 # flags
    "${cross}gcc" $cc_flags -O2 -ffreestanding -fno-builtin -fno-tree-loop-distribute-patterns \
        -fno-stack-protector -fno-asynchronous-unwind-tables -fno-pic -no-pie -nostdlib -static -s \
        -Wall -Wextra -Werror -Wl,-z,noseparate-code,--build-id=none \
        -o "$build/initramfs/init" "$here/init.c"
    touch -d @1700000000 "$build/initramfs/init"
    cat >"$build/initramfs/list" <<'LIST'
dir /dev 755 0 0
nod /dev/console 600 0 0 c 5 1
dir /proc 755 0 0
dir /sys 755 0 0
file /init initramfs/init 755 0 0
LIST
}

# Image in every compression that this series' Makefile has a rule for.
images() {
    local suffix targets=()
    for suffix in gz bz2 lzma lzo lz4 xz zst; do
        ! grep -q "^\$(obj)/Image.$suffix:" "$source/arch/$srcarch/boot/Makefile" ||
            targets+=("Image.$suffix")
    done
    kbuild Image "${targets[@]}"
}

device_tree() {
    local file folder=$source/arch/$srcarch/boot/dts
    file=$(cd "$folder" && find . -name "$dtb.dts" | head -n 1)
    [ -n "$file" ] || return 0
    file=${file#./}
    kbuild "${file%.dts}.dtb"
    mkdir -p "$kernel/dtbs"
    cp -p "$build/arch/$srcarch/boot/dts/${file%.dts}.dtb" \
        "$build/arch/$srcarch/boot/dts/$(dirname "$file")/.$dtb.dtb.cmd" "$kernel/dtbs"
}

# The facts of a kernel, in files of its folder.
describe() {
    cp -p "$build/vmlinux" "$build/System.map" "$kernel"
    [ ! -e "$build/vmlinux.unstripped" ] || cp -p "$build/vmlinux.unstripped" "$kernel"
    cp -p "$build/initramfs/init" "$kernel/init"
    cp -p "$build/usr/initramfs_data.cpio" "$kernel/initramfs.cpio"
    case $srcarch in arm64 | riscv) cp -p "$build/arch/$srcarch/boot"/Image* "$kernel" ;; esac
    cp "$farm/source/$series/version" "$kernel/version"
    cp "$build/include/config/kernel.release" "$kernel/release"
    printf '%s\n' "$arch" >"$kernel/arch"
    printf '%s\n' "$cross" >"$kernel/cross"
    { "${cross}gcc" --version && "${cross}ld" --version; } | grep '^[^ ]*-\(gcc\|ld\|gcc-[0-9]*\) \|^GNU ld' \
        >"$kernel/toolchain"
}

# keep CODEC: the codec's own folder, from $build.
keep() {
    local new=$kernel/.$1.new boot=arch/$srcarch/boot stub=drivers/firmware/efi/libstub file image payload
    rm -rf "$new"
    mkdir -p "$new/$boot" "$new/include/config" "$new/drivers/firmware/efi"
    cp -p "$build/.config" "$new"
    cp -p "$build/include/config/auto.conf" "$build/include/config/kernel.release" "$new/include/config"
    for file in vmlinux vmlinux.unstripped System.map; do
        if cmp -s "$kernel/$file" "$build/$file"; then
            ln "$kernel/$file" "$new/$file"
        elif [ -e "$build/$file" ]; then
            cp -p "$build/$file" "$new/$file"
        fi
    done
    [ -d "$build/$stub" ] || stub= # no EFI
    # What an earlier codec left stays behind, and Image.* which are no codec's.
    tar -c -C "$build" --exclude="$boot/dts" --exclude="$boot/Image.*" --exclude="$boot/.Image.*.cmd" \
        "$boot" ${stub:+"$stub"} | tar -x -C "$new" --no-same-owner
    image=$boot/$target
    case $srcarch in
    x86)
        payload=$boot/compressed/vmlinux.bin.$(suffix "$1")
        for file in "$new/$boot"/compressed/{,.}vmlinux.bin.*; do
            case ${file##*/} in
            .vmlinux.bin.cmd | *".$(suffix "$1")" | *".$(suffix "$1").cmd") ;;
            *) rm -f "$file" ;;
            esac
        done
        ;;
    arm) payload=$boot/compressed/piggy_data ;;
    *) payload=$boot/vmlinuz ;;
    esac
    for file in "$image" "$payload"; do
        [ -s "$new/$file" ] || die "$new: no $file"
    done
    ln -s "$image" "$new/image"
    ln -s "$payload" "$new/payload"
    printf '%s\n' "$want" >"$new/stamp"
    rm -rf "${kernel:?}/$1"
    mv "$new" "$kernel/$1"
}

suffix() { # CODEC: as arch/x86/boot/compressed/Makefile has it
    case $1 in
    gzip) echo gz ;;
    bzip2) echo bz2 ;;
    zstd) echo zst ;;
    *) echo "$1" ;;
    esac
}

# kernel SERIES NAME CODEC: the first codec of a kernel costs minutes, others seconds.
make_kernel() {
    local series=$1 name=$2 codec=$3 title=$1/$2 source kernel build want
    source=$farm/source/$1/linux
    kernel=$farm/$1/$2
    build=$kernel/build
    facts "$name"
    want=$(stamp "$series" "$name")
    if ! whole "$kernel" "$want"; then
        rm -rf "$kernel"
        mkdir -p "$build"
        timed "$kernel/times" "$title: init" initramfs
        timed "$kernel/times" "$title: configure ($codec)" configure "$name" "$codec"
        grep -A 9 'Kconfig did not take' "$log" || true
        timed "$kernel/times" "$title: vmlinux" kbuild vmlinux
        case $srcarch in arm64 | riscv) timed "$kernel/times" "$title: Image.*" images ;; esac
        [ -z "$dtb" ] || timed "$kernel/times" "$title: $dtb.dtb" device_tree
        describe
        printf '%s\n' "$want" >"$kernel/stamp"
    fi
    timed "$kernel/times" "$title/$codec: configure" configure "$name" "$codec"
    timed "$kernel/times" "$title/$codec: $target" kbuild "$target"
    keep "$codec"
}
