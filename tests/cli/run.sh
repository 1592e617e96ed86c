#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/run.sh - `kpipe run` and `kpipe check`: what they write, where, and their exit
# codes.
. "$(dirname "$0")/common.sh"

printf 'hello, kernel\n' > input
cat > good.yml <<'END'
kpipe: 1
vars:
  title: one
inputs: {data: input}
images:
  packed: [data, {uimage: {type: filesystem, arch: arm, name: $(title)}}]
  small: [packed, {gzip: {level: 0}}]
outputs: [packed, small]
END

expect check 0 kpipe check good.yml <<'END'
good.yml: ok, 2 stages, 2 outputs
END
expect check-quiet 0 kpipe check -q good.yml < /dev/null
expect check-json 0 kpipe check good.yml --json <<'END'
{
  "recipes": [
    {
      "recipe": "good.yml",
      "ok": true,
      "stages": 2,
      "outputs": 2
    }
  ],
  "findings": []
}
END
is 'check from standard input' '-: ok, 2 stages, 2 outputs' "$("$kpipe" check - < good.yml)"

# -j1 makes the order of outputs the plan's.
expect run 0 kpipe run good.yml --out out -j1 <<'END'
out/packed: 78 bytes
out/small: 101 bytes
END
is 'what is written' 'packed small' "$(ls -A out | xargs)"
is 'what it holds' 'hello, kernel' "$(tail -c 14 out/packed)"
expect run-here 0 kpipe run good.yml -qj1 < /dev/null
is 'what is written here' 'packed small' "$(ls -d packed small | xargs)"
packed=$(sha256sum < packed | cut -c1-64)
small=$(sha256sum < small | cut -c1-64)
"$kpipe" run good.yml --out v -vj1 > stdout 2> stderr
is verbose "v/packed: 78 bytes, sha256 $packed
v/small: 101 bytes, sha256 $small" "$(cat stdout)"
is 'verbose stages' 'uimage name=one,arch=arm,type=filesystem (packed): 78 bytes in T s
gzip level=0 (small): 101 bytes in T s
stages: 2 run, 3 if each output were made alone' "$(of_stages stderr | sed 's/[0-9.]* s$/T s/')"
"$kpipe" run good.yml --out j --json -j1 > stdout
sed -i 's/"milliseconds": [0-9]*/"milliseconds": T/' stdout
is json "{
  \"outputs\": [
    {
      \"recipe\": \"good.yml\",
      \"image\": \"packed\",
      \"path\": \"j/packed\",
      \"size\": 78,
      \"sha256\": \"$packed\"
    },
    {
      \"recipe\": \"good.yml\",
      \"image\": \"small\",
      \"path\": \"j/small\",
      \"size\": 101,
      \"sha256\": \"$small\"
    }
  ],
  \"milliseconds\": T,
  \"findings\": []
}" "$(cat stdout)"
"$kpipe" run good.yml --set title=two --out set -q
is 'a variable that is set' two "$(head -c 35 set/packed | tail -c 3)"

# Nothing is written by a dry run.
expect dry-run 0 kpipe run good.yml --out dry -n <<'END'
#1   data = input (14 bytes)
#2   uimage name=one,arch=arm,type=filesystem < #1  (once for 2 outputs)
#3   gzip level=0 < #2
packed = #2
small = #3
stages: 2 to run, 3 if each output were made alone; outputs: 2
END
is 'dry: no folder' 1 "$([ -e dry ]; echo $?)"

# Several recipes in one run: all are checked before the first one runs.
sed 's/packed/other/g; s/small/tiny/g' good.yml > other.yml
expect two 0 kpipe run good.yml other.yml --out both -j1 <<'END'
both/packed: 78 bytes
both/small: 101 bytes
both/other: 78 bytes
both/tiny: 101 bytes
END
cp good.yml again.yml
expect same-outputs 1 kpipe run good.yml again.yml --out twice <<'END'
--
again.yml:8:11: error: 'packed': an output of good.yml, and of again.yml too [KP1714]
    8 | outputs: [packed, small]
      |           ^~~~~~
again.yml:8:19: error: 'small': an output of good.yml, and of again.yml too [KP1714]
    8 | outputs: [packed, small]
      |                   ^~~~~
END
is 'same outputs: nothing is written' 1 "$([ -e twice ]; echo $?)"
expect check-both 0 kpipe check good.yml again.yml <<'END'
good.yml: ok, 2 stages, 2 outputs
again.yml: ok, 2 stages, 2 outputs
END

sed 's/level: 0/level: 13/' good.yml > bad.yml
expect check-bad 1 kpipe check good.yml bad.yml <<'END'
good.yml: ok, 2 stages, 2 outputs
--
bad.yml:7:34: error: stage 'gzip': level: 13: out of range 0..12 [KP1304]
    7 |   small: [packed, {gzip: {level: 13}}]
      |                                  ^~
