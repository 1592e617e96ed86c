#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/tools.sh - host tools as users meet them: granted, found, run, stopped.
. "$(dirname "$0")/common.sh"

build=$(dirname "$kpipe")
hostile=$build/tests/tool/hostile
unset CROSS_COMPILE
export TMPDIR=$work/tmp
mkdir tmp bin
printf 'the kernel' > kernel
printf '#!/bin/sh\necho tool of %s 1.0\ncat\n' arm > bin/arm-none-objcopy
chmod +x bin/arm-none-objcopy

# Processes of tools bear this; those that watch them, the name of a recipe.
token=kpipe-tools-$$
nothing_left() { # NAME: no folder, no process
    is "$1: no folder is left" '' "$(ls -A tmp)"
    is "$1: no process is left" '' "$(pgrep -f "$token|run wait-$$.yml" || true)"
}

# --- who may run what ---
cat > exec.yml <<'END'
kpipe: 1
inputs: {k: kernel}
images:
  a: [k, {exec: {tool: sed, arguments: [s/the/a/]}}]
outputs: [a]
END
for command in run check; do
    expect "exec is off: $command" 1 kpipe "$command" exec.yml <<'END'
--
exec.yml:4:24: error: stage 'exec': tool 'sed': stages that run any program are off [KP1512]
    4 |   a: [k, {exec: {tool: sed, arguments: [s/the/a/]}}]
      |                        ^~~
  hint: if you trust this recipe, say --allow-exec on the command line
END
done
expect 'exec is allowed' 0 kpipe run exec.yml --allow-exec <<'END'
a: 8 bytes
END
is 'exec: its bytes' 'a kernel' "$(cat a)"
nothing_left exec
expect 'check of exec' 0 kpipe check exec.yml --allow-exec <<'END'
exec.yml: ok, 1 stages, 1 outputs
END

cat > files.yml <<'END'
kpipe: 1
inputs: {k: kernel, other: exec.yml}
images:
  a:
    - k
    - exec:
        tool: sh
        arguments: [-c, 'cat a.txt in.bin > out; echo talk; wc -l < b.txt >> out']
        input: in.bin
        output: out
        files: [{name: a.txt, image: k}, {name: b.txt, image: other}]
outputs: [a]
END
"$kpipe" run files.yml --allow-exec -q
is 'exec: files' 'the kernelthe kernel5' "$(cat a)"
cat > traces.yml <<'END'
kpipe: 1
inputs: {k: kernel}
images: {a: [k, {exec: {tool: stat, arguments: [-c, '%a %Y', in, b], input: in, files: [{name: b, image: k}]}}]}
outputs: [a]
END
(umask 077 && SOURCE_DATE_EPOCH=86401 "$kpipe" run traces.yml --allow-exec -q)
is 'files are the same for everybody' '644 86401 644 86401' "$(xargs < a)"
if (ulimit -n 16) 2> /dev/null; then
    # For a worker it does not come that far.
    word='raise the limit of open files'
    ! isolated || word='Too many open files'
    is 'few descriptors' "1 $word" "$(
        ulimit -n 16
        "$kpipe" run traces.yml --allow-exec > log 2>&1
        echo "$? $(grep -o "$word" log)"
    )"
fi
for wrong in 'input=../in' 'output=a/b' 'input=-x' 'files={name: .., image: kernel}'; do
    is "exec: $wrong" "1 no name of a file" "$(
        "$kpipe" pipe kernel "exec:tool=cat,$wrong" -o x --allow-exec > log 2>&1
        echo "$? $(grep -o 'no name of a file' log)"
    )"
done
is 'exec: two files of a name' "1 two files of that name" "$(
    "$kpipe" pipe kernel 'exec:{tool: cat, input: a, files: [{name: a, image: kernel}]}' -o x \
        --allow-exec > log 2>&1
    echo "$? $(grep -o 'two files of that name' log)"
)"

# --- where tools are ---
printf 'k' > k
expect 'a missing tool' 1 kpipe pipe k exec:no-such-tool --allow-exec -o x <<'END'
--
argument 2:1:6: error: stage 'exec': tool 'no-such-tool': not found [KP1513]
    1 | exec:no-such-tool
      |      ^~~~~~~~~~~~
  hint: install it, or give its path: `tools: {NAME: PATH}` in the recipe, or --tool NAME=PATH
END
CROSS_COMPILE=no-such-arch- expect 'a missing package' 1 \
    kpipe pipe k exec:ld --allow-exec -o x <<'END'
