# What the scenarios bring into every guest: the native helper, where it has been built.
# shellcheck shell=bash disable=SC2154

payload_options() {
    local helper=${BLKTRACK_HELPER:-$here/../../../target/native/blktrack-helper}
    if [[ -x $helper ]]; then options+=(--add "$helper:/sbin/blktrack-helper"); fi
}
