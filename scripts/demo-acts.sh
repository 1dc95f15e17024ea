# shellcheck shell=bash
# The acts of ./demo. Sourced, from the project's root. Everything is done through the product's own commands.

plain=
patience=100 # tenths of a second
size=96M
granule=65536
blktrack=target/dist/bin/blktrack
daemon=target/dist/sbin/blktrackd
helper=target/dist/sbin/blktrack-helper

say() {
    if [ -n "$plain" ]; then printf '%s\n' "$*"; else printf '\033[1;36m%s\033[0m\n' "$*"; fi
}

# What this machine lacks for the acts; fails where it lacks nothing.
why_not_here() {
    local capabilities
    capabilities=$(sed -n 's/^CapEff:[[:space:]]*/0x/p' /proc/self/status)
    if [ "$(id -u)" != 0 ] || ! ((capabilities >> 21 & 1)); then # CAP_SYS_ADMIN
        echo "This shell has not the privilege to load BPF programs"
    elif ! [ -r /sys/kernel/btf/vmlinux ]; then
        echo "This kernel carries no BTF"
    elif ! losetup --find >/dev/null 2>&1; then
        echo "This machine has no loop devices"
    else
        return 1
    fi
}

wrong() {
    printf 'WRONG: %s\n' "$*" >&2
    tail -n 20 "$stage/daemon.log" >&2
    exit 1
}

show() { # shows a command, then runs it
    printf '  $ %s\n' "${*/#target\/dist\/*bin\//}"
    "$@" | sed 's/^/    /'
    return "${PIPESTATUS[0]}"
}

start_daemon() {
    "$daemon" --foreground >>"$stage/daemon.log" 2>&1 &
    daemon_pid=$!
    for _ in $(seq "$patience"); do
        [ -S "$BLKTRACK_STATE_DIR/run/org.blktrack.Tracker" ] && "$blktrack" status >/dev/null 2>&1 && return
        sleep 0.1
    done
    wrong "the daemon did not start"
}

stop_daemon() {
    kill -"${1-TERM}" "$daemon_pid" 2>/dev/null || true
    wait "$daemon_pid" 2>/dev/null || true
}

prepare_stage() {
    stage=$(mktemp -d /var/tmp/blktrack-demo.XXXXXX)
    export BLKTRACK_STATE_DIR=$stage/state
    mkdir "$BLKTRACK_STATE_DIR" "$stage/mnt"
    truncate -s "$size" "$stage/disk.img"
    device=$(losetup --find --show "$stage/disk.img")
    mkfs.ext4 -q -F "$device"
    say "The stage: $device, $size with ext4, and an instance of blktrack of its own in $stage"
}

strike_stage() {
    stop_daemon KILL
    umount "$stage/mnt" 2>/dev/null || true
    "$helper" stop || true
    losetup -d "$device" 2>/dev/null || true
    chattr -R -i "$stage" 2>/dev/null || true
    rm -rf "$stage"
}

# Every granule with a byte that differs between two copies must have its bit in the raw bitmap.
prove() { # copy before, copy after, raw bitmap
    { od -An -v -t u1 -w1 "$3" | sed 's/^/byte/'; cmp -l "$1" "$2" || true; } |
        awk -v bit=0 -v granule="$granule" -v bytes="$(stat -c %s "$1")" '
            $1 == "byte" {
                for (i = 0; i < 8; i++) {
                    if ($2 % 2) { marked[bit] = 1; reported++ }
                    $2 = int($2 / 2)
                    bit++
                }
                next
            }
            { changed[int(($1 - 1) / granule)] = 1 }
            END {
                for (one in changed) { count++; if (!(one in marked)) missed++ }
                printf "  %d granules compared: %d changed, %d reported, %d missed\n", bytes / granule, count, reported, missed
                exit !(missed == 0 && count > 0)
            }'
}

work() { # a little of everything a file system does
    mount "$device" "$stage/mnt"
    mkdir -p "$stage/mnt/mail" "$stage/mnt/db"
    for i in $(seq 20); do head -c $((i * 3000)) /dev/urandom >"$stage/mnt/mail/$1-$i"; done
    dd if=/dev/urandom of="$stage/mnt/db/table" bs=4k count=200 seek=$((RANDOM % 1000)) conv=notrunc status=none
    rm -f "$stage/mnt/mail/$1-3" "$stage/mnt/mail/$1-7"
    sync -f "$stage/mnt"
    umount "$stage/mnt"
}

