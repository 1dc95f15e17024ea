# A disk that was grown between two boots, and one that is there twice: neither keeps its record. Then the clone is taken away again.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154

. "${here-}/tracking.sh"

tracked='ROOT DATA GROWN'

setup() {
    new_disk root 48M && format root ext4
    new_disk data 32M && format data ext4
    new_disk grown 32M && format grown ext4
}

machine() {
    attach grown,serial=GROWN
    usual_machine "$1"
    if [ "$1" = 2 ]; then attach clone,serial=DATA; fi
}

boot1() { first_boot && shut_down; }

after1() {
    cp --sparse=always data.img clone.img
    truncate -s 40M grown.img
}

boot2() {
    start_early
    ask ROOT GROWN
    agent volumes | awk -v RS= '/reason=AMBIGUOUS_IDENTITY/ { n++ } END { print n + 0 }' >/tmp/ambiguous
    send /tmp ambiguous
    ! agent volumes | grep -q '^identity=serial:DATA' || fail "one of the two has the name"
    mount_root
    root_writable
    shut_down
}

# Alone again, but the boot before could not tell which of the two was written to.
boot3() { last_boot; }

after3() {
    expect_unknown 2 GROWN VOLUME_RESIZED "sectors 65536 -> 81920"
    expect_complete 2 ROOT
    check "$(cat out2/ambiguous) volumes are ambiguous, not 2" [ "$(cat out2/ambiguous)" = 2 ]
    expect_unknown 3 DATA AMBIGUOUS_IDENTITY
    expect_unknown 3 GROWN VOLUME_RESIZED
}
