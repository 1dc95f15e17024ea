mount -n -t proc /proc /proc
[ -d /sys/block ] || mount -n -t sysfs /sys /sys >/dev/null 2>&1
if [ -x /sbin/start_udev ]; then
	/sbin/start_udev
fi
mount -n /dev/pts
sysctl -e -p /etc/sysctl.conf >/dev/null 2>&1
action $"Setting hostname ${HOSTNAME:-localhost}: " hostname ${HOSTNAME:-localhost}
