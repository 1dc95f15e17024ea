# A boot in which the helper is missing: the system mounts and writes as ever. The next start finds that out by the fingerprints. A raw volume has none: who
# trusts it while it is offline does not trust it through such a boot.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

tracked='ROOT DATA RAW'
trusted_offline=RAW

setup() {
    new_disk root 48M && format root ext4
    new_disk data 32M && format data ext4
    new_disk raw 32M
}

machine() {
    attach raw,serial=RAW
    usual_machine "$1"
}

boot1() { first_boot && shut_down; }

boot2() {
    rm /sbin/blktrack-helper
    mount_root
    root_writable
    mount_data
    work two
    echo unseen | dd of="$(disk RAW)" bs=4096 seek=99 conv=notrunc,fsync 2>/dev/null
    come_to_rest
}

boot3() { last_boot; }

after3() {
    expect_unknown 3 DATA FOREIGN_WRITE "mount count"
    expect_unknown 3 ROOT FOREIGN_WRITE "mount count"
    expect_unknown 3 RAW OFFLINE_WRITES_UNDETECTABLE "written while tracking was off"
}