--
argument 2:1:6: error: stage 'exec': tool 'ld': not found as no-such-arch-ld (CROSS_COMPILE) [KP1513]
    1 | exec:ld
      |      ^~
  hint: install it (Debian's package binutils-no-such-arch), or give its path: `tools: {ld: PATH}` in the recipe, or --tool ld=PATH
END
expect 'no PATH' 1 env PATH=bin:. "$kpipe" pipe k gzip:encoder=gnu -o x <<'END'
--
argument 2:1:14: error: stage 'gzip': tool 'gzip': not found [KP1513]
    1 | gzip:encoder=gnu
      |              ^~~
  hint: install it (Debian's package gzip), or give its path: `tools: {gzip: PATH}` in the recipe, or --tool gzip=PATH
END
expect 'not an executable' 1 kpipe pipe k exec:x --tool x=kernel --allow-exec -o x <<'END'
--
argument 2:1:6: error: stage 'exec': tool 'x': kernel: it is not executable [KP1514]
    1 | exec:x
      |      ^
END
for wrong in '=x' 'a b' '/bin/sh' 'gzip='; do
    case $wrong in gzip=) why='its path is missing' ;; *) why='not a name' ;; esac
    expect "--tool $wrong" 2 kpipe pipe k gzip -o x --tool "$wrong" <<END
--
kpipe: error: pipe: --tool: '$wrong': $why [KP1704]
  hint: write --tool NAME, or --tool NAME=PATH
END
done
expect 'the plan shows tools' 0 kpipe pipe k exec:objcopy --allow-exec -n -o x \
    --tool objcopy=bin/arm-none-objcopy <<END
#1   k = k (1 bytes)
#2   exec tool=objcopy < #1  by objcopy ($work/bin/arm-none-objcopy, tool of arm 1.0)
x = #2
stages: 1 to run, 1 if each output were made alone; outputs: 1
END
is 'the plan as JSON' "objcopy $work/bin/arm-none-objcopy tool of arm 1.0" "$(
    CROSS_COMPILE=$work/bin/arm-none- "$kpipe" pipe k exec:objcopy --allow-exec -n -o x --json |
        sed -n '/"tools"/,/]/s/.*"\(name\|path\|version\)": "\(.*\)".*/\2/p' | xargs
)"
mkdir -p base/bin
cp bin/arm-none-objcopy base/bin/strip
cat > base/tools.yml <<'END'
kpipe: 1
tools: {strip: bin/strip}
END
cat > extends.yml <<'END'
extends: base/tools.yml
kpipe: 1
tools: [gzip]
inputs: {k: k}
images: {a: [k, {exec: strip}]}
outputs: [a]
END
"$kpipe" run extends.yml --allow-exec -q
is 'a path counts from the folder that says it' 'tool of arm 1.0 k' "$(xargs < a)"
# A recipe chooses among the system's programs, and brings none along: that would even be asked
# for its version.
cat > brought.yml <<'END'
kpipe: 1
tools: {gzip: base/bin/strip}
inputs: {k: k}
images: {a: [k, {gzip: {encoder: gnu}}]}
outputs: [a]
END
for command in run check; do
    expect "a program beside the recipe: $command" 1 kpipe "$command" brought.yml <<'END'
--
brought.yml:4:34: error: stage 'gzip': tool 'gzip': base/bin/strip: only the recipe says that this is the program [KP1616]
    4 | images: {a: [k, {gzip: {encoder: gnu}}]}
      |                                  ^~~
  hint: if you trust that program, say --tool gzip=base/bin/strip on the command line, or --allow-exec for all that recipes name
END
done
"$kpipe" run brought.yml --tool gzip=base/bin/strip -q
is 'a program that the user names' 'tool of arm 1.0 k' "$(xargs < a)"
sed 's|base/bin/strip|/usr/bin/gzip|' brought.yml > system.yml
expect 'a program of the system' 0 kpipe check system.yml <<'END'
system.yml: ok, 1 stages, 1 outputs
END
if command -v strace > /dev/null; then
    is 'it is not asked for its version' 0 "$(strace -f -e trace=execve "$kpipe" run brought.yml 2>&1 |
        grep -c 'execve(.*bin/strip')"
    runs() { strace -f -e trace=execve "$kpipe" "$@" 2>&1 | grep -c 'execve(.*bin/strip'; }
    is 'check runs no tool' 0 "$(runs check extends.yml --allow-exec)"
    is 'a run runs it, and does not ask for its version' 1 "$(runs run extends.yml --allow-exec)"
    is 'where it is told a run asks for the version, once' 2 "$(runs run -v extends.yml --allow-exec)"
fi

# --- a plugin that was not built together with kpipe ---
if [ -e "$build/tests/plugins/tooler.so" ] && "$kpipe" plugins | grep '(bundled)' > /dev/null; then
    mkdir plugins
    cp "$build/tests/plugins/tooler.so" plugins
    chmod go-w plugins
    expect 'not granted' 1 kpipe pipe k tooler:copy -o x --plugin-path "$work/plugins" <<'END'
--
argument 2:1:1: error: stage 'tooler': tool 'hostile': plugin org.example.tooler is not bundled, and nobody grants it the tool [KP1511]
    1 | tooler:copy
      | ^~~~~~
  hint: if you trust the plugin, put `tools: [hostile]` into the recipe, or say --tool hostile
END
    expect 'granted' 0 kpipe pipe k tooler:copy -o x --plugin-path "$work/plugins" \
        --tool "hostile=$hostile" <<'END'
