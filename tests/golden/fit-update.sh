#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/fit-update.sh - FITs that mkimage made, changed in place, taken apart, verified, and
# the keys for them: the stages fit-update, fit-keys and fit-verify, `kpipe verify` and unpack.
#
#     fit-update.sh KPIPE WORKDIR
# shellcheck disable=SC2016 # eval expands
. "$(dirname "$0")/common.sh"

for program in mkimage dtc openssl fdtget fdtput xz; do
    command -v $program > /dev/null || {
        echo "skipped: $program is missing (u-boot-tools, device-tree-compiler, openssl, xz-utils)"
        exit 77
    }
done
export SOURCE_DATE_EPOCH=1700000000

{ seq 20000 | gzip -9n; } > kernel.gz
{ seq 30000 | bzip2; } > kernel.bz2
seq 3000 > ramdisk
seq 5000 > ramdisk.new
xz -k ramdisk.new && mv ramdisk.new.xz ramdisk.xz
printf '/dts-v1/; / { model = "Board"; compatible = "acme,board"; };' | dtc -q -O dtb -o board.dtb
printf '/dts-v1/; / { };' | dtc -q -O dtb -o control.dtb
for key in dev other; do
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out $key.key
    openssl req -batch -new -x509 -key $key.key -out $key.crt
    openssl pkey -in $key.key -pubout -out $key.pub
