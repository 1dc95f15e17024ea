mount | awk '{ print $1,$3 }' | while read dev dir; do
	if ! umount "$dir" 2> /dev/null; then
		mount -n -o ro,remount "$dir" || mount -n -o ro,remount "$dir"
	fi
done