END
expect run-bad 1 kpipe run good.yml bad.yml --out b -q <<'END'
--
bad.yml:7:34: error: stage 'gzip': level: 13: out of range 0..12 [KP1304]
    7 |   small: [packed, {gzip: {level: 13}}]
      |                                  ^~
END
is 'run bad: nothing is written' 1 "$([ -e b ]; echo $?)"
expect check-bad-json 1 kpipe check bad.yml --json <<'END'
{
  "recipes": [
    {
      "recipe": "bad.yml",
      "ok": false
    }
  ],
  "findings": [
    {
      "severity": "error",
      "code": "KP1304",
      "file": "bad.yml",
      "line": 7,
      "column": 34,
      "text": "stage 'gzip': level: 13: out of range 0..12"
    }
  ]
}
END
"$kpipe" run bad.yml --json > stdout 2> stderr
is 'run bad, json: code' 1 $?
is 'run bad, json: only there' '' "$(cat stderr)"
is 'run bad, json: no outputs' '  "outputs": [],' "$(sed -n 2p stdout)"

# One image fails: under -k the other one is still made.
printf 'no gzip' > broken
cat > half.yml <<'END'
kpipe: 1
inputs: {data: input, broken: broken}
images:
  a: [broken, gzip.unpack]
  b: [data, gzip]
outputs: [a, b]
END
"$kpipe" run half.yml --out half -kj1 > stdout 2> stderr
is 'keep going: code' 1 $?
is 'keep going: the good one' "half/b: $(stat -c %s half/b) bytes" "$(cat stdout)"
is 'keep going: the finding' 'half.yml:4:15: error' "$(head -1 stderr | grep -o '^half.yml:4:[0-9]*: error')"
"$kpipe" run half.yml --out stop -j1 > stdout 2> stderr
is 'stop: code' 1 $?
is 'stop: nothing is made' '' "$(cat stdout)$(ls -A stop 2> /dev/null)"
"$kpipe" run half.yml other.yml --out more -kj1 > stdout 2> /dev/null
is 'keep going: further recipes' 3 "$(wc -l < stdout)"

# The time that is written.
printf 'kpipe: 1\ninputs: {data: input}\nimages: {i: [data, {uimage: {type: filesystem, arch: arm}}]}\noutputs: [i]\n' > time.yml
time_of() { od -An -tx1 -j8 -N4 "$1" | tr -d ' \n'; }
SOURCE_DATE_EPOCH=1700000000 "$kpipe" run time.yml -q --out time
is SOURCE_DATE_EPOCH 6553f100 "$(time_of time/i)"
"$kpipe" run time.yml -q --out time
is 'no SOURCE_DATE_EPOCH' 00000000 "$(time_of time/i)"
for epoch in 1x -1 ' 1' 0x10 1.5; do
    expect "SOURCE_DATE_EPOCH '$epoch'" 2 env SOURCE_DATE_EPOCH="$epoch" "$kpipe" run time.yml <<END
--
kpipe: error: SOURCE_DATE_EPOCH: '$epoch': not a decimal number of seconds since 1970 [KP1708]
END
done
expect 'SOURCE_DATE_EPOCH too large' 2 env SOURCE_DATE_EPOCH=9223372036854775808 "$kpipe" run time.yml <<'END'
--
kpipe: error: SOURCE_DATE_EPOCH: '9223372036854775808': too large [KP1708]
END
expect 'SOURCE_DATE_EPOCH empty' 2 env SOURCE_DATE_EPOCH= "$kpipe" run time.yml <<'END'
--
kpipe: error: SOURCE_DATE_EPOCH: '': empty [KP1708]
  hint: unset it, or give a number
END

# A recipe that is installed with kpipe, by its name.
recipes=$(cd "$here/../../recipes" && pwd)
expect 'installed recipe' 1 kpipe run kpipe:base/kbuild-arm.yml --set tree="$work/none" <<END
--
$recipes/base/kbuild-arm.yml:13:22: error: input 'k': $work/none: No such file or directory [KP1401]
   13 |   k: {kbuild: {tree: \$(tree), arch: arm}}
      |                      ^~~~~~~
  hint: a relative path counts from the folder of the recipe that says it
END
expect 'no such installed recipe' 1 kpipe run kpipe:base/none.yml <<END
--
kpipe: error: cannot read the recipe: $recipes/base/none.yml: no such file [KP1001]
END

# What cannot be written is noticed.
if [ -w /dev/full ]; then
    "$kpipe" check good.yml > /dev/full 2> stderr
    is 'full disk: code' 1 $?
    is 'full disk: text' 'kpipe: error: standard output: No space left on device' "$(cat stderr)"
    "$kpipe" explain > /dev/full 2> stderr
    is 'full disk: much text' 'kpipe: error: standard output: No space left on device' "$(cat stderr)"
fi
{ "$kpipe" plugins --json; echo $? > code; } 2> stderr | true
sleep 0.2
is 'no reader: quiet' '' "$(cat stderr)"
finish
