#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/one-table.sh - a plugin that kpipe has never seen (tests/plugins/menu.c, with a
# parameter of each type) shows up in the list, the schema, the manual and completion.
. "$(dirname "$0")/common.sh"

case $("$kpipe" plugins | head -1) in
*'(compiled in)'*)
    echo 'this kpipe opens no plugins'
    exit 77
    ;;
esac
mkdir plugins
cp "$(dirname "$kpipe")/tests/plugins/menu.so" plugins/ || exit 1
with=(--plugin-path "$work/plugins")

is 'the list, without it' '' "$("$kpipe" plugins | grep menu)"
is 'the list' '  stages:  menu, served, starter' "$("$kpipe" plugins "${with[@]}" | grep 'stages:.*menu')"

# Completion takes the folder from the words themselves.
words() { "$kpipe" completion bash -- "$@" | cut -f1 | tr '\n' ' '; }
is 'completion, without it' '' "$(words pipe f men)"
is 'completion: stage' 'menu ' "$(words pipe "${with[@]}" f men)"
is 'completion: parameters' \
    'menu:count= menu:shift= menu:quick= menu:mode= menu:title= menu:names= menu:with= menu:regions= menu:codec= menu:old= menu:image= menu:key= ' \
    "$(words pipe "${with[@]}" f menu:)"
is 'completion: choices' 'menu:mode=no menu:mode=6 menu:mode=kernel-6.1 ' \
    "$(words pipe "${with[@]}" f menu:mode=)"
is 'completion: boolean' 'menu:quick=true menu:quick=false ' "$(words pipe "${with[@]}" f menu:quick=)"
is 'completion: stage of a stage' 'menu:codec=gzip menu:codec=gzip.unpack ' \
    "$(words pipe "${with[@]}" f menu:codec=gz)"
is 'completion: a key is a path' ':files ' "$(words pipe "${with[@]}" f menu:key=keyf)"
is 'completion: name' 'menu menu ' "$(words plugins "${with[@]}" men)"

# The manual.
"$kpipe" plugins "${with[@]}" --man menu > menu.7
if command -v mandoc > /dev/null; then
    is 'manual: mandoc -T lint' '' "$(mandoc -T lint -W warning menu.7 2>&1)"
    mandoc -T ascii menu.7 | sed $'s/.\b//g' > text
    for line in 'vendor +Example & Sons' 'licence +MIT' 'number 1..20, required, short' \
        'number -8..8, default -1' 'choice, default no' 'kernel-6.1' 'text of 0..8 bytes' \
        'list of 0..3 text' 'list of map' 'text of 1..8 bytes, required, short' \
        'number 0..1048576, in bytes' 'true or false, default yes' 'Deprecated: use count' \
        'Since 1.0.0' 'none, it begins a chain' 'without "waiting" .* resting' ' +an example' \
        ' +[.]of two lines' 'The end[.]' 'It takes no parameters[.]' 'Its help ends here[.]'; do
        is "manual: $line" yes "$(grep -qE -- "$line" text && echo yes)"
    done
fi

# The schema.
/usr/bin/python3 -c 'import jsonschema, yaml' 2> why || {
    echo 'python3-jsonschema or python3-yaml is missing'
    finish
}
"$kpipe" schema "${with[@]}" > schema.json
"$kpipe" schema > without.json
is 'schema: a JSON Schema' '' "$("$here/validate" schema.json 2>&1)"
printf 'kernel' > Image

# both EXPECTED CHAIN: the schema and `kpipe check` are to say the same. All are looked at
# together below.
chains=()
both() {
    chains+=("$1 $2")
    printf '%s\n' 'kpipe: 1' 'inputs: {a: Image, b: Image}' "images: {x: $2}" 'outputs: [x]' \
        > "${#chains[@]}.yml"
}
both right '[a, {menu: 1}]'
is 'schema, without it' '1.yml: not valid' "$("$here/validate" without.json 1.yml)"
both right '[a, {menu: {count: 20, shift: -8, quick: yes, mode: no, title: "%(kind)%(kind)"}}]'
both right '[a, {menu: {count: 0x14, shift: "-0x8", mode: 6}}]'
both right '[a, {menu: {count: 2, mode: kernel-6.1, title: 12345678, names: one}}]'
both right '[a, {menu: {count: 2, names: [1, true, x], with: [b, _], image: b}}]'
both right '[a, {menu: {count: 2, names: , regions: r}}]'
both right '[a, {menu: {count: 2, regions: [r, {name: s, length: 64K, deep: {quick: no}}]}}]'
both right '[a, {menu: {count: 2, codec: gzip}}]'
both right '[a, {menu: {count: 2, codec: {gzip: 9}}}]'
both right '[a, {menu: {count: 2, mode: 6, codec: served}}]'
both right '[a, {menu: {count: 2, mode: 6, codec: {served: {mode: no}}}}]'
# Limits hold in every form of a number.
for number in 1 9 10 19 20 0x1 0x9 0xa 0x0F 0x14 0o1 0o7 0o10 0o24; do
    both right "[a, {menu: {count: \"$number\"}}]"
