#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/explain.sh - the catalogue of findings.
. "$(dirname "$0")/common.sh"

expect one 0 kpipe explain KP1712 <<'END'
KP1712: standard output: a terminal: an image is not text

The image would go to standard output, which is a terminal. Name a file with
-o, or send standard output into a file or a pipe.
END
expect several 0 kpipe explain kp1721 1703 <<'END'
KP1721: stage '...': nothing stands behind ':'

Behind the colon stand the stage's parameters: `uimage:load=0x8000,name=x`, a
value for the parameter that the stage marks as its short one
(`uimage:0x8000`), or a YAML map in braces. A stage without parameters is
written without the colon.

KP1703: ...: ...: takes no value

The option is a switch: it is given or not, and `--name=value` has no meaning
for it.
END
for wrong in KP9999 KP123 KP12345 kp '' 99999999999 KPKP1203; do
    expect "wrong '$wrong'" 2 kpipe explain "$wrong" <<END
--
kpipe: error: '$wrong': no finding has that number [KP1711]
  hint: 'kpipe explain' lists all
END
done
expect json 2 kpipe explain KP1703 x --json <<'END'
{
  "codes": [
    {
      "code": "KP1703",
      "message": "%s: %s: takes no value",
      "explanation": "The option is a switch: it is given or not, and `--name=value` has no meaning for it."
    }
  ],
  "findings": [
    {
      "severity": "error",
      "code": "KP1711",
      "text": "'x': no finding has that number",
      "hint": "'kpipe explain' lists all"
    }
  ]
}
END

# Every number in the list has an explanation, once, in ascending order, and no trace of
# printf is left.
"$kpipe" explain > list
is sorted "$(sort -u list)" "$(cat list)"
is 'each number once' '' "$(cut -c1-6 list | uniq -d)"
is 'no printf' '' "$(grep -E '%[^(]|PRI' list)"
while read -r code _; do
    "$kpipe" explain "$code" > one || fail "$code" 'not explained'
    [ "$(wc -l < one)" -ge 3 ] || fail "$code" 'no explanation'
done < list

# Every number that the source reports is in the list, and the reverse.
codes=$here/../../core/base/codes.h
sed -n 's/^#define \(KP[0-9][0-9][0-9][0-9]\) .*/\1/p' "$codes" | sort > defined
is 'all of codes.h' "$(cat defined)" "$(cut -c1-6 list)"
finish
