# A volume on device-mapper is released while the root is writable, then taken apart, as systemd does with what does not carry the root; the last save comes
# after that. Untouched since, its record is exact. Written since, made anew, without a last save: unknown.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

scenario_tools='dmsetup'
home_identity=dm:LVM-homehomehomehomehomehomehomehome

home() {
    identity=$home_identity
    "$@"
    identity=
}

# make_home [NUMBER]: under that minor number.
make_home() {
    dmsetup create home ${1:+--major "$(awk '$2 == "device-mapper" { print $1 }' /proc/devices)" --minor "$1"} --uuid "${home_identity#dm:}" --table "0 65536 linear $(disk DATA) 0" &&
        dmsetup mknodes
}

home_up() {
    load dm-mod
    start_early
    make_home
    helper start --tracking || note "start: status $?"
}

mount_home() {
    mkdir -p /data
    mount -t ext4 /dev/mapper/home /data
}

change_home() {
    mount_home
    work "$1"
    umount /data
}

release() { expect "home is released" helper release home; }

take_apart() { expect "home is taken apart" dmsetup remove home; }

finish() {
    root_read_only
    expect "the record is saved" helper clear_dirtyflag
}

leave() {
    release
    take_apart
    finish
}

trust() { home field_of DATA trust; }

begin_anew() { agent new_series slot="$(home field_of DATA slot)" change_id="$(change_id DATA "$1")" >/tmp/series || { cat /tmp/series && fail "a new series"; }; }

ask_home() {
    ask ROOT
    home ask DATA
}

# Up, with the answer, and from there on a new series.
next() {
    home_up
    mount_root
    root_writable
    ask_home
    [ "$(trust)" = COMPLETE ] || begin_anew "$1"
    expect "home is complete before" [ "$(trust)" = COMPLETE ]
    change_home "$1"
}

boot1() {
    load dm-mod
    install_root
    expect "nothing is tracked yet, and a release says nothing" helper release home
    make_home
    enable_volume ROOT
    agent enable device=/dev/mapper/home granule_bytes="$granule_bytes" trust_offline=0 require_persistent=1 >/tmp/enabled ||
        { cat /tmp/enabled && fail "enabling home"; }
    expect "home has its name" grep -q "^identity=$home_identity" /tmp/enabled
    root_read_only
    begin ROOT
    home begin DATA
    root_writable
    send_early
    mount_home
    work one
    status=0
    helper release home >/tmp/refused 2>&1 || status=$?
    expect "a mounted volume is not released: $status" [ "$status" = 5 ]
    expect "the refusal says so: $(cat /tmp/refused)" grep -q 'still mounted read-write' /tmp/refused
    umount /data
    leave
}

# Asked, and not written at all.
boot2() {
    home_up
    mount_root
    root_writable
    ask_home
    leave
}

after2() {
    expect_complete 2 DATA
    expect_complete 2 ROOT
}

# Written after the release, and still there: saved as if there had been none.
boot3() {
    next two
    release
    change_home three
    finish
}

boot4() { boot2; }

after4() { expect_complete 4 DATA; }

boot5() {
    next four
    release
    echo late | dd of=/dev/mapper/home bs=4096 seek=6000 conv=notrunc,fsync 2>/dev/null
    take_apart
    finish
}

boot6() {
    next five
    release
    change_home six
    take_apart
    finish
}

after6() { expect_unknown 6 DATA VOLUME_MISSING "written or sent a command after it was released"; }

# Made anew under another number, and there.
boot7() {
    next seven
    release
    take_apart
    make_home 7
    finish
}

after7() { expect_unknown 7 DATA VOLUME_MISSING "written or sent a command after it was released"; }

# Made anew, mounted, and gone again, without a word from udev.
boot8() {
    next eight
    release
    take_apart
    make_home 7
    change_home nine
    take_apart
    finish
}

after8() { expect_unknown 8 DATA VOLUME_MISSING "was made since"; }

# Made anew, written beneath its file system, and gone again: udev calls the start.
boot9() {
    next ten
    release
    take_apart
    make_home 7
    helper start --tracking || note "start: status $?"
    echo beneath | dd of=/dev/mapper/home bs=4096 seek=8191 conv=notrunc,fsync 2>/dev/null
    take_apart
    finish
}

after9() { expect_unknown 9 DATA FOREIGN_WRITE; }

boot10() {
    next eleven
    release
    agent checkpoint slot="$(home field_of DATA slot)" change_id="$(change_id DATA 11)" consistency=freeze timeout_ms=1000 >/tmp/closed ||
        { cat /tmp/closed && fail "a checkpoint"; }
    take_apart
    finish
}

after10() { expect_unknown 10 DATA VOLUME_MISSING "went while it was tracked"; }

# Refreshed while it is there, which leaves no fingerprint.
boot11() {
    next twelve
    release
    agent table_refresh >/tmp/refreshed || { cat /tmp/refreshed && fail "a refresh"; }
    take_apart
    finish
}

after11() { expect_unknown 11 DATA VOLUME_MISSING; }

# No last save.
boot12() {
    next thirteen
    release
    take_apart
    root_read_only
}

after12() { expect_unknown 12 DATA VOLUME_MISSING "went while it was tracked"; }

boot13() {
    home_up
    ask_home
}

after13() {
    expect_unknown 13 DATA UNCLEAN_SHUTDOWN
    expect_unknown 13 ROOT UNCLEAN_SHUTDOWN
}
