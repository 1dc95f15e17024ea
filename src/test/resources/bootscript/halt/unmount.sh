unmount_others() {
	local retry=2
	while [ $retry -gt 0 ]; do
		awk '$2 !~ /^\/(proc|sys|dev)?$/ { print $2 }' /proc/mounts | while read dir; do
			umount "$dir"
		done
		retry=$(($retry - 1))
	done
}
unmount_others
# the last word of the record of mounts
[ -f /proc/bus/usb/devices ] && umount /proc/bus/usb
