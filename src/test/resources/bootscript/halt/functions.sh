runcmd() {
   echo -n "$1 "
   shift
   "$@" && echo done || echo failed
}
case "$0" in
   *halt)
	message=$"Halting system..."
	command="/sbin/halt"
	;;
   *reboot)
	message=$"Please stand by while rebooting the system..."
	command="/sbin/reboot"
	;;
   *)
	command="/sbin/halt"
	message="called as $0"
	;;
esac
