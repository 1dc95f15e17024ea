# After a boot without tracking the raw volume comes first, on its owner's word, and the disk whose file system shows that boot comes later: from then on
# the word does not hold.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

tracked='DATA RAW'
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

boot1() {
    first_boot
    dd if=/dev/urandom of="$(disk RAW)" bs=4k seek=700 count=99 conv=notrunc,fsync 2>/dev/null
    shut_down
}

boot2() {
    rm /sbin/blktrack-helper
    mount_root
    mount_data
    echo two >/data/two
    echo unseen | dd of="$(disk RAW)" bs=4096 seek=99 conv=notrunc,fsync 2>/dev/null
    umount /data
}

boot3() {
    unplug DATA
    start_early
    expect "nothing speaks against RAW yet" [ "$(field_of RAW trust)" = COMPLETE ]
    plug_in
    helper start --tracking || note "start: status $?"
    ask
}

after3() {
    expect_unknown 3 DATA FOREIGN_WRITE "mount count"
    expect_unknown 3 RAW OFFLINE_WRITES_UNDETECTABLE "written while tracking was off"
}
