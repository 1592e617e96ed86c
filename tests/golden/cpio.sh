#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/cpio.sh - the cpio format against the kernel's gen_init_cpio and
# gen_initramfs.sh, and against cpio(1) if it is there.
#
#     cpio.sh KPIPE WORKDIR
#
# The kernel's programs come from the farm's source (tests/real/farm); without it the cases
# that need them are left out, and the script says so. Whole files are compared. Prints a
# line for each case and fails if one of them failed.
farm=$("$(dirname "$0")/../real/farm" --where)/source/6.1/linux/usr
. "$(dirname "$0")/common.sh"
time=1700000000
export SOURCE_DATE_EPOCH=$time

gen=
if [ -e "$farm/gen_init_cpio.c" ]; then
    mkdir usr
    cc -w -O1 -o usr/gen_init_cpio "$farm/gen_init_cpio.c"
    gen=$PWD/usr/gen_init_cpio
else
    echo "left out: cases that need gen_init_cpio (tests/real/farm fetches it)"
fi

make_archive() { # PARAMETER...: the archive `ours`, of the stage cpio
    {
        printf 'kpipe: 1\ninputs: {list: list, files: {tree: files}, tree: {tree: tree}, a: a, script: script}\n'
        printf 'images:\n  ours:\n    - cpio:\n'
        printf '        %s\n' "$@"
        printf 'outputs: [ours]\n'
    } > recipe.yml
    rm -f ours
    "$kpipe" run -q recipe.yml
}

makes() { # FILE PARAMETER...
    make_archive "${@:2}" && cmp "$1" ours
}

same_list() { # OPTION PARAMETER...: both make the same of `list`
    find files -exec touch -h -d "@$time" {} +
    (cd files && "$gen" ${1:+"$1"} -t "$SOURCE_DATE_EPOCH" ../list) > theirs
    makes theirs 'list: list' 'files: files' "${@:2}"
}

same_tree() {
    find tree -exec touch -h -d "@$time" {} +
    KBUILD_BUILD_TIMESTAMP=@$time sh "$farm/gen_initramfs.sh" -u squash -g squash -o theirs tree
    makes theirs 'tree: tree'
}

says() { # PARAMETER... -- TEXT...: is refused, says each TEXT, and leaves no output
    local params=() status=0 text
    while [ "$1" != -- ]; do
        params+=("$1")
        shift
    done
    shift
    make_archive "${params[@]}" > refused.log 2>&1 || status=$?
    cat refused.log
    [ "$status" -gt 0 ] && [ "$status" -lt 126 ] && [ ! -e ours ] || return 1
    for text in "$@"; do
        grep -qF -- "$text" refused.log || return 1
    done
}

wrong_line() { # LINE TEXT...
    printf '# comment\n\n%s\n' "$1" > list
    says 'list: list' 'files: files' -- "stage 'cpio': line 3: $2" "${@:3}"
}

refused() { # INPUT STAGE TEXT...
    local status=0 text
    pipe "$1" "$2" refused.out > refused.log 2>&1 || status=$?
    cat refused.log
    [ "$status" -gt 0 ] && [ "$status" -lt 126 ] && [ ! -e refused.out ] || return 1
    for text in "${@:3}"; do
        grep -qF -- "$text" refused.log || return 1
    done
}

gives() { # FILE STAGE INPUT
    pipe "$3" "$2" unpacked && cmp "$1" unpacked
}

shows() { # FILE TEXT...
    local text
    "$kpipe" inspect "$1" > shows.log 2>&1
    cat shows.log
    for text in "${@:2}"; do
        grep -qE -- "$text" shows.log || return 1
    done
}

word() { # FILE OFFSET TEXT: a copy, `changed`, with other bytes
    perl -e 'local $/; open F, "<", $ARGV[0]; $_ = <F>; substr $_, $ARGV[1], length($ARGV[2]),
        $ARGV[2]; print' "$1" "$2" "$3" > changed
}

