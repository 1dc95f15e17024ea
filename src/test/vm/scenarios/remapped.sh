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

    load dm-crypt
    key=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
    dmsetup create secret --table "0 4096 crypt aes-xts-plain64 $key 0 $(disk DATA) 16384"
    dmsetup mknodes
    agent enable device=/dev/mapper/secret granule_bytes="$granule_bytes" trust_offline=0 require_persistent=0 >/tmp/enabled ||
        { cat /tmp/enabled && fail "enabling"; }
    table secret "0 4096 crypt aes-xts-plain64 $key 8 $(disk DATA) 16384"
    agent audit >/tmp/audit
    expect "both changes are seen" [ "$(grep -c '^verdict=MAPPING_CHANGED' /tmp/audit)" = 2 ]
    expect "the evidence is there" grep -q '^evidence=.*crypt hash' /tmp/audit
    expect "the key is not" [ "$(grep -c 00112233 /tmp/audit)" = 0 ]
}
