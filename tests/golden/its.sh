#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/its.sh - image tree source, as the stage fit-its reads it, against dtc.
#
#     its.sh KPIPE WORKDIR
#
# What is made of a source is compared by what dtc reads out of it. Prints a line for each case and
# fails if one of them failed.
. "$(dirname "$0")/common.sh"

for program in dtc mkimage; do
    command -v $program > /dev/null || {
        echo "skipped: $program is missing (device-tree-compiler, u-boot-tools)"
        exit 77
    }
done

mkdir -p tree/boot/parts
printf 0123456789 > tree/data
printf abcde > tree/boot/parts/five
printf '\000\001\002\003' > tree/boot/word
: > tree/empty

recipe() { # FILE
    cat << END > its.yml
kpipe: 1
inputs: {tree: {tree: tree}}
images: {fit: [{fit-its: {source: tree, file: "$1"}}]}
outputs: [fit]
END
}

ours() { # FILE: out/fit
    recipe "$1"
    rm -rf out
    "$kpipe" run -q --out out its.yml
}

same() { # NAME [FILE] < SOURCE: as dtc has it
    local file=${2:-case.its}
    cat > "tree/$file"
    ok "$1" as_dtc "$file"
}

# What a FIT must have, whatever else is in the source.
image='/ { images { last { data = [00]; }; }; };'

# With an image, which a FIT must have, it goes through mkimage, which has dtc read it: byte by byte.
as_dtc() { # FILE
    cat > tree/whole.its << END
/include/ "$1"
/ { description = "whole"; };
$image
END
    (cd tree && SOURCE_DATE_EPOCH=0 mkimage -q -f whole.its ../theirs) > mkimage.log 2>&1 ||
        { cat mkimage.log && return 1; }
    ours whole.its && cmp theirs out/fit
}

fails() { # TEXT...: the source tree/case.its is refused, and each TEXT is said
    local status=0 text
    ours case.its > fails.log 2>&1 || status=$?
    cat fails.log
    [ "$status" = 1 ] && [ ! -e out/fit ] || return 1
    for text in "$@"; do
        grep -qF -- "$text" fails.log || return 1
    done
}

bad() { # TEXT < SOURCE: an error of that text behind "its: case.its:", and dtc's opinion is the same
    cat > tree/case.its
    ok "refused: $1" fails "stage 'fit-its': its: case.its:$1 [KP1501]" "${@:2}"
    ok "refused by dtc: $1" eval '! (cd tree && dtc -q -I dts -O dtb -o /dev/null case.its)'
}

missing() { # the error stands where the recipe names the source
    recipe missing.its
    ! "$kpipe" run -q --out out its.yml > missing.log 2>&1 && cat missing.log &&
        grep -qF "its.yml:3:47: error: stage 'fit-its': its: 'missing.its': the tree has no such file" \
            missing.log
}

ours_only() { # TEXT < SOURCE: an error, where dtc has none
    cat > tree/case.its
    ok "refused: $1" fails "stage 'fit-its': its: case.its:$1 [KP1501]" "${@:2}"
}

# --- what an image tree source looks like ---

same 'an image' << 'END'
/dts-v1/;

/ {
	description = "kernel and device trees";
	#address-cells = <1>;

	images {
		kernel {
			description = "Linux";
			data = /incbin/("data");
			type = "kernel";
			arch = "arm64";
			os = "linux";
			compression = "none";
			load = <0x80080000>;
			entry = <0x80080000>;
			hash-1 {
				algo = "sha256";
			};
		};
		fdt-1 {
			data = /incbin/("./boot/parts/five");
			type = "flat_dt";
			compression = "none";
		};
	};
	configurations {
		default = "conf-1";
		conf-1 {
			kernel = "kernel";
			fdt = "fdt-1";
			loadables = "kernel", "fdt-1";
			signature {
				algo = "sha256,rsa2048";
				key-name-hint = "dev";
				sign-images = "kernel", "fdt";
			};
		};
	};
};
END
same 'the smallest' <<< '/dts-v1/;/{};'
printf '/dts-v1/; / { a; }; %s // no end of line' "$image" > tree/case.its
ok 'a comment that ends the file' ours case.its
same 'no end of line' < <(printf '/dts-v1/;/ { a; };')
same 'carriage returns' < <(printf '/dts-v1/;\r\n/ {\r\n\ta = "b";\r\n};\r\n')
same 'names' << 'END'
/dts-v1/;
/ { #a-cells = <1>; a,b.c_d+e*f#g?h-i; 0x1 = <1>; 12; \esc = <1>; default; dts-v1;
    n@1,2 { x; }; -a { }; .b { }; +c { }; 1 { }; a,b_c { }; };