done > log 2>&1
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem > log 2>&1
openssl pkey -in ec.pem -pubout -out ec.pub
chmod 600 ./*.key ec.pem

cat > board.its << 'END'
/dts-v1/;
/ {
	description = "Board";
	#address-cells = <1>;
	images {
		kernel@1 {
			data = /incbin/("kernel.gz");
			type = "kernel"; arch = "arm64"; os = "linux"; compression = "gzip";
			load = <0x40200000>; entry = <0x40200000>;
			hash@1 { algo = "sha256"; };
		};
		fdt-1 {
			description = "board";
			data = /incbin/("board.dtb");
			type = "flat_dt"; arch = "arm64"; compression = "none";
			hash-1 { algo = "crc32"; };
			hash-2 { algo = "sha1"; };
		};
		ramdisk-1 {
			data = /incbin/("ramdisk");
			type = "ramdisk"; arch = "arm64"; os = "linux"; compression = "none";
			vendor = <1 2>; note = "a", "b"; odd = [00 01 02]; flag;
			hash-1 { algo = "sha256"; };
		};
	};
	configurations {
		default = "conf-1";
		conf-1 {
			kernel = "kernel@1"; fdt = "fdt-1"; ramdisk = "ramdisk-1";
			signature-1 {
				algo = "sha256,rsa2048"; key-name-hint = "dev";
				sign-images = "kernel", "fdt", "ramdisk";
			};
		};
		conf-2 {
			kernel = "kernel@1"; fdt = "fdt-1";
			signature-1 { algo = "sha256,rsa2048"; key-name-hint = "other"; padding = "pkcs-1.5"; };
		};
	};
};
END
# As the above, with names that U-Boot takes.
sed 's/@/-/g' board.its > signed.its

its() { # SOURCE OUTPUT [OPTION...]
    mkimage -q -f "$1" "${@:3}" "$2" > mkimage.log 2>&1 || { cat mkimage.log && return 1; }
}

update() { # FIT PARAMETERS OUTPUT: with the keys dev, other and ec
    rm -f "$3"
    cat > update.yml << END
kpipe: 1
inputs: {fit: $1, kernel: kernel.bz2, ramdisk: ramdisk.new, xz: ramdisk.xz}
keys: {dev: dev.key, other: other.key}
images: {new: [fit, {fit-update: $2}]}
outputs: [{new: {file: $3}}]
END
    "$kpipe" run -q update.yml
}

update_refused() { # FIT PARAMETERS TEXT...
    local status=0 text
    update "$1" "$2" refused.out > refused.log 2>&1 || status=$?
    cat refused.log
    [ "$status" = 1 ] && [ ! -e refused.out ] || return 1
    for text in "${@:3}"; do grep -qF -- "$text" refused.log || return 1; done
}

# --- nothing changes ---

# mkimage 2023.01 leaves old bytes behind the tree, up to its end, where we have zeros.
its board.its internal -k .
its board.its external -k . -E -B 8
its board.its placed -k . -E -p 4000
ok 'unchanged: internal' eval 'update internal "{}" new && cmp new internal'
for fit in external placed; do
    ok "unchanged: $fit" eval "update $fit '{}' new && cmp <(dtc -q -I dtb -O dts new) <(dtc -q -I dtb -O dts $fit) &&
        cmp <(tail -c 20000 new) <(tail -c 20000 $fit)"
done

# --- changes ---

its signed.its signed -k .
ok 'another ramdisk' eval 'update signed "{replace: [{name: ramdisk-1, image: ramdisk}], keys: [dev, other]}" new &&
    "$kpipe" extract -q --to ramdisk-1 new | cmp - ramdisk.new && "$kpipe" verify -k dev.pub -k other.pub new'
ok '... as dumpimage has it' eval 'dumpimage -T flat_dt -p 2 -o theirs new && cmp theirs ramdisk.new'
ok 'the other half stays signed as it was' eval \
    'update signed "{replace: [{name: ramdisk-1, image: ramdisk}], keys: [dev]}" new &&
     cmp <(fdtget -t x new /configurations/conf-2/signature-1 value) \
         <(fdtget -t x signed /configurations/conf-2/signature-1 value)'
ok 'a signature that would not hold' update_refused signed \
    '{replace: [{name: ramdisk-1, image: ramdisk}], keys: [other]}' \
    '/configurations/conf-1: signature-1: key-name-hint: dev: it was signed, and what is signed changes' \
    'give the key by this name in keys, or delete the node'
ok '... or goes' eval 'update signed "{replace: [{name: ramdisk-1, image: ramdisk}],
    delete: [{node: /configurations/conf-1/signature-1}]}" new && ! fdtget new /configurations/conf-1/signature-1 value'
ok 'another codec, another label' eval \
    'update signed "{replace: [{name: kernel-1, image: kernel}], keys: [dev, other]}" new &&
     [ "$(fdtget new /images/kernel-1 compression)" = bzip2 ] && "$kpipe" extract -q new | cmp - <(seq 30000)'
ok 'properties' eval 'update signed "{set: [{node: /images/kernel-1, property: load, cells: [0x40400000]},
    {node: /images/kernel-1, property: note, text: new}], delete: [{node: /images/fdt-1, property: description}], keys: [dev, other]}" new &&
     [ "$(fdtget -t x new /images/kernel-1 load)" = 40400000 ] && [ "$(fdtget new /images/kernel-1 note)" = new ] &&
     ! fdtget new /images/fdt-1 description && "$kpipe" verify -q -k dev.pub -k other.pub new'
ok 'out of the tree' eval 'update signed "{external: true, align: 64}" new &&
    [ "$(fdtget -t i new /images/fdt-1 data-offset)" = "$((($(stat -c %s kernel.gz) + 63) / 64 * 64))" ] &&
    "$kpipe" verify -q -k dev.pub -k other.pub new'
ok 'into the tree' eval 'update external "{external: false}" new && "$kpipe" extract -q --to ramdisk-1 new | cmp - ramdisk'
ok 'no such image' update_refused signed '{replace: [{name: nothing, image: ramdisk}]}' \
    'replace: nothing: there is no image of that name'
ok 'no such node' update_refused signed '{set: [{node: /images/x, property: a, text: b}]}' \
    'set: /images/x: there is no such node'
# Of four bytes it would look like what stands for contents while a FIT is changed.
ok 'contents as a property' update_refused signed '{set: [{node: /images/fdt-1, property: data, cells: [0]}]}' \
    'set: /images/fdt-1: data: where contents are is not set' 'replace gives an image other contents'
ok 'no such property' update_refused signed '{delete: [{node: /images/fdt-1, property: x}]}' \
    'delete: x: /images/fdt-1 has no such property'

# --- taken apart, and made again ---

rebuilds() { # FIT [TEXT]: by a recipe with that text in it
    rm -rf parts && "$kpipe" unpack -q "$1" -d parts && grep -q "${2:-fit: {images:}" parts/recipe.yml &&
        (cd parts && "$kpipe" run -q recipe.yml) && cmp "parts/$1.rebuilt" "$1"
}

mkimage -q -f auto -A arm64 -O linux -T kernel -C gzip -a 40200000 -e 40200000 -n Linux -d kernel.gz \
    -b board.dtb -i ramdisk auto > log
for fit in internal signed auto; do
    ok "rebuilds: $fit" rebuilds $fit
done
# With old bytes of mkimage's behind the tree it may have to be laid out.
for fit in external placed; do
    ok "rebuilds: $fit" rebuilds $fit .
    update $fit '{}' $fit.clean
    ok "rebuilds without old bytes: $fit" rebuilds $fit.clean
done
rebuilds signed > log
sed -i 's/ramdisk-1: ramdisk-1.bin/ramdisk-1: ..\/ramdisk.new/' parts/recipe.yml
ok 'changed: the signature does not fit' eval '! (cd parts && "$kpipe" run -q recipe.yml) 2> said && cat said >&2 &&
    grep -q "signature-1: the signature is of other bytes than these" said'
rebuilds auto > log
sed -i 's/ramdisk-1: ramdisk-1.bin/ramdisk-1: ..\/ramdisk.new/' parts/recipe.yml
ok 'changed: hashes follow' eval '(cd parts && "$kpipe" run -q recipe.yml) && "$kpipe" verify -q parts/auto.rebuilt'

# --- keys ---

keys() { # PARAMETERS OUTPUT
    cat > keys.yml << END
kpipe: 1
inputs: {control: control.dtb}
keys: {dev: dev.key, other: other.crt, ec: ec.pub}
images: {with: [control, {fit-keys: $1}]}
outputs: [{with: {file: $2}}]
END
    "$kpipe" run -q keys.yml
}

cp control.dtb theirs.dtb
mkimage -q -f signed.its -k . -K theirs.dtb -r signed.theirs > log 2>&1
ok 'as mkimage -K -r' eval 'keys "[dev, other]" ours.dtb &&
    diff <(dtc -q -s -I dtb -O dts ours.dtb) <(dtc -q -s -I dtb -O dts theirs.dtb)'
ok 'a curve' eval 'keys "{keys: [{key: ec, required: none, hash: sha512, hint: x}], mode: any}" ec.dtb &&
    [ "$(fdtget ec.dtb /signature/key-x algo)" = sha512,ecdsa256 ] &&
    [ "$(fdtget ec.dtb /signature/key-x ecdsa,curve)" = prime256v1 ] && ! fdtget ec.dtb /signature/key-x required &&
    [ "$(fdtget ec.dtb /signature required-mode)" = any ]'

ok 'crc32 signs nothing' eval '! keys "[{key: dev, hash: crc32}]" none.dtb 2> said && cat said >&2 &&
    grep -q "crc32" said && [ ! -e none.dtb ]'

# --- verified ---

verify() { # FIT OPTION...: status and what is said
    local status=0
    "$kpipe" verify "$@" > verified 2>&1 || status=$?
    cat verified
    return $status
}
wrong() { # TEXT FIT OPTION...
    local status=0
    verify "${@:2}" || status=$?
    [ $status = 1 ] && grep -qF -- "$1" verified
}

# Firmware, of which all is loaded. mkimage refuses it, loaders do not.
cat > firmware.its << 'END'
/dts-v1/;
/ {
	images {
		atf {
			data = /incbin/("ramdisk");
			type = "firmware"; arch = "arm64"; os = "arm-trusted-firmware"; load = <0x1000>;
			compression = "none";
			hash-1 { algo = "sha256"; };
			signature-1 { algo = "sha256,rsa2048"; key-name-hint = "dev"; };
		};
	};
};
END
cat > firmware.yml << END
kpipe: 1
inputs: {here: {tree: .}}
keys: {dev: dev.key}
images: {fit: [{fit-its: {source: here, file: firmware.its, keys: [dev]}}]}
outputs: [{fit: {file: firmware}}]
END
"$kpipe" run -q firmware.yml
ok 'without configurations' eval 'verify firmware -k dev.pub && [ "$(wc -l < verified)" = 3 ]'
ok '... by another key' wrong 'atf: no good signature covers it' firmware -k other.pub
ok '... changed' eval 'update firmware "{keys: [dev]}" new && cmp new firmware'
ok '... which U-Boot does not unpack' eval 'update firmware "{replace: [{name: atf, image: xz}], keys: [dev]}" new &&
    [ "$(fdtget new /images/atf compression)" = none ] && "$kpipe" extract -q --to atf new | cmp - ramdisk.xz'
ok '... inspected' shows firmware 'atf/signature-1 .*sha256,rsa2048, key dev'

# More boards than one signature can cover nodes.
boards='' inputs=''
for i in {1..120}; do
    printf '/dts-v1/; / { compatible = "acme,%d"; };' "$i" | dtc -q -O dtb -o "board-$i.dtb"
    boards+="board-$i, " inputs+=", board-$i: board-$i.dtb"
done
cat > many.yml << END
kpipe: 1
inputs: {kernel: kernel.gz$inputs}
keys: {dev: dev.key}
images: {fit: [kernel, {fit: {arch: arm64, load: 0x40200000, dtbs: [${boards%, }], signatures: [dev]}}]}
outputs: [{fit: {file: many}}]
END
ok 'many boards' eval '"$kpipe" run -q many.yml && verify many -k dev.pub && [ "$(grep -c "key dev.pub" verified)" = 120 ]'
ok 'many boards: one of them' verify many -k dev.pub -c conf-77
ok 'many boards: another key' wrong 'fdt-120: no good signature covers it' many -k other.pub

# Signatures that would have a large tree looked through for each.
head -c 8000000 /dev/zero > blob
{
    printf '/dts-v1/; / { images { k { data = "abcd"; hash-1 { algo = "crc32"; value = <0xed82cd11>; }; }; };'
    printf ' configurations { c { kernel = "k";'
    for i in {1..2200}; do
        printf ' signature-%d { hashed-strings = <0 67>; timestamp = <0>; value = [01];' "$i"
        printf ' algo = "sha256,rsa2048"; key-name-hint = "d"; };'
    done
    printf ' }; }; x { blob = /incbin/("blob"); }; };'
} | dtc -q -O dtb -o endless
much='fit: signatures and names of images: too many to be looked at in reasonable time'
ok 'too many signatures' wrong "$much" endless -k dev.pub
ok '... to be kept' update_refused endless '{}' "$much"
ok '... to be said in a recipe' eval '"$kpipe" unpack -q endless -d endless.parts && grep -q layout endless.parts/recipe.yml'

ok 'hashes' verify signed
ok 'a bad name' wrong "kernel@1: a name with '@', which U-Boot refuses" internal
ok 'by PEM' verify signed -k dev.pub -k other.pub
ok 'by a certificate, one configuration' verify signed -k dev.crt -c conf-1
ok 'another key' wrong "conf-1: signature-1: not the key's signature of this" signed -k other.crt -c conf-1
ok 'one of two keys' wrong 'conf-2: signature-1: not the key' signed -k dev.pub
ok 'both are required' wrong "conf-1: signature-1: other: not the key's signature of this" signed -k ours.dtb
ok 'any is enough' eval 'keys "{keys: [dev, other], mode: any}" any.dtb && verify signed -k any.dtb'
ok 'no such configuration' wrong 'configuration: conf-3: there is none of that name' signed -k dev.pub -c conf-3
ok 'no key' wrong 'key: ramdisk: neither a device tree nor a public key or certificate in PEM' signed -k ramdisk
ok 'a private key' wrong 'key: dev.key: neither a device tree nor a public key' signed -k dev.key
ok 'a tree without keys' wrong 'key: the device tree has no node /signature' signed -k control.dtb
ok 'no FIT' wrong 'verify: ramdisk: bytes that nobody recognises: no plugin verifies such images' ramdisk
ok 'no file' wrong 'verify: none: No such file or directory' none
ok 'no file of keys' wrong 'verify: none: No such file or directory' signed -k none
cp signed bad
flip bad "$(LC_ALL=C grep -obUaP '\x1f\x8b\x08' bad | head -1 | cut -d: -f1 | awk '{print $1 + 40}')"
ok 'contents' wrong 'kernel-1: hash-1: sha256: the contents have another' bad -k dev.pub -k other.pub
ok 'nothing on standard output but what is right' eval \
    '[ -z "$("$kpipe" verify bad -q 2> /dev/null)" ]'
ok 'inspect says so' shows bad 'kernel-1/hash-1 .*INVALID'
cp signed moved
fdtput -t s moved /configurations/conf-1 kernel fdt-1
ok 'another kernel' wrong 'conf-1: signature-1: not the key' moved -k dev.pub -k other.pub
ok 'a report for every line' eval 'verify signed -k dev.pub -k other.pub && [ "$(wc -l < verified)" = 7 ]'
finish
