#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/manual.sh - the generated pages: everything that the tables have stands in them,
# mandoc finds nothing wrong, and those that the build made are what the command writes.
. "$(dirname "$0")/common.sh"

mandoc=$(command -v mandoc || true)
# A page as a reader sees it.
shown() { # PAGE
    if [ -n "$mandoc" ]; then
        mandoc -T ascii "$1" | sed $'s/.\b//g'
    else
        sed 's/^\.[A-Z][a-z] //; s/\\-/-/g' "$1"
    fi
}
lint() { # NAME PAGE
    [ -z "$mandoc" ] || is "$1: mandoc -T lint" '' "$(mandoc -T lint -W warning "$2" 2>&1)"
}

"$kpipe" help > all
sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' all > commands
is 'there are commands' yes "$([ "$(wc -l < commands)" -ge 9 ] && echo yes)"
while read -r command; do
    "$kpipe" help --man "$command" > "kpipe-$command.1"
    lint "$command" "kpipe-$command.1"
    shown "kpipe-$command.1" > text
    "$kpipe" help "$command" | grep -oE '^ *(-[a-z], )?--[a-z-]+( [A-Z][^ ]*)?' | sed 's/^ *//' > options
    while IFS= read -r option; do
        is "$command: $option" yes "$(sed 's/^ *//; s/   *.*//' text | grep -qxF -e "$option" && echo yes)"
    done < options
    summary=$(sed -n "s/^  $command  *//p" all)
    is "$command: its name and summary" 1 "$(tr -s ' \n' ' ' < text | grep -cF "kpipe-$command - $summary")"
done < commands
expect 'no command' 2 kpipe help --man <<'END'
--
kpipe: error: help: no command given [KP1705]
  hint: kpipe(1), the overview, is installed with kpipe
END
expect 'no plugin' 2 kpipe plugins --man <<'END'
--
kpipe: error: plugins: no plugin given [KP1705]
END

# names JSON: of stages, parameters, fields, choices and architectures.
names() { sed -n 's/^ *"name": "\(.*\)",\{0,1\}$/\1/p' "$1"; }
"$kpipe" plugins | sed -n 's/^\([a-z0-9-]*\) [0-9.]* (.*/\1/p' > list
is 'there are plugins' yes "$([ "$(wc -l < list)" -ge 9 ] && echo yes)"
while read -r plugin; do
    page=kpipe-plugin-$plugin.7
    "$kpipe" plugins --man "$plugin" > "$page"
    lint "$plugin" "$page"
    "$kpipe" plugins --json "$plugin" > json
    missing=
    while IFS= read -r name; do
        grep -qE "^\.(It Cm|Ss|Nm) (\\\\&)?${name//-/\\\\-}\$" "$page" || missing+=" $name"
    done < <(names json)
    is "$plugin: all names" '' "$missing"
    shown "$page" | tr -s ' \n' ' ' > text
    missing=
    while IFS= read -r summary; do
        grep -qF -- "$summary" text || missing+=" ($summary)"
    done < <(sed -n 's/^ *"\(summary\|license\|vendor\|id\)": "\(.*\)",\{0,1\}$/\2/p' json | grep -v '[\\"]')
    is "$plugin: summaries, licence, vendor" '' "$missing"
done < list
is 'by the name of a stage' '' "$("$kpipe" plugins --man gzip.unpack | diff kpipe-plugin-gzip.7 - 2>&1)"
sample=$(dirname "$kpipe")/tests/plugins/sample.so
if [ -e "$sample" ] && "$kpipe" plugins | grep '(bundled)' > /dev/null; then
    mkdir plugins
    cp "$sample" plugins
    "$kpipe" plugins --man --plugin-path "$work/plugins" sample > sample.7
    lint 'a codec without suffix' sample.7
    is 'a codec without suffix' 'sample, the sample codec' "$(grep -x 'sample.*, the sample codec' sample.7)"
fi
is 'limits and defaults' 1 "$(shown kpipe-plugin-bzip2.7 | grep -c 'number 1..9, default 9, short')"

# What the build wrote.
made=$(dirname "$kpipe")/manual
if [ -d "$made" ]; then
    is 'pages of the build: which' "$(printf '%s\n' kpipe-*.[17])" \
        "$(cd "$made" && printf '%s\n' man?/* | sed 's|.*/||' | sort)"
    for page in kpipe-*.[17]; do
        is "page of the build: $page" '' "$(cmp "$page" "$made/man${page##*.}/$page" 2>&1)"
    done
fi
finish
