# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/fit.sh - FITs that mkimage and kpipe make of the same sources with the same options.
# Sourced by golden/fit.sh and real/fit-identity.sh, with $kpipe and $mkimage set, in a folder of
# their own: which tables they go through, and what may differ, is theirs.
# shellcheck disable=SC2154 # $kpipe, $mkimage

export SOURCE_DATE_EPOCH=1700000000

# version: as mkimage writes it into signatures.
version() {
    "$mkimage" -V | sed 's/^mkimage version //'
}

# is_2023: Debian bookworm's, which differs from the newest in a few bytes.
is_2023() {
    [[ $(version) == 2023.* ]]
}

# --- what FITs are made of ---

# fit_files: contents of all kinds and sizes, all different.
fit_files() {
    local n
    seq 20000 >kernel
    gzip -n -9 -c kernel >kernel.gz
    for n in 0 1 2 3 4 5; do head -c "$n" kernel >"d$n"; done
    seq 30000 -1 28000 >ramdisk
    printf 'echo a script\n' >script
    head -c 5000 kernel | tail -c 4001 >blob
    cat >base.dts <<'END'
/dts-v1/;
/ {
    model = "A board";
    compatible = "maker,board", "maker,soc";
    #address-cells = <1>;
    #size-cells = <1>;
    uart: serial@1000 { compatible = "maker,uart"; reg = <0x1000 0x100>; status = "disabled"; };
};
END
    sed 's/A board/Another board/; s/maker,board/maker,other/' base.dts >other.dts
    cat >overlay.dts <<'END'
/dts-v1/;
/plugin/;
&uart { status = "okay"; };
END
    for n in base other overlay; do dtc -q -@ -I dts -O dtb -o "$n.dtb" "$n.dts"; done
    for n in 1 2 3; do printf 'board number %s' "$n" >"part$n"; done
}

