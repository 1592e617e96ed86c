#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/kbuild.sh - the source kbuild on small folders that look like kernels' build folders,
# of every architecture and of old and new releases: facts, lists, archives as ar(1) makes them;
# and what becomes of trees that are not built, damaged, or of several builds.
#
#     kbuild.sh KPIPE WORKDIR
#
# The farm's kernels are tests/real/kbuild.sh's.
# shellcheck disable=SC2016 # $(name) is a recipe's
project=$(cd "$(dirname "$0")/../.." && pwd)
. "$project/tests/golden/common.sh"
# shellcheck source-path=SCRIPTDIR source=../kbuild-tree.sh
. "$project/tests/kbuild-tree.sh"

command -v ar > /dev/null && command -v perl > /dev/null || exit 77

# --- folders made here ---

# archive TREE FILE OPTIONS MEMBER...: as Kbuild calls ar, with T for a thin one
archive() {
    objects "$1" "${@:4}"
    rm -f "$1/$2"
    (cd "$1" && ar "cDPrs$3" "$2" "${@:4}")
}

libstub=drivers/firmware/efi/libstub
boot=arch/x86/boot
link_x86="x86_64-linux-gnu-ld -m elf_x86_64 -pie -z noexecstack -u efi_pe_entry -T \
$boot/compressed/vmlinux.lds $boot/compressed/head_64.o ./$boot/compressed//misc.o \
$boot/compressed/piggy.o $boot/compressed/x/../kaslr.o $libstub/lib.a -o $boot/compressed/vmlinux"

x86() { # TREE RELEASE SAVED BZIMAGE-COMMAND SETUP-SECTORS CONFIG...
    local tree=$1 release=$2 saved=$3 image=$4 sectors=$5
    shift 5
    built "$tree" "$release" 64 little 62 X86_64=y 64BIT=y PHYSICAL_START=0x1000000 "$@"
    objects "$tree" $boot/compressed/{head_64.o,misc.o,piggy.o,kaslr.o,vmlinux.lds}
    archive "$tree" $libstub/lib.a T $libstub/{a.stub.o,x86-stub-of-a-long-name.stub.o}
    command_of "$saved" "$tree" $boot/compressed/vmlinux "$link_x86"
    command_of "$saved" "$tree" $boot/bzImage "$image"
    { head -c $((0x1f1)) /dev/zero && printf '%b' "\\x$sectors" && head -c 600 /dev/zero; } \
        > "$tree/$boot/setup.bin"
    for symbol in _text:000 __bss_start:180 _end:200; do
        echo "#define VO_${symbol%:*} _AC(0xffffffff80000${symbol#*:},UL)"
    done > "$tree/$boot/voffset.h"
}

old="$boot/tools/build $boot/setup.bin $boot/vmlinux.bin $boot/zoffset.h $boot/bzImage "
new="(dd if=$boot/setup.bin bs=4k conv=sync status=none; cat $boot/vmlinux.bin) >$boot/bzImage"

# --- what they say ---

facts() { # TREE FACTS EXPECTED
    printf 'kpipe: 1\ninputs: {k: {kbuild: %s}}\noutputs: [k.config: {file: "%s"}]\n' "$1" "$2" > f.yml
    "$kpipe" run -n f.yml > facts.log || return 1
    cat facts.log
    grep -qxF -- "$3 = #1" facts.log
}

# holds TREE ITEM FILE...: the image, or all images of the list, are the files' bytes
holds() {
    local tree=$1 item=$2
    shift 2
    printf 'kpipe: 1\ninputs: {k: {kbuild: {tree: %s, source: %s}}}\n' "$tree" source > h.yml
    printf 'images: {all: [k.config, {concat: [_, k.%s]}]}\noutputs: [all]\n' "$item" >> h.yml
    "$kpipe" run -q h.yml && cat "$tree/.config" "$@" | cmp - all
}

