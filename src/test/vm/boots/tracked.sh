# The scenario "tracked": the root volume, tracked from the early boot by the real helper, through reboots, a crash and a foreign write.
# shellcheck shell=bash disable=SC2154 # read by boot-test, which sets machine, work and boots
#
# Design
# - The guest has no Java: it speaks to the helper's agent. What the product does on the host's side of an installation is done by the
#   product: 'boot install' makes the hooks, 'boot reapply' builds the image anew once early.conf has come back from the guest.
# - The truth is a copy of the disk, taken by the host while the guest holds its file system frozen between the checkpoint and the
#   first write. Later the disk is held against it while the guest is frozen again: every granule that differs must be marked.
# - Whether the start came before the first write needs no clock: the kernel counts what was written to root before, and the record would
#   be unknown (WRITE_BEFORE_ATTACH).
# - "Complete" must be earned: nothing missed, something changed, less than half of the volume reported.

least_differing=20

# The helper and the small programs that stand in for the daemon.
build_programs() {
    local program native=$project/target/native
    mkdir -p "$project/target/vm"
    if [[ ! ${HELPER:-} ]]; then make -s -C "$project/src/main/c" "OUT=$native"; fi
    export HELPER=${HELPER:-$native/blktrack-helper}
    for program in agent_talk marks; do
        gcc -static -O2 -D_GNU_SOURCE "$project/src/test/c/$program.c" -o "$project/target/vm/${program/_/-}"
    done
}

# begin_boot NUMBER STEP ARGUMENT...: in the background.
begin_boot() {
    log=$work.$1.log mail=$work.$1.mail
    local step=$2
    shift 2
    rm -f "$log" "$mail" "$work.pid"
    : >"$log"
    truncate -s 16M "$mail"
    DISK=${DISK_NOW:-$work.disk} MAIL=$mail PIDFILE=$work.pid boot "$work" "$log" "guest.tracked=$step" "guest.device=${tracked_device:-/dev/vda}" "$@" 2>/dev/null &
    machine_job=$!
    boot_began=$SECONDS
}

# wait_for PATTERN: in the console's log; false when the guest has failed or the machine has ended.
wait_for() {
    until has "$log" "$1"; do
        if has "$log" 'guest: FAILED|Kernel panic' || ! kill -0 "$machine_job" 2>/dev/null; then
            has "$log" "$1" && return
            grep -aE 'guest: FAILED|Kernel panic' "$log" | sed 's/^/      /'
            return 1
        fi
        sleep 0.2
    done
}

answer() { printf %s "$1" | dd of="$mail" conv=notrunc status=none; }

kill_machine() {
    kill -KILL "$(cat "$work.pid")" 2>/dev/null || true
    wait "$machine_job" || true
}

end_boot() {
    local status=0
    wait "$machine_job" || status=$?
    echo "      boot $1 took $((SECONDS - boot_began)) s, up after $(up "$log") s"
    return $status
}

# The archive that the guest has sent.
fetch() {
    rm -rf "$work.$1.box"
    mkdir -p "$work.$1.box"
    dd if="$mail" bs=64k skip=16 status=none | tar -x -C "$work.$1.box" 2>/dev/null || true
    grep -aoE 'guest: (root is|FAILED) .*' "$log" | tail -1 | sed 's/^/      /' || true
}

# told BOOT FIELD: of the volume's record.
told() { sed -n "s/^$2=//p" "$work.$1.box/volume" 2>/dev/null | head -1; }
is() { [[ $(told "$1" "$2") = "$3" ]]; }

# Root's volume inside the disk's image.
part() {
    if [[ ${volume_offset:-0} = 0 ]]; then
        ln -f "$1" "$2"
    else
        dd if="$1" of="$2" iflag=skip_bytes,count_bytes bs=1M skip="$volume_offset" count="$volume_bytes" conv=sparse status=none
        truncate -s "$volume_bytes" "$2"
    fi
}

# exact BOOT OLD NEW: the marks of that boot tell the two apart.
exact() {
    local figures
    figures=$("$project/target/vm/marks" compare "$work.$1.box/marks" 65536 "$2" "$3") || return 1
    echo "$figures" >"$work.figures"
    [[ $figures =~ granules=([0-9]+)\ differing=([0-9]+)\ reported=([0-9]+)\ missed=([0-9]+) ]] || return 1
    ((BASH_REMATCH[4] == 0 && BASH_REMATCH[2] >= least_differing && BASH_REMATCH[3] * 2 < BASH_REMATCH[1]))
}

went_down() {
    ok "boot $1: the machine went down" has "$log" 'reboot: (Power down|Restarting system)'
    ok "boot $1: no unit failed" lacks "$log" 'guest: failed unit'
    ok "boot $1: the helper had nothing to complain of" lacks "$log" 'blktrack: (start|clear)|blktrack-helper: '
    ok "boot $1: nor had the kernel" lacks "$log" 'BUG:|Oops|Call Trace|blocked for more than'
}

