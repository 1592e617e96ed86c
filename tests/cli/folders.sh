#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/folders.sh - kpipe finds its plugins and recipes beside itself: in the build
# tree by its mark, and in a tree that was installed and then moved.
. "$(dirname "$0")/common.sh"

build=$(dirname "$kpipe")
[ -e "$build/kpipe-build-tree" ] || exit 77
is 'the mark' "$(cd "$here/../.." && pwd)" "$(cat "$build/kpipe-build-tree")"
"$kpipe" plugins gzip | grep '^stage gzip:' > /dev/null || fail 'build tree' 'gzip is not found'

# `kpipe:` names the recipes of the sources.
printf 'kpipe: 1\nextends: kpipe:base/u-boot.yml\nvars: {kernel: k, dtb: d, load: 0x8000}\n' > board.yml
"$kpipe" check board.yml > /dev/null 2> stderr
is 'recipes of the sources' "$(cd "$here/../.." && pwd)/recipes/base/u-boot.yml" \
    "$(grep -o '^[^:]*u-boot.yml' stderr | head -1 | xargs -r realpath)"

DESTDIR=$work/image cmake --install "$build" > log 2>&1 || { fail install "$(tail -3 log)"; finish; }
installed=$(find "$work/image" -name kpipe -path '*/bin/kpipe')
prefix=$(dirname "$(dirname "$installed")")
mv "$prefix" "$work/moved"
"$work/moved/bin/kpipe" plugins gzip.unpack > got 2>&1
is 'moved: plugins' 'stage gzip.unpack: decompress gzip' "$(head -1 got)"
"$work/moved/bin/kpipe" check board.yml > /dev/null 2> stderr
is 'moved: recipes' "$(find "$work/moved" -name u-boot.yml)" \
    "$(grep -o '^[^:]*u-boot.yml' stderr | head -1 | xargs -r realpath)"
if [ -e "$build/kpipe-worker" ]; then
    printf 'kernel' > k
    expect 'moved: workers' 0 "$work/moved/bin/kpipe" pipe k gzip gzip.unpack -o out --isolation process <<'END'
out: 6 bytes
END
fi
finish
