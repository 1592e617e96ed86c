#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/golden/deb.sh - the source deb: what it gives of a package against what dpkg-deb
# unpacks, on packages made here and on Debian's kernels (tests/real/fetch), and what becomes
# of packages that are cut short or damaged.
#
#     deb.sh KPIPE WORKDIR
# shellcheck disable=SC2016 # $(name) is a recipe's
project=$(cd "$(dirname "$0")/../.." && pwd)
. "$(dirname "$0")/common.sh"

command -v dpkg-deb > /dev/null || exit 77
release=6.1.0-1-armmp

refused() { # RECIPE TEXT...: fails with 1, says each TEXT, and writes nothing
    local recipe=$1 status=0 text
    shift
    rm -rf refused
    "$kpipe" run "$recipe" --out refused > refused.log 2>&1 || status=$?
    cat refused.log
    [ "$status" = 1 ] && [ ! -e refused ] || return 1
    for text in "$@"; do
        grep -qF -- "$text" refused.log || return 1
    done
}

# recipe FILE DEB MORE OUTPUT...: a recipe that takes OUTPUTs out of DEB.
recipe() {
    local file=$1 deb=$2 more=$3 output
    shift 3
    printf 'kpipe: 1\ninputs: {k: {deb: {file: "%s"%s}}}\noutputs:\n' "$deb" "$more" > "$file"
    for output in "$@"; do
        echo "  - $output"
    done >> "$file"
}

# --- packages made here ---
long=usr/share/$(printf 'a-rather-long-name-of-a-folder/%.0s' 1 2 3 4 5)file
mkdir -p package/DEBIAN package/boot "package/usr/lib/linux-image-$release/vendor" \
    "package/$(dirname "$long")"
cat > package/DEBIAN/control << 'CONTROL'
Package: linux-image-6.1.0-1-armmp
Version: 6.1.1-1~test+1
Architecture: armhf
Maintainer: nobody <nobody@example.org>
Description: a kernel of no use
 Version: 9
CONTROL
head -c 70000 "$kpipe" > "package/boot/vmlinuz-$release"
echo CONFIG_ARM=y > "package/boot/config-$release"
echo 'c0008000 T stext' > "package/boot/System.map-$release"
echo first > "package/usr/lib/linux-image-$release/first.dtb"
echo second > "package/usr/lib/linux-image-$release/vendor/second.dtb"
echo long > "package/$long"
ln -s "vmlinuz-$release" package/boot/link
: > package/boot/empty
for compression in none gzip xz zstd; do
    dpkg-deb "-Z$compression" --root-owner-group --build package "$compression.deb" > log
done

# same DEB: all that recipes can name is what dpkg-deb unpacks.
same() {
    local out=$1.out dtbs
    rm -rf "$out" unpacked
    dpkg-deb -x "$1" unpacked || return 1
    recipe r.yml "$1" ", dtb: second.dtb, files: [{name: long, path: /$long}, {name: empty, path: boot/empty}]" \
        k.vmlinuz k.config k.system-map k.dtb k.long k.empty \
        'dtbs' '{facts: {file: "$(k.package) $(k.version) $(k.architecture) $(k.release)"}}'
    cat >> r.yml << 'RECIPE'
images:
  dtbs: [k.config, {concat: [_, k.dtbs]}]
  facts: [k.empty]
RECIPE
    "$kpipe" run r.yml --out "$out" || return 1
    cmp "$out/k.vmlinuz" "unpacked/boot/vmlinuz-$release" || return 1
    cmp "$out/k.config" "unpacked/boot/config-$release" || return 1
    cmp "$out/k.system-map" "unpacked/boot/System.map-$release" || return 1
    cmp "$out/k.dtb" "unpacked/usr/lib/linux-image-$release/vendor/second.dtb" || return 1
    cmp "$out/k.long" "unpacked/$long" || return 1
    [ ! -s "$out/k.empty" ] || return 1
    [ -e "$out/linux-image-$release 6.1.1-1~test+1 arm $release" ] || return 1
    dtbs=$(dpkg-deb --fsys-tarfile "$1" | tar -t | grep '\.dtb$' | sed 's|^\./|unpacked/|')
    # shellcheck disable=SC2086 # names without blanks
    cat "unpacked/boot/config-$release" $dtbs | cmp - "$out/dtbs"
}
for compression in none gzip xz zstd; do
    [ "$compression" = none ] || "$kpipe" plugins "$compression" > log 2>&1 || continue
    ok "a package, $compression" same "$compression.deb"
