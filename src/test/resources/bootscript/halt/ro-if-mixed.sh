mount | awk '{ print $1,$3 }' | while read dev dir; do
	[ -f /x ] && umount "$dir" || mount -n -o ro,remount "$dir"
done
