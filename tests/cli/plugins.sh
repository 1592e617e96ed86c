#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/plugins.sh - `kpipe plugins`: the list, one plugin, one stage type, and where
# plugins are looked for.
. "$(dirname "$0")/common.sh"

"$kpipe" plugins > list
case $(head -1 list) in
*'(compiled in)'*) place='compiled in' ;;
*) place=bundled ;;
esac
is 'one of the list' "gzip 0.1.0 ($place): the gzip codec, by libdeflate, zlib and gzip(1)
  BSD-3-Clause, The kpipe authors
  codecs:  gzip
  stages:  gzip, gzip.unpack
  tools:   gzip" "$(grep -A4 '^gzip ' list)"
is 'architectures' '  arch:    arm64 = aarch64' "$(grep 'arm64 =' list)"
# What a build may be without is listed, as a plugin or with the reason.
for name in lzo zstd; do
    is "$name" 1 "$(grep -c -E "^$name 0.1.0|^left out: $name: .* when kpipe was built\$" list)"
done
if grep -q '^lzo ' list; then
    is 'the licence of a library' '  GPL-2.0-or-later, The kpipe authors' "$(grep -A1 '^lzo ' list | tail -1)"
fi
is 'nothing is rejected' '' "$(grep '^rejected' list)"

expect stage 0 kpipe plugins gzip.unpack <<'END'
stage gzip.unpack: decompress gzip
  main input: compressed
  output:     kind found when it runs

  Several members one after the other are joined, as gzip -d does. Each one's
  CRC-32 and size are checked.

  parameters:
    limit: number from 1, in bytes, default 1G
        most that the input may expand to
    trailing: choice, default error
        what to do with bytes behind the end of the stream
        Zeros there are padding and always ignored.
        error   refuse the input
        ignore  warn and ignore them
END
"$kpipe" plugins uimage.unpack --json > json
is 'stage, json' '"name": "uimage.unpack",
"plugin": "org.kpipe.uimage",
"input_kinds": [
"sets": [
"name": "index",' "$(grep -E '"(name|plugin|input_kinds|sets)":' json | sed 's/^ *//')"
"$kpipe" plugins org.kpipe.x86 > one
is 'by its id' "x86 0.1.0 ($place): 32-bit and 64-bit x86" "$(head -1 one)"
is 'its architectures' 'architecture i386: 32-bit x86
architecture x86_64: 64-bit x86' "$(grep '^architecture' one)"
"$kpipe" plugins gzip > one
is 'its stages' 'stage gzip: compress with gzip, reproducibly
stage gzip.unpack: decompress gzip' "$(grep '^stage' one)"
is 'its choices' '        libdeflate  faster and smaller, levels 0 to 12
        zlib        the classic one, levels 0 to 9' "$(grep -E '^ *(libdeflate|zlib) ' one)"
# The dynamic linker tells what is opened: of all plugins, the ones that are used.
if [ "$place" = bundled ]; then
    opened() { LD_DEBUG=files "$kpipe" "$@" 2>&1 > /dev/null | grep -c 'calling init: /proc/self/fd'; }
    printf 'kernel' > flat
    is 'the list opens no plugin' 0 "$(opened plugins)"
    is 'a chain opens what it uses' "$(isolated && echo 0 || echo 1)" \
        "$(opened pipe flat gzip -o flat.gz)"
fi
expect unknown 1 kpipe plugins uimagee <<'END'
--
kpipe: error: 'uimagee': no plugin and no stage type has that name [KP1710]
  hint: did you mean 'uimage'?
END
expect unknown-json 1 kpipe plugins frobnicate --json <<'END'
{
  "findings": [
    {
      "severity": "error",
      "code": "KP1710",
      "text": "'frobnicate': no plugin and no stage type has that name",
      "hint": "'kpipe plugins' lists all"
    }
  ]
}
END

# Files that are no plugins are listed with the reason, wherever they are found.
if [ "$place" = bundled ]; then
    mkdir -p folder data/kpipe/plugins
    printf 'no ELF file' > folder/wrong.so
    printf 'neither' > "$(printf 'data/kpipe/plugins/\033[31m.so')"
    "$kpipe" plugins --plugin-path "$work/folder" | grep '^rejected' > got
    is 'rejected, from --plugin-path and the user' "rejected: $work/folder/wrong.so: no ELF file
rejected: $work/data/kpipe/plugins/\\x1b[31m.so: no ELF file" "$(cat got)"
    KPIPE_PLUGIN_PATH=$work/folder "$kpipe" plugins --json > got
    is 'rejected, from KPIPE_PLUGIN_PATH' "\"path\": \"$work/folder/wrong.so\"," \
        "$(grep -o '"path": ".*wrong.so",' got)"
fi
finish