all_facts='$(k.arch) $(k.version) $(k.endian) $(k.preset) $(k.image) $(k.zboot)'
map_form='$(k.system-map-form)'
x86_facts='$(k.codec) $(k.relocs) $(k.layout) $(k.load) $(k.linker)'
x86 6.1 6.1.192-kpipe cmd "$old" 1f KERNEL_XZ=y X86_NEED_RELOCS=y LD_IS_BFD=y LD_VERSION=24000
ok 'x86: facts' facts 6.1 "$all_facts" 'x86_64 6.1.192-kpipe little kernel-6.1 bzImage none'
ok 'x86: its own' facts 6.1 "$x86_facts \$(k.objcopy)" \
    'xz kernel-6.1 kernel-6.1 0x1000000 x86_64-linux-gnu-ld 2.40'
ok 'x86: flags' facts 6.1 '$(k.flags)' '-m elf_x86_64 -pie -z noexecstack -u efi_pe_entry'
ok 'x86: before' holds 6.1 before 6.1/$boot/compressed/{head_64.o,misc.o}
ok 'x86: after' holds 6.1 after 6.1/$boot/compressed/kaslr.o
ok 'x86: members of a thin archive' holds 6.1 archives 6.1/$libstub/{a.stub.o,x86-stub-of-a-long-name.stub.o}
ok 'x86: archive-1' holds 6.1 archive-1 6.1/$libstub/{a.stub.o,x86-stub-of-a-long-name.stub.o}
ok 'x86: archive-2' holds 6.1 archive-2
ok 'x86: no device trees' holds 6.1 dtbs
ok 'x86: no relocations kept apart' holds 6.1 made-relocs
ok 'x86: vmlinux' holds 6.1 vmlinux 6.1/vmlinux
ok 'x86: unstripped' holds 6.1 unstripped 6.1/vmlinux
ok 'x86: system-map' holds 6.1 system-map 6.1/System.map
ok 'x86: setup' holds 6.1 setup 6.1/$boot/setup.bin
ok 'x86: script' holds 6.1 script 6.1/$boot/compressed/vmlinux.lds

labels() { # TREE LABEL...
    printf 'kpipe: 1\ninputs: {k: {kbuild: %s}}\n' "$1" > l.yml
    printf 'images: {all: [k.vmlinux, {concat: [_, k.before, k.archives, k.dtbs]}]}\noutputs: [all]\n' >> l.yml
    "$kpipe" run -n l.yml | sed -n 's/^#[0-9]* *k\.\([a-z]*: .*\) = .*/\1/p' > labels.log
    cat labels.log
    printf '%s\n' "${@:2}" | cmp - labels.log
}
ok 'x86: labels' labels 6.1 "before: $boot/compressed/head_64.o" "before: $boot/compressed/misc.o" \
    "archives: $libstub/a.stub.o" "archives: $libstub/x86-stub-of-a-long-name.stub.o"

x86 5.10 5.10.223 cmd "$old" 00 KERNEL_GZIP=y
ok 'x86, 5.10' facts 5.10 "$all_facts $x86_facts" \
    'x86_64 5.10.223 little kernel-5.10 bzImage none gzip none kernel-5.10 0x1000000 x86_64-linux-gnu-ld'
ok 'system-map-form: 5.10' facts 5.10 "$map_form" kernel-5.10
x86 stable 6.1.0-49-amd64 cmd "$old" 00 KERNEL_LZ4=y
ok 'x86, 6.1 before the backport' facts stable '$(k.layout) $(k.codec)' 'kernel-5.10 lz4'
x86 6.12 6.12.117 savedcmd "$old" 1f KERNEL_ZSTD=y X86_NEED_RELOCS=y
elf 6.12/vmlinux 64 little 62 'Linux version 6.12.117 (nobody)' left
objects 6.12 $boot/compressed/vmlinux.relocs
ok 'x86, 6.12' facts 6.12 "$all_facts $x86_facts" \
    'x86_64 6.12.117 little kernel-6.12 bzImage none zstd none kernel-6.1 0x1000000 x86_64-linux-gnu-ld'
