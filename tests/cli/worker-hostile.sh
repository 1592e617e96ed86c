#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/worker-hostile.sh - what a stranger's plugin may do to kpipe, one way a case: the
# whole text that the user sees, and that nothing else happens. --table: see
# tests/plugins/hostile/common.sh.
. "$(dirname "$0")/common.sh"
. "$here/../plugins/hostile/common.sh"
# shellcheck disable=SC2016 # the hint's own
inspect='is the input what it should be? `kpipe inspect` tells'

# --- it crashes ---
dies 'writes to address 0' 'die: null_write' '+0x...): killed by SIGSEGV [KP1524]'
dies 'overflows its stack' 'die: stack' '+0x...): killed by SIGSEGV [KP1524]'
dies 'an illegal instruction' 'die: illegal' '+0x...): killed by SIGILL [KP1524]'
vague=yes dies 'jumps to nowhere' 'die: jump' '): killed by SIGSEGV [KP1524]'
dies 'abort()' 'die: abort' '+0x...): killed by SIGABRT [KP1524]'
says 'SIGKILL to itself' 'die: kill_itself' "$(of die)): killed by SIGKILL [KP1524]" \
    'did memory run short? its worker may use 256 MiB: --worker-limit memory=SIZE changes that'
hangs 'handles SIGSEGV by crashing again' 'die: handler'
hangs 'SIGSTOP to itself' 'die: stop'

# --- it exits ---
dies 'exit(3)' 'die: exit' '+0x...): ended by exit status 3: called exit [KP1525]'
dies 'exit(0), its work done' 'die: exit_well' '+0x...): ended by exit status 0: called exit [KP1525]'
dies '_exit(3)' 'die: exit_now' '): ended by exit status 3: called exit [KP1525]'
dies 'exit(3) in a thread' 'die: exit_thread' '+0x...): ended by exit status 3: called exit [KP1525]'
dies 'cancels its thread' 'die: cancel' '): ended by exit status 0: called exit [KP1525]'
hangs 'pthread_exit' 'die: pthread_exit'
hangs 'ends its thread, but no other' 'die: thread_exit'
dies 'closes all descriptors' 'die: close' '): ended by exit status 121: could not go on, or even say why [KP1525]'

# --- it hangs ---
hangs 'spins' 'die: spin'
hangs 'sleeps' 'die: sleep'
hangs 'spins, with all signals blocked, and asks whether it was cancelled' 'die: deaf'
hangs 'shows progress for ever' 'die: progress'
hangs 'has 2^64 tasks run, each for ever' 'die: parallel'
harmless 'leaves a thread that spins' 'die: stay' cmp out/bad kernel
harmless 'hangs when it is to exit' 'die: at_exit' cmp out/bad kernel

# --- it takes all it can get ---
for way in fork vfork clone clone3; do
    fails "$way without end" "breed: $way" "$way: refused [KP1501]"
done
# Of root's threads the kernel counts none, but the keeper does.
if [ "$(id -u)" = 0 ]; then
    says 'threads without end' 'breed: threads' "$(of breed)): killed by SIGKILL [KP1524]" \
        'it had more threads than it may have: --worker-limit threads=N raises the limit'
else
    fails 'threads without end' 'breed: threads' 'threads without end: refused [KP1501]'
fi
for way in malloc mmap memfd pipes descriptors; do
    fails "$way without end" "breed: $way" "$way without end: refused [KP1501]"
done
starves 'reserves 16 MiB without end' 'breed: reserve'
starves 'reserves 64 KiB without end' 'breed: reserve_small'
fails 'reserves 2^62 bytes' 'breed: reserve_huge' 'its output would exceed 17179869184 bytes [KP1504]' \
    "$inspect"
fails 'fills 2^62 bytes' 'breed: fill_huge' 'its output would exceed 17179869184 bytes [KP1504]' \
    "$inspect"
starves 'appends without end' 'breed: append'
starves 'pieces without end, without bytes' 'breed: pieces'
fault 'scratch memory without end' 'breed: alloc' 'asks for more scratch memory than it declared'
breaks 'messages without end' 'breed: messages' 'it tells more than a call can have to say'
contained 'errors without end' 'breed: failures' < <(
    finding 'breed: failures' "stage 'breed': this fails without end [KP1501]"
    finding 'breed: failures' "stage 'breed': plugin org.example.breed 6.66 ($work/plugins/breed.so): \
fault of the plugin: its worker broke the protocol: it goes on after thousands of errors [KP1502]" \
        '' "$vendor"
)
fault 'traits without end' 'breed: traits' \
    "sets the trait 'com.example.t0', which it did not declare"