END
same 'comments' << 'END'
/* first */ // second
/dts-v1/ /**/ ; /* several
lines ***/ / /* a */ { /* / { */ a /**/ = /* "x" */ "/* no comment */", "// nor this" // but this
; };
END
same 'versions' <<< '/dts-v1/; /dts-v1/ ; /dts-v1/; / { };'
same 'lines of the preprocessor' << 'END'
# 1 "case.its"
# 1 "<built-in>" 1
/dts-v1/;
#line 12 "another \"file"
/ {
# 3 "x" 1 3 4
#line-cells = <1>;
#x;
};
END
same 'reserved memory' << 'END'
/dts-v1/;
l: /memreserve/ 0x10000000 0x4000;
/memreserve/ (1 << 32) 'a';
/ { };
END

# --- values ---

same 'texts' << 'END'
/dts-v1/;
/ { a = "", "b"; c = "\a\b\t\n\v\f\r\\\"\q\'"; d = "\0\1\12\123\1234\377\400"; e = "\x1\x41f\xff";
    f = "two
lines"; g = "ümläut"; };
END
same 'cells' << 'END'
/dts-v1/;
/ { a = <>; b = <1 2>, <3>; c = <0x1F 0XfF 017 0 1U 2L 3UL 4LL 5ULL>; d = <'a' '\n' '\'' '\x41' '"'>;
    e = <0xffffffff (-1) (-0x80000000)>; f = <1L2>; };
END
same 'sizes of numbers' << 'END'
/dts-v1/;
/ { a = /bits/ 8 <1 255 (-1) (-128)>; b = /bits/ 16 <0xffff 'a'>; c = /bits/32<1>;
    d = /bits/ 64 <0xffffffffffffffff 1 (-1)>, <1>, /bits/ 010 <1>; };
END
same 'bytes' <<< '/dts-v1/; / { a = []; b = [00 1fAB]; c = [0011
22 /* x */ 33], [44]; };'
same 'several kinds in one value' << 'END'
/dts-v1/;
/ { a = "x", <1>, [02 03], /incbin/("data"), "y", <4>, /incbin/("empty"), /bits/ 16 <5>; };
END
same 'expressions' << 'END'
/dts-v1/;
/ { a = /bits/ 64 <(1 + 2 * 3) (10 - 2 - 3) (100 / 7 % 5) (1 << 2 + 1) (0x100 >> 4 >> 1) (~0) (-1)
        (!0) (!5) (- -1) (~-!1)>;
    b = /bits/ 64 <(1 < 2) (2 <= 1) (-1 > 1) (1 >= 1) (1 == 1 != 0) (5 & 3 ^ 1 | 8) (0 || 0 && 1)
        (2 && 4) (1 ? 2 : 3) (0 ? 1 : 0 ? 2 : 3) (1 ? 0 ? 4 : 5 : 6)>;
    c = /bits/ 64 <(1 << 64) (1 >> 64) (1 << 63) (0 - 1 >> 60) ((1 << 63) / 3) (0 ? 1 : 2 + 3)
        (1 | 2 == 2) (3 & 1 == 1) (7 & 3 < 4) (1/* */+/**/1) ('a' + 1) (0x10UL*010)>; };
END
same 'parts of files' << 'END'
/dts-v1/;
/ { a = /incbin/("data", 2, 3); b = /incbin/("data", 0, 10); c = /incbin/ ( "data" , (1 + 1) , 0 );
    d = /incbin/("data", 10, 0); e = /incbin/("data", 4, (-1)); f = /incbin/("\x64ata"); };
