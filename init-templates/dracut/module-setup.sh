#!/bin/bash
# blktrack: takes the helper, the place of the tracking table and both hooks into the initramfs.

#@include copies.sh

check() {
    # Without the helper the image is made without the module: a kernel can still be installed.
    [ -x "${dracutsysrootdir-}/sbin/blktrack-helper" ]
}

depends() {
    return 0
}

# Shows the VM generation id under QEMU, a part of each fingerprint; udev loads it. No kernel has to have it.
installkernel() {
    hostonly='' instmods qemu_fw_cfg
}

install() {
    inst /sbin/blktrack-helper
    if [ -f "${dracutsysrootdir-}/etc/blktrack/early.conf" ]; then
        inst_simple /etc/blktrack/early.conf
    fi
    blktrack_name_copies "${initdir:?}" "${dracutsysrootdir-}"
    inst_multiple sleep
    # dracut sources its hooks; ours trap signals, so they run as programs of their own.
    inst_script "${moddir:?}/blktrack-early" /sbin/blktrack-early
    inst_script "${moddir:?}/blktrack-last" /sbin/blktrack-last
    inst_hook pre-mount 50 "${moddir:?}/blktrack-start.sh"
    inst_hook shutdown 10 "${moddir:?}/blktrack-stop.sh"
}
