# Before 6.3 a file system may hand single pages to zram, without any bio. They are marked all the same.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

scenario_tools='mkfs.vfat'
tracked=DATA # image and copy take what zram holds, before and after

# The only one; zram has no name.
volume_of() { agent volumes; }

setup() { new_disk data 32M; }

machine() {
    attach data,serial=DATA
    boot_image "$1"
}

boot1() {
    load zram vfat
    echo 32M >/sys/block/zram0/disksize
    mkfs.vfat /dev/zram0
    agent enable device=/dev/zram0 granule_bytes=4096 trust_offline=0 require_persistent=0 >/tmp/enabled || { cat /tmp/enabled && fail "enabling"; }
    agent checkpoint slot="$(field_of DATA slot)" change_id="$(change_id DATA 1)" consistency=freeze timeout_ms=1000 >/tmp/closed ||
        { cat /tmp/closed && fail "a checkpoint"; }
    dd if=/dev/zram0 of="$(disk COPY-DATA)" bs=1M oflag=direct 2>/dev/null
    mkdir -p /data
    mount -t vfat /dev/zram0 /data
    dd if=/dev/urandom of=/data/file bs=4k count=500 2>/dev/null
    umount /data
    agent audit >/tmp/audit
    ask
    dd if=/dev/zram0 of="$(disk DATA)" bs=1M iflag=direct oflag=direct 2>/dev/null
    expect "the audit is content" grep -q '^verdict=$' /tmp/audit

    echo 1 >/sys/block/zram0/reset
    echo 32M >/sys/block/zram0/disksize
    found=$(agent audit | sed -n 's/^verdict=//p')
    expect "a disk that was reset is another one: $found" [ "$found" = DEVICE_REPLACED ]
}

after1() {
    granule_bytes=4096
    expect_complete 1 DATA
}
