#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/replay.sh - a call of a plugin recorded where the recipe and its inputs are, and made
# again where they are not: as its vendor would, with the same plugin and with others.
. "$(dirname "$0")/common.sh"

build=$(dirname "$kpipe")
if [ ! -e "$build/tests/plugins/relic.so" ] || ! "$kpipe" plugins | grep '(bundled)' > /dev/null; then
    echo "this build opens no plugins"
    exit 77
fi
export SECRET_OF_A_CUSTOMER=geheim
for name in relic relic-fixed relic-strays relic-layout relic-renamed spring; do
    mkdir "$name"
    cp "$build/tests/plugins/$name.so" "$name"
done
chmod -R go-w .
customer=$work/customer/deep
mkdir -p "$customer/tree/sub"

# shows NAME CODE COMMAND... <<< expected: as expect, without what differs from build to build
# (addresses, sizes) and from machine to machine (folders).
cat > normal << 'END'
#!/bin/bash
status=0
"$@" > out.txt 2> err.txt || status=$?
for text in out err; do
    sed -E "s/\.so\+0x[0-9a-f]+/.so+0x.../g; s/bad: [0-9]+ bytes/bad: N bytes/; s|$PWD|WORK|g" $text.txt > $text
done
cat out
cat err >&2
exit $status
END
chmod +x normal
shows() {
    local name=$1 code=$2
    shift 2
    expect "$name" "$code" ./normal "$@"
}

# The customer's files: all that a call can ask for.
inputs() {
    printf 'of a tree' > "$customer/tree/a"
    printf 'astray' > "$customer/tree/b"
    head -c 20000 /dev/zero | tr '\0' k > "$customer/kernel"
    printf 'packed' | gzip -n > "$customer/packed.gz"
}

# record WAY OPTION...: in the customer's folder; its inputs are gone then.
record() {
    local way=$1
    shift
    inputs
    cat > "$customer/$way.yml" << END
kpipe: 1
inputs: {k: kernel, p: packed.gz, t: {tree: tree}}
images:
  bad:
    - k
    - relic: {tree: t, inner: {gzip: {level: 1}}, packed: p, how: $way}
outputs: [bad]
END
    shows "record: $way" "$expected_code" env -C "$customer" "$kpipe" run "$way.yml" \
        --out "$work/made" --plugin-path "$work/relic" --record "$work/$way" "$@"
    rm -rf "$customer"/{tree/a,tree/b,kernel,packed.gz}
}
hint() { # NAME
    echo "recorded in WORK/$1: \`kpipe replay WORK/$1\` makes the call again"
}
replay() { # CODE RECORDING PLUGINS OPTION...
    local code=$1 recording=$2 plugins=$3
    shift 3
    shows "replay: $recording with $plugins $*" "$code" "$kpipe" replay "$work/$recording" \
        --plugin-path "$work/$plugins" "$@"
}
newer='kpipe: note: plugin org.example.relic: version 1.0.0 was recorded, and this is 1.0.1 [KP1740]'
rebuilt='kpipe: note: plugin org.example.relic: this is another build of version 1.0.0 than the recorded one [KP1740]'

same="succeeds with the same output as recorded"

# --- what went well ---
expected_code=0
record fine --record-stage relic << 'END'
WORK/made/bad: N bytes
END
cp made/bad fine.bytes
replay 0 fine relic -o again << END
replayed: stage 'relic' of relic 1.0.0: $same
END
is 'the same bytes' '' "$(cmp fine.bytes again 2>&1)"
"$kpipe" replay fine --plugin-path "$work/relic" --isolation none -o - 2> line > again
is 'the same bytes, in process' '' "$(cmp fine.bytes again 2>&1)"
is 'where the line stands' "replayed: stage 'relic' of relic 1.0.0: $same" "$(cat line)"
record tasks --record-stage relic << 'END'
WORK/made/bad: N bytes
END
for isolation in process none; do
    replay 0 tasks relic --isolation $isolation -j 3 << END
replayed: stage 'relic' of relic 1.0.0: $same
END
done

# --- what went wrong ---
expected_code=1
at() { # WAY MESSAGE
    local line="    - relic: {tree: t, inner: {gzip: {level: 1}}, packed: p, how: $1}"
    printf '%s.yml:6:7: error: %s\n    6 | %s\n      |       ^~~~~\n' "$1" "$2" "$line"
}
crash="stage 'relic' (plugin org.example.relic 1.0.0, relic.so+0x...): killed by SIGSEGV [KP1524]"
record crash << END
--
$(at crash "$crash")
  hint: tell its vendor; nothing was written; $(hint crash)