mkdir -p files/sub tree
seq 1000 > files/numbers
for length in 0 1 2 3 4 5; do head -c "$length" files/numbers > "files/f$length"; done
cp files/numbers files/sub/deep
seq 50 > a
printf '#!/bin/sh\n' > script
long=$(printf 'n%.0s' {1..255})
{
    printf '# a comment\n#\n\n  \n\t\n'
    printf 'dir /dev 0755 0 0\nnod /dev/console 0600 0 0 c 5 1\nnod dev/sda 0660 0 6 b 8 0\n'
    printf 'nod /dev/high 600 0 0 b 4095 1048575\n'
    printf 'dir /tmp 01777 1 2\nslink /tmp/l ../numbers 0777 3 4\nslink /l2 %s 777 0 0\n' "$long/$long"
    printf 'pipe /p 644 5 6\nsock s 0600 4294967295 0\n'
    for length in 0 1 2 3 4 5; do
        printf 'file /f%s f%s 0644 0 0\n' "$length" "$length"
        printf 'file /%s%s f1 04755 1000 1000\n' "$long" "$(head -c "$length" <<< abcdef)"
    done
    printf 'file\t/numbers  numbers\t0600 7 8\r\n'
    printf 'file /deep ./sub/deep 0100755 0 0\n'
    printf 'file /one numbers 0755 0 0 /two three /four\nfile /e1 f0 0755 0 0 /e2\n'
    printf 'dir /last 0755 0 0' # no line end
} > list
cp list whole.list
# gen_init_cpio takes -1 where it can read no larger number.
sed -i 's/4294967295/-1/' list
if [ -n "$gen" ]; then
    find files -exec touch -h -d "@$time" {} +
    (cd files && "$gen" -t $time ../list) > theirs
    (cd files && "$gen" -c -t $time ../list) > theirs.c
    cp whole.list list
    ok list makes theirs 'list: list' 'files: files'
    ok list-with-checksums makes theirs.c 'list: list' 'files: files' 'checksum: true'
    : > list
    ok list-empty same_list ''
    printf '# nothing\n' > list
    ok list-of-comments same_list ''
    for length in 1 2 3 4 5 6 7 8; do # each alignment of name and data
        printf 'file %s f3 0644 0 0\nslink %s/l x 0777 0 0\n' "$(head -c "$length" <<< abcdefgh)" \
            "$(head -c "$length" <<< ijklmnop)" > list
        ok "list-name-$length" same_list ''
    done
    at_time() { # SECONDS
        local -x SOURCE_DATE_EPOCH=$1
        local time=$1
        same_list ''
    }
    ok list-time-0 at_time 0
    ok list-time-last at_time 4294967295
fi
cp whole.list list
make_archive 'list: list' 'files: files'
mv ours whole
too_late() {
    SOURCE_DATE_EPOCH=4294967296 says 'list: list' 'files: files' -- \
        "time: 4294967296: does not fit the headers' 32 bits"
}
ok time-too-late too_late

# Lines that gen_init_cpio would pass over, or cannot read.
ok line-type wrong_line 'fifo /x 0644 0 0' "fifo: not one of file, dir, nod, slink, pipe, sock"
ok line-blank wrong_line ' dir /x 0755 0 0' "begins with a blank" "gen_init_cpio leaves such lines out"
ok line-only-type wrong_line 'dir' "dir : mode: missing"
ok line-mode wrong_line 'dir /x 0985 0 0' "dir x: mode: 0985: not an octal number of its type"
ok line-mode-of-file wrong_line 'dir /x 0100755 0 0' "dir x: mode: 0100755: not an octal number"
ok line-uid wrong_line 'dir /x 0755 root 0' "dir x: uid: root: not a number"
ok line-uid-negative wrong_line 'dir /x 0755 -1 0' "dir x: uid: -1: not a number"
ok line-uid-large wrong_line 'dir /x 0755 4294967296 0' "dir x: uid: 4294967296: not a number"
ok line-gid wrong_line 'dir /x 0755 0' "dir x: gid: missing: not a number"
ok line-more wrong_line 'dir /x 0755 0 0 # why' "dir x: # why: more than the line's words" \
    "a comment has its own line"
