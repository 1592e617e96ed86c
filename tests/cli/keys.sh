#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/keys.sh - keys in files: named by recipes and command lines, opened before anything
# runs, used by a plugin in a worker and in kpipe itself; what they make is verified by openssl.
. "$(dirname "$0")/common.sh"
. "$here/keys-common.sh"

openssl genpkey -quiet -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out rsa.pem
for bits in 512 1024; do
    openssl genpkey -quiet -algorithm rsa -pkeyopt rsa_keygen_bits:$bits -out rsa$bits.pem
done
openssl pkcs8 -topk8 -in rsa.pem -v2 aes-256-cbc -passout pass:geheim -out pkcs8.pem
openssl rsa -in rsa.pem -traditional -out rsa-old.pem 2> log
for cipher in aes128 des3; do
    openssl rsa -in rsa.pem -traditional -$cipher -passout pass:geheim -out $cipher.pem 2>> log
done
openssl ecparam -genkey -name prime256v1 -out ec.pem # with its parameters before it
openssl ecparam -genkey -name prime256v1 -noout | openssl pkcs8 -topk8 -nocrypt -out ec8.pem
openssl ecparam -genkey -name secp384r1 -noout -out ec384.pem
openssl ecparam -genkey -name secp521r1 -noout -out ec521.pem
openssl ecparam -genkey -name secp256k1 -noout -out koblitz.pem
openssl genpkey -algorithm ed25519 -out ed.pem
for key in rsa rsa1024 ec ec384 ec521; do
    openssl pkey -in $key.pem -pubout -out $key.pub
done
openssl req -x509 -key ec.pem -subj /CN=test -days 3 -out ec.crt
openssl pkey -in rsa.pem -outform DER -out rsa.der
printf 'geheim\n' > pass
printf 'falsch\n' > wrong
: > empty
head -c 2000 /dev/zero | tr '\0' a > long
sed '5s/./*/' rsa.pem > damaged.pem
sed '5s/./*/' rsa.pub > damaged.pub
sed '5s/./*/' ec.crt > damaged.crt
printf -- '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n' > ssh
head -c 100000 /dev/zero > huge
for size in 15 16 24 32 33; do
    head -c $size <(printf 'a secret of up to thirty-three.!!') > secret$size
done
printf 'what is signed, and encrypted\n' > text
for hash in sha1 sha256 sha384 sha512; do
    openssl dgst -$hash -binary text > $hash
done

# --- what keys are ---
cat > facts.yml << 'END'
kpipe: 1
inputs: {d: sha256}
vars: {folder: .}
keys:
  rsa: rsa.pem
  old: $(folder)/rsa-old.pem
  pkcs8: {file: pkcs8.pem, secret-from: pass}
  aes: {file: $(folder)/aes128.pem, secret-from: $(folder)/pass}
  des: {file: des3.pem, secret-from: pass}
  ec: ec.pem
  ec8: ec8.pem
  ec384: ec384.pem
  ec521: ec521.pem
  public: rsa.pub
  certified: ec.crt
  s16: secret16
  s24: secret24
  s32: secret32
images:
  facts:
    - d
    - signer:
        key: rsa
        keys: [old, pkcs8, aes, des, ec, ec8, ec384, ec521, public, certified, s16, s24, s32]
  rsa-der: [d, {signer: {key: rsa, how: public}}]
  ec-der: [d, {signer: {key: certified, how: public}}]
outputs: [facts, rsa-der, ec-der]
END
for isolation in process none; do
    rm -rf out
    # Outputs end in any order.
    expect "facts, isolation $isolation" 0 sh -c '"$@" | sort' - \
        "$kpipe" run facts.yml --out out "${plugins[@]}" --isolation $isolation << 'END'
out/ec-der: 91 bytes
out/facts: 239 bytes
out/rsa-der: 294 bytes
END
    expect "what keys are, isolation $isolation" 0 cat out/facts << 'END'
rsa rsa 2048 294
old rsa 2048 294
pkcs8 rsa 2048 294
aes rsa 2048 294
des rsa 2048 294
ec ec 256 91
ec8 ec 256 91
ec384 ec 384 120
ec521 ec 521 158
public rsa 2048 294
certified ec 256 91
s16 secret 128 0
s24 secret 192 0
s32 secret 256 0
END
    is "public part, isolation $isolation" '' \
        "$(openssl pkey -in rsa.pem -pubout -outform DER | cmp - out/rsa-der 2>&1)"
    is "of a certificate, isolation $isolation" '' \
        "$(openssl pkey -in ec.pem -pubout -outform DER | cmp - out/ec-der 2>&1)"
