mount | awk '{ print $1,$3 }' | while read dev dir; do
	mount -f -o remount,ro "$dir"
done