ok line-device wrong_line 'nod /x 0600 0 0 u 1 1' "nod x: type: u: neither b nor c"
ok line-major wrong_line 'nod /x 0600 0 0 c 4096 1' "x: device 4096:1: Linux has up to 4095:1048575"
ok line-slink wrong_line 'slink /x 0777 0 0' "slink x: gid: missing: not a number"
ok line-absolute wrong_line 'file /x /bin/sh 0755 0 0' \
    "file x: location: /bin/sh: not a name in a tree" "write it relative to the tree in files:"
ok line-variable wrong_line "file /x \${HOME}/x 0755 0 0" \
    "file x: location: \${HOME}/x: the environment is not looked at" "write it relative"
ok line-missing-file wrong_line 'file /x gone 0755 0 0' \
    "file x: location: gone: the tree has no such file"
ok line-outside wrong_line 'file /x ../a 0755 0 0' "file x: location: ../a: not a name in a tree"
ok line-trailer wrong_line 'dir TRAILER!!! 0755 0 0' "TRAILER!!!: this name ends an archive"
ok line-root wrong_line 'dir / 0755 0 0' "an entry without a name"
ok line-long-name wrong_line "dir /$(printf 'x%.0s' {1..4096}) 0755 0 0" \
    "$(printf 'x%.0s' {1..40})...: 4096 bytes: Linux unpacks no name of more than 4095"
ok line-long-target wrong_line "slink /l $(printf 'x%.0s' {1..4096}) 0777 0 0" \
    "l: link target of 4096 bytes"
printf 'file /x numbers 0755 0 0\n' > list
ok no-files says 'list: list' -- "line 1: file x: location: numbers: there is no tree to look in" \
    "give files: TREE"
printf 'dir /x 0755 0 0\n\0' > list
ok nul says 'list: list' -- "list: byte 0x10 is NUL: not a text"
ok nothing says 'checksum: true' -- "cpio: nothing to archive" "give tree, list or entries"
ok files-alone says 'tree: tree' 'files: files' -- "files: only the locations of a list"

# A tree: sorted by whole names, owned by root.
mkdir -p tree/usr/bin tree/usr-local tree/usr.d tree/.hidden 'tree/a b' tree/empty
for file in usr/bin/x usr-local/x usr.d/x .hidden/x zz; do echo "$file" > "tree/$file"; done
rmdir 'tree/a b' # gen_initramfs.sh knows no blanks
chmod 4755 tree/usr/bin/x
chmod 700 tree/usr-local
ln tree/zz tree/usr/hard
ln -s bin/x tree/usr/link
ln -s /nowhere tree/dangling
mkfifo tree/fifo
if [ "$(id -u)" = 0 ]; then
    mknod tree/node c 1 3
    chown 12:34 tree/zz
fi
[ -z "$gen" ] || ok tree same_tree
ok make-tree make_archive 'tree: tree'
ok tree-order diff <("$kpipe" inspect ours | sed -n 's/.*entry\[[0-9]*\] *\([^ ]*\) .*/\1/p') \
    <(find tree -mindepth 1 -printf '%P\n' | LC_ALL=C sort)
cp -r tree kept
rm -r tree
mkdir tree
empty_tree() {
    make_archive 'tree: tree' && [ "$(stat -c %s ours)" = 512 ]
}
ok tree-empty empty_tree

