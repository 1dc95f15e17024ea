# What the reboot scenarios share: a machine whose root file system holds the table, and the proof of its answers.
# Read by the host and by the guest, like the scenarios themselves.
# shellcheck shell=sh disable=SC2034,SC2154
#
# Design
# - The guest's initramfs is the early boot: it starts tracking by early.conf alone, as a boot image would. The disk ROOT is then
#   mounted on /sysroot, and all that follows runs in a chroot there: the table is found by its file, saved by its address.
# - The truth: when a change id is made, at rest, the guest copies the volume to a disk of its own. In the last boot the marks are
#   read before anything is mounted, and the host holds the image against the copy, granule by granule.
# - Change ids are made from the volume's serial and a number, so that the last boot knows which one to expect.
# - The boot waits for the start no longer than a second: on a busy host an emulated machine would be late by nobody's fault.
# - "Complete" must be earned: nothing missed, something changed, and no more than half of the volume reported.

granule_bytes=65536
scenario_timeout=400
tracked='ROOT DATA'       # serials
root_type=ext4 data_type=ext4
early_option=--early
guest_clock=counted       # counted: what the guest's processor does takes the same time however busy the host is; real: time as it comes

# ---- host: the machine ----

image_of() { printf '%s.img\n' "$1" | tr '[:upper:]' '[:lower:]'; }

# format NAME TYPE: in the image, as long as the file is.
format() {
    case $2 in
    ext4) mkfs.ext4 -q -F "$1.img" ;;
    xfs) mkfs.xfs -q -f --unsupported "$1.img" >/dev/null ;;
    btrfs) mkfs.btrfs -q -f "$1.img" >/dev/null ;;
    raw) ;;
    esac
}

size_for() {
    case $1 in
    xfs) echo 64M ;;
    btrfs) echo 128M ;;
    *) echo "$2" ;;
    esac
}

setup() {
    new_disk root "$(size_for "$root_type" 48M)"
    new_disk data "$(size_for "$data_type" 32M)"
    format root "$root_type"
    format data "$data_type"
}

machine() { usual_machine "$1"; }

usual_machine() {
    attach root,serial=ROOT
    attach data,serial=DATA
    boot_image "$1"
}

# What a boot image carries, as of the boot before; and in boot 1 the disks that take the copies.
boot_image() {
    early_number=$1
    while [ "$early_number" -gt 1 ]; do
        early_number=$((early_number - 1))
        if [ -e "out$early_number/early.conf" ]; then
            with --add "$PWD/out$early_number/early.conf:/etc/blktrack/early.conf"
            break
        fi
    done
    if [ "$1" = 1 ]; then copy_disks; fi
    # Without "sleep" a wait for the disk would jump to the next timer, and the start's second be over.
    if [ "$guest_clock" = counted ]; then with --qemu -icount --qemu shift=0,sleep=on; fi
}

copy_disks() {
    for copied in $tracked; do
        copied_image=$(image_of "$copied")
        copied_name=copy-${copied_image%.img}
        rm -f "$copied_name.img"
        truncate -s "$(stat -c %s "$copied_image")" "$copied_name.img"
        attach "$copied_name,serial=COPY-$copied"
    done
}

# ---- host: the answers ----

# answer BOOT SERIAL FIELD: of the volume's record as it was in that boot; empty: no such volume.
answer() { sed -n "s/^$3=//p" "out$1/$2.volume" 2>/dev/null; }

# expect_complete BOOT SERIAL [NUMBER]: nothing missed since the change id of that number.
expect_complete() {
    check "boot $1: $2 is $(answer "$1" "$2" trust) $(answer "$1" "$2" reason): $(answer "$1" "$2" evidence)" \
        [ "$(answer "$1" "$2" trust)" = COMPLETE ]
    check "boot $1: $2 has another change id" [ "$(answer "$1" "$2" epoch)" = "$(change_id "$2" "${3:-1}")" ]
    expect_exact "$1" "$2" "${truth_missed:-0}"
}

# expect_exact BOOT SERIAL MISSED
expect_exact() {
    exact_new=$(image_of "$2")
    figures=$("$MARKS" compare "out$1/$2.marks" "$granule_bytes" "copy-$exact_new" "$exact_new") ||
        failed_because "boot $1: the marks of $2 cannot be compared"
    echo "# boot $1: $2: $figures" | tee -a notes >&2
    figure differing && differing=$value && figure reported && reported=$value && figure missed && missed=$value && figure granules
    check "boot $1: $2: $missed changed granules are not reported" [ "$missed" = "$3" ]
    check "boot $1: $2: nothing changed, so nothing is proved" [ "$differing" -ge "${least_differing:-4}" ]
    check "boot $1: $2: $reported of $value granules reported: too many to prove anything" [ $((reported * 2)) -lt "$value" ]
}

