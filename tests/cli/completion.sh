#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/completion.sh - what unfinished words can become: asked of kpipe itself, and
# through the shells, as far as they are installed.
. "$(dirname "$0")/common.sh"

words() { # WORD...: the first column
    "$kpipe" completion bash -- "$@" | cut -f1 | tr '\n' ' '
}
"$kpipe" help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | tr '\n' ' ' > commands
is commands "$(cat commands)--help --version " "$(words '')"
is 'a command' 'plugins ' "$(words pl)"
for command in $(cat commands); do
    "$kpipe" help "$command" | sed -n 's/^ *\(-[a-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p' | sort > ours
    words "$command" -- | tr ' ' '\n' | sed '/^$/d' | sort > theirs
    is "options of $command" "$(cat ours)" "$(cat theirs)"
done
is 'what it means' $'check\tcheck recipes, and run nothing' "$("$kpipe" completion fish -- che)"
is 'short options' '-v -q -h ' "$(words check - | grep -oE '(^| )-[a-z] ' | tr -d '\n' | tr -s ' ' | sed 's/^ //')"
is stages 'gzip gzip.unpack ' "$(words pipe f gz)"
is 'not the file' ':files ' "$(words pipe gz)"
is 'behind an option with a value' 'gzip gzip.unpack ' "$(words pipe -o out --arch arm f gz)"
is 'behind an option with =' 'gzip gzip.unpack ' "$(words pipe --output=out f gz)"
is parameters 'gzip:level= gzip:encoder= gzip:preset= gzip:name= gzip:mtime= gzip:rsyncable= ' "$(words pipe f gzip:)"
is 'those not given' 'gzip:encoder=zlib,level= gzip:encoder=zlib,preset= gzip:encoder=zlib,name= gzip:encoder=zlib,mtime= gzip:encoder=zlib,rsyncable= ' \
    "$(words pipe f gzip:encoder=zlib,)"
is 'not inside braces' '' "$(words pipe f 'gzip:{')"
is 'a comma in quotes' '' "$(words pipe f 'uimage:name="a,')"
is choices 'gzip:level=9,encoder=zlib ' "$(words pipe f gzip:level=9,encoder=z)"
is 'an image' $':files\tzimage:dtb=' "$("$kpipe" completion bash -- pipe f zimage:dtb=)"
is 'an unknown stage' '' "$(words pipe f gzippo:)"
is plugins 'gzip gzip gzip.unpack ' "$(words plugins gz)"
is codes 'KP1203 ' "$(words explain KP1203)"
is folders ':folders ' "$(words run --out '')"
is 'folders, attached' $':folders\t--out=' "$("$kpipe" completion bash -- run --out=x)"
is architectures 'arm arm64 ' "$(words pipe --arch arm)"
is shells 'bash zsh fish ' "$(words completion '')"
is 'recipes' ':files ' "$(words run one.yml '')"
is 'behind --' ':files ' "$(words run -- --o)"
is 'help of a command' 'schema ' "$(words help sch)"
is 'no operand' '' "$(words schema x)"
is 'an unknown command' '' "$(words frobnicate '')"
is 'quiet about faults' '' "$("$kpipe" completion bash -- pipe --plugin-path nowhere f gz 2>&1)"
expect 'unknown shell' 2 kpipe completion tcsh <<'END'
--
kpipe: error: completion: SHELL: 'tcsh': not bash, zsh or fish [KP1704]
END

mkdir bin plain
ln -s "$kpipe" bin/kpipe
touch plain/board.dtb 'plain/a b.dtb'
PATH=$work/bin:$PATH
for shell in bash zsh fish; do
    "$kpipe" completion $shell > script.$shell
done

