# bash completion for kpipe. SPDX-License-Identifier: BSD-3-Clause
# What fits is asked of kpipe itself, which knows the plugins that are installed.

_kpipe() {
    local rest=${COMP_LINE:0:COMP_POINT} words=() text word current prefix candidate i

    # readline splits words at : and =, which belong to a stage's parameters. What has no
    # blank between is put together again.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        text=${rest#"${rest%%[![:space:]]*}"}
        word=${COMP_WORDS[i]}
        [ "$i" -lt "$COMP_CWORD" ] || word=$text
        if [ "$i" -gt 0 ] && [ -n "$text" ] && [ "$text" = "$rest" ]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
        rest=${text:${#word}}
    done
    current=${words[${#words[@]} - 1]}
    # Only what stands behind the last of those that split is replaced.
    text=$current
    [[ $COMP_WORDBREAKS != *:* ]] || text=${text##*:}
    [[ $COMP_WORDBREAKS != *=* ]] || text=${text##*=}
    prefix=${current:0:${#current} - ${#text}}
    COMPREPLY=()
    while IFS= read -r candidate; do
        case $candidate in
        :files*) _kpipe_paths -f "${candidate#*$'\t'}" ;;
        :folders*) _kpipe_paths -d "${candidate#*$'\t'}" ;;
        *)
            candidate=${candidate%%$'\t'*}
            COMPREPLY+=("${candidate#"$prefix"}")
            [[ $candidate != *[=:] ]] || compopt -o nospace 2> /dev/null
            ;;
        esac
    done < <("$1" completion bash -- "${words[@]:1}" 2> /dev/null)
}

# _kpipe_paths -f|-d FIXED: names of files or folders, behind the fixed beginning of the word.
_kpipe_paths() {
    local path

    compopt -o filenames 2> /dev/null
    while IFS= read -r path; do
        path=$2$path
        COMPREPLY+=("${path#"$prefix"}")
    done < <(compgen "$1" -- "${current#"$2"}")
}

complete -F _kpipe kpipe
