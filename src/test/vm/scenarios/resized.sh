# A disk is made smaller and gets its size back between two looks: what was cut off came back as something else, and nobody wrote it.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

scenario_tools='losetup truncate'

verdict() { agent audit | sed -n 's/^verdict=//p'; }

# loop SIZE: a file of that size as a disk
loop() {
    truncate -s "$1" /tmp/disk
    losetup --find --show /tmp/disk
}

resize() { # DISK SIZE
    truncate -s "$2" /tmp/disk
    losetup --set-capacity "$1"
}

enable() {
    agent enable "device=$1" granule_bytes="$granule_bytes" trust_offline=0 require_persistent=0 >/tmp/enabled || { cat /tmp/enabled && fail "enabling"; }
}

boot1() {
    load loop
    disk=$(loop 8M)
    enable "$disk"
    dd if=/dev/urandom of="$disk" bs=1M count=8 oflag=direct 2>/dev/null
    expect "the audit finds nothing before" [ -z "$(verdict)" ]
    resize "$disk" 4M
    resize "$disk" 8M
    found=$(verdict)
    expect "the audit says that it was resized, not '$found'" [ "$found" = VOLUME_RESIZED ]
    agent disable slot=0 >/tmp/disabled || { cat /tmp/disabled && fail "disabling"; }
    enable "$disk"
    expect "a volume that is enabled anew begins with that size" [ -z "$(verdict)" ]
    agent disable slot=0 >/tmp/disabled || { cat /tmp/disabled && fail "disabling"; }
    enable "$disk"
    resize "$disk" 8M
    expect "a loop device that is given a size may have been moved in its file, and back" [ "$(verdict)" = VOLUME_RESIZED ]
    agent disable slot=0 >/tmp/disabled || { cat /tmp/disabled && fail "disabling"; }
    losetup --detach "$disk"
}
