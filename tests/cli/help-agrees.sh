#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/help-agrees.sh - the manual page against the command's own help: the same
# commands, the same options of each, and a page that mandoc finds nothing wrong with.
. "$(dirname "$0")/common.sh"

page=$here/../../docs/man/kpipe.1
"$kpipe" help > all
sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' all > commands
is commands "$(cat commands)" "$(sed -n 's/^\.Ss kpipe //p' "$page")"
while read -r command; do
    # "-j, --jobs N" as the help has it; values and case do not matter.
    "$kpipe" help "$command" | sed -n 's/^ *\(-.*\)/\1/p' |
        grep -oE '^(-[a-z], )?--[a-z-]+' | sort > ours
    sed -n "/^\.Ss kpipe $command\$/,/^\.S[sh] /p" "$page" | sed -n 's/^\.It Fl //p' |
        sed 's/\\-/-/g; s/^-/--/; s/^\([a-z]\) , Fl -/-\1, --/' |
        grep -oE '^(-[a-z], )?--[a-z-]+' | sort > theirs
    is "options of $command" "$(cat ours)" "$(cat theirs)"
done < commands
sed -n 's/^  \([0-3]\)   *.*/\1/p' all > codes
is 'exit codes' "$(cat codes)" \
    "$(sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EX/s/^\.It \([0-9]*\)$/\1/p' "$page")"
if command -v mandoc > /dev/null; then
    # The pages of commands and plugins are not installed where this runs.
    is 'mandoc -T lint' '' "$(mandoc -T lint "$page" 2> /dev/null | grep -v 'referenced manual not found: Xr kpipe-')"
fi
finish