done

# pack FORMAT OUTPUT: the same files as another tar writes them.
pack() {
    tar -C package --exclude ./DEBIAN "--format=$1" -cf data.tar .
    rm -f "$2"
    ar x none.deb debian-binary control.tar
    ar rc "$2" debian-binary control.tar data.tar
}
for format in gnu pax posix; do
    pack "$format" "$format.deb"
    ok "a package with a $format archive" same "$format.deb"
done

# the bytes that stand there are not those of the file
truncate -s 1M package/holes
echo end >> package/holes
for version in 0.0 0.1 1.0; do
    tar -C package --exclude ./DEBIAN --format=posix -S "--sparse-version=$version" -cf data.tar .
    rm -f holes.deb
    ar rc holes.deb debian-binary control.tar data.tar
    recipe r.yml holes.deb ', files: [{name: x, path: /holes}]' k.x
    ok "a sparse file $version" refused r.yml 'a file without its holes'
done
rm package/holes

# --- what is not there ---
recipe r.yml gzip.deb '' k.vmlinux
ok 'no image of that name' refused r.yml "input 'k' has no image 'vmlinux'" 'did you mean'
recipe r.yml gzip.deb ', dtb: third.dtb' k.config
ok 'no such device tree' refused r.yml "input 'k': third.dtb: no device tree of that name"
recipe r.yml gzip.deb ', files: [{name: x, path: /boot/nothing}]' k.x
ok 'no such file' refused r.yml "input 'k': /boot/nothing: no such file in the package"
recipe r.yml gzip.deb ', files: [{name: x, path: /boot/link}]' k.x
ok 'a link' refused r.yml '/boot/link: not a file, but a link'
recipe r.yml gzip.deb ', files: [{name: x.y, path: /boot/empty}]' k.config
ok 'no name' refused r.yml 'x.y: not a name'
recipe r.yml gzip.deb ', files: [{name: config, path: /boot/empty}]' k.config
ok 'a name that is taken' refused r.yml "config: a package's own item has that name"
recipe r.yml gzip.deb ', limit: 64K' k.config
ok 'more than the limit' refused r.yml 'limit'
printf '!<arch>\n' > empty.deb
recipe r.yml empty.deb '' k.config
ok 'an empty archive' refused r.yml "input 'k': no Debian package: cut short at offset 8"
recipe r.yml "$kpipe" '' k.config
ok 'another file' refused r.yml 'no Debian package: it does not begin with "!<arch>"'

# a device tree of two names: the archive has it once
ln "package/usr/lib/linux-image-$release/first.dtb" "package/usr/lib/linux-image-$release/zz.dtb"
dpkg-deb -Znone --build package hard.deb > log
rm "package/usr/lib/linux-image-$release/zz.dtb"
recipe r.yml hard.deb '' k.config
hard_link() {
    "$kpipe" run r.yml --out hard.out > warns.log 2>&1
    cat warns.log
    grep -q 'warning: .*dtbs: 1 device trees that are further names (hard links)' warns.log
}
ok 'a hard link' hard_link

# more device trees than kpipe takes: the package is at fault
ar x none.deb debian-binary control.tar
(cd "package/usr/lib/linux-image-$release" && tar -cf - --transform "s|^|usr/lib/linux-image-1/|" first.dtb) |
    head -c 1024 > one.tar
for ((i = 0; i < 4; i++)); do # 65536 times
    for ((j = 0; j < 16; j++)); do cat one.tar; done > many.tar
    mv many.tar one.tar
done
{ cat one.tar; head -c 1024 /dev/zero; } > data.tar
rm -f many.deb
ar rc many.deb debian-binary control.tar data.tar
recipe r.yml many.deb '' k.config
ok 'too many device trees' refused r.yml 'data.tar: more than 60000 device trees'
rm one.tar data.tar many.deb