x: 1 bytes
END
    cat > foreign.yml <<END
kpipe: 1
tools: {hostile: $hostile}
inputs: {k: k}
images: {a: [k, {tooler: [exit, 4]}]}
outputs: [a]
END
    expect 'a program of the recipe' 1 kpipe run foreign.yml --plugin-path "$work/plugins" <<END
--
foreign.yml:4:18: error: stage 'tooler': tool 'hostile': $hostile: only the recipe says that this is the program [KP1616]
    4 | images: {a: [k, {tooler: [exit, 4]}]}
      |                  ^~~~~~
  hint: if you trust that program, say --tool hostile=$hostile on the command line, or --allow-exec for all that recipes name
END
    expect 'its failure' 1 kpipe run foreign.yml --plugin-path "$work/plugins" --allow-exec <<END
--
foreign.yml:4:18: error: stage 'tooler': tool 'hostile' ($hostile): exit status 4 [KP1515]
    4 | images: {a: [k, {tooler: [exit, 4]}]}
      |                  ^~~~~~
END
fi

# --- stopped ---
cat > "wait-$$.yml" <<END
kpipe: 1
tools: {hostile: $hostile}
inputs: {k: k}
images:
  a: [k, {exec: {tool: hostile, arguments: [wait, deaf, $token]}}]
  b: [k, {exec: {tool: sh, arguments: [-c, 'setsid sleep 1000 $token & sleep 1000']}}]
outputs: [a, b]
END
wait_for_tools() {
    for _ in $(seq 200); do
        [ "$(pgrep -fc "$token")" -lt 2 ] || return 0
        sleep 0.05
    done
    fail 'the tools' 'do not start'
}
for signal in INT:130 TERM:143; do
    code=0
    env --default-signal="${signal%:*}" "$kpipe" run "wait-$$.yml" --out out --allow-exec -j2 \
        > stdout 2> stderr &
    run=$!
    wait_for_tools
    kill -s "${signal%:*}" "$run"
    wait "$run" 2> /dev/null || code=$?
    is "$signal: code" "${signal#*:}" "$code"
    is "$signal: said" '' "$(cat stdout stderr)"
    is "$signal: no output" '' "$(ls -A out 2> /dev/null)"
    nothing_left "$signal"
done
# Killed: the folders stay, as the manual says, and nothing runs in them.
"$kpipe" run "wait-$$.yml" --out out --allow-exec -qj2 2> /dev/null &
run=$!
wait_for_tools
kill -KILL "$run"
wait "$run" 2> /dev/null
for _ in $(seq 100); do
    pgrep -f "$token|run wait-$$.yml" > /dev/null || break
    sleep 0.05
done
is 'killed: no process is left' '' "$(pgrep -f "$token|run wait-$$.yml" || true)"
is 'killed: folders' 2 "$(find tmp -maxdepth 1 -name 'kpipe-tool-*' | wc -l)"
rm -r tmp && mkdir tmp

# Nor while a tool is asked for its version, before the run, is anything left.
printf '#!/bin/sh\nsleep 1000\n' > "bin/$token"
chmod +x "bin/$token"
printf '%s\n' 'kpipe: 1' "tools: {gzip: bin/$token}" 'inputs: {k: k}' \
    'images: {a: [k, {gzip: {encoder: gnu}}]}' 'outputs: [a]' > "wait-$$.yml"
for option in --dry-run --quiet; do
    code=0
    env --default-signal=INT "$kpipe" run "wait-$$.yml" --allow-exec "$option" > stdout 2> stderr &
    run=$!
    for _ in $(seq 200); do
        ! pgrep -f "$token" > /dev/null || break
        sleep 0.05
    done
    kill -s INT "$run"
    wait "$run" 2> /dev/null || code=$?
    is "its version, $option: code" 130 "$code"
    is "its version, $option: said" '' "$(cat stdout stderr)"
    nothing_left "its version, $option"
done

# --- many at once, and the same bytes each time ---
cat > many.yml <<'END'
kpipe: 1
matrix: {n: [1, 2, 3, 4, 5, 6, 7, 8]}
inputs: {k: kernel}
images: {a: [k, {exec: {tool: sh, arguments: [-c, 'cat; echo $(n) $$TMPDIR $$HOME; id -u']}}]}
outputs: [{a: {file: a-$(n)}}]
END
"$kpipe" run many.yml --allow-exec -qj8 --out one
"$kpipe" run many.yml --allow-exec -qj1 --out two
"$kpipe" run many.yml --allow-exec -v --out three > log 2>&1
if grep -q 'no namespaces' log; then
    is 'what is not enforced is said once' 1 "$(grep -c 'not shut in' log)"
    is 'eight outputs' 8 "$(find one -type f | wc -l)" # they differ by their folders' names
else
    is 'the same bytes' '' "$(diff -r one two 2>&1)"
    is 'nobody in particular' 'the kernel1 /kpipe-work /kpipe-work 1000' "$(xargs < one/a-1)"
fi
nothing_left 'many'
finish
