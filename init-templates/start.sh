#@include run.sh

# Starts tracking. The veto file and blktrack=off are the helper's to honour: it alone can write into the table that this boot
# is not tracked.
blktrack_start() {
    # The helper waits for the table's device no longer than blktrack.timeout; two seconds are left for its own work.
    blktrack_timeout=10
    blktrack_cmdline=
    read -r blktrack_cmdline 2>/dev/null </proc/cmdline || :
    for blktrack_word in $blktrack_cmdline; do
        case $blktrack_word in
            blktrack.timeout=*[!0-9]* | blktrack.timeout= | blktrack.timeout=????*) ;;
            blktrack.timeout=*)
                blktrack_timeout=${blktrack_word#blktrack.timeout=}
                # With a leading zero the shell would read it as an octal number, and end at 08.
                blktrack_timeout=${blktrack_timeout#"${blktrack_timeout%%[!0]*}"}
                ;;
        esac
    done
    # A fingerprint holds the VM generation id, which this module alone shows; udev may not have come to it yet.
    [ ! -e /sys/bus/acpi/devices/QEMU0002:00 ] || modprobe -q qemu_fw_cfg 2>/dev/null || :
    blktrack_run $((${blktrack_timeout:-0} + 2)) start "$@"
}
