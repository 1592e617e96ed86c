#compdef kpipe
# zsh completion for kpipe. SPDX-License-Identifier: BSD-3-Clause
# What fits is asked of kpipe itself, which knows the plugins that are installed.

_kpipe() {
    local line candidate fixed
    local -a lines names shown open_names open_shown

    lines=("${(@f)$(${(Q)words[1]} completion zsh -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2> /dev/null)}")
    for line in $lines; do
        candidate=${line%%$'\t'*}
        fixed=${line#*$'\t'}
        case $candidate in
        :files | :folders)
            IPREFIX+=$fixed
            PREFIX=${PREFIX#$fixed}
            if [[ $candidate = :files ]]; then _files; else _files -/; fi
            ;;
        *[=:])
            open_names+=($candidate)
            open_shown+=("$candidate  $fixed")
            ;;
        *)
            names+=($candidate)
            shown+=("$candidate  $fixed")
            ;;
        esac
    done
    (( ! $#names )) || compadd -l -d shown -a names
    (( ! $#open_names )) || compadd -l -S '' -d open_shown -a open_names
}

# Autoloaded by its file's name, this is the first call; sourced, it is to be known.
if [[ $funcstack[1] = _kpipe ]]; then
    _kpipe "$@"
else
    compdef _kpipe kpipe
fi