END
replay 1 crash relic << END
replayed: stage 'relic' of relic 1.0.0: fails as recorded
--
kpipe: error: $crash
  hint: tell its vendor; nothing was written
END
replay 0 crash relic-fixed -o again << END
replayed: stage 'relic' of relic 1.0.1: succeeds now
--
$newer
END
is 'the bytes of the corrected plugin' '' "$(cmp fine.bytes again 2>&1)"
replay 0 crash relic-fixed -q --isolation none << END
--
$newer
END
level="stage 'relic': level: 7 is too much [KP1501]"
record level << END
--
$(at level "$level")
  hint: take less; $(hint level)
END
for isolation in process none; do
    replay 1 level relic --isolation $isolation << END
replayed: stage 'relic' of relic 1.0.0: fails as recorded
--
parameter 'level': error: $level
  hint: take less
END
done
fault() { # FOLDER
    echo "stage 'relic': plugin org.example.relic 1.0.0 ($1relic.so): fault of the plugin: sets the trait 'load', which it did not declare"
}
record trait << END
--
$(at trait "$(fault WORK/relic/) [KP1502]")
  hint: tell its vendor; nothing was written; $(hint trait)
END
replay 1 trait relic << END
replayed: stage 'relic' of relic 1.0.0: fails as recorded
--
kpipe: error: $(fault WORK/relic/) [KP1502]
  hint: tell its vendor; nothing was written
END
replay 1 trait relic-strays << END
replayed: stage 'relic' of relic 1.0.0: fails otherwise than recorded, which was: $(fault '')
--
$rebuilt
kpipe: error: stage 'relic' (plugin org.example.relic 1.0.0): asks for what the recording does not answer: the file 'astray' of a tree [KP1541]
  hint: it asks otherwise than when it was recorded; have it recorded anew
END
replay 1 fine relic-strays << END
replayed: stage 'relic' of relic 1.0.0: fails, and succeeded when it was recorded
--
$rebuilt
kpipe: error: stage 'relic' (plugin org.example.relic 1.0.0): asks for what the recording does not answer: the file 'astray' of a tree [KP1541]
  hint: it asks otherwise than when it was recorded; have it recorded anew
END
replay 1 crash relic-layout << 'END'
--
kpipe: error: recording 'WORK/crash': plugin org.example.relic 1.0.0: stage 'relic' has other parameters than when it was recorded [KP1540]
  hint: replay it with a build of the same parameters, or have it recorded anew
END

replay 1 crash relic-renamed << 'END'
--
kpipe: error: recording 'WORK/crash': plugin org.example.relic 1.0.0: it has no stage 'relic' [KP1539]
END

# --- what a recording holds ---
is 'its files' 'bytes-0 conversation recording.yml' "$(ls trait | xargs)"
is 'who may look into it' 700 "$(stat -c %a trait)"
is 'nothing is left beside it' '' "$(find . -name '.kpipe*')"
is 'no folder of the machine, nothing of the environment' '' \
    "$(grep -alE "$work|$HOME/|geheim|SECRET" trait/conversation trait/recording.yml crash/* fine/*)"
is 'the parameters' 'parameters: "tree=tree-0,member=a,inner={gzip: {level=1, preset=none, mtime=0, rsyncable=false}},packed=input-0,how=trait,level=7"' \
    "$(sed -n 's/^  \(parameters.*\)/\1/p' trait/recording.yml)"
is 'the finding' "finding: \"$(fault '')\"" "$(grep ^finding trait/recording.yml)"
is 'the bytes of the input' "$(sha256sum < trait/bytes-0 | cut -d' ' -f1)" \
    "$(sed -n 's/.*bytes-0:.*sha256: \(.*\)}/\1/p' trait/recording.yml)"
is 'files that nobody asked for are not in it' '' "$(grep -al astray fine/*)"

# --- which call it is ---
inputs
cat > "$customer/more.yml" << 'END'
kpipe: 1
inputs: {k: kernel}
images:
  nested: [k, {relic: {how: level, level: 3, inner: {relic: {how: level, level: 4}}}}]
  other: [k, {relic: {how: level, level: 5}}]
outputs: [nested, other]
END
"$kpipe" run -k -j1 "$customer/more.yml" --out made --plugin-path "$work/relic" --record more 2> stderr
is 'one of all that fail' 1 "$(grep -c 'recorded in more' stderr)"
is 'the innermost' 'parameters: "member=a,how=level,level=4"' \
    "$(sed -n 's/^  \(parameters.*\)/\1/p' more/recording.yml)"
