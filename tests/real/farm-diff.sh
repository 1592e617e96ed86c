#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/real/farm-diff.sh - `kpipe diff` of the farm's kernels (tests/real/farm): one kernel
# compressed in two ways, and the sizes of symbols that `kpipe inspect --details` tells of a kernel
# without a table of symbols, against those of vmlinux by nm.
#
#   tests/real/farm-diff.sh KPIPE WORK KERNEL...
#
# The KERNELs are bzImages of one build, in different codecs.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

image=arch/x86/boot/bzImage

# The codec is another one and all that comes of it, but nothing of the kernel is.
codecs() { # LEFT RIGHT
    local status=0
    "$kpipe" diff --json "$1" "$2" >out.json || status=$?
    [ $status = 1 ] || return 1
    "$kpipe" diff "$1" "$2" >out || true
    cat out
    grep -qE '^payload: compressed \([a-z0-9]*\) -> compressed \([a-z0-9]*\)$' out &&
        grep -q '^  contents: the same, compressed in another way$' out &&
        grep -qE '^  payload_length: [0-9]* bytes -> [0-9]* bytes$' out &&
        ! grep -q '^payload/' out
}

same() { # FILE
    cp "$1" copy
    "$kpipe" diff "$1" copy >out 2>&1 && [ ! -s out ]
}

# Lines "name size" of names that occur once.
once() {
    awk '{ n[$1]++; size[$1] = $2 } END { for (i in n) if (n[i] == 1) print i, size[i] }' | sort
}

# Of all symbols of code that nm gives a size nearly all have it, but for padding before the next
# one: functions begin at multiples of 16, with as much in front of them.
sizes() { # IMAGE VMLINUX
    "$kpipe" inspect --details "$1" |
        awk '$1 == "-" && NF == 4 && $4 == "bytes" { print $2, $3 }' | once >told
    nm -S --radix=d "$2" |
        awk 'NF == 4 && $3 ~ /^[tT]$/ { sub(/\.[0-9]+$/, "", $4); print $4, $2 }' | once >symbols
    join told symbols | awk '{ all++; if ($2 >= $3 && $2 - $3 < 80) near++ }
        END { print near, "of", all; exit !(all > 10000 && near > 0.99 * all) }' &&
        [ "$(grep -cE '^(_text|_stext|startup_64) ' told)" = 1 ] # all at one address
}

# Of vmlinux, which has a table of symbols and its own, each is told of once, as nm has it.
table() { # VMLINUX
    local own
    own=$(nm -S --radix=d "$1" | awk '$4 == "schedule" { print $2 + 0 }')
    "$kpipe" inspect --details "$1" | awk '$2 == "schedule"' >told
    cat told
    [ "$(tr -s ' ' <told)" = " - schedule $own bytes" ]
}

check() {
    [ -z "${first-}" ] || verdict "$kernel, and ${first##*/}" codecs "$before/$image" "$folder/$image"
    verdict "$kernel, the same" same "$folder/$image"
    verdict "$kernel, sizes" sizes "$folder/$image" "$folder/../build/vmlinux"
    verdict "$kernel, vmlinux" table "$folder/../build/vmlinux"
    first=$kernel before=$folder
}

each_kernel check
finish