# Entries of a recipe.
printf 'dir dev 0755 0 0\nnod dev/console 0600 0 0 c 5 1\nfile init f5 0755 0 0 sbin/init\n' > list
{
    printf 'file script ../script 0755 0 0\n'
    printf 'dir dev 0755 0 0\nnod dev/console 0600 0 0 c 5 1\ndir sbin 0755 0 0\n'
    printf 'file init ../a 0644 0 0 sbin/init\nslink bin sbin 0777 0 0\n'
    printf 'nod dev/sda 0640 0 6 b 8 1\npipe run 0600 0 0\nsock s 0622 1 2\ndir d/e 01777 3 4\n'
} > entries.list
entries="entries: [{name: script, image: script}, {name: /dev/console, type: char, major: 5, minor: 1}, \
{name: init, image: a, links: [/sbin/init]}, {name: bin, target: sbin}, \
{name: dev/sda, type: block, major: 8, minor: 1, mode: 640, gid: 6}, {name: run, type: pipe}, \
{name: s, type: sock, mode: 0o622, uid: 1, gid: 2}, {name: bin/x, target: y}, \
{name: d/e, type: dir, mode: 01777, uid: 3, gid: 4}]"
sed -i -e '/^dir d\/e/i slink bin/x y 0777 0 0\ndir d 0755 0 0' entries.list
if [ -n "$gen" ]; then
    touch -d @$time a script
    (cd files && "$gen" -t $time ../entries.list) > theirs
    ok entries makes theirs "$entries"
fi
behind_list() { # whose folder dev is not made again
    make_archive 'list: list' 'files: files' \
        'entries: [{name: dev/null, type: char, major: 1, minor: 3}]' && shows ours 'entries +5$'
}
ok entries-behind-list behind_list
entry() { # ENTRY TEXT
    says "entries: [$1]" -- "$2"
}
ok entry-nothing entry '{name: x}' "x: neither image, target nor type"
ok entry-file entry '{name: x, type: file}' "x: image: a file has one, and nothing else has"
ok entry-dir-image entry '{name: x, type: dir, image: a}' "x: image: a file has one"
ok entry-link entry '{name: x, type: link}' "x: target: a link has one"
ok entry-links entry '{name: x, type: dir, links: [y]}' "x: links: only a file has further names"
ok entry-major entry '{name: x, type: dir, major: 1}' "x: major, minor: only a device has them"
ok entry-device entry '{name: x, type: char, major: 4096}' "x: device 4096:0: Linux has up to"
ok entry-mode entry '{name: x, type: dir, mode: 0855}' "mode: 0855: not an octal number to 07777"
ok entry-mode-large entry '{name: x, type: dir, mode: 10000}' "mode: 10000: not an octal number"
for name in '""' / ../x x/../y x//y x/ ./x; do
    ok "entry-name-$name" entry "{name: $name, type: dir}" "not a path from the root"
done
ok entry-link-name entry '{name: x, image: a, links: [a/../b]}' "links: a/../b: not a path from the root"

# The way back.
ok unpack gives whole cpio.unpack whole
ok member gives files/numbers cpio.unpack:numbers whole
ok member-with-slash gives files/f3 cpio.unpack:/f3 whole
for name in one two three four; do
    ok "member-hard-link-$name" gives files/numbers "cpio.unpack:$name" whole
done
ok member-empty gives files/f0 cpio.unpack:e1 whole
no_address() { # of the archive on its file
    printf 'kpipe: 1\ninputs: {c: {file: {path: whole, load: 0x1000}}}\n' > address.yml
    printf 'images: {f: [c, {cpio.unpack: numbers}, ihex]}\noutputs: [f]\n' >> address.yml
    "$kpipe" run address.yml --out address && pipe files/numbers ihex theirs && cmp address/f theirs
}
ok member-without-address no_address
ok member-missing refused whole cpio.unpack:gone "member: gone: not in the archive"
ok member-link refused whole cpio.unpack:tmp/l "member: tmp/l: a link to ../numbers"
ok member-dir refused whole cpio.unpack:dev "member: dev: not a file"
printf 'dir second 0755 0 0\n' > list
make_archive 'list: list'
{ cat whole; head -c 300 /dev/zero; cat ours; } > chain
ok chain gives <(cat whole; head -c 300 /dev/zero) cpio.unpack chain
pipe chain cpio.unpack out.cpio > warns.log 2>&1
ok chain-warns grep -qF "bytes behind the archive are left out: the part trailing has them" warns.log
parts() {
    printf 'kpipe: 1\ninputs: {c: chain}\nimages: {f: [c, cpio.unpack]}\noutputs: [f, f.trailing]\n' \
        > recipe.yml
    "$kpipe" run -q recipe.yml > parts.log 2>&1 && cmp f.trailing ours && cat f f.trailing | cmp - chain &&
        ! grep -q 'left out' parts.log
}
ok parts parts
ok shows shows chain 'chain: cpio' 'c_magic +070701' 'entry\[1\] +dev/console  nod 0600 0:0 c 5:1' \
    'files +20' 'padding' "trailing +$(stat -c %s ours) bytes  cpio"
