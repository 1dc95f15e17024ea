strstr() {
  [ "${1#*"$2"*}" != "$1" ]
}

success() { echo "[  OK  ] $1"; }
failure() { echo "[FAILED] $1"; return 1; }

action() {
  local what=$1
  shift
  "$@" && success "$what" || failure "$what"
}
fastboot=
fsckoptions=
READONLY=no
TEMPORARY_STATE=no
RW_MOUNT=/var/lib/stateless/writable
STATE_MOUNT=/var/lib/stateless/state
cmdline=$(cat /proc/cmdline)
