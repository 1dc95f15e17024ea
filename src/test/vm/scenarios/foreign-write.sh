# Another system writes between two boots: an ext4, an XFS and a btrfs file system, each mounted read-write in a rescue boot without
# the tracker, and the root file system, changed on the host with debugfs.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

tracked='ROOT DATA XFS BTRFS'

setup() {
    new_disk root 48M && format root ext4
    new_disk data 32M && format data ext4
    new_disk xfs 64M && format xfs xfs
    new_disk btrfs 128M && format btrfs btrfs
}

machine() {
    attach xfs,serial=XFS && attach btrfs,serial=BTRFS
    usual_machine "$1"
}

boot1() {
    first_boot
    load xfs btrfs
    for type in xfs btrfs; do
        serial=$(echo "$type" | tr '[:lower:]' '[:upper:]')
        mkdir -p "/$type" && mount -t "$type" "$(disk "$serial")" "/$type"
        dd if=/dev/urandom of="/$type/file" bs=64k count=8 2>/dev/null
        sync && umount "/$type"
    done
    shut_down
}

# Nothing has happened yet: the answers are complete, for all four.
boot2() {
    last_boot
    expect "the record is saved" helper clear_dirtyflag
}

after2() {
    for serial in $tracked; do expect_complete 2 "$serial"; done
    echo "by somebody else" >foreign
    check "debugfs cannot write" debugfs -w -R "write foreign foreign" root.img
}

boot3() {
    load xfs btrfs
    mkdir -p /m
    for type in ext4:DATA xfs:XFS btrfs:BTRFS; do
        mount -t "${type%:*}" "$(disk "${type#*:}")" /m
        echo "by somebody else" >/m/foreign
        umount /m
    done
}

boot4() { last_boot; }

after4() {
    expect_unknown 4 ROOT FOREIGN_WRITE "ext4"
    expect_unknown 4 DATA FOREIGN_WRITE "ext4 mount count"
    expect_unknown 4 XFS FOREIGN_WRITE "xfs"
    expect_unknown 4 BTRFS FOREIGN_WRITE "btrfs generation"
}
