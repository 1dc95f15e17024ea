# A crash before the first, after the last and between any two of the writes that the start and the save make to the table. The writes
# of one boot are logged; the table as each of them left it is put in place, and a start is asked what it makes of it.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

# The root file system's own record would see how the tables get in place.
tracked=DATA
scenario_timeout=900
case_mib=4

machine() {
    case $1 in
    2) attach "root,serial=ROOT,log=$PWD/writes.log" ;;
    *) attach root,serial=ROOT ;;
    esac
    attach data,serial=DATA
    case $1 in
    3 | 4) attach "cases$1,serial=CASES" ;;
    esac
    boot_image "$1"
}

boot1() { first_boot && shut_down; }

after1() { for image in root data; do cp --sparse=always "$image.img" "$image.saved"; done; }

boot2() { good_boot two; }

# The writes of the start lie before the first that is not the table's, those of the save behind the last.
after2() {
    "$WRITE_LOG" list writes.log >writes
    sed -n 's/^extent=//p' out1/early.conf >extents
    awk 'NR == FNR { from[NR] = $2; to[NR] = $2 + $3; next }
        $2 == "flush" { next }
        { kind = "other"; for (i in from) if ($2 >= from[i] && $2 + $3 <= to[i]) kind = "table"; print $1, kind }' extents writes >kinds
    awk '$2 == "other" { exit } { print $1 }' kinds >start-writes
    tac kinds | awk '$2 == "other" { exit } { print $1 }' | tac >save-writes
    note_counts
    cp --sparse=always root.img root.final && cp --sparse=always data.img data.final
    cp --sparse=always root.saved root.img
    make_cases cases3 0 start-writes
    make_cases cases4 "$(head -n 1 save-writes)" save-writes
    cp --sparse=always data.saved data.img
}

note_counts() {
    echo "# writes to the table: $(wc -l <start-writes) by the start, $(wc -l <save-writes) by the save" | tee -a notes >&2
    check "the log shows no write of the start" [ -s start-writes ]
    check "the log shows no write of the save" [ -s save-writes ]
    check "the dirty mark was not flushed before the next write" flushed_behind "$(tail -n 1 start-writes)"
    check "the record was not flushed before the clean mark" flushed_behind "$(tail -n 2 save-writes | head -n 1)"
    check "the clean mark was not flushed" flushed_behind "$(tail -n 1 save-writes)"
}

# flushed_behind NUMBER: the log's next entry is a flush.
flushed_behind() { grep -qx "$(($1 + 1)) flush" writes; }

# make_cases NAME FIRST WRITES: the table before entry FIRST of the log, and after each of WRITES. root.img moves on with them.
make_cases() {
    cases=0 done_to=${done_to:-0}
    new_disk "$1" 1M
    add_case "$1" "$2"
    while read -r write; do add_case "$1" $((write + 1)); done <"$3"
    echo "$cases" >"$1.count"
}

add_case() {
    "$WRITE_LOG" apply writes.log "$done_to" "$2" root.img
    done_to=$2
    table_read out1/early.conf case
    check "a table is larger than its place" [ "$(stat -c %s case)" -le $((case_mib * 1048576)) ]
    truncate -s $(((cases + 1) * case_mib))M "$1.img"
    dd if=case of="$1.img" bs=1M seek=$((cases * case_mib)) conv=notrunc status=none
    cases=$((cases + 1))
}

# Guest: every case in turn. Each start is the first of its tracker; the kernel's accounts of DATA stay at zero.
try_cases() {
    number=0
    count=$(($(blockdev --getsize64 "$(disk CASES)") / 1048576 / case_mib))
    while [ "$number" -lt "$count" ]; do
        put_table "$number"
        start_early
        ask
        mkdir -p "/tmp/cases/$number" && mv /tmp/answers/* "/tmp/cases/$number/"
        helper stop
        rm -rf /run/blktrack
        number=$((number + 1))
    done
    send /tmp/cases .
}

put_table() {
    sed -n 's/^extent=//p' /etc/blktrack/early.conf | while read -r file_offset device_offset length; do
        dd if="$(disk CASES)" of="$(disk ROOT)" bs=4096 skip=$(($1 * case_mib * 256 + file_offset / 4096)) seek=$((device_offset / 4096)) \
            count=$((length / 4096)) conv=notrunc,fsync 2>/dev/null
    done
}

boot3() { try_cases; }

# Before the first write the record is as the boot before left it; from the dirty mark on it is unknown.
after3() {
    expect_cases 3 "$(cat cases3.count)" 0
    cp --sparse=always data.final data.img
}

boot4() { try_cases; }

# Only the last write makes it clean.
after4() { expect_cases 4 "$(cat cases4.count)" $(($(cat cases4.count) - 1)); }

# expect_cases BOOT COUNT COMPLETE: that one case is complete and exact, the others are unknown.
expect_cases() {
    one=0
    while [ "$one" -lt "$2" ]; do
        cp "out$1/$one/DATA.volume" "out$1/$one/DATA.marks" "out$1/"
        if [ "$one" = "$3" ]; then expect_complete "$1" DATA; else expect_unknown "$1" DATA UNCLEAN_SHUTDOWN; fi
        one=$((one + 1))
    done
}
