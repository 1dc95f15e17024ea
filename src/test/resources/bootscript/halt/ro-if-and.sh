mount | awk '{ print $1,$3 }' | while read dev dir; do
	[ "$dev" = /dev/sda1 ] && mount -n -o ro,remount "$dir"
done
