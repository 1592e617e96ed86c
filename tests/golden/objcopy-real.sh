#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/objcopy-real.sh - objcopy of a real kernel against binutils', byte for byte,
# and the traits that it finds.
#
#   tests/golden/objcopy-real.sh KPIPE WORK vmlinuz|vmlinux
#
# vmlinuz: the kernel inside Debian's amd64 vmlinuz; vmlinux: the one with debug information.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
kpipe=$(realpath "$1")
rm -rf "$2"
mkdir -p "$2"
cd "$2"
kernels=$("$project/tests/real/fetch" --where)

case $3 in
vmlinuz)
    vmlinux=$PWD/vmlinux
    "$project/tests/real/vmlinux-of" "$kernels/amd64/vmlinuz" "$vmlinux"
    ;;
vmlinux) vmlinux=$kernels/amd64/vmlinux ;;
esac

failed=0
same() { # NAME FILE FILE
    if cmp "$2" "$3"; then
        echo "ok $1: $(stat -c %s "$2") bytes"
    else
        echo "FAIL $1"
        failed=1
    fi
}

objcopy -O binary -R .comment -S "$vmlinux" expected
"$kpipe" pipe -q "$vmlinux" objcopy -o ours
same "objcopy -O binary -R .comment -S" expected ours

objcopy -O binary -R .comment -R '.init*' -R .notes -S "$vmlinux" expected
"$kpipe" pipe -q "$vmlinux" 'objcopy:{remove: [.comment, .init*, .notes]}' -o ours
same "with sections removed by glob" expected ours

# The traits arrive where a text asks for them, and as the uImage's addresses.
"$kpipe" pipe -q "$vmlinux" objcopy 'uimage:name=%(version) %(arch)' -o uImage
name=$(dumpimage -l uImage | sed -n 's/^Image Name: *//p')
version=$(cat "$kernels/amd64/version")
if [ "$name" = "$(printf '%.32s' "$version x86_64")" ]; then
    echo "ok traits: $name"
else
    echo "FAIL traits: '$name', expected '$version x86_64'"
    failed=1
fi
if dumpimage -l uImage | grep -qi '^Load Address: *0*1000000$'; then
    echo "ok load address"
else
    echo "FAIL load address"
    dumpimage -l uImage
    failed=1
fi
rm -f expected ours uImage vmlinux
exit $failed