ok 'x86, 6.12: relocations kept apart' holds 6.12 made-relocs 6.12/$boot/compressed/vmlinux.relocs
x86 7.2 7.2.13+deb savedcmd "$new" 1f KERNEL_ZSTD=y X86_NEED_RELOCS=y
mv 7.2/vmlinux 7.2/vmlinux.unstripped
elf 7.2/vmlinux 64 little 62 'Linux version 7.2.13+deb (nobody)'
archive 7.2 $boot/startup/lib.a T $boot/startup/la57toggle.o
command_of savedcmd 7.2 $boot/compressed/vmlinux "${link_x86/lib.a/lib.a ./$boot/startup/lib.a}"
ok 'x86, 7.2' facts 7.2 "$all_facts $x86_facts" \
    'x86_64 7.2.13+deb little kernel-6.12 bzImage none zstd kernel-6.15 kernel-6.15 0x1000000 x86_64-linux-gnu-ld'
ok 'system-map-form: 6.1' facts stable "$map_form" kernel-6.1
ok 'system-map-form: 6.12' facts 6.12 "$map_form" kernel-6.12
ok 'system-map-form: 7.2' facts 7.2 "$map_form" kernel-7.2
ok 'x86, 7.2: vmlinux' holds 7.2 vmlinux 7.2/vmlinux
ok 'x86, 7.2: unstripped' holds 7.2 unstripped 7.2/vmlinux.unstripped
ok 'x86, 7.2: both archives' holds 7.2 archives \
    7.2/$libstub/{a.stub.o,x86-stub-of-a-long-name.stub.o} 7.2/$boot/startup/la57toggle.o
ok 'x86, 7.2: the second' holds 7.2 archive-2 7.2/$boot/startup/la57toggle.o

# regular archives: the same members, as slices
archive 6.1 $libstub/lib.a '' $libstub/{a.stub.o,x86-stub-of-a-long-name.stub.o}
printf 'odd' > 6.1/$libstub/odd.o
(cd 6.1 && ar cDrs $libstub/lib.a $libstub/odd.o)
ok 'a regular archive' holds 6.1 archives \
    6.1/$libstub/{a.stub.o,x86-stub-of-a-long-name.stub.o,odd.o}
printf '!<arch>\n' > 6.1/$libstub/lib.a
ok 'an empty archive' holds 6.1 archives

# i386, and a linker by its path, from LLVM
built i386 6.1.2 32 little 3 X86_32=y KERNEL_LZMA=y PHYSICAL_START=0x1000000
objects i386 $boot/compressed/{head_32.o,piggy.o,vmlinux.lds} $boot/setup.bin
head -c 1000 /dev/zero | tr '\0' '\377' > i386/$boot/setup.bin
command_of cmd i386 $boot/bzImage "$old"
command_of cmd i386 $boot/compressed/vmlinux "/opt/llvm-14/bin/ld.lld -m elf_i386 -T \
$boot/compressed/vmlinux.lds $boot/compressed/head_32.o $boot/compressed/piggy.o -o $boot/compressed/vmlinux"
ok 'i386' facts i386 "$all_facts $x86_facts" \
    'i386 6.1.2 little kernel-6.1 bzImage none lzma none kernel-6.1 0x1000000 ld.lld'
ok 'no archives' holds i386 archives

arm() { # TREE FLAGS CONFIG...
    built "$1" 6.1.3 32 "${order:-little}" 40 ARM=y "${@:3}"
    objects "$1" arch/arm/boot/compressed/{head.o,piggy.o,misc.o,vmlinux.lds} \
        arch/arm/boot/dts/{board.dtb,board.dts,overlay.dtbo,vendor/other.dtb}
    command_of cmd "$1" arch/arm/boot/compressed/vmlinux "arm-linux-gnueabihf-ld -EL --defsym \
_kernel_bss_size=220696$2 -X -T arch/arm/boot/compressed/vmlinux.lds arch/arm/boot/compressed/head.o \
arch/arm/boot/compressed/piggy.o arch/arm/boot/compressed/misc.o -o arch/arm/boot/compressed/vmlinux"
}
arm arm ' --defsym zreladdr=0x80008000' KERNEL_LZO=y
ok 'arm' facts arm "$all_facts \$(k.codec) \$(k.load)" \
    'arm 6.1.3 little kernel-6.1 zImage none lzo 0x80008000'