done
expect 'the plan shows names' 0 sh -c '"$@" | grep -o "key=certified,[^ ]*\|^ec-der = .*"' - "$kpipe" run facts.yml --dry-run "${plugins[@]}" << 'END'
key=certified,how=public
ec-der = #4
END

# --- signatures ---
sign() { # INPUT STAGE OPTION...: as `kpipe pipe` has it
    local input=$1 stage=$2
    shift 2
    rm -f made
    "$kpipe" pipe "$input" "signer:how=sign,$stage" -o made -q "${plugins[@]}" "$@" > log 2>&1 ||
        sed 's/^/    /' log
}
for isolation in process none; do
    for hash in sha1 sha256 sha384 sha512; do
        sign $hash key=rsa.pem,hash=$hash --isolation $isolation
        verify "PKCS #1 with $hash, isolation $isolation" rsa.pub $hash made
    done
    sign sha256 key=rsa.pem,scheme=pss --isolation $isolation
    verify "PSS, isolation $isolation" rsa.pub sha256 made -sigopt rsa_padding_mode:pss \
        -sigopt rsa_pss_saltlen:222
    for curve in ec ec384 ec521; do
        sign sha512 key=$curve.pem,scheme=ecdsa,hash=sha512 --isolation $isolation
        as_der made
        verify "ECDSA, $curve, isolation $isolation" $curve.pub sha512 der
    done
done
for salt in 0 32 222; do
    sign sha256 key=rsa.pem,scheme=pss,salt=$salt
    verify "PSS with a salt of $salt" rsa.pub sha256 made -sigopt rsa_padding_mode:pss \
        -sigopt rsa_pss_saltlen:$salt
done
# The modulus of an odd number of bits leaves less room.
sign sha512 key=rsa1024.pem,scheme=pss,hash=sha512
verify 'PSS with all that a small key has room for' rsa1024.pub sha512 made \
    -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:62
sign sha256 key=rsa.pem
cp made first
sign sha256 key=rsa-old.pem
is 'PKCS #1 always gives the same bytes' '' "$(cmp first made 2>&1)"

# --- encryption ---
iv=$(printf 'initial vector..' | xxd -p)
head -c 5000000 /dev/urandom > large
printf '0123456789abcdef' > block
for size in 16 24 32; do
    for file in text empty block large; do
        for isolation in process none; do
            rm -f made
            "$kpipe" pipe $file signer:key=secret$size,how=encrypt -o made -q "${plugins[@]}" \
                --isolation $isolation
            openssl enc -d -aes-$((size * 8))-cbc -K "$(xxd -p -c 64 secret$size)" -iv "$iv" \
                -in made -out plain
            is "AES with $size bytes of $file, isolation $isolation" '' "$(cmp $file plain 2>&1)"
        done
    done
done

# --- names ---
cat > inner.yml << 'END'
kpipe: 1
inputs: {d: sha256}
matrix: {board: [{name: a, key: rsa.pem}, {name: b, key: ec.pem}]}
keys:
  sign: $(board.key)
images:
  facts: [d, {signer: {how: inner, inner: {signer: {key: sign}}}}]
  all: [d, {signer: {keys: sign}}]
outputs: [{facts: {file: $(board)}}, all]
END
for isolation in process none; do
    expect "matrix and stages, isolation $isolation" 0 sh -c '"$@" -q && cat out/a out/b out/all' - \
        "$kpipe" run inner.yml --out out "${plugins[@]}" --isolation $isolation << 'END'
sign rsa 2048 294
sign ec 256 91
sign rsa 2048 294
sign ec 256 91
END
done
mkdir -p base
cp pkcs8.pem pass base
cat > base/base.yml << 'END'
kpipe: 1
keys:
  vendor: {file: pkcs8.pem, secret-from: pass}
  dev: pkcs8.pem
  other: {file: nowhere.pem, secret-from: nothing}
END
cat > board.yml << 'END'
kpipe: 1
extends: base/base.yml
inputs: {d: sha256}
keys:
  dev: rsa.pem
  other: {file: ec.pem}
images:
  facts: [d, {signer: {keys: [vendor, dev, other]}}]
