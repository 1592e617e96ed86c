#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/keys-common.sh - what the tests of keys (keys*.sh) share: the plugin that signs, signatures
# verified by openssl, and recipes whose key is wrong. Sourced behind common.sh.
# shellcheck disable=SC2154 # common.sh sets it
build=$(dirname "$kpipe")
if [ ! -e "$build/tests/alone/signer/signer.so" ] || ! "$kpipe" plugins | grep '(bundled)' > /dev/null; then
    echo "this build opens no plugins"
    exit 77
fi
command -v openssl > /dev/null || exit 77
# shellcheck disable=SC2034 # who sources this uses it
plugins=(--plugin-path "$build/tests/alone/signer")
unset KPIPE_PIN
umask 077

# r and s of a signature, one behind the other, as openssl wants them: in the file der.
as_der() { # FILE
    local half=$(($(stat -c %s "$1") / 2)) r s
    r=$(head -c $half "$1" | xxd -p | tr -d '\n')
    s=$(tail -c $half "$1" | xxd -p | tr -d '\n')
    printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' "$r" "$s" > asn1
    openssl asn1parse -genconf asn1 -noout -out der
}

verify() { # NAME KEY HASH SIGNATURE OPTION...: a signature of the file text
    local name=$1 key=$2 hash=$3 signature=$4
    shift 4
    is "$name" 'Verified OK' \
        "$(openssl dgst -"$hash" -verify "$key" -signature "$signature" "$@" text 2>&1)"
}

# A recipe whose key 'dev' is wrong: its whole finding.
wrong_key() { # NAME KEY COLUMN LENGTH MESSAGE [HINT]: of the caret
    local name=$1 key=$2 column=$3 length=$4 message=$5 hint=${6-}
    cat > wrong.yml << END
kpipe: 1
inputs: {d: sha256}
keys:
  dev: $key
images:
  facts: [d, {signer: dev}]
outputs: [facts]
END
    {
        echo --
        echo "wrong.yml:4:$column: error: $message"
        echo "    4 |   dev: $key"
        printf '      | %*s^%s\n' $((column - 1)) '' "$(printf '%*s' $((length - 1)) '' | tr ' ' '~')"
        [ -z "$hint" ] || echo "  hint: $hint"
    } > text-of-it
    expect "$name" 1 kpipe check wrong.yml "${plugins[@]}" < text-of-it
}