ok 'arm: flags' facts arm '$(k.flags)' '-EL --defsym zreladdr=0x80008000 -X'
ok 'arm: labels' labels arm 'before: arch/arm/boot/compressed/head.o' 'dtbs: board.dtb' 'dtbs: vendor/other.dtb'
ok 'arm: device trees' holds arm dtbs arm/arch/arm/boot/dts/{board.dtb,vendor/other.dtb}
ok 'arm: configurations of a FIT' facts arm '$(k.fit-sets)' '1 2'
dts=arch/arm/boot/dts
printf '%s\n' $dts/vendor/other.dtb $dts/overlay.dtbo ./$dts/board.dtb > arm/$dts/dtbs-list
ok 'arm: device trees in the order of dtbs-list' holds arm dtbs arm/$dts/{vendor/other.dtb,board.dtb}
objects arm $dts/vendor/{both,twice}.dtb $dts/vendor/{one,two}.dtbo
printf '%s\n' $dts/vendor/{both,twice,other}.dtb >> arm/$dts/dtbs-list
command_of savedcmd arm $dts/vendor/both.dtb "./scripts/dtc/fdtoverlay -o $dts/vendor/both.dtb -i \
$dts/board.dtb $dts/vendor/one.dtbo $dts/vendor/two.dtbo "
command_of savedcmd arm $dts/vendor/twice.dtb "./scripts/dtc/fdtoverlay -o $dts/vendor/twice.dtb -i \
$dts/vendor/two.dtbo ; dt-validate -u x || true"
command_of savedcmd arm $dts/board.dtb "gcc -E -o x $dts/board.dts ; ./scripts/dtc/dtc -o $dts/board.dtb x"
ok 'arm: composed device trees' holds arm dtbs arm/$dts/vendor/other.dtb arm/$dts/board.dtb \
    arm/$dts/vendor/{both,twice,other}.dtb
ok 'arm: what they are made of' holds arm fit-dtbs arm/$dts/vendor/other.dtb arm/$dts/board.dtb \
    arm/$dts/vendor/{one,two}.dtbo
ok 'arm: which is made of what' facts arm '$(k.fit-sets)' '1 2 2,3,4 4 1'
cp -a arm trees
order=big arm armeb ' --be8' KERNEL_XZ=y CPU_BIG_ENDIAN=y
command_of cmd armeb arch/arm/boot/uImage \
    "sh scripts/mkuboot.sh -A arm -O linux -C none -T kernel -a 0x60008000 -e 0x60008000 -n 'Linux-6.1.3' -d a b"
ok 'arm, big endian, LOADADDR' facts armeb '$(k.endian) $(k.load) $(k.flags)' 'big 0x60008000 -EL --be8 -X'

built arm64 6.1.4 64 little 183 ARM64=y 64BIT=y EFI_STUB=y
ok 'arm64' facts arm64 "$all_facts \$(k.codec)" 'arm64 6.1.4 little kernel-6.1 Image-gz none gzip'
built riscv 6.12.4 64 little 243 RISCV=y 64BIT=y KERNEL_LZ4=y
ok 'riscv64' facts riscv "$all_facts \$(k.codec)" \
    'riscv64 6.12.4 little kernel-6.12 Image-lz4 none lz4'
cp riscv/vmlinux riscv/vmlinux.relocs
echo more >> riscv/vmlinux.relocs
command_of savedcmd riscv arch/riscv/boot/Image 'objcopy -O binary -S vmlinux.relocs arch/riscv/boot/Image'
ok 'riscv64: a copy with relocations' holds riscv vmlinux riscv/vmlinux.relocs
built riscv32 6.1.4 32 little 243 RISCV=y
ok 'riscv32' facts riscv32 "$all_facts \$(k.codec)" \
    'riscv32 6.1.4 little kernel-6.1 Image-gz none gzip'
built loongarch 6.12.5 64 little 258 LOONGARCH=y 64BIT=y EFI_STUB=y
ok 'loongarch64' facts loongarch "$all_facts" 'loongarch64 6.12.5 little kernel-6.12 vmlinux-efi none'

