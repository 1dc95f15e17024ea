# An XFS root file system that holds the table and is tracked itself, from the early boot on; beside it a volume with btrfs.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

root_type=xfs data_type=btrfs

boot1() {
    load xfs btrfs
    first_boot
    shut_down
}

boot2() {
    start_early
    load xfs btrfs
    boot_up
    work two
    shut_down
}

boot3() { last_boot; }

after3() {
    expect_complete 3 DATA
    expect_complete 3 ROOT
}
