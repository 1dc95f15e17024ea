for dir in $(awk '{ print $2 }' /proc/mounts); do
	mount -n -o ro,remount "$dir"
done
