#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/fit.sh - FITs against U-Boot's mkimage: stages `fit-its` and `fit`; and what they
# refuse.
#
#     fit.sh KPIPE WORKDIR
#
# Whole files are compared: Debian's mkimage 2023.01 here, the newest in tests/real/fit-identity.sh.
# Signatures that are random (ECDSA, RSA-PSS) openssl verifies.
self=$(realpath "$0")
. "$(dirname "$0")/common.sh"
. "$(dirname "$self")/../fit.sh"
# shellcheck disable=SC2034 # fit.sh's
mkimage=mkimage

fit_files
fit_keys dev:2048 big:3072 huge:4096
for curve in prime256v1 secp384r1 secp521r1; do
    openssl ecparam -genkey -noout -name $curve -out keys/$curve.key
done
plain_sources
language_sources
signed_sources
cipher_sources

# --- mkimage -f SOURCE ---

for source in plain every-kind lengths no-configurations overlay high many much-room odd-names found-by-name language; do
    ok "$source" from_source $source ""
    ok "$source, external" from_source $source "" -E
done
for options in "-E -B 8" "-E -B 200" "-E -p 20000" "-E -p 20000 -B 1000"; do
    # shellcheck disable=SC2086 # options
    ok "every-kind $options" from_source every-kind "" $options
done
for source in signed signed-default signed-thrice signed-images-{sha1,sha256,sha384,sha512} signed-everything signed-much-room; do
    ok "$source" from_source "$source" "dev big huge"
done
ok "signed, no keys" from_source signed-everything ""
ok "signed, comment" from_source signed-everything "dev big huge" -c "a comment, it's one"
ok "signed, external" from_source signed-everything "dev big huge" -E -B 40
for bits in 128 192 256; do
    ok "aes$bits, no keys" from_source "cipher-$bits" ""
    ok "aes$bits" from_source "cipher-$bits" "dev aes128 aes192 aes256"
    ok "aes$bits, external" from_source "cipher-$bits" "dev aes128 aes192 aes256" -E
done

# --- mkimage -f auto ---

auto() { # NAME PARAMETERS OPTION...
    ok "auto, $1" from_parts "${@:2}"
    ok "auto, $1, external" from_parts "${@:2}" -E -B 40
}
auto_cases auto

# --- signatures that are random ---

value() { # NODE: of ours
    printf "%b" "$(fdtget -t bx ours "$1" value | tr ' ' '\n' | sed 's/^/\\x/' | tr -d '\n')"
}

pss() { # KEY HASH: an image's signature
    recipe "[{fit: {images: [{name: a, type: firmware, image: blob, signatures: [{key: $1, hash: $2, padding: pss}]}]}}]" \
        'inputs: {blob: blob}' "$(keys_of "$1")" >ours.yml
    "$kpipe" run -q ours.yml && value /images/a/signature-1 >signature || return 1
    openssl pkey -in "keys/$1.key" -pubout -out public.pem &&
        openssl dgst "-$2" -verify public.pem -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest \
            -signature signature blob && [ "$(fdtget ours /images/a/signature-1 padding)" = pss ]
}

ecdsa() { # KEY HASH BYTES ALGO: r and s as they are, which openssl wants as ASN.1
    recipe "[{fit: {images: [{name: a, type: firmware, image: blob, signatures: [{key: $1, hash: $2}]}]}}]" \
        'inputs: {blob: blob}' "$(keys_of "$1")" >ours.yml
    "$kpipe" run -q ours.yml && value /images/a/signature-1 >signature || return 1
    [ "$(stat -c %s signature)" = $((2 * $3)) ] && [ "$(fdtget ours /images/a/signature-1 algo)" = "$2,$4" ] || return 1
    printf 'asn1 = SEQUENCE:s\n[s]\nr = INTEGER:0x%s\ns = INTEGER:0x%s\n' \
        "$(head -c "$3" signature | od -An -v -tx1 | tr -d ' \n')" "$(tail -c "$3" signature | od -An -v -tx1 | tr -d ' \n')" >asn1
    openssl asn1parse -genconf asn1 -out signature.der -noout && openssl pkey -in "keys/$1.key" -pubout -out public.pem &&
        openssl dgst "-$2" -verify public.pem -signature signature.der blob
}
ok "pss, sha256" pss dev sha256
ok "pss, sha512" pss big sha512
ok "ecdsa256" ecdsa prime256v1 sha256 32 ecdsa256
ok "ecdsa384" ecdsa secp384r1 sha384 48 ecdsa384
ok "secp521r1" ecdsa secp521r1 sha512 66 secp521r1