outputs: [facts]
END
expect 'keys of a base' 0 sh -c '"$@" && cat out/facts' - "$kpipe" run board.yml --out out "${plugins[@]}" << 'END'
out/facts: 53 bytes
vendor rsa 2048 294
dev rsa 2048 294
other ec 256 91
END
expect 'names on the command line' 1 sh -c '"$@" -q && cat made' - "$kpipe" pipe sha256 \
    'signer:keys=[rsa.pem,./ec.pem,base/pass]' -o made "${plugins[@]}" << 'END'
--
argument 2:1:31: error: key 'pass': base/pass: no key that can be used: neither PEM nor 16, 24 or 32 bytes [KP1421]
    1 | signer:keys=[rsa.pem,./ec.pem,base/pass]
      |                               ^~~~~~~~~
  hint: a key stands in PEM, "-----BEGIN ... KEY-----", as `openssl pkey -in FILE -inform DER` writes it; a secret for AES is a file of 16, 24 or 32 bytes
END
expect 'keys on the command line are called as their files are' 0 sh -c '"$@" -q && cat made' - \
    "$kpipe" pipe sha256 'signer:keys=[rsa.pem,./ec.pem,secret16]' -o made "${plugins[@]}" << 'END'
rsa rsa 2048 294
ec ec 256 91
secret16 secret 128 0
END
expect 'the environment has the passphrase' 0 env KPIPE_PIN=geheim \
    "$kpipe" pipe sha256 signer:pkcs8.pem -o made "${plugins[@]}" << 'END'
made: 19 bytes
END
cat > piped.yml << 'END'
kpipe: 1
inputs: {d: sha256}
keys: {dev: {file: pkcs8.pem, secret-from: $(fd)}}
vars: {fd: }
images: {facts: [d, {signer: dev}]}
outputs: [facts]
END
expect 'a passphrase from a pipe' 0 "$kpipe" run piped.yml --set fd=<(printf geheim) --out out "${plugins[@]}" << 'END'
out/facts: 17 bytes
END

# --- what is wrong: before anything runs ---
wrong() { # NAME KEY COLUMN:LENGTH MESSAGE [HINT]
    wrong_key "$1" "$2" "${3%:*}" "${3#*:}" "${@:4}"
}
relative='a relative path counts from the folder of the recipe that says it'
convert="a key stands in PEM, \"-----BEGIN ... KEY-----\", as \`openssl pkey -in FILE -inform DER\` writes it; a secret for AES is a file of 16, 24 or 32 bytes"
forms='the path of a file, a PKCS#11 URI, or a map: {file: P, secret-from: F} or {pkcs11: URI, secret-from: F}'
alone="it stands alone in a file, which \`secret-from\` names; else it is the value of KPIPE_PIN"
passphrase='put the passphrase into a file, and name that: {file: P, secret-from: F}; or set KPIPE_PIN'