# EFI zboot: the script is the source's, named by an absolute path or a relative one
zboot() { # TREE RELEASE SAVED SCRIPT INPUT CONFIG
    built "$1" "$2" 64 little 183 ARM64=y 64BIT=y EFI_STUB=y EFI_ZBOOT=y "$6"
    objects "$1" arch/arm64/boot/{vmlinuz.o,zboot-header.o}
    archive "$1" $libstub/lib.a T $libstub/zboot.stub.o
    command_of "$3" "$1" arch/arm64/boot/vmlinuz "cat arch/arm64/boot/$5 | gzip -n -f -9 > arch/arm64/boot/vmlinuz"
    command_of "$3" "$1" arch/arm64/boot/vmlinuz.efi.elf "aarch64-linux-gnu-ld -EL -maarch64elf -T $4 \
arch/arm64/boot/vmlinuz.o arch/arm64/boot/zboot-header.o $libstub/lib.a -o arch/arm64/boot/vmlinuz.efi.elf"
}
objects source $libstub/zboot.lds
zboot zboot 6.1.192 cmd /somewhere/linux/$libstub/zboot.lds Image KERNEL_GZIP=y
ok 'zboot' facts zboot "$all_facts \$(k.zboot-pad) \$(k.flags)" \
    'arm64 6.1.192 little kernel-6.1 vmlinuz-efi kernel-6.1 no -EL -maarch64elf'
ok 'zboot: script' holds zboot script source/$libstub/zboot.lds
ok 'zboot: before' holds zboot before
ok 'zboot: after' holds zboot after zboot/arch/arm64/boot/zboot-header.o
zboot magic 6.6.1 savedcmd ./$libstub/zboot.lds Image KERNEL_XZ=y
printf '\315\043\202\201' >> magic/arch/arm64/boot/zboot-header.o
ok 'zboot with a magic number' facts magic "$all_facts \$(k.zboot-pad)" \
    'arm64 6.6.1 little kernel-6.1 vmlinuz-efi kernel-6.6 no'
zboot padded 6.12.117 savedcmd ./$libstub/zboot.lds vmlinux.bin KERNEL_ZSTD=y
objects padded $libstub/zboot.lds
ok 'zboot, padded' facts padded "$all_facts \$(k.zboot-pad) \$(k.codec)" \
    'arm64 6.12.117 little kernel-6.12 vmlinuz-efi kernel-6.12 yes zstd'
printf '# SPDX\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 9\n' > source/Makefile
ok 'zboot: a source that tells its release' holds zboot script source/$libstub/zboot.lds
mv source elsewhere
ok 'zboot: script in the tree' holds padded script padded/$libstub/zboot.lds
without_script() {
    "$kpipe" check f.yml > warns.log 2>&1 || return 1
    cat warns.log
    grep -qF "no 'script': $libstub/zboot.lds is not in the tree: name the kernel's source" warns.log
}
facts zboot '$(k.arch)' arm64 > log 2>&1
ok 'zboot without its script' without_script
mv elsewhere source

# --- words of commands ---
odd="x86_64-linux-gnu-ld '-m' elf_x86_64 \"--defsym\" a=\\\"b\\\" -z'no''exec'stack --x='\$(pound)\$\$' -T \
$boot/compressed/vmlinux.lds \"$boot/compressed/head_64.o\" $boot/compressed/pig\\gy.o -o $boot/compressed/vmlinux"
x86 odd 6.1.1 cmd "$old" 1f KERNEL_XZ=y
command_of cmd odd $boot/compressed/vmlinux "$odd"
ok 'quotes and escapes: names' holds odd before odd/$boot/compressed/head_64.o
ok 'quotes and escapes: flags' facts odd '$(k.flags)' '-m elf_x86_64 --defsym a="b" -znoexecstack --x=#$'

# --- what is refused ---

# says TREE TEXT...: an error of the source, at the recipe's line, with each TEXT
says() {
    local tree=$1 status=0 text
    shift
    printf 'kpipe: 1\ninputs: {k: {kbuild: {tree: %s%s}}}\noutputs: [k.config]\n' "$tree" "${more:-}" > s.yml
    "$kpipe" check s.yml > says.log 2>&1 || status=$?
    cat says.log
    [ "$status" = 1 ] && grep -q "^s.yml:2:[0-9]*: error: input 'k': " says.log || return 1
    for text in "$@"; do
        grep -qF -- "$text" says.log || return 1
    done
}
x86 good 6.1.192 cmd "$old" 1f KERNEL_XZ=y
fresh() { # a tree to be broken
    rm -rf t
    cp -a good t
}
broken() { # NAME COMMAND TEXT...: what COMMAND makes of a tree is refused
    local name=$1 command=$2
    shift 2
    fresh
    (cd t && eval "$command")
    ok "$name" says t "$@"
}

