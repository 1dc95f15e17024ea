# shellcheck shell=bash
# The steps of ./test and how they are run. Sourced, from the project's root.
#
# A step is a command; its output goes to target/test/STEP.log. Steps of the group "quick" run always, those of "vm" in
# the standard and the long run, those of "long" in the long run alone.

all_steps=(
    # name             group  command
    "build             quick  scripts/build"
    "lint              quick  scripts/lint"
    "java              quick  scripts/test-java"
    "native            quick  make -s -C src/test/c check OUT=$PWD/target/test-native"
    "ground-truth      quick  scripts/test-ground-truth"
    "demo              quick  ./demo --plain"
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

run_step() { # name command...
    local name=$1 started=$SECONDS status
    shift
    printf '%-16s ' "$name"
    "$@" >"$log_dir/$name.log" 2>&1 </dev/null
    status=$?
    case $status in
        0) passed=$((passed + 1)); printf 'passed   %4d s   %s\n' $((SECONDS - started)) "$(tail -n 1 "$log_dir/$name.log" | cut -c1-100)" ;;
        77) skipped=$((skipped + 1)); printf 'SKIPPED  %s\n' "$(tail -n 1 "$log_dir/$name.log")" ;;
        *) failed=$((failed + 1)); printf 'FAILED   %4d s   (exit %d) %s\n' $((SECONDS - started)) "$status" "$log_dir/$name.log"
           tail -n 25 "$log_dir/$name.log" | sed 's/^/    | /' ;;
    esac
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

run_steps() { # mode chosen...
    local mode=$1 row name group command
    shift
    passed=0 failed=0 skipped=0
    if [ "$mode" != list ]; then
        scripts/prepare build test || exit 1
        if [ "$mode" != quick ]; then scripts/prepare vm || exit 1; fi
    fi
    mkdir -p "$log_dir"
    for row in "${all_steps[@]}"; do
        read -r name group command <<<"$row"
        if [ "$mode" = list ]; then
            printf '%-16s %-6s %s\n' "$name" "$group" "$command"
        elif wanted "$mode" "$group" "$name" "$@"; then
            read -ra words <<<"$command"
            run_step "$name" "${words[@]}"
        fi
    done
    [ "$mode" = list ] && exit 0
    [ "$mode" = long ] && scripts/verified
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
}
