# Runs blktrack-helper, and comes back whatever becomes of it: missing, crashed, stopped or stuck.
# blktrack_run SECONDS ARGUMENT...; always returns 0, because a boot or a shutdown goes on without tracking.
blktrack_run() {
    blktrack_limit=$1
    shift
    { [ -f /sbin/blktrack-helper ] && [ -x /sbin/blktrack-helper ]; } || return 0
    # A process in uninterruptible sleep outlives SIGKILL; then only a trapped signal ends the wait below.
    trap : ALRM
    /sbin/blktrack-helper "$@" </dev/null &
    blktrack_pid=$!
    blktrack_watch "$blktrack_pid" "$blktrack_limit" </dev/null >/dev/null 2>&1 &
    blktrack_watcher=$!
    wait "$blktrack_pid" || :
    kill "$blktrack_watcher" 2>/dev/null || :
    trap - ALRM
    return 0
}

# Ends process $1 after $2 seconds, or within two once something has stopped it.
blktrack_watch() {
    blktrack_left=$2
    while [ "$blktrack_left" -gt 0 ]; do
        sleep 1 || break
        blktrack_state=
        # Without /proc there is no telling that it was stopped, but whether it is there.
        read -r _ _ blktrack_state _ <"/proc/$1/stat" || kill -0 "$1" || return 0
        case $blktrack_state in [Tt]) break ;; esac
        blktrack_left=$((blktrack_left - 1))
    done
    kill -KILL "$1"
    sleep 1
    kill -ALRM $$
}
