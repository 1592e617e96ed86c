#!/usr/bin/env bash
# A plugin written outside the tree: installs kpipe into a folder of its own, builds the SDK's
# template from the installed files alone, and uses it in a recipe.
# Usage: outside.sh BUILD_FOLDER WORK_FOLDER
set -euo pipefail

here=$(realpath "$(dirname "$0")")
build=$(realpath "$1")
work=$2
failed=0

check() { # NAME EXPECTED ACTUAL
    if [ "$2" = "$3" ]; then
        echo "ok $1"
    else
        echo "FAIL $1"
        diff <(printf '%s\n' "$2") <(printf '%s\n' "$3") || true
        failed=1
    fi
}

rm -rf "$work"
mkdir -p "$work"
work=$(realpath "$work")
cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
kpipe=$work/prefix/bin/kpipe

cp -r "$work"/prefix/share/doc/kpipe/sdk/template "$work/plugin"
lines=$(wc -l <"$work/plugin/rle.c")
if [ "$lines" -lt 60 ]; then echo "ok template has $lines lines"; else echo "FAIL template has $lines lines"; failed=1; fi
cmake -S "$work/plugin" -B "$work/plugin/build" -DCMAKE_PREFIX_PATH="$work/prefix" \
    -DCMAKE_C_FLAGS="-Wall -Wextra -Wconversion -Wshadow -Wvla -pedantic -Werror" >"$work/cmake.log"
cmake --build "$work/plugin/build" >>"$work/cmake.log"
check "exports one function" kpipe_plugin \
    "$(nm -D --defined-only "$work/plugin/build/rle.so" | awk '{print $3}')"

# The same without CMake, by what pkg-config tells.
mkdir "$work/plain"
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name kpipe.pc)")
# shellcheck disable=SC2046 # several words
gcc -std=c99 -shared -fPIC -fvisibility=hidden -Wl,-z,defs $(pkg-config --cflags kpipe) \
    -o "$work/plain/rle.so" "$work/plugin/rle.c"
check "kpipe.pc: built with gcc alone, the headers of this prefix" "$work/prefix/include" \
    "$(realpath "$(pkg-config --variable=includedir kpipe)")"
check "kpipe.pc: the folder of the bundled plugins" gzip.so \
    "$(cd "$(pkg-config --variable=plugindir kpipe)" && echo gzip.so*)"
check "kpipe.pc: the plugin is accepted" "rle 1.0.0 (foreign): run lengths" \
    "$("$kpipe" plugins rle --plugin-path "$work/plain" | head -n 1)"

cd "$work"
export KPIPE_PLUGIN_PATH=$work/plugin/build NO_COLOR=1
printf 'aaaaaaaaaabbbbbc' >input
cat >recipe.yml <<'R'
kpipe: 1
inputs: {raw: input}
images:
  packed: [raw, {rle: {longest: 4}}]
  again:  [packed, rle.unpack]
  gzipped: [raw, rle, gzip, gzip.unpack, {rle.unpack: }]
outputs: [packed, again, gzipped]
R
"$kpipe" run -q recipe.yml
check "packed bytes" "524c4531046104610261046201620163" "$(od -An -v -t x1 packed | tr -d ' \n')"
check "round trip" "aaaaaaaaaabbbbbc" "$(cat again)"
check "among other codecs" "aaaaaaaaaabbbbbc" "$(cat gzipped)"
check "identified by its magic" "packed: compressed (rle), 16 bytes" \
    "$("$kpipe" inspect packed | head -n 1)"

listing=$("$kpipe" plugins rle)
for word in com.example.rle longest 2..255 "longest run that one pair stands for" rle.unpack; do
    case $listing in
    *"$word"*) echo "ok listed: $word" ;;
    *) echo "FAIL not listed: $word"; printf '%s\n' "$listing"; failed=1 ;;
    esac
done

