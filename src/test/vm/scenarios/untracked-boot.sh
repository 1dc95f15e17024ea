# A boot in which the helper is missing: the system mounts and writes as ever. The next start finds that out by the fingerprints.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

boot1() { first_boot && shut_down; }

boot2() {
    rm /sbin/blktrack-helper
    mount_root
    root_writable
    mount_data
    work two
    come_to_rest
}

boot3() { last_boot; }

after3() {
    expect_unknown 3 DATA FOREIGN_WRITE "mount count"
    expect_unknown 3 ROOT FOREIGN_WRITE "mount count"
}
