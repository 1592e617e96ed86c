# shellcheck shell=bash
# Shared by the benchmarks: seconds of a command, and the ratio of two. Sourced, not run.
# A benchmark prints; it never fails because a machine is busy.

# Best of N runs in milliseconds: best N COMMAND...
best() {
    local runs=$1 lowest=999999999 begin end took
    shift
    for ((i = 0; i < runs; i++)); do
        begin=$(date +%s%N)
        "$@" >/dev/null
        end=$(date +%s%N)
        took=$(((end - begin) / 1000))
        if ((took < lowest)); then lowest=$took; fi
    done
    awk -v us="$lowest" 'BEGIN { printf "%.2f", us / 1000 }'
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

# Largest sum of anonymous and shared memory of a command in MiB, sampled: mapped input
# files do not count.
peak() {
    local most=0 sum key value rest pid
    "$@" >/dev/null &
    pid=$!
    while [ -r "/proc/$pid/status" ] && kill -0 "$pid" 2>/dev/null; do
        sum=0
        while read -r key value rest; do
            case $key in
            RssAnon: | RssShmem:) sum=$((sum + value)) ;;
            State:) if [ "$value" = Z ]; then break 2; fi ;;
            esac
        done <"/proc/$pid/status" 2>/dev/null || true
        if ((sum > most)); then most=$sum; fi
    done
    wait "$pid"
    : "$rest"
    awk -v k="$most" 'BEGIN { printf "%.1f", k / 1024 }'
}
