mount | awk '{ print $1,$3 }' | while read dev dir; do
	chroot / mount -n -o remount,ro "$dir"
done
