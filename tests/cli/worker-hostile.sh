#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/worker-hostile.sh - what a stranger's plugin may do to kpipe, one way a case: the
# whole text that the user sees, and that nothing else happens. --table: see
# tests/plugins/hostile/common.sh.
. "$(dirname "$0")/common.sh"
. "$here/../plugins/hostile/common.sh"

vendor='tell its vendor; nothing was written'
longer='if the work is just long, give it more time: --worker-limit seconds=N'
die="stage 'die' (plugin org.example.die 6.66, die.so"
breed="stage 'breed' (plugin org.example.breed 6.66, breed.so"
scribble="stage 'scribble' (plugin org.example.scribble 6.66, scribble.so"

# --- it crashes ---
says 'writes to address 0' 'die: null_write' "$die+0x...): killed by SIGSEGV [KP1524]" "$vendor"
says 'overflows its stack' 'die: stack' "$die+0x...): killed by SIGSEGV [KP1524]" "$vendor"
says 'an illegal instruction' 'die: illegal' "$die+0x...): killed by SIGILL [KP1524]" "$vendor"
says 'longjmp to nowhere' 'die: jump' "$die): killed by SIGSEGV [KP1524]" "$vendor"
says 'abort()' 'die: abort' "$die): killed by SIGABRT [KP1524]" "$vendor"
says 'SIGKILL to itself' 'die: kill_itself' "$die): killed by SIGKILL [KP1524]" "$vendor"
says 'a handler that returns to the crash' 'die: handler' \
    "$die): did not return within 1 s: it was killed [KP1526]" "$longer"
says 'SIGSTOP to itself' 'die: stop' \
    "$die): did not return within 1 s: it was killed [KP1526]" "$longer"

# --- it exits ---
says 'exit(3)' 'die: exit' "$die+0x...): ended by exit status 3: called exit [KP1525]" "$vendor"
says 'exit(0) with its work done' 'die: exit_well' \
    "$die+0x...): ended by exit status 0: called exit [KP1525]" "$vendor"
says '_exit(3)' 'die: exit_now' "$die): ended by exit status 3: called exit [KP1525]" "$vendor"
says 'exit(3) in a thread' 'die: exit_thread' \
    "$die+0x...): ended by exit status 3: called exit [KP1525]" "$vendor"
says 'pthread_exit' 'die: pthread_exit' \
    "$die): did not return within 1 s: it was killed [KP1526]" "$longer"
says 'the main thread exits' 'die: thread_exit' \
    "$die): did not return within 1 s: it was killed [KP1526]" "$longer"
says 'cancels the main thread' 'die: cancel' "$die): ended by exit status 0: called exit [KP1525]" \
    "$vendor"
says 'closes all descriptors' 'die: close' "$die): x" "$vendor"

# --- it hangs ---
for how in spin sleep deaf progress parallel; do
    says "hangs: $how" "die: $how" "$die): did not return within 1 s: it was killed [KP1526]" "$longer"
done

# --- it takes all it can get ---
says 'fork without end' 'breed: fork' "stage 'breed': fork: refused [KP1501]"
says 'vfork' 'breed: vfork' "stage 'breed': vfork: refused [KP1501]"
says 'clone of a process' 'breed: clone' "stage 'breed': clone: refused [KP1501]"
says 'clone3' 'breed: clone3' "stage 'breed': clone3: refused [KP1501]"
for how in threads malloc mmap memfd pipes descriptors; do
    says "$how without end" "breed: $how" "stage 'breed': $how without end: refused [KP1501]"
done
for how in reserve reserve_small reserve_huge fill_huge append pieces alloc messages failures traits; do
    says "$how without end" "breed: $how" "$breed"
done

# --- it writes where it may not ---
for how in byte byte_of_a_page byte_of_much page page_of_much mib mib_of_much before given_back \
    input input_protect host call behind_call image heap threads; do
    says "writes: $how" "scribble: $how" "$scribble"
done
finish
