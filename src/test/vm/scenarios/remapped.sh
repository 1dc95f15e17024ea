# A device-mapper table is exchanged and put back between two looks: it reads as before, and what came between may have changed the content. The links that
# sysfs made anew tell. The evidence shows no keys.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

scenario_tools='dmsetup'

# table NAME LINE: takes effect at once.
table() {
    dmsetup reload "$1" --table "$2"
    dmsetup suspend "$1"
    dmsetup resume "$1"
}

verdict() { agent audit | sed -n 's/^verdict=//p'; }
volume_at() { agent volumes | awk -v RS= -v want="device=/dev/mapper/$1" '{ n = split($0, line, "\n"); for (i = 1; i <= n; i++) if (line[i] == want) print }' | sed -n 's/^slot=//p'; }
changed() { agent audit | grep -c '^verdict=MAPPING_CHANGED'; }

boot1() {
    load dm-mod
    load dm-snapshot
    dmsetup create lower --table "0 8192 linear $(disk DATA) 0"
    dmsetup create volume --table "0 8192 linear $(disk DATA) 0"
    dmsetup mknodes
    agent enable device=/dev/mapper/volume granule_bytes="$granule_bytes" trust_offline=0 require_persistent=0 >/tmp/enabled ||
        { cat /tmp/enabled && fail "enabling"; }
    expect "the audit finds nothing before" [ -z "$(verdict)" ]
    table volume "0 8192 linear /dev/mapper/lower 0"
    table volume "0 8192 linear $(disk DATA) 0"
    found=$(verdict)
    expect "the audit says that the mapping was changed, not '$found'" [ "$found" = MAPPING_CHANGED ]

    # What lies beneath what lies beneath, too.
    dmsetup create top --table "0 4096 linear /dev/mapper/lower 0"
    dmsetup mknodes
    agent enable device=/dev/mapper/top granule_bytes="$granule_bytes" trust_offline=0 require_persistent=0 >/tmp/enabled ||
        { cat /tmp/enabled && fail "enabling"; }
    expect "the audit finds nothing with the top" [ "$(changed)" = 1 ]
    table lower "0 8192 linear $(disk DATA) 8192"
    expect "a mapping that was changed two levels down is seen" [ "$(changed)" = 2 ]

    # Paths come and go, and all lead to the same disk; another disk is none of them.
    load dm-multipath
    load dm-round-robin
    modprobe scsi_debug dev_size_mb=8
    for second in 1 2 3 4 5; do
        paths=$(grep -l scsi_debug /sys/block/sd*/device/model) && break
        sleep 1
    done
    path=$(echo "$paths" | cut -d/ -f4)
    wwid=$(sed 's/^naa\.//' "/sys/block/$path/device/wwid")
    dmsetup create many --uuid "mpath-3$wwid" --table "0 8192 multipath 0 0 1 1 round-robin 0 1 1 /dev/$path 1000"
    dmsetup mknodes
    agent enable device=/dev/mapper/many granule_bytes="$granule_bytes" trust_offline=0 require_persistent=0 >/tmp/enabled ||
        { cat /tmp/enabled && fail "enabling"; }
    table many "0 8192 multipath 0 0 1 1 round-robin 0 1 1 /dev/$path 500"
    expect "other paths to the same disk are no other mapping" [ "$(changed)" = 2 ]
    table many "0 8192 multipath 0 0 1 1 round-robin 0 1 1 $(disk DATA) 500"
    expect "a path to another disk is" [ "$(changed)" = 3 ]

    # Another device under the old one's number, of another kind: before 5.15 there is nothing to tell the two by in the kernel's programs.
    number=$(dmsetup info -c --noheadings -o minor many)
    dmsetup remove many
    dmsetup create few --major "$(dmsetup info -c --noheadings -o major top)" --minor "$number" --table "0 4096 linear $(disk DATA) 4096"
    dmsetup mknodes
    if agent enable device=/dev/mapper/few granule_bytes="$granule_bytes" trust_offline=0 require_persistent=0 >/tmp/enabled; then
        expect "tracked beside what is gone, where disks have sequence numbers" [ -e "/sys/block/dm-$number/diskseq" ]
    else
        expect "refused by name" grep -q ALREADY_TRACKED /tmp/enabled
        expect "only where disks have no sequence numbers" [ ! -e "/sys/block/dm-$number/diskseq" ]
    fi
    gone=$(agent volumes | awk -v RS= '/device=.dev.mapper.many/' | sed -n 's/^slot=//p')
    expect "what is gone still has its slot" [ -n "$gone" ]
    agent disable "slot=$gone" >/tmp/disabled || { cat /tmp/disabled && fail "disabling what is gone"; }
    [ -n "$(volume_at few)" ] || agent enable device=/dev/mapper/few granule_bytes="$granule_bytes" trust_offline=0 require_persistent=0 >/tmp/enabled ||
        { cat /tmp/enabled && fail "enabling"; }
    dd if=/dev/urandom of=/dev/mapper/few bs=4096 count=1 seek=40 oflag=direct 2>/dev/null
    agent peek "slot=$(volume_at few)" >/tmp/peeked
    /sbin/marks dump "$(sed -n 's/^pin=//p' /tmp/peeked)" "$(sed -n 's/^words=//p' /tmp/peeked)" >/tmp/few.marks
    expect "a write to another device under the old one's number is marked" [ -n "$(tr -d '\0' </tmp/few.marks)" ]

    load dm-crypt
    key=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
    dmsetup create secret --table "0 4096 crypt aes-xts-plain64 $key 0 $(disk DATA) 16384"
    dmsetup mknodes
    agent enable device=/dev/mapper/secret granule_bytes="$granule_bytes" trust_offline=0 require_persistent=0 >/tmp/enabled ||
        { cat /tmp/enabled && fail "enabling"; }
    table secret "0 4096 crypt aes-xts-plain64 $key 8 $(disk DATA) 16384"
    agent audit >/tmp/audit
    expect "all changes are seen" [ "$(grep -c '^verdict=MAPPING_CHANGED' /tmp/audit)" = 3 ]
    expect "the evidence is there" grep -q '^evidence=.*crypt hash' /tmp/audit
    expect "the key is not" [ "$(grep -c 00112233 /tmp/audit)" = 0 ]
}
