# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/make-fit.sh - the kernel's own scripts/make_fit.py, from the farm's sources, with a clock that
# stands at SOURCE_DATE_EPOCH. Sourced, for $project, by the tests that compare with it.
# shellcheck disable=SC2154 # $project

make_fit_of() { # SERIES: the script
    printf '%s/source/%s/linux/scripts/make_fit.py\n' "$("$project/tests/real/farm" --where)" "$1"
}

# Debian's python has libfdt, others may not.
has_make_fit() { # SERIES
    [ -e "$(make_fit_of "$1")" ] && /usr/bin/python3 -c 'import libfdt' 2>/dev/null
}

make_fit() { # SERIES KERNEL OUTPUT NAME ARGUMENT...
    /usr/bin/python3 - "$(make_fit_of "$1")" -A arm64 -O linux -k "$2" -o "$3" -n "$4" "${@:5}" <<'END'
import os, runpy, sys, time
time.time = lambda: int(os.environ["SOURCE_DATE_EPOCH"])
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
END
}