# two kernels: neither is meant
cp "package/boot/vmlinuz-$release" package/boot/vmlinuz-other
dpkg-deb -Znone --build package two.deb > log
rm package/boot/vmlinuz-other
recipe r.yml two.deb '' k.vmlinuz
ok 'two kernels' refused r.yml "input 'k' has no image 'vmlinuz'"

# a -dbg package has the kernel with its symbols, and no other
mkdir -p debug/DEBIAN debug/usr/lib/debug/boot
sed 's/^Package: .*/&-dbg/' package/DEBIAN/control > debug/DEBIAN/control
echo symbols > "debug/usr/lib/debug/boot/vmlinux-$release"
dpkg-deb -Znone --build debug debug.deb > log
recipe r.yml debug.deb '' 'k.vmlinux: {file: vmlinux-$(k.release)}'
ok 'symbols' "$kpipe" run r.yml
ok 'symbols: bytes' cmp "vmlinux-$release" "debug/usr/lib/debug/boot/vmlinux-$release"

# --- damage: an error or none, never a crash, and never for ever ---
rm "package/boot/vmlinuz-$release"
dpkg-deb -Znone --build package small.deb > log
dpkg-deb -Zgzip --build package small-gzip.deb > log
size=$(stat -c %s small.deb)
recipe cut.yml cut.deb '' k.config k.dtbs

damaged() { # what `kpipe check` says is 0 or 1
    local status=0
    timeout 30 "$kpipe" check cut.yml > log 2>&1 || status=$?
    [ "$status" -le 1 ] || cat log
    [ "$status" -le 1 ]
}
truncated() {
    local length
    for ((length = 0; length < size; length += 211)); do
        head -c "$length" small.deb > cut.deb
        damaged || return 1
        grep -q 'KP1521\|KP1235\|KP1234' log || return 1
    done
}
ok 'cut short' truncated
flipped() { # DEB
    local length offset
    length=$(stat -c %s "$1")
    for ((i = 0; i < 100; i++)); do
        offset=$(((i * 7919 + 13) % length))
        cp "$1" cut.deb
        # shellcheck disable=SC2059 # an escape
        printf "\\x$(printf %02x $((RANDOM % 256)))" |
            dd of=cut.deb bs=1 seek="$offset" conv=notrunc status=none
        damaged || return 1
    done
}
RANDOM=42
ok 'damaged' flipped small.deb
ok 'damaged, compressed' flipped small-gzip.deb

# --- Debian's kernels, as far as they are there ---
kernels=$("$project/tests/real/fetch" --where)
real() { # FOLDER
    local deb=$kernels/$1/linux-image.deb version name
    version=$(cat "$kernels/$1/version")
    rm -rf unpacked real
    dpkg-deb -x "$deb" unpacked || return 1
    recipe r.yml "$deb" '' k.vmlinuz k.config k.system-map \
        '{facts: {file: "$(k.package) $(k.version) $(k.release)"}}'
    cat >> r.yml << 'RECIPE'
images:
  facts: [k.config]
RECIPE
    if [ "$1" = armhf ]; then
        printf '  dtbs: [k.config, {concat: [_, k.dtbs]}]\n' >> r.yml
        sed -i 's/^  - k.config$/&\n  - dtbs/' r.yml
    fi
    "$kpipe" run r.yml --out real || return 1
    for name in vmlinuz config System.map; do
        cmp "real/k.${name/System.map/system-map}" unpacked/boot/"$name-$version" || return 1
    done
    [ -e "real/$(dpkg-deb -f "$deb" Package) $(dpkg-deb -f "$deb" Version) $version" ] || return 1
    [ "$1" != armhf ] || dpkg-deb --fsys-tarfile "$deb" | tar -t | grep '\.dtb$' |
        sed 's|^\./|unpacked/|' | xargs cat "unpacked/boot/config-$version" | cmp - real/dtbs
}
for folder in armhf arm64 amd64; do
    if [ -s "$kernels/$folder/linux-image.deb" ]; then
        ok "Debian's kernel for $folder" real "$folder"
    else
        echo "skipped Debian's kernel for $folder: tests/real/fetch $folder has not run"
    fi
done
rm -rf unpacked real ./*.out
finish
