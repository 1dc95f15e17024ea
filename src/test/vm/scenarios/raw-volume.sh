# Volumes without a fingerprint. A raw volume is unknown after a reboot, unless its owner answers for it; then it is exact; and a
# write in the same boot, before the tracker has attached, is found in the kernel's accounts.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

tracked='ROOT DATA DOUBT'
trusted_offline=DATA
data_type=raw

setup() {
    new_disk root 48M && format root ext4
    new_disk data 32M
    new_disk doubt 32M
}

machine() {
    attach doubt,serial=DOUBT
    usual_machine "$1"
}

boot1() { first_boot && shut_down; }

boot2() {
    last_boot
    boot_up
    work two
    shut_down
}

boot3() {
    last_boot
    expect "the record is saved" helper clear_dirtyflag
}

after3() {
    expect_unknown 2 DOUBT OFFLINE_WRITES_UNDETECTABLE
    expect_unknown 3 DOUBT OFFLINE_WRITES_UNDETECTABLE
    expect_complete 3 DATA
    expect_complete 3 ROOT
}

boot4() {
    echo early | dd of="$(disk DATA)" bs=4096 seek=777 conv=notrunc,fsync 2>/dev/null
    last_boot
}

after4() {
    expect_unknown 4 DATA WRITE_BEFORE_ATTACH "sectors written 0 -> 8"
    expect_complete 4 ROOT
}
