#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/schema.sh - `kpipe schema`: the schema is one, takes every recipe there is and
# every form of a value, and refuses what `kpipe check` refuses and a schema can tell.
# shellcheck disable=SC2016 # the variables are the recipes'
. "$(dirname "$0")/common.sh"

/usr/bin/python3 -c 'import jsonschema, yaml' 2> why || {
    echo 'python3-jsonschema or python3-yaml is missing'
    exit 77
}
"$kpipe" schema > schema.json 2> errors
is 'exit code' 0 $?
is 'no findings' '' "$(cat errors)"
"$kpipe" schema > again.json
is 'twice the same' '' "$(cmp schema.json again.json)"
is 'a JSON Schema' '' "$("$here/validate" schema.json 2>&1)"

# Recipes of the tree, and those in the documentation.
mkdir docs
awk '/^```yaml/ {number++; file = "docs/recipe" number ".yml"; next} /^```/ {file = ""}
     file != "" {print > file}' "$here/../../docs/recipes.md"
count=0
while IFS= read -r line; do
    is "takes ${line%%:*}" "${line%%:*}: ok" "$line"
    count=$((count + 1))
done < <("$here/validate" schema.json "$here"/../../recipes/*.yml "$here"/../../recipes/*/*.yml docs/*.yml)
is 'there are some' yes "$([ "$count" -ge 10 ] && echo yes)"

# recipe NAME LINE...: below what all of them begin with; `-` before a line leaves that out.
printf 'kernel' > Image
head -c 36 /dev/zero > zImage
printf '\x18\x28\x6f\x01%060d' 0 >> zImage
printf '\xd0\x0d\xfe\xed%060d' 0 > dtb
recipe() {
    local name=$1
    shift
    {
        if [ "$1" = - ]; then
            shift
        else
            printf '%s\n' 'kpipe: 1' 'inputs: {a: Image, z: zImage, d: dtb}'
        fi
        printf '%s\n' "$@"
    } > "$name.yml"
}

# One image `x` of the chain, and its output.
chain() { # NAME CHAIN
    recipe "$1" "images: {x: $2}" 'outputs: [x]'
}

# Right, and looks odd. `kpipe check` agrees.
mkdir right
cd right || exit 1
cp ../Image ../zImage ../dtb .
chain level-text '[a, {gzip: {level: "9"}}]'
chain level-hex '[a, {gzip: {level: 0xc}}]'
chain level-octal '[a, {gzip: {level: 0o11}}]'
chain level-short '[a, {gzip: 4}]'
chain level-nothing '[a, {gzip: {level: }}]'
chain no-parameters '[a, {gzip: }]'
chain unpack '[a, gzip, gzip.unpack]'
chain limit-suffix '[a, gzip, {gzip.unpack: {limit: 64K}}]'
chain limit-iec '[a, gzip, {gzip.unpack: {limit: 1GiB, trailing: ignore}}]'
chain name-number '[a, {uimage: {load: 0, arch: arm, name: 6.10}}]'
chain name-bool '[a, {uimage: {load: 0, arch: arm, name: yes}}]'
chain no-list a
chain one-image-of-a-list '[z, {zimage: {dtb: d}}]'
chain arch-alias '[a, {uimage: {load: 0x8000, arch: mipsel}}]'
recipe variable 'vars: {n: 9, e: zlib, list: [x]}' \
    'images: {x: [a, {gzip: {level: $(n), encoder: $(e)}}]}' 'outputs: $(list)'
recipe variable-in-chain 'vars: {c: [gzip]}' 'images: {x: [a, $(c)]}' 'outputs: x'
recipe facts - 'kpipe: "1"' \
    'inputs: {a: {file: {path: Image, arch: arm, load: 0x8000, entry: 32K, com.example.id: 7}}}' \
    'outputs: [{a: {file: b/c}}, {a: d}, {a: }]'
recipe matrix 'matrix: {n: [1, {name: 2, v: 3}], m: k}' 'images: {x: [a, gzip]}' \
    'outputs: [{x: {file: x-$(n)-$(m)}}]'
recipe empty-sections 'vars:' 'matrix:' 'images:' 'name:' 'arch:' 'outputs: [a]'
recipe tools-map 'tools: {gzip: /bin/gzip, c++filt: }' 'outputs: [a]'
recipe tools-list 'tools: [gzip, x86_64-linux-gnu-ld]' 'outputs: [a]'
recipe keys 'vars: {f: x}' 'outputs: [a]' \
    'keys: {a: x.pem, b: {file: $(f)}, c: {file: x, secret-from: y}, d: "pkcs11:object=d", e: {pkcs11: "pkcs11:object=e"}}'
recipe extends - 'extends: [level-short.yml]' 'kpipe: 1'
for file in *.yml; do
    "$kpipe" check "$file" > got 2>&1 || fail "check takes $file" "$(cat got)"
done
while IFS= read -r line; do
    is "takes ${line%%:*}" "${line%%:*}: ok" "$line"
done < <("$here/validate" ../schema.json ./*.yml)
cd ..

# Sources of plugins are types of input. (A package that they could read is not at hand.)
mkdir sources
recipe sources/short - 'kpipe: 1' 'inputs: {k: {deb: linux.deb}}' 'outputs: [k.vmlinuz]'
recipe sources/long - 'kpipe: 1' \
    'inputs: {k: {deb: {file: $(d)/linux.deb, files: {name: a, path: b}}}, t: {tree: d}}' 'outputs: [k.a]'
is 'takes sources' 'sources/long.yml: ok sources/short.yml: ok' \
    "$("$here/validate" schema.json sources/long.yml sources/short.yml | tr '\n' ' ' | sed 's/ $//')"

# Wrong. `kpipe check` agrees.
mkdir wrong
cd wrong || exit 1
cp ../Image ../zImage ../dtb .
recipe unknown-key 'outputs: [a]' 'output: [a]'
recipe unknown-section-type 'images: [a]' 'outputs: [a]'
recipe key-list 'keys: {a: [x.pem]}' 'outputs: [a]'
recipe key-places 'keys: {a: {file: x.pem, pkcs11: "pkcs11:object=a"}}' 'outputs: [a]'
recipe key-word 'keys: {a: {path: x.pem}}' 'outputs: [a]'
recipe key-name 'keys: {1a: x.pem}' 'outputs: [a]'
recipe version - 'kpipe: 2' 'inputs: {a: Image}' 'outputs: [a]'
recipe version-text - 'kpipe: one' 'inputs: {a: Image}' 'outputs: [a]'
recipe input-name - 'kpipe: 1' 'inputs: {1a: Image}' 'outputs: [1a]'
recipe input-list - 'kpipe: 1' 'inputs: {a: [Image]}' 'outputs: [a]'
recipe input-type - 'kpipe: 1' 'inputs: {a: {folder: Image}}' 'outputs: [a]'
recipe source-parameter - 'kpipe: 1' 'inputs: {a: {deb: {file: x.deb, filse: y}}}' 'outputs: [a.b]'
recipe source-no-file - 'kpipe: 1' 'inputs: {a: {deb: {dtb: y}}}' 'outputs: [a.dtb]'
recipe source-facts - 'kpipe: 1' 'inputs: {a: {tree: {path: x, arch: arm}}}' 'outputs: [a]'
recipe input-no-path - 'kpipe: 1' 'inputs: {a: {file: {arch: arm}}}' 'outputs: [a]'
recipe input-bare-path - 'kpipe: 1' 'inputs: {a: {path: Image}}' 'outputs: [a]'
recipe fact-unknown - 'kpipe: 1' 'inputs: {a: {file: {path: Image, entri: 1}}}' 'outputs: [a]'
recipe fact-number - 'kpipe: 1' 'inputs: {a: {file: {path: Image, load: low}}}' 'outputs: [a]'
recipe fact-arch - 'kpipe: 1' 'inputs: {a: {file: {path: Image, arch: arm99}}}' 'outputs: [a]'
recipe arch 'arch: arm99' 'outputs: [a]'
recipe output-key 'outputs: [{a: {path: b}}]'
recipe output-two 'outputs: [{a: b, z: c}]'
recipe output-list 'outputs: [[a]]'
recipe matrix-name 'matrix: {n: [{v: 3}]}' 'outputs: [{a: {file: $(n)}}]'
recipe matrix-empty 'matrix: {n: []}' 'outputs: [{a: {file: $(n)}}]'
recipe vars-name 'vars: {a.b: 1}' 'outputs: [a]'
recipe tools-text 'tools: gzip' 'outputs: [a]'
recipe tools-path 'tools: [/bin/gzip]' 'outputs: [a]'
recipe tools-name 'tools: {a/b: c}' 'outputs: [a]'
recipe tools-deep 'tools: {gzip: {path: /bin/gzip}}' 'outputs: [a]'
recipe extends-variable - 'kpipe: 1' 'extends: $(x).yml' 'outputs: [a]'
chain unknown-stage '[a, gzipp]'
chain unknown-stage-map '[a, {gzipp: {level: 9}}]'
chain unknown-parameter '[a, {gzip: {levle: 9}}]'
chain two-stages '[a, {gzip: , uimage: 0}]'
chain begins-with-stage '[{gzip: 9}]'
chain empty '[]'
chain nested '[a, [gzip]]'
chain level-high '[a, {gzip: {level: 13}}]'
chain level-high-text '[a, {gzip: {level: "100"}}]'
chain level-suffix '[a, {gzip: {level: 1K}}]'
chain level-short-high '[a, {gzip: 99}]'
chain level-negative '[a, {gzip: {level: -1}}]'
chain level-fraction '[a, {gzip: {level: 1.5}}]'
chain level-word '[a, {gzip: {level: best}}]'
chain level-list '[a, {gzip: {level: [9]}}]'
chain level-map '[a, {gzip: {level: {a: 9}}}]'
chain limit-zero '[a, gzip, {gzip.unpack: {limit: 0}}]'
chain choice '[a, {gzip: {encoder: zopfli}}]'
chain choice-bool '[a, {gzip: {encoder: true}}]'
chain text-list '[a, {uimage: {load: 0, arch: arm, name: [a, b]}}]'
chain text-long "[a, {uimage: {load: 0, arch: arm, name: $(printf 'n%.0s' {1..40})}}]"
chain image-list '[z, {zimage: {dtb: {d: }}}]'
chain no-short '[a, {objcopy: 1}]'
for file in *.yml; do
    if "$kpipe" check "$file" > got 2>&1; then
        fail "check refuses $file" "$(cat got)"
    fi
done
count=0
while IFS= read -r line; do
    is "refuses ${line%%:*}" "${line%%:*}: not valid" "$line"
    count=$((count + 1))
done < <("$here/validate" ../schema.json ./*.yml)
is 'all were looked at' "$(ls ./*.yml | wc -l)" "$count"
finish