# --- what is refused ---

# says TEXT...: ours.yml fails without an output, and says each TEXT.
says() {
    local status=0 text
    rm -f ours
    "$kpipe" run -q ours.yml >refused.log 2>&1 || status=$?
    cat refused.log
    [ "$status" = 1 ] && [ ! -e ours ] || return 1
    for text; do
        grep -qF -- "$text" refused.log || return 1
    done
}

# refuses CHAIN TEXT...: a chain, on these inputs.
refuses() {
    local inputs='kernel: kernel, gz: kernel.gz, xz: kernel.xz, ramdisk: ramdisk, base: base.dtb, other: other.dtb'
    recipe "$1" "inputs: {$inputs, blob: blob}" "$(keys_of dev prime256v1 aes128)" >ours.yml
    says "${@:2}"
}

# image MORE TEXT...: a FIT of one firmware, of which MORE is said.
image() {
    refuses "[{fit: {images: [{name: a, type: firmware, image: blob, $1}]}}]" "${@:2}"
}

# configuration MORE TEXT...: likewise.
configuration() {
    refuses "[{fit: {images: [{name: a, type: firmware, image: blob}], configurations: [{name: c, $1}]}}]" "${@:2}"
}

# kernel MORE TEXT...: a kernel as the main input.
kernel() {
    refuses "[kernel, {fit: {arch: arm64, load: 0x40200000, $1}}]" "${@:2}"
}
xz -c kernel >kernel.xz

ok image-hex image "properties: [{name: p, bytes: 0g}]" "0g: not pairs of hexadecimal digits" "as in '00 1f ff'"
ok image-half-hex image "properties: [{name: p, bytes: 001}]" "001: not pairs of hexadecimal digits"
ok image-two-values image "properties: [{name: p, text: x, cells: [1]}]" "p: 2 values" "give one of text, strings, cells, bytes"
ok image-property-twice image "properties: [{name: type, text: x}]" "type: the node has it already" \
    "change it by its own parameter"
ok image-order image "order: [load]" "order: load: the node has no such property" "leave it out, or give it a value"
ok image-twice refuses "[{fit: {images: [{name: a, type: firmware, image: blob}, {name: a, type: script, image: blob}]}}]" \
    "name: a: a second image" "give each its own name"
ok image-label image "compression: gzip" "compression: gzip: the contents are not compressed" \
    "this is only a label: compress in a stage before"
ok image-other-label refuses "[{fit: {images: [{name: a, type: flat_dt, image: gz, compression: lzma}]}}]" \
    "compression: lzma: the contents are compressed with gzip" "leave compression out: it is found from the contents"
ok image-xz refuses "[xz, {fit: {arch: arm64, load: 0}}]" \
    "compression: the contents are compressed with xz: U-Boot cannot unpack it" "U-Boot unpacks gzip"
ok image-no-load refuses "[{fit: {images: [{name: a, image: kernel}]}}]" \
    "load: no value: 'a' is a kernel that U-Boot copies to its address" "give load: ADDRESS, or type: kernel_noload"
ok image-arch image "arch: pdp11" "arch: pdp11: no plugin knows this architecture"
ok image-iv image "cipher: {key: aes128, iv: '00112233445566778899aabbccddeefg'}" "00112233445566778899aabbccddeefg: not pairs of hexadecimal digits"
ok image-short-iv image "cipher: {key: aes128, iv: '00 11 22 33 44 55 66 77 88 99 aa'}" "iv: 11 bytes: AES takes 16"
ok image-sign-images image "signatures: [{key: dev, sign_images: [kernel]}]" "sign_images: this signature covers one image alone"

ok key-secret image "signatures: [aes128]" "key: 'aes128' is a secret, which signs nothing" "ciphers take such keys"
ok key-padding image "signatures: [{key: prime256v1, padding: pss}]" "padding: ECDSA has none"
ok key-missing image "signatures: [{hash: sha256}]" "signatures: key: missing" "name one of the recipe's keys"
ok key-no-cipher image "cipher: dev" "key: 'dev' is none for a cipher" "a key of AES is a file of 16, 24 or 32 bytes"

ok configuration-reference configuration "firmware: b" "firmware: b: there is no image of that name" "images: gives each its name"
ok configuration-list configuration "loadables: [a, b]" "loadables: b: there is no image of that name"
ok configuration-tree configuration "fdt: [a]" "not a device tree"
ok configuration-twice refuses "[{fit: {images: [{name: a, type: firmware, image: blob}], configurations: [{name: c, firmware: a}, {name: c, firmware: a}]}}]" \
    "name: c: a second configuration" "give each its own name"
