#@include run.sh

# Starts tracking. The veto file counts where the real root can be seen; the helper looks again by itself.
blktrack_start() {
    [ -e /.blktrack_dirty ] && return 0
    # The helper waits for root's device no longer than blktrack.timeout; two seconds are left for its own work.
    blktrack_timeout=10
    blktrack_cmdline=
    read -r blktrack_cmdline 2>/dev/null </proc/cmdline || :
    for blktrack_word in $blktrack_cmdline; do
        case $blktrack_word in
            blktrack=off) return 0 ;;
            blktrack.timeout=*[!0-9]* | blktrack.timeout= | blktrack.timeout=??????*) ;;
            blktrack.timeout=*) blktrack_timeout=${blktrack_word#blktrack.timeout=} ;;
        esac
    done
    blktrack_run $((blktrack_timeout + 2)) start "$@"
}
