mount | awk '{ print $1,$3 }' | while read dev dir; do
	if [ "$dir" != /data ]; then
		mount -n -o ro,remount "$dir"
	fi
done