ok configuration-no-hash refuses \
    "[{fit: {hashes: [], images: [{name: a, type: firmware, image: blob}], configurations: [{name: c, firmware: a, signatures: [dev]}]}}]" \
    "/configurations/c: signature-1: an image that it names has no hash node: nothing would vouch for its contents"
ok configuration-no-image configuration "signatures: [dev]" "/configurations/c: signature-1: it names no image that is in the FIT"

ok boards-sets kernel "dtbs: [base, other], sets: '1 3'" "sets: 3: not numbers of the 2 device trees" 'as in "1,2 3", with numbers of dtbs'
ok boards-sets-words kernel "dtbs: [base], sets: 'one'" "sets: one: not numbers of the 1 device trees"
ok boards-no-kernel refuses "[{fit: {dtbs: [base]}}]" "fit: device trees or a ramdisk without a kernel as main input" \
    "put the kernel before the stage"
ok boards-ramdisk refuses "[{fit: {ramdisk: ramdisk}}]" "fit: device trees or a ramdisk without a kernel as main input"
ok boards-no-arch refuses "[kernel, {fit: {load: 0}}]" "arch: no value: U-Boot checks it" "give arch: NAME here or in the recipe"
ok boards-tree kernel "dtbs: [blob]" "not a device tree"
ok pack-default kernel "default_configuration: conf-2" "default: conf-2: there is no configuration of that name"
ok pack-position kernel "position: 0x1000" "position: contents that lie in the tree have none" "give external: true"
ok pack-low-position kernel "external: true, position: 0x10" "position: 0x10: the tree takes 0x"
ok pack-align kernel "external: true, align: 12" "align: 12: not a power of two"
ok pack-overlap kernel "images: [{name: a, type: firmware, image: blob, load: 0x40200010}], configurations: [{name: c, kernel: kernel-1, loadables: [a]}]" \
    "/configurations/c: load: kernel-1 (0x40200000 to 0x" ") and a (0x40200010 to 0x40200fb1) overlap" "give one of them another load address"

# refuses_source TEXT KEYS...: bad.its, with these keys.
refuses_source() {
    local keys=$1
    shift
    # shellcheck disable=SC2086 # names
    recipe "[{fit-its: {source: files, file: bad.its, keys: [${keys// /, }], ivs: [{hint: vector, image: vector}, {hint: long, image: blob}]}}]" \
        'inputs: {files: {tree: .}, vector: keys/vector.bin, blob: blob}' "$(keys_of ${keys:-dev})" >ours.yml
    says "$@"
}

bad() { # IMAGE CONFIGURATION: bad.its with one firmware, and one configuration
    {
        echo 'images {'
        node a blob firmware <<<"$1"
        printf '%s };\n' "}; configurations { c { $2 };"
    } | its bad
}
its bad <<<''
ok source-no-images refuses_source "" "/images: missing: a FIT has images"
its bad <<<'images { };'
ok source-no-image refuses_source "" "/images: no image: a FIT has images"
its bad <<<'images { a { type = "firmware"; }; };'
ok source-no-data refuses_source "" "/images/a: data: missing: an image has contents"
its bad <<<'images { a { type = "kernel"; compression = "gzip"; data = /incbin/("blob"); }; };'
ok source-not-compressed refuses_source "" "/images/a: compression: gzip: the contents are not compressed"
its bad <<<'images { a { type = "flat_dt"; compression = "none"; data = /incbin/("kernel.gz"); }; };'
ok source-compressed refuses_source "" "/images/a: compression: none: the contents are compressed with gzip"
bad '' 'firmware = <0x61626364>;'
ok source-no-name refuses_source "" "/configurations/c: firmware: not the names of images"
bad '' 'firmware = "a"; loadables = "a", "b";'
ok source-reference refuses_source "" "/configurations/c: loadables: b: there is no image of that name"
bad '' 'firmware = "a"; }; d { }; default = "e"; e { '
sed -i 's/default = "e"; e/e/; s/configurations {/configurations { default = "x";/' bad.its
ok source-default refuses_source "" "/configurations: default: x: there is no such configuration"
bad 'HASH sha257' ''
ok source-hash refuses_source "" "hash-1: algo: sha257: not a hash that is known"
bad 'SIGN other sha256,rsa2048' ''
ok source-hint refuses_source "dev" "signature-1: key-name-hint: other: none of the keys has that name" \
    "a key belongs to the nodes whose key-name-hint is its name"