# in_bash LINE: what bash would offer, its words split as readline does.
in_bash() {
    # shellcheck disable=SC2016 # bash -c's own
    bash --norc -c '
        . ./script.bash
        COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=() COMP_CWORD=0
        rest=$1
        while [ -n "$rest" ]; do
            case $rest in
            [[:space:]]*) rest=${rest# }; [ -n "$rest" ] || COMP_WORDS+=("") ;;
            [:=]*) text=${rest%%[!:=]*}; COMP_WORDS+=("$text"); rest=${rest#"$text"} ;;
            *) text=${rest%%[[:space:]:=]*}; COMP_WORDS+=("$text"); rest=${rest#"$text"} ;;
            esac
        done
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        complete -p kpipe > /dev/null && _kpipe kpipe
        printf "%s " "${COMPREPLY[@]}"' - "$1" 2>&1
}
is 'bash: command' 'run ' "$(in_bash 'kpipe ru')"
is 'bash: option' '--keep-going ' "$(in_bash 'kpipe run --k')"
is 'bash: stage' 'gzip gzip.unpack ' "$(in_bash 'kpipe pipe plain/board.dtb gz')"
is 'bash: behind a colon' 'level= encoder= preset= name= mtime= rsyncable= ' "$(in_bash 'kpipe pipe f gzip:')"
is 'bash: parameter' 'encoder= ' "$(in_bash 'kpipe pipe f gzip:enc')"
is 'bash: behind =' 'libdeflate zlib gnu ' "$(in_bash 'kpipe pipe f gzip:encoder=')"
is 'bash: choice' 'zlib ' "$(in_bash 'kpipe pipe f gzip:level=9,encoder=z')"
is 'bash: file' 'plain/board.dtb ' "$(in_bash 'kpipe pipe plain/bo')"
is 'bash: file of a parameter' 'plain/board.dtb ' "$(in_bash 'kpipe pipe f zimage:dtb=plain/bo')"
is 'bash: file with a blank' 'plain/a b.dtb ' "$(in_bash 'kpipe pipe plain/a')"
is 'bash: folder' 'plain ' "$(in_bash 'kpipe run --out pla')"
is 'bash: empty word' "$(words '')" "$(in_bash 'kpipe ')"
is 'bash: another place' "$(words pl)" "$(cd / && cp "$work/script.bash" "$work/bin" && cd "$work" && in_bash "bin/kpipe pl")"

if command -v fish > /dev/null; then
    export XDG_CONFIG_HOME=$work/config
    in_fish() {
        fish --no-config -c "source script.fish; complete -C '$1'" 2>&1 | sort
    }
    is 'fish: syntax' '' "$(fish -n script.fish 2>&1)"
    is 'fish: command' $'run\tmake the images of recipes' "$(in_fish 'kpipe ru')"
    is 'fish: option' $'--keep-going\twhen an image fails, still make those that do not need it' \
        "$(in_fish 'kpipe run --k')"
    is 'fish: choice' $'gzip:encoder=zlib\tthe classic one, levels 0 to 9' \
        "$(in_fish 'kpipe pipe f gzip:encoder=z')"
    is 'fish: all commands' "$(tr ' ' '\n' < commands | sed '/^$/d' | sort)" \
        "$(in_fish 'kpipe ' | cut -f1 | grep -v '^-')"
    is 'fish: file' 'plain/board.dtb' "$(in_fish 'kpipe pipe plain/bo' | cut -f1)"
    is 'fish: file of a parameter' 'zimage:dtb=plain/board.dtb' \
        "$(in_fish 'kpipe pipe f zimage:dtb=plain/bo' | cut -f1)"
fi

if command -v zsh > /dev/null; then
    is 'zsh: syntax' '' "$(zsh -n script.zsh 2>&1)"
    cat > drive.zsh <<'END'
# A shell at a terminal: types a line and tab, and shows what the line then is.
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1= RPS1= PS2=; stty -echo; unsetopt zle_bracketed_paste 2>/dev/null
autoload -Uz compinit && compinit -u -D; source $PWD/script.zsh
show() { print -r -- \"<LINE:\$BUFFER>\"; BUFFER=; }; zle -N show; bindkey '^X^X' show; bindkey '^I' complete-word
print READY''NOW"
zpty -r shell text '*READYNOW*'
for line in "$@"; do
    zpty -w -n shell "$line"$'\t\x18\x18'
    zpty -r shell text '*<LINE:*>*'
    text=${text##*<LINE:}
    print -r -- "[${text%%>*}]"
done
zpty -d shell
END
    is 'zsh: in a terminal' '[kpipe run ]
[kpipe run --keep-going ]
[kpipe pipe f gzip:encoder=zlib ]
[kpipe pipe f gzip:level=9,encoder=]
[kpipe pipe plain/board.dtb ]
[kpipe pipe f zimage:dtb=plain/board.dtb ]' \
        "$(ZDOTDIR=$work timeout 60 zsh -f drive.zsh 'kpipe ru' 'kpipe run --k' 'kpipe pipe f gzip:encoder=z' \
            'kpipe pipe f gzip:level=9,enc' 'kpipe pipe plain/bo' 'kpipe pipe f zimage:dtb=plain/bo' 2>&1)"
fi
finish
