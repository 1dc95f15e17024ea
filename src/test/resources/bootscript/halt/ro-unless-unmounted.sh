mount | awk '{ print $1,$3 }' | while read dev dir; do
	umount /boot || mount -n -o remount,ro "$dir"
done
