while read dev dir rest; do
	mount -n -o remount,ro $dev $dir
done < /proc/mounts
