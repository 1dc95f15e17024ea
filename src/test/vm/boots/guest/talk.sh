# How the guest's part of a scenario talks with the host: sourced by it, once it has set "step".
# shellcheck shell=sh
#
# They talk through a disk of their own, so that nothing of it touches the tracked one: the host's word in the first sector, the
# guest's tar archive from 1 MiB on. "Still" is a frozen root file system, thawed when the host says so.
box=/run/tracked
mail=/dev/disk/by-id/virtio-MAIL
[ -b "$mail" ] || mail=/dev/vdb
mkdir -p "$box"

say() { echo "guest: $*" >/dev/kmsg; }

fail() {
    say "FAILED: $*"
    fsfreeze -u / 2>/dev/null || :
    exit 1
}

agent() { /usr/local/sbin/agent-talk /sbin/blktrack-helper "$@"; }

post() {
    tar -C "$box" -cf /run/mail.tar .
    dd if=/run/mail.tar of="$mail" bs=64k seek=16 oflag=direct conv=sync 2>/dev/null
    say "mailed $1"
}

# Until the host has written the word, or for two minutes: a host that has gone must not leave us frozen.
hold_until() {
    tries=0
    while [ "$(dd if="$mail" bs=512 count=1 iflag=direct 2>/dev/null | tr -d '\0')" != "$1" ]; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || return 1
        sleep 0.2
    done
}

# still WORD COMMAND...: root holds still while the command runs and until the host has answered.
still() {
    word=$1 well=yes
    shift
    fsfreeze -f /
    { "$@" && say "still $word" && hold_until "$word"; } || well=
    fsfreeze -u /
    [ "$well" ] || fail "holding still for the host ($word)"
}

# What is there before the first change id, and what is done to it later.
seed() {
    dd if=/dev/urandom of=/root/old bs=64k count=40 2>/dev/null
    dd if=/dev/urandom of=/root/doomed bs=64k count=40 2>/dev/null
    sync
}

change() {
    dd if=/dev/urandom of=/root/second bs=64k count=30 2>/dev/null
    dd if=/dev/urandom of=/root/old bs=4k seek=37 count=3 conv=notrunc 2>/dev/null
    rm -f /root/doomed
    mkdir -p /var/lib/many
    for name in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "$name" >"/var/lib/many/$name"; done
}

# The host waits for the machine to end: a step that failed ends it at once.
# shellcheck disable=SC2154 # "status" is set in the trap itself, "step" by those who source this
trap 'status=$?; [ $status = 0 ] || { say "FAILED: step $step with status $status"; echo o >/proc/sysrq-trigger; }' EXIT
