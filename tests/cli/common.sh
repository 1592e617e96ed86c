# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/common.sh - what the tests of the command share. Read in by each of them:
#
#     NAME.sh KPIPE WORKDIR
#
# Each case runs a command and compares its exit code and all that it writes.
set -uo pipefail

kpipe=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
work=$2
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd)
cd "$work" || exit 1
export LC_ALL=C TZ=UTC
# Nothing of whoever runs the tests may change what is written.
unset SOURCE_DATE_EPOCH KPIPE_PLUGIN_PATH NO_COLOR MAKEFLAGS
export XDG_DATA_HOME=$work/data XDG_CONFIG_HOME=$work/config
failures=0

# With KPIPE_ISOLATION=process all plugins run in workers, and all is to be as it is without; what
# differs for a reason is marked where it is tested.
isolated() {
    [ "${KPIPE_ISOLATION-}" = process ]
}

# What -v says of stages, without the note of what the machine cannot enforce for workers.
of_stages() {
    grep -v 'note: workers are not shut in as they should be: ' "$@"
}

pass() { # NAME
    echo "ok $1"
}

fail() { # NAME TEXT
    echo "FAIL $1: $2"
    failures=$((failures + 1))
}

# expect NAME CODE COMMAND... <<< expected: what stands on standard output, then, behind a
# line "--", on standard error. `kpipe` as the command is the one that is tested.
expect() {
    local name=$1 code=$2 status=0
    shift 2
    cat > expected
    if [ "$1" = kpipe ]; then
        shift
        set -- "$kpipe" "$@"
    fi
    "$@" > stdout 2> stderr < /dev/null || status=$?
    {
        cat stdout
        if [ -s stderr ]; then
            echo --
            cat stderr
        fi
    } > got
    if [ "$status" != "$code" ]; then
        fail "$name" "exit code $status instead of $code"
        sed 's/^/    /' got
    elif ! diff -u expected got > difference; then
        fail "$name" "other text"
        sed 's/^/    /' difference
    else
        pass "$name"
    fi
}

# is NAME EXPECTED GOT
is() {
    if [ "$2" = "$3" ]; then
        pass "$1"
    else
        fail "$1" "'$3' instead of '$2'"
    fi
}

finish() {
    [ "$failures" = 0 ] || echo "$failures failed"
    exit $((failures > 0))
}
