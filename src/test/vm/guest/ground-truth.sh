# The cases of ../ground-truth, in the guest. A case is a function case_NAME, with what it needs made before and dropped
# behind it; it calls `truth DEVICE OPTION...` and thereby gets its result.
# shellcheck shell=sh disable=SC2154

state=/tmp/truth

run_cases() {
    mkdir -p "$state" /mnt
    for name; do
        tell "case $name"
        : >"$state/$name.log"
        : >"$state/$name.json"
        # Its own shell: a case that fails on the way must not end the others. Not "( ) ||", which would switch errexit off in it.
        set +e
        (set -e; "case_$(echo "$name" | tr - _)") >>"$state/$name.log" 2>&1
        status=$?
        set -e
        case $status in
        0) word=ok ;;
        77) word=skip ;;
        *) word="failed $status" ;;
        esac
        # Others than the engine end with 3, too.
        if [ "$status" = 3 ] && grep -q '"verdict":"PROGRAM_SKIPPED"' "$state/$name.json"; then word=unknown; fi
        echo "$word" >"$state/$name.status"
        tell "case $name: $word $(head -c 300 "$state/$name.json")"
        send "$state" "$name.status" "$name.json" "$name.log"
        tidy >/dev/null 2>&1 || :
    done
}

# Whatever a case left behind.
tidy() {
    umount /mnt
    lvm vgremove -q -f truth
    dmsetup remove_all -f
    # LVM makes it, there is no udev, and vgcreate (status 3) refuses a name that is a file in /dev.
    rm -rf /dev/truth
    mdadm -q --stop --scan
    losetup -D
    for part in $(disk POOL1) $(disk POOL2) $(disk BIG); do dd if=/dev/zero of="$part" bs=1M count=2 conv=fsync; done
    for part in $(disk POOL1) $(disk POOL2) $(disk SCSI) $(disk NVME); do mdadm -q --zero-superblock "$part"; done
    for reset in /sys/block/zram*/reset; do [ ! -e "$reset" ] || echo 1 >"$reset"; done
    rmmod scsi_debug
}

skip() {
    echo "$*"
    exit 77
}

need_module() { modprobe "$@" || skip "no module $1 in this kernel"; }

truth() { groundtruth "$@" --seed "$seed" --seconds "$seconds" >"$state/$name.json"; }

# must_fail DEVICE OPTION...: the sabotage has to be found. Where the kernel skipped programs, the record says so itself (status 3), and whether
# the sabotage would be found is not known: then once more, with other writes.
must_fail() {
    for _ in 1 2 3; do
        found=0
        truth "$@" || found=$?
        [ "$found" = 3 ] || break
        seed=$((seed + 1))
    done
    cat "$state/$name.json"
    [ "$found" = 1 ] || { echo "the sabotage was not found (status $found)" && exit "$((found == 3 ? 3 : 1))"; }
}

# meanwhile COMMAND...: again and again, to the end of the case
meanwhile() {
    : >"$state/meanwhile"
    trap 'rm -f "$state/meanwhile"; wait' EXIT
    while [ -e "$state/meanwhile" ]; do "$@" || :; done &
}

sectors() { cat "/sys/block/${1##*/}/size"; }

# ---- plain disks ----

case_virtio() { truth "$(disk VIRTIO)"; }
case_scsi() { truth "$(disk SCSI)" --granularity 16384; }
case_nvme() { truth "$(disk NVME)" --granularity 4096; }

# scsi_disk DELAY-IN-JIFFIES QUEUE-DEPTH: makes $made
scsi_disk() {
    need_module scsi_debug dev_size_mb=24 delay="$1" max_queue="$2" lbpu=1 lbpws=1 lbprz=1 unmap_max_blks=8192 unmap_granularity=1
    for tries in 1 2 3 4 5 6 7 8 9 10; do
        made=$(grep -l scsi_debug /sys/block/sd*/device/model | cut -d/ -f4) && break
        sleep 0.2
    done
    [ "$made" ] || { echo "no disk after $tries looks" && exit 1; }
    made=/dev/$made
}

