#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/signals.sh - Ctrl-C and its like while a stage runs: nothing is left behind,
# and the exit code tells the signal.
. "$(dirname "$0")/common.sh"

head -c 4000000 /dev/urandom > small
for _ in $(seq 25); do cat small; done > large
cat > slow.yml <<'END'
kpipe: 1
inputs: {small: small, large: large}
images:
  a: [small, {gzip: {level: 1}}]
  b: [large, {gzip: {encoder: zlib, level: 9}}]
outputs: [a, b]
END

# interrupt SIGNAL CODE
interrupt() {
    local code=0 run
    # A shell ignores SIGINT for what it starts in the background.
    env --default-signal="$1" "$kpipe" run slow.yml --out out -j2 > stdout 2> stderr &
    run=$!
    for _ in $(seq 100); do # until the first output is there
        [ ! -e out/a ] || break
        sleep 0.05
    done
    kill -s "$1" "$run"
    wait "$run" 2> /dev/null || code=$?
    is "$1: code" "$2" "$code"
    is "$1: nothing is left of the other output" a "$(ls -A out)"
    is "$1: nothing is said of it" "out/a: $(stat -c %s out/a) bytes" "$(cat stdout stderr)"
    rm -r out
}

interrupt INT 130
interrupt TERM 143
interrupt HUP 129

# One that is ignored stays so.
(
    trap '' HUP
    "$kpipe" run slow.yml --out kept -qj2 &
    run=$!
    sleep 0.3
    kill -s HUP "$run"
    wait "$run"
    echo "$?" > code
)
is 'ignored: code' 0 "$(cat code)"
is 'ignored: outputs' 'a b' "$(ls -A kept | xargs)"

# A named pipe that nobody reads does not keep it from stopping, and works once one does.
mkfifo pipe
"$kpipe" pipe small gzip -o pipe 2> /dev/null &
sleep 0.3
kill -TERM $!
code=0
wait $! || code=$?
is 'pipe without a reader: code' 143 "$code"
"$kpipe" pipe small gzip -q -o pipe &
gzip -dc < pipe | cmp - small
is 'pipe with a reader' 0 "$?"
wait

# Of descriptors it takes as many as it may have.
(
    ulimit -Sn 64 2> /dev/null
    exec "$kpipe" pipe small gzip -q -o pipe
) &
for _ in {1..100}; do
    read -r soft hard <<< "$(awk '/^Max open files/ { print $4, $5 }' "/proc/$!/limits")"
    if [ "$soft" = "$hard" ]; then break; fi
    sleep 0.1
done
gzip -dc < pipe | cmp - small
is 'limit of descriptors' "$hard" "$soft"
wait

# A limit on the size of files is an error too.
code=0
(
    ulimit -f 100
    exec "$kpipe" pipe small gzip:1 -o limited
) > stdout 2> stderr || code=$?
is 'file size limit: code' 1 "$code"
is 'file size limit: nothing is left' '' "$(find . -name limited -o -name '.kpipe*')"
if isolated; then # memory that two processes share is a file to the kernel
    is 'file size limit: said' "argument 2:1:1: error: stage 'gzip' (plugin org.kpipe.gzip 0.1.0, \
gzip.so): kpipe cannot go on with its worker: File too large [KP1529]" "$(head -1 stderr)"
else
    is 'file size limit: said' 'kpipe: error: limited: File too large [KP1403]' "$(cat stderr)"
fi
finish
