#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/help.sh - help, asked for in each way.
. "$(dirname "$0")/common.sh"

expect all 0 kpipe help <<'END'
usage: kpipe COMMAND [OPTION]... [ARGUMENT]...
       kpipe --help | --version

Makes, takes apart and describes images of kernels, with plugins.

commands:
  run         make the images of recipes
  check       check recipes, and run nothing
  pipe        send a file through stages, without a recipe
  plugins     list plugins, or show what one offers
  inspect     describe files: layers, fields, traits
  extract     take the kernel, or another part, out of an image
  unpack      take an image apart, with a recipe that makes it again
  diff        tell how two images differ, layer by layer
  verify      verify the hashes and signatures of an image
  replay      make a recorded call of a plugin again
  schema      write the JSON Schema of recipes, for editors
  completion  write the script by which a shell completes kpipe's words
  explain     explain findings by their numbers
  help        show how a command is used

'kpipe help COMMAND' tells more; kpipe(1) is the manual.

exit codes:
  0      done
  1      a recipe, an input or an image is at fault, or the result could not be
         written; of diff: the files differ, all that fails being 2
  2      the command line or the environment is at fault
  3      out of memory, or a fault of kpipe itself
  128+N  ended by signal N: 130 after Ctrl-C
END
cp stdout all
for way in --help -h 'help -q'; do
    # shellcheck disable=SC2086 # several words
    "$kpipe" $way > got 2> /dev/null
    case $way in
    'help -q') is "$way" '' "$(cat got)" ;;
    *) is "$way" "$(cat all)" "$(cat got)" ;;
    esac
done
expect explain 0 kpipe help explain <<'END'
usage: kpipe explain [OPTION]... [CODE]...

Explains what a finding means and what to do about it. CODE is a finding's
number, as KP1203; without one, all findings are listed with the forms of their
messages.

options:
      --json             write one JSON document to standard output, findings
                         included
  -h, --help             show this help
END
for command in $(sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' all); do
    "$kpipe" help "$command" > one
    is "$command --help" "$(cat one)" "$("$kpipe" "$command" --help)"
    is "$command x -h" "$(cat one)" "$("$kpipe" "$command" x -h)"
    is "$command: columns" '' "$(grep -E '.{80}' one)"
done
expect unknown 2 kpipe help chek <<'END'
--
kpipe: error: 'chek': unknown command [KP1700]
  hint: did you mean 'check'?
END
finish
