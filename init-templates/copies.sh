# blktrack_name_copies IMAGE TREE: makes an empty file in the image for each of blktrack's files that the tree holds, with its hash as a name: a listing of the
# image tells then whether the copies in it are the present ones.
blktrack_name_copies() {
    mkdir -p "$1/etc/blktrack"
    for blktrack_copy in /etc/blktrack/early.conf /sbin/blktrack-helper; do
        [ -f "$2$blktrack_copy" ] || continue
        blktrack_sum=$(sha256sum "$2$blktrack_copy")
        : >"$1/etc/blktrack/${blktrack_copy##*/}-${blktrack_sum%% *}"
    done
}
