#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A FIT of Debian's arm64 kernel and 100 device trees: kpipe against mkimage on the same source, with
# contents behind the tree, and against the kernel's make_fit.py with compressed trees; in turn, best
# of RUNS (5). Of mkimage also the newest, if tests/real/uboot-tools.sh has built it; make_fit.py if
# tests/real/farm has the newest kernel's source, and there is python3-libfdt.
# Usage: fit.sh KPIPE WORK_FOLDER [LINUX-IMAGE-ARM64.deb]
set -euo pipefail
project=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/bench/common.sh
. "$project/tests/bench/common.sh"
# shellcheck source=tests/fit.sh
. "$project/tests/fit.sh"

kpipe=$(realpath "$1")
deb=$(realpath "${3:-$("$project/tests/real/fetch" --where)/arm64/linux-image.deb}")
rm -rf "$2"
mkdir -p "$2"
cd "$2"
runs=${RUNS:-5} trees=100

mkdir dtbs
dpkg-deb --fsys-tarfile "$deb" | tar -x --wildcards './boot/vmlinuz-*' './usr/lib/*.dtb'
mv boot/vmlinuz-* Image
find usr -name '*.dtb' | LC_ALL=C sort | head -n $trees | while read -r tree; do mv "$tree" dtbs; done
mapfile -t names < <(cd dtbs && LC_ALL=C ls)
echo "Image $(stat -c %s Image) bytes, ${#names[@]} trees of $(cat dtbs/* | wc -c)"

# source HASH: fit.its.
source_of() {
    local n=0 name
    echo '/dts-v1/; / { description = "a kernel for many boards"; #address-cells = <1>; images {'
    echo "kernel-1 { data = /incbin/(\"Image\"); type = \"kernel\"; arch = \"arm64\"; os = \"linux\";
        compression = \"none\"; load = <0x40200000>; entry = <0x40200000>; hash-1 { algo = \"$1\"; }; };"
    for name in "${names[@]}"; do
        n=$((n + 1))
        echo "fdt-$n { data = /incbin/(\"dtbs/$name\"); type = \"flat_dt\"; arch = \"arm64\";
            compression = \"none\"; hash-1 { algo = \"$1\"; }; };"
    done
    echo '}; configurations { default = "conf-1";'
    for ((n = 1; n <= ${#names[@]}; n++)); do echo "conf-$n { kernel = \"kernel-1\"; fdt = \"fdt-$n\"; };"; done
    echo '}; };'
}

printf 'kpipe: 1\ninputs: {files: {tree: .}}\nimages: {ours: [{fit-its: {source: files, file: fit.its, external: true}}]}\noutputs: [ours]\n' >its.yml

theirs() { "$mkimage" -E -f fit.its theirs >log 2>&1; }

# in_turn NAME COMMAND...: theirs, against kpipe on $recipe; first one, then the other, and again.
in_turn() {
    local name=$1 theirs=999999999 ours=999999999 took
    shift
    for ((i = 0; i < runs; i++)); do
        took=$(best 1 "$@")
        theirs=$(awk -v a="$theirs" -v b="$took" 'BEGIN { print a < b ? a : b }')
        took=$(best 1 "$kpipe" run -q "$recipe")
        ours=$(awk -v a="$ours" -v b="$took" 'BEGIN { print a < b ? a : b }')
    done
    printf '%-36s %8s ms, kpipe %7s ms, ratio %s\n' "$name" "$theirs" "$ours" "$(ratio "$ours" "$theirs")"
}

recipe=its.yml
for hash in crc32 sha256 sha512; do
    source_of $hash >fit.its
    for mkimage in mkimage "$("$project/tests/real/uboot-tools.sh" --find 2>/dev/null)/mkimage"; do
        [ "$mkimage" != /mkimage ] || continue
        rm -f ours theirs
        theirs && "$kpipe" run -q its.yml
        as_now theirs -E
        cmp ours theirs && echo "identical, $(stat -c %s ours) bytes"
        in_turn "mkimage -E $(version), $hash" theirs
    done
done
echo "peak anonymous and shared memory of kpipe: $(peak "$kpipe" run -q its.yml) MiB; mkimage: $(peak mkimage -E -f fit.its theirs 2>log) MiB"

script=$("$project/tests/real/farm" --where)/source/newest/linux/scripts/make_fit.py
python=/usr/bin/python3
[ -e "$script" ] && $python -c 'import libfdt' 2>/dev/null || exit 0
paths=("${names[@]/#/dtbs/}")
{
    echo 'kpipe: 1'
    echo 'arch: arm64'
    echo 'inputs:'
    echo '  kernel: Image'
    for n in "${!names[@]}"; do echo "  d$n: dtbs/${names[n]}"; done
    echo 'images:'
    printf '  ours: [kernel, GZIP{fit: {style: kbuild, type: kernel_noload, kernel_description: Linux, CODECdtbs: [d%s' 0
    for ((n = 1; n < ${#names[@]}; n++)); do printf ', d%s' "$n"; done
    echo ']}}]'
    echo 'outputs: [ours]'
} >kbuild.in
make_fit() { $python "$script" -A arm64 -n Linux -O linux -c "$1" -o theirs -k Image "${paths[@]}" >/dev/null; }

# The time of the FIT is the clock's there: kpipe gets the same.
recipe=kbuild.yml
sed 's/GZIP//; s/CODEC//' kbuild.in >$recipe
make_fit none
SOURCE_DATE_EPOCH=$(($(fdtget -t u theirs / timestamp))) "$kpipe" run -q $recipe
cmp ours theirs && echo "make_fit.py: identical, $(stat -c %s ours) bytes"
in_turn "make_fit.py" make_fit none
make_fit gzip
for level in 6 9; do # make_fit.py runs gzip at its default level, 6
    sed "s/GZIP/{gzip: $level}, /; s/CODEC/dtb_codec: {gzip: $level}, /" kbuild.in >$recipe
    "$kpipe" run -q $recipe
    echo "gzip: make_fit.py $(stat -c %s theirs) bytes, kpipe at level $level $(stat -c %s ours)"
    in_turn "make_fit.py -c gzip" make_fit gzip
done
