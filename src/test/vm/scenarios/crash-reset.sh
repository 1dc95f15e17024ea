# The machine goes down without a save: reset by the kernel, `reboot -f`, and the power cut while files are written. Each time
# the record is unknown, and the series that is begun afterwards is exact again.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

machine() {
    usual_machine "$1"
    case $1 in
    2) kill_at writing "$(date +%N | cut -c1-3 | sed 's/^0*//')" ;;
    4) copy_disks ;;
    esac
}

boot1() {
    first_boot
    end_with reboot-f
}

# Not saved, and not saved again: the first reason stays.
boot2() {
    start_early
    ask
    boot_up
    marker writing
    while :; do work two; done
}

boot3() {
    start_early
    ask
    boot_up
    work three
    come_to_rest
    end_with sysrq-b
}

boot4() {
    start_early
    ask
    for serial in $tracked; do
        agent new_series slot="$(field_of "$serial" slot)" change_id="$(change_id "$serial" 2)" >/tmp/series
        take_copy "$serial"
    done
    boot_up
    work four
    shut_down
}

boot5() { last_boot; }

after5() {
    for boot in 2 3 4; do
        expect_unknown "$boot" DATA UNCLEAN_SHUTDOWN
        expect_unknown "$boot" ROOT UNCLEAN_SHUTDOWN
    done
    expect_complete 5 DATA 2
    expect_complete 5 ROOT 2
}