END
same 'labels everywhere' << 'END'
/dts-v1/;
/ { a: b: c = d: "x" e: , f: <g: 1 h: 2 i:> j:, [k: 00 l: 11 ab: 22 m:], n: o: /incbin/("data") p:; q: r;
    s: t: u { }; };
END

# --- bodies ---

same 'bodies are merged' << 'END'
/dts-v1/;
/ { a = <1>; b = <2>; n { x = <1>; m { }; }; o { }; };
/ { c; a = <3>; n { y; x = <2>; m { z; }; k { }; }; p { }; };
/ { n { a; b; }; n { b = "again"; c; }; n2 { }; n2 { x; }; };
END
same 'by label and path' << 'END'
/dts-v1/;
/ { n: m: n { x = <1>; o: o { }; }; p@1 { q { }; }; };
&n { x = <2>; y; };
&m { o { z; }; };
&{/p@1/q} { a; r: r { }; };
l2: &{/n/o} { b; };
&l2 { c; };
&r { d; };
&{/} { e; };
END
same 'deletions keep the place' << 'END'
/dts-v1/;
/ { a = <1>; b; c = <3>; l: n { x; y; z { u; t { }; }; }; m { }; k { x; }; };
/ { /delete-property/ a; /delete-property/ none; /delete-node/ none; /delete-node/ k; };
/ { a = <4>; d; };
/delete-node/ &l;
/ { l: n { y; w; z { v; }; }; };
&l { x; };
/ { /delete-node/ m; m { again; }; };
/delete-node/ &{/m};
END
same 'deletions in a first body' << 'END'
/dts-v1/;
/ { a; /delete-property/ a; /delete-property/ b; c; /delete-node/ n; m { }; /delete-node/ l; l { }; };
/ { b; n { }; };
END
same 'a label comes free' << 'END'
/dts-v1/;
/ { l: a { b { }; }; c { m: d { }; }; };
/delete-node/ &l;
/delete-node/ &{/c};
/ { l: e { x = &l; }; m: c { }; };
&l { y = &m; };
END
same 'paths' << 'END'
/dts-v1/;
/ { a = &n; b = "x", &{/n/o}, &n, <1>; c = &{/}; n: n { o { p = &{/n}; q = &n; }; }; };
END
same 'phandles' << 'END'
/dts-v1/;
/ { a = <&n &{/m} 5 &n>; b = <&p>; n: n { }; m { phandle = <2>; };
    p: p { linux,phandle = <1>; o { r = <&q>; }; q: q { }; }; s: s { phandle = <&s>; t = <&s>; }; };
END
same 'nodes that may be omitted' << 'END'
/dts-v1/;
/ { a = <&n>; b = &m; /omit-if-no-ref/ n: n { }; l: /omit-if-no-ref/ m: m { };
    /omit-if-no-ref/ o: o { p = &q; }; q: q { }; r: r { }; s: s { }; };
/omit-if-no-ref/ &r;
/ { /omit-if-no-ref/ s { }; };
END
same 'a property called name' <<< '/dts-v1/; / { name = ""; n@1 { a; name = "n"; b; }; };'
same 'a node called like a property' <<< '/dts-v1/; / { a; a { }; };'
ok '... is told' grep -qF "its: case.its:1:18: node 'a': a property beside it has the same name" <(
    ours case.its 2>&1)

# --- files ---

cat > tree/boot/parts/inner.itsi << 'END'
x = /incbin/("five");
y = /incbin/("../word"), /incbin/("../../data");
/include/ "../last.itsi"
END
echo 'z { w = /incbin/("parts/five", 1, 2); };' > tree/boot/last.itsi
echo '1 2' > tree/number
same 'includes' boot/main.its << 'END'
/dts-v1/; / { a { /include/ "parts/inner.itsi" }; /include/
    "./last.itsi" b { c = </include/ "../number">; }; };
