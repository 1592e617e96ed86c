#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/terminal.sh - what is different on a terminal: colour, the live line, and that
# images are not written to it. script(1) makes the terminal.
. "$(dirname "$0")/common.sh"

command -v script > /dev/null || exit 77
# on_terminal COMMAND: what a terminal of 40 columns gets
on_terminal() {
    script -qec "stty cols 40 2> /dev/null; $1" /dev/null < /dev/null | tr -d '\r'
}
export TERM=xterm
escape=$(printf '\033')
reset="${escape}[0m"
error="${escape}[1mkpipe:$reset ${escape}[1;31merror:$reset no command given ${escape}[2m[KP1709]$reset
  ${escape}[36mhint:$reset 'kpipe help' lists the commands"
plain="kpipe: error: no command given [KP1709]
  hint: 'kpipe help' lists the commands"
is colour "$error" "$(on_terminal "'$kpipe'")"
is NO_COLOR "$plain" "$(NO_COLOR=1 on_terminal "'$kpipe'")"
is 'NO_COLOR, empty' "$error" "$(NO_COLOR="" on_terminal "'$kpipe'")"
is dumb "$plain" "$(TERM=dumb on_terminal "'$kpipe'")"
is 'no TERM' "$plain" "$(on_terminal "env -u TERM '$kpipe'")"

printf 'hello\n' > input
is 'no image' "kpipe: error: standard output: a terminal: an image is not text [KP1712]
  hint: name a file, or use a pipe: ... | cat" \
    "$(NO_COLOR=1 on_terminal "'$kpipe' pipe input gzip -o -")"
is 'but through a pipe' hello "$(on_terminal "'$kpipe' pipe input -o - | cat")"

# The live line: drawn while stages run, never wider than the terminal, erased in the end.
head -c 30000000 /dev/urandom > large
cat > slow.yml <<'END'
kpipe: 1
inputs: {data: large}
images:
  first: [data, {gzip: {level: 9, encoder: zlib}}]
  second: [data, {gzip: {level: 8, encoder: zlib}}]
outputs: [first, second]
END
script -qec "stty cols 40; '$kpipe' run slow.yml --out out -j2" /dev/null < /dev/null |
    tr '\r' '\n' > got
is 'live: drawn' yes "$(grep -q "^$escape\[K\[[01]/2\] gzip " got && echo yes)"
is 'live: width' '' "$(sed "s/^$escape\[K//" got | grep -E '^\[./2\].{35}')"
# Whatever stands behind the last erasing is text that stays.
is 'live: erased' '' "$(sed -n "s/^$escape\[K//p" got | tail -1 | grep '^\[')"
is 'live: outputs' "out/first: out/second:" "$(grep -o 'out/[a-z]*:' got | sort | xargs)"
is 'live: not when quiet' '' "$(on_terminal "'$kpipe' run slow.yml --out out -q")"
is 'live: not in a file' '' "$("$kpipe" run slow.yml --out out 2>&1 > /dev/null)"
finish
