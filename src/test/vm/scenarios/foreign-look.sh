# A rescue system mounts read-only. Where that wrote (a journal that was not empty is replayed, XFS writes its log even when clean) the
# record is unknown; where it did not, the record is as good as before. The host sees which: it holds the images against each other.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

tracked='ROOT DATA JOURNAL XFS BTRFS'
scenario_tools='xfs_io'

setup() {
    new_disk root 48M && format root ext4
    new_disk data 32M && format data ext4
    new_disk journal 32M && format journal ext4
    new_disk xfs 64M && format xfs xfs
    new_disk btrfs 128M && format btrfs btrfs
}

machine() {
    attach journal,serial=JOURNAL && attach xfs,serial=XFS && attach btrfs,serial=BTRFS
    usual_machine "$1"
}

# JOURNAL is left as a crash would leave it, with its journal not empty, but saved by a clean shutdown.
boot1() {
    first_boot
    load xfs btrfs
    for type in ext4:JOURNAL xfs:XFS btrfs:BTRFS; do
        mkdir -p /m && mount -t "${type%:*}" "$(disk "${type#*:}")" /m
        dd if=/dev/urandom of=/m/file bs=64k count=8 2>/dev/null
        sync
        if [ "$type" = ext4:JOURNAL ]; then echo more >/m/more && xfs_io -F -x -c 'shutdown -f' /m; fi
        umount /m
    done
    shut_down
}

after1() { for serial in DATA JOURNAL XFS BTRFS; do cp --sparse=always "$(image_of "$serial")" "before-$serial"; done; }

boot2() {
    load xfs btrfs
    mkdir -p /m
    for type in ext4:DATA ext4:JOURNAL xfs:XFS btrfs:BTRFS; do
        mount -t "${type%:*}" -o ro "$(disk "${type#*:}")" /m
        ls /m >/tmp/seen
        umount /m
    done
}

boot3() { last_boot; }

after3() {
    check "the journal was not replayed: nothing is proved" not_same JOURNAL
    for serial in DATA JOURNAL XFS BTRFS; do
        if cmp -s "$(image_of "$serial")" "before-$serial"; then
            echo "# $serial: a read-only mount wrote nothing" | tee -a notes >&2
            expect_complete 3 "$serial"
        else
            expect_unknown 3 "$serial" FOREIGN_WRITE
        fi
    done
    expect_complete 3 ROOT
}

not_same() { ! cmp -s "$(image_of "$1")" "before-$1"; }
