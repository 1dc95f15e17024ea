# The start runs late, from the read-only root file system, and finds the table by its file: on XFS, written by address under the mount.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

# A read-only mount of XFS writes: as root its record could not be kept by a start that comes after it.
tracked='DATA' root_type=xfs data_type=ext4

late() {
    load xfs
    mount_root
    expect "tracking starts" helper start --tracking
}

boot1() {
    load xfs
    first_boot
    shut_down
}

boot2() {
    late
    root_writable
    mount_data
    work two
    shut_down
}

boot3() {
    late
    ask
}

after3() { expect_complete 3 DATA; }