figure() { value=$(printf '%s\n' "$figures" | sed "s/.*\\b$1=\\([0-9]*\\).*/\\1/"); }

# expect_unknown BOOT SERIAL REASON [EVIDENCE]
expect_unknown() {
    echo "# boot $1: $2: $(answer "$1" "$2" trust) $(answer "$1" "$2" reason): $(answer "$1" "$2" evidence)" | tee -a notes >&2
    check "boot $1: $2 is $(answer "$1" "$2" trust) $(answer "$1" "$2" reason), not UNKNOWN $3: $(answer "$1" "$2" evidence)" \
        [ "$(answer "$1" "$2" trust) $(answer "$1" "$2" reason)" = "UNKNOWN $3" ]
    case $(answer "$1" "$2" evidence) in
    *${4-}*) ;;
    *) failed_because "boot $1: the evidence for $2 does not say '$4': $(answer "$1" "$2" evidence)" ;;
    esac
}

# ---- host: the table by its address, as early.conf has it ----

# table_bytes early.conf FILE: the table's bytes out of root.img.
table_read() {
    : >"$2"
    sed -n 's/^extent=//p' "$1" | while read -r file_offset device_offset length; do
        dd if=root.img of="$2" bs=4096 skip=$((device_offset / 4096)) seek=$((file_offset / 4096)) count=$((length / 4096)) \
            conv=notrunc status=none
    done
}

table_write() {
    sed -n 's/^extent=//p' "$1" | while read -r file_offset device_offset length; do
        dd if="$2" of=root.img bs=4096 skip=$((file_offset / 4096)) seek=$((device_offset / 4096)) count=$((length / 4096)) \
            conv=notrunc status=none
    done
}

# ---- both ----

change_id() { printf '%s %s' "$1" "$2" | md5sum | cut -c1-32; }

# ---- guest: the programs ----

in_root() {
    if grep -q ' /sysroot ' /proc/mounts; then chroot /sysroot "$@"; else "$@"; fi
}

helper() { in_root /sbin/blktrack-helper "$@"; }

agent() { in_root /sbin/agent-talk /sbin/blktrack-helper "$@"; }

# volume_of SERIAL: the tracker's record of that volume, or nothing.
volume_of() {
    agent volumes | awk -v RS= -v want="identity=${identity:-serial:$1}" '{ n = split($0, line, "\n"); for (i = 1; i <= n; i++) if (line[i] == want) print }'
}

field_of() { volume_of "$1" | sed -n "s/^$2=//p"; }

# ---- guest: disks that come and go (virtio) ----

