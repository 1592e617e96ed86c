/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/codes.c - the explanations behind the findings' numbers, for `kpipe
 * explain`. The messages themselves stand in codes.h.
 *
 * One row a number, in ascending order. An explanation says what the finding
 * means, how it comes about and what to do, in whole sentences; paragraphs are
 * separated by an empty line.
 */
#include "base/codes.h"

static const struct kp_code codes[] = {
    /* 10xx: reading YAML */
    {KP1001, "The file of a recipe, or of one that it extends, could not be read. The name "
             "is shown as kpipe looked for it: names in 'extends' are relative to the folder "
             "of the file that they stand in, and kpipe:NAME means the installed recipes."},
    {KP1002, "Recipes are small; a file of this size is most likely something else, such as "
             "an image given in the place of the recipe."},
    {KP1003, "The text breaks the rules of YAML, so that nothing in it could be understood. "
             "The place is where reading stopped; what is wrong often stands just before it: "
             "a missing quote, bracket or colon, or indentation that differs from the lines "
             "above.\n\n"
             "A value that begins with %, @ or ` must stand in quotes, and so must one that "
             "contains a colon followed by a blank. Indentation is made of spaces, never of "
             "tabs."},
    {KP1004, "A recipe is text in UTF-8 without control characters. A file in another "
             "encoding has to be converted first; an image is no recipe."},
    {KP1005, "Lists and maps may stand in each other only to a certain depth, counted "
             "through aliases. No recipe needs more."},
    {KP1006, "An alias stands for all that its anchor names, and aliases of aliases "
             "multiply. The recipe, with every alias counted in full, has more values than "
             "kpipe is willing to hold."},
    {KP1007, "A map has each key once; YAML leaves open which of two would count. The first "
             "may stand far above. Remove or rename one of them."},
    {KP1008, "YAML's tags (!!str, !local) set the type of a value. In recipes the type comes "
             "from the parameter that a value is given to, so that tags could only be wrong."},
    {KP1009, "The key << merges one map into another in some versions of YAML. Recipes have "
             "two other ways: 'extends' merges whole files, and an alias (*name) repeats a "
             "value."},
    {KP1010, "A line --- begins another document. A recipe is one document; put each recipe "
             "into a file of its own and join them with 'extends'."},
    {KP1011, "*name repeats the value that was marked with &name further up. There is no "
             "such mark above this line."},
    {KP1012, "A value cannot contain itself: the alias stands inside the value that its "
             "anchor marks."},
    {KP1013, "The keys of a map are names. A list or map as a key is YAML, but means nothing "
             "in a recipe; most often a bracket or brace stands in the wrong place."},
    {KP1014, "The character NUL (\\0 in double quotes) cannot be part of a name, path or "
             "text."},
    {KP1015, "There is nothing in the file but, at most, comments. A recipe begins with "
             "'kpipe: 1' and has at least 'outputs'."},
    {KP1016, "A recipe is a map: lines such as 'kpipe: 1' and 'outputs: [uImage]'. This file "
             "holds a list or mere text; perhaps it is no recipe."},
    {KP1017, "Each alias is looked for among all anchors, so that their number is limited. "
             "No recipe needs this many."},

    /* 11xx: the recipe's structure */
    {KP1101, "Every recipe says 'kpipe: 1', the version of the language that it is written "
             "in, so that a later kpipe still reads it as it was meant. Only files that "
             "others extend may leave it out."},
    {KP1102, "The value of 'kpipe' is the version of the recipe language, a plain number. "
             "Write 'kpipe: 1'."},
    {KP1103, "The recipe, or one that it extends, is written in another version of the "
             "recipe language. A newer kpipe may be needed."},
    {KP1104, "A key at this place has no meaning; it may be mistyped. All keys are checked, "
             "so that a typing error cannot go unnoticed.\n\n"
             "The keys of a recipe are kpipe, name, arch, extends, vars, inputs, images, "
             "outputs and matrix; an output has the key file."},
    {KP1105, "Something of another shape is expected here: a text where there is a list, for "
             "instance, or a map where there is a text."},
    {KP1106, "Names of variables, inputs and images begin with a letter and go on with "
             "letters, digits, _ and -. A dot separates the part of an image from its name "
             "(image.part), and a key from a variable's ($(board.dtb))."},
    {KP1107, "Inputs and images share one namespace, because a chain may begin with either. "
             "Rename one of the two. (Across files joined by 'extends' there is no conflict: "
             "the file that extends wins.)"},
    {KP1108, "A chain begins with the name of an input or image, an output is one, and "
             "parameters of some stages take them. None has this name. Paths of files do not "
             "stand here, but under 'inputs'."},
    {KP1109, "To make this image, the image itself is needed first. The names show the way "
             "round. One of them must begin with something else."},
    {KP1110, "Images may be made from images, but not without end. No recipe needs this many "
             "in a row."},
    {KP1111, "A chain has at least one element: the name of an input or image, or a stage "
             "that needs no input. Further elements are stages."},
    {KP1112, "The long form of a stage, input or output is a map of exactly one key, which "
             "is its type: {gzip: {level: 9}}, {file: {path: vmlinux, load: 0x8000}}. Two "
             "keys often mean that a brace, or some indentation, is missing."},
    {KP1113,
     "An input is a file: a path, or {file: {path: P}} where facts about it are known; a "
     "folder of files: {tree: P}; or a source, {NAME: {parameters}}, which a plugin offers. "
     "`kpipe plugins` lists the sources."},
    {KP1114, "An input needs the path of a file. A relative one is relative to the folder of "
             "the recipe in which its first character was written."},
    {KP1116, "'outputs' lists the images to be written. A recipe without is meant to be "
             "extended by others ('extends'), not to be run itself."},
    {KP1120, "$(name) is replaced by the value of a variable, which must be declared under "
             "'vars' or 'matrix', in this recipe or one that it extends. A $ that is just a "
             "character is written $$; $(env:NAME) is a variable of the environment."},
    {KP1121, "The recipe declares this variable without a value: whoever runs it has to give "
             "one, with --set NAME=VALUE, or in a recipe that extends it."},
    {KP1122, "The value of each of these variables names the next one, and the last names "
             "the first, so that none has a value."},
    {KP1123, "A $( begins the name of a variable, and a ) ends it. To write $( as it is, "
             "double the $: $$(."},
    {KP1124, "Between $( and ) stands the name of a variable, perhaps with a key behind a "
             "dot, as in $(board.dtb), or env: and a variable of the environment. To write "
             "$( as it is, double the $: $$(."},
    {KP1125, "$(env:NAME) takes a variable of the environment in which kpipe runs. It is not "
             "set there. (Set but empty would be right.)"},
    {KP1126, "Names in a recipe can be seen without knowing any variable. Values can depend "
             "on variables, keys cannot. Where the stage of a chain is to depend on one, use "
             "a stage without parameters as text: [vmlinux, objcopy, $(codec)]."},
    {KP1127, "--set gives a value to a variable that the recipe declares under 'vars' or "
             "'matrix'. It declares none of this name."},
    {KP1128, "A variable whose value is a list stands for the list, and only where the text "
             "is nothing but $(name). There is no way to put a list between other "
             "characters."},
    {KP1129, "$(name.key) takes the value of a key of a map. The map has no such key. "
             "$(name) alone stands for the map's key 'name'."},
    {KP1131, "$(name.key) takes the value of a key of a map, but this value is a text or "
             "list. Note that --set and a matrix may have replaced the map by a text."},
    {KP1132, "The value of a variable may name variables, whose values may name others. This "
             "goes deeper than any recipe needs."},
    {KP1133, "The key is there, but without a value. Give it one where it is declared, or in "
             "a recipe that extends it."},
    {KP1134, "Variables that name others several times grow fast. The text would become "
             "larger than any name, path or parameter can be."},
    {KP1135, "With all variables replaced and the matrix multiplied, the recipe would need "
             "too much memory. Variables that name others several times, or a large matrix, "
             "make this happen."},
    {KP1136, "$(INPUT.NAME) is what the source INPUT tells of its files. It ran, and told nothing "
             "of that name; `kpipe plugins TYPE` says what a source of that type tells."},
    {KP1137, "$(INPUT.NAME) is a fact, which only sources tell: inputs {NAME: {parameters}} of a "
             "type that a plugin offers. To name an image, write INPUT.NAME without $( )."},
    {KP1140, "Variables get their values when all files are merged, and 'extends' says which "
             "files these are. So it cannot depend on variables."},
    {KP1141, "A file extends another that extends the first, directly or by way of others. "
             "The names show the way round."},
    {KP1142, "Files may extend files, but not without end. No recipe needs this many."},
    {KP1143, "kpipe:NAME means a recipe installed with kpipe (in the build tree, one in "
             "recipes/). No such folder is known here."},
    {KP1150, "A matrix variable has a list of values, at least one: matrix: {board: [a, b]}."},
    {KP1151, "A value in the matrix may be a map of facts, but needs a name by which --set, "
             "names of images and messages can call it: {name: a, dtb: a.dtb}."},
    {KP1152, "Each value of a matrix variable makes its own set of images, so that a value "
             "that stands there twice would make the same images twice."},
    {KP1153, "Variables and matrix variables share one namespace, because $(name) may mean "
             "either. Rename one of the two. (Across files joined by 'extends' there is no "
             "conflict: the file that extends wins.)"},
    {KP1154, "--set NAME=VALUE restricts a matrix variable to one of its values. The value "
             "must be in its list; one that is a map is called by its 'name'."},
    {KP1155, "This is said once for the whole recipe, or before the matrix has its values, "
             "so that it cannot depend on a matrix variable. An architecture that differs by "
             "board belongs to the inputs: {file: {path: P, arch: $(board.arch)}}."},
    {KP1156, "Every item exists once for each combination of the values of the matrix "
             "variables that it carries. Their product became too large; restrict some with "
             "--set."},
    {KP1157, "The number of matrix variables is limited. No recipe needs this many."},
    {KP1158, "`isolation` says where the plugins of a recipe run: `auto`, foreign ones in workers "
             "and bundled ones in kpipe itself; `process`, all in workers; `none`, all in kpipe. "
             "Variables are not replaced in it, because it counts before they have values."},
    {KP1159, "With `isolation: none` plugins that nobody has looked at run in kpipe itself, with "
             "all that its user may do. A recipe is data, and not trusted to say so: the command "
             "line has to say `--isolation none` as well. Leave the key out, and foreign plugins "
             "run in workers."},
    {KP1160, "This kpipe was built with its plugins inside (KPIPE_STATIC_PLUGINS), and they cannot "
             "be put into workers. It opens no other plugins. Leave the key out, or use a kpipe "
             "that opens its plugins."},

    /* 12xx: chains, kinds, traits */

    {KP1201, "No installed plugin offers a stage type of that name.\n\n"
             "`kpipe plugins` lists all plugins with the stage types that they offer, and the "
             "files that were rejected with the reason. Plugins are looked for in the folders "
             "given by --plugin-path, in those of KPIPE_PLUGIN_PATH, in the user's folder and in "
             "the folder of the installation. The way back of a codec or format is called "
             "NAME.unpack."},
    {KP1202,
     "A stage that takes no main input makes its image from its parameters alone. It can only "
     "stand first in a chain: what stands before it would be dropped silently."},
    {KP1203, "Most stages work on the image that the element before them in the chain made. This "
             "one stands first, so there is none. Begin the chain with an input or an image."},
    {KP1204,
     "Every stage declares the kinds of image that it takes as its main input, and the kind "
     "that it makes. What stands before this stage makes a kind that it does not take, so the "
     "chain cannot work and is refused before anything runs.\n\n"
     "An input file's kind is found from its first bytes, or said by a fact: "
     "{file: {path: ..., kind: raw}}. `kpipe inspect FILE` tells what kpipe sees; "
     "`kpipe plugins STAGE` lists the kinds that a stage takes."},
    {KP1205,
     "A parameter that takes an image declares which kinds of image it takes, and the image "
     "named here is of another kind. See KP1204 for where kinds come from."},
    {KP1206,
     "Following what the image is made from leads back to the image itself, so it can never "
     "be made. The message shows the way round."},
    {KP1207,
     "A parameter that takes an image names an input or an image of the recipe, and there is "
     "none of that name. `_` stands for the stage's main input. File names belong under "
     "`inputs:`; in `kpipe pipe` the parameter takes a path."},
    {KP1208,
     "NAME.PART means a named part that the last stage of NAME makes beside its main output, "
     "as a format does that takes images apart. This stage makes no such part; `kpipe plugins "
     "STAGE` lists its parts."},
    {KP1209,
     "Only names that stand under `inputs:` or `images:` can begin a chain or be an output. "
     "Names are case-sensitive."},
    {KP1210,
     "Architectures come from plugins. `kpipe plugins` lists those that are installed, with "
     "their names and aliases."},
    {KP1212,
     "The facts of an input file are traits, and each has a type: arch, version, kind and "
     "codec are text; entry, load, bss and size are numbers, written as 4096, 4K or 0x1000."},
    {KP1213,
     "Beside `path:` and `arch:`, the map of an input file holds facts that the board knows "
     "about the image, under the names of traits. A vendor's own trait carries a "
     "reverse-domain name."},
    {KP1214,
     "An image may begin with another image, that one with a third, and so on. kpipe follows "
     "such a row up to a bound that no real recipe comes near."},
    {KP1215, "NAME.PART means a named part that the last stage of NAME makes beside its main "
             "output. An input is a file, which has none, and a part has no parts of its own: put "
             "the stage behind it that takes it apart."},
    {KP1216,
     "All elements of a chain but the first are stages: each works on what the one before it "
     "made. A further image is named by a parameter of the stage that takes it, as in "
     "{zimage: {dtb: NAME}}."},
    {KP1230, "An input {tree: PATH} is a folder of files. It is no image: it begins no chain and "
             "is no output. Stages that read trees take its name in a parameter that "
             "`kpipe plugins STAGE` shows as a tree."},
    {KP1231, "The parameter takes an image: the name of an image, or of an input that is a file. "
             "The name is that of an input {tree: PATH}, a folder."},
    {KP1232, "The parameter takes a tree, a folder of files, which is an input {tree: PATH}. The "
             "name is that of a file or an image."},
    {KP1233, "A source gives several images, each of which has a name: INPUT.NAME. `kpipe plugins "
             "TYPE` says what a source of that type gives."},
    {KP1234, "The source ran, and gave no image of that name. What it gives depends on its files; "
             "`kpipe plugins TYPE` says what it can give."},
    {KP1235, "The name is that of a list of images, all of which are put in its place where a "
             "parameter takes a list. A chain and a single parameter take one image."},
    {KP1236, "A source told the architecture of an image, and the recipe's `arch:`, which is for "
             "images that do not tell it, says another. One of them is wrong."},
    {KP1237,
     "INPUT.NAME is an image of a source, and has no parts of its own: put the stage behind "
     "it that takes it apart."},

    /* 13xx: parameters */

    {KP1301,
     "The stage has no parameter of that name. `kpipe plugins STAGE` lists its parameters with "
     "their types, ranges and defaults."},
    {KP1302, "The parameter must have a value: the recipe gives none, it has no default, and no "
             "trait of the main input supplies it. Some parameters are needed only with certain "
             "choices of another one, as a uImage's load address by its type; the hint says so, "
             "and `kpipe plugins STAGE` lists it."},
    {KP1303,
     "What a value means is decided by the type that the parameter declares, never by how it "
     "looks: integers are written 4096, 4K, 0x1000 or 0o10000 without leading zeros, with K, M "
     "and G as powers of 1024; truth values are true, false, yes and no."},
    {KP1304, "The number lies outside the range that the stage declares for the parameter."},
    {KP1305, "The parameter takes one of a few words. `kpipe plugins STAGE` lists them with their "
             "meanings."},
    {KP1306,
     "The parameter takes another form of value: a list, a map of fields, or a single value. "
     "Where a list is expected, one value stands for a list of one."},
    {KP1307, "The text, with its %(traits) replaced, is shorter or longer than the stage allows, "
             "counted in bytes."},
    {KP1308, "The list has fewer or more items than the stage allows."},
    {KP1309,
     "A stage's parameters are a map, {stage: {name: value}}. A single value in its place sets "
     "the one parameter that the stage marks as its short one; this stage marks none."},
    {KP1310,
     "%(name) in a text stands for a trait of the stage's main input. `%%` is the character "
     "itself."},
    {KP1311,
     "%(name) in a text stands for a trait of the stage's main input; here the parenthesis is "
     "missing or not closed. `%%` is the character itself."},
    {KP1312,
     "The value was to come from a trait of the main input, and the image that arrived does "
     "not have it. Traits come from the stages before, or from the facts of the input file."},
    {KP1313,
     "A trait of the main input gives this parameter's value, since the recipe does not, and "
     "that value lies outside the parameter's range. Give the parameter in the recipe."},
    {KP1314,
     "No stage before this one tells that trait, and the input's facts do not give it, so it "
     "cannot be there when the stage runs."},
    {KP1315, "The parameter still works, but its plugin wants it replaced, as the hint says."},
    {KP1316,
     "A trait is a number or a text. The fact that the recipe gives, or the stage that set it, "
     "made it the other one."},
    {KP1317, "`_` means the stage's main input. This stage begins its chain and has none: name the "
             "image instead."},

    /* 14xx: inputs and outputs */

    {KP1401,
     "The input file could not be opened or mapped. A relative path counts from the folder of "
     "the recipe in which it is written; one that comes from --set, from the current "
     "folder."},
    {KP1402,
     "Inputs are mapped, not copied. While it was being read the file became shorter or was "
     "written to, so what was made from it is worthless and was dropped; nothing was written. "
     "Usually another program was still writing it."},
    {KP1403,
     "The output could not be written. What stood there before is untouched: an output takes "
     "its place in one step, when it is complete."},
    {KP1410, "Outputs are written below the output folder (--out, or the current folder), "
             "and nowhere else: the name is relative, and has no empty components, . or .. "
             "in it."},
    {KP1411, "Each output needs a file of its own. Without 'file' it is called like its "
             "image, so that an image that the matrix makes several times needs a name that "
             "differs: {uImage: {file: uImage-$(board)}}."},
    {KP1412, "A name cannot be that of a file and that of a folder at the same time. Rename "
             "one of the two outputs."},

    /* 15xx: running stages */

    {KP1501, "The stage refused its input or its parameters; the message is the plugin's. `kpipe "
             "inspect FILE` tells what an input really is, `kpipe plugins STAGE` what the stage "
             "takes."},
    {KP1502, "The plugin broke a promise of the contract between it and kpipe (kpipe/plugin.h, "
             "kpipe/host.h): its result cannot be trusted and was dropped. This is an error in the "
             "plugin, not in the recipe."},
    {KP1503,
     "A recipe's `arch:` is the default where inputs are silent. Here the bytes themselves say "
     "something else, so either the recipe or the input is the wrong one."},
    {KP1504,
     "One image may grow only so large, so that a hostile or mistaken input cannot fill the "
     "memory."},
    {KP1505, "The recipe reads a part, as in `image.part`, that this stage makes of some images "
             "only, and this image was not one of them: a kernel without a device tree behind it "
             "has none to give."},
    {KP1506, "The file has the mark of a format, but what follows contradicts it: it is cut short, "
             "damaged, or made by something that bends the rules."},
    {KP1507, "The plugin that describes files of this format broke a promise of the contract "
             "between it and kpipe (kpipe/plugin.h, kpipe/host.h). This is an error in the plugin; "
             "the file may be in order."},
    {KP1508, "Compressed data is recognised by its first bytes, which are those of no codec that a "
             "plugin here offers. It may begin elsewhere (cut off what is before it with `slice`), "
             "be encrypted, or not be compressed at all."},
    {KP1509, "Something around the program failed: its private folder, which lies in $TMPDIR or "
             "/tmp and needs room for its files and its output; the process itself; or the "
             "program could not be started, as one whose interpreter or library is not among what "
             "it sees."},
    {KP1510, "A parameter names a program that the stage is to run. A plugin's note tells which "
             "programs it may ask for (kpipe/note.h, KP_WANTS_TOOL), and this one is not among "
             "them. `kpipe plugins NAME` lists them."},
    {KP1511, "Plugins that were not built together with this kpipe may run those programs only "
             "that the recipe grants them: `tools: [ld]`, or `tools: {ld: /opt/arm/bin/arm-ld}`. "
             "--tool does the same on the command line."},
    {KP1512, "A stage such as `exec` runs whatever program the recipe names. A recipe is data, and "
             "running one must not be the same as running a program that came with it: so this is "
             "off unless the command line says --allow-exec. Read the recipe first."},
    {KP1513, "The stage has a program of this machine do its work, and there is none.\n\n"
             "Programs are looked for in the folders of PATH that are absolute. Those of binutils "
             "and gcc that know the target are looked for with $CROSS_COMPILE before their names, "
             "as the kernel's Makefile does: CROSS_COMPILE=arm-linux-gnueabihf- makes `ld` "
             "arm-linux-gnueabihf-ld, and nothing else is taken in its place. `tools:` in the "
             "recipe and --tool on the command line give a path and win over both."},
    {KP1514, "`tools:` or --tool gives the path of a program, and what is there cannot be run. A "
             "relative path counts from the folder of the recipe that says it; that of --tool from "
             "the current folder."},
    {KP1515, "The program ended with another status than 0, by which it says that it failed. What "
             "it wrote last to standard error is shown; -v shows more of it.\n\n"
             "It runs in a folder of its own and sees nothing but that and the system's programs "
             "and libraries, has no network, and may write only to its folder."},
    {KP1516, "The program was ended by a signal: it crashed, or something on this machine killed "
             "it. Where memory runs short the kernel kills with signal 9."},
    {KP1517, "The program ran longer than it was given, and was killed with all that it had "
             "started. A stage that waits for input that never comes, or a loop, look like "
             "this; if the work is just long, give it more time, if the stage has a parameter for "
             "that."},
    {KP1518, "No file that a program writes may be larger than the limit of its output. It was "
             "killed when one became so. If the output should be that large, raise the stage's "
             "limit, if it has a parameter for that."},
    {KP1519, "The program ended well, but what it should have made is not there, or is no regular "
             "file: links, pipes and folders are not followed."},
    {KP1520, "A stage reads the files of a tree by names relative to its folder, and never gets "
             "outside of it: not by '..', not by absolute names, not by links. Links inside the "
             "tree are followed when a file is read. What is named is the member as the stage "
             "asked for it."},
    {KP1521,
     "A source, which makes images and facts from files before the recipe is planned, could "
     "not do so, for the reason given. `kpipe check` runs sources too."},
    {KP1522, "The plugin of a source broke the rules that plugins follow, so that nothing that it "
             "gave can be trusted. This is a fault of the plugin, not of the recipe."},
    {KP1523,
     "A source was to decompress something in its file, and no codec of the plugins that are "
     "installed begins like it."},
    {KP1524,
     "The plugin runs in a process of its own, a worker, and that was ended by a signal: it "
     "crashed, or did what plugins may not do (SIGSYS: a system call; SIGXCPU: too much "
     "time), or something on this machine killed it. The number behind the plugin's file is "
     "the place in its code, as `addr2line -e` takes it. Nothing was written, and no other "
     "stage is concerned. -v shows what the plugin said last."},
    {KP1525, "The plugin, or a library that it uses, ended its process, a worker, instead of "
             "returning what it made or why it failed. Plugins must not do that. -v shows what it "
             "said last."},
    {KP1526, "The plugin was given its time for one call, and did not come back: a loop that does "
             "not end looks like this. Its worker process was killed with all that it had started. "
             "Time that it waited for kpipe does not count."},
    {KP1527, "A plugin in a worker process may use a certain amount of memory, that of its outputs "
             "included, and so much of kpipe's for what it has run. It wanted more."},
    {KP1528, "The plugin runs in a process of its own, a worker, which could not be started, or in "
             "which it could not be opened, for the reason given."},
    {KP1529, "Something on this machine kept kpipe from talking to the worker process in which the "
             "plugin runs: open files (ulimit -n) or processes may have run out."},
    {KP1536,
     "What `kpipe replay` was given is no recording, or not all of one: a file is missing, cut "
     "short or changed. A recording is a folder with the files recording.yml, conversation "
     "and bytes-N; have it sent again, all of it."},
    {KP1537,
     "What kpipe and its workers say to each other differs between versions of kpipe, and a "
     "recording holds just that. Use the kpipe that it was made with, which recording.yml "
     "tells, or have it made anew with this one."},
    {KP1538,
     "A recording names the plugin that was called by its id. Plugins are looked for in the "
     "folders that `kpipe plugins` lists, those of --plugin-path first. Another version, "
     "or another build, will do."},
    {KP1539,
     "The plugin with the id that the recording names was found, but what was called is not "
     "in it. Is it another version, or built without that?"},
    {KP1540,
     "A recording holds the parameters as they lay in the plugin's struct. This plugin's table "
     "of parameters differs from the recorded one, so that it would read something else. "
     "Replay it with a build that has the same table, or have it recorded anew."},
    {KP1541,
     "A recording answers what the plugin asked for when it was made: files of trees, tools, "
     "stages to be run. The plugin has now asked for something else, which nobody can "
     "answer without the recipe and its inputs. Have the call recorded anew with this "
     "plugin."},
    {KP1542,
     "`kpipe run --record DIR` puts a recording together beside DIR and renames it at the end. "
     "That failed, and nothing was left."},

    /* 16xx: plugins */
    {KP1601, "The plugin that offers this stage type was found, and refused when it was opened.\n\n"
             "A plugin is opened when a recipe first uses it. Then a library that it needs may "
             "turn out to be missing, or what it offers may differ from what its note announced, "
             "or a table of parameters may not fit its struct. The reason says which. Faults of "
             "the plugin itself are its vendor's to repair."},
    {KP1610, "A plugin offers that type of input, but it could not be opened or was found to be "
             "malformed, for the reason given."},
    {KP1616,
     "A stage has a program of this machine do its work, and the recipe gives that program's "
     "path. A recipe is data, and running one must not be the same as running a program "
     "that came with it: so such a path is taken only if it names one of the system's own "
     "programs, in /usr/bin and the like, which only root can change.\n\n"
     "Any other is the user's to name: --tool NAME=PATH on the command line. --allow-exec "
     "takes all that the recipe names."},
    {KP1617,
     "A policy says which plugins are allowed and how they are isolated. Going on without one "
     "that is there would allow what it forbids, so that a policy that cannot be read is "
     "an error, and so is one that the wrong people can change: the system's must be "
     "changeable by root alone, with every folder and link on the way to it and the keys "
     "that it names; others belong to the user or to root, and nobody else may write to "
     "them."},
    {KP1618,
     "A policy has the keys kpipe-policy, plugins, keys, require-signature, isolation, require "
     "and limits; a row of plugins has id, digests and signed; limits has seconds, memory "
     "and threads. Any other is an error, for a mistyped key would be a rule that does "
     "not hold."},
    {KP1619, "The key of a policy has a value of another form than it takes. SECURITY.md shows a "
             "policy with all its keys."},
    {KP1620,
     "The value is none that the policy's key takes; the reason says why. Digests are those "
     "that `kpipe plugins --why` shows, keys are public keys of Ed25519 in PEM, as "
     "`openssl pkey -pubout` writes them."},
    {KP1621, "The file of a policy begins with 'kpipe-policy: 1', by which it is known as one. An "
             "empty file is no policy: delete it if nothing is to hold."},

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

    /* 18xx: the machine */
    {KP1801, "The system gave no more memory to kpipe.\n\n"
             "Images that are being made are held in memory until their last reader is done; "
             "inputs are mapped and need none. Run fewer stages at a time (-j), make fewer "
             "images in one run, or raise the limits under which kpipe runs (ulimit -v, the "
             "control group's memory.max)."},
};

/* Linear: it is used once in a run, and a row out of order is found all the same. */
const struct kp_code *kp_code_find(uint32_t number)
{
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (codes[i].number == number)
            return &codes[i];
    }
    return NULL;
}

const struct kp_code *kp_code_all(size_t *count)
{
    *count = sizeof(codes) / sizeof(codes[0]);
    return codes;
}
