awk '{ print $2 }' /proc/mounts | while read dir; do
	mount -n -o ro,remount $dir &
done
