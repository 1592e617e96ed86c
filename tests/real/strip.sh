#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/strip.sh - the stage `strip` on real kernels: the bytes that Kbuild compressed.
#
#   tests/real/strip.sh KPIPE WORK KERNEL...
#
# A KERNEL is one of the farm's (tests/real/farm), SERIES/NAME/CODEC: of x86, vmlinux becomes
# Kbuild's arch/x86/boot/compressed/vmlinux.bin; of others, what this machine's objcopy makes. Or
# it is `debian`: Debian's amd64 vmlinux with debug information becomes what the payload of
# the shipped vmlinuz, of the same build, begins with; with the relocations of the stage
# `relocs` and lz4 it becomes that payload.
# A series that the farm passed over is passed over here, too.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
agreed=identical

number() { # OFFSET WIDTH: in the vmlinuz
    od -An -j $(($1)) -N "$2" -t "u$2" --endian=little "$vmlinuz" | tr -d ' '
}

# The payload lies where the setup header says (Documentation/x86/boot.rst).
debian() {
    local kernels vmlinuz offset version
    kernels=$("$project/tests/real/fetch" --where)
    version=$(cat "$kernels/amd64/version")
    vmlinuz=$kernels/amd64/vmlinuz
    "$project/tests/real/vmlinux-of" "$vmlinuz" payload
    cat >debian.yml <<END
kpipe: 1
inputs: {vmlinux: $kernels/amd64/vmlinux}
images:
  stripped: [vmlinux, strip]
  relocs: [vmlinux, relocs]
  payload: [stripped, {concat: [_, relocs]}, {payload: {codec: lz4, preset: kernel-6.1}}]
outputs: [stripped, payload]
END
    "$kpipe" run -q debian.yml --out out
    mv out/stripped stripped
    head -c "$(stat -c %s stripped)" payload >expected
    verdict "debian $version, $(stat -c %s stripped) bytes" cmp stripped expected
    mv out/payload stripped
    offset=$((($(number 0x1f1 1) + 1) * 512 + $(number 0x248 4)))
    dd if="$vmlinuz" of=expected bs=1M iflag=skip_bytes,count_bytes skip=$offset \
        count="$(number 0x24c 4)" status=none
    verdict "debian $version, with relocations, as lz4, $(stat -c %s stripped) bytes" cmp stripped expected
}

farm() {
    local made=$folder/arch/x86/boot/compressed/vmlinux.bin
    if [ ! -f "$made" ]; then
        made=expected
        objcopy -R .comment -S "$folder/vmlinux" expected
    fi
    "$kpipe" pipe -q "$folder/vmlinux" strip -o stripped
    verdict "$kernel" cmp stripped "$made"
}

case ${kernels[*]} in
debian) debian ;;
*) each_kernel farm ;;
esac
rm -f stripped expected payload
[ $checked -gt 0 ]
finish
