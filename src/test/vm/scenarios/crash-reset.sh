# The machine goes down without a save, each time after a boot that was saved: power lost while files are written, then `reboot -f`, then a
# reset by the kernel. The record is unknown for that reason and no other; the series begun afterwards is exact again.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

machine() {
    usual_machine "$1"
    case $1 in
    2) kill_at writing "$(date +%N | cut -c1-3 | sed 's/^0*//')" ;;
    3) copy_disks ;;
    esac
}

boot1() { first_boot && shut_down; }

boot2() {
    start_early
    boot_up
    marker writing
    while :; do work two; done
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
    shut_down
}

after3() { cp --sparse=always data.img data.saved; }

boot4() {
    start_early
    ask
    boot_up
    work four
    end_with reboot-f
}

# Not saved, and not saved again: the reason stays.
boot5() {
    start_early
    ask
    boot_up
    work five
    come_to_rest
    end_with sysrq-b
}

boot6() { last_boot; }

after6() {
    for boot in 3 5 6; do
        expect_unknown "$boot" DATA UNCLEAN_SHUTDOWN
        expect_unknown "$boot" ROOT UNCLEAN_SHUTDOWN
    done
    cp --sparse=always data.saved data.img
    expect_complete 4 DATA 2
}