cp whole.list list
make_archive 'list: list' 'files: files' 'checksum: true'
mv ours summed
ok summed gives files/numbers cpio.unpack:numbers summed
at=$(grep -abo '^500$' summed | head -n 1 | cut -d: -f1)
word summed "$at" 5O0
ok wrong-sum refused changed cpio.unpack "its checksum is not 0x"
ok shows-wrong-sum shows changed 'wrong checksums +1  INVALID'
if command -v cpio > /dev/null; then
    ok cpio-lists diff <(cpio -it --quiet < whole) \
        <("$kpipe" inspect whole | sed -n 's/.*entry\[[0-9]*\] *\([^ ]*\) .*/\1/p')
    (cd kept && find . | LC_ALL=C sort | cpio -o -H newc --quiet) > of-cpio
    ok unpacks-cpios gives kept/usr/bin/x cpio.unpack:usr/bin/x of-cpio
    ok unpacks-cpios-hard-link gives kept/zz cpio.unpack:usr/hard of-cpio
    (cd kept && find . | LC_ALL=C sort | cpio -o -H crc --quiet) > of-cpio
    ok unpacks-cpios-crc gives kept/zz cpio.unpack:usr/hard of-cpio
    (cd kept && find . | cpio -o -H odc --quiet) > of-cpio
    ok old-format refused of-cpio cpio.unpack ""
fi

# Broken archives. A header's numbers have 8 digits from offset 6.
broken() { # NAME OFFSET TEXT ERROR
    word whole "$2" "$3"
    ok "$1" refused changed cpio.unpack "$4"
}
broken digit 20 G "entry 0 at 0x0: header: a number that is not hexadecimal"
broken name-size-0 94 00000000 "entry 0 at 0x0: c_namesize: not between 1 and 4096"
broken name-size-large 94 00001001 "entry 0 at 0x0: c_namesize: not between 1 and 4096"
broken name-size-huge 94 FFFFFFFF "entry 0 at 0x0: c_namesize: not between 1 and 4096"
broken name-size-short 94 00000003 "entry 0 at 0x0: the name does not end with NUL"
broken file-size 54 FFFFFFFF "entry 0 at 0x0: c_filesize: the data does not lie in the archive"
broken file-size-off 54 00000004 "entry 1 at 0x78: magic: neither 070701 nor 070702"
broken second-magic 116 070707 "entry 1 at 0x74: magic: 070707: the old format"
head -c $(($(stat -c %s whole) / 512 * 512 - 512)) whole > short
ok cut refused short cpio.unpack "the file was cut short: get it again"
printf 'dir d 0755 0 0\nfile d/f f5 0755 0 0 g\nslink l d 0777 0 0\n' > list
make_archive 'list: list' 'files: files' 'checksum: true'
mutants ours $(($(grep -abo 'TRAILER' ours | cut -d: -f1) + 11))
ok hostile-archives survives cpio '' 'MUTANT, cpio.unpack'
cat log
ok hostile-members survives cpio '' 'MUTANT, {cpio.unpack: d/f}'
cat log
printf 'nod /c 0600 0 0 c 5 1\nfile /n f5 0755 0 0 m\nslink /l n 777 1 2\n# end\n' > list
mutants list
ok hostile-lists survives script '  files: {tree: files}\n' \
    '{cpio: {list: MUTANT, files: files}}'
cat log
finish
