# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/codec-tools.sh - which tool, with which options, Kbuild compresses kernels with,
# and the stage that does the same; and real kernels to try both on. Read in by
# tests/golden/codecs-real.sh and tests/bench/codecs, not run.
#
# The commands: scripts/Makefile.lib and scripts/xz_wrap.sh of Linux 6.1 and 6.12.

# codec_tools ARCHITECTURE: a line for each, STAGE|COMMAND. The command reads from a pipe.
codec_tools() {
    local old new
    case $1 in
    x86_64) old=--x86 new='--x86 --lzma2=dict=128MiB' ;;
    arm) old=--arm new='--arm --lzma2=lp=2,lc=2,dict=128MiB' ;;
    arm64) old='' new='--arm64 --lzma2=lp=2,lc=2,dict=128MiB' ;;
    esac
    cat <<END
gzip|gzip -n -9
bzip2:preset=kernel-6.1|bzip2 -9
lzma:preset=kernel-6.1|lzma -9
xz:preset=kernel-6.1,arch=$1|xz --check=crc32 $old --lzma2=dict=32MiB
xz:preset=kernel-6.12,arch=$1|xz --check=crc32 --threads=1 $new
lz4:preset=kernel-6.1|lz4 -q -l -9 - -
lzo:preset=kernel-6.1|lzop -9
zstd:preset=kernel-6.1-image|zstd -q -19
zstd:preset=kernel-6.1|zstd -q -22 --ultra
END
}

# compress_both KPIPE INPUT STAGE COMMAND: leaves ours and theirs in the working directory.
# lzop writes the time, so kpipe is told the same one.
compress_both() {
    # shellcheck disable=SC2086 # a command and its options
    cat "$2" | $4 >theirs
    SOURCE_DATE_EPOCH=$(lzop_time theirs) "$1" pipe -q -j1 "$2" "$3" -o ours
}

# The time in the header of an lzop file, and 0 for other files.
lzop_time() {
    if cmp -s -n 4 "$1" <(printf '\x89LZO'); then
        od -An -tu1 -j 25 -N 4 "$1" | awk '{ print (($1 * 256 + $2) * 256 + $3) * 256 + $4 }'
    else
        echo 0
    fi
}

# real_kernel ARCHITECTURE KERNELS FILE: what Debian's own image has compressed inside: the ELF
# file of amd64, or arm's Image; arm64's lies there as it is. KERNELS is what tests/real/fetch --where says.
real_kernel() {
    local offset
    case $1 in
    x86_64)
        "$(dirname "${BASH_SOURCE[0]}")/vmlinux-of" "$2/amd64/vmlinuz" "$3"
        return
        ;;
    arm64)
        cp "$2/arm64/Image" "$3"
        return
        ;;
    esac
    # xz's magic stands there first as a constant of the decompressor.
    for offset in $(LC_ALL=C grep -aboP '\xfd7zXZ\x00' "$2/armhf/zImage" | cut -d: -f1); do
        tail -c "+$((offset + 1))" "$2/armhf/zImage" | xz -dcq --single-stream >"$3" 2>/dev/null || true
        [ "$(stat -c %s "$3")" -lt 1000000 ] || return 0
    done
    echo "no xz payload in $2/armhf/zImage" >&2
    return 1
}
