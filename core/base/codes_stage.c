/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/codes_stage.c - explanations of findings about parameters, images, stages and plugins: 13xx to 16xx. How they are written
 * stands in codes_private.h.
 */
#include "base/codes_private.h"

static const struct kp_code codes[] = {
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
    {KP1420, "The file of a key could not be read. A relative path counts from the folder of the "
             "recipe in which it stands; on a command line from the current one."},
    {KP1421,
     "Keys are RSA keys, or keys on the curves P-256, P-384 and P-521, in PEM: a private key "
     "(PKCS #8 or the older forms, encrypted or not), a public key, or a certificate, "
     "of which only the public key is taken. A secret for AES is a file of 16, 24 or "
     "32 bytes and nothing else. Keys in DER or in OpenSSH's own form have to be "
     "converted."},
    {KP1422, "A private key is encrypted with a passphrase. kpipe asks nobody: the passphrase "
             "stands in a file that the recipe names, {file: P, secret-from: F}, or in the "
             "environment variable KPIPE_PIN. A line end behind it is not part of it."},
    {KP1423, "The passphrase does not fit the key, or the key's file is damaged. The passphrase "
             "comes from the file of 'secret-from', or else from KPIPE_PIN."},
    {KP1424,
     "A file that holds a private key, a secret, a PIN or a passphrase can be read by every "
     "user of this machine, who can then sign as you do. It is used all the same."},
    {KP1425, "The file that 'secret-from', or pin-source in a PKCS#11 URI, names holds a PIN or "
             "passphrase and nothing else: up to 1023 bytes, and perhaps a line end. A relative "
             "path counts from the folder of the recipe in which it stands."},
    {KP1426, "Keys on tokens (smart cards, HSMs) are reached by p11-kit, and this kpipe was built "
             "without it. Keys in files work."},
    {KP1427, "The URI of a key on a token has the form of RFC 7512: pkcs11: and attributes with ; "
             "between them, as token=release;object=dev;type=private, then perhaps ? and "
             "pin-source=file:F or module-path=P with & between them. Characters that mean "
             "something there are written as %20 and the like."},
    {KP1428,
     "The PKCS#11 module, the library that talks to a token, could not be loaded or did not "
     "start. Modules are those that p11-kit is configured for (`p11-kit list-modules`), "
     "or the one that the URI names by module-path."},
    {KP1429,
     "A PKCS#11 module is code that runs inside kpipe, and a recipe is data. So a module that "
     "a recipe names is taken only if nobody but root can have put it there. "
     "--allow-exec takes any, and so does a URI that stands on the command line of "
     "`kpipe pipe`."},
    {KP1430, "The token was found, but did not give the key: it wants a PIN, the PIN is wrong, or "
             "no object on it, or more than one, fits the URI. A PIN is tried once only, "
             "because tokens lock themselves after a few wrong ones. It comes from "
             "'secret-from', else from the URI's pin-source, else from KPIPE_PIN."},
    {KP1431, "The attributes of a PKCS#11 URI before object, id and type name a token: by token "
             "(its label), serial, manufacturer or model. Exactly one that is there has to fit. "
             "`p11tool --list-tokens` shows them with their URIs."},

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
    {KP1543,
     "A stage asked for a signature or for encryption with the key that the recipe gives it, and "
     "this key does not do that: it is of another type or size than the stage needs, it is a "
     "public key where a private one signs, or the token refused."},

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
};

const struct kp_code_group kp_codes_stage = {codes, sizeof(codes) / sizeof(codes[0])};
