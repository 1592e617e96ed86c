#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/kbuild-fit.sh - recipes/base/kbuild-fit*.yml on a small folder that looks like that of a
# built arm64 kernel: against a tree that dtc makes of the same properties, and, if the farm's
# source is there, against the kernel's own scripts/make_fit.py.
#
#     kbuild-fit.sh KPIPE WORKDIR
#
# A real kernel's device trees are tests/real/kbuild-fit.sh's.
project=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$project/tests/golden/common.sh"
# shellcheck source-path=SCRIPTDIR source=../kbuild-tree.sh
. "$project/tests/kbuild-tree.sh"
# shellcheck source-path=SCRIPTDIR source=../make-fit.sh
. "$project/tests/make-fit.sh"

command -v perl >/dev/null && command -v dtc >/dev/null && command -v fdtoverlay >/dev/null || exit 77
export SOURCE_DATE_EPOCH=1700000000
dts=arch/arm64/boot/dts

board() { # NAME MODEL COMPATIBLE MORE
    dtc -q -@ -I dts -O dtb -o "tree/$dts/$1.dtb" - <<END
/dts-v1/;
/ { model = "$2"; compatible = $3; $4 };
END
    command_of savedcmd tree "$dts/$1.dtb" "gcc -E -o x x.dts ; ./scripts/dtc/dtc -o $dts/$1.dtb x"
}

overlay() { # NAME TEXT
    printf '/dts-v1/;\n/plugin/;\n%s\n' "$2" | dtc -q -@ -I dts -O dtb -o "tree/$dts/$1.dtbo" -
}

composed() { # NAME BASE OVERLAY...
    local names=("$dts/$2.dtb") name
    for name in "${@:3}"; do names+=("$dts/$name.dtbo"); done
    (cd tree && fdtoverlay -o "$dts/$1.dtb" -i "${names[@]}")
    command_of savedcmd tree "$dts/$1.dtb" "./scripts/dtc/fdtoverlay -o $dts/$1.dtb -i ${names[*]} "
}

built tree 7.2.0-test 64 little 183 ARM64=y 64BIT=y EFI_STUB=y
mkdir -p tree/$dts/b
board one 'Board One' '"x,one", "x,soc"' 'a: a { };'
board b/two 'Board Two' '"y,two"' 'b: b { };'
overlay hat '&a { x = <1>; };'
overlay b/face '&{/} { model = "Two with a face"; compatible = "y,face", "y,two"; };'
composed one-hat one hat
composed b/two-face b/two b/face
printf '%s\n' $dts/one-hat.dtb $dts/hat.dtbo $dts/b/two.dtb $dts/b/two-face.dtb $dts/one.dtb >tree/$dts/dtbs-list

# objcopy has tests of its own, and wants a vmlinux with sections.
for recipe in kbuild-fit kbuild-fit-decomposed; do
    printf 'kpipe: 1\nextends: kpipe:base/%s.yml\nimages: {Image: [k.vmlinux]}\n' $recipe >$recipe.yml
done
made() { # RECIPE ARGUMENT...: as image.fit
    "$kpipe" run -q "$1.yml" --set tree=tree "${@:2}"
}

# --- by dtc: what scripts/make_fit.py writes, in its order; its strings stand in another ---

image() { # FILE NAME: of a device tree
    gzip -n <"tree/$dts/$1" >"$2.gz"
    printf '%s { description = "%s"; type = "flat_dt"; arch = "arm64"; compression = "gzip"; data = /incbin/("%s.gz"); };\n' \
        "$2" "${1##*/}" "$2"
}

configuration() { # NUMBER COMPATIBLE MODEL TREES
    printf 'conf-%s { compatible = %s; description = "%s"; fdt = %s; kernel = "kernel"; };\n' "$@"
}