# Boot 1, on a disk that is made for it: root is enabled, and the boot image learns where the table lies.
enable_root() {
    begin_boot 1 first guest.reboot
    if wait_for 'guest: still copy'; then
        cp --sparse=always "$work.disk" "$work.copy"
        answer copy
    fi
    end_boot 1 || true
    fetch 1
    ok "boot 1: root is enabled, its table reached by address" grep -q '^extent=' "$work.1.box/early.conf"
    ok "boot 1: and called persistent" is 1 persistent yes
    went_down 1

    install -D -m 644 "$work.1.box/early.conf" "$work/etc/blktrack/early.conf"
    blktrack boot verify --root "$work" >"$work.verify" || true
    if [[ $machine != *redhat ]]; then ok "verify says that the image is behind early.conf" grep -q early.conf "$work.verify"; fi
    ok "reapply takes early.conf into the image" blktrack boot reapply --root "$work"
    ok "and verify is content" blktrack boot verify --root "$work"
}

# What every machine goes through.
tracked_reboots() {
    enable_root
    begin_boot 2 write guest.reboot
    end_boot 2 || true
    fetch 2
    ok "boot 2: trust is $(told 2 trust) $(told 2 reason)" is 2 trust COMPLETE
    ok "boot 2: the saved record was merged" grep -q '^result=merged' "$work.2.box/start.report"
    went_down 2

    begin_boot 3 ask
    if wait_for 'guest: still ask'; then
        fetch 3
        cp --sparse=always "$work.disk" "$work.now"
        answer ask
        part "$work.copy" "$work.part.old"
        part "$work.now" "$work.part.new"
        ok "boot 3: every changed granule is reported, and not half of them all" exact 3 "$work.part.old" "$work.part.new"
        sed 's/^/      /' "$work.figures"
        rm -f "$work.part.old" "$work.part.new" "$work.now"
    fi
    ok "boot 3: trust is $(told 3 trust) $(told 3 reason)" is 3 trust COMPLETE
    ok "boot 3: the change id is the checkpoint's" is 3 epoch 11111111111111111111111111111111
    ok "boot 3: persistent" is 3 persistent yes
    ok "boot 3: the audit agrees" grep -qx 'verdict=' "$work.3.box/audit"
    ok "boot 3: the start report says merged" grep -q '^result=merged' "$work.3.box/start.report"
    wait_for 'guest: ready to be killed' || true
    kill_machine

    begin_boot 4 begin
    end_boot 4 || true
    fetch 4
    ok "boot 4, after the crash: $(told 4 trust) $(told 4 reason)" is 4 reason UNCLEAN_SHUTDOWN
    went_down 4
}

# A helper whose work is stopped (SIGSTOP on the child): boot and shutdown go on, and the record is unknown after either.
scenario_stopped() {
    build_programs
    gcc -static -O2 -D_GNU_SOURCE "-DHELPER=\"$HELPER\"" "$project/src/test/c/stop_child.c" -o "$project/target/vm/stop-child"
    HELPER=$project/target/vm/stop-child "$boots/prepare" "$machine" hooks "$work"
    make_disk "$work.disk" "$work"
    enable_root

    begin_boot 2 change guest.stop_child=start guest.reboot
    end_boot 2 || true
    ok "boot 2, each start's child stopped: the guest came up, no unit failed" came_up
    ok "boot 2: start came back after $(kept_waiting start)" came_back start
    ok "boot 2: the machine went down" has "$log" 'reboot: (Power down|Restarting system)'

    begin_boot 3 begin guest.stop_child=clear_dirtyflag
    end_boot 3 || true
    fetch 3
    ok "boot 3, after one that was not tracked: $(told 3 trust) $(told 3 reason)" is 3 trust UNKNOWN
    ok "boot 3, the save's child stopped: it came back after $(kept_waiting clear_dirtyflag)" came_back clear_dirtyflag
    ok "boot 3: the machine went down" has "$log" 'reboot: (Power down|Restarting system)'

    begin_boot 4 tell
    end_boot 4 || true
    fetch 4
    ok "boot 4, after one that was not saved: $(told 4 trust) $(told 4 reason)" is 4 reason UNCLEAN_SHUTDOWN
    went_down 4
    rm -rf "$work".*.mail "$work.copy"
}

came_up() { has "$log" 'guest: up' && lacks "$log" 'guest: failed unit'; }
kept_waiting() { grep -aoE "stop_child: $1 came back after [0-9]+ ms" "$log" | grep -oE '[0-9]+ ms' | paste -sd, ; }
came_back() { has "$log" "stop_child: $1 came back after" && lacks "$log" "stop_child: $1 came back after ([2-9][0-9]{3}|[0-9]{5,}) ms"; }

