# A disk is made smaller and gets its size back between two looks: what was cut off came back as something else, and nobody wrote it. The same of a disk
# beneath the tracked one. What only comes, goes or grows elsewhere says nothing.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

scenario_tools='dmsetup losetup truncate'

verdict() { agent audit | sed -n 's/^verdict=//p'; }

# loop FILE SIZE: a file of that size as a disk
loop() {
    truncate -s "$2" "$1"
    losetup --find --show "$1"
}

resize() { # DISK FILE SIZE
    truncate -s "$3" "$2"
    losetup --set-capacity "$1"
}

enable() {
    agent enable "device=$1" granule_bytes="$granule_bytes" trust_offline=0 require_persistent=0 >/tmp/enabled || { cat /tmp/enabled && fail "enabling"; }
}

disable() { agent disable slot=0 >/tmp/disabled || { cat /tmp/disabled && fail "disabling"; }; }

expect_resized() { # WHAT
    found=$(verdict)
    expect "$1, not '$found'" [ "$found" = VOLUME_RESIZED ]
}

boot1() {
    load loop
    load dm-mod
    disk=$(loop /tmp/disk 8M)
    enable "$disk"
    dd if=/dev/urandom of="$disk" bs=1M count=8 oflag=direct 2>/dev/null
    other=$(loop /tmp/other 8M)
    resize "$other" /tmp/other 4M
    losetup --detach "$other"
    expect "another disk's sizes say nothing" [ -z "$(verdict)" ]
    resize "$disk" /tmp/disk 4M
    resize "$disk" /tmp/disk 8M
    expect_resized "the audit says that it was resized"
    disable
    enable "$disk"
    expect "a volume that is enabled anew begins with that size" [ -z "$(verdict)" ]
    resize "$disk" /tmp/disk 8M
    expect_resized "a loop device that is given a size may have been moved in its file, and back"
    disable

    dmsetup create lower --table "0 16384 linear $disk 0"
    dmsetup create volume --table "0 16384 linear /dev/mapper/lower 0"
    dmsetup mknodes
    enable /dev/mapper/volume
    expect "the audit finds nothing before" [ -z "$(verdict)" ]
    resize "$disk" /tmp/disk 4M
    resize "$disk" /tmp/disk 8M
    expect_resized "the audit says that a disk two levels down was resized"
    disable
}
