# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/boot/common.sh - what the boot tests share: arguments, disks for U-Boot, and
# running QEMU until the kernel has said what it must say. Sourced, with bash.
#
# Every test is `NAME.sh KPIPE WORK [ARGUMENT...]`: the kpipe to test, a folder to work in,
# and what else that test takes. It makes its images with the recipes that users run,
# prints the console lines that it waited for with the seconds since QEMU started, and
# ends with "ok" (0), "FAIL" (1), or, where a tool is missing, "skipped" (77).
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
name=$(basename "$0" .sh)
limit=240 # seconds; a slow machine needs about 20

if [ $# -lt 2 ]; then
    echo "usage: $0 KPIPE WORK [ARGUMENT...]" >&2
    exit 2
fi
kpipe=$(realpath "$1")
mkdir -p "$2"
work=$(cd "$2" && pwd)

# Whatever ends the test, QEMU ends too, and a failed command does not end it in silence.
qemu=
told=false
at_exit() {
    local status=$?
    [ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true
    [ "$status" = 0 ] || $told || printf '%s: FAIL: a command failed\n' "$name"
}
trap at_exit EXIT

fail() {
    told=true
    printf '%s: FAIL: %s\n' "$name" "$*"
    exit 1
}

skip() {
    told=true
    printf '%s: skipped: %s\n' "$name" "$*"
    exit 77
}

# needs TOOL...: the test is skipped without them.
needs() {
    local tool
    for tool in "$@"; do
        if ! command -v "$tool" >/dev/null && [ ! -e "$tool" ]; then
            skip "$tool is missing (tests/run installs it)"
        fi
    done
}

# The folder of the fetched kernels; fetches ARCH if it is not there yet.
fetch() {
    "$project/tests/real/fetch" "$@" >&2 || fail "tests/real/fetch $*"
    "$project/tests/real/fetch" --where
}

# grown KERNEL: sets $folder to that of the farm's kernel, as 6.1/arm/xz. A test builds none;
# it is skipped if the farm could not, for want of a source or of new enough tools.
grown() {
    local status=0
    # shellcheck disable=SC2034 # the test's
    folder=$("$project/tests/real/farm" --find "$1" 2>"$work/farm.log") || status=$?
    [ $status != 3 ] || skip "$(cat "$work/farm.log")"
    [ $status = 0 ] || fail "$(cat "$work/farm.log")"
}

# disk FILE...: $work/disk.img with one FAT partition that holds the files. U-Boot looks
# for boot.scr only on a disk with a partition table: one entry, type FAT32 (0x0c), from
# sector 2048 with 129024 sectors, at byte 446 of the master boot record.
disk() {
    rm -f "$work/disk.img"
    truncate -s 64M "$work/disk.img"
    {
        printf '\000\000\000\000\014\000\000\000\000\010\000\000\000\370\001\000'
        head -c 48 /dev/zero
        printf '\125\252'
    } | dd of="$work/disk.img" bs=1 seek=446 conv=notrunc status=none
    mformat -i "$work/disk.img@@1M" -T 129024 -h 64 -s 32 ::
    mcopy -i "$work/disk.img@@1M" "$@" ::
}

# boot_script ARCH COMMAND...: $work/boot.scr, made by the kpipe under test.
boot_script() {
    local arch=$1
    shift
    printf '%s\n' "$@" >"$work/boot.cmd"
    "$kpipe" pipe -q "$work/boot.cmd" "uimage:type=script,arch=$arch,name=boot" -o "$work/boot.scr"
}

# console PATTERN... -- QEMU...: starts QEMU and passes once the console has shown a line
# for each (extended) pattern, in this order; QEMU is stopped then.
console() {
    local patterns=() log=$work/console.log begun seen=0 line left end=false
    while [ "$1" != -- ]; do
        patterns+=("$1")
        shift
    done
    shift
    begun=$EPOCHREALTIME
    : >"$log"
    "$@" -nographic -nodefaults -serial stdio -no-reboot -net none </dev/null >"$log" 2>&1 &
    qemu=$!
    left=1
    while true; do
        # Whether it runs is asked before the log is read: no last line is missed.
        kill -0 "$qemu" 2>/dev/null && ! grep -a -q 'end Kernel panic' "$log" || end=true
        # Not in a pipe: grep ends first, and tail's complaint would count.
        while line=$(grep -a -n -m 1 -E -e "${patterns[seen]}" < <(tail -n "+$left" "$log")); do
            left=$((left + ${line%%:*}))
            awk -v from="$begun" -v to="$EPOCHREALTIME" -v line="${line#*:}" \
                'BEGIN { sub(/\r$/, "", line); printf "%6.1f s  %s\n", to - from, line }'
            seen=$((seen + 1))
            [ "$seen" -lt "${#patterns[@]}" ] || break 2
        done
        if $end || [ $((${EPOCHREALTIME%.*} - ${begun%.*})) -ge $limit ]; then
            tail -n 25 "$log" | sed 's/^/    /'
            $end && fail "the kernel or QEMU ended before the console said: ${patterns[seen]}"
            fail "$limit seconds without: ${patterns[seen]}"
        fi
        sleep 0.1
    done
    # shellcheck disable=SC2034 # the test's: seconds until the last line
    waited=$(awk -v from="$begun" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }')
    kill "$qemu" 2>/dev/null || true
    wait "$qemu" 2>/dev/null || true
    qemu=
    printf '%s: ok\n' "$name"
}