# unplug SERIAL, and put what was unplugged back in: under its old name and number, for nothing else has come.
unplug() {
    plugged=$(disk "$1")
    plugged_number=$(cat "/sys/block/${plugged#/dev/}/dev")
    echo 1 >"$(readlink -f "/sys/block/${plugged#/dev/}/device/..")/remove"
    expect "the disk is gone" [ ! -e "/sys/block/${plugged#/dev/}" ]
}

plug_in() {
    echo 1 >/sys/bus/pci/rescan
    for second in 1 2 3 4 5; do
        [ ! -b "$plugged" ] || break
        sleep 1
    done
    expect "the disk is back in its place" [ "$(cat "/sys/block/${plugged#/dev/}/dev")" = "$plugged_number" ]
}

# ---- guest: boot and shutdown ----

# As the initramfs does. The boot goes on whatever comes of it.
start_early() { helper start --tracking $early_option || note "start: status $?"; }

mount_root() {
    mkdir -p /sysroot
    mount -t "$root_type" -o ro "$(disk ROOT)" /sysroot
    for place in dev proc sys run; do
        [ ! -d "/sysroot/$place" ] || mount -o rbind "/$place" "/sysroot/$place"
    done
}

root_writable() { mount -o remount,rw /sysroot; }

root_read_only() {
    sync
    mount -o remount,ro /sysroot
}

mount_data() {
    mkdir -p /data
    mount -t "$data_type" "$(disk DATA)" /data
}

boot_up() {
    mount_root
    root_writable
    [ "$data_type" = raw ] || mount_data
}

# All is at rest, nothing can be written any more.
come_to_rest() {
    sync
    ! grep -q ' /data ' /proc/mounts || umount /data
    root_read_only
}

shut_down() {
    come_to_rest
    expect "the record is saved" helper clear_dirtyflag
}

send_early() {
    mkdir -p /tmp/early
    cp /sysroot/etc/blktrack/early.conf /tmp/early/
    send /tmp/early early.conf
}

# ---- guest: a first boot ----

install_root() {
    mkdir -p /sysroot
    mount -t "$root_type" "$(disk ROOT)" /sysroot
    for place in dev proc sys run sbin etc tmp var/lib; do mkdir -p "/sysroot/$place"; done
    cp /sbin/blktrack-helper /sbin/agent-talk /sysroot/sbin/
    # The scenarios are their own boot hooks; this is what tells the helper that there are some.
    mkdir -p /sysroot/var/lib/blktrack
    echo '{"complete": true}' >/sysroot/var/lib/blktrack/boot.json
    for place in dev proc sys run; do mount -o rbind "/$place" "/sysroot/$place"; done
}

enable_volume() {
    case " ${trusted_offline-} " in *" $1 "*) trusted=1 ;; *) trusted=0 ;; esac
    agent enable "device=$(disk "$1")" granule_bytes="$granule_bytes" trust_offline="$trusted" require_persistent=1 >/tmp/enabled ||
        { cat /tmp/enabled && fail "enabling $1"; }
    grep '^identity' /tmp/enabled
}

# begin SERIAL: a change id, at rest, and the copy that stands for this moment.
begin() {
    agent checkpoint slot="$(field_of "$1" slot)" change_id="$(change_id "$1" "${2:-1}")" consistency=freeze timeout_ms=1000 >/tmp/closed ||
        { cat /tmp/closed && fail "a checkpoint of $1"; }
    agent release "$(grep '^pin=' /tmp/closed)"
    take_copy "$1"
}

take_copy() { dd if="$(disk "$1")" of="$(disk "COPY-$1")" bs=1M iflag=direct oflag=direct 2>/dev/null; }

# Tracking on for all volumes, a change id for each, and the first changes.
first_boot() {
    install_root
    for serial in $tracked; do enable_volume "$serial"; done
    root_read_only
    for serial in $tracked; do begin "$serial"; done
    root_writable
    [ "$data_type" = raw ] || mount_data
    send_early
    work one
}

# ---- guest: changes, and the question ----

# work WORD: some files, of which the next boot's work overwrites a part.
work() {
    dd if=/dev/urandom of="/sysroot/file-$1" bs=64k count=8 2>/dev/null
    if [ "$data_type" = raw ]; then
        dd if=/dev/urandom of="$(disk DATA)" bs=4k seek=$((64 + ${#1} * 100)) count=80 conv=notrunc 2>/dev/null
    else
        dd if=/dev/urandom of="/data/file-$1" bs=64k count=8 2>/dev/null
        [ ! -e /data/shared ] || dd if=/dev/urandom of=/data/shared bs=4k seek=3 count=1 conv=notrunc 2>/dev/null
        [ -e /data/shared ] || dd if=/dev/urandom of=/data/shared bs=4k count=20 2>/dev/null
    fi
    sync
}

# ask [SERIAL...]: sends what the tracker says of each volume, and its marks.
ask() {
    mkdir -p /tmp/answers
    # shellcheck disable=SC2086  # a list
    [ "$#" -gt 0 ] || set -- $tracked
    for serial; do
        volume_of "$serial" >"/tmp/answers/$serial.volume"
        note "$serial: $(field_of "$serial" trust) $(field_of "$serial" reason) $(field_of "$serial" evidence)"
        [ -s "/tmp/answers/$serial.volume" ] || continue
        agent peek slot="$(field_of "$serial" slot)" >/tmp/peeked
        /sbin/marks dump "$(sed -n 's/^pin=//p' /tmp/peeked)" "$(sed -n 's/^words=//p' /tmp/peeked)" >"/tmp/answers/$serial.marks"
        agent release "$(grep '^pin=' /tmp/peeked)"
    done
    agent volumes >/tmp/answers/volumes
    cp /run/blktrack/start.report /tmp/answers/ 2>/dev/null || :
    send /tmp/answers .
}

# The boot in which the question is asked: nothing has been mounted.
last_boot() {
    start_early
    ask
}

# A tracked boot as it should be, with changes.
good_boot() {
    start_early
    boot_up
    work "$1"
    shut_down
}
