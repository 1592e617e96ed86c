/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/codes_command.c - explanations of findings about the command line and the machine: 17xx and 18xx. How they are written
 * stands in codes_private.h.
 */
#include "base/codes_private.h"

static const struct kp_code codes[] = {
    /* 17xx: the command line */
    {KP1700, "kpipe's first argument is the name of a command, and none has this "
             "one. `kpipe help` lists them. Options stand behind the command, except "
             "--help and --version."},
    {KP1701, "The command has no option of that name. Options of other commands are "
             "not accepted, so that a mistyped one is noticed. `kpipe help COMMAND` "
             "lists those of a command; `--` ends the options, for files whose names "
             "begin with '-'."},
    {KP1702, "The option takes a value, and the command line ended. It is written "
             "`--name value`, `--name=value`, or `-x value`."},
    {KP1703, "The option is a switch: it is given or not, and `--name=value` has no "
             "meaning for it."},
    {KP1704, "The option's value is not what it takes. Numbers are decimal, or "
             "hexadecimal with 0x, without leading zeros."},
    {KP1705, "The command works on something that it was not told. `kpipe help "
             "COMMAND` shows what it expects."},
    {KP1706, "The command takes fewer arguments than it was given. A value with "
             "blanks in it has to stand in quotes for the shell."},
    {KP1707, "--plugin-path names a folder that plugins are loaded from. Plugins are "
             "code, so the folder is named in full: what runs must not depend on the "
             "folder that one happens to be in."},
    {KP1708, "SOURCE_DATE_EPOCH is the time that is written into images: seconds "
             "since 1970-01-01 UTC, in decimal digits, at most 9223372036854775807. "
             "A value that is no such number is refused rather than taken for 0, "
             "because an image with a wrong time is noticed late. Unset it to write "
             "0 into all time fields."},
    {KP1709, "kpipe does what its first argument says: `kpipe run board.yml`. `kpipe "
             "help` lists the commands."},
    {KP1710, "`kpipe plugins NAME` takes a plugin's name or id, or the name of a "
             "stage type, as `kpipe plugins` lists them. A plugin that was rejected "
             "is listed there with the reason."},
    {KP1711, "Findings have numbers of the form KP1203. `kpipe explain` lists all."},
    {KP1712, "The image would go to standard output, which is a terminal. Name a "
             "file with -o, or send standard output into a file or a pipe."},
    {KP1713, "An image is written to standard output, and so the document that "
             "--json or --dry-run writes cannot go there too. Write the image to a "
             "file."},
    {KP1714, "Recipes that are run together write below the same folder, and two of "
             "them would write the same file there. Run them one after the other "
             "with different --out folders, or give one of the outputs another name "
             "with `file:`."},
    {KP1715, "The file to be inspected could not be read."},
    {KP1716, "The file is a plugin by its note, but it cannot be used: it was refused when it "
             "was opened. `kpipe plugins` lists it with the same reason."},
    {KP1720, "Each word of `kpipe pipe` behind the first one is a stage: `gzip`, "
             "`gzip:level=9`, or `'gzip:{level: 9}'`. The first word is the file "
             "that it begins with, or - for standard input."},
    {KP1721, "Behind the colon stand the stage's parameters: "
             "`uimage:load=0x8000,name=x`, a value for the parameter that the stage "
             "marks as its short one (`uimage:0x8000`), or a YAML map in braces. A "
             "stage without parameters is written without the colon."},
    {KP1722, "Parameters on the command line are written NAME=VALUE and separated by "
             "commas. If the comma belongs to a value, put that value in quotes that "
             "reach kpipe: `'name=\"a, b\"'`."},
    {KP1723, "One parameter has two values. Several values for a parameter that "
             "takes a list stand in brackets: `files=[a,b]`."},
    {KP1724, "A value that begins with a quote, '[' or '{' extends to the closing "
             "one, and that is missing. The shell removes quotes of its own: put the "
             "whole word in single quotes."},
    {KP1725, "Behind a value in quotes or brackets comes the next parameter, after a "
             "comma, or the end of the word."},
    {KP1726, "The first word of `kpipe pipe` is the file that the chain begins with, "
             "- for standard input, and parameters that take images are given paths. "
             "An empty one often comes from a variable of the shell that is not set."},
    {KP1727,
     "The environment variable KPIPE_ISOLATION stands for the option --isolation where that "
     "is not given, and takes the same words. Unset it, or correct it; a value that is "
     "none of them is refused rather than ignored, because less might be isolated than "
     "was meant."},
    {KP1728, "This kpipe was built with its plugins inside (KPIPE_STATIC_PLUGINS), and they cannot "
             "be put into workers. It opens no other plugins, so that there is nothing foreign to "
             "isolate. Use a kpipe that opens its plugins where all of them shall run in workers."},
    {KP1729,
     "A policy says how far plugins have to be isolated at the least, and the command line or "
     "the environment asks for less. Policies can be tightened and never loosened: leave "
     "the option out. `kpipe plugins --why` lists the policies that hold."},
    {KP1730, "A policy says what a worker may use at the most, and the command line asks for more. "
             "Without the option workers get what the policy allows."},
    {KP1731,
     "`kpipe plugins --why NAME` takes a plugin's id or name, or the path of a file in one of "
     "the folders that are searched. Without a name it tells of all of them."},
    {KP1736,
     "A recording is a folder of its own, which kpipe makes: name one that does not exist yet, "
     "in a folder that does, or an empty one."},
    {KP1737, "What is recorded is the conversation between kpipe and the worker process in which a "
             "plugin runs. Plugins in kpipe itself have none: leave out --isolation none. With "
             "--record all plugins run in workers."},
    {KP1738, "--record-stage says which call is to be recorded, and --record where to."},
    {KP1739, "One call of a plugin is recorded: the first that fails, or with --record-stage the "
             "first of that stage. There was none, or its plugin was not reached: parameters "
             "that kpipe refuses, and images that it cannot read, concern no plugin."},
    {KP1740, "The plugin that was found is another one than the recording was made with. That is "
             "nothing bad: a recording shows whether a new build does better."},
    {KP1741, "-o of `kpipe replay` writes the image that the recorded call makes."},

    {KP1750, "With --verify `kpipe inspect` fails where a value in a header contradicts the bytes "
             "that it speaks of: a checksum, a size, an offset. The file is damaged, was changed "
             "without its header, or was made by a tool that does not care; the field and what it "
             "ought to be are shown where it is marked INVALID."},

    {KP1751, "The file to be extracted from could not be opened, for the reason that the system "
             "gave."},
    {KP1752, "`kpipe extract` found no such part in the image. `kpipe inspect` shows all that it "
             "knows of it, layer by layer; a part can also be named by its path there, as in "
             "--to payload/contents. Nothing was written."},
    {KP1753,
     "The folder that `kpipe unpack` is to make cannot be made, or holds something already. "
     "Give it a folder that is not there yet."},
    {KP1754, "The image that `kpipe unpack` is to take apart cannot be read."},
    {KP1755,
     "`kpipe verify` takes images whose kind has a stage of that name with -verify behind it, "
     "as fit-verify for FITs. `kpipe inspect --verify` checks the sums and sizes that other "
     "formats have."},
    {KP1756, "The image that `kpipe verify` is to verify, or a file of keys, cannot be opened, for "
             "the reason that the system gives."},
    {KP1760, "One of the files to be compared could not be read, for the reason that the system "
             "gave."},
    {KP1761, "Symbols, options and the like are compared by name, up to a number of them that no "
             "honest image reaches. All others are only compared as bytes."},

    /* 18xx: the machine */
    {KP1801, "The system gave no more memory to kpipe.\n\n"
             "Images that are being made are held in memory until their last reader is done; "
             "inputs are mapped and need none. Run fewer stages at a time (-j), make fewer "
             "images in one run, or raise the limits under which kpipe runs (ulimit -v, the "
             "control group's memory.max)."},
};

const struct kp_code_group kp_codes_command = {codes, sizeof(codes) / sizeof(codes[0])};