END
echo '/dts-v1/;' > tree/head.itsi
same 'a head that is included' << 'END'
/include/ "head.itsi"
/include/ "head.itsi"
/ { a; };
END
ln -sf data tree/link
same 'a link' <<< '/dts-v1/; / { a = /incbin/("link"); };'
printf '/dts-v1/; / { a = /incbin/("word"); }; %s' "$image" > tree/boot/dots.its
ok 'the name of the source has dots' ours ./boot/../boot/dots.its

# --- errors: what, where, and what to do ---

bad "1:1: '/': /dts-v1/ was expected" 'begin an image tree source with /dts-v1/;' <<< '/ { };'
bad "1:16: a node: no ';' behind it" <<< '/dts-v1/; / { }'
bad "3:12: a value: no ';' behind it" 'the line is: load = <1>' << 'END'
/dts-v1/;
/ {
	load = <1>
	entry = <1>;
};
END
bad "1:19: '1': a value was expected" <<< '/dts-v1/; / { a = 1; };'
bad "1:22: ';': a value was expected" <<< '/dts-v1/; / { a = <>,; };'
bad "1:17: 'b': '=', ';' or '{' behind a name was expected" <<< '/dts-v1/; / { a b; };'
bad "2:1: the source ends: a property, a node or '}' was expected" <<< '/dts-v1/; / { a;'
bad "1:13: 'a': '{' was expected" <<< '/dts-v1/; / a { };'
bad "1:16: 'a': '/ {' or '&label {' was expected" <<< '/dts-v1/; / {};a { };'
bad "1:21: property 'b': it stands behind a node" 'write it before the first node' \
    <<< '/dts-v1/; / { a {}; b; };'
bad "1:39: property 'b': it stands behind a node" <<< '/dts-v1/; / { a {}; /delete-property/ b; };'
bad "1:18: property 'a': the same body has one of that name" <<< '/dts-v1/; / { a; a; };'
bad "1:21: node 'a': the same body has one of that name" <<< '/dts-v1/; / { a {}; a {}; };'
bad "1:35: node 'a': it is of the same body" <<< '/dts-v1/; / { a {}; /delete-node/ a; };'
bad "1:15: node 'a?': '?' does not belong into the name of a node" <<< '/dts-v1/; / { a? {}; };'
bad "1:15: node 'a@b@c': more than one '@'" <<< '/dts-v1/; / { a@b@c {}; };'
bad "1:15: property 'a@b': '@' does not belong into the name of a property" \
    <<< '/dts-v1/; / { a@b; };'
bad "1:30: label 'l': node 'a' has it already" <<< '/dts-v1/; / { l: a {}; m: n: l: b {}; };'
bad "1:19: reference to 'l': there is no such node" <<< '/dts-v1/; / { a = &l; };'
bad "1:20: reference to '/b/c': there is no such node" <<< '/dts-v1/; / { a = <&{/b/c}>; b {}; };'
bad "1:17: reference to 'l': there is no such node" 'label the node before' \
    <<< '/dts-v1/; / {}; &l {};'
bad "1:45: reference to 'l': there is no such node" <<< '/dts-v1/; / { l: a {}; }; /delete-node/ &l; &l {};'
bad "1:55: reference to 'l': there is no such node" \
    <<< '/dts-v1/; / { l: a {}; }; /delete-node/ &l; / {a{};}; &l {};'
bad "1:19: '&': no label and no path behind it" <<< '/dts-v1/; / { a = &; };'
bad "1:31: 'a': &label or &{/path} was expected" <<< '/dts-v1/; / {}; /delete-node/ a;'
bad "1:29: '&': a node's name was expected" <<< '/dts-v1/; / { /delete-node/ &a; };'
bad "1:19: a text: it does not end" <<< '/dts-v1/; / { a = "b; };'
bad "1:11: /*: a comment that does not end" <<< '/dts-v1/; /* / {};'
bad "1:21: a text: \\x: no hexadecimal digit behind it" <<< '/dts-v1/; / { a = "\xg"; };'
bad "1:21: 'xg': a number was expected" <<< '/dts-v1/; / { a = <0xg>; };'
bad "1:20: a number: digit 8: it is not octal" <<< '/dts-v1/; / { a = <08>; };'
bad "1:20: a number: it is larger than 64 bits" <<< '/dts-v1/; / { a = <0x10000000000000000>; };'
bad "1:20: 0x100000000: it does not fit into 32 bits" 'write /bits/ 64' \
    <<< '/dts-v1/; / { a = <0x100000000>; };'
