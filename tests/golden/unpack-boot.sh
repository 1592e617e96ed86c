#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/unpack-boot.sh - boot images that know their payload no better than by its bytes, taken
# apart by `kpipe unpack`: ELF wrappers, and s390's image, whose command line can be edited. Where the
# parts lie is known here beforehand.
#
#     unpack-boot.sh KPIPE WORKDIR
#
# Prints a line for each case and fails if one of them failed.
. "$(dirname "$0")/common.sh"

again() { # makes `again`
    rm -rf out
    "$kpipe" run -q parts/recipe.yml --out out && mv out/* again
}

unpack() { # FILE: into parts/, and back
    rm -rf parts
    "$kpipe" unpack "$1" -d parts > unpack.log 2>&1 && again && cmp again "$1"
}

has() { # TEXT...: in the recipe
    local text
    for text in "$@"; do grep -qF -- "$text" parts/recipe.yml || return 1; done
}

edit() { # COMMAND: in a copy of the folder
    rm -rf parts
    cp -r kept parts
    (cd parts && eval "$1")
}

refuses() { # TEXT: the recipe as it is now
    ! again > refused.log 2>&1 && cat refused.log && grep -qF -- "$1" refused.log
}

holds() { # TEXT OFFSET: what is compressed there begins so
    [ "$(tail -c +$(($2 + 1)) again | gzip -dcq 2> /dev/null | head -c ${#1})" = "$1" ]
}

seq 4000 > contents
gzip -9nc contents > payload


# An ELF wrapper, as powerpc's and x86's are: the payload has a section of its own.
wrapper() { # SECTION FILE
    printf '.globl _start\n.text\n_start: .long 0\n.section payload,"a"\n.incbin "payload"\n.data\n.long 1\n' |
        as --64 -mx86-used-note=no -o wrapper.o - && ld -m elf_x86_64 -o wrapper wrapper.o &&
        objcopy --rename-section payload="$1" wrapper "$2"
}
place() { # SECTION FILE
    objdump -hw "$2" | awk -v name="$1" '$2 == name { print $6 }'
}
for section in .kernel:vmlinux.strip .rodata..compressed; do
    ok "elf-made$section" wrapper $section elf
    ok "elf$section" unpack elf
    at=$((0x$(place $section elf)))
    ok "elf-recipe$section" has "offset: 0x$(printf %x $at)" "{gzip: " "name: e_entry, at: 0x18"
    rm -rf kept
    mv parts kept
    ok "elf-shorter$section" edit 'seq 9 > payload-contents.bin'
    ok "elf-shorter-made$section" again
    ok "elf-shorter-holds$section" holds 1 $at
    ok "elf-same-size$section" [ "$(stat -c %s again)" = "$(stat -c %s elf)" ]
    ok "elf-sections$section" eval "[ \"\$(readelf -SlW again)\" = \"\$(readelf -SlW elf)\" ]"
    ok "elf-longer$section" edit 'seq 9000 > payload-contents.bin'
    ok "elf-longer-refused$section" refuses "region payload is full: "
    ok "elf-empty$section" edit ': > payload-contents.bin'
    ok "elf-empty-made$section" again
    ok "elf-entry$section" edit "sed -i 's/\\(name: e_entry.*value: \\)0x/\\10xf/' recipe.yml"
    ok "elf-entry-made$section" again
    ok "elf-entry-told$section" eval "readelf -h again | grep -q 'Entry point.*0xf40'"
    rm -rf kept
done

# s390's: parameter area, command line, boot program, payload.
be64() { # NUMBER
    be32 0 && be32 "$1"
}
s390() { # FILE COMMAND-LINE SIZE-TOLD
    {
        head -c $((0x10008)) /dev/zero
        printf S390EP
        head -c $((0x10400 - 0x1000e)) /dev/zero
        for word in 0 0 0 0 0 $((0x12000)) "$3"; do be64 "$word"; done
    } > "$1"
    truncate -s $((0x10480)) "$1"
    printf %s "$2" >> "$1"
    truncate -s $((0x12000)) "$1"
    {
        printf '6.1.0-test (user@host) #1\0'
        seq 2000
        cat payload
        seq 100
    } >> "$1"
}
for told in 0 4096; do
    ok "s390-made-$told" s390 s390 "root=/dev/dasda1" $told
    ok "s390-$told" unpack s390
    ok "s390-recipe-$told" has 'cmdline: cmdline.txt' '{gzip: ' 'name: kernel_version, at: 0x10428, size: 8, value: 0x12000, order: big'
    rm -rf kept
    mv parts kept
    s390 expected "root=/dev/dasdb2 quiet" $told
    ok "s390-cmdline-$told" edit 'printf "root=/dev/dasdb2 quiet" > cmdline.txt'
    ok "s390-cmdline-made-$told" again
    ok "s390-cmdline-same-$told" cmp again expected
    ok "s390-cmdline-long-$told" edit "head -c 5000 /dev/zero | tr '\\0' x > cmdline.txt"
    ok "s390-cmdline-refused-$told" refuses "region cmdline is full: 5000 of $((told == 0 ? 896 : told)) bytes"
    ok "s390-payload-long-$told" edit 'seq 9000 > payload-contents.bin'
    ok "s390-payload-refused-$told" refuses "region payload is full: "
done
s390 empty "" 4096
ok s390-no-cmdline unpack empty
s390 wild "root=/dev/dasda1" $((0x7fffffff))
ok s390-wild-size unpack wild
finish
