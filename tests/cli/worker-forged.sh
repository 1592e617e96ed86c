#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/worker-forged.sh - a plugin that speaks to kpipe in its worker's name: whatever is no
# message, or no true one, ends the worker, and is a finding. --table: see
# tests/plugins/hostile/common.sh.
. "$(dirname "$0")/common.sh"
. "$here/../plugins/hostile/common.sh"
# shellcheck disable=SC2016 # the hint's own
inspect='is the input what it should be? `kpipe inspect` tells'

unreadable='a message that cannot be read'
outside='a part of an image that lies outside of it'
none='a message that there is not'

# --- its last word: what the outputs are ---
breaks 'DONE with memory of nobody' 'forge: done_grant' 'memory that was not granted to it'
fault 'DONE with bytes behind its memory' 'forge: done_behind_grant' 'keeps writing to its output'
breaks 'DONE with bytes behind its input' 'forge: done_image' "$outside"
breaks "DONE with another's image" 'forge: done_no_image' 'an image that was not given to it'
fails 'DONE with 2^62 bytes of a fill' 'forge: done_fill' \
    'its output would exceed 17179869184 bytes [KP1504]' \
    "$inspect"
breaks 'DONE with a piece of no kind' 'forge: done_kind' "$unreadable"
breaks 'DONE with more bytes than it has' 'forge: done_own' "$unreadable"
breaks "DONE with another's output" 'forge: done_output' 'an output that was not given to it'
breaks 'DONE with 2^32 outputs' 'forge: done_counts' "$unreadable"
breaks 'DONE with 3000000 pieces' 'forge: done_pieces' 'more pieces of outputs than a call can have'
breaks 'DONE, and more behind it' 'forge: done_longer' "$unreadable"
fault 'DONE with another result' 'forge: done_seven' \
    'returned a number that is neither success nor failure'
fault 'DONE, failed without a word' 'forge: done_failed' 'failed without saying why'
harmless 'DONE with its output twice' 'forge: done_twice_output' test ! -s out/bad
# What is said after it is noticed, unless that comes too late to matter.
early() { # DOES WAY BYTES
    local before
    rm -rf out
    recipe "forge: $2"
    before=$(surroundings)
    watched "$kpipe" run -k recipe.yml --out out --plugin-path "$work/plugins" "${limits[@]}"
    [ "$table" = no ] || row "$1" "$(sed -n 's/^recipe.yml:5:[0-9]*: error: //p; /^out.bad: /p' got)" \
        "$(remains "$before")"
    case $status:$(sed -n 's/^recipe.yml:5:[0-9]*: error: //p' got) in
    "1:stage 'forge': plugin org.example.forge 6.66 ($work/plugins/forge.so): fault of the plugin: \
its worker broke the protocol: it goes on after it has returned [KP1502]")
        is "$1: no output" no "$([ -e out/bad ] && echo yes || echo no)"
        ;;
    0:) is "$1: its output" "$3" "$(stat -c %s out/bad)" ;;
    *) fail "$1" "$(cat got)" ;;
    esac
    is "$1: left behind" '' "$(remains "$before")"
    is "$1: the other image" yes "$(gzip -dc < out/before | cmp - kernel && echo yes)"
}
early 'DONE before the worker says it' done_early 0
early 'DONE, 200 times' done_often 7

# --- messages that are none ---
breaks 'a message of no type' 'forge: type' "$none"
breaks "one of kpipe's" 'forge: type_of_kpipe' "$none"
breaks 'its descriptor a second time' 'forge: described' "$none"
breaks 'a packet of 3 bytes' 'forge: short' 'a packet without a head'
breaks 'a packet of no bytes, then silence' 'forge: empty' 'it hung up'
breaks 'a packet too long' 'forge: long_packet' 'a packet that is too long'
breaks 'a message of 4 GiB' 'forge: size' 'a message of an impossible size'
breaks 'random bytes' 'forge: random' 'a message of an impossible size'
fails 'a descriptor' 'forge: descriptor' 'send a descriptor: refused [KP1501]'
breaks 'text without its end' 'lie: unterminated' "$unreadable"
breaks 'closes the socket, and spins' 'forge: shutdown' 'it hung up'
breaks 'a packet that holds less than it could' 'forge: half' 'a message of an impossible size'
hangs 'half a message, then silence' 'forge: half_a_message'