bad "1:29: 0x100: it does not fit into 8 bits" <<< '/dts-v1/; / { a = /bits/ 8 <256>; };'
bad "1:26: /bits/: 7: no such size of numbers" <<< '/dts-v1/; / { a = /bits/ 7 <1>; };'
bad "1:30: a reference: it has 32 bits, not 16" <<< '/dts-v1/; / { a = /bits/ 16 <&b>; b: b {}; };'
bad "1:20: a character: 2 of them" <<< "/dts-v1/; / { a = <'ab'>; };"
bad "1:20: a character: 0 of them" <<< "/dts-v1/; / { a = <''>; };"
bad "1:23: '/': division by 0" <<< '/dts-v1/; / { a = <(1 / 0)>; };'
bad "1:31: '%': division by 0" <<< '/dts-v1/; / { a = <(1 ? 2 : 3 % (1 - 1))>; };'
bad "1:22: '-1': a number was expected" 'an expression in parentheses' <<< '/dts-v1/; / { a = <1 -1>; };'
bad "1:27: '3': an operator or ')' was expected" <<< '/dts-v1/; / { a = <(1 + 2 3)>; };'
bad "1:20: '0': a byte of two hexadecimal digits, or ']' was expected" \
    <<< '/dts-v1/; / { a = [0 1]; };'
bad "1:18: property 'name' of node 'a': it says something else" 'take it out' \
    <<< '/dts-v1/; / { a {name = "b"; }; };'
bad "1:18: property 'phandle' of node 'a': it has not 4 bytes" <<< '/dts-v1/; / { a {phandle; }; };'
bad "1:18: property 'phandle' of node 'a': 0xffffffff: no number that a node can have" \
    <<< '/dts-v1/; / { a {phandle = <0xffffffff>; }; };'
bad "1:18: property 'phandle' of node 'a': it refers to another node" \
    <<< '/dts-v1/; / { a {phandle = <&b>; }; b: b { }; };'
bad "1:40: phandle 0x1: two nodes have it" <<< '/dts-v1/; / { a {phandle = <1>; }; b { phandle = <1>; }; };'
bad "1:32: property 'linux,phandle' of node 'a': 'phandle' is another" \
    <<< '/dts-v1/; / { a {phandle = <1>;linux,phandle = <2>; }; };'
bad "1:28: 'none': the tree has no such file" 'paths count from the folder' \
    <<< '/dts-v1/; / { a = /incbin/("none"); };'
bad "1:21: 'boot/none': the tree has no such file" <<< '/dts-v1/; /include/ "./boot/none"' 
bad "1:21: /include/: 'case.its': it includes itself" <<< '/dts-v1/; /include/ "boot/../case.its" / { };'
bad "1:21: '/': a file's name in quotes was expected" <<< '/dts-v1/; /include/ / {};'
bad "1:16: byte 0x01: '/ {' or '&label {' was expected" < <(printf '/dts-v1/; / {};\001')
printf '/dts-v1/;\n# 7 "x.h"\n/ {\n a = 1; };\n' > tree/case.its
ok 'an error where the preprocessor says' fails "its: x.h:8:6: '1': a value was expected"
echo 'a = 5;' > tree/number
printf '/dts-v1/;\n/ {\n/include/ "number"\n};\n' > tree/case.its
ok 'an error in what is included' fails "its: number:1:5: '5': a value was expected"

# Not as dtc.
ours_only "1:19: /plugin/: an overlay: an image tree is none" <<< '/dts-v1/; /plugin/; / { };'
ours_only "1:28: '/etc/passwd': an absolute path: only files of the tree can be read" \
    'write it relative to the folder' <<< '/dts-v1/; / { a = /incbin/("/etc/passwd"); };'
