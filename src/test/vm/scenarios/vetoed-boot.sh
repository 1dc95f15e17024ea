# Boots that are not to be tracked: by the kernel's command line, then by the file on the root file system, seen by a start that runs
# there. Each marks the table, so that the next start knows without looking at the volumes; raw volumes have no other protection.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

data_type=raw trusted_offline='ROOT DATA'

machine() {
    usual_machine "$1"
    case $1 in
    2) with --append blktrack=off ;;
    3) copy_disks ;;
    esac
}

boot1() { first_boot && shut_down; }

boot2() {
    expect_status 5 "the start is refused" helper start --tracking --early
    boot_up
    work two
    come_to_rest
}

boot3() {
    start_early
    ask
    for serial in $tracked; do
        agent new_series slot="$(field_of "$serial" slot)" change_id="$(change_id "$serial" 2)" >/tmp/series
        take_copy "$serial"
    done
    boot_up
    work three
    : >/sysroot/.blktrack_dirty
    shut_down
}

boot4() {
    mount_root
    expect_status 5 "the start is refused" helper start --tracking
    root_writable
    work four
    rm /sysroot/.blktrack_dirty
    come_to_rest
}

boot5() {
    mount_root
    helper start --tracking || note "start: status $?"
    ask
}

after5() {
    expect_unknown 3 DATA VETOED
    expect_unknown 3 ROOT VETOED
    expect_unknown 5 DATA VETOED
    expect_unknown 5 ROOT VETOED
}