mkdir -p empty
ok 'no build folder' says empty 'no .config: not a kernel' 'hint: name the folder'
ok 'a folder that is not there' says nowhere 'nowhere: No such file or directory'
broken 'not built' 'rm include/config/kernel.release' \
    'include/config/kernel.release: not in the tree' 'hint: `make vmlinux` makes it'
broken 'no vmlinux' 'rm vmlinux' 'vmlinux: not in the tree' 'hint: `make vmlinux` makes it'
broken 'no boot image' "rm $boot/compressed/.vmlinux.cmd" \
    "$boot/compressed/.vmlinux.cmd: not in the tree" 'hint: `make bzImage` makes it'
broken 'no bzImage' "rm $boot/.bzImage.cmd" "$boot/.bzImage.cmd: not in the tree" 'make bzImage'
broken 'no setup' "rm $boot/setup.bin" "$boot/setup.bin: not in the tree" 'make bzImage'
broken 'an object that is gone' "rm $boot/compressed/kaslr.o" "$boot/compressed/kaslr.o: not in the tree"
broken 'a member that is gone' "rm $libstub/a.stub.o" "$libstub/a.stub.o: not in the tree"
broken 'a member of another size' "echo more >> $libstub/a.stub.o" \
    "$libstub/a.stub.o: 50 bytes: $libstub/lib.a was made when it had 45"
broken 'a script that is gone' "rm $boot/compressed/vmlinux.lds" "$boot/compressed/vmlinux.lds: not in the tree"
broken 'an architecture that is none' 'echo CONFIG_MIPS=y > .config' '.config: of an architecture whose'
broken 'user mode linux' 'echo CONFIG_UML=y >> .config' '.config: of an architecture whose'
broken 'configured anew' 'sed -i s/XZ/LZ4/ .config' \
    ".config: changed since the kernel was built: CONFIG_KERNEL_XZ was 'y'"
broken 'no release' 'echo none > include/config/kernel.release' 'kernel.release: no release of a kernel'
broken 'an empty release' ': > include/config/kernel.release' 'kernel.release: no release of a kernel'
broken 'a long release' 'seq 1000 > include/config/kernel.release' 'kernel.release: too long'
broken 'vmlinux of another release' 'echo 6.1.191 > include/config/kernel.release' \
    "vmlinux: of release '6.1.192': include/config/kernel.release says '6.1.191'"
broken 'vmlinux of another build' 'sed -i s/100.R/110\ R/ System.map' 'vmlinux: no kernel'"'"'s banner where'
broken 'vmlinux of another architecture' 'cp ../arm/vmlinux vmlinux' 'vmlinux: of arm: .config says x86_64'
broken 'vmlinux that is none' 'echo text > vmlinux' 'vmlinux: no ELF file'
broken 'an empty vmlinux' ': > vmlinux' 'vmlinux: no ELF file: 0 bytes'
broken 'vmlinux from outside' 'mv vmlinux ../outside; ln -s ../outside vmlinux' 'a link leads out of the tree'
broken 'a stub for another vmlinux' "sed -i s/80000200/80000300/ $boot/voffset.h" \
    "$boot/voffset.h: of another vmlinux: _end is not where System.map has it" 'hint: make bzImage'
broken 'a bzImage by another command' "sed -i s/build/built/ $boot/.bzImage.cmd" 'not made by any command that kpipe knows'
broken 'a setup that is cut' "truncate -s 497 $boot/setup.bin" 'setup.bin: cut short'
more=', arch: arm' broken 'not as expected' : 'the tree is of x86_64: the recipe wants arm'
more=', arch: x86, codec: zstd' broken 'another codec, by arch'"'"'s folder' : "the tree's kernel is xz: the recipe wants zstd"
more=', arch: amd64, codec: zstd' broken 'another codec' : "the tree's kernel is xz: the recipe wants zstd"
printf 'VERSION = 6\nPATCHLEVEL = 12\n' > source/Makefile
more=', source: source' ok 'the source of another release' says zboot \
    'the source of Linux 6.12: the tree is of 6.1.192'