ours_only "1:28: '../its.yml': it leads out of the tree" <<< '/dts-v1/; / { a = /incbin/("../its.yml"); };'
ours_only "1:28: 'boot': it is a folder" <<< '/dts-v1/; / { a = /incbin/("boot"); };'
ours_only "1:28: /incbin/: 9 bytes from 2: the file has 10" <<< '/dts-v1/; / { a = /incbin/("data", 2, 9); };'
ours_only "1:30: the root: it cannot be left out" <<< '/dts-v1/; / {}; /delete-node/ &{/};'
ln -sf /etc/hostname tree/outside
echo '/dts-v1/; / { a = /incbin/("outside"); };' > tree/case.its
ok 'a link out of the tree' fails "'outside': a link leads out of the tree [KP1520]"
ok 'no source' missing

# --- limits ---

deep() { # DEPTH: nodes within nodes
    printf '/dts-v1/; / {'
    for ((i = 0; i < $1; i++)); do printf 'a{'; done
    for ((i = 0; i < $1; i++)); do printf '};'; done
    printf '};'
}
same 'as deep as can be' < <(deep 64)
ours_only "1:142: node 'a': more than 64 nodes in each other" < <(deep 65)
nested() { # DEPTH: parentheses
    printf '/dts-v1/; / { a = <%s1%s>; };' "$(printf '(%.0s' $(seq "$1"))" "$(printf ')%.0s' $(seq "$1"))"
}
same 'many parentheses' < <(nested 64)
ours_only '1:85: an expression: more than 64 levels in each other' < <(nested 65)
for ((i = 0; i < 70; i++)); do echo "/include/ \"$((i + 1)).itsi\"" > tree/$i.itsi; done
echo '/dts-v1/; / { }; /include/ "0.itsi"' > tree/case.its
ok 'includes in each other' fails "its: 63.itsi:1:11: /include/: '64.itsi': files that include each other 64 deep"
for ((i = 0; i < 12; i++)); do printf '/include/ "%d.itsi"\n/include/ "%d.itsi"\n' $((i + 1)) $((i + 1)) > tree/$i.itsi; done
: > tree/12.itsi
ok 'very many includes' fails 'more than 1000 files are included'
head -c 2097152 /dev/zero | tr '\0' ' ' > tree/large
echo '/dts-v1/; / { }; /include/ "large"' > tree/case.its
ok 'too much text' fails "its: case.its:1:28: 'large': more than 2097152 bytes of source"
many() { # COUNT STATEMENT: each & in it is a number
    echo '/dts-v1/; / {'
    seq "$1" | sed "s/.*/$2/"
    echo '};'
}
recipe case.its
# In quadratic time these would take minutes.
for what in 'a&{x;};' 'l&:a&{};'; do
    { many 60000 "$what" && echo "$image"; } > tree/case.its
    ok "very many of $what" timeout 20 "$kpipe" run -q --out out its.yml
done
repeated() { # COUNT TEXT
    perl -e 'print $ARGV[1] x $ARGV[0]' "$@"
}
for how in '/delete-node/ &l; / { l: n { a; }; };' '&l { x = &l, &{/n}; };'; do
    { echo '/dts-v1/; / { l: n { }; };' && repeated 20000 "$how" && echo "$image"; } > tree/case.its
    ok "very many of $how" timeout 20 "$kpipe" run -q --out out its.yml
done
{ echo '/dts-v1/; / { a = <0' && repeated 100000 ' &l' && echo ">; l: l { }; }; $image"; } > tree/case.its
ok 'very many references' timeout 20 "$kpipe" run -q --out out its.yml

# --- a source, damaged ---

cat > damaged.its << 'END'
/dts-v1/;
/ { d = "x\n"; a = <1 (2+3)>, [0f]; l: n { f = /incbin/("../data", 1, 2); }; };
&l { /delete-property/ f; g = &l, <&l>; };
/ { images { i { data = [00]; }; }; };
END
mutants damaged.its
mkdir -p tree/m
cp m/* tree/m
ok 'a damaged source' survives text '  tree: {tree: tree}\n' '{fit-its: {source: tree, file: m/MUTANT}}'

finish
