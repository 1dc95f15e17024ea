# The limit that is said openly: a raw write beneath an unmounted file system leaves no trace that a fingerprint could hold. The
# record stays complete, and exactly the granule that was written to is not in it: only reconciling finds it.
# shellcheck shell=sh disable=SC1091,SC2034,SC2094,SC2154

. "${here-}/tracking.sh"

boot1() { first_boot && shut_down; }

# Into the last block of the volume, which is free.
after1() { echo "beneath" | dd of=data.img bs=4096 seek=$((32 * 256 - 1)) conv=notrunc status=none; }

boot2() { last_boot; }

after2() {
    truth_missed=1
    expect_complete 2 DATA
    "$MARKS" missed out2/DATA.marks "$granule_bytes" copy-data.img data.img >missed
    check "another granule is missing: $(cat missed)" [ "$(cat missed)" = $((32 * 16 - 1)) ]
    truth_missed=0
    expect_complete 2 ROOT
}
