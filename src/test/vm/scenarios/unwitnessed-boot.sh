# A boot that calls no helper, with no tracked volume that would show it: the one that is tracked has no fingerprint, and its owner trusts it while it is
# offline. The file system that the table lies on tells.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

tracked='DATA' trusted_offline='DATA'
data_type=raw

boot1() { first_boot && shut_down; }

boot2() {
    last_boot
    boot_up
    shut_down
}

after2() { expect_complete 2 DATA; }

boot3() {
    boot_up
    echo unseen | dd of="$(disk DATA)" bs=4096 seek=99 conv=notrunc,fsync 2>/dev/null
    come_to_rest
}

boot4() { last_boot; }

after4() {
    expect_unknown 4 DATA OFFLINE_WRITES_UNDETECTABLE "the file system of the tracking table was written"
}
