#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/pipe.sh - `kpipe pipe`: chains on the command line.
. "$(dirname "$0")/common.sh"

printf 'hello, kernel\n' > input
mkdir -p folder
printf 'second\n' > folder/input
printf 'third\n' > third
wrap=uimage:type=filesystem,arch=arm

expect one 0 kpipe pipe input "$wrap,name=a:b" -o one <<'END'
one: 78 bytes
END
is 'name=a:b' a:b "$(head -c 35 one | tail -c 3)"
expect folders 0 kpipe pipe input "$wrap" gzip:0 -o "$work/new/deep/two" <<END
$work/new/deep/two: 101 bytes
END
expect no-stage 0 kpipe pipe input -o copy <<'END'
copy: 14 bytes
END
is 'a copy' "$(cat input)" "$(cat copy)"
expect quiet 0 kpipe pipe input -o copy -q < /dev/null
expect comma 0 kpipe pipe input "$wrap,name=\"a, b\"" -o comma <<'END'
comma: 78 bytes
END
is 'name="a, b"' 'a, b' "$(head -c 36 comma | tail -c 4)"
"$kpipe" pipe input 'uimage:{type: filesystem, arch: arm, name: "a, b"}' -qo yaml
is 'YAML gives the same' "$(sha256sum < comma)" "$(sha256sum < yaml)"

# Parameters that take images are given paths; two files of one name are two inputs.
"$kpipe" pipe input 'uimage:type=script,arch=arm,parts=[folder/input,third]' -qo parts
is 'parts: size' $((64 + 4 * 4 + 14 + 2 + 7 + 1 + 6)) "$(stat -c %s parts)"
"$kpipe" pipe input 'uimage:type=script,arch=arm,parts=[folder/input,third]' -no parts > plan
is 'parts: plan' '#1   input = input (14 bytes)
#2   input-2 = folder/input (7 bytes)' "$(head -2 plan)"

# Standard input and output.
is 'standard input' 'hello, kernel' "$("$kpipe" pipe - gzip -o - < input | gzip -dc)"
is 'from a pipe' 'hello, kernel' "$(cat input | "$kpipe" pipe - gzip -o - | gzip -dc)"
is 'verbose beside an image' 'hello, kernel' "$("$kpipe" pipe input gzip -vo - 2> stderr | gzip -dc)"
is 'verbose on standard error' 1 "$(of_stages stderr | grep -c '^gzip (output): ')"
is 'a line is not told of it' '' "$("$kpipe" pipe input -o - 2>&1 > /dev/null)"
expect json-beside-image 2 kpipe pipe input -o - --json <<'END'
--
kpipe: error: standard output: already taken by an image: JSON cannot be written to it [KP1713]
END
expect plan-beside-image 2 kpipe pipe input -o - -n <<'END'
--
kpipe: error: standard output: already taken by an image: the plan cannot be written to it [KP1713]
END

expect no-output 2 kpipe pipe input gzip <<'END'
--
kpipe: error: pipe: no output file given [KP1705]
  hint: say -o FILE, or -o - for standard output
END
for output in x/ . .. x/.. x/- ''; do
    expect "output '$output'" 2 kpipe pipe input -o "$output" <<END
--
kpipe: error: pipe: --output: '$output': names no file [KP1704]
END
done
expect no-file 2 kpipe pipe -o x <<'END'
--
kpipe: error: pipe: no file given [KP1705]
END
expect wrong-stage 1 kpipe pipe input gzp -o x <<'END'
--
argument 2:1:1: error: stage 'gzp': unknown stage type [KP1201]
    1 | gzp
      | ^~~
  hint: did you mean 'gzip'?
END
expect wrong-value 1 kpipe pipe input gzip:level=13 -o x <<'END'
--
argument 2:1:12: error: stage 'gzip': level: 13: out of range 0..12 [KP1304]
    1 | gzip:level=13
      |            ^~
END
expect wrong-yaml 1 kpipe pipe input 'gzip:{level: 13}' -o x <<'END'
--
argument 2:1:14: error: stage 'gzip': level: 13: out of range 0..12 [KP1304]
    1 | gzip:{level: 13}
      |              ^~
END
expect wrong-arch 1 kpipe pipe input gzip --arch armm -o x <<'END'
--
--arch: error: arch: 'armm': unknown architecture [KP1210]
  hint: did you mean 'arm'?
END
is 'nothing was written' 1 "$([ -e x ]; echo $?)"
finish
