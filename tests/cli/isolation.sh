#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/isolation.sh - where plugins run: the option, the variable of the environment, the
# recipe's key, and the limits of workers.
. "$(dirname "$0")/common.sh"

unset KPIPE_ISOLATION
printf 'kernel' > kernel
expect 'no isolation' 2 kpipe plugins --isolation=full <<'END'
--
kpipe: error: plugins: --isolation: 'full': not auto, process or none [KP1704]
END
expect 'the environment' 2 env KPIPE_ISOLATION= "$kpipe" plugins <<'END'
--
kpipe: error: KPIPE_ISOLATION: '': not auto, process or none [KP1727]
  hint: unset it, or correct it
END
for wrong in "seconds:'=' is missing" 'hours=1:no limit has that name' 'threads=0:out of range 1..65536' \
    'memory=1M:less than 64M, with which no worker starts' 'seconds=1h:not a number'; do
    expect "limit ${wrong%%:*}" 2 kpipe inspect kernel --worker-limit "${wrong%%:*}" <<END
--
kpipe: error: inspect: --worker-limit: '${wrong%%:*}': ${wrong#*:} [KP1704]
  hint: write --worker-limit seconds=N, memory=SIZE or threads=N
END
done

# --- the recipe's key ---
recipe() { # ISOLATION
    printf '%s\n' 'kpipe: 1' "isolation: $1" 'inputs: {k: kernel}' 'images: {a: [k, gzip]}' 'outputs: [a]'
}
recipe full > full.yml
expect 'a recipe with no isolation' 1 kpipe check full.yml <<'END'
--
full.yml:2:12: error: isolation: 'full': not auto, process or none [KP1158]
    2 | isolation: full
      |            ^~~~
END
recipe none > none.yml
for option in --isolation=auto --isolation=process; do
    expected='none.yml:2:12: error: isolation: none: a recipe alone cannot have it [KP1159]
    2 | isolation: none
      |            ^~~~
  hint: if you trust all plugins that it uses, say --isolation none on the command line'
    if [ $option = --isolation=process ] && "$kpipe" plugins | grep '(compiled in)' > /dev/null; then
        continue
    fi
    expect "none by the recipe alone, $option" 1 kpipe check none.yml $option <<END
--
$expected
END
done
expect 'none by both' 0 kpipe check none.yml --isolation none <<'END'
none.yml: ok, 1 stages, 1 outputs
END
expect 'none by the environment' 0 env KPIPE_ISOLATION=none "$kpipe" check none.yml <<'END'
none.yml: ok, 1 stages, 1 outputs
END
# The file that extends wins, as with all that is no map.
printf '%s\n' 'kpipe: 1' 'extends: none.yml' 'isolation: auto' > over.yml
printf '%s\n' 'kpipe: 1' 'extends: none.yml' > under.yml
expect 'a base is overruled' 0 kpipe check over.yml <<'END'
over.yml: ok, 1 stages, 1 outputs
END
expect 'a base that loosens' 1 kpipe check under.yml <<'END'
--
none.yml:2:12: error: isolation: none: a recipe alone cannot have it [KP1159]
    2 | isolation: none
      |            ^~~~
  hint: if you trust all plugins that it uses, say --isolation none on the command line
END
recipe '[auto]' > list.yml
expect 'a list' 1 kpipe check list.yml <<'END'
--
list.yml:2:12: error: 'isolation': must be text, not a list [KP1105]
    2 | isolation: [auto]
      |            ^
END
recipe process > process.yml
recipe '' > nothing.yml
expect 'nothing' 0 kpipe check nothing.yml <<'END'
nothing.yml: ok, 1 stages, 1 outputs
END

# --- the tables ---
is 'completion of --isolation' 'auto process none ' \
    "$("$kpipe" completion bash -- run --isolation '' | cut -f1 | tr '\n' ' ')"
is 'completion of --worker-limit' 'memory= ' \
    "$("$kpipe" completion bash -- run --worker-limit m | cut -f1 | tr '\n' ' ')"
is 'the schema' '"auto", "process", "none", null' \
    "$("$kpipe" schema | sed -n '/"isolation": {/,/}/p' | sed -n '/"enum"/,/]/{/enum\|]/!p}' | xargs | sed 's/\([a-z]*\), /"\1", /g')"

if "$kpipe" plugins | grep '(compiled in)' > /dev/null; then
    expect 'compiled in' 2 kpipe plugins --isolation process <<'END'
--
kpipe: error: --isolation: process: the plugins of this kpipe are compiled in [KP1728]
  hint: they cannot be put into workers: use a kpipe that opens its plugins
END
    expect 'compiled in, by a recipe' 1 kpipe check process.yml <<'END'
--
process.yml:2:12: error: isolation: process: the plugins of this kpipe are compiled in [KP1160]
    2 | isolation: process
      |            ^~~~~~~
END
    finish
fi

# --- where they run ---
runs() { "$kpipe" plugins --why gzip "$@" | sed -n 's/^  runs: *//p'; }
is 'bundled, auto' 'in kpipe itself' "$(runs)"
is 'bundled, process' 'in a worker' "$(runs --isolation process)"
is 'bundled, the environment' 'in a worker' "$(KPIPE_ISOLATION=process runs)"
is 'the option wins' 'in kpipe itself' "$(KPIPE_ISOLATION=process runs --isolation auto)"
# The dynamic linker tells which process opens what: kpipe itself, or another.
here() { # COMMAND...: plugins that kpipe opens
    LD_DEBUG=files "$kpipe" "$@" 2>&1 > /dev/null < /dev/null |
        grep -c 'calling init: /proc/self/fd' || true
}
recipe auto > auto.yml
is 'auto: opened here' 1 "$(here run auto.yml)"
is 'process: not opened here' 0 "$(here run auto.yml --isolation process)"
mv a by-option
for by in auto.yml:none process.yml:auto process.yml:none; do
    "$kpipe" run "${by%:*}" --isolation "${by#*:}" -q
    is "the same bytes: $by" '' "$(cmp by-option a 2>&1)"
done
# What workers make is memory behind a descriptor, and a recipe may make more of that than there
# are descriptors.
head -c 1100000 /dev/urandom > large
{
    printf 'kpipe: 1\ninputs: {k: large}\nimages:\n'
    for ((i = 0; i < 90; i++)); do
        printf '  i%d: [k, {slice: %d}, {gzip: {level: 0}}]\n' $i $i
    done
    printf '  all: [k, {concat: {images: [_, '
    printf 'i%d, ' {0..88}
    printf 'i89]}}]\noutputs: [all]\n'
} > many.yml
for where in none process; do
    (
        ulimit -n 100
        "$kpipe" run many.yml -q -j2 --isolation $where --out many-$where
    )
    is "more outputs than descriptors, $where" 0 $?
done
is 'more outputs than descriptors: the same' yes \
    "$(cmp many-none/all many-process/all && echo yes)"
rm -rf many-none many-process large

# An input counts as a whole. Sanitizers need more memory than any limit.
if ! "$kpipe" plugins --why | grep '^not enforced: memory' > /dev/null; then
    truncate -s 200M vast
    printf 'kpipe: 1\ninputs: {k: vast}\nimages: {a: [k, {slice: {length: 1}}]}\noutputs: [a]\n' > vast.yml
    expect 'an input larger than the limit of memory' 1 kpipe run vast.yml --isolation process \
        --worker-limit memory=128M <<'END'
--
vast.yml:3:18: error: stage 'slice' (plugin org.kpipe.bytes 0.1.0, bytes.so): ran out of memory: its worker may use 128 MiB [KP1527]
    3 | images: {a: [k, {slice: {length: 1}}]}
      |                  ^~~~~
  hint: is the input what it should be? --worker-limit memory=SIZE raises the limit
END
    rm vast
fi

# What this machine cannot enforce is said once, when a worker is first used, and only under -v.
sed 's/gzip/gzip, {gzip.unpack: }, gzip/' process.yml > long.yml
lacking=$("$kpipe" plugins --why gzip | grep -c '^not enforced: ')
is 'what is not enforced' $((lacking > 0)) \
    "$("$kpipe" run long.yml -v 2>&1 | grep -c 'workers are not shut in as they should be: ')"
is 'not without -v' 0 "$("$kpipe" run long.yml 2>&1 | grep -c 'not shut in')"
is 'not without workers' 0 "$("$kpipe" run auto.yml -v 2>&1 | grep -c 'not shut in')"
if command -v strace > /dev/null; then
    # What a process of another namespace executes cannot be told by name, only that it does.
    more() { [ "$(strace -f -e trace=execve,execveat "$kpipe" "$@" 2>&1 | grep -c 'exec.*) = 0$')" -gt 1 ] && echo yes; }
    is 'a recipe that says process' yes "$(more run process.yml -q --isolation none)"
    is 'a recipe that says auto' '' "$(more run auto.yml -q)"
fi
finish
