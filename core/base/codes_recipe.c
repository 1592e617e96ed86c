/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/codes_recipe.c - explanations of findings about reading a recipe: 10xx to 12xx. How they are written
 * stands in codes_private.h.
 */
#include "base/codes_private.h"

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
    {KP1161, "A parameter of this stage takes keys, and the recipe has none of that name. Keys are "
             "named in the section 'keys', apart from inputs and images: `keys: {dev: "
             "keys/dev.pem}`, and then `key: dev` at the stage."},
    {KP1162, "A key is one of two things: a file, or an object on a PKCS#11 token, which a URI as "
             "pkcs11:token=release;object=dev names (RFC 7512). Its PIN or passphrase is never "
             "part of a recipe or of a command line, which others read: it stands in a file that "
             "'secret-from' names, in the one that the URI's pin-source=file:F names, or in the "
             "environment variable KPIPE_PIN."},

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
    {KP1238,
     "A parameter of this stage takes keys, and there is none of that name. In recipes keys "
     "are named in the section 'keys'."},
};

const struct kp_code_group kp_codes_recipe = {codes, sizeof(codes) / sizeof(codes[0])};
