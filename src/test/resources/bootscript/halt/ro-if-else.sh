mount | awk '{ print $1,$3 }' | while read dev dir; do
	if [ -e "$dir/.keep" ]; then
		: kept
	else
		mount -n -o ro,remount "$dir"
	fi
done
