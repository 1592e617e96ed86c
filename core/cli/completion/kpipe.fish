# fish completion for kpipe. SPDX-License-Identifier: BSD-3-Clause
# What fits is asked of kpipe itself, which knows the plugins that are installed.

function __kpipe_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l kpipe $words[1]
    set -e words[1]
    for line in ($kpipe completion fish -- $words "$current" 2>/dev/null)
        set -l parts (string split -m 1 \t -- $line)
        switch $parts[1]
            case :files :folders
                set -l typed (string sub -s (math (string length -- "$parts[2]") + 1) -- "$current")
                if test $parts[1] = :files
                    set -l paths (__fish_complete_path "$typed")
                    printf '%s\n' $parts[2]$paths
                else
                    set -l paths (__fish_complete_directories "$typed" '')
                    printf '%s\n' $parts[2]$paths
                end
            case '*'
                echo $line
        end
    end
end

complete -c kpipe -f -a '(__kpipe_complete)'
