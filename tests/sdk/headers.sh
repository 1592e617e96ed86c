#!/usr/bin/env bash
# Each SDK header compiles by itself, as C99 and as C++11, without warnings.
# Usage: headers.sh SOURCE_FOLDER BUILD_FOLDER
set -euo pipefail

flags=(-Wall -Wextra -Wconversion -Wshadow -Wvla -pedantic -Werror -fsyntax-only
    -I"$1/sdk/include" -I"$2/sdk/include")
failed=0
try() { # NAME COMMAND...
    local name=$1
    shift
    if "$@" "${flags[@]}" - <<<"#include <$name>"$'\n''typedef int kp_not_empty;'; then
        echo "ok $1 $name"
    else
        echo "FAIL $1 $name"
        failed=1
    fi
}
for header in "$1"/sdk/include/kpipe/*.h; do
    name=kpipe/$(basename "$header")
    try "$name" gcc -std=c99 -x c
    try "$name" g++ -std=c++11 -x c++
    try "$name" clang -std=c99 -x c
done
exit $failed