more=', source: t/System.map' broken 'a source that is no folder' : 'It is a file, not a folder'

linked() { # NAME OLD NEW TEXT...: so is a link command
    local name=$1 command=${link_x86/"$2"/$3}
    shift 3
    fresh
    command_of cmd t $boot/compressed/vmlinux "$command"
    ok "link command: $name" says t "$@"
}
linked 'a file outside' "$boot/compressed/head_64.o" ../head_64.o "'../head_64.o': leads out of the tree"
linked 'an absolute file' "$boot/compressed/head_64.o" /head_64.o "'/head_64.o': leads out of the tree"
linked 'the tree itself' "$boot/compressed/head_64.o" arch/../../t/x.o "leads out of the tree"
linked 'no payload' "$boot/compressed/piggy.o" '' "'piggy.o': missing: not a command that links"
linked 'two payloads' "$boot/compressed/piggy.o" "a/piggy.o b/piggy.o" "'b/piggy.o': named twice"
linked 'no script' "-T $boot/compressed/vmlinux.lds" '' "'-T': missing"
linked 'two scripts' '-pie' '-T a.lds' "a second script"
linked 'nothing behind -o' "-o $boot/compressed/vmlinux" '-o' "'-o': no file behind it"
linked 'a second command' '-pie' '; rm' "';': more than one command"
linked 'what the shell computes' '-pie' '$$(nm)' 'more than one command'
linked 'a group' '-pie' '--start-group' "'--start-group': a flag whose place"
linked 'another file' '-pie' 'a/b.ld' "'a/b.ld': a file that is neither"
linked 'a flag with a blank' '-pie' "'-p ie'" "'-p ie': a flag that is empty, or has blanks"
linked 'an object behind an archive' '-o ' "$boot/compressed/head_64.o -o " 'an object behind an archive'
linked 'make of another sort' '-pie' '$(CC)' "a '\$' that Kbuild does not write"
linked 'an open quote' '-pie' "'-pie" 'a quote or a backslash without end'
linked 'an open double quote' '-pie' '"-pie' 'a quote or a backslash without end'
linked 'nothing' "$link_x86" '' 'no command: damaged'
broken 'a command of another file' "sed -i 's/vmlinux :=/vmlinuz :=/' $boot/compressed/.vmlinux.cmd" \
    "does not say how $boot/compressed/vmlinux was made"
broken 'a backslash at the end' "printf '%s \\\\\n' 'cmd_$boot/compressed/vmlinux := ld' > $boot/compressed/.vmlinux.cmd" \
    'a quote or a backslash without end'
broken 'a huge command' "head -c 200000 /dev/zero | tr '\0' x > $boot/compressed/.vmlinux.cmd" 'more than 128 KiB'
broken 'a command with NUL' "printf 'cmd_\0\n' > $boot/compressed/.vmlinux.cmd" 'not text: damaged'
broken 'a command that is a folder' "rm $boot/compressed/.vmlinux.cmd; mkdir $boot/compressed/.vmlinux.cmd" 'it is a folder'

trees() { # NAME COMMAND TEXT...: so are device trees
    local name=$1 command=$2
    shift 2
    rm -rf t
    cp -a trees t
    (cd t/$dts && eval "$command")
    ok "device trees: $name" says t "$@"
}
composed() { # WORDS: of the command that composed vendor/both.dtb
    command_of cmd ../../../.. $dts/vendor/both.dtb "./scripts/dtc/fdtoverlay -o $dts/vendor/both.dtb $1"
}
trees 'one that is gone' 'rm vendor/other.dtb' "$dts/vendor/other.dtb: not in the tree" 'hint: `make dtbs`'
trees 'a base that is gone' 'rm vendor/one.dtbo' "$dts/vendor/one.dtbo: not in the tree"
trees 'one outside' "echo ../../outside.dtb > dtbs-list" "'../../outside.dtb': leads out of the tree"
trees 'an absolute one' 'echo /etc/a.dtb > dtbs-list' "'/etc/a.dtb': leads out of the tree"
trees 'one outside by a link' 'echo > ../../../../../outside.dtb; ln -sf ../../../../../outside.dtb board.dtb' \
    'a link leads out of the tree'
