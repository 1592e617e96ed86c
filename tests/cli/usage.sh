#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/usage.sh - command lines that are wrong, and the ways to write right ones.
. "$(dirname "$0")/common.sh"

expect version 0 kpipe --version <<'END'
kpipe 0.1.0
END
expect nothing 2 kpipe <<'END'
--
kpipe: error: no command given [KP1709]
  hint: 'kpipe help' lists the commands
END
expect mistyped-command 2 kpipe inspekt x <<'END'
--
kpipe: error: 'inspekt': unknown command [KP1700]
  hint: did you mean 'inspect'?
END
expect unknown-command 2 kpipe frobnicate <<'END'
--
kpipe: error: 'frobnicate': unknown command [KP1700]
  hint: 'kpipe help' lists the commands
END
expect option-before-command 2 kpipe -v run <<'END'
--
kpipe: error: '-v': unknown command [KP1700]
  hint: options stand behind the command
END
expect version-with-more 2 kpipe --version x <<'END'
--
kpipe: error: '--version': unknown command [KP1700]
  hint: options stand behind the command
END
expect mistyped-option 2 kpipe run x.yml --keep-goin <<'END'
--
kpipe: error: run: --keep-goin: unknown option [KP1701]
  hint: did you mean --keep-going?
END
expect unknown-option 2 kpipe check --frobnicate=1 x.yml <<'END'
--
kpipe: error: check: --frobnicate: unknown option [KP1701]
  hint: 'kpipe help check' lists the options
END
expect unknown-letter 2 kpipe run -kx x.yml <<'END'
--
kpipe: error: run: -x: unknown option [KP1701]
  hint: 'kpipe help run' lists the options
END
expect option-of-another 2 kpipe check --out=x x.yml <<'END'
--
kpipe: error: check: --out: unknown option [KP1701]
  hint: 'kpipe help check' lists the options
END
expect no-value 2 kpipe run x.yml --out <<'END'
--
kpipe: error: run: --out: its value is missing [KP1702]
END
expect no-value-of-letter 2 kpipe run x.yml -kj <<'END'
--
kpipe: error: run: -j: its value is missing [KP1702]
END
expect value-of-flag 2 kpipe run x.yml --json=yes <<'END'
--
kpipe: error: run: --json: takes no value [KP1703]
END
expect jobs-no-number 2 kpipe run x.yml -j4x <<'END'
--
kpipe: error: run: -j: '4x': not a number [KP1704]
END
expect jobs-zero 2 kpipe run x.yml --jobs 0 <<'END'
--
kpipe: error: run: --jobs: '0': out of range [KP1704]
END
expect jobs-many 2 kpipe run x.yml --jobs=1025 <<'END'
--
kpipe: error: run: --jobs: '1025': out of range [KP1704]
END
expect all-at-once 2 kpipe run --jsn -z --out <<'END'
--
kpipe: error: run: --jsn: unknown option [KP1701]
  hint: did you mean --json?
kpipe: error: run: -z: unknown option [KP1701]
  hint: 'kpipe help run' lists the options
kpipe: error: run: --out: its value is missing [KP1702]
END
expect no-recipe 2 kpipe run -k <<'END'
--
kpipe: error: run: no recipe given [KP1705]
END
expect no-file 2 kpipe inspect <<'END'
--
kpipe: error: inspect: no file given [KP1705]
END
expect too-many 2 kpipe plugins a b <<'END'
--
kpipe: error: plugins: 'b': more than it takes [KP1706]
END
expect set-without-value 2 kpipe run x.yml --set board <<'END'
--
kpipe: error: run: --set: 'board': '=' is missing [KP1704]
  hint: write --set NAME=VALUE
END
expect set-without-name 2 kpipe check x.yml --set =x <<'END'
--
kpipe: error: check: --set: '=x': its name is missing [KP1704]
  hint: write --set NAME=VALUE
END
expect options-end 1 kpipe check -- --json <<'END'
--
kpipe: error: cannot read the recipe: --json: no such file [KP1001]
END
expect control-characters 2 kpipe run $'--\e[31m' <<'END'
--
kpipe: error: run: --\x1b[31m: unknown option [KP1701]
  hint: 'kpipe help run' lists the options
END

# One way to write an option is as good as another, wherever it stands.
cp "$kpipe" input
for arguments in '-j4 -o out input -n' 'input -nj 4 -oout' '--jobs=4 --output=out --dry-run -- input' \
    '-n input --jobs 4 --output out' '-nj4 input -o x -o out'; do
    # shellcheck disable=SC2086 # the words are meant to be split
    is "ways: $arguments" "out = #1" "$("$kpipe" pipe $arguments | grep '^out')"
done

printf 'kpipe: 1\n' > empty.yml
expect plugin-path-relative 2 kpipe check empty.yml --plugin-path plugins <<'END'
--
kpipe: error: --plugin-path: 'plugins': not an absolute path [KP1707]
  hint: plugins are code: say where they lie in full
END
expect plugin-path-missing 2 kpipe plugins --plugin-path /nowhere --plugin-path=x <<'END'
--
kpipe: error: --plugin-path: '/nowhere': No such file or directory [KP1707]
kpipe: error: --plugin-path: 'x': not an absolute path [KP1707]
  hint: plugins are code: say where they lie in full
END
expect plugin-path-file 2 kpipe plugins --plugin-path "$work/empty.yml" <<END
--
kpipe: error: --plugin-path: '$work/empty.yml': Not a directory [KP1707]
END
finish
