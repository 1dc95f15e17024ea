# shellcheck shell=bash
# The steps of ./test and how they are run. Sourced, from the project's root.
#
# A step is a command; its output goes to target/test/STEP.log. Steps of the group "quick" run always, those of "vm" in
# the standard and the long run, those of "long" in the long run alone.

all_steps=(
    # name             group  command
    "build             quick  scripts/build"
    "vm-kernels        vm     src/test/vm/kernels"
    "lint              quick  scripts/lint"
    "java              quick  scripts/test-java"
    "native            quick  make -s -C src/test/c check OUT=$PWD/target/test-native"
    "ground-truth      quick  scripts/test-ground-truth"
    "demo              quick  ./demo --plain"
    "rpm               quick  scripts/test-rpm"
    "vm-machines       vm     src/test/vm/selftest --quick"
    "vm-ground-truth   vm     src/test/vm/ground-truth --quick"
    "vm-reboots        vm     src/test/vm/reboots --quick"
    "vm-boots          vm     src/test/vm/boots/campaign --quick"
    "varlinkctl        long   src/test/vm/varlinkctl"
    "java-long         long   scripts/test-java --long"
    "truth-long        long   scripts/test-ground-truth 1000"
    "vm-truth-long     long   src/test/vm/ground-truth --all --results target/vm-ground-truth.jsonl"
    "vm-reboots-long   long   src/test/vm/reboots"
    "vm-boots-long     long   src/test/vm/boots/campaign --long"
)

log_dir=target/test
lanes=2 # steps at a time, behind the build

# Runs in a lane of its own; says how it went in one line, at its end.
run_step() { # name command...
    local name=$1 started=$SECONDS status=0
    shift
    "$@" >"$log_dir/$name.log" 2>&1 </dev/null || status=$?
    echo "$status" >"$log_dir/$name.status"
    case $status in
        0) printf '%-16s passed   %4d s   %s\n' "$name" $((SECONDS - started)) "$(tail -n 1 "$log_dir/$name.log" | cut -c1-100)" ;;
        77) printf '%-16s SKIPPED           %s\n' "$name" "$(tail -n 1 "$log_dir/$name.log")" ;;
        *) printf '%-16s FAILED   %4d s   (exit %d) %s\n%s\n' "$name" $((SECONDS - started)) "$status" "$log_dir/$name.log" \
            "$(tail -n 25 "$log_dir/$name.log" | sed 's/^/    | /')" ;;
    esac
}

# Every half minute: what is running, and for how long.
show_progress() {
    while sleep 30; do
        printf '  … %d s: %s\n' "$SECONDS" "$(cd "$log_dir" && for log in *.log; do [ -e "${log%.log}.status" ] || printf '%s ' "${log%.log}"; done)"
    done
}

count_status() { # options of grep, pattern: how many steps ended with such a status
    cat "$log_dir"/*.status 2>/dev/null | grep -cE "$@"
}

wanted() { # mode group name chosen...
    local mode=$1 group=$2 name=$3 one
    shift 3
    if [ $# -gt 0 ]; then
        for one; do [ "$one" = "$name" ] && return 0; done
        return 1
    fi
    case $mode:$group in
        *:quick | standard:vm | long:*) return 0 ;;
    esac
    return 1
}

list_steps() {
    local row
    for row in "${all_steps[@]}"; do echo "$row"; done
}

run_steps() { # mode chosen...
    local mode=$1 row name group command words
    shift
    scripts/prepare build test || exit 1
    if [ "$mode" != quick ]; then scripts/prepare vm || exit 1; fi
    rm -rf "$log_dir"
    mkdir -p "$log_dir"
    show_progress &
    local progress=$!
    for row in "${all_steps[@]}"; do
        read -r name group command <<<"$row"
        wanted "$mode" "$group" "$name" "$@" || continue
        read -ra words <<<"$command"
        # shellcheck disable=SC2046 # one process id a lane
        while [ $(jobs -rp | wc -l) -gt "$lanes" ]; do wait -n $(jobs -rp | grep -vx "$progress") || true; done
        if [ "$name" = build ]; then
            run_step "$name" "${words[@]}"
        else
            run_step "$name" "${words[@]}" &
        fi
    done
    # shellcheck disable=SC2046
    wait $(jobs -rp | grep -vx "$progress")
    kill "$progress"
    wait "$progress" 2>/dev/null
    [ "$mode" = long ] && scripts/verified
    echo "$(count_status '^0$') passed, $(count_status -v '^(0|77)$') failed, $(count_status '^77$') skipped"
    [ "$(count_status -v '^(0|77)$')" -eq 0 ]
}
