# A start that comes after the root file system was made writable: its superblock has been written, unseen. Volumes that nobody has touched
# yet keep their record.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

boot1() { first_boot && shut_down; }

boot2() {
    mount_root
    root_writable
    helper start --tracking || note "start: status $?"
    ask
}

after2() {
    expect_unknown 2 ROOT FOREIGN_WRITE "ext4"
    expect_complete 2 DATA
}
