#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/extract.sh - `kpipe extract`: which part is meant, what is searched for and when, what is
# written and when nothing is.
. "$(dirname "$0")/common.sh"

# A kernel as far as extract is concerned, with a configuration.
{
    seq 1 2000
    printf 'Linux version 6.1.0-test (someone@somewhere) #1\n'
    printf 'CONFIG_TEST=y\n' > config
    printf IKCFG_ST && gzip -nc config && printf IKCFG_ED
    seq 2000 3000
} > kernel
printf '/dts-v1/; / { model = "test"; };' > none
head -c 700 /dev/urandom > initrd

"$kpipe" pipe kernel bzip2 'uimage:arch=arm,load=0x8000,name=one' gzip -qo container
size=$(stat -c %s kernel)
"$kpipe" extract container -o got 2> said
is 'payload: bytes' same "$(cmp kernel got && echo same)"
is 'payload: said' "kpipe: container: contents/data/contents: $size bytes" "$(cat said)"
is 'quiet, to standard output' same "$("$kpipe" extract -q container 2> said | cmp - kernel && ! [ -s said ] && echo same)"
is 'from standard input' same "$("$kpipe" extract -q - < container | cmp - kernel && echo same)"
"$kpipe" extract -q container --to config -o got
is 'config' same "$(cmp config got && echo same)"
"$kpipe" extract -q container --to contents/data -o got
is 'a layer, as it is stored' same "$("$kpipe" pipe got bzip2.unpack -qo - | cmp - kernel && echo same)"
is 'a kernel itself' same "$("$kpipe" extract -q kernel | cmp - kernel && echo same)"

# Several images in one: a kernel, a first file system, a device tree.
mkimage -A arm -O linux -T multi -C none -n x -d kernel:initrd multi > log
is 'multi: payload' same "$("$kpipe" extract -q multi | cmp - kernel && echo same)"
is 'multi: initrd' same "$("$kpipe" extract -q multi --to initrd | cmp - initrd && echo same)"

# What nobody knows is searched, and decoys are no finds: magic numbers that begin nothing,
# compressed data without a kernel, the kernel, more of it.
head -c 9000 /dev/urandom > bigger && gzip -n bigger
blob() { # CODEC
    "$kpipe" pipe kernel "$1" -qo "kernel.$1"
    {
        head -c 100 /dev/urandom
        printf '\037\213\010\000\000 \375\0067zXZ\000\000\004 BZh91AY&SY \002\041\114\030 (\265/\375 \211LZO\000\r\n\032\n'
        for file in bigger.gz "kernel.$1" bigger.gz; do
            cat "$file"
            printf 'no further member'
        done
    } > blob
}
for codec in gzip bzip2 lzma xz lzo lz4 zstd; do
    blob $codec
    "$kpipe" extract blob -o got 2> said
    is "searched, $codec: bytes" same "$(cmp kernel got && echo same)"
    is "searched, $codec: said" "kpipe: blob: payload/contents: $size bytes, found by searching" "$(cat said)"
done

# Nothing is written, and the exit status tells.
rm -f out
expect 'nothing there' 1 kpipe extract initrd -o out <<'END'
--
kpipe: error: extract: initrd: payload: there is none [KP1752]
  hint: `kpipe inspect` shows what there is
END
expect 'no such layer' 1 kpipe extract container --to contents/dta -o out <<'END'
--
kpipe: error: extract: container: contents/dta: there is none [KP1752]
  hint: `kpipe inspect` shows what there is
END
expect 'no such file' 1 kpipe extract missing -o out <<'END'
--
kpipe: error: extract: missing: No such file or directory [KP1751]
END
"$kpipe" pipe container gzip.unpack -qo cut
head -c 300 cut > short
is 'cut short' 1 "$("$kpipe" extract short -o out 2> said; echo $?)"
is 'cut short: why' 1 "$(grep -c 'ih_size: .* bytes: only 236 follow the header' said)"
cp cut damaged
printf '\125\125\125' | dd of=damaged bs=1 seek=500 conv=notrunc status=none
is 'damaged' 1 "$("$kpipe" extract damaged -o out 2> said; echo $?)"
is 'damaged: why' 1 "$(grep -c "stage 'bzip2.unpack'" said)"
is 'nothing was written' '' "$(ls out 2> /dev/null)"
is 'a file that cannot be written' 1 "$("$kpipe" extract container -o none/x 2> said; echo $?)"
finish
