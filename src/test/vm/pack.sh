# Makes the initramfs of a guest, as several cpio archives that the kernel reads one after the other.
# shellcheck shell=bash
#
# Design
# - The base (busybox, init, modules) is the same for every run of a kernel: made once, kept in the cache under a hash
#   of what it is made of. A run adds a small archive of its own behind it.
# - Nothing is compressed: under software emulation unpacking costs more than reading.
# - Programs busybox does not have are the host's own, copied with the libraries ldd names.

# base_image KERNEL_DIR: prints the path of the archive.
base_image() {
    local kernel=$1 key image
    key=$(cat "$here/modules" "$here/pack.sh" "$here"/guest/* "$kernel/release" "$(busybox_path)" | sha256sum)
    image=$kernel/base-${key:0:16}.cpio
    if [[ ! -e $image ]]; then
        rm -f "$kernel"/base-*.cpio
        make_base "$kernel" "$image"
    fi
    echo "$image"
}

busybox_path() {
    local path
    path=$(command -v busybox) || die "busybox is missing: install busybox-static"
    if ldd "$path" >/dev/null 2>&1; then die "$path is not static: install busybox-static"; fi
    echo "$path"
}

make_base() {
    local kernel=$1 image=$2 root applet
    root=$(mktemp -d "$kernel/base.XXXXXX")
    mkdir -p "$root"/{bin,sbin,usr/bin,usr/sbin,lib64,etc,proc,sys,dev,run,tmp,mnt,out,root,boot}
    cp "$(busybox_path)" "$root/bin/busybox"
    for applet in $("$root/bin/busybox" --list); do
        [[ $applet =~ ^(busybox|sh|ash)$ ]] || ln -s busybox "$root/bin/$applet"
    done
    # Not busybox's own: it would run its applets in place of the programs that --tool brought (fsfreeze, blkdiscard).
    install -m 755 "$(command -v dash)" "$root/bin/sh"
    add_libraries "$root" /bin/dash
    # The kernel asks for modules by this name.
    ln -s ../bin/busybox "$root/sbin/modprobe"
    install -m 755 "$here/guest/init" "$root/init"
    install -m 644 "$here/guest/guest.sh" "$root/guest.sh"
    copy_modules "$kernel" "$root"
    write_cpio "$root" "$image.part.$$"
    mv "$image.part.$$" "$image"
    rm -rf "$root"
}

copy_modules() {
    local kernel=$1 root=$2 release tree path
    release=$(<"$kernel/release")
    tree=lib/modules/$release
    mkdir -p "$root/$tree"
    sed 's/#.*//' "$here/modules" | wanted_modules "$kernel/$tree/modules.dep" | while read -r path; do
        mkdir -p "$root/$tree/$(dirname "$path")"
        cp "$kernel/$tree/$path" "$root/$tree/$path"
    done
    cp "$kernel/$tree"/modules.{order,builtin,builtin.modinfo} "$root/$tree/"
    depmod -b "$root" "$release"
    # busybox reads the text forms.
    rm -f "$root/$tree"/*.bin
}

# Names on stdin; prints the files of those and of all they need (modules.dep lists the whole closure on one line).
wanted_modules() {
    awk -v dep="$1" '
        function name(path) { sub(/.*\//, "", path); sub(/\.ko$/, "", path); gsub(/-/, "_", path); return path }
        BEGIN { while ((getline line < dep) > 0) { sub(/:/, "", line); split(line, part, " "); needs[name(part[1])] = line } }
        { for (i = 1; i <= NF; i++) { n = $i; gsub(/-/, "_", n); if (n in needs) print needs[n] } }' |
        tr ' ' '\n' | sort -u
}

# add_tool ROOT NAME: a program of this machine and its libraries.
add_tool() {
    local root=$1 name=$2 path library
    path=$(command -v "$name") || die "--tool $name: no such program here"
    install -m 755 "$(readlink -f "$path")" "$root/usr/bin/$name"
    add_libraries "$root" "$path"
    mkdir -p "$root/etc/lvm"
    case $name in
    mkfs.ext[234] | mke2fs) copy_if_there "$root" /etc/mke2fs.conf ;;
    lvm) lvm_settings >"$root/etc/lvm/lvm.conf" ;;
    esac
}

# A guest has neither udev, nor the daemon that watches snapshots, nor what checks a thin pool.
lvm_settings() {
    echo 'global { thin_check_executable = "" }'
    echo 'activation { monitoring = 0 udev_sync = 0 udev_rules = 0 }'
    echo 'devices { obtain_device_list_from_udev = 0 }'
}

add_libraries() {
    local root=$1 library
    # libgcc_s is opened by name when a thread is cancelled: ldd does not see it.
    { ldd "$2" 2>/dev/null || true; echo "=> $(gcc_library)"; } | grep -oE '/[^ ]+' | while read -r library; do
        [[ -e $root$library ]] || install -D -m 755 "$(readlink -f "$library")" "$root$library"
    done
}

gcc_library() { /sbin/ldconfig -p | awk '$1 == "libgcc_s.so.1" { print $NF; exit }'; }

copy_if_there() {
    local root=$1 file=$2
    if [[ -e $file ]]; then install -D -m 644 "$file" "$root$file"; fi
}

write_cpio() {
    (cd "$1" && find . -mindepth 1 | sort | cpio --quiet -o -H newc -R 0:0) >"$2"
    # Archives are read one after the other: each must end on a 4-byte boundary, which 512-byte blocks ensure.
    truncate -s %512 "$2"
}
