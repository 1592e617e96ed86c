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
# A series that the farm passed over is passed over here, too. Ends with "ok" (0) or "FAIL" (1).
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ $# -ge 3 ] || {
    echo "usage: $0 KPIPE WORK KERNEL..." >&2
    exit 2
}
kpipe=$(realpath "$1")
rm -rf "$2"
mkdir -p "$2"
cd "$2"
shift 2
checked=0
failed=0

verdict() { # TEXT FILE: what it should be
    checked=$((checked + 1))
    if cmp stripped "$2"; then
        printf 'strip: %s, %s bytes: identical\n' "$1" "$(stat -c %s stripped)"
    else
        printf 'strip: %s: FAIL\n' "$1"
        failed=$((failed + 1))
    fi
}

number() { # OFFSET WIDTH: in the vmlinuz
    od -An -j $(($1)) -N "$2" -t "u$2" --endian=little "$vmlinuz" | tr -d ' '
}

# The payload lies where the setup header says (Documentation/x86/boot.rst).
debian() {
    local kernels vmlinuz offset
    kernels=$("$project/tests/real/fetch" --where)
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
    verdict "debian $(cat "$kernels/amd64/version")" expected
    mv out/payload stripped
    offset=$((($(number 0x1f1 1) + 1) * 512 + $(number 0x248 4)))
    dd if="$vmlinuz" of=expected bs=1M iflag=skip_bytes,count_bytes skip=$offset \
        count="$(number 0x24c 4)" status=none
    verdict "debian $(cat "$kernels/amd64/version"), with relocations, as lz4" expected
}

farm() { # KERNEL
    local folder status=0 made
    folder=$("$project/tests/real/farm" --find "$1" 2>errors) || status=$?
    if [ $status != 0 ]; then
        cat errors
        [ $status = 3 ] || failed=$((failed + 1))
        return
    fi
    made=$folder/arch/x86/boot/compressed/vmlinux.bin
    if [ ! -f "$made" ]; then
        made=expected
        objcopy -R .comment -S "$(realpath "$folder/vmlinux")" expected
    fi
    "$kpipe" pipe -q "$(realpath "$folder/vmlinux")" strip -o stripped
    verdict "$1" "$made"
}

for kernel in "$@"; do
    case $kernel in
    debian) debian ;;
    *) farm "$kernel" ;;
    esac
    rm -f stripped expected payload
done
if [ $failed != 0 ] || [ $checked = 0 ]; then
    printf 'strip: FAIL: %d of %d\n' $failed $checked
    exit 1
fi
printf 'strip: ok: %d\n' $checked
