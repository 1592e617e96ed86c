# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/plugins/hostile/common.sh - what the tests of hostile plugins share. Read in behind
# tests/cli/common.sh by
#
#     NAME.sh KPIPE WORKDIR [--table]
#
# Each plugin is used by one of several images: the others must be made, and nothing may be
# left of the one. With --table the script prints what it saw as a table (Markdown) instead.
# shellcheck disable=SC2154 # kpipe, work and the functions are tests/cli/common.sh's

hostile_build=$(dirname "$kpipe")/tests/plugins/hostile
if [ ! -x "$hostile_build/watch" ] || ! "$kpipe" plugins | grep '(bundled)' > /dev/null; then
    echo "this build opens no plugins of strangers, or under a sanitizer"
    exit 77
fi
table=no
if [ "${3-}" = --table ]; then
    table=yes
    pass() { :; }
    printf '| what it does | what the user sees | seconds | left behind |\n|---|---|---|---|\n'
fi

mkdir plugins home tmp
cp "$hostile_build"/*.so plugins
rm plugins/claim-*
chmod -R go-w plugins
head -c 20000 /dev/urandom > kernel
printf 'of a user' > home/canary
chmod 600 home/canary
touch -d '2001-02-03 04:05:06' home/canary
export HOME=$work/home TMPDIR=$work/tmp KPIPE_HOSTILE=1
limits=(--worker-limit seconds=30 --worker-limit memory=256M)

# Everything outside that a plugin may want to change, and what it leaves there.
surroundings() {
    stat -c '%n %a %u %s %y' home home/canary kernel plugins/*
    cat home/canary
    sha256sum kernel
    ls -A home tmp
    ls -d /tmp/kpipe-hostile /var/tmp/kpipe-hostile /dev/shm/kpipe-hostile /kpipe-hostile 2> /dev/null
    ls -A /dev/shm
}

# Addresses in a plugin differ from build to build; with vague=yes there may be none, after a
# crash that says nothing of where it came from.
vague=no
normal() {
    if [ "$vague" = yes ]; then sed -E 's/\.so\+0x[0-9a-f]+/.so/g'; else
        sed -E 's/\.so\+0x[0-9a-f]+/.so+0x.../g'
    fi
}

# The finding at the recipe's line 5, at $3 (default: the stage's name), as it is printed.
finding() { # STAGE MESSAGE [CARET-TEXT] [HINT]
    local line="  bad: [k, {$1}]" before caret=${3:-${1%%:*}}
    before=${line%%"$caret"*}
    printf 'recipe.yml:5:%d: error: %s\n    5 | %s\n      | %*s^' $((${#before} + 1)) "$2" "$line" \
        ${#before} ''
    head -c $((${#caret} - 1)) /dev/zero | tr '\0' '~'
    printf '\n'
    [ -z "${4-}" ] || printf '  hint: %s\n' "$4"
}

recipe() { # STAGE
    cat > recipe.yml << END
kpipe: 1
inputs: {k: kernel}
images:
  before: [k, {gzip: {level: 1}}]
  bad: [k, {$1}]
  after: [k, bzip2, bzip2.unpack]
outputs: [before, bad, after]
END
}

# watched COMMAND...: runs it, with all that it writes in `got`; sets $status, $seconds, $left.
watched() {
    local begun=$EPOCHREALTIME
    status=0
    "$hostile_build/watch" left "$@" > stdout 2> stderr < /dev/null || status=$?
    seconds=$(awk -v from="$begun" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.2f", to - from }')
    { sort stdout; echo --; cat stderr; } | normal > got
    left=$(sort left | uniq -c | xargs)
}

# What is left when a run is over, beside what it may leave.
remains() { # BEFORE
    local changed
    changed=$(diff <(printf '%s\n' "$1") <(surroundings) | grep '^[<>]' | xargs)
    printf '%s' "${left}${left:+ }${changed}"
}

row() { # DOES SEES LEFT
    local sees=${2//|/\\|}
    printf '| %s | %s | %s | %s |\n' "$1" "${sees//$'\n'/<br>}" "$seconds" "${3:-nothing}"
}

# What the others of the recipe must be, and `bad`, if that is said.
outputs_good() { # NAME [BAD]
    if [ "$others" = none ]; then
        is "$1: the outputs" bad "$(ls -A out)"
    else
        is "$1: the outputs" 'after bad before' "$(ls -A out | xargs)"
        is "$1: the other images" yes \
            "$(gzip -dc < out/before | cmp - kernel && cmp out/after kernel && echo yes)"
    fi
    [ $# = 2 ] || return 0
    is "$1: its own image" "$2" "$(cat out/bad)"
}

# With others=none it is known before the run that it cannot be made: then nothing runs.
others=made

# contained DOES STAGE [OPTION...] <<< what stands on standard error
contained() {
    local does=$1 stage=$2 before after
    shift 2
    cat > expected
    rm -rf out
    mkdir out
    printf 'an older one' > out/bad
    recipe "$stage"
    before=$(surroundings)
    watched "$kpipe" run -k recipe.yml --out out --plugin-path "$work/plugins" "${limits[@]}" "$@"
    after=$(remains "$before")
    if [ "$table" = yes ]; then
        row "$does" "$(sed -n 's/^recipe.yml:5:[0-9]*: error: //p' got)" "$after"
        return
    fi
    is "$does: code" 1 "$status"
    {
        [ "$others" = none ] || printf 'out/after: 20000 bytes\nout/before: %d bytes\n' \
            "$(stat -c %s out/before)"
        echo --
        cat expected
    } > wanted
    if diff -u wanted got > difference; then pass "$does: text"; else
        fail "$does" 'other text'
        sed 's/^/    /' difference
    fi
    is "$does: left behind" '' "$after"
    outputs_good "$does" 'an older one'
}

# As above for what ends with one finding at the stage's name: MESSAGE HINT [OPTION...]
says() { # DOES STAGE MESSAGE HINT [OPTION...]
    contained "$1" "$2" "${@:5}" < <(finding "$2" "$3" '' "$4")
}

# What most of them end with.
vendor='tell its vendor; nothing was written'
of() { # STAGE: "stage 'die' (plugin org.example.die 6.66, die.so"
    local name=${1%%:*}
    printf "stage '%s' (plugin org.example.%s 6.66, %s.so" "$name" "$name" "$name"
}
dies() { # DOES STAGE HOW, behind the place
    says "$1" "$2" "$(of "$2")$3" "$vendor"
}
hangs() { # DOES STAGE
    says "$1" "$2" "$(of "$2")): did not return within 1 s: it was killed [KP1526]" \
        'if the work is just long, give it more time: --worker-limit seconds=N' \
        --worker-limit seconds=1
}
starves() { # DOES STAGE
    says "$1" "$2" "$(of "$2")): ran out of memory: its worker may use 256 MiB [KP1527]" \
        'is the input what it should be? --worker-limit memory=SIZE raises the limit'
}
fault() { # DOES STAGE WHAT
    local name=${2%%:*}
    says "$1" "$2" "stage '$name': plugin org.example.$name 6.66 ($work/plugins/$name.so): fault of \
the plugin: $3 [KP1502]" "$vendor"
}
breaks() { # DOES STAGE RULE of the protocol
    fault "$1" "$2" "its worker broke the protocol: $3"
}
fails() { # DOES STAGE WHAT [HINT], in its own words or those of kpipe
    says "$1" "$2" "stage '${2%%:*}': $3" "${4-}"
}

# May be done, and does nothing to anybody. CHECK is a command about out/bad.
harmless() { # DOES STAGE CHECK...
    local does=$1 stage=$2 before after
    shift 2
    rm -rf out
    recipe "$stage"
    before=$(surroundings)
    watched "$kpipe" run -k recipe.yml --out out --plugin-path "$work/plugins" "${limits[@]}"
    after=$(remains "$before")
    if [ "$table" = yes ]; then
        row "$does" "$(grep '^out/bad: ' got)" "$after"
        return
    fi
    is "$does: code" 0 "$status"
    is "$does: nothing is said" '' "$(cat stderr)"
    is "$does: left behind" '' "$after"
    is "$does: its output" yes "$("$@" > log 2>&1 && echo yes)"
    outputs_good "$does"
}