# What is made from the tables is installed, and a vendor makes the same.
share=$work/prefix/share
unset KPIPE_PLUGIN_PATH
check "page of a command" "$("$kpipe" help --man run)" "$(cat "$share/man/man1/kpipe-run.1")"
check "page of a plugin" "$("$kpipe" plugins --man gzip)" "$(cat "$share/man/man7/kpipe-plugin-gzip.7")"
check "completion, bash" "$("$kpipe" completion bash)" "$(cat "$share/bash-completion/completions/kpipe")"
check "completion, zsh" "$("$kpipe" completion zsh)" "$(cat "$share/zsh/site-functions/_kpipe")"
check "completion, fish" "$("$kpipe" completion fish)" "$(cat "$share/fish/vendor_completions.d/kpipe.fish")"
export KPIPE_PLUGIN_PATH=$work/plugin/build
check "page of the vendor's plugin" ".It Cm longest" \
    "$("$kpipe" plugins --man rle | grep -F 'Cm longest')"
check "schema with the vendor's plugin" '"stage-rle": {' \
    "$("$kpipe" schema | grep -o '"stage-rle": {')"

sed -i 's/longest: 4/longest: 256/' recipe.yml
check "range error with line and caret" \
    "recipe.yml:4:33: error: stage 'rle': longest: 256: out of range 2..255 [KP1304]
    4 |   packed: [raw, {rle: {longest: 256}}]
      |                                 ^~~
exit 1" \
    "$("$kpipe" check recipe.yml 2>&1; echo "exit $?")"

# A vendor's plugin runs in a worker unless somebody says otherwise: kpipe has none of it, while
# it waits for a reader of what was made.
check "where it runs" "  runs:      in a worker" \
    "$("$kpipe" plugins --why rle | grep '^  runs:')"
mkfifo pipe
"$kpipe" pipe -q input rle -o pipe &
run=$!
mapped() { # Whether a process below kpipe's keeper has the plugin mapped
    local keeper worker
    for keeper in $(pgrep -P "$run"); do
        for worker in $(pgrep -P "$keeper"); do
            ! grep -qs 'rle\.so' "/proc/$worker/maps" || return 0
        done
    done
    return 1
}
for _ in $(seq 500); do
    ! mapped || break
    sleep 0.01
done
check "the worker has mapped it" yes "$(mapped && echo yes)"
check "kpipe has not" "" "$(grep 'rle\.so' "/proc/$run/maps" || true)"
cat pipe >packed-there
wait "$run"
check "its bytes are those in process" "$("$kpipe" pipe -q input rle -o - --isolation none | od -An -tx1)" \
    "$(od -An -tx1 packed-there)"

# What a plugin finds wrong when it runs stands at the recipe's parameter, at any depth.
# shellcheck disable=SC2046 # several words
gcc -std=c99 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden -Wl,-z,defs \
    $(pkg-config --cflags kpipe) -o "$work/plugin/build/picky.so" "$here/picky.c"
chmod go-w "$work/plugin/build/picky.so"
cat >picky.yml <<'R'
kpipe: 1
inputs: {raw: input}
images:
  good: [raw, {picky: {regions: [{begin: 0, end: 2}, {begin: 10, end: 12}]}}]
  odd:
    - raw
    - picky:
        regions:
          - {begin: 0, end: 4}
          - {begin: 8, end: 0x20}
  name: [raw, {picky: {name: ab}}]
  wrong: [raw, {picky: {name: c, regions: [{begin: 3, end: 2}]}}]
outputs: [good, odd, name, wrong]
R
check "errors of a running stage with line and caret" \
    "good: 4 bytes
picky.yml:10:29: error: stage 'picky': end: 32: the image has 16 bytes [KP1501]
   10 |           - {begin: 8, end: 0x20}
      |                             ^~~~
picky.yml:11:30: error: stage 'picky': name: 'ab': is even [KP1501]
   11 |   name: [raw, {picky: {name: ab}}]
      |                              ^~
  hint: write one more letter
picky.yml:12:17: error: stage 'picky': plugin com.example.picky 2.1.0 ($work/plugin/build/picky.so): \
fault of the plugin: output_image behind the end of an image [KP1502]
   12 |   wrong: [raw, {picky: {name: c, regions: [{begin: 3, end: 2}]}}]
      |                 ^~~~~
  hint: tell its vendor; nothing was written
exit 1" "$("$kpipe" run -k -j1 picky.yml 2>&1; echo "exit $?")"
check "what it joined" aabb "$(cat good)"
exit $failed
