# The machine hibernates and comes back: what was written between the image and its return is marked nowhere, so nothing is known.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

guest_clock=real

setup() {
    new_disk swap 512M
    mkswap swap.img >/dev/null 2>&1
    new_disk root 48M
    new_disk data 32M
    format root ext4
    format data ext4
}

# The same disks in both boots: the image knows them by their places.
machine() {
    usual_machine 1
    attach swap,serial=SWAP
}

boot1() {
    first_boot
    swapon "$(disk SWAP)"
    agent audit >/run/before
    expect "the audit finds nothing before" [ "$(grep -c '^verdict=$' /run/before)" = 2 ]
    echo shutdown >/sys/power/disk
    result 0 # the machine ends here; in the next boot it goes on behind the next line
    echo disk >/sys/power/state
    agent audit >/run/after
    cat /run/after
    expect "the audit names the hibernation" [ "$(grep -c '^verdict=HIBERNATION$' /run/after)" = 2 ]
    shut_down
}

boot2() {
    ls -l "$(disk SWAP)" | sed 's/.* \([0-9]*\), *\([0-9]*\) .*/\1:\2/' >/sys/power/resume
    fail "the image was not taken up"
}