shows 'a word' 1 "$kpipe" pipe "$customer/kernel" relic:crash -o made/bad --plugin-path "$work/relic" \
    --record piped << END
--
argument 2:1:1: error: $crash
    1 | relic:crash
      | ^~~~~
  hint: tell its vendor; nothing was written; recorded in piped: \`kpipe replay piped\` makes the call again
END
# A host tool, which is not there any more; the plugin is a bundled one.
# shellcheck disable=SC2016 # of the script
printf '#!/bin/sh\n[ "$1" = --version ] || tr k K\n' > shout
chmod +x shout
"$kpipe" pipe "$customer/kernel" exec:tool=shout --tool shout=./shout --allow-exec -o made/tool \
    --record tool --record-stage exec > /dev/null
rm shout "$customer/kernel"
shows 'a tool that is gone' 0 "$kpipe" replay tool -o again << END
replayed: stage 'exec' of exec $("$kpipe" plugins | sed -n 's/^exec \([0-9.]*\) .*/\1/p'): $same
END
is 'its output' '' "$(cmp made/tool again 2>&1)"
# A source.
printf 'image one bytes\nfact f v\nfail ends\n' > lines
printf 'kpipe: 1\ninputs: {s: {spring: {file: lines}}}\nimages: {a: [s.one, gzip]}\noutputs: [a]\n' > source.yml
shows 'record: a source' 1 "$kpipe" run source.yml --plugin-path "$work/spring" --record source << 'END'
--
source.yml:2:29: error: input 's': ends [KP1521]
    2 | inputs: {s: {spring: {file: lines}}}
      |                             ^~~~~
  hint: no hint; recorded in source: `kpipe replay source` makes the call again
END
rm lines
shows 'replay: a source' 1 "$kpipe" replay source --plugin-path "$work/spring" << 'END'
replayed: source 'spring' of spring 1.0.0: fails as recorded
--
parameter 'file': error: input 's': ends [KP1521]
  hint: no hint
END
shows 'a source has no image' 2 "$kpipe" replay source --plugin-path "$work/spring" -o again << 'END'
--
kpipe: error: replay: 'again': there is no image to be written: what was recorded is a source [KP1741]
END

# --- what cannot be recorded ---
inputs
run() { # NAME CODE OPTION...
    local name=$1 code=$2
    shift 2
    shows "$name" "$code" "$kpipe" pipe "$customer/kernel" gzip -o made/x --plugin-path "$work/relic" "$@"
}
run 'a folder that is there' 2 --record fine << 'END'
--
kpipe: error: --record: 'fine': it is there, and not empty [KP1736]
  hint: name a new folder, in one that you may write to
END
run 'a file' 2 --record source.yml << 'END'
--
kpipe: error: --record: 'source.yml': it is there, and no folder [KP1736]
  hint: name a new folder, in one that you may write to
END
run 'nowhere' 2 --record nowhere/x << 'END'
--
kpipe: error: --record: 'nowhere/x': No such file or directory [KP1736]
  hint: name a new folder, in one that you may write to
END
run 'in kpipe itself' 2 --record new --isolation none << 'END'
--
kpipe: error: --isolation: none: a call is recorded where a worker makes it [KP1737]
  hint: leave it out: with --record all plugins run in workers
END
run 'no folder' 2 --record-stage gzip << 'END'
--
kpipe: error: --record-stage: 'gzip': nothing is recorded without --record DIR [KP1738]
END
run 'nothing fails' 0 --record new -q << 'END'
--
kpipe: note: --record: 'new': nothing was recorded: no call of a plugin failed [KP1739]
END
run 'no such stage' 0 --record new --record-stage gzap -q << 'END'
--
kpipe: note: --record: 'new': nothing was recorded: no call of a stage 'gzap' came to its end [KP1739]
END
is 'nothing was made' no "$([ -e new ] && echo yes || echo no)"
mkdir empty
run 'a folder that is empty' 0 --record empty/ --record-stage gzip -q < /dev/null
is 'it is filled' yes "$([ -s empty/conversation ] && echo yes)"
# The first output makes the folder that the recording was to become.
cat > taken.yml << END
kpipe: 1
inputs: {k: $customer/kernel}
images:
  first: [k, bzip2]
  bad: [first, bzip2.unpack, bzip2, bzip2.unpack, {relic: level}]
outputs: [first, bad]
END
shows 'the folder is taken meanwhile' 1 "$kpipe" run -j1 -k taken.yml --out taken --record taken \
    --plugin-path "$work/relic" << END
taken/first: $(bzip2 < "$customer/kernel" | wc -c) bytes
--
taken.yml:5:52: error: $level
    5 |   bad: [first, bzip2.unpack, bzip2, bzip2.unpack, {relic: level}]
      |                                                    ^~~~~
  hint: take less
kpipe: error: recording 'taken': cannot be written: its folder: Directory not empty [KP1542]
END
is 'nothing is left of it' first "$(ls -A taken; find . -name '.kpipe*')"

# --- what cannot be replayed ---
shows 'no plugin' 1 "$kpipe" replay crash << 'END'
--
kpipe: error: recording 'crash': plugin org.example.relic: not found [KP1538]
  hint: --plugin-path DIR says where it lies, in full
END
mkdir writable
cp relic/relic.so writable
chmod a+w writable/relic.so
shows 'a plugin that is rejected' 1 "$kpipe" replay crash --plugin-path "$work/writable" << 'END'
--
kpipe: error: recording 'crash': plugin org.example.relic: not found [KP1538]
  hint: --plugin-path DIR says where it lies, in full
END
shows 'nothing there' 1 "$kpipe" replay nowhere << 'END'
--
kpipe: error: recording 'nowhere': conversation: No such file or directory [KP1536]
END
printf 'kpipe-policy: 1\nisolation: auto\n' > policy.yml
shows 'a policy' 2 "$kpipe" replay crash --policy policy.yml --isolation none << 'END'
--
kpipe: error: --isolation: none: the policy policy.yml:2 demands auto or process [KP1729]
  hint: leave it out: plugins are then isolated as the policies demand
END
# The variable does not bring a plugin into kpipe.
KPIPE_ISOLATION=none replay 1 crash relic -q << END
--
kpipe: error: $crash
  hint: tell its vendor; nothing was written
END
damaged() { # NAME FILE WHY
    expect "damaged: $1" 1 kpipe replay copy --plugin-path "$work/relic" << END
--
kpipe: error: recording 'copy': $2: $3 [KP1536]
END
    rm -rf copy
}
cp -r crash copy && rm copy/bytes-0
damaged 'no bytes' bytes-0 'No such file or directory'
cp -r crash copy && truncate -s -1 copy/bytes-0
damaged 'bytes cut short' bytes-0 'not what was recorded: its size differs'
cp -r crash copy && printf x | dd of=copy/bytes-0 bs=1 seek=7777 conv=notrunc status=none
damaged 'bytes changed' bytes-0 'not what was recorded: its SHA-256 differs'
cp -r crash copy && ln -sf /etc/passwd copy/bytes-0
damaged 'a link' bytes-0 'Too many levels of symbolic links'
cp -r crash copy && truncate -s -1 copy/conversation
damaged 'cut short' conversation 'damaged, or cut short: its SHA-256 differs'
cp -r crash copy && printf x | dd of=copy/conversation bs=1 seek=99 conv=notrunc status=none
damaged 'changed' conversation 'damaged, or cut short: its SHA-256 differs'
cp -r crash copy && echo x > copy/conversation
damaged 'something else' conversation 'not the conversation of a recording'
# One that another kpipe has made, whose digest is right.
cp -r crash copy
head -c -32 crash/conversation | sed 's/kpipe-wire 1 /kpipe-wire 0 /' > copy/conversation
# shellcheck disable=SC2059 # bytes
printf "$(sha256sum < copy/conversation | cut -d' ' -f1 | sed 's/../\\x&/g')" >> copy/conversation
version=$("$kpipe" --version)
expect 'another kpipe' 1 kpipe replay copy << END
--
kpipe: error: recording 'copy': made by $version, whose workers speak otherwise than this one's [KP1537]
  hint: replay it with that one, or have it recorded anew with this one
END

# --- in a debugger ---
if command -v gdb > /dev/null && gdb -batch -nx -ex run --args true > /dev/null 2>&1; then
    gdb -batch -nx -ex run -ex bt --args "$kpipe" replay crash --plugin-path "$work/relic" \
        --isolation none > trace 2>&1 < /dev/null
    is 'gdb: the function that crashes' relic_breaks "$(sed -nE 's/^#0 +(0x[0-9a-f]+ in )?([a-z_]+) .*/\2/p' trace)"
    is 'gdb: who called it' 'misdo relic_run' \
        "$(grep -oE 'misdo|relic_run' <(grep '^#' trace) | head -2 | xargs)"
else
    echo 'gdb: not here, skipped'
fi
finish
