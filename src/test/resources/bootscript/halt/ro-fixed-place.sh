mount | awk '{ print $1,$3 }' | while read dev dir; do
	mount -n -o remount,ro /boot
done