bad 'signature-1 { algo = "sha256,rsa2048"; };' ''
ok source-no-hint refuses_source "dev" "signature-1: key-name-hint: missing: none of the keys has that name"
bad 'SIGN dev sha256' ''
ok source-algo refuses_source "dev" "signature-1: algo: missing, or not as in sha256,rsa2048"
bad 'SIGN dev md5,rsa2048' ''
ok source-algo-hash refuses_source "dev" "signature-1: algo: an algorithm that is not known"
bad 'SIGN dev sha256,rsa4096' ''
ok source-algo-bits refuses_source "dev" "signature-1: algo: rsa4096: the key 'dev' is one of RSA with 2048 bits" \
    "name the algorithm of the key"
bad 'SIGN dev sha256,ecdsa256' ''
ok source-algo-kind refuses_source "dev" "signature-1: algo: ecdsa256: the key 'dev' is one of RSA with 2048 bits"
bad 'SIGN aes128 sha256,rsa2048' ''
ok source-algo-secret refuses_source "aes128" "signature-1: algo: rsa2048: the key 'aes128' is one of a cipher with 128 bits"
bad 'SIGN dev sha256,rsa2048 padding = "oaep";' ''
ok source-padding refuses_source "dev" "signature-1: padding: neither pkcs-1.5 nor pss"
bad '' "firmware = \"a\"; $(printf '\nSIGN dev sha256,rsa2048\n')"
ok source-no-hash refuses_source "dev" "/configurations/c: signature-1: an image that it names has no hash node: nothing would vouch for its contents"
bad 'HASH sha1' "firmware = \"a\"; $(printf '\nSIGN dev sha256,rsa2048 sign-images = <1>;\n')"
ok source-sign-images refuses_source "dev" "/configurations/c: signature-1: sign-images: not a list of texts"
bad 'HASH sha1' "firmware = \"a\"; $(printf '\nSIGN dev sha256,rsa2048 sign-images = "kernel";\n')"
ok source-signs-nothing refuses_source "dev" "/configurations/c: signature-1: it names no image that is in the FIT"
bad 'cipher { algo = "aes128"; key-name-hint = "aes128"; iv-name-hint = "other"; };' ''
ok source-no-vector refuses_source "aes128" "cipher: iv-name-hint: other: none of ivs has that name"
bad 'cipher { algo = "aes128"; key-name-hint = "aes128"; iv-name-hint = "long"; };' ''
ok source-vector refuses_source "aes128" "iv: long: 4001 bytes: AES takes 16"
bad 'cipher { algo = "aes128"; key-name-hint = "x"; };' ''
ok source-no-cipher-key refuses_source "aes128" "/images/a: cipher: none of the keys has the name that key-name-hint says"
bad 'cipher { algo = "des"; key-name-hint = "aes128"; };' ''
ok source-cipher refuses_source "aes128" "/images/a: cipher: algo: des: none of aes128, aes192, aes256"
bad 'cipher { algo = "aes256"; key-name-hint = "aes128"; };' ''
ok source-cipher-bits refuses_source "aes128" "/images/a: cipher: algo: aes256: the key 'aes128' is none for it"
its bad <<<'images { a { type = "firmware"; data = [00], [01]; cipher { algo = "aes128"; key-name-hint = "aes128"; }; }; };'
ok source-cipher-pieces refuses_source "aes128" "/images/a: cipher: its contents are not one image"

# What is done all the same, and told.
warns() { # TEXT
    "$kpipe" run ours.yml >warns.log 2>&1 && cat warns.log && grep -qF -- "$1" warns.log
}
from_source signed "" >log 2>&1
ok warns-unsigned warns "signature-1: key-name-hint: dev: not signed: no keys are given"
bad 'HASH sha1' "firmware = \"a\"; loadables = \"a\"; kernel = \"a\"; $(printf '\nSIGN dev sha256,rsa2048 sign-images = "kernel";\n')"
{ echo 'images {' && node a d5 firmware <<<'HASH sha1' && node b blob firmware <<<'HASH sha1' &&
    printf '}; configurations { c { firmware = "a"; loadables = "b";\nSIGN dev sha256,rsa2048 sign-images = "firmware";\n}; };\n'; } | its less
from_source less dev >log 2>&1 || true
ok warns-less warns "/configurations/c: sign-images: the signature does not cover all images that the configuration names: U-Boot since 2026 refuses it"

finish
