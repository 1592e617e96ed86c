# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/common.sh - what the tests of the farm's kernels (tests/real/farm) share. Sourced, with
# bash, by each of them, which is called as
#
#     NAME.sh KPIPE WORK KERNEL...
#
# A KERNEL is SERIES/NAME/CODEC. It leaves the shell in an empty WORK, with $kpipe, $project and
# ${kernels[@]}. A test says what it found by verdict, for each kernel by each_kernel, and ends
# with finish: "ok" (0) or "FAIL" (1). A series that the farm passed over is passed over.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
name=$(basename "$0" .sh)
[ $# -ge 3 ] || {
    echo "usage: $0 KPIPE WORK KERNEL..." >&2
    exit 2
}
# shellcheck disable=SC2034 # for the tests
kpipe=$(realpath "$1")
kernels=("${@:3}")
rm -rf "$2"
mkdir -p "$2"
cd "$2"
checked=0
failed=0

# verdict TEXT COMMAND...: what the command writes is shown if it fails.
verdict() {
    local text=$1
    shift
    checked=$((checked + 1))
    if "$@" >log 2>&1; then
        printf '%s: %s: %s\n' "$name" "$text" "${agreed:-ok}" # `agreed` is the test's word for it
    else
        printf '%s: %s: FAIL\n' "$name" "$text"
        sed 's/^/    /' log
        failed=$((failed + 1))
    fi
}

# each_kernel COMMAND...: for each, as $kernel, with its folder in $folder.
each_kernel() {
    local status
    for kernel in "${kernels[@]}"; do
        status=0
        # shellcheck disable=SC2034 # the test's
        folder=$("$project/tests/real/farm" --find "$kernel" 2>errors) || status=$?
        if [ $status != 0 ]; then
            cat errors
            [ $status = 3 ] || failed=$((failed + 1))
            continue
        fi
        "$@"
    done
}

finish() {
    if [ $failed != 0 ]; then
        printf '%s: FAIL: %d of %d\n' "$name" $failed $checked
        exit 1
    fi
    printf '%s: ok: %d\n' "$name" $checked
}
