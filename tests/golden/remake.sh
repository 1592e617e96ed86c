#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/remake.sh - what `kpipe inspect --json` says of how compressed files were made, for
# the commands with which kernels and initramfs images are made: one of the first three ways that
# are reported gives the tool's bytes.
#
#     remake.sh KPIPE WORKDIR
self=$(realpath "$0")
. "$(dirname "$0")/common.sh"
. "$(dirname "$self")/../remake.sh"

# Code that does not repeat itself, and text.
{ head -c 220000 /bin/bash; cat "$(dirname "$self")"/[a-l]*.sh | tail -c 80000; } > input

piped() { # COMMAND...: from a pipe to a pipe
    cat input | "$@" | cat > packed
    remakes packed 3 input | tee result
}

named() { # COMMAND...: from a file to a file, on which the command's output is
    cp input 'a "name".bin'
    touch -d @1700000000 'a "name".bin'
    "$@" > packed
    remakes packed 3 input | tee result
}

again() { # NAME COMMAND...: tells which way it was, too
    ok "$1" "${@:2}"
    sed 's/^/    /' result
}

zlib() { # LEVEL: zlib's own gzip file, as minigzip has it
    python3 -c 'import sys, zlib
c = zlib.compressobj(int(sys.argv[1]), wbits=31)
sys.stdout.buffer.write(c.compress(sys.stdin.buffer.read()) + c.flush())' "$1"
}

silent() { # FILE: nothing is said of how it was made
    ways "$1" > said && [ -s inspected.json ] && [ ! -s said ]
}

for options in -9n -1 '' '-n -f -9' '-n -9 --rsyncable'; do
    # shellcheck disable=SC2086 # several
    again "gzip $options" piped gzip $options
done
again "gzip -9 of a file" named gzip -c -9 'a "name".bin'
ok "    with its name" grep -qF 'level: 9, mtime: 1700000000, name: "a \"name\".bin"}}]' result
for level in 9 6 1; do
    again "zlib $level" piped zlib "$level"
done

for options in -T1 '-T1 -9e' '-T1 -9' '-T1 -6e' '-T1 -5' '-T1 -1' '-T1 --check=crc32' \
    '-T1 --check=none' '--check=crc32 --threads=0' '--check=crc32 --lzma2=dict=1MiB -T0' \
    '-T1 --check=crc32 --lzma2=dict=1MiB'; do
    # shellcheck disable=SC2086 # several
    again "xz $options" piped xz $options
done
# As scripts/xz_wrap.sh of Linux 6.1, and of 6.12, which tells alignments.
for options in '--x86 --lzma2=dict=32MiB' '--arm --lzma2=dict=32MiB' '--lzma2=dict=32MiB' \
    '--armthumb --lzma2=dict=32MiB' '--powerpc --lzma2=dict=32MiB' '--ia64 --lzma2=pb=4,dict=32MiB' \
    '--x86 --lzma2=dict=128MiB' '--arm --lzma2=lc=2,lp=2,dict=128MiB'; do
    # shellcheck disable=SC2086 # several
    again "kernel's xz $options" piped xz -T1 --check=crc32 $options
    ok "    stands first" grep -q '^1 of 2' result
done
for options in -9 -6 -9e; do
    again "lzma $options" piped lzma "$options"
done

for options in '-l -9' '-l -12' -l '' -9 '-9 -BD -B4' '-9 -BX --no-frame-crc'; do
    # shellcheck disable=SC2086 # several
    again "lz4 $options" piped lz4 -q $options -
done
again "lz4 of a file" named lz4 -qc -9 --content-size 'a "name".bin'
for level in 9 6; do
    again "bzip2 -$level" piped bzip2 "-$level"
    ok "    is the only one" grep -q '^1 of 1' result
done

if "$kpipe" plugins lzo > /dev/null 2>&1; then
    for level in 9 7 3 1; do
        again "lzop -$level" piped lzop "-$level"
        ok "    is the only one" grep -q '^1 of 1' result
    done
fi
if "$kpipe" plugins zstd > /dev/null 2>&1; then
    for options in -19 '-22 --ultra' '-q -9 -T0' '-15 -q -T0' '' -1 '-19 --no-check' \
        '-9 -T0 --no-check' '-19 --long'; do
        # shellcheck disable=SC2086 # several
        again "zstd $options" piped zstd -q $options
    done
    for options in -19 '-22 --ultra' -3; do
        # shellcheck disable=SC2086 # several
        again "zstd $options of a file" named zstd -qc $options 'a "name".bin'
    done
fi

# Which none of the encoders writes: no try is worth while.
gzip -n9 < input > packed
for byte in '3 04' '8 03' '9 ff'; do # FEXTRA and others of FLG, XFL, OS
    cp packed other
    # shellcheck disable=SC2086 # offset and byte
    put other $byte
    ok "gzip's byte $byte" silent other
done
xz -T1 --delta=dist=4 --lzma2 < input > other
ok "xz with a delta" silent other
finish
