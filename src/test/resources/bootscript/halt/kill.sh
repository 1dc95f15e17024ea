for signal in 15 9; do
	runcmd "Sending signal $signal..." killall5 -$signal
done
[ -x /sbin/hwclock ] && runcmd "Saving time" /sbin/hwclock --systohc