wrong 'no file' nowhere.pem 8:11 "key 'dev': nowhere.pem: No such file or directory [KP1420]" "$relative"
wrong 'a folder' base 8:4 "key 'dev': base: Is a directory [KP1420]"
for file in secret15 secret33 text rsa.der; do
    wrong "no key: $file" $file 8:${#file} \
        "key 'dev': $file: no key that can be used: neither PEM nor 16, 24 or 32 bytes [KP1421]" "$convert"
done
wrong 'too large' huge 8:4 "key 'dev': huge: no key that can be used: too large [KP1421]" "$convert"
wrong 'damaged' damaged.pem 8:11 \
    "key 'dev': damaged.pem: no key that can be used: its PEM is damaged, or of a key that is not known [KP1421]" "$convert"
wrong 'damaged public key' damaged.pub 8:11 \
    "key 'dev': damaged.pub: no key that can be used: its PEM is damaged, or of a key that is not known [KP1421]" "$convert"
wrong 'damaged certificate' damaged.crt 8:11 \
    "key 'dev': damaged.crt: no key that can be used: its certificate is damaged, or for a key that is not known [KP1421]" "$convert"
wrong 'Ed25519' ed.pem 8:6 \
    "key 'dev': ed.pem: no key that can be used: neither an RSA key nor one on a NIST curve [KP1421]" "$convert"
wrong 'another curve' koblitz.pem 8:11 \
    "key 'dev': koblitz.pem: no key that can be used: its curve is none of P-256, P-384 and P-521 [KP1421]" "$convert"
wrong 'of OpenSSH' ssh 8:3 "key 'dev': ssh: no key that can be used: OpenSSH's own form of a key [KP1421]" \
    "\`ssh-keygen -p -m PKCS8 -f COPY\` rewrites a copy of it"
wrong 'no passphrase' pkcs8.pem 8:9 "key 'dev': pkcs8.pem: encrypted, and no passphrase is given [KP1422]" \
    "$passphrase"
wrong 'no passphrase, older form' aes128.pem 8:10 \
    "key 'dev': aes128.pem: encrypted, and no passphrase is given [KP1422]" "$passphrase"
wrong 'wrong passphrase' '{file: pkcs8.pem, secret-from: wrong}' 15:9 \
    "key 'dev': pkcs8.pem: wrong passphrase [KP1423]"
wrong 'wrong passphrase, older form' '{file: aes128.pem, secret-from: wrong}' 15:10 \
    "key 'dev': aes128.pem: wrong passphrase [KP1423]"
wrong 'no file of a passphrase' '{file: pkcs8.pem, secret-from: nowhere}' 39:7 \
    "key 'dev': its PIN or passphrase: nowhere: No such file or directory [KP1425]" "$alone"
wrong 'an empty passphrase' '{file: pkcs8.pem, secret-from: empty}' 39:5 \
    "key 'dev': its PIN or passphrase: empty: it is empty [KP1425]" "$alone"
wrong 'a long passphrase' '{file: pkcs8.pem, secret-from: long}' 39:4 \
    "key 'dev': its PIN or passphrase: long: longer than a PIN or passphrase can be [KP1425]" "$alone"
wrong 'nothing' '' 7:1 "key 'dev': no path [KP1114]" "$forms"
wrong 'no file, no URI' '{secret-from: pass}' 8:1 "key 'dev': no path [KP1114]" "$forms"
wrong 'two places' '{file: rsa.pem, pkcs11: pkcs11:object=x}' 32:15 \
    "key 'dev': both 'file' and 'pkcs11' [KP1162]" 'keep one of the two'
wrong 'no URI' '{pkcs11: rsa.pem}' 17:7 "key 'dev': not a PKCS#11 URI [KP1162]" \
    'it begins with pkcs11:, as in pkcs11:token=release;object=dev'
wrong 'an unknown key' '{fil: rsa.pem}' 9:3 "unknown key 'fil' [KP1104]" "did you mean 'file'?"
wrong 'a list' '[rsa.pem]' 8:1 "key 'dev': must be $forms, not a list [KP1105]"
wrong 'a list as a path' '{file: [rsa.pem]}' 15:1 "key 'dev': must be a path, not a list [KP1105]"
# The PIN is in no message, and the line is shown without it.
cat > wrong.yml << 'END'
kpipe: 1
inputs: {d: sha256}
keys: {dev: "pkcs11:object=x?pin-value=4711", 1: x, ok: ed.pem}
images:
  facts: [d, {signer: dve}]
  spare: [d, {signer: {key: ok}}]
outputs: [facts]
END
expect 'a PIN in a URI, an unknown key, a bad name' 1 kpipe check wrong.yml "${plugins[@]}" << 'END'
--
wrong.yml:3:13: error: key 'dev': its URI holds a PIN (pin-value), and recipes hold no secrets [KP1162]
    3 | keys: {dev: "pkcs11:object=x?pin-value=****", 1: x, ok: ed.pem}
      |             ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  hint: put it into a file, and name that by secret-from or by the URI's pin-source=file:F; or set KPIPE_PIN
wrong.yml:3:47: error: keys: '1' is not a name [KP1106]
    3 | keys: {dev: "pkcs11:object=x?pin-value=****", 1: x, ok: ed.pem}
      |                                               ^
  hint: a name is a letter, then letters, digits, _ and -
wrong.yml:5:23: error: 'dve': no key has that name [KP1161]
    5 |   facts: [d, {signer: dve}]
      |                       ^~~
  hint: did you mean 'dev'?
END
expect 'a PIN on the command line' 1 kpipe pipe sha256 \
    'signer:key=pkcs11:object=x?pin-value=4711' -o made "${plugins[@]}" << 'END'
--
argument 2:1:12: error: key: its URI holds a PIN (pin-value), and command lines hold no secrets [KP1162]
    1 | signer:key=pkcs11:object=x?pin-value=****
      |            ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  hint: put it into a file, and name that by secret-from or by the URI's pin-source=file:F; or set KPIPE_PIN
END
cat > wrong.yml << 'END'
kpipe: 1
inputs: {d: sha256}
images:
  facts: [d, {signer: "pkcs11:object=x?pin-value=4711"}]
outputs: [facts]
END
expect 'a URI where a name belongs' 1 kpipe check wrong.yml "${plugins[@]}" << 'END'
--
wrong.yml:4:23: error: 'pkcs11:object=x': no key has that name [KP1161]
    4 |   facts: [d, {signer: "pkcs11:object=x?pin-value=****"}]
      |                       ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  hint: keys are named under 'keys'
END
cat > wrong.yml << 'END'
kpipe: 1
inputs: {d: $(env:KPIPE_PIN)}
images: {facts: d}
outputs: [facts]
END
expect 'a recipe does not get at KPIPE_PIN' 1 env KPIPE_PIN=sha256 "$kpipe" check wrong.yml << 'END'
--
wrong.yml:2:13: error: $(env:KPIPE_PIN): not set in the environment [KP1125]
    2 | inputs: {d: $(env:KPIPE_PIN)}
      |             ^~~~~~~~~~~~~~~~
END
# What is spare may be missing.
cat > spare.yml << 'END'
kpipe: 1
inputs: {d: sha256}
keys: {dev: nowhere.pem, unset: $(key)}
vars: {key: }
images:
  facts: [d, {signer: dev}]
  more: [d, {signer: unset}]
outputs: [d]
END
expect 'keys that nothing needs' 0 kpipe check spare.yml "${plugins[@]}" << 'END'
spare.yml: ok, 0 stages, 1 outputs
END
expect 'and one that is set' 0 kpipe run spare.yml --set key=ec.pem --out out "${plugins[@]}" << 'END'
out/d: 32 bytes
END
# Everybody's to read.
cp rsa.pem open.pem
cp pkcs8.pem open8.pem
cp pass open-pass
cp secret16 open-secret
chmod 644 open*
cat > open.yml << 'END'
kpipe: 1
inputs: {d: sha256}
keys:
  a: open.pem
  b: {file: open8.pem, secret-from: open-pass}
  c: open-secret
  d: rsa.pub
images: {facts: [d, {signer: {keys: [a, b, c, d]}}]}
outputs: [facts]
END
chmod 644 rsa.pub
warning() { # LINE:COLUMN:LENGTH KEY FILE
    local line=${1%%:*} rest=${1#*:}
    echo "open.yml:$line:${rest%:*}: warning: key '$2': $3: everybody may read it [KP1424]"
    sed -n "${line}s/^/    $line | /p" open.yml
    printf '      | %*s^%s\n' $((${rest%:*} - 1)) '' "$(printf '%*s' $((${rest#*:} - 1)) '' | tr ' ' '~')"
    echo '  hint: let its owner alone read it: chmod 600'
}
{
    echo 'out/facts: 60 bytes'
    echo --
    warning 4:6:8 a open.pem
    warning 5:13:9 b open8.pem
    warning 5:37:9 b open-pass
    warning 6:6:11 c open-secret
} > warnings
expect 'files that everybody may read' 0 kpipe run open.yml --out out "${plugins[@]}" < warnings

# --- what is wrong: when it is used ---
refused() { # NAME INPUT KEY PARAMETERS MESSAGE [HINT]
    local word="signer:key=$3,how=$4"
    for isolation in process none; do
        {
            echo --
            echo "argument 2:1:12: error: stage 'signer': key: $5 [KP1543]"
            echo "    1 | $word"
            printf '      | %11s^%s\n' '' "$(printf '%*s' $((${#3} - 1)) '' | tr ' ' '~')"
            [ -z "${6-}" ] || echo "  hint: $6"
        } > text-of-it
        expect "$1, isolation $isolation" 1 kpipe pipe "$2" "$word" -o made "${plugins[@]}" \
            --isolation $isolation < text-of-it
    done
}
refused 'a curve where RSA signs' sha256 ec.pem sign "key 'ec': it is a key on a curve, and an RSA key is wanted"
refused 'RSA where a curve signs' sha256 rsa.pem sign,scheme=ecdsa "key 'rsa': it is an RSA key, and one on a curve is wanted"
refused 'a public key signs nothing' sha256 rsa.pub sign "key 'rsa': it is public, and only private keys sign" \
    'name the private key here'
refused 'a secret signs nothing' sha256 secret16 sign "key 'secret16': it is a secret, and only private keys sign"
refused 'a private key encrypts nothing' text rsa.pem encrypt "key 'rsa': it is no secret, and only secrets encrypt" \
    'a secret for AES is a file of 16, 24 or 32 bytes'
refused 'no room for a hash' sha512 rsa512.pem sign,hash=sha512 "key 'rsa512': OpenSSL makes no signature of sha512 with 512 bits"
refused 'no room for PSS' sha512 rsa512.pem sign,hash=sha512,scheme=pss \
    "key 'rsa512': 512 bits have no room for sha512 by PSS with that salt"
refused 'no room for a salt' sha256 rsa.pem sign,scheme=pss,salt=223 \
    "key 'rsa': 2048 bits have no room for sha256 by PSS with that salt"

# --- faults of the plugin ---
fault() { # WORD INPUT WHAT
    for isolation in process none; do
        cat > text-of-it << END
--
argument 2:1:1: error: stage 'signer': plugin org.example.signer 1.0.0 ($build/tests/alone/signer/signer.so): fault of the plugin: $3 [KP1502]
    1 | $1
      | ^~~~~~
  hint: tell its vendor; nothing was written
END
        expect "$3: $1, isolation $isolation" 1 kpipe pipe "$2" "$1" -o made "${plugins[@]}" \
            --isolation $isolation < text-of-it
    done
}
for how in facts public sign encrypt; do
    fault "signer:key=rsa.pem,how=$how,misuse=no-handle" sha256 'uses a key that its parameters do not name'
done
fault 'signer:how=public,misuse=no-key' sha256 'uses a key that its parameters do not name'
fault 'signer:key=rsa.pem,how=public,misuse=no-facts' sha256 'describes a key without a place for the facts'
fault 'signer:key=rsa.pem,how=sign,misuse=short' sha256 'signs with a request of another size'
fault 'signer:key=rsa.pem,how=sign,misuse=scheme' sha256 'signs by a scheme that there is not'
fault 'signer:key=rsa.pem,how=sign,misuse=hash' sha256 'signs with a hash that there is not'
fault 'signer:key=rsa.pem,how=sign,misuse=digest' sha256 'signs a digest that is not as long as those of its hash'
fault 'signer:key=rsa.pem,how=sign' sha512 'signs a digest that is not as long as those of its hash'
fault 'signer:key=rsa.pem,how=sign,misuse=salt' sha256 'signs with a salt by a scheme without one'
fault 'signer:key=secret16,how=encrypt,misuse=cipher' sha256 'encrypts by a cipher that there is not'
fault 'signer:key=secret16,how=encrypt,misuse=iv' sha256 'encrypts with an IV that is not as long as a block'
fault 'signer:key=secret16,how=encrypt,misuse=no-image' sha256 'encrypts no image'
for isolation in process none; do
    rm -f made
    "$kpipe" pipe sha256 signer:key=rsa.pem,how=public,misuse=small-facts -o made -q "${plugins[@]}" \
        --isolation $isolation
    is "facts for a shorter struct, isolation $isolation" '' "$(cmp sha256 made 2>&1)"
    cat > stale.yml << 'END'
kpipe: 1
inputs: {d: sha256}
keys: {rsa: rsa.pem}
images:
  first: [d, {signer: rsa}]
  second: [first, {signer: {how: public, misuse: stale}}]
outputs: [second]
END
    expect "a key of an earlier call, isolation $isolation" 1 kpipe run stale.yml --out out \
        "${plugins[@]}" --isolation $isolation << END
--
stale.yml:6:20: error: stage 'signer': plugin org.example.signer 1.0.0 ($build/tests/alone/signer/signer.so): fault of the plugin: uses a key that its parameters do not name [KP1502]
    6 |   second: [first, {signer: {how: public, misuse: stale}}]
      |                    ^~~~~~
  hint: tell its vendor; nothing was written
END
    printf 'SIGNER' > inspected
    expect "a key in an inspection, isolation $isolation" 1 kpipe inspect inspected "${plugins[@]}" \
        --isolation $isolation << END
inspected: signer, 6 bytes
--
kpipe: error: inspected: plugin org.example.signer 1.0.0 ($build/tests/alone/signer/signer.so): fault of the plugin: uses a key in an inspection [KP1507]
  hint: tell its vendor
END
done
finish
