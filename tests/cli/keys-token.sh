#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/keys-token.sh - keys on a PKCS#11 token: SoftHSM's, reached by p11-kit.
. "$(dirname "$0")/common.sh"
. "$here/keys-common.sh"

printf 'what is signed\n' > text
openssl dgst -sha256 -binary text > sha256
openssl dgst -sha512 -binary text > sha512
if "$kpipe" plugins | grep 'left out: PKCS#11: ' > left-out; then
    expect 'a kpipe without PKCS#11' 1 kpipe pipe sha256 signer:key=pkcs11: -o made "${plugins[@]}" << END
--
argument 2:1:12: error: key 'key': this kpipe knows no PKCS#11: $(sed 's/left out: PKCS#11: //' left-out) [KP1426]
    1 | signer:key=pkcs11:
      |            ^~~~~~~
  hint: \`kpipe plugins\` lists what this kpipe was made without
END
    finish
fi
module=/usr/lib/softhsm/libsofthsm2.so
if ! command -v softhsm2-util > /dev/null || ! command -v pkcs11-tool > /dev/null || [ ! -e $module ]; then
    echo "softhsm2 or opensc is missing"
    exit 77
fi

export SOFTHSM2_CONF=$work/softhsm2.conf
mkdir tokens
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$work/tokens" \
    > softhsm2.conf
pin=4711-geheim
printf '%s\n' "$pin" > pin
printf 'falsch\n' > wrong
token() { # LABEL
    softhsm2-util --init-token --free --label "$1" --so-pin 12345678 --pin $pin > log 2>&1 ||
        cat log
}
token release
token 'a second one'
put() { # NAME ID
    openssl pkcs8 -topk8 -nocrypt -in "$1.pem" -out p8.pem
    softhsm2-util --import p8.pem --token release --label "$1" --id "$2" --pin $pin > log 2>&1 || cat log
    openssl pkey -in "$1.pem" -pubout -out "$1.pub"
}
tool() {
    pkcs11-tool --module $module --token-label release --login --pin $pin "$@" > log 2>&1 || cat log
}
openssl genpkey -quiet -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out rsa.pem
openssl ecparam -genkey -name prime256v1 -noout -out ec.pem
openssl ecparam -genkey -name secp384r1 -noout -out ec384.pem
put rsa 01
put ec 02
put ec384 03
# Made there, and never anywhere else.
tool --keypairgen --key-type rsa:2048 --id 04 --label made
tool --read-object --type pubkey --id 04 --output-file made.der
openssl pkey -pubin -inform DER -in made.der -out made.pub
# Its public part is in a certificate only; and nowhere.
openssl ecparam -genkey -name prime256v1 -noout -out certified.pem
put certified 05
tool --delete-object --type pubkey --id 05
openssl req -x509 -key certified.pem -subj /CN=test -days 3 -outform DER -out certified.der
tool --write-object certified.der --type cert --id 05 --label certified
openssl ecparam -genkey -name prime256v1 -noout -out lone.pem
put lone 06
tool --delete-object --type pubkey --id 06
# Twice the same label.
cp ec.pem twice.pem
put twice 07
put twice 08
openssl genpkey -quiet -algorithm rsa -pkeyopt rsa_keygen_bits:512 -out small.pem
put small 0a
tool --keygen --key-type AES:16 --id 09 --label aes

# --- what keys are, and signatures ---
cat > all.yml << 'END'
kpipe: 1
inputs: {d: sha256, long: sha512}
keys:
  rsa: {pkcs11: pkcs11:token=release;object=rsa, secret-from: pin}
  ec: pkcs11:token=release;object=ec;type=private?pin-source=file:pin
  ec384: pkcs11:token=release;id=%03
  made: pkcs11:token=release;object=made
  certified: pkcs11:token=release;object=certified
  public: pkcs11:token=release;object=rsa;type=public
  cert: pkcs11:token=release;object=certified;type=cert
images:
  facts: [d, {signer: {keys: [rsa, ec, ec384, made, certified, public, cert]}}]
  rsa-sig: [d, {signer: {key: rsa, how: sign}}]
  rsa512: [long, {signer: {key: rsa, how: sign, hash: sha512}}]
  rsa-pss: [d, {signer: {key: rsa, how: sign, scheme: pss}}]
  rsa-pss32: [d, {signer: {key: rsa, how: sign, scheme: pss, salt: 32}}]
  made-sig: [d, {signer: {key: made, how: sign}}]
  ec-sig: [d, {signer: {key: ec, how: sign, scheme: ecdsa}}]
  ec-long: [long, {signer: {key: ec, how: sign, scheme: ecdsa, hash: sha512}}]
  ec384-sig: [d, {signer: {key: ec384, how: sign, scheme: ecdsa}}]
  certified-sig: [d, {signer: {key: certified, how: sign, scheme: ecdsa}}]
outputs: [facts, rsa-sig, rsa512, rsa-pss, rsa-pss32, made-sig, ec-sig, ec-long, ec384-sig,
          certified-sig]
END
pss=(-sigopt rsa_padding_mode:pss -sigopt)
for isolation in process none; do
    rm -rf out
    expect "a run, isolation $isolation" 0 env KPIPE_PIN=falsch "$kpipe" run -q all.yml --out out "${plugins[@]}" \
        --isolation $isolation << 'END'
END
    expect "what keys are, isolation $isolation" 0 cat out/facts << 'END'
rsa rsa 2048 294
ec ec 256 91
ec384 ec 384 120
made rsa 2048 294
certified ec 256 91
public rsa 2048 294
cert ec 256 91
END
    verify "RSA, isolation $isolation" rsa.pub sha256 out/rsa-sig
    verify "RSA with SHA-512, isolation $isolation" rsa.pub sha512 out/rsa512
    verify "PSS, isolation $isolation" rsa.pub sha256 out/rsa-pss "${pss[@]}" rsa_pss_saltlen:222
    verify "PSS with a salt of 32, isolation $isolation" rsa.pub sha256 out/rsa-pss32 "${pss[@]}" rsa_pss_saltlen:32
    verify "RSA, made there, isolation $isolation" made.pub sha256 out/made-sig
    for key in ec:sha256:ec-sig ec:sha512:ec-long ec384:sha256:ec384-sig certified:sha256:certified-sig; do
        IFS=: read -r name hash file <<< "$key"
        as_der "out/$file"
        verify "ECDSA, $file, isolation $isolation" "$name.pub" "$hash" der
    done
done
openssl dgst -sha256 -sign rsa.pem text > here
is 'the same bytes as of a key in a file' '' "$(cmp here out/rsa-sig 2>&1)"
expect 'on a command line, with a module of its own' 0 env KPIPE_PIN=$pin "$kpipe" pipe sha256 \
    "signer:key=pkcs11:token=release;object=rsa?module-path=$module,how=sign" -o made "${plugins[@]}" << 'END'
made: 256 bytes
END
is 'and what it signed' '' "$(cmp here made 2>&1)"
expect 'it is called as the object is' 0 sh -c '"$@" -q && cat made' - env KPIPE_PIN=$pin "$kpipe" pipe sha256 \
    "signer:key=pkcs11:token=release;object=ec384" -o made "${plugins[@]}" << 'END'
ec384 ec 384 120
END
# Many at a time: the token takes one after the other.
{
    printf 'kpipe: 1\ninputs: {d: sha256}\nkeys: {rsa: "pkcs11:token=release;object=rsa?pin-source=file:%s/pin"}\nimages:\n' "$work"
    # Inner stages make each of them another step.
    for i in {1..40}; do
        printf '  s%s: [d, {pad: {size: %s}}, {slice: {offset: 0, length: 32}}, {signer: {key: rsa, how: sign}}]\n' "$i" $((100 + i))
    done
    printf 'outputs: [%s]\n' "$(printf 's%s,' {1..40})"
} > many.yml
"$kpipe" run -q -j 8 many.yml --out many "${plugins[@]}" --isolation none
for i in {1..40}; do
    cmp here "many/s$i" || echo "s$i differs"
done > differ 2>&1
is 'forty at a time' '' "$(cat differ)"

# --- what is wrong ---
wrong() { # NAME KEY URI MESSAGE HINT: the key is %s, with the URI in it
    local before=${2%\%s*} behind=${2#*\%s}
    wrong_key "$1" "$before$3$behind" $((8 + ${#before})) ${#3} "key 'dev': $4" "$5"
}
wants='put it into a file, and name that: {pkcs11: URI, secret-from: F}; or set KPIPE_PIN'
alone="it stands alone in a file, which \`secret-from\` names; else it is the value of KPIPE_PIN"
show="\`p11tool --login --list-all\` and \`pkcs11-tool --list-objects --login\` show them"
form='as in pkcs11:token=release;object=dev (RFC 7512)'
rsa='pkcs11:token=release;object=rsa'
with='{pkcs11: %s, secret-from: pin}'
wrong 'no PIN' %s "$rsa" "token 'release': it wants a PIN, and none is given [KP1430]" "$wants"
wrong 'wrong PIN' '{pkcs11: %s, secret-from: wrong}' "$rsa" "token 'release': wrong PIN [KP1430]" ''
wrong 'wrong PIN of pin-source' %s "$rsa?pin-source=file:wrong" "token 'release': wrong PIN [KP1430]" ''
wrong 'no file of a PIN' %s "$rsa?pin-source=file:nowhere" \
    "its PIN or passphrase: nowhere: No such file or directory [KP1425]" "$alone"
wrong 'a program for a PIN' %s "$rsa?pin-source=%7Ccat%20pin" \
    'its URI cannot be used: pin-source: not file: [KP1427]' 'kpipe runs no program for a PIN'
# In which order tokens are listed is the module's to choose.
listed=$("$kpipe" pipe sha256 'signer:key=pkcs11:token=none' -o made "${plugins[@]}" 2>&1 | sed -n 's/.*there: //p')
is 'tokens that are there' "'a second one', 'release'" "$(tr , '\n' <<< "$listed" | sed 's/^ //' | sort | paste -sd , | sed 's/,/, /')"
wrong 'another token' "$with" 'pkcs11:token=none;object=rsa' \
    "pkcs11:token=none;object=rsa: no token fits [KP1431]" "tokens that are there: $listed"
wrong 'any token' "$with" pkcs11:object=rsa \
    "pkcs11:object=rsa: several tokens fit [KP1431]" "say which by token=LABEL; they are: $listed"
wrong 'another object' "$with" 'pkcs11:token=release;object=dev' \
    "token 'release': none of its keys fits the URI [KP1430]" "$show"
wrong 'a secret on a token' "$with" 'pkcs11:token=release;object=aes' \
    "token 'release': none of its keys fits the URI [KP1430]" "$show"
wrong 'two objects' "$with" 'pkcs11:token=release;object=twice' \
    "token 'release': several of its keys fit the URI [KP1430]" 'say which by object=LABEL or id=%..'
wrong 'no public part' "$with" 'pkcs11:token=release;object=lone' \
    "token 'release': it does not tell the key's public part [KP1430]" \
    'put the public key or a certificate beside it, with the same id'
wrong 'no URI at all' %s 'pkcs11:id=%zz.' \
    'its URI cannot be used: URI encoding invalid or corrupted [KP1427]' "$form"
wrong 'an unknown attribute' %s 'pkcs11:token=release;object=rsa;x=yz' \
    'its URI cannot be used: it has attributes that are not known [KP1427]' \
    'known are token, serial, manufacturer, model, object, id, type, slot-id, pin-source, module-path and module-name'
cp $module own.so
chmod 666 own.so
if [ "$(id -u)" = 0 ]; then
    wrong "a module that is not the system's" %s "$rsa?module-path=$work/own.so" \
        "PKCS#11 module $work/own.so: only the recipe names it: not only root may write to $work/own.so [KP1429]" \
        'if you trust that module, say --allow-exec'
fi
printf 'no module' > none.so
expect 'a module that is none' 1 sh -c '"$@" 2>&1 | sed "1s/: couldn.t load.*\[/: ... [/"; exit 1' - \
    "$kpipe" pipe sha256 "signer:key=$rsa?module-path=$work/none.so" -o made "${plugins[@]}" << END
argument 2:1:12: error: key 'rsa': PKCS#11 module $work/none.so: ... [KP1428]
    1 | signer:key=$rsa?module-path=$work/none.so
      |            ^$(printf '%*s' $((${#rsa} + ${#work} + 20)) '' | tr ' ' '~')
END
wrong 'a module of another name' %s "$rsa?module-name=none" \
    "PKCS#11 module none: p11-kit is not configured for it [KP1428]" ''
wrong 'a module that is not there' %s "$rsa?module-path=/none/x.so" \
    "PKCS#11 module /none/x.so: No such file or directory [KP1428]" ''
wrong 'a relative path of a module' %s "$rsa?module-path=./own.so" \
    "PKCS#11 module ./own.so: not an absolute path [KP1428]" ''
expect 'a module that the user allows' 0 env KPIPE_PIN=$pin "$kpipe" check --allow-exec "${plugins[@]}" \
    <(sed "s|\./own|$work/own|; s|sha256|$work/sha256|" wrong.yml) << 'END'
/dev/fd/63: ok, 1 stages, 1 outputs
END
# One wrong PIN is tried once, however many keys are on the token.
cat > locked.yml << 'END'
kpipe: 1
inputs: {d: sha256}
keys:
  a: pkcs11:token=release;object=rsa
  b: pkcs11:token=release;object=ec
images:
  facts: [d, {signer: {keys: [a, b]}}]
outputs: [facts]
END
expect 'a PIN is tried once' 1 env KPIPE_PIN=falsch "$kpipe" check locked.yml "${plugins[@]}" << 'END'
--
locked.yml:4:6: error: key 'a': token 'release': wrong PIN [KP1430]
    4 |   a: pkcs11:token=release;object=rsa
      |      ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
END
# Nothing that is written holds the PIN.
sed 's/^outputs: .*/outputs: [rsa-sig]/; /^  *certified-sig\]/d' all.yml > recorded.yml
"$kpipe" run -v recorded.yml --out out "${plugins[@]}" --record recorded --record-stage signer > said 2>&1
"$kpipe" run --json all.yml --out out "${plugins[@]}" > said-json 2>&1
is 'a recording' yes "$([ -e recorded/conversation ] && echo yes)"
is 'no PIN in what is written' '' "$(grep -rlF "$pin" recorded out said said-json)"
# What the token says when it is asked for what it cannot.
for isolation in process none; do
    expect "a public key on a token, isolation $isolation" 1 kpipe pipe sha256 \
        'signer:key=pkcs11:token=release;object=rsa;type=public,how=sign' -o made "${plugins[@]}" \
        --isolation $isolation << 'END'
--
argument 2:1:12: error: stage 'signer': key: key 'rsa': it is public, and only private keys sign [KP1543]
    1 | signer:key=pkcs11:token=release;object=rsa;type=public,how=sign
      |            ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  hint: name the private key here
END
done
# In the token's words, whatever they are.
expect 'the token refuses' 1 env KPIPE_PIN=$pin sh -c '"$@" 2>&1 | sed "s/\(release.: \).*\[/\1... [/"; exit 1' - "$kpipe" pipe sha512 \
    'signer:key=pkcs11:token=release;object=small,how=sign,hash=sha512' -o made "${plugins[@]}" << 'END'
argument 2:1:12: error: stage 'signer': key: key 'small': token 'release': ... [KP1543]
    1 | signer:key=pkcs11:token=release;object=small,how=sign,hash=sha512
      |            ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
END
finish
