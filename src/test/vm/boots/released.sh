# The scenario "released": volumes that do not carry the root, on LVM and encrypted, under systemd. They are unmounted and taken apart before the last save;
# their release services have saved them by then. All truth is in the guest: a copy at the checkpoint, held against the volume later.
# shellcheck shell=bash disable=SC2154 # read by boot-test, as tracked.sh is

data_volumes=(home vault)

# of BOOT VOLUME FIELD
of() { sed -n "s/^$3=//p" "$work.$1.box/$2" 2>/dev/null | head -1; }
of_is() { [[ $(of "$1" "$2" "$3") = "$4" ]]; }

figures_are_right() {
    [[ $(cat "$1") =~ granules=([0-9]+)\ differing=([0-9]+)\ reported=([0-9]+)\ missed=([0-9]+) ]] || return 1
    ((BASH_REMATCH[4] == 0 && BASH_REMATCH[2] >= least_differing && BASH_REMATCH[3] * 2 < BASH_REMATCH[1]))
}

no_cycle() { lacks "$1" 'ordering cycle|Transaction (order is cyclic|is destructive)'; }

released_boot() {
    begin_boot "$1" "$2" guest.reboot systemd.journald.forward_to_console=1
    end_boot "$1" || true
    fetch "$1"
    went_down "$1"
    ok "boot $1: no ordering cycle" no_cycle "$log"
    ok "boot $1: both are promised a release" [ "$(sort "$work.$1.box/promised" | grep -cx 'data-home\|vault')" = 2 ]
}

scenario_released() {
    local name
    build_programs
    "$boots/prepare" "$machine" hooks "$work"
    install -m 755 "$boots/guest/released" "$work/usr/local/sbin/guest-tracked"
    make_disk "$work.disk" "$work"
    DISK_MIB=400 make_disk "$work.target" none raw
    export TARGET=$work.target

    released_boot 1 make
    for name in "${data_volumes[@]}"; do ok "boot 1: $name is called persistent" of_is 1 "$name" persistent yes; done
    install -D -m 644 "$work.1.box/early.conf" "$work/etc/blktrack/early.conf"
    ok "reapply takes early.conf into the image" blktrack boot reapply --root "$work"

    released_boot 2 write
    released_boot 3 ask
    for name in "${data_volumes[@]}"; do
        ok "boot 2: $name is $(of 2 "$name" trust) $(of 2 "$name" reason)" of_is 2 "$name" trust COMPLETE
        ok "boot 3: $name is $(of 3 "$name" trust) $(of 3 "$name" reason)" of_is 3 "$name" trust COMPLETE
        ok "boot 3: every changed granule of $name is reported, and not half of them all" figures_are_right "$work.3.box/$name.figures"
        sed 's/^/      /' "$work.3.box/$name.figures" || true
    done

    begin_boot 4 busy guest.reboot systemd.journald.forward_to_console=1
    end_boot 4 || true
    ok "boot 4, home kept busy: its release was refused" has "$log" 'still mounted read-write on /home'
    ok "boot 4: the machine went down" has "$log" 'reboot: Restarting system'
    released_boot 5 tell
    ok "boot 5: home is $(of 5 home trust) $(of 5 home reason)" of_is 5 home reason VOLUME_MISSING
    ok "boot 5: vault is $(of 5 vault trust) $(of 5 vault reason)" of_is 5 vault trust COMPLETE
    rm -rf "$work".*.mail "$work.target"
}
