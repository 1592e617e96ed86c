#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/bad-input.sh - what goes wrong in real life, from broken recipes to a full
# disk: each with its whole text, its exit code, and nothing left behind.
. "$(dirname "$0")/common.sh"

plugins=$(dirname "$kpipe")/tests/plugins
printf 'hello, kernel\n' > input
: > empty
mkdir folder
head -c 3000 "$kpipe" > cut-elf
head -c 100000 /dev/zero | gzip -n -9 > zeros.gz
head -c 60 zeros.gz > cut.gz

# clean ARGUMENT...: kpipe, with what differs from machine to machine taken out of its errors.
clean() {
    local status=0
    "$kpipe" "$@" 2> errors || status=$?
    sed "s|$work/||g; s/[0-9]* bytes at offset 0x[0-9a-f]*: beyond/N bytes at offset N: beyond/" errors >&2
    return "$status"
}

# nothing NAME: no output and no half of one.
nothing() {
    is "$1: nothing written" "" "$(find . \( -name 'out*' -o -name '.kpipe*' \) -print)"
}

# --- recipes ---
printf '\001\002 no: [' > noise.yml
expect 'not YAML' 1 kpipe check noise.yml << 'END'
--
noise.yml:1:1: error: not YAML: control characters are not allowed: 0x01 [KP1004]
    1 | \x01\x02 no: [
      | ^~~~
  hint: a recipe is text in UTF-8
END
expect 'no recipe' 1 kpipe check none.yml << 'END'
--
kpipe: error: cannot read the recipe: none.yml: no such file [KP1001]
END
expect 'a folder' 1 kpipe check folder << 'END'
--
kpipe: error: cannot read the recipe: folder: it is a folder [KP1001]
END

# One run of all that can be wrong in a recipe at once.
cat > many.yml << 'END'
kpipe: 1
arch: amd46
inputs: {k: input, missing: nowhere, folder: folder}
images:
  loop: [pool, gzip]
  pool: [loop, gzip]
  unknown: [k, gzpi]
  type: [k, {gzip: {level: fast}}]
  range: [k, {gzip: {level: 13}}]
  key: [k, {gzip: {levle: 9}}]
  form: [k, {gzip: [1, 2]}]
  kind: [k, gzip, objcopy]
  image: [k, {zimage: {dtb: kk}}]
  late: [k, missing]
  first: [gzip]
outputs: [loop, unknown, type, {range: {file: ../up}}, missing, folder]
END
expect 'everything at once' 1 kpipe check many.yml << 'END'
--
many.yml:2:7: error: arch: 'amd46': unknown architecture [KP1210]
    2 | arch: amd46
      |       ^~~~~
  hint: `kpipe plugins` lists the architectures that the plugins here know
many.yml:3:29: error: input 'missing': nowhere: No such file or directory [KP1401]
    3 | inputs: {k: input, missing: nowhere, folder: folder}
      |                             ^~~~~~~
  hint: a relative path counts from the folder of the recipe that says it
many.yml:3:46: error: input 'folder': folder: Is a directory [KP1401]
    3 | inputs: {k: input, missing: nowhere, folder: folder}
      |                                              ^~~~~~
  hint: a folder of files is an input {tree: PATH}, for stages that take trees
many.yml:6:10: error: an image is made from itself: loop -> pool -> loop [KP1109]
    6 |   pool: [loop, gzip]
      |          ^~~~
many.yml:7:16: error: stage 'gzpi': unknown stage type [KP1201]
    7 |   unknown: [k, gzpi]
      |                ^~~~
  hint: did you mean 'gzip'?
many.yml:8:28: error: stage 'gzip': level: 'fast': not a number [KP1303]
    8 |   type: [k, {gzip: {level: fast}}]
      |                            ^~~~
  hint: write a number as 4096, 4K, 0x1000 or 0o10000
many.yml:9:29: error: stage 'gzip': level: 13: out of range 0..12 [KP1304]
    9 |   range: [k, {gzip: {level: 13}}]
      |                             ^~
many.yml:10:20: error: stage 'gzip': levle: unknown parameter [KP1301]
   10 |   key: [k, {gzip: {levle: 9}}]
      |                    ^~~~~
  hint: did you mean 'level'?
many.yml:11:20: error: stage 'gzip': level: a list where a number is expected [KP1306]
   11 |   form: [k, {gzip: [1, 2]}]
      |                    ^
many.yml:12:19: error: stage 'objcopy': its main input is of kind 'compressed', and it takes 'elf' [KP1204]
   12 |   kind: [k, gzip, objcopy]
      |                   ^~~~~~~
many.yml:13:29: error: 'kk': no input or image has that name [KP1108]
   13 |   image: [k, {zimage: {dtb: kk}}]
      |                             ^~
  hint: did you mean 'k'?
many.yml:14:13: error: 'missing': an input or image stands only at the beginning of a chain [KP1216]
   14 |   late: [k, missing]
      |             ^~~~~~~
many.yml:15:11: error: 'gzip': no input or image has that name [KP1108]
   15 |   first: [gzip]
      |           ^~~~
  hint: a stage that begins a chain is a map: {gzip: }
many.yml:16:47: error: output 'range': file '../up': it must do without . and .. [KP1410]
   16 | outputs: [loop, unknown, type, {range: {file: ../up}}, missing, folder]
      |                                               ^~~~~
END
nothing recipes

# --- files that are not what they should be ---
expect 'empty ELF' 1 kpipe pipe empty objcopy -o out << 'END'
--
argument 2:1:1: error: stage 'objcopy': input: 0 bytes: not an ELF file, or cut short [KP1501]
    1 | objcopy
      | ^~~~~~~
END
expect 'truncated ELF' 1 clean pipe cut-elf objcopy -o out << 'END'
--
argument 2:1:1: error: stage 'objcopy': section headers: N bytes at offset N: beyond the end of the file (3000 bytes) [KP1501]
    1 | objcopy
      | ^~~~~~~
END
expect 'truncated gzip' 1 kpipe pipe cut.gz gzip.unpack -o out << 'END'
--
argument 2:1:1: error: stage 'gzip.unpack': gzip member 1: compressed data: the input ends inside it, at offset 60 [KP1501]
    1 | gzip.unpack
      | ^~~~~~~~~~~
END
printf '\377' | dd of=zeros.gz bs=1 seek=60 conv=notrunc 2> /dev/null
expect 'corrupt gzip' 1 kpipe pipe zeros.gz gzip.unpack -o out << 'END'
--
argument 2:1:1: error: stage 'gzip.unpack': gzip member 1: trailer at offset 129: the input ends inside it [KP1501]
    1 | gzip.unpack
      | ^~~~~~~~~~~
END
head -c 10000000 /dev/zero | gzip -n -9 > bomb.gz
expect 'decompression bomb' 1 kpipe pipe bomb.gz gzip.unpack:limit=1M -o out << 'END'
--
argument 2:1:19: error: stage 'gzip.unpack': output: more than 1048576 bytes: beyond the limit [KP1501]
    1 | gzip.unpack:limit=1M
      |                   ^~
  hint: raise 'limit' if the input is to be trusted
END
expect 'unreadable' 1 kpipe pipe nowhere gzip -o out << 'END'
--
argument 1:1:1: error: input 'nowhere': nowhere: No such file or directory [KP1401]
    1 | nowhere
      | ^~~~~~~
END
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null; then
    chmod 600 input
    mkdir -m 555 locked
    as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    if "${as_nobody[@]}" test -x "$kpipe" -a -r "$work/empty"; then
        expect 'may not be read' 1 "${as_nobody[@]}" "$kpipe" pipe input gzip -o out << 'END'
--
argument 1:1:1: error: input 'input': input: Permission denied [KP1401]
    1 | input
      | ^~~~~
END
        expect 'may not be written' 1 "${as_nobody[@]}" "$kpipe" pipe empty gzip -o locked/out << 'END'
--
kpipe: error: locked/out: Permission denied [KP1403]
  hint: may you write there? choose another folder with --out
END
    fi
fi
nothing files

# --- the disk ---
echo old > folder/out
expect 'a device that is full' 1 kpipe pipe input gzip -o /dev/full << 'END'
--
kpipe: error: /dev/full: No space left on device [KP1403]
  hint: make room, or choose another --out
END
mkdir small
if mount -t tmpfs -o size=64k kpipe-test small 2> /dev/null; then
    echo old > small/out
    head -c 300000 "$kpipe" > big
    expect 'full disk' 1 kpipe pipe big gzip:level=0 -o small/out << 'END'
--
kpipe: error: small/out: No space left on device [KP1403]
  hint: make room, or choose another --out
END
    is 'full disk: the old output is untouched' old "$(cat small/out)"
    is 'full disk: nothing else' out "$(ls -A small)"
    umount small
fi
expect 'a folder in the way' 1 kpipe pipe input gzip -o folder << 'END'
--
kpipe: error: folder: Is a directory [KP1403]
END

# --- plugins: the one that is asked for is bad, and its recipe says where ---
if [ -d "$plugins" ] && "$kpipe" plugins | grep '(bundled)' > /dev/null; then
    for bad in level lacking no-note; do
        mkdir "$bad"
        cp "$plugins/$bad.so" "$bad/"
    done
    expect 'plugin: of a newer API level' 1 clean pipe input sample -o out --plugin-path "$work/level" << 'END'
--
argument 2:1:1: error: stage 'sample': unknown stage type [KP1201]
    1 | sample
      | ^~~~~~
  hint: offered by level/level.so, which was rejected: asks for API level 1, this kpipe knows levels up to 0: use a newer kpipe
END
    expect 'plugin: lacks a library' 1 clean pipe input sample -o out --plugin-path "$work/lacking" << 'END'
--
argument 2:1:1: error: stage 'sample': its plugin lacking/lacking.so cannot be used: needs library libkpipe-test-absent.so.1, which is missing: install it [KP1601]
    1 | sample
      | ^~~~~~
END
    expect 'plugin: asked for by its name' 1 clean plugins sample --plugin-path "$work/lacking" << 'END'
--
kpipe: error: plugin: lacking/lacking.so: needs library libkpipe-test-absent.so.1, which is missing: install it [KP1716]
END
    is 'plugin: another shared object' 'rejected: no-note/no-note.so: no kpipe note: not a kpipe plugin' \
        "$("$kpipe" plugins --plugin-path "$work/no-note" | sed -n "s|$work/||; /^rejected/p")"
    mkdir text
    echo 'no plugin' > text/text.so
    is 'plugin: a text file' 'rejected: text/text.so: no ELF file' \
        "$("$kpipe" plugins --plugin-path "$work/text" | sed -n "s|$work/||; /^rejected/p")"
fi
finish