trees 'odd characters' "printf 'a\\033b.dtb\n' > dtbs-list" 'dtbs-list: a name with unusual characters'
trees 'NUL' "printf 'a\\0b.dtb\n' > dtbs-list" 'dtbs-list: a name with unusual characters'
trees 'a long line' "head -c 5000 /dev/zero | tr '\\0' x > dtbs-list" 'a name of more than 4095 characters'
trees 'a list that is a folder' 'rm dtbs-list; mkdir dtbs-list' 'it is a folder'
trees 'a base outside' 'composed "-i ../../a.dtb"' "'../../a.dtb': leads out of the tree"
trees 'an absolute base' 'composed "-i /a.dtb"' "'/a.dtb': leads out of the tree"
trees 'no base' 'composed "-i"' "no base and overlays behind '-i'"
trees 'nothing behind -o' 'composed ""' "no base and overlays behind '-i'"
trees 'what the shell computes' "composed '-i \`ls\`'" 'a name with unusual characters'
trees 'a folder' 'composed "-i $dts/vendor"' 'it is a folder'

archived() { # NAME BYTES TEXT...: so is an archive
    local name=$1 bytes=$2
    shift 2
    fresh
    printf '%b' "$bytes" > t/$libstub/lib.a
    ok "archive: $name" says t "$@"
}
header() { printf '%-16s%-12s%-6s%-6s%-8s%-10s`\\n' "$1" 0 0 0 644 "$2"; }
archived 'none' 'text' "$libstub/lib.a: offset 0: no archive"
archived 'empty' '' 'offset 0: no archive'
archived 'cut' '!<thin>\nx' 'offset 8: cut short'
archived 'no header' "!<thin>\n$(printf %060d 0)" 'offset 8: no ar header'
archived 'no such name' "!<thin>\n$(header /7 3)" 'a name that the archive does not have'
archived 'a name without end' "!<thin>\n$(header // 2)xy$(header /0 3)" 'a name without end'
archived 'no name' "!<thin>\n$(header / 0)$(header // 2)/\n$(header /0 3)" 'a name that is empty'
archived 'a member beyond its end' "!<arch>\n$(header a/ 9)abc" 'a member that ends behind the archive'
archived 'a member outside' "!<thin>\n$(header // 26)../../../../../outside.o/\n$(header /0 3)" 'leads out of the tree'
archived 'an absolute member' "!<thin>\n$(header // 12)/outside.o/\n$(header /0 3)" 'leads out of the tree'
archived 'an archive in it' "!<arch>\n$(header a/ 8)!<arch>\n" 'an archive in an archive'
archived 'unusual names' "!<arch>\n$(header $'\001/' 2)ab" 'a name with unusual characters'

# --- damage everywhere: an error or none, never a crash ---
fresh
survived() { # FILE STEP all|some: cut and changed at every STEPth byte; all: what is cut is refused
    local file=$1 size i status
    size=$(stat -c %s "t/$file")
    cp "t/$file" whole
    printf 'kpipe: 1\ninputs: {k: {kbuild: t}}\noutputs: [k.config]\n' > s.yml
    for ((i = 0; i < size; i += $2)); do
        for change in cut flip; do
            cp whole "t/$file"
            if [ $change = cut ]; then truncate -s "$i" "t/$file"; else flip "t/$file" "$i"; fi
            status=0
            timeout 30 "$kpipe" check s.yml > damage.log 2>&1 || status=$?
            if [ "$status" -gt 1 ] || [ "$change$3$status" = cutall0 ] ||
                grep -qE 'Sanitizer|runtime error|fault of the plugin' damage.log; then
                echo "$change at $i"
                cat damage.log
                return 1
            fi
        done
    done
    cp whole "t/$file"
}
ok 'a damaged link command' survived $boot/compressed/.vmlinux.cmd 23 all
ok 'a damaged archive' survived $libstub/lib.a 29 some
ok 'a damaged vmlinux' survived vmlinux 37 some
ok 'a damaged System.map' survived System.map 13 some
ok 'a damaged configuration' survived .config 17 some
ok 'whole again' facts t '$(k.arch)' x86_64
finish
