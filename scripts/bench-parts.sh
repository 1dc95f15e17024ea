# shellcheck shell=bash
# The parts of ./bench. Sourced, from the project's root.

pairs=30
seconds=1
work=target/bench
all_parts=(marking writes-loop writes-disk memory extents start checkpoint)

row() { # what, figure, to reach
    printf '%-58s %-34s %s\n' "$1" "$2" "$3"
}

# Reads one number a line; prints median and the 95 % interval of the median (order statistics).
median_interval() {
    sort -g | awk '
        { x[NR] = $1 }
        END {
            n = NR
            low = int((n - 1.96 * sqrt(n)) / 2); if (low < 1) low = 1
            high = n + 1 - low
            middle = n % 2 ? x[(n + 1) / 2] : (x[n / 2] + x[n / 2 + 1]) / 2
            printf "%.3f [%.3f, %.3f]", middle, x[low], x[high]
        }'
}

make_tools() {
    scripts/prepare build bench
    make -s -C src/main/c OUT="$PWD/target/native" >&2
    make -s -C src/test/c -f bench.mk OUT="$PWD/$work" NATIVE="$PWD/target/native" >&2
}

# Writes as fast as it can, and prints the write IOPS (field 49 of fio's terse output).
random_writes() { # file, seconds, words before the command
    local file=$1 time=$2
    shift 2
    "$@" fio --name=writes --filename="$file" --rw=randwrite --bs=4k --direct=1 --ioengine=io_uring --iodepth=32 \
        --time_based --runtime="$time" --norandommap --minimal
}

write_iops() {
    awk -F';' 'NF > 48 { print $49 }'
}

loop_device() { # size, prints the device; its file lies in memory
    local file
    file=$(mktemp -p /dev/shm blktrack-bench.XXXXXX)
    truncate -s "$1" "$file"
    losetup --find --show "$file"
    rm "$file" # the loop device keeps it
}

compare_writes() { # label, tracked device, file written to, ratio to reach
    local i tracked untracked
    for ((i = 0; i < pairs; i++)); do
        if ((i % 2)); then
            untracked=$(random_writes "$3" "$seconds" env | write_iops)
            tracked=$(random_writes "$3" "$seconds" "$work/tracked" "$2" 65536 | write_iops)
        else
            tracked=$(random_writes "$3" "$seconds" "$work/tracked" "$2" 65536 | write_iops)
            untracked=$(random_writes "$3" "$seconds" env | write_iops)
        fi
        awk -v a="$tracked" -v b="$untracked" 'BEGIN { print a / b }'
        printf '\r%s: pair %d of %d ' "$1" $((i + 1)) "$pairs" >&2
    done >"$work/ratios"
    printf '\r%60s\r' '' >&2
    row "4 KiB random writes, tracked : untracked, $1" "$(median_interval <"$work/ratios")" ">= $4 ($pairs pairs)"
}

bench_marking() {
    local device
    device=$(loop_device 256M)
    random_writes "$device" 5 "$work/tracked" "$device" 65536 "$work/marking_cost" "$work/empty.bpf.o" >"$work/marking"
    losetup -d "$device"
    awk '/ runs / { printf "  %-56s %s ns net of an empty program (%s ns gross, %s runs)\n", $1, $7, $4, $2; sum += $7 }
         END { printf "%-58s %-34s %s\n", "marking one 4 KiB write, all programs", sprintf("%.1f ns", sum), "<= 60 ns" }' "$work/marking"
}

bench_writes-loop() {
    local device
    device=$(loop_device 512M)
    dd if=/dev/zero of="$device" bs=1M count=512 status=none oflag=direct
    compare_writes "loop over tmpfs" "$device" "$device" 0.97
    losetup -d "$device"
}

bench_writes-disk() {
    local file=$work/disk-file disk
    disk=/dev/$(lsblk -no PKNAME "$(findmnt -no SOURCE -T "$work")" | head -n 1)
    [ -b "$disk" ] || disk=$(findmnt -no SOURCE -T "$work")
    dd if=/dev/zero of="$file" bs=1M count=512 status=none conv=fsync
    compare_writes "the disk ($disk)" "$disk" "$file" 0.99
    rm -f "$file"
}

bench_memory() {
    row "memory of one bitmap, 1 TiB at 64 KiB" "$(awk 'BEGIN { print 2^40 / 65536 / 8 / 2^20 " MiB" }')" "2 MiB (one for writes, one for discards)"
}

bench_extents() {
    mvn -B -q -o test-compile >/dev/null
    java -cp "target/classes:target/test-classes:$(echo target/dist/lib/blktrack/*.jar | tr ' ' :)" org.blktrack.track.ExtentBenchmark
}