done
for number in 0 00 21 30 100 0x0 0x15 0x20 0xff 0o0 0o25 0o30 1K -1 '' ' 1' 1k 0x 1.0; do
    both wrong "[a, {menu: {count: \"$number\"}}]"
done
for number in 0 0K 1048576 0x100000 1024K 0x400KiB 1M; do
    both right "[a, {menu: {count: 2, regions: {name: r, length: \"$number\"}}}]"
done
for number in 1048577 0x100001 1025K 0x401K 2M 1G; do
    both wrong "[a, {menu: {count: 2, regions: {name: r, length: \"$number\"}}}]"
done
for number in -8 -1 0 8 0x8 -0o10; do
    both right "[a, {menu: {count: 2, shift: \"$number\"}}]"
done
for number in -9 9 +1 -0x9 0o11 1K; do
    both wrong "[a, {menu: {count: 2, shift: \"$number\"}}]"
done
both right '[{starter: }]'
both right '[{starter: }, {served: {mode: 6}}]'
both wrong '[a, {menu: {count: 2, key: [x]}}]'
both wrong '[a, {menu: {count: 2, key: keys/x.pem}}]'
both wrong '[a, menu]'
both wrong '[a, {menu: }]'
both wrong '[a, {menu: {}}]'
both wrong '[a, {menu: {count: }}]'
both wrong '[a, {menu: {quick: true}}]'
both wrong '[a, {menu: 0}]'
both wrong '[a, {menu: 21}]'
both wrong '[a, {menu: "100"}]'
both wrong '[a, {menu: {count: 2, shift: 9}}]'
both wrong '[a, {menu: {count: 2, shift: low}}]'
both wrong '[a, {menu: {count: 2, quick: 1}}]'
both wrong '[a, {menu: {count: 2, mode: fast}}]'
both wrong '[a, {menu: {count: 2, title: "123456789"}}]'
both wrong '[a, {menu: {count: 2, names: [a, b, c, d]}}]'
both wrong '[a, {menu: {count: 2, names: {a: b}}}]'
both wrong '[a, {menu: {count: 2, image: [b]}}]'
both wrong '[a, {menu: {count: 2, regions: [{length: 1}]}}]'
both wrong '[a, {menu: {count: 2, regions: [{name: r, length: 2M}, 1]}}]'
both wrong '[a, {menu: {count: 2, regions: {name: r, deep: {slow: no}}}}]'
both wrong '[a, {menu: {count: 2, regions: {name: much-too-long}}}]'
both wrong '[a, {menu: {count: 2, codec: nothing}}]'
both wrong '[a, {menu: {count: 2, codec: {gzip: {levle: 1}}}}]'
both wrong '[a, {menu: {count: 2, codec: starter}}]'
both wrong '[a, served]'
both wrong '[a, {starter: }]'
files=()
for ((i = 1; i <= ${#chains[@]}; i++)); do
    files+=("$i.yml")
done
mapfile -t said < <("$here/validate" schema.json "${files[@]}")
for ((i = 1; i <= ${#chains[@]}; i++)); do
    expected=${chains[i - 1]%% *}
    chain=${chains[i - 1]#* }
    case $expected in
    right) is "schema: $chain" "$i.yml: ok" "${said[i - 1]}" ;;
    wrong) is "schema: $chain" "$i.yml: not valid" "${said[i - 1]}" ;;
    esac
    is "check: $chain" "$expected" \
        "$("$kpipe" check "${with[@]}" "$i.yml" > got 2>&1 && echo right || echo wrong)"
done
is 'deprecated' yes "$(grep -q '"deprecated": true' schema.json && echo yes)"
finish
