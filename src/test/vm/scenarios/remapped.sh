# A device-mapper table is exchanged and put back between two looks: it reads as before, and what came between may have changed the content. The links that
# sysfs made anew tell.
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
}