# fit_keys NAME:BITS... : in keys/, RSA keys with certificates, as mkimage wants them; and AES keys.
fit_keys() {
    local key
    mkdir -p keys
    for key in "$@"; do
        openssl req -quiet -x509 -newkey "rsa:${key#*:}" -nodes -keyout "keys/${key%:*}.key" -subj "/CN=${key%:*}" \
            -days 10000 -out "keys/${key%:*}.crt" 2>/dev/null ||
            openssl req -x509 -newkey "rsa:${key#*:}" -nodes -keyout "keys/${key%:*}.key" \
                -subj "/CN=${key%:*}" -days 10000 -out "keys/${key%:*}.crt" 2>/dev/null
    done
    head -c 16 kernel >keys/aes128.bin
    head -c 24 kernel >keys/aes192.bin
    head -c 32 kernel >keys/aes256.bin
    tail -c 16 kernel >keys/vector.bin
    chmod 600 keys/*
}

# --- sources ---

# its NAME: standard input is the root's contents; lines `HASH A B ...` become nodes of hashes, and
# `SIGN KEY ALGO` a node of a signature.
its() {
    {
        printf '/dts-v1/;\n/ {\n    description = "%s";\n    #address-cells = <1>;\n' "$1"
        awk '
            $1 == "HASH" {
                for (i = 2; i <= NF; i++)
                    printf "hash-%d { algo = \"%s\"; };\n", i - 1, $i
                next
            }
            $1 == "SIGN" {
                printf "signature-%d { algo = \"%s\"; key-name-hint = \"%s\"; %s };\n",
                    ++signatures, $3, $2, substr($0, index($0, $3) + length($3))
                next
            }
            { print }'
        printf '};\n'
    } >"$1.its"
}

# The node of a kernel, of a tree, of anything else; more of it on standard input, if it is a file.
kernel_node() { # NAME FILE [CODEC]
    printf '%s { description = "a kernel"; data = /incbin/("%s"); type = "kernel"; arch = "arm64";
        os = "linux"; compression = "%s"; load = <0x40200000>; entry = <0x40200000>;\n' "$1" "$2" "${3:-none}"
    cat
    echo '};'
}

tree_node() { # NAME FILE
    printf '%s { description = "a tree"; data = /incbin/("%s"); type = "flat_dt"; arch = "arm64";
        compression = "none";\n' "$1" "$2"
    cat
    echo '};'
}

node() { # NAME FILE TYPE
    printf '%s { data = /incbin/("%s"); type = "%s"; arch = "arm64"; os = "linux"; compression = "none";\n' \
        "$1" "$2" "$3"
    cat
    echo '};'
}

# a_board [SIGN...]: a kernel and a tree, whose configuration has these lines.
a_board() {
    echo 'images {'
    kernel_node kernel-1 kernel <<<"HASH sha256"
    tree_node fdt-1 base.dtb <<<"HASH sha256"
    echo '}; configurations { default = "conf-1"; conf-1 { kernel = "kernel-1"; fdt = "fdt-1";'
    printf '%s\n' "$@"
    echo '}; };'
}

# Sources without keys, as NAME.its.
plain_sources() {
    local n
    a_board | its plain
    {
        echo 'images {'
        kernel_node kernel-1 kernel.gz gzip <<<"HASH crc32 md5 sha1 sha256 sha384 sha512"
        tree_node fdt-1 base.dtb <<<"HASH crc32"
        node ramdisk-1 ramdisk ramdisk <<<"HASH md5"
        node loadable-1 blob firmware <<<"HASH sha1"
        node firmware-1 d5 firmware <<<"HASH sha512"
        node script-1 script script <<<"HASH sha384"
        echo '}; configurations { default = "all";
            all { kernel = "kernel-1"; fdt = "fdt-1"; ramdisk = "ramdisk-1"; loadables = "loadable-1", "firmware-1"; };
            fw { firmware = "firmware-1"; loadables = "loadable-1"; script = "script-1"; }; };'
    } | its every-kind
    {
        echo 'images {'
        for n in 0 1 2 3 4 5; do node "part-$n" "d$n" firmware <<<"HASH crc32 sha256"; done
        echo '};'
    } | its lengths
    { echo 'images {' && node only blob firmware </dev/null && echo '};'; } | its no-configurations
    {
        echo 'images {'
        kernel_node kernel-1 kernel <<<"HASH sha256"
        tree_node fdt-1 base.dtb <<<"HASH sha256"
        tree_node fdt-2 overlay.dtb <<<"HASH sha256"
        echo '}; configurations { conf-1 { kernel = "kernel-1"; fdt = "fdt-1", "fdt-2"; }; };'
    } | its overlay
    {
        echo '#size-cells = <2>; images {'
        for n in 1 2 3; do
            node "high-$n" "part$n" firmware <<<"load = <0x$n 0x80000000>; entry = /bits/ 64 <0x${n}80000040>;"
        done
        echo '};'
    } | its high
    {
        echo 'images {'
        for ((n = 1; n <= 101; n++)); do node "image-$n" part$((n % 3 + 1)) firmware <<<"HASH sha256"; done
        echo '}; configurations {'
        for ((n = 1; n <= 101; n++)); do echo "conf-$n { firmware = \"image-$n\"; };"; done
        echo '};'
    } | its many
    {
        echo 'images {'
        for ((n = 1; n <= 60; n++)); do
            node "image-$n" d3 firmware <<<"HASH sha512 sha384 sha256 sha1 md5 crc32"
        done
        echo '};'
    } | its much-room
    # Strings in another order, one that others end with, names with addresses, no text at all.
    {
        echo 'zebra = "first"; data-of-mine; size = <1 2>; ofmine = "of mine"; images {'
        node 'kernel@1' d4 standalone <<<"HASH crc32"
        echo 'more { compression = "none"; data = [00 01 02 03 04]; type = "firmware"; empty; };'
        echo '}; other { node { data = "not an image"; }; };'
    } | its odd-names
    {
        echo 'images {'
        node a d2 firmware <<<'hash { algo = "sha256"; }; hashes { algo = "md5"; }; hash-1 { value = [00]; algo = "sha1"; };'
        node b d3 firmware <<<'timestamp = <1>; hash-crc { note = "x"; algo = "crc32"; value = <1 2 3>; };'
        echo '};'
    } | sed '1s/^/timestamp = <0>;\n/' | its found-by-name
}

# Those of dtc's language: more files than one, and what changes a tree that is written already.
language_sources() {
    cat >common.itsi <<'END'
    images {
        k: kernel-1 { data = /incbin/("kernel", 0x10, 1001); type = "kernel"; arch = "arm64"; os = "linux";
            compression = "none"; load = <(0x40000000 + 0x200000)>; entry = <&{/images/kernel-1}>; };
        gone { data = "x"; };
        f: fdt-1 { data = /incbin/("base.dtb"); type = "flat_dt"; arch = "arm64"; compression = "none"; };
    };
END
    cat >language.its <<'END'
/dts-v1/;
/memreserve/ 0x10000000 0x4000;
/memreserve/ 0x1 0x0000000200000000 ; // of 64 bits
/ {
    description = "a" , "b";
    #address-cells = <1>;
/include/ "common.itsi"
    configurations {
        default = "conf-1";
        conf-1 { kernel = "kernel-1"; fdt = "fdt-1"; ref = <&k 1>; path = &f; };
    };
};
&f { hash-1 { algo = "sha256"; }; };
/ { images { kernel-1 { /delete-property/ entry; entry = <0x40200000>; hash-1 { algo = "sha1"; }; }; /delete-node/ gone; }; };
/ { configurations { conf-1 { description = 'x'; }; }; };
END
    sed -i "s/ description = 'x';/ bytes = [0102 03]; chars = <'a' '\\\\n'>; shifts = <(1 << 4) (7 \& 3)>; wide = \/bits\/ 16 <1 2 3>;/" \
        language.its
}

# Sources with signatures, by keys dev (2048 bits), big (3072) and huge (4096).
signed_sources() {
    local n hash
    a_board 'SIGN dev sha256,rsa2048 sign-images = "kernel", "fdt";' | its signed
    a_board 'SIGN dev sha256,rsa2048' | its signed-default
    a_board 'SIGN dev sha1,rsa2048 sign-images = "fdt", "kernel";' \
        'SIGN big sha384,rsa3072 sign-images = "kernel", "fdt";' \
        'SIGN huge sha512,rsa4096 sign-images = "kernel", "fdt"; padding = "pkcs-1.5";' | its signed-thrice
    for hash in sha1 sha256 sha384 sha512; do
        {
            echo 'images {'
            kernel_node kernel-1 kernel <<<"SIGN dev $hash,rsa2048"
            tree_node fdt-1 base.dtb <<<"SIGN big $hash,rsa3072 comment = \"mine\";"
            node blob-1 blob firmware <<<"SIGN huge $hash,rsa4096"
            echo '}; configurations { conf-1 { kernel = "kernel-1"; fdt = "fdt-1"; }; };'
        } | its "signed-images-$hash"
    done
    {
        echo 'images {'
        kernel_node kernel-1 kernel.gz gzip <<<"$(printf 'HASH sha256 crc32\nSIGN dev sha256,rsa2048\nSIGN big sha256,rsa3072')"
        tree_node fdt-1 base.dtb <<<"HASH sha256 md5"
        tree_node fdt-2 overlay.dtb <<<"HASH sha384"
        node ramdisk-1 ramdisk ramdisk <<<"HASH sha512"
        node tee-1 blob firmware <<<"HASH sha1"
        node script-1 script script <<<"HASH sha1"
        echo '}; configurations { default = "conf-2";'
        for n in 1 2 3; do
            echo "conf-$n { kernel = \"kernel-1\"; fdt = \"fdt-1\", \"fdt-2\"; ramdisk = \"ramdisk-1\";
                loadables = \"tee-1\"; script = \"script-1\";"
            echo "SIGN dev sha256,rsa2048 sign-images = \"kernel\", \"fdt\", \"ramdisk\", \"loadables\", \"script\";"
            [ $n = 1 ] || echo "SIGN big sha256,rsa3072 sign-images = \"kernel\", \"fdt\", \"script\", \"ramdisk\", \"loadables\";"
            echo '};'
        done
        echo '};'
    } | its signed-everything
    {
        echo 'images {'
        for ((n = 1; n <= 12; n++)); do node "image-$n" part$((n % 3 + 1)) firmware <<<"SIGN huge sha512,rsa4096"; done
        echo '}; configurations { };'
    } | its signed-much-room
}

# AES, with a vector that both are given.
cipher_sources() {
    local bits
    for bits in 128 192 256; do
        {
            echo 'images {'
            kernel_node kernel-1 kernel <<END
                cipher { algo = "aes$bits"; key-name-hint = "aes$bits"; iv-name-hint = "vector"; };
HASH sha256
END
            node blob-1 d5 firmware <<<"cipher { algo = \"aes$bits\"; key-name-hint = \"aes$bits\"; iv-name-hint = \"vector\"; };"
            echo '}; configurations { conf-1 { kernel = "kernel-1"; SIGN };};'
        } | sed 's/ SIGN };/\nSIGN dev sha256,rsa2048 sign-images = "kernel";\n};/' | its "cipher-$bits"
    done
}

# --- both, compared ---

# our_options OPTION...: mkimage's, as parameters of a stage.
our_options() {
    printf 'signer_name: mkimage, signer_version: %s' "$(version)"
    while [ $# -gt 0 ]; do
        case $1 in
        -E) printf ', external: true' ;;
        -B) printf ', align: 0x%s' "$2" && shift ;;
        -p) printf ', position: 0x%s' "$2" && shift ;;
        -c) printf ', comment: "%s"' "$2" && shift ;;
        esac
        shift
    done
}

# recipe CHAIN [LINE...]: the recipe whose output is `ours`.
recipe() {
    printf 'kpipe: 1\n'
    printf '%s\n' "${@:2}"
    printf 'images:\n  ours: %s\noutputs: [ours]\n' "$1"
}

# keys_of NAME...: those that are in keys/, for a recipe's `keys:`.
keys_of() {
    local key list=
    for key in "$@"; do
        if [ -e "keys/$key.key" ]; then
            list="$list${list:+, }$key: keys/$key.key"
        else
            list="$list${list:+, }$key: keys/$key.bin"
        fi
    done
    printf 'keys: {%s}\n' "$list"
}

# from_source NAME KEYS OPTION...: NAME.its; KEYS is "" for none, else names, separated by blanks,
# which mkimage finds by -k.
from_source() {
    local source=$1 keys=$2 lines=() names='' ivs=''
    shift 2
    if [ -n "$keys" ]; then
        # shellcheck disable=SC2086 # names
        lines+=("$(keys_of $keys)")
        names="keys: [${keys// /, }], "
        [[ $keys != *aes* ]] || ivs='ivs: [{hint: vector, image: vector}], '
    fi
    lines+=('inputs:' '  files: {tree: .}')
    [ -z "$ivs" ] || lines+=('  vector: keys/vector.bin')
    recipe "[{fit-its: {source: files, file: $source.its, $names$ivs$(our_options "$@")}}]" "${lines[@]}" \
        >ours.yml
    made_alike "$@" ${keys:+-k keys} -f "$source.its"
}

# from_parts PARAMETERS OPTION...: `mkimage -f auto OPTION...` against the stage `fit` with these
# parameters, in the style of that mkimage; the main input is the file that -d names.
from_parts() {
    local parameters=$1 style=mkimage-auto from=kernel option
    shift
    ! is_2023 || style=mkimage-auto-2023
    for option; do [ "$option" != kernel.gz ] || from="kernel-gz"; done
    recipe "[$from, {fit: {style: $style, creator: U-Boot mkimage $(version), $parameters, $(our_options "$@")}}]" \
        'inputs: {kernel: kernel, kernel-gz: kernel.gz, ramdisk: ramdisk, base: base.dtb, other: other.dtb}' \
        "$(keys_of dev)" >ours.yml
    [[ " $* " == *" -f "* ]] || set -- -f auto "$@"
    made_alike "$@"
}

# made_alike OPTION...: ours.yml and mkimage give the same bytes.
made_alike() {
    rm -f ours theirs
    "$mkimage" "$@" theirs >said 2>&1 || { grep -v '^ ' said && return 1; }
    "$kpipe" run -q ours.yml || return 1
    as_now theirs "$@"
    cmp ours theirs
}

# A FIT's header, as numbers.
header() { # FILE: totalsize, and where the strings end
    # shellcheck disable=SC2046 # numbers
    set -- "$1" $(od -An -v -tu1 -j 4 -N 32 "$1")
    shift
    local -a b=("$@")
    totalsize=$(((b[0] << 24) + (b[1] << 16) + (b[2] << 8) + b[3]))
    strings_end=$(((b[8] << 24) + (b[9] << 16) + (b[10] << 8) + b[11] + (b[28] << 24) + (b[29] << 16) + (b[30] << 8) + b[31]))
}

# as_now FILE OPTION...: with external contents mkimage of 2023 leaves what was there between the
# packed tree's end and its aligned one; that of 2025 leaves zeros.
as_now() {
    local file=$1
    shift
    [[ " $* " == *" -E "* ]] && is_2023 || return 0
    header "$file"
    head -c $((totalsize - strings_end)) /dev/zero |
        dd of="$file" bs=1 seek="$strings_end" conv=notrunc status=none
}

# --- mkimage -f auto ---

# auto_cases COMMAND...: called with what is compared, the stage's parameters, and mkimage's options.
auto_cases() {
    local place='arch: arm64, load: 0x40200000' kernel='-A arm64 -O linux -T kernel -a 40200000' noload type
    kernel="$kernel -e 40200000 -C none"
    noload='-A arm64 -O linux -T kernel_noload -C none -n Linux'
    # shellcheck disable=SC2086 # options
    {
        "$@" alone "$place" $kernel -d kernel
        "$@" gzip "$place, kernel_description: Linux" $kernel -C gzip -n Linux -d kernel.gz
        "$@" entry "arch: arm, load: 0x8000, entry: 0x8040" -A arm -O linux -T kernel -a 8000 -e 8040 -C none -d kernel
        "$@" boards "$place, kernel_description: Linux, dtbs: [base, other]" $kernel -C gzip -n Linux \
            -b base.dtb -b other.dtb -d kernel.gz
        "$@" ramdisk "$place, dtbs: [base, other], ramdisk: ramdisk" $kernel -b base.dtb -b other.dtb \
            -i ramdisk -d kernel
        "$@" ramdisk-alone "$place, ramdisk: ramdisk" $kernel -i ramdisk -d kernel
        "$@" noload "arch: arm64, type: kernel_noload, kernel_description: Linux" $noload -d kernel
        "$@" noload-boards "arch: arm64, type: kernel_noload, kernel_description: Linux, dtbs: [base]" \
            $noload -b base.dtb -d kernel
        for type in firmware script standalone filesystem; do
            "$@" $type "arch: arm64, type: $type, load: 0x1000, entry: 0x1010, dtbs: [base]" -A arm64 -O linux \
                -T $type -C none -a 1000 -e 1010 -b base.dtb -d kernel
        done
        ! is_2023 || return 0
        "$@" signed "$place, dtbs: [base, other], hashes: [sha1], signatures: [{key: dev, hash: sha256}]" \
            $kernel -b base.dtb -b other.dtb -d kernel -f auto-conf -g dev -o sha256,rsa2048 -k keys
        "$@" signed-comment "$place, dtbs: [base], hashes: [sha1], signatures: [{key: dev, hash: sha512}]" \
            $kernel -b base.dtb -d kernel -f auto-conf -g dev -o sha512,rsa2048 -k keys -c 'a comment'
    }
}