# --- it writes where it may not ---
past='wrote past the end of what it had reserved'
fault 'writes one byte behind 1000' 'scribble: byte' "$past"
fault 'writes one byte behind a page' 'scribble: byte_of_a_page' "$past"
fault 'writes one byte behind 4 MiB' 'scribble: byte_of_much' "$past"
fault 'writes a page behind 1000 bytes' 'scribble: page' "$past"
fault 'writes a page behind 4 MiB' 'scribble: page_of_much' "$past"
dies 'writes a MiB behind 1000 bytes' 'scribble: mib' '+0x...): killed by SIGSEGV [KP1524]'
dies 'writes a MiB behind 4 MiB' 'scribble: mib_of_much' '+0x...): killed by SIGSEGV [KP1524]'
dies 'writes before what it reserved' 'scribble: before' '+0x...): killed by SIGSEGV [KP1524]'
fault 'writes what it gave back' 'scribble: given_back' "$past"
dies 'writes to its input' 'scribble: input' '+0x...): killed by SIGSEGV [KP1524]'
harmless 'makes its input writable, and writes' 'scribble: input_protect' cmp out/bad kernel
dies "writes to the host's functions" 'scribble: host' '+0x...): killed by SIGSEGV [KP1524]'
harmless 'writes to its call' 'scribble: call' test ! -s out/bad
vague=yes dies 'writes behind its call' 'scribble: behind_call' '): killed by SIGSEGV [KP1524]'
dies 'writes to an image' 'scribble: image' '+0x...): killed by SIGSEGV [KP1524]'
harmless 'writes behind the end of its own heap' 'scribble: heap' cmp out/bad kernel
hangs 'asks from many threads' 'scribble: threads'
size_is() { [ "$(stat -c %s out/bad)" = "$1" ]; }
harmless 'writes to its output for ever' 'scribble: later' size_is 1000
harmless 'writes to its large output for ever' 'scribble: much_later' size_is 4194304
fault 'maps its output twice, and writes for ever' 'scribble: second_view' \
    'keeps writing to its output'
# Some of it may come before the worker has told what the call made.
harmless 'goes on appending after its return' 'scribble: call_later' cmp -n 20000 out/bad kernel

# --- it claims to be another ---
mkdir claims
cp "$hostile_build"/claim-*.so claims
chmod -R go-w claims
for way in id stage; do
    case $way in id) word="id 'org.kpipe.gzip'" ;; *) word="stage 'gzip'" ;; esac
    rm -rf out
    recipe 'gzip: 2'
    before=$(surroundings)
    KPIPE_PLUGIN_PATH=$work/claims watched "$kpipe" run recipe.yml --out out \
        --plugin-path "$work/claims"
    is "claims the $way of gzip: code" 0 "$status"
    is "claims the $way of gzip: it is not asked" yes "$(gzip -dc out/bad | cmp - kernel && echo yes)"
    is "claims the $way of gzip: left" '' "$(remains "$before")"
    "$kpipe" plugins --plugin-path "$work/claims" | grep "^rejected: .*claim-$way" > got
    sees="rejected: $work/claims/claim-$way.so: $word of $work/claims/claim-$way.so: is that of the \
bundled plugin $(realpath "$(dirname "$kpipe")/plugins/gzip.so"), which nothing may shadow"
    is "claims the $way of gzip: listed" "$sees" "$(cat got)"
    [ "$table" = no ] || row "claims the $way of a bundled plugin" "$sees" ''
done

# --- it keeps what it had ---
# 32 MiB and a page in each call: the fourth is the last of a worker that may use 128 MiB.
{
    printf 'kpipe: 1\ninputs: {k: kernel}\nimages:\n'
    for i in {1..12}; do
        printf '  i%d: [k, {slice: %d}, {breed: hoard}, {slice: {length: 1}}]\n' "$i" "$i"
    done
    printf 'outputs: [i1'
    printf ', i%d' {2..12}
    printf ']\n'
} > hoard.yml
"$kpipe" run hoard.yml -j1 -q --out hoard --plugin-path "$work/plugins" --worker-limit memory=128M
is 'keeps the memory of its calls' '1 2 3 4 1 2 3 4 1 2 3 4' \
    "$(for i in {1..12}; do od -An -tu1 "hoard/i$i"; done | xargs)"

# --- it is stopped ---
# Both while it hangs: Ctrl-C, and the end of kpipe itself.
recipe 'die: deaf'
rm -rf out
for signal in INT:130 TERM:143 KILL:137; do
    begun=$EPOCHREALTIME code=0
    env --default-signal=INT "$hostile_build/watch" left "$kpipe" run -k -j2 recipe.yml --out out \
        --plugin-path "$work/plugins" --worker-limit seconds=30 > stdout 2> stderr &
    watch=$!
    for _ in $(seq 400); do # until it hangs
        run=$(pgrep -P "$watch" -x kpipe || true)
        [ -z "$run" ] || [ ! -e out/after ] || ! pgrep -P "$run" > /dev/null || break
        sleep 0.05
    done
    kill -s "${signal%:*}" "$run"
    wait "$watch" || code=$?
    seconds=$(awk -v from="$begun" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.2f", to - from }')
    is "SIG${signal%:*}: code" "${signal#*:}" "$code"
    is "SIG${signal%:*}: said" '' "$(cat stderr)"
    is "SIG${signal%:*}: processes" '' "$(cat left)"
    is "SIG${signal%:*}: files" '' "$(ls -A tmp; find . -name '.kpipe*')"
    is "SIG${signal%:*}: no output of it" no "$([ -e out/bad ] && echo yes || echo no)"
    [ "$table" = no ] || row "hangs, and kpipe gets SIG${signal%:*}" "exit $code" "$(cat left)"
    rm -rf out
done
finish
