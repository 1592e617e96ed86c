#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/arch.sh - the facts of the architecture plugins against those who define
# them: dpkg (names, width, byte order), binutils (ELF, PE), mkimage (names, numbers), xz
# (filters), and, where the farm's source is at hand, the kernel (folders, page sizes).
#
#   arch.sh KPIPE WORKDIR
real=$(cd "$(dirname "$0")/../real" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
for tool in dpkg-architecture mkimage xz objcopy; do
    command -v "$tool" > /dev/null || { echo "$tool is missing"; exit 77; }
done
linux=$("$real/farm" --where 2> log || true)/source/6.1/linux
printf 'kernel' > data
dpkg-architecture -L > debian-names

# PLUGIN NAME BITS ORDER ELF EM DEBIAN UBOOT NUMBER EFI BCJ FOLDER PAGES PADDR: what is expected,
# written down apart from the plugins; '-' is none, ELF the names of binutils' formats.
# ELF specification and <elf.h>; UEFI specification 2.1.1; U-Boot's include/image.h;
# arch/*/Kconfig, asm/page.h and vmlinux.lds.S of Linux 6.1.
table() {
    cat <<'END'
x86 i386 32 little elf32-i386 3 i386 x86 3 14c x86 x86 4096 physical
x86 x86_64 64 little elf64-x86-64 62 amd64 x86_64 24 8664 x86 x86 4096 physical
arm arm 32 both elf32-littlearm,elf32-bigarm 40 armhf,armel arm 2 1c2 arm arm 4096 virtual
arm64 arm64 64 both elf64-littleaarch64,elf64-bigaarch64 183 arm64 arm64 22 aa64 arm64 arm64 4096,16384,65536 virtual
riscv riscv64 64 little elf64-littleriscv 243 riscv64 riscv 26 5064 riscv riscv 4096 virtual
riscv riscv32 32 little elf32-littleriscv 243 - riscv 26 5032 riscv riscv 4096 virtual
mips mips 32 both elf32-tradbigmips,elf32-tradlittlemips 8 mips,mipsel,mipsr6,mipsr6el mips 5 - - mips 4096,16384,65536 virtual
mips mips64 64 both elf64-tradbigmips,elf64-tradlittlemips 8 mips64,mips64el,mips64r6,mips64r6el mips64 6 - - mips 4096,8192,16384,32768,65536 virtual
powerpc powerpc 32 big elf32-powerpc 20 powerpc,powerpcspe powerpc 7 - powerpc powerpc 4096,16384,65536,262144 physical
powerpc ppc64 64 both elf64-powerpc,elf64-powerpcle 21 ppc64,ppc64el powerpc 7 - powerpc powerpc 4096,65536 physical
s390 s390x 64 big elf64-s390 22 s390x s390 8 - - s390 4096 virtual
loongarch loongarch64 64 little - 258 loong64 - 0 6264 - loongarch 4096,16384,65536 virtual
loongarch loongarch32 32 little - 258 - - 0 6232 - loongarch 4096,16384,65536 virtual
sparc sparc 32 big elf32-sparc 2 sparc sparc 10 - sparc sparc 4096 virtual
sparc sparc64 64 big elf64-sparc 43 sparc64 sparc64 11 - sparc sparc 8192 virtual
END
}

# shown PLUGIN NAME: what kpipe says, in the words of the table; "-" for what it does not say.
shown() {
    "$kpipe" plugins "$1" | awk -v name="$2" '
        function rest(from) { $0 = substr($0, from); gsub(/, /, ","); return $0 }
        /^architecture / { mine = $2 == name ":" }
        !mine { next }
        / bits, / { bits = $1; order = /and/ ? "both" : $3 }
        /^  ELF machine/ { machine = $3 + 0; paddr = /not physical/ ? "virtual" : "physical" }
        /^  Kbuild: / { sub(/.*=/, ""); folder = $0 }
        /^  Debian: / { debian = rest(11) }
        /^  U-Boot: / { uboot = $2; number = substr($3, 2) + 0 }
        /^  EFI machine: / { efi = substr($3, 3) }
        /^  BCJ filter: / { bcj = $3 }
        /^  page sizes: / { pages = rest(15) }
        function or(value) { return value == "" ? "-" : value }
        END { print name, bits, order, machine, or(debian), or(uboot), number + 0, or(efi), or(bcj),
                    or(folder), or(pages), paddr }'
}

byte() { od -An -tu1 -j"$2" -N1 "$1" | tr -d ' '; }

# half FILE OFFSET ORDER
half() {
    if [ "$3" = 1 ]; then
        echo $(($(byte "$1" "$2") + 256 * $(byte "$1" $(($2 + 1)))))
    else
        echo $((256 * $(byte "$1" "$2") + $(byte "$1" $(($2 + 1)))))
    fi
}

# binutils writes the format; its header has the number, and kpipe recognises it.
elf() { # NAME BITS ORDER FORMAT NUMBER
    local order=2
    objcopy -I binary -O "$4" data "$4.o" || return
    case $4 in *little* | *le | *x86-64 | *i386) order=1 ;; esac
    case $3 in
    little) [ "$order" = 1 ] || return ;;
    big) [ "$order" = 2 ] || return ;;
    esac
    [ "$(byte "$4.o" 4)" = $(($2 / 32)) ] && [ "$(byte "$4.o" 5)" = "$order" ] &&
        [ "$(half "$4.o" 18 "$order")" = "$5" ] &&
        "$kpipe" inspect "$4.o" | grep -E "^ *trait arch +$1\$"
}

