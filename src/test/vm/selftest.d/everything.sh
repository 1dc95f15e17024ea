# The machinery on one kernel: each kind of disk, the storage stack, the host's programs, persistence over reboots that
# go well and that do not, a disk under another name, kexec. Each boot writes one word that the next one looks for.
# shellcheck shell=sh disable=SC2034

scenario_tools='mkfs.ext4'
# For boot 2 alone: fio brings 80 MiB of libraries, which each boot would have to unpack.
stack_tools='mkfs.xfs mkfs.btrfs mkfs.vfat dmsetup mdadm cryptsetup lvm fio blkdiscard fsfreeze nvme sg_raw'

setup() {
    for name in root scsi nvme; do new_disk "$name" 64M; done
    new_disk pool 640M
}

machine() {
    case $1 in
    2)
        attach scsi,if=scsi,serial=SCSI
        attach nvme,if=nvme,serial=NVME
        attach pool,serial=POOL
        for tool in $stack_tools; do with --tool "$tool"; done
        ;;
    3) attach pool,serial=POOL && attach nvme,if=nvme,serial=NVME && attach scsi,if=scsi,serial=SCSI ;;
    esac
    # In front in one boot and last in another: the names vda and vdb change places.
    attach root,serial=ROOT
    case $1 in
    3) kill_at word-three 100 ;;
    4) with --kexec ;;
    5) with --append end=here ;;
    esac
}

write_word() {
    mount -t ext4 "$(disk ROOT)" /mnt
    echo "$1" >/mnt/word
    sync
}

expect_word() {
    mount -t ext4 "$(disk ROOT)" /mnt
    expect "the word of the boot before is there" [ "$(cat /mnt/word)" = "$1" ]
    umount /mnt
}

# ---- boot 1: a file system, left as an init system leaves it ----

boot1() {
    note "$(uname -r), up in $(cut -d' ' -f1 /proc/uptime) s"
    expect "BTF is there" [ -e /sys/kernel/btf/vmlinux ]
    expect "bpffs is mounted once" [ "$(grep -c ' bpf ' /proc/mounts)" = 1 ]
    expect "tracefs is mounted" [ -e /sys/kernel/tracing/events/block/block_rq_issue/format ]
    mkfs.ext4 -q "$(disk ROOT)"
    write_word one
    mkdir -p /tmp/sent
    uname -r >/tmp/sent/release
    send /tmp/sent release
}

after1() {
    check "the file of boot 1 did not arrive" grep -q . out1/release
    check "the image holds no ext4" test "$(xxd -s 1080 -l 2 -p root.img)" = 53ef
}

# ---- boot 2: every kind of disk and of stack ----

boot2() {
    expect_word one
    for serial in SCSI NVME POOL ROOT; do note "$serial is $(disk "$serial")"; done
    stack_dm "$(disk SCSI)"
    stack_md "$(disk NVME)" "$(disk SCSI)"
    stack_lvm "$(disk POOL)"
    stack_luks "$(disk SCSI)"
    file_systems "$(disk POOL)"
    passthrough
    expect "fio" fio --name=f --filename="$(disk NVME)" --rw=randwrite --bs=4k --size=1M \
        --ioengine=libaio --direct=1 --minimal --output=/tmp/fio
    expect "discard on virtio" blkdiscard -f -l 1048576 "$(disk POOL)"
    expect "discard on nvme" blkdiscard -f -l 1048576 "$(disk NVME)"
    expect "discard on scsi" blkdiscard -f -l 1048576 "$(disk SCSI)"
    write_word two
    end_with reboot-f
}

stack_dm() {
    load dm-mod dm-snapshot dm-crypt
    dmsetup create line --table "0 65536 linear $1 0"
    expect "dm-linear" dd if=/dev/zero of=/dev/mapper/line bs=64k count=4 oflag=direct
    dmsetup remove line
    dmsetup create stripes --table "0 65536 striped 2 128 $1 0 $1 65536"
    expect "dm-stripe" dd if=/dev/zero of=/dev/mapper/stripes bs=256k count=4 oflag=direct
    dmsetup remove stripes
}

stack_md() {
    for level in 1 0; do
        yes | mdadm -q --create /dev/md0 --level="$level" --raid-devices=2 --metadata=1.2 "$1" "$2" >/tmp/mdadm 2>&1 ||
            { cat /tmp/mdadm && fail "md raid$level"; }
        expect "md raid$level" dd if=/dev/zero of=/dev/md0 bs=64k count=4 oflag=direct
        mdadm -q --stop /dev/md0
        mdadm -q --zero-superblock "$1" "$2"
    done
}

stack_lvm() {
    lvm pvcreate -q -y "$1"
    lvm vgcreate -q group "$1"
    lvm lvcreate -q -y -L 64M -n volume group
    expect "an LVM volume" dd if=/dev/zero of=/dev/group/volume bs=64k count=4 oflag=direct
    lvm lvcreate -q -y -s -L 16M -n snap group/volume
    expect "an LVM snapshot" [ -e /dev/group/snap ]
    lvm vgremove -q -f group
    lvm pvremove -q "$1"
}

stack_luks() {
    printf secret | cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file=- "$1"
    printf secret | cryptsetup open --key-file=- "$1" plain
    expect "a LUKS volume" dd if=/dev/zero of=/dev/mapper/plain bs=64k count=4 oflag=direct
    cryptsetup close plain
}

file_systems() {
    for type in ext4 xfs btrfs vfat; do
        wipe "$1"
        "mkfs.$type" "$1" >/tmp/mkfs 2>&1 || { cat /tmp/mkfs && fail "mkfs.$type"; }
        expect "$type mounts" mount -t "$type" "$1" /mnt
        echo text >/mnt/file
        case $type in
        vfat) ;;
        *)
            expect "$type freezes" fsfreeze -f /mnt
            fsfreeze -u /mnt
            ;;
        esac
        umount /mnt
    done
}

wipe() { dd if=/dev/zero of="$1" bs=1M count=4 2>/dev/null; }

passthrough() {
    expect "an NVMe command from user space" nvme get-feature "$(disk NVME)" -f 7
    expect "a SCSI command from user space" sg_raw -r 96 "$(disk SCSI)" 12 00 00 00 60 00
}

# ---- boot 3: killed from outside, 100 ms after the marker ----

boot3() {
    expect_word two
    note "ROOT is $(disk ROOT) now"
    write_word three
    marker word-three
    sleep 60
    fail "still alive"
}

# ---- boot 4: kexec, in which init runs this function again ----

boot4() {
    if [ "$(boot_argument vm.kexec)" ]; then
        expect_word four
        return
    fi
    expect_word three
    write_word four
    umount /mnt
    kexec_again vm.kexec=1
}

# ---- boot 5: ends by sysrq, without unmounting ----

boot5() {
    expect "the command line came through" [ "$(boot_argument end)" = here ]
    expect_word four
    write_word five
    end_with sysrq-b
}

boot6() { expect_word five; }
