# A disk that comes when the boot is under way: what was written to it before tracking came to it is found in the kernel's accounts, raw writes that no
# fingerprint shows too. Untouched, it keeps its record.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

come_late() {
    unplug DATA
    start_early
    plug_in
}

boot1() { first_boot && shut_down; }

boot2() {
    come_late
    helper start --tracking || note "start: status $?"
    boot_up
    work two
    shut_down
}

boot3() {
    come_late
    helper start --tracking || note "start: status $?"
    ask
    expect "the record is saved" helper clear_dirtyflag
}

after3() { expect_complete 3 DATA; }

boot4() {
    come_late
    echo unseen | dd of="$(disk DATA)" bs=4096 seek=6000 conv=notrunc,fsync 2>/dev/null
    helper start --tracking || note "start: status $?"
    ask
    unplug DATA
    expect "the record is saved without it" helper clear_dirtyflag
}

after4() { expect_unknown 4 DATA WRITE_BEFORE_ATTACH "sectors written 0 -> 8"; }

boot5() {
    start_early
    unplug DATA
    expect "the record is saved without it" helper clear_dirtyflag
}

boot6() { last_boot; }

after6() {
    expect_unknown 6 DATA WRITE_BEFORE_ATTACH
    expect_complete 6 ROOT
}

# One that never comes again is taken out of the table.
boot7() {
    unplug DATA
    start_early
    mount_root
    root_writable
    expect "it is withdrawn" agent withdraw identity=serial:DATA
    plug_in
    helper start --tracking || note "start: status $?"
    expect "what comes is not tracked" [ -z "$(volume_of DATA)" ]
    expect "the other one is" [ -n "$(volume_of ROOT)" ]
}
