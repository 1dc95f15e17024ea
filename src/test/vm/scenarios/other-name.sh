# The disks in another order, so that each has the other's name; then DATA on another bus, where it has another identity: there nothing is
# answered from the record, and nothing of it is lost when it comes back as it was.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

machine() {
    case $1 in
    2)
        attach data,serial=DATA && attach root,serial=ROOT
        boot_image "$1"
        ;;
    3)
        attach data,if=scsi,serial=DATA && attach root,serial=ROOT
        boot_image "$1"
        ;;
    *) usual_machine "$1" ;;
    esac
}

boot1() { first_boot && shut_down; }

boot2() {
    start_early
    note "DATA is $(disk DATA), ROOT is $(disk ROOT)"
    expect "the names have changed places" [ "$(disk DATA)" = /dev/vda ]
    ask
    boot_up
    work two
    shut_down
}

# ROOT is tracked and written to, DATA is left alone.
boot3() {
    start_early
    ask
    mount_root
    root_writable
    shut_down
}

boot4() { last_boot; }

after4() {
    expect_complete 4 DATA
    expect_complete 4 ROOT
    check "a record of another bus's disk was used: $(cat out3/DATA.volume)" [ ! -s out3/DATA.volume ]
}