debian() { # NAME BITS ORDER DEBIAN
    local order
    grep -qx "$4" debian-names || return
    order=$(dpkg-architecture -f -a "$4" -qDEB_HOST_ARCH_ENDIAN 2> log)
    [ "$(dpkg-architecture -f -a "$4" -qDEB_HOST_ARCH_BITS 2> log)" = "$2" ] &&
        { [ "$3" = both ] || [ "$3" = "$order" ]; }
}

uboot() { # NAME UBOOT NUMBER
    mkimage -A "$2" -O linux -T kernel -C none -a 0 -e 0 -d data uImage &&
        [ "$(byte uImage 29)" = "$3" ] &&
        "$kpipe" pipe data "uimage:load=0,arch=$1" -o ours &&
        [ "$(byte ours 29)" = "$3" ]
}

no_uboot() { # NAME: mkimage does not know it, and kpipe says so
    ! mkimage -A "${1%[0-9][0-9]}" -O linux -T kernel -C none -a 0 -e 0 -d data uImage &&
        ! "$kpipe" pipe data "uimage:load=0,arch=$1" -o ours 2> text &&
        grep -q 'U-Boot has no number for it' text
}

# Where a build chooses its pages Kconfig names the sizes, else a header has the one shift.
kernel_folder() { # FOLDER PAGES
    local size shift=0
    [ -f "$linux/arch/$1/Kconfig" ] || return
    for size in ${2//,/ }; do
        while [ "$size" = "${2//,/}" ] && [ $((1 << shift)) -lt "$size" ]; do
            shift=$((shift + 1))
        done
        if [ "$shift" = 0 ]; then
            grep -qE "config (PAGE_SIZE_|PPC_|ARM64_)$((size / 1024))K(B|_PAGES)\$" \
                "$linux/arch/$1/Kconfig" || return
        else
            grep -qE "define[[:space:]]+_?PAGE_SHIFT[[:space:]]+\(?$shift\)?\$" \
                "$linux/arch/$1/include/asm/"page*.h || return
        fi
    done
}

kernel_efi() { # EFI
    grep -qiE "IMAGE_FILE_MACHINE_[A-Z0-9]+[[:space:]]+0x0*$1\$" "$linux/include/linux/pe.h"
}

table > expected
while read -r plugin name bits order formats machine names uname number efi bcj folder pages paddr; do
    echo "$name $bits $order $machine $names $uname $number $efi $bcj $folder $pages $paddr" > want
    shown "$plugin" "$name" > got
    ok "$name-facts" diff -u want got
    for format in ${formats//,/ }; do
        [ "$format" = - ] || ok "$name-$format" elf "$name" "$bits" "$order" "$format" "$machine"
    done
    for debian_name in ${names//,/ }; do
        [ "$debian_name" = - ] || {
            ok "$name-debian-$debian_name" debian "$name" "$bits" "$order" "$debian_name"
            ok "$name-alias-$debian_name" "$kpipe" pipe --arch "$debian_name" data gzip -n -o none
        }
    done
    case $uname in
    -) ok "$name-no-uboot" no_uboot "$name" ;;
    *) ok "$name-uboot" uboot "$name" "$uname" "$number" ;;
    esac
    case $bcj in
    - | riscv) ;; # riscv: xz 5.6 and later
    *) ok "$name-filter" xz --format=raw "--$bcj" --lzma2 --stdout data ;;
    esac
    if [ -d "$linux" ]; then
        ok "$name-kernel" kernel_folder "$folder" "$pages"
        [ "$efi" = - ] || ok "$name-kernel-efi" kernel_efi "$efi"
    fi
done < expected

# Every architecture that is bundled stands in the table.
"$kpipe" plugins | sed -n 's/^  arch: *\([a-z0-9_]*\).*/\1/p' | sort > bundled
cut -d' ' -f2 expected | sort > checked
ok 'all-are-checked' diff -u checked bundled
finish
