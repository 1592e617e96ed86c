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
    'other_calls|calls of another architecture'
)

# Somebody who listens, in a session that a signal must not reach either.
port=$(($$ % 20000 + 20000))
recipe=$work/pry.yml
{
    printf 'kpipe: 1\nvars: {number: 0}\ninputs: {k: kernel}\nimages:\n  good: [k, {gzip: 1}]\n'
    for attempt in "${attempts[@]}"; do
        printf '  %s: [k, {pry: {how: %s, path: %s, number: $(number)}}]\n' \
            "${attempt%%|*}" "${attempt%%|*}" "$work/home/canary"
    done
    printf 'outputs: [good'
    printf ', %s' "${attempts[@]%%|*}"
    printf ']\n'
} > "$recipe"

# Refused: on each line the plugin's own word for it, and no output but the good one. "$1": of
# which process, port or size.
pried() { # NAME NUMBER
    local before after line=6 attempt
    rm -rf out
    before=$(surroundings)
    # The shell's own number becomes kpipe's.
    watched sh -c 'exec "$0" run -k pry.yml --out out --set "number=${1:-$$}" "${@:2}"' \
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
pried 'kpipe itself' ''
pried 'its parent' 0
is port "$port" "$port"

# --- programs by way of kpipe ---
pry="stage 'pry' (plugin org.example.pry 6.66, pry.so"
says 'asks for a tool undeclared' 'pry: tool_undeclared' "$pry"
says 'asks for a path as a tool' 'pry: tool_path' "$pry"
says 'asks for sh, which it declared' 'pry: tool' "$pry"
finish
