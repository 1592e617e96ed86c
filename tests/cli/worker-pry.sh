#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/worker-pry.sh - a stranger's plugin that reaches for files, programs, the network,
# other processes and corners of the kernel: refused, each of them, and nothing changed.
# --table: see tests/plugins/hostile/common.sh.
. "$(dirname "$0")/common.sh"
. "$here/../plugins/hostile/common.sh"

# All attempts are images of one recipe, in the order in which they are reported.
attempts=(
    'passwd|open /etc/passwd'
    'read|open the file'
    'write|write to the file'
    'create|create files'
    'change|change the file'
    'remove|remove the file'
    'list|list folders'
    'self|read /proc/self'
    'environment|read the environment'
    'folder|the current folder'
    'find|find a file among its descriptors'
    'truncate|cut a file'
    'mode|change a file'\''s mode'
    'overwrite|write to a file'
    'map|map a file for writing'
    'terminal|the terminal'
    'exec|execve'
    'spawn|posix_spawn'
    'system|system'
    'popen|popen'
    'exec_memory|a program in memory'
    'connect|connect'
    'datagram|a datagram'
    'sockets|sockets'
    'local|a local socket'
    'listen|listen'
    'signal|signals'
    'signal_keeper|a signal to its keeper'
    'signal_group|a signal to its group'
    'signal_all|a signal to everybody'
    'ptrace|ptrace'
    'memory_of|memory of another process'
    'pidfd|pidfd_open'
    'limits|raise its limits'
    'priority|its priority'
    'user|another user'
    'session|a session of its own'
    'io_uring|io_uring'
    'userfaultfd|userfaultfd'
    'bpf|bpf'
    'perf|perf_event_open'
    'unshare|unshare'
    'mount|mount'
    'keys|keys of the kernel'
    'handle|open_by_handle_at'
    'privileges|new privileges'
    'personality|personality'
    'shared_memory|memory of System V'
    'clock|set the clock'
)

# Somebody who listens, in a session that a signal must not reach either.
port=$(($$ % 20000 + 20000))
recipe=$work/pry.yml
{
    printf 'kpipe: 1\nvars: {number: 0}\ninputs: {k: kernel}\nimages:\n  good: [k, {gzip: 1}]\n'
    for attempt in "${attempts[@]}"; do
        # shellcheck disable=SC2016 # the recipe's own
        printf '  %s: [k, {pry: {how: %s, path: %s, number: $(number)}}]\n' \
            "${attempt%%|*}" "${attempt%%|*}" "$work/home/canary"
    done
    printf 'outputs: [good'
    printf ', %s' "${attempts[@]%%|*}"
    printf ']\n'
} > "$recipe"

# Refused: on each line the plugin's own word for it, and no output but the good one. NUMBER is
# of a process or a port, or empty for kpipe's own process.
pried() { # NAME NUMBER
    local before after line=6 attempt
    rm -rf out
    before=$(surroundings)
    # shellcheck disable=SC2016 # the inner shell's number becomes kpipe's
    watched bash -c 'exec "$0" run -k pry.yml --out out --set "number=${1:-$$}" "${@:2}"' \
        "$kpipe" "$2" --plugin-path "$work/plugins" "${limits[@]}"
    after=$(remains "$before")
    if [ "$table" = yes ]; then
        sed -n "s/^pry.yml:[0-9]*:[0-9]*: error: stage 'pry': \(.*\): \(.*\) \[KP1501\]/| \1 | \2 | | ${after:-nothing} |/p" got
        return
    fi
    is "$1: code" 1 "$status"
    for attempt in "${attempts[@]}"; do
        is "$1: ${attempt%%|*}" \
            "error: stage 'pry': ${attempt#*|}: refused [KP1501]" \
            "$(sed -n "s/^pry.yml:$line:[0-9]*: //p" got)"
        line=$((line + 1))
    done
    is "$1: nothing else is said" ${#attempts[@]} "$(grep -c -E '(error|warning|note): ' got)"
    is "$1: left behind" '' "$after"
    is "$1: outputs" good "$(ls -A out)"
    is "$1: the good one" yes "$(gzip -dc out/good | cmp - kernel && echo yes)"
}
pried "kpipe's own process" ''
pried 'the process of this test' $$

# A listener on a port of this machine hears nothing.
coproc LISTENER { exec python3 -u -c 'import socket
s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True)
s.settimeout(60); s.accept(); print("somebody")'; }
exec 7<&"${LISTENER[0]}"
read -r port <&7
# shellcheck disable=SC2154 # LISTENER_PID is the shell's
listener=$LISTENER_PID
fails 'connects to a port of this machine' "pry: {how: connect, number: $port}" \
    'connect: refused [KP1501]'
kill "$listener"
is 'nobody connected' '' "$(cat <&7)"

# --- programs by way of kpipe ---
for way in tool_undeclared tool_path tool; do
    fault "asks kpipe to run sh: $way" "pry: $way" 'runs a tool that it did not declare'
done
cp "$hostile_build/../tooler.so" plugins
chmod go-w plugins/*
rm -rf out
expect 'a tool that it declared, and nobody granted' 1 kpipe pipe kernel tooler:copy -o x \
    --plugin-path "$work/plugins" <<'END'
--
argument 2:1:1: error: stage 'tooler': tool 'hostile': plugin org.example.tooler is not bundled, and nobody grants it the tool [KP1511]
    1 | tooler:copy
      | ^~~~~~
  hint: if you trust the plugin, put `tools: [hostile]` into the recipe, or say --tool hostile
END
[ "$table" = no ] || seconds=0.01 row 'a tool that it declared, and nobody granted' \
    "$(sed -n '1s/^[^ ]* error: //p' stderr)" ''

# System calls that a filter may have forgotten end the process.
if [ "$(uname -m)" = x86_64 ]; then
    dies 'system calls of another architecture' 'pry: other_calls' \
        '): killed by SIGSYS: a system call that plugins may not make [KP1524]'
fi
finish
