#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/keys-secret.sh - nothing private of a key, no PIN and no passphrase comes out of kpipe:
# not into outputs, messages, recordings, workers, nor into the copies of kpipe that watch those.
# And a recording plays where the keys are not.
. "$(dirname "$0")/common.sh"
. "$here/keys-common.sh"

command -v perl > /dev/null || exit 77
phrase=a-passphrase-that-nobody-guesses
pin=4711-a-pin-that-nobody-guesses
mkdir keys
openssl genpkey -quiet -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out keys/rsa.pem
openssl pkcs8 -topk8 -in keys/rsa.pem -v2 aes-256-cbc -passout pass:$phrase -out keys/locked.pem
openssl ecparam -genkey -name prime256v1 -noout -out keys/ec.pem
head -c 32 /dev/urandom > keys/aes
printf '%s\n' $phrase > keys/phrase
printf 'what is signed\n' > text
openssl dgst -sha256 -binary text > sha256

# What must not be seen, as hexadecimal digits: numbers as they are written, and as libcrypto has
# them in memory; text as it stands in files.
numbers() { # KEY FIELD
    openssl pkey -in "$1" -noout -text | sed -n "/^$2:/,/^[^ ]/{/^ /p}" | tr -d ' :\n' | sed 's/^00//'
}
reversed() {
    fold -w 2 | tac | tr -d '\n'
}
cat > parts << END
prime $(numbers keys/rsa.pem prime1 | head -c 64)
prime-in-memory $(numbers keys/rsa.pem prime1 | reversed | head -c 64)
exponent $(numbers keys/rsa.pem privateExponent | head -c 64)
exponent-in-memory $(numbers keys/rsa.pem privateExponent | reversed | head -c 64)
curve $(numbers keys/ec.pem priv)
curve-in-memory $(numbers keys/ec.pem priv | reversed)
pem $(sed -n 5p keys/rsa.pem | tr -d '\n' | xxd -p | tr -d '\n')
aes $(xxd -p keys/aes | tr -d '\n')
phrase $(printf %s $phrase | xxd -p | tr -d '\n')
pin $(printf %s $pin | xxd -p | tr -d '\n')
END
is 'all parts are there' 10 "$(grep -c '^[a-z-]* [0-9a-f]\{44,\}$' parts)"

