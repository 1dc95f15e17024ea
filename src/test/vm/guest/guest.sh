# Library of the guest: sourced by init before the test's own script. POSIX sh on busybox.
# shellcheck shell=sh

# ---- the machine ----

mount_system() {
    mount -t proc proc /proc
    mount -t sysfs sys /sys
    mount -t devtmpfs dev /dev
    mkdir -p /dev/pts /dev/shm
    mount -t devpts pts /dev/pts
    mount -t tmpfs shm /dev/shm
    mount -t tmpfs run /run
    mount -t tmpfs tmp /tmp
    mkdir -p /run/vm /run/lock
    # These are absent where the kernel was built without them, which is for the test to find out.
    mount_once bpf /sys/fs/bpf
    mount_once tracefs /sys/kernel/tracing
    mount_once debugfs /sys/kernel/debug
    [ -e /etc/mtab ] || ln -s /proc/mounts /etc/mtab
    [ -e /etc/fstab ] || : >/etc/fstab
}

# A second bpffs on the same place would hide the pins of the first.
mount_once() {
    if [ -d "$2" ] && ! grep -q " $2 $1 " /proc/mounts; then mount -t "$1" "$1" "$2" || return 0; fi
}

# Loads modules; one that is built in is fine, one that cannot be had is an error.
load() {
    for module; do modprobe "$module" || die "module $module cannot be loaded"; done
}

# The value of a word of the kernel command line ("vm.boot=2").
boot_argument() {
    sed -n "s/.*\\b$1=\\([^ ]*\\).*/\\1/p" /proc/cmdline
}

boot_number() { boot_argument vm.boot; }

# ---- devices ----

# wait_for PATH [SECONDS]
wait_for() {
    tries=$((${2:-10} * 10))
    while [ ! -e "$1" ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || die "$1 did not appear"
        sleep 0.1
    done
}

# The device node of the disk with this serial, whatever its name is in this boot.
disk() {
    for disk_try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        for disk_path in /sys/block/*; do
            if [ "$(disk_serial "$disk_path")" = "$1" ]; then
                echo "/dev/${disk_path##*/}"
                return
            fi
        done
        sleep 0.1
    done
    die "no disk with serial $1 (attempt $disk_try)"
}

disk_serial() {
    if [ -e "$1/serial" ]; then
        cat "$1/serial"
    elif [ -e "$1/device/serial" ]; then
        # NVMe pads it with blanks.
        sed 's/ *$//' "$1/device/serial"
    elif [ -e "$1/device/vpd_pg80" ]; then
        # Page 80h: a header of 4 bytes, then the serial.
        tail -c +5 "$1/device/vpd_pg80" | tr -d '\0 '
    fi
}

# ---- talk to the host ----

# A whole line on the console at once: what several programs print to it at the same time would be mixed.
tell() { echo "<1>$*" >/dev/kmsg; }

# The host may kill the machine when it sees this (run-vm --kill-after-marker).
marker() { tell "BLKTRACK-VM-MARKER $*"; }

note() { echo "# $*"; }

ok() { echo "ok - $*"; }

fail() {
    echo "not ok - $*"
    exit 1
}

die() {
    echo "guest: $*" >&2
    exit 99
}

# expect WHAT COMMAND...: the command must succeed.
expect() {
    expect_what=$1
    shift
    if "$@"; then ok "$expect_what"; else fail "$expect_what (status $?: $*)"; fi
}

# expect_status N WHAT COMMAND...
expect_status() {
    expect_wanted=$1 expect_what=$2
    shift 2
    expect_got=0
    "$@" || expect_got=$?
    [ "$expect_got" = "$expect_wanted" ] || fail "$expect_what (status $expect_got, not $expect_wanted: $*)"
    ok "$expect_what"
}

# send FOLDER NAME...: files for the host's --out folder; what was sent stays sent, even if the machine is killed.
send() {
    send_folder=$1
    shift
    tar -c -f - -C "$send_folder" "$@" >"$(port files)"
}

# result STATUS: what the host takes as the outcome. Needed only before ending the machine in a way of one's own.
result() {
    echo "$1" >"$(port result)"
    tell "BLKTRACK-VM-RESULT rc=$1"
}

port() {
    for port_path in /sys/class/virtio-ports/*; do
        if [ "$(cat "$port_path/name")" = "$1" ]; then
            echo "/dev/${port_path##*/}"
            return
        fi
    done
    echo "guest: no port $1 to the host" >&2
    echo /dev/console
}

# ---- the end ----

# How init ends the machine once the script is through: clean (the default), reboot-f, sysrq-b.
end_with() { echo "$1" >/run/vm/end; }

end_machine() {
    case $1 in
    reboot-f) reboot -f ;;
    sysrq-b) echo b >/proc/sysrq-trigger ;;
    *) clean_end ;;
    esac
    sleep 60
}

# As an init system leaves: everything flushed, unmounted or read-only.
clean_end() {
    sync
    awk '$1 ~ "^/dev/" { print $2 }' /proc/mounts | sort -r | while read -r place; do
        umount "$place" 2>/dev/null || mount -o remount,ro "$place"
    done
    poweroff -f
}

# kexec_again WORD...: the same kernel and initramfs once more, without a reset (run-vm --kexec).
kexec_again() {
    kexec -l /boot/vmlinuz --initrd=/boot/initrd --command-line="$(cat /proc/cmdline) $*"
    kexec -e
    sleep 60
}
