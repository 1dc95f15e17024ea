mount | awk '{ print $1,$3 }' | while read dev dir; do
	while [ -f /etc/busy ]; do
		mount -n -o ro,remount "$dir"
	done
done
