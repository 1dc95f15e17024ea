# A second device of a tracked volume's name comes after tracking has begun, as another path to the same disk does. What is written through it is not seen: the
# record is unknown, also in the boots that follow. A copy of a partition on a disk of another name is no such path, and harms nothing.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

scenario_tools=sfdisk

setup() {
    new_disk root 48M && format root ext4
    new_disk data 32M && format data ext4
    new_disk part 32M
    sfdisk -q part.img <<PARTS
label: gpt
start=2048, size=40960, uuid=5F3C0F1E-4A52-4C0E-9C5B-0B8F0D1E2A3B
PARTS
    cp --sparse=always part.img partcopy.img
}

machine() {
    usual_machine "$1"
    if [ "$1" = 2 ]; then
        attach clone,serial=DATA
        attach part,serial=PART
        attach partcopy,serial=OTHER
    fi
}

boot1() { first_boot && shut_down; }

after1() { cp --sparse=always data.img clone.img; }

# The later of two disks of this serial, which has the later name.
twin_of() { grep -lx "$1" /sys/block/vd*/serial | sort | tail -1 | cut -d/ -f4; }

remove_disk() { echo 1 >"$(readlink -f "/sys/block/$1/device/..")/remove"; }

boot2() {
    twin=$(twin_of DATA)
    copy=$(disk OTHER)
    remove_disk "$twin"
    remove_disk "${copy#/dev/}"
    start_early
    expect "DATA is complete while it is alone" [ "$(field_of DATA trust)" = COMPLETE ]
    agent enable "device=$(disk PART)1" granule_bytes="$granule_bytes" trust_offline=0 require_persistent=0 >/tmp/enabled || { cat /tmp/enabled && fail "enabling"; }
    partition=$(sed -n 's/^identity=//p' /tmp/enabled)
    expect "the partition goes by its UUID, not '$partition'" [ "${partition%%:*}" = partuuid ]
    echo 1 >/sys/bus/pci/rescan
    wait_for "/sys/block/$twin"
    wait_for "/sys/block/${copy#/dev/}/${copy#/dev/}1"
    helper start --tracking || note "start: status $?"
    ask
    note "the partition: $(identity=$partition field_of PART reason)"
    expect "the partition is complete beside its copy" [ "$(identity=$partition field_of PART trust)" = COMPLETE ]
    boot_up
    shut_down
}

after2() {
    expect_unknown 2 DATA AMBIGUOUS_IDENTITY "which came later"
    expect_complete 2 ROOT
}

boot3() { last_boot; }

after3() {
    expect_unknown 3 DATA AMBIGUOUS_IDENTITY
    expect_complete 3 ROOT
}
