# bcache without a cache passes a bio on to its backing device as it is: on a bio-based one no tracepoint tells. Such a volume is refused, and
# not believed any more where bcache comes later.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

scenario_tools='dmsetup make-bcache'

enable_lower() { agent enable device=/dev/mapper/lower granule_bytes="$granule_bytes" trust_offline=0 require_persistent=0 >/tmp/enabled; }
verdict() { agent audit | sed -n 's/^verdict=//p'; }

boot1() {
    load dm-mod bcache
    dmsetup create lower --table "0 65536 linear $(disk DATA) 0"
    dmsetup mknodes
    dd if=/dev/zero of=/dev/mapper/lower bs=1M count=1 conv=fsync 2>/dev/null
    make-bcache -B /dev/mapper/lower >/dev/null
    enable_lower || { cat /tmp/enabled && fail "enabling"; }
    expect "nothing is found before" [ -z "$(verdict)" ]
    readlink -f /dev/mapper/lower >/sys/fs/bcache/register
    wait_for /dev/bcache0
    dd if=/dev/urandom of=/dev/bcache0 bs=64k count=8 seek=100 oflag=direct 2>/dev/null
    expect "bcache is found: $(verdict)" [ "$(verdict)" = BCACHE_ABOVE ]

    agent disable "slot=$(agent volumes | sed -n 's/^slot=//p')" >/tmp/disabled || { cat /tmp/disabled && fail "disabling"; }
    status=0
    enable_lower || status=$?
    expect "refused by name: $(cat /tmp/enabled)" grep -q BCACHE_ABOVE /tmp/enabled
    expect "as a refusal: $status" [ "$status" = 5 ]
    agent enable device=/dev/bcache0 granule_bytes="$granule_bytes" trust_offline=0 require_persistent=0 >/tmp/enabled ||
        { cat /tmp/enabled && fail "enabling the bcache device"; }
    expect "bcache itself is tracked" [ -z "$(verdict)" ]
}
