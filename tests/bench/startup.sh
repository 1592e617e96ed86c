#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What starting costs: --version, the check of a board recipe, and for scale `true`.
# Usage: startup.sh KPIPE RECIPE [--set ...]
set -euo pipefail
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"

kpipe=$1
shift
echo "true:             $(best 50 /bin/true) ms"
echo "kpipe --version:  $(best 50 "$kpipe" --version) ms"
echo "kpipe plugins:    $(best 50 "$kpipe" plugins) ms"
echo "kpipe check:      $(best 50 "$kpipe" check "$@") ms ($1)"
echo "plugins that the check opened:"
strace -f -e trace=openat,open "$kpipe" check "$@" 2>&1 >/dev/null |
    grep -o '/proc/self/fd/[0-9]*' | sort | uniq -c | awk '{n++} END {print "  " n+0}' || true