expected() { # IMAGES CONFIGURATIONS
    gzip -n <tree/vmlinux >kernel.gz
    dtc -q -I dts -O dtb <<END | dtc -q -I dtb -O dts -o expected -
/dts-v1/;
/ {
    description = "Linux-7.2.0-test with devicetree set"; #address-cells = <1>; timestamp = <1700000000>;
    images {
        kernel {
            description = "Linux-7.2.0-test"; type = "kernel_noload"; arch = "arm64"; os = "linux";
            compression = "gzip"; data = /incbin/("kernel.gz"); load = <0>; entry = <0>;
        };
        $1
    };
    configurations { $2 };
};
END
}

whole() {
    expected "$(image one-hat.dtb fdt-1; image b/two.dtb fdt-2; image b/two-face.dtb fdt-3; image one.dtb fdt-4)" \
        "$(configuration 1 '"x,one", "x,soc"' 'Board One' '"fdt-1"'
        configuration 2 '"y,two"' 'Board Two' '"fdt-2"'
        configuration 3 '"y,face", "y,two"' 'Two with a face' '"fdt-3"'
        configuration 4 '"x,one", "x,soc"' 'Board One' '"fdt-4"')"
    made kbuild-fit && dtc -q -I dtb -O dts image.fit | cmp expected -
}

apart() {
    expected "$(image one.dtb fdt-1; image hat.dtbo fdt-2; image b/two.dtb fdt-3; image b/face.dtbo fdt-4)" \
        "$(configuration 1 '"x,one", "x,soc"' 'Board One' '"fdt-1", "fdt-2"'
        configuration 2 '"y,two"' 'Board Two' '"fdt-3"'
        configuration 3 '"y,face", "y,two"' 'Two with a face' '"fdt-3", "fdt-4"'
        configuration 4 '"x,one", "x,soc"' 'Board One' '"fdt-1"')"
    made kbuild-fit-decomposed 2>said && [ ! -s said ] && dtc -q -I dtb -O dts image.fit | cmp expected -
}

ok 'image.fit' whole
ok 'image.fit, decomposed' apart
mv image.fit several.fit
ok 'one thread' made kbuild-fit-decomposed -j1
ok 'as with several' cmp several.fit image.fit

# --- by make_fit.py ---

beside() { # RECIPE OPTION...
    (cd tree && make_fit newest vmlinux ../theirs "Linux-7.2.0-test" "${@:2}" @$dts/dtbs-list) &&
        made "$1" --set "codec=$codec" && cmp theirs image.fit
}

if has_make_fit newest; then
    find tree -type f -exec touch -d @0 {} + # gzip writes the file's time, kpipe none
    for codec in gzip bzip2 lz4 lzma zstd; do
        ok "make_fit.py, $codec" beside kbuild-fit -c $codec
        ok "make_fit.py, $codec, -D" beside kbuild-fit-decomposed -c $codec -D
    done
else
    echo 'left out: make_fit.py (the farm fetches the kernel; python3-libfdt)'
fi

# --- what cannot be ---

says() { # TEXT COMMAND...: fails with the text
    local status=0
    "${@:2}" >said 2>&1 || status=$?
    cat said
    [ $status = 1 ] && grep -qF -- "$1" said
}

ok 'a codec that U-Boot has not' says 'compressed with xz: U-Boot cannot unpack it' made kbuild-fit --set codec=xz
cat >few.yml <<END
kpipe: 1
extends: kbuild-fit.yml
images: {few: [kernel, {fit: {style: kbuild, type: kernel_noload, dtbs: k.fit-dtbs, sets: "1 2", described_by: k.dtbs}}]}
outputs: [few]
END
ok 'descriptions of others' says 'described_by: 4 device trees: there are 2 configurations' \
    "$kpipe" run few.yml --set tree=tree
cp tree/$dts/one.dtb whole.dtb
truncate -s 50 tree/$dts/one.dtb
ok 'a device tree that is cut' says "error: stage 'fit':" made kbuild-fit
cp whole.dtb tree/$dts/one.dtb
rm tree/$dts/dtbs-list
find tree/$dts -name '*.dtb' -delete
ok 'no device trees, decomposed' says "fit-sets" made kbuild-fit-decomposed
finish