case_scsi_debug() { scsi_disk 15 64; truth "$made"; }

# Writes and discards that wait in the scheduler at the swap: submitted before it, issued after it.
case_slow() { slow_disk; truth "$made" --granularity 4096 --workload direct,aio,uring,zeroout; }
case_slow_discard() { slow_disk; truth "$made" --granularity 4096 --workload discard,aio; }
# What sabotage-discard breaks, whole.
case_slow_discard_often() { slow_disk; truth "$made" --granularity 4096 --workload discard,direct --checkpoints 30; }

slow_disk() {
    made=$(disk SLOW)
    modprobe mq-deadline || :
    queue=/sys/block/${made##*/}/queue
    echo mq-deadline >"$queue/scheduler"
    # Else the reads of the copier wait for the tags of those very writes that it is to overtake.
    for depth in "$queue/async_depth" "$queue/iosched/async_depth"; do
        [ ! -e "$depth" ] || echo 16 >"$depth"
    done
}

# ---- device mapper ----

# The node that the kernel itself makes: without udev those of dm and LVM come and go.
dm_node() { echo "/dev/dm-$(dmsetup info -c --noheadings -o minor "$1")"; }

mapped() {
    modprobe dm-mod
    dmsetup create truth --table "$1"
    made=$(dm_node truth)
}

case_dm_linear() { mapped "0 $(sectors "$(disk POOL1)") linear $(disk POOL1) 0"; truth "$made"; }

# The second stripe begins within the first disk's pages: bios are split.
case_dm_stripe() { mapped "0 $((2 * ($(sectors "$(disk POOL1)") - 2048))) striped 2 128 $(disk POOL1) 0 $(disk POOL2) 2048"; truth "$made" --granularity 8192; }

case_dm_crypt() {
    need_module dm-crypt
    mapped "0 $(sectors "$(disk POOL1)") crypt aes-xts-plain64 $(head -c 64 /dev/zero | tr '\0' a) 0 $(disk POOL1) 0 1 allow_discards"
    truth "$made"
}

delayed() {
    need_module dm-delay
    mapped "0 $(sectors "$(disk POOL1)") delay $(disk POOL1) 0 0 $(disk POOL1) 0 150"
}

case_dm_delay() { delayed; truth "$made" --granularity 16384; }
case_dm_delay_discard() { delayed; truth "$made" --granularity 16384 --workload discard,direct,uring; }

case_lvm() {
    logical_volume
    truth "$made"
}

# Across both disks, with room for a snapshot.
lvm_size() { echo $(($(sectors "$(disk POOL1)") * 5 / 6 / 2048)); }

logical_volume() {
    modprobe dm-mod
    lvm pvcreate -q -y "${1:-$(disk POOL1)}" "$(disk POOL2)"
    lvm vgcreate -q truth "${1:-$(disk POOL1)}" "$(disk POOL2)"
    lvm lvcreate -q -y -L "${2:-$(lvm_size)}M" -n volume truth
    made=$(dm_node truth-volume)
}

# Written while it is the origin of a snapshot.
case_lvm_snapshot() {
    need_module dm-snapshot
    logical_volume
    lvm lvcreate -q -y -s -L "$(lvm_size)M" -n snap truth/volume
    truth "$(dm_node truth-volume)"
}

luks_volume() {
    need_module dm-crypt
    printf secret | cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file=- "$(disk POOL1)"
    printf secret | cryptsetup open --allow-discards --key-file=- "$(disk POOL1)" truth
    made=$(dm_node truth)
}

case_luks() { luks_volume; truth "$made" --granularity 32768; }

# Tasks that take the processor from each other in the midst of the programs.
case_storm() { mapped "0 $(sectors "$(disk POOL1)") linear $(disk POOL1) 0"; truth "$made" --granularity 4096 --workload storm; }

# ---- md ----

array() {
    need_module "$1"
    yes | mdadm -q --create /dev/md0 --level="${2:-$1}" --raid-devices=2 --metadata=1.2 --assume-clean "${3:-$(disk POOL1)}" "${4:-$(disk POOL2)}"
    wait_for /dev/md0
    made=/dev/md0
}

case_md_raid0() { array raid0; truth "$made"; }
case_md_raid1() { array raid1; truth "$made" --apart; }
case_md_linear() { array linear; truth "$made"; }

# A bio goes in place from an array to a partition of another array: both bio-based.
case_md_partition() {
    array raid0
    printf 'label: dos\nstart=2048,size=131072\n' | sfdisk -q /dev/md0
    wait_for /dev/md0p1
    truth /dev/md0p1
}

# wide_array LEVEL [OPTION...]: over disks of three kinds. Chunks are small, so that bios are split.
wide_array() {
    level=$1
    shift
    need_module "$level"
    yes | mdadm -q --create /dev/md0 --level="$level" --raid-devices=4 --metadata=1.2 --chunk=32K --size=24M "$@" \
        "$(disk POOL1)" "$(disk POOL2)" "$(disk SCSI)" "$(disk NVME)"
    wait_for /dev/md0
    made=/dev/md0
}

# parity_array Y|N LEVEL [OPTION...]: takes discards, or does without, as is the module's default.
parity_array() {
    need_module "$2"
    echo "$1" >/sys/module/raid456/parameters/devices_handle_discard_safely
    shift
    wide_array "$@"
}

case_md_raid10() { wide_array raid10 --assume-clean; truth "$made" --apart; }
case_md_raid5() { parity_array N raid5 --assume-clean; truth "$made"; }
# Apart, and so in stripes of their own (a worker's part is whole ones): where discards and writes meet in one, 5.10 and 6.1 spoil it, or crash.
case_md_raid5_discard() { parity_array Y raid5 --assume-clean; truth "$made" --apart; }
case_md_raid6() { parity_array Y raid6 --assume-clean; truth "$made" --apart; }

# A member fails, goes and comes back, again and again, from before the tracker attaches to the end.
rebuilt_meanwhile() {
    # What the others say stands for the member that is gone: they have to agree first.
    mdadm --wait /dev/md0 || :
    # At this pace, in KiB a second, however busy the array is.
    for bound in max min; do echo 12000 >"/sys/block/md0/md/sync_speed_$bound"; done
    : >"$state/rebuilds"
    meanwhile come_and_go "$(disk SCSI)"
    truth "$made" "$@"
    [ "$(wc -l <"$state/rebuilds")" -ge 2 ] || { echo "the array was not rebuilt meanwhile" && exit 1; }
}

come_and_go() {
    mdadm -q /dev/md0 --fail "$1"
    until mdadm -q /dev/md0 --remove "$1"; do sleep 0.1; done
    sleep 0.3
    mdadm -q /dev/md0 --add "$1"
    mdadm --wait /dev/md0
    # Only those that the tracker has seen.
    [ -z "$(find /sys/fs/bpf -name 'link-*')" ] || echo rebuilt >>"$state/rebuilds"
    sleep 0.3
}

case_md_raid10_rebuild() { wide_array raid10; rebuilt_meanwhile --apart; }
case_md_raid5_rebuild() { parity_array N raid5; rebuilt_meanwhile; }

# ---- memory and files ----

case_zram() { memory_disk; truth /dev/zram0 --granularity 4096; }

memory_disk() {
    need_module zram
    echo 64M >/sys/block/zram0/disksize
}

# Programs of their own mark single pages, and are skipped where another task takes the processor from one that is in them. The pages are another disk's
# here, but zram has no accounts that would tell.
case_zram_skipped() {
    preempt=/sys/kernel/debug/sched/preempt
    grep -q ' bdev_write_page$' /proc/kallsyms || skip "no single pages in this kernel"
    [ -e "$preempt" ] || skip "no task loses the processor in a program"
    memory_disk
    other=$(cat /sys/class/zram-control/hot_add)
    echo 32M >"/sys/block/zram$other/disksize"
    mkdosfs "/dev/zram$other"
    need_module vfat
    mount -t vfat "/dev/zram$other" /mnt
    meanwhile write_pages
    trap 'rm -f "$state/meanwhile"; wait; echo voluntary >"$preempt"' EXIT
    echo full >"$preempt"
    found=0
    truth /dev/zram0 --granularity 4096 --workload direct || found=$?
    grep -qE 'page(_done)? [1-9]' "$state/$name.json" || { echo "nothing was skipped" && exit 1; }
    [ "$found" = 3 ]
}

write_pages() {
    for writer in 1 2 3 4; do dd if=/dev/urandom of="/mnt/$writer" bs=4k count=500 conv=fsync 2>/dev/null & done
    wait
}

loop_device() {
    modprobe loop
    truncate -s 64M /tmp/loop.img
    losetup ${1:+"$1"} /dev/loop0 /tmp/loop.img
    made=/dev/loop0
}

case_loop() { loop_device; truth "$made" --granularity 1048576; }

case_loop_partition() {
    loop_device -P
    printf 'label: gpt\nsize=20M\nsize=30M\n' | sfdisk -q "$made"
    losetup -d "$made"
    losetup -P "$made" /tmp/loop.img
    # There is no udev: the node of the partition is devtmpfs's.
    wait_for /dev/loop0p2
    truth /dev/loop0p2
}

# ---- file systems ----

on_file_system() {
    type=$1 device=$2
    need_module "$type"
    dd if=/dev/zero of="$device" bs=1M count=1 conv=fsync
    case $type in
    xfs) mkfs.xfs -q -f "$device" ;;
    *) "mkfs.$type" -q "$device" ;;
    esac
    mount -t "$type" "$device" /mnt
    truth "$device" --mounted /mnt
    umount /mnt
}