# seen FILE...: the parts that are in files; of a number all that is readable of that process.
cat > seen << 'END'
use strict;
my (%parts, $found);
open(my $list, '<', shift) or die;
while (<$list>) { my ($name, $hex) = split; $parts{$name} = pack('H*', $hex); }
sub look {
    my ($where, $bytes) = @_;
    for my $name (sort keys %parts) { print "$where: $name\n" if index($bytes, $parts{$name}) >= 0; }
}
sub process {
    my ($pid) = @_;
    my ($all, $runs, $bytes) = ('', 0);
    open(my $maps, '<', "/proc/$pid/maps") or do { print "$pid: cannot be read\n"; return; };
    open(my $memory, '<', "/proc/$pid/mem") or do { print "$pid: cannot be read\n"; return; };
    while (<$maps>) {
        my ($begin, $end, $rights) = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/ or next;
        next if $rights !~ /^r/ || /\[v/ || hex($end) - hex($begin) > 1 << 28;
        sysseek($memory, hex($begin), 0) or next;
        $all .= $bytes if sysread($memory, $bytes, hex($end) - hex($begin));
        $runs++;
    }
    print "$pid: nothing of it can be read\n" if $all eq '';
    look($pid, $all);
    open(my $environment, '<', "/proc/$pid/environ") or return;
    local $/;
    look("$pid, environment", scalar <$environment>);
}
for my $file (@ARGV) {
    if ($file =~ /^\d+$/) { process($file); next; }
    local $/;
    open(my $in, '<', $file) or die "$file: $!";
    look($file, scalar <$in>);
}
END
seen() {
    perl seen parts "$@"
}
is 'what is there is seen' 'keys/aes: aes keys/phrase: phrase keys/rsa.pem: pem' "$(seen keys/* | paste -sd ' ')"

# --- outputs, messages, recordings ---
cat > all.yml << 'END'
kpipe: 1
inputs: {d: sha256}
keys:
  rsa: keys/rsa.pem
  locked: {file: keys/locked.pem, secret-from: keys/phrase}
  by-pin: keys/locked.pem
  ec: keys/ec.pem
  aes: keys/aes
images:
  facts: [d, {signer: {keys: [rsa, locked, ec, aes]}}]
  public: [d, {signer: {key: rsa, how: public}}]
  rsa-sig: [d, {signer: {key: locked, how: sign}}]
  ec-sig: [d, {signer: {key: ec, how: sign, scheme: ecdsa}}]
  secret: [d, {signer: {key: aes, how: encrypt}}]
  wrong: [d, {signer: {key: aes, how: sign}}]
outputs: [facts, public, rsa-sig, ec-sig, secret]
END
record() { # IMAGE CODE
    sed "s/^outputs: .*/outputs: [$1]/" all.yml > "$1.yml"
    KPIPE_PIN=$pin "$kpipe" run -v "$1.yml" --out made "${plugins[@]}" \
        --record "recorded-$1" --record-stage signer > said-"$1" 2>&1
    is "recording of $1" "$2" $?
    [ "$2" != 0 ] || cp "made/$1" "first-$1"
}
for image in facts public rsa-sig ec-sig secret; do
    record $image 0
done
record wrong 1
for command in 'run -v' 'run --json' 'run --dry-run -v' 'check -v'; do
    # shellcheck disable=SC2086
    KPIPE_PIN=$pin "$kpipe" $command all.yml --out made "${plugins[@]}" > "said-${command// /}" 2>&1
done
sed '/^  locked/s/phrase/wrong/; s/rsa-sig, //' all.yml > errors.yml
printf '%s' $pin > keys/wrong
KPIPE_PIN=$phrase "$kpipe" check -v errors.yml "${plugins[@]}" > said-errors 2>&1
is 'a wrong passphrase' 1 "$(grep -c 'wrong passphrase' said-errors)"
rm keys/wrong
files=$(find made recorded-* said-* -type f)
is 'many files are looked at' yes "$([ "$(wc -l <<< "$files")" -gt 20 ] && echo yes)"
# shellcheck disable=SC2086
is 'nothing of it is in them' '' "$(seen $files)"

# --- a recording is played without the keys ---
mv keys hidden
for image in facts public rsa-sig ec-sig secret; do
    for isolation in process none; do
        expect "replay of $image, isolation $isolation" 0 kpipe replay recorded-$image -o again "${plugins[@]}" \
            --isolation $isolation << 'END'
replayed: stage 'signer' of signer 1.0.0: succeeds with the same output as recorded
END
        is "the bytes of $image, isolation $isolation" '' "$(cmp first-$image again 2>&1)"
    done
done
expect 'replay of what was refused' 1 kpipe replay recorded-wrong "${plugins[@]}" << 'END'
replayed: stage 'signer' of signer 1.0.0: fails as recorded
--
kpipe: error: stage 'signer': key: key 'aes': it is a secret, and only private keys sign [KP1543]
END
is 'keys in the readable part' 'parameters: "key=key-0,how=sign,scheme=pkcs1,hash=sha256,misuse=none"' \
    "$(sed -n 's/^ *\(parameters: .*\)/\1/p' recorded-rsa-sig/recording.yml)"
mv hidden keys

# --- the memory of all processes ---
# Workers that were started before keys were opened, and (for the call within the call) when all
# of them had been used, and the copies of kpipe that watch them.
cat > wait.yml << 'END'
kpipe: 1
inputs: {d: sha256}
keys:
  rsa: keys/rsa.pem
  locked: {file: keys/locked.pem, secret-from: keys/phrase}
  by-pin: keys/ec-locked.pem
  ec: keys/ec.pem
  aes: keys/aes
images:
  signed:
    - d
    - {signer: {key: locked, how: sign}}
    - {slice: {length: 32}}
    - {signer: {key: aes, how: encrypt}}
    - {gzip: {}}
    - {slice: {length: 32}}
    - {signer: {key: by-pin, how: sign, scheme: ecdsa}}
    - {lz4: {}}
    - {slice: {length: 32}}
    - {signer: {key: ec, how: sign, scheme: ecdsa}}
    - {slice: {length: 32}}
    - {signer: {how: inner, inner: {signer: {key: rsa, how: wait}}}}
outputs: [signed]
END
openssl pkcs8 -topk8 -in keys/ec.pem -v2 aes-256-cbc -passout pass:$pin -out keys/ec-locked.pem
descendants() { # PID
    local child
    for child in $(pgrep -P "$1"); do
        echo "$child"
        descendants "$child"
    done
}
KPIPE_PIN=$pin "$kpipe" run -v wait.yml --out made "${plugins[@]}" --isolation process > said-wait 2>&1 &
pid=$!
for _ in {1..200}; do
    grep -q 'signed, and waits' said-wait && break
    sleep 0.1
done
is 'it waits' 1 "$(grep -c 'signed, and waits' said-wait)"
others=$(descendants $pid)
# Sanitizers keep the environment as it was when the program began, in a copy of their own.
if "$kpipe" plugins --why | grep '^not enforced: memory' > /dev/null; then
    sed -i '/^pin /d' parts
fi
is 'workers and those that watch them' yes "$([ "$(wc -l <<< "$others")" -ge 8 ] && echo yes)"
# kpipe itself has some of it, or nothing here would have been signed; and that is seen.
is 'kpipe has the secret, and is seen to' 1 "$(seen $pid | grep -c ': aes$')"
is 'no PIN in its environment' '' "$(seen $pid | grep environment)"
if [ "$(id -u)" = 0 ]; then
    # shellcheck disable=SC2086
    is 'nothing of it is in the others' '' "$(seen $others)"
else
    # They cannot be looked into by their user.
    # shellcheck disable=SC2086
    is 'nothing of it is in the others' '' "$(seen $others | grep -v 'cannot be read')"
fi
kill -TERM $pid
wait $pid
is 'what it said meanwhile' '' "$(seen said-wait)"
finish
