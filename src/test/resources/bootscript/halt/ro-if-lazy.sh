mount | awk '{ print $1,$3 }' | while read dev dir; do
	umount -l "$dir" || mount -n -o ro,remount "$dir"
done
