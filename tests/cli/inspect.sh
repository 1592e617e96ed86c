#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/inspect.sh - `kpipe inspect`: fields, traits, what is wrong with a file.
. "$(dirname "$0")/common.sh"

printf 'hello, kernel\n' > input
"$kpipe" pipe input 'uimage:type=standalone,arch=arm,load=0x8000,name=test' -qo image
expect image 0 kpipe inspect image <<'END'
image: uimage, 78 bytes
  0x00000000  ih_magic  0x27051956
  0x00000004  ih_hcrc   0xbb0e6fbf
  0x00000008  ih_time   0 (1970-01-01 00:00:00 UTC)
  0x0000000c  ih_size   14 bytes
  0x00000010  ih_load   0x00008000
  0x00000014  ih_ep     0x00008000
  0x00000018  ih_dcrc   0x59c899e8
  0x0000001c  ih_os     5  linux
  0x0000001d  ih_arch   2  arm
  0x0000001e  ih_type   1  standalone
  0x0000001f  ih_comp   0  none
  0x00000020  ih_name   test
  trait arch       arm
  trait entry      0x8000 (32768)
  trait load       0x8000 (32768)
  data: unknown, 14 bytes at 0x40: standalone
END
# The name may hold anything; a changed byte contradicts the checksum.
cp image hostile
printf '\033[31m' | dd of=hostile bs=1 seek=32 conv=notrunc status=none
"$kpipe" inspect hostile > got 2> /dev/null
is 'escaped' '  0x00000020  ih_name   \x1b[31m' "$(grep ih_name got)"
is 'invalid' 1 "$(grep ih_hcrc got | grep -c ' INVALID$')"
head -c 32 image > short
"$kpipe" inspect short > got 2> stderr
is 'malformed: code' 1 $?
is 'malformed: a finding' 1 "$(grep -c error: stderr)"

expect unknown 0 kpipe inspect input <<'END'
input: unknown, 14 bytes
END
expect several 1 kpipe inspect input missing input <<'END'
input: unknown, 14 bytes

input: unknown, 14 bytes
--
kpipe: error: inspect: missing: No such file or directory [KP1715]
END
is 'standard input' '-: unknown, 14 bytes' "$("$kpipe" inspect - < input)"
is 'from a pipe' '-: unknown, 14 bytes' "$(cat input | "$kpipe" inspect -)"
expect folder 1 kpipe inspect . <<'END'
--
kpipe: error: inspect: .: Is a directory [KP1715]
END

# Layer in layer, with what trails a compressed one, and a wrong checksum in the depths.
head -c 3000 /dev/zero > zeros
"$kpipe" pipe zeros gzip 'size-append:3000' 'uimage:type=ramdisk,arch=arm,name=in' gzip -qo deep
shown_layers() { # ARGUMENT...
    "$kpipe" inspect "$@" | grep -E '^ *[a-z-]*: |trailing|ih_size'
}
expect layers 0 shown_layers deep <<'END'
deep: compressed (gzip), 87 bytes
  contents: uimage, 106 bytes, decompressed
    0x0000000c  ih_size   42 bytes
    data: compressed (gzip), 42 bytes at 0x40: ramdisk
      trailing: 4 bytes at 0x26
      contents: initrd, 3000 bytes, decompressed
END
expect depth 0 shown_layers --depth 2 deep <<'END'
deep: compressed (gzip), 87 bytes
  contents: uimage, 106 bytes, decompressed [it lies as deep as was asked for]
    0x0000000c  ih_size   42 bytes
END
is 'verify: right' '' "$("$kpipe" inspect --verify deep 2>&1 > /dev/null)"
"$kpipe" pipe deep gzip.unpack -qo wrong
printf x | dd of=wrong bs=1 seek=70 conv=notrunc status=none
gzip -nk wrong
is 'verify: wrong' 1 "$("$kpipe" inspect --verify wrong.gz > shown 2> said; echo $?)"
is 'verify: what' 'kpipe: error: wrong.gz: contents: ih_dcrc: wrong [KP1750]' "$(cat said)"
is 'not verified' 0 "$("$kpipe" inspect wrong.gz > shown 2>&1; echo $?)"
is 'json, layers' 'contents contents/data contents/data/contents' \
    "$("$kpipe" inspect --json deep | sed -n 's/.*"path": "\(.*\)",/\1/p' | xargs)"
expect map 0 kpipe inspect --map wrong <<'END'
wrong: uimage, 106 bytes
  0x00000040  |                            ####################|            42 bytes  data: compressed (gzip): ramdisk
END
# A file that unpacks to itself is looked into no deeper than there are layers.
for _ in $(seq 30); do gzip -n -c image > next && mv next image; done
is 'nested too deep' 1 "$("$kpipe" inspect image | grep -c 'it lies as deep as was asked for')"
"$kpipe" pipe input 'uimage:type=standalone,arch=arm,load=0x8000,name=test' -qo image
gzip -nk image
is 'compressed' 'image.gz: compressed (gzip)' "$("$kpipe" inspect image.gz | head -1 | cut -d, -f1)"
expect json 0 kpipe inspect input --json <<'END'
{
  "files": [
    {
      "file": "input",
      "size": 14,
      "kind": null,
      "codec": null,
      "format": null,
      "fields": [],
      "traits": {}
    }
  ],
  "findings": []
}
END
"$kpipe" inspect image --json > got
is 'json, a field' '{
"name": "ih_arch",
"offset": 29,
"length": 1,
"value": 2,
"meaning": "arm"
},' "$(grep -B1 -A5 ih_arch got | sed 's/^ *//')"
"$kpipe" inspect image.gz --json > got.gz
is 'json, how it was made' '"remake": [
"[@contents, {gzip: {encoder: gnu, level: 6}}]",' "$(grep -A1 -m 1 '"remake"' got.gz | sed 's/^ *//')"
is 'json, how a container was made' '"[@data, {uimage: {type: standalone' \
    "$(grep -A1 -m 1 '"remake"' got | sed -n '2s/^ *//; 2s/,.os:.*//p')"
seq 30 > anything
"$kpipe" inspect anything --json > got.any
is 'json, of how it was made nothing is known' '' "$(grep '"remake"' got.any)"
is 'json, traits' '"traits": {
"arch": "arm",
"entry": 32768,
"load": 32768
}' "$(grep -A4 -m 1 '"traits"' got | sed 's/^ *//; s/^},$/}/')"
finish
