#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/trees.sh - trees from the command line: recipes, `kpipe pipe`, `kpipe plugins`,
# and trees that were made to lead somewhere else. The stages are those of
# tests/plugins/grove.c.
. "$(dirname "$0")/common.sh"

mkdir plugins
cp "$(dirname "$kpipe")/tests/plugins/grove.so" plugins
export KPIPE_PLUGIN_PATH=$work/plugins

mkdir -p root/etc root/empty
printf 'one\n' > root/a
printf 'two\n' > root/etc/b
ln -s etc/b root/link
ln root/a root/etc/same
chmod 644 root/a root/etc/b
chmod 755 root root/etc root/empty
cat > r.yml << 'END'
kpipe: 1
vars: {where: root}
inputs: {r: {tree: $(where)}}
images:
  list: [{ls: r}]
  text: [{cat: {tree: r, names: [a, etc/b]}}, gzip]
outputs: [list, text]
END

if ! "$kpipe" run -q r.yml 2> errors; then
    # A kpipe that opens no shared objects cannot open this one.
    grep -q 'opens no shared objects' errors && exit 77
    fail run "$(cat errors)"
fi
is list "\
-0644 a 4 0:0 =1
d0755 empty 0 0:0 =0
d0755 etc 0 0:0 =0
-0644 etc/b 4 0:0 =0
-0644 etc/same 4 0:0 =1
l0777 link -> etc/b 0 0:0 =0" "$(cat list)"
is text $'one\ntwo' "$(gzip -dc text)"
expect 'the plan' 0 kpipe run -n r.yml << 'END'
#1   r = root (tree)
#2   ls tree=r + #1
#3   cat tree=r,names=[a, etc/b] + #1
#4   gzip < #3
list = #2
text = #4
stages: 3 to run, 3 if each output were made alone; outputs: 2
END
printf '%s\n' 'kpipe: 1' 'inputs: {r: {tree: root}, a: root/a}' 'images: {x: [a, {concat: [_, r]}]}' \
    'outputs: [x]' > image.yml
expect 'a tree where an image is taken' 1 kpipe check image.yml << 'END'
--
image.yml:3:30: error: stage 'concat': images: 'r' is a tree, and it takes an image [KP1231]
    3 | images: {x: [a, {concat: [_, r]}]}
      |                              ^
END
"$kpipe" run -q --out again r.yml
cp -a root copy
"$kpipe" run -q --out copied --set where="$work/copy" r.yml
for of in list text; do
    is "$of again" "$(sha256sum < $of)" "$(sha256sum < again/$of)"
    is "$of of a copy" "$(sha256sum < $of)" "$(sha256sum < copied/$of)"
done
"$kpipe" pipe root/a 'cat:tree=root,names=etc/b' -o x 2> errors
is 'pipe: a stage without input' 1 "$(grep -c KP1202 errors)"
is 'plugins: the type' '    tree: tree, required, short' "$("$kpipe" plugins ls | grep 'tree: tree')"
is 'plugins: JSON' '"type": "tree"' "$("$kpipe" plugins --json ls | grep -o '"type": "tree"')"

# --- what leads out of a tree, and what never ends ---
printf 'secret\n' > secret
ln -s ../secret root/out
ln -s "$work/secret" root/absolute
ln -s loop root/loop
mkfifo root/pipe
# refused NAME REASON
refused() {
    printf 'kpipe: 1\ninputs: {r: {tree: root}}\nimages: {x: [{cat: {tree: r, names: "%s"}}]}\noutputs: [x]\n' \
        "$1" > bad.yml
    timeout 20 "$kpipe" run -q bad.yml 2> errors
    is "$1: code" 1 $?
    is "$1" "bad.yml:3:15: error: stage 'cat': tree 'r': '$1': $2 [KP1520]" "$(head -1 errors)"
    is "$1: nothing written" "" "$(find . -name x)"
}
refused out 'a link leads out of the tree'
refused absolute 'a link leads out of the tree'
refused loop 'too many links: they may lead to each other'
refused ../secret "a name in a tree is relative, without '.' and '..'"
refused "$work/secret" "a name in a tree is relative, without '.' and '..'"
refused pipe 'it is a device, a pipe or a socket, and a file was expected'
"$kpipe" run -q r.yml
is 'special files are described' '5' "$(grep -c '^[lp]' list)"

# --- names that are no text ---
touch $'root/etc/two\nlines'
"$kpipe" run -q r.yml 2> errors
is 'a name of two lines' "r.yml:5:11: error: stage 'ls': tree 'r': 'etc/two\\x0alines': its name, or what the link says, is no text (UTF-8 without control characters) [KP1520]" \
    "$(head -1 errors)"
rm $'root/etc/two\nlines'

# --- a folder that is none ---
expect 'a file' 1 kpipe check --set where=secret r.yml << 'END'
--
r.yml:3:20: error: input 'r': secret: It is a file, not a folder [KP1401]
    3 | inputs: {r: {tree: $(where)}}
      |                    ^~~~~~~~
END
expect 'nothing' 1 kpipe check --set where=gone r.yml << 'END'
--
r.yml:3:20: error: input 'r': gone: No such file or directory [KP1401]
    3 | inputs: {r: {tree: $(where)}}
      |                    ^~~~~~~~
  hint: a relative path counts from the folder of the recipe that says it
END

# --- many files ---
mkdir many
(cd many && seq -f 'file-%06.0f' 0 19999 | xargs touch)
printf 'kpipe: 1\ninputs: {r: {tree: many}}\nimages: {count: [{ls: {tree: r, quiet: yes}}]}\noutputs: [count]\n' > many.yml
expect 'twenty thousand members' 0 kpipe run many.yml << 'END'
count: 6 bytes
END
is 'all of them' 20000 "$(cat count)"
finish
