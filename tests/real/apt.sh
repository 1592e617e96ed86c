# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/apt.sh - packages from Debian by an apt configuration of our own, for
# tests/real/fetch and tests/real/farm. Sourced, with bash, by scripts that have said
# `set -euo pipefail`.
#
# Downloads with apt and verifies with apt's own signatures, but the lists, the cache and
# the architectures lie in $apt, in the cache folder; the sources are those of this
# machine. Nothing is installed, and the machine's own apt and dpkg are left as they are.
# No root is needed.
#
# A package is looked for at a PLACE: an architecture ("armhf"), which means the suites
# that this machine uses, or one with a suite of the same archive ("amd64:trixie").

cache=${KPIPE_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/kpipe}
cache=$(realpath -m "$cache")
apt=$cache/apt

say() { printf '%s: %s\n' "${0##*/}" "$*"; }
die() {
    printf '%s: error: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# One-line sources on standard input, deb822 paragraphs on standard output.
# An arch= option goes: which architectures the machine itself uses is not ours.
one_line_sources() {
    awk '
        $1 == "deb" {
            rest = $0
            options = ""
            sub(/#.*/, "", rest)
            sub(/^[ \t]*deb[ \t]+/, "", rest)
            if (match(rest, /^\[[^]]*\]/)) {
                options = substr(rest, 2, RLENGTH - 2)
                rest = substr(rest, RLENGTH + 1)
            }
            count = split(rest, word, /[ \t]+/)
            first = word[1] == "" ? 2 : 1
            print "Types: deb"
            print "URIs: " word[first]
            print "Suites: " word[first + 1]
            line = "Components:"
            for (i = first + 2; i <= count; i++)
                if (word[i] != "")
                    line = line " " word[i]
            print line
            n = split(options, option, /[ \t]+/)
            for (i = 1; i <= n; i++) {
                at = index(option[i], "=")
                key = substr(option[i], 1, at - 1)
                value = substr(option[i], at + 1)
                if (key == "signed-by") {
                    gsub(/,/, " ", value)
                    print "Signed-By: " value
                }
            }
            print ""
        }' "$@"
}

# deb822 paragraphs: those of a Debian archive, without what ties them to this
# machine's architectures. An archive is known by the last folders of its address
# (".../debian", ".../debian-security") and by its component main; what vendors add to
# a machine has no kernel for us and may know no other architecture.
debian_only() {
    awk -v RS= -v ORS='\n\n' '
        {
            lines = split($0, line, "\n")
            out = ""
            uris = ""
            binary = component = keep = 0
            enabled = 1
            for (i = 1; i <= lines; i++) {
                if (line[i] ~ /^#/)
                    continue
                if (line[i] ~ /^[^ \t]/) {
                    field = tolower(substr(line[i], 1, index(line[i], ":") - 1))
                    keep = field ~ /^(uris|suites|components|signed-by)$/
                }
                value = tolower(line[i])
                if (line[i] ~ /^[^ \t]/)
                    sub(/^[^:]*:/, "", value)
                if (field == "types" && value ~ /(^|[ \t])deb($|[ \t])/)
                    binary = 1
                if (field == "enabled" && value ~ /(no|false|off|0)/)
                    enabled = 0
                if (field == "components" && value ~ /(^|[ \t])main($|[ \t])/)
                    component = 1
                if (field == "uris")
                    uris = uris " " value
                if (keep)
                    out = out (out == "" ? "" : "\n") line[i]
            }
            if (binary && enabled && component && uris !~ /cdrom:/ &&
                uris ~ /\/debian(-security)?(\/|[ \t]|$)/)
                print "Types: deb\n" out
        }'
}

# in_suite SUITE: of such paragraphs the first of the main archive, with this suite. No
# SUITE leaves all as they are.
in_suite() {
    awk -v RS= -v ORS='\n\n' -v suite="$1" '
        suite != "" && (done || /\/debian-security/) { next }
        suite != "" {
            done = 1
            lines = split($0, line, "\n")
            $0 = "Suites: " suite
            for (i = 1; i <= lines; i++) {
                if (line[i] ~ /^[^ \t]/)
                    skip = tolower(line[i]) ~ /^suites:/
                if (!skip)
                    $0 = $0 "\n" line[i]
            }
        }
        { print }'
}

# The configuration of our own apt, one for each place: a suite that is broken for one
# on the mirror is then there for the others. Given by -c it is read after the machine's,
# so that proxies and the like still hold; its hooks and folders do not.
configure_apt() {
    local own=$apt/$1 arch=${1%%:*} suite='' file etc
    [ "$arch" = "$1" ] || suite=${1#*:}
    mkdir -p "$own/lists/partial" "$own/archives/partial" "$own/preferences.d" "$own/sources.d"
    : >"$own/status"
    eval "$(apt-config shell etc Dir::Etc/d)"
    etc=${etc%/}
    {
        for file in "$etc"/sources.list "$etc"/sources.list.d/*.list; do
            [ ! -r "$file" ] || one_line_sources "$file"
        done
        for file in "$etc"/sources.list.d/*.sources; do
            [ ! -r "$file" ] || awk '{ print } END { print "" }' "$file"
        done
    } | debian_only | in_suite "$suite" >"$own/sources.d/debian.sources"
    [ -s "$own/sources.d/debian.sources" ] ||
        die "no source of a Debian archive (component main) among this machine's apt sources in $etc"
    cat >"$own/apt.conf" <<END
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
#clear APT::Architectures;
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Sandbox::User "$(id -un)";
Acquire::Languages "none";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Dir::State "$own";
Dir::State::lists "$own/lists";
Dir::State::status "$own/status";
Dir::State::extended_states "$own/extended_states";
Dir::Cache "$own";
Dir::Cache::archives "$own/archives";
Dir::Cache::pkgcache "$own/pkgcache.bin";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$own/sources.d";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$own/preferences.d";
END
}

# Reads the package lists, once a call. A suite that the mirror serves broken is left
# out (apt takes nothing that it cannot verify); whether the others will do shows later.
updated=
update() {
    case " $updated " in *" $1 "*) return ;; esac
    say "$1: reading the package lists"
    configure_apt "$1"
    apt-get -c "$apt/$1/apt.conf" -qq update >"$apt/$1/log" 2>&1 ||
        apt-get -c "$apt/$1/apt.conf" -qq update >"$apt/$1/log" 2>&1 || {
        say "warning: apt could not read all lists:"
        sed 's/^/    /' "$apt/$1/log" >&2
    }
    updated="$updated $1"
}

# field PLACE PACKAGE FIELD: of the version that apt would take.
field() {
    apt-cache -c "$apt/$1/apt.conf" show --no-all-versions "$2" 2>/dev/null |
        sed -n "s/^$3: //p" | head -n 1
}

# unpack PLACE PACKAGE FOLDER PATTERN...: downloads it, and leaves the members that match; and
# the package itself as $keep_package, if that is set.
unpack() {
    local arch=$1 package=$2 folder=$3 size
    shift 3
    size=$(field "$arch" "$package" Size)
    say "$arch: $package $(field "$arch" "$package" Version), ${size:+$((size / 1000000)) MB}"
    (cd "$folder" && apt-get -c "$apt/$arch/apt.conf" -qq download "$package") ||
        die "$package:$arch: the download failed"
    dpkg-deb --fsys-tarfile "$(only "$folder"/*.deb)" |
        tar -x -C "$folder" --no-same-owner --wildcards "$@"
    [ -z "${keep_package-}" ] || mv "$folder"/*.deb "$keep_package"
    rm -f "$folder"/*.deb
}

# The one file that matches, or an error.
only() {
    if [ $# != 1 ] || [ ! -f "$1" ]; then
        die "expected one file, found: $*"
    fi
    printf '%s\n' "$1"
}
