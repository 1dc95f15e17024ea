mount | awk '{ print $1,$3 }' | while read dev dir; do
	{ ! umount "$dir"; } || mount -n -o ro,remount "$dir"
done
