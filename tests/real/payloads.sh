#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/payloads.sh - the compressed kernels inside Debian's own images: cut out, unpacked,
# packed again, and byte for byte what they were.
#
#   tests/real/payloads.sh KPIPE WORK KERNEL...
#
# KERNEL is amd64 (lz4), amd64-generic (xz) or armhf (xz). On x86 the setup header tells where the
# payload is (Documentation/x86/boot.rst, payload_offset and payload_length); on arm nothing
# does: it is the place with xz's mark that can be unpacked. The first such place is the
# constant inside the decompressor. Ends with "ok" (0) or "FAIL" (1).
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ $# -ge 3 ] || {
    echo "usage: $0 KPIPE WORK KERNEL..." >&2
    exit 2
}
kpipe=$(realpath "$1")
rm -rf "$2"
mkdir -p "$2"
work=$(cd "$2" && pwd)
shift 2
"$project/tests/real/fetch" "$@"
kernels=$("$project/tests/real/fetch" --where)
cd "$work"

fail() {
    printf 'payloads: FAIL: %s\n' "$*"
    exit 1
}

# number FILE OFFSET BYTES: little endian, unsigned.
number() {
    od -A n -t "u$3" -j "$2" -N "$3" --endian=little "$1" | tr -d ' '
}

# recipe ARCH FILE OFFSET LENGTH CODEC: what is written inside, and how it comes out again.
recipe() {
    cat <<END
kpipe: 1
arch: $1
inputs: {kernel: $2}
images:
  payload: [kernel, {slice: {offset: $3, length: $4}}]
  contents: [payload, {decompress: {trailer: required}}]
  again: [contents, {payload: {codec: $5, preset: kernel-6.1}}]
outputs: [payload, contents, again]
END
}

# proof KERNEL ARCH FILE OFFSET LENGTH CODEC
proof() {
    recipe "$2" "$3" "$4" "$5" "$6" >"$1.yml"
    "$kpipe" run -q "$1.yml" --out "$1" || fail "$1: the recipe"
    cmp <(tail -c "+$(($4 + 1))" "$3" | head -c "$5") "$1/payload" || fail "$1: slice"
    cmp "$1/payload" "$1/again" || fail "$1: compressed again it differs"
    printf 'payloads: %s %s: %s: %s bytes of %s at offset %s, identical\n' "$1" \
        "$(cat "$kernels/$1/version")" "$6" "$5" "$(stat -c %s "$1/contents")" "$4"
    rm -r "$1"
}

x86() {
    local file=$kernels/$1/vmlinuz setup
    setup=$(number "$file" 497 1) # setup_sects
    proof "$1" x86_64 "$file" $(((setup + 1) * 512 + $(number "$file" 584 4))) \
        "$(number "$file" 588 4)" "$2"
}

# The xz stream of a zImage: from the first place that can be unpacked to the end of the size
# trailer, behind which the rest comes as the part `trailing`.
arm() {
    local file=$kernels/$1/zImage size offset rest
    size=$(stat -c %s "$file")
    for offset in $(LC_ALL=C grep -a -b -o -P '\xfd7zXZ\x00' "$file" | cut -d: -f1); do
        cat >rest.yml <<END
kpipe: 1
inputs: {kernel: $file}
images: {contents: [kernel, {slice: {offset: $offset}}, {decompress: {trailer: required}}]}
outputs: [contents.trailing: rest]
END
        if ! "$kpipe" run -q rest.yml --out . 2>errors; then
            printf 'payloads: %s: offset %s is a decoy: %s\n' "$1" "$offset" \
                "$(sed -n "s/.*error: stage '[a-z.]*': //p" errors | head -n 1)"
            continue
        fi
        rest=$(stat -c %s rest)
        proof "$1" arm "$file" "$offset" $((size - offset - rest)) xz
        return
    done
    fail "$1: nothing in it can be unpacked"
}

for kernel in "$@"; do
    case $kernel in
    amd64) x86 amd64 lz4 ;;
    amd64-generic) x86 amd64-generic xz ;;
    armhf) arm armhf ;;
    *) fail "$kernel: not known here" ;;
    esac
done
printf 'payloads: ok\n'
