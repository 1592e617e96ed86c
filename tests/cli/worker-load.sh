#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/worker-load.sh - a stranger's plugin that misbehaves while it is opened, or whose
# tables lie, in each command that opens plugins. --table: see
# tests/plugins/hostile/common.sh.
. "$(dirname "$0")/common.sh"
. "$here/../plugins/hostile/common.sh"

# Never becomes a stage, which is known before anything runs.
refused() { # DOES WAY WHY
    others=none fails "$1" "load-$2: " \
        "its plugin $work/plugins/load-$2.so cannot be used: $3 [KP1601]"
}
# Becomes one, having managed nothing.
loads() { # DOES WAY
    fails "$1" "load-$2: " 'loaded, and managed: nothing [KP1501]'
}

limits=(--worker-limit seconds=2 --worker-limit memory=256M)
early='its constructor or entry:'
lies='its descriptor is malformed:'

# --- its constructor ---
refused 'crashes in its constructor' crash-early "$early killed by SIGSEGV"
refused 'abort() in its constructor' abort-early "$early killed by SIGABRT"
refused 'exit(0) in its constructor' exit-early "$early ended by exit status 0: called exit"
refused 'hangs in its constructor' hang-early "$early did not return within 2 s"
refused 'memory without end in its constructor' memory "$early killed by SIGABRT"
refused 'closes all descriptors' closes "$early ended by exit status 0: called exit"
refused 'speaks before its worker' speaks \
    'its worker broke the protocol: a descriptor that cannot be read'
refused 'speaks without end' floods \
    'its worker broke the protocol: a packet that does not belong to its message'
loads 'prints and clears the screen' print
loads 'opens files and the terminal' files
loads 'connects' connects
loads 'forks' forks
loads 'runs programs' programs
loads 'kills its parent, ignores all signals' signals
loads 'raises its limits' limits
loads 'starts threads that spin' threads

# --- its entry, and what that returns ---
refused 'crashes in its entry' crash "$early killed by SIGSEGV at load-crash.so+0x..."
refused 'hangs in its entry' hang "$early did not return within 2 s"
refused 'exit(0) in its entry' exit-late "$early ended by exit status 0: called exit"
refused 'returns NULL' null 'its entry returned NULL: it does not work with kpipe 0.1.0, API level 0'
refused 'returns an address of nothing' garbage \
    "$early killed by SIGSEGV at load-garbage.so+0x..."
refused 'is another than it said' other "its note and its descriptor differ: id: \
'org.example.load-other' in the note, 'org.example.somebody-else' in the descriptor"
refused 'a struct of 2^64 bytes' size \
    "$lies size: 18446744073709551615: the struct has at least 112 bytes"
refused 'a struct of 4 bytes' small "$lies size: 4: the struct has at least 112 bytes"
refused 'a table that is nowhere' bad-pointers "$early killed by SIGSEGV"
refused 'a text without an end' unterminated "$lies name: a text of 4096 bytes or more"
refused 'a table without an end' endless "$lies formats: more than 256 rows, or no NULL at its end"
refused 'a table of a million rows' huge "$lies formats: more than 256 rows, or no NULL at its end"
refused 'a text of 100 MiB' huge-text "$lies summary: a text of 4096 bytes or more"
refused 'a record inside itself' deep "$lies format 1: stage 'load-deep': row: row: row: row: row: \
row: row: row: row: fields: records nested deeper than 8"
refused 'a version with control characters' escape \
    "$lies version: holds control characters, or is no UTF-8"
[ "$table" = no ] || finish

# --- the other commands that open it ---
printf 'kpipe: 1\ninputs: {k: kernel}\nimages: {bad: [k, load-WAY]}\noutputs: [bad]\n' > template.yml
for way in crash-early hang-early exit-early print signals hang endless; do
    sed "s/WAY/$way/" template.yml > check.yml
    case $way in
    crash-early) why="$early killed by SIGSEGV" ;;
    exit-early) why="$early ended by exit status 0: called exit" ;;
    hang*) why="$early did not return within 2 s" ;;
    endless) why="$lies formats: more than 256 rows, or no NULL at its end" ;;
    *) why= ;;
    esac
    before=$(surroundings)
    watched "$kpipe" check check.yml --plugin-path "$work/plugins" "${limits[@]}"
    if [ -n "$why" ]; then
        is "check, $way: code" 1 "$status"
        is "check, $way" "check.yml:3:19: error: stage 'load-$way': its plugin \
$work/plugins/load-$way.so cannot be used: $why [KP1601]" "$(sed -n 2p got)"
    else
        is "check, $way: code" 0 "$status"
        is "check, $way" 'check.yml: ok, 1 stages, 1 outputs' "$(head -1 got)"
    fi
    is "check, $way: left behind" '' "$(remains "$before")"

    watched "$kpipe" plugins "load-$way" --plugin-path "$work/plugins" "${limits[@]}"
    is "plugins, $way: left behind" '' "$(remains "$before")"
    is "plugins, $way: why" "${why:+kpipe: error: plugin: $work/plugins/load-$way.so: $why [KP1716]}" \
        "$(sed -n '/^--/,$p' got | tail -n +2)"
    watched "$kpipe" inspect kernel --plugin-path "$work/plugins" "${limits[@]}"
    is "inspect, $way: code" 0 "$status"
    is "inspect, $way: left behind" '' "$(remains "$before")"
done
finish
