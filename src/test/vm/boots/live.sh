# The scenario "live": the product installed on the machine that runs, with its daemon, by its own commands. No command of it runs on the host.
# shellcheck shell=bash disable=SC2154 # read by boot-test, as tracked.sh is

# As it stands in a page for those who install from target/dist: its first block of commands.
install_commands() { awk '/^## /{ here = /From target\/dist/ } here && /^```/ { if (fence++) exit; next } fence' "$project/docs/install.md"; }

live_tree() {
    local kernel spare=5.10.0-spare name
    "$boots/prepare" "$machine" bare "$work"
    # What the page puts there is the helper of target/dist.
    rm "$work/sbin/blktrack-helper"
    install -m 755 "$boots/guest/live" "$work/usr/local/sbin/guest-tracked"
    mkdir -p "$work/root/blktrack/target"
    cp -a "$project/target/dist" "$work/root/blktrack/target/"
    install_commands >"$work/root/blktrack/install.md"
    # A second kernel, whose image no boot uses; and what some systems left behind that came to systemd.
    kernel=$(find "$work/boot" -name 'vmlinuz-*' -printf '%f\n')
    kernel=${kernel#vmlinuz-}
    for name in vmlinuz config System.map initrd.img; do cp "$work/boot/$name-$kernel" "$work/boot/$name-$spare"; done
    cp -al "$work/lib/modules/$kernel" "$work/lib/modules/$spare"
    # With all modules an image takes a soft machine some minutes, and six are built.
    install -D -m 644 /dev/stdin "$work/etc/initramfs-tools/conf.d/small" <<<$'MODULES=dep\nCOMPRESSLEVEL=1'
    install -D -m 755 "$boots/guest/redhat/rc.sysinit" "$work/etc/rc.d/rc.sysinit"
    DISK_MIB=2500 make_disk "$work.disk" "$work"
}

# A boot loader reads the images from root's disk; qemu is given them beside it. Nothing may write to the disk: that would be found out.
load_images() {
    local image
    for image in "$work"/boot/initrd.img-*; do
        rm "$image"
        debugfs -R "dump /boot/${image##*/} $image" "$work.disk" 2>/dev/null
    done
}

live_boot() {
    begin_boot "$1" "$2" guest.reboot
    if [[ ${3:-} ]] && wait_for "guest: still $3"; then
        cp --sparse=always "$work.disk" "$work.$3"
        answer "$3"
    fi
    end_boot "$1" || true
    fetch "$1"
    went_down "$1"
    load_images
}

# printed BOOT NAME LINE: the command printed exactly this line. ended BOOT NAME STATUS.
printed() { grep -qxF -- "$3" "$work.$1.box/$2"; }
ended() { [[ $(cat "$work.$1.box/$2.status") = "$3" ]]; }
same() { cmp -s "$work.$1" "$work.$2"; }

rebuilt_all() {
    local image
    for image in "$work"/boot/initrd.img-*; do printed "$1" "$2" "rebuild /boot/${image##*/}" || return 1; done
}

# In the file of --raw a granule has one bit, written or discarded; the comparison wants words, and as many again for discards.
raw_marks() {
    local marks=$work.2.box/marks
    truncate -s %8 "$marks" && truncate -s $(($(stat -c %s "$marks") * 2)) "$marks"
}

scenario_live() {
    local name
    export BOOT_LIMIT=3000
    build_programs
    live_tree

    live_boot 1 install copy
    for name in install.md daemon modupdate install again boot-status verify enable verify-enabled checkpoint; do
        ok "boot 1: $name ends with 0" ended 1 "$name" 0
    done
    ok "boot 1: modupdate knows that systemd needs no patch" printed 1 modupdate "No initscripts patch is needed on this system."
    ok "boot 1: install says which images it has rebuilt, those of both kernels" rebuilt_all 1 install
    ok "boot 1: and which hooks it has written" printed 1 install "write /usr/lib/systemd/system-shutdown/blktrack"
    ok "boot 1: a second install says that there is nothing to do" printed 1 again "Nothing to do on systemd."
    ok "boot 1: and has touched nothing" same 1.box/installed 1.box/untouched
    ok "boot 1: status goes by PID 1" printed 1 boot-status "init system: systemd (initramfs-tools, systemd)"
    ok "boot 1: root is called persistent" grep -qE '^ *persistent +yes$' "$work.1.box/status"

    live_boot 2 ask now
    ok "boot 2: the initramfs started tracking, and merged the record" grep -q '^result=merged' "$work.2.box/start.report"
    for name in verify status changes raw remove boot-status; do
        ok "boot 2: $name ends with 0" ended 2 "$name" 0
    done
    ok "boot 2: status says COMPLETE" grep -qE '^ *trust +COMPLETE since' "$work.2.box/status"
    ok "boot 2: and persistent" grep -qE '^ *persistent +yes$' "$work.2.box/status"
    ok "boot 2: the answer since boot 1 is complete" printed 2 changes '  "complete": true,'
    raw_marks
    ok "boot 2: every changed granule is reported, and not half of them all" exact 2 "$work.copy" "$work.now"
    sed 's/^/      /' "$work.figures" || true
    ok "boot 2: remove says which images it has rebuilt" rebuilt_all 2 remove
    ok "boot 2: it leaves every other file as it was" same 1.box/before 2.box/after
    ok "boot 2: status says so" printed 2 boot-status "installed: no"

    live_boot 3 plain
    ok "boot 3, without hooks: no start in the initramfs" lacks "$log" 'guest: report'
    ok "boot 3: the old change id is refused" ended 3 changes 3
    ok "boot 3: $(sed -n 's/^ *"evidence": //p' "$work.3.box/changes")" printed 3 changes '  "reason": "NOT_TRACKED_SINCE",'
    ok "boot 3: root is not called persistent" has "$work.3.box/status" '^ *persistent +no: HOOKS_MISSING'
    rm -rf "$work".*.mail "$work.copy" "$work.now"
}
