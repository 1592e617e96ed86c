#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/details.sh - what `kpipe inspect --details` tells one by one, against the tools that
# know these formats best: readelf and nm, cpio, dtc, and grep for configurations. Then damaged
# ones: nothing may crash.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

# "name value" of each detail; a value that means something else has that behind it.
details() { # FILE
    "$kpipe" inspect --details "$1" | sed -n 's/^  \(0x[0-9a-f]*\|         -\)  //p'
}

# All mutants in one go; a few hundred names fit on a command line.
survive() {
    local status
    find m -type f | sort | while read -r file; do echo "$file"; done | xargs -n 500 -- "$kpipe" inspect \
        --details > survivors 2>&1
    status=$?
    # xargs tells 123 if a command ended with 1 to 125, and more if it was ended.
    [ $status = 0 ] || [ $status = 123 ] || return 1
    ! grep -q 'fault of the plugin' survivors && [ "$(grep -c '^m/' survivors)" -gt 100 ]
}

# --- configurations ---
cat > kernel.config << 'END'
#
# Automatically generated file; DO NOT EDIT.
# Linux/arm 6.1.0 Kernel Configuration
#
CONFIG_CC_VERSION_TEXT="gcc (Debian 12.2.0-14) 12.2.0"
CONFIG_GCC_VERSION=120200
CONFIG_EMPTY=""

# CONFIG_WERROR is not set
# CONFIG_ is not set
# a comment: CONFIG_NONE is not set here
CONFIG_HEX=0x8000
CONFIG_EQUALS="a=b"
CONFIG_ARM=y
CONFIG_MOD=m
END
options() {
    details kernel.config | grep CONFIG_ | tr -s ' '
    printf -- '--\n'
    details kernel.config | grep -v CONFIG_ | tr -s ' '
}
ok config diff - <(options) << 'END'
CONFIG_CC_VERSION_TEXT "gcc (Debian 12.2.0-14) 12.2.0"
CONFIG_GCC_VERSION 120200
CONFIG_EMPTY ""
CONFIG_WERROR n
CONFIG_HEX 0x8000
CONFIG_EQUALS "a=b"
CONFIG_ARM y
CONFIG_MOD m
--
title Linux/arm 6.1.0 Kernel Configuration
y 1
m 1
values 5
not set 1
END
{ cat kernel.config && printf 'CONFIG_LAST=y'; } > unended
ok config-unended [ "$(details unended | grep -c 'CONFIG_LAST  *y$')" = 1 ]
mutants kernel.config
ok config-survives survive

# --- device trees: a tree that is written from its details is the same ---
if command -v dtc > /dev/null && "$kpipe" plugins dtb > plugins.log 2>&1; then
    dtc -qI dts -O dtb -o base.dtb - << 'END'
/dts-v1/;
/ {
    compatible = "a,b", "c \"d\"\\";
    #address-cells = <1>;
    empty;
    not-text = [41 00 00 42 00];
    soc { bytes = [00 01 02]; uart@1000 { reg = <0x1000 0xffffffff>; text = "x"; zero = <0>; }; };
    chosen { };
};
END
    written() {
        details base.dtb | grep '^/[^ ]*:' | while read -r name value; do
            printf '%s %s\n' "$name" "$value"
        done
    }
    ok dtb diff - <(written) << 'END'
/:compatible "a,b", "c \"d\"\\"
/:#address-cells <0x1>
/:empty empty
/:not-text [41 00 00 42 00]
/soc:bytes [00 01 02]
/soc/uart@1000:reg <0x1000 0xffffffff>
/soc/uart@1000:text "x"
/soc/uart@1000:zero <0x0>
END
    from_details() {
        printf '/dts-v1/;\n'
        details base.dtb | while read -r name value; do
            case $name in
            /*:*) [ "$value" = empty ] && value= || value=" = $value" ;;
            *) continue ;;
            esac
            path=${name%%:*} line="${name#*:}$value;"
            for node in $(tr / ' ' <<< "$path" | awk '{ for (i = NF; i > 0; i--) print $i }'); do
                line="$node { $line };"
            done
            printf '/ { %s };\n' "$line"
        done
        printf '/ { chosen { }; };\n'
    }
    ok dtb-again diff <(from_details | dtc -qI dts -O dtb | dtc -qsI dtb -O dts) <(dtc -qsI dtb -O dts base.dtb)
    head -c 5001 /dev/zero | tr '\0' x > long
    printf '/dts-v1/; / { long = /incbin/("long"); };' | dtc -qI dts -O dtb -o long.dtb -
    ok dtb-long [ "$(details long.dtb | grep -c '^/:long  *\[78 .* and more: 5001 bytes, hash 0x[0-9a-f]*$')" = 1 ]
    mutants base.dtb
    ok dtb-survives survive
fi

# --- archives ---
if command -v cpio > /dev/null; then
    mkdir -p tree/bin && echo data > tree/bin/sh && ln -s sh tree/bin/link && chmod 750 tree/bin
    touch -d @1 tree tree/bin tree/bin/sh && touch -hd @2 tree/bin/link
    (cd tree && find . | LC_ALL=C sort | cpio -oH newc -R 1:2 --quiet) > archive
    entries() { details archive | grep 1:2 | tr -s ' '; }
    ok cpio diff - <(entries) << END
. dir $(stat -c %a tree | sed 's/^...$/0&/') 1:2 mtime 1
bin dir 0750 1:2 mtime 1
bin/link slink 0777 1:2 mtime 2 -> sh
bin/sh file $(stat -c %a tree/bin/sh | sed 's/^...$/0&/') 1:2 mtime 1 5 bytes, crc32 0x$(gzip -c tree/bin/sh | tail -c 8 | od -A n -t x4 -N 4 --endian=little | tr -d ' ')
END
    mutants archive $(($(grep -abo TRAILER archive | head -n 1 | cut -d: -f1) + 11))
    ok cpio-survives survive
fi

# --- ELF files: sections as readelf has them, symbols as nm ---
if command -v gcc > /dev/null && command -v nm > /dev/null; then
    cat > code.c << 'END'
int data[7] = {1};
static char local[5] = {1};
int zeros[100];
extern int other;
static int twice(void) { static int count; return ++count + other; }
int use(void) { static int count; return ++count + twice() + local[0]; }
END
    gcc -O0 -c -o code.o code.c
    # shellcheck disable=SC2016 # awk's
    symbols() {
        nm -S --radix=d code.o | awk 'NF == 4 { sub(/\.[0-9]+$/, "", $4); n[$4] += $2 }
            END { for (i in n) print i, n[i], "bytes" }' | LC_ALL=C sort
    }
    told() {
        details code.o | awk 'NF == 3 && $3 == "bytes" { n[$1] += $2 } END { for (i in n) print i, n[i], "bytes" }' |
            LC_ALL=C sort
    }
    ok elf-symbols diff <(symbols) <(told)
    ok elf-local [ "$(told | grep count)" = 'count 8 bytes' ]
    sections() { LC_ALL=C readelf -SW code.o | sed -n 's/^ *\[ *[1-9][0-9]*\] \(\.[^ ]*\) .*/\1/p'; }
    ok elf-sections diff <(sections) <(details code.o | grep -oE '^\.[^ ]*')
    ok elf-flags [ "$(details code.o | grep -c '^\.text  *progbits 0x0, [0-9]* bytes, alloc exec$')" = 1 ]
    mutants code.o 64
    ok elf-survives survive
fi
finish
