# What the scenarios bring into every guest: the native helper, where it has been built, and the test's own programs.
# shellcheck shell=bash disable=SC2154

built=$here/../../../target
MARKS=$built/vm/marks
WRITE_LOG=$built/vm/write-log
export MARKS WRITE_LOG

payload_options() {
    local helper=${BLKTRACK_HELPER:-$built/native/blktrack-helper} program
    if [[ -x $helper ]]; then options+=(--add "$helper:/sbin/blktrack-helper"); fi
    for program in agent-talk marks; do
        if [[ -x $built/vm/$program ]]; then options+=(--add "$built/vm/$program:/sbin/$program"); fi
    done
    options+=(--add "$here/tracking.sh:/tracking.sh")
}