# How much longer a boot takes with root tracked than on the same disk without the hooks. The guest's clock goes by its instructions, 10^9 a
# second, so the figure is that of a slow processor and not of a busy host.
scenario_delay() {
    build_programs
    "$boots/prepare" "$machine" hooks "$work"
    make_disk "$work.disk" "$work"
    enable_root
    export STEADY_CLOCK=yes
    begin_boot 2 tell
    end_boot 2 || true
    fetch 2
    ok "boot 2: trust is $(told 2 trust) $(told 2 reason)" is 2 trust COMPLETE
    went_down 2
    ok "the hooks are removed from the disk, and from its boot image" on_disk "$work.disk" remove_hooks
    begin_boot 3 plain
    end_boot 3 || true
    ok "boot 3, without hooks: not tracked" lacks "$log" 'guest: (report|tracked)'
    local with without
    with=$(up "$work.2.log") without=$(up "$work.3.log")
    ok "up after $with s with hooks, $without s without: $(minus "$with" "$without") s, at most 1 s more" at_most "$(minus "$with" "$without")" 1.0
    ok "the start itself took $(sed -n 's/^elapsed_ms=//p' "$work.2.box/start.report") ms" [ -s "$work.2.box/start.report" ]
    rm -rf "$work".*.mail "$work.copy"
}

# In the disk's file system; the machine is then booted with the image that comes of it.
remove_hooks() {
    blktrack boot remove --root "$PWD" >"$work.remove" && cp boot/initrd.img-* "$work/boot/"
}

# A clean boot again, a write from outside, and the removal.
tracked_foreign() {
    begin_boot 5 tell
    end_boot 5 || true
    fetch 5
    ok "boot 5: the new series is $(told 5 trust) $(told 5 reason)" is 5 trust COMPLETE
    ok "boot 5: from its own change id" is 5 epoch 22222222222222222222222222222222
    went_down 5

    on_disk "$work.disk" sh -c 'echo foreign >root/foreign'
    begin_boot 6 tell
    end_boot 6 || true
    fetch 6
    ok "boot 6, after a write from outside: $(told 6 trust) $(told 6 reason)" is 6 reason FOREIGN_WRITE
    ok "boot 6: with the evidence" [ "$(told 6 evidence)" ]

    ok "the hooks are removed from the disk, and from its boot image" on_disk "$work.disk" remove_hooks
    begin_boot 7 plain
    end_boot 7 || true
    ok "boot 7, the hooks removed from the image: not tracked" lacks "$log" 'guest: (report|tracked)'
    ok "boot 7: the machine went down" has "$log" 'reboot: (Power down|Restarting system)'
}

# Root on a logical volume, or encrypted: the disk is made inside a machine, because it takes a kernel with device-mapper.
stacked_disk() {
    local plain=$work.plain
    if [[ $1 = luks ]]; then
        mkdir -p "$work/etc/keys"
        printf 'only a test' >"$work/etc/keys/root.key"
        chmod 600 "$work/etc/keys/root.key"
        echo 'cryptroot /dev/vda /etc/keys/root.key luks,initramfs' >"$work/etc/crypttab"
        echo 'KEYFILE_PATTERN="/etc/keys/*.key"' >>"$work/etc/cryptsetup-initramfs/conf-hook"
        echo 'UMASK=0077' >>"$work/etc/initramfs-tools/initramfs.conf"
    fi
    make_disk "$plain" "$work"
    make_disk "$work.disk" none raw
    TARGET=$work.disk DISK_NOW=$plain begin_boot 0 "make-$1"
    end_boot 0 || true
    fetch 0
    rm -f "$plain"
    volume_offset=$(sed -n 's/^offset=//p' "$work.0.box/place")
    volume_bytes=$(sed -n 's/^length=//p' "$work.0.box/place")
    ok "the disk is made, its volume at byte ${volume_offset:-?}" [ "$volume_offset" ]
}

scenario_tracked() {
    build_programs
    "$boots/prepare" "$machine" hooks "$work"
    case $scenario in
        tracked-xfs)
            echo '/dev/vda / xfs defaults 0 0' >"$work/etc/fstab"
            make_disk "$work.disk" "$work" xfs
            ;;
        tracked-lvm)
            stacked_disk lvm
            export ROOT=/dev/mapper/vg-root
            tracked_device=$ROOT
            ;;
        tracked-luks)
            stacked_disk luks
            blktrack boot verify --root "$work" >"$work.verify" || true
            (chroot_tree update-initramfs -u) || true
            export ROOT=/dev/mapper/cryptroot
            tracked_device=$ROOT
            ;;
        *) make_disk "$work.disk" "$work" ;;
    esac
    tracked_reboots
    if [[ $scenario = tracked-long ]]; then tracked_foreign; fi
    rm -rf "$work".*.mail "$work.copy"
}

chroot_tree() {
    # shellcheck disable=SC2016 # for the inner shell
    unshare --mount sh -c 'mount -t proc proc "$1/proc" && mount -t sysfs sysfs "$1/sys" && exec chroot "$@"' sh "$work" "$@" >"$work.chroot.log" 2>&1
}
