# LVM's thin snapshots leave the tracked volume's table alone: docs/integration.md's order with them, while files are written. What lies between
# two snapshots is held against each other. A snapshot that is merged back exchanges the content, and ends the series.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

scenario_tools='lvm dmsetup mkfs.ext4'
tracked=DATA # image and copy take the two snapshots
thin=/dev/mapper/truth-volume

setup() {
    new_disk pool 160M
    new_disk data 32M
}

machine() {
    attach pool,serial=POOL
    attach data,serial=DATA
    boot_image "$1"
}

# checkpoint NUMBER: closed; its marks are in /tmp/marks-NUMBER.
checkpoint() {
    agent checkpoint slot="$slot" change_id="$(change_id DATA "$1")" consistency=freeze timeout_ms=1000 >/tmp/closed || { cat /tmp/closed && fail "checkpoint $1"; }
    note "checkpoint $1: $(grep '^rest=' /tmp/closed)"
}

snapshot() { expect "snapshot $1" lvm lvcreate -q -y -K -s -n "$1" truth/volume; }

# copy_snapshot NAME SERIAL: what is in it, to that disk.
copy_snapshot() {
    lvm lvchange -q -ay -K "truth/$1"
    dmsetup mknodes
    dd if="/dev/mapper/truth-$1" of="$(disk "$2")" bs=1M iflag=direct oflag=direct 2>/dev/null
}

verdict() { agent audit | sed -n 's/^verdict=//p'; }

boot1() {
    load dm-mod dm-thin-pool
    lvm pvcreate -q -y "$(disk POOL)"
    lvm vgcreate -q -s 1M truth "$(disk POOL)"
    lvm lvcreate -q -y -Zn -L 120M --type thin-pool --poolmetadatasize 4M -n pool truth
    lvm lvcreate -q -y -V 32M -n volume --thinpool truth/pool
    dmsetup mknodes
    mkfs.ext4 -q -F "$thin"
    agent enable device="$thin" granule_bytes="$granule_bytes" trust_offline=0 require_persistent=0 >/tmp/enabled || { cat /tmp/enabled && fail "enabling"; }
    identity=$(sed -n 's/^identity=//p' /tmp/enabled)
    slot=$(field_of DATA slot)
    mkdir -p /data
    mount -t ext4 "$thin" /data
    (while :; do for number in 1 2 3 4 5 6 7 8; do dd if=/dev/urandom of="/data/busy$number" bs=4k count=$((number * 3)) conv=notrunc 2>/dev/null; done; done) &
    writer=$!
    checkpoint 1
    snapshot first
    sleep 1
    expect "the volume is written on" [ -s /data/busy8 ]
    snapshot second
    agent peek slot="$slot" >/tmp/peeked
    kill "$writer"
    mkdir -p /tmp/answers
    volume_of DATA >/tmp/answers/DATA.volume
    /sbin/marks dump "$(sed -n 's/^pin=//p' /tmp/peeked)" "$(sed -n 's/^words=//p' /tmp/peeked)" >/tmp/answers/DATA.marks
    expect "a snapshot is no change of the mapping: $(verdict)" [ -z "$(verdict)" ]
    copy_snapshot first COPY-DATA
    copy_snapshot second DATA
    expect "nor is one that is read: $(verdict)" [ -z "$(verdict)" ]
    expect "one is removed" lvm lvremove -q -y truth/first
    expect "nor is one that goes: $(verdict)" [ -z "$(verdict)" ]
    send /tmp/answers .

    # LVM freezes the file system itself; one that is frozen is busy to it on older kernels. Neither is a change.
    fsfreeze --freeze /data
    lvm lvcreate -q -y -K -s -n frozen truth/volume >/tmp/frozen 2>&1 || expect "refused: $(cat /tmp/frozen)" grep -q 'resource busy' /tmp/frozen
    fsfreeze --unfreeze /data
    expect "nor is one in a freeze, or its refusal: $(verdict)" [ -z "$(verdict)" ]
    umount /data
    lvm lvchange -q -an truth/second
    lvm lvconvert -q -y --merge truth/second
    lvm lvchange -q -an truth/volume
    lvm lvchange -q -ay truth/volume
    expect "one that is merged back is: $(verdict)" [ "$(verdict)" = DEVICE_REPLACED ]
}

after1() { expect_complete 1 DATA; }