clean_stop() {
    stop_daemon
    show "$helper" clear_dirtyflag
    "$helper" stop
}

start_again() {
    show "$helper" start --tracking || true
    start_daemon
}

change_id() {
    "$blktrack" checkpoint create "$device" --json | sed -n 's/.*"changeId": *"\([0-9a-f]*\)".*/\1/p'
}

expect_unknown() { # reason
    local status=0
    "$blktrack" changes "$device" --since "$since" --json >"$stage/refused.json" || status=$?
    "$blktrack" status "$device" | sed 's/^/    /'
    [ "$status" = 3 ] || wrong "changes ended with status $status, not 3"
    grep -q '"complete": *false' "$stage/refused.json" || wrong "the answer is not refused"
    grep -q '"extents": *null' "$stage/refused.json" || wrong "a refused answer holds extents"
    grep -q "\"reason\": *\"$1\"" "$stage/refused.json" || wrong "the reason is not $1: $(tr -d '\n' <"$stage/refused.json")"
    printf '  refused with the reason %s, exit status 3, no extents\n' "$1"
}

act_one() {
    say "" "Act 1. Tracking on, a checkpoint, work; then: what changed?"
    start_daemon
    show "$blktrack" enable "$device"
    work first
    since=$(change_id)
    [ -n "$since" ] || wrong "there is no change id"
    echo "  a checkpoint: change id $since; a copy of the device is taken"
    cp "$stage/disk.img" "$stage/copy.img"
    work second
    show "$blktrack" changes "$device" --since "$since" --map "$stage/changes.svg"
    "$blktrack" changes "$device" --since "$since" --raw "$stage/before.raw" >/dev/null
    mkdir -p target/demo
    cp "$stage/changes.svg" target/demo/changes.svg
    echo "  the same as a picture: target/demo/changes.svg"
    sync "$stage/disk.img"
    prove "$stage/copy.img" "$stage/disk.img" "$stage/before.raw" || wrong "a changed granule was not reported"
    say "A clean stop and start: the programs leave the kernel, and come back with what the table kept."
    clean_stop
    start_again
    "$blktrack" changes "$device" --since "$since" --raw "$stage/after.raw" >/dev/null || wrong "the record did not survive: $("$blktrack" status "$device")"
    prove "$stage/copy.img" "$stage/disk.img" "$stage/after.raw" || wrong "a changed granule was lost over stop and start"
    echo "  the record survived, and is still complete"
    say "The same, with a disk that comes only after the daemon's start."
    clean_stop
    losetup -d "$device"
    start_again
    expect_unknown NOT_TRACKED_SINCE
    losetup "$device" "$stage/disk.img"
    show "$helper" start --tracking
    "$blktrack" changes "$device" --since "$since" --raw "$stage/late.raw" >/dev/null || wrong "the record did not wait: $("$blktrack" status "$device")"
    prove "$stage/copy.img" "$stage/disk.img" "$stage/late.raw" || wrong "a changed granule was lost while the disk was away"
    echo "  the record waited for its disk, and is still complete"
}

act_two() {
    say "" "Act 2. Somebody else writes while tracking is off."
    clean_stop
    mount "$device" "$stage/mnt"
    echo "written by a rescue disk" >"$stage/mnt/foreign"
    umount "$stage/mnt"
    start_again
    expect_unknown FOREIGN_WRITE
}

act_three() {
    say "" "Act 3. A crash: nothing is saved, and the dirty flag stays set."
    since=$(change_id)
    [ -n "$since" ] || wrong "no new series began"
    work third
    "$blktrack" changes "$device" --since "$since" >/dev/null || wrong "the new series can't be asked"
    stop_daemon KILL
    "$helper" stop
    start_again
    expect_unknown UNCLEAN_SHUTDOWN
}

all_acts() {
    act_one
    act_two
    act_three
    say "All three acts came out right."
}
