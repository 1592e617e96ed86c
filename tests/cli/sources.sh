#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/sources.sh - sources from the command line: recipes, `kpipe check`, `kpipe plugins`,
# the schema. The source is that of tests/plugins/spring.c.
. "$(dirname "$0")/common.sh"

mkdir plugins
cp "$(dirname "$kpipe")/tests/plugins/spring.so" plugins
export KPIPE_PLUGIN_PATH=$work/plugins
printf '%s\n' 'fact release 6.1' 'image kernel a kernel' 'list parts one 1' 'list parts two 2' > lines
cat > r.yml << 'RECIPE'
kpipe: 1
vars: {file: lines}
inputs: {k: {spring: $(file)}}
images: {x: [k.kernel, {concat: [_, k.parts]}]}
outputs: [x: {file: x-$(k.release)}, k.kernel]
RECIPE

if ! "$kpipe" run -q r.yml 2> errors; then
    # A kpipe that opens no shared objects cannot open this one.
    grep -q 'no type of input' errors && "$kpipe" plugins | grep 'opens no shared objects' > /dev/null && exit 77
    fail run "$(cat errors)"
fi
is 'a fact, a list' 'a kernel12' "$(cat x-6.1)"
is 'an item' 'a kernel' "$(cat k.kernel)"
expect 'the plan' 0 kpipe run -n r.yml << 'TEXT'
#1   k.kernel = {spring} (8 bytes)
#2   k.parts: one = {spring} (1 bytes)
#3   k.parts: two = {spring} (1 bytes)
#4   concat images=[_, k.parts: one, k.parts: two] < #1 + #2, #3
x-6.1 = #4
k.kernel = #1
stages: 1 to run, 1 if each output were made alone; outputs: 2
TEXT
expect 'check runs it' 0 kpipe check r.yml << 'TEXT'
r.yml: ok, 1 stages, 2 outputs
TEXT
printf 'fail %s\n' broken > bad
expect 'check says what is wrong' 1 kpipe check --set file=bad r.yml << 'TEXT'
--
r.yml:3:22: error: input 'k': broken [KP1521]
    3 | inputs: {k: {spring: $(file)}}
      |                      ^~~~~~~
  hint: no hint
TEXT
expect 'no such file' 1 kpipe check --set file=gone r.yml << 'TEXT'
--
r.yml:3:22: error: input 'k': gone: No such file or directory [KP1401]
    3 | inputs: {k: {spring: $(file)}}
      |                      ^~~~~~~
  hint: a relative path counts from the folder of the recipe that says it
TEXT

# A package whose archives no codec knows.
member() { printf '%-16s%-12s%-6s%-6s%-8s%-10s`\n%s' "$1" 0 0 0 100644 "${#2}" "$2"; }
{
    printf '!<arch>\n'
    member debian-binary $'2.0\n'
    member control.tar.what 'what is this'
    member data.tar.what 'what is this'
} > odd.deb
printf 'kpipe: 1\ninputs: {k: {deb: odd.deb}}\noutputs: [k.vmlinuz]\n' > odd.yml
expect 'no codec knows it' 1 kpipe check odd.yml << 'TEXT'
--
odd.yml:2:14: error: input 'k': compressed data: no codec known begins like it [KP1523]
    2 | inputs: {k: {deb: odd.deb}}
      |              ^~~
  hint: `kpipe plugins` lists the codecs
TEXT
# A plugin that is not what its note says.
mkdir liars
LC_ALL=C sed 's/^url http/url HTTP/' plugins/spring.so > liars/spring.so
is 'its plugin cannot be used' "r.yml:3:14: error: input 'k': type 'spring': its plugin" "$(
    KPIPE_PLUGIN_PATH=$work/liars "$kpipe" check r.yml 2>&1 |
        sed -n "s|^\(.* its plugin\) $work/liars/spring.so cannot be used: .* url: .* \[KP1610\]$|\1|p"
)"

# One that was built with other headers.
mkdir strangers
LC_ALL=C sed 's/^sdk ......../sdk 00000000/' plugins/spring.so > strangers/spring.so
is 'its plugin was rejected' 1 "$(
    KPIPE_PLUGIN_PATH=$work/strangers "$kpipe" check r.yml 2>&1 |
        grep -c "  hint: offered by $work/strangers/spring.so, which was rejected: built with other SDK"
)"

is 'listed' '  sources: spring' "$("$kpipe" plugins | grep 'sources: spring')"
is 'listed as JSON' 1 "$("$kpipe" plugins --json | grep -c '"spring"$')"
is 'shown' 'source spring: what its lines say' "$("$kpipe" plugins spring | grep '^source')"
is 'its parameters' '    file: image, required, short' "$("$kpipe" plugins spring | grep 'file: image')"
is 'that may be missing' '    around: tree, may name what does not exist' "$("$kpipe" plugins spring | grep around:)"
is 'shown as JSON' '"type": "tree"' "$("$kpipe" plugins --json spring | grep -o '"type": "tree"' | sort -u)"
is 'that may be missing, as JSON' 2 "$("$kpipe" plugins --json spring | grep -c '"may_miss": true')"
is 'by its own name' 'source deb: a Debian package' "$("$kpipe" plugins deb | grep '^source')"
is 'in the schema' 1 "$("$kpipe" schema | grep -c '"source-spring": {')"
finish
