# A disk goes and comes back under its old name and number, as one that is pulled and put back does: what was done to it meanwhile is not known, on any
# kernel (5.10 has no sequence numbers of disks). A new series then is exact, through a reboot too. One that is gone at the
# shutdown is unknown, and the others are not.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

verdict_of() { agent audit | awk -v RS= -v want="slot=$(field_of "$1" slot)" '{ n = split($0, line, "\n"); for (i = 1; i <= n; i++) if (line[i] == want) print }' | sed -n 's/^verdict=//p'; }

boot1() {
    first_boot
    umount /data
    expect "the audit finds nothing before" [ -z "$(verdict_of DATA)" ]
    unplug DATA
    plug_in
    verdict=$(verdict_of DATA)
    expect "the audit says that the disk is another, not '$verdict'" [ "$verdict" = DEVICE_REPLACED ]
    expect "the audit finds nothing with ROOT" [ -z "$(verdict_of ROOT)" ]
    agent new_series slot="$(field_of DATA slot)" change_id="$(change_id DATA 2)" >/tmp/series || { cat /tmp/series && fail "a new series"; }
    take_copy DATA
    mount_data
    work two
    come_to_rest
    verdict=$(verdict_of DATA)
    expect "the audit finds nothing after, not '$verdict'" [ -z "$verdict" ]
    ask
    expect "the record is saved" helper clear_dirtyflag
}

after1() {
    expect_complete 1 DATA 2
}

boot2() {
    last_boot
    unplug DATA
    expect "the record is saved without it" helper clear_dirtyflag
}

after2() {
    expect_complete 2 DATA 2
    expect_complete 2 ROOT
}

boot3() { last_boot; }

after3() {
    expect_unknown 3 DATA VOLUME_MISSING
    expect_complete 3 ROOT
}
