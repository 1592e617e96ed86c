# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/remake.sh - does what codecs report of how a file was made (kp_host.remake, `kpipe inspect
# --json`) make the same bytes? Sourced by golden/remake.sh and real/remake.sh, with $kpipe set, in
# a folder of their own.

# top KEY FILE: what `kpipe inspect --json` in FILE says of the file itself at that key.
top() {
    sed -n "/^      \"$1\": \[\$/,/^      \]/ { s/^        //p }; s/^      \"$1\": \([0-9]*\),\$/\1/p" "$2"
}

# ways FILE: the chains that are reported of it, the likeliest first.
ways() {
    # It fails, too, if only the contents are at fault.
    # shellcheck disable=SC2154 # $kpipe is its reader's
    "$kpipe" inspect --json "$1" >inspected.json 2>/dev/null || [ -s inspected.json ]
    top remake inspected.json | sed 's/^"//; s/",\{0,1\}$//; s/\\\(["\\]\)/\1/g'
}

# remakes FILE MOST [CONTENTS]: one of the first MOST chains makes FILE, up to the end of the stream
# in it, of what is decompressed from it, or of CONTENTS, which are that. Prints its place, the
# seconds of all that were tried, and itself.
remakes() {
    local place=0 way end contents=${3:-contents} SECONDS=0
    ways "$1" >chains
    end=$(top stream_end inspected.json)
    head -c "${end:-$(stat -L -c %s "$1")}" "$1" >stream
    [ $# = 3 ] || "$kpipe" pipe -q stream decompress -o contents || return 1
    while IFS= read -r way && [ $place -lt "$2" ]; do
        place=$((place + 1))
        printf '%s\n' 'kpipe: 1' 'tools: [gzip]' "inputs: {contents: $contents}" \
            "images: {stream: ${way/@contents/contents}}" \
            'outputs: [{stream: {file: again}}]' >remake.yml
        if "$kpipe" run -q remake.yml && cmp -s again stream; then
            echo "$place of $(wc -l <chains), ${SECONDS} s: $way"
            return
        fi
    done <chains
    echo "none of $place, ${SECONDS} s"
    return 1
}