case_ext4_virtio() { on_file_system ext4 "$(disk VIRTIO)"; }
case_xfs_nvme() { on_file_system xfs "$(disk BIG)"; }
case_btrfs_nvme() { on_file_system btrfs "$(disk BIG)"; }
case_ext4_luks() { luks_volume; on_file_system ext4 "$made"; }
case_xfs_lvm() { logical_volume "$(disk BIG)" 310; on_file_system xfs "$made"; }
case_ext4_raid1() { array raid1; on_file_system ext4 "$made"; }

# ---- passthrough commands ----

# sees DEVICE EXPECTED PROGRAM ARGUMENT...: the cases go on after a surprise, so that all surprises are told at once.
sees() { passthrough_check "$@" >>"$state/$name.json" || surprised=1; }

case_passthrough_scsi() {
    surprised=''
    sd=$(disk SCSI)
    load sg
    sg=/dev/$(ls "/sys/block/${sd##*/}/device/scsi_generic")
    head -c 65536 /dev/urandom >/tmp/data
    for node in "$sd" "$sg"; do
        sees "$sd" harmless sg_raw -r 96 "$node" 12 00 00 00 60 00
        sees "$sd" harmless sg_raw "$node" 00 00 00 00 00 00
        sees "$sd" harmless sg_raw -r 512 "$node" 28 00 00 00 00 00 00 00 01 00
        sees "$sd" harmless sg_raw -r 512 "$node" 85 08 0e 00 d0 00 01 00 00 00 4f 00 c2 00 b0 00
        # 256 KiB on, one block; 3 MiB on, 127 blocks: granules 48 and the one that the last block begins
        sees "$sd" marked:4-4 sg_raw -s 512 -i /tmp/data "$node" 2a 00 00 00 02 00 00 00 01 00
        sees "$sd" marked:48-48 sg_raw -s 65024 -i /tmp/data "$node" 8a 00 00 00 00 00 00 00 18 00 00 00 00 7f 00 00
        sees "$sd" marked:48-49 sg_raw -s 512 -i /tmp/data "$node" 93 00 00 00 00 00 00 00 18 00 00 00 00 81 00 00
        sees "$sd" unknown sg_raw -s 24 -i /tmp/data "$node" 42 00 00 00 00 00 00 00 18 00
        sees "$sd" unknown sg_raw "$node" c1 00 00 00 00 00
    done
    sees "$(disk VIRTIO)" unseen sg_raw "$sd" c1 00 00 00 00 00
    [ -z "$surprised" ]
}

