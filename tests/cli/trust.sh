#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/trust.sh - policies as users meet them, and `kpipe plugins --why`. How policies are
# read is unit/policy-read's, what they decide unit/plugin-trust's.
. "$(dirname "$0")/common.sh"

build=$(dirname "$kpipe")
unset KPIPE_ISOLATION
printf 'kernel' > kernel

# --- every kpipe: files that are no policies ---
printf 'kpipe-policy: 1\nplugin: []\n' > wrong.yml
expect 'a mistyped key' 2 kpipe plugins --policy wrong.yml <<'END'
--
wrong.yml:2:1: error: policy: unknown key 'plugin' [KP1618]
    2 | plugin: []
      | ^~~~~~
  hint: did you mean 'plugins'?
END
expect 'no such policy' 2 kpipe check --policy no.yml x.yml <<'END'
--
kpipe: error: policy no.yml: No such file or directory [KP1617]
END
mkdir -p config/kpipe
printf 'kpipe-policy: 1\n' > config/kpipe/policy.yml
chmod 0666 config/kpipe/policy.yml
expect 'a policy that anybody can change' 2 kpipe schema <<END
--
kpipe: error: policy $work/config/kpipe/policy.yml: everybody may write to it [KP1617]
END
rm config/kpipe/policy.yml
expect 'nothing of that name' 1 kpipe plugins --why frobnicate <<'END'
--
kpipe: error: 'frobnicate': no plugin has that id, name or path [KP1731]
  hint: 'kpipe plugins --why' tells of all of them
END

# --- limits and isolation are held against policies ---
cat > strict.yml <<'END'
kpipe-policy: 1
limits: {seconds: 60, memory: 2G, threads: 16}
isolation: auto
END
for source in option environment; do
    case $source in
    option) set -- env "$kpipe" plugins --isolation none ;;
    environment) set -- env KPIPE_ISOLATION=none "$kpipe" plugins ;;
    esac
    name=--isolation
    [ $source = option ] || name=KPIPE_ISOLATION
    expect "less isolation, by $source" 2 "$@" --policy strict.yml <<END
--
kpipe: error: $name: none: the policy strict.yml:3 demands auto or process [KP1729]
  hint: leave it out: plugins are then isolated as the policies demand
END
done
expect 'more than is allowed' 2 kpipe plugins --policy strict.yml --worker-limit seconds=61 \
    --worker-limit memory=3G --worker-limit threads=16 <<'END'
--
kpipe: error: --worker-limit: seconds: the policy strict.yml:2 allows no more than 60 [KP1730]
kpipe: error: --worker-limit: memory: the policy strict.yml:2 allows no more than 2147483648 [KP1730]
END
printf 'kpipe-policy: 1\nrequire: [files]\n' > require.yml
expect 'what is to be enforced needs workers' 2 kpipe plugins --policy require.yml --isolation none <<'END'
--
kpipe: error: --isolation: none: the policy require.yml:2 demands auto or process [KP1729]
  hint: leave it out: plugins are then isolated as the policies demand
END

case $("$kpipe" plugins | head -1) in
*'(compiled in)'*)
    is 'compiled in' '  origin:    compiled in
  signature: none
  runs:      in kpipe itself
  accepted:  part of this kpipe' "$("$kpipe" plugins --why gzip | sed -n '/origin/,/accepted/p')"
    is 'no workers' 'workers: there are none in this build' "$("$kpipe" plugins --why gzip | tail -1)"
    printf 'kpipe-policy: 1\nisolation: process\n' > process.yml
    expect 'a policy that cannot hold' 2 kpipe plugins --policy process.yml <<'END'
--
kpipe: error: a policy's isolation: process: the plugins of this kpipe are compiled in [KP1728]
  hint: they cannot be put into workers: use a kpipe that opens its plugins
END
    finish
    ;;
esac

limits() { "$kpipe" plugins --why gzip "$@" | sed -n 's/^limits of a worker: //p'; }
is 'the limits' '600 seconds, 8589934592 bytes, 256 threads' "$(limits)"
is 'lowered by a policy' '60 seconds, 2147483648 bytes, 16 threads' "$(limits --policy strict.yml)"
is 'lowered by both' '60 seconds, 268435456 bytes, 7 threads' \
    "$(limits --policy strict.yml --worker-limit memory=256M --worker-limit=threads=7)"
printf 'kpipe-policy: 1\nlimits: {seconds: 30, memory: 4G}\n' > second.yml
is 'the least of two policies' '30 seconds, 2147483648 bytes, 16 threads' \
    "$(limits --policy strict.yml --policy second.yml)"

# --- a foreign plugin ---
[ -e "$build/tests/plugins/tooler.so" ] || finish
mkdir plugins
cp "$build/tests/plugins/tooler.so" plugins/libtooler.so
printf 'no ELF file' > plugins/wrong.so
chmod -R go-w plugins
why() { "$kpipe" plugins --why --plugin-path "$work/plugins" "$@"; }
digest=$(why org.example.tooler | sed -n 's/^  digest: *//p')
is 'a digest' 64 "$(printf %s "$digest" | grep -xE '[0-9a-f]+' | tr -d '\n' | wc -c)"
file="$work/plugins/libtooler.so
  plugin:    org.example.tooler 1.0.0
  vendor:    The kpipe authors
  licence:   BSD-3-Clause
  digest:    $digest
  origin:    foreign"
is 'no policy' "$file
  signature: none
  runs:      in a worker
  accepted:  no policy speaks of it

