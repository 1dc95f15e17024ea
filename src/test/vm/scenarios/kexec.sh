# A kexec is a reboot: exact with a save before it, unknown without.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

scenario_memory=384

machine() {
    usual_machine "$1"
    case $1 in
    2 | 3) with --kexec ;;
    esac
}

boot1() { first_boot && shut_down; }

# Twice through here: the second time in the kernel that the first has started.
boot2() {
    if [ "$(boot_argument vm.kexec)" ]; then
        last_boot
        expect "the record is saved" helper clear_dirtyflag
        return
    fi
    good_boot two
    kexec_again vm.kexec=1
}

boot3() {
    if [ "$(boot_argument vm.kexec)" ]; then
        last_boot
        return
    fi
    start_early
    boot_up
    work three
    come_to_rest
    kexec_again vm.kexec=1
}

after2() {
    expect_complete 2 DATA
}

after3() {
    expect_unknown 3 DATA UNCLEAN_SHUTDOWN
    expect_unknown 3 ROOT UNCLEAN_SHUTDOWN
}