case_passthrough_nvme() {
    surprised=''
    ns=$(disk NVME)
    ctrl=${ns%n1}
    head -c 65536 /dev/urandom >/tmp/data
    sees "$ns" harmless nvme read "$ns" -s 0 -c 0 -z 512
    sees "$ns" harmless nvme flush "$ns" -n 1
    sees "$ns" unseen nvme id-ctrl "$ctrl"
    sees "$ns" unseen nvme smart-log "$ctrl"
    sees "$ns" unseen nvme get-feature "$ctrl" -f 7
    sees "$ns" marked:4-4 nvme write "$ns" -s 512 -c 0 -z 512 -d /tmp/data
    sees "$ns" marked:48-49 nvme write-zeroes "$ns" -s 6144 -c 128
    sees "$ns" marked:4-4 nvme io-passthru "$ns" --opcode=1 --namespace-id=1 --cdw10=512 --cdw12=0 --data-len=512 -w --input-file=/tmp/data
    sees "$ns" unknown nvme dsm "$ns" -n 1 -d -b 8 -s 0
    sees "$ns" unknown nvme io-passthru "$ns" --opcode=0xc1 --namespace-id=1
    sees "$ns" unknown nvme admin-passthru "$ctrl" --opcode=0x84 --cdw10=2
    sees "$ns" unknown nvme format "$ns" -n 1 -l 0 -f
    sees "$(disk VIRTIO)" unseen nvme admin-passthru "$ctrl" --opcode=0x84 --cdw10=2
    if [ -e "/dev/ng${ns#/dev/nvme}" ]; then
        sees "$ns" marked:4-4 nvme io-passthru "/dev/ng${ns#/dev/nvme}" --opcode=1 --namespace-id=1 --cdw10=512 --cdw12=0 --data-len=512 -w --input-file=/tmp/data
    fi
    # The driver comes after the programs.
    reload="modprobe nvme && timeout 20 sh -c 'until [ -b $ns ]; do sleep 0.1; done'"
    for what in "harmless nvme read $ns -s 0 -c 0 -z 512" "marked:4-4 nvme write $ns -s 512 -c 0 -z 512 -d /tmp/data" \
        "unknown nvme io-passthru $ns --opcode=0xc1 --namespace-id=1"; do
        modprobe -r nvme || [ ! -b "$ns" ] # what it needs may stay
        # shellcheck disable=SC2086  # words
        sees --between "$reload" "$ns" $what
    done
    [ -z "$surprised" ]
}

# ---- the test itself ----

case_sabotage_carry_bio() { delayed; must_fail "$made" --granularity 16384 --sabotage carry; }
case_sabotage_carry_request() { slow_disk; must_fail "$made" --granularity 4096 --sabotage carry --workload aio,uring,direct; }
case_sabotage_bit() { must_fail "$(disk VIRTIO)" --sabotage bit; }
# Only what is in the driver at the swap is lost, a few discards; and a place that reads as zero already can't change: so it is written, too, and there are many swaps.
case_sabotage_discard() { slow_disk; must_fail "$made" --granularity 4096 --workload discard,direct --checkpoints 30 --sabotage discard; }

# Here it is in the array's stripes that writes are under way.
case_sabotage_carry_array() { parity_array N raid5 --assume-clean; must_fail "$made" --granularity 4096 --sabotage carry --workload aio,uring,direct; }

# Without exact accounts nothing can be said for what was lost.
case_sabotage_lost() {
    memory_disk
    found=0
    truth /dev/zram0 --granularity 4096 --workload direct --sabotage lost || found=$?
    [ "$found" = 3 ]
}
