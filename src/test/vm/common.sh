# Shared by the host-side scripts of the VM tests: where the cache is, and how things are said.
# shellcheck shell=bash

cache=${BLKTRACK_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/blktrack-vm}
kernels=$cache/kernels
PATH=$PATH:/usr/sbin:/sbin
export PATH
# What is made here is read by the guest's root: file modes must not depend on who runs the tests.
umask 022

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
    say "error: $*"
    exit 2
}

need() {
    local program
    for program; do
        command -v "$program" >/dev/null || die "$program is missing: see the package list in src/test/vm/README.md"
    done
}

# The folder of a series: exact, or the newest that begins with it ("7" finds 7.2).
kernel_dir() {
    local series
    series=$(find "$kernels" -maxdepth 1 -type l -printf '%f\n' 2>/dev/null | sort -V |
        awk -v want="$1" '$0 == want || index($0, want ".") == 1 { found = $0 } END { print found }')
    [[ $series ]] || die "no kernel $1 in $kernels: run src/test/vm/kernels"
    readlink -f "$kernels/$series"
}

# Fetches the kernels that are missing and prints every series. Where the mirror is out of reach, those in the cache serve.
every_series() {
    "$(dirname "${BASH_SOURCE[0]}")/kernels" >&2 || say "going on with the kernels that are in the cache"
    "$(dirname "${BASH_SOURCE[0]}")/kernels" --list
}

# plain_kernel KERNEL_DIR: prints the path of the kernel as it is after unpacking itself, which takes a third of a boot under emulation;
# of the kernel as it comes where that can't be had. Offsets: Linux, Documentation/arch/x86/boot.rst.
plain_kernel() {
    local from=$1/vmlinuz to=$1/vmlinux part=$1/vmlinux.part.$$ start length unpack
    if [[ ! -e $to ]]; then
        start=$((($(header_value "$from" 0x1f1 1) + 1) * 512 + $(header_value "$from" 0x248 4)))
        # The last four bytes tell the size, and are not the packer's.
        length=$(($(header_value "$from" 0x24c 4) - 4))
        for unpack in xz zstd; do
            if tail -c +$((start + 1)) "$from" | head -c "$length" | "$unpack" -dcq >"$part" 2>/dev/null; then mv "$part" "$to" && break; fi
        done
        rm -f "$part"
    fi
    if [[ -e $to ]]; then echo "$to"; else echo "$from"; fi
}

header_value() { od -An -t "u$3" -j $(($2)) -N "$3" "$1" | tr -d ' '; }
