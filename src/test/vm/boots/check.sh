# What is asked of a console log; the kernel's log gives the order of events.
# shellcheck shell=bash

failures=0

# ok TEXT CONDITION...: one line of the result.
ok() {
    local text=$1
    shift
    if "$@" >/dev/null 2>&1; then
        echo "ok    $text"
    else
        echo "FAIL  $text"
        failures=$((failures + 1))
    fi
}

# Seconds since the kernel started of the first (or last) line that fits; nothing where none does.
when() {
    local which=$1 log=$2 pattern=$3
    grep -aE "$pattern" "$log" | "$which" -1 | grep -aoE '\[ *[0-9]+\.[0-9]+\]' | head -1 | tr -d '[] '
}

has() { grep -qaE "$2" "$1"; }
lacks() { ! has "$@"; }
count_is() { [[ $(grep -caE "$2" "$1") -eq $3 ]]; }
before() { [[ $1 && $2 ]] && awk -v a="$1" -v b="$2" 'BEGIN { exit !(a <= b) }'; }
at_most() { before "$1" "$2"; }
minus() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a - b }'; }
up() { grep -aoE 'guest: up [0-9.]+' "$1" | head -1 | cut -d' ' -f3; }
