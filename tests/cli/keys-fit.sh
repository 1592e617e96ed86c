#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/keys-fit.sh - FITs signed with keys on a PKCS#11 token, SoftHSM's: as with the same keys in
# files, in kpipe itself and in a worker.
. "$(dirname "$0")/common.sh"

if "$kpipe" plugins | grep -E 'left out: (PKCS#11|plugin fit)' > log; then
    cat log
    exit 77
fi
if ! command -v softhsm2-util > /dev/null || ! command -v fdtget > /dev/null; then
    echo "softhsm2 or device-tree-compiler is missing"
    exit 77
fi
unset KPIPE_PIN
umask 077
export SOURCE_DATE_EPOCH=1700000000 SOFTHSM2_CONF=$work/softhsm2.conf
mkdir tokens
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$work/tokens" \
    > softhsm2.conf
printf '4711-geheim\n' > pin
softhsm2-util --init-token --free --label release --so-pin 12345678 --pin 4711-geheim > log 2>&1
openssl genpkey -quiet -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out rsa.pem
openssl ecparam -genkey -name prime256v1 -noout -out ec.pem
for name in rsa ec; do
    openssl pkcs8 -topk8 -nocrypt -in $name.pem -out p8.pem
    softhsm2-util --import p8.pem --token release --label $name --id 0${#name} --pin 4711-geheim > log 2>&1
    openssl pkey -in $name.pem -pubout -out $name.pub
done
seq 5000 > kernel

# fit NAME KEYS SIGNATURE [OPTION...]
fit() {
    cat > fit.yml << END
kpipe: 1
arch: arm64
keys: $2
inputs: {kernel: kernel}
images: {fit: [kernel, {fit: {load: 0x40200000, signatures: [$3]}}]}
outputs: [{fit: {file: $1}}]
END
    "$kpipe" run -q fit.yml "${@:4}"
}
token='{rsa: {pkcs11: "pkcs11:token=release;object=rsa", secret-from: pin},
       ec: {pkcs11: "pkcs11:token=release;object=ec", secret-from: pin}}'

fit files '{rsa: rsa.pem}' rsa
for isolation in auto process; do
    fit token-$isolation "$token" rsa --isolation $isolation
    is "pkcs-1.5, $isolation" same "$(cmp files token-$isolation && echo same)"
    fit pss "$token" '{key: rsa, padding: pss}' --isolation $isolation
    is "pss, $isolation" verified "$("$kpipe" verify pss -k rsa.pub 2>&1 | sed -n '$s/.* //p')"
    fit ec "$token" ec --isolation $isolation
    is "ecdsa, $isolation" verified "$("$kpipe" verify ec -k ec.pub 2>&1 | sed -n '$s/.* //p')"
done
is 'the algorithm' sha256,ecdsa256 "$(fdtget ec /configurations/conf-1/signature-1 algo)"
is 'nothing of the PIN' '' "$(grep -la geheim pss ec token-* fit.yml || true)"

printf 'falsch\n' > wrong
status=0
fit none "${token//secret-from: pin/secret-from: wrong}" rsa 2> said || status=$?
is 'a wrong PIN: status' 1 $status
is 'a wrong PIN: no output' no "$([ -e none ] || echo no)"
finish