policies: none
isolation: auto" "$(why tooler | sed '/^limits/,$d')"
is 'a file that is no plugin' "$work/plugins/wrong.so
  origin:    foreign
  signature: none
  runs:      not at all
  rejected:  no ELF file" "$(why "$work/plugins/wrong.so" | sed '/^$/,$d')"
is 'a bundled one' '  origin:    bundled
  signature: none
  runs:      in kpipe itself
  accepted:  built with this kpipe, by its digest' "$(why gzip | sed -n '/origin/,/accepted/p')"
is 'all files' "$(($("$kpipe" plugins | grep -c '(bundled)') + 2))" "$(why | grep -c '^  origin: ')"
is 'no plugin is opened' 0 "$(LD_DEBUG=files why 2>&1 > /dev/null | grep -c 'calling init: /proc/self/fd')"

# Refused by its id, its digest, for want of a signature: listed, and told where it is used.
cat > policy.yml <<END
kpipe-policy: 1
plugins:
  - id: org.example.other
END
expect 'a stage of a refused plugin' 1 kpipe pipe kernel tooler:copy -o x \
    --plugin-path "$work/plugins" --policy policy.yml <<END
--
argument 2:1:1: error: stage 'tooler': its plugin $work/plugins/libtooler.so cannot be used: refused by policy.yml:3: no plugin 'org.example.tooler' is allowed [KP1601]
    1 | tooler:copy
      | ^~~~~~
  hint: 'kpipe plugins --why' tells what the policies say of each plugin
END
is 'a refused plugin is listed' "rejected: $work/plugins/libtooler.so: refused by policy.yml:3: no plugin 'org.example.tooler' is allowed" \
    "$("$kpipe" plugins --plugin-path "$work/plugins" --policy policy.yml | grep libtooler)"
is 'bundled ones need no row' gzip "$("$kpipe" plugins --policy policy.yml | sed -n 's/^\(gzip\) .*/\1/p')"
is 'refused' "$file
  signature: none
  runs:      not at all
  rejected:  refused by policy.yml:3: no plugin 'org.example.tooler' is allowed

policy: policy.yml
isolation: auto" "$(why tooler --policy policy.yml | sed '/^limits/,$d')"
sed -i "s/org.example.other/org.example.tooler\n    digests: [${digest//[0-9]/0}]/" policy.yml
is 'another digest' "  rejected:  refused by policy.yml:3: its digest is none of those that are allowed for 'org.example.tooler'" \
    "$(why tooler --policy policy.yml | grep rejected)"
sed -i "s/digests: .*/digests: [$digest]/" policy.yml
is 'the right digest' '  accepted:  allowed by policy.yml:3' "$(why tooler --policy policy.yml | grep accepted)"

# Signed as SECURITY.md says.
openssl genpkey -algorithm ed25519 -out key.pem 2> /dev/null
openssl pkey -in key.pem -pubout -out public.pem
openssl genpkey -algorithm ed25519 -out others.pem 2> /dev/null
sign() { openssl pkeyutl -sign -rawin -inkey "$1" -in plugins/libtooler.so -out plugins/libtooler.so.sig; }
mkdir -p config/kpipe
cp public.pem config/kpipe/acme.pem
cat > config/kpipe/policy.yml <<'END'
kpipe-policy: 1
keys: [acme.pem]
require-signature: true
END
user=$work/config/kpipe/policy.yml
chmod go-w config/kpipe/*
is 'not signed' "  rejected:  refused by $user:3: it is not signed: there is no file 'libtooler.so.sig' beside it" \
    "$(why tooler | grep rejected)"
sign others.pem
is 'signed by another key' "  signature: by none of the policies' keys
  runs:      not at all
  rejected:  refused by $user:3: 'libtooler.so.sig' beside it is no signature of its bytes by any of the policy's keys" \
    "$(why tooler | sed -n '/signature/,/rejected/p')"
sign key.pem
is 'signed' "  signature: by $work/config/kpipe/acme.pem
  runs:      in a worker
  accepted:  allowed by $user:3, policy.yml:3

policy: $user
policy: policy.yml" "$(why tooler --policy policy.yml | sed -n '/signature/,/^policy: policy/p')"
why tooler --json --policy policy.yml > json
is 'signed, as JSON' "\"digest\": \"$digest\",
\"origin\": \"foreign\",
\"signature\": \"by $work/config/kpipe/acme.pem\",
\"runs\": \"in a worker\",
\"accepted\": true,
\"why\": \"allowed by $user:3, policy.yml:3\"
\"policies\": [
\"$user\",
\"policy.yml\"
\"isolation\": \"auto\"," "$(grep -E '"(digest|origin|signature|runs|accepted|why|policies|isolation)":|policy.yml"$|policy.yml",$' json |
    sed 's/^ *//')"
rm config/kpipe/policy.yml
is 'no key looks at it' '  signature: not looked at: no policy names a key' "$(why tooler | grep signature)"

# What the machine has to enforce: what is missing is said, and refused where a policy says so.
for name in files network processes system-calls; do
    printf 'kpipe-policy: 1\nrequire: [%s]\n' $name > require.yml
    if why tooler | grep -qx "enforced: $name"; then
        is "required: $name" '  accepted:  no policy speaks of it' \
            "$(why tooler --policy require.yml | grep -E 'accepted|rejected')"
    else
        is "required: $name" "  rejected:  refused by require.yml:2: this machine cannot enforce '$name' (kpipe plugins --why)" \
            "$(why tooler --policy require.yml | grep -E 'accepted|rejected')"
        is 'and what it lacks is told' yes "$(why tooler | grep -q '^not enforced: ' && echo yes)"
    fi
done
finish