# --- without end ---
contained 'an endless stream of warnings' 'forge: say' < <(
    printf "recipe.yml:5:13: warning: stage 'forge': an endless stream [KP1501]\n"
    sed -n '2,3p' <(finding 'forge: say' '')
    finding 'forge: say' "stage 'forge': plugin org.example.forge 6.66 ($work/plugins/forge.so): fault \
of the plugin: its worker broke the protocol: it tells more than a call can have to say [KP1502]" \
        '' "$vendor"
)
breaks 'a warning of 60 MiB' 'forge: say_much' 'a report that is longer than anybody reads'
hangs 'asks without end, and hears no answer' 'forge: ask'
breaks 'talks from a second thread' 'forge: chatter' "$unreadable"

# --- requests that lie ---
breaks "sets a trait of another's output" 'lie: set_output' 'an output that was not given to it'
breaks 'runs a stage of nobody' 'lie: run_stage' 'a stage that was not given to it'
breaks 'runs a stage of nobody on no images' 'lie: run_stages' 'a stage that was not given to it'
breaks 'decodes bytes behind its input' 'lie: decode' "$outside"
breaks 'opens ../../etc/passwd in a tree of nobody' 'lie: tree' 'a tree that was not given to it'
breaks 'describes a key of nobody' 'lie: key_facts' 'a key that was not given to it'
breaks 'signs with a key of nobody' 'lie: key_sign' 'a key that was not given to it'
fault 'encrypts with no key' 'lie: key_none' 'uses a key that its parameters do not name'
fault 'runs sh' 'lie: tool' 'runs a tool that it did not declare'
starves 'asks for 2^60 bytes' 'lie: grant_huge'
fault 'gives a fact, and is no source' 'lie: source' 'gives items of a source, and is none'
hangs 'borrows 2^64 threads, and gives none back' 'lie: parallel'
breaks 'an error at no parameter' 'lie: fail_field' 'an error without a text, or at no parameter'
breaks 'a fact of no type' 'lie: field_flags' 'a fact of no known type'
fails "an error with the terminal's own words" 'lie: fail_escape' \
    '\x1b[2J\x1b]0;owned\x07 fine.yml:1:1: error: \x0a\xff\xc3( all is well [KP1501]' '\x1b[31m'

# Asking for memory without end takes from nobody either, whichever limit is reached first.
recipe 'forge: grants'
before=$(surroundings)
watched "$kpipe" run -k recipe.yml --out out --plugin-path "$work/plugins" "${limits[@]}" \
    --worker-limit seconds=2
is 'memory without end: code' 1 "$status"
is 'memory without end: text' "$(of forge)): ran out of memory: its worker may use 256 MiB [KP1527]" \
    "$(sed -n 's/^recipe.yml:5:13: error: //p' got | head -1)"
is 'memory without end: left behind' '' "$(remains "$before")"
[ "$table" = no ] || row 'asks for memory without end' \
    "$(sed -n 's/^recipe.yml:5:13: error: //p' got)" "$(remains "$before")"

# Nor does having the same file opened without end: each copy counts, and each mapping.
mkdir folder
cat > opens.yml << 'END'
kpipe: 1
inputs: {k: kernel, t: {tree: folder}}
images: {bad: [k, {forge: {how: opens, tree: t}}]}
outputs: [bad]
END
for size in 60000 100000; do
    head -c "$size" /dev/zero > folder/file
    watched "$kpipe" run opens.yml --out out --plugin-path "$work/plugins" \
        --worker-limit memory=300M --worker-limit seconds=30
    is "opens a file of $size bytes without end: text" \
        "$(of forge)): ran out of memory: its worker may use 300 MiB [KP1527]" \
        "$(sed -n 's/^opens.yml:3:20: error: //p' got | head -1)"
    is "opens a file of $size bytes without end: left behind" '' "$left"
done

finish