milliseconds() { # command: its wall time
    local began=$EPOCHREALTIME
    "$@" >/dev/null
    awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", (b - a) * 1000 }'
}

median() {
    sort -g | awk '{ x[NR] = $1 } END { printf "%.1f", x[int((NR + 1) / 2)] }'
}

# Eight sparse volumes of 16 TiB: starts and saves, each beside what it is held against, first and second by turns.
bench_start() {
    local state=$PWD/$work/start-state helper=target/native/blktrack-helper devices=() device map_bytes round
    mkdir -p "$state"
    for _ in 1 2 3 4 5 6 7 8; do
        device=$(loop_device 16T)
        devices+=("$device")
        mkfs.xfs -q -l size=64m "$device"
        "$work/agent_talk" "$helper" --state-dir "$state" enable device="$device" granule_bytes=65536 >"$work/enabled"
    done
    map_bytes=$(($(sed -n 's/^map_bytes=//p' "$work/enabled") * 8))
    for ((round = 1; round <= pairs; round++)); do
        "$helper" --state-dir "$state" clear_dirtyflag && "$helper" --state-dir "$state" stop
        by_turns "$round" "milliseconds $helper --state-dir $state start --tracking" "$work/bench_table zero $map_bytes" >>"$work/starts"
        "$work/bench_table" mark "$state" 10 "$round" # other granules each time: every page has something to write
        by_turns "$round" "milliseconds $helper --state-dir $state clear_dirtyflag" "$work/bench_table write $work/direct $((map_bytes / 2))" >>"$work/saves"
        rm -f "$work/direct"
        printf '\rstart and save: round %d of %d ' "$round" "$pairs" >&2
    done
    printf '\r%40s\r' '' >&2
    "$helper" --state-dir "$state" stop
    losetup -d "${devices[@]}"
    chattr -i "$state/table"
    rm -rf "$state"
    ratio_row "start --tracking, 8 volumes of 16 TiB : zeroing $((map_bytes >> 20)) MiB" "$work/starts" "<= 1.5"
    ratio_row "clear_dirtyflag, 1 % changed : O_DIRECT write of $((map_bytes >> 21)) MiB" "$work/saves" "<= 1.3"
    rm -f "$work"/{starts,saves}
}

# Two commands that print one figure each; prints both in a line, the first one's first, whichever ran first.
by_turns() { # round, command, command
    local first second
    if (($1 % 2)); then
        first=$($2)
        second=$($3)
    else
        second=$($3)
        first=$($2)
    fi
    echo "$first $second"
}

ratio_row() { # label, file with two figures a line, to reach
    local ours others
    ours=$(cut -d' ' -f1 "$2" | median)
    others=$(cut -d' ' -f2 "$2" | median)
    row "$1" "$(awk '{ print $1 / $2 }' "$2" | median_interval) ($ours : $others ms)" "$3 ($pairs pairs)"
}

bench_checkpoint() {
    local device mount
    device=$(loop_device 1T)
    mount=$(mktemp -d)
    mkfs.ext4 -q -E lazy_itable_init=1,lazy_journal_init=1 "$device"
    mount "$device" "$mount"
    "$work/tracked" --checkpoints 100 "$device" 65536 fio --name=busy --directory="$mount" --rw=randwrite --bs=4k --size=64m --numjobs=2 \
        --time_based --runtime=300 --ioengine=psync --fsync=32 --output=/dev/null | sort -n >"$work/frozen"
    umount "$mount"
    rmdir "$mount"
    losetup -d "$device"
    row "checkpoint of a busy 1 TiB ext4 volume: frozen for" \
        "$(awk '{ x[NR] = $1 / 1000 } END { printf "%.1f ms median, %.1f ms worst of %d", x[int((NR + 1) / 2)], x[NR], NR }' "$work/frozen")" "<= 50 ms, <= 250 ms"
}

bench_main() {
    local part parts=()
    while [ $# -gt 0 ]; do
        case $1 in
            --pairs) pairs=$2; shift 2 ;;
            --seconds) seconds=$2; shift 2 ;;
            -*) sed -n '2,5s/^# //p' bench >&2; exit 2 ;;
            *) parts+=("$1"); shift ;;
        esac
    done
    [ ${#parts[@]} -gt 0 ] || parts=("${all_parts[@]}")
    mkdir -p "$work"
    make_tools
    echo "$(uname -n), $(uname -sr), $(nproc) processors, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), load $(cut -d' ' -f1 /proc/loadavg), $(date +%F)"
    for part in "${parts[@]}"; do
        "bench_$part"
    done
}
