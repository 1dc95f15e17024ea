# Shared by the scripts of the boot tests: whole Debian systems in machines of their own.
# shellcheck shell=bash

boots=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$boots/../../../.." && pwd)
cache=${BLKTRACK_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/blktrack-vm}/boots
PATH=$PATH:/usr/sbin:/sbin
export PATH
umask 022

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
    say "error: $*"
    exit 2
}

# The mirror that this machine's apt is set up for; none is written down here.
mirror() {
    # shellcheck disable=SC2016 # apt's own placeholders
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -1
}

# What a tree holds, one line a file, without what a running or rebuilt system changes by nature.
manifest() {
    (cd "$1" && find . -xdev \( -path ./dev -o -path ./proc -o -path ./sys -o -path ./run -o -path ./tmp \
        -o -name 'initrd.img-*' \) -prune -o -printf '%y %m %U %G %p -> %l\n' | sort
    find . -xdev \( -path ./dev -o -path ./proc -o -path ./sys -o -name 'initrd.img-*' \) -prune \
        -o -type f -print0 | sort -z | xargs -0 sha256sum)
}

# The command line as it was built; BLKTRACK_CLASSPATH stands in for target/dist while one works on it.
blktrack() {
    if [[ ${BLKTRACK_CLASSPATH:-} ]]; then
        java -XX:TieredStopAtLevel=1 -cp "$BLKTRACK_CLASSPATH" org.blktrack.app.Main "$@"
    else
        "$project/target/dist/bin/blktrack" "$@"
    fi
}

# make_disk FILE TREE [ext4|xfs|raw]: a disk that holds the tree in one file system, without partitions.
make_disk() {
    rm -f "$1"
    truncate -s "${DISK_MIB:-1500}M" "$1"
    case ${3:-ext4} in
        ext4) mke2fs -q -F -t ext4 -d "$2" "$1" ;;
        raw) ;;
        xfs)
            mkfs.xfs -q "$1"
            on_disk "$1" cp -a "$2/." .
            ;;
    esac
}

# on_disk FILE COMMAND...: with the disk's file system mounted, in its root.
on_disk() {
    local disk=$1 place status=0
    shift
    place=$(mktemp -d)
    mount -o loop "$disk" "$place" || return 1
    (cd "$place" && "$@") || status=$?
    umount "$place"
    rmdir "$place"
    return $status
}
