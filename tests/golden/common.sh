# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/common.sh - what the golden tests share. Read in by each of them, which is
# called as
#
#     NAME.sh KPIPE WORKDIR [FILE...]
#
# It leaves the shell in an empty WORKDIR, with $kpipe, and the further files, by their
# absolute paths, in ${files[@]}.
set -euo pipefail

kpipe=$(realpath "$1")
files=()
for file in "${@:3}"; do
    files+=("$(realpath "$file")")
done
rm -rf "$2"
mkdir -p "$2"
cd "$2"
failures=0

ok() { # NAME COMMAND...: the command succeeds
    local name=$1
    shift
    if "$@" > log 2>&1; then
        echo "ok $name"
    else
        echo "FAIL $name: $*"
        sed 's/^/    /' log
        failures=$((failures + 1))
    fi
}

pipe() { # INPUT STAGE OUTPUT
    rm -f "$3"
    "$kpipe" pipe "$1" "$2" -o "$3"
}

finish() {
    [ "$failures" -eq 0 ] || echo "$failures failures"
    [ "$failures" -eq 0 ]
}
